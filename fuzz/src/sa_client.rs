use core::time::Duration;

use ib_mad::request::{RequestId, RequestLimits};
use ib_mad::rmpp::{RmppPeer, Sender, SenderLimits};
use ib_mad::sa::{SaAddress, SaAnswer, SaAttribute, SaClient, SaClientConfig, SaEvent, SaHandled, SaRequest};
use ib_mad::wire::{
    Attribute, AttributeId, ClassPortInfo, InformInfo, InformInfoRecord, InformInfoRecordQuery, LinkRecord,
    LinkRecordQuery, MAD_LENGTH, MultiPathRecordQuery, NodeRecord, NodeRecordQuery, PathRecord,
    PathRecordQuery, RmppFlags, RmppType, SaMad, SaMadView, SwitchInfoRecord, SwitchInfoRecordQuery,
    TrapNumber,
};
use ib_mad::{Gid, Lid, Qpn, ServiceLevel};

use crate::bytes::Bytes;

const PLACES: usize = 4;
const TABLES: usize = 2;

/// A client of subnet administration whose peer sends anything: answers to what was asked, tables by the engine's own sender,
/// damaged ones of both, and noise. Every request ends exactly once; a table that nothing was done to has every record once, in order.
pub fn sa_client(data: &[u8]) {
    let mut choices = Bytes(data);
    let mut run = Run {
        client: SaClient::new(SaClientConfig {
            limits: RequestLimits { per_node: 3, retries: 1, busy_retries: 2, ..RequestLimits::DEFAULT },
            first_id: choices.u32(),
            ..SaClientConfig::new(SaAddress { lid: Lid(1), service_level: ServiceLevel::default() })
        }),
        now: Duration::from_secs(1 << 40),
        sent: [0; MAD_LENGTH],
        open: Vec::new(),
        managers: Vec::new(),
        is_damaged: false,
    };
    while !choices.is_empty() {
        run.operate(&mut choices);
        assert_eq!(run.client.in_flight(), run.open.len());
    }
    run.drain();
}

struct Run {
    client: SaClient<PLACES, TABLES>,
    now: Duration,
    /// What was sent last.
    sent: [u8; MAD_LENGTH],
    /// Requests that have not ended, and the links that they were handed.
    open: Vec<(RequestId, Vec<u16>)>,
    /// The senders of tables, with the number of records of each.
    managers: Vec<(RequestId, u16, Sender<Vec<u8>>)>,
    /// Whether a datagram was anything but what an honest manager sends.
    is_damaged: bool,
}

impl Run {
    fn operate(&mut self, choices: &mut Bytes<'_>) {
        let operation = choices.below(10);
        match operation {
            0 => match self.client.request(self.now, request(choices.byte())) {
                Ok(id) => self.open.push((id, Vec::new())),
                Err(error) => assert!(self.open.len() >= TABLES, "{error}"),
            },
            1 => self.transmit(),
            // The answer that was asked for, damaged in some places.
            2 | 3 => {
                let mut answer = self.sent;
                let method = answer[3];
                answer[3] = if method == 2 { 0x81 } else { method | 0x80 };
                // A question that is a segment is acknowledged, too.
                if operation == 3 && is_segment(&answer) {
                    answer[25] = RmppType::Ack.into();
                    answer[32..36].copy_from_slice(&[0, 0, 0, 1]);
                }
                self.is_damaged = true;
                damage(&mut answer, choices);
                self.receive(&answer);
            }
            8 => self.begin_table(choices),
            9 => self.send_segment(choices),
            4 => {
                let noise = choices.take(MAD_LENGTH);
                self.is_damaged = true;
                self.receive(noise);
            }
            5 => self.now += Duration::from_millis(u64::from(choices.byte()) * 10),
            6 => {
                if let Some(event) = self.client.poll_event(self.now) {
                    assert!(event.outcome.is_err() || event.request.is_table());
                    self.end(&event);
                }
            }
            _ => {
                let place = usize::from(choices.byte()) % PLACES;
                if let Some(id) = self.open.get(place).map(|(id, _)| *id) {
                    assert!(self.client.cancel(id));
                    assert!(!self.client.cancel(id));
                    self.open.remove(place);
                }
            }
        }
    }

