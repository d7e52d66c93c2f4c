//! Random datagrams made with ib-mad, read by tshark: no field that it shows may differ.

#![allow(clippy::std_instead_of_alloc, reason = "it starts programs: there is an operating system")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use ib_mad::wire::{
    AlternatePathResponse, Attribute, AttributeId, ClassPortInfo, ConnectReject, ConnectReply,
    ConnectRequest, DisconnectReply, DisconnectRequest, ExtPortInfo, GuidInfo, GuidInfoRecord, InformInfo,
    InformInfoRecord, LinearForwardingTable, LinearForwardingTableRecord, LinkRecord, LoadAlternatePath,
    McMemberRecord, Method, MsgRcptAck, MultiPathRecord, MultiPathRecordMask, MultiPathRecordQuery,
    MulticastForwardingTable, MulticastForwardingTableRecord, NodeDescription, NodeInfo, NodeRecord, Notice,
    PKeyTable, PKeyTableRecord, PathRecord, PortCounters, PortCountersExtended, PortInfo, PortInfoRecord,
    ReadyToUse, RepathNotice, RmppType, SaMad, SaMadView, ServiceIdResolutionRequest,
    ServiceIdResolutionResponse, ServiceRecord, SlToVlMapping, SlToVlMappingRecord, SmInfo, SmInfoRecord,
    SmpNotice, SwitchInfo, SwitchInfoRecord, VlArbitration, VlArbitrationRecord,
};
use ib_mad::{Gid, Qpn};
use support::{Carrier, Datagram, INSTANCES, Maker, Part, expected, layout, multi_path_gids, report};

/// The same attribute by every carrier of a list.
macro_rules! all {
    ($maker:ident, $carrier:ident { $($attribute:ident $id:ident),+ $(,)? }) => {
        [$($maker.several::<$attribute>(Carrier::$carrier, AttributeId::$id, stringify!($attribute))),+].concat()
    };
}

/// The attributes of subnet management, which both kinds of its packets carry.
macro_rules! all_of_subnet_management {
    ($maker:ident, $carrier:ident) => {
        all!($maker, $carrier {
            NodeDescription NODE_DESCRIPTION,
            NodeInfo NODE_INFO,
            SwitchInfo SWITCH_INFO,
            GuidInfo GUID_INFO,
            PortInfo PORT_INFO,
            PKeyTable P_KEY_TABLE,
            SlToVlMapping SL_TO_VL_MAPPING,
            VlArbitration VL_ARBITRATION,
            LinearForwardingTable LINEAR_FORWARDING_TABLE,
            MulticastForwardingTable MULTICAST_FORWARDING_TABLE,
            SmInfo SM_INFO,
        })
    };
}

#[tokio::test]
async fn records_of_subnet_administration() {
    let mut maker = Maker::new(1);
    let datagrams = all!(maker, SubnetAdministration {
        ClassPortInfo CLASS_PORT_INFO,
        InformInfo INFORM_INFO,
        NodeRecord NODE_RECORD,
        PortInfoRecord PORT_INFO_RECORD,
        SlToVlMappingRecord SL_TO_VL_MAPPING_RECORD,
        SwitchInfoRecord SWITCH_INFO_RECORD,
        LinearForwardingTableRecord LINEAR_FORWARDING_TABLE_RECORD,
        MulticastForwardingTableRecord MULTICAST_FORWARDING_TABLE_RECORD,
        SmInfoRecord SM_INFO_RECORD,
        LinkRecord LINK_RECORD,
        GuidInfoRecord GUID_INFO_RECORD,
        ServiceRecord SERVICE_RECORD,
        PKeyTableRecord P_KEY_TABLE_RECORD,
        PathRecord PATH_RECORD,
        VlArbitrationRecord VL_ARBITRATION_RECORD,
        McMemberRecord MC_MEMBER_RECORD,
        InformInfoRecord INFORM_INFO_RECORD,
    });
    report("records of subnet administration", &datagrams).await;
}

#[tokio::test]
async fn attributes_of_subnet_management() {
    let mut maker = Maker::new(2);
    let lid_routed = all_of_subnet_management!(maker, LidRouted);
    report("LID routed attributes", &lid_routed).await;
    let directed_route = all_of_subnet_management!(maker, DirectedRoute);
    report("directed route attributes", &directed_route).await;
}

#[tokio::test]
async fn counters_of_ports() {
    let mut maker = Maker::new(3);
    let datagrams = all!(maker, Performance {
        ClassPortInfo CLASS_PORT_INFO,
        PortCounters PORT_COUNTERS,
        PortCountersExtended PORT_COUNTERS_EXTENDED,
    });
    report("performance management", &datagrams).await;
}

