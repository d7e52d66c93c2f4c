//! Agents: under what a program sends and receives messages of a class.

use ib_mad::Qpn;
use ib_mad::wire::{ManagementClass, Method};
use std::io;

use zerocopy::IntoBytes;

use super::abi::{PROGRAM_DOES_RMPP, RegisterAgent, RegisterAgent2, method_words};
use super::error::UmadError;
use super::message::AgentId;
use super::system::Descriptor;

/// Who cuts long messages into segments, and puts them together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Segmentation {
    /// The program: it sends and gets the segments. (A kernel before Linux 3.18 gives it only the first of an answer.)
    #[default]
    Program,
    /// The kernel: the program sends and gets whole messages. Only for classes that segment.
    Kernel,
}

/// Methods, a bit for each from 0 to 127.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MethodMask(u128);

impl MethodMask {
    /// No method.
    pub const NONE: Self = Self(0);

    /// These, and `method` too. An answer's method has no bit: answers find their requests.
    #[must_use]
    pub const fn with(self, method: Method) -> Self {
        if method.is_response() { self } else { Self(self.0 | 1 << method.0) }
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

/// What an agent is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Registration {
    /// The class of its messages.
    pub class: ManagementClass,
    /// The version of the class.
    pub class_version: u8,
    /// The requests that it gets though nobody asked; only one agent of a port can have each.
    pub methods: MethodMask,
    /// The vendor's number, of the classes 0x30 to 0x4F; 24 bits.
    pub oui: u32,
    /// Who deals with long messages.
    pub segmentation: Segmentation,
}

impl Registration {
    /// An agent that asks, and gets answers only.
    pub const fn new(class: ManagementClass, class_version: u8) -> Self {
        let (methods, segmentation) = (MethodMask::NONE, Segmentation::Program);
        Self { class, class_version, methods, oui: 0, segmentation }
    }

    /// Whether two are for the same messages.
    pub(super) fn is_alike(&self, other: &Self) -> bool {
        (self.class, self.class_version, self.oui) == (other.class, other.class_version, other.oui)
    }

    /// The queue pair of a class: 0 for subnet management, 1 for everything else.
    pub(super) const fn queue_pair(class: ManagementClass) -> Qpn {
        match class {
            ManagementClass::SUBNET_LID_ROUTED | ManagementClass::SUBNET_DIRECTED_ROUTE => {
                Qpn::SUBNET_MANAGEMENT
            }
            _ => Qpn::GENERAL_SERVICES,
        }
    }

    fn newer_request(&self) -> RegisterAgent2 {
        let (flags, rmpp_version) = match self.segmentation {
            Segmentation::Program => (PROGRAM_DOES_RMPP, 0),
            Segmentation::Kernel => (0, 1),
        };
        RegisterAgent2 {
            qpn: Self::queue_pair(self.class).get(),
            class: self.class.0,
            class_version: self.class_version,
            flags,
            methods: [self.methods.0 as u64, (self.methods.0 >> 64) as u64],
            oui: self.oui & 0xFF_FFFF,
            rmpp_version,
            ..RegisterAgent2::default()
        }
    }

    fn older_request(&self) -> RegisterAgent {
        let [_, oui @ ..] = self.oui.to_be_bytes();
        RegisterAgent {
            // Queue pairs 0 and 1 alone have agents.
            qpn: u8::from(Self::queue_pair(self.class) != Qpn::SUBNET_MANAGEMENT),
            class: self.class.0,
            class_version: self.class_version,
            methods: method_words(self.methods.0),
            oui,
            rmpp_version: u8::from(self.segmentation == Segmentation::Kernel),
            ..RegisterAgent::default()
        }
    }

    /// Both requests as bytes.
    pub(super) fn requests(&self) -> [Vec<u8>; 2] {
        [self.newer_request().as_bytes().to_vec(), self.older_request().as_bytes().to_vec()]
    }

    /// Register with the newer request; if the kernel, or what stands in for it, does not know that, with the older.
    pub(super) fn register(&self, descriptor: &Descriptor, port: &str) -> Result<AgentId, UmadError> {
        if let Some(agent) = self.register_newer(descriptor, port)? {
            return Ok(agent);
        }
        let mut request = self.older_request();
        descriptor.register_agent(&mut request).map_err(|error| self.refusal(error, port))?;
        Ok(AgentId(request.id))
    }

