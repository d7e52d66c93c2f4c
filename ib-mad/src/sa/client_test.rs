//! The client against answers as a manager would give them, and as it never should.

use alloc::vec::Vec;
use core::fmt::Debug;
use core::time::Duration;

use super::*;
use crate::error::DecodeError;
use crate::request::{RequestId, RequestLimits, StartError};
use crate::types::{Gid, Guid, Lid, Qpn, ServiceKey, ServiceLevel, SmKey, TransactionId};
use crate::wire::{
    Attribute, AttributeId, ClassPortInfo, GuidInfoRecord, GuidInfoRecordQuery, InformInfo, InformInfoRecord,
    InformInfoRecordQuery, LinkRecord, LinkRecordQuery, MAD_LENGTH, ManagementClass, McMemberRecord,
    McMemberRecordQuery, Method, NodeRecord, NodeRecordQuery, PathRecord, PathRecordQuery, Record, RmppFlags,
    RmppHeader, RmppType, SaMad, SaMadView, ServiceRecord, ServiceRecordQuery, Status, TrapNumber,
};

const EPOCH: Duration = Duration::from_secs(70_000_000);
const MANAGER: Lid = Lid(3);
const LIMITS: RequestLimits = RequestLimits { retries: 2, busy_retries: 2, ..RequestLimits::DEFAULT };

type Client = SaClient<8>;
type Bytes = [u8; MAD_LENGTH];

fn address(lid: u16, service_level: u8) -> SaAddress {
    SaAddress { lid: Lid(lid), service_level: ServiceLevel::new(service_level).unwrap() }
}

fn client() -> Client {
    let config = SaClientConfig::new(address(3, 5));
    SaClient::new(SaClientConfig { sm_key: SmKey(0x1122), limits: LIMITS, first_id: 0xA000_0000, ..config })
}

fn path_request() -> SaRequest {
    let destination = Gid::new(Gid::DEFAULT_PREFIX, Guid(9));
    SaRequest::get(&PathRecordQuery::new().destination_gid(destination).number_of_paths(1))
}

fn headers(bytes: &Bytes) -> SaMad {
    SaMad::from_view(SaMadView::new(bytes).unwrap())
}

fn sent(client: &mut Client, now: Duration) -> Bytes {
    let mut buffer = [0xFF; MAD_LENGTH];
    assert!(client.poll_transmit(now, &mut buffer).is_some());
    buffer
}

/// A client with one path request in flight, and that request as it was sent.
fn asked() -> (Client, RequestId, Bytes) {
    let mut client = client();
    let id = client.request(EPOCH, path_request()).unwrap();
    let bytes = sent(&mut client, EPOCH);
    (client, id, bytes)
}

/// The answer to a request, with `change` made to its headers.
fn answer_with<A: Attribute>(request: &Bytes, attribute: &A, change: impl FnOnce(&mut SaMad)) -> Bytes {
    let mut mad = headers(request);
    mad.header.method = Method::GET_RESP;
    change(&mut mad);
    mad.emit(attribute).unwrap()
}

fn path() -> PathRecord {
    PathRecord { destination_lid: Lid(9), ..PathRecord::default() }
}

fn path_answer(request: &Bytes, change: impl FnOnce(&mut SaMad)) -> Bytes {
    answer_with(request, &path(), change)
}

#[test]
fn requests_are_whole_datagrams_to_queue_pair_1() {
    let mut client = client();
    let id = client.request(EPOCH, path_request()).unwrap();
    let mut buffer = [0xFF; MAD_LENGTH];
    let transmit = client.poll_transmit(EPOCH, &mut buffer).unwrap();
    assert_eq!((transmit.to, transmit.service_level.get()), (MANAGER, 5));
    assert_eq!(transmit.qpn, Qpn::GENERAL_SERVICES);
    assert!(client.poll_transmit(EPOCH, &mut buffer).is_none());

    let mad = headers(&buffer);
    assert_eq!(id, RequestId(0xA000_0000));
    assert_eq!(mad.header.transaction_id, TransactionId(0xA000_0000));
    assert_eq!((mad.header.method, mad.header.attribute_id), (Method::GET, AttributeId::PATH_RECORD));
    assert_eq!(
        (mad.rmpp, mad.sa.component_mask, mad.sa.sm_key),
        (RmppHeader::INACTIVE, 0x1004, SmKey(0x1122))
    );
    assert_eq!(buffer[56 + 8..56 + 24], Gid::new(Gid::DEFAULT_PREFIX, Guid(9)).0);
    assert_eq!(buffer[56 + 64..], [0; 200 - 64], "what was in the buffer is gone");
}

