//! What the table promises, one promise a test.

use alloc::vec::Vec;
use core::time::Duration;

use super::{ExpiryReason, RequestId, RequestLimits, RequestTable, ResponseError, StartError};
use crate::types::Lid;

const EPOCH: Duration = Duration::from_secs(40_000_000);
const A: Lid = Lid(1);
const B: Lid = Lid(2);

const LIMITS: RequestLimits = RequestLimits {
    per_node: 2,
    timeout: Duration::from_secs(1),
    retries: 2,
    busy_delay: Duration::from_millis(100),
    busy_delay_limit: Duration::from_millis(300),
    busy_retries: 3,
};

type Table = RequestTable<u8, 4>;

fn table() -> Table {
    RequestTable::new(LIMITS, 0xFFFF_FFFE)
}

/// A table with one request to `A`, sent at `EPOCH`.
fn with_one_sent() -> (Table, RequestId) {
    let mut table = table();
    let id = table.start(EPOCH, A, 7).unwrap();
    assert_eq!(table.poll_transmit(EPOCH).map(|due| due.id), Some(id));
    (table, id)
}

#[test]
fn ids_count_up_from_the_first() {
    let mut table = table();
    let ids = [A, A, B, B].map(|to| table.start(EPOCH, to, 0).unwrap().0);
    assert_eq!(ids, [0xFFFF_FFFE, 0xFFFF_FFFF, 0, 1]);
}

#[test]
fn full_nodes_and_tables_hand_the_request_back() {
    let mut table = table();
    let first = table.start(EPOCH, A, 1).unwrap();
    table.start(EPOCH, A, 2).unwrap();
    assert_eq!(table.start(EPOCH, A, 3), Err(StartError::NodeFull(3)));
    table.start(EPOCH, B, 4).unwrap();
    table.start(EPOCH, B, 5).unwrap();
    assert_eq!(table.start(EPOCH, Lid(3), 6), Err(StartError::TableFull(6)));
    assert_eq!((table.len(), table.in_flight_to(A), table.in_flight_to(B)), (4, 2, 2));

    assert_eq!(table.cancel(first), Some(1));
    assert_eq!(table.in_flight_to(A), 1);
    table.start(EPOCH, A, 7).unwrap();
}

#[test]
fn unanswered_requests_are_sent_once_and_then_retries_times() {
    let (mut table, id) = with_one_sent();
    for attempt in 2..=3 {
        let at = table.poll_timeout().unwrap();
        assert_eq!(at, EPOCH + LIMITS.timeout * (attempt - 1));
        assert!(table.poll_transmit(at - Duration::from_nanos(1)).is_none());
        assert_eq!(table.poll_transmit(at).map(|due| u32::from(due.attempt)), Some(attempt));
        assert!(table.poll_expired(at).is_none());
    }
    let end = EPOCH + LIMITS.timeout * 3;
    assert_eq!(table.poll_timeout(), Some(end));
    assert!(table.poll_expired(end - Duration::from_nanos(1)).is_none());
    assert!(table.poll_transmit(end).is_none());
    let expired = table.poll_expired(end).unwrap();
    assert_eq!((expired.id, expired.to, expired.attempts, expired.request), (id, A, 3, 7));
    assert_eq!(expired.reason, ExpiryReason::NoAnswer);
    assert!(table.is_empty() && table.poll_timeout().is_none());
    assert_eq!(table.in_flight_to(A), 0);
    assert_eq!(table.respond(id, A), Err(ResponseError::Unknown), "a late answer");
}

#[test]
fn an_answer_after_the_last_time_out_counts_until_the_expiry_is_reported() {
    let (mut table, id) = with_one_sent();
    for _ in 0..2 {
        let at = table.poll_timeout().unwrap();
        table.poll_transmit(at).unwrap();
    }
    let end = table.poll_timeout().unwrap();
    assert_eq!(table.respond(id, A), Ok(7));
    assert!(table.poll_expired(end).is_none());
}

