//! Trees for multicast groups: each switch forwards to those of its neighbours and end ports that are in the tree.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec;
use alloc::vec::Vec;

use ib_mad::Guid;

use crate::MulticastChange;
use crate::subnet::{EndPort, NodeIndex, Subnet};

/// Ports of a switch, a bit each.
pub(super) type PortMask = [u64; 4];

fn add(mask: &mut PortMask, port: u8) {
    mask[usize::from(port >> 6)] |= 1 << (port & 63);
}

/// The switches of a tree, with the ports by which each forwards. Members that cannot be reached are left out.
///
/// The tree hangs on the switch of the member with the lowest GUID, and is one of shortest paths from there.
pub(super) fn tree(subnet: &Subnet, group: &MulticastChange) -> BTreeMap<NodeIndex, PortMask> {
    let place = |guid: &Guid| {
        let at = subnet.end_port_by_guid(*guid)?;
        let port = subnet.port(at)?;
        if !port.is_up() && at.port != 0 {
            return None;
        }
        Some((subnet.access_switch(at)?, at))
    };
    let receivers: Vec<(NodeIndex, EndPort)> = group.receivers.iter().filter_map(place).collect();
    let senders: Vec<(NodeIndex, EndPort)> = group.senders.iter().filter_map(place).collect();
    let mut masks: BTreeMap<NodeIndex, PortMask> = BTreeMap::new();
    let Some((root, _)) = receivers.first() else { return masks };
    let parents = parents(subnet, *root);
    for (switch, at) in &receivers {
        if parents[switch.0 as usize].is_none() && switch != root {
            continue;
        }
        let out = if at.node == *switch {
            Some(0)
        } else {
            subnet.port(*at).and_then(|port| port.neighbor).map(|near| near.port)
        };
        if let Some(out) = out {
            add(masks.entry(*switch).or_default(), out);
        }
    }
    for (switch, _) in receivers.iter().chain(&senders) {
        climb(*switch, &parents, &mut masks);
    }
    masks
}

/// Of each node: the port that leads towards the root, and the port there that leads back.
type Parents = Vec<Option<(u8, EndPort)>>;

fn parents(subnet: &Subnet, root: NodeIndex) -> Parents {
    let mut parents: Parents = vec![None; subnet.nodes().len()];
    let mut queue = VecDeque::from([root]);
    while let Some(at) = queue.pop_front() {
        let Some(node) = subnet.node(at) else { continue };
        for port in node.ports().iter().filter(|port| port.is_up()) {
            let Some(far) = port.neighbor else { continue };
            let is_new = far.node != root && parents[far.node.0 as usize].is_none();
            if is_new && subnet.switch_ordinal(far.node).is_some() {
                parents[far.node.0 as usize] = Some((far.port, EndPort { node: at, port: port.number }));
                queue.push_back(far.node);
            }
        }
    }
    parents
}

/// Add the way from a switch to the root, as far as it is not in the tree yet.
fn climb(from: NodeIndex, parents: &Parents, masks: &mut BTreeMap<NodeIndex, PortMask>) {
    let mut at = from;
    while let Some((up, parent)) = parents[at.0 as usize] {
        let mask = masks.entry(at).or_default();
        let before = *mask;
        add(mask, up);
        if *mask == before {
            return;
        }
        add(masks.entry(parent.node).or_default(), parent.port);
        at = parent.node;
    }
}
