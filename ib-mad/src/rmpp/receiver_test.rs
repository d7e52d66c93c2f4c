use alloc::vec::Vec;

use super::example_test::{START, peer, rmpp, segments, table, template, with};
use super::{Gathered, NotTakenReason, Received, Receiver, ReceiverLimits, RecordError, RmppFailure};
use crate::error::BufferTooSmall;
use crate::types::Lid;
use crate::wire::{MAD_LENGTH, PathRecord, RmppFlags, RmppHeader, RmppStatus, RmppType};

const LIMITS: ReceiverLimits = ReceiverLimits { window: 2, ..ReceiverLimits::DEFAULT };

type Mad = [u8; MAD_LENGTH];

/// Ten records: four segments, the first of 720 bytes in all, the last of 60.
fn example() -> Vec<Mad> {
    segments(&template(5, 8), &table(10))
}

fn begin(limits: ReceiverLimits, first: &Mad) -> Receiver<64> {
    Receiver::new(START, limits, peer(1), first).unwrap()
}

/// A receiver that has taken the first segments.
fn after(all: &[Mad], count: usize) -> Receiver<64> {
    let mut receiver = begin(LIMITS, &all[0]);
    for mad in &all[..count] {
        assert!(matches!(receiver.handle_segment(START, mad), Received::Data(_)));
        let _ = reply(&mut receiver);
    }
    receiver
}

/// Type, status, segment and window of what goes out.
fn reply(receiver: &mut Receiver<64>) -> Option<(RmppType, u8, u32, u32)> {
    let mut buffer = [0xFF; MAD_LENGTH];
    let transmit = receiver.poll_transmit(&mut buffer)?;
    assert_eq!((transmit.to, buffer[3]), (Lid(1), 0x12));
    let rmpp = rmpp(&buffer);
    assert_eq!((rmpp.version, rmpp.flags), (1, RmppFlags::ACTIVE));
    Some((rmpp.kind, rmpp.status.0, rmpp.segment, rmpp.length_or_window))
}

/// What a segment does to a receiver that has taken `count`: the failure, and the reply.
fn fails(count: usize, mad: &Mad) -> (RmppFailure, Option<(RmppType, u8, u32, u32)>) {
    let mut receiver = if count == 0 { begin(LIMITS, mad) } else { after(&example(), count) };
    let failure = match receiver.handle_segment(START, mad) {
        Received::Failed(failure) => failure,
        other => panic!("{other:?}"),
    };
    assert!(!receiver.is_receiving());
    (failure, reply(&mut receiver))
}

fn aborts(count: usize, mad: &Mad, status: u8) {
    let told = Some((RmppType::Abort, status, 0, 0));
    assert_eq!(fails(count, mad), (RmppFailure::Here(RmppStatus(status)), told));
}

#[test]
fn records_come_out_once_and_acknowledgements_open_the_window() {
    let all = example();
    let mut receiver = begin(LIMITS, &all[0]);
    let mut lids = Vec::new();
    let mut replies = Vec::new();
    for mad in &all {
        match receiver.handle_segment(START, mad) {
            Received::Data(part) => {
                lids.extend(part.records.typed::<PathRecord>().unwrap().map(|path| path.destination_lid().0));
            }
            other => panic!("{other:?}"),
        }
        replies.push(reply(&mut receiver).map(|(kind, _, segment, window)| (kind, segment, window)));
    }
    assert_eq!(lids, (1..=10).collect::<Vec<_>>());
    let ack = |segment, window| Some((RmppType::Ack, segment, window));
    assert_eq!(replies, [ack(1, 3), None, ack(3, 5), ack(4, 5)]);
}

