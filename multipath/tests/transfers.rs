//! Transfers over paths that work, fail and return.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

extern crate alloc;

mod support;

use multipath::wire::{AdaptiveControl, Format, MAX_JUMBO_PAYLOAD, Packet};
use multipath::{
    Descriptor, DescriptorId, Discard, NextDescriptor, Ordering, Path, PathState, Region, RequesterEvent,
    ResponderConfig, ResponderHandled, ViConfig,
};
use support::{Pair, paths};

const VI: u16 = 1;
const REGION: Region = Region { start: 0, length: 4096, is_writable: true, is_readable: true };

fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|place| (place * 7 + place / 251) as u8).collect()
}

fn completed(pair: &Pair) -> Vec<u64> {
    let of = |event: &RequesterEvent| match event {
        RequesterEvent::Completed { descriptor: DescriptorId(number), .. } => Some(*number),
        _ => None,
    };
    pair.events.iter().filter_map(of).collect()
}

#[test]
fn messages_arrive_whole_and_in_order() {
    let mut pair = Pair::new(1, ViConfig::new(VI));
    let messages = [pattern(3000), pattern(0), pattern(512), pattern(513)];
    for message in &messages {
        pair.requester.post(pair.now, VI, Descriptor::send(message.clone())).unwrap();
    }
    let last = Descriptor::send(b"end".to_vec()).with_immediate(0xABCD_EF01);
    pair.requester.post(pair.now, VI, last).unwrap();
    pair.settle();
    assert_eq!(pair.memory.messages[..4], messages);
    assert_eq!(pair.memory.immediates, [0xABCD_EF01]);
    assert_eq!(completed(&pair), [0, 1, 2, 3, 4]);
    assert!(pair.requester.is_idle());
}

#[test]
fn writes_and_reads_reach_their_addresses() {
    for unordered in [false, true] {
        let mut pair = Pair::new(4, ViConfig::new(VI));
        let region = Region { start: 100, length: 20_000, is_writable: true, is_readable: true };
        pair.responder.open_region(VI, region).unwrap();
        let data = pattern(10_000);
        let (mut write, mut read) = (Descriptor::write(200, data.clone()), Descriptor::read(200, 10_000));
        if unordered {
            (write, read) = (write.unordered(), read.unordered());
        }
        pair.requester.post(pair.now, VI, write.with_immediate(5)).unwrap();
        pair.requester.post(pair.now, VI, read).unwrap();
        pair.settle();
        assert_eq!(pair.memory.bytes[200..10_200], data);
        assert_eq!(pair.memory.immediates, [5]);
        let mut got = vec![0; 10_000];
        for (offset, part) in &pair.read {
            let start = usize::try_from(*offset).unwrap();
            got[start..start + part.len()].copy_from_slice(part);
        }
        assert_eq!(got, data);
        assert_eq!(completed(&pair), [0, 1]);
    }
}

#[test]
fn unordered_packets_take_every_path_and_ordered_ones_a_single_one() {
    let mut pair = Pair::new(4, ViConfig::new(VI));
    let region = Region { start: 0, length: 1 << 16, is_writable: true, is_readable: false };
    pair.responder.open_region(VI, region).unwrap();
    pair.requester.post(pair.now, VI, Descriptor::send(pattern(2048))).unwrap();
    pair.pump();
    assert_eq!(pair.there.each_ref().map(|lane| lane.packets.len()), [4, 0, 0, 0]);
    pair.requester.post(pair.now, VI, Descriptor::write(0, pattern(4096)).unordered()).unwrap();
    pair.pump();
    // The write waits until the message is acknowledged: on other paths it would overtake it.
    assert_eq!(pair.there.each_ref().map(|lane| lane.packets.len()), [4, 0, 0, 0]);
    for _ in 0..4 {
        pair.deliver_there(0);
    }
    for _ in 0..4 {
        pair.deliver_back(0);
    }
    assert_eq!(pair.there.each_ref().map(|lane| lane.packets.len()), [2, 2, 2, 2]);
    // With one lane they take that.
    let mut packets = pair.there.iter().flat_map(|lane| &lane.packets);
    let lane = |bytes: &Vec<u8>| Packet::parse(bytes).unwrap().header.adaptive_control;
    assert!(packets.all(|bytes| lane(bytes) == AdaptiveControl::Lane0));
    // So does what follows the write.
    pair.requester.post(pair.now, VI, Descriptor::send(pattern(1))).unwrap();
    pair.pump();
    assert_eq!(pair.there.each_ref().map(|lane| lane.packets.len()), [2, 2, 2, 2]);
    pair.settle();
    assert_eq!(completed(&pair), [0, 1, 2]);
}

