//! What was sent arrives.

use std::io::{BufRead, Write};
use std::os::unix::fs::FileExt;
use std::{fs, thread};

use crate::running::{Folder, Running, event};

#[test]
fn a_file_arrives_in_order_and_in_any_order() {
    for (name, order) in [("ordered", None), ("unordered", Some("--unordered"))] {
        let folder = Folder::new(name);
        let file = folder.with_file("file", 3_000_001);
        let (receiver, addresses) = Running::receiver(4, &["--output", "copy", "--once"], &folder);
        let arguments: Vec<&str> = order.into_iter().chain(["file"]).collect();
        let (status, events, errors) = Running::sender(&addresses, &arguments, &folder).end();
        assert!(status.success(), "{errors}");
        assert_eq!(event(&events, "done")["bytes"], 3_000_001);
        let (status, events, errors) = receiver.end();
        assert!(status.success(), "{errors}");
        assert_eq!(event(&events, "done")["hash"], blake3::hash(&file).to_hex().as_str());
        assert!(fs::read(folder.file("copy")).unwrap() == file);
        let counters = event(&events, "counters")["paths"].as_array().unwrap();
        let used = counters.iter().filter(|path| path["received_bytes"].as_u64().unwrap() > 100_000);
        assert_eq!((counters.len(), used.count()), (4, if order.is_some() { 4 } else { 1 }));
    }
}

#[test]
fn one_sender_is_served_after_another_under_the_name_that_it_gives() {
    let folder = Folder::new("several");
    let (here, there) = (Folder::new("here"), folder);
    let (mut receiver, addresses) = Running::receiver(1, &[], &there);
    let empty = here.with_file("empty", 0);
    let small = here.with_file("small", 1000);
    for (name, content) in [("empty", empty), ("small", small.clone())] {
        let (status, _, errors) = Running::sender(&addresses, &[name], &here).end();
        assert!(status.success(), "{name}: {errors}");
        receiver.wait_for("done");
        assert_eq!(fs::read(there.file(name)).unwrap(), content);
    }
    // What is there is not overwritten: both ends say so.
    let (status, _, errors) = Running::sender(&addresses, &["small"], &here).end();
    assert!(!status.success() && errors.contains("the receiver cannot write its output"), "{errors}");
    let reason = receiver.wait_for("failed")["reason"].to_string();
    assert!(reason.contains("small") && reason.contains("exists"), "{reason}");
    assert_eq!(fs::read(there.file("small")).unwrap(), small);
    // Nobody is served any more: it ends with success.
    receiver.interrupt();
    assert!(receiver.end().0.success());
}

#[test]
fn standard_input_and_output_are_files_too() {
    let folder = Folder::new("streams");
    let (mut receiver, addresses) = Running::receiver_at_free_address(&["--output", "-", "--once"], &folder);
    let mut sender = Running::sender(&addresses, &["-"], &folder);
    let mut stdin = sender.child.stdin.take().unwrap();
    stdin.write_all(b"first line\n").unwrap();
    sender.wait_for("accepted");
    // What was written arrives although more is to come.
    let mut line = String::new();
    receiver.lines.as_mut().unwrap().read_line(&mut line).unwrap();
    assert_eq!(line, "first line\n");
    stdin.write_all(b"second line\n").unwrap();
    drop(stdin);
    line.clear();
    receiver.lines.as_mut().unwrap().read_line(&mut line).unwrap();
    assert_eq!(line, "second line\n");
    assert!(sender.end().0.success());
    assert!(receiver.end().0.success());
}

#[test]
fn bytes_that_are_others_on_the_disk_are_told_at_both_ends() {
    const LENGTH: u64 = 1 << 20;
    let folder = Folder::new("changed");
    let (receiver, addresses) = Running::receiver(1, &["--output", "copy", "--once"], &folder);
    let mut sender = Running::sender(&addresses, &["--unordered", "-"], &folder);
    sender.wait_for("accepted");
    let mut stdin = sender.child.stdin.take().unwrap();
    stdin.write_all(&[7; LENGTH as usize]).unwrap();
    let file = fs::File::options().read(true).write(true).open(folder.file("copy.part")).unwrap();
    let mut first = [0];
    while first != [7] || file.metadata().unwrap().len() < LENGTH {
        let _ = file.read_at(&mut first, 0).unwrap();
        thread::yield_now();
    }
    file.write_all_at(&[8], 0).unwrap();
    drop(stdin);
    for end in [sender, receiver] {
        let (status, _, errors) = end.end();
        assert!(!status.success() && errors.contains("hash"), "{errors}");
    }
}

/// A closed standard input is an empty one.
#[test]
fn nothing_is_a_file_too() {
    let folder = Folder::new("nothing");
    let (receiver, addresses) = Running::receiver(1, &["--output", "copy", "--once"], &folder);
    let (status, events, errors) = Running::sender(&addresses, &["-"], &folder).end();
    assert!(status.success(), "{errors}");
    assert_eq!(event(&events, "done")["bytes"], 0);
    assert!(receiver.end().0.success());
    assert!(fs::read(folder.file("copy")).unwrap().is_empty());
}

/// Files whose length the system does not tell, or that grow while they are sent.
#[test]
fn a_file_may_be_longer_than_it_seems() {
    for order in [None, Some("--unordered")] {
        let folder = Folder::new(if order.is_some() { "longer-unordered" } else { "longer" });
        let (receiver, addresses) = Running::receiver(1, &["--output", "copy", "--once"], &folder);
        let arguments: Vec<&str> = order.into_iter().chain(["/proc/version"]).collect();
        let (status, _, errors) = Running::sender(&addresses, &arguments, &folder).end();
        assert!(status.success(), "{errors}");
        assert!(receiver.end().0.success());
        assert_eq!(fs::read(folder.file("copy")).unwrap(), fs::read("/proc/version").unwrap());
    }
}
