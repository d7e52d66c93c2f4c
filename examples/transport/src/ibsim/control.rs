//! Requests to ibsim itself: who a client is, and what its port is like.

use core::time::Duration;
use std::io;

use tokio::net::UnixDatagram;
use tokio::time::{Instant, timeout_at};
use zerocopy::IntoBytes;

use super::protocol::{Answer, CONTROL_DATA, Control, ControlType};
use super::socket::BaseName;
use crate::error::ChannelError;

/// How long ibsim may take to answer. It answers at once, unless it routes for a busy subnet manager.
const DEADLINE: Duration = Duration::from_secs(5);

/// A client's control socket, connected to ibsim's.
#[derive(Debug)]
pub(super) struct ControlSocket {
    socket: UnixDatagram,
    base: BaseName,
}

impl ControlSocket {
    pub(super) fn connect(
        socket: std::os::unix::net::UnixDatagram,
        base: BaseName,
    ) -> Result<Self, ChannelError> {
        let what = "connecting to ibsim's control socket";
        let server = base.socket("ctl").map_err(ChannelError::io(what))?;
        match socket.connect_addr(&server) {
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                return Err(ChannelError::NoServer { name: base.as_str().into() });
            }
            other => other.map_err(ChannelError::io(what))?,
        }
        socket.set_nonblocking(true).map_err(ChannelError::io(what))?;
        Ok(Self { socket: UnixDatagram::from_std(socket).map_err(ChannelError::io(what))?, base })
    }

    pub(super) fn base(&self) -> &BaseName {
        &self.base
    }

    /// Ask, and wait for the answer: `None` when ibsim refuses.
    pub(super) async fn exchange(
        &self,
        kind: ControlType,
        client: u32,
        data: [u8; CONTROL_DATA],
    ) -> Result<Option<[u8; CONTROL_DATA]>, ChannelError> {
        let request = Control::new(kind, client, data);
        let mut answer = [0; size_of::<Control>() + 1];
        // A call that was dropped half way left its answer here.
        while self.socket.try_recv(&mut answer).is_ok() {}
        let exchange = async {
            self.socket.send(request.as_bytes()).await?;
            loop {
                let length = self.socket.recv(&mut answer).await?;
                match request.answer(&answer[..length]) {
                    Answer::Done(data) => return Ok(Some(data)),
                    Answer::Refused => return Ok(None),
                    Answer::Unrelated => {}
                }
            }
        };
        match timeout_at(Instant::now() + DEADLINE, exchange).await {
            Ok(Err(error)) => Err(self.error(error)),
            Ok(Ok(answer)) => Ok(answer),
            Err(_) => Err(ChannelError::NoAnswer {
                name: self.base.as_str().into(),
                request: kind.name(),
                waited: DEADLINE,
            }),
        }
    }

    /// Tell without waiting for an answer.
    pub(super) fn tell(&self, kind: ControlType, client: u32) {
        let request = Control::new(kind, client, [0; CONTROL_DATA]);
        if let Err(error) = self.socket.try_send(request.as_bytes()) {
            tracing::debug!(%error, request = kind.name(), "ibsim was not told");
        }
    }

    fn error(&self, error: io::Error) -> ChannelError {
        match error.kind() {
            io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::NotConnected => ChannelError::ServerGone { name: self.base.as_str().into() },
            _ => ChannelError::Io { what: "asking ibsim", source: error },
        }
    }
}
