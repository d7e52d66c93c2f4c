//! A port opened for a program: its channel with the common options applied, a driver, and what a program waits for.

use core::hash::BuildHasher;
use core::time::Duration;
use std::hash::RandomState;

use ib_mad::sa::{SaAnswer, SaEvent, SaFailure, SaRequest};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at};
use transport::{CaptureFile, Captured, ChannelError, Driver, LocalPort, Lossy, Machine, ManagementChannel};

use crate::cli::CommonOptions;
use crate::error::ProgramError;
use crate::sa::SaMachine;

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
    /// Somebody asked the program to end (Ctrl-C, or a termination signal).
    End,
}

/// A port, opened.
#[derive(Debug)]
pub struct Session {
    url: String,
    driver: Driver<Box<dyn ManagementChannel>>,
    port_interval: Interval,
    interrupt: Signal,
    terminate: Signal,
}

impl Session {
    /// Open the port that the options name.
    ///
    /// # Errors
    /// When there is no such port, or the capture cannot be written.
    pub async fn open(options: &CommonOptions) -> Result<Self, ProgramError> {
        let mut channel = transport::open(&options.port).await?;
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
            url: options.port.to_string(),
            driver: Driver::new(channel),
            port_interval,
            interrupt: signal(SignalKind::interrupt()).map_err(ProgramError::Runtime)?,
            terminate: signal(SignalKind::terminate()).map_err(ProgramError::Runtime)?,
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
                return Ok(Some(port));
            }
            if self.driver.now() >= deadline {
                return Err(ProgramError::NoManager { port: self.url.clone(), waited: MANAGER_DEADLINE });
            }
            tokio::select! {
                _ = self.port_interval.tick() => {}
                _ = self.interrupt.recv() => return Ok(None),
                _ = self.terminate.recv() => return Ok(None),
            }
        }
    }

    /// Run the machine until it has something to tell, the port is to be looked at, or the program is to end.
    ///
    /// # Errors
    /// When the channel ends.
    pub async fn next<M: Machine>(&mut self, machine: &mut M) -> Result<Moment<M::Event>, ProgramError> {
        tokio::select! {
            biased;
            _ = self.interrupt.recv() => Ok(Moment::End),
            _ = self.terminate.recv() => Ok(Moment::End),
            _ = self.port_interval.tick() => Ok(Moment::Port(self.driver.port().await?)),
            event = self.driver.next(machine) => Ok(Moment::Event(event?)),
        }
    }

    /// Ask the subnet administration for several things at once; the outcomes come in the order of the requests.
    ///
    /// # Errors
    /// When the channel ends. What the administration says is in the outcomes.
    pub async fn ask(
        &mut self,
        port: &LocalPort,
        requests: &[SaRequest],
    ) -> Result<Vec<Result<SaAnswer, SaFailure>>, ProgramError> {
        let mut machine = SaMachine::for_port(port);
        let mut waiting = requests.iter().enumerate();
        let mut asked = Vec::new();
        let mut outcomes: Vec<Option<_>> = requests.iter().map(|_| None).collect();
        let mut next = waiting.next();
        while outcomes.iter().any(Option::is_none) {
            while let Some((place, request)) = next {
                match machine.client().request(self.driver.now(), *request) {
                    Ok(id) => asked.push((id, place)),
                    Err(_full) => break,
                }
                next = waiting.next();
            }
            let event = self.next_answer(&mut machine).await?;
            if let Some((_, place)) = asked.iter().find(|(id, _)| *id == event.id) {
                outcomes[*place] = Some(event.outcome);
            }
        }
        Ok(outcomes.into_iter().flatten().collect())
    }

    /// The next request of the machine that ended.
    pub(crate) async fn next_answer(&mut self, machine: &mut SaMachine) -> Result<SaEvent, ProgramError> {
        loop {
            match self.next(machine).await? {
                Moment::Event(event) => return Ok(event),
                Moment::Port(_) => {}
                Moment::End => return Err(ProgramError::Interrupted),
            }
        }
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

fn random_u64() -> u64 {
    RandomState::new().hash_one(std::process::id())
}
