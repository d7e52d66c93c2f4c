//! Messages of a umad device, longer than a datagram among them.

use ib_mad::{Gid, Lid, QKey, Qpn, ServiceLevel};

use super::abi::{Header, HeaderLayout, STATUS_TIMED_OUT};
use crate::channel::Delivery;

/// Where a message goes, or where it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UmadAddress {
    /// The other port.
    pub lid: Lid,
    /// Service level of the packets.
    pub service_level: ServiceLevel,
    /// The low bits of this port's own LID, where it has several.
    pub path_bits: u8,
    /// The queue pair of the other port.
    pub qpn: Qpn,
    /// The key of that queue pair.
    pub q_key: QKey,
    /// Where the packets' P_Key stands in this port's table.
    pub p_key_index: u16,
    /// The global route: between subnets, and on Ethernet always.
    pub route: Option<GlobalRoute>,
}

impl UmadAddress {
    /// A queue pair of a port of this subnet, with the first P_Key of the table.
    pub const fn new(lid: Lid, service_level: ServiceLevel, qpn: Qpn) -> Self {
        let q_key = if qpn.get() == Qpn::SUBNET_MANAGEMENT.get() { QKey(0) } else { QKey::GENERAL_SERVICES };
        Self { lid, service_level, path_bits: 0, qpn, q_key, p_key_index: 0, route: None }
    }
}

/// A global route header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GlobalRoute {
    /// GID of the other port.
    pub destination: Gid,
    /// Where this port's own GID stands in its table.
    pub gid_index: u8,
    /// Routers that the packets may pass.
    pub hop_limit: u8,
    /// Traffic class.
    pub traffic_class: u8,
    /// Flow label, 20 bits.
    pub flow_label: u32,
}

impl Default for GlobalRoute {
    fn default() -> Self {
        Self { destination: Gid::UNSPECIFIED, gid_index: 0, hop_limit: 0, traffic_class: 0, flow_label: 0 }
    }
}

/// An agent of a device, by the number that the kernel gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AgentId(pub u32);

/// What a device handed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UmadMessage<'a> {
    /// The agent that it is for.
    pub agent: AgentId,
    /// Whether somebody sent it, or nobody answered it in time.
    pub delivery: Delivery,
    /// Who sent it; of what nobody answered, to whom it was sent.
    pub address: UmadAddress,
    /// The message, headers included. Of what nobody answered, only the common header of 24 bytes.
    pub data: &'a [u8],
}

impl<'a> UmadMessage<'a> {
    /// What a read gave; `None` when it is not what a device gives.
    pub(super) fn parse(layout: HeaderLayout, bytes: &'a [u8]) -> Option<Self> {
        let (header, data) = Header::split(layout, bytes)?;
        let delivery = match header.status {
            0 => Delivery::Received,
            STATUS_TIMED_OUT => Delivery::Undeliverable,
            _ => return None,
        };
        Some(Self { agent: AgentId(header.id), delivery, address: header.address()?, data })
    }
}

/// How many bytes the message takes of which a read filled `buffer` with the first segment, and said that there is no
/// room (ENOSPC); `None` when the message does not say so, or would not be longer.
pub(super) fn needed_length(layout: HeaderLayout, buffer: &[u8]) -> Option<usize> {
    let (header, _) = Header::split(layout, buffer)?;
    usize::try_from(header.length).ok().filter(|length| *length > buffer.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use quickcheck::quickcheck;

    const LAYOUT: HeaderLayout = HeaderLayout::WithPKeyIndex;

    fn received(status: u32, length: u32, data: &[u8]) -> Vec<u8> {
        let address = UmadAddress::new(Lid(7), ServiceLevel::default(), Qpn::GENERAL_SERVICES);
        let mut header = Header::new(2, 0, &address);
        (header.status, header.length) = (status, length);
        let mut bytes = Vec::new();
        header.write(LAYOUT, &mut bytes);
        bytes.extend(data);
        bytes
    }

    #[test]
    fn what_nobody_answered_is_told_from_what_arrived() {
        let bytes = received(0, 320, &[1; 256]);
        let message = UmadMessage::parse(LAYOUT, &bytes).unwrap();
        assert_eq!((message.agent, message.delivery), (AgentId(2), Delivery::Received));
        assert_eq!((message.address.lid, message.data), (Lid(7), &[1; 256][..]));
        let bytes = received(110, 88, &[1; 24]);
        let message = UmadMessage::parse(LAYOUT, &bytes).unwrap();
        assert_eq!((message.delivery, message.address.lid), (Delivery::Undeliverable, Lid(7)));
        assert_eq!(message.data.len(), 24);
        assert_eq!(UmadMessage::parse(LAYOUT, &received(5, 320, &[1; 256])), None);
        assert_eq!(UmadMessage::parse(LAYOUT, &bytes[..63]), None);
    }

    #[test]
    fn a_message_that_needs_room_says_how_much() {
        assert_eq!(needed_length(LAYOUT, &received(0, 64 + 100_000, &[0; 256])), Some(100_064));
        // A message that would have fitted, and one whose length wraps.
        assert_eq!(needed_length(LAYOUT, &received(0, 320, &[0; 256])), None);
        assert_eq!(needed_length(LAYOUT, &[0; 63]), None);
    }

    quickcheck! {
        fn any_bytes_are_parsed_without_panic(bytes: Vec<u8>) -> bool {
            let _ = needed_length(LAYOUT, &bytes);
            [LAYOUT, HeaderLayout::WithoutPKeyIndex].into_iter().all(|layout| {
                UmadMessage::parse(layout, &bytes).is_none_or(|message| {
                    message.data.len() + layout.length() == bytes.len()
                })
            })
        }
    }
}
