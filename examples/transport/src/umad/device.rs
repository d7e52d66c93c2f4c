//! A umad device with agents of the program's choice: messages of any class and length, whole.

use core::sync::atomic::{AtomicUsize, Ordering};
use core::time::Duration;
use std::ffi::CString;
use std::io;
use std::sync::Arc;

use ib_mad::TransactionId;
use ib_mad::wire::ManagementClass;

use super::abi::{self, HeaderLayout, SHORTEST_WRITE};
use super::agents::Registration;
use super::error::UmadError;
use super::message::{AgentId, UmadAddress, UmadMessage};
use super::reader::Reader;
use super::sysfs::{UmadPort, check_version};
use super::system::Descriptor;
use crate::channel::Delivery;

/// Short messages that wait for the program at most.
const QUEUE: usize = 4096;
/// Limits of one message that may wait for the program.
const WAITING_LIMITS: usize = 4;

/// What a message counts against what may wait, so that neither many short ones nor a few long ones are too much.
fn cost(limit: usize, length: usize) -> usize {
    length.max(limit.saturating_mul(WAITING_LIMITS) / QUEUE + 1)
}

/// A device that was opened.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) descriptor: Descriptor,
    pub(super) layout: HeaderLayout,
    /// The port as `DEVICE/PORT`.
    pub(super) port: Box<str>,
    /// The device's name, such as `umad0`.
    umad: Box<str>,
}

/// An opened device and its agents. Those are unregistered, and the device is closed, when this is dropped.
#[derive(Debug)]
pub(super) struct Agents {
    pub(super) opened: Arc<Opened>,
    registered: Vec<AgentId>,
    buffer: Vec<u8>,
    /// How often the kernel repeats what is not answered or acknowledged.
    repetitions: u32,
}

impl Agents {
    /// Open the umad device of `port`.
    pub(super) fn open(port: &UmadPort) -> Result<Self, UmadError> {
        let Some(umad) = &port.umad else {
            return Err(UmadError::NoUmad { device: port.device.clone(), port: port.number });
        };
        check_version(abi::VERSION)?;
        let path = format!("/dev/infiniband/{umad}");
        let descriptor = Descriptor::open_device(&CString::new(path.as_str()).unwrap_or_default())
            .map_err(|source| open_error(path, source))?;
        let port_name = port.name();
        let layout = if knows_newer_registration(&descriptor, &port_name)? {
            HeaderLayout::WithPKeyIndex
        } else if descriptor.may_be_emulated() {
            // ibsim's library says that it knows the index, and keeps to the short header.
            HeaderLayout::WithoutPKeyIndex
        } else {
            descriptor.enable_p_key().map_or(HeaderLayout::WithoutPKeyIndex, |()| HeaderLayout::WithPKeyIndex)
        };
        let opened = Opened { descriptor, layout, port: port_name.into(), umad: umad.clone() };
        Ok(Self { opened: Arc::new(opened), registered: Vec::new(), buffer: Vec::new(), repetitions: 0 })
    }

    /// Open the device that sets the port's IsSM as long as it is open: one program at a time can.
    pub(super) fn open_manager_device(&self) -> Result<Descriptor, UmadError> {
        let Some(number) = self.opened.umad.strip_prefix("umad") else {
            return Err(UmadError::NoNode { path: self.opened.umad.clone() });
        };
        let path = format!("/dev/infiniband/issm{number}");
        Descriptor::open_device(&CString::new(path.as_str()).unwrap_or_default())
            .map_err(|source| open_error(path, source))
    }

    pub(super) fn register(&mut self, registration: &Registration) -> Result<AgentId, UmadError> {
        let agent = registration.register(&self.opened.descriptor, &self.opened.port)?;
        self.registered.push(agent);
        Ok(agent)
    }

    pub(super) fn unregister(&mut self, agent: AgentId) {
        if let Some(place) = self.registered.iter().position(|registered| *registered == agent) {
            self.registered.swap_remove(place);
            // The kernel refuses only what is not registered.
            let _ = self.opened.descriptor.unregister_agent(agent.0);
        }
    }