#[test]
fn the_next_descriptor_waits_for_acknowledgements_if_it_is_told_to() {
    let vi = ViConfig { next_descriptor: NextDescriptor::AfterAcknowledgement, ..ViConfig::new(VI) };
    let mut pair = Pair::new(1, vi);
    for _ in 0..2 {
        pair.requester.post(pair.now, VI, Descriptor::send(pattern(1024))).unwrap();
    }
    pair.pump();
    assert_eq!(pair.there[0].packets.len(), 2);
    pair.settle();
    assert_eq!(pair.memory.messages.len(), 2);
}

#[test]
fn one_outstanding_packet_takes_the_paths_in_turn() {
    let mut pair = Pair::new(2, ViConfig { ordering: Ordering::OneOutstanding, ..ViConfig::new(VI) });
    pair.requester.post(pair.now, VI, Descriptor::send(pattern(2048))).unwrap();
    let mut taken: Vec<usize> = Vec::new();
    for _ in 0..4 {
        pair.pump();
        let on: Vec<_> = (0..2).filter(|path| !pair.there[*path].packets.is_empty()).collect();
        taken.extend(&on);
        assert_eq!(on.len(), 1);
        pair.deliver_there(on[0]);
        pair.deliver_back(on[0]);
    }
    assert_eq!(taken, [0, 1, 0, 1]);
    assert_eq!(pair.memory.messages, [pattern(2048)]);
}

#[test]
fn a_lost_packet_is_refused_and_sent_again_without_a_barrier() {
    let mut pair = Pair::new(1, ViConfig::new(VI));
    pair.requester.post(pair.now, VI, Descriptor::send(pattern(5000))).unwrap();
    pair.pump();
    pair.there[0].packets.remove(2);
    pair.settle();
    assert_eq!(pair.memory.messages, [pattern(5000)]);
    assert_eq!(pair.requester.path_state(Path::ALL[0]), PathState::Good);
    assert_eq!(completed(&pair), [0]);
    assert!(pair.requester.repeated() >= 8);
}

/// A responder that is told to be silent says nothing to what comes too early: the requester waits for its deadline.
#[test]
fn a_silent_responder_passes_over_what_comes_too_early() {
    let config = ResponderConfig { refuses_gaps: false, ..ResponderConfig::new(paths(1).reversed(), 5) };
    let mut pair = Pair::with_responder(config, ViConfig::new(VI));
    pair.requester.post(pair.now, VI, Descriptor::send(pattern(2048))).unwrap();
    pair.pump();
    pair.there[0].packets.remove(1);
    let handled: Vec<_> = (0..3).map(|_| pair.deliver_there(0).unwrap()).collect();
    assert_eq!(handled, [ResponderHandled::Done, ResponderHandled::PassedOver, ResponderHandled::PassedOver]);
    assert_eq!(pair.back[0].packets.len(), 1);
    pair.settle();
    assert_eq!(pair.requester.repeated(), 0);
    pair.wait();
    assert_eq!((pair.requester.repeated(), &pair.memory.messages[..]), (3, &[pattern(2048)][..]));
}

#[test]
fn a_lost_acknowledgement_costs_nothing_when_a_later_one_comes() {
    let mut pair = Pair::new(2, ViConfig::new(VI));
    pair.requester.post(pair.now, VI, Descriptor::send(pattern(2048))).unwrap();
    pair.pump();
    while pair.deliver_there(0).is_some() {}
    pair.back[0].packets.drain(..3);
    pair.settle();
    assert_eq!(pair.events, [RequesterEvent::Completed { vi: VI, descriptor: DescriptorId(0) }]);
    assert_eq!(pair.requester.repeated(), 0);
}

