//! Management datagrams between the two ports, by the kernel's umad devices.

use core::net::Ipv6Addr;
use core::ops::{Deref, DerefMut};
use core::time::Duration;
use std::collections::VecDeque;
use std::fs;
use std::time::Instant;

use ib_mad::wire::{Attribute, AttributeId, MAD_LENGTH, MadHeader, ManagementClass, Method};
use ib_mad::{Gid, Lid, QKey, Qpn, ServiceLevel, TransactionId};
use transport::{AgentId, GlobalRoute, OwnedUmadMessage, UmadAddress, UmadDevice, UmadError, umad_ports};

use crate::End;

/// How long the kernel may take to know a port's identifiers.
const KNOWN: Duration = Duration::from_secs(30);

/// The umad device of one end.
#[derive(Debug)]
pub struct MadPort {
    device: UmadDevice,
    gid_index: u8,
    far: Gid,
    inbox: VecDeque<OwnedUmadMessage>,
}

impl MadPort {
    pub(crate) fn open(end: End, limit: usize) -> Self {
        let ports = umad_ports().unwrap_or_else(|error| panic!("{error}"));
        let port = ports.iter().find(|port| &*port.device == end.rdma_device());
        let port = port.unwrap_or_else(|| panic!("no {} among {ports:?}", end.rdma_device()));
        let device = UmadDevice::open(port, limit).unwrap_or_else(|error| panic!("{error}"));
        Self { device, gid_index: gid_index(end, gid(end)), far: gid(end.other()), inbox: VecDeque::new() }
    }

    /// The way to the other end: on Ethernet nothing goes without a global route. With addresses of IPv4 the kernel
    /// does not match the answer to its request, so it is IPv6.
    pub fn far(&self) -> UmadAddress {
        let destination = self.far;
        let route =
            GlobalRoute { destination, gid_index: self.gid_index, hop_limit: 64, ..GlobalRoute::default() };
        let address = UmadAddress::new(Lid(0), ServiceLevel::default(), Qpn::GENERAL_SERVICES);
        UmadAddress { route: Some(route), ..address }
    }

    /// Send a message to the other end.
    ///
    /// # Errors
    /// Those of [`UmadDevice::send`].
    pub fn ask(
        &mut self,
        agent: AgentId,
        timeout: Option<Duration>,
        message: &[u8],
    ) -> Result<(), UmadError> {
        let far = self.far();
        self.device.send(agent, &far, timeout, message)
    }

    /// Wait for one message.
    ///
    /// # Panics
    /// When the device ends.
    pub async fn next(&mut self) -> OwnedUmadMessage {
        loop {
            if let Some(message) = self.inbox.pop_front() {
                return message;
            }
            let mut batch = Vec::new();
            self.device.receive(&mut batch).await.unwrap_or_else(|error| panic!("{error}"));
            self.inbox.extend(batch);
        }
    }
}

impl Deref for MadPort {
    type Target = UmadDevice;

    fn deref(&self) -> &UmadDevice {
        &self.device
    }
}

impl DerefMut for MadPort {
    fn deref_mut(&mut self) -> &mut UmadDevice {
        &mut self.device
    }
}

/// The identifier of a port by its address of IPv6.
fn gid(end: End) -> Gid {
    let [.., address] = end.addresses();
    Gid(address.parse().map_or([0; 16], |address: Ipv6Addr| address.octets()))
}

/// Where an identifier stands in the table of its port.
fn gid_index(end: End, gid: Gid) -> u8 {
    let started = Instant::now();
    while started.elapsed() < KNOWN {
        for index in 0..=u8::MAX {
            let path = format!("/sys/class/infiniband/{}/ports/1/gids/{index}", end.rdma_device());
            let known = fs::read_to_string(path).ok().and_then(|text| text.trim().parse().ok());
            if known.is_some_and(|known: Ipv6Addr| known.octets() == gid.0) {
                return index;
            }
        }
    }
    panic!("{} has no {gid}", end.rdma_device());
}

/// A datagram of subnet administration, version 2, behind whose headers is nothing.
pub fn mad(method: Method, attribute: AttributeId, transaction_id: u64) -> [u8; MAD_LENGTH] {
    let mut mad = [0; MAD_LENGTH];
    let id = TransactionId(transaction_id);
    let class = ManagementClass::SUBNET_ADMINISTRATION;
    let emitted = MadHeader::request(class, method, attribute, 0, id).emit(&mut mad[..24]);
    assert!(emitted.is_ok(), "{emitted:?}");
    mad
}

/// Where the answer to a message goes. The kernel does not say with which key it came.
pub fn reply(to: &OwnedUmadMessage) -> UmadAddress {
    UmadAddress { q_key: QKey::GENERAL_SERVICES, ..to.address }
}
