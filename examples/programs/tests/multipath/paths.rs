//! Paths that fail, return, or carry less than they should.

extern crate alloc;

use alloc::sync::Arc;
use core::net::SocketAddr;
use std::net::UdpSocket;
use std::process::Command;
use std::sync::Mutex;
use std::{fs, thread};

use crate::running::{Folder, MULTIPATH, Running, event};

/// A relay on the way to a receiver, which loses datagrams that are longer than so many bytes, and its address.
fn relay(receiver: &str, longest: usize) -> String {
    let [front, back] = [(); 2].map(|()| Arc::new(UdpSocket::bind("127.0.0.1:0").unwrap()));
    back.connect(receiver).unwrap();
    let address = front.local_addr().unwrap().to_string();
    let sender: Arc<Mutex<Option<SocketAddr>>> = Arc::default();
    let (to_sender, to_receiver) = ((front.clone(), sender.clone()), back.clone());
    thread::spawn(move || {
        let mut datagram = vec![0; 1 << 16];
        while let Ok((length, from)) = front.recv_from(&mut datagram) {
            *sender.lock().unwrap() = Some(from);
            if length <= longest {
                let _ = to_receiver.send(&datagram[..length]);
            }
        }
    });
    thread::spawn(move || {
        let mut datagram = vec![0; 1 << 16];
        loop {
            // A receiver that has ended refuses; another may come.
            let Ok(length) = back.recv(&mut datagram) else { continue };
            let (front, sender) = &to_sender;
            if let Some(sender) = *sender.lock().unwrap() {
                let _ = front.send_to(&datagram[..length], sender);
            }
        }
    });
    address
}

#[test]
fn paths_fail_and_return_and_datagrams_are_lost() {
    let folder = Folder::new("failures");
    let file = folder.with_file("file", 20_000_000);
    for order in ["--unordered", "--payload=1400"] {
        let (receiver, addresses) = Running::receiver(3, &["--output", "copy", "--once"], &folder);
        // Path 1 dies in the middle and returns, path 2 is dead from the beginning, and path 3 is bad.
        let arguments =
            [order, "--kill-path=1@30ms-1s", "--kill-path=2@0s", "--drop=0.001", "--seed=7", "file"];
        let (status, events, errors) = Running::sender(&addresses, &arguments, &folder).end();
        assert!(status.success(), "{order}: {errors} {events:?}");
        assert!(receiver.end().0.success());
        assert!(fs::read(folder.file("copy")).unwrap() == file);
        let questioned = events.iter().filter(|event| event["change"] == "questioned").count();
        assert!(questioned > 0, "{events:?}");
    }
}

/// Who looks at it in a terminal, as text.
#[test]
fn the_text_says_what_is_wrong_with_which_path() {
    let (folder, there) = (Folder::new("text"), Folder::new("text-there"));
    folder.with_file("file", 10);
    let (receiver, mut addresses) = Running::receiver(1, &["--once"], &there);
    let nobody = UdpSocket::bind("127.0.0.1:0").unwrap();
    addresses.push(nobody.local_addr().unwrap().to_string());
    let paths = addresses.iter().map(|address| format!("--path=local=127.0.0.1,remote={address}"));
    let output =
        Command::new(MULTIPATH).args(["send", "file"]).args(paths).current_dir(&folder.0).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    for part in ["calling over 2 paths, ", "10 bytes in ", "path 2: nothing has come back"] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert!(!text.contains("path 1: ") && !text.contains("dropped"), "{text}");
    drop(receiver);
}

#[test]
fn a_path_that_loses_long_packets_is_left_out() {
    for order in ["--unordered", "--json"] {
        let folder = Folder::new(if order == "--json" { "narrow" } else { "narrow-unordered" });
        let file = folder.with_file("file", 3_000_000);
        let (receiver, mut addresses) = Running::receiver(2, &["--output", "copy", "--once"], &folder);
        addresses[0] = relay(&addresses[0], 1000);
        let arguments = [order, "--payload=1400", "--give-up=4", "file"];
        let (status, events, errors) = Running::sender(&addresses, &arguments, &folder).end();
        assert!(status.success(), "{errors} {events:?}");
        let left_out = event(&events, "left_out");
        assert!(left_out["path"] == 1 && left_out["payload"] == 1400, "{left_out}");
        assert!(receiver.end().0.success());
        assert!(fs::read(folder.file("copy")).unwrap() == file);
    }
}

#[test]
fn the_only_path_that_loses_long_packets_is_a_failure_at_both_ends() {
    let folder = Folder::new("too-narrow");
    folder.with_file("file", 3_000_000);
    let arguments = ["--output", "copy", "--once", "--give-up", "3600"];
    let (receiver, mut addresses) = Running::receiver(1, &arguments, &folder);
    addresses[0] = relay(&addresses[0], 1000);
    let arguments = ["--payload=1400", "--give-up=4", "file"];
    let (status, _, errors) = Running::sender(&addresses, &arguments, &folder).end();
    assert!(!status.success());
    for part in ["path 1 answers", "1400 bytes of payload", "a smaller --payload"] {
        assert!(errors.contains(part), "{part} is not in {errors}");
    }
    let (status, _, errors) = receiver.end();
    assert!(!status.success() && errors.contains("the sender has given up"), "{errors}");
    // The advice is good.
    let (receiver, mut addresses) = Running::receiver(1, &["--output", "copy", "--once"], &folder);
    addresses[0] = relay(&addresses[0], 1000);
    let (status, _, errors) = Running::sender(&addresses, &["--payload=500", "file"], &folder).end();
    assert!(status.success() && receiver.end().0.success(), "{errors}");
}
