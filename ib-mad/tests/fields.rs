//! The fields that attributes name: each once, none forgotten, secrets kept.

use core::fmt::{Debug, Write};

use ib_mad::dump::{Dump, Fields, Value};
use ib_mad::wire::*;
use ib_mad::{MKey, QKey, SmKey};

/// Every name and value, secrets among them.
fn revealed(structure: &dyn Fields) -> String {
    let mut text = String::new();
    structure.fields(&mut |name, value| match value.revealed() {
        Value::Structure(inner) => writeln!(text, "{name}: {}{{{}}}", inner.name(), revealed(inner))
            .expect("a String takes everything"),
        value => writeln!(text, "{name}: {value}").expect("a String takes everything"),
    });
    text
}

fn names(structure: &dyn Fields) -> Vec<&'static str> {
    let mut names = Vec::new();
    structure.fields(&mut |name, _| names.push(name));
    names
}

/// Text stays text if one of its bits is flipped, and every field has some bits set.
const LETTER: u8 = b'a';

/// A bit that makes another structure makes another dump, and no other bit does.
fn every_bit_shows<A: Attribute + Fields + PartialEq + Debug>(base: &[u8], parse: fn(&[u8]) -> A) {
    let structure = parse(base);
    let shown = revealed(&structure);
    let mut all = names(&structure);
    all.sort_unstable();
    for pair in all.windows(2) {
        assert_ne!(pair[0], pair[1], "{}: a name stands twice", structure.name());
    }
    for bit in 0..base.len() * 8 {
        let mut flipped = base.to_vec();
        flipped[bit / 8] ^= 0x80 >> (bit % 8);
        let other = parse(&flipped);
        all.extend(names(&other));
        assert_eq!(
            other != structure,
            revealed(&other) != shown,
            "{}: byte {} bit {}: {other:?}",
            structure.name(),
            bit / 8,
            7 - bit % 8
        );
    }
    all.extend(names(&parse(&vec![0; base.len()])));
    for telling in structure.telling() {
        // Only an acknowledgement has a window, and its type is many bits from a letter.
        assert!(
            *telling == "new_window_last" || all.contains(telling),
            "{}: no field {telling}",
            structure.name()
        );
    }
}

fn check<A: Attribute + Fields + PartialEq + Debug>() {
    every_bit_shows::<A>(&vec![LETTER; A::LENGTH], |bytes| A::parse(bytes).expect("there are enough bytes"));
}

macro_rules! every_bit_of {
    ($($test:ident: $attribute:ident;)+) => { $(
        #[test]
        fn $test() {
            check::<$attribute>();
        }
    )+ };
}
every_bit_of! {
    class_port_info: ClassPortInfo;
    ext_port_info: ExtPortInfo;
    guid_info: GuidInfo;
    guid_info_record: GuidInfoRecord;
    inform_info: InformInfo;
    inform_info_record: InformInfoRecord;
    linear_forwarding_table: LinearForwardingTable;
    linear_forwarding_table_record: LinearForwardingTableRecord;
    link_record: LinkRecord;
    mad_header: MadHeader;
    mc_member_record: McMemberRecord;
    multi_path_record: MultiPathRecord;
    multicast_forwarding_table: MulticastForwardingTable;
    multicast_forwarding_table_record: MulticastForwardingTableRecord;
    node_description: NodeDescription;
    node_info: NodeInfo;
    node_record: NodeRecord;
    notice: Notice;
    p_key_table: PKeyTable;
    p_key_table_record: PKeyTableRecord;
    path_record: PathRecord;
    port_counters: PortCounters;
    port_counters_extended: PortCountersExtended;
    port_info: PortInfo;
    port_info_record: PortInfoRecord;
    repath_notice: RepathNotice;
    rmpp_header: RmppHeader;
    sa_header: SaHeader;
    service_record: ServiceRecord;
    sl_to_vl_mapping: SlToVlMapping;
    sl_to_vl_mapping_record: SlToVlMappingRecord;
    sm_info: SmInfo;
    sm_info_record: SmInfoRecord;
    smp_notice: SmpNotice;
    switch_info: SwitchInfo;
    switch_info_record: SwitchInfoRecord;
    vl_arbitration: VlArbitration;
    vl_arbitration_record: VlArbitrationRecord;
    cm_path: CmPath;
    connect_request: ConnectRequest;
    msg_rcpt_ack: MsgRcptAck;
    connect_reject: ConnectReject;
    connect_reply: ConnectReply;
    ready_to_use: ReadyToUse;
    disconnect_request: DisconnectRequest;
    disconnect_reply: DisconnectReply;
    load_alternate_path: LoadAlternatePath;
    alternate_path_response: AlternatePathResponse;
    service_id_resolution_request: ServiceIdResolutionRequest;
    service_id_resolution_response: ServiceIdResolutionResponse;
}

