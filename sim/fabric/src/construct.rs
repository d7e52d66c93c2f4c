//! Makes a fabric of a topology.

use std::collections::{BTreeMap, VecDeque};

use ib_mad::Guid;
use ib_mad::wire::NodeDescription;
use sim::Random;
use topology::{End, NodeKind, Topology};

use crate::credits::Credits;
use crate::drops::Drops;
use crate::error::FabricError;
use crate::fabric::Fabric;
use crate::node::{Conduct, Node, Switch};
use crate::pool::Pool;
use crate::port::{Port, PortId};
use crate::schedule::{Instant, Schedule};
use crate::settings::Settings;
use crate::traps::Traps;

/// GUIDs of nodes to which the topology gives none, by kind; those of ibsim.
const FIRST_HOST: u64 = 0x10_0000;
const FIRST_SWITCH: u64 = 0x20_0000;
const FIRST_ROUTER: u64 = 0x30_0000;
/// What PortInfo.VLCap can be.
const LANE_CODES: core::ops::RangeInclusive<u8> = 1..=5;

impl Fabric {
    /// A fabric in which every cable of the topology is plugged in and every node is switched on, and which no manager
    /// has seen yet.
    ///
    /// # Errors
    /// When the topology has more ports than a fabric can number, or a setting is one that no port could have.
    pub fn new(topology: &Topology, settings: Settings) -> Result<Self, FabricError> {
        if !LANE_CODES.contains(&settings.lane_capability) {
            let value = settings.lane_capability.into();
            return Err(FabricError::Setting {
                name: "lane_capability",
                value,
                wanted: "a code from 1 to 5",
            });
        }
        if settings.credits == Some(0) {
            return Err(FabricError::Setting { name: "credits", value: 0, wanted: "at least 1 packet" });
        }
        let count = topology.nodes().map(|(_, node)| usize::from(node.ports()) + 1).sum();
        if u32::try_from(count).is_err() {
            return Err(FabricError::TooLarge { ports: count, limit: u32::MAX as usize });
        }
        let mut next = [FIRST_HOST, FIRST_SWITCH, FIRST_ROUTER];
        let (mut nodes, mut ports) = (Vec::new(), Vec::with_capacity(count));
        for (index, node) in topology.nodes() {
            let (kind, number_of_ports) = (node.kind(), node.ports());
            let following = match kind {
                NodeKind::Host => &mut next[0],
                NodeKind::Switch => &mut next[1],
                NodeKind::Router => &mut next[2],
            };
            let guid = match node.guid() {
                Some(guid) => guid,
                None => *following,
            };
            // A switch has one GUID, other nodes one for each port besides.
            let own = if kind == NodeKind::Switch { 1 } else { u64::from(number_of_ports) + 1 };
            *following = guid.wrapping_add(own);
            let first = PortId(ports.len() as u32);
            let lowest = u8::from(kind != NodeKind::Switch);
            for number in lowest..=number_of_ports {
                let offset = if kind == NodeKind::Switch { 0 } else { u64::from(number) };
                let guid = Guid(guid.wrapping_add(offset));
                ports.push(Port::new(index.get() as u32, number, guid, kind, &settings));
            }
            nodes.push(Node {
                index,
                kind,
                ports: number_of_ports,
                first,
                guid: Guid(guid),
                system_image_guid: Guid(guid),
                description: NodeDescription::new(node.description().unwrap_or(node.name())),
                is_on: true,
                conduct: Conduct::Proper,
                switch: (kind == NodeKind::Switch).then(|| Box::new(Switch::new(number_of_ports, &settings))),
                traps: Traps::default(),
            });
        }
        for link in topology.links() {
            let id = |end: End| nodes[end.node.get()].port(end.port);
            let (a, b) = (id(link.a), id(link.b));
            for (one, other) in [(a, b), (b, a)] {
                let port: &mut Port = &mut ports[one.0 as usize];
                port.peer = Some(other);
                port.initialize();
            }
        }
        let mut random = Random::new(settings.seed);
        Ok(Self {
            topology: topology.clone(),
            settings,
            nodes,
            ports,
            packets: Pool::new(settings.packet_limit),
            schedule: Schedule::default(),
            now: Instant(0),
            // Nobody but an agent uses transaction ids that end like this.
            trap_count: random.next() >> 16,
            random,
            attachments: BTreeMap::new(),
            ready: VecDeque::new(),
            drops: Drops::default(),
            delivered: 0,
            link_faults: BTreeMap::new(),
            flaps: BTreeMap::new(),
            credits: settings.credits.map(|limit| Credits::new(limit, count)),
        })
    }
}
