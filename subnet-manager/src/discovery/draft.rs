use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

use ib_mad::Guid;
use ib_mad::wire::{AttributeId, SmInfo};

use crate::event::{Fault, PortName};
use crate::smp::DirectedRoute;
use crate::subnet::{EndPort, KnownManager, NodeIndex, Subnet};

/// What discovery asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Question {
    /// Who the manager's own node is.
    Own,
    /// Who is behind a port.
    Who(EndPort),
    /// A node's name.
    Description(NodeIndex),
    /// A switch's settings.
    SwitchInfo(NodeIndex),
    /// Sets a switch's settings so that it notes changes from now on.
    ClearChange(NodeIndex),
    /// A port's settings.
    PortInfo(EndPort),
    /// The manager behind a port.
    Manager(EndPort),
}

impl Question {
    pub(crate) const fn attribute(self) -> AttributeId {
        match self {
            Self::Own | Self::Who(_) => AttributeId::NODE_INFO,
            Self::Description(_) => AttributeId::NODE_DESCRIPTION,
            Self::SwitchInfo(_) | Self::ClearChange(_) => AttributeId::SWITCH_INFO,
            Self::PortInfo(_) => AttributeId::PORT_INFO,
            Self::Manager(_) => AttributeId::SM_INFO,
        }
    }
}

/// Nodes that a subnet can have: as many as there are LIDs, and some without.
pub(super) const NODE_LIMIT: usize = 0x1_0000;

/// A subnet in the making.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Draft {
    pub(crate) subnet: Subnet,
    /// The way to each node.
    pub(crate) routes: Vec<DirectedRoute>,
    /// Who answered behind each port, by node and number.
    pub(super) heard: Vec<Vec<Option<EndPort>>>,
    /// Nodes whose settings nobody could read: their links are not used.
    pub(super) is_mute: Vec<bool>,
    pub(crate) faults: BTreeSet<Fault>,
    /// What to ask next: the node that is to answer, or that the way leads by, and the question.
    pub(super) questions: Vec<(u32, Question)>,
    own_guid: Guid,
}

impl Draft {
    /// Nothing is known yet but the subnet's prefix, and that the manager's port has this GUID.
    pub(crate) fn new(prefix: u64, own_guid: Guid) -> Self {
        Self {
            subnet: Subnet::new(prefix),
            routes: Vec::new(),
            heard: Vec::new(),
            is_mute: Vec::new(),
            faults: BTreeSet::new(),
            questions: vec![(0, Question::Own)],
            own_guid,
        }
    }

    /// The next question, and the node to whose share it counts.
    pub(crate) fn poll_question(&mut self) -> Option<(u32, Question)> {
        self.questions.pop()
    }

    /// The way of a question.
    pub(crate) fn route(&self, question: Question) -> Option<DirectedRoute> {
        match question {
            Question::Own => Some(DirectedRoute::SELF),
            Question::Who(near) => self.route_to(near.node)?.through(near.port),
            Question::Description(node) | Question::SwitchInfo(node) | Question::ClearChange(node) => {
                self.route_to(node)
            }
            Question::PortInfo(port) | Question::Manager(port) => self.route_to_port(port),
        }
    }

    pub(crate) fn route_to(&self, node: NodeIndex) -> Option<DirectedRoute> {
        self.routes.get(node.0 as usize).copied()
    }

    /// The way to a port: into an adapter by that very port, so that its other ports need not share its subnet.
    pub(crate) fn route_to_port(&self, at: EndPort) -> Option<DirectedRoute> {
        let near =
            self.heard(at).filter(|near| self.subnet.node(near.node).is_some_and(|node| node.is_switch()));
        match near {
            Some(near) if !self.subnet.node(at.node)?.is_switch() && self.subnet.manager_port != Some(at) => {
                self.route_to(near.node)?.through(near.port)
            }
            _ => self.route_to(at.node),
        }
    }

    pub(super) fn heard(&self, at: EndPort) -> Option<EndPort> {
        self.heard.get(at.node.0 as usize)?.get(usize::from(at.port)).copied().flatten()
    }

    pub(crate) fn name(&self, at: EndPort) -> PortName {
        PortName { node: self.guid(at.node), port: at.port }
    }

    pub(crate) fn guid(&self, node: NodeIndex) -> Guid {
        self.subnet.node(node).map_or(Guid(0), |node| node.info.node_guid)
    }

    pub(super) fn ask(&mut self, node: NodeIndex, question: Question) {
        self.questions.push((node.0, question));
    }

    /// The port that a question goes to or through, for people.
    fn near(&self, question: Question) -> PortName {
        match question {
            Question::Own => PortName { node: self.own_guid, port: 0 },
            Question::Who(near) => self.name(near),
            Question::Description(node) | Question::SwitchInfo(node) | Question::ClearChange(node) => {
                self.name(EndPort { node, port: 0 })
            }
            Question::PortInfo(port) | Question::Manager(port) => self.name(port),
        }
    }

    /// Nobody answered a question.
    pub(crate) fn unanswered(&mut self, question: Question) {
        let (near, attribute) = (self.near(question), question.attribute());
        self.faults.insert(Fault::Silent { near, attribute });
        match question {
            // The switch may notice no further change; it is asked for its ports all the same.
            Question::ClearChange(node) => self.ask_ports(node),
            Question::SwitchInfo(node) => self.is_mute[node.0 as usize] = true,
            Question::PortInfo(port) if self.is_essential(port) => self.is_mute[port.node.0 as usize] = true,
            // The port stays down, the node without a name, the link unused, the manager unheard of.
            Question::PortInfo(_) | Question::Description(_) | Question::Own | Question::Who(_) => {}
            Question::Manager(_) => {}
        }
    }

    /// A question was answered with an error.
    pub(crate) fn refused(&mut self, question: Question, status: ib_mad::wire::Status) {
        // A port that says it has a manager, and then has none, is between two states.
        if matches!(question, Question::Manager(_)) {
            return;
        }
        self.unanswered(question);
        let (near, attribute) = (self.near(question), question.attribute());
        self.faults.remove(&Fault::Silent { near, attribute });
        self.faults.insert(Fault::Refused { node: near.node, attribute, status });
    }

    /// Whether a node is of no use without this port: a switch without its port 0, an adapter without its only one.
    fn is_essential(&self, port: EndPort) -> bool {
        self.subnet.node(port.node).is_some_and(|node| port.port == 0 || !node.is_switch())
    }

    /// A manager answered behind a port.
    pub(super) fn heard_manager(&mut self, port: EndPort, info: SmInfo) {
        self.subnet.managers.retain(|known| known.port != port);
        self.subnet.managers.push(KnownManager { port, info });
    }

    pub(super) fn own_guid(&self) -> Guid {
        self.own_guid
    }
}
