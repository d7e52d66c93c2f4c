//! Which ports are linked, as far as both ends agree.

use ib_mad::wire::NodeInfo;

use super::draft::Draft;
use crate::event::Fault;
use crate::subnet::{EndPort, NodeIndex};

impl Draft {
    /// Behind `near`, the port `far` answered.
    pub(super) fn link(&mut self, near: EndPort, far: EndPort, info: &NodeInfo) {
        if near.node == far.node {
            let port = self.name(near.min(far));
            self.faults.insert(Fault::SelfLoop { port, other: near.max(far).port });
            return;
        }
        self.set_heard(near, far);
        let is_switch = self.subnet.node(far.node).is_some_and(|node| node.is_switch());
        if is_switch || self.subnet.manager_port == Some(far) {
            // It tells by itself who is behind its port.
            return;
        }
        match self.heard(far) {
            None => {
                // A port that cannot have its GUID is not used, and neither is its link.
                self.set_heard(far, near);
                if !self.meet_port(far, info.port_guid, Some(near)) {
                    self.unhear(near);
                    self.unhear(far);
                }
            }
            Some(first) if first == near => {}
            // An adapter's port has one link: behind the other one is somebody else with the same GUID.
            Some(first) => self.duplicate(far.node, first, near),
        }
    }

    fn duplicate(&mut self, node: NodeIndex, first: EndPort, second: EndPort) {
        let (first, name, guid) = (self.name(first), self.name(second), self.guid(node));
        self.faults.insert(Fault::DuplicateGuid { guid, first, second: name });
        self.unhear(second);
    }

    fn set_heard(&mut self, at: EndPort, far: EndPort) {
        if let Some(slot) = self.heard_mut(at) {
            *slot = Some(far);
        }
    }

    fn unhear(&mut self, at: EndPort) {
        if let Some(slot) = self.heard_mut(at) {
            *slot = None;
        }
    }

    fn heard_mut(&mut self, at: EndPort) -> Option<&mut Option<EndPort>> {
        self.heard.get_mut(at.node.0 as usize)?.get_mut(usize::from(at.port))
    }

    /// Discovery is over: link the ports whose both ends say so.
    pub(crate) fn connect(&mut self) {
        for node in 0..self.heard.len() {
            for number in 0..self.heard[node].len() {
                let at = EndPort { node: NodeIndex(node as u32), port: number as u8 };
                let Some(far) = self.heard(at) else { continue };
                if self.is_mute[node] || self.is_mute[far.node.0 as usize] {
                    continue;
                }
                match self.heard(far) {
                    Some(back) if back == at => {
                        // It cannot be refused: each port says one thing, and both say the same.
                        let _ = self.subnet.connect(at, far);
                    }
                    // Asked by the way to the first one of its GUID, the port's other end is somebody else.
                    Some(back) => {
                        let (first, second, guid) = (self.name(back), self.name(at), self.guid(far.node));
                        self.faults.insert(Fault::DuplicateGuid { guid, first, second });
                    }
                    // The other end did not answer when it was asked: a fault tells, or it went down meanwhile.
                    None => {}
                }
            }
        }
    }
}
