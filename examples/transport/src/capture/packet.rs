//! The datagram in a packet.

use etherparse::{LaxNetSlice, LaxSlicedPacket, TransportSlice};
use ib_mad::wire::{MAD_LENGTH, Mad};
use ib_mad::{Gid, Lid, PKey, QKey, Qpn, ServiceLevel};
use zerocopy::FromBytes;

use super::error::{Foreign, Unread};
use super::headers::{
    GlobalRoute, INVARIANT_CHECKSUM, LocalRoute, NextHeader, OPCODE_UD_SEND_ONLY,
    OPCODE_UD_SEND_ONLY_WITH_IMMEDIATE, TRANSPORT, Transport,
};
use super::{LINK_TYPE_ERF, LINK_TYPE_ETHERNET, LINK_TYPE_INFINIBAND, erf};

/// UDP port of RoCE version 2.
const ROCE_PORT: u16 = 4791;
/// Type of an Ethernet frame of RoCE version 1.
const ROCE_ETHER_TYPE: u16 = 0x8915;

/// Where a datagram came from and went to, as far as the capture tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Addresses {
    /// The sender's LID, and the receiver's; on an InfiniBand link.
    pub lids: Option<(Lid, Lid)>,
    /// Service level; on an InfiniBand link.
    pub service_level: Option<ServiceLevel>,
    /// The sender's GID, and the receiver's; with a global route.
    pub gids: Option<(Gid, Gid)>,
    /// The sender's queue pair, and the receiver's; unknown only of a dump in hexadecimal.
    pub queue_pairs: Option<(Qpn, Qpn)>,
    /// Partition.
    pub p_key: Option<PKey>,
}

/// A datagram of a capture. It is one: [`Mad::new`] takes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CapturedDatagram {
    /// Where it came from and went to.
    pub addresses: Addresses,
    /// The datagram.
    pub mad: [u8; MAD_LENGTH],
}

impl CapturedDatagram {
    pub(super) fn new(addresses: Addresses, payload: &[u8]) -> Result<Self, Unread> {
        Mad::new(payload)?;
        let mad =
            payload.try_into().map_err(|_| Unread::Length { what: "datagram", length: payload.len() })?;
        Ok(Self { addresses, mad })
    }

    /// The datagram in a packet of a link type of pcap.
    pub(super) fn of_link(link_type: i32, packet: &[u8]) -> Result<Self, Unread> {
        match link_type {
            LINK_TYPE_ERF => erf::record(packet),
            LINK_TYPE_ETHERNET => Self::of_ethernet(packet),
            LINK_TYPE_INFINIBAND => Self::of_infiniband(packet),
            other => Err(Foreign::LinkType(other).into()),
        }
    }

    /// In a packet from its local route header on.
    pub(super) fn of_infiniband(packet: &[u8]) -> Result<Self, Unread> {
        let (route, rest) = header::<LocalRoute>("local route header", packet)?;
        let mut addresses = Addresses {
            lids: Some((route.from(), route.to())),
            service_level: Some(route.service_level()),
            ..Addresses::default()
        };
        let length = |headers: usize| {
            let wrong = Unread::Length { what: "local route header", length: route.length() };
            route.length().checked_sub(headers).ok_or(wrong)
        };
        match route.next_header() {
            NextHeader::Raw => Err(Foreign::Raw.into()),
            NextHeader::Local => of_transport(addresses, rest, length(size_of::<LocalRoute>())?),
            NextHeader::Global => {
                let (global, rest) = header::<GlobalRoute>("global route header", rest)?;
                if !global.is_infiniband() {
                    return Err(Foreign::Raw.into());
                }
                addresses.gids = Some((global.from(), global.to()));
                of_transport(addresses, rest, length(size_of::<LocalRoute>() + size_of::<GlobalRoute>())?)
            }
        }
    }