/// Ask, answer with `attribute`, and find that in what the client makes of it.
fn round_trip<A: SaAttribute + PartialEq + Debug>(request: SaRequest, method: Method, attribute: &A) {
    let mut client = client();
    client.request(EPOCH, request).unwrap();
    let bytes = sent(&mut client, EPOCH);
    let header = headers(&bytes).header;
    assert_eq!((header.method, header.attribute_id), (method, A::ID), "{request:?}");
    let answer = answer_with(&bytes, attribute, |mad| mad.header.method = method.response());
    let handled = client.handle_datagram(EPOCH, MANAGER, &answer);
    let SaHandled::Answered(event) = handled else { panic!("{request:?}: {handled:?}") };
    assert_eq!(event.request, request);
    assert_eq!(event.record::<A>().as_ref(), Ok(attribute));
    assert_eq!(event.record::<LinkRecord>().is_ok(), A::ID == LinkRecord::ATTRIBUTE, "it is what it is");
}

#[test]
fn every_request_takes_the_answer_of_its_kind() {
    let node = NodeRecord { lid: Lid(7), ..NodeRecord::default() };
    let class = ClassPortInfo { base_version: 1, ..ClassPortInfo::default() };
    let inform = InformInfo::subscribe_to(TrapNumber::REPATH);
    let unsubscribe = InformInfo { subscribe: false, ..inform };
    let record = InformInfoRecord { inform_info: inform, ..InformInfoRecord::default() };
    let link = LinkRecord { from_lid: Lid(3), ..LinkRecord::default() };
    let service = ServiceRecord { service_id: 9, ..ServiceRecord::default() };
    let member = McMemberRecord { mlid: Lid(0xC001), ..McMemberRecord::default() };
    let guids = GuidInfoRecord { lid: Lid(3), ..GuidInfoRecord::default() };

    round_trip(path_request(), Method::GET, &path());
    round_trip(SaRequest::get(&NodeRecordQuery::new()), Method::GET, &node);
    round_trip(SaRequest::get(&LinkRecordQuery::new()), Method::GET, &link);
    round_trip(SaRequest::get(&InformInfoRecordQuery::new()), Method::GET, &record);
    round_trip(SaRequest::class_port_info(), Method::GET, &class);
    round_trip(SaRequest::inform(&inform), Method::SET, &inform);
    round_trip(SaRequest::inform(&unsubscribe), Method::SET, &unsubscribe);
    for (method, make) in [
        (Method::SET, SaRequest::set as fn(&ServiceRecordQuery) -> SaRequest),
        (Method::DELETE, SaRequest::delete),
    ] {
        round_trip(make(&ServiceRecordQuery::new().service_id(9)), method, &service);
    }
    round_trip(SaRequest::set(&McMemberRecordQuery::new().mlid(Lid(0xC001))), Method::SET, &member);
    round_trip(SaRequest::delete(&McMemberRecordQuery::new()), Method::DELETE, &member);
    round_trip(SaRequest::set(&GuidInfoRecordQuery::new().lid(Lid(3))), Method::SET, &guids);
}

#[test]
fn an_answer_is_read_as_nothing_else() {
    let (mut client, _, bytes) = asked();
    let answer = path_answer(&bytes, |_| {});
    let SaHandled::Answered(event) = client.handle_datagram(EPOCH, MANAGER, &answer) else { panic!() };
    let wrong = SaFailure::OtherAttribute { got: AttributeId(0x35), wanted: AttributeId(0x11) };
    assert_eq!(event.record::<NodeRecord>(), Err(wrong));
}

#[test]
fn what_is_asked_is_shown_without_its_data() {
    let service = SaRequest::set(&ServiceRecordQuery::new().service_key(ServiceKey([0x5A; 16])));
    let shown = std::format!("{service:?}");
    assert!(shown.contains("Set") && !shown.contains("90") && !shown.contains("5a"), "{shown}");
}

