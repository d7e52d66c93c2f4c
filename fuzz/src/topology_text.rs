use topology::{End, Form, NodeKind, Topology};

/// The largest form that is generated, in what its text's numbers multiply to: a generator's work follows from its size.
const LARGEST: u64 = 4096;

/// The text of a topology, or a topology by a few words: what is accepted is whole, and reads the same when it is written
/// again.
pub fn topology_text(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    form(&text);
    match Topology::parse(&text) {
        Ok(topology) => check(&topology),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

fn form(text: &str) {
    let form: Form = match text.parse() {
        Ok(form) => form,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let written = form.to_string();
    assert_eq!(written.parse(), Ok(form.clone()), "{written}");
    let numbers = text.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse::<u64>().ok());
    if numbers.fold(1_u64, |product, number| product.saturating_mul(number.max(1))) > LARGEST {
        return;
    }
    match form.generate() {
        Ok(topology) => check(&topology),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

fn check(topology: &Topology) {
    for link in topology.links() {
        assert_eq!(topology.peer(link.a), Some(link.b));
        assert_eq!(topology.peer(link.b), Some(link.a));
    }
    let mut guids = Vec::new();
    let mut port_guids = Vec::new();
    for (index, node) in topology.nodes() {
        assert_eq!(topology.find(node.name()), Some(index));
        assert_eq!(topology.peer(End { node: index, port: 0 }), None);
        assert!(topology.links_of(index).count() <= usize::from(node.ports()));
        guids.push(topology.node_guid(index));
        match node.kind() {
            NodeKind::Switch => port_guids.push(topology.port_guid(End { node: index, port: 0 })),
            NodeKind::Host | NodeKind::Router => {
                port_guids.extend(topology.links_of(index).map(|link| topology.port_guid(link.a)));
            }
        }
    }
    assert_eq!(port_guids.len(), topology.end_ports());
    for guids in [&mut guids, &mut port_guids] {
        guids.sort_unstable();
        assert!(guids.is_sorted_by(|one, next| one < next), "{guids:x?}");
    }
    let written = topology.to_string();
    assert_eq!(Topology::parse(&written).as_ref(), Ok(topology), "{written}");
}
