//! ibsim's messages (its `include/ibsim.h`), as they lie in its datagrams.
//!
//! They are C structures of one machine: control messages are in host order; of a data message every integer holds
//! a value that was put into network order first.

use ib_mad::wire::MAD_LENGTH;
use ib_mad::{Lid, Qpn, ServiceLevel};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use super::far_kernel::{note_length, told_length};
use super::trap_repress::{dress, undress};
use crate::channel::{Delivery, Incoming, Outgoing};

/// Bytes of data in a control message.
pub(super) const CONTROL_DATA: usize = 64;
/// Bytes of a node's name in a control message, its final NUL included.
pub(super) const NODE_NAME: usize = 32;
const MAGIC: u32 = 0xDEAD_BEEF;
/// Linux's ETIMEDOUT: ibsim returns a datagram that nobody took with it.
const STATUS_TIMED_OUT: u32 = 110;

/// What a control message asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ControlType {
    Connect,
    Disconnect,
    GetNodeInfo,
    GetPortInfo,
    SetIsSm,
}

impl ControlType {
    const fn code(self) -> u32 {
        match self {
            Self::Connect => 1,
            Self::Disconnect => 2,
            Self::GetNodeInfo => 7,
            Self::GetPortInfo => 8,
            Self::SetIsSm => 9,
        }
    }

    /// For error messages.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Connect => "CONNECT",
            Self::Disconnect => "DISCONNECT",
            Self::GetNodeInfo => "GET_NODEINFO",
            Self::GetPortInfo => "GET_PORTINFO",
            Self::SetIsSm => "SET_ISSM",
        }
    }
}

/// A control message.
#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
pub(super) struct Control {
    magic: u32,
    client: u32,
    kind: u32,
    length: u32,
    data: [u8; CONTROL_DATA],
}

const _: () = assert!(size_of::<Control>() == 80);

/// What ibsim says to a control message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Done; what was asked for.
    Done([u8; CONTROL_DATA]),
    /// Refused. The message says no more: whatever the cause, its data are the request's.
    Refused,
    /// The answer to another request, or no message of ibsim's.
    Unrelated,
}

impl Control {
    pub(super) fn new(kind: ControlType, client: u32, data: [u8; CONTROL_DATA]) -> Self {
        Self { magic: MAGIC, client, kind: kind.code(), length: CONTROL_DATA as u32, data }
    }

    /// What `bytes` say to this request.
    pub(super) fn answer(&self, bytes: &[u8]) -> Answer {
        match Self::read_from_bytes(bytes) {
            Ok(answer) if answer.magic != MAGIC || answer.client != self.client => Answer::Unrelated,
            Ok(answer) if answer.kind == self.kind => Answer::Done(answer.data),
            Ok(answer) if answer.kind == 0 => Answer::Refused,
            _ => Answer::Unrelated,
        }
    }
}

/// The data of CONNECT, and of its answer.
#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
pub(super) struct ClientInfo {
    /// The client's own number; in the answer, its slot.
    pub(super) id: u32,
    queue_pair: u32,
    receives_requests: u32,
    node: [u8; NODE_NAME],
    unused: [u8; CONTROL_DATA - 44],
}

const _: () = assert!(size_of::<ClientInfo>() == CONTROL_DATA);

impl ClientInfo {
    /// Attach client `id` to a node, to the topology's first one if the name is empty. The name is cut after 31 bytes.
    pub(super) fn new(id: u32, node: &str, receives_requests: bool) -> Self {
        let mut name = [0; NODE_NAME];
        for (to, from) in name[..NODE_NAME - 1].iter_mut().zip(node.bytes()) {
            *to = from;
        }
        Self {
            id,
            queue_pair: 0,
            receives_requests: receives_requests.into(),
            node: name,
            unused: [0; CONTROL_DATA - 44],
        }
    }
}

/// A data message: one management datagram.
#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
pub(super) struct Packet {
    to: u32,
    from: u32,
    to_queue_pair: u32,
    from_queue_pair: u32,
    status: u32,
    padding: u32,
    length: u64,
    mad: [u8; MAD_LENGTH],
}

const _: () = assert!(size_of::<Packet>() == 288);

/// A LID in network order, in an integer of 32 bits in host order.
fn lid_field(lid: Lid) -> u32 {
    lid.0.to_be().into()
}

fn lid_of(field: u32) -> Option<Lid> {
    u16::try_from(field).ok().map(|lid| Lid(u16::from_be(lid)))
}

impl Packet {
    pub(super) fn new(outgoing: &Outgoing) -> Self {
        // ibsim fills in the sender's LID, unless the packet is routed by its path.
        let from = if outgoing.to == Lid::PERMISSIVE { Lid::PERMISSIVE } else { Lid::UNASSIGNED };
        let from_queue_pair =
            if outgoing.qpn == Qpn::SUBNET_MANAGEMENT { outgoing.qpn } else { Qpn::GENERAL_SERVICES };
        let mut mad = outgoing.mad;
        let is_repress = dress(&mut mad);
        Self {
            to: lid_field(outgoing.to),
            from: lid_field(from),
            to_queue_pair: outgoing.qpn.get().to_be(),
            from_queue_pair: from_queue_pair.get().to_be(),
            status: if is_repress { STATUS_TIMED_OUT.to_be() } else { 0 },
            padding: 0,
            length: told_length(&outgoing.mad).to_be(),
            mad,
        }
    }

