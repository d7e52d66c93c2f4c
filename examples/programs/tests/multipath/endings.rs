//! Ends that are killed, interrupted, restarted, or cannot go on: the other hears of it.

use std::net::UdpSocket;
use std::{fs, thread};

use crate::running::{Folder, Running, free_address};

#[test]
fn a_file_that_does_not_arrive_is_a_failure_at_both_ends() {
    let folder = Folder::new("gone");
    let (mut receiver, addresses) =
        Running::receiver(1, &["--output", "copy", "--once", "--give-up", "0.5"], &folder);
    let mut sender = Running::sender(&addresses, &["--give-up", "0.5", "-"], &folder);
    sender.wait_for("accepted");
    // Another is told so, and does not disturb.
    let (status, _, errors) = Running::sender(&addresses, &["-"], &folder).end();
    assert!(!status.success() && errors.contains("busy with another sender"), "{errors}");
    // Killed, the sender says nothing.
    sender.child.kill().unwrap();
    // What had passed is told also when nobody is there any more.
    let counters = receiver.wait_for("counters");
    assert!(counters["paths"][0]["received_packets"].as_u64().unwrap() > 0, "{counters}");
    let (status, _, errors) = receiver.end();
    assert!(!status.success() && errors.contains("nothing has come from the sender for 0.5 s"), "{errors}");
    assert!(errors.contains("is in copy.part"), "{errors}");
}

/// A sender that cannot go on says so: its receiver does not wait until it takes it for gone.
#[test]
fn a_sender_that_cannot_go_on_tells_the_receiver() {
    let folder = Folder::new("obstacle");
    let arguments = ["--output", "copy", "--once", "--give-up", "3600"];
    let (receiver, addresses) = Running::receiver(1, &arguments, &folder);
    // Its first page cannot be read.
    let (status, _, errors) = Running::sender(&addresses, &["/proc/self/mem"], &folder).end();
    assert!(!status.success() && errors.contains("mem: Input/output error"), "{errors}");
    let (status, _, errors) = receiver.end();
    assert!(!status.success() && errors.contains("the sender has given up"), "{errors}");

    // Nobody reads what it says any more.
    let address = free_address();
    let mut sender = Running::sender(core::slice::from_ref(&address), &["-"], &folder);
    sender.wait_for("calling");
    sender.lines = None;
    let receiver = Running::start(&[&["recv", "--listen", &address], &arguments[..]].concat(), &folder);
    assert_eq!(sender.child.wait().unwrap().code(), Some(1));
    let (status, _, errors) = receiver.end();
    assert!(!status.success() && errors.contains("the sender has given up"), "{errors}");
}

/// A receiver whose events nobody reads any more tells its sender that it ends.
#[test]
fn a_receiver_that_cannot_go_on_tells_the_sender() {
    let folder = Folder::new("unheard");
    let (mut receiver, addresses) = Running::receiver(1, &["--output", "copy"], &folder);
    receiver.lines = None;
    let (status, _, errors) = Running::sender(&addresses, &["-", "--give-up", "3600"], &folder).end();
    assert!(!status.success() && errors.contains("the receiver has given the transfer up"), "{errors}");
    assert_eq!(receiver.child.wait().unwrap().code(), Some(1));
}

#[test]
fn an_interrupted_end_tells_the_other() {
    let folder = Folder::new("interrupted");
    let (mut receiver, addresses) = Running::receiver(1, &["--output", "copy", "--once"], &folder);
    let mut sender = Running::sender(&addresses, &["-"], &folder);
    sender.wait_for("accepted");
    // As long as there may be more to send, the transfer is not over.
    let stdin = sender.child.stdin.take();
    sender.interrupt();
    let (status, _, errors) = sender.end();
    assert_eq!(status.code(), Some(130), "{errors}");
    assert!(errors.trim_end().ends_with("multipath: interrupted"), "{errors}");
    receiver.wait_for("counters");
    let (status, _, errors) = receiver.end();
    assert!(!status.success() && errors.contains("the sender has given up"), "{errors}");
    drop(stdin);

    let (receiver, addresses) = Running::receiver(1, &["--output", "copy", "--once"], &folder);
    let mut sender = Running::sender(&addresses, &["-"], &folder);
    sender.wait_for("accepted");
    receiver.interrupt();
    sender.wait_for("counters");
    let (status, _, errors) = sender.end();
    assert!(!status.success() && errors.contains("the receiver has given the transfer up"), "{errors}");
    assert_eq!(receiver.end().0.code(), Some(130));
}

