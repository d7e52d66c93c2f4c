use alloc::vec;
use alloc::vec::Vec;
use core::time::Duration;

use super::{
    Answer, LaunchError, Matched, Order, Requester, RequesterConfig, Response, Sequence, SequenceBits,
    SerialNumber, Stamp, TransactionType, UnmatchedReason,
};
use Order::{Ordered, Unordered};

const WRITE: TransactionType = TransactionType(2);

fn at(seconds: u64) -> Duration {
    Duration::from_secs((1 << 40) + seconds)
}

fn requester<const N: usize>(config: RequesterConfig) -> Requester<u32, N> {
    Requester::new(config).unwrap()
}

fn response(stamp: Stamp, answer: Answer) -> Response {
    let Stamp { sequence, serial } = stamp;
    Response { source: 0, vi: 0, sequence, kind: WRITE, serial, answer }
}

fn acknowledge<const N: usize>(requester: &mut Requester<u32, N>, stamp: Stamp) -> Vec<u32> {
    let mut done = Vec::new();
    let response = response(stamp, Answer::Acknowledged);
    let matched = requester.handle_response(&response, |item| done.push(item));
    assert_eq!(matched, Matched::Acknowledged { completed: done.len() });
    done
}

/// Launch `count` packets, the first one with item 0 and deadline 0.
fn launched<const N: usize>(requester: &mut Requester<u32, N>, order: Order, count: u32) -> Vec<Stamp> {
    (0..count).map(|item| requester.launch(order, WRITE, item, at(item.into())).unwrap()).collect()
}

fn relaunch_all<const N: usize>(requester: &mut Requester<u32, N>) -> Vec<(u32, Stamp)> {
    core::iter::from_fn(|| requester.relaunch(at(100), |_| ()).map(|again| (*again.item, again.stamp)))
        .collect()
}

#[test]
fn the_window_and_the_places_bound_what_is_outstanding() {
    let bits = SequenceBits::new(3).unwrap();
    let mut few = requester::<8>(RequesterConfig { bits, window: 3, ..RequesterConfig::DEFAULT });
    let stamps = launched(&mut few, Ordered, 3);
    assert_eq!(few.launch(Ordered, WRITE, 9, at(9)), Err(LaunchError::WindowFull));
    // Acknowledged, but behind one that is not: still outstanding.
    assert_eq!(acknowledge(&mut few, stamps[1]), vec![]);
    assert!(!few.can_launch(Ordered) && few.outstanding() == 3);
    assert_eq!(acknowledge(&mut few, stamps[0]), vec![0, 1]);
    assert!(few.can_launch(Ordered) && few.outstanding() == 1);

    let mut places = requester::<2>(RequesterConfig::DEFAULT);
    launched(&mut places, Ordered, 2);
    assert_eq!(places.launch(Ordered, WRITE, 9, at(9)), Err(LaunchError::WindowFull));
    let mut none = requester::<0>(RequesterConfig::DEFAULT);
    assert_eq!(none.launch(Ordered, WRITE, 9, at(9)), Err(LaunchError::WindowFull));
}

#[test]
fn unordered_packets_share_a_number_and_hold_up_the_ordered() {
    let mut requester =
        requester::<8>(RequesterConfig { first_serial: SerialNumber(u32::MAX), ..RequesterConfig::DEFAULT });
    launched(&mut requester, Ordered, 1);
    let stamps = launched(&mut requester, Unordered, 3);
    let expected = [0, 1, 2].map(|serial| Stamp { sequence: Sequence(1), serial: SerialNumber(serial) });
    assert_eq!(stamps, expected);
    assert_eq!(requester.launch(Ordered, WRITE, 9, at(9)), Err(LaunchError::UnorderedOutstanding));
    assert!(requester.can_launch(Unordered) && !requester.can_launch(Ordered));

    let first = Stamp { sequence: Sequence(0), serial: SerialNumber(u32::MAX) };
    assert_eq!(acknowledge(&mut requester, stamps[2]), vec![]);
    assert_eq!(acknowledge(&mut requester, first), vec![0]);
    assert_eq!(acknowledge(&mut requester, stamps[0]), vec![0]);
    assert!(!requester.can_launch(Ordered));
    assert_eq!(acknowledge(&mut requester, stamps[1]), vec![1, 2]);
    assert!(requester.can_launch(Ordered) && requester.is_idle());
}