    /// Register with the newer request; `None` when that is not known, or is not to anybody's liking: which of the two,
    /// the older one shows.
    pub(super) fn register_newer(
        &self,
        descriptor: &Descriptor,
        port: &str,
    ) -> Result<Option<AgentId>, UmadError> {
        let mut request = self.newer_request();
        match descriptor.register_agent_2(&mut request) {
            Ok(()) => Ok(Some(AgentId(request.id))),
            Err(error) if matches!(error.raw_os_error(), Some(libc::ENOTTY | libc::EINVAL)) => Ok(None),
            Err(error) => Err(self.refusal(error, port)),
        }
    }

    fn refusal(&self, source: io::Error, port: &str) -> UmadError {
        let (class, port) = (self.class, port.into());
        match source.raw_os_error() {
            // The kernel says the same to every request that it does not like; of those made here, it can only be this.
            Some(libc::EINVAL | libc::EBUSY) if !self.methods.is_empty() => UmadError::Taken { class, port },
            Some(libc::EPROTONOSUPPORT | libc::EOPNOTSUPP) => UmadError::Unsupported { class, port },
            Some(libc::ENOMEM) => UmadError::TooManyAgents { class, port },
            Some(libc::EIO | libc::ENODEV | libc::EPIPE) => UmadError::Gone { port },
            _ => UmadError::Register { class, port, source },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registration() -> Registration {
        Registration {
            methods: MethodMask::NONE.with(Method::REPORT).with(Method::GET_RESP),
            oui: 0x12_3456,
            ..Registration::new(ManagementClass::SUBNET_ADMINISTRATION, 2)
        }
    }

    #[test]
    fn the_newer_request_has_the_bytes_of_the_kernel() {
        let bytes = registration().newer_request();
        let mut expected = Vec::new();
        expected.extend([0; 4]);
        expected.extend(1_u32.to_ne_bytes());
        expected.extend([3, 2, 0, 0]);
        expected.extend(1_u32.to_ne_bytes());
        expected.extend((1_u64 << 6).to_ne_bytes());
        expected.extend([0; 8]);
        expected.extend(0x12_3456_u32.to_ne_bytes());
        expected.extend([0; 4]);
        assert_eq!(bytes.as_bytes(), expected);
        let kernel = Registration { segmentation: Segmentation::Kernel, ..registration() }.newer_request();
        assert_eq!((kernel.flags, kernel.rmpp_version), (0, 1));
    }

    #[test]
    fn the_older_request_has_the_bytes_of_the_kernel() {
        let bytes = registration().older_request();
        let mut expected = vec![0; 4];
        expected.extend((1_u64 << 6).to_ne_bytes());
        expected.extend([0; 8]);
        expected.extend([1, 3, 2, 0x12, 0x34, 0x56, 0, 0]);
        assert_eq!(bytes.as_bytes(), expected);
        let smp = Registration::new(ManagementClass::SUBNET_DIRECTED_ROUTE, 1).older_request();
        assert_eq!((smp.qpn, smp.class), (0, 0x81));
    }

    #[test]
    fn refusals_are_told_apart() {
        let said = |registration: Registration, error| {
            registration.refusal(io::Error::from_raw_os_error(error), "mlx5_0/1").to_string()
        };
        let plain = Registration::new(ManagementClass::SUBNET_DIRECTED_ROUTE, 1);
        for (text, part) in [
            (said(registration(), libc::EINVAL), "another program already receives requests of class"),
            (said(plain, libc::EINVAL), "port mlx5_0/1 refuses an agent"),
            (said(plain, libc::EPROTONOSUPPORT), "on Ethernet there is no subnet management"),
            (said(plain, libc::ENOMEM), "one opening has 32"),
            (said(plain, libc::EIO), "is gone"),
            (
                said(Registration { class: ManagementClass(7), ..registration() }, libc::EBUSY),
                "modprobe -r rdma_ucm",
            ),
        ] {
            assert!(text.contains(part) && !text.contains('\n'), "{text}");
        }
    }
}
