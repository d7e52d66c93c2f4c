use alloc::collections::{BTreeMap, VecDeque};
use core::time::Duration;

use ib_mad::sa::SaAddress;
use ib_mad::wire::Producer;
use ib_mad::wire::{
    Attribute, AttributeId, MAD_LENGTH, MadHeader, Method, PathRecord, SaMadView, TrapNumber,
};
use ib_mad::{Gid, Lid, Qpn, TransactionId};
use path_record::PathProperties;
use sim::Violation;
use trap_signal::LocalPort;
use trap_signal::host::{HostAgent, HostConfig, HostEvent, PathId, QueuePair, Reconfiguration};

use super::manager::{MANAGER, gid};
use super::mutant::Mutant;
use super::rule;

pub(super) type Datagram = [u8; MAD_LENGTH];

/// A host: the agent that ships, an adapter with its queue pairs, and what the rules need to remember.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Host {
    pub(super) lid: Lid,
    mutant: Mutant,
    agent: HostAgent<4>,
    /// What each queue pair is on in truth.
    adapter: BTreeMap<Qpn, Option<PathRecord>>,
    /// Reconfigurations that the adapter has not come to.
    pub(super) operations: VecDeque<Reconfiguration>,
    /// Reports heard and subscriptions confirmed.
    signals: u32,
    /// Queries without an answer, and how many signals there had been when they were sent first.
    asked: BTreeMap<TransactionId, (Gid, u32)>,
    /// The newest answer for each path.
    answers: BTreeMap<Gid, (PathRecord, u32)>,
    /// Reports that came, and until when they count as known.
    heard: VecDeque<(TransactionId, Duration)>,
}

/// Reports that the rules remember: fewer than an agent does.
const HEARD: usize = 32;

/// The queue pair to a port, numbered like its LID.
pub(super) fn queue_pair(peer: Lid) -> Qpn {
    Qpn::new(peer.0.into()).unwrap_or(Qpn::GENERAL_SERVICES)
}

fn same_path(one: &PathRecord, other: &PathRecord) -> bool {
    PathProperties::of(one) == PathProperties::of(other)
}

impl Host {
    pub(super) fn new(
        now: Duration,
        lid: Lid,
        peers: &[Lid],
        mutant: Mutant,
        verify_every: Duration,
    ) -> Self {
        let mut config = HostConfig::new(u32::from(lid.0) << 16);
        config.listener.verify_every = verify_every;
        if mutant == Mutant::NeverVerifies {
            config.listener.verify_every = Duration::MAX;
        }
        if mutant == Mutant::ForgetsReports {
            config.listener.repeat_window = Duration::ZERO;
        }
        let mut agent = HostAgent::new(config);
        for peer in peers {
            let queue_pair =
                QueuePair { number: queue_pair(*peer), path: PathId::to(gid(*peer)), record: None };
            agent.add_queue_pair(queue_pair).expect("the table has room");
        }
        let manager = SaAddress { lid: MANAGER, ..SaAddress::default() };
        agent.handle_port(now, LocalPort { lid, gid: gid(lid), manager });
        Self {
            lid,
            mutant,
            agent,
            adapter: peers.iter().map(|peer| (queue_pair(*peer), None)).collect(),
            operations: VecDeque::new(),
            signals: 0,
            asked: BTreeMap::new(),
            answers: BTreeMap::new(),
            heard: VecDeque::new(),
        }
    }

    /// Whether every queue pair is on what `latest` gives.
    pub(super) fn is_on(&self, latest: impl Fn(Gid) -> Option<PathRecord>) -> bool {
        self.operations.is_empty()
            && self.adapter.iter().all(|(number, record)| {
                let peer = gid(Lid(number.get() as u16));
                matches!((record, latest(peer)), (Some(on), Some(new)) if same_path(on, &new))
            })
    }

    pub(super) fn poll_timeout(&self) -> Option<Duration> {
        self.agent.poll_timeout()
    }

    pub(super) fn handle_timeout(&mut self, now: Duration) {
        self.agent.handle_timeout(now);
    }

    /// The port is told that its manager has started anew, and with it the numbers of its Reports.
    pub(super) fn reregister(&mut self, now: Duration) {
        self.heard.clear();
        self.agent.handle_client_reregister(now);
    }

