//! Texts that other tools wrote, or that people wrote for them.

#![allow(missing_docs, reason = "a test")]

use topology::{End, Link, Mistake, Speed, Topology, Width};

/// Written by ibnetdiscover on an emulated fabric, whose own file is [`WRITTEN`].
const DUMP: &str = include_str!("data/ibnetdiscover-mesh-3x2.topo");
const WRITTEN: &str = include_str!("../../../examples/topologies/mesh-3x2.topo");
/// Written by ibnetdiscover on an emulated fabric whose nodes have names as machines have them.
const NAMES: &str = include_str!("data/ibnetdiscover-names.topo");
/// What ibnetdiscover writes with `-g` and `-f` where switches have chassis, a router is there, and lanes are fast.
const CHASSIS: &str = include_str!("data/chassis.topo");

/// A topology's links by the names that people use.
fn links(topology: &Topology) -> Vec<[(String, u8); 2]> {
    let named = |link: Link| {
        let mut ends = [link.a, link.b].map(|end| {
            let node = &topology[end.node];
            (node.description().unwrap_or(node.name()).to_owned(), end.port)
        });
        ends.sort();
        ends
    };
    let mut links: Vec<_> = topology.links().map(named).collect();
    links.sort();
    links
}

#[test]
fn a_dump_has_the_links_of_the_fabric_that_it_was_made_of() {
    let (dump, written) = (Topology::parse(DUMP).unwrap(), Topology::parse(WRITTEN).unwrap());
    assert_eq!((dump.switches().count(), dump.hosts().count()), (6, 8));
    assert_eq!(links(&dump), links(&written));
    assert_eq!(Topology::parse(&dump.to_string()), Ok(dump));
}

#[test]
fn what_ibnetdiscover_wrote_is_written_again_word_for_word() {
    let lines = |text: &str| -> Vec<String> {
        text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(Into::into).collect()
    };
    for dump in [DUMP, NAMES] {
        assert_eq!(lines(&Topology::parse(dump).unwrap().to_string()), lines(dump));
    }
}

#[test]
fn a_fabric_without_guids_gets_those_that_ibsim_gives_it() {
    let (dump, written) = (Topology::parse(DUMP).unwrap(), Topology::parse(WRITTEN).unwrap());
    for (index, node) in written.nodes() {
        let same = dump.find(node.name()).unwrap();
        assert_eq!(Some(written.node_guid(index)), dump[same].guid(), "{}", node.name());
        let port = |node| End { node, port: 1 };
        assert_eq!(written.port_guid(port(index)), dump.port_guid(port(same)), "{}", node.name());
    }
}

#[test]
fn odd_names_guids_lids_and_rates_are_kept() {
    let dump = Topology::parse(NAMES).unwrap();
    let lid = |name: &str, port| {
        let node = dump.find(name).unwrap_or_else(|| panic!("{name}"));
        let end = End { node, port };
        (dump.node_guid(node), dump.port_guid(end), dump.said(end).lid)
    };
    let host = 0x2_c903_ab0c_1024;
    assert_eq!(lid("node-0001 HCA-1", 1), (host, host + 1, Some(10)));
    assert_eq!(lid("node-0001 HCA-1", 2), (host, host + 2, Some(15)));
    assert_eq!(lid("the \"big\" one", 1), (0x2_c903_ab0c_2200, 0x2_c903_ab0c_2201, Some(12)));
    assert_eq!(lid("=store= 4;", 1).2, Some(14));
    assert_eq!(lid("node-0002 'login' mlx4_0", 2).2, Some(13));
    assert_eq!(lid("ISR 4036 # rack B-7", 0).2, Some(18));
    assert_eq!(lid("MF0;sx-spine 1:MSX6036/U1", 0).2, Some(17));
    let enhanced = dump.switches().filter(|switch| dump[*switch].identity().enhanced_port_zero);
    assert_eq!(enhanced.count(), 2);
    assert!(dump.links().all(|link| dump.rate(link).is_some_and(|rate| rate.to_string() == "4xSDR")));
    assert_eq!(dump.end_ports(), 3 + 6);
}

