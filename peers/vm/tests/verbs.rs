//! The verbs transport on Linux's own RDMA stack: what it writes, reads and sends arrives, and what fails says why.

#![allow(clippy::std_instead_of_alloc, reason = "there is an operating system")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod verbs_support;

use machine::{End, Machine};
use transport::verbs::{Access, Port, WorkId, WorkKind, WorkStatus, udp_source_port};

use verbs_support::{LIMIT, Lanes, impatient, pair, patient, port};

#[test]
fn what_is_written_is_read_back() {
    let _machine = Machine::this();
    for path in 0..3 {
        let (zero, one) = pair(path, 1 << 16, &patient());
        let pattern: Vec<u8> = (0..1_u32 << 16).map(|at| (at ^ at >> 7) as u8).collect();
        zero.memory.write(0, &pattern).unwrap();
        zero.write(7, 1 << 16);
        let written = zero.done();
        assert_eq!((written.id, written.kind), (WorkId(7), WorkKind::Write));
        assert_eq!(written.queue_pair, zero.queue_pair.number());
        assert_eq!(one.bytes(0, 1 << 16), pattern, "path {path}");

        // A part of it, back to another place.
        zero.memory.write(0, &[0; 1 << 10]).unwrap();
        let local = zero.memory.part(3..1003).unwrap();
        zero.queue_pair.read(WorkId(8), local, one.memory.remote().at(5001, 1000).unwrap()).unwrap();
        let read = zero.done();
        assert_eq!((read.id, read.kind, read.length), (WorkId(8), WorkKind::Read, 1000));
        assert_eq!(zero.bytes(3, 1000), pattern[5001..6001]);
        assert_eq!(zero.bytes(0, 3), [0; 3]);
    }
}

#[test]
fn messages_fill_receives_in_order() {
    let _machine = Machine::this();
    let (zero, one) = pair(0, 4096, &patient());
    for (id, at) in [(1, 0), (2, 100), (3, 200)] {
        one.queue_pair.receive(WorkId(id), one.memory.part(at..at + 100).unwrap()).unwrap();
    }
    for (id, text) in [(11, &b"first"[..]), (12, b"the second")] {
        zero.memory.write(0, text).unwrap();
        zero.queue_pair.send(WorkId(id), zero.memory.part(0..text.len()).unwrap()).unwrap();
        assert_eq!((zero.done().id, zero.queue_pair.outstanding()), (WorkId(id), 0));
        let received = one.done();
        assert_eq!((received.id, received.kind), (WorkId(id - 10), WorkKind::Receive));
        assert_eq!(received.length as usize, text.len());
        assert_eq!(one.bytes((id as usize - 11) * 100, text.len()), text);
    }
}

#[test]
fn queue_pairs_with_one_flow_label_share_a_source_port_of_udp() {
    let machine = Machine::this();
    let label = 0x5_4321;
    let roce = "match ip dport 4791 0xffff";
    let of_label = format!("match ip sport {} 0xffff {roce}", udp_source_port(label));
    let lanes = Lanes::matching(&machine, [of_label, roce.into()]);
    let pairs = [(); 3].map(|()| pair(0, 4096, &patient()));
    let write = || {
        for (zero, _) in &pairs {
            zero.write(1, 8);
            zero.done();
        }
        [0, 1].map(|lane| lanes.packets(lane))
    };
    // Without a label each has a port of its own.
    let [none, others] = write();
    assert!(none == 0 && others >= 3, "{none} {others}");
    for (zero, one) in &pairs {
        let route = zero.route_to(one.introduction.gid).with_flow_label(label);
        zero.queue_pair.drain_to(route, LIMIT).unwrap();
        assert_eq!(zero.queue_pair.attributes().unwrap().flow_label, label);
    }
    let [labelled, unchanged] = write();
    assert!(labelled >= 3 && unchanged == others, "{labelled} {unchanged} {others}");
}

#[test]
fn a_queue_takes_as_much_as_it_is_deep() {
    let _machine = Machine::this();
    let (zero, _one) = pair(0, 4096, &patient());
    let local = || zero.memory.part(0..8).unwrap();
    for id in 0..128 {
        zero.queue_pair.write(WorkId(id), local(), zero.remote.at(0, 8).unwrap()).unwrap();
    }
    let error = zero.queue_pair.write(WorkId(128), local(), zero.remote.at(0, 8).unwrap()).unwrap_err();
    assert!(error.to_string().contains("has 128 pieces of work in its send queue"), "{error}");
    for id in 0..128 {
        assert_eq!(zero.done().id, WorkId(id));
    }
    zero.queue_pair.write(WorkId(128), local(), zero.remote.at(0, 8).unwrap()).unwrap();
    assert_eq!(zero.done().id, WorkId(128));
}

