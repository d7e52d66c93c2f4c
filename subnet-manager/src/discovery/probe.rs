//! What answers tell, and what is asked next.

use alloc::vec;

use ib_mad::Guid;
use ib_mad::wire::{
    Attribute, AttributeId, NodeDescription, NodeInfo, NodeType, PortCapabilityMask, PortInfo,
    SMP_DATA_LENGTH, SmInfo, SwitchInfo,
};

use super::draft::{Draft, NODE_LIMIT, Question};
use crate::event::Fault;
use crate::smp::DirectedRoute;
use crate::subnet::{EndPort, Node, NodeIndex, Subnet};

impl Draft {
    /// A question was answered. `before` is the subnet as it was: nodes keep the names that they had there.
    pub(crate) fn answered(&mut self, question: Question, data: &[u8; SMP_DATA_LENGTH], before: &Subnet) {
        // No attribute is longer than the data: parsing cannot fail.
        match question {
            Question::Own | Question::Who(_) => {
                if let Ok(info) = NodeInfo::parse(data) {
                    self.node_answered(question, info, before);
                }
            }
            Question::Description(node) => {
                if let (Ok(description), Some(node)) =
                    (NodeDescription::parse(data), self.subnet.node_mut(node))
                {
                    node.description = description;
                }
            }
            Question::SwitchInfo(node) => {
                if let Ok(info) = SwitchInfo::parse(data) {
                    self.switch_answered(node, info);
                }
            }
            Question::ClearChange(node) => self.ask_ports(node),
            Question::PortInfo(port) => {
                if let Ok(info) = PortInfo::parse(data) {
                    self.port_answered(port, info);
                }
            }
            Question::Manager(port) => {
                if let Ok(info) = SmInfo::parse(data) {
                    self.heard_manager(port, info);
                }
            }
        }
    }

    fn node_answered(&mut self, question: Question, info: NodeInfo, before: &Subnet) {
        let near = match question {
            Question::Who(near) => Some(near),
            _ => None,
        };
        let is_switch = info.node_type == NodeType::Switch;
        let number = info.local_port_number;
        let first = u8::from(!is_switch);
        let is_plausible = info.node_guid != Guid(0)
            && (is_switch || info.port_guid != Guid(0))
            && (first..=info.number_of_ports).contains(&number);
        if !is_plausible {
            let near =
                near.map_or(crate::PortName { node: self.own_guid(), port: 0 }, |near| self.name(near));
            self.faults.insert(Fault::Implausible { near, attribute: AttributeId::NODE_INFO });
            return;
        }
        let node = match self.subnet.node_by_guid(info.node_guid) {
            Some(node) => node,
            None => match self.add(near, info, before) {
                Some(node) => node,
                None => return,
            },
        };
        let at = EndPort { node, port: number };
        let Some(near) = near else {
            self.subnet.manager_port = Some(if is_switch { EndPort { node, port: 0 } } else { at });
            if !is_switch {
                self.meet_port(at, info.port_guid, None);
            }
            return;
        };
        self.link(near, at, &info);
    }

    /// A node that was not known.
    fn add(&mut self, near: Option<EndPort>, info: NodeInfo, before: &Subnet) -> Option<NodeIndex> {
        if self.routes.len() >= NODE_LIMIT {
            self.faults.insert(Fault::TooManyNodes { limit: NODE_LIMIT as u32 });
            return None;
        }
        let route = match near {
            None => DirectedRoute::SELF,
            Some(near) => self.route_to(near.node)?.through(near.port)?,
        };
        let known = before.node_by_guid(info.node_guid).and_then(|node| before.node(node));
        let known = known.filter(|known| known.description != NodeDescription::default());
        let description = known.map_or(NodeDescription::default(), |known| known.description);
        let mut node = Node::new(info, description);
        let is_switch = node.is_switch();
        if let (true, Some(port)) = (is_switch, node.port_mut(0)) {
            port.guid = info.port_guid;
        }
        let ports = usize::from(info.number_of_ports) + 1;
        let node = self.subnet.add_node(node).ok().or_else(|| {
            // Its port 0 has another port's GUID: the fault names the node.
            let near = near.map_or(EndPort { node: NodeIndex(0), port: 0 }, |near| near);
            let (first, second) = (self.owner(info.port_guid), self.name(near));
            self.faults.insert(Fault::DuplicateGuid { guid: info.port_guid, first, second });
            None
        })?;
        self.routes.push(route);
        self.heard.push(vec![None; ports]);
        self.is_mute.push(false);
        if known.is_none() {
            self.ask(node, Question::Description(node));
        }
        if is_switch {
            self.ask(node, Question::SwitchInfo(node));
        }
        Some(node)
    }

    /// The port that a GUID belongs to, for people.
    pub(super) fn owner(&self, guid: Guid) -> crate::PortName {
        let owner = self.subnet.end_port_by_guid(guid);
        owner.map_or(crate::PortName { node: guid, port: 0 }, |owner| self.name(owner))
    }

    /// An adapter's port was found: by its number, behind a switch's port or as the manager's own.
    pub(super) fn meet_port(&mut self, at: EndPort, guid: Guid, near: Option<EndPort>) -> bool {
        let info = self.subnet.port(at).map_or(PortInfo::default(), |port| port.info);
        if self.subnet.set_port(at, guid, info).is_err() {
            let near = near.unwrap_or(at);
            let (first, second) = (self.owner(guid), self.name(near));
            self.faults.insert(Fault::DuplicateGuid { guid, first, second });
            return false;
        }
        self.ask(at.node, Question::PortInfo(at));
        true
    }

    fn switch_answered(&mut self, node: NodeIndex, info: SwitchInfo) {
        if let Some(switch) = self.subnet.node_mut(node).and_then(|node| node.switch.as_mut()) {
            switch.info = info;
        }
        // What changes from now on is noted anew, before the ports are looked at: no change falls between.
        if info.port_state_change {
            self.ask(node, Question::ClearChange(node))
        } else {
            self.ask_ports(node)
        }
    }

    pub(super) fn ask_ports(&mut self, node: NodeIndex) {
        let last = self.subnet.node(node).map_or(0, |node| node.info.number_of_ports);
        for port in 0..=last {
            self.ask(node, Question::PortInfo(EndPort { node, port }));
        }
    }

    fn port_answered(&mut self, at: EndPort, info: PortInfo) {
        let Some(port) = self.subnet.port_mut(at) else { return };
        port.info = info;
        let is_up = port.is_up();
        let is_manager = self.subnet.manager_port == Some(at);
        let Some(node) = self.subnet.node(at.node) else { return };
        let is_switch = node.is_switch();
        let is_end = at.port == 0 || !is_switch;
        if is_end && info.capability_mask.contains(PortCapabilityMask::SM) && !is_manager {
            self.ask(at.node, Question::Manager(at));
        }
        // A switch's port 0 leads nowhere; behind an adapter is only the switch that it was found behind.
        let leads_on = if is_switch { at.port != 0 } else { is_manager };
        if !is_up || !leads_on {
            return;
        }
        if self.route(Question::Who(at)).is_some() {
            self.ask(at.node, Question::Who(at));
        } else {
            let near = self.name(at);
            self.faults.insert(Fault::TooFar { near });
        }
    }
}
