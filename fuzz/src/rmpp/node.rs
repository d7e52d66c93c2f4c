use core::time::Duration;

use ib_mad::rmpp::{
    Received, ReceiverLimits, Receivers, RmppFailure, RmppPeer, Sender, SenderHandled, SenderLimits,
    TransferKey,
};
use ib_mad::wire::{
    Attribute, MAD_LENGTH, MadHeader, ManagementClass, Method, RmppFlags, RmppHeader, RmppType,
};
use ib_mad::{Lid, Qpn, ServiceLevel, TransactionId};
use sim::Violation;

use super::message::{Message, RECORD, template};
use super::{Mutant, Setting, rule};

/// What one end sends.
pub(super) type Datagram = [u8; MAD_LENGTH];

/// Where the header of the protocol lies.
const RMPP: core::ops::Range<usize> = 24..36;

/// One end of a transfer: takes the other's message, and sends its own.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Node {
    peer: Lid,
    mutant: Mutant,
    transaction: TransactionId,
    limits: SenderLimits,
    pub(super) sender: Option<Sender<Message>>,
    pub(super) receivers: Receivers<2, RECORD>,
    /// The message that is to come.
    expected: Message,
    /// Records that have.
    pub(super) arrived: usize,
    pub(super) is_whole: bool,
    pub(super) failure: Option<RmppFailure>,
    pub(super) has_delivered: bool,
    /// The highest segment that was sent, and the highest that the peer allows.
    sent: u32,
    allowed: u32,
    /// The highest that the peer was allowed to send.
    pub(super) granted: u32,
}

impl Node {
    pub(super) fn new(setting: &Setting, peer: u16, transaction: u64, expected: u16) -> Self {
        let forgets = setting.mutant == Mutant::ForgetsAtOnce;
        let retries = if setting.mutant == Mutant::NeverRepeats { 0 } else { setting.retries };
        Self {
            peer: Lid(peer),
            mutant: setting.mutant,
            transaction: TransactionId(transaction),
            limits: SenderLimits { retries, ..SenderLimits::DEFAULT },
            sender: None,
            receivers: Receivers::new(
                ReceiverLimits {
                    window: setting.window,
                    linger: if forgets { Duration::ZERO } else { ReceiverLimits::DEFAULT.linger },
                    ..ReceiverLimits::DEFAULT
                },
                2,
            ),
            expected: Message::new(expected),
            arrived: 0,
            is_whole: false,
            failure: None,
            has_delivered: false,
            sent: 0,
            allowed: 1,
            granted: 1,
        }
    }

    /// Begin another transfer, with what the machines still remember of the one before.
    pub(super) fn renew(&mut self, transaction: u64, expected: u16) {
        self.sender = None;
        self.transaction = TransactionId(transaction);
        self.expected = Message::new(expected);
        (self.arrived, self.is_whole, self.failure, self.has_delivered) = (0, false, None, false);
        (self.sent, self.allowed, self.granted) = (0, 1, 1);
    }

    fn address(&self) -> RmppPeer {
        RmppPeer { lid: self.peer, service_level: ServiceLevel::default(), qpn: Qpn::GENERAL_SERVICES }
    }

    fn key(&self, transaction_id: TransactionId, method: Method) -> TransferKey {
        TransferKey { peer: self.peer, class: ManagementClass::SUBNET_ADMINISTRATION, transaction_id, method }
    }

    /// Begin to send.
    pub(super) fn send(&mut self, now: Duration, method: Method, segments: u16, is_answered: bool) {
        let message = Message::new(segments);
        let template = template(method, self.transaction);
        let sender = Sender::new(now, self.limits, self.address(), &template, message).expect("it is short");
        let sender = if is_answered { sender.double_sided() } else { sender };
        let question = self.key(self.transaction, Method::GET_TABLE);
        let window = match self.mutant {
            Mutant::IgnoresWindow => u32::MAX,
            _ if method.is_response() => self.receivers.reply_window(question),
            _ => 1,
        };
        self.sender = Some(sender.with_window(window));
    }

    /// Take what arrives, after the mutant has had its way with it.
    pub(super) fn receive(&mut self, now: Duration, mad: &Datagram) -> Result<(), Violation> {
        let mut mad = *mad;
        self.spoil(&mut mad);
        if let Some(sender) = &mut self.sender {
            match sender.handle_segment(now, self.peer, &mad) {
                SenderHandled::Delivered => self.has_delivered = true,
                SenderHandled::Failed(failure) => self.failure = Some(failure),
                SenderHandled::Progress => {}
                SenderHandled::NotTaken(_) => return self.offer_to_receivers(now, &mad),
            }
            return Ok(());
        }
        self.offer_to_receivers(now, &mad)
    }

