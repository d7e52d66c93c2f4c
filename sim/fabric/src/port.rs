//! A port: its settings, its tables, its counters and its link.

use ib_mad::wire::{
    PortCapabilityMask, PortInfo, PortPhysicalState, PortState, VlArbitration, VlArbitrationEntry,
};
use ib_mad::{Gid, Guid, Lid, Mtu, PKey, ServiceLevel, VirtualLane};
use topology::NodeKind;

use crate::settings::Settings;

/// Which port of the fabric.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PortId(pub(crate) u32);

/// Entries of the arbitration tables of low and of high priority.
pub(crate) const ARBITRATION_ENTRIES: u8 = 8;
/// Partition keys of an end port and of an external port of a switch, a block or two.
pub(crate) const PARTITIONS: u16 = 64;
/// Partition keys of a switch's port 0.
pub(crate) const SWITCH_PARTITIONS: u16 = 8;
/// GUIDs that a port can have: four blocks.
pub(crate) const GUIDS: u8 = 32;
/// Lane of each service level before a manager writes another: 0 to 14 as they are, 15 on lane 7.
const DEFAULT_LANES: u64 = 0x0123_4567_89AB_CDE7;
/// A width of 1x or 4x: what a port may take before a manager says otherwise.
const WIDTHS_ENABLED: u8 = 0x03;
/// Widths of 1x, 2x, 4x, 8x and 12x.
pub(crate) const WIDTHS_SUPPORTED: u8 = 0x1F;
const WIDTH_4X: u8 = 2;
const WIDTH_1X: u8 = 1;
/// 2.5, 5 and 10 Gbit/s a lane.
pub(crate) const SPEEDS_SUPPORTED: u8 = 7;
/// Falls back to polling.
const DOWN_DEFAULT_POLLING: u8 = 2;

/// What a port counted, as performance management shows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Traffic {
    pub(crate) sent_words: u64,
    pub(crate) received_words: u64,
    pub(crate) sent: u64,
    pub(crate) received: u64,
    pub(crate) sent_discards: u32,
    pub(crate) receive_errors: u32,
    pub(crate) relay_errors: u32,
    pub(crate) constraint_errors: u32,
    pub(crate) symbol_errors: u32,
    pub(crate) links_downed: u32,
}

/// A port.
#[derive(Clone, Debug)]
pub(crate) struct Port {
    /// Number of its node.
    pub(crate) node: u32,
    pub(crate) number: u8,
    pub(crate) guid: Guid,
    /// Where its cable leads.
    pub(crate) peer: Option<PortId>,
    /// Somebody pulled the cable.
    pub(crate) is_cut: bool,
    /// The link has faults of its own.
    pub(crate) has_faults: bool,
    /// PortInfo, but for `local_port_number`, which depends on who asks.
    pub(crate) info: PortInfo,
    pub(crate) traffic: Traffic,
    /// Corrupted packets since the last trap about them.
    pub(crate) errors_in_row: u8,
    /// Counts the leases of the M_Key; odd while one runs out.
    pub(crate) lease: u32,
    /// How often a manager asked the port's host to register anew.
    pub(crate) reregistrations: u32,
    p_keys: Option<Box<[PKey]>>,
    lanes: Option<Box<[u64]>>,
    arbitration: Option<Box<[VlArbitration; 2]>>,
    guids: Option<Box<[Guid]>>,
}

impl Port {
    /// A port as it is after power on, with no link yet.
    pub(crate) fn new(node: u32, number: u8, guid: Guid, kind: NodeKind, settings: &Settings) -> Self {
        Self {
            node,
            number,
            guid,
            peer: None,
            is_cut: false,
            has_faults: false,
            info: Self::first_info(number, kind, settings),
            traffic: Traffic::default(),
            errors_in_row: 0,
            lease: 0,
            reregistrations: 0,
            p_keys: None,
            lanes: None,
            arbitration: None,
            guids: None,
        }
    }

