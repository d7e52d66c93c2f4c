use core::time::Duration;

use ib_mad::request::{RequestId, RequestLimits};
use ib_mad::sa::{SaAddress, SaAnswer, SaClient, SaClientConfig, SaEvent, SaHandled, SaRequest};
use ib_mad::wire::{
    InformInfo, InformInfoRecordQuery, MAD_LENGTH, NodeRecordQuery, PathRecordQuery, SaMadView,
    SwitchInfoRecordQuery, TrapNumber,
};
use ib_mad::{Lid, ServiceLevel};

use crate::bytes::Bytes;

const PLACES: usize = 4;

/// A client of subnet administration whose peer sends anything: answers to what was asked, damaged ones, and noise. Every
/// request ends exactly once.
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
    };
    while !choices.is_empty() {
        run.operate(&mut choices);
        assert_eq!(run.client.in_flight(), run.open.len());
    }
    run.drain();
}

struct Run {
    client: SaClient<PLACES>,
    now: Duration,
    /// What was sent last.
    sent: [u8; MAD_LENGTH],
    /// Requests that have not ended.
    open: Vec<RequestId>,
}

impl Run {
    fn operate(&mut self, choices: &mut Bytes<'_>) {
        match choices.below(8) {
            0 => match self.client.request(self.now, request(choices.byte())) {
                Ok(id) => self.open.push(id),
                Err(error) => assert!(self.open.len() >= 3, "{error}"),
            },
            1 => self.transmit(),
            // The answer that was asked for, damaged in some places.
            2 | 3 => {
                let mut answer = self.sent;
                let method = answer[3];
                answer[3] = if method == 2 { 0x81 } else { method | 0x80 };
                for _ in 0..choices.below(4) {
                    let place = usize::from(choices.byte());
                    answer[place] = choices.byte();
                }
                self.receive(&answer);
            }
            4 => {
                let noise = choices.take(MAD_LENGTH);
                self.receive(noise);
            }
            5 => self.now += Duration::from_millis(u64::from(choices.byte()) * 10),
            6 => {
                if let Some(event) = self.client.poll_event(self.now) {
                    assert!(event.outcome.is_err());
                    self.end(&event);
                }
            }
            _ => {
                let place = usize::from(choices.byte()) % PLACES;
                if let Some(id) = self.open.get(place).copied() {
                    assert!(self.client.cancel(id));
                    assert!(!self.client.cancel(id));
                    self.open.remove(place);
                }
            }
        }
    }

    fn transmit(&mut self) {
        let mut buffer = [0xFF; MAD_LENGTH];
        if let Some(transmit) = self.client.poll_transmit(self.now, &mut buffer) {
            assert_eq!(transmit.to, Lid(1));
            let mad = SaMadView::new(&buffer).expect("what a client sends is a datagram");
            let id = RequestId::from(mad.header().transaction_id());
            assert!(self.open.contains(&id) && !mad.header().method().is_response());
            self.sent = buffer;
        }
    }

    fn receive(&mut self, bytes: &[u8]) {
        match self.client.handle_datagram(self.now, Lid(1), bytes) {
            SaHandled::Answered(event) => self.end(&event),
            SaHandled::Busy { id } => assert!(self.open.contains(&id)),
            SaHandled::NotMine(reason) => assert!(!reason.to_string().is_empty()),
            SaHandled::Ignored(reason) => assert!(!reason.to_string().is_empty()),
        }
        // Nobody but the node that was asked can answer.
        let before = self.client.in_flight();
        let stranger = self.client.handle_datagram(self.now, Lid(2), bytes);
        assert!(matches!(stranger, SaHandled::NotMine(_) | SaHandled::Ignored(_)), "{stranger:?}");
        assert_eq!(self.client.in_flight(), before);
    }

    /// A request has ended, for the first time and with what it asked for.
    fn end(&mut self, event: &SaEvent) {
        let place = self.open.iter().position(|id| *id == event.id).expect("it ends once");
        self.open.remove(place);
        let fits = match (&event.request, &event.outcome) {
            (_, Err(failure)) => !failure.to_string().is_empty(),
            (SaRequest::Path(_), Ok(answer)) => matches!(answer, SaAnswer::Path(_)),
            (SaRequest::Node(_), Ok(answer)) => matches!(answer, SaAnswer::Node(_)),
            (SaRequest::SwitchInfo(_), Ok(answer)) => matches!(answer, SaAnswer::SwitchInfo(_)),
            (SaRequest::ClassPortInfo, Ok(answer)) => matches!(answer, SaAnswer::ClassPortInfo(_)),
            (SaRequest::Inform(_), Ok(answer)) => matches!(answer, SaAnswer::Inform(_)),
            (SaRequest::InformInfoRecord(_), Ok(answer)) => matches!(answer, SaAnswer::InformInfoRecord(_)),
            (_, Ok(_)) => false,
        };
        assert!(fits, "{event:?}");
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

fn request(choice: u8) -> SaRequest {
    match choice % 6 {
        0 => SaRequest::Path(PathRecordQuery::new().destination_lid(Lid(choice.into()))),
        1 => SaRequest::Node(NodeRecordQuery::new()),
        2 => SaRequest::SwitchInfo(SwitchInfoRecordQuery::new()),
        3 => SaRequest::ClassPortInfo,
        4 => SaRequest::Inform(InformInfo::subscribe_to(TrapNumber::REPATH)),
        _ => SaRequest::InformInfoRecord(InformInfoRecordQuery::new()),
    }
}
