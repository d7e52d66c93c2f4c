//! Set and Delete of a member's record: what a request to join, to make or to leave a group has to say.

use ib_mad::wire::{Attribute, JoinState, McMemberRecord, McMemberRecordMask as Mask, Status};
use ib_mad::{Gid, Mtu, PKey, PacketLifetime, Rate, Selector};

use super::super::paths::{carries, compare};
use super::super::query::{Requester, may_talk};
use super::group::keeps;
use super::{Group, Groups, Membership};
use crate::subnet::{EndPort, Port, Subnet};

/// What every request has to give.
const TO_JOIN: u64 = Mask::MGID.0 | Mask::PORT_GID.0 | Mask::JOIN_STATE.0;
/// What one that makes a group has to give beside that (IBTA volume 1, 15.2.5.17.2).
const TO_CREATE: u64 =
    Mask::Q_KEY.0 | Mask::P_KEY.0 | Mask::TRAFFIC_CLASS.0 | Mask::SERVICE_LEVEL.0 | Mask::FLOW_LABEL.0;
/// Scope of a group that names none: the subnet.
const LINK_LOCAL: u8 = 2;
/// What MGIDs that administration makes up have in their third and fourth byte.
const SIGNATURE: [u8; 2] = [0xA0, 0x1B];

/// A request about a membership.
pub(in crate::administration) struct Request<'a> {
    pub(in crate::administration) subnet: &'a Subnet,
    pub(in crate::administration) requester: &'a Requester,
    /// How long a packet of a group lives that does not say it.
    pub(in crate::administration) lifetime: PacketLifetime,
    mask: u64,
    record: McMemberRecord,
}

impl<'a> Request<'a> {
    pub(in crate::administration) fn new(
        subnet: &'a Subnet,
        requester: &'a Requester,
        lifetime: PacketLifetime,
        mask: u64,
        data: &[u8],
    ) -> Result<Self, Status> {
        let record = McMemberRecord::parse(data).map_err(|_| Status::INVALID_REQUEST)?;
        Ok(Self { subnet, requester, lifetime, mask, record })
    }

    fn gives(&self, component: Mask) -> bool {
        self.mask & component.0 == component.0
    }

    /// Join, or make the group.
    pub(in crate::administration) fn join(mut self, groups: &mut Groups) -> Result<McMemberRecord, Status> {
        let (at, is_proxy) = self.member()?;
        let member = Membership { join_state: self.record.join_state, is_proxy };
        let port = self.subnet.port(at).ok_or(Status::INVALID_GID)?;
        if let Some(group) = groups.get(self.record.mgid) {
            self.check_fits(group, port)?;
        } else {
            if !keeps(member.join_state) {
                // A group begins with a member that keeps it.
                return Err(Status::INVALID_REQUEST);
            }
            if self.mask & TO_CREATE != TO_CREATE {
                return Err(Status::INSUFFICIENT_COMPONENTS);
            }
            self.complete(groups, port)?;
        }
        groups.join(self.subnet, self.record, member)
    }

    /// Leave.
    pub(in crate::administration) fn leave(self, groups: &mut Groups) -> Result<McMemberRecord, Status> {
        let (_, is_proxy) = self.member()?;
        groups.leave(self.record, is_proxy && !self.requester.is_trusted)
    }

    /// The port that it is about, and whether another one asks.
    fn member(&self) -> Result<(EndPort, bool), Status> {
        if self.mask & TO_JOIN != TO_JOIN {
            return Err(Status::INSUFFICIENT_COMPONENTS);
        }
        if self.record.join_state == JoinState(0) {
            return Err(Status::INVALID_REQUEST);
        }
        let at = self.subnet.end_port_by_gid(self.record.port_gid).ok_or(Status::INVALID_GID)?;
        if at != self.requester.port
            && !self.requester.is_trusted
            && !may_talk(self.subnet, self.requester.port, at)
        {
            return Err(Status::DENIED);
        }
        Ok((at, at != self.requester.port))
    }

