//! A disk that two nodes share keeps the one out that has lost it, also when that was paused and knows nothing.

#![allow(
    clippy::std_instead_of_alloc,
    clippy::disallowed_methods,
    reason = "it starts programs, and reads the clock"
)]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use core::time::Duration;
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Instant;

use machine::{Machine, TwoPaths};
use transport::scsi_reservation::{
    QueuedCommands, Reservation, ReservationError, ReservationKey, ReservationKind, SharedDisk,
};

const MEBIBYTE: u64 = 1 << 20;
const A: ReservationKey = ReservationKey(0xA11C_E000_0000_000A);
const B: ReservationKey = ReservationKey(0xB0B0_0000_0000_000B);
const USUAL: ReservationKind = ReservationKind::WriteExclusiveRegistrantsOnly;

/// What is written at once.
const BLOCK: usize = 4096;

/// A block of a number, where the kernel's direct IO takes it from.
#[repr(align(4096))]
struct Block([u8; BLOCK]);

impl Block {
    fn of(number: u64) -> Self {
        let mut block = Self([0; BLOCK]);
        block.0[..8].copy_from_slice(&number.to_le_bytes());
        block
    }

    fn number(&self) -> u64 {
        u64::from_le_bytes(*self.0.first_chunk().unwrap())
    }
}

/// The disk past the kernel's memory of it.
fn direct(path: &Path) -> File {
    File::options().read(true).write(true).custom_flags(libc::O_DIRECT).open(path).unwrap()
}

/// The system's error of a write, 0 for none.
fn write(disk: &File, number: u64) -> i32 {
    let written = disk.write_all_at(&Block::of(number).0, 0);
    written.map_or_else(|error| error.raw_os_error().unwrap_or(-1), |()| 0)
}

fn read(disk: &File) -> io::Result<u64> {
    let mut block = Block::of(0);
    disk.read_exact_at(&mut block.0, 0).map(|()| block.number())
}

/// A disk and what its two nodes do with it.
struct Nodes {
    a: SharedDisk,
    b: SharedDisk,
    io_a: File,
    io_b: File,
    /// It goes when nobody has it open any more.
    _disk: TwoPaths,
}

impl Nodes {
    fn new() -> Self {
        let disk = Machine::this().disk(MEBIBYTE);
        let [a, b] = [0, 1].map(|node| SharedDisk::open(disk.path(node)).unwrap());
        let [io_a, io_b] = [0, 1].map(|node| direct(disk.path(node)));
        Self { a, b, io_a, io_b, _disk: disk }
    }

    fn both_registered() -> Self {
        let nodes = Self::new();
        nodes.a.register(A).unwrap();
        nodes.b.register(B).unwrap();
        nodes
    }
}

#[test]
fn both_paths_are_one_disk() {
    let nodes = Nodes::new();
    assert_eq!(write(&nodes.io_a, 7), 0);
    assert_eq!(read(&nodes.io_b).unwrap(), 7);
    assert_eq!(nodes.a.reservation().unwrap(), None);
    assert_eq!(nodes.b.keys().unwrap().keys, []);
}

#[test]
fn keys_are_registered_read_changed_and_taken_away() {
    let nodes = Nodes::new();
    nodes.a.register(A).unwrap();
    let before = nodes.b.keys().unwrap();
    assert_eq!(before.keys, [A]);
    nodes.b.register(B).unwrap();
    let mut keys = nodes.a.keys().unwrap();
    keys.keys.sort();
    assert_eq!(keys.keys, [A, B]);
    assert!(keys.generation > before.generation);
    // Only who knows the key changes it.
    let other = ReservationKey(5);
    let error = nodes.a.change_key(B, other).unwrap_err();
    assert!(matches!(error, ReservationError::Conflict { .. }), "{error}");
    nodes.a.change_key(A, other).unwrap();
    assert!(nodes.b.keys().unwrap().keys.contains(&other));
    nodes.a.unregister(other).unwrap();
    assert_eq!(nodes.a.keys().unwrap().keys, [B]);
}

