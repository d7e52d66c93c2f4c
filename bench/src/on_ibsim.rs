//! Subnet managers on ibsim: OpenSM, and the program `subnet-manager`.

use core::time::Duration;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use peers::{Ibsim, OpenSm, PeerError, Process, RunDir};
use tokio::process::Command;
use tokio::time::{Instant, timeout};
use topology::Topology;

use crate::subnets::{link_to_cut, manager_host};

/// How long a manager may take for a sweep.
const SWEEP: Duration = Duration::from_secs(60);
/// After so long without a line a manager has nothing more to do.
const SILENCE: Duration = Duration::from_millis(500);

/// How long a subnet takes.
#[derive(Clone, Copy, Debug, Default)]
pub struct Times {
    /// From the start of the manager until it has brought the subnet up: every table is written, every port active.
    pub up: Duration,
    /// From the cut of a link until the last sweep that follows from it is over.
    pub reroute: Duration,
}

/// What OpenSM took.
#[derive(Clone, Debug, Default)]
pub struct OpenSmTimes {
    /// In all.
    pub whole: Times,
    /// Its LASH alone, by its log.
    pub lash: Times,
    /// The lanes that its first routing needs.
    pub lanes: String,
}

/// Start OpenSM on a fresh ibsim, and cut a link once the subnet is up.
///
/// # Errors
/// When one of the two is not installed, or fails.
///
/// # Panics
/// When OpenSM does not log that it has routed.
pub async fn opensm(topology: &Topology) -> Result<OpenSmTimes, PeerError> {
    let dir = RunDir::new()?;
    let mut ibsim = Ibsim::start(&topology.to_string(), &dir).await?;
    let start = Instant::now();
    let mut opensm = OpenSm::start(&ibsim, manager_host(topology), "lash", &dir)?;
    opensm.wait_for_subnet_up(1).await?;
    let up = start.elapsed();
    opensm.wait_until_settled(1).await?;
    let path = dir.file("osm.log");
    let log = || fs::read_to_string(&path).map_err(|source| PeerError::File { path: path.clone(), source });
    let before = lash_runs(&log()?);
    let sweeps = opensm.subnet_ups();
    let start = cut(&mut ibsim, topology).await?;
    opensm.wait_until_settled(sweeps + 1).await?;
    let reroute = opensm.last_subnet_up().map_or(Duration::ZERO, |end| end.saturating_duration_since(start));
    let all = lash_runs(&log()?);
    let (first, lanes) = before.first().cloned().expect("it has routed");
    let (again, _) = all.get(before.len()).cloned().expect("it has routed again");
    Ok(OpenSmTimes { whole: Times { up, reroute }, lash: Times { up: first, reroute: again }, lanes })
}

/// Start our program on a fresh ibsim, and cut a link once the subnet is up.
///
/// # Errors
/// When ibsim is not installed, or one of the two fails.
pub async fn ours(topology: &Topology, program: &Path) -> Result<Times, PeerError> {
    let dir = RunDir::new()?;
    let mut ibsim = Ibsim::start(&topology.to_string(), &dir).await?;
    let port = format!("ibsim:{}?sock={}", manager_host(topology), ibsim.socket_name());
    let mut command = Command::new(program);
    command.args(["--json", "--routing", "lash", "--port", &port]);
    let start = Instant::now();
    let mut manager = Process::start("subnet-manager", command, dir.file("manager.log"), None)?;
    let up = manager.wait_for("subnet_up", SWEEP, |line| is_subnet_up(line).then(Instant::now)).await?;
    let up = up - start;
    silence(&mut manager, start).await?;
    let start = cut(&mut ibsim, topology).await?;
    let first = manager.wait_for("subnet_up", SWEEP, |line| is_subnet_up(line).then(Instant::now)).await?;
    let last = silence(&mut manager, first).await?;
    Ok(Times { up, reroute: last - start })
}

/// Cut the link, and say when.
pub(crate) async fn cut(ibsim: &mut Ibsim, topology: &Topology) -> Result<Instant, PeerError> {
    let end = link_to_cut(topology);
    let start = Instant::now();
    ibsim.unlink(topology[end.node].name(), end.port).await?;
    Ok(start)
}

/// Wait until the manager has nothing more to do, and say when the last sweep ended; the last known ended at `last`.
async fn silence(manager: &mut Process, mut last: Instant) -> Result<Instant, PeerError> {
    loop {
        match timeout(SILENCE, manager.next_line()).await {
            Ok(Some(line)) if is_subnet_up(&line) => last = Instant::now(),
            Ok(Some(_)) => {}
            Ok(None) => return Err(manager.ended_before("it had settled").await),
            Err(_) => return Ok(last),
        }
    }
}

fn is_subnet_up(line: &str) -> bool {
    line.contains(r#""event":"subnet_up""#)
}

/// Build the program `subnet-manager` as this benchmark is built, and say where it is.
///
/// # Panics
/// When it cannot be built.
pub fn build_manager() -> PathBuf {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments =
        ["build", "--quiet", "--profile", "bench", "-p", "fabric-ha-programs", "--bin", "subnet-manager"];
    let status = std::process::Command::new(cargo).args(arguments).status();
    assert!(status.is_ok_and(|status| status.success()), "the program subnet-manager cannot be built");
    let bench = env::current_exe().expect("a path");
    let program = bench.parent().and_then(Path::parent).map(|folder| folder.join("subnet-manager"));
    program.filter(|path| path.is_file()).expect("cargo builds programs into the folder above benchmarks")
}

/// How long each run of OpenSM's LASH took, from when it has begun to when its lanes are balanced, and the lanes that it says
/// it needs.
fn lash_runs(log: &str) -> Vec<(Duration, String)> {
    let mut runs: Vec<(Duration, Duration, String)> = Vec::new();
    for line in log.lines() {
        if line.contains("discover_network_properties: min operational vl") {
            let start = time_of(line);
            runs.push((start, start, "more".into()));
        } else if let Some(run) = runs.last_mut() {
            if line.contains("lash_core: ") {
                run.1 = time_of(line);
            }
            if let Some((_, needed)) = line.split_once("Lanes needed: ") {
                run.2 = needed.split(',').next().unwrap_or_default().into();
            }
        }
    }
    runs.into_iter().map(|(start, end, lanes)| (end.saturating_sub(start), lanes)).collect()
}

/// The time of day: `Nov 21 13:18:28 258158 [408E66C0] …`, the last number in microseconds.
fn time_of(line: &str) -> Duration {
    let mut words = line.split_whitespace().skip(2);
    let clock = words.next().unwrap_or_default().split(':').filter_map(|part| part.parse::<u64>().ok());
    let seconds = clock.fold(0, |sum, part| sum * 60 + part);
    let micros = words.next().and_then(|micros| micros.parse().ok()).unwrap_or(0);
    Duration::from_secs(seconds) + Duration::from_micros(micros)
}
