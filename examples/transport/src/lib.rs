//! Transports that carry management datagrams, behind one async trait.
//!
//! A program is told its port as text (`ibsim:H2`, `umad:mlx5_0/1`), opens it, and speaks through a [`ManagementChannel`]:
//!
//! ```no_run
//! # async fn example() -> Result<(), transport::ChannelError> {
//! use transport::ManagementChannel;
//!
//! let mut channel = transport::open(&"ibsim:H2".parse()?).await?;
//! println!("LID {}", channel.port().await?.lid);
//! # Ok(())
//! # }
//! ```
//!
//! | part | what it is |
//! |---|---|
//! | [`ManagementChannel`] | a port: send a batch, receive a batch, read the port's own attributes |
//! | [`IbsimChannel`] | a node of a fabric that ibsim emulates |
//! | [`UmadChannel`] | a port of this machine, by the kernel's umad device |
//! | [`UmadDevice`] | the same for messages of any class and length |
//! | `SharedFabric`, `SimChannel` | with the feature `sim`: a simulated fabric in this process, and a port of it |
//! | `SimServer`, `SimClient` | the same over a Unix socket |
//! | [`Captured`] | writes what passes through another channel to a file that Wireshark opens |
//! | [`CaptureReader`] | reads the datagrams of a capture, or of a dump in hexadecimal |
//! | [`Lossy`] | loses datagrams of another channel on purpose |
//! | [`Driver`] | runs a state machine without IO over a channel and a clock |
//! | `DatagramChannel` | with the feature `udp`: sockets for datagrams on several paths, a batch a call |
//! | `UdpChannel` | the same over UDP, segments offloaded to the kernel in both directions |
//! | `verbs` | with the feature `verbs`: queue pairs of an RDMA device: registered memory, writes, reads, messages, datagrams |
//! | `Impaired` | loses and delays datagrams of another channel on purpose, and kills paths |
//! | `scsi_reservation` | with the feature `scsi-reservation`: persistent reservations of a disk that nodes share |

// Only the calls of a umad device, of libibverbs and of a disk are: `umad/system.rs`, `verbs/system/`, `scsi_reservation/system.rs`.
#![deny(unsafe_code)]
// Transports read clocks, and need the standard library anyway.
#![allow(clippy::disallowed_methods, clippy::std_instead_of_alloc)]

mod alarm;
mod capture;
mod channel;
#[cfg(feature = "udp")]
mod datagram;
mod drive;
mod error;
#[cfg(feature = "ibsim")]
mod ibsim;
#[cfg(any(feature = "ibsim", feature = "umad"))]
mod inbox;
mod lossy;
mod port;
#[cfg(feature = "scsi-reservation")]
pub mod scsi_reservation;
#[cfg(feature = "sim")]
mod sim;
mod tally;
#[cfg(feature = "umad")]
mod umad;
mod url;
#[cfg(feature = "verbs")]
pub mod verbs;

pub use capture::{
    Addresses, CaptureFile, CaptureReader, Captured, CapturedDatagram, Entry, Foreign, HexError,
    PacketAddresses, Place, Unread,
};
pub use channel::{Delivery, Incoming, ManagementChannel, Outgoing};
#[cfg(feature = "udp")]
pub use datagram::{
    DatagramChannel, DelayRange, Impaired, Impairment, ImpairmentError, Inbox, Link, Outbox, PathOutage,
    SocketStatistics, UdpChannel, path_mtu,
};
pub use drive::{Clock, Driver, Machine};
pub use error::ChannelError;
#[cfg(feature = "ibsim")]
pub use ibsim::IbsimChannel;
#[cfg(feature = "ibsim")]
#[doc(hidden)]
pub use ibsim::{parse_ibsim_answer, parse_ibsim_packet};
pub use lossy::{LossRule, LossRuleError, Lossy};
pub use port::LocalPort;
#[cfg(feature = "sim")]
pub use sim::{SharedFabric, SimChannel, SimClient, SimError, SimName, SimServer};
pub use tally::{Direction, Kind, Tally};
#[cfg(feature = "umad")]
pub use umad::{
    AgentId, GlobalRoute, MethodMask, OwnedUmadMessage, Registration, Segmentation, UmadAddress, UmadChannel,
    UmadDevice, UmadError, UmadMessage, UmadName, UmadPort, umad_ports,
};
#[cfg(feature = "umad")]
#[doc(hidden)]
pub use umad::{parse_umad_message, umad_address, umad_header, umad_numbers, umad_registrations};
pub use url::{PortUrl, UrlError};

/// Open a port.
///
/// # Errors
/// Why the transport could not; see [`ChannelError`].
pub async fn open(url: &PortUrl) -> Result<Box<dyn ManagementChannel>, ChannelError> {
    match url {
        #[cfg(feature = "ibsim")]
        PortUrl::Ibsim { node, socket_name } => {
            let channel = IbsimChannel::connect(node, socket_name.as_deref()).await?;
            Ok(Box::new(channel))
        }
        #[cfg(feature = "umad")]
        PortUrl::Umad(name) => Ok(Box::new(UmadChannel::open(name)?)),
        #[cfg(feature = "sim")]
        PortUrl::Sim { node, socket_name } => sim::open(node, socket_name.as_deref()).await,
        #[cfg(not(any(feature = "ibsim", feature = "umad", feature = "sim")))]
        _ => unreachable!("no port can be named without a transport"),
    }
}
