//! `saq` and `saquery` give equal answers: every field, by its name and its value, of every query that ibsim lets through.
//!
//! ibsim lets 256 bytes through, and `saquery` reads 224 of them there: three short records, one long one. So each question is for
//! so few; that `saq` puts larger tables together from parts is held against the parts.

#![allow(clippy::std_instead_of_alloc, reason = "it starts programs: there is an operating system")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use core::time::Duration;
use std::collections::BTreeMap;

use ib_mad::Lid;
use ib_mad::request::RequestLimits;
use ib_mad::wire::{McMemberRecord, TrapNumber};

use support::dump::{Fields, ours, records};
use support::{Fabric, Sa, run};

const AT_ONCE: Duration = Duration::from_secs(5);
/// Makes OpenSM trust the question: any key does that is not zero.
const TRUSTED: &[&str] = &["--smkey", "1"];

/// A port of the fabric.
struct Port {
    lid: u64,
    ports: u64,
    is_switch: bool,
    name: String,
    guid: String,
}

/// A fabric, and both tools on it.
struct Pair {
    fabric: Fabric,
    url: String,
}

impl Pair {
    async fn new() -> Self {
        let fabric = Fabric::mesh().await;
        let url = fabric.url("H1");
        Self { fabric, url }
    }

    async fn saq(&self, arguments: &[&str]) -> Vec<Fields> {
        let arguments = [&["--json", "--show-keys", "--sm-key", "1"], arguments].concat();
        ours(&run(AT_ONCE, "saq", &self.url, &arguments).await.objects())
    }

    async fn saquery(&self, arguments: &[&str]) -> Vec<Fields> {
        let arguments = [TRUSTED, &["-K"], arguments].concat();
        records(&self.fabric.diags().run("saquery", &arguments).await.unwrap())
    }

    /// Both answer alike, at least one record; what they answer.
    async fn alike(&self, saq: &[&str], saquery: &[&str]) -> Vec<Fields> {
        let (ours, theirs) = (self.saq(saq).await, self.saquery(saquery).await);
        assert!(!theirs.is_empty(), "saquery {saquery:?} finds nothing");
        assert_eq!(ours, theirs, "saq {saq:?} and saquery {saquery:?}");
        ours
    }

    /// The ports with LIDs, as `saq` says; that is compared with `saquery` elsewhere.
    async fn ports(&self) -> Vec<Port> {
        let nodes = self.saq(&["nodes"]).await;
        let port = |node: &Fields| Port {
            lid: node["lid"].parse().unwrap(),
            ports: node["num_ports"].parse().unwrap(),
            is_switch: node["node_type"] == "Switch",
            name: node["NodeDescription"].clone(),
            guid: node["port_guid"].clone(),
        };
        nodes.iter().map(port).collect()
    }
}

impl Port {
    /// Numbers of the node's ports, that of a switch itself included.
    fn numbers(&self) -> impl Iterator<Item = u64> + use<> {
        u64::from(!self.is_switch)..=self.ports
    }
}

/// In an order of their own; what comes twice stays twice.
fn sorted(mut records: Vec<Fields>) -> Vec<Fields> {
    records.sort();
    records
}

