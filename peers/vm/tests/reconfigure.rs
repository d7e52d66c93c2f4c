//! Moving a live queue pair to another route: by draining it, by resetting it, and what an adapter says that does not migrate.

#![allow(clippy::std_instead_of_alloc, reason = "there is an operating system")]
#![allow(clippy::disallowed_methods, reason = "tests read the clock")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod verbs_support;

use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use core::time::Duration;
use std::time::Instant;

use ib_mad::{Gid, Psn};
use machine::{End, Machine};
use transport::verbs::{
    ConnectionConfig, Lost, Modification, Route, State, Strategy, VerbsError, WorkId, WorkStatus,
};

use verbs_support::{LIMIT, PathFault, Side, gid, impatient, pair, patient, reconnect};

/// Writes under way at a time.
const WINDOW: u64 = 16;

/// Traffic that goes on in a thread until it is told to end: each write puts its number to the peer's memory.
#[derive(Default)]
struct Traffic {
    completed: AtomicU64,
    is_over: AtomicBool,
}

impl Traffic {
    /// Write until it is over, and return how many writes there were. Every one has to end well, and in order.
    fn run(&self, side: &Side) -> u64 {
        let (mut posted, mut completed) = (0, 0);
        loop {
            while !self.is_over.load(Ordering::Relaxed) && posted < completed + WINDOW {
                posted += 1;
                let at = 8 * (posted % WINDOW) as usize;
                side.memory.store(at, posted).unwrap();
                let local = side.memory.part(at..at + 8).unwrap();
                side.queue_pair.write(WorkId(posted), local, side.remote.at(at as u64, 8).unwrap()).unwrap();
            }
            if completed == posted {
                return posted;
            }
            completed += 1;
            assert_eq!(side.done().id, WorkId(completed));
            self.completed.store(completed, Ordering::Relaxed);
        }
    }

    /// Wait until as many more writes have ended.
    fn wait_for_more(&self, count: u64) {
        let (begun, before) = (Instant::now(), self.completed.load(Ordering::Relaxed));
        while self.completed.load(Ordering::Relaxed) < before + count {
            assert!(begun.elapsed() < LIMIT, "the traffic has stopped");
            std::thread::yield_now();
        }
    }

    /// Let writes go while `moves` happens.
    fn during(zero: &Side, one: &Side, moves: impl FnOnce(&Self)) {
        let traffic = Self::default();
        let written = std::thread::scope(|scope| {
            let thread = scope.spawn(|| traffic.run(zero));
            traffic.wait_for_more(50);
            moves(&traffic);
            traffic.is_over.store(true, Ordering::Relaxed);
            thread.join().unwrap()
        });
        for number in written - WINDOW + 1..=written {
            assert_eq!(one.memory.load(8 * (number % WINDOW) as usize).unwrap(), number, "of {written}");
        }
    }
}

/// The route from a side's address of a path to the other's.
fn route(from: &Side, end: End, path: usize) -> Route {
    let far = if end == End::Zero { End::One } else { End::Zero };
    let port = from.queue_pair.port().with_gid(gid(end.addresses()[path])).unwrap();
    port.route_to(gid(far.addresses()[path]), ib_mad::Lid(0))
}

#[test]
fn draining_changes_the_traffic_class_and_loses_nothing() {
    let _machine = Machine::this();
    let (zero, one) = pair(0, 4096, &patient());
    let route = zero.route_to(one.introduction.gid);
    Traffic::during(&zero, &one, |traffic| {
        for class in [0x20, 0x40, 0x60, 0, 0x80] {
            zero.queue_pair.drain_to(route.with_traffic_class(class), LIMIT).unwrap();
            let attributes = zero.queue_pair.attributes().unwrap();
            assert_eq!((attributes.traffic_class, attributes.state()), (class, Some(State::ReadyToSend)));
            traffic.wait_for_more(50);
        }
    });
}

#[test]
fn draining_moves_both_ends_to_other_addresses_and_loses_nothing() {
    let machine = Machine::this();
    let (zero, one) = pair(0, 4096, &patient());
    Traffic::during(&zero, &one, |traffic| {
        for path in [1, 0, 1] {
            // Until both are done, what one sends the other does not take: it is sent again.
            zero.queue_pair.drain_to(route(&zero, End::Zero, path), LIMIT).unwrap();
            one.queue_pair.drain_to(route(&one, End::One, path), LIMIT).unwrap();
            let destination = gid(End::One.addresses()[path]);
            assert_eq!(zero.queue_pair.attributes().unwrap().destination, destination);
            // The old path is of no more use to anybody.
            let cut = PathFault::new(&machine, 1 - path, "loss 100%");
            traffic.wait_for_more(50);
            drop(cut);
        }
    });
}

