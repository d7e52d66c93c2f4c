//! Tables: the client against a manager that sends them with the engine's own sender, on links that lose, repeat and
//! reorder; and against managers that send anything else.

use alloc::vec::Vec;
use core::time::Duration;

use super::*;
use crate::request::{RequestId, RequestLimits, StartError};
use crate::rmpp::{RecordError, RmppFailure, RmppPeer, Sender, SenderLimits};
use crate::types::{Gid, Lid, Qpn, ServiceLevel};
use crate::wire::{
    Attribute, AttributeId, LinkRecord, LinkRecordQuery, MAD_LENGTH, Method, MultiPathRecordQuery,
    NodeRecordQuery, PathRecord, PathRecordQuery, Record, RmppFlags, RmppHeader, RmppStatus, RmppType, SaMad,
    SaMadView, Status,
};

const EPOCH: Duration = Duration::from_secs(70_000_000);
const MANAGER: Lid = Lid(3);
const SERVICE_LEVEL: ServiceLevel = ServiceLevel::new(2).unwrap();
const HOST: RmppPeer = RmppPeer { lid: Lid(9), service_level: SERVICE_LEVEL, qpn: Qpn::GENERAL_SERVICES };

type Client = SaClient<4, 2>;
type Bytes = [u8; MAD_LENGTH];

fn client() -> Client {
    SaClient::new(SaClientConfig::new(SaAddress { lid: MANAGER, service_level: SERVICE_LEVEL }))
}

fn links() -> SaRequest {
    SaRequest::get_table(&LinkRecordQuery::new())
}

fn sent(client: &mut Client, now: Duration) -> Bytes {
    let mut buffer = [0xFF; MAD_LENGTH];
    assert!(client.poll_transmit(now, &mut buffer).is_some());
    buffer
}

/// A client that has asked for the table of links, and the question.
fn asked() -> (Client, RequestId, Bytes) {
    let mut client = client();
    let id = client.request(EPOCH, links()).unwrap();
    let question = sent(&mut client, EPOCH);
    (client, id, question)
}

/// The headers of the answer to a question.
fn answer_headers(question: &Bytes, record_length: usize) -> SaMad {
    let mut mad = SaMad::from_view(SaMadView::new(question).unwrap());
    mad.header.method = mad.header.method.response();
    mad.sa.attribute_offset = (record_length / 8) as u16;
    mad
}

/// A manager that answers a question with `count` links, numbered from 0.
fn manager(now: Duration, question: &Bytes, count: u16) -> Sender<Vec<u8>> {
    let mut table = alloc::vec![0; usize::from(count) * LinkRecord::LENGTH];
    for (number, place) in table.chunks_exact_mut(LinkRecord::LENGTH).enumerate() {
        LinkRecord { from_lid: Lid(number as u16), ..LinkRecord::default() }.emit(place).unwrap();
    }
    let template = answer_headers(question, LinkRecord::LENGTH).emit(&LinkRecord::default()).unwrap();
    Sender::new(now, SenderLimits::DEFAULT, HOST, &template, table).unwrap()
}

/// The LIDs of the links that a datagram brings.
fn lids(handled: &SaHandled<'_>) -> Vec<u16> {
    match handled {
        SaHandled::Records { records, .. } => {
            records.clone().typed::<LinkRecord>().unwrap().map(|link| link.from_lid().0).collect()
        }
        _ => Vec::new(),
    }
}

/// The next of a series of numbers without pattern (splitmix64).
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

