//! A cpio archive in the form that the kernel takes as its first file system ("newc").
//!
//! Source: Linux's `Documentation/driver-api/early-userspace/buffer-format.rst`.

use std::collections::BTreeSet;
use std::path::{Component, Path};

const FILE: u32 = 0o100_000;
const FOLDER: u32 = 0o040_000;
const LINK: u32 = 0o120_000;

/// An archive in memory. The same files in the same order give the same bytes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Archive {
    bytes: Vec<u8>,
    names: BTreeSet<String>,
}

impl Archive {
    /// Add a file; its folders are added where they are missing. A path that is there already stays as it is.
    pub(crate) fn file(&mut self, path: &Path, executable: bool, content: &[u8]) {
        let mode = if executable { 0o755 } else { 0o644 };
        self.put(path, FILE | mode, content);
    }

    /// Add a symbolic link.
    pub(crate) fn link(&mut self, path: &Path, to: &str) {
        self.put(path, LINK | 0o777, to.as_bytes());
    }

    /// Whether the path is there.
    pub(crate) fn contains(&self, path: &Path) -> bool {
        self.names.contains(&name(path))
    }

    /// The archive, ended, and filled up to whole sectors of a disk.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.entry("TRAILER!!!", 0, &[]);
        self.bytes.resize(self.bytes.len().next_multiple_of(512), 0);
        self.bytes
    }

    fn put(&mut self, path: &Path, mode: u32, content: &[u8]) {
        let name = name(path);
        if self.names.contains(&name) {
            return;
        }
        for (end, _) in name.match_indices('/') {
            if let Some(folder) = name.get(..end)
                && self.names.insert(folder.to_owned())
            {
                self.entry(folder, FOLDER | 0o755, &[]);
            }
        }
        self.entry(&name, mode, content);
        self.names.insert(name);
    }

    fn entry(&mut self, name: &str, mode: u32, content: &[u8]) {
        let number = self.names.len() + 1;
        let links = if mode & FOLDER == FOLDER { 2 } else { 1 };
        let header = [number, mode as usize, 0, 0, links, 0, content.len(), 0, 0, 0, 0, name.len() + 1, 0];
        self.bytes.extend(b"070701");
        for field in header {
            self.bytes.extend(format!("{field:08x}").as_bytes());
        }
        self.bytes.extend(name.as_bytes());
        self.bytes.push(0);
        self.fill();
        self.bytes.extend(content);
        self.fill();
    }

    fn fill(&mut self) {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
    }
}

/// A path as the archive has it: without the slash in front.
fn name(path: &Path) -> String {
    let parts: Vec<_> = path
        .components()
        .filter_map(|component| match component {
            Component::Normal(part) => Some(part.to_string_lossy()),
            _ => None,
        })
        .collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::process::{Command, Stdio};

    #[test]
    fn cpio_lists_what_was_put_in() {
        let mut archive = Archive::default();
        archive.link(Path::new("/bin"), "usr/bin");
        archive.file(Path::new("/usr/bin/odd"), true, b"12345");
        archive.file(Path::new("/usr/bin/odd"), true, b"another, which comes too late");
        assert!(archive.contains(Path::new("usr/bin/odd")) && archive.contains(Path::new("/usr")));
        let bytes = archive.finish();
        assert_eq!(bytes.len() % 512, 0);
        let mut cpio = Command::new("cpio")
            .args(["--list", "--verbose", "--numeric-uid-gid", "--quiet"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        cpio.stdin.take().unwrap().write_all(&bytes).unwrap();
        let listed = String::from_utf8(cpio.wait_with_output().unwrap().stdout).unwrap();
        let fields: Vec<Vec<_>> = listed.lines().map(|line| line.split_whitespace().collect()).collect();
        let of = |line: usize| (fields[line][0], fields[line][4], *fields[line].last().unwrap());
        assert_eq!(of(0), ("lrwxrwxrwx", "7", "usr/bin"));
        assert_eq!(of(1), ("drwxr-xr-x", "0", "usr"));
        assert_eq!(of(3), ("-rwxr-xr-x", "5", "usr/bin/odd"));
        assert_eq!(fields.len(), 4);
    }
}