#[test]
fn each_of_the_five_values_has_to_match() {
    let config = RequesterConfig { source: 0x51, vi: 7, ..RequesterConfig::DEFAULT };
    let mut requester = requester::<4>(config);
    let stamps = launched(&mut requester, Ordered, 2);
    let right = |stamp| Response { source: 0x51, vi: 7, ..response(stamp, Answer::Acknowledged) };
    let before = requester.clone();
    for (stamp, other) in [(stamps[0], stamps[1]), (stamps[1], stamps[0])] {
        let right = right(stamp);
        let wrong = [
            (Response { source: 0, ..right }, UnmatchedReason::Source),
            (Response { vi: 8, ..right }, UnmatchedReason::Vi),
            (Response { serial: SerialNumber(9), ..right }, UnmatchedReason::Serial),
            (Response { sequence: other.sequence, ..right }, UnmatchedReason::Sequence),
            (Response { kind: TransactionType(9), ..right }, UnmatchedReason::Kind),
        ];
        for (response, reason) in wrong {
            for answer in [Answer::Acknowledged, Answer::OutOfSequence] {
                let response = Response { answer, ..response };
                let matched = requester.handle_response(&response, |_| panic!("completed"));
                assert_eq!(matched, Matched::Unmatched(reason));
            }
        }
    }
    assert_eq!(requester, before);
    let right = right(stamps[1]);
    assert_eq!(requester.handle_response(&right, |_| ()), Matched::Acknowledged { completed: 0 });
    let again = requester.handle_response(&right, |_| ());
    assert_eq!(again, Matched::Unmatched(UnmatchedReason::AlreadyAcknowledged));
}

#[test]
fn numbers_begin_where_the_configuration_says() {
    let (first_sequence, first_serial) = (Sequence(255), SerialNumber(u32::MAX));
    let config = RequesterConfig { first_sequence, first_serial, window: 2, ..RequesterConfig::DEFAULT };
    let mut requester = requester::<8>(config);
    let stamps = launched(&mut requester, Ordered, 2);
    let expected = [(255, u32::MAX), (0, 0)];
    assert!(stamps.iter().map(|stamp| (stamp.sequence.0, stamp.serial.0)).eq(expected));
    // What is refused takes no number.
    assert_eq!(requester.launch(Ordered, WRITE, 9, at(9)), Err(LaunchError::WindowFull));
    assert_eq!((requester.sequence(), requester.next_serial()), (Sequence(1), SerialNumber(1)));
}

#[test]
fn an_ordered_failure_goes_back_over_what_is_acknowledged() {
    for (selective, again) in [(false, vec![1, 2, 3, 4]), (true, vec![1, 2, 4])] {
        let mut requester = requester::<8>(RequesterConfig { selective, ..RequesterConfig::DEFAULT });
        let stamps = launched(&mut requester, Ordered, 5);
        acknowledge(&mut requester, stamps[0]);
        acknowledge(&mut requester, stamps[3]);
        assert_eq!(requester.fail(|_| true), again.len());
        assert_eq!(requester.launch(Ordered, WRITE, 9, at(9)), Err(LaunchError::RelaunchPending));
        let sent = relaunch_all(&mut requester);
        assert!(sent.iter().map(|(item, _)| item).eq(&again));
        for (place, (item, stamp)) in sent.iter().enumerate() {
            assert_eq!(stamp.sequence, stamps[*item as usize].sequence);
            assert_eq!(stamp.serial, SerialNumber(5 + place as u32));
        }
        assert_eq!(requester.next_serial(), SerialNumber(5 + again.len() as u32));
        assert_eq!(requester.launch(Ordered, WRITE, 9, at(9)).unwrap().sequence, Sequence(5));
    }
}

#[test]
fn a_failure_spares_the_packets_before_it() {
    let mut requester = requester::<8>(RequesterConfig::DEFAULT);
    launched(&mut requester, Ordered, 3);
    assert_eq!(requester.fail(|&item| item == 1), 2);
    let left: Vec<_> = requester.unacknowledged().map(|packet| (*packet.item, packet.deadline)).collect();
    assert_eq!(left, [(0, Some(at(0))), (1, None), (2, None)]);
    // A second failure adds to the first.
    assert_eq!(requester.fail(|&item| item == 0), 3);
    assert_eq!(requester.next_deadline(), None, "nothing is on its way");
}

#[test]
fn unordered_packets_behind_a_failed_ordered_one_stay() {
    let mut requester = requester::<8>(RequesterConfig::DEFAULT);
    launched(&mut requester, Ordered, 2);
    requester.launch(Unordered, WRITE, 7, at(2)).unwrap();
    assert_eq!(requester.fail(|&item| item == 0), 2);
    assert_eq!(requester.expired(at(2)), Some(&7));
    assert_eq!(requester.fail(|&item| item == 7), 3);
    let sent = relaunch_all(&mut requester);
    assert!(sent.iter().map(|(item, _)| *item).eq([0, 1, 7]));
    // Responses are found, though serial numbers have begun anew in the middle.
    requester.fail(|&item| item == 7);
    let last = relaunch_all(&mut requester);
    assert_eq!(acknowledge(&mut requester, last[0].1), vec![]);
    assert_eq!(acknowledge(&mut requester, sent[0].1), vec![0]);
    assert_eq!(acknowledge(&mut requester, sent[1].1), vec![1, 7]);
}

