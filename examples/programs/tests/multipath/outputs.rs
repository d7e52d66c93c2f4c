//! What is left where, and who hears when it cannot be written.

use std::io::Write;
use std::os::unix::fs::symlink;
use std::{fs, thread};

use crate::running::{Folder, Running};

/// What is left of a transfer has another name than the file, and stands in nobody's way.
#[test]
fn what_is_not_whole_does_not_look_like_the_file() {
    let (here, there) = (Folder::new("whole"), Folder::new("not-whole"));
    fs::write(there.file("copy"), "what was there").unwrap();
    let whole = here.with_file("file", 100_000);
    for (output, name, before) in [(None, "stdin", None), (Some("copy"), "copy", Some("what was there"))] {
        let output: Vec<_> = output.iter().flat_map(|output| ["--output", *output]).collect();
        let (mut receiver, addresses) = Running::receiver(1, &output, &there);
        let mut sender = Running::sender(&addresses, &["-"], &here);
        sender.wait_for("accepted");
        let mut stdin = sender.child.stdin.take().unwrap();
        stdin.write_all(&whole[..1000]).unwrap();
        // As long as it comes in, nobody else writes it.
        let part = there.file(&format!("{name}.part"));
        while fs::read(&part).unwrap().len() < 1000 {
            thread::yield_now();
        }
        let arguments = [&output[..], &["--once"]].concat();
        let (second, other_addresses) = Running::receiver(1, &arguments, &there);
        let (status, ..) = Running::sender(&other_addresses, &["-"], &here).end();
        assert!(!status.success());
        let (status, _, errors) = second.end();
        assert!(!status.success() && errors.contains("another receiver is writing it"), "{errors}");
        sender.interrupt();
        assert_eq!(sender.end().0.code(), Some(130));
        drop(stdin);
        let reason = receiver.wait_for("failed")["reason"].to_string();
        assert!(reason.contains(&format!("what was received is not all, and is in {name}.part")), "{reason}");
        assert_eq!(fs::read(&part).unwrap(), whole[..1000]);
        assert_eq!(fs::read_to_string(there.file(name)).ok().as_deref(), before);
        // It comes again, and is whole.
        let mut sender = Running::sender(&addresses, &["-"], &here);
        sender.child.stdin.take().unwrap().write_all(&whole).unwrap();
        assert!(sender.end().0.success());
        receiver.wait_for("done");
        assert!(fs::read(there.file(name)).unwrap() == whole && fs::metadata(&part).is_err());
    }
}

/// A file that appears under the sender's name while it comes in stays as it is, and the sender hears that it did not arrive.
#[test]
fn a_file_that_came_meanwhile_is_not_overwritten() {
    let (here, there) = (Folder::new("late"), Folder::new("meanwhile"));
    let (receiver, addresses) = Running::receiver(1, &["--once"], &there);
    let mut sender = Running::sender(&addresses, &["-"], &here);
    sender.wait_for("accepted");
    fs::write(there.file("stdin"), "mine").unwrap();
    let (status, _, errors) = sender.end();
    assert!(!status.success() && errors.contains("cannot write its output"), "{errors}");
    let (status, _, errors) = receiver.end();
    assert!(!status.success() && errors.contains("stdin: File exists"), "{errors}");
    assert_eq!(fs::read(there.file("stdin")).unwrap(), b"mine");
}

#[test]
fn an_output_that_cannot_be_written_is_named_and_the_sender_is_told() {
    let folder = Folder::new("full");
    folder.with_file("file", 100_000);
    // By links, which a program that replaced them would replace instead of this machine's devices.
    for device in ["full", "null"] {
        symlink(format!("/dev/{device}"), folder.file(device)).unwrap();
    }
    for (output, order, part) in [
        ("full", None, "full: No space left on device"),
        ("null", Some("--unordered"), "any order, which null cannot take"),
        ("-", Some("--unordered"), "any order, which standard output cannot take"),
    ] {
        let (receiver, addresses) =
            Running::receiver_at_free_address(&["--output", output, "--once"], &folder);
        let arguments: Vec<&str> = order.into_iter().chain(["file"]).collect();
        let (status, _, errors) = Running::sender(&addresses, &arguments, &folder).end();
        assert!(!status.success() && errors.contains("cannot write its output"), "{errors}");
        let (status, _, errors) = receiver.end();
        assert!(!status.success() && errors.contains(part), "{errors}");
    }
}

/// Whoever reads has had enough: there is nobody to receive for any more.
#[test]
fn a_receiver_whose_reader_is_gone_ends_and_tells_the_sender() {
    let folder = Folder::new("enough");
    folder.with_file("file", 1_000_000);
    let (mut receiver, addresses) = Running::receiver_at_free_address(&["--output", "-"], &folder);
    receiver.lines = None;
    let (status, _, errors) = Running::sender(&addresses, &["file"], &folder).end();
    assert!(!status.success() && errors.contains("cannot write its output"), "{errors}");
    assert_eq!(receiver.child.wait().unwrap().code(), Some(1));
}