#[test]
fn a_repeated_answer_is_nobodys() {
    let (mut client, id, bytes) = asked();
    let answer = path_answer(&bytes, |_| {});
    assert!(matches!(client.handle_datagram(EPOCH, MANAGER, &answer), SaHandled::Answered(_)));
    for _ in 0..2 {
        let again = client.handle_datagram(EPOCH, MANAGER, &answer);
        assert_eq!(again, SaHandled::NotMine(NotMineReason::Transaction(id)));
    }
    assert_eq!((client.in_flight(), client.poll_event(EPOCH), client.poll_timeout()), (0, None, None));
}

#[test]
fn the_upper_half_of_the_transaction_id_is_the_transports() {
    let (mut client, _, bytes) = asked();
    let answer = path_answer(&bytes, |mad| mad.header.transaction_id.0 |= 0x7777_0000_0000_0000);
    assert!(matches!(client.handle_datagram(EPOCH, MANAGER, &answer), SaHandled::Answered(_)));
}

#[test]
fn what_cannot_be_the_answer_changes_nothing() {
    let (mut client, id, bytes) = asked();
    let before = client.clone();
    let active = |kind| RmppHeader { version: 1, kind, flags: RmppFlags::ACTIVE, ..RmppHeader::INACTIVE };
    let wrong_method = |got| IgnoredReason::WrongMethod { expected: Method::GET_RESP, got };
    let wrong_attribute =
        IgnoredReason::WrongAttribute { expected: AttributeId::PATH_RECORD, got: AttributeId(0x38) };

    let ignored = [
        (
            path_answer(&bytes, |mad| mad.header.method = Method::GET_TABLE_RESP),
            wrong_method(Method::GET_TABLE_RESP),
        ),
        (path_answer(&bytes, |mad| mad.header.attribute_id = AttributeId(0x38)), wrong_attribute),
        (path_answer(&bytes, |mad| mad.rmpp = active(RmppType::Abort)), IgnoredReason::NoTransfer),
        // A busy answer of the wrong kind is no reason to back off.
        (
            path_answer(&bytes, |mad| {
                mad.header.attribute_id = AttributeId(0x38);
                mad.header.status = Status::BUSY;
            }),
            wrong_attribute,
        ),
    ];
    for (answer, reason) in ignored {
        assert_eq!(client.handle_datagram(EPOCH, MANAGER, &answer), SaHandled::Ignored(reason));
    }

    let other_id = RequestId(id.0 + 1);
    let not_mine = [
        (bytes, NotMineReason::Method(Method::GET)),
        (
            path_answer(&bytes, |mad| mad.header.method = Method::REPORT),
            NotMineReason::Method(Method::REPORT),
        ),
        (
            path_answer(&bytes, |mad| mad.header.method = Method::REPORT_RESP),
            NotMineReason::Method(Method::REPORT_RESP),
        ),
        (
            path_answer(&bytes, |mad| mad.header.transaction_id = other_id.transaction_id()),
            NotMineReason::Transaction(other_id),
        ),
        (
            path_answer(&bytes, |mad| {
                mad.header.class = ManagementClass(0x04);
                mad.header.class_version = 1;
            }),
            NotMineReason::Class(ManagementClass(0x04)),
        ),
    ];
    for (answer, reason) in not_mine {
        assert_eq!(client.handle_datagram(EPOCH, MANAGER, &answer), SaHandled::NotMine(reason));
    }
    assert_eq!(client, before);
}

#[test]
fn only_the_manager_can_answer() {
    let (mut client, _, bytes) = asked();
    let answer = path_answer(&bytes, |_| {});
    let busy = path_answer(&bytes, |mad| mad.header.status = Status::BUSY);
    let before = client.clone();
    let reason = IgnoredReason::WrongNode { asked: MANAGER, from: Lid(4) };
    for bytes in [answer, busy] {
        assert_eq!(client.handle_datagram(EPOCH, Lid(4), &bytes), SaHandled::Ignored(reason));
    }
    assert_eq!(client, before);
    assert!(matches!(client.handle_datagram(EPOCH, MANAGER, &answer), SaHandled::Answered(_)));
}

