//! What must be so when the fabric is at rest.

use alloc::collections::{BTreeMap, BTreeSet, VecDeque};
use core::fmt;
use core::time::Duration;

use fabric::{Packet, Payload, QueuePair};
use ib_mad::{Gid, Guid, Lid, PKey, QKey};
use lash::{Graph, SwitchIndex};
use subnet_manager::subnet::{EndPort, Subnet};
use subnet_manager::{Manager, ManagerState};
use topology::{Link, NodeIndex, NodeKind};

use super::bed::DATA;
use super::{Bed, Mutant};

/// Something that must not be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// A part of the fabric with a manager in it has no master, or several.
    Masters(usize),
    /// A master has not brought its subnet up.
    NotUp,
    /// The manager knows no path between two hosts that links join.
    NoPath(String, String),
    /// A packet on the path that the manager tells does not arrive.
    Lost(String, String),
    /// The tables are incomplete, or a lane has a cycle.
    Routing(String),
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

const KEY: QKey = QKey(7);

impl Bed {
    /// Look at everything that must be so after the last fault.
    ///
    /// # Errors
    /// The first thing that is not.
    pub fn check(&mut self) -> Result<(), Finding> {
        let mut done: BTreeSet<NodeIndex> = BTreeSet::new();
        for start in self.alive().map(|seat| seat.host).collect::<Vec<_>>() {
            if self.off.contains(&start) || !done.insert(start) {
                continue;
            }
            let part = self.part(start);
            let here: Vec<usize> = (0..self.seats.len())
                .filter(|number| self.seats[*number].is_alive && part.contains(&self.seats[*number].host))
                .collect();
            done.extend(here.iter().map(|number| self.seats[*number].host));
            let masters: Vec<usize> = here
                .into_iter()
                .filter(|number| self.manager(*number).state() == ManagerState::Master)
                .collect();
            let [master] = masters[..] else { return Err(Finding::Masters(masters.len())) };
            if !self.manager(master).is_up() {
                return Err(Finding::NotUp);
            }
            self.check_paths(master, &part)?;
            self.check_routing(self.manager(master), &part)?;
        }
        Ok(())
    }

    /// What links join with a node.
    fn part(&self, start: NodeIndex) -> BTreeSet<NodeIndex> {
        let topology = self.fabric.topology();
        let mut found = BTreeSet::from([start]);
        let mut queue = VecDeque::from([start]);
        while let Some(at) = queue.pop_front() {
            // Nothing goes through a host.
            if at != start && !topology.switches().any(|switch| switch == at) {
                continue;
            }
            for Link { a, b } in topology.links_of(at) {
                // Seen from a node, its own end may come first.
                if self.cut.contains(&Link { a: a.min(b), b: a.max(b) }) {
                    continue;
                }
                let far = if a.node == at { b.node } else { a.node };
                if !self.off.contains(&far) && found.insert(far) {
                    queue.push_back(far);
                }
            }
        }
        found
    }