/// The lost writes and those whose completion came, which are done.
fn split(side: &Side, lost: &Lost) -> (Vec<u64>, Vec<u64>) {
    let mut done = Vec::new();
    side.completions.poll(|completion| done.push(completion.done().unwrap().id.0)).unwrap();
    (lost.sends.iter().map(|id| id.0).collect(), done)
}

/// Write numbers to places of their own.
fn write_numbers(side: &Side, numbers: impl IntoIterator<Item = u64>) {
    for number in numbers {
        let at = 8 * number as usize;
        side.memory.store(at, number).unwrap();
        let local = side.memory.part(at..at + 8).unwrap();
        side.queue_pair.write(WorkId(number), local, side.remote.at(at as u64, 8).unwrap()).unwrap();
    }
}

#[test]
fn a_reset_says_what_is_lost() {
    let machine = Machine::this();
    // With a path that is cut, nothing of it arrives; with one that works, a part has ended, and nobody knows which.
    for is_cut in [true, false] {
        let (mut zero, mut one) = pair(0, 4096, &patient());
        let fault = is_cut.then(|| PathFault::new(&machine, 0, "loss 100%"));
        one.queue_pair.receive(WorkId(77), one.memory.part(0..8).unwrap()).unwrap();
        write_numbers(&zero, 1..100);
        let lost = zero.queue_pair.reset().unwrap();
        let (lost, done) = split(&zero, &lost);
        assert_eq!([done.clone(), lost.clone()].concat(), (1..100).collect::<Vec<_>>(), "cut: {is_cut}");
        assert!(!is_cut || done.is_empty());
        assert_eq!(one.queue_pair.reset().unwrap().receives, [WorkId(77)]);
        assert_eq!(zero.queue_pair.outstanding(), 0);
        drop(fault);

        reconnect(&mut zero, &mut one, &patient()).unwrap();
        write_numbers(&zero, lost.iter().copied());
        for number in &lost {
            assert_eq!(zero.done().id, WorkId(*number));
        }
        for number in 1..100 {
            assert_eq!(one.memory.load(8 * number as usize).unwrap(), number);
        }
    }
}

#[test]
fn a_reset_moves_to_other_addresses_with_traffic_under_way() {
    let machine = Machine::this();
    let (mut zero, mut one) = pair(0, 4096, &patient());
    write_numbers(&zero, 1..50);
    // The path dies under them, and the second is taken.
    let cut = PathFault::new(&machine, 0, "loss 100%");
    write_numbers(&zero, 50..100);
    let config = patient();
    let routes = [route(&zero, End::Zero, 1), route(&one, End::One, 1)];
    for side in [&mut zero, &mut one] {
        side.introduction.psn = Psn::new(side.introduction.psn.get() + 0x10_0000).unwrap();
    }
    let (own, peer) = (zero.introduction.clone(), one.introduction.clone());
    // The peer resets when it is told, before it answers.
    let lost = zero
        .queue_pair
        .reset_to(routes[0], &own, &config, |own| {
            one.queue_pair.reset_to(routes[1], &peer, &config, |_| Ok(own.clone()))?;
            Ok(peer.clone())
        })
        .unwrap();
    let (lost, done) = split(&zero, &lost);
    assert_eq!([done, lost.clone()].concat(), (1..100).collect::<Vec<_>>());
    assert!(lost.iter().rev().take(50).eq((50..100).rev().collect::<Vec<_>>().iter()), "{lost:?}");
    write_numbers(&zero, lost.iter().copied());
    for number in &lost {
        assert_eq!(zero.done().id, WorkId(*number));
    }
    for number in 1..100 {
        assert_eq!(one.memory.load(8 * number as usize).unwrap(), number);
    }
    drop(cut);
}

#[test]
fn an_end_that_was_reset_alone_writes_into_the_void() {
    let _machine = Machine::this();
    let (zero, one) = pair(0, 4096, &patient());
    write_numbers(&zero, 1..10);
    (1..10).for_each(|number| assert_eq!(zero.done().id, WorkId(number)));
    zero.queue_pair.reset().unwrap();
    zero.queue_pair.initialize(patient().access).unwrap();
    let mut again = Side { introduction: zero.introduction.clone(), ..zero };
    again.connect(&one.introduction, &patient()).unwrap();
    one.memory.store(8, 0).unwrap();
    write_numbers(&again, [1]);
    assert_eq!(again.next().status, WorkStatus::Success, "it is taken for a repetition");
    assert_eq!(one.memory.load(8).unwrap(), 0, "and dropped: both ends have to be reset");
}

