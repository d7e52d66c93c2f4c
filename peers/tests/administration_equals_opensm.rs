//! The same questions to OpenSM and to our manager, on the same fabric with the same LIDs, have equal answers: record by record and
//! field by field. Where they differ by intent, the difference stands here with its reason, and has to be there.

#![allow(clippy::std_instead_of_alloc, reason = "it starts programs: there is an operating system")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use core::fmt::Write as _;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use ib_mad::request::RequestLimits;
use ib_mad::wire::TrapNumber;
use peers::{Ibsim, MESH_3X2, RunDir};

use support::dump::{Fields, ours};
use support::{Fabric, Program, Run, SOON, Sa, run, url};

/// Where both managers run, and where the questions come from.
const MANAGER: &str = "H7";
const ASKER: &str = "H1";

/// Questions to `saq`, and the fields that tell one record of the answer from another.
const QUESTIONS: &[(&str, &[&str])] = &[
    ("nodes", &["lid"]),
    ("ports", &["EndPortLid", "PortNum"]),
    ("switches", &["LID"]),
    ("links", &["FromLID", "FromPort"]),
    ("paths", &["slid", "dlid"]),
    ("lft", &["LID", "Block"]),
    ("sl2vl", &["LID", "InPort", "OutPort"]),
    ("pkeys", &["LID", "Port", "Block"]),
    ("guidinfo", &["LID", "Block"]),
    ("vlarb", &["LID", "Port", "Block"]),
    ("sminfo", &["LID"]),
    ("classportinfo", &[]),
    ("members", &["MGID", "PortGid"]),
    ("services", &["ServiceID"]),
    ("subscriptions", &["SubscriberGID", "SubscriberEnum"]),
];

/// Where our answer is another one than OpenSM's.
struct Deviation {
    question: &'static str,
    /// The field, or "records" where a record is only in one of the two.
    field: &'static str,
    #[allow(dead_code, reason = "for who reads it")]
    reason: &'static str,
}

const DEVIATIONS: &[Deviation] = &[
    Deviation {
        question: "classportinfo",
        field: "Capability mask",
        reason: "OpenSM takes notices (bit 1), several paths (10) and masks of PortInfo capabilities (13); ours does not",
    },
    Deviation {
        question: "classportinfo",
        field: "Capability mask 2",
        reason: "ours sends UnPath and RePath (bit 0), and has none of what OpenSM has but members that only send (12)",
    },
    Deviation {
        question: "classportinfo",
        field: "Redirect QKey",
        reason: "nobody is redirected: the field has no meaning",
    },
    Deviation {
        question: "classportinfo",
        field: "Redirect QP",
        reason: "nobody is redirected: the field has no meaning",
    },
    Deviation {
        question: "classportinfo",
        field: "Trap QKey",
        reason: "no traps go there: the field has no meaning",
    },
    Deviation {
        question: "classportinfo",
        field: "Response time value",
        reason: "ours promises an answer in a second, OpenSM in a quarter",
    },
    Deviation {
        question: "members",
        field: "Scope",
        reason: "ours is that of the MGID; OpenSM leaves what nobody gave",
    },
    Deviation {
        question: "members",
        field: "pkt_life",
        reason: "ours is that of every path; OpenSM leaves what nobody gave",
    },
    Deviation {
        question: "pkeys",
        field: "records",
        reason: "OpenSM numbers the second block 256: its bytes are swapped",
    },
    Deviation { question: "ports", field: "HoqLife", reason: "each manager sets its own" },
    Deviation { question: "ports", field: "ports without a link", reason: "OpenSM has read nothing of them" },
    Deviation {
        question: "services",
        field: "ServiceData64.2",
        reason: "OpenSM answers without the last 8 bytes on ibsim",
    },
    Deviation {
        question: "sl2vl",
        field: "VL",
        reason: "OpenSM reads no mapping of hosts and of the switches' own ports",
    },
    Deviation { question: "sl2vl", field: "records", reason: "OpenSM has mappings of ports without a link" },
    Deviation { question: "sminfo", field: "ActCount", reason: "what the manager has done so far" },
    Deviation { question: "sminfo", field: "SM_Key", reason: "ours shows the key to who has it" },
    Deviation {
        question: "subscriptions",
        field: "lid_range_end",
        reason: "ours says that all LIDs are all LIDs; OpenSM leaves what nobody gave",
    },
    Deviation {
        question: "vlarb",
        field: "records",
        reason: "ours has none: it leaves the tables as they are, and does not read them",
    },
];

/// An answer: its records by what tells them apart, or what was said in their place.
type Answer = Result<BTreeMap<Vec<String>, Fields>, String>;