#[test]
fn each_kind_lets_in_whom_it_says() {
    for kind in ReservationKind::ALL {
        let nodes = Nodes::new();
        nodes.a.register(A).unwrap();
        nodes.a.reserve(A, kind).unwrap();
        let held = nodes.b.reservation().unwrap().unwrap();
        assert_eq!(held.kind, kind);
        assert_eq!(write(&nodes.io_a, 1), 0, "{kind:?}");
        // Who is not registered.
        assert_eq!(write(&nodes.io_b, 2), libc::EBADE, "{kind:?}");
        assert_eq!(read(&nodes.io_b).is_ok(), kind.lets_read(), "{kind:?}");
        // Who is.
        nodes.b.register(B).unwrap();
        let lets_in = kind.lets_registrants_in();
        assert_eq!(write(&nodes.io_b, 3) == 0, lets_in, "{kind:?}");
        assert_eq!(read(&nodes.io_b).is_ok(), lets_in || kind.lets_read(), "{kind:?}");
        assert_eq!(read(&nodes.io_a).unwrap(), if lets_in { 3 } else { 1 }, "{kind:?}");
        nodes.a.release(A, kind).unwrap();
        assert_eq!(write(&nodes.io_b, 4), 0, "{kind:?}");
    }
}

#[test]
fn a_disk_is_reserved_by_one_at_a_time_until_it_is_cleared() {
    let nodes = Nodes::both_registered();
    nodes.a.reserve(A, USUAL).unwrap();
    assert_eq!(nodes.b.reservation().unwrap(), Some(Reservation { key: A, kind: USUAL }));
    // Again is no change; the other is refused, and cannot release what it does not hold.
    nodes.a.reserve(A, USUAL).unwrap();
    let error = nodes.b.reserve(B, USUAL).unwrap_err();
    assert!(matches!(error, ReservationError::Conflict { .. }), "{error}");
    nodes.b.release(B, USUAL).unwrap();
    assert_eq!(nodes.b.reservation().unwrap(), Some(Reservation { key: A, kind: USUAL }));
    nodes.b.clear(B).unwrap();
    assert_eq!(nodes.a.reservation().unwrap(), None);
    assert_eq!(nodes.a.keys().unwrap().keys, []);
}

#[test]
fn who_is_not_registered_reserves_and_preempts_nothing() {
    let nodes = Nodes::new();
    nodes.a.register(A).unwrap();
    nodes.a.reserve(A, USUAL).unwrap();
    for error in [
        nodes.b.reserve(B, USUAL).unwrap_err(),
        nodes.b.preempt(B, A, USUAL, QueuedCommands::Finish).unwrap_err(),
    ] {
        let expected = matches!(error, ReservationError::Conflict { .. } | ReservationError::Refused { .. });
        assert!(expected, "{error:?}");
    }
    assert_eq!(nodes.b.keys().unwrap().keys, [A]);
}

#[test]
fn who_is_preempted_writes_no_more_and_the_other_does() {
    let nodes = Nodes::both_registered();
    nodes.a.reserve(A, USUAL).unwrap();
    assert_eq!((write(&nodes.io_a, 1), write(&nodes.io_b, 2)), (0, 0));
    nodes.b.preempt(B, A, USUAL, QueuedCommands::Finish).unwrap();
    assert_eq!(nodes.a.keys().unwrap().keys, [B]);
    assert_eq!(nodes.a.reservation().unwrap(), Some(Reservation { key: B, kind: USUAL }));
    for number in 3..20 {
        assert_eq!(write(&nodes.io_a, number), libc::EBADE);
    }
    assert_eq!(read(&nodes.io_b).unwrap(), 2);
    assert_eq!(write(&nodes.io_b, 20), 0);
    // It may still read, and so learn that its key is gone; with its old key it gets nothing back.
    assert_eq!(read(&nodes.io_a).unwrap(), 20);
    let error = nodes.a.change_key(A, A).unwrap_err();
    assert!(matches!(error, ReservationError::Conflict { .. }), "{error}");
    assert_eq!(write(&nodes.io_a, 21), libc::EBADE);
}

/// What is written through the kernel's memory is refused when it is written back: `fsync` says so.
#[test]
fn of_buffered_writes_fsync_tells() {
    let disk = Machine::this().disk(MEBIBYTE);
    let [a, b] = [0, 1].map(|node| SharedDisk::open(disk.path(node)).unwrap());
    a.register(A).unwrap();
    b.register(B).unwrap();
    a.reserve(A, USUAL).unwrap();
    let mut buffered = File::options().write(true).open(disk.path(0)).unwrap();
    buffered.write_all(&Block::of(9).0).unwrap();
    b.preempt(B, A, USUAL, QueuedCommands::Finish).unwrap();
    assert_eq!(buffered.sync_all().unwrap_err().raw_os_error(), Some(libc::EIO));
    assert_eq!(read(&direct(disk.path(1))).unwrap(), 0);
}

