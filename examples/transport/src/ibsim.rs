//! A node of a fabric that ibsim emulates, by its own protocol over Unix datagram sockets.
//!
//! Source: linux-rdma/ibsim, `include/ibsim.h`, `ibsim/ibsim.c` and `umad2sim/sim_client.c`.
//!
//! What an emulated port does differently from a real one:
//! - ibsim puts its client's number into bits 48 to 63 of a request's transaction id, and finds the client of a
//!   response by it. A response must keep the whole id of its request.
//! - Requests that nobody asked for (traps, reports) reach one client a node, the one that connected to get them.
//! - It drops every TrapRepress; see `trap_repress`.
//! - There is no reliable multi-packet protocol: a datagram is 256 bytes, never more. Tables that fit one are completed
//!   as their sender's kernel would; see `far_kernel`.

mod control;
mod far_kernel;
mod protocol;
mod question;
mod reader;
mod socket;
mod trap_repress;

use core::time::Duration;
use std::io;

use async_trait::async_trait;
use ib_mad::Guid;
use tokio::net::UnixDatagram;
use tokio::time::timeout;
use zerocopy::{FromBytes, IntoBytes};

use self::control::ControlSocket;
use self::far_kernel::FarKernel;
use self::protocol::{CONTROL_DATA, ClientInfo, ControlType, NODE_NAME, Packet};
use self::reader::{Ended, Reader};
use self::socket::{BaseName, ClientSockets};
use crate::channel::{Incoming, ManagementChannel, Outgoing};
use crate::error::ChannelError;
use crate::port::LocalPort;

/// What the channel makes of a data message of ibsim; `None` when it is none. For fuzzing.
#[doc(hidden)]
pub fn parse_ibsim_packet(bytes: &[u8]) -> Option<Incoming> {
    Packet::parse(bytes)
}

/// Whether `bytes` are ibsim's consent to `client`'s CONNECT, its refusal, or (`None`) neither. For fuzzing.
#[doc(hidden)]
pub fn parse_ibsim_answer(client: u32, bytes: &[u8]) -> Option<bool> {
    match protocol::Control::new(ControlType::Connect, client, [0; CONTROL_DATA]).answer(bytes) {
        protocol::Answer::Done(_) => Some(true),
        protocol::Answer::Refused => Some(false),
        protocol::Answer::Unrelated => None,
    }
}

/// How long ibsim may take to accept a datagram.
const SEND_DEADLINE: Duration = Duration::from_secs(5);
/// How long a node's other receiver may take to show that it is alive.
const PROBE_DEADLINE: Duration = Duration::from_millis(300);
/// How long ibsim may take to read what was sent before a connection is given up.
const CLOSE_DEADLINE: Duration = Duration::from_millis(300);

/// A connection to a node that ibsim emulates. It is given up when this is dropped.
#[derive(Debug)]
pub struct IbsimChannel {
    control: ControlSocket,
    reader: Reader,
    data: UnixDatagram,
    peers: FarKernel,
    /// Number that ibsim gave this client, 0 to 9.
    slot: u32,
    node: Box<str>,
}

/// Whether a client gets what nobody asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Receives {
    Requests,
    ResponsesOnly,
}

impl IbsimChannel {
    /// Attach to `node`, and receive what is sent to it. `socket_name` is the base name of ibsim's sockets; without
    /// it that of `IBSIM_SOCKNAME`, or `sim`, counts. Must be called inside a tokio runtime with IO and time.
    ///
    /// # Errors
    /// Why ibsim is not reached, or does not accept the connection.
    pub async fn connect(node: &str, socket_name: Option<&str>) -> Result<Self, ChannelError> {
        const LIMIT: usize = NODE_NAME - 1;
        if node.is_empty() || node.len() > LIMIT || node.contains('\0') {
            return Err(ChannelError::NameTooLong {
                what: "name of a node",
                value: node.into(),
                limit: LIMIT,
            });
        }
        let base = BaseName::choose(socket_name)?;
        if let Some(channel) = Self::attach(&base, node, Receives::Requests).await? {
            return Ok(channel);
        }
        // ibsim gives no reason. The parts of the request that it would have accepted tell.
        if Self::attach(&base, "", Receives::ResponsesOnly).await?.is_none() {
            return Err(ChannelError::NoClientSlot { name: base.as_str().into() });
        }
        let Some(mut plain) = Self::attach(&base, node, Receives::ResponsesOnly).await? else {
            return Err(ChannelError::UnknownNode { name: base.as_str().into(), node: node.into() });
        };
        // A receiver that was killed keeps its place until ibsim fails to write to it.
        plain.probe_receiver().await?;
        drop(plain);
        match Self::attach(&base, node, Receives::Requests).await? {
            Some(channel) => Ok(channel),
            None => Err(ChannelError::ReceiverTaken { name: base.as_str().into(), node: node.into() }),
        }
    }

    /// Base name of ibsim's sockets.
    pub fn socket_name(&self) -> &str {
        self.control.base().as_str()
    }

    /// Name of the node, as it was asked for.
    pub fn node(&self) -> &str {
        &self.node
    }

