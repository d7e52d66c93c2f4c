//! Writes what is registered to its file: soon after a change, not more often than once a second, and beside the manager's work.

use core::future::pending;
use core::time::Duration;

use programs::ProgramError;
use subnet_manager::administration::AdministrationState;
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::{Instant, sleep_until};

use crate::registration_file::RegistrationFile;

/// From one beginning to the next.
const PAUSE: Duration = Duration::from_secs(1);
/// After a failure.
const PAUSE_AFTER_FAILURE: Duration = Duration::from_secs(10);

/// A file, and how far it is behind.
#[derive(Debug)]
pub(crate) struct Keeper {
    file: RegistrationFile,
    is_behind: bool,
    /// The next write begins no sooner.
    not_before: Instant,
    writing: Option<JoinHandle<Result<Written, ProgramError>>>,
}

/// What is to be done.
#[derive(Debug)]
pub(crate) enum Task {
    /// To write what is registered now.
    Write,
    /// To tell what was written, or why not.
    Tell(Result<Written, ProgramError>),
}

/// How much was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Written {
    pub(crate) subscriptions: usize,
    pub(crate) groups: usize,
    pub(crate) services: usize,
}

impl Written {
    pub(crate) fn of(state: &AdministrationState) -> Self {
        Self {
            subscriptions: state.subscriptions.len(),
            groups: state.groups.len(),
            services: state.services.len(),
        }
    }
}

impl Keeper {
    /// Keep what is registered in `file`, which is as it is to be.
    pub(crate) fn new(file: RegistrationFile) -> Self {
        Self { file, is_behind: false, not_before: Instant::now(), writing: None }
    }

    /// What is registered has changed.
    pub(crate) fn changed(&mut self) {
        self.is_behind = true;
    }

    /// Wait until there is something to do; for ever without a keeper. Dropping the call loses nothing.
    pub(crate) async fn next(keeper: &mut Option<Self>) -> Task {
        let Some(keeper) = keeper else { return pending().await };
        if let Some(writing) = &mut keeper.writing {
            let outcome = writing.await;
            keeper.writing = None;
            return Task::Tell(keeper.ended(outcome));
        }
        if !keeper.is_behind {
            return pending().await;
        }
        sleep_until(keeper.not_before).await;
        Task::Write
    }

    /// Begin to write.
    pub(crate) fn write(&mut self, state: AdministrationState) {
        self.is_behind = false;
        self.not_before = Instant::now() + PAUSE;
        let file = self.file.clone();
        let write = move || file.write(&state).map(|()| Written::of(&state));
        self.writing = Some(spawn_blocking(write));
    }

    /// The program ends: what is behind is written now.
    pub(crate) async fn finish(
        mut self,
        state: impl FnOnce() -> AdministrationState,
    ) -> Result<(), ProgramError> {
        if let Some(writing) = self.writing.take() {
            let outcome = writing.await;
            self.is_behind |= self.ended(outcome).is_err();
        }
        if self.is_behind { self.file.write(&state()) } else { Ok(()) }
    }

    fn ended(
        &mut self,
        outcome: Result<Result<Written, ProgramError>, tokio::task::JoinError>,
    ) -> Result<Written, ProgramError> {
        let outcome = outcome.unwrap_or_else(|error| Err(ProgramError::Other(error.to_string())));
        if outcome.is_err() {
            // It is tried again: what is wrong may be set right.
            self.is_behind = true;
            self.not_before = Instant::now() + PAUSE_AFTER_FAILURE;
        }
        outcome
    }
}