    /// A received message; `None` when it is not one that ibsim sends.
    pub(super) fn parse(bytes: &[u8]) -> Option<Incoming> {
        let packet = Self::read_from_bytes(bytes).ok()?;
        let (to, from) = (lid_of(packet.to)?, lid_of(packet.from)?);
        let (to_queue_pair, from_queue_pair) =
            (Qpn::new(u32::from_be(packet.to_queue_pair))?, Qpn::new(u32::from_be(packet.from_queue_pair))?);
        let mut mad = packet.mad;
        let (from, qpn, source_qpn, delivery) = match u32::from_be(packet.status) {
            _ if undress(&mut mad) => (from, to_queue_pair, from_queue_pair, Delivery::Received),
            0 => (from, to_queue_pair, from_queue_pair, Delivery::Received),
            STATUS_TIMED_OUT => (to, from_queue_pair, to_queue_pair, Delivery::Undeliverable),
            _ => return None,
        };
        // ibsim's preloaded library puts in as length what its program wrote, which for an answer of subnet
        // administration is less than a datagram, or, of several segments, more.
        note_length(&mut mad, u64::from_be(packet.length));
        Some(Incoming { from, qpn, source_qpn, service_level: ServiceLevel::default(), delivery, mad })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quickcheck::quickcheck;

    fn outgoing() -> Outgoing {
        Outgoing {
            to: Lid(0x1234),
            service_level: ServiceLevel::default(),
            qpn: Qpn::GENERAL_SERVICES,
            mad: core::array::from_fn(|at| at as u8),
        }
    }

    #[test]
    fn data_messages_have_network_order_in_host_integers() {
        let bytes = Packet::new(&outgoing()).as_bytes().to_vec();
        assert_eq!(u32::from_ne_bytes(bytes[0..4].try_into().unwrap()), u32::from(0x1234_u16.to_be()));
        assert_eq!(bytes[8..12], [0, 0, 0, 1]);
        assert_eq!(bytes[16..20], [0; 4]);
        assert_eq!(bytes[24..32], [0, 0, 0, 0, 0, 0, 1, 0]);
        assert_eq!(bytes[32..], outgoing().mad);
    }

    #[test]
    fn returned_datagrams_are_told_from_received_ones() {
        let mut bytes = Packet::new(&outgoing()).as_bytes().to_vec();
        bytes[4..8].copy_from_slice(&u32::from(7_u16.to_be()).to_ne_bytes());
        bytes[12..16].copy_from_slice(&0x33_u32.to_be_bytes());
        let received = Packet::parse(&bytes).unwrap();
        assert_eq!((received.from, received.delivery), (Lid(7), Delivery::Received));
        assert_eq!((received.qpn, received.source_qpn.get()), (Qpn::GENERAL_SERVICES, 0x33));
        bytes[19] = 110;
        let returned = Packet::parse(&bytes).unwrap();
        assert_eq!((returned.from, returned.delivery), (Lid(0x1234), Delivery::Undeliverable));
        assert_eq!((returned.qpn.get(), returned.source_qpn), (0x33, Qpn::GENERAL_SERVICES));
        bytes[19] = 111;
        assert_eq!(Packet::parse(&bytes), None);
    }

    #[test]
    fn answers_of_preloaded_programs_have_lengths_of_their_own() {
        let mut bytes = Packet::new(&outgoing()).as_bytes().to_vec();
        for length in [120_u64, 4096] {
            bytes[24..32].copy_from_slice(&length.to_be_bytes());
            assert!(Packet::parse(&bytes).is_some());
        }
    }

    #[test]
    fn answers_are_matched_by_client_and_type() {
        let request = Control::new(ControlType::GetPortInfo, 3, [0; CONTROL_DATA]);
        let bytes =
            |kind: ControlType, client| Control::new(kind, client, [9; CONTROL_DATA]).as_bytes().to_vec();
        assert_eq!(request.answer(&bytes(ControlType::GetPortInfo, 3)), Answer::Done([9; CONTROL_DATA]));
        assert_eq!(request.answer(&bytes(ControlType::GetPortInfo, 4)), Answer::Unrelated);
        assert_eq!(request.answer(&bytes(ControlType::GetNodeInfo, 3)), Answer::Unrelated);
        let mut refused = bytes(ControlType::GetPortInfo, 3);
        refused[8..12].fill(0);
        assert_eq!(request.answer(&refused), Answer::Refused);
        refused[0] ^= 1;
        assert_eq!(request.answer(&refused), Answer::Unrelated);
        assert_eq!(request.answer(&[0; 79]), Answer::Unrelated);
    }

    #[test]
    fn names_keep_their_final_nul() {
        let info = ClientInfo::new(1, &"x".repeat(40), true);
        assert_eq!(info.node[30..], [b'x', 0]);
    }

    quickcheck! {
        fn any_bytes_are_parsed_without_panic(bytes: Vec<u8>) -> bool {
            let mut packet = [0; 288];
            for (to, from) in packet.iter_mut().zip(bytes.iter().cycle()) {
                *to = *from;
            }
            let _ = Packet::parse(&packet);
            Packet::parse(&bytes).is_none() || bytes.len() == 288
        }
    }
}