    /// Hand a message to the kernel. With a `timeout`, the kernel takes an answer in that time, and otherwise tells that
    /// none came; without one it takes none.
    pub(super) fn send(
        &mut self,
        agent: AgentId,
        address: &UmadAddress,
        timeout: Option<Duration>,
        message: &[u8],
    ) -> Result<(), UmadError> {
        if message.len() < SHORTEST_WRITE {
            return Err(UmadError::Short { length: message.len() });
        }
        let timeout_ms =
            timeout.map_or(0, |timeout| u32::try_from(timeout.as_millis()).unwrap_or(u32::MAX).max(1));
        self.buffer.clear();
        let header = abi::Header::new(agent.0, timeout_ms, address).repeated(self.repetitions);
        header.write(self.opened.layout, &mut self.buffer);
        self.buffer.extend_from_slice(message);
        loop {
            match self.opened.descriptor.write(&self.buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.write_error(error, address, message)),
                Ok(_) => return Ok(()),
            }
        }
    }

    fn write_error(&self, source: io::Error, address: &UmadAddress, message: &[u8]) -> UmadError {
        let port = self.opened.port.clone();
        match source.raw_os_error() {
            Some(libc::EINVAL) => UmadError::Refused {
                class: ManagementClass(message.get(1).copied().unwrap_or_default()),
                to: address.lid,
                transaction_id: TransactionId(
                    message.get(8..16).and_then(|id| id.try_into().ok()).map_or(0, u64::from_be_bytes),
                ),
            },
            Some(libc::EIO | libc::ENODEV | libc::EPIPE) => UmadError::Gone { port },
            _ => UmadError::Io { port, what: "sending a message", source },
        }
    }
}

impl Drop for Agents {
    /// Closing would unregister them too, but for an emulated device.
    fn drop(&mut self) {
        while let Some(agent) = self.registered.last().copied() {
            self.unregister(agent);
        }
    }
}

/// Whether the device knows the newer registration, which also turns the index of P_Keys on: seen with an agent for no
/// class. Of what does not know it, nothing has been used yet.
fn knows_newer_registration(descriptor: &Descriptor, port: &str) -> Result<bool, UmadError> {
    let nothing = Registration::new(ManagementClass(0), 0);
    match nothing.register_newer(descriptor, port)? {
        Some(agent) => descriptor.unregister_agent(agent.0).map_err(|source| UmadError::Io {
            port: port.into(),
            what: "unregistering an agent",
            source,
        })?,
        None => return Ok(false),
    }
    Ok(true)
}

fn open_error(path: String, source: io::Error) -> UmadError {
    let path = path.into();
    match source.kind() {
        io::ErrorKind::PermissionDenied => UmadError::Permission { path },
        io::ErrorKind::NotFound => UmadError::NoNode { path },
        _ => UmadError::Open { path, source },
    }
}

/// A message that a device handed over, and that the program keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnedUmadMessage {
    /// The agent that it is for.
    pub agent: AgentId,
    /// Whether somebody sent it, or nobody answered it in time.
    pub delivery: Delivery,
    /// Who sent it; of what nobody answered, to whom it was sent.
    pub address: UmadAddress,
    /// The message, headers included. Of what nobody answered, only the common header of 24 bytes.
    pub data: Vec<u8>,
}

/// A umad device: a program registers agents, sends messages, and takes what arrives. Who only wants datagrams of the
/// usual classes is better served by [`UmadChannel`](super::UmadChannel).
///
/// Where the [kernel segments](super::Segmentation::Kernel), a message can be as long as the limit that the device was opened with. What
/// waits for the program takes, beside the last message, no more than four times that.
#[derive(Debug)]
pub struct UmadDevice {
    // The thread ends before the agents go.
    reader: Reader<OwnedUmadMessage>,
    agents: Agents,
    limit: usize,
    /// What the messages in the queue cost.
    waiting: Arc<AtomicUsize>,
}