    /// One CONNECT: `None` when ibsim refuses.
    async fn attach(base: &BaseName, node: &str, receives: Receives) -> Result<Option<Self>, ChannelError> {
        let what = "binding a socket for ibsim";
        let sockets = ClientSockets::bind(base).map_err(ChannelError::io(what))?;
        let control = ControlSocket::connect(sockets.control, base.clone())?;
        let request = ClientInfo::new(sockets.id, node, receives == Receives::Requests);
        let Some(answer) = control.exchange(ControlType::Connect, 0, zerocopy::transmute!(request)).await?
        else {
            return Ok(None);
        };
        let slot = ClientInfo::read_from_bytes(&answer).map_or(u32::MAX, |info| info.id);
        let channel = Self::with_slot(base, control, sockets.data, slot, node);
        Ok(Some(channel.map_err(ChannelError::io("connecting to ibsim's data socket"))?))
    }

    fn with_slot(
        base: &BaseName,
        control: ControlSocket,
        data: std::os::unix::net::UnixDatagram,
        slot: u32,
        node: &str,
    ) -> io::Result<Self> {
        data.connect_addr(&base.socket(&format!("out{slot}"))?)?;
        data.set_nonblocking(true)?;
        let reader = Reader::start(data.try_clone()?)?;
        let data = UnixDatagram::from_std(data)?;
        Ok(Self { control, reader, data, peers: FarKernel::default(), slot, node: node.into() })
    }

    /// Send the node's receiver a question, by a path without a hop, and wait for an answer or for the question to
    /// come back. If the receiver has ended, ibsim notices now.
    async fn probe_receiver(&mut self) -> Result<(), ChannelError> {
        self.send(&[question::for_receiver()]).await?;
        let mut batch = Vec::new();
        match timeout(PROBE_DEADLINE, self.receive(&mut batch)).await {
            Ok(Err(error)) => Err(error),
            // No answer is one, too: whoever receives there is alive, and does not manage the subnet.
            Ok(Ok(())) | Err(_) => Ok(()),
        }
    }

    async fn ask(&self, kind: ControlType) -> Result<[u8; CONTROL_DATA], ChannelError> {
        let answer = self.control.exchange(kind, self.slot, [0; CONTROL_DATA]).await?;
        answer.ok_or_else(|| self.error(Ended::Dropped))
    }

    fn error(&self, ended: Ended) -> ChannelError {
        let name = self.socket_name().into();
        match ended {
            Ended::ServerGone => ChannelError::ServerGone { name },
            Ended::Dropped => ChannelError::Dropped { name, node: self.node.clone() },
            Ended::Failed(kind) => ChannelError::Io { what: "the socket to ibsim", source: kind.into() },
        }
    }

    async fn send_one(&self, outgoing: &Outgoing) -> Result<(), ChannelError> {
        let packet = Packet::new(outgoing);
        match timeout(SEND_DEADLINE, self.data.send(packet.as_bytes())).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(self.error(Ended::from_error(&error))),
            Err(_) => Err(ChannelError::NoAnswer {
                name: self.socket_name().into(),
                request: "a datagram",
                waited: SEND_DEADLINE,
            }),
        }
    }
}

#[async_trait]
impl ManagementChannel for IbsimChannel {
    async fn port(&mut self) -> Result<LocalPort, ChannelError> {
        let node_info = self.ask(ControlType::GetNodeInfo).await?;
        let port_info = self.ask(ControlType::GetPortInfo).await?;
        let mut node_guid = [0; 8];
        node_guid.copy_from_slice(&node_info[12..20]);
        // ibsim numbers ports from their node's GUID on; its control message has the node's in place of the port's.
        let number = u64::from(port_info[28]);
        let guid = Guid(u64::from_be_bytes(node_guid).wrapping_add(number));
        Ok(LocalPort::from_port_info(guid, &port_info))
    }

    async fn send(&mut self, batch: &[Outgoing]) -> Result<(), ChannelError> {
        for outgoing in batch {
            if !self.peers.takes(outgoing) {
                self.send_one(outgoing).await?;
                self.peers.acknowledge(outgoing);
            }
        }
        Ok(())
    }

    async fn receive(&mut self, batch: &mut Vec<Incoming>) -> Result<(), ChannelError> {
        let before = batch.len();
        batch.extend(self.peers.acknowledgements());
        if batch.len() > before {
            return Ok(());
        }
        self.reader.receive(batch).await.map_err(|ended| self.error(ended))?;
        batch.iter_mut().skip(before).for_each(|incoming| self.peers.complete(incoming));
        let overflowed = self.reader.take_overflowed();
        if overflowed > 0 {
            tracing::warn!(overflowed, node = %self.node, "datagrams were dropped: this program is too slow for them");
        }
        Ok(())
    }

    async fn announce_manager(&mut self) -> Result<(), ChannelError> {
        let mut data = [0; CONTROL_DATA];
        data[..4].copy_from_slice(&1_u32.to_ne_bytes());
        let answer = self.control.exchange(ControlType::SetIsSm, self.slot, data).await?;
        answer.map(drop).ok_or_else(|| self.error(Ended::Dropped))
    }
}

impl Drop for IbsimChannel {
    /// ibsim looks at a DISCONNECT before it looks at what was sent earlier, and then forgets that: so first wait, for
    /// a moment, until it has read everything.
    fn drop(&mut self) {
        self.reader.expect_last();
        if self.data.try_send(Packet::new(&question::last()).as_bytes()).is_ok() {
            self.reader.wait_for_last(CLOSE_DEADLINE);
        }
        self.control.tell(ControlType::Disconnect, self.slot);
    }
}
