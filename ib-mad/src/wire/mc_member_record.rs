//! MCMemberRecord (IBTA volume 1, 15.2.5.17): a port's membership of a multicast group.

use zerocopy::big_endian::{U16, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::path_fields::Selected;
use super::{Attribute, AttributeId, ComponentMask, Query, Record};
use crate::types::{Gid, Lid, Mtu, PKey, PacketLifetime, QKey, Rate, Selector, ServiceLevel};

/// The record as it lies in a datagram.
#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct McMemberRecordView {
    mgid: [u8; 16],
    port_gid: [u8; 16],
    q_key: U32,
    mlid: U16,
    mtu: Selected,
    traffic_class: u8,
    p_key: U16,
    rate: Selected,
    packet_lifetime: Selected,
    service_level_flow_label_hop_limit: U32,
    scope_and_join_state: u8,
    proxy: u8,
    reserved: [u8; 6],
}

const _: () = assert!(size_of::<McMemberRecordView>() == 56);

impl McMemberRecordView {
    /// The group.
    #[inline]
    pub fn mgid(&self) -> Gid {
        Gid(self.mgid)
    }
    /// The port.
    #[inline]
    pub fn port_gid(&self) -> Gid {
        Gid(self.port_gid)
    }
    /// Key of the group's datagrams.
    #[inline]
    pub fn q_key(&self) -> QKey {
        QKey(self.q_key.get())
    }
    /// LID of the group.
    #[inline]
    pub fn mlid(&self) -> Lid {
        Lid(self.mlid.get())
    }
    /// How a query or a join compares the MTU.
    #[inline]
    pub fn mtu_selector(&self) -> Selector {
        self.mtu.selector()
    }
    /// Largest payload.
    #[inline]
    pub fn mtu(&self) -> Mtu {
        Mtu(self.mtu.code())
    }
    /// Traffic class of the global route.
    #[inline]
    pub fn traffic_class(&self) -> u8 {
        self.traffic_class
    }
    /// Partition.
    #[inline]
    pub fn p_key(&self) -> PKey {
        PKey(self.p_key.get())
    }
    /// How a query or a join compares the rate.
    #[inline]
    pub fn rate_selector(&self) -> Selector {
        self.rate.selector()
    }
    /// Rate of the group.
    #[inline]
    pub fn rate(&self) -> Rate {
        Rate(self.rate.code())
    }
    /// How a query or a join compares the lifetime.
    #[inline]
    pub fn packet_lifetime_selector(&self) -> Selector {
        self.packet_lifetime.selector()
    }
    /// How long a packet may be on the way.
    #[inline]
    pub fn packet_lifetime(&self) -> PacketLifetime {
        PacketLifetime(self.packet_lifetime.code())
    }
    /// Service level to send with.
    #[inline]
    pub fn service_level(&self) -> ServiceLevel {
        let [high, ..] = self.service_level_flow_label_hop_limit.to_bytes();
        ServiceLevel::from_low_bits(high >> 4)
    }
    /// Flow label of the global route, 20 bits.
    #[inline]
    pub fn flow_label(&self) -> u32 {
        (self.service_level_flow_label_hop_limit.get() >> 8) & 0xF_FFFF
    }
    /// Hop limit of the global route.
    #[inline]
    pub fn hop_limit(&self) -> u8 {
        let [.., low] = self.service_level_flow_label_hop_limit.to_bytes();
        low
    }
    /// Scope of the group, 4 bits, as in its GID.
    #[inline]
    pub fn scope(&self) -> u8 {
        self.scope_and_join_state >> 4
    }
    /// How the port is a member.
    #[inline]
    pub fn join_state(&self) -> JoinState {
        JoinState(self.scope_and_join_state & 0xF)
    }
    /// Whether another than the port itself joined.
    #[inline]
    pub fn proxy_join(&self) -> bool {
        self.proxy & 0x80 != 0
    }
}

/// A port's membership of a multicast group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct McMemberRecord {
    /// The group.
    pub mgid: Gid,
    /// The port.
    pub port_gid: Gid,
    /// Key of the group's datagrams.
    pub q_key: QKey,
    /// LID of the group.
    pub mlid: Lid,
    /// How a query or a join compares the MTU.
    pub mtu_selector: Selector,
    /// Largest payload.
    pub mtu: Mtu,
    /// Traffic class of the global route.
    pub traffic_class: u8,
    /// Partition.
    pub p_key: PKey,
    /// How a query or a join compares the rate.
    pub rate_selector: Selector,
    /// Rate of the group.
    pub rate: Rate,
    /// How a query or a join compares the lifetime.
    pub packet_lifetime_selector: Selector,
    /// How long a packet may be on the way.
    pub packet_lifetime: PacketLifetime,
    /// Service level to send with.
    pub service_level: ServiceLevel,
    /// Flow label of the global route, 20 bits.
    pub flow_label: u32,
    /// Hop limit of the global route.
    pub hop_limit: u8,
    /// Scope of the group, 4 bits, as in its GID.
    pub scope: u8,
    /// How the port is a member.
    pub join_state: JoinState,
    /// Whether another than the port itself joined.
    pub proxy_join: bool,
}

