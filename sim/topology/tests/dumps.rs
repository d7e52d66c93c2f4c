//! Texts that other tools wrote, or that people wrote for them.

#![allow(missing_docs, reason = "a test")]

use topology::{Link, Topology};

/// Written by ibnetdiscover on an emulated fabric, whose own file is [`WRITTEN`].
const DUMP: &str = include_str!("data/ibnetdiscover-mesh-3x2.topo");
const WRITTEN: &str = include_str!("../../../examples/topologies/mesh-3x2.topo");

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
fn a_host_may_use_its_second_port_and_links_may_be_parallel() {
    let text = "Switch\t8 \"A\"\n[2]\t\"H\"[2]\tw=12 s=4\n[3]\t\"B\" [3]\n[4]\t\"B\"[4]\n\nSwitch 8 \"B\"\n[3]\t\"A\"[3]\n\
        # a comment does not end a record\n[4]\t\"A\"[4]\n\nHca\t2 \"H\"\n[2]\t\"A\"[2]\n";
    let topology = Topology::parse(text).unwrap();
    let [a, b] = ["A", "B"].map(|name| topology.find(name).unwrap());
    assert_eq!(topology.links_between(a, b).count(), 2);
    assert_eq!(topology.switch_of(topology.find("H").unwrap()).map(|end| end.port), Some(2));
}
