//! `saq smp` and `smpquery`, `saq counters` and `perfquery` give equal answers, by LID and along routes.

#![allow(clippy::std_instead_of_alloc, reason = "it starts programs: there is an operating system")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use core::time::Duration;
use std::collections::BTreeMap;

use peers::Diags;
use support::dump::{Fields, field, ours};
use support::{Fabric, run};

const AT_ONCE: Duration = Duration::from_secs(5);
/// Both run here, one after the other: routes begin here.
const HOST: &str = "H1";

/// A fabric, and both tools on it.
struct Pair {
    fabric: Fabric,
    url: String,
}

impl Pair {
    async fn new() -> Self {
        let fabric = Fabric::mesh().await;
        let url = fabric.url(HOST);
        Self { fabric, url }
    }

    async fn saq(&self, arguments: &[&str]) -> Fields {
        let arguments = [&["--json", "--show-keys"], arguments].concat();
        let mut records = ours(&run(AT_ONCE, "saq", &self.url, &arguments).await.objects());
        assert_eq!(records.len(), 1);
        records.remove(0)
    }

    /// What a tool prints, field by field.
    async fn theirs(&self, tool: &'static str, arguments: &[&str]) -> Fields {
        let dump = Diags::new(&self.fabric.ibsim, HOST).run(tool, arguments).await.unwrap();
        dump.lines().filter_map(|line| field(line.trim())).collect()
    }

    /// The cells of a table that smpquery prints: all that stands behind the first colon of a row.
    async fn cells(&self, arguments: &[&str], separators: &[char]) -> Vec<String> {
        let dump = Diags::new(&self.fabric.ibsim, HOST).run("smpquery", arguments).await.unwrap();
        let rows =
            dump.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.rsplit_once(": "));
        let cells = rows.flat_map(|(_, row)| row.split(separators));
        cells.map(str::trim).filter(|cell| !cell.is_empty()).map(str::to_owned).collect()
    }

    async fn alike(&self, saq: &[&str], smpquery: &[&str]) -> Fields {
        let saq = [&["smp"], saq].concat();
        let (ours, theirs) = (self.saq(&saq).await, self.theirs("smpquery", smpquery).await);
        assert!(theirs.len() > 4, "{theirs:?}");
        assert_eq!(ours, theirs, "saq {saq:?} and smpquery {smpquery:?}");
        ours
    }
}

#[tokio::test]
async fn nodes_switches_and_ports_by_lid() {
    let pair = Pair::new().await;
    let mut kinds = BTreeMap::<String, usize>::new();
    for lid in 1..=14 {
        let lid = lid.to_string();
        let node = pair.alike(&["nodeinfo", &lid], &["nodeinfo", &lid]).await;
        let description = pair.theirs("smpquery", &["nodedesc", &lid]).await;
        assert_eq!(pair.saq(&["smp", "nodedesc", &lid]).await["NodeDesc"], description["Node Description"]);
        *kinds.entry(node["NodeType"].clone()).or_default() += 1;
        if node["NodeType"] == "Switch" {
            pair.alike(&["switchinfo", &lid], &["switchinfo", &lid]).await;
        }
        let first = u64::from(node["NodeType"] != "Switch");
        for number in first..=node["NumPorts"].parse().unwrap() {
            let number = number.to_string();
            let saq = ["portinfo", &lid, "--number", &number];
            pair.alike(&saq, &["-K", "portinfo", &lid, &number]).await;
        }
    }
    assert_eq!(kinds, BTreeMap::from([("Channel Adapter".to_owned(), 8), ("Switch".to_owned(), 6)]));
}

