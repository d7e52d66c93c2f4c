//! What a program needs of a fabric to speak management datagrams.

use core::fmt;

use async_trait::async_trait;
use ib_mad::wire::MAD_LENGTH;
use ib_mad::{Lid, Qpn, ServiceLevel};

use crate::error::ChannelError;
use crate::port::LocalPort;

/// A datagram to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// The port that is to get it; [`Lid::PERMISSIVE`] for a directed route.
    pub to: Lid,
    /// Service level of the packet.
    pub service_level: ServiceLevel,
    /// The queue pair there: 0 for subnet management, 1 for general services.
    pub qpn: Qpn,
    /// The datagram. A transport may set the upper half of a request's transaction id.
    pub mad: [u8; MAD_LENGTH],
}

/// How a datagram came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Delivery {
    /// Somebody sent it to this port.
    Received,
    /// The fabric returned a datagram that this port had sent: nobody took it.
    Undeliverable,
}

/// A datagram that arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// The port that sent it; of an undeliverable one, the port that it was sent to.
    pub from: Lid,
    /// The queue pair of this port that it was sent to; of an undeliverable one, the one it was sent from.
    pub qpn: Qpn,
    /// The queue pair that sent it, to which an answer goes; of an undeliverable one, the one that it was sent to.
    pub source_qpn: Qpn,
    /// The service level that it came with, and that an answer goes back with; 0 from ibsim, which has none.
    pub service_level: ServiceLevel,
    /// Whether somebody sent it, or the fabric returned it.
    pub delivery: Delivery,
    /// The datagram.
    pub mad: [u8; MAD_LENGTH],
}

/// A port of a fabric through which a program sends and receives management datagrams of its own choice, requests
/// from others among them.
#[async_trait]
pub trait ManagementChannel: Send {
    /// The port as it is now: a subnet manager changes it at any time.
    ///
    /// # Errors
    /// When the fabric does not say within a second.
    async fn port(&mut self) -> Result<LocalPort, ChannelError>;

    /// Send a batch, in its order. A call that is dropped half way may have sent any part of it; whoever retries
    /// what is not answered need not care.
    ///
    /// # Errors
    /// When the fabric is gone or has stopped taking datagrams. That nobody is at the destination is no error here.
    async fn send(&mut self, batch: &[Outgoing]) -> Result<(), ChannelError>;

    /// Wait for at least one datagram, and append as many as are there. Dropping the call loses none.
    ///
    /// # Errors
    /// When the fabric is gone. What arrived before is given out first.
    async fn receive(&mut self, batch: &mut Vec<Incoming>) -> Result<(), ChannelError>;

    /// A subnet manager runs behind this port from now on: the port says so to whoever asks (IsSM), and the channel gets
    /// what is meant for a manager, traps and questions of other managers among it. It ends with the channel.
    ///
    /// # Errors
    /// When another program manages by this port, or the transport has no managers.
    async fn announce_manager(&mut self) -> Result<(), ChannelError> {
        Err(ChannelError::NoManagers)
    }
}

#[async_trait]
impl<C: ManagementChannel + ?Sized> ManagementChannel for Box<C> {
    async fn port(&mut self) -> Result<LocalPort, ChannelError> {
        (**self).port().await
    }
    async fn send(&mut self, batch: &[Outgoing]) -> Result<(), ChannelError> {
        (**self).send(batch).await
    }
    async fn receive(&mut self, batch: &mut Vec<Incoming>) -> Result<(), ChannelError> {
        (**self).receive(batch).await
    }
    async fn announce_manager(&mut self) -> Result<(), ChannelError> {
        (**self).announce_manager().await
    }
}

impl fmt::Debug for dyn ManagementChannel + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("dyn ManagementChannel")
    }
}
