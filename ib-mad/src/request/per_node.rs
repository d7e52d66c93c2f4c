use crate::types::Lid;

/// How many requests are in flight to each node, for at most `N` requests.
///
/// The nodes lie sorted: a look-up is a binary search, a node that comes or goes moves at most `4 * N` bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PerNode<const N: usize> {
    nodes: [Node; N],
    len: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Node {
    lid: Lid,
    in_flight: u16,
}

impl Node {
    const NONE: Self = Self { lid: Lid::UNASSIGNED, in_flight: 0 };
}

impl<const N: usize> PerNode<N> {
    pub(crate) const fn new() -> Self {
        Self { nodes: [Node::NONE; N], len: 0 }
    }

    pub(crate) fn in_flight(&self, lid: Lid) -> u16 {
        self.find(lid).map_or(0, |at| self.nodes[at].in_flight)
    }

    /// Count `requests` more to `lid`. All nodes together must stay at `N` or below.
    pub(crate) fn add(&mut self, lid: Lid, requests: u16) {
        match self.find(lid) {
            Ok(at) => self.nodes[at].in_flight += requests,
            Err(_) if requests == 0 => {}
            Err(at) => {
                self.nodes.copy_within(at..self.len, at + 1);
                self.nodes[at] = Node { lid, in_flight: requests };
                self.len += 1;
            }
        }
    }

    /// Count one less to `lid`, which has one.
    pub(crate) fn remove_one(&mut self, lid: Lid) {
        if let Ok(at) = self.find(lid) {
            self.nodes[at].in_flight -= 1;
            if self.nodes[at].in_flight == 0 {
                self.forget(at);
            }
        }
    }

    /// Count what was in flight to `old` to `new` instead.
    pub(crate) fn retarget(&mut self, old: Lid, new: Lid) {
        if let Ok(at) = self.find(old) {
            let moved = self.nodes[at].in_flight;
            self.forget(at);
            self.add(new, moved);
        }
    }

    fn find(&self, lid: Lid) -> Result<usize, usize> {
        self.nodes[..self.len].binary_search_by_key(&lid, |node| node.lid)
    }

    fn forget(&mut self, at: usize) {
        self.nodes.copy_within(at + 1..self.len, at);
        self.len -= 1;
        // Unused places are all alike, so that equal counts compare as equal.
        self.nodes[self.len] = Node::NONE;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_come_and_go() {
        let mut counts = PerNode::<3>::new();
        for lid in [9, 1, 5] {
            counts.add(Lid(lid), 1);
        }
        assert_eq!([1, 5, 9, 2].map(|lid| counts.in_flight(Lid(lid))), [1, 1, 1, 0]);
        counts.remove_one(Lid(1));
        counts.add(Lid(9), 1);
        assert_eq!([1, 5, 9].map(|lid| counts.in_flight(Lid(lid))), [0, 1, 2]);
        counts.remove_one(Lid(5));
        counts.remove_one(Lid(9));
        counts.remove_one(Lid(9));
        assert_eq!(counts, PerNode::new());
    }

    #[test]
    fn retargeting_merges_counts() {
        let mut counts = PerNode::<3>::new();
        counts.add(Lid(1), 2);
        counts.add(Lid(2), 1);
        counts.retarget(Lid(1), Lid(2));
        counts.retarget(Lid(7), Lid(8));
        assert_eq!([1, 2, 7, 8].map(|lid| counts.in_flight(Lid(lid))), [0, 3, 0, 0]);
    }
}