#[test]
fn repetitions_deliver_nothing_and_are_acknowledged_until_the_end_of_the_linger() {
    let all = example();
    let mut receiver = after(&all, 2);
    assert!(matches!(receiver.handle_segment(START, &all[1]), Received::Repeated));
    assert_eq!(reply(&mut receiver), None, "it was not acknowledged before");
    assert!(matches!(receiver.handle_segment(START, &all[0]), Received::Repeated));
    assert_eq!(reply(&mut receiver), Some((RmppType::Ack, 0, 2, 3)));
    let mut receiver = after(&all, 4);
    assert!(matches!(receiver.handle_segment(START, &all[3]), Received::Repeated));
    assert_eq!(reply(&mut receiver), Some((RmppType::Ack, 0, 4, 5)));
    let over = START + LIMITS.linger;
    assert!(!receiver.is_over(START) && receiver.is_over(over));
    assert_eq!((receiver.poll_timeout(), receiver.poll_event(over)), (over, None));
}

#[test]
fn early_segments_are_not_kept_but_tell_what_is_there() {
    let all = example();
    let mut receiver = begin(ReceiverLimits::DEFAULT, &all[0]);
    let mut take = |number: usize| {
        let is_data = matches!(receiver.handle_segment(START, &all[number - 1]), Received::Data(_));
        (is_data, reply(&mut receiver).map(|reply| reply.2))
    };
    assert_eq!(
        [1, 2, 4, 4, 3, 4].map(&mut take),
        [(true, Some(1)), (true, None), (false, Some(2)), (false, None), (true, None), (true, Some(4))]
    );
}

#[test]
fn each_fault_of_the_sender_has_its_abort() {
    let all = example();
    let change = |number: usize, change: fn(&mut RmppHeader)| with(&all[number - 1], change);
    aborts(1, &change(2, |rmpp| rmpp.version = 0), 125);
    aborts(1, &change(2, |rmpp| rmpp.kind = RmppType::Other(5)), 121);
    aborts(1, &change(2, |rmpp| rmpp.kind = RmppType::None), 121);
    aborts(1, &change(2, |rmpp| rmpp.status = RmppStatus(1)), 124);
    aborts(1, &change(2, |rmpp| rmpp.flags.0 |= RmppFlags::FIRST.0), 120);
    aborts(1, &change(1, |rmpp| rmpp.flags = RmppFlags::ACTIVE), 120);
    aborts(1, &change(2, |rmpp| rmpp.segment = 0), 120);
    aborts(1, &change(4, |_| ()), 123); // beyond the window
    aborts(3, &change(4, |rmpp| rmpp.segment = 5), 123); // beyond the last
    aborts(1, &change(2, |rmpp| rmpp.flags.0 |= RmppFlags::LAST.0), 119);
    aborts(3, &change(4, |rmpp| rmpp.flags = RmppFlags::ACTIVE), 119);
    aborts(3, &change(4, |rmpp| rmpp.length_or_window = 61), 119);
    aborts(3, &change(4, |rmpp| rmpp.length_or_window = 280), 119);
    aborts(3, &change(4, |rmpp| rmpp.length_or_window = 0), 119);
    aborts(0, &change(1, |rmpp| rmpp.length_or_window = 220), 119);
    aborts(0, &change(1, |rmpp| rmpp.flags.0 |= RmppFlags::LAST.0), 119);
    aborts(1, &change(2, |rmpp| rmpp.kind = RmppType::Stop), 124);
    aborts(1, &change(2, |rmpp| rmpp.kind = RmppType::Abort), 124);
}

#[test]
fn a_sender_that_gives_up_ends_the_transfer() {
    let all = example();
    for (kind, status) in [(RmppType::Stop, 1), (RmppType::Abort, 118), (RmppType::Abort, 127)] {
        let mad = with(&all[1], |rmpp| (rmpp.kind, rmpp.status) = (kind, RmppStatus(status)));
        assert_eq!(fails(1, &mad), (RmppFailure::ByPeer(RmppStatus(status)), None));
    }
}

