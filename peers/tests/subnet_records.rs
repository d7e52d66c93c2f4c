//! Our subnet manager is the master of an emulated fabric: `saquery` finds in its subnet administration what the nodes
//! themselves say, and `dump_mfts` in the switches the trees of its groups.

#![allow(clippy::std_instead_of_alloc, reason = "it starts programs: there is an operating system")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ib_mad::request::RequestLimits;
use ib_mad::wire::{McMemberRecord, TrapNumber};
use serde_json::Value;

use support::dump::{Fields, records};
use support::{Managed, SOON, Sa, View, lid, text, within};

/// The records that `saquery` prints.
async fn saquery(managed: &Managed, arguments: &[&str]) -> Vec<Fields> {
    records(&managed.ask("saquery", arguments).await)
}

/// The one record that `saquery` prints.
async fn one(managed: &Managed, arguments: &[&str]) -> Fields {
    let mut found = saquery(managed, arguments).await;
    assert_eq!(found.len(), 1, "saquery {arguments:?}: {found:?}");
    found.remove(0)
}

/// What `smpquery` prints of a node, by the same names.
async fn smpquery(managed: &Managed, arguments: &[&str]) -> Fields {
    let printed = managed.ask("smpquery", arguments).await;
    printed.lines().filter_map(|line| support::dump::field(line.trim())).collect()
}

/// The service level between two switches, by the manager's own table.
fn level(view: &View, from: &Value, to: &Value) -> u64 {
    let place = view.switches().position(|switch| switch["guid"] == to["guid"]).unwrap();
    from["service_levels"][place].as_u64().unwrap()
}

/// The switch of a host.
fn switch_of<'v>(view: &'v View, host: &Value) -> &'v Value {
    let guid = &host["ports"][0]["neighbor"]["guid"];
    view.switches().find(|switch| switch["guid"] == *guid).unwrap()
}

/// Every host's path to every host, as `saquery` gets it, is the manager's.
async fn paths_agree(managed: &Managed) -> BTreeSet<u64> {
    let view = managed.view();
    let hosts: Vec<&Value> = view.nodes().filter(|node| node["is_switch"] == false).collect();
    let mut levels = BTreeSet::new();
    for from in &hosts {
        for to in &hosts {
            let path = managed.diags().path_record(lid(from), lid(to)).await.unwrap();
            let gid = |host: &Value| {
                let guid = u64::from_str_radix(host["guid"].as_str().unwrap().trim_start_matches("0x"), 16);
                let [.., a, b, c, d] = (guid.unwrap() + 1).to_be_bytes();
                format!("fe80::{:x}:{:x}", u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]))
            };
            let level = level(&view, switch_of(&view, from), switch_of(&view, to));
            levels.insert(level);
            let expected = [
                ("slid", lid(from).to_string()),
                ("dlid", lid(to).to_string()),
                ("sgid", gid(from)),
                ("dgid", gid(to)),
                ("sl", format!("0x{level:x}")),
                ("pkey", "0xFFFF".into()),
                // Exactly 2048 bytes, and exactly 10 Gbit/s.
                ("mtu", "0x84".into()),
                ("rate", "0x83".into()),
            ];
            for (field, value) in expected {
                assert_eq!(path[field], value, "{field} of {path:?}");
            }
        }
    }
    levels
}

#[tokio::test]
async fn paths_between_all_pairs_of_hosts() {
    let mut managed = Managed::mesh(&[]).await;
    assert_eq!(paths_agree(&managed).await, BTreeSet::from([0]));
    // Without the link in the middle what is left is a ring, which takes another lane.
    managed.ibsim.unlink("S2", 3).await.unwrap();
    managed.manager.event("subnet_up").await;
    assert_eq!(paths_agree(&managed).await, BTreeSet::from([0, 1]));
}

