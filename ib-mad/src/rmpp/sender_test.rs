use alloc::vec::Vec;
use core::time::Duration;

use super::example_test::{START, control, peer, rmpp, segments, table, template};
use super::{NotTakenReason, RmppFailure, Sender, SenderHandled, SenderLimits};
use crate::types::Lid;
use crate::wire::{MAD_LENGTH, RmppFlags, RmppStatus, RmppType};

const LIMITS: SenderLimits = SenderLimits::DEFAULT;
const HERE: fn(u8) -> SenderHandled = |status| SenderHandled::Failed(RmppFailure::Here(RmppStatus(status)));

/// A sender of ten records, four segments, of which it has sent the first.
fn sender() -> Sender<Vec<u8>> {
    let mut sender = Sender::new(START, LIMITS, peer(7), &template(5, 8), table(10)).unwrap();
    assert_eq!(sent(&mut sender, START), [1]);
    sender
}

/// Numbers of the data segments that it sends.
fn sent(sender: &mut Sender<Vec<u8>>, now: Duration) -> Vec<u32> {
    let mut buffer = [0xFF; MAD_LENGTH];
    let mut numbers = Vec::new();
    while let Some(transmit) = sender.poll_transmit(now, &mut buffer) {
        assert_eq!(transmit.to, Lid(7));
        if rmpp(&buffer).kind == RmppType::Data {
            numbers.push(rmpp(&buffer).segment);
        }
    }
    numbers
}

fn handle(
    sender: &mut Sender<Vec<u8>>,
    kind: RmppType,
    status: u8,
    segment: u32,
    window: u32,
) -> SenderHandled {
    let mad = control(&template(5, 8), kind, status, segment, window);
    sender.handle_segment(START, Lid(7), &with_active(mad))
}

fn with_active(mad: [u8; MAD_LENGTH]) -> [u8; MAD_LENGTH] {
    super::example_test::with(&mad, |header| header.version = 1)
}

fn ack(sender: &mut Sender<Vec<u8>>, segment: u32, window: u32) -> SenderHandled {
    handle(sender, RmppType::Ack, 0, segment, window)
}

/// The status of the abort that goes out.
fn abort(sender: &mut Sender<Vec<u8>>) -> Option<u8> {
    let mut buffer = [0xFF; MAD_LENGTH];
    sender.poll_transmit(START, &mut buffer)?;
    assert_eq!((rmpp(&buffer).kind, buffer[3]), (RmppType::Abort, 0x92));
    Some(rmpp(&buffer).status.0)
}

#[test]
fn payload_lengths_count_the_class_header_of_each_segment() {
    let all: Vec<_> = segments(&template(5, 8), &table(10)).iter().map(|mad| rmpp(mad)).collect();
    let fields: Vec<_> = all.iter().map(|rmpp| (rmpp.segment, rmpp.flags.0, rmpp.length_or_window)).collect();
    // 640 bytes and four headers of 20; 40 bytes in the last.
    assert_eq!(fields, [(1, 3, 720), (2, 1, 0), (3, 1, 0), (4, 5, 60)]);
    let single = rmpp(&segments(&template(5, 8), &table(1))[0]);
    assert_eq!((single.flags.0, single.length_or_window), (7, 84));
    let empty = rmpp(&segments(&template(5, 0), &[])[0]);
    assert_eq!((empty.flags.0, empty.length_or_window), (7, 20));
    // A class without a header of its own has 220 bytes for the message.
    let mut plain = template(5, 8);
    (plain[1], plain[2]) = (0x07, 1);
    let plain = segments(&plain, &[9; 221]);
    assert_eq!(plain.iter().map(|mad| rmpp(mad).length_or_window).collect::<Vec<_>>(), [221, 1]);
    assert_eq!((plain[0][36], plain[0][255], plain[1][36], plain[1][37]), (9, 9, 9, 0));
}

#[test]
fn the_window_is_kept_and_opens_with_acknowledgements() {
    let mut sender = sender();
    assert_eq!(ack(&mut sender, 1, 3), SenderHandled::Progress);
    assert_eq!(sent(&mut sender, START), [2, 3]);
    assert_eq!(ack(&mut sender, 1, 3), SenderHandled::NotTaken(NotTakenReason::OldAck));
    assert_eq!(ack(&mut sender, 3, 67), SenderHandled::Progress);
    assert_eq!(sent(&mut sender, START), [4]);
    assert_eq!(sender.progress(), (4, 3));
    assert_eq!(ack(&mut sender, 4, 67), SenderHandled::Delivered);
    assert_eq!((sender.poll_timeout(), sender.is_sending()), (None, false));
    assert_eq!(ack(&mut sender, 4, 67), SenderHandled::NotTaken(NotTakenReason::Ended));
    assert_eq!(sender.poll_event(START + Duration::from_secs(100)), None);
}

#[test]
fn a_time_out_repeats_from_the_last_acknowledged_segment() {
    let mut sender = sender();
    let _ = ack(&mut sender, 1, 10);
    assert_eq!(sent(&mut sender, START), [2, 3, 4]);
    let _ = ack(&mut sender, 2, 10);
    let mut now = START;
    for _ in 0..LIMITS.retries {
        now = sender.poll_timeout().unwrap();
        assert_eq!(sent(&mut sender, now - Duration::from_millis(1)), []);
        assert_eq!(sent(&mut sender, now), [3, 4]);
        assert_eq!(sender.poll_event(now), None);
    }
    now += LIMITS.ack_timeout;
    assert_eq!(sent(&mut sender, now), []);
    let too_many = RmppStatus::TOO_MANY_RETRIES;
    assert_eq!(sender.poll_event(now), Some(RmppFailure::Here(too_many)));
    assert_eq!(sender.poll_event(now), None);
    assert_eq!(abort(&mut sender), Some(126));
}