    fn first_info(number: u8, kind: NodeKind, settings: &Settings) -> PortInfo {
        let is_external = kind == NodeKind::Switch && number != 0;
        let is_management = kind == NodeKind::Switch && number == 0;
        let mut info = PortInfo {
            link_width_enabled: WIDTHS_ENABLED,
            link_width_supported: WIDTHS_SUPPORTED,
            link_width_active: WIDTH_1X,
            link_speed_supported: SPEEDS_SUPPORTED,
            link_speed_enabled: SPEEDS_SUPPORTED,
            link_speed_active: 1,
            port_state: PortState::DOWN,
            port_physical_state: PortPhysicalState::POLLING,
            link_down_default_state: DOWN_DEFAULT_POLLING,
            neighbor_mtu: Mtu::B2048,
            mtu_cap: Mtu::B2048,
            vl_cap: settings.lane_capability,
            operational_vls: 1,
            vl_arbitration_high_cap: ARBITRATION_ENTRIES,
            vl_arbitration_low_cap: ARBITRATION_ENTRIES,
            vl_stall_count: 7,
            hoq_life: 0x1F,
            ..PortInfo::default()
        };
        if is_external {
            return info;
        }
        info.gid_prefix = Gid::DEFAULT_PREFIX;
        info.capability_mask = capabilities(kind);
        info.guid_cap = if is_management { 1 } else { GUIDS };
        info.subnet_timeout = 18;
        if is_management {
            // Port 0 is inside the switch: it is always there.
            info.port_state = PortState::ACTIVE;
            info.port_physical_state = PortPhysicalState::LINK_UP;
            info.link_width_active = WIDTH_4X;
            info.link_speed_active = 4;
        }
        info
    }

    /// The settings that it had after power on; its cable and its counters stay.
    pub(crate) fn forget(&mut self, kind: NodeKind, settings: &Settings) {
        self.info = Self::first_info(self.number, kind, settings);
        self.lease = self.lease.wrapping_add(2) & !1;
        (self.p_keys, self.lanes, self.arbitration, self.guids) = (None, None, None, None);
    }

    /// The link is there, and waits for a manager.
    pub(crate) fn initialize(&mut self) {
        self.info.port_state = PortState::INITIALIZE;
        self.info.port_physical_state = PortPhysicalState::LINK_UP;
        self.info.link_width_active = WIDTH_4X;
        self.info.link_speed_active = 4;
    }

    /// The link is gone.
    pub(crate) fn go_down(&mut self, physical: PortPhysicalState) {
        self.info.port_state = PortState::DOWN;
        self.info.port_physical_state = physical;
        self.info.link_width_active = WIDTH_1X;
        self.info.link_speed_active = 1;
        self.traffic.links_downed = self.traffic.links_downed.saturating_add(1);
    }

    pub(crate) fn is_up(&self) -> bool {
        self.info.port_state.0 > PortState::DOWN.0
    }

    pub(crate) fn is_active(&self) -> bool {
        self.info.port_state == PortState::ACTIVE
    }

    /// Whether the port itself admits a link.
    pub(crate) fn admits_link(&self) -> bool {
        !matches!(
            self.info.port_physical_state,
            PortPhysicalState::DISABLED | PortPhysicalState::SLEEP | PortPhysicalState::PHY_TEST
        )
    }

    /// Whether a LID is one of the port's.
    pub(crate) fn has_lid(&self, lid: Lid) -> bool {
        let base = self.info.lid;
        base != Lid::UNASSIGNED && lid.0 >= base.0 && lid.0 - base.0 < 1 << (self.info.lmc & 7)
    }

    /// The port's LID with the path bits of `wanted`.
    pub(crate) fn source_lid(&self, wanted: Lid) -> Lid {
        Lid(self.info.lid.0 | u16::from(wanted.path_bits(self.info.lmc & 7)))
    }

    pub(crate) fn gid(&self) -> Gid {
        Gid::new(self.info.gid_prefix, self.guid)
    }

    /// Whether a lane carries data.
    pub(crate) fn operates(&self, lane: u8) -> bool {
        lane < lane_count(self.info.operational_vls)
    }

    /// Entries of its table of partitions.
    pub(crate) fn partition_capacity(&self, kind: NodeKind) -> u16 {
        if kind == NodeKind::Switch && self.number == 0 { SWITCH_PARTITIONS } else { PARTITIONS }
    }

    /// One entry of the table of partitions.
    pub(crate) fn p_key(&self, index: usize) -> PKey {
        match &self.p_keys {
            Some(keys) => keys.get(index).copied().unwrap_or_default(),
            None if index == 0 => PKey::DEFAULT_FULL,
            None => PKey::default(),
        }
    }

    pub(crate) fn set_p_keys(&mut self, capacity: u16, first: usize, keys: &[PKey]) {
        let now: Vec<PKey> = (0..usize::from(capacity)).map(|index| self.p_key(index)).collect();
        let table = self.p_keys.insert(now.into());
        for (place, key) in table.iter_mut().skip(first).zip(keys) {
            *place = *key;
        }
    }