/// What came of a table on links on which `percent` of the datagrams get lost, as many are repeated, and as many are overtaken.
fn over_bad_links(seed: u64, percent: u64, count: u16) -> (Vec<u16>, Result<SaAnswer, SaFailure>) {
    let mut random = seed;
    let mut client = client();
    let mut now = EPOCH;
    let id = client.request(now, links()).unwrap();
    let mut manager_side: Option<Sender<Vec<u8>>> = None;
    let (mut to_client, mut to_manager) = (Vec::<Bytes>::new(), Vec::<Bytes>::new());
    let (mut got, mut buffer) = (Vec::new(), [0; MAD_LENGTH]);
    for _ in 0..100_000 {
        while client.poll_transmit(now, &mut buffer).is_some() {
            put(&mut to_manager, &buffer, percent, &mut random);
        }
        while manager_side.as_mut().is_some_and(|sender| sender.poll_transmit(now, &mut buffer).is_some()) {
            put(&mut to_client, &buffer, percent, &mut random);
        }
        if let Some(event) = client.poll_event(now) {
            assert_eq!((event.id, event.request), (id, links()));
            assert_eq!((client.in_flight(), client.poll_event(now)), (0, None));
            return (got, event.outcome);
        }
        if let Some(sender) = &mut manager_side {
            sender.poll_event(now);
        }
        if !to_manager.is_empty() {
            let bytes = to_manager.remove(0);
            match SaMadView::new(&bytes).unwrap().rmpp().kind() {
                // A repeated question is the same question.
                RmppType::None => {
                    manager_side.get_or_insert_with(|| manager(now, &bytes, count));
                }
                _ => {
                    let _ = manager_side.as_mut().map(|sender| sender.handle_segment(now, HOST.lid, &bytes));
                }
            }
        } else if !to_client.is_empty() {
            let bytes = to_client.remove(0);
            got.extend(lids(&client.handle_datagram(now, MANAGER, &bytes)));
        } else {
            let manager_due = manager_side.as_ref().and_then(Sender::poll_timeout);
            let due = [client.poll_timeout(), manager_due].into_iter().flatten().min();
            now = now.max(due.expect("somebody waits for something"));
        }
    }
    panic!("seed {seed}: it never ends");
}

fn put(link: &mut Vec<Bytes>, bytes: &Bytes, percent: u64, random: &mut u64) {
    let mut happens = || next(random) % 100 < percent;
    if happens() {
        return;
    }
    link.push(*bytes);
    if happens() {
        link.push(*bytes);
    }
    let length = link.len();
    if length > 1 && happens() {
        link.swap(length - 2, length - 1);
    }
}

#[test]
fn tables_of_every_length_come_whole_and_in_order() {
    // One record needs 8 of 200 bytes: none, one segment, its edge, and several windows.
    for count in [0, 1, 24, 25, 26, 49, 50, 51, 4000] {
        let (got, outcome) = over_bad_links(1, 0, count);
        assert_eq!(outcome, Ok(SaAnswer::Table { records: count.into() }));
        assert!(got.iter().copied().eq(0..count), "{count}");
    }
}

#[test]
fn on_bad_links_a_table_comes_whole_or_is_reported_not_to() {
    let (mut whole, mut failed) = (0, 0);
    for seed in 0..400 {
        let percent = [5, 20, 45, 80][seed as usize % 4];
        let (got, outcome) = over_bad_links(seed, percent, 120);
        assert!(got.iter().copied().eq(0..got.len() as u16), "seed {seed}: in order, each once: {got:?}");
        match outcome {
            Ok(SaAnswer::Table { records }) => {
                assert_eq!((records, got.len()), (120, 120), "seed {seed}");
                whole += 1;
            }
            Err(SaFailure::Transfer(_) | SaFailure::NoAnswer { .. }) => failed += 1,
            other => panic!("seed {seed}: {other:?}"),
        }
    }
    assert!(whole > 100 && failed > 20, "{whole} whole, {failed} failed: both happen");
}

#[test]
fn a_question_is_not_repeated_once_its_table_comes() {
    let (mut client, _, question) = asked();
    let mut segment = [0; MAD_LENGTH];
    manager(EPOCH, &question, 60).poll_transmit(EPOCH, &mut segment).unwrap();
    assert_eq!(lids(&client.handle_datagram(EPOCH, MANAGER, &segment)).len(), 25);
    let acknowledgement = sent(&mut client, EPOCH);
    assert_eq!(SaMadView::new(&acknowledgement).unwrap().rmpp().kind(), RmppType::Ack);
    let later = EPOCH + RequestLimits::DEFAULT.timeout * 5;
    assert_eq!((client.poll_transmit(later, &mut segment), client.poll_event(later)), (None, None));
    assert_eq!(client.in_flight(), 1);
    // But it does not wait for ever.
    let late = client.poll_timeout().unwrap();
    assert_eq!(late, EPOCH + Duration::from_secs(40));
    let event = client.poll_event(late).unwrap();
    let too_long = RmppFailure::Here(RmppStatus::TOTAL_TIME_TOO_LONG);
    assert_eq!(event.outcome, Err(SaFailure::Transfer(too_long)));
    let abort = sent(&mut client, late);
    assert_eq!(SaMadView::new(&abort).unwrap().rmpp().kind(), RmppType::Abort);
}