#[test]
fn malformed_datagrams_are_named_and_change_nothing() {
    let (mut client, _, bytes) = asked();
    let answer = path_answer(&bytes, |_| {});
    let before = client.clone();
    let mut long = answer.to_vec();
    long.push(0);
    for length in [0, 1, 24, 255] {
        let handled = client.handle_datagram(EPOCH, MANAGER, &answer[..length]);
        let SaHandled::Ignored(IgnoredReason::Malformed(DecodeError::Truncated { got, .. })) = handled else {
            panic!("{handled:?}");
        };
        assert_eq!(got, length);
    }
    assert!(matches!(
        client.handle_datagram(EPOCH, MANAGER, &long),
        SaHandled::Ignored(IgnoredReason::Malformed(DecodeError::Oversized { got: 257, .. }))
    ));
    for offset in [0, 2] {
        let mut wrong_version = answer;
        wrong_version[offset] ^= 0x10;
        assert!(matches!(
            client.handle_datagram(EPOCH, MANAGER, &wrong_version),
            SaHandled::Ignored(IgnoredReason::Malformed(DecodeError::Unexpected { .. }))
        ));
    }
    assert_eq!(client, before);
}

#[test]
fn failures_of_the_manager_end_the_request() {
    let status = |status| move |mad: &mut SaMad| mad.header.status = Status(status);
    let whole = RmppFlags(RmppFlags::ACTIVE.0 | RmppFlags::FIRST.0 | RmppFlags::LAST.0);
    let first = RmppFlags(RmppFlags::ACTIVE.0 | RmppFlags::FIRST.0);
    let segment = |flags| {
        let rmpp = RmppHeader { version: 1, kind: RmppType::Data, flags, segment: 1, ..RmppHeader::INACTIVE };
        move |mad: &mut SaMad| mad.rmpp = rmpp
    };
    let outcome = |change: &dyn Fn(&mut SaMad)| {
        let (mut client, id, bytes) = asked();
        let answer = path_answer(&bytes, change);
        let outcome = match client.handle_datagram(EPOCH, MANAGER, &answer) {
            SaHandled::Answered(event) if event.id == id && event.request == path_request() => event.outcome,
            other => panic!("{other:?}"),
        };
        assert_eq!(client.in_flight(), 0);
        outcome
    };
    assert_eq!(outcome(&status(0x0300)), Err(SaFailure::Status(Status(0x0300))));
    assert_eq!(outcome(&status(0x000C)), Err(SaFailure::Status(Status(0x000C))));
    assert_eq!(outcome(&status(0x0002)), Err(SaFailure::Redirected));
    assert_eq!(outcome(&segment(first)), Err(SaFailure::Segmented));
    let record = outcome(&segment(whole)).and_then(|answer| answer.record());
    assert_eq!(record, Ok(path()), "a segment that is the whole message");
}

#[test]
fn a_busy_manager_is_asked_again_later() {
    let (mut client, id, bytes) = asked();
    let busy = path_answer(&bytes, |mad| mad.header.status = Status::BUSY);
    assert_eq!(client.handle_datagram(EPOCH, MANAGER, &busy), SaHandled::Busy { id });
    let later = EPOCH + LIMITS.busy_delay;
    assert_eq!(client.poll_timeout(), Some(later));
    let mut buffer = [0; MAD_LENGTH];
    assert!(client.poll_transmit(later - Duration::from_nanos(1), &mut buffer).is_none());
    assert_eq!(sent(&mut client, later), bytes, "the same request");
    let answer = path_answer(&bytes, |_| {});
    assert!(matches!(client.handle_datagram(later, MANAGER, &answer), SaHandled::Answered(_)));
}

#[test]
fn a_manager_that_stays_busy_ends_the_request() {
    let (mut client, id, bytes) = asked();
    let busy = path_answer(&bytes, |mad| mad.header.status = Status::BUSY);
    let mut now = EPOCH;
    for _ in 0..LIMITS.busy_retries {
        assert_eq!(client.handle_datagram(now, MANAGER, &busy), SaHandled::Busy { id });
        now = client.poll_timeout().unwrap();
        sent(&mut client, now);
    }
    assert_eq!(client.poll_event(now), None);
    assert_eq!(client.handle_datagram(now, MANAGER, &busy), SaHandled::Busy { id });
    let event = client.poll_event(now).unwrap();
    assert_eq!((event.id, event.outcome), (id, Err(SaFailure::Busy { attempts: 3 })));
    assert_eq!((client.in_flight(), client.poll_timeout()), (0, None));
}