async fn ask(ibsim: &Ibsim, question: &str, key: &[&str]) -> Answer {
    let arguments = ["--json", "--show-keys", "--sm-key", "1", question];
    let Run { success, output, errors } = run(SOON, "saq", &url(ibsim, ASKER), &arguments).await;
    if !success {
        return Err(errors);
    }
    let objects: Vec<_> = output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let name = |record: &Fields| key.iter().map(|field| record[*field].clone()).collect();
    Ok(ours(&objects).into_iter().map(|record| (name(&record), record)).collect())
}

/// A group with two members, a service, and two subscriptions.
async fn register(ibsim: &Ibsim) {
    for host in ["H2", "H3"] {
        let mut sa = Sa::new(ibsim, host, RequestLimits::default()).await;
        sa.join().await;
        sa.subscribe(if host == "H2" { TrapNumber::REPATH } else { TrapNumber::ALL }).await;
        if host == "H2" {
            sa.serve().await;
        }
    }
}

async fn answers(ibsim: &Ibsim) -> Vec<Answer> {
    register(ibsim).await;
    let mut answers = Vec::new();
    for (question, key) in QUESTIONS {
        answers.push(ask(ibsim, question, key).await);
    }
    answers
}

/// What is different: question and field, and an example of it.
fn differences(opensm: &[Answer], manager: &[Answer]) -> BTreeMap<(&'static str, String), String> {
    let mut found = BTreeMap::new();
    for (((question, _), theirs), ours) in QUESTIONS.iter().zip(opensm).zip(manager) {
        let mut note = |field: &str, example: String| {
            found.entry((*question, field.to_owned())).or_insert(example);
        };
        let (theirs, ours) = match (theirs, ours) {
            (Ok(theirs), Ok(ours)) => (theirs, ours),
            (theirs, ours) if theirs == ours => continue,
            (theirs, ours) => {
                note("records", format!("OpenSM {theirs:?}, ours {ours:?}"));
                continue;
            }
        };
        let keys: BTreeSet<_> = theirs.keys().chain(ours.keys()).collect();
        for key in keys {
            let (Some(theirs), Some(ours)) = (theirs.get(key), ours.get(key)) else {
                let whose = if theirs.contains_key(key) { "only OpenSM" } else { "only ours" };
                note("records", format!("{key:?}: {whose}"));
                continue;
            };
            if *question == "ports" && theirs["VLCap"] == "?(0)" {
                note("ports without a link", format!("{key:?}"));
                continue;
            }
            let fields: BTreeSet<_> = theirs.keys().chain(ours.keys()).collect();
            // The port that the manager's last question came by: not always the same, and not always another.
            for field in fields.into_iter().filter(|field| *field != "LocalPort") {
                let (theirs, ours) = (theirs.get(field), ours.get(field));
                if theirs != ours {
                    note(field, format!("{key:?}: OpenSM {theirs:?}, ours {ours:?}"));
                }
            }
        }
    }
    found
}

#[tokio::test]
async fn every_record_is_opensms_but_for_what_is_listed() {
    let fabric = Fabric::start(MESH_3X2, MANAGER).await;
    let opensm = answers(&fabric.ibsim).await;
    drop(fabric);

    let dir = RunDir::new().unwrap();
    let lids = dir.file("lids");
    let mut text = String::new();
    for node in opensm[0].as_ref().unwrap().values() {
        writeln!(text, "{} {}", node["port_guid"], node["lid"]).unwrap();
    }
    fs::write(&lids, text).unwrap();
    let ibsim = Ibsim::start(MESH_3X2, &dir).await.unwrap();
    let arguments = ["--lids", lids.to_str().unwrap()];
    let mut manager = Program::start("subnet-manager", &url(&ibsim, MANAGER), &arguments, &dir);
    manager.event("subnet_up").await;
    let ours = answers(&ibsim).await;

    let records: usize = opensm.iter().filter_map(|answer| answer.as_ref().ok()).map(BTreeMap::len).sum();
    assert!(records > 400, "there is something to compare: {records}");
    let found = differences(&opensm, &ours);
    let listed: BTreeSet<_> =
        DEVIATIONS.iter().map(|deviation| (deviation.question, deviation.field.to_owned())).collect();
    let unlisted: Vec<_> = found.iter().filter(|(place, _)| !listed.contains(place)).collect();
    assert!(unlisted.is_empty(), "differences that are not listed: {unlisted:#?}");
    let gone: Vec<_> = listed.iter().filter(|place| !found.contains_key(place)).collect();
    assert!(gone.is_empty(), "listed, but equal: {gone:?}");
}