#[test]
fn keys_that_are_not_valid_any_more_are_refused_by_the_peer() {
    let _machine = Machine::this();
    let (mut zero, one) = pair(0, 4096, &impatient());
    // The region is gone; the queue pair was given no work with it.
    let gone = {
        let region = port(End::One, 0).register(4096, Access::REMOTE).unwrap();
        region.remote()
    };
    zero.remote = gone;
    zero.write(1, 8);
    let failed = zero.next();
    assert_eq!((failed.id, failed.status), (WorkId(1), WorkStatus::RemoteAccess));
    let said = failed.done().unwrap_err().to_string();
    assert!(said.contains("write 1 failed: the peer's memory does not allow it: its key"), "{said}");
    drop(one);
}

#[test]
fn a_dead_peer_acknowledges_nothing() {
    let _machine = Machine::this();
    let (zero, one) = pair(0, 4096, &impatient());
    drop(one);
    zero.write(1, 8);
    zero.write(2, 8);
    assert_eq!(zero.next().status, WorkStatus::RetriesExceeded);
    let flushed = zero.next();
    assert_eq!((flushed.id, flushed.status), (WorkId(2), WorkStatus::Flushed));
    let said = flushed.done().unwrap_err().to_string();
    assert!(said.ends_with("failed or was taken down before: connect it again"), "{said}");
}

#[test]
fn what_peers_may_not_do_is_refused() {
    let _machine = Machine::this();
    let config = impatient();
    for (access, writes) in [
        (Access { remote_write: false, remote_read: true }, true),
        (Access { remote_write: true, remote_read: false }, false),
    ] {
        let ports = [End::Zero, End::One].map(|end| port(end, 0));
        let own = ports[0].register(4096, Access::LOCAL).unwrap();
        let offered = ports[1].register(4096, access).unwrap();
        let (zero, _one) = verbs_support::connect((&ports[0], &own), (&ports[1], &offered), &config);
        let (local, place) = (zero.memory.part(0..8).unwrap(), zero.remote.at(0, 8).unwrap());
        if writes {
            zero.queue_pair.write(WorkId(1), local, place).unwrap();
        } else {
            zero.queue_pair.read(WorkId(1), local, place).unwrap();
        }
        assert_eq!(zero.next().status, WorkStatus::RemoteAccess);
    }
}

#[test]
fn a_region_of_another_port_is_refused_here() {
    let _machine = Machine::this();
    let (zero, one) = pair(0, 4096, &patient());
    let error = zero
        .queue_pair
        .write(WorkId(1), one.memory.part(0..8).unwrap(), zero.remote.at(0, 8).unwrap())
        .unwrap_err();
    assert!(error.to_string().ends_with("another protection domain: register it in its own"), "{error}");
    let error = zero.memory.part(4090..4100).unwrap_err().to_string();
    assert_eq!(error, "10 bytes at offset 4090 are outside of a region of 4096 bytes");
    assert!(zero.remote.at(4090, 10).is_err() && zero.remote.at(u64::MAX, 1).is_err());
    assert_eq!(zero.queue_pair.outstanding(), 0);
}

#[test]
fn everything_is_freed_however_it_is_dropped() {
    let _machine = Machine::this();
    let ports = [End::Zero, End::One].map(|end| port(end, 0));
    // The devices stay open: what is closed with a device is not counted.
    let objects = || machine::run("rdma", &["resource", "show"]);
    let before = objects();
    assert!(before.contains("pd 2"), "the kernel's own domain and this test's: {before}");
    for turn in 0..4 {
        use_and_drop(&ports, turn, || assert_ne!(objects(), before));
        assert_eq!(objects(), before, "turn {turn}");
    }
    drop(ports);
    assert_ne!(objects(), before);
}

/// Make everything there is, and drop it in one of several orders with work under way.
fn use_and_drop(ports: &[Port; 2], turn: usize, when_made: impl FnOnce()) {
    let memory = ports.each_ref().map(|port| port.register(4096, Access::REMOTE).unwrap());
    let (zero, one) = verbs_support::connect((&ports[0], &memory[0]), (&ports[1], &memory[1]), &impatient());
    one.queue_pair.receive(WorkId(1), one.memory.part(0..8).unwrap()).unwrap();
    zero.write(2, 4096);
    when_made();
    match turn {
        0 => drop((one, zero, memory)),
        1 => drop((memory, zero, one)),
        2 => drop((zero.completions, zero.memory, one.memory, memory, one.completions)),
        _ => drop((zero.memory, zero.queue_pair, one.completions, one.queue_pair, memory)),
    }
}
