//! PortInfo (IBTA volume 1, 14.2.5.6): settings and state of a port.

use zerocopy::big_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::u24::U24;
use super::{Attribute, PortCapabilityMask, PortPhysicalState, PortState};
use crate::types::{Lid, MKey, Mtu, ServiceLevel};

/// The attribute as it lies in a datagram.
#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct PortInfoView {
    m_key: U64,
    gid_prefix: U64,
    lid: U16,
    master_sm_lid: U16,
    capability_mask: U32,
    diag_code: U16,
    m_key_lease_period: U16,
    local_port_number: u8,
    link_width_enabled: u8,
    link_width_supported: u8,
    link_width_active: u8,
    speed_and_state: u8,
    physical_and_down_default_state: u8,
    m_key_protect_and_lmc: u8,
    link_speeds: u8,
    neighbor_mtu_and_master_sm_sl: u8,
    vl_cap_and_init_type: u8,
    vl_high_limit: u8,
    vl_arbitration_high_cap: u8,
    vl_arbitration_low_cap: u8,
    init_type_reply_and_mtu_cap: u8,
    vl_stall_and_hoq_life: u8,
    operational_vls_and_enforcement: u8,
    m_key_violations: U16,
    p_key_violations: U16,
    q_key_violations: U16,
    guid_cap: u8,
    reregister_and_subnet_timeout: u8,
    response_time: u8,
    error_thresholds: u8,
    max_credit_hint: U16,
    reserved: u8,
    link_round_trip_latency: U24,
    capability_mask2: U16,
    link_speeds_ext: u8,
    link_speed_ext: u8,
}

const _: () = assert!(size_of::<PortInfoView>() == 64);

