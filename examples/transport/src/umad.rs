//! A port of this machine, by the kernel's umad device.
//!
//! Source: Linux's `drivers/infiniband/core/user_mad.c`, `mad.c` and `include/uapi/rdma/ib_user_mad.h`.
//!
//! What a port of the kernel does differently from an emulated one:
//! - Messages go out and come in by agents, one for a class or more. The kernel sets the upper half of a request's
//!   transaction id, and gives an answer to the agent of its request, while it waits for it.
//! - Requests that nobody asked for (Reports, traps) reach the one agent of the port that registered for them. This
//!   program does when it subscribes.
//! - What nobody answers in ten seconds comes back as undeliverable, with its first 24 bytes.

mod abi;
mod agents;
mod device;
mod error;
mod lanes;
mod message;
mod name;
mod oracle;
mod outgoing;
mod reader;
mod return_path;
mod sysfs;
mod system;

use std::sync::Arc;

use async_trait::async_trait;
use ib_mad::wire::{Attribute, MAD_LENGTH, MadHeader, ManagementClass, Method};

pub use self::agents::{MethodMask, Registration, Segmentation};
pub use self::device::{OwnedUmadMessage, UmadDevice};
pub use self::error::UmadError;
pub use self::message::{AgentId, GlobalRoute, UmadAddress, UmadMessage};
pub use self::name::UmadName;
#[doc(hidden)]
pub use self::oracle::{umad_address, umad_header, umad_numbers, umad_registrations};
pub use self::sysfs::{UmadPort, umad_ports};

use self::abi::HeaderLayout;
use self::device::Agents;
use self::lanes::{LANES, Lanes};
use self::reader::Reader;
use self::return_path::ReturnPaths;
use self::system::Descriptor;
use crate::channel::{Delivery, Incoming, ManagementChannel, Outgoing};
use crate::error::ChannelError;
use crate::inbox::QUEUE;
use crate::port::LocalPort;

/// The classes that are registered from the start, each with its version; others when something is sent.
const CLASSES: [(ManagementClass, u8); 4] = [
    (ManagementClass::SUBNET_ADMINISTRATION, 2),
    (ManagementClass::SUBNET_LID_ROUTED, 1),
    (ManagementClass::SUBNET_DIRECTED_ROUTE, 1),
    (ManagementClass::PERFORMANCE, 1),
];

/// What the channel makes of what a read gave, with a header of 64 bytes or of 56; `None` when it is no message of a
/// device. For fuzzing.
#[doc(hidden)]
pub fn parse_umad_message(has_p_key_index: bool, bytes: &[u8]) -> Option<Incoming> {
    let layout = if has_p_key_index { HeaderLayout::WithPKeyIndex } else { HeaderLayout::WithoutPKeyIndex };
    UmadMessage::parse(layout, bytes).map(|message| incoming(&message))
}

/// A message as a datagram. What is not there is zero: of what nobody answered all but the header, of an answer from
/// ibsim's library all that its sender left out.
fn incoming(message: &UmadMessage<'_>) -> Incoming {
    let mut mad = [0; MAD_LENGTH];
    for (to, from) in mad.iter_mut().zip(message.data) {
        *to = *from;
    }
    Incoming {
        from: message.address.lid,
        qpn: Registration::queue_pair(ManagementClass(mad[1])),
        source_qpn: message.address.qpn,
        service_level: message.address.service_level,
        delivery: message.delivery,
        mad,
    }
}

/// An arrived datagram, by which agent it came, and how.
type Arrived = (AgentId, UmadAddress, Incoming);

/// A port of this machine. Its agents are unregistered, and the device is closed, when this is dropped.
#[derive(Debug)]
pub struct UmadChannel {
    // The thread ends before the agents go.
    reader: Reader<Arrived>,
    agents: Agents,
    classes: Vec<Lanes>,
    /// The requests that are given to this program.
    expected: Vec<Registration>,
    port: UmadPort,
    p_key_index: u16,
    return_paths: ReturnPaths,
    /// Open as long as a subnet manager runs behind the port.
    manager: Option<Descriptor>,
}