#[tokio::test]
async fn nodes_ports_switches_and_links() {
    let pair = Pair::new().await;
    let ports = pair.ports().await;
    assert_eq!(ports.len(), 14);
    let mut parts: BTreeMap<&str, Vec<Fields>> = BTreeMap::new();
    for port in &ports {
        let lid = port.lid.to_string();
        let node = pair.alike(&["nodes", &lid], &["NR", &lid]).await;
        // By its other names, too.
        let gid = format!("fe80::{}:{}", &port.guid[10..14], &port.guid[14..]);
        for name in [&port.name, &port.guid, &gid] {
            assert_eq!(pair.saq(&["nodes", name]).await, node, "{name}");
        }
        parts.entry("nodes").or_default().extend(node);
        if port.is_switch {
            let switch = pair.alike(&["switches", &lid], &["SWIR", &lid]).await;
            parts.entry("switches").or_default().extend(switch);
        }
        for number in port.numbers() {
            let number = number.to_string();
            let one = format!("{lid}/{number}");
            let info = pair.alike(&["ports", &lid, "--number", &number], &["PIR", &one]).await;
            parts.entry("ports").or_default().extend(info);
            let link = ["links", "--from", &lid, "--from-number", &number];
            let theirs = pair.saquery(&["LR", &one]).await;
            if theirs.is_empty() {
                let said = run(AT_ONCE, "saq", &pair.url, &link).await;
                assert!(said.failure().contains("no records: nothing matches"), "{said:?}");
            } else {
                assert_eq!(pair.saq(&link).await, theirs);
                parts.entry("links").or_default().extend(theirs);
            }
        }
    }
    assert_eq!(parts["links"].len(), 30);
    // What saq puts together is what its parts are.
    for (table, parts) in parts {
        assert_eq!(sorted(pair.saq(&[table]).await), sorted(parts), "{table}");
    }
}

#[tokio::test]
async fn paths() {
    let pair = Pair::new().await;
    let lids = Vec::from_iter(pair.ports().await.iter().map(|port| port.lid.to_string()));
    let mut parts = Vec::new();
    for (place, from) in lids.iter().enumerate() {
        // Each port with some of the others: all of them are 196 runs of saquery.
        for to in [from, &lids[(place * 3 + 1) % lids.len()], &lids[(place + 5) % lids.len()]] {
            let pair_of = format!("{from}:{to}");
            let theirs = pair.saquery(&["-p", "--src-to-dst", &pair_of]).await;
            assert_eq!(pair.saq(&["path", "--from", from, "--to", to]).await, theirs);
            let (saq, saquery) =
                (["paths", "--from", from, "--to", to], ["PR", "--slid", from, "--dlid", to]);
            parts.extend(pair.alike(&saq, &saquery).await);
        }
        assert_eq!(pair.saq(&["paths", "--from", from]).await.len(), lids.len());
    }
    let all = sorted(pair.saq(&["paths"]).await);
    assert_eq!(all.len(), lids.len() * lids.len());
    assert!(all.windows(2).all(|two| two[0] != two[1]), "no path twice");
    assert!(parts.into_iter().all(|part| all.binary_search(&part).is_ok()));
}

#[tokio::test]
async fn tables_of_ports_and_switches() {
    let pair = Pair::new().await;
    for port in pair.ports().await.iter().filter(|port| ["H1", "H7", "S1", "S5"].contains(&&*port.name)) {
        let lid = port.lid.to_string();
        let block = |number: u32| format!("{lid}/{number}");
        pair.alike(&["guidinfo", &lid, "--block", "0"], &["GIR", &block(0)]).await;
        for number in port.numbers() {
            let number = number.to_string();
            for block in ["1", "2"] {
                let saq = ["vlarb", &lid, "--number", &number, "--block", block];
                pair.alike(&saq, &["VLAR", &format!("{lid}/{number}/{block}")]).await;
            }
            let saq = ["pkeys", &lid, "--number", &number, "--block", "0"];
            pair.alike(&saq, &["PKTR", &format!("{lid}/{number}/0")]).await;
            let saq = ["sl2vl", &lid, "--input", "1", "--output", &number];
            pair.alike(&saq, &["SL2VL", &format!("{lid}/1/{number}")]).await;
        }
        if port.is_switch {
            pair.alike(&["lft", &lid, "--block", "0"], &["LFTR", &block(0)]).await;
        }
    }
    pair.alike(&["sminfo"], &["SMIR"]).await;
    pair.alike(&["classportinfo"], &["CPI"]).await;
}