#[test]
fn the_last_acknowledgement_lost_costs_a_barrier_on_the_same_path() {
    let mut pair = Pair::new(2, ViConfig::new(VI));
    pair.requester.post(pair.now, VI, Descriptor::send(pattern(2048))).unwrap();
    pair.pump();
    while pair.deliver_there(0).is_some() {}
    pair.back[0].packets.pop_back();
    pair.settle();
    assert_eq!(completed(&pair), []);
    pair.wait();
    assert_eq!(pair.memory.messages, [pattern(2048)]);
    assert_eq!(
        pair.events,
        [
            RequesterEvent::PathQuestioned(Path::ALL[0]),
            RequesterEvent::PathRestored(Path::ALL[0]),
            RequesterEvent::Completed { vi: VI, descriptor: DescriptorId(0) },
        ]
    );
}

#[test]
fn the_answer_to_an_ordered_read_is_waited_for() {
    let mut pair = Pair::new(1, ViConfig::new(VI));
    pair.responder
        .open_region(VI, Region { start: 0, length: 512, is_writable: false, is_readable: true })
        .unwrap();
    pair.memory.bytes[..512].copy_from_slice(&pattern(512));
    pair.requester.post(pair.now, VI, Descriptor::read(0, 512)).unwrap();
    pair.requester.post(pair.now, VI, Descriptor::send(pattern(9))).unwrap();
    pair.pump();
    while pair.deliver_there(0).is_some() {}
    pair.back[0].packets.pop_front();
    pair.settle();
    assert_eq!((completed(&pair), pair.read.len()), (vec![], 0));
    pair.wait();
    assert_eq!(completed(&pair), [0, 1]);
    assert_eq!((pair.read, pair.memory.messages), (vec![(0, pattern(512))], vec![pattern(9)]));
}

#[test]
fn jumbo_packets_carry_what_standard_ones_do() {
    for payload in [513, 9000, MAX_JUMBO_PAYLOAD] {
        for unordered in [false, true] {
            let mut pair = Pair::new(2, ViConfig::new(VI).with_payload(payload));
            let length = 2 * usize::from(payload) + 1;
            pair.memory.bytes = vec![0; length];
            let region = Region { start: 0, length: length as u64, is_writable: true, is_readable: true };
            pair.responder.open_region(VI, region).unwrap();
            let data = pattern(length);
            pair.requester.post(pair.now, VI, Descriptor::send(data.clone())).unwrap();
            let (mut write, mut read) =
                (Descriptor::write(0, data.clone()), Descriptor::read(0, length as u32));
            if unordered {
                (write, read) = (write.unordered(), read.unordered());
            }
            pair.requester.post(pair.now, VI, write).unwrap();
            pair.requester.post(pair.now, VI, read).unwrap();
            pair.pump();
            let formats = pair.there.iter().flat_map(|lane| &lane.packets);
            let formats: Vec<_> = formats.map(|bytes| Packet::parse(bytes).unwrap().header.format).collect();
            assert_eq!(formats[..2], [Format::Jumbo; 2]);
            assert_eq!(formats[2], Format::Standard);
            pair.settle();
            assert_eq!(completed(&pair), [0, 1, 2]);
            assert!(pair.memory.messages == [data.clone()] && pair.memory.bytes == data);
            assert_eq!(pair.read.iter().map(|(_, part)| part.len()).sum::<usize>(), length);
            assert!(pair.read.iter().all(|(offset, part)| data[*offset as usize..].starts_with(part)));
        }
    }
}

#[test]
fn several_interfaces_are_served_in_turn() {
    let mut pair = Pair::new(1, ViConfig { window: 2, ..ViConfig::new(VI) });
    pair.requester.open(pair.now, ViConfig { window: 2, ..ViConfig::new(2) }).unwrap();
    pair.settle();
    for vi in [VI, 2] {
        let region = Region { start: 0, length: 1 << 16, is_writable: true, is_readable: false };
        pair.responder.open_region(vi, region).unwrap();
        pair.requester.post(pair.now, vi, Descriptor::write(0, pattern(5 * 512))).unwrap();
    }
    let mut order = Vec::new();
    loop {
        pair.pump();
        let Some(bytes) = pair.there[0].packets.front() else { break };
        order.push(Packet::parse(bytes).unwrap().header.vi);
        pair.deliver_there(0);
        pair.deliver_back(0);
    }
    // Neither waits until the other has sent all.
    assert_eq!(order, [1, 1, 2, 2, 1, 1, 2, 2, 1, 2]);
}

