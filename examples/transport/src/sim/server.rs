//! The host's end: a fabric on a Unix socket.

use std::io;
use std::path::PathBuf;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{UnixListener, UnixStream};
use zerocopy::IntoBytes;

use super::channel::SimChannel;
use super::error::SimError;
use super::frame::{FRAME, Frame, Frames, Kind};
use super::shared::SharedFabric;
use super::socket::SimName;
use crate::channel::{Incoming, ManagementChannel};

/// Frames that are read at a time.
const BATCH: usize = 256;

/// Hosts a fabric. Its socket goes when this is dropped.
#[derive(Debug)]
pub struct SimServer {
    listener: UnixListener,
    path: PathBuf,
    fabric: SharedFabric,
}

impl SimServer {
    /// Host `fabric` under a name. Must be called inside a tokio runtime with IO and time.
    ///
    /// # Errors
    /// When another fabric is there, or the socket cannot be made.
    pub async fn bind(name: &SimName, fabric: SharedFabric) -> Result<Self, SimError> {
        name.prepare()?;
        let path = name.path().to_owned();
        let failed = |source| SimError::Io { what: "making the socket", path: path.clone(), source };
        let listener = match UnixListener::bind(&path) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                if UnixStream::connect(&path).await.is_ok() {
                    return Err(SimError::AlreadyRunning { path });
                }
                // Whoever made it was killed.
                std::fs::remove_file(&path).map_err(failed)?;
                UnixListener::bind(&path).map_err(failed)?
            }
            other => other.map_err(failed)?,
        };
        Ok(Self { listener, path, fabric })
    }

    /// Take programs, until the call is dropped; those that are attached then stay so for as long as the runtime runs.
    pub async fn serve(&self) {
        loop {
            match self.listener.accept().await {
                Ok((stream, _)) => {
                    let fabric = self.fabric.clone();
                    tokio::spawn(async move {
                        if let Err(error) = attend(stream, fabric).await {
                            tracing::debug!(%error, "a program left");
                        }
                    });
                }
                // Out of file descriptors, or a program that was gone before it was taken.
                Err(error) => {
                    tracing::warn!(%error, "a program could not be taken");
                    tokio::time::sleep(core::time::Duration::from_millis(50)).await;
                }
            }
        }
    }
}

impl Drop for SimServer {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::debug!(%error, path = %self.path.display(), "the socket was gone");
        }
    }
}

/// Serve one program until it leaves.
async fn attend(mut stream: UnixStream, fabric: SharedFabric) -> io::Result<()> {
    let mut frames = Frames::default();
    let Some(first) = next(&mut stream, &mut frames).await? else { return Ok(()) };
    let node = first.node().filter(|_| first.kind() == Some(Kind::Attach));
    let Some(mut channel) = node.and_then(|node| fabric.attach(node).ok()) else {
        return stream.write_all(Frame::new(Kind::NoSuchNode, 0).as_bytes()).await;
    };
    stream.write_all(Frame::new(Kind::Attached, 0).as_bytes()).await?;
    let mut arrived: Vec<Incoming> = Vec::new();
    let mut batch = Vec::new();
    let mut answers = Vec::new();
    loop {
        tokio::select! {
            biased;
            frame = next(&mut stream, &mut frames) => {
                let Some(frame) = frame? else { return Ok(()) };
                batch.clear();
                for frame in core::iter::once(frame).chain(core::iter::from_fn(|| frames.next())) {
                    match frame.kind() {
                        Some(Kind::Send) => batch.extend(frame.outgoing()),
                        // In its place among what is sent.
                        Some(Kind::AskPort) => {
                            send(&mut channel, &mut batch).await?;
                            answers.extend_from_slice(port(&mut channel, frame.number()).await?.as_bytes());
                        }
                        Some(Kind::AnnounceManager) => {
                            send(&mut channel, &mut batch).await?;
                            let is_first = channel.announce_manager().await.is_ok();
                            let kind = if is_first { Kind::Announced } else { Kind::Managed };
                            answers.extend_from_slice(Frame::new(kind, frame.number()).as_bytes());
                        }
                        _ => return Err(io::ErrorKind::InvalidData.into()),
                    }
                }
                send(&mut channel, &mut batch).await?;
            }
            received = channel.receive(&mut arrived) => {
                received.map_err(io::Error::other)?;
                arrived.drain(..).for_each(|incoming| {
                    answers.extend_from_slice(Frame::received(&incoming).as_bytes());
                });
            }
        }
        stream.write_all(&answers).await?;
        answers.clear();
    }
}

/// The next frame; `None` at the stream's end. Dropping the call loses nothing.
async fn next(stream: &mut UnixStream, frames: &mut Frames) -> io::Result<Option<Frame>> {
    loop {
        if let Some(frame) = frames.next() {
            return Ok(Some(frame));
        }
        let buffer = frames.buffer();
        buffer.reserve(BATCH * FRAME);
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
}

async fn send(channel: &mut SimChannel, batch: &mut Vec<crate::channel::Outgoing>) -> io::Result<()> {
    channel.send(batch).await.map_err(io::Error::other)?;
    batch.clear();
    Ok(())
}

/// The answer to a question for the port.
async fn port(channel: &mut SimChannel, number: u32) -> io::Result<Frame> {
    Ok(Frame::port(number, &channel.port_bytes().ok_or(io::ErrorKind::NotFound)?))
}
