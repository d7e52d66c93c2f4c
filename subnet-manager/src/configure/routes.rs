//! From the subnet to a graph, and from a routing to forwarding tables.

use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

use ib_mad::{Lid, ServiceLevel};
use lash::{DestinationIndex, Graph, GraphError, Routing, RoutingError, SwitchIndex};
use path_record::dense::ServiceLevelMatrix;

use crate::event::Fault;
use crate::settings::RoutingEngine;
use crate::subnet::{Subnet, Switch};

/// A routing of the subnet: its destinations are LIDs.
pub(super) struct Routes {
    routing: Routing,
    lids: Vec<Lid>,
    /// Some destination at each switch.
    at_switch: Vec<Option<DestinationIndex>>,
    last: Lid,
}

/// Entries of a forwarding table that are written together.
pub(crate) const BLOCK: usize = 64;

/// Route the subnet. A routing that finds too few lanes gives way to up/down, and a fault tells.
pub(super) fn route(subnet: &Subnet, engine: RoutingEngine, faults: &mut BTreeSet<Fault>) -> Option<Routes> {
    let (graph, lids) = graph(subnet).ok().or_else(|| {
        faults.insert(Fault::Unroutable);
        None
    })?;
    let lanes = common_lanes(subnet);
    let routing = match engine {
        RoutingEngine::Lash => {
            match lash::lash(&graph, lash::LaneLimit::new(lanes).unwrap_or(lash::LaneLimit::ALL)) {
                Err(RoutingError::TooFewLanes { .. }) => {
                    faults.insert(Fault::TooFewLanes { lanes });
                    lash::up_down(&graph, &[])
                }
                other => other,
            }
        }
        RoutingEngine::MinHop => lash::min_hop(&graph),
        RoutingEngine::UpDown => lash::up_down(&graph, &[]),
    };
    match routing {
        Ok(routing) => {
            let mut at_switch = vec![None; graph.switch_count()];
            for (number, place) in graph.destinations().iter().enumerate() {
                at_switch[place.switch.get()] = DestinationIndex::new(number);
            }
            Some(Routes { routing, lids, at_switch, last: subnet.last_lid() })
        }
        Err(_) => {
            faults.insert(Fault::Unroutable);
            None
        }
    }
}

/// The switches in the order of the service levels, the links between them, and where the LIDs are.
fn graph(subnet: &Subnet) -> Result<(Graph, Vec<Lid>), GraphError> {
    let mut builder = Graph::builder();
    let mut switches = Vec::with_capacity(subnet.switches().len());
    for node in subnet.switches() {
        let ports = subnet.node(*node).map_or(0, |node| node.info.number_of_ports);
        switches.push(builder.add_switch(ports)?);
    }
    let index =
        |node| subnet.switch_ordinal(node).and_then(|place| switches.get(usize::from(place)).copied());
    for node in subnet.switches() {
        let (Some(from), Some(switch)) = (index(*node), subnet.node(*node)) else { continue };
        for port in switch.ports().iter().filter(|port| port.is_up()) {
            let Some(far) = port.neighbor else { continue };
            // Each link once: from the switch that comes first.
            let Some(to) = index(far.node).filter(|to| from < *to) else { continue };
            if subnet.port(far).is_some_and(|port| port.is_up()) {
                builder.link((from, port.number), (to, far.port))?;
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
    Ok((builder.build(), lids))
}

/// Data lanes that every link between switches has; 15 where there are no such links.
fn common_lanes(subnet: &Subnet) -> u8 {
    let switches = subnet.nodes().filter(|(_, node)| node.is_switch()).flat_map(|(_, node)| node.ports());
    let between = switches.filter(|port| {
        port.is_up() && port.neighbor.is_some_and(|far| subnet.switch_ordinal(far.node).is_some())
    });
    between.map(|port| port.data_lanes()).min().unwrap_or(15)
}

impl Routes {
    pub(super) fn lanes(&self) -> u8 {
        self.routing.lanes()
    }

    /// The forwarding table of a switch, in whole blocks.
    pub(super) fn table(&self, ordinal: u16) -> Vec<u8> {
        let mut table = vec![Switch::NO_PORT; (usize::from(self.last.0) + 1).next_multiple_of(BLOCK)];
        if let Some(switch) = SwitchIndex::new(ordinal.into()) {
            for (lid, port) in self.lids.iter().zip(self.routing.ports(switch)) {
                table[usize::from(lid.0)] = port.unwrap_or(Switch::NO_PORT);
            }
        }
        table
    }

    /// The service level from each switch to each other one that it reaches: the number of the lane.
    pub(super) fn service_levels(&self, subnet: &Subnet) -> ServiceLevelMatrix {
        let switches = u16::try_from(subnet.switches().len()).unwrap_or(u16::MAX);
        let index = |ordinal: u16| SwitchIndex::new(ordinal.into());
        ServiceLevelMatrix::from_fn(switches, |from, to| {
            let (from, to) = (index(from)?, index(to)?);
            let destination = self.at_switch.get(to.get()).copied().flatten()?;
            self.routing.hops(from, destination)?;
            ServiceLevel::new(self.routing.lane(from, to))
        })
    }
}