/// On several lanes one packet may overtake another: nothing is concluded from that, and the barrier goes over each lane.
#[test]
fn a_path_with_lanes_keeps_no_order_among_unordered_packets() {
    let lanes = |pair: &Pair, path: usize| -> Vec<AdaptiveControl> {
        let packets = pair.there[path].packets.iter();
        packets.map(|bytes| Packet::parse(bytes).unwrap().header.adaptive_control).collect()
    };
    let mut pair = Pair::with_lanes(2, 3, ViConfig::new(VI));
    pair.requester.post(pair.now, VI, Descriptor::send(pattern(1000))).unwrap();
    pair.pump();
    assert_eq!(lanes(&pair, 0), [AdaptiveControl::Lane0; 2]);
    pair.settle();
    writing(&mut pair);
    assert_eq!(lanes(&pair, 1), [AdaptiveControl::Adaptive; 4]);
    let lost = pair.there[1].packets.remove(1);
    pair.settle();
    assert_eq!((completed(&pair), pair.requester.repeated()), (vec![0], 0));
    // Its time is over: each lane has a barrier of its own before it is sent again.
    pair.now = pair.requester.poll_timeout().unwrap();
    pair.requester.handle_timeout(pair.now);
    pair.pump();
    assert_eq!(lanes(&pair, 1), [AdaptiveControl::Lane0, AdaptiveControl::Lane1, AdaptiveControl::Lane2]);
    pair.settle();
    assert_eq!((completed(&pair), pair.requester.repeated()), (vec![0, 1], 1));
    pair.there[1].packets.extend(lost);
    pair.settle();
    assert_eq!(pair.discarded(Discard::OldIncarnation), 1);
}

/// An unordered write of so many packets, four on each of two paths, is on the way.
fn writing(pair: &mut Pair) {
    let region = Region { start: 0, length: 1 << 16, is_writable: true, is_readable: false };
    pair.responder.open_region(VI, region).unwrap();
    pair.requester.post(pair.now, VI, Descriptor::write(0, pattern(4096)).unordered()).unwrap();
    pair.pump();
    assert_eq!(pair.there.each_ref().map(|lane| lane.packets.len()), [4, 4, 0, 0]);
}

#[test]
fn a_lost_unordered_packet_is_sent_again_when_a_later_one_on_its_path_is_answered() {
    for is_answer in [false, true] {
        let mut pair = Pair::new(2, ViConfig::new(VI));
        writing(&mut pair);
        if is_answer {
            while pair.deliver_there(1).is_some() {}
            pair.back[1].packets.drain(1..3);
        } else {
            pair.there[1].packets.drain(1..3);
        }
        pair.settle();
        assert_eq!(pair.events, [RequesterEvent::Completed { vi: VI, descriptor: DescriptorId(0) }]);
        assert_eq!(pair.memory.bytes[..4096], pattern(4096));
        assert_eq!((pair.requester.repeated(), pair.requester.repeated_on(Path::ALL[1])), (2, 2));
    }
}

/// What is sent again takes its place behind what was sent before: its answer comes in order.
#[test]
fn a_loss_that_was_mended_leaves_no_disorder() {
    let mut pair = Pair::new(2, ViConfig::new(VI));
    for losses in 1..=3 {
        writing(&mut pair);
        pair.there[1].packets.remove(1);
        pair.settle();
        assert_eq!((completed(&pair).len(), pair.requester.repeated()), (losses, losses as u64));
    }
}

/// The first copy of what was sent again comes after it, and after the next write.
#[test]
fn an_overtaken_unordered_packet_changes_nothing_when_it_comes() {
    let mut pair = Pair::new(2, ViConfig::new(VI));
    writing(&mut pair);
    let late = pair.there[1].packets.remove(1).unwrap();
    pair.settle();
    pair.requester.post(pair.now, VI, Descriptor::write(0, vec![9; 4096]).unordered()).unwrap();
    pair.settle();
    assert_eq!(completed(&pair), [0, 1]);
    pair.there[1].packets.push_back(late);
    pair.settle();
    assert_eq!(pair.memory.bytes[..4096], [9; 4096]);
    assert_eq!(pair.discarded(Discard::OldIncarnation), 1);
}

