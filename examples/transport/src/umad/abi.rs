//! What goes in and out of a umad device (Linux's `include/uapi/rdma/ib_user_mad.h`, version 5), as bytes.
//!
//! Integers are in the machine's order, but for those that the fabric sees: those are big-endian.

use ib_mad::{Gid, Lid, QKey, Qpn, ServiceLevel};
use libc::Ioctl;
use zerocopy::big_endian::{U16, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout};

use super::message::{GlobalRoute, UmadAddress};

/// The version of the interface that this module speaks.
pub(super) const VERSION: u32 = 5;
/// Linux's ETIMEDOUT, as a status: nobody answered.
pub(super) const STATUS_TIMED_OUT: u32 = 110;
/// The least that can be written behind a header: the headers of a datagram that is segmented.
pub(super) const SHORTEST_WRITE: usize = 36;

const TYPE: u32 = 0x1B;

/// IB_USER_MAD_REGISTER_AGENT.
pub(super) const REGISTER_AGENT: Ioctl = libc::_IOWR::<RegisterAgent>(TYPE, 1);
/// IB_USER_MAD_UNREGISTER_AGENT.
pub(super) const UNREGISTER_AGENT: Ioctl = libc::_IOW::<u32>(TYPE, 2);
/// IB_USER_MAD_ENABLE_PKEY.
pub(super) const ENABLE_P_KEY: Ioctl = libc::_IO(TYPE, 3);
/// IB_USER_MAD_REGISTER_AGENT2.
pub(super) const REGISTER_AGENT_2: Ioctl = libc::_IOWR::<RegisterAgent2>(TYPE, 4);
/// IB_USER_MAD_USER_RMPP: the program segments and gathers.
pub(super) const PROGRAM_DOES_RMPP: u32 = 1;

/// `struct ib_user_mad_reg_req`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
pub(super) struct RegisterAgent {
    /// Out: the agent.
    pub(super) id: u32,
    /// A bit for each method of which requests are wanted: longs of the machine, aligned to 4 bytes.
    pub(super) methods: [u8; 16],
    pub(super) qpn: u8,
    pub(super) class: u8,
    pub(super) class_version: u8,
    pub(super) oui: [u8; 3],
    pub(super) rmpp_version: u8,
    pub(super) padding: u8,
}

const _: () = assert!(size_of::<RegisterAgent>() == 28);

/// `struct ib_user_mad_reg_req2`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
pub(super) struct RegisterAgent2 {
    /// Out: the agent.
    pub(super) id: u32,
    pub(super) qpn: u32,
    pub(super) class: u8,
    pub(super) class_version: u8,
    pub(super) reserved: u16,
    pub(super) flags: u32,
    /// A bit for each method of which requests are wanted.
    pub(super) methods: [u64; 2],
    pub(super) oui: u32,
    pub(super) rmpp_version: u8,
    pub(super) reserved_2: [u8; 3],
}

const _: () = assert!(size_of::<RegisterAgent2>() == 40);

/// A mask of methods as the older request has it: words of the machine, in its order.
pub(super) fn method_words(methods: u128) -> [u8; 16] {
    let mut bytes = [0; 16];
    let word = size_of::<usize>();
    for (number, place) in bytes.chunks_exact_mut(word).enumerate() {
        let bits = (methods >> (8 * word * number)) as usize;
        place.copy_from_slice(&bits.to_ne_bytes());
    }
    bytes
}

/// Which header a descriptor reads and writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HeaderLayout {
    /// 64 bytes: what a program gets that asked for it, or registered by the newer request.
    WithPKeyIndex,
    /// 56 bytes.
    WithoutPKeyIndex,
}

impl HeaderLayout {
    pub(super) const fn length(self) -> usize {
        match self {
            Self::WithPKeyIndex => size_of::<Header>(),
            Self::WithoutPKeyIndex => size_of::<Header>() - 8,
        }
    }
}

/// `struct ib_user_mad_hdr`.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable)]
#[repr(C)]
pub(super) struct Header {
    /// The agent.
    pub(super) id: u32,
    /// 0, or ETIMEDOUT of what was sent and not answered.
    pub(super) status: u32,
    pub(super) timeout_ms: u32,
    pub(super) retries: u32,
    /// Of what was received: header and message.
    pub(super) length: u32,
    qpn: U32,
    q_key: U32,
    lid: U16,
    service_level: u8,
    path_bits: u8,
    has_route: u8,
    gid_index: u8,
    hop_limit: u8,
    traffic_class: u8,
    gid: [u8; 16],
    flow_label: U32,
    p_key_index: u16,
    reserved: [u8; 6],
}

const _: () = assert!(size_of::<Header>() == 64);

impl Header {
    /// A header to send with.
    pub(super) fn new(agent: u32, timeout_ms: u32, address: &UmadAddress) -> Self {
        let route = address.route.unwrap_or_default();
        Self {
            id: agent,
            status: 0,
            timeout_ms,
            retries: 0,
            length: 0,
            qpn: U32::new(address.qpn.get()),
            q_key: U32::new(address.q_key.0),
            lid: U16::new(address.lid.0),
            service_level: address.service_level.get(),
            path_bits: address.path_bits,
            has_route: address.route.is_some().into(),
            gid_index: route.gid_index,
            hop_limit: route.hop_limit,
            traffic_class: route.traffic_class,
            gid: route.destination.0,
            flow_label: U32::new(route.flow_label & 0xF_FFFF),
            p_key_index: address.p_key_index,
            reserved: [0; 6],
        }
    }

