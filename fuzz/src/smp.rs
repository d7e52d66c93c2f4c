use ib_mad::wire::{
    AttributeId, DirectedRouteSmpView, NodeDescription, NodeInfo, PortInfo, SmpNotice, SmpView, SwitchInfo,
};

use crate::layout::check;

/// A subnet management packet, LID routed or directed, and the attribute that its header names. Bytes that are no such
/// packet are taken for the attribute themselves, told by the first one.
pub fn smp(data: &[u8]) {
    if let Ok(smp) = SmpView::new(data) {
        attribute(smp.header().attribute_id(), smp.data());
    } else if let Ok(smp) = DirectedRouteSmpView::new(data) {
        attribute(smp.header().attribute_id(), smp.data());
    } else if let Some((id, bytes)) = data.split_first() {
        attribute(AttributeId(u16::from(*id)), bytes);
    }
}

fn attribute(id: AttributeId, bytes: &[u8]) {
    match id {
        AttributeId::NOTICE => drop(check::<SmpNotice>(bytes, &[])),
        AttributeId::NODE_DESCRIPTION => {
            if let Some(description) = check::<NodeDescription>(bytes, &[]) {
                assert!(description.to_string().len() <= 4 * bytes.len());
            }
        }
        AttributeId::NODE_INFO => drop(check::<NodeInfo>(bytes, &[])),
        AttributeId::SWITCH_INFO => drop(check::<SwitchInfo>(bytes, &[])),
        AttributeId::PORT_INFO => drop(check::<PortInfo>(bytes, &[])),
        _ => {}
    }
}
