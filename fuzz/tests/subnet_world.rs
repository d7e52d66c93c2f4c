//! Managers on random fabrics with random faults: after the last one the subnet comes to rest, every pair of hosts has a path,
//! and no lane has a cycle. Each mutant must be found.
//!
//! `SEARCH_SCALE=n` takes n times as many seeds.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use core::time::Duration;

use bodies::subnet::{Bed, Kinds, Mutant, run};
use fabric::Conduct;
use subnet_manager::{Event, Fault, ManagerState, SweepReason};

fn scale() -> u64 {
    std::env::var("SEARCH_SCALE").map_or(1, |scale| scale.parse().expect("SEARCH_SCALE is a number"))
}

fn stands(seeds: u64, managers: usize, kinds: Kinds) {
    for seed in 0..seeds * scale() {
        let faults = 1 + seed as usize % 12;
        if let Err((finding, story)) = run(seed, managers, faults, kinds, Mutant::None) {
            panic!("seed {seed}: {finding}\n{}", story.join("\n"));
        }
    }
}

#[test]
fn cables_come_and_go() {
    stands(60, 1, Kinds::Links);
}

#[test]
fn everything_fails() {
    stands(60, 1, Kinds::All);
}

#[test]
fn everything_fails_managers_among_it() {
    stands(40, 3, Kinds::All);
}

fn found(mutant: Mutant, managers: usize) {
    let is_found = |seed| run(seed, managers, 1 + seed as usize % 12, Kinds::All, mutant).is_err();
    // Among seeds that a sound manager stands.
    assert!((0..40).any(is_found), "{mutant:?} is not found");
}

#[test]
fn each_rule_is_needed() {
    found(Mutant::Deaf, 1);
    found(Mutant::SkipsBlocks, 1);
    found(Mutant::OneLane, 1);
    found(Mutant::NeverPolls, 3);
}

#[test]
fn a_flood_of_traps_does_not_keep_the_manager_from_its_sweeps() {
    let topology = topology::load("ring:4").unwrap();
    let mut bed = Bed::new(&topology, 1, 1, Mutant::None);
    assert!(bed.settle(Duration::from_secs(5)));
    bed.take_events();
    let flapping = topology.switch_links().next().unwrap();
    let now = bed.now();
    // Every change is two traps.
    bed.fabric().flap(now, flapping.a, Duration::from_micros(200), 20_000).unwrap();
    bed.run(Duration::from_secs(3));
    let events = bed.take_events();
    let ups = events.iter().filter(|event| matches!(event, Event::SubnetUp(_))).count();
    let traps = events.iter().filter(|event| matches!(event, Event::Trap(_))).count();
    assert!(ups > 10 && traps > 100, "{ups} sweeps, {traps} traps");
    bed.run(Duration::from_secs(5));
    bed.check().unwrap();
}

#[test]
fn sweeps_in_vain_come_ever_more_rarely() {
    let topology = topology::load("ring:4").unwrap();
    let mut bed = Bed::new(&topology, 1, 1, Mutant::None);
    assert!(bed.settle(Duration::from_secs(5)));
    bed.take_events();
    let switch = topology.switches().next().unwrap();
    // Its name changes all the time: a trap that no sweep finds anything for.
    for change in 0..3000 {
        let now = bed.now();
        bed.fabric().set_description(now, switch, &format!("name {change}"));
        bed.run(Duration::from_millis(1));
    }
    let sweeps = bed
        .take_events()
        .into_iter()
        .filter(|event| *event == Event::SweepStarted(SweepReason::Trap))
        .count();
    assert!((3..30).contains(&sweeps), "{sweeps} sweeps in three seconds");
}

#[test]
fn a_switch_that_does_not_answer_stops_nobody_else() {
    for conduct in [Conduct::Silent, Conduct::Late(Duration::from_secs(1)), Conduct::WrongTransaction] {
        let topology = topology::load("torus:3x3").unwrap();
        let mut bed = Bed::new(&topology, 1, 1, Mutant::None);
        let bad = topology.switches().last().unwrap();
        bed.fabric().set_conduct(bad, conduct);
        bed.run(Duration::from_secs(2));
        assert!(bed.manager(0).is_up(), "{conduct:?}");
        assert_eq!(bed.manager(0).subnet().switches().len(), 8, "{conduct:?}");
        let is_silent = |fault: &Fault| matches!(fault, Fault::Silent { .. });
        assert_eq!(bed.manager(0).faults().filter(|fault| is_silent(fault)).count(), 4, "each link to it");
        bed.fabric().set_conduct(bad, Conduct::Proper);
        bed.run(Duration::from_secs(5));
        assert_eq!(bed.manager(0).faults().len(), 0, "{conduct:?}");
        bed.check().unwrap();
    }
}

#[test]
fn two_nodes_with_one_guid_are_named_and_the_rest_works() {
    let topology = topology::load("torus:3x3").unwrap();
    let mut bed = Bed::new(&topology, 1, 1, Mutant::None);
    let (first, twin) = (topology.switches().next().unwrap(), topology.switches().last().unwrap());
    let guid = ib_mad::Guid(topology.node_guid(first));
    bed.fabric().set_node_guid(twin, guid);
    bed.run(Duration::from_secs(2));
    let is_named =
        |fault: &Fault| matches!(fault, Fault::DuplicateGuid { guid: named, .. } if *named == guid);
    assert!(bed.manager(0).faults().any(is_named), "{:?}", bed.manager(0).faults().collect::<Vec<_>>());
    assert!(bed.manager(0).is_up());
    let subnet = bed.manager(0).subnet();
    let serving: Vec<_> = subnet.lids().collect();
    let from = subnet.manager_port.unwrap();
    let reached = serving.iter().filter(|(lid, _)| subnet.path(from, *lid).is_some()).count();
    assert!(reached >= 15, "{reached} of {} end ports: all but the twin and its host", serving.len());
}

#[test]
fn a_master_is_followed_by_the_next_in_rank() {
    let topology = topology::load("torus:3x3").unwrap();
    let mut bed = Bed::new(&topology, 3, 1, Mutant::None);
    bed.run(Duration::from_secs(10));
    let states = |bed: &Bed| [0, 1, 2].map(|number| bed.manager(number).state());
    assert_eq!(states(&bed), [ManagerState::Standby, ManagerState::Standby, ManagerState::Master]);
    bed.kill(2);
    bed.run(Duration::from_secs(10));
    assert_eq!(states(&bed)[..2], [ManagerState::Standby, ManagerState::Master]);
    bed.check().unwrap();
}
