//! Loses and delays datagrams on purpose, and kills paths: what does a transfer make of a bad network?

use core::cmp::Reverse;
use core::str::FromStr;
use core::time::Duration;
use std::collections::BinaryHeap;

use async_trait::async_trait;

use super::schedule::parse_duration;
use super::{DatagramChannel, Inbox, Link, Outbox, PathOutage, SocketStatistics};
use crate::drive::Clock;
use crate::error::ChannelError;

/// Datagrams that wait at most; more are lost, as they would be in a router.
const WAITING: usize = 16_384;

/// What is done to datagrams.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Impairment {
    /// Probability that a datagram is lost, sent or received, 0 to 1.
    pub drop: f64,
    /// How long each datagram that is sent waits.
    pub delay: DelayRange,
    /// When paths are dead. A path is a socket of this end; nothing is sent or received on a dead one.
    pub outages: Vec<PathOutage>,
    /// Seed of the losses and delays.
    pub seed: u64,
}

impl Impairment {
    /// Whether it leaves everything as it is.
    pub fn is_none(&self) -> bool {
        self.drop <= 0.0 && self.delay.most.is_zero() && self.outages.is_empty()
    }
}

/// How long datagrams wait, each for itself: where the two ends differ, later ones overtake earlier ones. As text: `5ms`, or
/// `5ms-20ms`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DelayRange {
    /// At least so long.
    pub least: Duration,
    /// At most so long.
    pub most: Duration,
}

/// Why a text says nothing about what is to be done to datagrams.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ImpairmentError {
    /// No path that dies at a time.
    #[error(
        "\"{text}\" is no outage: write a path from 1 to 4 and when it dies and returns, like 2@3s or 2@3s-5s"
    )]
    Outage {
        /// The text.
        text: Box<str>,
    },
    /// No time.
    #[error("\"{text}\" is no delay: write one like 5ms, or two like 5ms-20ms")]
    Delay {
        /// The text.
        text: Box<str>,
    },
}

impl FromStr for DelayRange {
    type Err = ImpairmentError;

    fn from_str(text: &str) -> Result<Self, ImpairmentError> {
        let (least, most) = text.split_once('-').unwrap_or((text, text));
        match (parse_duration(least), parse_duration(most)) {
            (Some(least), Some(most)) if least <= most => Ok(Self { least, most }),
            _ => Err(ImpairmentError::Delay { text: text.into() }),
        }
    }
}

/// A channel that treats datagrams as an [`Impairment`] says.
#[derive(Debug)]
pub struct Impaired<C> {
    inner: C,
    impairment: Impairment,
    clock: Clock,
    random: u64,
    waiting: BinaryHeap<Reverse<Waiting>>,
    /// Numbers datagrams, so that equal delays keep their order.
    count: u64,
    outbox: Outbox,
}

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Waiting {
    due: Duration,
    number: u64,
    link: Link,
    bytes: Vec<u8>,
}

impl<C: DatagramChannel> Impaired<C> {
    /// Impair `inner`, with a clock that starts now.
    pub fn new(inner: C, impairment: Impairment) -> Self {
        Self {
            inner,
            random: impairment.seed,
            impairment,
            clock: Clock::start(),
            waiting: BinaryHeap::new(),
            count: 0,
            outbox: Outbox::new(4),
        }
    }

    /// Send those whose time has come.
    async fn release(&mut self) -> Result<(), ChannelError> {
        let now = self.clock.now();
        while self.waiting.peek().is_some_and(|Reverse(first)| first.due <= now) {
            let Some(Reverse(Waiting { link, bytes, .. })) = self.waiting.pop() else { break };
            // A path that died meanwhile has lost what was on it.
            if !is_dead(&self.impairment, link, now) {
                self.add(link, &bytes).await?;
            }
        }
        self.inner.send(&mut self.outbox).await
    }

    async fn add(&mut self, link: Link, bytes: &[u8]) -> Result<(), ChannelError> {
        if self.outbox.room().is_none() {
            self.inner.send(&mut self.outbox).await?;
        }
        if let Some(place) = self.outbox.room().and_then(|room| room.get_mut(..bytes.len())) {
            place.copy_from_slice(bytes);
            self.outbox.push(link, bytes.len(), bytes.len());
        }
        Ok(())
    }
}

fn is_dead(impairment: &Impairment, link: Link, now: Duration) -> bool {
    impairment.outages.iter().any(|outage| outage.is_dead(link.socket, now))
}

fn is_lost(impairment: &Impairment, random: &mut u64, link: Link, now: Duration) -> bool {
    is_dead(impairment, link, now) || fraction(random) < impairment.drop
}

/// The next number of a seeded sequence, from 0 to less than 1 (splitmix64, Steele, Lea and Flood 2014).
fn fraction(random: &mut u64) -> f64 {
    *random = random.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mixed = (*random ^ (*random >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((mixed ^ (mixed >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

#[async_trait]
impl<C: DatagramChannel> DatagramChannel for Impaired<C> {
    async fn send(&mut self, batch: &mut Outbox) -> Result<(), ChannelError> {
        let now = self.clock.now();
        let DelayRange { least, most } = self.impairment.delay;
        for (link, bytes) in batch.datagrams() {
            if is_lost(&self.impairment, &mut self.random, link, now) {
                continue;
            }
            if most.is_zero() {
                self.add(link, bytes).await?;
            } else if self.waiting.len() < WAITING {
                let delay = least + (most - least).mul_f64(fraction(&mut self.random));
                self.count += 1;
                let (due, number) = (now.saturating_add(delay), self.count);
                self.waiting.push(Reverse(Waiting { due, number, link, bytes: bytes.to_vec() }));
            }
        }
        batch.clear();
        self.release().await
    }

    async fn receive(&mut self, batch: &mut Inbox) -> Result<(), ChannelError> {
        loop {
            self.release().await?;
            let next = self.waiting.peek().map(|Reverse(first)| first.due);
            tokio::select! {
                received = self.inner.receive(batch) => {
                    received?;
                    let now = self.clock.now();
                    batch.retain(|link| !is_lost(&self.impairment, &mut self.random, link, now));
                    if !batch.is_empty() {
                        return Ok(());
                    }
                }
                () = self.clock.wait_until(next), if next.is_some() => {}
            }
        }
    }

    fn statistics(&self) -> Vec<SocketStatistics> {
        self.inner.statistics()
    }
}

#[cfg(test)]
#[path = "impaired_test.rs"]
mod tests;
