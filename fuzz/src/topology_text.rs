use topology::{End, Topology};

/// The text of a topology: what is accepted is whole, and reads the same when it is written again.
pub fn topology_text(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let topology = match Topology::parse(&text) {
        Ok(topology) => topology,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    for link in topology.links() {
        assert_eq!(topology.peer(link.a), Some(link.b));
        assert_eq!(topology.peer(link.b), Some(link.a));
    }
    for (index, node) in topology.nodes() {
        assert_eq!(topology.find(node.name()), Some(index));
        assert_eq!(topology.peer(End { node: index, port: 0 }), None);
        assert!(topology.links_of(index).count() <= usize::from(node.ports()));
    }
    let written = topology.to_string();
    assert_eq!(Topology::parse(&written), Ok(topology), "{written}");
}
