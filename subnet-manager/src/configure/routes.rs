//! From the subnet to a graph, and from a routing to forwarding tables.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec;
use alloc::vec::Vec;

use ib_mad::{Guid, Lid, ServiceLevel};
use lash::{DestinationIndex, Graph, GraphError, LaneLimit, Routing, RoutingError, SwitchIndex};
use path_record::dense::ServiceLevelMatrix;

use crate::event::Fault;
use crate::settings::RoutingEngine;
use crate::subnet::{NodeIndex, Subnet, Switch};

/// The last routing, and which switch had which number in it.
///
/// A switch keeps its number as long as there is a routing to start from, so that few paths change; one that is gone
/// leaves its number behind.
#[derive(Clone, Debug, Default)]
pub(crate) struct LastRouting {
    numbers: BTreeMap<Guid, SwitchIndex>,
    routing: Option<Routing>,
}

/// A routing of the subnet: its destinations are LIDs.
pub(super) struct Routes<'a> {
    routing: &'a Routing,
    /// The number in the graph of each switch of the subnet.
    switches: Vec<SwitchIndex>,
    lids: Vec<Lid>,
    /// Some destination at each switch of the graph.
    at_switch: Vec<Option<DestinationIndex>>,
    last: Lid,
}

/// Entries of a forwarding table that are written together.
pub(crate) const BLOCK: usize = 64;

impl LastRouting {
    /// Route the subnet. A routing that finds too few lanes gives way to up/down, and a fault tells.
    pub(super) fn route(
        &mut self,
        subnet: &Subnet,
        engine: RoutingEngine,
        faults: &mut BTreeSet<Fault>,
    ) -> Option<Routes<'_>> {
        self.number(subnet);
        let Ok((graph, lids, switches)) = self.graph(subnet) else {
            faults.insert(Fault::Unroutable);
            return None;
        };
        let lanes = common_lanes(subnet);
        let limit = LaneLimit::new(lanes).unwrap_or(LaneLimit::ALL);
        let routing = match (engine, &self.routing) {
            (RoutingEngine::Lash, previous) => {
                let found = match previous {
                    Some(previous) => lash::lash_again(&graph, previous, limit),
                    None => lash::lash(&graph, limit),
                };
                match found {
                    Err(RoutingError::TooFewLanes { .. }) => {
                        faults.insert(Fault::TooFewLanes { lanes });
                        lash::up_down(&graph, &[])
                    }
                    other => other,
                }
            }
            (RoutingEngine::MinHop, _) => lash::min_hop(&graph),
            (RoutingEngine::UpDown, _) => lash::up_down(&graph, &[]),
        };
        let Ok(routing) = routing else {
            faults.insert(Fault::Unroutable);
            return None;
        };
        let mut at_switch = vec![None; graph.switch_count()];
        for (number, place) in graph.destinations().iter().enumerate() {
            at_switch[place.switch.get()] = DestinationIndex::new(number);
        }
        let routing = self.routing.insert(routing);
        Some(Routes { routing, switches, lids, at_switch, last: subnet.last_lid() })
    }

    /// Give new switches numbers, in the order of their GUIDs. When more are gone than there are, all begin anew.
    fn number(&mut self, subnet: &Subnet) {
        let guids: BTreeSet<Guid> = subnet.switches().iter().filter_map(|node| guid(subnet, *node)).collect();
        let kept = guids.iter().filter(|guid| self.numbers.contains_key(guid)).count();
        if self.numbers.len() > 2 * kept {
            *self = Self::default();
        }
        for guid in guids {
            let next = SwitchIndex::new(self.numbers.len());
            if let (false, Some(next)) = (self.numbers.contains_key(&guid), next) {
                self.numbers.insert(guid, next);
            }
        }
    }

    /// The switches by their numbers, the links between them, and where the LIDs are.
    fn graph(&self, subnet: &Subnet) -> Result<(Graph, Vec<Lid>, Vec<SwitchIndex>), GraphError> {
        let switches: Option<Vec<SwitchIndex>> =
            subnet.switches().iter().map(|node| self.numbers.get(&guid(subnet, *node)?).copied()).collect();
        let switches = switches.ok_or(GraphError::TooManySwitches { limit: lash::MAX_SWITCHES })?;
        let mut ports = vec![0; self.numbers.len()];
        for (node, number) in subnet.switches().iter().zip(&switches) {
            ports[number.get()] = subnet.node(*node).map_or(0, |node| node.info.number_of_ports);
        }
        let mut builder = Graph::builder();
        for ports in ports {
            builder.add_switch(ports)?;
        }
        let index =
            |node| subnet.switch_ordinal(node).and_then(|place| switches.get(usize::from(place)).copied());
        for (node, from) in subnet.switches().iter().zip(&switches) {
            let Some(switch) = subnet.node(*node) else { continue };
            for port in switch.ports().iter().filter(|port| port.is_up()) {
                let Some(far) = port.neighbor else { continue };
                // Each link once: from the switch with the lower number.
                let Some(to) = index(far.node).filter(|to| from < to) else { continue };
                if subnet.port(far).is_some_and(|port| port.is_up()) {
                    builder.link((*from, port.number), (to, far.port))?;
                }
            }
        }
        let mut lids = Vec::new();
        for (base, at) in subnet.lids() {
            let Some(port) = subnet.port(at) else { continue };
            let place = match index(at.node) {
                Some(switch) => Some((switch, 0)),
                None => port.neighbor.and_then(|near| index(near.node).map(|switch| (switch, near.port))),
            };
            let Some((switch, number)) = place else { continue };
            for offset in 0..1u16 << port.info.lmc.min(7) {
                builder.attach(switch, number)?;
                lids.push(Lid(base.0 + offset));
            }
        }
        Ok((builder.build(), lids, switches))
    }
}

fn guid(subnet: &Subnet, node: NodeIndex) -> Option<Guid> {
    subnet.node(node).map(|node| node.info.node_guid)
}

/// Data lanes that every link between switches has; 15 where there are no such links.
fn common_lanes(subnet: &Subnet) -> u8 {
    let switches = subnet.nodes().filter(|(_, node)| node.is_switch()).flat_map(|(_, node)| node.ports());
    let between = switches.filter(|port| {
        port.is_up() && port.neighbor.is_some_and(|far| subnet.switch_ordinal(far.node).is_some())
    });
    between.map(|port| port.data_lanes()).min().unwrap_or(15)
}

impl Routes<'_> {
    pub(super) fn lanes(&self) -> u8 {
        self.routing.lanes()
    }

    /// The forwarding table of a switch, in whole blocks.
    pub(super) fn table(&self, ordinal: usize) -> Vec<u8> {
        let mut table = vec![Switch::NO_PORT; (usize::from(self.last.0) + 1).next_multiple_of(BLOCK)];
        if let Some(switch) = self.switches.get(ordinal) {
            for (lid, port) in self.lids.iter().zip(self.routing.ports(*switch)) {
                table[usize::from(lid.0)] = port.unwrap_or(Switch::NO_PORT);
            }
        }
        table
    }

    /// The service level from each switch to each other one that it reaches: the number of the lane.
    pub(super) fn service_levels(&self) -> ServiceLevelMatrix {
        let switches = u16::try_from(self.switches.len()).unwrap_or(u16::MAX);
        ServiceLevelMatrix::from_fn(switches, |from, to| {
            let from = *self.switches.get(usize::from(from))?;
            let to = *self.switches.get(usize::from(to))?;
            let destination = self.at_switch.get(to.get()).copied().flatten()?;
            self.routing.hops(from, destination)?;
            ServiceLevel::new(self.routing.lane(from, to))
        })
    }
}
