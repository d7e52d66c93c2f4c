//! Datagrams that others made, with what tshark should show of them: what ib-mad reads.

use ib_mad::wire::{Attribute, AttributeId, MAD_LENGTH, Mad, MultiPathGids, Notice, Producer, RmppType};
use ib_mad::{Gid, Qpn};
use oracles::{Buffer, Layout};
use peers::Expected;

use super::{Datagram, Part, expected, layout};

/// The layouts of attributes of subnet administration.
const RECORDS: [(AttributeId, &str); 19] = [
    (AttributeId::CLASS_PORT_INFO, "ClassPortInfo"),
    (AttributeId::NOTICE, "Notice"),
    (AttributeId::INFORM_INFO, "InformInfo"),
    (AttributeId::NODE_RECORD, "NodeRecord"),
    (AttributeId::PORT_INFO_RECORD, "PortInfoRecord"),
    (AttributeId::SL_TO_VL_MAPPING_RECORD, "SlToVlMappingRecord"),
    (AttributeId::SWITCH_INFO_RECORD, "SwitchInfoRecord"),
    (AttributeId::LINEAR_FORWARDING_TABLE_RECORD, "LinearForwardingTableRecord"),
    (AttributeId::MULTICAST_FORWARDING_TABLE_RECORD, "MulticastForwardingTableRecord"),
    (AttributeId::SM_INFO_RECORD, "SmInfoRecord"),
    (AttributeId::LINK_RECORD, "LinkRecord"),
    (AttributeId::GUID_INFO_RECORD, "GuidInfoRecord"),
    (AttributeId::SERVICE_RECORD, "ServiceRecord"),
    (AttributeId::P_KEY_TABLE_RECORD, "PKeyTableRecord"),
    (AttributeId::PATH_RECORD, "PathRecord"),
    (AttributeId::MULTI_PATH_RECORD, "MultiPathRecord"),
    (AttributeId::VL_ARBITRATION_RECORD, "VlArbitrationRecord"),
    (AttributeId::MC_MEMBER_RECORD, "McMemberRecord"),
    (AttributeId::INFORM_INFO_RECORD, "InformInfoRecord"),
];

/// The layouts of attributes of subnet management.
const ATTRIBUTES: [(AttributeId, &str); 13] = [
    (AttributeId::NOTICE, "Notice"),
    (AttributeId::NODE_DESCRIPTION, "NodeDescription"),
    (AttributeId::NODE_INFO, "NodeInfo"),
    (AttributeId::SWITCH_INFO, "SwitchInfo"),
    (AttributeId::GUID_INFO, "GuidInfo"),
    (AttributeId::PORT_INFO, "PortInfo"),
    (AttributeId::P_KEY_TABLE, "PKeyTable"),
    (AttributeId::SL_TO_VL_MAPPING, "SlToVlMapping"),
    (AttributeId::VL_ARBITRATION, "VlArbitration"),
    (AttributeId::LINEAR_FORWARDING_TABLE, "LinearForwardingTable"),
    (AttributeId::MULTICAST_FORWARDING_TABLE, "MulticastForwardingTable"),
    (AttributeId::SM_INFO, "SmInfo"),
    (AttributeId::EXT_PORT_INFO, "ExtPortInfo"),
];

/// The layouts of attributes of performance management.
const COUNTERS: [(AttributeId, &str); 3] = [
    (AttributeId::CLASS_PORT_INFO, "ClassPortInfo"),
    (AttributeId::PORT_COUNTERS, "PortCounters"),
    (AttributeId::PORT_COUNTERS_EXTENDED, "PortCountersExtended"),
];

