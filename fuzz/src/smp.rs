use ib_mad::wire::{
    AttributeId, DirectedRouteSmpView, ExtPortInfo, GuidInfo, LinearForwardingTable,
    MulticastForwardingTable, NodeDescription, NodeInfo, PKeyTable, PortInfo, SlToVlMapping, SmInfo,
    SmpNotice, SmpView, SwitchInfo, VlArbitration,
};

use crate::layout::{check, checked};

/// A subnet management packet, LID routed or directed, and the attribute that its header names. Bytes that are no such
/// packet are taken for the attribute themselves, told by the first one (0xFF for those of vendors).
pub fn smp(data: &[u8]) {
    if let Ok(smp) = SmpView::new(data) {
        attribute(smp.header().attribute_id(), smp.data());
    } else if let Ok(smp) = DirectedRouteSmpView::new(data) {
        attribute(smp.header().attribute_id(), smp.data());
    } else if let Some((id, bytes)) = data.split_first() {
        let vendors = (*id == 0xFF).then_some(AttributeId::EXT_PORT_INFO);
        attribute(vendors.unwrap_or(AttributeId(u16::from(*id))), bytes);
    }
}

fn attribute(id: AttributeId, bytes: &[u8]) {
    match id {
        AttributeId::NOTICE => check::<SmpNotice>(bytes, &[]),
        AttributeId::NODE_DESCRIPTION => {
            if let Some(description) = checked::<NodeDescription>(bytes, &[]) {
                assert!(description.to_string().len() <= 4 * bytes.len());
            }
        }
        AttributeId::NODE_INFO => check::<NodeInfo>(bytes, &[]),
        AttributeId::SWITCH_INFO => check::<SwitchInfo>(bytes, &[]),
        AttributeId::GUID_INFO => check::<GuidInfo>(bytes, &[]),
        AttributeId::PORT_INFO => check::<PortInfo>(bytes, &[]),
        AttributeId::P_KEY_TABLE => check::<PKeyTable>(bytes, &[]),
        AttributeId::SL_TO_VL_MAPPING => check::<SlToVlMapping>(bytes, &[]),
        AttributeId::VL_ARBITRATION => check::<VlArbitration>(bytes, &[]),
        AttributeId::LINEAR_FORWARDING_TABLE => check::<LinearForwardingTable>(bytes, &[]),
        AttributeId::MULTICAST_FORWARDING_TABLE => check::<MulticastForwardingTable>(bytes, &[]),
        AttributeId::SM_INFO => check::<SmInfo>(bytes, &[]),
        AttributeId::EXT_PORT_INFO => check::<ExtPortInfo>(bytes, &[]),
        _ => {}
    }
}
