//! What every node is asked.

use ib_mad::dump::Fields;
use ib_mad::wire::{
    Attribute, AttributeId, GuidInfo, LinearForwardingTable, MulticastForwardingTable, NodeDescription,
    NodeInfo, NodeType, PKeyTable, PortInfo, SlToVlMapping, SwitchInfo, VlArbitration,
};

/// Names and values of fields.
pub(crate) type Named = Vec<(&'static str, String)>;

/// What is asked of a node, with how its answer is read.
#[derive(Clone, Copy)]
pub(crate) struct Question {
    pub(crate) attribute: AttributeId,
    pub(crate) modifier: u32,
    pub(crate) name: &'static str,
    pub(crate) read: fn(&[u8; 64]) -> Named,
}

/// Fields of an attribute, as text.
fn fields<A: Attribute + Fields>(data: &[u8; 64]) -> Named {
    let mut fields = Vec::new();
    A::parse(data).unwrap().fields(&mut |name, value| fields.push((name, value.to_string())));
    fields
}

/// Those of PortInfo, with the key, which is not shown.
fn port_info(data: &[u8; 64]) -> Named {
    let mut named = fields::<PortInfo>(data);
    named.push(("the key itself", format!("{:?}", &data[..8])));
    named
}

fn question<A: Attribute + Fields>(attribute: AttributeId, modifier: u32) -> Question {
    let read = if attribute == AttributeId::PORT_INFO { port_info } else { fields::<A> };
    Question { attribute, modifier, name: A::NAME, read }
}

/// Every block of every attribute of a node.
pub(crate) fn questions(info: &NodeInfo) -> Vec<Question> {
    let mut questions = vec![
        question::<NodeInfo>(AttributeId::NODE_INFO, 0),
        question::<NodeDescription>(AttributeId::NODE_DESCRIPTION, 0),
        question::<GuidInfo>(AttributeId::GUID_INFO, 0),
    ];
    let is_switch = info.node_type == NodeType::Switch;
    let first = u8::from(!is_switch);
    for port in first..=info.number_of_ports {
        questions.push(question::<PortInfo>(AttributeId::PORT_INFO, port.into()));
        // Only a switch has tables of other ports than the one that was asked.
        let port = if is_switch { port } else { 0 };
        for block in 0..=u16::from(!is_switch || port > 0) {
            let modifier = PKeyTable::modifier(block, port.into());
            questions.push(question::<PKeyTable>(AttributeId::P_KEY_TABLE, modifier));
        }
        for half in [VlArbitration::LOW_FIRST, VlArbitration::HIGH_FIRST] {
            let modifier = VlArbitration::modifier(half, port);
            questions.push(question::<VlArbitration>(AttributeId::VL_ARBITRATION, modifier));
        }
        for output in first..=info.number_of_ports {
            let modifier = SlToVlMapping::modifier(port, output);
            questions.push(question::<SlToVlMapping>(AttributeId::SL_TO_VL_MAPPING, modifier));
        }
    }
    if is_switch {
        questions.push(question::<SwitchInfo>(AttributeId::SWITCH_INFO, 0));
        // ibsim's table ends with block 479.
        for block in [0, 1, 7, 479] {
            questions.push(question::<LinearForwardingTable>(AttributeId::LINEAR_FORWARDING_TABLE, block));
        }
        let positions = u32::from(info.number_of_ports) / 16 + 1;
        for (block, position) in [0, 1, 31].into_iter().flat_map(|b| (0..positions).map(move |p| (b, p))) {
            let modifier = position << 28 | block;
            let attribute = AttributeId::MULTICAST_FORWARDING_TABLE;
            questions.push(question::<MulticastForwardingTable>(attribute, modifier));
        }
    }
    questions
}
