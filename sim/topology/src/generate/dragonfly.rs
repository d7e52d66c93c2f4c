//! Dragonflies (Kim, Dally, Scott, Abts: "Technology-driven, highly-scalable dragonfly topology", ISCA 2008).

use super::{hosts, product, switches};
use crate::builder::{Builder, nowhere};
use crate::error::{Mistake, TopologyError};
use crate::topology::Topology;

/// Groups of `members` switches that are all linked with each other; every switch has `global` links to other groups.
///
/// The ports of a switch are its group's first, then those to other groups, then those of hosts. The groups are numbered,
/// and the n-th global link of a group leads n groups on: with as many groups as can be, each pair has one link; with
/// fewer, each pair has as many as the pairs' number gives, and what is left over stays free.
pub(crate) fn dragonfly(
    members: u32,
    global: u32,
    groups: u32,
    hosts_each: u32,
) -> Result<Topology, TopologyError> {
    let outward = members.saturating_mul(global);
    if groups > outward.saturating_add(1) {
        return Err(nowhere(Mistake::TooManyGroups { groups, global: outward }));
    }
    let count = product([members, groups])?;
    let local = members.saturating_sub(1);
    let ports = local.saturating_add(global).saturating_add(hosts_each);
    let mut builder = Builder::default();
    let nodes = switches(&mut builder, count, ports)?;
    for group in nodes.chunks(members.max(1) as usize) {
        for (first, &one) in (0..).zip(group) {
            // A switch leaves itself out: its port n leads to the n-th of the others.
            for (second, &other) in (0..).zip(group).skip(first as usize + 1) {
                builder.link((one, second), (other, first + 1))?;
            }
        }
    }
    let others = groups.saturating_sub(1);
    let port = |group: u32, link: u32| {
        let switch = nodes[(group * members + link / global) as usize];
        (switch, local + link % global + 1)
    };
    for group in 0..groups {
        for link in 0..outward {
            let Some(forward) = link.checked_rem(others) else { break };
            let peer = (group + forward + 1) % groups;
            // From there this group is as many on as make a round.
            let back = link - forward + (others - forward - 1);
            if group < peer && back < outward {
                builder.link(port(group, link), port(peer, back))?;
            }
        }
    }
    hosts(&mut builder, &nodes, local + global + 1, hosts_each)?;
    builder.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_a_full_one_each_pair_of_groups_has_one_link() {
        let (members, global, groups) = (4, 2, 9);
        let dragonfly = dragonfly(members, global, groups, 2).unwrap();
        assert_eq!((dragonfly.switches().count(), dragonfly.hosts().count()), (36, 72));
        let group = |node: crate::NodeIndex| node.get() / members as usize;
        let mut pairs: Vec<_> = dragonfly
            .switch_links()
            .map(|link| (group(link.a.node), group(link.b.node)))
            .filter(|(one, other)| one != other)
            .collect();
        let all = pairs.len();
        pairs.sort();
        pairs.dedup();
        assert_eq!((all, pairs.len()), (36, 36));
        let within = dragonfly.switch_links().count() - all;
        assert_eq!(within, 9 * 6);
        for switch in dragonfly.switches() {
            assert_eq!(dragonfly.links_of(switch).count(), usize::from(dragonfly[switch].ports()));
        }
    }

    #[test]
    fn with_fewer_groups_pairs_have_several_links() {
        let dragonfly = dragonfly(4, 2, 3, 1).unwrap();
        let group = |node: crate::NodeIndex| node.get() / 4;
        for (one, other) in [(0, 1), (1, 2), (0, 2)] {
            let links = dragonfly
                .switch_links()
                .filter(|link| (group(link.a.node), group(link.b.node)) == (one, other));
            assert_eq!(links.count(), 4, "{one} {other}");
        }
    }

    #[test]
    fn small_ones_are_what_is_left() {
        assert_eq!(dragonfly(3, 1, 1, 1).unwrap().switch_links().count(), 3);
        assert_eq!(dragonfly(1, 2, 3, 1).unwrap().switch_links().count(), 3);
        assert_eq!(dragonfly(1, 0, 1, 1).unwrap().switches().count(), 1);
        for (members, global, groups) in
            [(4, 2, 10), (200, 100, 3), (2, 0, 2), (u32::MAX, u32::MAX, u32::MAX)]
        {
            assert!(dragonfly(members, global, groups, 1).is_err(), "{members} {global} {groups}");
        }
    }
}