#[test]
fn a_late_segment_is_acknowledged_and_brings_nothing() {
    let (mut client, id, question) = asked();
    let mut segment = [0; MAD_LENGTH];
    manager(EPOCH, &question, 20).poll_transmit(EPOCH, &mut segment).unwrap();
    assert_eq!(lids(&client.handle_datagram(EPOCH, MANAGER, &segment)).len(), 20);
    sent(&mut client, EPOCH);
    assert!(client.poll_event(EPOCH).is_some());
    assert_eq!(client.handle_datagram(EPOCH, MANAGER, &segment), SaHandled::Segment { id });
    let again = sent(&mut client, EPOCH);
    assert_eq!(SaMadView::new(&again).unwrap().rmpp().kind(), RmppType::Ack);
    assert_eq!((client.poll_event(EPOCH), client.in_flight()), (None, 0));
    // It is forgotten, and does not stand in the way of the next tables.
    for _ in 0..3 {
        client.request(EPOCH, links()).unwrap();
        let question = sent(&mut client, EPOCH);
        manager(EPOCH, &question, 1).poll_transmit(EPOCH, &mut segment).unwrap();
        assert_eq!(lids(&client.handle_datagram(EPOCH, MANAGER, &segment)), [0]);
        sent(&mut client, EPOCH);
        assert_eq!(client.poll_event(EPOCH).unwrap().outcome, Ok(SaAnswer::Table { records: 1 }));
    }
    let forgotten = client.poll_timeout().unwrap();
    assert_eq!((client.poll_event(forgotten), client.poll_timeout()), (None, None));
}

#[test]
fn a_transfer_that_its_sender_ends_is_reported() {
    for (kind, status, told) in [
        (RmppType::Stop, RmppStatus(1), RmppFailure::ByPeer(RmppStatus(1))),
        (RmppType::Abort, RmppStatus(126), RmppFailure::ByPeer(RmppStatus(126))),
        (RmppType::Abort, RmppStatus(3), RmppFailure::Here(RmppStatus::ILLEGAL_STATUS)),
    ] {
        let (mut client, id, question) = asked();
        let mut segment = [0; MAD_LENGTH];
        manager(EPOCH, &question, 60).poll_transmit(EPOCH, &mut segment).unwrap();
        assert_eq!(lids(&client.handle_datagram(EPOCH, MANAGER, &segment)).len(), 25);
        let mut end = SaMad::from_view(SaMadView::new(&segment).unwrap());
        end.rmpp = RmppHeader { kind, status, flags: RmppFlags::ACTIVE, ..end.rmpp };
        let end = end.emit(&LinkRecord::default()).unwrap();
        assert_eq!(client.handle_datagram(EPOCH, Lid(8), &end), wrong_node(), "nobody else can");
        assert_eq!(client.handle_datagram(EPOCH, MANAGER, &end), SaHandled::Segment { id });
        assert_eq!(client.poll_event(EPOCH).unwrap().outcome, Err(SaFailure::Transfer(told)));
        assert_eq!((client.poll_event(EPOCH), client.in_flight()), (None, 0));
    }
}

/// What a transfer that runs has no request in flight for.
fn wrong_node() -> SaHandled<'static> {
    SaHandled::NotMine(NotMineReason::Transaction(RequestId(1)))
}