    /// A datagram arrives: what the host sends because of it goes to `out`.
    pub(super) fn receive(
        &mut self,
        now: Duration,
        from: Lid,
        mad: &Datagram,
        out: &mut Vec<Datagram>,
    ) -> Result<(), Violation> {
        let header = header(mad);
        if header.method() == Method::REPORT {
            return self.hear(now, from, mad, out);
        }
        if let Some((peer, signals)) = self.asked.get(&header.transaction_id()).copied()
            && header.method() == Method::GET_RESP
            && !header.status().is_busy()
        {
            self.asked.remove(&header.transaction_id());
            if header.status().is_ok()
                && let Ok(record) = PathRecord::parse(&mad[56..])
            {
                self.answers.insert(peer, (record, signals));
            }
        }
        self.agent.handle_datagram(now, from, mad);
        self.pump(now, out)
    }

    fn hear(
        &mut self,
        now: Duration,
        from: Lid,
        mad: &Datagram,
        out: &mut Vec<Datagram>,
    ) -> Result<(), Violation> {
        let believed = if self.mutant == Mutant::BelievesStrangers { MANAGER } else { from };
        if self.mutant == Mutant::OneQueryIsEnough && !self.asked.is_empty() {
            out.push(response(mad));
            return Ok(());
        }
        self.agent.handle_datagram(now, believed, mad);
        self.pump(now, out)?;
        if from != MANAGER {
            return match out.first() {
                None => Ok(()),
                Some(mad) => Err(Violation::new(
                    rule::STRANGERS_ARE_IGNORED,
                    format!("{} sends {}", self.lid, describe(mad)),
                )),
            };
        }
        let id = header(mad).transaction_id();
        let answers = out
            .iter()
            .filter(|mad| header(mad).method() == Method::REPORT_RESP && header(mad).transaction_id() == id);
        if answers.count() != 1 {
            return Err(Violation::new(rule::REPORTS_ARE_ANSWERED, format!("{} on Report {id}", self.lid)));
        }
        self.heard.retain(|(_, until)| *until > now);
        if self.heard.iter().any(|(known, _)| *known == id) {
            if let Some(other) = out.iter().find(|mad| header(mad).method() != Method::REPORT_RESP) {
                let detail = format!("{} sends {} on a repeated Report", self.lid, describe(other));
                return Err(Violation::new(rule::REPETITIONS_ASK_NOTHING, detail));
            }
            return Ok(());
        }
        if self.heard.len() == HEARD {
            self.heard.pop_front();
        }
        self.heard.push_back((id, now + Duration::from_secs(10)));
        Ok(())
    }

    /// Let the agent do all that it can now.
    pub(super) fn pump(&mut self, now: Duration, out: &mut Vec<Datagram>) -> Result<(), Violation> {
        let mut buffer = [0; MAD_LENGTH];
        loop {
            let mut is_idle = true;
            while let Some(event) = self.agent.poll_event(now) {
                is_idle = false;
                self.heed(event)?;
            }
            while self.agent.poll_transmit(now, &mut buffer).is_some() {
                is_idle = false;
                self.send(now, buffer, out);
            }
            if is_idle {
                return self.compare();
            }
        }
    }

    fn send(&mut self, now: Duration, mad: Datagram, out: &mut Vec<Datagram>) {
        let header = header(&mad);
        if header.method() == Method::REPORT_RESP && self.mutant == Mutant::NeverAnswers {
            return;
        }
        if header.method() == Method::GET
            && header.attribute_id() == AttributeId::PATH_RECORD
            && let Ok(query) = PathRecord::parse(&mad[56..])
        {
            let peer = query.destination_gid;
            if self.mutant == Mutant::SkipsQuery
                && let Some((record, _)) = self.answers.get(&peer)
            {
                let mut answer = response(&mad);
                let _ = record.emit(&mut answer[56..]);
                self.agent.handle_datagram(now, MANAGER, &answer);
                return;
            }
            // A repetition is as old as the first transmission: that is what the agent has to count with.
            self.asked.entry(header.transaction_id()).or_insert((peer, self.signals));
        }
        out.push(mad);
    }

    fn heed(&mut self, event: HostEvent) -> Result<(), Violation> {
        match event {
            HostEvent::Subscribed => self.signals += 1,
            HostEvent::Report(report) => {
                let trap = Producer::Generic {
                    producer_type: ib_mad::wire::ProducerType::CLASS_MANAGER,
                    trap_number: TrapNumber::REPATH,
                };
                self.signals += u32::from(report.notice.producer == trap);
            }
            HostEvent::Resolved { queue_pair, record } => {
                self.check_answer(queue_pair, &record)?;
                self.adapter.insert(queue_pair, Some(record));
            }
            HostEvent::Reconfigure(operation) => self.check_move(operation)?,
            // A late answer to a query that was given up is nobody's.
            HostEvent::QueryFailed(path, _) => self.asked.retain(|_, (peer, _)| *peer != path.destination),
            HostEvent::UpToDate { .. } => self.check_up_to_date()?,
            _ => {}
        }
        Ok(())
    }