    /// A manager with as many links as the next byte says begins to answer what was sent last.
    fn begin_table(&mut self, choices: &mut Bytes<'_>) {
        let Ok(question) = SaMadView::new(&self.sent) else { return };
        let id = RequestId::from(question.header().transaction_id());
        let is_table = question.header().attribute_id() == AttributeId::LINK_RECORD;
        if !is_table || self.managers.iter().any(|(of, ..)| *of == id) {
            return;
        }
        let count = u16::from(choices.byte());
        let mut headers = SaMad::from_view(question);
        headers.header.method = headers.header.method.response();
        headers.sa.attribute_offset = 1;
        let mut table = Vec::new();
        for number in 0..count {
            table.extend_from_slice(&[0; LinkRecord::LENGTH]);
            let place = table.len() - LinkRecord::LENGTH;
            let link = LinkRecord { from_lid: Lid(number), ..LinkRecord::default() };
            link.emit(&mut table[place..]).expect("there is room");
        }
        let template = headers.emit(&LinkRecord::default()).expect("it fits");
        let host =
            RmppPeer { lid: Lid(9), service_level: ServiceLevel::default(), qpn: Qpn::GENERAL_SERVICES };
        let sender = Sender::new(self.now, SenderLimits::DEFAULT, host, &template, table);
        if self.managers.len() == 2 * TABLES {
            self.managers.remove(0);
        }
        self.managers.push((id, count, sender.expect("it is short")));
    }

    /// A manager sends what it has to send next: it arrives, arrives damaged, or does not arrive.
    fn send_segment(&mut self, choices: &mut Bytes<'_>) {
        let choice = choices.byte();
        let count = self.managers.len().max(1);
        let Some((.., sender)) = self.managers.get_mut(usize::from(choice >> 3) % count) else { return };
        let mut segment = [0; MAD_LENGTH];
        if sender.poll_transmit(self.now, &mut segment).is_none() {
            return;
        }
        match choice & 7 {
            0 => return,
            1 => {
                self.is_damaged = true;
                damage(&mut segment, choices);
            }
            2 => self.receive(&segment),
            _ => {}
        }
        self.receive(&segment);
    }

    fn transmit(&mut self) {
        let mut buffer = [0xFF; MAD_LENGTH];
        if let Some(transmit) = self.client.poll_transmit(self.now, &mut buffer) {
            assert_eq!(transmit.to, Lid(1));
            let mad = SaMadView::new(&buffer).expect("what a client sends is a datagram");
            if is_segment(&buffer) && mad.rmpp().kind() != RmppType::Data {
                for (.., sender) in &mut self.managers {
                    let _ = sender.handle_segment(self.now, Lid(9), &buffer);
                }
                return;
            }
            let id = RequestId::from(mad.header().transaction_id());
            assert!(self.open.iter().any(|(open, _)| *open == id) && !mad.header().method().is_response());
            self.sent = buffer;
        }
    }

    fn receive(&mut self, bytes: &[u8]) {
        let mut ended = None;
        match self.client.handle_datagram(self.now, Lid(1), bytes) {
            SaHandled::Answered(event) => ended = Some(event),
            SaHandled::Busy { id } => assert!(self.open.iter().any(|(open, _)| *open == id)),
            SaHandled::Records { id, records } | SaHandled::Unsegmented { id, records } => {
                let records = records.clone().zip(records.typed::<LinkRecord>().expect("long enough"));
                let (_, got) = self.open.iter_mut().find(|(open, _)| *open == id).expect("it is open");
                for (record, link) in records {
                    assert!(record.len() >= LinkRecord::LENGTH);
                    got.push(link.from_lid().0);
                }
            }
            SaHandled::Segment { .. } => {}
            SaHandled::NotMine(reason) => assert!(!reason.to_string().is_empty()),
            SaHandled::Ignored(reason) => assert!(!reason.to_string().is_empty()),
        }
        if let Some(event) = ended {
            self.end(&event);
        }
        // Nobody but the node that was asked can answer.
        let before = self.client.clone();
        let stranger = self.client.handle_datagram(self.now, Lid(2), bytes);
        assert!(matches!(stranger, SaHandled::NotMine(_) | SaHandled::Ignored(_)), "{stranger:?}");
        assert_eq!(self.client, before);
    }