#[test]
fn silence_ends_the_request_after_all_retries() {
    let mut client = client();
    let id = client.request(EPOCH, path_request()).unwrap();
    let mut transmissions = 0;
    let mut events = Vec::new();
    let mut now = EPOCH;
    let mut buffer = [0; MAD_LENGTH];
    while let Some(at) = client.poll_timeout() {
        now = at;
        while client.poll_transmit(now, &mut buffer).is_some() {
            transmissions += 1;
        }
        events.extend(client.poll_event(now));
    }
    assert_eq!(transmissions, u16::from(LIMITS.retries) + 1);
    assert_eq!(now, EPOCH + LIMITS.timeout * 3);
    let failure = Err(SaFailure::NoAnswer { attempts: 3 });
    assert_eq!(events, [SaEvent { id, request: path_request(), outcome: failure }]);
    let late = path_answer(&buffer, |_| {});
    assert_eq!(
        client.handle_datagram(now, MANAGER, &late),
        SaHandled::NotMine(NotMineReason::Transaction(id))
    );
}

#[test]
fn a_new_manager_is_asked_what_the_old_one_was() {
    let (mut client, id, bytes) = asked();
    let later = EPOCH + LIMITS.timeout / 2;
    client.set_sa(later, address(12, 1));
    let answer = path_answer(&bytes, |_| {});
    let old = IgnoredReason::WrongNode { asked: Lid(12), from: MANAGER };
    assert_eq!(client.handle_datagram(later, MANAGER, &answer), SaHandled::Ignored(old));
    assert_eq!(client.handle_datagram(later, Lid(12), &answer), SaHandled::Ignored(IgnoredReason::NotSent));

    let mut buffer = [0; MAD_LENGTH];
    let transmit = client.poll_transmit(later, &mut buffer).unwrap();
    assert_eq!((transmit.to, transmit.service_level.get(), buffer), (Lid(12), 1, bytes));
    assert_eq!(client.poll_timeout(), Some(later + LIMITS.timeout), "with all of its time");
    let handled = client.handle_datagram(later, Lid(12), &answer);
    assert!(matches!(handled, SaHandled::Answered(event) if event.id == id), "{handled:?}");
}

#[test]
fn another_service_level_alone_repeats_nothing() {
    let (mut client, _, _) = asked();
    client.set_sa(EPOCH, address(3, 6));
    assert_eq!(client.poll_transmit(EPOCH, &mut [0; MAD_LENGTH]), None);
    client.request(EPOCH, path_request()).unwrap();
    let transmit = client.poll_transmit(EPOCH, &mut [0; MAD_LENGTH]).unwrap();
    assert_eq!((transmit.to, transmit.service_level.get()), (MANAGER, 6));
}

#[test]
fn a_full_client_hands_the_request_back() {
    let mut client = client();
    let ids: Vec<_> = (0..8).map(|_| client.request(EPOCH, path_request()).unwrap()).collect();
    assert_eq!(
        client.request(EPOCH, SaRequest::class_port_info()),
        Err(StartError::TableFull(SaRequest::class_port_info()))
    );
    assert!(client.cancel(ids[3]));
    assert!(!client.cancel(ids[3]));
    assert!(client.request(EPOCH, SaRequest::class_port_info()).is_ok());
}

quickcheck::quickcheck! {
    /// Whatever bytes come, of whatever length, the client neither panics nor loses count.
    fn survives_any_datagram(bytes: Vec<u8>, overlay: Vec<(u8, u8)>, from: u16) -> bool {
        let (mut client, _, request) = asked();
        let mut answer = path_answer(&request, |_| {});
        for (offset, byte) in overlay {
            answer[usize::from(offset)] = byte;
        }
        for bytes in [&bytes[..], &answer[..], &answer[..bytes.len().min(255)]] {
            for from in [MANAGER, Lid(from)] {
                match client.handle_datagram(EPOCH, from, bytes) {
                    SaHandled::Answered(_) if from != MANAGER => return false,
                    SaHandled::Answered(_) => client = asked().0,
                    SaHandled::Busy { .. } | SaHandled::NotMine(_) | SaHandled::Ignored(_) => {}
                    // No table was asked for.
                    _ => return false,
                }
            }
        }
        client.in_flight() == 1 && client.poll_timeout().is_some()
    }
}
