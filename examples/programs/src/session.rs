//! A port opened for a program: its channel with the common options applied, a driver, and what a program waits for.

use core::convert::Infallible;
use core::hash::BuildHasher;
use core::time::Duration;
use std::hash::RandomState;

use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};
use transport::{CaptureFile, Captured, ChannelError, Driver, LocalPort, Lossy, Machine, ManagementChannel};

use crate::cli::CommonOptions;
use crate::error::ProgramError;
use crate::interrupt::Interrupt;

/// How often the port is looked at for changes that the fabric does not tell.
const PORT_INTERVAL: Duration = Duration::from_millis(500);
/// How long a subnet manager may take to configure the port.
const MANAGER_DEADLINE: Duration = Duration::from_secs(30);

/// What a program waited for.
#[derive(Debug)]
pub enum Moment<E> {
    /// The machine has something to tell.
    Event(E),
    /// It is time to look at the port; it is like this now.
    Port(LocalPort),
    /// A subnet manager asks whoever is behind the port to register anew: subscriptions are lost.
    Reregister,
    /// Somebody asked the program to end (Ctrl-C, or a termination signal).
    End,
}

/// What a program waited for, where it waits for something of its own too.
#[derive(Debug)]
pub enum Next<E, T> {
    /// As of [`Session::next`].
    Moment(Moment<E>),
    /// The program's own.
    Own(T),
}

/// A port, opened.
#[derive(Debug)]
pub struct Session {
    url: String,
    driver: Driver<Box<dyn ManagementChannel>>,
    port_interval: Interval,
    /// How often a manager had asked to register anew when the port was last looked at.
    reregistrations: Option<u32>,
    /// It has, and the program is to be told next.
    is_asked_anew: bool,
    interrupt: Interrupt,
}

impl Session {
    /// Open the port that the options name.
    ///
    /// # Errors
    /// When they name none, there is no such port, or the capture cannot be written.
    pub async fn open(options: &CommonOptions) -> Result<Self, ProgramError> {
        let port = options.port()?;
        let mut channel = transport::open(port).await?;
        if let Some(path) = &options.pcap {
            let file = CaptureFile::create(path)
                .map_err(|source| ProgramError::File { path: path.display().to_string(), source })?;
            channel = Box::new(Captured::new(channel, file).await?);
        }
        if !options.drop.is_empty() {
            // Losses are the outermost: the capture shows what the fabric carried.
            channel = Box::new(Lossy::new(channel, options.drop.clone(), random_u64()));
        }
        let mut port_interval = interval_at(Instant::now() + PORT_INTERVAL, PORT_INTERVAL);
        port_interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
        Ok(Self {
            url: port.to_string(),
            driver: Driver::new(channel),
            port_interval,
            reregistrations: None,
            is_asked_anew: false,
            interrupt: Interrupt::new()?,
        })
    }

    /// The driver.
    pub fn driver(&mut self) -> &mut Driver<Box<dyn ManagementChannel>> {
        &mut self.driver
    }

    /// Time since the session began, as the machines are told it.
    pub fn now(&self) -> Duration {
        self.driver.now()
    }

    /// The port, once a subnet manager has configured it; `None` when the program is asked to end before.
    ///
    /// # Errors
    /// When no manager does so in half a minute.
    pub async fn configured_port(&mut self) -> Result<Option<LocalPort>, ProgramError> {
        let deadline = self.driver.now() + MANAGER_DEADLINE;
        loop {
            let port = self.driver.port().await?;
            if port.is_configured() {
                self.reregistrations = Some(port.reregistrations);
                return Ok(Some(port));
            }
            if self.driver.now() >= deadline {
                return Err(ProgramError::NoManager { port: self.url.clone(), waited: MANAGER_DEADLINE });
            }
            tokio::select! {
                _ = self.port_interval.tick() => {}
                () = self.interrupt.wait() => return Ok(None),
            }
        }
    }

    /// Run the machine until it has something to tell, the port is to be looked at, or the program is to end.
    ///
    /// # Errors
    /// When the channel ends.
    pub async fn next<M: Machine>(&mut self, machine: &mut M) -> Result<Moment<M::Event>, ProgramError> {
        match self.next_or(machine, core::future::pending::<Infallible>()).await? {
            Next::Moment(moment) => Ok(moment),
            Next::Own(never) => match never {},
        }
    }

    /// The same, or until `own` has come. That is dropped when something else comes first: it must lose nothing by it.
    ///
    /// # Errors
    /// When the channel ends.
    pub async fn next_or<M: Machine, T>(
        &mut self,
        machine: &mut M,
        own: impl Future<Output = T>,
    ) -> Result<Next<M::Event, T>, ProgramError> {
        Ok(tokio::select! {
            biased;
            () = self.interrupt.wait() => Next::Moment(Moment::End),
            _ = self.port_interval.tick() => {
                if core::mem::take(&mut self.is_asked_anew) {
                    return Ok(Next::Moment(Moment::Reregister));
                }
                let port = self.driver.port().await?;
                let before = self.reregistrations.replace(port.reregistrations);
                if before.is_some_and(|before| before != port.reregistrations) {
                    // First where the manager is, then what it asks for.
                    self.is_asked_anew = true;
                    self.port_interval.reset_immediately();
                }
                Next::Moment(Moment::Port(port))
            }
            own = own => Next::Own(own),
            event = self.driver.next(machine) => Next::Moment(Moment::Event(event?)),
        })
    }

    /// Send what the machine still has to send, and nothing more.
    ///
    /// # Errors
    /// When the channel ends.
    pub async fn flush<M: Machine>(&mut self, machine: &mut M) -> Result<(), ChannelError> {
        self.driver.send(machine).await
    }
}

/// A number that differs from run to run: where transaction ids start.
pub fn random_u32() -> u32 {
    let [a, b, c, d, ..] = random_u64().to_be_bytes();
    u32::from_be_bytes([a, b, c, d])
}

/// A number that nobody foresees.
pub fn random_u64() -> u64 {
    RandomState::new().hash_one(std::process::id())
}