#[test]
fn every_bit_of_the_details_of_each_trap() {
    for trap in [64, 65, 66, 67, 68, 69, 128, 129, 130, 131, 144, 145, 256, 257, 258, 259, 260] {
        let mut base = vec![LETTER; Notice::LENGTH];
        base[0] |= 0x80;
        base[4..6].copy_from_slice(&u16::to_be_bytes(trap));
        // Bits that the typed details drop are not in the dump either: compare what is left of them.
        every_bit_shows::<Notice>(&base, |bytes| {
            let notice = Notice::parse(bytes).unwrap();
            Notice {
                data_details: notice.trap().map_or(notice.data_details, |trap| trap.to_data_details()),
                ..notice
            }
        });
    }
}

#[test]
fn every_bit_of_both_management_packets() {
    let packet = |class: u8, bytes: &[u8]| {
        let mut mad = [0; MAD_LENGTH];
        mad[..bytes.len()].copy_from_slice(bytes);
        mad[..3].copy_from_slice(&[1, class, 1]);
        mad[7] &= 0x3F;
        mad
    };
    for bit in 24..MAD_LENGTH * 8 {
        let base = [LETTER; MAD_LENGTH];
        let mut flipped = base;
        flipped[bit / 8] ^= 0x80 >> (bit % 8);
        let pair = [base, flipped].map(|bytes| {
            let mad = packet(0x01, &bytes);
            Smp::from_view(SmpView::new(&mad).unwrap())
        });
        assert_eq!(pair[0] != pair[1], revealed(&pair[0]) != revealed(&pair[1]), "LID routed, bit {bit}");
        let pair = [base, flipped].map(|bytes| {
            let mad = packet(0x81, &bytes);
            DirectedRouteSmp::from_view(DirectedRouteSmpView::new(&mad).unwrap())
        });
        assert_eq!(pair[0] != pair[1], revealed(&pair[0]) != revealed(&pair[1]), "directed route, bit {bit}");
    }
}

#[test]
fn keys_are_shown_only_on_demand() {
    let keys: [(&dyn Fields, &str, &str); 6] = [
        (&PortInfo { m_key: MKey(0x1234_5678), ..PortInfo::default() }, "Mkey", "0x0000000012345678"),
        (&SmInfo { sm_key: SmKey(0x1234_5678), ..SmInfo::default() }, "SmInfoKey", "0x0000000012345678"),
        (&SaHeader { sm_key: SmKey(0x1234_5678), ..SaHeader::default() }, "sm_key", "0x0000000012345678"),
        (&McMemberRecord { q_key: QKey(0x1234_5678), ..McMemberRecord::default() }, "qkey", "0x12345678"),
        (
            &ServiceRecord { service_key: ib_mad::ServiceKey([0x12; 16]), ..ServiceRecord::default() },
            "ServiceKey",
            "0x12121212121212121212121212121212",
        ),
        (
            &TrapDetails::BadQKey(KeyViolation { key: QKey(0x1234_5678), ..KeyViolation::default() }),
            "key",
            "0x12345678",
        ),
    ];
    for (structure, name, key) in keys {
        let mut found = 0;
        structure.fields(&mut |field, value| {
            if field == name {
                found += 1;
                assert_eq!(value.to_string(), "redacted");
                assert_eq!(format!("{value:?}"), "Value(redacted)");
                assert_eq!(value.revealed().to_string(), key);
            }
        });
        assert_eq!(found, 1, "{name}");
        assert!(!format!("{:#}", Dump::new(structure)).contains(key));
        assert!(format!("{:#}", Dump::new(structure).with_secrets(true)).contains(key));
    }
    assert!(!revealed(&PortInfo::default()).contains("redacted"));
    assert!(
        format!("{:#}", Dump::new(&PortInfo::default())).contains("Mkey..............................0x0000")
    );
}

#[test]
fn secrets_inside_structures_stay_redacted_too() {
    let trap = TrapDetails::from_data_details(TrapNumber::BAD_M_KEY, &[0xAB; DATA_DETAILS_LENGTH]);
    let notice = Notice::generic(NoticeType::SECURITY, ProducerType::SWITCH, &trap);
    for text in [Dump::new(&notice).to_string(), format!("{:#}", Dump::new(&notice))] {
        assert!(text.contains("redacted") && !text.contains("0xabababababababab"), "{text}");
    }
    assert!(
        format!("{:#}", Dump::new(&notice).with_secrets(true))
            .contains("mkey..............................0xabababab")
    );
}

#[test]
fn text_cannot_drive_a_terminal() {
    let description = NodeDescription::new("H1\u{1b}[2J\n\u{7f}é");
    assert_eq!(Dump::new(&description).to_string(), r"NodeDescription NodeDesc H1\u{1b}[2J\n\u{7f}é");
}