    /// In an Ethernet frame, by either version of RoCE.
    pub(super) fn of_ethernet(frame: &[u8]) -> Result<Self, Unread> {
        let frame_length = |_| Unread::CutShort { what: "Ethernet header", needed: 14, got: frame.len() };
        let sliced = LaxSlicedPacket::from_ethernet(frame).map_err(frame_length)?;
        if let Some(payload) =
            sliced.ether_payload().filter(|payload| payload.ether_type.0 == ROCE_ETHER_TYPE)
        {
            let (global, rest) = header::<GlobalRoute>("global route header", payload.payload)?;
            if !global.is_infiniband() {
                return Err(Foreign::NotRoce.into());
            }
            let addresses = Addresses { gids: Some((global.from(), global.to())), ..Addresses::default() };
            return of_transport(addresses, rest, global.payload_length());
        }
        let Some(TransportSlice::Udp(udp)) = &sliced.transport else { return Err(Foreign::NotRoce.into()) };
        if udp.destination_port() != ROCE_PORT {
            return Err(Foreign::NotRoce.into());
        }
        let addresses = Addresses { gids: sliced.net.as_ref().and_then(gids), ..Addresses::default() };
        let length = usize::from(udp.length());
        let rest = length.checked_sub(8).ok_or(Unread::Length { what: "UDP header", length })?;
        of_transport(addresses, udp.payload(), rest)
    }
}

/// The header at the start, and what is behind it.
pub(super) fn header<'a, H: FromBytes + zerocopy::KnownLayout + zerocopy::Immutable + zerocopy::Unaligned>(
    what: &'static str,
    bytes: &'a [u8],
) -> Result<(&'a H, &'a [u8]), Unread> {
    H::ref_from_prefix(bytes).map_err(|_| Unread::CutShort { what, needed: size_of::<H>(), got: bytes.len() })
}

/// IP addresses as RoCE makes identifiers of them.
fn gids(net: &LaxNetSlice<'_>) -> Option<(Gid, Gid)> {
    match net {
        LaxNetSlice::Ipv4(ip) => {
            let gid = |address: core::net::Ipv4Addr| Gid(address.to_ipv6_mapped().octets());
            Some((gid(ip.header().source_addr()), gid(ip.header().destination_addr())))
        }
        LaxNetSlice::Ipv6(ip) => Some((Gid(ip.header().source()), Gid(ip.header().destination()))),
        LaxNetSlice::Arp(_) => None,
    }
}

/// In a packet from its base transport header on, which has `length` bytes with its checksum.
fn of_transport(addresses: Addresses, packet: &[u8], length: usize) -> Result<CapturedDatagram, Unread> {
    // Packets of other operations may be shorter than a datagram's headers.
    let immediate = match packet.first() {
        None | Some(&OPCODE_UD_SEND_ONLY) => 0,
        Some(&OPCODE_UD_SEND_ONLY_WITH_IMMEDIATE) => 4,
        Some(&opcode) => return Err(Foreign::Opcode(opcode).into()),
    };
    let (transport, payload) = header::<Transport>("transport headers", packet)?;
    // Managers listen on queue pairs 0 and 1, programs of theirs on any with the same key.
    if transport.to().get() > 1 && transport.q_key() != QKey::GENERAL_SERVICES {
        return Err(Foreign::QueuePair(transport.to().get()).into());
    }
    let surroundings = TRANSPORT + immediate + transport.padding() + INVARIANT_CHECKSUM;
    let wrong = Unread::Length { what: "packet", length };
    let needed = length.checked_sub(surroundings).ok_or(wrong)?;
    let got = payload.len().saturating_sub(immediate);
    let cut_short = Unread::CutShort { what: "packet", needed, got };
    let payload = payload.get(immediate..).and_then(|payload| payload.get(..needed)).ok_or(cut_short)?;
    let addresses = Addresses {
        queue_pairs: Some((transport.from(), transport.to())),
        p_key: Some(transport.p_key()),
        ..addresses
    };
    CapturedDatagram::new(addresses, payload)
}