#[tokio::test]
async fn nodes_ports_switches_and_links_are_what_the_nodes_say() {
    let managed = Managed::mesh(&[]).await;
    let view = managed.view();
    let mut links = BTreeSet::new();
    let lids: BTreeMap<String, u64> =
        view.nodes().map(|node| (text(&node["name"]), lid(node).into())).collect();
    for node in view.nodes() {
        let at = lid(node).to_string();
        let record = one(&managed, &["NR", &at]).await;
        let info = smpquery(&managed, &["nodeinfo", &at]).await;
        for (ours, theirs) in [
            ("num_ports", "NumPorts"),
            ("sys_guid", "SystemGuid"),
            ("node_guid", "Guid"),
            ("port_guid", "PortGuid"),
            ("partition_cap", "PartCap"),
            ("device_id", "DevId"),
            ("revision", "Revision"),
            ("vendor_id", "VendorId"),
        ] {
            let number = |text: &str| {
                text.strip_prefix("0x")
                    .map_or_else(|| text.parse(), |digits| u64::from_str_radix(digits, 16))
                    .unwrap()
            };
            assert_eq!(number(&record[ours]), number(&info[theirs]), "{ours} of {at}");
        }
        assert_eq!(record["NodeDescription"], text(&node["name"]));
        if node["is_switch"] == true {
            let record = one(&managed, &["SWIR", &at]).await;
            let info = smpquery(&managed, &["switchinfo", &at]).await;
            let number = |text: &str| u64::from_str_radix(text.trim_start_matches("0x"), 16).unwrap();
            for (ours, theirs) in [
                ("LinearFDBCap", "LinearFdbCap"),
                ("MulticastFDBCap", "McastFdbCap"),
                ("LinearFDBTop", "LinearFdbTop"),
            ] {
                assert_eq!(number(&record[ours]), info[theirs].parse::<u64>().unwrap(), "{ours} of {at}");
            }
        }
        for port in node["ports"].as_array().unwrap() {
            let number = port["number"].as_u64().unwrap();
            let place = format!("{at}/{number}");
            let record = one(&managed, &["PIR", &place]).await;
            let mut info = smpquery(&managed, &["portinfo", &at, &number.to_string()]).await;
            assert_eq!((&record["EndPortLid"], &record["PortNum"]), (&at, &number.to_string()));
            // The port that was asked by, which for a switch is whichever the question came in by.
            info.remove("LocalPort");
            for (field, value) in info {
                assert_eq!(record.get(&field), Some(&value), "{field} of port {place}");
            }
            let far = &port["neighbor"];
            let found = saquery(&managed, &["LR", &place]).await;
            assert_eq!(found.len(), usize::from(!far.is_null()), "links of {place}");
            for link in found {
                let [to, to_port] = ["ToLID", "ToPort"].map(|name| link[name].parse::<u64>().unwrap());
                assert_eq!((to, to_port), (lids[&text(&far["name"])], far["port"].as_u64().unwrap()));
                links.insert((at.clone(), number));
            }
        }
    }
    assert_eq!(links.len(), view.links().len());

    let manager = view.0["manager_lid"].as_u64().unwrap();
    let record = one(&managed, &["SMIR"]).await;
    assert_eq!((record["LID"].parse(), record["SMState"].parse()), (Ok(manager), Ok(3)));
    for switch in view.switches() {
        let table = one(&managed, &["LFTR", &format!("{}/0", lid(switch))]).await;
        let ports: Vec<&str> = table["LFT"].split(' ').collect();
        for entry in switch["forwarding"].as_array().unwrap() {
            let (to, port) = (entry[0].as_u64().unwrap() as usize, entry[1].as_u64().unwrap());
            assert_eq!(ports[to], port.to_string(), "LID {to} at {}", switch["name"]);
        }
    }
}

/// Members of a group, a service, and two subscriptions, made by nodes of the fabric.
async fn register(managed: &Managed) -> McMemberRecord {
    let mut record = None;
    for host in ["H2", "H3", "H8"] {
        let mut sa = Sa::new(&managed.ibsim, host, RequestLimits::default()).await;
        record = Some(sa.join().await);
        match host {
            "H2" => sa.subscribe(TrapNumber::REPATH).await,
            "H3" => sa.subscribe(TrapNumber::ALL).await,
            _ => sa.serve().await,
        }
    }
    record.unwrap()
}

/// The ports of each switch that a group's packets leave by.
type Tree = BTreeMap<String, BTreeSet<u64>>;

/// As `dump_mfts` prints it: a line with the switch's name, one with the numbers of the ports, then for each LID a line with an `x`
/// below each port.
fn tree(printed: &str, group: &str) -> Tree {
    let mut tree = Tree::new();
    let (mut name, mut first) = ("", 0);
    for line in printed.lines() {
        if let Some((_, rest)) = line.split_once(" guid 0x") {
            name = rest.split_once('(').unwrap().1.trim_end_matches([':', ' ', ')']);
        } else if let Some((before, _)) = line.split_once("Ports: ") {
            first = before.len() + "Ports: ".len();
        } else if line.starts_with(group) {
            let marks = line.bytes().enumerate().skip(first).filter(|(_, mark)| *mark == b'x');
            tree.insert(name.to_owned(), marks.map(|(column, _)| ((column - first) / 2) as u64).collect());
        }
    }
    tree
}

