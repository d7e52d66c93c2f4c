//! The simulated fabric and ibsim, made of one topology and asked the same by the same code.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use fabric::{Fabric, Settings};
use ib_mad::wire::{
    Attribute, AttributeId, DirectedRouteSmp, DirectedRouteSmpView, Method, NodeDescription, NodeInfo,
    NodeType, PortInfo,
};
use ib_mad::{Lid, Qpn, ServiceLevel, TransactionId};
use peers::{Ibsim, RunDir};
use topology::Topology;
use transport::{IbsimChannel, ManagementChannel, Outgoing, SharedFabric};

use crate::questions::questions;
use crate::support::{SOON, within};

/// Status and data of an answer.
type Answer = (u16, [u8; 64]);

/// Where a node is, from H1, and what it is.
pub(crate) type Place = (Vec<u8>, NodeInfo);

/// What differs, by attribute and field: both values, and where.
pub(crate) type Differing = BTreeMap<(&'static str, &'static str), Vec<String>>;

/// Asks along directed routes.
pub(crate) struct Asker {
    channel: Box<dyn ManagementChannel>,
    transaction: u64,
}

impl Asker {
    async fn exchange<A: Attribute>(
        &mut self,
        method: Method,
        path: &[u8],
        (attribute, modifier): (AttributeId, u32),
        content: &A,
    ) -> Answer {
        self.transaction += 1;
        let id = TransactionId(self.transaction);
        let smp = DirectedRouteSmp::request(method, attribute, modifier, id, path).unwrap();
        let mad = smp.emit(content).unwrap();
        let (to, qpn) = (Lid::PERMISSIVE, Qpn::SUBNET_MANAGEMENT);
        let outgoing = Outgoing { to, service_level: ServiceLevel::default(), qpn, mad };
        self.channel.send(&[outgoing]).await.unwrap();
        let mut batch = Vec::new();
        loop {
            let what = format!("an answer to {method} {attribute} {modifier:#x} at {path:?}");
            within(SOON, &what, self.channel.receive(&mut batch)).await.unwrap();
            for incoming in batch.drain(..) {
                // ibsim keeps a part of the id for itself.
                if incoming.mad[12..16] == mad[12..16] && incoming.mad[3] == Method::GET_RESP.0 {
                    let view = DirectedRouteSmpView::new(&incoming.mad).unwrap();
                    return (view.status().0, *view.data());
                }
            }
        }
    }

    pub(crate) async fn get(&mut self, path: &[u8], attribute: AttributeId, modifier: u32) -> Answer {
        self.exchange(Method::GET, path, (attribute, modifier), &NodeDescription::default()).await
    }
}

/// Both fabrics, each with a program on H1.
pub(crate) struct Twins {
    pub(crate) ours: Asker,
    pub(crate) theirs: Asker,
    pub(crate) fabric: SharedFabric,
    pub(crate) ibsim: Ibsim,
    pub(crate) topology: Topology,
    _dir: RunDir,
}

impl Twins {
    pub(crate) async fn new(topology: Topology) -> Self {
        let dir = RunDir::new().unwrap();
        let ibsim = Ibsim::start(&topology.for_ibsim().to_string(), &dir).await.unwrap();
        let fabric = SharedFabric::new(Fabric::new(&topology, Settings::DEFAULT).unwrap());
        let theirs = IbsimChannel::connect("H1", Some(ibsim.socket_name())).await.unwrap();
        let ours = Asker { channel: Box::new(fabric.attach("H1").unwrap()), transaction: 0 };
        let theirs = Asker { channel: Box::new(theirs), transaction: 0 };
        Self { ours, theirs, fabric, ibsim, topology, _dir: dir }
    }

    /// Every node and every port of it that a route leads to, the nearest first.
    pub(crate) async fn places(&mut self) -> Vec<Place> {
        let mut seen = BTreeSet::new();
        let mut queue = VecDeque::from([Vec::new()]);
        let mut places = Vec::new();
        while let Some(path) = queue.pop_front() {
            let (_, data) = self.ours.get(&path, AttributeId::NODE_INFO, 0).await;
            let info = NodeInfo::parse(&data).unwrap();
            let is_switch = info.node_type == NodeType::Switch;
            // An adapter has an agent at every port, a switch has one.
            let port = if is_switch { 0 } else { info.local_port_number };
            if !seen.insert((info.node_guid, port)) {
                continue;
            }
            for port in (1..=info.number_of_ports).filter(|_| is_switch || path.is_empty()) {
                let (_, data) = self.ours.get(&path, AttributeId::PORT_INFO, port.into()).await;
                if PortInfo::parse(&data).unwrap().port_state.0 > 1 {
                    queue.push_back([&path[..], &[port]].concat());
                }
            }
            places.push((path, info));
        }
        places
    }

    /// Ask everything of every place; tell how many fields were compared and which differ.
    pub(crate) async fn compare(&mut self, places: &[Place]) -> (usize, Differing) {
        let (mut compared, mut differing) = (0, Differing::new());
        for (path, info) in places {
            for question in questions(info) {
                let (attribute, modifier) = (question.attribute, question.modifier);
                let (our_status, ours) = self.ours.get(path, attribute, modifier).await;
                let (their_status, theirs) = self.theirs.get(path, attribute, modifier).await;
                let at = format!("{} {modifier:#x} at {path:?}", question.name);
                assert_eq!(our_status, their_status, "{at}");
                for ((name, ours), (_, theirs)) in
                    (question.read)(&ours).into_iter().zip((question.read)(&theirs))
                {
                    compared += 1;
                    if ours != theirs {
                        let what = format!("{ours}, ibsim {theirs}, in {at}");
                        differing.entry((question.name, name)).or_default().push(what);
                    }
                }
            }
        }
        (compared, differing)
    }

    /// Read an attribute from each fabric, change it, write it there, and return both statuses.
    pub(crate) async fn change<A: Attribute>(
        &mut self,
        path: &[u8],
        attribute: AttributeId,
        modifier: u32,
        change: impl Fn(&mut A),
    ) -> [u16; 2] {
        let mut statuses = [0; 2];
        for (asker, status) in [&mut self.ours, &mut self.theirs].into_iter().zip(&mut statuses) {
            let (_, data) = asker.get(path, attribute, modifier).await;
            let mut content = A::parse(&data).unwrap();
            change(&mut content);
            (*status, _) = asker.exchange(Method::SET, path, (attribute, modifier), &content).await;
        }
        statuses
    }

    /// The same, taken by both.
    pub(crate) async fn write<A: Attribute>(
        &mut self,
        path: &[u8],
        attribute: AttributeId,
        modifier: u32,
        change: impl Fn(&mut A),
    ) {
        let statuses = self.change(path, attribute, modifier, change).await;
        assert_eq!(statuses, [0, 0], "{attribute} {modifier:#x} at {path:?}: ours, ibsim's");
    }
}