impl Attribute for McMemberRecord {
    type View = McMemberRecordView;
    const NAME: &'static str = "MCMemberRecord";

    fn from_view(view: &McMemberRecordView) -> Self {
        Self {
            mgid: view.mgid(),
            port_gid: view.port_gid(),
            q_key: view.q_key(),
            mlid: view.mlid(),
            mtu_selector: view.mtu_selector(),
            mtu: view.mtu(),
            traffic_class: view.traffic_class(),
            p_key: view.p_key(),
            rate_selector: view.rate_selector(),
            rate: view.rate(),
            packet_lifetime_selector: view.packet_lifetime_selector(),
            packet_lifetime: view.packet_lifetime(),
            service_level: view.service_level(),
            flow_label: view.flow_label(),
            hop_limit: view.hop_limit(),
            scope: view.scope(),
            join_state: view.join_state(),
            proxy_join: view.proxy_join(),
        }
    }

    fn to_view(&self) -> McMemberRecordView {
        McMemberRecordView {
            mgid: self.mgid.0,
            port_gid: self.port_gid.0,
            q_key: U32::new(self.q_key.0),
            mlid: U16::new(self.mlid.0),
            mtu: Selected::new(self.mtu_selector, self.mtu.0),
            traffic_class: self.traffic_class,
            p_key: U16::new(self.p_key.0),
            rate: Selected::new(self.rate_selector, self.rate.0),
            packet_lifetime: Selected::new(self.packet_lifetime_selector, self.packet_lifetime.0),
            service_level_flow_label_hop_limit: U32::new(
                (u32::from(self.service_level.get()) << 28)
                    | ((self.flow_label & 0xF_FFFF) << 8)
                    | u32::from(self.hop_limit),
            ),
            scope_and_join_state: self.scope << 4 | (self.join_state.0 & 0xF),
            proxy: u8::from(self.proxy_join) << 7,
            reserved: [0; 6],
        }
    }
}

/// How a port is a member of a group, a bit each, 4 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JoinState(pub u8);

impl JoinState {
    /// Sends and receives; the group exists as long as it has such a member.
    pub const FULL_MEMBER: Self = Self(1);
    /// Sends and receives.
    pub const NON_MEMBER: Self = Self(2);
    /// Sends only.
    pub const SEND_ONLY_NON_MEMBER: Self = Self(4);
    /// Sends only, and keeps the group in existence.
    pub const SEND_ONLY_FULL_MEMBER: Self = Self(8);

    /// Whether all bits of `other` are set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// Component mask of an MCMemberRecord.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct McMemberRecordMask(pub u64);

impl McMemberRecordMask {
    /// Group.
    pub const MGID: Self = Self(1);
    /// Port.
    pub const PORT_GID: Self = Self(1 << 1);
    /// Q_Key.
    pub const Q_KEY: Self = Self(1 << 2);
    /// LID of the group.
    pub const MLID: Self = Self(1 << 3);
    /// MTU, selector and value.
    pub const MTU: Self = Self(0b11 << 4);
    /// Traffic class.
    pub const TRAFFIC_CLASS: Self = Self(1 << 6);
    /// Partition.
    pub const P_KEY: Self = Self(1 << 7);
    /// Rate, selector and value.
    pub const RATE: Self = Self(0b11 << 8);
    /// Packet lifetime, selector and value.
    pub const PACKET_LIFETIME: Self = Self(0b11 << 10);
    /// Service level.
    pub const SERVICE_LEVEL: Self = Self(1 << 12);
    /// Flow label.
    pub const FLOW_LABEL: Self = Self(1 << 13);
    /// Hop limit.
    pub const HOP_LIMIT: Self = Self(1 << 14);
    /// Scope.
    pub const SCOPE: Self = Self(1 << 15);
    /// Join state.
    pub const JOIN_STATE: Self = Self(1 << 16);
    /// Proxy join.
    pub const PROXY_JOIN: Self = Self(1 << 17);