/// Each path has its own order: what one answers tells nothing of another.
#[test]
fn a_loss_on_one_path_sends_nothing_again_on_another() {
    let mut pair = Pair::new(2, ViConfig::new(VI));
    writing(&mut pair);
    pair.there[1].packets.remove(0);
    while pair.deliver_there(1).is_some() {}
    while pair.deliver_back(1).is_some() {}
    assert_eq!([0, 1].map(|path| pair.requester.repeated_on(Path::ALL[path])), [0, 1]);
    pair.settle();
    assert_eq!((completed(&pair), pair.requester.repeated()), (vec![0], 1));
}

#[test]
fn nothing_is_concluded_on_a_path_that_does_not_keep_its_order() {
    // Its answers come in another order; or one comes that nobody waits for any more.
    for is_late in [false, true] {
        let mut pair = Pair::new(2, ViConfig::new(VI));
        writing(&mut pair);
        while pair.deliver_there(1).is_some() {}
        let first = pair.back[1].packets.pop_front().unwrap();
        pair.deliver_back(1);
        let repeated = pair.requester.repeated_on(Path::ALL[1]);
        assert_eq!(repeated, 1);
        if is_late {
            while pair.deliver_there(1).is_some() {}
            pair.settle();
        }
        pair.back[1].packets.push_front(first);
        pair.settle();
        assert_eq!(completed(&pair), [0]);
        writing(&mut pair);
        pair.there[1].packets.remove(1);
        pair.settle();
        assert_eq!(pair.requester.repeated_on(Path::ALL[1]), repeated);
        while completed(&pair).len() < 2 {
            pair.wait();
        }
    }
}

#[test]
fn a_cut_path_is_left_and_taken_again_when_it_returns() {
    let mut pair = Pair::new(2, ViConfig::new(VI));
    pair.requester.post(pair.now, VI, Descriptor::send(pattern(4096))).unwrap();
    pair.pump();
    // A copy stays on the way, and comes when the path was given up.
    let stale = pair.there[0].packets[3].clone();
    pair.deliver_there(0);
    pair.cut(0, true);
    while pair.memory.messages.is_empty() {
        pair.wait();
    }
    let of_paths: Vec<_> = pair
        .events
        .iter()
        .filter(|event| !matches!(event, RequesterEvent::Completed { .. }))
        .copied()
        .collect();
    assert_eq!(
        of_paths,
        [RequesterEvent::PathQuestioned(Path::ALL[0]), RequesterEvent::PathDown(Path::ALL[0])]
    );
    pair.there[0].packets.push_back(stale);
    pair.deliver_there(0);
    assert_eq!(pair.discarded(Discard::PathNotAccepted), 1);
    pair.cut(0, false);
    pair.events.clear();
    while pair.requester.path_state(Path::ALL[0]) != PathState::Good {
        pair.wait();
    }
    assert_eq!(pair.events, [RequesterEvent::PathUp(Path::ALL[0])]);
    assert_eq!(pair.memory.messages, [pattern(4096)]);
}

/// Who has waited for a failover gets the first packet before others are written.
#[test]
fn the_first_packet_on_another_path_goes_before_the_rest_is_written() {
    let mut pair = Pair::new(2, ViConfig::new(VI));
    let mut buffer = vec![0; 1 << 17];
    pair.cut(0, true);
    for number in 0..40_u8 {
        pair.requester.post(pair.now, VI, Descriptor::send(vec![number; 100])).unwrap();
    }
    // The packets, and then the write of the barrier, are lost.
    while pair.requester.path_state(Path::ALL[0]) != PathState::Suspended {
        pair.pump();
        pair.now = pair.requester.poll_timeout().unwrap();
        pair.requester.handle_timeout(pair.now);
        pair.settle();
    }
    assert!(pair.memory.messages.is_empty(), "the barrier may still come back");
    pair.now = pair.requester.poll_timeout().unwrap();
    pair.requester.handle_timeout(pair.now);
    let mut batches = || {
        let transmit = pair.requester.poll_transmit(pair.now, &mut buffer).unwrap()?;
        assert_eq!(transmit.path, Path::ALL[1]);
        Some(transmit.packets(&buffer).count())
    };
    assert_eq!((batches(), batches(), batches()), (Some(1), Some(39), None));
}

