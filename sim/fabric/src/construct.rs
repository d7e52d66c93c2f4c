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
        let (mut nodes, mut ports) = (Vec::new(), Vec::with_capacity(count));
        for (index, node) in topology.nodes() {
            let (kind, number_of_ports) = (node.kind(), node.ports());
            let (guid, identity) = (topology.node_guid(index), node.identity());
            let first = PortId(ports.len() as u32);
            let lowest = u8::from(kind != NodeKind::Switch);
            for number in lowest..=number_of_ports {
                let guid = Guid(topology.port_guid(End { node: index, port: number }));
                ports.push(Port::new(index.get() as u32, number, guid, kind, &settings));
            }
            nodes.push(Node {
                index,
                kind,
                ports: number_of_ports,
                first,
                guid: Guid(guid),
                system_image_guid: Guid(identity.system_image_guid.unwrap_or(guid)),
                vendor_id: identity.vendor.unwrap_or(0),
                device_id: identity.device.unwrap_or(0),
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