/// A node in a process of its own, which writes numbers one after another and prints what became of each.
struct Writer {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Writer {
    const DISK: &str = "FABRIC_HA_DISK";

    /// Run the same test in a process of its own, which is the writer.
    fn start(disk: &Path) -> Self {
        let test = std::thread::current().name().unwrap().to_owned();
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", &test, "--nocapture"]).env(Self::DISK, disk);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        Self { child, lines }
    }

    /// In the writer's process: write until it is killed.
    fn write_if_this_is_it() {
        let Some(disk) = std::env::var_os(Self::DISK) else { return };
        let disk = direct(disk.as_ref());
        for number in 1.. {
            println!("wrote {number} {}", write(&disk, number));
        }
    }

    /// The next write: its number, and its error or 0.
    fn next(&mut self) -> (u64, i32) {
        loop {
            let mut line = String::new();
            assert_ne!(self.lines.read_line(&mut line).unwrap(), 0, "the writer ended");
            let Some((_, said)) = line.split_once("wrote ") else { continue };
            let (number, error) = said.trim().split_once(' ').unwrap();
            return (number.parse().unwrap(), error.parse().unwrap());
        }
    }

    fn signal(&self, signal: i32) {
        // SAFETY: a call without pointers; the child is not waited for yet, so that its id is its own.
        assert_eq!(unsafe { libc::kill(self.child.id().cast_signed(), signal) }, 0);
    }

    /// Stop the process, and wait until it has stopped: then no write of it is under way.
    fn pause(&self) {
        self.signal(libc::SIGSTOP);
        let stat = format!("/proc/{}/task", self.child.id());
        let started = Instant::now();
        let is_stopped = |task: fs::DirEntry| {
            let stat = fs::read_to_string(task.path().join("stat")).unwrap_or_default();
            stat.rsplit_once(") ").is_some_and(|(_, rest)| rest.starts_with('T'))
        };
        while !fs::read_dir(&stat).unwrap().all(|task| task.is_ok_and(is_stopped)) {
            assert!(started.elapsed() < Duration::from_secs(60), "it does not stop");
            std::thread::yield_now();
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// What the preempted node writes from the first refusal on is refused, all of it; and nothing of it is on the disk. Up to the write
/// `last` it may have written before.
fn keeps_out(writer: &mut Writer, io: &File, last: u64) {
    let first_refused = loop {
        let (number, error) = writer.next();
        if error != 0 {
            assert_eq!(error, libc::EBADE);
            break number;
        }
        assert!(number <= last, "{number} was written after {last}");
    };
    for _ in 0..50 {
        let (number, error) = writer.next();
        assert_eq!(error, libc::EBADE, "{number} of {first_refused} on");
    }
    assert_eq!(read(io).unwrap(), first_refused - 1);
}

/// A disk that A has reserved, and a writer on A's side of it that has begun. B is registered.
fn reserved_and_written() -> (TwoPaths, [SharedDisk; 2], Writer) {
    let disk = Machine::this().disk(MEBIBYTE);
    let [a, b] = [0, 1].map(|node| SharedDisk::open(disk.path(node)).unwrap());
    a.register(A).unwrap();
    b.register(B).unwrap();
    a.reserve(A, USUAL).unwrap();
    let mut writer = Writer::start(disk.path(0));
    while writer.next().0 < 20 {}
    (disk, [a, b], writer)
}

#[test]
fn a_node_that_was_paused_while_it_was_preempted_writes_nothing_when_it_goes_on() {
    Writer::write_if_this_is_it();
    let (disk, [_a, b], mut writer) = reserved_and_written();
    writer.pause();
    let io = direct(disk.path(1));
    let last = read(&io).unwrap();
    assert!(last >= 20, "{last}");
    b.preempt(B, A, USUAL, QueuedCommands::Finish).unwrap();
    writer.signal(libc::SIGCONT);
    // It goes on with the write after the last one that it did before, and is refused.
    keeps_out(&mut writer, &io, last);
    assert_eq!(read(&io).unwrap(), last);
}

#[test]
fn a_node_that_is_preempted_while_it_writes_is_refused_from_then_on() {
    Writer::write_if_this_is_it();
    let (disk, [_a, b], mut writer) = reserved_and_written();
    b.preempt(B, A, USUAL, QueuedCommands::Finish).unwrap();
    // One write may have been on its way.
    let io = direct(disk.path(1));
    let last = read(&io).unwrap() + 1;
    keeps_out(&mut writer, &io, last);
}
