use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::error::ProgramError;

/// Somebody asks the program to end: Ctrl-C, or a termination signal.
#[derive(Debug)]
pub struct Interrupt {
    interrupt: Signal,
    terminate: Signal,
}

impl Interrupt {
    /// From now on these signals do not end the program by themselves.
    ///
    /// # Errors
    /// When the system gives no handlers.
    pub fn new() -> Result<Self, ProgramError> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt()).map_err(ProgramError::Runtime)?,
            terminate: signal(SignalKind::terminate()).map_err(ProgramError::Runtime)?,
        })
    }

    /// Wait until somebody asks. Dropping the future loses nothing.
    pub async fn wait(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}