    fn offer_to_receivers(&mut self, now: Duration, mad: &Datagram) -> Result<(), Violation> {
        let Ok(header) = MadHeader::parse(mad) else { return Ok(()) };
        let key = self.key(header.transaction_id, header.method);
        let is_current = header.transaction_id == self.transaction;
        // A program that has its answer, or has given up, or asks something else by now, begins nothing.
        let is_wanted = is_current && !self.is_whole && self.failure.is_none();
        if !is_wanted && !self.receivers.contains(key) {
            return Ok(());
        }
        let broken = |detail: &str| Err(Violation::new(rule::EXACTLY_ONCE, detail));
        match self.receivers.handle_segment(now, self.address(), mad) {
            Received::Data(part) => {
                if !is_current {
                    return Ok(());
                }
                for record in part.records {
                    if self.arrived >= self.expected.records()
                        || Some(record) != Message::record(self.arrived)
                    {
                        return broken("another record than the next");
                    }
                    self.arrived += 1;
                }
                if part.is_last {
                    self.is_whole = true;
                    if self.arrived != self.expected.records() {
                        let detail = format!("{} of {}", self.arrived, self.expected.records());
                        return Err(Violation::new(rule::WHOLE, detail));
                    }
                }
                // The peer answers: it has the whole question.
                if mad[3] & 0x80 != 0 && self.sender.as_mut().is_some_and(Sender::answered) {
                    self.has_delivered = true;
                }
            }
            Received::Failed(failure) if is_current => self.failure = Some(failure),
            _ => {}
        }
        Ok(())
    }

    fn spoil(&self, mad: &mut Datagram) {
        let Ok(mut rmpp) = RmppHeader::parse(&mad[RMPP]) else { return };
        match (self.mutant, rmpp.kind) {
            (Mutant::IgnoresWindow, RmppType::Ack) => rmpp.length_or_window = u32::MAX,
            (Mutant::TakesAckOfTheFuture, RmppType::Ack) => {
                rmpp.segment = rmpp.segment.min(self.sent);
            }
            (Mutant::TrustsLast, RmppType::Data) => {
                let is_last = rmpp.flags.contains(RmppFlags::LAST);
                let is_length = (1..=220).contains(&rmpp.length_or_window);
                rmpp.length_or_window = match (is_last, is_length) {
                    (true, true) => rmpp.length_or_window,
                    (true, false) => 220,
                    (false, _) => 0,
                };
            }
            _ => {}
        }
        rmpp.emit(&mut mad[RMPP]).expect("it fits");
    }

    /// The peer has been allowed to send so far.
    pub(super) fn allow(&mut self, granted: u32) {
        self.allowed = self.allowed.max(granted);
    }

    /// Everything that is to be sent or told now.
    pub(super) fn pump(&mut self, now: Duration, out: &mut Vec<Datagram>) -> Result<(), Violation> {
        let mut outcome = self.transmit(now, out);
        if let Some(failure) = self.sender.as_mut().and_then(|sender| sender.poll_event(now)) {
            self.failure = Some(failure);
        }
        while let Some(expired) = self.receivers.poll_event(now) {
            if expired.key.transaction_id == self.transaction {
                self.failure = Some(expired.failure);
            }
        }
        outcome = outcome.and(self.transmit(now, out));
        outcome
    }

    fn transmit(&mut self, now: Duration, out: &mut Vec<Datagram>) -> Result<(), Violation> {
        let mut buffer = [0xFF; MAD_LENGTH];
        let mut outcome = Ok(());
        while self.sender.as_mut().and_then(|sender| sender.poll_transmit(now, &mut buffer)).is_some() {
            let rmpp = RmppHeader::parse(&buffer[RMPP]).expect("it is whole");
            if rmpp.kind == RmppType::Data {
                self.sent = self.sent.max(rmpp.segment);
                if rmpp.segment > self.allowed {
                    let detail = format!("segment {}, allowed up to {}", rmpp.segment, self.allowed);
                    outcome = Err(Violation::new(rule::WINDOW, detail));
                }
            }
            out.push(buffer);
        }
        while self.receivers.poll_transmit(now, &mut buffer).is_some() {
            let rmpp = RmppHeader::parse(&buffer[RMPP]).expect("it is whole");
            if rmpp.kind == RmppType::Ack {
                self.granted = self.granted.max(rmpp.length_or_window);
            }
            out.push(buffer);
        }
        outcome
    }

    pub(super) fn is_sending(&self) -> bool {
        self.sender.as_ref().is_some_and(Sender::is_sending)
    }

    /// Whether a transfer to this node runs.
    pub(super) fn is_receiving(&self) -> bool {
        [Method::GET_TABLE, Method::GET_TABLE_RESP]
            .into_iter()
            .any(|method| self.receivers.is_receiving(self.key(self.transaction, method)))
    }

    pub(super) fn poll_timeout(&self) -> Option<Duration> {
        let sender = self.sender.as_ref().and_then(Sender::poll_timeout);
        sender.into_iter().chain(self.receivers.poll_timeout()).min()
    }

    pub(super) fn rebase(&mut self, epoch: Duration) {
        self.sender.iter_mut().for_each(|sender| sender.rebase(epoch));
        self.receivers.rebase(epoch);
    }
}