    /// Whether a packet of this partition may pass: one entry has its number, and one of both is a full member.
    pub(crate) fn is_in_partition(&self, key: PKey) -> bool {
        match &self.p_keys {
            None => matches(PKey::DEFAULT_FULL, key),
            Some(keys) => keys.iter().any(|entry| matches(*entry, key)),
        }
    }

    /// Lanes of the service levels for packets to `output`, 0 at an end port.
    pub(crate) fn lanes(&self, output: u8) -> u64 {
        self.lanes.as_ref().and_then(|rows| rows.get(usize::from(output))).copied().unwrap_or(DEFAULT_LANES)
    }

    /// `outputs`: how many there are, port 0 among them.
    pub(crate) fn set_lanes(&mut self, output: u8, outputs: usize, lanes: u64) {
        if self.lanes(output) == lanes {
            return;
        }
        let rows = self.lanes.get_or_insert_with(|| vec![DEFAULT_LANES; outputs].into());
        if let Some(row) = rows.get_mut(usize::from(output)) {
            *row = lanes;
        }
    }

    pub(crate) fn lane(&self, output: u8, level: ServiceLevel) -> u8 {
        (self.lanes(output) >> (60 - 4 * u32::from(level.get())) & 0xF) as u8
    }

    /// Of `priority` 0 (low) or 1 (high).
    pub(crate) fn arbitration(&self, priority: usize) -> VlArbitration {
        match &self.arbitration {
            Some(tables) => tables[priority & 1],
            None => first_arbitration(priority),
        }
    }

    pub(crate) fn set_arbitration(&mut self, priority: usize, table: VlArbitration) {
        let tables =
            self.arbitration.get_or_insert_with(|| Box::new([first_arbitration(0), first_arbitration(1)]));
        for (entry, new) in
            tables[priority & 1].entries.iter_mut().zip(table.entries).take(ARBITRATION_ENTRIES.into())
        {
            *entry = new;
        }
    }

    pub(crate) fn guid_at(&self, index: usize) -> Guid {
        match (&self.guids, index) {
            // The first cannot be written.
            (_, 0) => self.guid,
            (Some(guids), index) => guids.get(index).copied().unwrap_or_default(),
            (None, _) => Guid::default(),
        }
    }

    pub(crate) fn set_guids(&mut self, first: usize, guids: &[Guid]) {
        let capacity = self.info.guid_cap.into();
        let table = self.guids.get_or_insert_with(|| vec![Guid::default(); capacity].into());
        for (place, guid) in table.iter_mut().skip(first).zip(guids) {
            *place = *guid;
        }
    }
}

/// Data lanes behind a code of PortInfo.
pub(crate) const fn lane_count(code: u8) -> u8 {
    match code {
        0 | 1 => 1,
        2 => 2,
        3 => 4,
        4 => 8,
        _ => 15,
    }
}

/// Whether two keys name one partition, and one of them is a full member's.
pub(crate) const fn matches(one: PKey, other: PKey) -> bool {
    one.partition() != 0
        && one.partition() == other.partition()
        && (one.is_full_member() || other.is_full_member())
}

fn capabilities(kind: NodeKind) -> PortCapabilityMask {
    let all = [
        PortCapabilityMask::TRAP,
        PortCapabilityMask::SL_MAPPING,
        PortCapabilityMask::CLIENT_REREGISTRATION,
        PortCapabilityMask::CAPABILITY_MASK_NOTICE,
        PortCapabilityMask::OTHER_LOCAL_CHANGES_NOTICE,
    ];
    let mut mask = all.iter().fold(0, |mask, bit| mask | bit.0);
    if kind == NodeKind::Switch {
        mask |= PortCapabilityMask::MULTICAST_FDB_TOP.0;
        mask &= !PortCapabilityMask::CLIENT_REREGISTRATION.0;
    }
    PortCapabilityMask(mask)
}

/// The first lane has priority, the others take turns.
fn first_arbitration(priority: usize) -> VlArbitration {
    let mut table = VlArbitration::default();
    for (lane, entry) in (0..ARBITRATION_ENTRIES).zip(&mut table.entries) {
        let weight = if (lane == 0) == (priority == 1) { 4 } else { 0 };
        *entry = VlArbitrationEntry { lane: VirtualLane::new(lane).unwrap_or_default(), weight };
    }
    table
}