/// A group, its members on two hosts, a service, and two subscriptions.
async fn register(pair: &Pair) -> McMemberRecord {
    let mut first = None;
    for host in ["H2", "H3"] {
        let mut sa = Sa::new(&pair.fabric.ibsim, host, RequestLimits::default()).await;
        first.get_or_insert(sa.join().await);
        sa.subscribe(if host == "H2" { TrapNumber::REPATH } else { TrapNumber::ALL }).await;
        if host == "H2" {
            sa.serve().await;
        }
    }
    first.unwrap()
}

#[tokio::test]
async fn groups_services_and_subscriptions() {
    let pair = Pair::new().await;
    assert_eq!(pair.saq(&["services"]).await, []);
    let member = register(&pair).await;
    let Lid(mlid) = member.mlid;
    let mlid = format!("{mlid:#x}");

    pair.alike(&["groups", "--mlid", &mlid], &["MCMR", "--mlid", &mlid]).await;
    let mgid = member.mgid.to_string();
    let of_group = pair.alike(&["members", "--mgid", &mgid], &["MCMR", "--mgid", &mgid]).await;
    assert_eq!(of_group.len(), 2, "both members");
    let gid = member.port_gid.to_string();
    pair.alike(&["members", "--member", &gid], &["MCMR", "--gid", &gid]).await;
    assert_eq!(
        pair.saq(&["members", "--member", "H2"]).await,
        pair.saq(&["members", "--member", &gid]).await
    );

    // saquery reads 168 of a record's 176 bytes.
    let (mut ours, mut theirs) = (pair.saq(&["services"]).await, pair.saquery(&["SR"]).await);
    assert_eq!((ours.len(), theirs.len()), (1, 1));
    for service in [&mut ours[0], &mut theirs[0]] {
        assert!(service.remove("ServiceData64.2").is_some());
    }
    assert_eq!(ours, theirs);
    assert_eq!(pair.saq(&["services", "--name", "a service"]).await.len(), 1);

    let subscriptions = pair.alike(&["subscriptions"], &["IIR"]).await;
    assert_eq!(subscriptions.len(), 2);
    let of_one = pair.saq(&["subscriptions", "H2"]).await;
    assert_eq!(of_one.len(), 1);
    assert!(subscriptions.contains(&of_one[0]));

    // A member's port is in the forwarding table of its switch.
    let switches = pair.ports().await;
    let mut compared = 0;
    for switch in switches.iter().filter(|port| port.is_switch) {
        let saq = ["mft", &switch.lid.to_string(), "--block", "0", "--position", "0"];
        let theirs = pair.saquery(&["MFTR", &format!("{}/0/0", switch.lid)]).await;
        if !theirs.is_empty() {
            assert_eq!(pair.saq(&saq).await, theirs);
            compared += 1;
        }
    }
    assert!(compared > 0);
    assert!(!pair.saq(&["mft"]).await.is_empty());
}

#[tokio::test]
async fn csv_and_brief_have_what_json_has() {
    let pair = Pair::new().await;
    let nodes = pair.saq(&["nodes"]).await;
    let csv = run(AT_ONCE, "saq", &pair.url, &["--csv", "nodes"]).await;
    let mut reader = csv::Reader::from_reader(csv.output.as_bytes());
    let names = reader.headers().unwrap().clone();
    let rows = reader
        .records()
        .map(|row| names.iter().map(str::to_owned).zip(row.unwrap().iter().map(str::to_owned)).collect());
    assert_eq!(rows.collect::<Vec<Fields>>(), nodes);
    assert!(csv.output.starts_with("lid,base_version,") && csv.output.ends_with("\r\n"));
    let brief = run(AT_ONCE, "saq", &pair.url, &["--brief", "nodes"]).await;
    assert_eq!(brief.output.lines().count(), nodes.len());
    let full = run(AT_ONCE, "saq", &pair.url, &["nodes"]).await;
    assert_eq!(full.output.matches("NodeRecord\n").count(), nodes.len());
}
