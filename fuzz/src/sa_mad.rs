use ib_mad::wire::{
    AttributeId, ClassPortInfo, InformInfo, InformInfoRecord, NodeRecord, Notice, PathRecord, SaMadView,
    SwitchInfoRecord,
};

use crate::layout::check;
use crate::notice::check_repath;

/// Number of SwitchInfoRecord, which a subnet manager's agent knows as GUIDInfo.
const SWITCH_INFO_RECORD: AttributeId = AttributeId(0x14);

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
        AttributeId::CLASS_PORT_INFO => drop(check::<ClassPortInfo>(bytes, &[])),
        AttributeId::NOTICE => {
            check::<Notice>(bytes, &[]);
            check_repath(bytes);
        }
        AttributeId::INFORM_INFO => drop(check::<InformInfo>(bytes, &[22, 23])),
        AttributeId::NODE_RECORD => drop(check::<NodeRecord>(bytes, &[])),
        SWITCH_INFO_RECORD => drop(check::<SwitchInfoRecord>(bytes, &[])),
        AttributeId::PATH_RECORD => drop(check::<PathRecord>(bytes, &[])),
        AttributeId::INFORM_INFO_RECORD => drop(check::<InformInfoRecord>(bytes, &[46, 47])),
        _ => {}
    }
}
