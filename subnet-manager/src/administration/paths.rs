//! Path records: how one port reaches another, as the forwarding tables and the routing's service levels have it.

use ib_mad::wire::{Attribute, PathRecord, PathRecordMask as Mask, Status};
use ib_mad::{Gid, Lid, PKey, PacketLifetime, Selector};

use super::filter::Filter;
use super::layout::Layout;
use super::multicast::Groups;
use super::query::{Gathering, Requester, may_talk};
use crate::subnet::{EndPort, PathProperties, Port, Subnet};

/// Components that are compared with less than equality, or that choose the ends.
const BY_HAND: u64 = Mask::SERVICE_ID.0
    | Mask::DESTINATION_GID.0
    | Mask::SOURCE_GID.0
    | Mask::DESTINATION_LID.0
    | Mask::SOURCE_LID.0
    | Mask::NUMBER_OF_PATHS.0
    | Mask::REVERSIBLE.0
    | Mask::P_KEY.0
    | Mask::MTU.0
    | Mask::RATE.0
    | Mask::PACKET_LIFETIME.0;

/// A question for path records.
pub(super) struct Paths<'a> {
    subnet: &'a Subnet,
    requester: &'a Requester,
    lifetime: PacketLifetime,
    wanted: PathRecord,
    mask: u64,
}

/// An end of the paths that are asked for.
#[derive(Clone, Copy, Debug)]
enum End {
    Any,
    /// A port, and the one of its LIDs that is meant, if one is.
    Port(EndPort, Option<Lid>),
}

impl<'a> Paths<'a> {
    pub(super) fn new(
        subnet: &'a Subnet,
        requester: &'a Requester,
        lifetime: PacketLifetime,
        mask: u64,
        data: &[u8],
    ) -> Result<Self, Status> {
        let wanted = PathRecord::parse(data).map_err(|_| Status::INVALID_REQUEST)?;
        Ok(Self { subnet, requester, lifetime, wanted, mask })
    }

    /// What is left to compare bit by bit.
    pub(super) fn filter(layout: &Layout, filter: Filter) -> Filter {
        filter.without(layout, BY_HAND)
    }

    fn has(&self, component: Mask) -> bool {
        self.mask & component.0 == component.0
    }

    /// Whether any bit of a component of two is given.
    fn gives(&self, component: Mask) -> bool {
        self.mask & component.0 != 0
    }

