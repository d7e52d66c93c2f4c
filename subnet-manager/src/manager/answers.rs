//! What answers mean, by what was asked.

use ib_mad::Guid;
use ib_mad::wire::{Attribute, PortInfo, SMP_DATA_LENGTH, SmInfo, SmState, Status, SwitchInfo};

use super::Manager;
use super::task::Task;
use crate::configure::Setting;
use crate::event::{Fault, SweepReason};
use crate::standing::Request;

impl Manager {
    pub(super) fn answered(&mut self, task: Task, data: &[u8; SMP_DATA_LENGTH]) {
        self.sweep.answered += 1;
        match task {
            Task::Ask(question) => {
                if let Some(draft) = &mut self.draft {
                    draft.answered(question, data, &self.current.subnet);
                }
                self.ask_on();
            }
            Task::Set(Setting::Port(at) | Setting::Activate(at)) => {
                let frame = self.draft.as_mut().unwrap_or(&mut self.current);
                if let (Ok(info), Some(port)) = (PortInfo::parse(data), frame.subnet.port_mut(at)) {
                    // What the port makes of it counts, but for its LIDs, which others are told already.
                    port.info = PortInfo { lid: port.info.lid, lmc: port.info.lmc, ..info };
                }
            }
            Task::Set(_) => {}
            Task::Look(_) => {
                if SwitchInfo::parse(data).is_ok_and(|info| info.port_state_change) {
                    self.sweep.has_seen_change = true;
                }
            }
            Task::Poll(_) => match SmInfo::parse(data) {
                Ok(info) if info.state == SmState::MASTER => self.missed_polls = 0,
                _ => self.poll_missed(),
            },
            // OpenSM never acknowledges: it takes over when it has said that it was told, and waits for this one to yield.
            Task::Tell(at, Request::Handover) => self.was_handed_over(at),
            Task::Tell(..) => {}
        }
    }

    /// A request was given up, or refused with a status.
    pub(super) fn failed(&mut self, task: Task, status: Option<Status>) {
        match task {
            Task::Ask(question) => {
                if let Some(draft) = &mut self.draft {
                    match status {
                        Some(status) => draft.refused(question, status),
                        None => draft.unanswered(question),
                    }
                }
                self.ask_on();
            }
            Task::Set(setting) => {
                let node = self.frame().guid(setting.node());
                let attribute = setting.attribute();
                let fault = match status {
                    Some(status) => Fault::Refused { node, attribute, status },
                    None => Fault::Unset { node, attribute },
                };
                self.not_set(setting, node, fault);
            }
            // Who does not answer a look is looked for.
            Task::Look(_) => self.sweep.has_seen_change = true,
            Task::Poll(_) => self.poll_missed(),
            // It is offered again after the next sweep.
            Task::Tell(_, Request::Handover) => self.ask_for_sweep(SweepReason::Retry),
            Task::Tell(..) => {}
        }
    }

    /// What the node has now is not known: it is told everything again by the next sweep.
    fn not_set(&mut self, setting: Setting, node: Guid, fault: Fault) {
        let frame = self.draft.as_mut().unwrap_or(&mut self.current);
        frame.faults.insert(fault);
        self.lanes.forget(node);
        match setting {
            Setting::Forwarding(index, _) | Setting::Multicast(index, ..) | Setting::Switch(index) => {
                let switch = frame.subnet.node_mut(index).and_then(|node| node.switch.as_mut());
                if let Some(switch) = switch {
                    self.sweep.untold.insert(node);
                    switch.info.linear_fdb_top = 0;
                }
            }
            Setting::Keys(at, _) => {
                if let Some(port) = frame.subnet.port_mut(at) {
                    port.p_keys.clear();
                }
            }
            Setting::Port(_) | Setting::Activate(_) | Setting::Lanes { .. } => {}
        }
    }

    /// Ask what the last answer raised.
    pub(super) fn ask_on(&mut self) {
        let Some(draft) = &mut self.draft else { return };
        while let Some((node, question)) = draft.poll_question() {
            self.queue.push(node, Task::Ask(question));
        }
    }
}