#[test]
fn chassis_routers_and_fast_lanes_are_read() {
    let dump = Topology::parse(CHASSIS).unwrap();
    assert_eq!((dump.switches().count(), dump.hosts().count(), dump.nodes().count()), (3, 2, 6));
    let host = dump.find("gpu-017 mlx5_3").unwrap();
    let link = dump.links_of(host).next().unwrap();
    let rate = dump.rate(link).unwrap();
    assert_eq!((rate.width, rate.speed), (Width::Two, Speed::Ndr));
    assert_eq!(dump.said(link.a).lmc, 1);
    // An adapter may use its node's GUID for its port.
    assert_eq!(dump.port_guid(link.a), dump.node_guid(host));
    let spine = dump.find("MF0;core-1:MCS8500/S01/U1").unwrap();
    let identity = dump[spine].identity();
    assert_eq!((identity.vendor, identity.device), (Some(0x2c9), Some(0xd2f0)));
    assert_ne!(identity.system_image_guid, dump[spine].guid());
    assert_eq!(Topology::parse(&dump.to_string()), Ok(dump));
}

#[test]
fn a_dump_that_was_cut_off_is_refused_wherever_it_was_cut() {
    for dump in [DUMP, NAMES, CHASSIS] {
        let whole = Topology::parse(dump).unwrap();
        let mut named = 0;
        for at in (0..dump.len()).filter(|at| dump.is_char_boundary(*at)) {
            match Topology::parse(&dump[..at]) {
                // Before the first link nothing is missing, behind the last one a comment is.
                Ok(part) => assert!([vec![], links(&whole)].contains(&links(&part)), "{at}"),
                Err(error) => {
                    named += usize::from(matches!(error.mistake, Mistake::CutOff { .. }));
                    assert!(!error.to_string().contains('\n'));
                }
            }
        }
        assert!(named > dump.len() / 2, "{named} of {}", dump.len());
    }
}

#[test]
fn a_host_may_use_its_second_port_and_links_may_be_parallel() {
    let text = "Switch\t8 \"A\"\n[2]\t\"H\"[2]\tw=12 s=4\n[3]\t\"B\" [3]\n[4]\t\"B\"[4]\n\nSwitch 8 \"B\"\n[3]\t\"A\"[3]\n\
        # a comment does not end a record\n[4]\t\"A\"[4]\n\nHca\t2 \"H\"\n[2]\t\"A\"[2]\n";
    let topology = Topology::parse(text).unwrap();
    let [a, b] = ["A", "B"].map(|name| topology.find(name).unwrap());
    assert_eq!(topology.links_between(a, b).count(), 2);
    assert_eq!(topology.switch_of(topology.find("H").unwrap()).map(|end| end.port), Some(2));
}

#[test]
fn guids_that_come_twice_are_named() {
    let message = |text: &str| Topology::parse(text).unwrap_err().to_string();
    let twice = NAMES.replacen("caguid=0x2c903ab0c2200", "caguid=0x2c903ab0c1024", 1);
    let text = message(&twice);
    assert!(text.contains("has the GUID 0x2c903ab0c1024, which \"H-0002c903ab0c2200\" in line "), "{text}");
    let twice = NAMES.replace("(2c903ab0c2201)", "(2c903ab0c1025)");
    let text = message(&twice);
    assert!(
        text.contains("port 1 of \"H-") && text.contains("has the GUID 0x2c903ab0c1025, which port 1"),
        "{text}"
    );
    let disagreeing = NAMES.replacen("(2c903ab0c2201)", "(2c903ab0c2209)", 1);
    let text = message(&disagreeing);
    assert!(text.contains("the GUID 0x2c903ab0c2209, line ") && text.contains("0x2c903ab0c2201"), "{text}");
}

#[test]
fn more_end_ports_than_lids_are_refused() {
    use core::fmt::Write;
    // 250 switches with 99 adapters of two ports each: fewer nodes than LIDs, more end ports.
    let mut text = String::new();
    for switch in 0..250 {
        writeln!(text, "Switch 200 \"S{switch}\"").unwrap();
        for port in 1..=198 {
            writeln!(text, "[{port}] \"H{switch}-{}\"[{}]", (port - 1) / 2, (port - 1) % 2 + 1).unwrap();
        }
        for host in 0..99 {
            let (one, two) = (2 * host + 1, 2 * host + 2);
            writeln!(text, "Ca 2 \"H{switch}-{host}\"\n[1] \"S{switch}\"[{one}]\n[2] \"S{switch}\"[{two}]")
                .unwrap();
        }
    }
    let message = Topology::parse(&text).unwrap_err().to_string();
    assert_eq!(message, "the topology has more than 49151 end ports, which need a LID each");
}