/// The hosts that a group's packet from a host comes to, each once, by the links that the manager knows.
fn receivers(view: &View, tree: &Tree, from: &str) -> Vec<String> {
    let links: BTreeMap<_, _> = view.links().into_iter().map(|[near, far]| (near, far)).collect();
    let mut receivers = Vec::new();
    let mut queue = VecDeque::from([links[&(from.to_owned(), 1)].clone()]);
    let mut passed = 0;
    while let Some((at, arrival)) = queue.pop_front() {
        passed += 1;
        assert!(passed < 100, "round in circles: {tree:?}");
        match tree.get(&at) {
            Some(ports) => {
                let out = ports.iter().filter(|port| **port != arrival);
                queue.extend(out.map(|port| links[&(at.clone(), *port)].clone()));
            }
            None => receivers.push(at),
        }
    }
    receivers.sort();
    receivers
}

#[tokio::test]
async fn groups_services_and_subscriptions() {
    let managed = Managed::mesh(&[]).await;
    let view = managed.view();
    let member = register(&managed).await;
    let group = format!("{:#x}", member.mlid.0);
    let record = one(&managed, &["MCMR", "--mlid", &group, "--gid", &member.port_gid.to_string()]).await;
    for (field, value) in [
        ("MGID", "ff12:1234::77"),
        ("PortGid", "fe80::10:f"),
        ("JoinState", "0x1"),
        ("Scope", "0x2"),
        ("mlid", &group),
        ("mtu", "0x83"),
        ("rate", "0x83"),
        ("qkey", "0x1234"),
        ("TClass", "0x3"),
        ("FlowLabel", "0x12345"),
    ] {
        assert_eq!(record[field], value, "{field}");
    }
    // The broadcast group of IP over InfiniBand is there by itself.
    let groups = saquery(&managed, &["MCMR"]).await;
    let groups: BTreeSet<&str> = groups.iter().map(|group| group["MGID"].as_str()).collect();
    assert_eq!(groups, BTreeSet::from(["ff12:1234::77", "ff12:401b:ffff::ffff:ffff"]));

    let service = one(&managed, &["SR"]).await;
    for (field, value) in [
        ("ServiceID", "0x1000000000000001"),
        ("ServiceGID", "fe80::10:f"),
        ("ServiceP_Key", "0xffff"),
        ("ServiceLease", "0xffffffff"),
        ("ServiceName", "a service"),
    ] {
        assert_eq!(service[field], value, "{field}");
    }
    let subscriptions = saquery(&managed, &["IIR"]).await;
    let told: BTreeSet<_> =
        subscriptions.iter().map(|one| (one["SubscriberGID"].as_str(), one["trap_num"].as_str())).collect();
    assert_eq!(told, BTreeSet::from([("fe80::10:3", "69"), ("fe80::10:5", "65535")]));

    // The answer to a member does not wait for the switches.
    let whole = async {
        loop {
            let tree = tree(&managed.ask("dump_mfts", &[]).await, &group);
            if receivers(&view, &tree, "H2") == ["H3", "H8"] {
                break tree;
            }
        }
    };
    let tree = within(SOON, "the tree of the group", whole).await;
    assert_eq!(receivers(&view, &tree, "H3"), ["H2", "H8"]);
    assert_eq!(receivers(&view, &tree, "H8"), ["H2", "H3"]);
    for switch in view.switches() {
        let found = saquery(&managed, &["MFTR", &format!("{}/0/0", lid(switch))]).await;
        let ports = tree.get(&text(&switch["name"])).into_iter().flatten();
        let expected = ports.fold(0_u16, |mask, port| mask | 1 << port);
        let mask = found.first().map_or(0, |record| {
            let masks: Vec<&str> = record["MFT"].split(' ').collect();
            u16::from_str_radix(masks[1].trim_start_matches("0x"), 16).unwrap()
        });
        assert_eq!(mask, expected, "{}", switch["name"]);
    }
}
