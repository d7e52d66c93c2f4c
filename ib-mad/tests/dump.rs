//! Datagrams as text: a line each, and in full.
//!
//! The attributes in `data/dump/` were compared line by line with what `saquery` (`-p`, `-N`, `-c`, `SWIR`) and `smpquery`
//! (`nodeinfo`, `-D portinfo`) print on the fabric of `data/README.md`. No tool prints a Notice or the headers: their names are ours.
//! `peers/tests` compares the other attributes, on a living fabric.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use core::fmt::Debug;

use ib_mad::dump::Dump;
use ib_mad::wire::{
    Attribute, AttributeId, ClassPortInfo, ConnectReply, ConnectRequest, LinkRecord, MAD_LENGTH, Mad,
    MadHeader, ManagementClass, McMemberRecord, Method, MultiPathRecordQuery, Notice, PathRecord, PortInfo,
    PortInfoRecord, RepathNotice, RmppFlags, RmppHeader, RmppStatus, RmppType, SaHeader, SaMad,
    ServiceIdResolutionResponse, ServiceRecord, SmInfo, SmInfoRecord, SmpNotice, Status,
};
use ib_mad::{Gid, Guid, Lid, ServiceKey, SmKey, TransactionId};

/// The bytes of a file in hexadecimal.
fn datagram(text: &str) -> [u8; MAD_LENGTH] {
    let bytes: Vec<u8> = text.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect();
    bytes.try_into().unwrap()
}

#[track_caller]
fn check_line(mad: &[u8], line: &str) {
    assert_eq!(Mad::new(mad).unwrap().to_string(), line);
}

macro_rules! check_files {
    ($($file:literal: $line:literal;)+) => {
        $(check_line(&datagram(include_str!(concat!("data/", $file, ".hex"))), $line);)+
    };
}

#[test]
fn a_line_tells_what_a_datagram_of_the_tools_is() {
    check_files! {
        "path_record_get_table": "SubnAdmGetTable(PathRecord) tid 0x0000000021293b82: dlid 5, slid 1";
        "path_record_get_table_resp": "SubnAdmGetTableResp(PathRecord) tid 0x0002000021293b82 status 0x0000: \
            dgid fe80::10:3, sgid fe80::10:1, dlid 5, slid 1, sl 0x0";
        "node_record_get_table": "SubnAdmGetTable(NodeRecord) tid 0x00010000685fb98b";
        "node_record_get_table_resp": "SubnAdmGetTableResp(NodeRecord) tid 0x00010000685fb98b status 0x0000: lid 1, \
            node_type Channel Adapter, port_guid 0x0000000000100001, NodeDescription H1";
        "class_port_info_get_resp": "SubnAdmGetResp(ClassPortInfo) tid 0x00010000469e2435 status 0x0000: \
            Class version 2, Capability mask 0x2602, Redirect LID 0";
        "inform_info_set_resp": "SubnAdmGetResp(InformInfo) tid 0x0001000000000001 status 0x0000: gid ::, \
            lid_range_begin 65535, subscribe 0x1, trap_num 65535";
        "link_state_change_report": "SubnAdmReport(Notice) tid 0x0000000202dab002: NoticeTrapNumber 128, \
            NoticeIssuerLID 2, NoticeDataDetails link state change {sw_lid 2}";
        "link_state_change_trap": "SubnTrap(Notice) tid 0x0000000000000000: NoticeTrapNumber 128, \
            NoticeIssuerLID 2, NoticeDataDetails link state change {sw_lid 2}";
        "node_info_get": "SubnGet(NodeInfo) tid 0x0000000063807994";
        "directed_node_info_get": "SubnGet(NodeInfo) tid 0x00000001348836bf directed route out hop 0 of 2";
        "directed_port_info_set": "SubnSet(PortInfo) tid 0x000000000000128f directed route out hop 0 of 1: \
            LocalPort 2";
        "directed_port_info_get_resp": "SubnGetResp(PortInfo) tid 0x0000000000001254 directed route back hop 0 of 2 \
            status 0x0000: Lid 0, SMLid 0, LocalPort 1, LinkState Initialize";
        "cm_connect_request": "ComMgtSend(ConnectRequest) tid 0x0000000512345678: local_communication_id \
            0x12345678, service_id 0x0200000000001bd8, local_qpn 0x000048, transport_service_type RC";
        "cm_connect_reject": "ComMgtSend(ConnectReject) tid 0x0000000512345678: local_communication_id \
            0x9abcdef0, remote_communication_id 0x12345678, message_rejected REP, reason 12 invalid primary GID";
        "cm_load_alternate_path": "ComMgtSend(LoadAlternatePath) tid 0x000000051234567b: local_communication_id \
            0x12345678, remote_communication_id 0x9abcdef0, remote_qpn_eecn 0x000059";
        "cm_alternate_path_response": "ComMgtSend(AlternatePathResponse) tid 0x000000051234567b: \
            local_communication_id 0x9abcdef0, remote_communication_id 0x12345678, ap_status 8 invalid GID";
        "cm_service_id_resolution_response": "ComMgtSend(ServiceIDResReqResp) tid 0x000000051234567a: request_id \
            0x00000007, status 4 redirected, qpn 0x000031, service_id 0x0000000001111234";
    }
}

