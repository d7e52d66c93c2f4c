//! Files that are none, or not to be written: pipes, devices, sockets, links, folders.

use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::os::unix::net::UnixListener;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

use crate::running::{Folder, MULTIPATH, Running};

fn make_pipe(folder: &Folder, name: &str) -> String {
    let path = folder.file(name);
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    path
}

/// Names in a folder, in their order.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// What is wrong is said before anybody sends.
fn refused(folder: &Folder, output: &str) -> String {
    let (status, events, errors) =
        Running::start(&["recv", "--listen", "127.0.0.1:0", "--output", output], folder).end();
    assert!(!status.success() && events.is_empty() && errors.lines().count() == 1, "{output}: {errors}");
    errors
}

#[test]
fn a_pipe_that_nobody_reads_holds_up_nobody() {
    let (here, there) = (Folder::new("unread"), Folder::new("unread-pipe"));
    let file = here.with_file("file", 50_000);
    let pipe = make_pipe(&there, "pipe");
    let (mut receiver, addresses) = Running::receiver(1, &["--output", "pipe"], &there);
    let (status, _, errors) = Running::sender(&addresses, &["file"], &here).end();
    assert!(!status.success() && errors.contains("cannot write its output"), "{errors}");
    let reason = receiver.wait_for("failed")["reason"].to_string();
    assert!(reason.contains("pipe: nobody reads this pipe: start its reader first"), "{reason}");
    // It is started. (Opened for both, a pipe waits for nobody.)
    let mut reader = fs::File::options().read(true).write(true).open(&pipe).unwrap();
    let (status, _, errors) = Running::sender(&addresses, &["file"], &here).end();
    assert!(status.success(), "{errors}");
    receiver.wait_for("done");
    let mut read = vec![0; file.len()];
    reader.read_exact(&mut read).unwrap();
    assert!(read == file);
    assert_eq!(names(&there.0), ["pipe"]);
    // It reads no more, and the pipe is full: the receiver can still be interrupted.
    here.with_file("file", 1_000_000);
    let mut sender = Running::sender(&addresses, &["file"], &here);
    sender.wait_for("accepted");
    receiver.interrupt();
    assert_eq!(receiver.end().0.code(), Some(130));
    let (status, _, errors) = sender.end();
    assert!(!status.success() && errors.contains("the receiver has given the transfer up"), "{errors}");
}

#[test]
fn a_pipe_that_nobody_writes_is_waited_for_and_can_be_interrupted() {
    let (here, there) = (Folder::new("unwritten"), Folder::new("unwritten-there"));
    let pipe = make_pipe(&here, "pipe");
    let (mut receiver, addresses) = Running::receiver(1, &[], &there);
    let mut sender = Running::sender(&addresses, &["pipe"], &here);
    sender.wait_for("accepted");
    sender.interrupt();
    assert_eq!(sender.end().0.code(), Some(130));
    receiver.wait_for("failed");
    let mut sender = Running::sender(&addresses, &["pipe"], &here);
    sender.wait_for("accepted");
    fs::File::options().write(true).open(&pipe).unwrap().write_all(b"written").unwrap();
    let (status, _, errors) = sender.end();
    assert!(status.success(), "{errors}");
    receiver.wait_for("done");
    assert_eq!(fs::read(there.file("pipe")).unwrap(), b"written");
}

/// By a link: a program that replaced it would not replace the device of this machine.
#[test]
fn a_device_takes_what_comes() {
    let folder = Folder::new("device");
    folder.with_file("file", 100_000);
    symlink("/dev/null", folder.file("null")).unwrap();
    let (receiver, addresses) = Running::receiver(1, &["--output", "null", "--once"], &folder);
    let (status, _, errors) = Running::sender(&addresses, &["file"], &folder).end();
    assert!(status.success() && receiver.end().0.success(), "{errors}");
    assert!(fs::symlink_metadata(folder.file("null")).unwrap().is_symlink());
    assert_eq!(names(&folder.0), ["file", "null"]);
}

/// It is the standard output, whatever it is called: events go elsewhere.
#[test]
fn the_standard_output_has_other_names() {
    let folder = Folder::new("stdout");
    let file = folder.with_file("file", 50_000);
    for name in ["/dev/stdout", "/dev/fd/1"] {
        let (mut receiver, addresses) =
            Running::receiver_at_free_address(&["--output", name, "--once"], &folder);
        let (status, _, errors) = Running::sender(&addresses, &["file"], &folder).end();
        assert!(status.success(), "{errors}");
        let mut read = Vec::new();
        receiver.lines.take().unwrap().read_to_end(&mut read).unwrap();
        assert!(read == file, "{name}: {} bytes", read.len());
        assert!(receiver.end().0.success());
    }
}

