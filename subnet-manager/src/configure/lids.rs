use alloc::collections::{BTreeMap, BTreeSet};

use ib_mad::{Guid, Lid};

use crate::event::Fault;
use crate::subnet::{EndPort, Subnet};

/// The LID of each port that there ever was, so that it gets the same one when it comes back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LidBook {
    lids: BTreeMap<Guid, Lid>,
}

impl LidBook {
    /// With what an earlier run of the manager kept. Of two ports with one LID the second counts as new.
    pub(crate) fn new(known: &BTreeMap<Guid, Lid>) -> Self {
        let mut taken = BTreeSet::new();
        let lids = known.iter().filter(|(_, lid)| lid.is_unicast() && taken.insert(**lid));
        Self { lids: lids.map(|(guid, lid)| (*guid, *lid)).collect() }
    }

    pub(crate) fn lids(&self) -> &BTreeMap<Guid, Lid> {
        &self.lids
    }

    /// Give each of these ports its LIDs, and return whether the book changed. `2^lmc` LIDs go to a port of an adapter or router,
    /// one to a switch.
    ///
    /// A port gets those of the book; else those that it has, if nobody else needs them; else the lowest that are free in
    /// the book too; else the lowest that are free. When there are none it goes without.
    pub(crate) fn assign(&mut self, subnet: &mut Subnet, lmc: u8, faults: &mut BTreeSet<Fault>) -> bool {
        let ports: alloc::vec::Vec<(Guid, EndPort, Lid, u8)> = subnet
            .end_ports()
            .filter_map(|(guid, at)| {
                let is_switch = subnet.node(at.node)?.is_switch();
                let found = subnet.port(at)?.info.lid;
                // What the port says counts as no more than a wish until it is assigned.
                Some((guid, at, found, if is_switch { 0 } else { lmc }))
            })
            .collect();
        for (_, at, ..) in &ports {
            subnet.forget_lid(*at);
        }
        let before = self.lids.clone();
        let mut late = alloc::vec::Vec::new();
        for (guid, at, found, lmc) in ports {
            let known = self.lids.get(&guid).copied();
            if known.is_some_and(|lid| subnet.assign_lid(at, lid, lmc).is_ok()) {
                continue;
            }
            late.push((guid, at, found, lmc));
        }
        // Absent ports keep theirs as long as there are others.
        let mut reserved: BTreeSet<Lid> = self
            .lids
            .iter()
            .filter(|(guid, _)| subnet.end_port_by_guid(**guid).is_none())
            .map(|(_, lid)| *lid)
            .collect();
        let mut next = [1u16; 8];
        for (guid, at, found, lmc) in late {
            let is_wanted = found.is_unicast() && !reserved.contains(&found);
            if is_wanted && subnet.assign_lid(at, found, lmc).is_ok() {
                self.lids.insert(guid, found);
                continue;
            }
            let mut lid = first_free(subnet, at, lmc, &reserved, &mut next[usize::from(lmc & 7)]);
            if lid.is_none() && !reserved.is_empty() {
                // Those of absent ports are all that is left.
                self.lids.retain(|guid, _| subnet.end_port_by_guid(*guid).is_some());
                reserved.clear();
                next = [1; 8];
                lid = first_free(subnet, at, lmc, &reserved, &mut next[usize::from(lmc & 7)]);
            }
            match lid {
                Some(lid) => {
                    self.lids.insert(guid, lid);
                }
                None => {
                    self.lids.remove(&guid);
                    faults.insert(Fault::OutOfLids { port: guid });
                }
            }
        }
        self.lids != before
    }
}