    fn check_paths(&mut self, master: usize, part: &BTreeSet<NodeIndex>) -> Result<(), Finding> {
        let topology = self.fabric.topology().clone();
        let hosts: Vec<NodeIndex> = topology.hosts().filter(|host| part.contains(host)).collect();
        let name =
            |host: NodeIndex| topology.nodes().nth(host.get()).map_or("", |(_, node)| node.name()).to_owned();
        let mut sent = BTreeMap::new();
        self.arrived.clear();
        for from in &hosts {
            let source = self.fabric.end_port_of(*from, 1).ok_or(Finding::NotUp)?;
            let queue_pair = QueuePair { p_key: PKey::DEFAULT_FULL, q_key: KEY };
            self.fabric.open(source, DATA, queue_pair).map_err(|_| Finding::NotUp)?;
        }
        for from in &hosts {
            for to in hosts.iter().filter(|to| *to != from) {
                let no_path = || Finding::NoPath(name(*from), name(*to));
                let [source, destination] = [*from, *to]
                    .map(|host| self.fabric.end_port_of(host, 1))
                    .map(|port| port.ok_or_else(no_path));
                let (source, destination) = (source?, destination?);
                let subnet = self.manager(master).subnet();
                let [near, far] =
                    [source, destination].map(|port| subnet.end_port_by_guid(self.fabric.guid(port)));
                let (near, far) = (near.ok_or_else(no_path)?, far.ok_or_else(no_path)?);
                let lid = subnet.port(far).and_then(|port| port.lid()).ok_or_else(no_path)?;
                let path = subnet.path(near, lid).ok_or_else(no_path)?;
                let number = sent.len() as u64;
                sent.insert((destination, number), (*from, *to));
                let packet = Packet {
                    destination_qpn: DATA,
                    source_qpn: DATA,
                    service_level: path.service_level,
                    q_key: KEY,
                    payload: Payload::Bytes(number.to_be_bytes().into()),
                    ..Packet::subnet_management(lid, [0; 256])
                };
                self.fabric.send(self.now, source, &packet);
            }
        }
        self.run(Duration::from_millis(5));
        match sent.iter().find(|(key, _)| !self.arrived.contains(key)) {
            Some((_, (from, to))) => Err(Finding::Lost(name(*from), name(*to))),
            None => Ok(()),
        }
    }

    /// The verifier on the tables of the manager, over the links that there really are.
    fn check_routing(&self, manager: &Manager, part: &BTreeSet<NodeIndex>) -> Result<(), Finding> {
        let wrong = |what: &dyn fmt::Display| Finding::Routing(what.to_string());
        let topology = self.fabric.topology();
        let subnet = manager.subnet();
        let mut builder = Graph::builder();
        let mut indices = BTreeMap::new();
        let mut guids = Vec::new();
        for (node, content) in topology.nodes().filter(|(node, _)| part.contains(node)) {
            if content.kind() == NodeKind::Switch {
                indices.insert(node, builder.add_switch(content.ports()).map_err(|error| wrong(&error))?);
                guids.push(Guid(topology.node_guid(node)));
            }
        }
        let mut lids = Vec::new();
        // A cable from a switch to itself is of no use.
        let is_used = |link: &Link| link.a.node != link.b.node && !self.cut.contains(link);
        for link in topology.links().filter(is_used) {
            let ends = [(link.a, link.b), (link.b, link.a)];
            match (indices.get(&link.a.node), indices.get(&link.b.node)) {
                (Some(one), Some(other)) => {
                    builder
                        .link((*one, link.a.port), (*other, link.b.port))
                        .map_err(|error| wrong(&error))?;
                }
                _ => {
                    for (near, far) in ends {
                        let Some(switch) = indices.get(&near.node) else { continue };
                        let lid = lid_of(subnet, Guid(topology.port_guid(far)));
                        if let Some(lid) = lid.filter(|_| part.contains(&far.node)) {
                            builder.attach(*switch, near.port).map_err(|error| wrong(&error))?;
                            lids.push(lid);
                        }
                    }
                }
            }
        }
        let node = |switch: SwitchIndex| subnet.node_by_guid(guids[switch.get()]);
        let port = |switch, destination: lash::DestinationIndex| {
            let switch = subnet.node(node(switch)?)?.switch.as_ref()?;
            switch.forward(lids[destination.get()])
        };
        let lane = |from, to| {
            if self.mutant == Mutant::OneLane {
                return 0;
            }
            let ordinals = node(from)
                .zip(node(to))
                .and_then(|(from, to)| subnet.switch_ordinal(from).zip(subnet.switch_ordinal(to)));
            let level = ordinals.and_then(|(from, to)| subnet.service_levels().get(from, to));
            level.map_or(0, |level| level.get())
        };
        lash::verify::verify(&builder.build(), port, lane).map(drop).map_err(|fault| wrong(&fault))
    }
}

fn lid_of(subnet: &Subnet, guid: Guid) -> Option<Lid> {
    let at: EndPort = subnet.end_port_by_gid(Gid::new(subnet.prefix(), guid))?;
    subnet.port(at)?.lid()
}
