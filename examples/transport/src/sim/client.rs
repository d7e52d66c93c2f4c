//! A program's end of the socket of a fabric that another process hosts.

use core::time::Duration;
use std::io;
use std::path::PathBuf;

use async_trait::async_trait;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::time::timeout;
use zerocopy::IntoBytes;

use super::error::SimError;
use super::frame::{FRAME, Frame, Frames, Kind};
use super::socket::SimName;
use crate::channel::{Incoming, ManagementChannel, Outgoing};
use crate::error::ChannelError;
use crate::port::LocalPort;

/// How long the host may take to answer. It answers at once, unless the machine is very busy.
const DEADLINE: Duration = Duration::from_secs(5);
/// Frames that are read at a time.
const BATCH: usize = 256;

/// An end port of a fabric that another process hosts.
#[derive(Debug)]
pub struct SimClient {
    path: PathBuf,
    node: Box<str>,
    reader: OwnedReadHalf,
    writer: OwnedWriteHalf,
    frames: Frames,
    /// What is still to be written: a call that is dropped half way leaves the rest for the next.
    unwritten: Vec<u8>,
    /// What arrived while something else was waited for.
    arrived: Vec<Incoming>,
    /// Questions so far.
    questions: u32,
}

impl SimClient {
    /// Attach to `node` of the fabric that is hosted under `name`.
    ///
    /// # Errors
    /// Why the host is not reached, or does not accept the program.
    pub async fn connect(node: &str, name: &SimName) -> Result<Self, ChannelError> {
        let path = name.path().to_owned();
        name.check()?;
        let stream = UnixStream::connect(&path).await.map_err(|source| match source.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => {
                SimError::NotRunning { path: path.clone() }
            }
            _ => SimError::Io { what: "connecting to", path: path.clone(), source },
        })?;
        let (reader, writer) = stream.into_split();
        let mut client = Self {
            path,
            node: node.into(),
            reader,
            writer,
            frames: Frames::default(),
            unwritten: Vec::new(),
            arrived: Vec::new(),
            questions: 0,
        };
        let unknown = || SimError::UnknownNode { node: node.into() };
        let attach = Frame::attach(node).ok_or_else(unknown)?;
        client.unwritten.extend_from_slice(attach.as_bytes());
        client.write().await?;
        let answer = async {
            loop {
                match client.next().await?.kind() {
                    Some(Kind::Attached) => return Ok(true),
                    Some(Kind::NoSuchNode) => return Ok(false),
                    _ => {}
                }
            }
        };
        let is_attached: Result<bool, ChannelError> = within("the connection", answer).await?;
        if is_attached? { Ok(client) } else { Err(unknown().into()) }
    }

    /// Name of the node, as it was asked for.
    pub fn node(&self) -> &str {
        &self.node
    }

    fn error(&self, source: io::Error) -> ChannelError {
        let path = self.path.clone();
        match source.kind() {
            io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof => {
                SimError::Gone { path }.into()
            }
            _ => SimError::Io { what: "the socket", path, source }.into(),
        }
    }

    /// Write what is to be written. Dropping the call loses nothing.
    async fn write(&mut self) -> Result<(), ChannelError> {
        while !self.unwritten.is_empty() {
            match self.writer.write(&self.unwritten).await {
                Ok(0) => return Err(self.error(io::ErrorKind::BrokenPipe.into())),
                Ok(written) => drop(self.unwritten.drain(..written)),
                Err(error) => return Err(self.error(error)),
            }
        }
        Ok(())
    }

    /// Ask the host something, and wait for the answer.
    async fn ask(&mut self, what: &'static str, question: Kind) -> Result<Frame, ChannelError> {
        self.questions = self.questions.wrapping_add(1);
        let number = self.questions;
        self.unwritten.extend_from_slice(Frame::new(question, number).as_bytes());
        let answer = async {
            self.write().await?;
            loop {
                let frame = self.next().await?;
                match frame.kind() {
                    Some(Kind::Port | Kind::Announced | Kind::Managed) if frame.number() == number => {
                        return Ok(frame);
                    }
                    Some(Kind::Received) => self.arrived.extend(frame.incoming()),
                    _ => {}
                }
            }
        };
        within(what, answer).await?
    }

    /// The next frame. Dropping the call loses nothing.
    async fn next(&mut self) -> Result<Frame, ChannelError> {
        loop {
            if let Some(frame) = self.frames.next() {
                return Ok(frame);
            }
            let buffer = self.frames.buffer();
            buffer.reserve(BATCH * FRAME);
            match self.reader.read_buf(buffer).await {
                Ok(0) => return Err(SimError::Gone { path: self.path.clone() }.into()),
                Ok(_) => {}
                Err(error) => return Err(self.error(error)),
            }
        }
    }
}

/// What the host says, if it does within a time.
async fn within<T>(request: &'static str, answer: impl Future<Output = T>) -> Result<T, ChannelError> {
    timeout(DEADLINE, answer).await.map_err(|_| ChannelError::Io {
        what: request,
        source: io::Error::new(io::ErrorKind::TimedOut, "the host of the simulated fabric does not answer"),
    })
}

#[async_trait]
impl ManagementChannel for SimClient {
    async fn port(&mut self) -> Result<LocalPort, ChannelError> {
        Ok(self.ask("asking for the port", Kind::AskPort).await?.port_bytes().into())
    }

    async fn send(&mut self, batch: &[Outgoing]) -> Result<(), ChannelError> {
        for outgoing in batch {
            self.unwritten.extend_from_slice(Frame::send(outgoing).as_bytes());
        }
        self.write().await
    }

    async fn receive(&mut self, batch: &mut Vec<Incoming>) -> Result<(), ChannelError> {
        let start = batch.len();
        batch.append(&mut self.arrived);
        while batch.len() == start {
            let frame = self.next().await?;
            let frames = core::iter::once(frame).chain(core::iter::from_fn(|| self.frames.next()));
            batch.extend(
                frames
                    .filter(|frame| frame.kind() == Some(Kind::Received))
                    .filter_map(|frame| frame.incoming()),
            );
        }
        Ok(())
    }

    async fn announce_manager(&mut self) -> Result<(), ChannelError> {
        let answer = self.ask("announcing a manager", Kind::AnnounceManager).await?;
        if answer.kind() == Some(Kind::Announced) { Ok(()) } else { Err(SimError::Managed.into()) }
    }
}