/// An end whose other is gone says farewell, which a further interrupt cuts short (when, is held in virtual time for the sender).
#[test]
fn several_interrupts_are_as_good_as_one() {
    let folder = Folder::new("impatient");
    for is_sender in [true, false] {
        let (mut receiver, addresses) = Running::receiver(1, &["--output", "copy"], &folder);
        let mut sender = Running::sender(&addresses, &["-"], &folder);
        sender.wait_for("accepted");
        let stdin = sender.child.stdin.take();
        let (mut left, mut gone) = if is_sender {
            (sender, receiver)
        } else {
            receiver.wait_for("offered");
            (receiver, sender)
        };
        gone.child.kill().unwrap();
        gone.child.wait().unwrap();
        // Signals that come together are one.
        while left.child.try_wait().unwrap().is_none() {
            left.interrupt();
            thread::yield_now();
        }
        let (status, _, errors) = left.end();
        assert_eq!(status.code(), Some(130), "{errors}");
        drop(stdin);
    }
}

#[test]
fn a_restarted_receiver_ends_the_session() {
    let folder = Folder::new("restarted");
    let (mut receiver, addresses) = Running::receiver(1, &["--output", "copy"], &folder);
    let mut sender = Running::sender(&addresses, &["-"], &folder);
    sender.wait_for("accepted");
    receiver.child.kill().unwrap();
    receiver.child.wait().unwrap();
    let again = Running::start(&["recv", "--listen", &addresses[0]], &folder);
    sender.wait_for("counters");
    let (status, _, errors) = sender.end();
    assert!(!status.success() && errors.contains("was restarted and has lost the transfer"), "{errors}");
    drop(again);
}

/// As long as the receiver takes the killed one for alive it refuses the new one, and says how long that can be.
#[test]
fn a_killed_sender_is_started_again() {
    let folder = Folder::new("again");
    let file = folder.with_file("file", 100_000);
    let arguments = ["--output", "copy", "--give-up", "0.5"];
    let (mut receiver, addresses) = Running::receiver(1, &arguments, &folder);
    let mut sender = Running::sender(&addresses, &["-"], &folder);
    sender.wait_for("accepted");
    sender.child.kill().unwrap();
    let reason = receiver.wait_for("failed")["reason"].to_string();
    assert!(reason.contains("nothing has come from the sender"), "{reason}");
    let (status, _, errors) = Running::sender(&addresses, &["file"], &folder).end();
    assert!(status.success(), "{errors}");
    receiver.wait_for("done");
    assert!(fs::read(folder.file("copy")).unwrap() == file);
}

/// A sender that was cut off for longer than its receiver waits hears what became of it when it is back.
#[test]
fn a_sender_that_was_away_hears_that_it_was_given_up() {
    let folder = Folder::new("away");
    let arguments = ["--output", "copy", "--give-up", "0.5"];
    let (mut receiver, addresses) = Running::receiver(1, &arguments, &folder);
    let mut sender = Running::sender(&addresses, &["-"], &folder);
    sender.wait_for("accepted");
    let stdin = sender.child.stdin.take();
    sender.signal("-STOP");
    receiver.wait_for("failed");
    sender.signal("-CONT");
    let (status, _, errors) = sender.end();
    assert!(!status.success() && errors.contains("the receiver has given the transfer up"), "{errors}");
    drop(stdin);
}

/// The sender has still to hear that all is well.
#[test]
fn a_receiver_that_is_interrupted_when_it_is_done_tells_the_sender() {
    let folder = Folder::new("just-done");
    for _ in 0..3 {
        let (mut receiver, addresses) = Running::receiver(1, &["--output", "copy"], &folder);
        let mut sender = Running::sender(&addresses, &["-", "--give-up", "10"], &folder);
        drop(sender.child.stdin.take());
        receiver.wait_for("done");
        receiver.interrupt();
        let (status, _, errors) = sender.end();
        assert!(status.success(), "{errors}");
        assert!(receiver.end().0.success());
    }
}

#[test]
fn a_sender_that_nobody_answers_is_interrupted() {
    let folder = Folder::new("nobody");
    let mut sender = Running::sender(&[free_address()], &["-"], &folder);
    sender.wait_for("calling");
    sender.interrupt();
    let (status, _, errors) = sender.end();
    assert_eq!(status.code(), Some(130), "{errors}");
}

/// Datagrams of somebody else do not keep a receiver that is done.
#[test]
fn a_stranger_is_not_waited_for() {
    let folder = Folder::new("stranger");
    let (mut receiver, addresses) = Running::receiver(1, &["--output", "copy", "--once"], &folder);
    let stranger = UdpSocket::bind("127.0.0.1:0").unwrap();
    let mut sender = Running::sender(&addresses, &["-"], &folder);
    sender.wait_for("accepted");
    assert!(sender.end().0.success());
    while receiver.child.try_wait().unwrap().is_none() {
        // Once the receiver has ended its address refuses.
        let _ = stranger.send_to(b"something else", &addresses[0]);
        thread::yield_now();
    }
    assert!(receiver.end().0.success());
}