#[test]
fn what_cannot_be_written_is_refused_at_once() {
    let folder = Folder::new("refused");
    let _socket = UnixListener::bind(folder.file("socket")).unwrap();
    assert!(refused(&folder, "socket").contains("socket: is a socket"));
    symlink("round", folder.file("round")).unwrap();
    assert!(refused(&folder, "round").contains("round: Too many levels of symbolic links"));
    symlink("no/where", folder.file("astray")).unwrap();
    assert!(refused(&folder, "astray").contains("no/where: No such file"));
    symlink(".", folder.file("to-folder")).unwrap();
    assert!(refused(&folder, "to-folder").contains("to-folder: is a directory"));
}

#[test]
fn a_link_stays_a_link() {
    let folder = Folder::new("links");
    let file = folder.with_file("file", 1000);
    fs::create_dir(folder.file("elsewhere")).unwrap();
    fs::write(folder.file("elsewhere/old"), "what was there").unwrap();
    symlink("elsewhere/old", folder.file("to-old")).unwrap();
    symlink("elsewhere/new", folder.file("to-new")).unwrap();
    symlink("to-new", folder.file("to-link")).unwrap();
    for (output, target) in [("to-old", "elsewhere/old"), ("to-link", "elsewhere/new")] {
        let (receiver, addresses) = Running::receiver(1, &["--output", output, "--once"], &folder);
        let (status, _, errors) = Running::sender(&addresses, &["file"], &folder).end();
        assert!(status.success() && receiver.end().0.success(), "{errors}");
        assert!(fs::symlink_metadata(folder.file(output)).unwrap().is_symlink());
        assert_eq!(fs::read(folder.file(target)).unwrap(), file);
    }
    assert_eq!(names(Path::new(&folder.file("elsewhere"))), ["new", "old"]);
    assert_eq!(names(&folder.0), ["elsewhere", "file", "to-link", "to-new", "to-old"]);
}

#[test]
fn a_file_can_be_sent_onto_itself() {
    let folder = Folder::new("itself");
    // More than is read ahead.
    let file = folder.with_file("file", 16_000_000);
    let (receiver, addresses) = Running::receiver(1, &["--output", "file", "--once"], &folder);
    let (status, _, errors) = Running::sender(&addresses, &["file"], &folder).end();
    assert!(status.success() && receiver.end().0.success(), "{errors}");
    assert!(fs::read(folder.file("file")).unwrap() == file);
    assert_eq!(names(&folder.0), ["file"]);
}

/// A folder in which everybody can be.
struct PublicFolder(Folder);

impl PublicFolder {
    fn new(name: &str) -> Self {
        let folder = Folder(env::temp_dir().join(format!("multipath-{name}-{}", std::process::id())));
        fs::create_dir_all(folder.file("closed")).unwrap();
        Self(folder)
    }

    fn set_mode(&self, name: &str, mode: u32) {
        fs::set_permissions(self.0.file(name), fs::Permissions::from_mode(mode)).unwrap();
    }
}

impl Drop for PublicFolder {
    fn drop(&mut self) {
        self.set_mode("closed", 0o755);
    }
}

/// A file that is not to be written could still be replaced, as its folder may be.
#[test]
fn what_is_not_to_be_written_stays_as_it_is() {
    const NOBODY: u32 = 65534;
    let folder = PublicFolder::new("closed");
    fs::write(folder.0.file("kept"), "what was there").unwrap();
    for (name, mode) in [("kept", 0o444), ("closed", 0o555), ("", 0o777)] {
        folder.set_mode(name, mode);
    }
    let program = folder.0.file("multipath");
    assert!(Command::new("cp").args([MULTIPATH, &program]).status().unwrap().success());
    for (output, inside, part) in [
        (Some("kept"), "", "kept: Permission denied"),
        (Some("closed/file"), "", "closed: Permission denied"),
        (None, "closed", ".: Permission denied"),
    ] {
        let mut command = Command::new(&program);
        // Root may write everything.
        if fs::metadata(folder.0.file("kept")).unwrap().uid() == 0 {
            command.uid(NOBODY).gid(NOBODY);
        }
        let output: Vec<_> = output.into_iter().flat_map(|output| ["--output", output]).collect();
        let arguments = [&["recv", "--listen", "127.0.0.1:0"], &output[..]].concat();
        let (status, events, errors) = Running::spawn(command, &arguments, &folder.0.0.join(inside)).end();
        assert!(!status.success() && events.is_empty() && errors.contains(part), "{output:?}: {errors}");
    }
    assert_eq!(fs::read_to_string(folder.0.file("kept")).unwrap(), "what was there");
}