impl PortInfoView {
    /// Key that protects the port's settings; read as 0 by whoever does not present it, if the port is so protected.
    #[inline]
    pub fn m_key(&self) -> MKey {
        MKey(self.m_key.get())
    }
    /// Subnet that the port is in.
    #[inline]
    pub fn gid_prefix(&self) -> u64 {
        self.gid_prefix.get()
    }
    /// Base of the port's LIDs.
    #[inline]
    pub fn lid(&self) -> Lid {
        Lid(self.lid.get())
    }
    /// LID of the subnet's master manager.
    #[inline]
    pub fn master_sm_lid(&self) -> Lid {
        Lid(self.master_sm_lid.get())
    }
    /// What the port can do.
    #[inline]
    pub fn capability_mask(&self) -> PortCapabilityMask {
        PortCapabilityMask(self.capability_mask.get())
    }
    /// Diagnostic code, 0 if there is nothing to report.
    #[inline]
    pub fn diag_code(&self) -> u16 {
        self.diag_code.get()
    }
    /// Seconds without its manager after which the key no longer protects, 0 for never.
    #[inline]
    pub fn m_key_lease_period(&self) -> u16 {
        self.m_key_lease_period.get()
    }
    /// Number of the port on which the request came in.
    #[inline]
    pub fn local_port_number(&self) -> u8 {
        self.local_port_number
    }
    /// Widths that the link may take, a bit each.
    #[inline]
    pub fn link_width_enabled(&self) -> u8 {
        self.link_width_enabled
    }
    /// Widths that the port can take, a bit each.
    #[inline]
    pub fn link_width_supported(&self) -> u8 {
        self.link_width_supported
    }
    /// Width that the link has: 1, 2, 4, 8, 16 for 1x, 4x, 8x, 12x, 2x.
    #[inline]
    pub fn link_width_active(&self) -> u8 {
        self.link_width_active
    }
    /// Speeds that the port can take, 4 bits.
    #[inline]
    pub fn link_speed_supported(&self) -> u8 {
        self.speed_and_state >> 4
    }
    /// State of the link.
    #[inline]
    pub fn port_state(&self) -> PortState {
        PortState(self.speed_and_state & 0xF)
    }
    /// State of the physical link.
    #[inline]
    pub fn port_physical_state(&self) -> PortPhysicalState {
        PortPhysicalState(self.physical_and_down_default_state >> 4)
    }
    /// State that the physical link falls back to, 4 bits: 1 sleep, 2 polling.
    #[inline]
    pub fn link_down_default_state(&self) -> u8 {
        self.physical_and_down_default_state & 0xF
    }
    /// How far the key protects, 2 bits.
    #[inline]
    pub fn m_key_protect_bits(&self) -> u8 {
        self.m_key_protect_and_lmc >> 6
    }
    /// The port has two to the power of this LIDs, 3 bits.
    #[inline]
    pub fn lmc(&self) -> u8 {
        self.m_key_protect_and_lmc & 0x7
    }
    /// Speed that the link has, 4 bits: 1, 2, 4 for 2.5, 5, 10 Gbit/s a lane.
    #[inline]
    pub fn link_speed_active(&self) -> u8 {
        self.link_speeds >> 4
    }
    /// Speeds that the link may take, 4 bits.
    #[inline]
    pub fn link_speed_enabled(&self) -> u8 {
        self.link_speeds & 0xF
    }
    /// Largest payload on the link, code of 4 bits.
    #[inline]
    pub fn neighbor_mtu(&self) -> Mtu {
        Mtu(self.neighbor_mtu_and_master_sm_sl >> 4)
    }
    /// Service level for packets to the subnet's manager.
    #[inline]
    pub fn master_sm_sl(&self) -> ServiceLevel {
        ServiceLevel::from_low_bits(self.neighbor_mtu_and_master_sm_sl)
    }
    /// Data lanes that the port has, code of 4 bits: 1 to 5 for 1, 2, 4, 8, 15.
    #[inline]
    pub fn vl_cap(&self) -> u8 {
        self.vl_cap_and_init_type >> 4
    }
    /// Kind of initialisation that the port asks for, 4 bits.
    #[inline]
    pub fn init_type(&self) -> u8 {
        self.vl_cap_and_init_type & 0xF
    }
    /// How much goes out on lanes of high priority before the low ones have their turn, in units of 4096 bytes.
    #[inline]
    pub fn vl_high_limit(&self) -> u8 {
        self.vl_high_limit
    }
    /// Entries of the arbitration table of high priority.
    #[inline]
    pub fn vl_arbitration_high_cap(&self) -> u8 {
        self.vl_arbitration_high_cap
    }
    /// Entries of the arbitration table of low priority.
    #[inline]
    pub fn vl_arbitration_low_cap(&self) -> u8 {
        self.vl_arbitration_low_cap
    }
    /// Kind of initialisation that was done, 4 bits.
    #[inline]
    pub fn init_type_reply(&self) -> u8 {
        self.init_type_reply_and_mtu_cap >> 4
    }
    /// Largest payload that the port can take, code of 4 bits.
    #[inline]
    pub fn mtu_cap(&self) -> Mtu {
        Mtu(self.init_type_reply_and_mtu_cap & 0xF)
    }
    /// Packets dropped in a row before a lane counts as stalled, 3 bits.
    #[inline]
    pub fn vl_stall_count(&self) -> u8 {
        self.vl_stall_and_hoq_life >> 5
    }
    /// How long a packet may wait at the head of a lane: 4.096 µs times two to the power of this, 5 bits; above 19, for ever.
    #[inline]
    pub fn hoq_life(&self) -> u8 {
        self.vl_stall_and_hoq_life & 0x1F
    }
    /// Data lanes in use, code of 4 bits: 1 to 5 for 1, 2, 4, 8, 15.
    #[inline]
    pub fn operational_vls(&self) -> u8 {
        self.operational_vls_and_enforcement >> 4
    }
    /// Checks partitions of packets coming in.
    #[inline]
    pub fn partition_enforcement_inbound(&self) -> bool {
        self.operational_vls_and_enforcement & 0x8 != 0
    }
    /// Checks partitions of packets going out.
    #[inline]
    pub fn partition_enforcement_outbound(&self) -> bool {
        self.operational_vls_and_enforcement & 0x4 != 0
    }
    /// Drops raw packets coming in.
    #[inline]
    pub fn filter_raw_inbound(&self) -> bool {
        self.operational_vls_and_enforcement & 0x2 != 0
    }
    /// Drops raw packets going out.
    #[inline]
    pub fn filter_raw_outbound(&self) -> bool {
        self.operational_vls_and_enforcement & 0x1 != 0
    }
    /// Requests with a wrong M_Key; stops at 65535.
    #[inline]
    pub fn m_key_violations(&self) -> u16 {
        self.m_key_violations.get()
    }
    /// Packets with a wrong P_Key; stops at 65535.
    #[inline]
    pub fn p_key_violations(&self) -> u16 {
        self.p_key_violations.get()
    }
    /// Packets with a wrong Q_Key; stops at 65535.
    #[inline]
    pub fn q_key_violations(&self) -> u16 {
        self.q_key_violations.get()
    }
    /// GUIDs that the port can have.
    #[inline]
    pub fn guid_cap(&self) -> u8 {
        self.guid_cap
    }
    /// The manager lost its records: subscribe and join again.
    #[inline]
    pub fn client_reregister(&self) -> bool {
        self.reregister_and_subnet_timeout & 0x80 != 0
    }
    /// Whether multicast packets of a foreign partition raise no trap, 2 bits.
    #[inline]
    pub fn multicast_p_key_trap_suppression_enabled(&self) -> u8 {
        (self.reregister_and_subnet_timeout >> 5) & 0x3
    }
    /// How long a packet may be on the way in the subnet: 4.096 µs times two to the power of this, 5 bits.
    #[inline]
    pub fn subnet_timeout(&self) -> u8 {
        self.reregister_and_subnet_timeout & 0x1F
    }
    /// How long the port may take to answer: 4.096 µs times two to the power of this, 5 bits.
    #[inline]
    pub fn response_time_value(&self) -> u8 {
        self.response_time & 0x1F
    }
    /// Symbol errors in a row that raise a trap, 4 bits.
    #[inline]
    pub fn local_phy_errors(&self) -> u8 {
        self.error_thresholds >> 4
    }
    /// Buffer overruns in a row that raise a trap, 4 bits.
    #[inline]
    pub fn overrun_errors(&self) -> u8 {
        self.error_thresholds & 0xF
    }
    /// Credits that the port can make use of, in units of 64 bytes.
    #[inline]
    pub fn max_credit_hint(&self) -> u16 {
        self.max_credit_hint.get()
    }
    /// Time to the other end and back, in units of 4 bytes on a 1x link of 2.5 Gbit/s, 24 bits.
    #[inline]
    pub fn link_round_trip_latency(&self) -> u32 {
        self.link_round_trip_latency.get()
    }
    /// More of what the port can do; valid if `IsCapabilityMask2Supported`.
    #[inline]
    pub fn capability_mask2(&self) -> u16 {
        self.capability_mask2.get()
    }
    /// Speed beyond 10 Gbit/s a lane that the link has, 4 bits: 1, 2, 4, 8 for 14, 25, 50, 100.
    #[inline]
    pub fn link_speed_ext_active(&self) -> u8 {
        self.link_speeds_ext >> 4
    }
    /// Speeds beyond 10 Gbit/s a lane that the port can take, 4 bits.
    #[inline]
    pub fn link_speed_ext_supported(&self) -> u8 {
        self.link_speeds_ext & 0xF
    }
    /// Speeds beyond 10 Gbit/s a lane that the link may take, 5 bits.
    #[inline]
    pub fn link_speed_ext_enabled(&self) -> u8 {
        self.link_speed_ext & 0x1F
    }
}