/// Assign the first free range from `next` on, which moves on: what is before it was found taken.
fn first_free(
    subnet: &mut Subnet,
    at: EndPort,
    lmc: u8,
    reserved: &BTreeSet<Lid>,
    next: &mut u16,
) -> Option<Lid> {
    let count = 1u16 << lmc.min(7);
    *next = next.next_multiple_of(count);
    while *next <= Lid::LAST_UNICAST.0 - (count - 1) {
        let lid = Lid(*next);
        *next += count;
        let range = lid..=Lid(lid.0 + (count - 1));
        if reserved.range(range).next().is_none() && subnet.assign_lid(at, lid, lmc).is_ok() {
            return Some(lid);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::subnet::Node;
    use alloc::vec::Vec;
    use ib_mad::wire::{NodeDescription, NodeInfo, NodeType, PortInfo};

    fn subnet(ports: &[(u64, u16)]) -> Subnet {
        let mut subnet = Subnet::new(1);
        for (guid, found) in ports {
            let info = NodeInfo {
                node_type: NodeType::ChannelAdapter,
                number_of_ports: 1,
                node_guid: Guid(*guid),
                ..NodeInfo::default()
            };
            let mut node = Node::new(info, NodeDescription::default());
            let port = node.port_mut(1).unwrap();
            (port.guid, port.info) = (Guid(*guid), PortInfo { lid: Lid(*found), ..PortInfo::default() });
            subnet.add_node(node).unwrap();
        }
        subnet
    }

    fn assigned(book: &mut LidBook, ports: &[(u64, u16)], lmc: u8) -> (Vec<u16>, usize) {
        let (mut subnet, mut faults) = (subnet(ports), BTreeSet::new());
        book.assign(&mut subnet, lmc, &mut faults);
        let lid = |guid| subnet.port(subnet.end_port_by_guid(guid).unwrap()).unwrap().info.lid.0;
        (ports.iter().map(|(guid, _)| lid(Guid(*guid))).collect(), faults.len())
    }

    #[test]
    fn the_book_comes_first_then_what_a_port_has_then_the_lowest() {
        let mut book = LidBook::new(&BTreeMap::from([(Guid(1), Lid(7)), (Guid(9), Lid(2))]));
        assert_eq!(assigned(&mut book, &[(1, 5), (2, 7), (3, 5), (4, 0)], 0), (alloc::vec![7, 1, 5, 3], 0));
        assert_eq!(book.lids()[&Guid(4)], Lid(3), "2 is an absent port's");
        assert_eq!(assigned(&mut book, &[(4, 0), (9, 0)], 0).0, [3, 2], "it is back");
    }

    #[test]
    fn several_lids_start_at_their_multiple() {
        let mut book = LidBook::default();
        assert_eq!(assigned(&mut book, &[(1, 0), (2, 6), (3, 16)], 2), (alloc::vec![4, 8, 16], 0));
        // What was right before may not be with another mask.
        assert_eq!(assigned(&mut book, &[(1, 0), (2, 6), (3, 16)], 3).0, [24, 8, 16]);
    }

    #[test]
    fn without_lids_left_a_port_goes_without_and_the_others_have_theirs() {
        // With 128 LIDs each there are 383 ranges, from 128 to 49,151.
        let ports: Vec<(u64, u16)> = (1..=390).map(|guid| (guid, 0)).collect();
        let mut book = LidBook::new(&BTreeMap::from([(Guid(1000), Lid(128))]));
        let (lids, faults) = assigned(&mut book, &ports, 7);
        assert_eq!((faults, lids.iter().filter(|lid| **lid != 0).count()), (7, 383));
        let distinct: BTreeSet<_> = lids.iter().collect();
        assert_eq!(distinct.len(), 384, "383 LIDs, and none");
        assert!(!book.lids().contains_key(&Guid(1000)), "an absent port's were needed");
    }

    #[test]
    fn a_book_with_one_lid_twice_keeps_the_first() {
        let known = BTreeMap::from([(Guid(1), Lid(3)), (Guid(2), Lid(3)), (Guid(3), Lid(0xC000))]);
        assert_eq!(LidBook::new(&known).lids().len(), 1);
    }
}
