//! OpenSM: an unmodified subnet manager on the simulated fabric.

use core::time::Duration;

use tokio::time::{Instant, timeout};

use crate::{Ibsim, PeerError, Process, RunDir};

/// How long a sweep may take; on the fabrics of the tests it takes milliseconds.
const SWEEP: Duration = Duration::from_secs(60);

/// How long its log is silent when it has nothing more to do. Its log of a sweep has gaps of milliseconds.
const SILENCE: Duration = Duration::from_millis(500);

/// A running subnet manager.
#[derive(Debug)]
pub struct OpenSm {
    process: Process,
    host: String,
    subnet_ups: usize,
    last_up: Option<Instant>,
}

impl OpenSm {
    /// Start OpenSM on `host` with a routing engine (`lash`, `minhop` …). Its log is `osm.log` in `dir`, and so are its
    /// dumps and caches: nothing outside is touched.
    ///
    /// # Errors
    /// When it is not installed or does not start.
    pub fn start(ibsim: &Ibsim, host: &str, routing: &str, dir: &RunDir) -> Result<Self, PeerError> {
        Self::start_with(ibsim, host, routing, &[], dir)
    }

    /// [`start`](Self::start) with more arguments.
    ///
    /// # Errors
    /// When it is not installed or does not start.
    pub fn start_with(
        ibsim: &Ibsim,
        host: &str,
        routing: &str,
        arguments: &[&str],
        dir: &RunDir,
    ) -> Result<Self, PeerError> {
        let mut command = ibsim.client(host, "opensm")?;
        // The log goes to the standard output (-f), line by line (-d 2): a pipe can be waited for, a file only watched.
        command.args(["-R", routing, "-d", "2", "-f", "stdout", "-e"]).args(arguments);
        command.env("OSM_TMP_DIR", dir.path()).env("OSM_CACHE_DIR", dir.path());
        let process = Process::start("OpenSM", command, dir.file("osm.log"), None)?;
        Ok(Self { process, host: host.into(), subnet_ups: 0, last_up: None })
    }

    /// The host that it runs on.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// How many sweeps it has completed: lines `SUBNET UP` so far.
    pub fn subnet_ups(&mut self) -> usize {
        while let Some(line) = self.process.arrived_line() {
            self.note(&line);
        }
        self.subnet_ups
    }

    /// When the line of the last sweep that was waited for came.
    pub fn last_subnet_up(&self) -> Option<Instant> {
        self.last_up
    }

    fn note(&mut self, line: &str) {
        if is_subnet_up(line) {
            self.subnet_ups += 1;
            self.last_up = Some(Instant::now());
        }
    }

    /// Wait until at least `count` sweeps since its start are complete.
    ///
    /// # Errors
    /// When it ends, or completes none for a minute.
    pub async fn wait_for_subnet_up(&mut self, count: usize) -> Result<(), PeerError> {
        while self.subnet_ups < count {
            let line =
                self.process.wait_for("SUBNET UP", SWEEP, |line| is_subnet_up(line).then(|| line.to_owned()));
            let line = line.await?;
            self.note(&line);
        }
        Ok(())
    }

    /// Wait until at least `count` sweeps since its start are complete, and its log has then been silent for half a
    /// second: one change may take it several sweeps.
    ///
    /// # Errors
    /// As of [`wait_for_subnet_up`](Self::wait_for_subnet_up).
    pub async fn wait_until_settled(&mut self, count: usize) -> Result<(), PeerError> {
        self.wait_for_subnet_up(count).await?;
        loop {
            match timeout(SILENCE, self.process.next_line()).await {
                Ok(Some(line)) => self.note(&line),
                Ok(None) => return Err(self.process.ended_before("its log fell silent").await),
                Err(_) => return Ok(()),
            }
        }
    }
}

fn is_subnet_up(line: &str) -> bool {
    line.ends_with("-> SUBNET UP")
}