    /// The same for a message that the kernel repeats.
    pub(super) const fn repeated(self, retries: u32) -> Self {
        Self { retries, ..self }
    }

    /// The header at the start of `bytes`, and what is behind it; `None` when there are not so many.
    pub(super) fn split(layout: HeaderLayout, bytes: &[u8]) -> Option<(Self, &[u8])> {
        let (head, message) = bytes.split_at_checked(layout.length())?;
        let mut whole = [0; size_of::<Self>()];
        whole.get_mut(..head.len())?.copy_from_slice(head);
        Some((zerocopy::transmute!(whole), message))
    }

    /// Append the header in a layout.
    pub(super) fn write(&self, layout: HeaderLayout, buffer: &mut Vec<u8>) {
        buffer.extend(self.as_bytes().iter().take(layout.length()));
    }

    /// Who sent it, or of what nobody answered, to whom it was sent.
    pub(super) fn address(&self) -> Option<UmadAddress> {
        let route = GlobalRoute {
            destination: Gid(self.gid),
            gid_index: self.gid_index,
            hop_limit: self.hop_limit,
            traffic_class: self.traffic_class,
            flow_label: self.flow_label.get(),
        };
        Some(UmadAddress {
            lid: Lid(self.lid.get()),
            service_level: ServiceLevel::new(self.service_level)?,
            path_bits: self.path_bits,
            qpn: Qpn::new(self.qpn.get())?,
            q_key: QKey(self.q_key.get()),
            p_key_index: self.p_key_index,
            route: (self.has_route != 0).then_some(route),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address() -> UmadAddress {
        UmadAddress {
            lid: Lid(0x1234),
            service_level: ServiceLevel::new(5).unwrap(),
            path_bits: 3,
            qpn: Qpn::GENERAL_SERVICES,
            q_key: QKey::GENERAL_SERVICES,
            p_key_index: 0x0102,
            route: Some(GlobalRoute {
                destination: Gid(core::array::from_fn(|at| at as u8)),
                gid_index: 7,
                hop_limit: 64,
                traffic_class: 9,
                flow_label: 0xA_BCDE,
            }),
        }
    }

    /// The fields of [`address`] behind the first five words, which are in the machine's order.
    const SEEN_BY_THE_FABRIC: [u8; 36] = [
        0, 0, 0, 1, 0x80, 1, 0, 0, 0x12, 0x34, 5, 3, 1, 7, 64, 9, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
        13, 14, 15, 0x00, 0x0A, 0xBC, 0xDE,
    ];

    #[test]
    fn headers_have_the_bytes_of_the_kernel() {
        let header = Header::new(3, 1000, &address());
        let mut expected = Vec::new();
        for word in [3_u32, 0, 1000, 0, 0] {
            expected.extend(word.to_ne_bytes());
        }
        expected.extend(SEEN_BY_THE_FABRIC);
        let mut short = Vec::new();
        header.write(HeaderLayout::WithoutPKeyIndex, &mut short);
        assert_eq!((short.len(), &short), (56, &expected));
        expected.extend(0x0102_u16.to_ne_bytes());
        expected.extend([0; 6]);
        let mut long = Vec::new();
        header.write(HeaderLayout::WithPKeyIndex, &mut long);
        assert_eq!((long.len(), long), (64, expected));
    }

    #[test]
    fn headers_are_read_as_they_are_written() {
        for (layout, p_key_index) in
            [(HeaderLayout::WithPKeyIndex, 0x0102), (HeaderLayout::WithoutPKeyIndex, 0)]
        {
            let mut bytes = Vec::new();
            Header::new(3, 0, &address()).write(layout, &mut bytes);
            bytes.extend([0xAB, 0xCD]);
            let (header, message) = Header::split(layout, &bytes).unwrap();
            assert_eq!(header.address(), Some(UmadAddress { p_key_index, ..address() }));
            assert_eq!(message, [0xAB, 0xCD]);
            assert!(Header::split(layout, &bytes[..layout.length() - 1]).is_none());
        }
    }

    #[test]
    fn a_header_without_a_route_has_none_of_its_fields() {
        let mut bytes = Vec::new();
        Header::new(0, 0, &UmadAddress { route: None, ..address() })
            .write(HeaderLayout::WithPKeyIndex, &mut bytes);
        assert_eq!(bytes[32..56], [0; 24]);
    }

    #[test]
    fn requests_have_the_numbers_of_the_kernel() {
        assert_eq!(
            [REGISTER_AGENT, UNREGISTER_AGENT, ENABLE_P_KEY, REGISTER_AGENT_2],
            [0xC01C_1B01, 0x4004_1B02, 0x1B03, 0xC028_1B04]
        );
    }

    #[test]
    fn methods_are_bits_of_words() {
        let bytes = method_words(1 << 6 | 1 << 0x41);
        let word = |at: usize| u64::from_ne_bytes(bytes[at..at + 8].try_into().unwrap());
        assert_eq!((word(0), word(8)), (1 << 6, 1 << 1));
    }
}
