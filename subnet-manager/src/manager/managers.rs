//! Other managers: their questions, and this one's of them.

use ib_mad::wire::{
    Attribute, DirectedRouteSmp, DirectedRouteSmpView, MAD_LENGTH, MadHeaderView, Method, SMP_DATA_LENGTH,
    SmInfo, Smp, SmpView, Status,
};
use ib_mad::{Guid, Lid, MKey, Qpn, SmKey, Transmit};
use zerocopy::FromBytes;

use super::Manager;
use super::task::Task;
use crate::Received;
use crate::event::{Event, SweepReason};
use crate::standing::{ManagerState, Request};
use crate::subnet::EndPort;

/// The attribute modifier asks for something that cannot be done.
const BAD_MODIFIER: Status = Status(7 << 2);

impl Manager {
    /// Another manager, or a tool, asks who this one is, or tells it something.
    pub(super) fn manager_asks(&mut self, received: &Received<'_>, data: &[u8; SMP_DATA_LENGTH]) {
        self.activity = self.activity.wrapping_add(1);
        let Ok((header, _)) = MadHeaderView::ref_from_prefix(received.mad) else { return };
        let (method, modifier) = (header.method(), header.attribute_modifier());
        let mut status = Status::OK;
        if method == Method::SET {
            let Ok(theirs) = SmInfo::parse(data) else { return };
            let before = self.state();
            let request = Request::from_modifier(modifier);
            match request.filter(|request| self.standing.told(theirs.guid, *request)) {
                Some(request) => self.was_told(before, theirs.guid, request),
                None => status = BAD_MODIFIER,
            }
        }
        self.answer_manager(received, status);
    }

    fn answer_manager(&mut self, received: &Received<'_>, status: Status) {
        // The key is for those who are trusted: who knows the ports' key, if they have one.
        let is_trusted = |m_key| self.settings.m_key == MKey(0) || m_key == self.settings.m_key;
        let own = self.own_info();
        let info = |m_key| SmInfo { sm_key: if is_trusted(m_key) { own.sm_key } else { SmKey(0) }, ..own };
        let to = |to| Transmit { to, service_level: received.service_level, qpn: Qpn::SUBNET_MANAGEMENT };
        if let Ok(smp) = SmpView::new(received.mad) {
            let mut smp = Smp::from_view(smp);
            (smp.header.method, smp.header.status) = (Method::GET_RESP, status);
            if let Ok(mad) = smp.emit(&info(smp.m_key)) {
                self.send(to(received.from), mad);
            }
        } else if let Some(mad) = returning(received.mad, status, info) {
            self.send(to(Lid::PERMISSIVE), mad);
        }
    }

    /// Another manager told this one something, and it complied.
    fn was_told(&mut self, before: ManagerState, from: Guid, request: Request) {
        match request {
            Request::Handover => {
                if let Some(at) = self.manager_port(from) {
                    self.push(at, Task::Tell(at, Request::Acknowledge));
                }
                self.ask_for_sweep(SweepReason::OtherManager);
            }
            Request::Discover => self.ask_for_sweep(SweepReason::OtherManager),
            Request::Acknowledge | Request::Disable | Request::Standby => self.abandon(),
        }
        self.note_state(before);
        self.watch_on();
    }

    /// The manager at a port took the offer of the mastership.
    pub(super) fn was_handed_over(&mut self, at: EndPort) {
        let managers = &self.frame().subnet.managers;
        let Some(heir) = managers.iter().find(|known| known.port == at).map(|known| known.info.guid) else {
            return;
        };
        let before = self.state();
        if self.standing.told(heir, Request::Acknowledge) {
            self.was_told(before, heir, Request::Acknowledge);
        }
    }

    /// Tell of another state.
    pub(super) fn note_state(&mut self, before: ManagerState) {
        if self.state() != before {
            self.events.push_back(Event::State(self.state()));
        }
    }

    /// The subnet is another one's: stop what is under way.
    fn abandon(&mut self) {
        self.queue.clear();
        self.draft = None;
        self.phase = super::Phase::Idle;
        self.is_up = false;
        self.timers.stop();
        self.forget_registrations();
    }

    /// A standby asks its master now and then.
    pub(super) fn watch_on(&mut self) {
        self.missed_polls = 0;
        let is_standby = self.state() == ManagerState::Standby;
        self.timers.set_poll(is_standby.then(|| self.now.saturating_add(self.settings.polling_interval)));
    }

    /// It is time to ask the watched manager.
    pub(super) fn poll_master(&mut self) {
        let Some(watched) = self.standing.watched() else { return };
        self.timers.set_poll(Some(self.now.saturating_add(self.settings.polling_interval)));
        match self.manager_port(watched) {
            Some(at) => self.push(at, Task::Poll(at)),
            None => self.poll_missed(),
        }
    }

    pub(super) fn poll_missed(&mut self) {
        self.missed_polls = self.missed_polls.saturating_add(1);
        if self.missed_polls < self.settings.polling_retries.max(1) {
            return;
        }
        let before = self.state();
        self.standing.bereaved();
        self.note_state(before);
        self.timers.set_poll(None);
        self.ask_for_sweep(SweepReason::Start);
    }

    /// Where a manager is, as the last discovery found it.
    pub(super) fn manager_port(&self, guid: Guid) -> Option<EndPort> {
        let managers = &self.frame().subnet.managers;
        managers.iter().find(|known| known.info.guid == guid).map(|known| known.port)
    }
}

/// A directed route packet on its way back, with this manager in it.
fn returning(
    mad: &[u8; MAD_LENGTH],
    status: Status,
    info: impl FnOnce(MKey) -> SmInfo,
) -> Option<[u8; MAD_LENGTH]> {
    let mut smp = DirectedRouteSmp::from_view(DirectedRouteSmpView::new(mad).ok()?);
    (smp.header.method, smp.header.status, smp.is_returning) = (Method::GET_RESP, status, true);
    smp.emit(&info(smp.m_key)).ok()
}