    /// A request has ended, for the first time and with what it asked for.
    fn end(&mut self, event: &SaEvent) {
        let place = self.open.iter().position(|(id, _)| *id == event.id).expect("it ends once");
        let (_, got) = self.open.remove(place);
        match (&event.outcome, event.request.is_table()) {
            (Err(failure), _) => assert!(!failure.to_string().is_empty()),
            (Ok(SaAnswer::Table { records }), true) => {
                assert_eq!(*records, got.len() as u64);
                let manager = self.managers.iter().find(|(id, ..)| *id == event.id);
                if let Some((_, count, _)) = manager.filter(|_| !self.is_damaged) {
                    assert!(got.iter().copied().eq(0..*count), "{got:?}");
                }
            }
            (Ok(_), false) => {
                let fits = [
                    is_it::<PathRecord>(event),
                    is_it::<NodeRecord>(event),
                    is_it::<SwitchInfoRecord>(event),
                    is_it::<ClassPortInfo>(event),
                    is_it::<InformInfo>(event),
                    is_it::<InformInfoRecord>(event),
                ];
                assert_eq!(fits.iter().filter(|fits| **fits).count(), 1, "{event:?}");
            }
            other => panic!("{other:?}"),
        }
    }

    /// Without a peer, every request ends in time.
    fn drain(&mut self) {
        for _ in 0..16 * PLACES {
            let Some(at) = self.client.poll_timeout() else { break };
            self.now = self.now.max(at);
            self.transmit();
            if let Some(event) = self.client.poll_event(self.now) {
                self.end(&event);
            }
        }
        assert!(self.open.is_empty() && self.client.in_flight() == 0);
    }
}

fn is_segment(bytes: &[u8; MAD_LENGTH]) -> bool {
    SaMadView::new(bytes).is_ok_and(|mad| mad.rmpp().flags().contains(RmppFlags::ACTIVE))
}

fn damage(bytes: &mut [u8; MAD_LENGTH], choices: &mut Bytes<'_>) {
    for _ in 0..choices.below(4) {
        let place = usize::from(choices.byte());
        bytes[place] = choices.byte();
    }
}

/// Whether an answer is of this kind; its request was then for this.
fn is_it<A: SaAttribute>(event: &SaEvent) -> bool {
    let is_it = event.record::<A>().is_ok();
    assert!(!is_it || event.request.attribute_id() == A::ID);
    is_it
}

fn request(choice: u8) -> SaRequest {
    match choice % 8 {
        0 => SaRequest::get(&PathRecordQuery::new().destination_lid(Lid(choice.into()))),
        1 => SaRequest::get(&NodeRecordQuery::new()),
        2 => SaRequest::get(&SwitchInfoRecordQuery::new()),
        3 => SaRequest::class_port_info(),
        4 => SaRequest::inform(&InformInfo::subscribe_to(TrapNumber::REPATH)),
        5 => SaRequest::get(&InformInfoRecordQuery::new()),
        7 if choice >= 128 => {
            let gids = [Gid([choice; 16]); 2];
            let query = MultiPathRecordQuery::new(&gids[..1], &gids[1..]);
            SaRequest::get_multi(&query.expect("two GIDs fit"))
        }
        _ => SaRequest::get_table(&LinkRecordQuery::new()),
    }
}