    /// Gather the paths. `single` asks for no more than one of each pair.
    pub(super) fn gather(
        &self,
        groups: &Groups,
        single: bool,
        into: &mut Gathering<'_>,
    ) -> Result<(), Status> {
        let source =
            self.end(Mask::SOURCE_GID, self.wanted.source_gid, Mask::SOURCE_LID, self.wanted.source_lid)?;
        if self.has(Mask::DESTINATION_GID) && self.wanted.destination_gid.is_multicast() {
            return self.to_group(groups, source, into);
        }
        let destination = self.end(
            Mask::DESTINATION_GID,
            self.wanted.destination_gid,
            Mask::DESTINATION_LID,
            self.wanted.destination_lid,
        )?;
        let most = match (single, self.has(Mask::NUMBER_OF_PATHS)) {
            (true, _) => 1,
            (false, true) => self.wanted.number_of_paths,
            (false, false) => u8::MAX,
        };
        if most == 0 {
            return Err(Status::INVALID_REQUEST);
        }
        // One path has two ends.
        if single && (matches!(source, End::Any) || matches!(destination, End::Any)) {
            return Err(Status::INSUFFICIENT_COMPONENTS);
        }
        for (from, from_lid) in self.ports(source) {
            if !self.requester.may_see(self.subnet, from) {
                continue;
            }
            for (to, to_lid) in self.ports(destination) {
                if self.requester.may_see(self.subnet, to) {
                    self.pair((from, from_lid), (to, to_lid), most, into);
                }
                if into.is_over() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Which port a request names. A GID of no port is the requester's mistake, a LID of none is nobody's.
    fn end(&self, by_gid: Mask, gid: Gid, by_lid: Mask, lid: Lid) -> Result<End, Status> {
        let lid = self.has(by_lid).then_some(lid);
        let of_lid = lid.map(|lid| self.subnet.end_port(lid).ok_or(Status::NO_RECORDS)).transpose()?;
        if !self.has(by_gid) {
            return Ok(of_lid.map_or(End::Any, |at| End::Port(at, lid)));
        }
        let local = matches!(gid.prefix(), Gid::DEFAULT_PREFIX) || gid.prefix() == self.subnet.prefix();
        let found = self.subnet.end_port_by_guid(gid.guid()).filter(|_| local);
        let at = found.ok_or(Status::INVALID_GID)?;
        match of_lid {
            Some(other) if other != at => Err(Status::NO_RECORDS),
            _ => Ok(End::Port(at, lid)),
        }
    }

    fn ports(&self, end: End) -> impl Iterator<Item = (EndPort, Option<Lid>)> + '_ {
        let one = match end {
            End::Any => None,
            End::Port(at, lid) => Some((at, lid)),
        };
        let all = self.subnet.lids().filter(move |_| one.is_none()).map(|(_, at)| (at, None));
        one.into_iter().chain(all)
    }

    /// The paths from one port to another: one for each pair of their LIDs, side by side.
    fn pair(
        &self,
        (from, from_lid): (EndPort, Option<Lid>),
        (to, to_lid): (EndPort, Option<Lid>),
        most: u8,
        into: &mut Gathering<'_>,
    ) {
        let Some(p_key) = self.p_key(from, to) else { return };
        let (Some(sources), Some(destinations)) = (self.lids(from, from_lid), self.lids(to, to_lid)) else {
            return;
        };
        let count = sources.1.max(destinations.1).min(most.into());
        for path in 0..count {
            let source = Lid(sources.0.0 + path % sources.1);
            let destination = Lid(destinations.0.0 + path % destinations.1);
            let Some(properties) = self.subnet.path(from, destination) else { continue };
            let is_reversible = self.subnet.path(to, source).is_some();
            let lifetime = if from == to { PacketLifetime(0) } else { self.lifetime };
            if !self.takes(&properties, lifetime, is_reversible) {
                continue;
            }
            let gid = |at| self.subnet.gid(at).unwrap_or_default();
            into.offer(&PathRecord {
                service_id: if self.gives(Mask::SERVICE_ID) { self.wanted.service_id } else { 0 },
                destination_gid: gid(to),
                source_gid: gid(from),
                destination_lid: destination,
                source_lid: source,
                is_reversible,
                p_key,
                service_level: properties.service_level,
                mtu_selector: Selector::Exactly,
                mtu: properties.mtu,
                rate_selector: Selector::Exactly,
                rate: properties.rate,
                packet_lifetime_selector: Selector::Exactly,
                packet_lifetime: lifetime,
                ..PathRecord::default()
            });
        }
    }

    /// A port's LIDs: the first, and how many; the one that is asked for, if one is.
    fn lids(&self, at: EndPort, only: Option<Lid>) -> Option<(Lid, u16)> {
        let port = self.subnet.port(at)?;
        let base = port.lid()?;
        Some(only.map_or((base, 1 << port.info.lmc.min(7)), |lid| (lid, 1)))
    }

    /// The key by which the ports may talk: the one that is asked for, or their first.
    fn p_key(&self, from: EndPort, to: EndPort) -> Option<PKey> {
        let wanted = self.has(Mask::P_KEY).then_some(self.wanted.p_key);
        let fits = |key: &PKey| wanted.is_none_or(|wanted| wanted.partition() == key.partition());
        if from == to {
            // A port may talk to itself in every partition that it is in.
            return self.subnet.port(from)?.p_keys.iter().copied().find(fits);
        }
        self.subnet.shared_p_keys(from, to).find(fits)
    }

    /// Whether a path is as good as is asked for.
    fn takes(&self, path: &PathProperties, lifetime: PacketLifetime, is_reversible: bool) -> bool {
        let wanted = &self.wanted;
        let rates = (path.rate.hundred_megabits(), wanted.rate.hundred_megabits());
        (!self.has(Mask::REVERSIBLE) || !wanted.is_reversible || is_reversible)
            && (!self.gives(Mask::MTU) || compare(wanted.mtu_selector, path.mtu.0, wanted.mtu.0))
            && (!self.gives(Mask::RATE) || compare(wanted.rate_selector, rates.0, rates.1))
            && (!self.gives(Mask::PACKET_LIFETIME)
                || compare(wanted.packet_lifetime_selector, lifetime.0, wanted.packet_lifetime.0))
    }

    /// The way to a multicast group, which is the same from everywhere.
    fn to_group(&self, groups: &Groups, source: End, into: &mut Gathering<'_>) -> Result<(), Status> {
        let Some(group) = groups.get(self.wanted.destination_gid) else { return Ok(()) };
        for (from, from_lid) in self.ports(source) {
            let Some(port) = self.subnet.port(from) else { continue };
            let Some(lid) = from_lid.or(port.lid()) else { continue };
            let in_partition =
                port.p_keys.iter().any(|key| key.partition() == group.record.p_key.partition());
            let properties = PathProperties {
                hops: 0,
                mtu: group.record.mtu,
                rate: group.record.rate,
                service_level: group.record.service_level,
            };
            let is_known = self.requester.is_trusted || may_talk(self.subnet, self.requester.port, from);
            let fits =
                !self.has(Mask::P_KEY) || self.wanted.p_key.partition() == group.record.p_key.partition();
            if !in_partition
                || !is_known
                || !fits
                || !self.takes(&properties, group.record.packet_lifetime, false)
            {
                continue;
            }
            into.offer(&PathRecord {
                destination_gid: group.record.mgid,
                source_gid: self.subnet.gid(from).unwrap_or_default(),
                destination_lid: group.record.mlid,
                source_lid: lid,
                flow_label: group.record.flow_label,
                hop_limit: group.record.hop_limit,
                traffic_class: group.record.traffic_class,
                p_key: group.record.p_key,
                service_level: properties.service_level,
                mtu_selector: Selector::Exactly,
                mtu: properties.mtu,
                rate_selector: Selector::Exactly,
                rate: properties.rate,
                packet_lifetime_selector: Selector::Exactly,
                packet_lifetime: group.record.packet_lifetime,
                ..PathRecord::default()
            });
        }
        Ok(())
    }
}

/// Whether what is there is what is asked for. The best that there is, is whatever is there.
pub(super) fn compare<T: PartialOrd>(how: Selector, there: T, asked: T) -> bool {
    match how {
        Selector::GreaterThan => there > asked,
        Selector::LessThan => there < asked,
        Selector::Exactly => there == asked,
        Selector::Best => true,
    }
}

/// Whether a port is up to a group's packets: its link carries them in size and speed. A port that does not say, as a
/// switch's own, is.
pub(super) fn carries(port: &Port, mtu: u8, rate: Option<u32>) -> bool {
    let own = crate::subnet::rate(&port.info).hundred_megabits();
    let in_size = port.info.neighbor_mtu.bytes().is_none() || port.info.neighbor_mtu.0 >= mtu;
    in_size && (own.is_none() || own >= rate)
}