/// Settings and state of a port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortInfo {
    /// Key that protects the port's settings; read as 0 by whoever does not present it, if the port is so protected.
    pub m_key: MKey,
    /// Subnet that the port is in.
    pub gid_prefix: u64,
    /// Base of the port's LIDs.
    pub lid: Lid,
    /// LID of the subnet's master manager.
    pub master_sm_lid: Lid,
    /// What the port can do.
    pub capability_mask: PortCapabilityMask,
    /// Diagnostic code, 0 if there is nothing to report.
    pub diag_code: u16,
    /// Seconds without its manager after which the key no longer protects, 0 for never.
    pub m_key_lease_period: u16,
    /// Number of the port on which the request came in.
    pub local_port_number: u8,
    /// Widths that the link may take, a bit each.
    pub link_width_enabled: u8,
    /// Widths that the port can take, a bit each.
    pub link_width_supported: u8,
    /// Width that the link has: 1, 2, 4, 8, 16 for 1x, 4x, 8x, 12x, 2x.
    pub link_width_active: u8,
    /// Speeds that the port can take, 4 bits.
    pub link_speed_supported: u8,
    /// State of the link.
    pub port_state: PortState,
    /// State of the physical link.
    pub port_physical_state: PortPhysicalState,
    /// State that the physical link falls back to, 4 bits: 1 sleep, 2 polling.
    pub link_down_default_state: u8,
    /// How far the key protects, 2 bits.
    pub m_key_protect_bits: u8,
    /// The port has two to the power of this LIDs, 3 bits.
    pub lmc: u8,
    /// Speed that the link has, 4 bits: 1, 2, 4 for 2.5, 5, 10 Gbit/s a lane.
    pub link_speed_active: u8,
    /// Speeds that the link may take, 4 bits.
    pub link_speed_enabled: u8,
    /// Largest payload on the link, code of 4 bits.
    pub neighbor_mtu: Mtu,
    /// Service level for packets to the subnet's manager.
    pub master_sm_sl: ServiceLevel,
    /// Data lanes that the port has, code of 4 bits: 1 to 5 for 1, 2, 4, 8, 15.
    pub vl_cap: u8,
    /// Kind of initialisation that the port asks for, 4 bits.
    pub init_type: u8,
    /// How much goes out on lanes of high priority before the low ones have their turn, in units of 4096 bytes.
    pub vl_high_limit: u8,
    /// Entries of the arbitration table of high priority.
    pub vl_arbitration_high_cap: u8,
    /// Entries of the arbitration table of low priority.
    pub vl_arbitration_low_cap: u8,
    /// Kind of initialisation that was done, 4 bits.
    pub init_type_reply: u8,
    /// Largest payload that the port can take, code of 4 bits.
    pub mtu_cap: Mtu,
    /// Packets dropped in a row before a lane counts as stalled, 3 bits.
    pub vl_stall_count: u8,
    /// How long a packet may wait at the head of a lane: 4.096 µs times two to the power of this, 5 bits; above 19, for ever.
    pub hoq_life: u8,
    /// Data lanes in use, code of 4 bits: 1 to 5 for 1, 2, 4, 8, 15.
    pub operational_vls: u8,
    /// Checks partitions of packets coming in.
    pub partition_enforcement_inbound: bool,
    /// Checks partitions of packets going out.
    pub partition_enforcement_outbound: bool,
    /// Drops raw packets coming in.
    pub filter_raw_inbound: bool,
    /// Drops raw packets going out.
    pub filter_raw_outbound: bool,
    /// Requests with a wrong M_Key; stops at 65535.
    pub m_key_violations: u16,
    /// Packets with a wrong P_Key; stops at 65535.
    pub p_key_violations: u16,
    /// Packets with a wrong Q_Key; stops at 65535.
    pub q_key_violations: u16,
    /// GUIDs that the port can have.
    pub guid_cap: u8,
    /// The manager lost its records: subscribe and join again.
    pub client_reregister: bool,
    /// Whether multicast packets of a foreign partition raise no trap, 2 bits.
    pub multicast_p_key_trap_suppression_enabled: u8,
    /// How long a packet may be on the way in the subnet: 4.096 µs times two to the power of this, 5 bits.
    pub subnet_timeout: u8,
    /// How long the port may take to answer: 4.096 µs times two to the power of this, 5 bits.
    pub response_time_value: u8,
    /// Symbol errors in a row that raise a trap, 4 bits.
    pub local_phy_errors: u8,
    /// Buffer overruns in a row that raise a trap, 4 bits.
    pub overrun_errors: u8,
    /// Credits that the port can make use of, in units of 64 bytes.
    pub max_credit_hint: u16,
    /// Time to the other end and back, in units of 4 bytes on a 1x link of 2.5 Gbit/s, 24 bits.
    pub link_round_trip_latency: u32,
    /// More of what the port can do; valid if `IsCapabilityMask2Supported`.
    pub capability_mask2: u16,
    /// Speed beyond 10 Gbit/s a lane that the link has, 4 bits: 1, 2, 4, 8 for 14, 25, 50, 100.
    pub link_speed_ext_active: u8,
    /// Speeds beyond 10 Gbit/s a lane that the port can take, 4 bits.
    pub link_speed_ext_supported: u8,
    /// Speeds beyond 10 Gbit/s a lane that the link may take, 5 bits.
    pub link_speed_ext_enabled: u8,
}

