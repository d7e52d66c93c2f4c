//! Questions that are segments themselves: the client against the engine's own receiver and sender.

use alloc::vec::Vec;
use core::time::Duration;

use super::*;
use crate::request::RequestId;
use crate::rmpp::{
    Received, ReceiverLimits, Receivers, RmppFailure, RmppPeer, Sender, SenderHandled, SenderLimits,
    TransferKey,
};
use crate::types::{Gid, Lid, Qpn, ServiceLevel, SmKey};
use crate::wire::{
    Attribute, MAD_LENGTH, Method, MultiPathGids, MultiPathRecordQuery, NodeRecordQuery, PathRecord,
    RmppFlags, RmppHeader, RmppStatus, RmppType, SaMad, SaMadView,
};

const EPOCH: Duration = Duration::from_secs(70_000_000);
const MANAGER: SaAddress = SaAddress { lid: Lid(3), service_level: ServiceLevel::new(2).unwrap() };
const HOST: RmppPeer =
    RmppPeer { lid: Lid(9), service_level: MANAGER.service_level, qpn: Qpn::GENERAL_SERVICES };
const GIDS: [Gid; 3] = [Gid([1; 16]), Gid([2; 16]), Gid([3; 16])];

type Client = SaClient<4, 2>;
type Bytes = [u8; MAD_LENGTH];

fn sent(client: &mut Client, now: Duration) -> Option<Bytes> {
    let mut buffer = [0xFF; MAD_LENGTH];
    let transmit = client.poll_transmit(now, &mut buffer)?;
    assert_eq!((transmit.to, transmit.service_level), (MANAGER.lid, MANAGER.service_level));
    Some(buffer)
}

/// A client that has asked for the paths from one port to two, and the question.
fn asked() -> (Client, RequestId, Bytes) {
    let mut client = Client::new(SaClientConfig { sm_key: SmKey(0x77), ..SaClientConfig::new(MANAGER) });
    let query = MultiPathRecordQuery::new(&GIDS[..1], &GIDS[1..]).unwrap();
    let id = client.request(EPOCH, SaRequest::get_multi(&query)).unwrap();
    let question = sent(&mut client, EPOCH).unwrap();
    (client, id, question)
}

/// What a manager says of the transfer of a question.
fn about(question: &Bytes, rmpp: RmppHeader) -> Bytes {
    let mut mad = SaMad::from_view(SaMadView::new(question).unwrap());
    mad.header.method = Method::GET_MULTI_RESP;
    mad.rmpp = RmppHeader { version: 1, flags: RmppFlags::ACTIVE, ..rmpp };
    mad.emit_data(&[0; 200])
}

fn acknowledgement(question: &Bytes) -> Bytes {
    let window = RmppHeader { kind: RmppType::Ack, segment: 1, length_or_window: 1, ..RmppHeader::INACTIVE };
    about(question, window)
}

#[test]
fn the_question_is_the_only_segment_of_a_message() {
    let (_, _, question) = asked();
    // Version 1, data, no response time, ACTIVE FIRST LAST; segment 1; 20 bytes of header, 24 and three GIDs.
    assert_eq!(question[24..36], [1, 1, 0xFF, 0, 0, 0, 0, 1, 0, 0, 0, 92]);
    let mut receivers: Receivers<1> = Receivers::new(ReceiverLimits::DEFAULT, 1);
    let Received::Data(part) = receivers.handle_segment(EPOCH, HOST, &question) else { panic!() };
    assert!(part.is_last);
    let gids = MultiPathGids::parse(part.payload).unwrap();
    assert!(gids.sources().chain(gids.destinations()).eq(GIDS));
    assert_eq!(part.payload.len(), 72);
}

#[test]
fn the_transfer_turns_and_the_answer_comes_in_segments() {
    let (mut client, id, question) = asked();
    let mut manager: Receivers<1> = Receivers::new(ReceiverLimits::DEFAULT, 1);
    let Received::Data(_) = manager.handle_segment(EPOCH, HOST, &question) else { panic!() };
    let mut buffer = [0; MAD_LENGTH];
    manager.poll_transmit(EPOCH, &mut buffer).unwrap();
    assert!(
        matches!(client.handle_datagram(EPOCH, MANAGER.lid, &buffer), SaHandled::Segment { id: of } if of == id)
    );
    assert_eq!(client.poll_timeout(), Some(Duration::ZERO));

    let turn = sent(&mut client, EPOCH).unwrap();
    assert!(matches!(manager.handle_segment(EPOCH, HOST, &turn), Received::Turned { window: 1 }));
    assert_eq!((&turn[36..44], &turn[56..]), (&[0, 0, 0, 0, 0, 0, 0, 0x77][..], &[0; 200][..]));
    assert_eq!(sent(&mut client, EPOCH), None);

    let mut template = SaMad::from_view(SaMadView::new(&question).unwrap());
    template.header.method = Method::GET_MULTI_RESP;
    template.sa.attribute_offset = 8;
    let template = template.emit(&PathRecord::default()).unwrap();
    let mut paths = [0; 9 * 64];
    for (lid, place) in (100..).map(Lid).zip(paths.chunks_exact_mut(64)) {
        PathRecord { destination_lid: lid, ..PathRecord::default() }.emit(place).unwrap();
    }
    let key = TransferKey {
        peer: HOST.lid,
        class: crate::wire::ManagementClass::SUBNET_ADMINISTRATION,
        transaction_id: id.transaction_id(),
        method: Method::GET_MULTI,
    };
    let mut answer = Sender::new(EPOCH, SenderLimits::DEFAULT, HOST, &template, &paths[..])
        .unwrap()
        .with_window(manager.reply_window(key));
    let mut lids = Vec::new();
    while answer.poll_transmit(EPOCH, &mut buffer).is_some() {
        if let SaHandled::Records { records, .. } = client.handle_datagram(EPOCH, MANAGER.lid, &buffer) {
            lids.extend(records.typed::<PathRecord>().unwrap().map(|path| path.destination_lid().0));
        }
        while let Some(reply) = sent(&mut client, EPOCH) {
            let handled = answer.handle_segment(EPOCH, HOST.lid, &reply);
            assert!(!matches!(handled, SenderHandled::Failed(_)), "{handled:?}");
        }
    }
    assert_eq!(lids, Vec::from_iter(100..109));
    let event = client.poll_event(EPOCH).unwrap();
    assert_eq!((event.id, event.outcome), (id, Ok(SaAnswer::Table { records: 9 })));
}