#[test]
fn unordered_packets_fail_one_by_one() {
    let mut requester = requester::<8>(RequesterConfig::DEFAULT);
    let stamps = launched(&mut requester, Unordered, 4);
    acknowledge(&mut requester, stamps[2]);
    assert_eq!(requester.fail(|&item| item == 1), 1);
    assert_eq!(requester.next_deadline(), Some(at(0)));
    assert_eq!(relaunch_all(&mut requester).len(), 1);
    // Of the same number and type, but to the transmission before.
    let late = requester.handle_response(&response(stamps[1], Answer::Acknowledged), |_| ());
    assert_eq!(late, Matched::Unmatched(UnmatchedReason::Serial));
    // The packet that was launched again is due last.
    acknowledge(&mut requester, stamps[0]);
    assert_eq!(requester.next_deadline(), Some(at(3)));
    assert_eq!(requester.expired(at(3)), Some(&3));
    assert_eq!(requester.expired(at(2)), None);
}

#[test]
fn a_late_response_counts_until_the_packet_is_launched_again() {
    let mut requester = requester::<8>(RequesterConfig::DEFAULT);
    let stamps = launched(&mut requester, Ordered, 3);
    requester.fail(|_| true);
    assert_eq!(acknowledge(&mut requester, stamps[0]), vec![0]);
    assert_eq!(requester.relaunch_pending(), 2);
    let again = relaunch_all(&mut requester);
    for answer in [Answer::Acknowledged, Answer::OutOfSequence] {
        let matched = requester.handle_response(&response(stamps[1], answer), |_| ());
        assert_eq!(matched, Matched::Unmatched(UnmatchedReason::Serial));
    }
    assert_eq!(acknowledge(&mut requester, again[0].1), vec![1]);
    assert_eq!(acknowledge(&mut requester, again[1].1), vec![2]);
}

#[test]
fn a_refusal_names_the_packet_and_changes_nothing() {
    let mut requester = requester::<8>(RequesterConfig::DEFAULT);
    let stamps = launched(&mut requester, Ordered, 3);
    let before = requester.clone();
    let matched =
        requester.handle_response(&response(stamps[1], Answer::OutOfSequence), |_| panic!("completed"));
    assert_eq!(matched, Matched::Refused(&1));
    assert_eq!(requester, before);
}

/// As `acknowledge`, also for the writes before it.
fn acknowledge_all_before<const N: usize>(requester: &mut Requester<u32, N>, stamp: Stamp) -> Vec<u32> {
    let mut done = Vec::new();
    let response = response(stamp, Answer::Acknowledged);
    let matched =
        requester.handle_cumulative_response(&response, |kind, _| kind == WRITE, |item| done.push(item));
    assert_eq!(matched, Matched::Acknowledged { completed: done.len() });
    done
}

#[test]
fn an_acknowledgement_speaks_for_the_writes_before_it() {
    let mut requester = requester::<8>(RequesterConfig::DEFAULT);
    let stamps = launched(&mut requester, Ordered, 2);
    let read = requester.launch(Ordered, TransactionType(3), 2, at(2)).unwrap();
    let last = launched(&mut requester, Ordered, 2);
    assert_eq!(acknowledge_all_before(&mut requester, stamps[1]), vec![0, 1]);
    assert_eq!(requester.answered_by(&response(last[1], Answer::Acknowledged)), Ok(&1));
    // Asked about are those before it that have no acknowledgement.
    let mut asked = Vec::new();
    let is_covered = |kind, item: &u32| {
        asked.push((kind, *item));
        false
    };
    requester.handle_cumulative_response(&response(last[0], Answer::Acknowledged), is_covered, |_| ());
    assert_eq!(asked, [(TransactionType(3), 2)]);
    let only_the_read = |kind, _: &u32| {
        assert_eq!(kind, TransactionType(3), "the write before it is acknowledged");
        false
    };
    let mut copy = requester.clone();
    copy.handle_cumulative_response(&response(last[1], Answer::Acknowledged), only_the_read, |_| ());
    // The read's data have not come.
    assert_eq!(acknowledge_all_before(&mut requester, last[1]), vec![]);
    assert_eq!(requester.next_deadline(), Some(at(2)));
    let answer = Response { kind: TransactionType(3), ..response(read, Answer::Acknowledged) };
    assert_eq!(requester.answered_by(&answer), Ok(&2));
    let mut done = Vec::new();
    requester.handle_cumulative_response(&answer, |_, _| false, |item| done.push(item));
    assert_eq!(done, vec![2, 0, 1]);
    assert_eq!(requester.answered_by(&answer), Err(UnmatchedReason::Serial));
}