impl Attribute for PortInfo {
    type View = PortInfoView;
    const NAME: &'static str = "PortInfo";

    fn from_view(view: &PortInfoView) -> Self {
        Self {
            m_key: view.m_key(),
            gid_prefix: view.gid_prefix(),
            lid: view.lid(),
            master_sm_lid: view.master_sm_lid(),
            capability_mask: view.capability_mask(),
            diag_code: view.diag_code(),
            m_key_lease_period: view.m_key_lease_period(),
            local_port_number: view.local_port_number(),
            link_width_enabled: view.link_width_enabled(),
            link_width_supported: view.link_width_supported(),
            link_width_active: view.link_width_active(),
            link_speed_supported: view.link_speed_supported(),
            port_state: view.port_state(),
            port_physical_state: view.port_physical_state(),
            link_down_default_state: view.link_down_default_state(),
            m_key_protect_bits: view.m_key_protect_bits(),
            lmc: view.lmc(),
            link_speed_active: view.link_speed_active(),
            link_speed_enabled: view.link_speed_enabled(),
            neighbor_mtu: view.neighbor_mtu(),
            master_sm_sl: view.master_sm_sl(),
            vl_cap: view.vl_cap(),
            init_type: view.init_type(),
            vl_high_limit: view.vl_high_limit(),
            vl_arbitration_high_cap: view.vl_arbitration_high_cap(),
            vl_arbitration_low_cap: view.vl_arbitration_low_cap(),
            init_type_reply: view.init_type_reply(),
            mtu_cap: view.mtu_cap(),
            vl_stall_count: view.vl_stall_count(),
            hoq_life: view.hoq_life(),
            operational_vls: view.operational_vls(),
            partition_enforcement_inbound: view.partition_enforcement_inbound(),
            partition_enforcement_outbound: view.partition_enforcement_outbound(),
            filter_raw_inbound: view.filter_raw_inbound(),
            filter_raw_outbound: view.filter_raw_outbound(),
            m_key_violations: view.m_key_violations(),
            p_key_violations: view.p_key_violations(),
            q_key_violations: view.q_key_violations(),
            guid_cap: view.guid_cap(),
            client_reregister: view.client_reregister(),
            multicast_p_key_trap_suppression_enabled: view.multicast_p_key_trap_suppression_enabled(),
            subnet_timeout: view.subnet_timeout(),
            response_time_value: view.response_time_value(),
            local_phy_errors: view.local_phy_errors(),
            overrun_errors: view.overrun_errors(),
            max_credit_hint: view.max_credit_hint(),
            link_round_trip_latency: view.link_round_trip_latency(),
            capability_mask2: view.capability_mask2(),
            link_speed_ext_active: view.link_speed_ext_active(),
            link_speed_ext_supported: view.link_speed_ext_supported(),
            link_speed_ext_enabled: view.link_speed_ext_enabled(),
        }
    }

