//! What arrives.

use core::time::Duration;

use ib_mad::wire::{
    AttributeId, DirectedRouteSmpView, Mad, MadHeaderView, Method, RmppFlags, RmppHeader, RmppType, SaMad,
    SaMadView, Status,
};
use ib_mad::{SmKey, Transmit};

use super::Manager;
use super::task::Task;
use crate::Received;
use crate::standing::ManagerState;

impl Manager {
    /// A datagram arrived at the manager's port.
    pub fn handle_datagram(&mut self, now: Duration, received: &Received<'_>) {
        self.advance(now);
        match Mad::new(received.mad) {
            Ok(Mad::DirectedRoute(smp)) => match (smp.header().method(), smp.header().attribute_id()) {
                (Method::GET_RESP, _) => self.answer(smp),
                (Method::GET | Method::SET, AttributeId::SM_INFO) => self.manager_asks(received, smp.data()),
                _ => {}
            },
            Ok(Mad::Smp(smp)) => match (smp.header().method(), smp.header().attribute_id()) {
                (Method::TRAP, AttributeId::NOTICE) => self.trap(received, smp),
                (Method::GET | Method::SET, AttributeId::SM_INFO) => self.manager_asks(received, smp.data()),
                _ => {}
            },
            // Only the master answers (IBTA volume 1, 15.4.1).
            Ok(Mad::Sa(_)) if self.is_up() => {
                self.administration.handle_datagram(self.now, &self.current.subnet, received);
                self.hear_administration();
            }
            Ok(Mad::Sa(mad)) if self.state() == ManagerState::Master => self.put_off(received, mad),
            _ => {}
        }
        self.step();
    }

    /// The subnet is not up yet: whoever asks something is to ask again later.
    fn put_off(&mut self, received: &Received<'_>, mad: &SaMadView) {
        let key = mad.sa().sm_key();
        let is_of_a_table =
            mad.rmpp().flags().contains(RmppFlags::ACTIVE) && mad.rmpp().kind() != RmppType::Data;
        let is_known = key == SmKey(0) || key == self.settings.sm_key;
        if mad.header().method().is_response() || is_of_a_table || !is_known || !received.from.is_unicast() {
            return;
        }
        let mut answer = SaMad::from_view(mad);
        answer.header.method = answer.header.method.response();
        answer.header.status = Status::BUSY;
        answer.rmpp = RmppHeader::INACTIVE;
        let Received { from: to, service_level, source_qpn: qpn, .. } = *received;
        self.send(Transmit { to, service_level, qpn }, answer.emit_data(mad.data()));
    }

    fn answer(&mut self, smp: &DirectedRouteSmpView) {
        let header = smp.header();
        let id = header.transaction_id().low();
        let Some(task) = self.queue.matching(id).filter(|task| self.is_answer_to(*task, header, smp)) else {
            self.counters.unmatched += 1;
            return;
        };
        let status: Status = smp.status();
        if status.is_busy() {
            // It is asked again when its time is over.
            return;
        }
        self.counters.answered += 1;
        self.queue.answered(id);
        if status.is_ok() {
            self.answered(task, smp.data());
        } else {
            self.failed(task, Some(status));
        }
    }

    /// Whether an answer is about what was asked, and came back by the way that the request took: a node that answers with
    /// another's transaction id is not believed.
    fn is_answer_to(&self, task: Task, header: &MadHeaderView, smp: &DirectedRouteSmpView) -> bool {
        header.attribute_id() == task.attribute()
            && header.attribute_modifier() == self.modifier(task)
            && self.route(task).is_some_and(|route| route.is_of(smp))
    }
}

#[cfg(test)]
#[path = "datagrams_test.rs"]
mod tests;