#[test]
fn what_an_acknowledgement_speaks_for_is_not_launched_again() {
    let mut requester = requester::<8>(RequesterConfig::DEFAULT);
    let stamps = launched(&mut requester, Ordered, 4);
    requester.fail(|&item| item >= 1);
    assert_eq!(requester.next_relaunch().map(|packet| *packet.item), Some(1));
    assert_eq!(acknowledge_all_before(&mut requester, stamps[2]), vec![0, 1, 2]);
    assert_eq!(
        (requester.relaunch_pending(), requester.next_relaunch().map(|packet| *packet.item)),
        (1, Some(3))
    );
    assert_eq!(relaunch_all(&mut requester).len(), 1);
    assert_eq!(requester.next_relaunch(), None);
}

#[test]
fn an_acknowledgement_speaks_for_itself_only_where_others_may_be_missing() {
    // Of a selective requester, and of unordered packets.
    let mut selective = requester::<8>(RequesterConfig { selective: true, ..RequesterConfig::DEFAULT });
    let stamps = launched(&mut selective, Ordered, 2);
    assert_eq!(acknowledge_all_before(&mut selective, stamps[1]), vec![]);
    let mut requester = requester::<8>(RequesterConfig::DEFAULT);
    launched(&mut requester, Ordered, 2);
    let stamps = launched(&mut requester, Unordered, 3);
    assert_eq!(acknowledge_all_before(&mut requester, stamps[2]), vec![0, 1]);
    assert_eq!(acknowledge_all_before(&mut requester, stamps[1]), vec![]);
    assert_eq!(acknowledge_all_before(&mut requester, stamps[0]), vec![0, 1, 2]);
}

#[test]
fn a_relaunch_can_revise_the_item() {
    let mut requester = requester::<8>(RequesterConfig::DEFAULT);
    launched(&mut requester, Ordered, 2);
    requester.fail(|_| true);
    let again = requester.relaunch(at(9), |item| *item += 40).unwrap();
    assert_eq!(*again.item, 40);
    assert_eq!((again.order, again.kind), (Ordered, WRITE));
}

#[test]
fn deadlines_never_go_back() {
    let mut requester = requester::<8>(RequesterConfig::DEFAULT);
    let first = requester.launch(Ordered, WRITE, 0, at(9)).unwrap();
    let second = requester.launch(Ordered, WRITE, 1, at(5)).unwrap();
    assert_eq!(requester.next_deadline(), Some(at(9)));
    acknowledge(&mut requester, first);
    assert_eq!(requester.next_deadline(), Some(at(9)));
    requester.fail(|_| true);
    let again = requester.relaunch(at(7), |_| ()).unwrap().stamp;
    assert_ne!(again, second);
    assert_eq!(requester.next_deadline(), Some(at(9)));
    acknowledge(&mut requester, again);
    // Nothing is outstanding: there is no earlier launch any more.
    requester.launch(Ordered, WRITE, 2, at(5)).unwrap();
    assert_eq!(requester.next_deadline(), Some(at(5)));
}

/// States that differ only in what is over are equal: it keeps an exhaustive search finite.
#[test]
fn what_is_over_leaves_no_trace() {
    // Two packets fail, and both are answered late.
    let run = |fails: bool| {
        let mut requester = requester::<8>(RequesterConfig::DEFAULT);
        let stamps = launched(&mut requester, Ordered, 3);
        if fails {
            assert_eq!(requester.fail(|&item| item > 0), 2);
        }
        stamps[1..].iter().for_each(|stamp| assert_eq!(acknowledge(&mut requester, *stamp), vec![]));
        requester
    };
    assert_eq!(run(true), run(false));

    // One is launched again, with another serial number, and everything is answered.
    let run = |fails: bool| {
        let mut requester = requester::<8>(RequesterConfig::DEFAULT);
        let mut stamps = launched(&mut requester, Unordered, 3);
        if fails {
            requester.fail(|&item| item == 0);
            stamps[0] = relaunch_all(&mut requester)[0].1;
        }
        stamps.iter().for_each(|stamp| drop(acknowledge(&mut requester, *stamp)));
        requester
    };
    let mut disturbed = run(true);
    assert_ne!(disturbed, run(false));
    disturbed.renumber(SerialNumber(3), |serial| serial);
    assert_eq!(disturbed, run(false));
}

#[test]
fn misfits_are_refused() {
    let bits = SequenceBits::new(2).unwrap();
    let new = |config| Requester::<u32, 4>::new(config).is_ok();
    assert!(new(RequesterConfig { bits, window: 2, ..RequesterConfig::DEFAULT }));
    assert!(!new(RequesterConfig { bits, window: 3, ..RequesterConfig::DEFAULT }));
    assert!(!new(RequesterConfig {
        bits,
        window: 1,
        first_sequence: Sequence(4),
        ..RequesterConfig::DEFAULT
    }));
}