#[test]
fn segments_that_begin_nothing_change_nothing() {
    let (mut client, _, question) = asked();
    let before = client.clone();
    let mut segment = [0; MAD_LENGTH];
    manager(EPOCH, &question, 60).poll_transmit(EPOCH, &mut segment).unwrap();
    let first = SaMad::from_view(SaMadView::new(&segment).unwrap());
    for rmpp in [
        RmppHeader { segment: 2, flags: RmppFlags::ACTIVE, ..first.rmpp },
        RmppHeader { kind: RmppType::Ack, ..first.rmpp },
        RmppHeader { kind: RmppType::Abort, status: RmppStatus(126), ..first.rmpp },
        RmppHeader { kind: RmppType::Other(9), ..first.rmpp },
    ] {
        let bytes = SaMad { rmpp, ..first }.emit(&LinkRecord::default()).unwrap();
        let handled = client.handle_datagram(EPOCH, MANAGER, &bytes);
        assert_eq!(handled, SaHandled::Ignored(IgnoredReason::NoTransfer), "{rmpp:?}");
    }
    let mut get_resp = first;
    get_resp.header.method = Method::GET_RESP;
    let bytes = get_resp.emit(&LinkRecord::default()).unwrap();
    let reason = IgnoredReason::WrongMethod { expected: Method::GET_TABLE_RESP, got: Method::GET_RESP };
    assert_eq!(client.handle_datagram(EPOCH, MANAGER, &bytes), SaHandled::Ignored(reason));
    assert_eq!(client, before);
}

#[test]
fn records_that_are_too_short_end_the_table() {
    for (offset, error) in [
        (0, RecordError::NoOffset),
        (1, RecordError::OffsetTooSmall { offset: 8, needed: PathRecord::LENGTH }),
    ] {
        let mut client = client();
        client.request(EPOCH, SaRequest::get_table(&PathRecordQuery::new())).unwrap();
        let question = sent(&mut client, EPOCH);
        let mut headers = answer_headers(&question, 0);
        headers.sa.attribute_offset = offset;
        let template = headers.emit(&PathRecord::default()).unwrap();
        let mut manager = Sender::new(EPOCH, SenderLimits::DEFAULT, HOST, &template, [0; 640]).unwrap();
        let mut segment = [0; MAD_LENGTH];
        manager.poll_transmit(EPOCH, &mut segment).unwrap();
        assert_eq!(lids(&client.handle_datagram(EPOCH, MANAGER, &segment)), []);
        let event = client.poll_event(EPOCH).unwrap();
        assert_eq!(event.outcome, Err(SaFailure::Transfer(RmppFailure::Records(error))));
        let abort = sent(&mut client, EPOCH);
        let view = SaMadView::new(&abort).unwrap();
        assert_eq!((view.rmpp().kind(), view.header().method()), (RmppType::Abort, Method::GET_TABLE));
        assert_eq!((client.poll_event(EPOCH), client.in_flight()), (None, 0));
    }
}

#[test]
fn an_answer_that_nobody_segmented_is_told_from_a_table() {
    let (mut client, id, question) = asked();
    let mut headers = answer_headers(&question, LinkRecord::LENGTH);
    headers.rmpp.flags = RmppFlags::ACTIVE;
    let bytes = headers.emit(&LinkRecord { from_lid: Lid(5), ..LinkRecord::default() }).unwrap();
    let handled = client.handle_datagram(EPOCH, MANAGER, &bytes);
    let SaHandled::Unsegmented { id: of, records } = handled else { panic!("{handled:?}") };
    let first = records.clone().typed::<LinkRecord>().unwrap().next().map(|link| link.from_lid());
    assert_eq!((of, first, records.len()), (id, Some(Lid(5)), 25));
    assert_eq!(client.poll_event(EPOCH).unwrap().outcome, Err(SaFailure::Unsegmented));
    assert_eq!((client.poll_event(EPOCH), client.poll_timeout(), client.in_flight()), (None, None, 0));
}