#[test]
fn an_answer_to_an_earlier_use_of_a_place_is_unknown() {
    let mut table: RequestTable<u32, 1> = RequestTable::new(LIMITS, 0);
    let mut old = Vec::new();
    for number in 0..100 {
        let id = table.start(EPOCH, A, number).unwrap();
        assert!(table.poll_transmit(EPOCH).is_some());
        for &old in &old {
            assert_eq!(table.respond(old, A), Err(ResponseError::Unknown));
            assert_eq!(table.back_off(EPOCH, old, A), Err(ResponseError::Unknown));
            assert_eq!(table.cancel(old), None);
        }
        assert_eq!(table.respond(id, A), Ok(number));
        old.push(id);
    }
}

#[test]
fn only_the_node_that_was_asked_can_answer() {
    let (mut table, id) = with_one_sent();
    let before = table.clone();
    let wrong = ResponseError::WrongNode { asked: A, from: B };
    assert_eq!(table.matching(id, B), Err(wrong));
    assert_eq!(table.respond(id, B), Err(wrong));
    assert_eq!(table.back_off(EPOCH, id, B), Err(wrong));
    assert_eq!(table, before);
    assert_eq!(table.matching(id, A), Ok(&7));
    assert_eq!(table.respond(id, A), Ok(7));
}

#[test]
fn nothing_answers_a_request_that_was_not_sent() {
    let mut table = table();
    let id = table.start(EPOCH, A, 7).unwrap();
    assert_eq!(table.respond(id, A), Err(ResponseError::NotSent));
    assert_eq!(table.back_off(EPOCH, id, A), Err(ResponseError::NotSent));
    assert_eq!(table.cancel(id), Some(7));
}

#[test]
fn busy_answers_double_the_delay_and_have_their_own_count() {
    let (mut table, id) = with_one_sent();
    let mut now = EPOCH;
    for delay in [100, 200, 300] {
        table.back_off(now, id, A).unwrap();
        // The same answer again changes nothing.
        table.back_off(now, id, A).unwrap();
        let due = table.poll_timeout().unwrap();
        assert_eq!(due - now, Duration::from_millis(delay));
        now = due;
        assert!(table.poll_transmit(now).is_some());
    }
    table.back_off(now, id, A).unwrap();
    assert!(table.poll_transmit(now).is_none());
    let expired = table.poll_expired(now).unwrap();
    assert_eq!((expired.reason, expired.attempts), (ExpiryReason::Busy, 4));
    assert!(table.is_empty());
}

#[test]
fn retries_and_busy_retries_add_up_to_a_bound() {
    let (mut table, id) = with_one_sent();
    let mut now = EPOCH;
    let mut sent = 1;
    // Busy when it can be, silent otherwise.
    for answer_busy in [true, false, true, false, true, false] {
        if answer_busy {
            table.back_off(now, id, A).unwrap();
        }
        now = table.poll_timeout().unwrap();
        sent += u16::from(table.poll_transmit(now).is_some());
    }
    let expired = table.poll_expired(now).unwrap();
    assert_eq!((expired.reason, expired.attempts, sent), (ExpiryReason::NoAnswer, 6, 6));
}

#[test]
fn transmissions_come_in_the_order_of_their_deadlines() {
    let mut table = table();
    let second = Duration::from_secs(1);
    let early = table.start(EPOCH, A, 0).unwrap();
    table.poll_transmit(EPOCH).unwrap();
    let middle = table.start(EPOCH + second / 2, B, 1).unwrap();
    let late = table.start(EPOCH + second * 2, A, 2).unwrap();
    let mut order = Vec::new();
    while let Some(due) = table.poll_transmit(EPOCH + second * 2) {
        order.push(due.id);
    }
    assert_eq!(order, [middle, early, late]);
}

#[test]
fn a_time_that_goes_back_counts_as_no_time() {
    let (mut table, _) = with_one_sent();
    let due = table.poll_timeout();
    assert!(table.poll_transmit(Duration::ZERO).is_none());
    assert!(table.poll_expired(Duration::ZERO).is_none());
    table.start(Duration::ZERO, B, 8).unwrap();
    assert_eq!(table.poll_timeout(), Some(EPOCH), "due when it was started, by the latest time seen");
    assert!(table.poll_transmit(Duration::ZERO).is_some());
    assert_eq!(table.poll_timeout(), due);
}

