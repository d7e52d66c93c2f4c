//! Where the bytes to send come from.

use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use std::thread;

use bytes::Bytes;
use tokio::sync::mpsc;

use crate::transfer::{Hash, Summary};

/// Bytes that are read together.
const BLOCK: usize = 1 << 20;
/// Blocks that are read ahead.
const AHEAD: usize = 4;

/// What a source has next.
#[derive(Debug)]
pub enum SourceItem {
    /// Bytes.
    Block(Bytes),
    /// That was all.
    End(Summary),
    /// They cannot be read.
    Failed(io::Error),
}

/// A file, the standard input, or bytes made up. What is read is hashed on the way, by the thread that reads.
#[derive(Debug)]
pub struct Source {
    name: String,
    size: Option<u64>,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Read(mpsc::Receiver<SourceItem>),
    Generated { block: Bytes, left: u64, length: u64 },
    Ended,
}

impl Source {
    /// Read a file.
    ///
    /// # Errors
    /// When there is no such file, or it is a folder.
    pub fn file(path: &Path) -> io::Result<Self> {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        if fs::metadata(path)?.file_type().is_fifo() {
            // Opening it waits until somebody writes: the thread that reads can do that.
            let path = path.to_owned();
            return Ok(Self { name, size: None, kind: Kind::Read(read(move || File::open(path))) });
        }
        let file = File::open(path)?;
        let metadata = file.metadata()?;
        if metadata.is_dir() {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        // A pipe or a device does not say how much will come.
        let size = metadata.is_file().then_some(metadata.len());
        Ok(Self { name, size, kind: Kind::Read(read(|| Ok(file))) })
    }

    /// Read the standard input.
    pub fn stdin() -> Self {
        Self { name: "stdin".into(), size: None, kind: Kind::Read(read(|| Ok(io::stdin()))) }
    }

    /// So many bytes that nobody reads, hashes or writes: for measurements.
    pub fn generated(length: u64) -> Self {
        let block: Vec<u8> = (0..BLOCK).map(|place| (place % 251) as u8).collect();
        let kind = Kind::Generated { block: block.into(), left: length, length };
        Self { name: "generated".into(), size: Some(length), kind }
    }

    /// Name of the file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its bytes, if that is known.
    pub const fn size(&self) -> Option<u64> {
        self.size
    }

    /// The next block, or how it ended; then nothing for ever. Dropping the future loses nothing.
    pub async fn next(&mut self) -> SourceItem {
        let item = match &mut self.kind {
            Kind::Ended => core::future::pending().await,
            Kind::Read(items) => {
                // The thread ends with an item that says so.
                items.recv().await.unwrap_or_else(|| SourceItem::Failed(io::ErrorKind::BrokenPipe.into()))
            }
            Kind::Generated { left: 0, length, .. } => {
                SourceItem::End(Summary { length: *length, hash: None })
            }
            Kind::Generated { block, left, .. } => {
                let length = (block.len() as u64).min(*left);
                *left -= length;
                // At most the block's length.
                SourceItem::Block(block.slice(..length as usize))
            }
        };
        if !matches!(item, SourceItem::Block(_)) {
            self.kind = Kind::Ended;
        }
        item
    }
}

/// Read what `open` opens, in a thread.
fn read<R: Read>(open: impl FnOnce() -> io::Result<R> + Send + 'static) -> mpsc::Receiver<SourceItem> {
    let (sender, receiver) = mpsc::channel(AHEAD);
    thread::spawn(move || {
        let mut input = match open() {
            Ok(input) => input,
            Err(error) => {
                // Nobody waits for it any more, or hears why.
                let _ = sender.blocking_send(SourceItem::Failed(error));
                return;
            }
        };
        let mut hasher = blake3::Hasher::new();
        let mut length = 0;
        loop {
            let mut block = vec![0; BLOCK];
            let item = match input.read(&mut block) {
                Ok(0) => {
                    let hash = Some(Hash(*hasher.finalize().as_bytes()));
                    SourceItem::End(Summary { length, hash })
                }
                Ok(count) => {
                    block.truncate(count);
                    hasher.update(&block);
                    length += count as u64;
                    SourceItem::Block(block.into())
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => SourceItem::Failed(error),
            };
            let is_last = !matches!(item, SourceItem::Block(_));
            if sender.blocking_send(item).is_err() || is_last {
                return;
            }
        }
    });
    receiver
}