#[test]
fn a_manager_without_an_answer_says_so_in_one_datagram() {
    let outcome = |status| {
        let (mut client, id, question) = asked();
        let mut headers = answer_headers(&question, 0);
        headers.header.status = status;
        let bytes = headers.emit(&LinkRecord::default()).unwrap();
        match client.handle_datagram(EPOCH, MANAGER, &bytes) {
            SaHandled::Answered(event) => (event.id == id).then_some(event.outcome),
            SaHandled::Busy { id: of } => {
                assert_eq!((of, client.in_flight()), (id, 1));
                None
            }
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(outcome(Status::NO_RECORDS), Some(Err(SaFailure::Status(Status::NO_RECORDS))));
    assert_eq!(outcome(Status(2)), Some(Err(SaFailure::Redirected)));
    assert_eq!(outcome(Status::BUSY), None);
}

#[test]
fn tables_have_places_of_their_own() {
    let mut client = client();
    let ids = [(); 2].map(|()| client.request(EPOCH, links()).unwrap());
    assert_eq!(client.request(EPOCH, links()), Err(StartError::TableFull(links())));
    assert!(client.request(EPOCH, SaRequest::get(&NodeRecordQuery::new())).is_ok());
    // One is cancelled before its table comes, the other one while it comes.
    assert!(client.cancel(ids[0]) && !client.cancel(ids[0]));
    let question = sent(&mut client, EPOCH);
    let mut segment = [0; MAD_LENGTH];
    manager(EPOCH, &question, 60).poll_transmit(EPOCH, &mut segment).unwrap();
    assert_eq!(lids(&client.handle_datagram(EPOCH, MANAGER, &segment)).len(), 25);
    assert!(client.cancel(ids[1]) && !client.cancel(ids[1]));
    let abort = sent(&mut client, EPOCH);
    assert_eq!(SaMadView::new(&abort).unwrap().rmpp().kind(), RmppType::Abort);
    let handled = client.handle_datagram(EPOCH, MANAGER, &segment);
    assert_eq!(handled, SaHandled::Segment { id: ids[1] }, "it is told again, and brings nothing");
    assert!(client.request(EPOCH, links()).is_ok() && client.request(EPOCH, links()).is_ok());

    let mut without: SaClient<4, 0> = SaClient::new(SaClientConfig::new(SaAddress::default()));
    assert_eq!(without.request(EPOCH, links()), Err(StartError::TableFull(links())));
}

#[test]
fn a_manager_that_moves_leaves_its_table_unfinished() {
    let (mut client, id, question) = asked();
    let mut segment = [0; MAD_LENGTH];
    manager(EPOCH, &question, 60).poll_transmit(EPOCH, &mut segment).unwrap();
    assert_eq!(lids(&client.handle_datagram(EPOCH, MANAGER, &segment)).len(), 25);
    let waiting = client.request(EPOCH, links()).unwrap();
    client.set_sa(EPOCH, SaAddress { lid: Lid(12), service_level: SERVICE_LEVEL });
    let event = client.poll_event(EPOCH).unwrap();
    assert_eq!((event.id, event.outcome), (id, Err(SaFailure::Moved)));
    let (abort, question) = (sent(&mut client, EPOCH), sent(&mut client, EPOCH));
    assert_eq!(SaMadView::new(&abort).unwrap().rmpp().kind(), RmppType::Abort);
    let header = SaMadView::new(&question).unwrap().header();
    assert_eq!(RequestId::from(header.transaction_id()), waiting);
}

#[test]
fn paths_between_several_ports_come_as_path_records() {
    let gids = [Gid([1; 16]), Gid([2; 16])];
    for answered_as in [AttributeId::PATH_RECORD, AttributeId::MULTI_PATH_RECORD] {
        let mut client = client();
        let query = MultiPathRecordQuery::new(&gids[..1], &gids[1..]).unwrap();
        client.request(EPOCH, SaRequest::get_multi(&query)).unwrap();
        let question = sent(&mut client, EPOCH);
        assert_eq!(question[80..112], [[1; 16], [2; 16]].concat()[..]);
        let mut headers = answer_headers(&question, PathRecord::LENGTH);
        assert_eq!(headers.header.attribute_id, AttributeId::MULTI_PATH_RECORD);
        assert_eq!(headers.header.method, Method::GET_MULTI_RESP);
        headers.header.attribute_id = answered_as;
        let template = headers.emit(&PathRecord::default()).unwrap();
        let mut record = [0; 64];
        PathRecord { destination_lid: Lid(77), ..PathRecord::default() }.emit(&mut record).unwrap();
        let mut segment = [0; MAD_LENGTH];
        let mut manager = Sender::new(EPOCH, SenderLimits::DEFAULT, HOST, &template, record).unwrap();
        manager.poll_transmit(EPOCH, &mut segment).unwrap();
        let handled = client.handle_datagram(EPOCH, MANAGER, &segment);
        let SaHandled::Records { records, .. } = handled else { panic!("{handled:?}") };
        let mut paths = records.typed::<PathRecord>().unwrap();
        assert_eq!(paths.next().map(|path| path.destination_lid()), Some(Lid(77)));
        assert_eq!(PathRecord::ATTRIBUTE, AttributeId::PATH_RECORD);
    }
}