    /// Whether all components of `other` are in the mask.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl ComponentMask for McMemberRecordMask {
    fn from_bits(bits: u64) -> Self {
        Self(bits)
    }
    fn bits(self) -> u64 {
        self.0
    }
}

/// A query for groups or members, or a join: each method adds one component.
///
/// ```
/// use ib_mad::wire::{JoinState, McMemberRecordQuery};
/// use ib_mad::Gid;
///
/// let join = McMemberRecordQuery::new().mgid(Gid([0xFF; 16])).join_state(JoinState::FULL_MEMBER);
/// assert_eq!(join.component_mask(), 0x1_0001);
/// ```
pub type McMemberRecordQuery = Query<McMemberRecord>;

impl Record for McMemberRecord {
    type Mask = McMemberRecordMask;
    const ATTRIBUTE: AttributeId = AttributeId::MC_MEMBER_RECORD;
}

impl McMemberRecordQuery {
    /// Members of a group.
    pub fn mgid(self, gid: Gid) -> Self {
        self.with(McMemberRecordMask::MGID, |record| record.mgid = gid)
    }
    /// Groups of a port.
    pub fn port_gid(self, gid: Gid) -> Self {
        self.with(McMemberRecordMask::PORT_GID, |record| record.port_gid = gid)
    }
    /// Groups with a key.
    pub fn q_key(self, key: QKey) -> Self {
        self.with(McMemberRecordMask::Q_KEY, |record| record.q_key = key)
    }
    /// Groups with a LID.
    pub fn mlid(self, lid: Lid) -> Self {
        self.with(McMemberRecordMask::MLID, |record| record.mlid = lid)
    }
    /// Groups by their MTU.
    pub fn mtu(self, selector: Selector, mtu: Mtu) -> Self {
        self.with(McMemberRecordMask::MTU, |record| {
            record.mtu_selector = selector;
            record.mtu = mtu;
        })
    }
    /// Groups with a traffic class.
    pub fn traffic_class(self, class: u8) -> Self {
        self.with(McMemberRecordMask::TRAFFIC_CLASS, |record| record.traffic_class = class)
    }
    /// Groups in a partition.
    pub fn p_key(self, key: PKey) -> Self {
        self.with(McMemberRecordMask::P_KEY, |record| record.p_key = key)
    }
    /// Groups by their rate.
    pub fn rate(self, selector: Selector, rate: Rate) -> Self {
        self.with(McMemberRecordMask::RATE, |record| {
            record.rate_selector = selector;
            record.rate = rate;
        })
    }
    /// Groups by their packet lifetime.
    pub fn packet_lifetime(self, selector: Selector, lifetime: PacketLifetime) -> Self {
        self.with(McMemberRecordMask::PACKET_LIFETIME, |record| {
            record.packet_lifetime_selector = selector;
            record.packet_lifetime = lifetime;
        })
    }
    /// Groups with a service level.
    pub fn service_level(self, level: ServiceLevel) -> Self {
        self.with(McMemberRecordMask::SERVICE_LEVEL, |record| record.service_level = level)
    }
    /// Groups with a flow label (20 bits).
    pub fn flow_label(self, label: u32) -> Self {
        self.with(McMemberRecordMask::FLOW_LABEL, |record| record.flow_label = label)
    }
    /// Groups with a hop limit.
    pub fn hop_limit(self, limit: u8) -> Self {
        self.with(McMemberRecordMask::HOP_LIMIT, |record| record.hop_limit = limit)
    }
    /// Groups of a scope (4 bits).
    pub fn scope(self, scope: u8) -> Self {
        self.with(McMemberRecordMask::SCOPE, |record| record.scope = scope)
    }
    /// Members of a kind.
    pub fn join_state(self, state: JoinState) -> Self {
        self.with(McMemberRecordMask::JOIN_STATE, |record| record.join_state = state)
    }
    /// Members that others joined, or that joined themselves.
    pub fn proxy_join(self, is_proxy: bool) -> Self {
        self.with(McMemberRecordMask::PROXY_JOIN, |record| record.proxy_join = is_proxy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_where_the_layout_says() {
        let record = McMemberRecord {
            mgid: Gid([0x11; 16]),
            port_gid: Gid([0x22; 16]),
            q_key: QKey(0x0102_0304),
            mlid: Lid(0xC005),
            mtu_selector: Selector::Exactly,
            mtu: Mtu(4),
            traffic_class: 6,
            p_key: PKey(0x8007),
            rate_selector: Selector::LessThan,
            rate: Rate(3),
            packet_lifetime_selector: Selector::Best,
            packet_lifetime: PacketLifetime(18),
            service_level: ServiceLevel::from_low_bits(0xA),
            flow_label: 0xB_CDEF,
            hop_limit: 0x40,
            scope: 0x5,
            join_state: JoinState(0x9),
            proxy_join: true,
        };
        let mut out = [0xFF; 56];
        assert_eq!(record.emit(&mut out), Ok(56));
        assert_eq!((out[0], out[15], out[16], out[31]), (0x11, 0x11, 0x22, 0x22));
        assert_eq!(
            out[32..],
            [
                1, 2, 3, 4, 0xC0, 5, 0x84, 6, 0x80, 7, 0x43, 0xD2, 0xAB, 0xCD, 0xEF, 0x40, 0x59, 0x80, 0, 0,
                0, 0, 0, 0
            ]
        );
        assert_eq!(McMemberRecord::parse(&out), Ok(record));
    }

    #[test]
    fn a_query_carries_what_it_was_given_and_no_more() {
        assert_eq!(McMemberRecordQuery::new().component_mask(), 0);
        let query = McMemberRecordQuery::new()
            .mgid(Gid([7; 16]))
            .rate(Selector::GreaterThan, Rate(3))
            .proxy_join(true);
        assert_eq!(query.component_mask(), 1 | 0b11 << 8 | 1 << 17);
        assert_eq!(
            *query.template(),
            McMemberRecord {
                mgid: Gid([7; 16]),
                rate: Rate(3),
                proxy_join: true,
                ..McMemberRecord::default()
            }
        );
    }
}