    /// The record is the newest answer to a query of this host.
    fn check_answer(&self, number: Qpn, record: &PathRecord) -> Result<u32, Violation> {
        match self.answers.get(&record.destination_gid) {
            Some((newest, signals)) if newest == record => Ok(*signals),
            _ => Err(Violation::new(
                rule::MOVE_IS_ANSWERED,
                format!("{} queue pair {number} to {record:?}", self.lid),
            )),
        }
    }

    fn check_move(&mut self, operation: Reconfiguration) -> Result<(), Violation> {
        let number = operation.id.queue_pair;
        let signals = self.check_answer(number, &operation.new)?;
        if signals == 0 {
            return Err(Violation::new(rule::MOVE_IS_SIGNALLED, format!("{} queue pair {number}", self.lid)));
        }
        let going = self.operations.iter().rev().find(|earlier| earlier.id.queue_pair == number);
        let held = going.map(|earlier| earlier.new).or(self.adapter.get(&number).copied().flatten());
        if held.is_some_and(|held| same_path(&held, &operation.new)) {
            return Err(Violation::new(rule::MOVE_IS_NEW, format!("{} queue pair {number}", self.lid)));
        }
        self.operations.push_back(operation);
        Ok(())
    }

    fn check_up_to_date(&self) -> Result<(), Violation> {
        for (number, on) in &self.adapter {
            let peer = gid(Lid(number.get() as u16));
            let (newest, since) = self.answers.get(&peer).copied().unzip();
            if since != Some(self.signals) {
                let detail =
                    format!("{} to {peer}: asked after signal {since:?} of {}", self.lid, self.signals);
                return Err(Violation::new(rule::UP_TO_DATE, detail));
            }
            if on.as_ref().map(PathProperties::of) != newest.as_ref().map(PathProperties::of) {
                let detail = format!("{} queue pair {number} is on {on:?}", self.lid);
                return Err(Violation::new(rule::UP_TO_DATE_IS_MOVED, detail));
            }
        }
        Ok(())
    }

    /// Where no operation is under way, agent and adapter agree.
    fn compare(&self) -> Result<(), Violation> {
        for (number, on) in &self.adapter {
            let is_moving = self.operations.iter().any(|operation| operation.id.queue_pair == *number);
            if !is_moving && self.agent.record(*number) != on.as_ref() {
                let detail = format!("{} queue pair {number} is on {on:?}", self.lid);
                return Err(Violation::new(rule::AGENT_KNOWS_ADAPTER, detail));
            }
        }
        Ok(())
    }

    /// The adapter comes to its next operation, which works or does not.
    pub(super) fn complete(
        &mut self,
        now: Duration,
        moved: bool,
        out: &mut Vec<Datagram>,
    ) -> Result<(), Violation> {
        let Some(operation) = self.operations.pop_front() else { return Ok(()) };
        let number = operation.id.queue_pair;
        if moved {
            self.adapter.insert(number, Some(operation.new));
        }
        let told = moved || self.mutant == Mutant::TakesFailureForSuccess;
        self.agent.reconfigured(now, operation.id, told);
        self.pump(now, out)
    }

    pub(super) fn rebase(&mut self, epoch: Duration) {
        self.agent.rebase(epoch);
        for (_, until) in &mut self.heard {
            *until = until.saturating_sub(epoch);
        }
    }
}

pub(super) fn header(mad: &Datagram) -> ib_mad::wire::MadHeaderView {
    *SaMadView::new(mad).expect("machines send datagrams of subnet administration").header()
}

/// The datagram under the method that answers it.
fn response(mad: &Datagram) -> Datagram {
    let mut answer = *mad;
    let header = header(mad);
    let turned = MadHeader { method: header.method().response(), ..MadHeader::from_view(&header) };
    let _ = turned.emit(&mut answer);
    answer
}

pub(super) fn describe(mad: &Datagram) -> String {
    let header = header(mad);
    format!("{} {} id {}", header.method(), header.attribute_id(), header.transaction_id())
}
