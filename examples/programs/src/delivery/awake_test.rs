//! When the two ends sleep, and when not, in virtual time: a look at the sockets that finds nothing takes a microsecond, and who
//! sleeps takes none. So the time that an end stays awake is seen exactly, however busy the machine is.

extern crate alloc;

use alloc::collections::VecDeque;
use alloc::sync::Arc;
use core::future::poll_fn;
use core::net::{Ipv4Addr, SocketAddr};
use core::pin::{Pin, pin};
use core::task::{Context, Poll, Waker};
use core::time::Duration;
use std::sync::Mutex;

use async_trait::async_trait;
use multipath::wire::{HeaderView, Transaction};
use multipath::{Path, Paths, RequesterConfig, RequesterEvent};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinHandle;
use tokio::time::{Instant, Sleep, advance, sleep, sleep_until};
use transport::{ChannelError, Clock, DatagramChannel, Inbox, Link, Outbox, SocketStatistics};

use super::{PathCounters, Reception, ReceptionEvent, Sending, Sink, Source, send};
use crate::Interrupt;
use crate::transfer::{FileSender, FileSenderConfig, Offer, SenderEvent};

/// How long the ends do not sleep when they expect something.
const BUSY: Duration = Duration::from_micros(200);
/// What a look at the sockets takes.
const LOOK: Duration = Duration::from_micros(1);
/// How long a datagram is on the way.
const LATENCY: Duration = Duration::from_millis(1);
/// When the first path is dead, and when the test ends, since its start.
const DEAD: core::ops::Range<Duration> = Duration::from_secs(2)..Duration::from_secs(6);
const END: Duration = Duration::from_secs(10);
/// Longer than any good reason to stay awake: some milliseconds before a deadline.
const TOO_LONG: Duration = Duration::from_millis(20);

/// What one end did, by the time since the start.
#[derive(Debug, Default)]
struct Trace {
    /// From when to when it looked at its sockets again and again.
    awake: Vec<(Duration, Duration)>,
    /// When it answered a barrier or a message about a path.
    answered: Vec<Duration>,
    /// When it told that something became of a path.
    told: Vec<(Duration, RequesterEvent)>,
}

impl Trace {
    fn look(&mut self, now: Duration) {
        match self.awake.last_mut() {
            // The other end looks too.
            Some((start, end)) if now - *end <= 4 * LOOK => {
                *end = now;
                assert!(*end - *start < TOO_LONG, "it has been awake since {start:?}");
            }
            _ => self.awake.push((now, now)),
        }
    }

    fn is_awake_at(&self, time: Duration) -> bool {
        self.awake.iter().any(|(start, end)| (*start..=*end).contains(&time))
    }

    fn longest(&self) -> Duration {
        self.awake.iter().map(|(start, end)| *end - *start).max().unwrap_or_default()
    }

    /// How long it was awake until then, in all.
    fn until(&self, time: Duration) -> Duration {
        self.awake.iter().filter(|(start, _)| *start < time).map(|(start, end)| *end - *start).sum()
    }
}

struct Datagram {
    due: Instant,
    link: Link,
    bytes: Vec<u8>,
}

/// One end of two paths.
struct Watched {
    epoch: Instant,
    to: UnboundedSender<Datagram>,
    from: UnboundedReceiver<Datagram>,
    waiting: VecDeque<Datagram>,
    alarm: Pin<Box<Sleep>>,
    trace: Arc<Mutex<Trace>>,
}

impl Watched {
    fn pair() -> [Self; 2] {
        let (here, there) = (unbounded_channel(), unbounded_channel());
        let epoch = Instant::now();
        [(here.0, there.1), (there.0, here.1)].map(|(to, from)| Self {
            epoch,
            to,
            from,
            waiting: VecDeque::new(),
            alarm: Box::pin(sleep_until(epoch)),
            trace: Arc::default(),
        })
    }

    fn now(&self) -> Duration {
        self.epoch.elapsed()
    }

    fn poll(&mut self, context: &mut Context<'_>, batch: &mut Inbox) -> Poll<()> {
        while let Poll::Ready(Some(datagram)) = self.from.poll_recv(context) {
            self.waiting.push_back(datagram);
        }
        while let Some(first) = self.waiting.front() {
            self.alarm.as_mut().reset(first.due);
            if self.alarm.as_mut().poll(context).is_pending() || !batch.push(first.link, &first.bytes) {
                break;
            }
            self.waiting.pop_front();
        }
        if !batch.is_empty() {
            return Poll::Ready(());
        }
        self.trace.lock().unwrap().look(self.now());
        // Nobody is woken by it.
        let _ = pin!(advance(LOOK)).poll(&mut Context::from_waker(Waker::noop()));
        Poll::Pending
    }
}