    /// Whether what is given is what the group has, and the port is up to it.
    fn check_fits(&self, group: &Group, port: &Port) -> Result<(), Status> {
        let (wanted, there) = (&self.record, &group.record);
        let same = |component, is_same: bool| !self.gives(component) || is_same;
        let rates = (there.rate.hundred_megabits(), wanted.rate.hundred_megabits());
        let lifetimes = (there.packet_lifetime.0, wanted.packet_lifetime.0);
        let fits = same(Mask::Q_KEY, wanted.q_key == there.q_key)
            && same(Mask::P_KEY, wanted.p_key.partition() == there.p_key.partition())
            && same(Mask::TRAFFIC_CLASS, wanted.traffic_class == there.traffic_class)
            && same(Mask::SERVICE_LEVEL, wanted.service_level == there.service_level)
            && same(Mask::FLOW_LABEL, wanted.flow_label == there.flow_label)
            && same(Mask::HOP_LIMIT, wanted.hop_limit == there.hop_limit)
            && same(Mask::SCOPE, wanted.scope == there.scope)
            && same(Mask::MLID, wanted.mlid == there.mlid)
            && same(Mask::MTU, compare(wanted.mtu_selector, there.mtu.0, wanted.mtu.0))
            && same(Mask::RATE, compare(wanted.rate_selector, rates.0, rates.1))
            && same(
                Mask::PACKET_LIFETIME,
                compare(wanted.packet_lifetime_selector, lifetimes.0, lifetimes.1),
            );
        let in_partition = port.p_keys.iter().any(|key| key.partition() == there.p_key.partition());
        let is_up_to_it = carries(port, there.mtu.0, there.rate.hundred_megabits());
        if fits && in_partition && is_up_to_it { Ok(()) } else { Err(Status::INVALID_REQUEST) }
    }

    /// Make a whole group's record of what is given.
    fn complete(&mut self, groups: &mut Groups, port: &Port) -> Result<(), Status> {
        let key = self.record.p_key;
        if !port.p_keys.iter().any(|own| own.partition() == key.partition()) {
            return Err(Status::INVALID_REQUEST);
        }
        let own_rate = crate::subnet::rate(&port.info);
        let record = &mut self.record;
        let scope = if self.mask & Mask::SCOPE.0 != 0 { record.scope } else { record.mgid.0[1] & 0xF };
        record.scope = match (scope, record.mgid) {
            (0, Gid::UNSPECIFIED) => LINK_LOCAL,
            (scope, _) => scope,
        };
        record.mgid = match record.mgid {
            Gid::UNSPECIFIED => groups.make_up(self.subnet, record.scope),
            given => check_mgid(given, record.scope)?,
        };
        let gives_mtu = self.mask & Mask::MTU.0 == Mask::MTU.0;
        record.mtu = Mtu(chosen(
            gives_mtu.then_some((record.mtu_selector, record.mtu.0)),
            port.info.neighbor_mtu.0,
            1..=5,
            u32::from,
        )?);
        let gives_rate = self.mask & Mask::RATE.0 == Mask::RATE.0;
        record.rate = Rate(chosen(
            gives_rate.then_some((record.rate_selector, record.rate.0)),
            own_rate.0,
            2..=24,
            |code| Rate(code).hundred_megabits().unwrap_or(0),
        )?);
        if self.mask & Mask::PACKET_LIFETIME.0 != Mask::PACKET_LIFETIME.0 {
            record.packet_lifetime = self.lifetime;
        }
        record.mtu_selector = Selector::Exactly;
        record.rate_selector = Selector::Exactly;
        record.packet_lifetime_selector = Selector::Exactly;
        // A group's key says nothing about the membership of its maker in the partition.
        record.p_key = PKey(key.0 | 0x8000);
        if self.mask & Mask::HOP_LIMIT.0 == 0 {
            record.hop_limit = 0;
        }
        Ok(())
    }
}

/// The MTU or rate of a new group: what is asked for, as far as its maker is up to it; else what its maker has.
fn chosen(
    asked: Option<(Selector, u8)>,
    own: u8,
    codes: core::ops::RangeInclusive<u8>,
    worth: impl Fn(u8) -> u32,
) -> Result<u8, Status> {
    let Some((how, asked)) = asked else { return Ok(own) };
    let fits = |code: &u8| worth(*code) <= worth(own) && compare(how, worth(*code), worth(asked));
    let best = codes.filter(|code| worth(*code) > 0).filter(fits).max_by_key(|code| worth(*code));
    best.ok_or(Status::INVALID_REQUEST)
}

/// An MGID that a requester may choose (IBTA volume 1, 4.1.1): multicast, of a scope that there is, not of those that
/// administration makes up.
fn check_mgid(mgid: Gid, scope: u8) -> Result<Gid, Status> {
    let [first, flags_and_scope, signature @ ..] = mgid.0;
    let is_of_administration = signature[..2] == SIGNATURE;
    let is_sound = first == 0xFF
        && flags_and_scope >> 5 == 0
        && !matches!(flags_and_scope & 0xF, 0 | 0xF)
        && flags_and_scope & 0xF == scope;
    if is_sound && !is_of_administration { Ok(mgid) } else { Err(Status::INVALID_REQUEST) }
}