/// The full dump of a file's datagram, against the text beside it.
macro_rules! check_dumps {
    ($($test:ident),+ $(,)?) => { $(
        #[test]
        fn $test() {
            let bytes = datagram(include_str!(concat!("data/", stringify!($test), ".hex")));
            let dump = format!("{:#}\n", Mad::new(&bytes).unwrap());
            assert_eq!(dump, include_str!(concat!("data/dump/", stringify!($test), ".txt")));
        }
    )+ };
}
check_dumps! {
    class_port_info_get_resp,
    directed_port_info_get_resp,
    link_state_change_report,
    node_info_get_resp,
    node_record_get_table_resp,
    path_record_get_table,
    path_record_get_table_resp,
    switch_info_record_get_table_resp,
}

/// A segment of a table of link records.
fn segment(rmpp: RmppHeader, records: u16) -> [u8; MAD_LENGTH] {
    let mad = SaMad {
        header: MadHeader::request(
            ManagementClass::SUBNET_ADMINISTRATION,
            Method::GET_TABLE_RESP,
            AttributeId::LINK_RECORD,
            0,
            TransactionId(7),
        ),
        rmpp,
        sa: SaHeader { attribute_offset: 1, ..SaHeader::default() },
    };
    let mut bytes = mad.emit(&LinkRecord::default()).unwrap();
    for number in 0..records {
        let record = LinkRecord { from_lid: Lid(number + 1), to_lid: Lid(9), ..LinkRecord::default() };
        record.emit(&mut bytes[56 + 8 * usize::from(number)..]).unwrap();
    }
    bytes
}

fn data(flags: u8, segment: u32, length: u32) -> RmppHeader {
    RmppHeader {
        version: 1,
        kind: RmppType::Data,
        flags: RmppFlags(RmppFlags::ACTIVE.0 | flags),
        segment,
        length_or_window: length,
        ..RmppHeader::INACTIVE
    }
}

#[test]
fn a_segment_shows_its_header_and_a_first_one_its_records() {
    let title = "SubnAdmGetTableResp(LinkRecord) tid 0x0000000000000007 status 0x0000 RMPP type Data";
    let only = segment(data(6, 1, 20 + 3 * 8), 25);
    check_line(
        &only,
        &format!(
            "{title}, flags 0x7, segment 1, payload_length 44: FromLID 1, FromPort 0, ToPort 0, ToLID 9; and 2 more"
        ),
    );
    let dump = format!("{:#}", Mad::new(&only).unwrap());
    assert!(dump.contains("\n    2: LinkRecord\n      FromLID...........................3\n"), "{dump}");
    assert!(!dump.contains("\n    3: LinkRecord"), "{dump}");
    assert!(!dump.contains("rest"), "{dump}");

    let first = segment(data(2, 1, 20 * 3 + 401 * 8), 25);
    assert!(Mad::new(&first).unwrap().to_string().ends_with("; and 24 more"));

    // A later one begins anywhere in a record.
    let middle = segment(data(0, 2, 0), 25);
    check_line(&middle, &format!("{title}, flags 0x1, segment 2"));
    let dump = format!("{:#}", Mad::new(&middle).unwrap());
    assert!(dump.contains("\n  data:\n      0: 00 01 00 00 00 09 00 00 00 02"), "{dump}");
    assert!(dump.contains("\n    192: 00 19 00 00 00 09 00 00"), "{dump}");
    let last = segment(data(4, 3, 28), 25);
    assert!(
        format!("{:#}", Mad::new(&last).unwrap())
            .ends_with("data..............................0001000000090000")
    );
}

