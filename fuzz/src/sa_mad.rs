use ib_mad::wire::{
    Attribute, AttributeId, ClassPortInfo, GuidInfoRecord, InformInfo, InformInfoRecord,
    LinearForwardingTableRecord, LinkRecord, McMemberRecord, MultiPathGids, MultiPathRecord,
    MulticastForwardingTableRecord, NodeRecord, Notice, PKeyTableRecord, PathRecord, PortInfoRecord,
    SaMadView, ServiceRecord, SlToVlMappingRecord, SmInfoRecord, SwitchInfoRecord, VlArbitrationRecord,
};

use crate::layout::{check, checked};
use crate::notice::check_repath;

/// A datagram of subnet administration and the attribute that its header names. Bytes that are no such datagram are
/// taken for the attribute themselves, told by the first one.
pub fn sa_mad(data: &[u8]) {
    match SaMadView::new(data) {
        Ok(mad) => attribute(mad.header().attribute_id(), mad.data()),
        Err(_) => {
            if let Some((id, bytes)) = data.split_first() {
                attribute(AttributeId(u16::from(*id)), bytes);
            }
        }
    }
}

fn attribute(id: AttributeId, bytes: &[u8]) {
    match id {
        AttributeId::CLASS_PORT_INFO => check::<ClassPortInfo>(bytes, &[]),
        AttributeId::NOTICE => {
            check::<Notice>(bytes, &[]);
            check_repath(bytes);
        }
        AttributeId::INFORM_INFO => check::<InformInfo>(bytes, &[22, 23]),
        AttributeId::NODE_RECORD => check::<NodeRecord>(bytes, &[]),
        AttributeId::PORT_INFO_RECORD => check::<PortInfoRecord>(bytes, &[]),
        AttributeId::SL_TO_VL_MAPPING_RECORD => check::<SlToVlMappingRecord>(bytes, &[]),
        AttributeId::SWITCH_INFO_RECORD => check::<SwitchInfoRecord>(bytes, &[]),
        AttributeId::LINEAR_FORWARDING_TABLE_RECORD => check::<LinearForwardingTableRecord>(bytes, &[]),
        AttributeId::MULTICAST_FORWARDING_TABLE_RECORD => check::<MulticastForwardingTableRecord>(bytes, &[]),
        AttributeId::SM_INFO_RECORD => check::<SmInfoRecord>(bytes, &[]),
        AttributeId::LINK_RECORD => check::<LinkRecord>(bytes, &[]),
        AttributeId::GUID_INFO_RECORD => check::<GuidInfoRecord>(bytes, &[]),
        AttributeId::SERVICE_RECORD => {
            if let Some(record) = checked::<ServiceRecord>(bytes, &[]) {
                assert!(record.service_name.text().len() <= ServiceRecord::LENGTH);
            }
        }
        AttributeId::P_KEY_TABLE_RECORD => check::<PKeyTableRecord>(bytes, &[]),
        AttributeId::PATH_RECORD => check::<PathRecord>(bytes, &[]),
        AttributeId::VL_ARBITRATION_RECORD => check::<VlArbitrationRecord>(bytes, &[]),
        AttributeId::MC_MEMBER_RECORD => check::<McMemberRecord>(bytes, &[]),
        AttributeId::MULTI_PATH_RECORD => multi_path(bytes),
        AttributeId::INFORM_INFO_RECORD => check::<InformInfoRecord>(bytes, &[46, 47]),
        _ => {}
    }
}

/// The record has as many GIDs behind it as it says, or is cut short.
fn multi_path(bytes: &[u8]) {
    let Some(record) = checked::<MultiPathRecord>(bytes, &[]) else { return };
    let (sources, destinations) =
        (usize::from(record.source_gid_count), usize::from(record.destination_gid_count));
    let fits = MultiPathRecord::LENGTH + 16 * (sources + destinations) <= bytes.len();
    match MultiPathGids::parse(bytes) {
        Ok(gids) => {
            assert!(fits && gids.sources().len() == sources && gids.destinations().len() == destinations);
            let behind = bytes[MultiPathRecord::LENGTH..].chunks_exact(16);
            let all = gids.sources().chain(gids.destinations());
            assert!(all.zip(behind).all(|(gid, bytes)| gid.0 == bytes));
        }
        Err(_) => assert!(!fits),
    }
}
