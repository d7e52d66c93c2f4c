//! Fat trees: extended generalised fat trees (Öhring, Ibel, Das, Kumar: "On generalized fat trees", IPPS 1995), with several
//! cables in place of one where real machines have them.

use super::product;
use crate::builder::{Builder, nowhere};
use crate::error::{Mistake, TopologyError};
use crate::topology::{NodeIndex, Topology};

/// Even a binary tree has more hosts than a subnet has LIDs above that.
const MAX_LEVELS: u32 = 16;

/// How wide a fat tree is, level by level from the hosts up.
pub(crate) struct FatTree<'a> {
    /// Children of a switch: hosts of a leaf, leaves of a switch of the second level …
    pub(crate) down: &'a [u32],
    /// Parents of a leaf, of a switch of the second level …: one fewer than levels.
    pub(crate) up: &'a [u32],
    /// Cables between a switch and each of its parents.
    pub(crate) cables: u32,
}

/// A `arity`-ary tree of `levels` levels of switches (Petrini, Vanneschi: "k-ary n-trees", IPPS 1997).
pub(crate) fn tree(arity: u32, levels: u32) -> Result<Topology, TopologyError> {
    if levels > MAX_LEVELS {
        let limit = MAX_LEVELS as usize;
        return Err(nowhere(Mistake::TooLarge { what: "levels of switches", limit }));
    }
    let down = vec![arity; levels as usize];
    let up = vec![arity; down.len().saturating_sub(1)];
    FatTree { down: &down, up: &up, cables: 1 }.build()
}

impl FatTree<'_> {
    /// Leaves come first, then the level above. A switch's lower ports lead down, in the order of its children, those
    /// behind them up.
    pub(crate) fn build(&self) -> Result<Topology, TopologyError> {
        let mut builder = Builder::default();
        let mut levels: Vec<Vec<NodeIndex>> = Vec::new();
        for level in 0..self.down.len() {
            let count = product(self.up[..level].iter().chain(&self.down[level + 1..]).copied())?;
            let upward = self.up.get(level).map_or(0, |up| up.saturating_mul(self.cables));
            let ports = self.downward(level).saturating_add(upward);
            levels.push(super::switches(&mut builder, count, ports)?);
        }
        for level in 1..self.down.len() {
            self.join(&mut builder, level, &levels)?;
        }
        if let (Some(leaves), Some(&hosts)) = (levels.first(), self.down.first()) {
            super::hosts(&mut builder, leaves, 1, hosts)?;
        }
        builder.build()
    }

    /// Ports of a switch that lead down.
    fn downward(&self, level: usize) -> u32 {
        let cables = if level == 0 { 1 } else { self.cables };
        self.down[level].saturating_mul(cables)
    }

    /// Link a level with the one below.
    ///
    /// Switches of the lower level that differ in nothing but which child of their parents they are have the same
    /// parents. The digits of a switch's number are, from the least: which parent it was taken for at each level below,
    /// then which child it is at each level above.
    fn join(
        &self,
        builder: &mut Builder,
        level: usize,
        levels: &[Vec<NodeIndex>],
    ) -> Result<(), TopologyError> {
        let (children, parents) = (self.down[level], self.up[level - 1]);
        let below = product(self.up[..level - 1].iter().copied())?;
        for (number, &lower) in (0..).zip(&levels[level - 1]) {
            let (low, child, high) = (number % below, number / below % children, number / below / children);
            for parent in 0..parents {
                let upper = levels[level][((high * parents + parent) * below + low) as usize];
                for cable in 0..self.cables {
                    let up = self.downward(level - 1) + parent * self.cables + cable + 1;
                    let down = child * self.cables + cable + 1;
                    builder.link((lower, up), (upper, down))?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Hops from one switch to every switch.
    fn reached(topology: &Topology, from: NodeIndex) -> Vec<Option<usize>> {
        let mut hops = vec![None; topology.nodes().count()];
        hops[from.get()] = Some(0);
        let mut queue = alloc::collections::VecDeque::from([from]);
        while let Some(node) = queue.pop_front() {
            for link in topology.links_of(node) {
                if hops[link.b.node.get()].is_none() {
                    hops[link.b.node.get()] = hops[node.get()].map(|hops| hops + 1);
                    queue.push_back(link.b.node);
                }
            }
        }
        hops
    }

    #[test]
    fn trees_have_as_many_switches_and_hosts_as_their_arity_gives() {
        for (arity, levels) in [(2, 1), (2, 3), (4, 2), (3, 4)] {
            let tree = tree(arity, levels).unwrap();
            assert_eq!(tree.hosts().count(), arity.pow(levels) as usize);
            assert_eq!(tree.switches().count(), (levels * arity.pow(levels - 1)) as usize);
            assert_eq!(tree.switch_links().count(), ((levels - 1) * arity.pow(levels)) as usize);
            let first = tree.hosts().next().unwrap();
            let farthest = reached(&tree, first).into_iter().map(Option::unwrap).max().unwrap();
            assert_eq!(farthest, 2 * levels as usize);
        }
    }

    #[test]
    fn hosts_below_one_leaf_are_two_hops_apart_and_others_go_as_high_as_they_must() {
        let tree = FatTree { down: &[3, 4, 5], up: &[2, 3], cables: 1 }.build().unwrap();
        assert_eq!((tree.switches().count(), tree.hosts().count()), (20 + 10 + 6, 60));
        let hops = reached(&tree, tree.find("H1").unwrap());
        let between = |name: &str| hops[tree.find(name).unwrap().get()];
        assert_eq!((between("H3"), between("H4"), between("H12")), (Some(2), Some(4), Some(4)));
        assert_eq!((between("H13"), between("H60")), (Some(6), Some(6)));
    }

    #[test]
    fn several_cables_join_a_leaf_with_each_spine() {
        let tree = FatTree { down: &[24, 18], up: &[6], cables: 2 }.build().unwrap();
        assert_eq!((tree.switches().count(), tree.hosts().count()), (18 + 6, 432));
        let [leaf, spine] = ["S1", "S19"].map(|name| tree.find(name).unwrap());
        assert_eq!(tree.links_between(leaf, spine).count(), 2);
        assert_eq!((tree[leaf].ports(), tree[spine].ports()), (36, 36));
        assert_eq!(tree.links_of(spine).count(), 36);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        assert!(FatTree { down: &[200, 2], up: &[100], cables: 1 }.build().is_err());
        assert!(FatTree { down: &[60_000, 2], up: &[1], cables: u32::MAX }.build().is_err());
        assert!(tree(50, 4).is_err());
        assert!(tree(4, 16).is_err());
        assert!(tree(1, u32::MAX).is_err());
    }
}