    fn to_view(&self) -> PortInfoView {
        PortInfoView {
            m_key: U64::new(self.m_key.0),
            gid_prefix: U64::new(self.gid_prefix),
            lid: U16::new(self.lid.0),
            master_sm_lid: U16::new(self.master_sm_lid.0),
            capability_mask: U32::new(self.capability_mask.0),
            diag_code: U16::new(self.diag_code),
            m_key_lease_period: U16::new(self.m_key_lease_period),
            local_port_number: self.local_port_number,
            link_width_enabled: self.link_width_enabled,
            link_width_supported: self.link_width_supported,
            link_width_active: self.link_width_active,
            speed_and_state: (self.link_speed_supported << 4) | (self.port_state.0 & 0xF),
            physical_and_down_default_state: (self.port_physical_state.0 << 4)
                | (self.link_down_default_state & 0xF),
            m_key_protect_and_lmc: (self.m_key_protect_bits << 6) | (self.lmc & 0x7),
            link_speeds: (self.link_speed_active << 4) | (self.link_speed_enabled & 0xF),
            neighbor_mtu_and_master_sm_sl: (self.neighbor_mtu.0 << 4) | self.master_sm_sl.get(),
            vl_cap_and_init_type: (self.vl_cap << 4) | (self.init_type & 0xF),
            vl_high_limit: self.vl_high_limit,
            vl_arbitration_high_cap: self.vl_arbitration_high_cap,
            vl_arbitration_low_cap: self.vl_arbitration_low_cap,
            init_type_reply_and_mtu_cap: (self.init_type_reply << 4) | (self.mtu_cap.0 & 0xF),
            vl_stall_and_hoq_life: (self.vl_stall_count << 5) | (self.hoq_life & 0x1F),
            operational_vls_and_enforcement: (self.operational_vls << 4)
                | (u8::from(self.partition_enforcement_inbound) << 3)
                | (u8::from(self.partition_enforcement_outbound) << 2)
                | (u8::from(self.filter_raw_inbound) << 1)
                | u8::from(self.filter_raw_outbound),
            m_key_violations: U16::new(self.m_key_violations),
            p_key_violations: U16::new(self.p_key_violations),
            q_key_violations: U16::new(self.q_key_violations),
            guid_cap: self.guid_cap,
            reregister_and_subnet_timeout: (u8::from(self.client_reregister) << 7)
                | ((self.multicast_p_key_trap_suppression_enabled & 0x3) << 5)
                | (self.subnet_timeout & 0x1F),
            response_time: self.response_time_value & 0x1F,
            error_thresholds: (self.local_phy_errors << 4) | (self.overrun_errors & 0xF),
            max_credit_hint: U16::new(self.max_credit_hint),
            reserved: 0,
            link_round_trip_latency: U24::new(self.link_round_trip_latency),
            capability_mask2: U16::new(self.capability_mask2),
            link_speeds_ext: (self.link_speed_ext_active << 4) | (self.link_speed_ext_supported & 0xF),
            link_speed_ext: self.link_speed_ext_enabled & 0x1F,
        }
    }
}