#[test]
fn an_adapter_that_does_not_migrate_drains() {
    let _machine = Machine::this();
    let (zero, one) = pair(0, 4096, &patient());
    let route = zero.route_to(one.introduction.gid).with_traffic_class(0x20);
    let refusal = zero.queue_pair.migrate_to(route, &patient(), LIMIT).unwrap_err().to_string();
    assert!(refusal.contains("ibv_modify_qp with ALT_PATH | PATH_MIG_STATE"), "{refusal}");
    Traffic::during(&zero, &one, |traffic| {
        assert_eq!(zero.queue_pair.move_to(route, &patient(), LIMIT).unwrap(), Strategy::Drain);
        assert_eq!(zero.queue_pair.attributes().unwrap().traffic_class, 0x20);
        traffic.wait_for_more(50);
    });
}

/// What is sent again for ever.
fn for_ever() -> ConnectionConfig {
    ConnectionConfig { retries: 7, ..impatient() }
}

#[test]
fn a_queue_pair_on_a_dead_path_cannot_be_drained_and_goes_on() {
    let machine = Machine::this();
    let (zero, one) = pair(0, 4096, &for_ever());
    let cut = PathFault::new(&machine, 0, "loss 100%");
    write_numbers(&zero, 1..5);
    let route = zero.route_to(one.introduction.gid).with_traffic_class(0x20);
    let limit = Duration::from_millis(300);
    let error = zero.queue_pair.drain_to(route, limit).unwrap_err();
    assert!(matches!(error, VerbsError::NotDrained { outstanding: 4, .. }), "{error}");
    assert!(error.to_string().ends_with("the path may be dead: reset the queue pair instead"), "{error}");
    let attributes = zero.queue_pair.attributes().unwrap();
    assert_eq!((attributes.state(), attributes.traffic_class), (Some(State::ReadyToSend), 0));
    // Nothing was lost by trying, and later it works.
    drop(cut);
    (1..5).for_each(|number| assert_eq!(zero.done().id, WorkId(number)));
    zero.queue_pair.drain_to(route, LIMIT).unwrap();
    write_numbers(&zero, [5]);
    assert_eq!(zero.done().id, WorkId(5));
}

#[test]
fn a_queue_pair_that_has_failed_cannot_be_drained() {
    let machine = Machine::this();
    let (mut zero, mut one) = pair(0, 4096, &impatient());
    let cut = PathFault::new(&machine, 0, "loss 100%");
    write_numbers(&zero, 1..3);
    let route = zero.route_to(one.introduction.gid).with_traffic_class(0x20);
    let error = zero.queue_pair.drain_to(route, LIMIT).unwrap_err();
    assert!(matches!(error, VerbsError::WrongState { state: Some(State::Error), .. }), "{error}");
    // What became of the work was kept for the next poll.
    assert_eq!(zero.next().status, WorkStatus::RetriesExceeded);
    assert_eq!(zero.next().status, WorkStatus::Flushed);
    drop(cut);
    reconnect(&mut zero, &mut one, &impatient()).unwrap();
    write_numbers(&zero, [3]);
    zero.done();
}

#[test]
fn a_route_that_leads_nowhere_is_refused_and_the_old_one_kept() {
    let _machine = Machine::this();
    let (zero, one) = pair(0, 4096, &patient());
    let nowhere = Route { destination: gid("10.77.0.99"), ..zero.route_to(one.introduction.gid) };
    let refusal = zero.queue_pair.drain_to(nowhere, LIMIT).unwrap_err();
    assert!(refusal.to_string().contains("ibv_modify_qp with STATE | AV: "), "{refusal}");
    assert_eq!(zero.queue_pair.attributes().unwrap().destination, one.introduction.gid);
    write_numbers(&zero, [1]);
    assert_eq!(zero.done().id, WorkId(1));

    let wrong = Route { source_gid_index: 200, ..zero.route_to(one.introduction.gid) };
    let refusal = zero.queue_pair.drain_to(wrong, LIMIT).unwrap_err();
    assert!(matches!(refusal, VerbsError::Modify { .. }), "{refusal}");
    write_numbers(&zero, [2]);
    assert_eq!(zero.done().id, WorkId(2));
}

#[test]
fn a_change_outside_of_the_drained_state_names_what_was_refused() {
    let _machine = Machine::this();
    let (zero, one) = pair(0, 4096, &patient());
    let route = zero.route_to(one.introduction.gid).with_traffic_class(0x20);
    let refusal = zero.queue_pair.modify(&Modification::to(State::ReadyToSend).route(route)).unwrap_err();
    let said = format!("queue pair {}: ibv_modify_qp with STATE | AV: ", zero.queue_pair.number());
    assert!(refusal.to_string().starts_with(&said), "{refusal}");
    assert_ne!(zero.introduction.gid, Gid::default());
    write_numbers(&zero, [1]);
    zero.done();
}
