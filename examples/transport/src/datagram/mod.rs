//! What a program needs to send and receive datagrams on several paths: a call moves a batch.

mod batch;
mod impaired;
mod schedule;
mod udp;

use core::fmt;
use core::net::SocketAddr;

use async_trait::async_trait;

use crate::error::ChannelError;

pub use batch::{Inbox, Outbox};
pub use impaired::{DelayRange, Impaired, Impairment, ImpairmentError};
pub use schedule::PathOutage;
pub use udp::{SocketStatistics, UdpChannel, path_mtu};

/// The way that a datagram takes: a socket of this end, and an address at the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Link {
    /// Number of the socket, from 0, in the order in which the channel was given them.
    pub socket: usize,
    /// Address of the other end.
    pub peer: SocketAddr,
}

/// Sockets through which a program sends and receives datagrams.
#[async_trait]
pub trait DatagramChannel: Send {
    /// Send all that is in the batch, in its order, and empty it. What cannot be sent (no route, a link that is down, a peer that
    /// refuses) is lost, as it would be on the way.
    ///
    /// # Errors
    /// When the sockets are gone.
    async fn send(&mut self, batch: &mut Outbox) -> Result<(), ChannelError>;

    /// Wait for at least one datagram, and take as many as are there and fit. What was in the batch before is gone. Dropping the
    /// call loses none.
    ///
    /// # Errors
    /// When the sockets are gone.
    async fn receive(&mut self, batch: &mut Inbox) -> Result<(), ChannelError>;

    /// What each socket could not do so far.
    fn statistics(&self) -> Vec<SocketStatistics>;
}

#[async_trait]
impl<C: DatagramChannel + ?Sized> DatagramChannel for Box<C> {
    async fn send(&mut self, batch: &mut Outbox) -> Result<(), ChannelError> {
        (**self).send(batch).await
    }
    async fn receive(&mut self, batch: &mut Inbox) -> Result<(), ChannelError> {
        (**self).receive(batch).await
    }
    fn statistics(&self) -> Vec<SocketStatistics> {
        (**self).statistics()
    }
}

impl fmt::Debug for dyn DatagramChannel + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("dyn DatagramChannel")
    }
}