/// Let everything that is outstanding pass a time-out, and its barrier, without an answer.
fn give_the_path_up(pair: &mut Pair) {
    while pair.requester.path_state(Path::ALL[0]) != PathState::TellingDown {
        pair.now = pair.requester.poll_timeout().unwrap();
        pair.requester.handle_timeout(pair.now);
        pair.pump();
    }
}

/// What came over the failed path is not sent over the other, though its acknowledgements were lost.
#[test]
fn what_is_there_already_is_not_sent_again_on_another_path() {
    let mut pair = Pair::new(2, ViConfig::new(VI));
    pair.responder.open_region(VI, REGION).unwrap();
    for number in 0..20 {
        let data = pattern(100);
        let descriptor =
            if number < 10 { Descriptor::send(data) } else { Descriptor::write(100 * number, data) };
        pair.requester.post(pair.now, VI, descriptor).unwrap();
    }
    pair.pump();
    // Twelve arrive; of their acknowledgements none does.
    (0..12).for_each(|_| assert_eq!(pair.deliver_there(0), Some(ResponderHandled::Done)));
    pair.cut(0, true);
    give_the_path_up(&mut pair);
    pair.settle();
    assert_eq!(completed(&pair).len(), 20);
    assert_eq!(pair.requester.repeated(), 8, "those that had not arrived");
    assert_eq!(pair.memory.messages.len(), 10);
}

/// The number of a packet that was sent twice is that of its second copy.
#[test]
fn a_packet_that_came_twice_is_acknowledged_as_the_second() {
    let mut pair = Pair::new(2, ViConfig::new(VI));
    pair.requester.post(pair.now, VI, Descriptor::send(pattern(100))).unwrap();
    pair.pump();
    pair.deliver_there(0).unwrap();
    // The acknowledgement is lost, the barrier passes, and that of the second copy is lost too.
    pair.back[0].packets.clear();
    pair.now = pair.requester.poll_timeout().unwrap();
    pair.requester.handle_timeout(pair.now);
    pair.pump();
    while pair.requester.repeated() == 0 {
        assert!(pair.deliver_there(0).is_some() || pair.deliver_back(0).is_some());
    }
    while pair.deliver_there(0).is_some() {}
    pair.cut(0, true);
    give_the_path_up(&mut pair);
    pair.settle();
    assert_eq!(completed(&pair), [0]);
    assert_eq!(pair.requester.repeated(), 1, "the copy on the first path");
}

/// For a read no acknowledgement of another packet speaks: it is asked again on the other path.
#[test]
fn the_data_of_a_read_come_over_the_other_path() {
    let mut pair = Pair::new(2, ViConfig::new(VI));
    pair.responder.open_region(VI, REGION).unwrap();
    pair.memory.bytes[..100].copy_from_slice(&pattern(100));
    for descriptor in [Descriptor::send(pattern(10)), Descriptor::read(0, 100)] {
        pair.requester.post(pair.now, VI, descriptor).unwrap();
    }
    pair.pump();
    (0..2).for_each(|_| assert_eq!(pair.deliver_there(0), Some(ResponderHandled::Done)));
    pair.cut(0, true);
    give_the_path_up(&mut pair);
    pair.settle();
    assert_eq!(completed(&pair), [0, 1]);
    assert_eq!(pair.read, [(0, pattern(100))]);
    assert_eq!(pair.requester.repeated(), 1, "the read");
    assert_eq!(pair.memory.messages, [pattern(10)]);
}

/// Nor does one speak for an unordered packet: it is sent again on the other path.
#[test]
fn an_unordered_packet_goes_over_the_other_path_though_it_has_arrived() {
    let mut pair = Pair::new(2, ViConfig::new(VI));
    pair.responder.open_region(VI, REGION).unwrap();
    pair.requester.post(pair.now, VI, Descriptor::write(0, pattern(1024)).unordered()).unwrap();
    pair.pump();
    for path in [1, 0] {
        assert_eq!(pair.deliver_there(path), Some(ResponderHandled::Done));
    }
    pair.deliver_back(1).unwrap();
    pair.cut(0, true);
    give_the_path_up(&mut pair);
    pair.settle();
    assert_eq!((completed(&pair), pair.requester.repeated()), (vec![0], 1));
    assert_eq!(pair.memory.bytes[..1024], pattern(1024));
}
