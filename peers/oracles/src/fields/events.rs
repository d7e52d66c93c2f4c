//! Notices and subscriptions.

use ib_mad::wire::{InformInfo, InformInfoRecord, Notice, Producer, ProducerType, TrapNumber};

use super::{Field, Layout, attribute, field, of};

/// A producer as the three fields that it is made of.
fn parts(producer: Producer) -> (bool, u32, u16) {
    match producer {
        Producer::Generic { producer_type, trap_number } => (true, producer_type.0, trap_number.0),
        Producer::Vendor { vendor_id, device_id } => (false, vendor_id, device_id),
    }
}

fn producer((is_generic, kind, number): (bool, u32, u16)) -> Producer {
    if is_generic {
        Producer::Generic { producer_type: ProducerType(kind), trap_number: TrapNumber(number) }
    } else {
        Producer::Vendor { vendor_id: kind, device_id: number }
    }
}

/// The three fields of a producer at `$path`.
macro_rules! producer_fields {
    ($type:ty, $prefix:literal, $is_generic_bits:literal, $($path:ident).+) => {
        [
            field::<$type, _>(
                concat!($prefix, "is_generic"),
                $is_generic_bits,
                |structure| parts(structure.$($path).+).0,
                |structure, value| {
                    let (_, kind, number) = parts(structure.$($path).+);
                    structure.$($path).+ = producer((value, kind, number));
                },
            ),
            field::<$type, _>(
                concat!($prefix, "producer_type_or_vendor_id"),
                24,
                |structure| parts(structure.$($path).+).1,
                |structure, value| {
                    let (is_generic, _, number) = parts(structure.$($path).+);
                    structure.$($path).+ = producer((is_generic, value, number));
                },
            ),
            field::<$type, _>(
                concat!($prefix, "trap_number_or_device_id"),
                16,
                |structure| parts(structure.$($path).+).2,
                |structure, value| {
                    let (is_generic, kind, _) = parts(structure.$($path).+);
                    structure.$($path).+ = producer((is_generic, kind, value));
                },
            ),
        ]
    };
}

pub(super) fn layouts() -> Vec<Layout> {
    let mut notice = attribute!(fields Notice {
        notice_type: 7,
        issuer_lid: 16,
        notice_toggle: 1,
        notice_count: 15,
        data_details: 432,
        issuer_gid: 128,
    });
    notice.extend(producer_fields!(Notice, "", 1, producer));
    let mut inform_info = attribute!(fields InformInfo {
        gid: 128,
        lid_range_begin: 16,
        lid_range_end: 16,
        subscribe: 1,
        notice_type: 16,
        qpn: 24,
        response_time_value: 5,
    });
    inform_info.extend(producer_fields!(InformInfo, "", 1, producer));
    let mut record = attribute!(fields InformInfoRecord {
        subscriber_gid: 128,
        subscriber_enum: 16,
        inform_info.gid: 128,
        inform_info.lid_range_begin: 16,
        inform_info.lid_range_end: 16,
        inform_info.subscribe: 1,
        inform_info.notice_type: 16,
        inform_info.qpn: 24,
        inform_info.response_time_value: 5,
    });
    record.extend(producer_fields!(InformInfoRecord, "inform_info.", 1, inform_info.producer));
    vec![of::<Notice>(notice), of::<InformInfo>(inform_info), of::<InformInfoRecord>(record)]
}