impl UmadChannel {
    /// Open the port that `name` means.
    ///
    /// # Errors
    /// Why there is none, or why it cannot be opened.
    pub fn open(name: &UmadName) -> Result<Self, UmadError> {
        let ports = umad_ports()?;
        let port = name.choose(&ports)?.clone();
        let p_key_index = match name.p_key {
            Some(p_key) => sysfs::p_key_index(&port.device, port.number, p_key)?,
            None => 0,
        };
        let agents = Agents::open(&port)?;
        let make = |message: UmadMessage<'_>| Some((message.agent, message.address, incoming(&message)));
        let limit = agents.opened.layout.length() + MAD_LENGTH;
        let reader = Reader::start(Arc::clone(&agents.opened), QUEUE, limit, make).map_err(|source| {
            UmadError::Io { port: agents.opened.port.clone(), what: "starting its reader", source }
        })?;
        let mut channel = Self {
            reader,
            agents,
            classes: Vec::new(),
            expected: Vec::new(),
            port,
            return_paths: ReturnPaths::new(p_key_index),
            p_key_index,
            manager: None,
        };
        for (class, version) in CLASSES {
            match channel.lanes(Registration::new(class, version)) {
                // A port on Ethernet has no subnet management: an error only for whoever sends some.
                Err(error @ UmadError::Unsupported { .. }) => tracing::debug!(%error, "not registered"),
                other => drop(other?),
            }
        }
        Ok(channel)
    }

    /// Get the requests that `registration` names, which nobody asked for. Reports need not be named: they are expected
    /// from the first subscription on.
    ///
    /// # Errors
    /// When another program gets them.
    pub fn expect_requests(&mut self, registration: Registration) -> Result<(), UmadError> {
        if !self.expected.contains(&registration) {
            self.agents.register(&registration)?;
            self.expected.push(registration);
        }
        Ok(())
    }

    /// Set the port's IsSM, and get what is meant for a manager and its administration.
    fn announce(&mut self) -> Result<(), UmadError> {
        const MANAGEMENT: MethodMask = MethodMask::NONE
            .with(Method::GET)
            .with(Method::SET)
            .with(Method::TRAP)
            .with(Method::TRAP_REPRESS);
        const ADMINISTRATION: MethodMask = MethodMask::NONE
            .with(Method::GET)
            .with(Method::SET)
            .with(Method::GET_TABLE)
            .with(Method::GET_MULTI)
            .with(Method::DELETE);
        let registrations = [
            (ManagementClass::SUBNET_LID_ROUTED, 1, MANAGEMENT),
            (ManagementClass::SUBNET_DIRECTED_ROUTE, 1, MANAGEMENT),
            (ManagementClass::SUBNET_ADMINISTRATION, 2, ADMINISTRATION),
        ];
        for (class, version, methods) in registrations {
            self.expect_requests(Registration { methods, ..Registration::new(class, version) })?;
        }
        if self.manager.is_none() {
            self.manager = Some(self.agents.open_manager_device()?);
        }
        Ok(())
    }

    /// The agents of a class; the first is registered now if it is not yet.
    fn lanes(&mut self, registration: Registration) -> Result<&mut Lanes, UmadError> {
        let known = self.classes.iter().position(|lanes| lanes.registration.is_alike(&registration));
        let place = match known {
            Some(place) => place,
            None => {
                let mut lanes = Lanes::new(registration);
                lanes.add(self.agents.register(&registration)?);
                self.classes.push(lanes);
                self.classes.len() - 1
            }
        };
        Ok(&mut self.classes[place])
    }