/// The layouts of messages of communication management.
const MESSAGES: [(AttributeId, &str); 11] = [
    (AttributeId::CONNECT_REQUEST, "ConnectRequest"),
    (AttributeId::MSG_RCPT_ACK, "MsgRcptAck"),
    (AttributeId::CONNECT_REJECT, "ConnectReject"),
    (AttributeId::CONNECT_REPLY, "ConnectReply"),
    (AttributeId::READY_TO_USE, "ReadyToUse"),
    (AttributeId::DISCONNECT_REQUEST, "DisconnectRequest"),
    (AttributeId::DISCONNECT_REPLY, "DisconnectReply"),
    (AttributeId::SERVICE_ID_RESOLUTION_REQUEST, "ServiceIdResolutionRequest"),
    (AttributeId::SERVICE_ID_RESOLUTION_RESPONSE, "ServiceIdResolutionResponse"),
    (AttributeId::LOAD_ALTERNATE_PATH, "LoadAlternatePath"),
    (AttributeId::ALTERNATE_PATH_RESPONSE, "AlternatePathResponse"),
];

/// The GIDs behind a question for paths between several ports.
pub(crate) fn multi_path_gids(gids: &[Gid]) -> impl Iterator<Item = Expected> {
    gids.iter().enumerate().map(|(number, gid)| Expected {
        name: "infiniband.multipathrecord.sdgid",
        offset: Some(80 + 16 * number),
        ours: format!("MultiPathGids {number}"),
        value: gid.0.to_vec(),
    })
}

/// A datagram of any class that ib-mad knows, which somebody made.
pub(crate) fn decoded(name: &str, bytes: [u8; MAD_LENGTH], layouts: &[Layout]) -> Datagram {
    let find = |table: &[(AttributeId, &'static str)], id: AttributeId| {
        let found = table.iter().find(|(it, _)| *it == id);
        found.unwrap_or_else(|| panic!("{name}: no layout for attribute {id}")).1
    };
    let mad = Mad::new(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
    let id = mad.header().attribute_id();
    let (header, attribute, offset) = match mad {
        Mad::Sa(_) => (Some("SaMad"), find(&RECORDS, id), 56),
        Mad::Smp(_) => (Some("Smp"), find(&ATTRIBUTES, id), 64),
        Mad::DirectedRoute(_) => (Some("DirectedRouteSmp"), find(&ATTRIBUTES, id), 64),
        Mad::Performance(_) => (None, find(&COUNTERS, id), 64),
        Mad::Communication(_) => (None, find(&MESSAGES, id), 24),
        other => panic!("{name}: {other:?}"),
    };
    let mut behind = Buffer([0; MAD_LENGTH]);
    behind.0[..MAD_LENGTH - offset].copy_from_slice(&bytes[offset..]);
    let whole = Buffer(bytes);
    let mut parts: Vec<(&str, &Buffer, usize)> = vec![("MadHeader", &whole, 0), (attribute, &behind, offset)];
    parts.extend(header.map(|header| (header, &whole, 0)));
    let trap = match Notice::parse(&behind.0).unwrap().producer {
        Producer::Generic { trap_number, .. } if attribute == "Notice" => format!("Trap{}", trap_number.0),
        _ => String::new(),
    };
    if layouts.iter().any(|layout| layout.name == trap) {
        parts.push((&trap, &behind, offset));
    }
    let gids = match id {
        AttributeId::MULTI_PATH_RECORD => {
            let gids = MultiPathGids::parse(&behind.0).unwrap_or_else(|error| panic!("{name}: {error}"));
            gids.sources().chain(gids.destinations()).collect()
        }
        _ => Vec::new(),
    };
    let part = |(name, buffer, offset)| Part { layout: layout(layouts, name), buffer, offset };
    let mut expected =
        expected(&parts.into_iter().map(part).collect::<Vec<_>>(), Some(RmppType::from(bytes[25])));
    expected.extend(multi_path_gids(&gids));
    Datagram {
        name: name.into(),
        bytes,
        qpn: match header {
            Some("Smp" | "DirectedRouteSmp") => Qpn::SUBNET_MANAGEMENT,
            _ => Qpn::GENERAL_SERVICES,
        },
        expected,
        labels: vec![],
        complaint: None,
        is_ours: false,
    }
}