#[test]
fn a_lost_acknowledgement_or_turn_is_repeated() {
    let (mut client, id, question) = asked();
    let later = client.poll_timeout().unwrap();
    assert_eq!(sent(&mut client, later), Some(question), "the same segment");
    let acknowledgement = acknowledgement(&question);
    for _ in 0..2 {
        let handled = client.handle_datagram(later, MANAGER.lid, &acknowledgement);
        assert!(matches!(handled, SaHandled::Segment { id: of } if of == id));
        assert_eq!(sent(&mut client, later).map(|turn| turn[25]), Some(u8::from(RmppType::Ack)));
    }
    // Nobody waits any longer: there is nothing to turn.
    let _ = client.handle_datagram(later, MANAGER.lid, &acknowledgement);
    assert!(client.cancel(id));
    assert_eq!((sent(&mut client, later), client.poll_timeout()), (None, None));
}

#[test]
fn a_manager_that_takes_no_segments_ends_the_request() {
    for (kind, status) in
        [(RmppType::Stop, RmppStatus::RESOURCES_EXHAUSTED), (RmppType::Abort, RmppStatus::TOO_MANY_RETRIES)]
    {
        let (mut client, id, question) = asked();
        let refusal = about(&question, RmppHeader { kind, status, ..RmppHeader::INACTIVE });
        let SaHandled::Answered(event) = client.handle_datagram(EPOCH, MANAGER.lid, &refusal) else {
            panic!("{status:?}")
        };
        let failure = SaFailure::Transfer(RmppFailure::ByPeer(status));
        assert_eq!((event.id, event.outcome, client.in_flight()), (id, Err(failure), 0));
        let query = MultiPathRecordQuery::new(&GIDS[..1], &GIDS[1..]).unwrap();
        for _ in 0..2 {
            client.request(EPOCH, SaRequest::get_multi(&query)).expect("its place is free again");
        }
    }
}

#[test]
fn what_acknowledges_no_question_changes_nothing() {
    let (mut client, _, question) = asked();
    let ack = RmppHeader { kind: RmppType::Ack, segment: 1, length_or_window: 1, ..RmppHeader::INACTIVE };
    let mut wrong = Vec::from([
        about(&question, RmppHeader { segment: 0, ..ack }),
        about(&question, RmppHeader { segment: 2, ..ack }),
        about(&question, RmppHeader { length_or_window: 0, ..ack }),
        about(&question, RmppHeader { status: RmppStatus::BAD_TYPE, ..ack }),
        about(&question, RmppHeader { kind: RmppType::Stop, ..ack }),
        about(
            &question,
            RmppHeader { kind: RmppType::Abort, status: RmppStatus::RESOURCES_EXHAUSTED, ..ack },
        ),
    ]);
    let mut other_version = acknowledgement(&question);
    other_version[24] = 2;
    wrong.push(other_version);
    let before = client.clone();
    for bytes in wrong {
        let handled = client.handle_datagram(EPOCH, MANAGER.lid, &bytes);
        assert!(matches!(handled, SaHandled::Ignored(IgnoredReason::NoTransfer)), "{handled:?}");
        assert_eq!(client, before);
    }
    // Nor does one of a question that was no segment.
    let nodes = SaRequest::get_table(&NodeRecordQuery::new());
    client.request(EPOCH, nodes).unwrap();
    let question = sent(&mut client, EPOCH).unwrap();
    let mut bytes = acknowledgement(&question);
    bytes[3] = Method::GET_TABLE_RESP.0;
    let handled = client.handle_datagram(EPOCH, MANAGER.lid, &bytes);
    assert!(matches!(handled, SaHandled::Ignored(IgnoredReason::NoTransfer)), "{handled:?}");
    assert_eq!(sent(&mut client, EPOCH), None);
}
