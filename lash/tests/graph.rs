//! What a graph can be, and which mistakes are refused.

use lash::{Graph, GraphError, SwitchPort};

#[test]
fn links_are_known_at_both_ends() {
    let mut builder = Graph::builder();
    let [one, other] = [builder.add_switch(4).unwrap(), builder.add_switch(44).unwrap()];
    builder.link((one, 3), (other, 1)).unwrap();
    builder.link((one, 1), (other, 2)).unwrap();
    let ends = [(one, 0), (one, 2), (one, 2), (other, 0)].map(|(switch, port)| builder.attach(switch, port));
    assert!(ends.iter().all(Result::is_ok), "several LIDs of one port");
    let graph = builder.build();
    let end = |switch, port| SwitchPort { switch, port };
    assert_eq!(graph.links(one), [(1, end(other, 2)), (3, end(other, 1))]);
    assert_eq!(graph.peer(end(other, 2)), Some(end(one, 1)));
    assert_eq!(graph.peer(end(one, 2)), None);
    assert_eq!(graph.destination(ends[2].unwrap()), Some(end(one, 2)));
    assert_eq!((graph.switch_count(), graph.port_count(one), graph.port_count(other)), (2, 4, 44));
}

#[test]
fn mistakes_are_refused_where_they_are_made() {
    let mut builder = Graph::builder();
    let [one, other] = [builder.add_switch(4).unwrap(), builder.add_switch(255).unwrap()];
    let missing = lash::SwitchIndex::new(2).unwrap();
    builder.link((one, 1), (other, 1)).unwrap();
    builder.attach(one, 2).unwrap();
    let in_use = |switch, port| GraphError::PortInUse { switch, port };
    let no_port = |switch, ports, port| GraphError::NoSuchPort { switch, ports, port };
    let linked = [
        ((one, 1), (other, 2), in_use(one, 1)),
        ((other, 2), (one, 2), in_use(one, 2)),
        ((one, 0), (other, 2), no_port(one, 4, 0)),
        ((one, 5), (other, 2), no_port(one, 4, 5)),
        ((one, 3), (other, 255), no_port(other, 254, 255)),
        ((one, 3), (missing, 1), GraphError::NoSuchSwitch { switch: missing }),
        ((one, 3), (one, 4), GraphError::LinkedWithItself { switch: one, port: 3, other: 4 }),
        ((one, 3), (one, 3), GraphError::LinkedWithItself { switch: one, port: 3, other: 3 }),
    ];
    for (from, to, error) in linked {
        assert_eq!(builder.link(from, to), Err(error));
    }
    assert_eq!(builder.attach(one, 1), Err(in_use(one, 1)));
    assert_eq!(builder.attach(one, 5), Err(no_port(one, 4, 5)));
    assert_eq!(builder.attach(missing, 0), Err(GraphError::NoSuchSwitch { switch: missing }));
    assert_eq!(builder.build().links(one).len(), 1, "what was refused left nothing behind");
}

#[test]
fn sizes_are_bounded() {
    let mut builder = Graph::builder();
    let switches: Vec<_> = (0..lash::MAX_SWITCHES).map(|_| builder.add_switch(1).unwrap()).collect();
    let limit = lash::MAX_SWITCHES;
    assert_eq!(builder.add_switch(1), Err(GraphError::TooManySwitches { limit }));
    for place in 0..lash::MAX_DESTINATIONS {
        builder.attach(switches[place % switches.len()], 0).unwrap();
    }
    let limit = lash::MAX_DESTINATIONS;
    assert_eq!(builder.attach(switches[0], 1), Err(GraphError::TooManyDestinations { limit }));
}