    fn send_one(&mut self, outgoing: &Outgoing) -> Result<(), UmadError> {
        let Outgoing { to, service_level, qpn, mad } = outgoing;
        let Ok(header) = MadHeader::view(mad) else { return Ok(()) };
        if let Some(registration) = outgoing::expected_requests(header) {
            self.expect_requests(registration)?;
        }
        let registration = outgoing::agent(header, mad);
        let timeout = outgoing::answer_timeout(header, mad);
        let address =
            UmadAddress { p_key_index: self.p_key_index, ..UmadAddress::new(*to, *service_level, *qpn) };
        let address = self.return_paths.apply(header, address);
        let continued = self.lanes(registration)?.of(header.transaction_id().0);
        let mut lane = continued.unwrap_or(0);
        loop {
            let agent = match self.lanes(registration)?.get(lane) {
                Some(agent) => agent,
                None => {
                    // What is received without being asked for is one agent's.
                    let another = Registration { methods: MethodMask::NONE, ..registration };
                    let agent = self.agents.register(&another)?;
                    self.lanes(registration)?.add(agent);
                    agent
                }
            };
            lane += 1;
            match self.agents.send(agent, &address, timeout, mad) {
                // A copy of it still waits for its answer.
                Err(UmadError::Refused { .. })
                    if timeout.is_some() && continued.is_none() && lane < LANES => {}
                other => return other,
            }
        }
    }
}

#[async_trait]
impl ManagementChannel for UmadChannel {
    async fn port(&mut self) -> Result<LocalPort, ChannelError> {
        let port = sysfs::read_port(&self.port.device, self.port.number, self.port.umad.clone())?;
        Ok(LocalPort::from(&port))
    }

    async fn send(&mut self, batch: &[Outgoing]) -> Result<(), ChannelError> {
        for outgoing in batch {
            match self.send_one(outgoing) {
                // Lost, as on any fabric; whoever asks repeats.
                Err(error @ (UmadError::Refused { .. } | UmadError::Io { .. })) => {
                    tracing::warn!(%error, "a datagram was not sent");
                }
                other => other?,
            }
        }
        Ok(())
    }

    async fn receive(&mut self, batch: &mut Vec<Incoming>) -> Result<(), ChannelError> {
        let mut arrived = Vec::new();
        self.reader.receive(&mut arrived).await?;
        for (agent, address, incoming) in arrived {
            match MadHeader::view(&incoming.mad) {
                Ok(header) if outgoing::is_answer(header) => {
                    let id = header.transaction_id().0;
                    self.classes.iter_mut().for_each(|lanes| lanes.answered(agent, id));
                }
                Ok(header) if incoming.delivery == Delivery::Received => {
                    self.return_paths.note(header, &address);
                }
                _ => {}
            }
            batch.push(incoming);
        }
        let overflowed = self.reader.take_overflowed();
        if overflowed > 0 {
            let port = &self.agents.opened.port;
            tracing::warn!(overflowed, %port, "datagrams were dropped: this program is too slow for them");
        }
        Ok(())
    }

    async fn announce_manager(&mut self) -> Result<(), ChannelError> {
        Ok(self.announce()?)
    }
}

impl From<&UmadPort> for LocalPort {
    fn from(port: &UmadPort) -> Self {
        Self {
            guid: port.guid(),
            gid: port.gid,
            number: port.number,
            lid: port.lid,
            lmc: port.lmc,
            state: port.state,
            sm_lid: port.sm_lid,
            sm_service_level: port.sm_service_level,
            capability_mask: port.capability_mask,
            reregistrations: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ib_mad::{Lid, Qpn, ServiceLevel};

    fn message(data: &[u8]) -> Incoming {
        incoming(&UmadMessage {
            agent: AgentId(0),
            delivery: Delivery::Received,
            address: UmadAddress::new(Lid(7), ServiceLevel::default(), Qpn::GENERAL_SERVICES),
            data,
        })
    }

    #[test]
    fn what_is_short_is_filled_up_and_what_is_long_is_cut() {
        let short = message(&[9; 24]);
        assert_eq!((&short.mad[..24], &short.mad[24..]), (&[9; 24][..], &[0; 232][..]));
        assert_eq!(message(&[9; 1000]).mad, [9; MAD_LENGTH]);
    }

    #[test]
    fn the_class_tells_the_queue_pair() {
        assert_eq!(message(&[1, 0x81, 1]).qpn, Qpn::SUBNET_MANAGEMENT);
        assert_eq!(message(&[1, 3, 2]).qpn, Qpn::GENERAL_SERVICES);
        assert_eq!(message(&[]).qpn, Qpn::GENERAL_SERVICES);
    }
}
