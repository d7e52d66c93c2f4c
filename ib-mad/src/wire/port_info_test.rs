//! PortInfo.

use super::*;
use crate::types::{Lid, MKey, Mtu, ServiceLevel};

fn example() -> PortInfo {
    PortInfo {
        m_key: MKey(0x0102_0304_0506_0708),
        gid_prefix: 0x1112_1314_1516_1718,
        lid: Lid(0x2122),
        master_sm_lid: Lid(0x2324),
        capability_mask: PortCapabilityMask(0x2526_2728),
        diag_code: 0x292A,
        m_key_lease_period: 0x2B2C,
        local_port_number: 0x2D,
        link_width_enabled: 0x2E,
        link_width_supported: 0x2F,
        link_width_active: 0x30,
        link_speed_supported: 7,
        port_state: PortState::ACTIVE,
        port_physical_state: PortPhysicalState::LINK_UP,
        link_down_default_state: 2,
        m_key_protect_bits: 3,
        lmc: 5,
        link_speed_active: 4,
        link_speed_enabled: 6,
        neighbor_mtu: Mtu(5),
        master_sm_sl: ServiceLevel::from_low_bits(9),
        vl_cap: 3,
        init_type: 8,
        vl_high_limit: 0x31,
        vl_arbitration_high_cap: 0x32,
        vl_arbitration_low_cap: 0x33,
        init_type_reply: 0xA,
        mtu_cap: Mtu(4),
        vl_stall_count: 5,
        hoq_life: 0x12,
        operational_vls: 0xB,
        partition_enforcement_inbound: true,
        partition_enforcement_outbound: false,
        filter_raw_inbound: true,
        filter_raw_outbound: false,
        m_key_violations: 0x3435,
        p_key_violations: 0x3637,
        q_key_violations: 0x3839,
        guid_cap: 0x3A,
        client_reregister: true,
        multicast_p_key_trap_suppression_enabled: 1,
        subnet_timeout: 0x12,
        response_time_value: 0x1E,
        local_phy_errors: 0xC,
        overrun_errors: 0xD,
        max_credit_hint: 0x3B3C,
        link_round_trip_latency: 0x3D_3E3F,
        capability_mask2: 0x4041,
        link_speed_ext_active: 2,
        link_speed_ext_supported: 7,
        link_speed_ext_enabled: 0x1F,
    }
}

#[test]
fn fields_are_where_the_layout_says() {
    let mut out = [0xFF; 64];
    assert_eq!(example().emit(&mut out), Ok(64));
    assert_eq!(out[..16], [1, 2, 3, 4, 5, 6, 7, 8, 17, 18, 19, 20, 21, 22, 23, 24]);
    assert_eq!(
        out[16..32],
        [0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28, 0x29, 0x2A, 0x2B, 0x2C, 0x2D, 0x2E, 0x2F, 0x30]
    );
    assert_eq!(
        out[32..48],
        [0x74, 0x52, 0xC5, 0x46, 0x59, 0x38, 0x31, 0x32, 0x33, 0xA4, 0xB2, 0xBA, 0x34, 0x35, 0x36, 0x37]
    );
    assert_eq!(
        out[48..],
        [0x38, 0x39, 0x3A, 0xB2, 0x1E, 0xCD, 0x3B, 0x3C, 0, 0x3D, 0x3E, 0x3F, 0x40, 0x41, 0x27, 0x1F]
    );
    assert_eq!(PortInfo::parse(&out), Ok(example()));
}

#[test]
fn fields_do_not_spill_into_their_neighbours() {
    let wide = PortInfo {
        lmc: 0xFF,
        vl_cap: 0xFF,
        link_speed_enabled: 0xFF,
        multicast_p_key_trap_suppression_enabled: 0xFF,
        link_round_trip_latency: u32::MAX,
        ..PortInfo::default()
    };
    let mut out = [0xFF; 64];
    assert_eq!(wide.emit(&mut out), Ok(64));
    assert_eq!((out[34], out[35], out[37], out[51], out[56]), (0x07, 0x0F, 0xF0, 0x60, 0));
}