impl UmadDevice {
    /// Open the umad device of `port`, for messages of up to `limit` bytes.
    ///
    /// # Errors
    /// Why it cannot be opened.
    pub fn open(port: &UmadPort, limit: usize) -> Result<Self, UmadError> {
        let agents = Agents::open(port)?;
        let waiting = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&waiting);
        let make = move |message: UmadMessage<'_>| {
            let UmadMessage { agent, delivery, address, data } = message;
            if counter.load(Ordering::Acquire) > limit.saturating_mul(WAITING_LIMITS) {
                tracing::warn!(length = data.len(), "dropped a message: this program is too slow for them");
                return None;
            }
            counter.fetch_add(cost(limit, data.len()), Ordering::AcqRel);
            Some(OwnedUmadMessage { agent, delivery, address, data: data.to_vec() })
        };
        let reader = Reader::start(Arc::clone(&agents.opened), QUEUE + 2, limit, make).map_err(|source| {
            UmadError::Io { port: agents.opened.port.clone(), what: "starting its reader", source }
        })?;
        Ok(Self { reader, agents, limit, waiting })
    }

    /// Register an agent.
    ///
    /// # Errors
    /// Why the kernel refuses it.
    pub fn register(&mut self, registration: &Registration) -> Result<AgentId, UmadError> {
        self.agents.register(registration)
    }

    /// Unregister an agent: its requests are forgotten.
    pub fn unregister(&mut self, agent: AgentId) {
        self.agents.unregister(agent);
    }

    /// Have the kernel repeat each request that is sent from now on up to `repetitions` times, whenever its `timeout` is over, before
    /// it is undeliverable; and each segment of a message that the kernel segments, two seconds after the last one or sooner, until
    /// the receiver acknowledges more. At first it repeats nothing: one lost segment then ends the transfer, and nobody is told.
    pub const fn repeat(&mut self, repetitions: u32) {
        self.agents.repetitions = repetitions;
    }

    /// Hand a message to the kernel: at least 36 bytes, headers included; no more than a datagram, unless the kernel
    /// segments for this agent. The kernel sets the upper half of a request's transaction id.
    ///
    /// With a `timeout`, the kernel takes an answer in that time, and otherwise hands back the message's header as
    /// [undeliverable](Delivery::Undeliverable). Without one it takes no answer.
    ///
    /// # Errors
    /// Why the kernel refuses it; among others when a request of the same class and transaction id still waits.
    pub fn send(
        &mut self,
        agent: AgentId,
        address: &UmadAddress,
        timeout: Option<Duration>,
        message: &[u8],
    ) -> Result<(), UmadError> {
        self.agents.send(agent, address, timeout, message)
    }

    /// Wait for at least one message, and append what is there. Dropping the call loses none.
    ///
    /// # Errors
    /// When the device is gone. What arrived before is given out first.
    pub async fn receive(&mut self, batch: &mut Vec<OwnedUmadMessage>) -> Result<(), UmadError> {
        let start = batch.len();
        self.reader.receive(batch).await?;
        let taken = batch.iter().skip(start).map(|message| cost(self.limit, message.data.len())).sum();
        self.waiting.fetch_sub(taken, Ordering::AcqRel);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_waits_is_bounded_in_number_and_bytes() {
        for limit in [1, 256, 1 << 20, usize::MAX] {
            // Taken in while what waits is not over four limits.
            let in_number = limit.saturating_mul(WAITING_LIMITS) / cost(limit, 24) + 1;
            assert!(in_number <= QUEUE + 1, "{limit}: {in_number}");
            assert!(cost(limit, limit) >= limit);
        }
    }

    #[test]
    fn a_device_that_cannot_be_opened_is_named_with_what_to_do() {
        let said = |error| {
            open_error("/dev/infiniband/umad0".into(), io::Error::from_raw_os_error(error)).to_string()
        };
        for (text, part) in [
            (said(libc::EACCES), "/dev/infiniband/umad0 may not be opened: run this as root"),
            (said(libc::ENOENT), "/dev/infiniband/umad0 is missing, though the kernel has the device"),
            (said(libc::EMFILE), "/dev/infiniband/umad0 cannot be opened: "),
        ] {
            assert!(text.starts_with(part), "{text}");
        }
    }
}
