//! Tables of ports and switches, and their records.

use ib_mad::wire::{
    GuidInfo, GuidInfoRecord, LinearForwardingTable, LinearForwardingTableRecord, MulticastForwardingTable,
    MulticastForwardingTableRecord, PKeyTable, PKeyTableRecord, SlToVlMapping, SlToVlMappingRecord,
    VlArbitration, VlArbitrationEntry, VlArbitrationRecord,
};
use ib_mad::{Guid, Lid, PKey, VirtualLane};
use quickcheck::Gen;

use super::{any, bytes};

fn lane(g: &mut Gen) -> VirtualLane {
    VirtualLane::new(any::<u8>(g) & 0xF).unwrap()
}

pub(crate) fn guid_info(g: &mut Gen) -> GuidInfo {
    GuidInfo { guids: core::array::from_fn(|_| Guid(any(g))) }
}

pub(crate) fn guid_info_record(g: &mut Gen) -> GuidInfoRecord {
    GuidInfoRecord { lid: Lid(any(g)), block_number: any(g), guid_info: guid_info(g) }
}

pub(crate) fn p_key_table(g: &mut Gen) -> PKeyTable {
    PKeyTable { p_keys: core::array::from_fn(|_| PKey(any(g))) }
}

pub(crate) fn p_key_table_record(g: &mut Gen) -> PKeyTableRecord {
    PKeyTableRecord {
        lid: Lid(any(g)),
        block_number: any(g),
        port_number: any(g),
        p_key_table: p_key_table(g),
    }
}

pub(crate) fn sl_to_vl_mapping(g: &mut Gen) -> SlToVlMapping {
    SlToVlMapping { lanes: core::array::from_fn(|_| lane(g)) }
}

pub(crate) fn sl_to_vl_mapping_record(g: &mut Gen) -> SlToVlMappingRecord {
    SlToVlMappingRecord {
        lid: Lid(any(g)),
        input_port: any(g),
        output_port: any(g),
        sl_to_vl_mapping: sl_to_vl_mapping(g),
    }
}

pub(crate) fn vl_arbitration(g: &mut Gen) -> VlArbitration {
    VlArbitration { entries: core::array::from_fn(|_| VlArbitrationEntry { lane: lane(g), weight: any(g) }) }
}

pub(crate) fn vl_arbitration_record(g: &mut Gen) -> VlArbitrationRecord {
    VlArbitrationRecord {
        lid: Lid(any(g)),
        output_port: any(g),
        block_number: any(g),
        vl_arbitration: vl_arbitration(g),
    }
}

pub(crate) fn linear_forwarding_table(g: &mut Gen) -> LinearForwardingTable {
    LinearForwardingTable { ports: bytes(g) }
}

pub(crate) fn linear_forwarding_table_record(g: &mut Gen) -> LinearForwardingTableRecord {
    LinearForwardingTableRecord {
        lid: Lid(any(g)),
        block_number: any(g),
        linear_forwarding_table: linear_forwarding_table(g),
    }
}

pub(crate) fn multicast_forwarding_table(g: &mut Gen) -> MulticastForwardingTable {
    MulticastForwardingTable { port_masks: core::array::from_fn(|_| any(g)) }
}

pub(crate) fn multicast_forwarding_table_record(g: &mut Gen) -> MulticastForwardingTableRecord {
    MulticastForwardingTableRecord {
        lid: Lid(any(g)),
        position: any::<u8>(g) & 0xF,
        block_number: any::<u16>(g) & 0x1FF,
        multicast_forwarding_table: multicast_forwarding_table(g),
    }
}