/// tshark has fields for six of the messages. Of the others it says only what they are.
#[tokio::test]
async fn messages_of_communication_management() {
    let mut maker = Maker::new(5);
    let datagrams = all!(maker, Communication {
        ConnectRequest CONNECT_REQUEST,
        ConnectReject CONNECT_REJECT,
        ConnectReply CONNECT_REPLY,
        ReadyToUse READY_TO_USE,
        DisconnectRequest DISCONNECT_REQUEST,
        DisconnectReply DISCONNECT_REPLY,
    });
    report("communication management", &datagrams).await;

    let headers_only = all!(maker, Communication {
        MsgRcptAck MSG_RCPT_ACK,
        ServiceIdResolutionRequest SERVICE_ID_RESOLUTION_REQUEST,
        ServiceIdResolutionResponse SERVICE_ID_RESOLUTION_RESPONSE,
        LoadAlternatePath LOAD_ALTERNATE_PATH,
        AlternatePathResponse ALTERNATE_PATH_RESPONSE,
    });
    report("communication management, headers only", &headers_only).await;
}

/// Traps with the text that tshark has for each.
const TRAPS: [(u16, &str); 16] = [
    (64, "is now in service"),
    (65, "is out of service"),
    (66, "New Multicast Group with multicast address"),
    (67, "Multicast Group with multicast address"),
    (68, "are no longer valid"),
    (69, "have been recomputed"),
    (128, "Link State of at least one port of switch at"),
    (129, "Local Link Integrity threshold reached"),
    (130, "Excessive Buffer OverRun threshold reached"),
    (131, "Flow Control Update watchdog timer expired"),
    (144, "CapMask, NodeDesc, LinkWidthEnabled or LinkSpeedEnabled at"),
    (145, "SystemImageGUID at"),
    (256, "Bad M_Key"),
    (257, "Bad P_Key"),
    (258, "Bad Q_Key"),
    (259, "Bad P_Key"),
];

#[tokio::test]
async fn notices_of_every_trap() {
    let mut maker = Maker::new(4);
    let mut datagrams = Vec::new();
    for (number, text) in TRAPS {
        let trap = format!("Trap{number}");
        for (carrier, methods) in [
            (Carrier::SubnetAdministration, [Method::REPORT, Method::REPORT_RESP].as_slice()),
            (Carrier::LidRouted, &[Method::TRAP, Method::TRAP_REPRESS, Method::GET_RESP]),
            (Carrier::DirectedRoute, &[Method::TRAP, Method::TRAP_REPRESS, Method::GET_RESP]),
        ] {
            for i in 0..INSTANCES / 2 {
                let mut buffer = maker.filled("Notice");
                maker.set("Notice", "is_generic", &mut buffer, &[1]);
                maker.set("Notice", "trap_number_or_device_id", &mut buffer, &number.to_be_bytes());
                // Not all bits of the details are the trap's.
                buffer.0[10..64].fill(0);
                maker.fill(&trap, &mut buffer);
                let method = methods[i % methods.len()];
                let structures = ["Notice", trap.as_str()];
                let mut datagram = match carrier {
                    Carrier::SubnetAdministration => {
                        maker.datagram::<Notice>(carrier, method, AttributeId::NOTICE, &structures, &buffer)
                    }
                    _ => maker.datagram::<SmpNotice>(
                        carrier,
                        method,
                        AttributeId::NOTICE,
                        &structures,
                        &buffer,
                    ),
                };
                datagram.name = format!("{} of trap {number}", datagram.name);
                datagram.labels.extend([format!("Trap {number} DataDetails"), text.to_owned()]);
                if number == 259 {
                    // tshark takes the first word of the details for an IPv6 address, and gives up there.
                    datagram.complaint = Some("Trying to fetch an IPv6 address with length 2");
                    datagram.expected.retain(|it| {
                        !["datadetails", "initialpath", "returnpath"].iter().any(|end| it.name.ends_with(end))
                    });
                }
                datagrams.push(datagram);
            }
        }
    }
    report("notices", &datagrams).await;
}

#[tokio::test]
async fn notices_that_are_no_trap_of_the_standard() {
    let mut maker = Maker::new(5);
    let mut datagrams = Vec::new();
    for i in 0..INSTANCES {
        let mut buffer = maker.filled("Notice");
        let is_generic = i % 2;
        maker.set("Notice", "is_generic", &mut buffer, &[is_generic as u8]);
        // The standard's numbers are below 1,024.
        let number = 1024 + maker.random.below(60_000) as u16;
        maker.set("Notice", "trap_number_or_device_id", &mut buffer, &number.to_be_bytes());
        let (carrier, id) = (Carrier::SubnetAdministration, AttributeId::NOTICE);
        let mut datagram = maker.datagram::<Notice>(carrier, Method::REPORT, id, &["Notice"], &buffer);
        datagram.labels.push("Vendor Specific Subnet Management Trap".into());
        datagrams.push(datagram);
    }
    report("notices of vendors", &datagrams).await;
}