#[test]
fn sums_at_the_end_of_time_saturate() {
    let mut table = table();
    let id = table.start(Duration::MAX, A, 7).unwrap();
    for _ in 0..=LIMITS.retries {
        assert!(table.poll_transmit(Duration::MAX).is_some());
    }
    assert_eq!(table.back_off(Duration::MAX, id, A), Ok(()));
    assert_eq!(table.poll_timeout(), Some(Duration::MAX));
}

#[test]
fn retargeted_requests_start_afresh_at_the_new_node() {
    let (mut table, sent) = with_one_sent();
    let busy = table.start(EPOCH, A, 8).unwrap();
    table.poll_transmit(EPOCH).unwrap();
    table.back_off(EPOCH, busy, A).unwrap();
    let other = table.start(EPOCH, B, 9).unwrap();
    table.poll_transmit(EPOCH).unwrap();

    table.retarget(EPOCH, A, B);
    assert_eq!((table.in_flight_to(A), table.in_flight_to(B)), (0, 3));
    assert_eq!(table.respond(sent, A), Err(ResponseError::WrongNode { asked: B, from: A }));
    assert_eq!(table.respond(sent, B), Err(ResponseError::NotSent));
    let mut again = Vec::new();
    while let Some(due) = table.poll_transmit(EPOCH) {
        again.push((due.id, due.to, due.attempt));
    }
    again.sort();
    assert_eq!(again, [(sent, B, 1), (busy, B, 1)], "and not {other}");
    for (id, request) in [(sent, 7), (busy, 8), (other, 9)] {
        assert_eq!(table.respond(id, B), Ok(request));
    }
    assert!(table.is_empty());
}

#[test]
fn rebasing_makes_states_equal_that_differ_in_when() {
    let at = |epoch: Duration| {
        let mut table = table();
        let id = table.start(epoch, A, 7).unwrap();
        table.poll_transmit(epoch).unwrap();
        table.back_off(epoch, id, A).unwrap();
        table.rebase(epoch);
        table
    };
    assert_eq!(at(EPOCH), at(EPOCH * 2));
    assert_eq!(at(EPOCH).poll_timeout(), Some(LIMITS.busy_delay));
}

#[test]
fn no_request_of_any_id_is_found_in_an_empty_table() {
    let mut table = RequestTable::<u8, 3>::new(LIMITS, 5);
    for id in 0..64 {
        assert_eq!(table.respond(RequestId(id), A), Err(ResponseError::Unknown));
    }
}

#[test]
fn a_place_costs_what_the_documentation_says() {
    const PLACES: usize = 4096;
    let beside = size_of::<RequestTable<[u64; 16], PLACES>>() / PLACES - size_of::<[u64; 16]>();
    assert!((32..=48).contains(&beside), "{beside} bytes");
}

/// A table too large for a thread's stack is made where it stays, and runs on a small one.
#[test]
fn a_large_table_needs_no_stack() {
    use std::sync::Mutex;
    static TABLE: Mutex<RequestTable<[u64; 16], 4096>> =
        Mutex::new(RequestTable::new(RequestLimits { per_node: 4096, ..LIMITS }, 1));

    let body = || {
        let mut table = TABLE.lock().unwrap();
        let ids: Vec<_> =
            (0..4096).map(|n| table.start(EPOCH, Lid(n % 7), [n.into(); 16]).unwrap()).collect();
        while table.poll_transmit(EPOCH).is_some() {}
        for (n, id) in ids.into_iter().enumerate() {
            assert_eq!(table.respond(id, Lid((n % 7) as u16)), Ok([n as u64; 16]));
        }
        assert!(table.is_empty());
    };
    std::thread::Builder::new().stack_size(64 * 1024).spawn(body).unwrap().join().unwrap();
}
