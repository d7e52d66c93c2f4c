//! `saq decode`, without a port.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use core::time::Duration;
use std::io::Write;
use std::process::{Command, Output, Stdio};

use ib_mad::wire::{
    AttributeId, MAD_LENGTH, MadHeader, ManagementClass, Method, PathRecord, RmppHeader, SaHeader, SaMad,
    ServiceRecord, Smp,
};
use ib_mad::{Lid, MKey, Qpn, ServiceKey, ServiceLevel, SmKey, TransactionId};
use serde_json::{Value, json};
use transport::{CaptureFile, PacketAddresses};

/// Run `saq` with something on its standard input.
fn saq(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_saq"))
        .args(arguments)
        .env_remove("FABRIC_PORT")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // Its output is read while it is written to: neither pipe holds everything.
    let writer = std::thread::spawn(move || {
        // It may end before it has read everything.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// What it prints when every packet can be read.
fn printed(arguments: &[&str], input: &[u8]) -> String {
    let output = saq(arguments, input);
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    text(output.stdout)
}

fn objects(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn path_answer() -> [u8; MAD_LENGTH] {
    let class = ManagementClass::SUBNET_ADMINISTRATION;
    let id = TransactionId(0x0102_0304_0506_0708);
    let header = MadHeader::request(class, Method::GET_RESP, AttributeId::PATH_RECORD, 0, id);
    let sa = SaHeader { sm_key: SmKey(0xAAAA_BBBB_CCCC_DDDD), ..SaHeader::default() };
    let record = PathRecord { source_lid: Lid(3), destination_lid: Lid(5), ..PathRecord::default() };
    SaMad { header, rmpp: RmppHeader::INACTIVE, sa }.emit(&record).unwrap()
}

fn service_set() -> [u8; MAD_LENGTH] {
    let class = ManagementClass::SUBNET_ADMINISTRATION;
    let header = MadHeader::request(class, Method::SET, AttributeId::SERVICE_RECORD, 0, TransactionId(9));
    let record = ServiceRecord { service_key: ServiceKey([0xEE; 16]), ..ServiceRecord::default() };
    SaMad { header, rmpp: RmppHeader::INACTIVE, sa: SaHeader::default() }.emit(&record).unwrap()
}

fn node_info_get() -> [u8; MAD_LENGTH] {
    let class = ManagementClass::SUBNET_LID_ROUTED;
    let header = MadHeader::request(class, Method::GET, AttributeId::NODE_INFO, 0, TransactionId(7));
    Smp { header, m_key: MKey(0) }.emit(&ib_mad::wire::NodeDescription::default()).unwrap()
}

/// A capture as `--pcap` writes it.
fn capture(mads: &[(Qpn, [u8; MAD_LENGTH])]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut file = CaptureFile::new(&mut bytes).unwrap();
    for (qpn, mad) in mads {
        let service_level = ServiceLevel::new(2).unwrap();
        let addresses = PacketAddresses { from: Lid(4), to: Lid(1), service_level, qpn: *qpn };
        file.write(Duration::new(1_700_000_000, 5), &addresses, mad).unwrap();
    }
    bytes
}

fn hex(mad: &[u8]) -> String {
    mad.iter().map(|byte| format!("{byte:02x} ")).collect()
}

#[test]
fn a_line_a_datagram() {
    let file = capture(&[(Qpn::GENERAL_SERVICES, path_answer()), (Qpn::SUBNET_MANAGEMENT, node_info_get())]);
    assert_eq!(
        printed(&["decode", "-"], &file),
        "1: LID 4 QP 1 to LID 1 QP 1 SubnAdmGetResp(PathRecord) tid 0x0102030405060708 status 0x0000: dgid ::, \
         sgid ::, dlid 5, slid 3, sl 0x0\n2: LID 4 QP 0 to LID 1 QP 0 SubnGet(NodeInfo) tid 0x0000000000000007\n"
    );
    let dump = format!("{}\n\n{}\n", hex(&node_info_get()), hex(&path_answer()));
    let lines = printed(&["decode", "-"], dump.as_bytes());
    assert!(
        lines.starts_with("1: SubnGet(NodeInfo) tid 0x0000000000000007\n2: SubnAdmGetResp(PathRecord) tid")
    );
}

#[test]
fn every_field_on_a_line() {
    let file = capture(&[(Qpn::GENERAL_SERVICES, path_answer())]);
    for option in ["--full", "-v"] {
        let dump = printed(&["decode", option, "-"], &file);
        for line in [
            "1: LID 4 QP 1 to LID 1 QP 1 SubnAdmGetResp(PathRecord)\n",
            "\n  offset............................24\n",
            "\n  time..............................1700000000.000000005\n",
            "\n  service_level.....................2\n",
            "\n  fields: PathRecord\n",
            "\n    dlid..............................5\n",
        ] {
            assert!(dump.contains(line), "{line} is not in\n{dump}");
        }
    }
}

#[test]
fn an_object_a_datagram() {
    let file = capture(&[(Qpn::GENERAL_SERVICES, path_answer())]);
    for arguments in
        [&["decode", "--json", "-"][..], &["--json", "decode", "-"], &["decode", "-v", "-", "--json"]]
    {
        let [object] = &objects(&printed(arguments, &file))[..] else { panic!("one datagram") };
        let expected = json!({
            "number": 1, "offset": 24, "time": "1700000000.000000005", "source_lid": 4, "destination_lid": 1,
            "service_level": 2, "source_qp": 1, "destination_qp": 1, "p_key": "0xffff", "base_version": 1,
            "class": "SubnAdm", "class_version": 2, "method": "GetResp", "status": "0x0000",
            "class_specific": "0x0000", "transaction_id": "0x0102030405060708", "attribute": "PathRecord",
            "attribute_id": "0x0035", "attribute_modifier": "0x00000000", "sm_key": "redacted",
            "attribute_offset": 0, "component_mask": "0x0000000000000000",
            "fields": {
                "service_id": "0x0000000000000000", "dgid": "::", "sgid": "::", "dlid": 5, "slid": 3,
                "hop_flow_raw": "0x0", "tclass": "0x0", "num_path_revers": "0x0", "pkey": "0x0", "qos_class": "0x0",
                "sl": "0x0", "mtu": "0x0", "rate": "0x0", "pkt_life": "0x0", "preference": "0x0",
            },
        });
        assert_eq!(*object, expected);
    }
}

#[test]
fn keys_stay_redacted_unless_they_are_asked_for() {
    let dump = hex(&service_set()) + "\n" + &hex(&path_answer());
    for arguments in [&["decode", "-v", "-"][..], &["decode", "--json", "-"], &["decode", "-"]] {
        let text = printed(arguments, dump.as_bytes()).to_lowercase();
        assert!(!text.contains("eeee") && !text.contains("aaaabbbb"), "{text}");
    }
    for arguments in [&["decode", "-v", "--show-keys", "-"][..], &["decode", "--json", "--show-keys", "-"]] {
        let text = printed(arguments, dump.as_bytes());
        assert!(text.contains("eeeeeeeeeeeeeeee") && text.contains("0xaaaabbbbccccdddd"), "{text}");
    }
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_read() {
    let mut file = capture(&[(Qpn::GENERAL_SERVICES, path_answer()); 3]);
    let record = (file.len() - 24) / 3;
    // The second is a datagram of another version; the file ends within the third.
    file[24 + record + 60] = 0x80;
    file.pop();
    let output = saq(&["decode", "--json", "-"], &file);
    assert_eq!(output.status.code(), Some(1));
    let [first, second, third] = &objects(&text(output.stdout))[..] else { panic!("three packets") };
    assert_eq!(first["attribute"], "PathRecord");
    let error = "SA MAD: base version at offset 0 is 0x80, expected 0x1".replace("SA MAD", "MAD");
    assert!(
        second["error"].as_str().unwrap().contains("base version at offset 0 is 0x80"),
        "{second} {error}"
    );
    assert_eq!(second["offset"], 24 + record);
    assert_eq!(
        *third,
        json!({ "number": 3, "offset": 24 + 2 * record, "error": "the file ends within a record" })
    );
    let last = "saq: -: 2 of 3 packets could not be read; the lines above say why\n";
    assert_eq!(text(output.stderr), last);
}

#[test]
fn other_traffic_is_skipped_without_a_failure() {
    let mut file = capture(&[(Qpn::GENERAL_SERVICES, path_answer()); 2]);
    // An opcode of a reliable connection.
    file[24 + 16 + 16 + 8] = 0x04;
    let lines = printed(&["decode", "-"], &file);
    let [first, second] = &lines.lines().collect::<Vec<_>>()[..] else { panic!("{lines}") };
    assert_eq!(
        *first,
        "1: offset 0x18: not a management datagram: packet of opcode 0x04; datagrams have 0x64"
    );
    assert!(second.starts_with("2: LID 4"));
    let [object, _] = &objects(&printed(&["decode", "--json", "-"], &file))[..] else {
        panic!("two packets")
    };
    assert!(object.get("error").is_none() && object["skipped"].is_string(), "{object}");
}

#[test]
fn a_mistake_is_one_line() {
    for (arguments, part) in [
        (&["decode"][..], "<FILE>"),
        (&["decode", "-"], "saq: -: nothing is in it"),
        (&["decode", "/no/such/file"], "saq: /no/such/file: No such file"),
        (&["decode", "/"], "saq: /: "),
        (&["decode", "--frobnicate", "-"], "--frobnicate"),
    ] {
        let output = saq(arguments, b"");
        let said = text(output.stderr);
        assert!(!output.status.success() && output.stdout.is_empty(), "{arguments:?}");
        assert!(said.contains(part), "{arguments:?}: {said}");
    }
    assert!(printed(&["decode", "--help"], b"").contains("pcapng"));
}

#[test]
fn a_long_capture_is_read_to_its_end() {
    let file = capture(&vec![(Qpn::SUBNET_MANAGEMENT, node_info_get()); 20_000]);
    let lines = printed(&["decode", "-"], &file);
    assert_eq!(lines.lines().count(), 20_000);
    assert!(lines.lines().last().unwrap().starts_with("20000: LID 4 QP 0"));
}

#[test]
fn nobody_reads_on() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_saq"))
        .args(["decode", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    child.stdin.take().unwrap().write_all(&capture(&[(Qpn::SUBNET_MANAGEMENT, node_info_get())])).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(!output.status.success());
    assert_eq!(text(output.stderr), "");
}