#[test]
fn messages_that_are_too_long_are_stopped() {
    let stopped = (RmppFailure::Here(RmppStatus::RESOURCES_EXHAUSTED), Some((RmppType::Stop, 1, 0, 0)));
    let long = with(&example()[0], |rmpp| rmpp.length_or_window = LIMITS.max_length + 1);
    assert_eq!(fails(0, &long), stopped);
    // One that does not say how long it is ends where the limit is.
    let all = segments(&template(5, 8), &table(100));
    let limits = ReceiverLimits { max_length: 440, ..LIMITS };
    let mut receiver = begin(limits, &all[0]);
    let first = with(&all[0], |rmpp| rmpp.length_or_window = 0);
    assert!(matches!(receiver.handle_segment(START, &first), Received::Data(_)));
    assert!(matches!(receiver.handle_segment(START, &all[1]), Received::Data(_)));
    assert!(
        matches!(receiver.handle_segment(START, &all[2]), Received::Failed(failure) if failure == stopped.0)
    );
    assert_eq!(reply(&mut receiver), stopped.1);
}

#[test]
fn a_transfer_without_an_end_is_aborted_and_stays_so() {
    let all = example();
    let mut receiver = after(&all, 1);
    let end = START + LIMITS.total_time;
    assert_eq!(receiver.poll_timeout(), end);
    assert_eq!(receiver.poll_event(end), Some(RmppFailure::Here(RmppStatus::TOTAL_TIME_TOO_LONG)));
    assert_eq!(receiver.poll_event(end), None);
    for _ in 0..2 {
        assert_eq!(reply(&mut receiver), Some((RmppType::Abort, 118, 0, 0)));
        assert!(matches!(receiver.handle_segment(end, &all[1]), Received::Repeated));
    }
}

#[test]
fn offsets_that_lie_end_the_transfer() {
    let told = Some((RmppType::Abort, 127, 0, 0));
    let mut changed = example()[1];
    changed[45] = 9;
    let error = RecordError::OffsetChanged { first: 64, got: 72 };
    assert_eq!(fails(1, &changed), (RmppFailure::Records(error), told));
    let large = segments(&template(5, 9), &table(10))[0];
    let error = RecordError::OffsetTooLarge { offset: 72, limit: 64 };
    assert_eq!(fails(0, &large), (RmppFailure::Records(error), told));
    let cut = segments(&template(5, 8), &table(1)[..63])[0];
    assert_eq!(fails(0, &cut), (RmppFailure::Records(RecordError::LeftOver { left_over: 63 }), told));
}

#[test]
fn only_a_first_segment_begins_and_only_its_transfer_goes_on() {
    let all = example();
    let none = NotTakenReason::NoTransfer;
    assert_eq!(Receiver::<64>::new(START, LIMITS, peer(1), &all[1]).err(), Some(none));
    let mut receiver = after(&all, 1);
    for place in [3, 15] {
        let mut other = all[1];
        other[place] ^= 1;
        assert!(
            matches!(receiver.handle_segment(START, &other), Received::NotTaken(reason) if reason == none)
        );
    }
    // An acknowledgement turns the direction of a whole message only.
    let turn = with(&all[1], |rmpp| {
        (rmpp.kind, rmpp.segment, rmpp.length_or_window) = (RmppType::Ack, 0, 5);
    });
    assert!(matches!(receiver.handle_segment(START, &turn), Received::NotTaken(_)));
    let mut whole = after(&all, 4);
    assert_eq!(whole.reply_window(), 1);
    assert!(matches!(whole.handle_segment(START, &turn), Received::Turned { window: 5 }));
    assert_eq!((whole.reply_window(), reply(&mut whole)), (5, None));
}

#[test]
fn a_message_can_be_gathered() {
    let all = example();
    let mut buffer = [0; 640];
    let mut gathered = Gathered::new(&mut buffer);
    let mut receiver = begin(LIMITS, &all[0]);
    for mad in &all {
        if let Received::Data(part) = receiver.handle_segment(START, mad) {
            gathered.add(&part).unwrap();
        }
    }
    assert_eq!(gathered.bytes(), table(10));
    assert_eq!(gathered.records().unwrap().typed::<PathRecord>().unwrap().count(), 10);
    let mut small = [0; 100];
    let mut receiver = begin(LIMITS, &all[0]);
    let Received::Data(part) = receiver.handle_segment(START, &all[0]) else { panic!() };
    let error = BufferTooSmall { what: "RMPP message", needed: 200, got: 100 };
    assert_eq!(Gathered::new(&mut small).add(&part), Err(error));
}
