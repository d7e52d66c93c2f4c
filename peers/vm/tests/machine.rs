//! The machine is what the other tests take it for.

#![allow(clippy::std_instead_of_alloc, clippy::disallowed_methods, reason = "it reads files and the clock")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use core::time::Duration;
use std::fs;
use std::time::Instant;

use machine::{End, Machine, run};

const ENDS: [End; 2] = [End::Zero, End::One];

fn state(end: End) -> String {
    fs::read_to_string(format!("/sys/class/infiniband/{}/ports/1/state", end.rdma_device())).unwrap()
}

/// Every global identifier of a port that is not zero.
fn gids(end: End) -> Vec<String> {
    let folder = format!("/sys/class/infiniband/{}/ports/1/gids", end.rdma_device());
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut gids: Vec<_> = files.filter_map(|file| fs::read_to_string(file).ok()).collect();
    gids.retain(|gid| !gid.starts_with("0000:0000:0000:0000:0000:0000:0000:0000"));
    gids.sort();
    gids
}

/// Wait until a port is in a state, which the kernel tells by the netlink of the device some time after the link.
fn wait_for(end: End, wanted: &str) {
    let started = Instant::now();
    while state(end).trim() != wanted {
        assert!(started.elapsed() < Duration::from_secs(30), "{end:?}: {}", state(end));
        std::thread::yield_now();
    }
}

fn can_ping(from: End, to: End) -> bool {
    let (from, to) = (from.addresses(), to.addresses());
    from.iter().zip(to).all(|(from, to)| {
        let arguments = ["-c", "1", "-W", "5", "-I", from, to];
        std::process::Command::new("ping").args(arguments).output().unwrap().status.success()
    })
}

#[test]
fn both_ports_are_active_and_have_their_addresses() {
    let _machine = Machine::this();
    for (end, last) in ENDS.into_iter().zip(["1", "2"]) {
        wait_for(end, "4: ACTIVE");
        let gids = gids(end);
        assert!(gids.iter().any(|gid| gid.starts_with("fe80:")), "{gids:?}");
        for wanted in
            [format!("ffff:0a4d:000{last}"), format!("fd77:0000:0000:0000:0000:0000:0000:000{last}")]
        {
            assert!(gids.iter().any(|gid| gid.contains(&wanted)), "{wanted} in {gids:?}");
        }
    }
    assert!(can_ping(End::Zero, End::One) && can_ping(End::One, End::Zero));
    for file in ["umad0", "umad1", "uverbs0", "uverbs1", "rdma_cm"] {
        assert!(fs::exists(format!("/dev/infiniband/{file}")).unwrap(), "{file}");
    }
}

#[test]
fn a_port_goes_down_with_its_end_of_the_cable_and_returns() {
    let machine = Machine::this();
    let before = gids(End::Zero);
    let down = machine.link_down(End::Zero);
    wait_for(End::Zero, "1: DOWN");
    drop(down);
    wait_for(End::Zero, "4: ACTIVE");
    assert!(can_ping(End::Zero, End::One) && can_ping(End::One, End::Zero));
    let started = Instant::now();
    while gids(End::Zero) != before {
        assert!(started.elapsed() < Duration::from_secs(30), "{:?}, not {before:?}", gids(End::Zero));
        std::thread::yield_now();
    }
}

#[test]
fn the_cable_loses_everything_when_it_is_told_to() {
    let machine = Machine::this();
    let netem = machine.netem(End::Zero, "loss 100%");
    assert!(run("tc", &["qdisc", "show", "dev", "veth0"]).contains("loss 100%"));
    let lost = std::process::Command::new("ping").args(["-c", "1", "-W", "1", "10.77.0.2"]).output().unwrap();
    assert!(!lost.status.success());
    drop(netem);
    assert!(can_ping(End::Zero, End::One));
}