#[test]
fn lengths_that_lie_show_what_is_there() {
    for length in [0, 19, 20, 21, 27, 219, 220, 221, u32::MAX] {
        for kind in [2, 4, 6] {
            let _ = format!("{:#}", Mad::new(&segment(data(kind, 1, length), 25)).unwrap());
        }
    }
    let whole = format!("{:#}", Mad::new(&segment(data(6, 1, u32::MAX), 25)).unwrap());
    assert!(whole.contains("\n    24: LinkRecord"), "{whole}");
    let none = format!("{:#}", Mad::new(&segment(data(6, 1, 3), 25)).unwrap());
    assert!(none.ends_with("records...........................none"), "{none}");
    // Records that are shorter than their layout cannot be read.
    let mut short = segment(data(6, 1, 20 + 16), 2);
    short[16..18].copy_from_slice(&0x35_u16.to_be_bytes());
    let short = format!("{:#}", Mad::new(&short).unwrap());
    assert!(short.contains("0001000000090000 0002000000090000"), "{short}");
    // Without an offset there are none.
    let mut none = segment(data(6, 1, 36), 2);
    none[44..46].fill(0);
    assert!(!format!("{:#}", Mad::new(&none).unwrap()).contains("records"));
}

#[test]
fn control_segments_carry_nothing() {
    let ack = RmppHeader { kind: RmppType::Ack, segment: 3, length_or_window: 35, ..data(0, 0, 0) };
    let title = "SubnAdmGetTableResp(LinkRecord) tid 0x0000000000000007 status 0x0000";
    check_line(
        &segment(ack, 25),
        &format!("{title} RMPP type Ack, flags 0x1, segment 3, new_window_last 35"),
    );
    let abort = RmppHeader { kind: RmppType::Abort, status: RmppStatus(118), ..data(0, 0, 0) };
    check_line(&segment(abort, 25), &format!("{title} RMPP type Abort, flags 0x1, status 118"));
    let dump = format!("{:#}", Mad::new(&segment(abort, 25)).unwrap());
    assert!(!dump.contains("records") && !dump.contains("data"), "{dump}");
}

#[test]
fn a_refusal_shows_its_status_instead_of_an_attribute() {
    let mut mad = segment(RmppHeader::INACTIVE, 25);
    mad[3] = Method::GET_RESP.0;
    mad[4..6].copy_from_slice(&Status::NO_RECORDS.0.to_be_bytes());
    check_line(&mad, "SubnAdmGetResp(LinkRecord) tid 0x0000000000000007 status 0x0300 no records");
}