#[tokio::test]
async fn nodes_and_ports_along_routes() {
    let pair = Pair::new().await;
    let mut guids = Vec::new();
    for route in ["0", "0,1", "0,1,1", "0,1,2", "0,1,1,3"] {
        let node = pair.alike(&["nodeinfo", "--route", route], &["-D", "nodeinfo", route]).await;
        guids.push(node["Guid"].clone());
        let saq = ["portinfo", "--route", route, "--number", "1"];
        pair.alike(&saq, &["-K", "-D", "portinfo", route, "1"]).await;
    }
    assert_eq!(
        pair.saq(&["smp", "nodeinfo", "--route", "1,2"]).await["Guid"],
        guids[3],
        "the first 0 can be left out"
    );
    assert_eq!(pair.saq(&["smp", "nodeinfo"]).await["Guid"], guids[0]);
    guids.sort();
    guids.dedup();
    assert_eq!(guids.len(), 5, "five nodes");
    let said =
        run(Duration::from_secs(8), "saq", &pair.url, &["smp", "nodeinfo", "--route", "1,1,1,1,1,77"]).await;
    assert!(said.failure().contains("no answer, asked 4 times"), "{said:?}");
}

#[tokio::test]
async fn tables_of_ports() {
    let pair = Pair::new().await;
    for lid in ["1", "3"] {
        let guids = pair.cells(&["guidinfo", lid], &[' ']).await;
        let block = pair.saq(&["smp", "guidinfo", lid]).await;
        let ours = Vec::from_iter((0..8).map(|number| block[&format!("GUID{number}")].clone()));
        assert_eq!(ours, guids[..8]);
        let keys = pair.cells(&["pkeys", lid], &[' ']).await;
        let block = |number: &'static str| ["smp", "pkeys", lid, "--block", number];
        assert_eq!(pair.saq(&block("0")).await["PKey Table"].split(' ').collect::<Vec<_>>(), keys[..32]);
        assert_eq!(pair.saq(&block("1")).await["PKey Table"].split(' ').collect::<Vec<_>>(), keys[32..]);
        let lanes = pair.cells(&["sl2vl", lid], &['|']).await;
        assert_eq!(pair.saq(&["smp", "sl2vl", lid]).await["VL"].split(' ').collect::<Vec<_>>(), lanes);
    }
}

#[tokio::test]
async fn counters_of_ports() {
    let pair = Pair::new().await;
    // What is counted while the tools ask differs from one to the other.
    let is_steady = |name: &str| !(name.contains("Data") || name.contains("Pkts"));
    let switch = pair.saq(&["nodes", "S2"]).await.remove("lid").unwrap();
    let switch = switch.as_str();
    // A host, and another port of a switch.
    for (saq, perfquery) in [
        (&["3"][..], &["3", "1"][..]),
        (&["3", "--extended"], &["-x", "3", "1"]),
        (&[switch, "--number", "2"], &[switch, "2"]),
        (&[switch, "--number", "2", "--extended"], &["-x", switch, "2"]),
    ] {
        let ours = pair.saq(&[&["counters"], saq].concat()).await;
        let theirs = pair.theirs("perfquery", perfquery).await;
        assert!(theirs.len() > 9 && theirs.contains_key("PortSelect"), "{theirs:?}");
        for (name, value) in &theirs {
            let own = ours.get(name).unwrap_or_else(|| panic!("{name} is missing"));
            assert!(own == value || !is_steady(name), "{name}: {own}, perfquery has {value}");
        }
    }
}

#[tokio::test]
async fn a_node_is_asked_without_a_subnet_manager() {
    let dir = peers::RunDir::new().unwrap();
    let ibsim = peers::Ibsim::start(peers::MESH_3X2, &dir).await.unwrap();
    let url = support::url(&ibsim, "H1");
    let node = run(AT_ONCE, "saq", &url, &["--json", "smp", "nodedesc"]).await.objects().remove(0);
    assert_eq!(node["NodeDesc"], "H1");
    let by_name = run(AT_ONCE, "saq", &url, &["smp", "nodedesc", "H2"]).await;
    assert!(by_name.failure().contains("no subnet manager has configured this port"));
}