/// tshark names the path record of traps 68 and 69 and does not show it: what is in front of it must be as without it.
#[tokio::test]
async fn a_path_behind_a_notice_changes_nothing_before_it() {
    let mut maker = Maker::new(6);
    let mut datagrams = Vec::new();
    for i in 0..INSTANCES {
        let number = 68 + (i % 2) as u16;
        let mut buffer = maker.filled("Notice");
        maker.set("Notice", "is_generic", &mut buffer, &[1]);
        maker.set("Notice", "trap_number_or_device_id", &mut buffer, &number.to_be_bytes());
        let trap = format!("Trap{number}");
        buffer.0[10..64].fill(0);
        maker.fill(&trap, &mut buffer);
        let path = maker.filled("PathRecord");
        buffer.0[80..144].copy_from_slice(&path.0[..64]);
        let (carrier, id) = (Carrier::SubnetAdministration, AttributeId::NOTICE);
        let structures = ["Notice", trap.as_str()];
        let mut datagram = maker.datagram::<RepathNotice>(carrier, Method::REPORT, id, &structures, &buffer);
        assert_eq!(datagram.bytes[56 + 80..56 + 144], path.0[..64]);
        datagram.labels = vec!["SA SubnAdmReport(Notice)".into(), format!("Trap {number} DataDetails")];
        datagrams.push(datagram);
    }
    report("notices with a path", &datagrams).await;
}

#[tokio::test]
async fn questions_for_paths_between_several_ports() {
    let mut maker = Maker::new(7);
    let mut datagrams = Vec::new();
    for i in 0..INSTANCES {
        let count = i % 12;
        let gids: Vec<Gid> = (0..count).map(|_| Gid(maker.value(128).try_into().unwrap())).collect();
        let (sources, destinations) = gids.split_at(maker.random.below(count + 1));
        let mut buffer = maker.filled("MultiPathRecord");
        maker.set("MultiPathRecord", "source_gid_count", &mut buffer, &[sources.len() as u8]);
        maker.set("MultiPathRecord", "destination_gid_count", &mut buffer, &[destinations.len() as u8]);
        let record = MultiPathRecord::parse(&buffer.0).unwrap();
        let query = MultiPathRecordQuery::new(sources, destinations)
            .unwrap()
            .raw(record.is_raw)
            .flow_label(record.flow_label)
            .hop_limit(record.hop_limit)
            .traffic_class(record.traffic_class)
            .reversible(record.is_reversible)
            .number_of_paths(record.number_of_paths)
            .p_key(record.p_key)
            .qos_class(record.qos_class)
            .service_level(record.service_level)
            .mtu(record.mtu_selector, record.mtu)
            .rate(record.rate_selector, record.rate)
            .packet_lifetime(record.packet_lifetime_selector, record.packet_lifetime)
            .service_id(record.service_id)
            .independence(record.independence);
        let carrier = Carrier::SubnetAdministration;
        let mut headers = maker.headers(carrier, Method::GET_MULTI, AttributeId::MULTI_PATH_RECORD);
        let MultiPathRecordMask(mask) = query.mask();
        maker.set("SaMad", "sa.component_mask", &mut headers, &mask.to_be_bytes());
        let mad = SaMad::from_view(SaMadView::new(&headers.0).unwrap());
        let part = |name, buffer, offset| Part { layout: layout(&maker.layouts, name), buffer, offset };
        let parts = [
            part("MadHeader", &headers, 0),
            part("SaMad", &headers, 0),
            part("MultiPathRecord", &buffer, 56),
        ];
        let mut fields = expected(&parts, Some(RmppType::from(headers.0[25])));
        fields.extend(multi_path_gids(&gids));
        datagrams.push(Datagram {
            name: format!("MultiPathRecord with {count} GIDs"),
            bytes: query.emit(mad).unwrap(),
            qpn: Qpn::GENERAL_SERVICES,
            expected: fields,
            labels: vec!["SA SubnAdmGetMulti(MultiPathRecord)".into(), "Attribute (MultiPathRecord)".into()],
            complaint: None,
            is_ours: true,
        });
    }
    report("questions for several paths", &datagrams).await;
}

#[tokio::test]
async fn an_attribute_that_tshark_does_not_know() {
    let mut maker = Maker::new(8);
    let mut datagrams = all!(maker, LidRouted { ExtPortInfo EXT_PORT_INFO });
    for datagram in &mut datagrams {
        datagram.labels = vec!["Unknown Attribute Type! (0xff90)".into()];
    }
    report("ExtPortInfo", &datagrams).await;
}