#[test]
fn a_multi_path_query_shows_its_gids() {
    let gid = |number| Gid::new(Gid::DEFAULT_PREFIX, Guid(number));
    let (sources, destinations) = ([gid(1)], [gid(2), gid(3)]);
    let query = MultiPathRecordQuery::new(&sources, &destinations).unwrap().number_of_paths(2);
    let header = MadHeader::request(
        ManagementClass::SUBNET_ADMINISTRATION,
        Method::GET_MULTI,
        AttributeId::MULTI_PATH_RECORD,
        0,
        TransactionId(7),
    );
    let mad = SaMad { header, rmpp: RmppHeader::INACTIVE, sa: SaHeader::default() };
    let mut mad = query.emit(mad).unwrap();
    check_line(
        &mad,
        "SubnAdmGetMulti(MultiPathRecord) tid 0x0000000000000007: sgids fe80::1, dgids fe80::2 fe80::3",
    );
    // The answer has path records.
    mad[3] = Method::GET_MULTI_RESP.0;
    mad[24..36].copy_from_slice(&[1, 1, 7, 0, 0, 0, 0, 1, 0, 0, 0, 84]);
    mad[44..46].copy_from_slice(&[0, 8]);
    PathRecord { destination_lid: Lid(5), ..PathRecord::default() }.emit(&mut mad[56..]).unwrap();
    assert!(Mad::new(&mad).unwrap().to_string().contains("dlid 5"));
}

#[test]
fn what_is_unknown_shows_its_bytes() {
    let mut mad = [0; MAD_LENGTH];
    mad[..4].copy_from_slice(&[1, 0x0A, 1, 0x7B]);
    mad[24] = 0xAB;
    check_line(&mad, "Vendor method 0x7b(0x0000) tid 0x0000000000000000");
    assert!(format!("{:#}", Mad::new(&mad).unwrap()).contains("\n  data:\n      0: ab 00"));

    let mut mad = segment(RmppHeader::INACTIVE, 1);
    mad[3] = Method::GET_RESP.0;
    mad[16..18].copy_from_slice(&[0x7F, 0xFF]);
    check_line(&mad, "SubnAdmGetResp(0x7fff) tid 0x0000000000000007 status 0x0000");
    assert!(format!("{:#}", Mad::new(&mad).unwrap()).contains("\n  data:\n      0: 00 01 00 00 00 09"));
}

#[test]
fn keys_of_a_datagram_are_shown_only_on_demand() {
    let mad = SaMad {
        header: MadHeader::request(
            ManagementClass::SUBNET_ADMINISTRATION,
            Method::SET,
            AttributeId::SERVICE_RECORD,
            0,
            TransactionId(7),
        ),
        rmpp: RmppHeader::INACTIVE,
        sa: SaHeader { sm_key: SmKey(0x1111_1111_1111_1111), ..SaHeader::default() },
    };
    let record = ServiceRecord { service_key: ServiceKey([0x11; 16]), ..ServiceRecord::default() };
    let bytes = mad.emit(&record).unwrap();
    let mad = Mad::new(&bytes).unwrap();
    for text in [format!("{mad}"), format!("{mad:#}"), format!("{mad:?}")] {
        assert!(!text.contains("1111"), "{text}");
    }
    let shown = format!("{:#}", Dump::new(&mad).with_secrets(true));
    assert_eq!(shown.matches("1111111111111111").count(), 3, "{shown}");
}

#[test]
fn views_keep_keys_out_of_debug_output_too() {
    let key = [0xEE; 256];
    let trap = |number: u16| {
        let mut notice = key;
        notice[4..6].copy_from_slice(&number.to_be_bytes());
        notice
    };
    let (m_key, p_key, q_key) = (trap(256), trap(257), trap(258));
    let views: [&dyn Debug; 15] = [
        PortInfo::view(&key).unwrap(),
        PortInfoRecord::view(&key).unwrap(),
        SmInfo::view(&key).unwrap(),
        SmInfoRecord::view(&key).unwrap(),
        McMemberRecord::view(&key).unwrap(),
        ClassPortInfo::view(&key).unwrap(),
        SaHeader::view(&key).unwrap(),
        ServiceRecord::view(&key).unwrap(),
        ConnectRequest::view(&key).unwrap(),
        ConnectReply::view(&key).unwrap(),
        ServiceIdResolutionResponse::view(&key).unwrap(),
        Notice::view(&m_key).unwrap(),
        &Notice::parse(&p_key).unwrap(),
        SmpNotice::view(&q_key).unwrap(),
        RepathNotice::view(&q_key).unwrap(),
    ];
    for view in views {
        let text = format!("{view:?}");
        assert!(text.contains("Key(..)"), "{text}");
    }
}
