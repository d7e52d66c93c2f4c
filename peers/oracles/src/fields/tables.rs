//! Tables of ports and switches. What is narrower than a byte, or known to an oracle one by one, is listed one by one.

use ib_mad::wire::{
    GuidInfo, GuidInfoRecord, LinearForwardingTable, LinearForwardingTableRecord, MulticastForwardingTable,
    MulticastForwardingTableRecord, PKeyTable, PKeyTableRecord, SlToVlMapping, SlToVlMappingRecord,
    VlArbitration, VlArbitrationRecord,
};

use super::{Field, Layout, attribute, field, of};

/// Elements of an array at a path, or a part of each, every one with its number in its name.
macro_rules! elements {
    ($type:ty, $name:literal, $bits:literal, $path:tt $part:tt [$($index:literal)+]) => {
        [$(field::<$type, _>(
            concat!($name, $index),
            $bits,
            |structure| elements!(at structure $path $index $part),
            |structure, value| elements!(at structure $path $index $part) = value,
        )),+]
    };
    (at $structure:ident ($($path:ident).+) $index:literal ($($part:ident)?)) => {
        $structure.$($path).+[$index]$(.$part)?
    };
}

macro_rules! guids {
    ($type:ty, $prefix:literal, $path:tt) => {
        elements!($type, $prefix, 64, $path () [0 1 2 3 4 5 6 7])
    };
}

macro_rules! lanes {
    ($type:ty, $prefix:literal, $path:tt) => {
        elements!($type, $prefix, 4, $path () [0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15])
    };
}

macro_rules! turns {
    ($type:ty, $prefix:literal, $bits:literal, $path:tt $part:tt) => {
        elements!($type, $prefix, $bits, $path $part [
            0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31
        ])
    };
}

fn with<const N: usize>(mut fields: Vec<Field>, elements: [Field; N]) -> Vec<Field> {
    fields.extend(elements);
    fields
}

pub(super) fn layouts() -> Vec<Layout> {
    let arbitration = with(
        turns!(VlArbitration, "lane_", 4, (entries)(lane)).into(),
        turns!(VlArbitration, "weight_", 8, (entries)(weight)),
    );
    let arbitration_record = with(
        attribute!(fields VlArbitrationRecord { lid: 16, output_port: 8, block_number: 8 }),
        turns!(VlArbitrationRecord, "vl_arbitration.lane_", 4, (vl_arbitration.entries)(lane)),
    );
    let arbitration_record = with(
        arbitration_record,
        turns!(VlArbitrationRecord, "vl_arbitration.weight_", 8, (vl_arbitration.entries)(weight)),
    );
    vec![
        of::<GuidInfo>(guids!(GuidInfo, "guid_", (guids)).into()),
        of::<GuidInfoRecord>(with(
            attribute!(fields GuidInfoRecord { lid: 16, block_number: 8 }),
            guids!(GuidInfoRecord, "guid_info.guid_", (guid_info.guids)),
        )),
        attribute!(PKeyTable { p_keys: 512 }),
        attribute!(PKeyTableRecord { lid: 16, block_number: 16, port_number: 8, p_key_table.p_keys: 512 }),
        of::<SlToVlMapping>(lanes!(SlToVlMapping, "lane_", (lanes)).into()),
        of::<SlToVlMappingRecord>(with(
            attribute!(fields SlToVlMappingRecord { lid: 16, input_port: 8, output_port: 8 }),
            lanes!(SlToVlMappingRecord, "sl_to_vl_mapping.lane_", (sl_to_vl_mapping.lanes)),
        )),
        of::<VlArbitration>(arbitration),
        of::<VlArbitrationRecord>(arbitration_record),
        attribute!(LinearForwardingTable { ports: 512 }),
        attribute!(LinearForwardingTableRecord {
            lid: 16,
            block_number: 16,
            linear_forwarding_table.ports: 512,
        }),
        attribute!(MulticastForwardingTable { port_masks: 512 }),
        attribute!(MulticastForwardingTableRecord {
            lid: 16,
            position: 4,
            block_number: 9,
            multicast_forwarding_table.port_masks: 512,
        }),
    ]
}