#[test]
fn a_shut_window_is_asked_about_and_never_passed() {
    let mut sender = sender();
    assert_eq!(ack(&mut sender, 1, 1), SenderHandled::Progress);
    let now = START + LIMITS.ack_timeout;
    assert_eq!(sent(&mut sender, now), [1]);
}

#[test]
fn progress_gives_retries_back_but_not_time() {
    let mut sender = sender();
    let mut now = START;
    for segment in 1..4 {
        for _ in 0..LIMITS.retries {
            now += LIMITS.ack_timeout;
            assert_eq!(sent(&mut sender, now), [segment]);
        }
        let mad = with_active(control(&template(5, 8), RmppType::Ack, 0, segment, segment + 1));
        assert_eq!(sender.handle_segment(now, Lid(7), &mad), SenderHandled::Progress);
        assert_eq!(sent(&mut sender, now), [segment + 1]);
    }
    let late = START + LIMITS.total_time;
    assert_eq!(sent(&mut sender, late), []);
    assert_eq!(sender.poll_event(late), Some(RmppFailure::Here(RmppStatus::TOTAL_TIME_TOO_LONG)));
    assert_eq!(abort(&mut sender), Some(118));
}

#[test]
fn each_fault_of_the_receiver_has_its_abort() {
    let faults: [(RmppType, u8, u32, u32, u8); 8] = [
        (RmppType::Ack, 1, 1, 2, 124),
        (RmppType::Ack, 0, 1, 0, 122),
        (RmppType::Ack, 0, 2, 3, 123),
        (RmppType::Ack, 0, 5, 9, 123),
        (RmppType::Stop, 2, 0, 0, 124),
        (RmppType::Abort, 117, 0, 0, 124),
        (RmppType::Abort, 128, 0, 0, 124),
        (RmppType::Other(7), 0, 0, 0, 121),
    ];
    for (kind, status, segment, window, expected) in faults {
        let mut sender = sender();
        assert_eq!(handle(&mut sender, kind, status, segment, window), HERE(expected), "{kind:?} {status}");
        assert_eq!(abort(&mut sender), Some(expected));
        assert_eq!(sent(&mut sender, START + Duration::from_secs(5)), []);
    }
    let mut shrinks = sender();
    let _ = ack(&mut shrinks, 1, 4);
    let _ = sent(&mut shrinks, START);
    assert_eq!(ack(&mut shrinks, 2, 3), HERE(122));
    let mut version = sender();
    let mad = control(&template(5, 8), RmppType::Ack, 0, 1, 2);
    let mad = super::example_test::with(&mad, |header| header.version = 2);
    assert_eq!(version.handle_segment(START, Lid(7), &mad), HERE(125));
}

#[test]
fn stops_and_aborts_of_the_receiver_end_the_transfer_silently() {
    let statuses = (118..=127).map(|status| (RmppType::Abort, status)).chain([(RmppType::Stop, 1)]);
    for (kind, status) in statuses {
        let mut sender = sender();
        let failure = RmppFailure::ByPeer(RmppStatus(status));
        assert_eq!(handle(&mut sender, kind, status, 0, 0), SenderHandled::Failed(failure));
        assert_eq!(abort(&mut sender), None);
        assert_eq!(sender.poll_timeout(), None);
    }
}

#[test]
fn what_is_not_about_the_transfer_changes_nothing() {
    let sender = sender();
    let ack = with_active(control(&template(5, 8), RmppType::Ack, 0, 1, 2));
    let none = SenderHandled::NotTaken(NotTakenReason::NoTransfer);
    for (place, from, expected) in [
        (1, 7, none),                                                // another class
        (3, 7, none),                                                // another method
        (15, 7, none),                                               // another transaction
        (26, 7, SenderHandled::NotTaken(NotTakenReason::NotActive)), // flags
        (255, 8, none),                                              // another node
    ] {
        let mut other = sender.clone();
        let mut mad = ack;
        mad[place] ^= if place == 1 { 4 } else { 1 };
        assert_eq!(other.handle_segment(START, Lid(from), &mad), expected, "{place}");
        assert_eq!(other, sender);
    }
    // The upper half of a transaction id is the transport's.
    let mut mad = ack;
    mad[8..12].fill(0xAB);
    assert_eq!(sender.clone().handle_segment(START, Lid(7), &mad), SenderHandled::Progress);
    let malformed = sender.clone().handle_segment(START, Lid(7), &ack[..200]);
    assert!(matches!(malformed, SenderHandled::NotTaken(NotTakenReason::Malformed(_))));
}

#[test]
fn a_double_sided_transfer_turns_and_says_so_again() {
    let mut sender = Sender::new(START, LIMITS, peer(7), &template(5, 8), table(1)).unwrap().double_sided();
    let _ = sent(&mut sender, START);
    let mut answered = sender.clone();
    for expected in [SenderHandled::Delivered, SenderHandled::NotTaken(NotTakenReason::Ended)] {
        assert_eq!(ack(&mut sender, 1, 1), expected);
        let mut buffer = [0xFF; MAD_LENGTH];
        assert!(sender.poll_transmit(START, &mut buffer).is_some());
        let turn = rmpp(&buffer);
        assert_eq!((turn.kind, turn.segment, turn.length_or_window), (RmppType::Ack, 0, 1));
        assert_eq!((turn.flags, buffer[3]), (RmppFlags::ACTIVE, 0x92));
        assert!(sender.poll_transmit(START, &mut buffer).is_none());
    }
    assert!(answered.answered() && !answered.answered());
    assert_eq!((answered.poll_timeout(), answered.progress()), (None, (1, 1)));
}