#[async_trait]
impl DatagramChannel for Watched {
    async fn send(&mut self, batch: &mut Outbox) -> Result<(), ChannelError> {
        let now = self.now();
        for (link, bytes) in batch.datagrams() {
            let header = HeaderView::peek(bytes).unwrap();
            if header.vi() == 0 && header.transaction() != Transaction::Request {
                self.trace.lock().unwrap().answered.push(now);
            }
            if link.socket > 0 || !DEAD.contains(&now) {
                let datagram = Datagram { due: self.epoch + now + LATENCY, link, bytes: bytes.to_vec() };
                self.to.send(datagram).unwrap();
            }
        }
        batch.clear();
        Ok(())
    }

    async fn receive(&mut self, batch: &mut Inbox) -> Result<(), ChannelError> {
        batch.clear();
        poll_fn(|context| self.poll(context, batch)).await;
        Ok(())
    }

    fn statistics(&self) -> Vec<SocketStatistics> {
        Vec::new()
    }
}

fn address(socket: usize) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, socket as u16 + 1).into()
}

fn spawn_sender(channel: Watched, busy: Duration) -> JoinHandle<()> {
    let (clock, trace) = (Clock::start().busy_waiting(busy), channel.trace.clone());
    let mut source = Source::generated(1 << 40);
    let config = FileSenderConfig {
        requester: RequesterConfig::new(Paths::numbered(1, 2), 1, 1),
        payload: 1000,
        offer: Offer { name: "file".into(), size: source.size(), is_unordered: false },
    };
    let mut sending = Sending {
        channel,
        links: [0, 1].map(|socket| Link { socket, peer: address(socket) }).into(),
        sender: FileSender::new(clock.now(), config).unwrap(),
        clock,
        counters: [PathCounters::default(); Path::COUNT],
    };
    tokio::spawn(async move {
        let mut interrupt = Interrupt::new().unwrap();
        let sent = send(&mut sending, &mut source, &mut interrupt, |now, event| {
            if let SenderEvent::Path(event) = event {
                trace.lock().unwrap().told.push((now, *event));
            }
            Ok(())
        });
        panic!("{:?}", sent.await);
    })
}

fn spawn_receiver(channel: Watched, busy: Duration) -> JoinHandle<()> {
    let clock = Clock::start().busy_waiting(busy);
    // Room for few packets: the less the ends have to do, the more is seen of when they sleep.
    let mut reception = Reception::new(channel, clock, 2 * 1512, END);
    tokio::spawn(async move {
        loop {
            match reception.next().await.unwrap() {
                ReceptionEvent::Offered(offer) => reception.accept(&offer, Sink::nothing(), true),
                other => panic!("{other:?}"),
            }
        }
    })
}

/// What the sender and the receiver of a transfer did, one of whose paths fails and returns.
async fn run(busy: Duration) -> [Trace; 2] {
    let [here, there] = Watched::pair();
    let traces = [&here, &there].map(|end| end.trace.clone());
    let ends = [spawn_sender(here, busy), spawn_receiver(there, busy)];
    sleep(END).await;
    for end in ends {
        end.abort();
        assert!(end.await.unwrap_err().is_cancelled());
    }
    traces.map(|trace| core::mem::take(&mut *trace.lock().unwrap()))
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_the_other_end_of_a_path_stays_awake_for_a_moment() {
    let [sender, receiver] = run(BUSY).await;
    for happened in [
        RequesterEvent::PathQuestioned(Path::ALL[0]),
        RequesterEvent::PathDown(Path::ALL[0]),
        RequesterEvent::PathUp(Path::ALL[0]),
    ] {
        assert!(sender.told.iter().any(|(_, event)| *event == happened), "{happened:?} never came");
    }
    for (time, event) in &sender.told {
        assert!(sender.is_awake_at(*time + BUSY / 2), "the sender sleeps after {event:?} at {time:?}");
    }
    let about_paths: Vec<_> = receiver.answered.iter().filter(|time| **time >= DEAD.start).collect();
    assert!(about_paths.len() >= 4, "{about_paths:?}");
    for time in about_paths {
        assert!(receiver.is_awake_at(*time + BUSY / 2), "the receiver sleeps after its answer at {time:?}");
    }
    for trace in [sender, receiver] {
        // Data alone keep nobody awake.
        assert!(trace.until(DEAD.start) < DEAD.start / 200, "{:?}", trace.awake);
        // A failover, and a probe of the path that is down twice a second, are little of ten seconds.
        assert!(trace.until(END) < END / 50, "awake for {:?}: {:?}", trace.until(END), trace.awake);
    }
}

#[tokio::test(start_paused = true)]
async fn who_is_not_to_stay_awake_sleeps() {
    for trace in run(Duration::ZERO).await {
        assert!(trace.longest() < BUSY / 4, "{trace:?}");
    }
}
