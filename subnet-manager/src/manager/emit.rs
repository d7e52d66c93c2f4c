//! Requests as datagrams.

use ib_mad::TransactionId;
use ib_mad::wire::{
    Attribute, DirectedRouteSmp, LinearForwardingTable, MAD_LENGTH, MulticastForwardingTable,
    NodeDescription, PKeyTable, PortInfo, PortPhysicalState, PortState, SwitchInfo,
};

use super::Manager;
use super::task::Task;
use crate::configure::{Setting, block_of, sixteen};
use crate::discovery::{Draft, Question};
use crate::smp::DirectedRoute;
use crate::subnet::{EndPort, NodeIndex, Switch, sl_to_vl};

impl Manager {
    /// The way of a request.
    pub(super) fn route(&self, task: Task) -> Option<DirectedRoute> {
        let frame = self.frame();
        match task {
            Task::Ask(question) => frame.route(question),
            Task::Look(node) => frame.route_to(node),
            Task::Poll(at) | Task::Tell(at, _) => frame.route_to_port(at),
            Task::Set(Setting::Port(at) | Setting::Activate(at) | Setting::Keys(at, _)) => {
                frame.route_to_port(at)
            }
            Task::Set(Setting::Lanes { node, output, .. }) => {
                frame.route_to_port(EndPort { node, port: output })
            }
            Task::Set(
                Setting::Switch(node) | Setting::Forwarding(node, _) | Setting::Multicast(node, ..),
            ) => frame.route_to(node),
        }
    }

    pub(super) fn modifier(&self, task: Task) -> u32 {
        let node = task.node().and_then(|node| self.frame().subnet.node(node));
        task.modifier(node.is_some_and(|node| node.is_switch()))
    }

    /// Write the request. A route that is too long, which none that was found is, leaves the buffer without a packet.
    pub(super) fn emit(&self, id: u32, task: Task, buffer: &mut [u8; MAD_LENGTH]) {
        let route = self.route(task).unwrap_or(DirectedRoute::SELF);
        let id = TransactionId(id.into());
        let smp = DirectedRouteSmp::request(
            task.method(),
            task.attribute(),
            self.modifier(task),
            id,
            route.ports(),
        );
        let Some(smp) = smp else { return };
        let smp = DirectedRouteSmp { m_key: self.settings.m_key, ..smp };
        let frame = self.frame();
        match task {
            Task::Ask(Question::ClearChange(node)) => {
                write(&smp, &SwitchInfo { port_state_change: true, ..switch_info(frame, node) }, buffer);
            }
            Task::Ask(_) | Task::Look(_) | Task::Poll(_) => write(&smp, &NodeDescription([0; 64]), buffer),
            Task::Tell(..) => write(&smp, &self.own_info(), buffer),
            Task::Set(setting) => self.emit_setting(&smp, frame, setting, buffer),
        }
    }

    fn emit_setting(
        &self,
        smp: &DirectedRouteSmp,
        frame: &Draft,
        setting: Setting,
        buffer: &mut [u8; MAD_LENGTH],
    ) {
        let port = |at| frame.subnet.port(at);
        match setting {
            Setting::Port(at) => {
                let info = port(at).map_or(PortInfo::default(), |port| port.info);
                // Port 0 of a switch has no link whose state could be set.
                let is_fresh = at.port != 0 && info.port_state == PortState::INITIALIZE;
                let info = PortInfo {
                    port_state: if is_fresh { PortState::ARMED } else { PortState::NO_CHANGE },
                    port_physical_state: PortPhysicalState::NO_CHANGE,
                    client_reregister: self.sweep.reregister.contains(&at),
                    ..info
                };
                write(smp, &info, buffer);
            }
            Setting::Activate(at) => {
                let info = port(at).map_or(PortInfo::default(), |port| port.info);
                let info = PortInfo {
                    port_state: PortState::ACTIVE,
                    port_physical_state: PortPhysicalState::NO_CHANGE,
                    client_reregister: false,
                    ..info
                };
                write(smp, &info, buffer);
            }
            Setting::Keys(at, block) => {
                let keys = port(at).map_or(&[][..], |port| &port.p_keys);
                write(smp, &PKeyTable { p_keys: block_of(keys, block.into()) }, buffer);
            }
            Setting::Switch(node) => write(smp, &switch_info(frame, node), buffer),
            Setting::Forwarding(node, block) => {
                let table = switch(frame, node).map_or(&[][..], |switch| &switch.forwarding);
                let entry = |place: usize| table.get(usize::from(block) * 64 + place).copied();
                let ports = core::array::from_fn(|place| entry(place).unwrap_or(Switch::NO_PORT));
                write(smp, &LinearForwardingTable { ports }, buffer);
            }
            Setting::Multicast(node, block, position) => {
                let groups = switch(frame, node).map(|switch| &switch.multicast);
                let mask = |place: usize| {
                    let lid = ib_mad::Lid(0xC000 + block * 32 + place as u16);
                    groups.and_then(|groups| groups.get(&lid)).map_or(0, |mask| sixteen(mask, position))
                };
                write(smp, &MulticastForwardingTable { port_masks: core::array::from_fn(mask) }, buffer);
            }
            Setting::Lanes { node, output, .. } => {
                let lanes = port(EndPort { node, port: output }).map_or(1, |port| port.data_lanes());
                write(smp, &sl_to_vl(lanes), buffer);
            }
        }
    }
}

fn switch(frame: &Draft, node: NodeIndex) -> Option<&Switch> {
    frame.subnet.node(node)?.switch.as_ref()
}

fn switch_info(frame: &Draft, node: NodeIndex) -> SwitchInfo {
    switch(frame, node).map_or(SwitchInfo::default(), |switch| switch.info)
}

/// Every attribute that is set here fits.
fn write<A: Attribute>(smp: &DirectedRouteSmp, attribute: &A, buffer: &mut [u8; MAD_LENGTH]) {
    if let Ok(bytes) = smp.emit(attribute) {
        *buffer = bytes;
    }
}
