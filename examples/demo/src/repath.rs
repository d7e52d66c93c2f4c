//! The scene `repath`: a link is cut, the subnet manager reroutes, `repathd` signals, and every host moves its queue pairs.

use core::time::Duration;
use std::path::{Path, PathBuf};

use peers::RunDir;
use tokio::time::{Instant, timeout_at};
use topology::Topology;

use crate::cast::{Cast, Script, Speaker};
use crate::error::DemoError;
use crate::events::Event;
use crate::figures::{Figures, Report};
use crate::ledger::Ledger;
use crate::pcap;
use crate::placement::{Cut, Placement};
use crate::stage::{EmbeddedStage, Levels, OpenSmStage, Pair, Stage};

/// How long the programs may take until they have read every path record.
const READY: Duration = Duration::from_secs(60);
/// How long `repathd` may go on after the time that it settles in: what is to be read once takes a moment.
const QUIET: Duration = Duration::from_secs(60);
/// Silence of all programs, once `repathd` is quiet, after which nothing more is to come.
const SILENCE: Duration = Duration::from_millis(500);

/// Who signals, when it is the subnet manager. `repathd` then only reads and compares: what it signals is not taken from it.
const MANAGER: &str = "manager";
const MIDDLE: &str = "S2-S5";
const OUTER: &str = "S1-S2";

/// What the user can choose.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Options {
    /// Play on ibsim, with OpenSM as the manager and saquery as the judge, instead of on our own fabric with our own manager
    #[arg(long)]
    opensm: bool,
    /// A fabric to run on instead of the mesh of 3 × 2 switches: a file in the format of ibnetdiscover, or a shape like
    /// torus:4x4:hosts=2, ring:6, tree:4x2, fattree:8x4, dragonfly:4x2 or random:12x4
    #[arg(long, value_name = "FILE|SHAPE")]
    topology: Option<String>,
    /// Write every management datagram that the programs sent and received into one capture
    #[arg(long, value_name = "FILE")]
    pcap: Option<PathBuf>,
    /// The link to cut: the names of two switches
    #[arg(long, value_name = "A-B", default_value = MIDDLE)]
    cut: String,
    /// A second link to cut, whose loss should change no service level [default for the mesh: S1-S2]
    #[arg(long, value_name = "A-B")]
    outer: Option<String>,
    /// How long repathd reads path records again after the last trap
    #[arg(long, value_name = "MILLISECONDS", default_value_t = 1000)]
    settle: u64,
    /// Lose something on purpose, to see the scene fail
    #[arg(long, value_enum, value_name = "WHAT")]
    drop: Option<Loss>,
}

/// What is lost on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Loss {
    /// Every Report that comes to a host with an agent
    Reports,
}

impl Options {
    /// The fabric that was asked for.
    pub(crate) fn topology(&self) -> Option<&str> {
        self.topology.as_deref()
    }
}

impl Loss {
    /// The same as a rule for the option `--drop` of `repath-host`.
    fn rule(self) -> &'static str {
        match self {
            Self::Reports => "report",
        }
    }
}

/// What is played, and where: everything that can be wrong before anything is started.
struct Plan {
    topology: Topology,
    placement: Placement,
    cut: Cut,
    outer: Option<Cut>,
    /// How the topology is named to the user.
    path: PathBuf,
}

impl Plan {
    fn new(options: &Options) -> Result<Self, DemoError> {
        Cast::check_built()?;
        let built_in = PathBuf::from("examples/topologies/mesh-3x2.topo");
        let (topology, path) = match &options.topology {
            Some(source) => (topology::load(source)?, PathBuf::from(source)),
            None => (built_in_topology(&built_in)?, built_in),
        };
        let placement = Placement::new(&topology, &path)?;
        let cut = Cut::find(&topology, &options.cut, "--cut", &path)?;
        let outer = options.outer.as_deref().or(options.topology.is_none().then_some(OUTER));
        let outer = outer.map(|name| Cut::find(&topology, name, "--outer", &path)).transpose()?;
        Ok(Self { topology, placement, cut, outer, path })
    }
}

fn built_in_topology(path: &Path) -> Result<Topology, DemoError> {
    Topology::parse(peers::MESH_3X2).map_err(|source| DemoError::Topology { path: path.to_owned(), source })
}

/// Play the scene.
pub(crate) async fn run(options: &Options) -> Result<Report, DemoError> {
    let plan = Plan::new(options)?;
    let mut dir = RunDir::new()?;
    let report = play(options, plan, &dir).await;
    if report.is_err() {
        dir.keep();
        eprintln!("the logs of this run stay in {}", dir.path().display());
    }
    report
}

async fn play(options: &Options, plan: Plan, dir: &RunDir) -> Result<Report, DemoError> {
    let Plan { topology, placement, cut, outer, path } = plan;
    let narrator = Narrator { start: Instant::now() };
    let (switches, hosts) = (topology.switches().count(), topology.hosts().count());
    let stage: Box<dyn Stage> = if options.opensm {
        Box::new(OpenSmStage::start(&topology, &placement, dir).await?)
    } else {
        Box::new(EmbeddedStage::start(&topology, &placement.manager, dir).await?)
    };
    let names = stage.names();
    narrator.say(&format!("{} simulates a fabric of {switches} switches and {hosts} hosts", names.fabric));
    narrator.say(&format!("{} on {} routed it with LASH", names.manager, placement.manager));

    let mut scene = Scene { options, placement, dir, narrator, stage, captures: Vec::new() };
    let mut runs = Vec::new();
    let first = if scene.stage.signals() { MANAGER } else { "hybrid" };
    runs.push(scene.cut(first, &cut, "middle").await?);
    if !scene.stage.signals() {
        runs.push(scene.cut("wildcard", &cut, "wildcard").await?);
    }
    if let Some(outer) = outer {
        runs.push(scene.cut(first, &outer, "outer").await?);
    }
    if let Some(path) = &options.pcap {
        write_capture(path, &scene.captures)?;
        scene.narrator.say(&format!("every MAD is in {}", path.display()));
    }
    Ok(Report { topology: path.display().to_string(), judge: names.judge, runs })
}

struct Scene<'a> {
    options: &'a Options,
    placement: Placement,
    dir: &'a RunDir,
    narrator: Narrator,
    stage: Box<dyn Stage>,
    captures: Vec<PathBuf>,
}

impl Scene<'_> {
    /// One run: start the programs, cut a link, wait until nothing moves any more, compare with the judge, restore.
    async fn cut(&mut self, method: &str, cut: &Cut, run: &str) -> Result<Figures, DemoError> {
        let settle = Duration::from_millis(self.options.settle);
        let script = Script {
            run,
            method: if self.stage.signals() { "hybrid" } else { method },
            settle,
            drop: self.options.drop.map(Loss::rule),
            captures: self.options.pcap.is_some(),
            stage: &*self.stage,
        };
        let mut cast = Cast::start(&script, &self.placement, self.dir)?;
        let mut ledger = Ledger::new(&self.placement);
        self.make_ready(&mut cast, &mut ledger).await?;
        let pairs: Vec<Pair> = ledger.pairs().cloned().collect();
        self.narrator.say(&format!(
            "{method}: repathd on {} and agents on {} are ready, with {} queue pairs",
            self.placement.watcher,
            self.placement.agents.join(" "),
            pairs.len()
        ));

        let before = self.stage.service_levels(&pairs).await?;
        let ups = self.stage.subnet_ups();
        let start = Instant::now();
        self.stage.cut(cut).await?;
        self.narrator.say(&format!("{method}: link {} is cut", cut.name));
        self.hear_until_routed(&mut cast, &mut ledger, ups + 1, start).await?;
        hear_until_quiet(&mut cast, &mut ledger, settle + QUIET, start).await?;

        let after = self.stage.service_levels(&pairs).await?;
        // A manager that signals also signals this; to hosts that are gone it would go on doing so in the next run.
        if self.stage.signals() {
            self.stage.restore(cut).await?;
        }
        let (statistics, captures) = cast.stop().await?;
        self.captures.extend(captures);
        let stale = ledger.stale(&after);
        let figures = Figures {
            method: method.into(),
            cut: cut.name.clone(),
            queue_pairs: pairs.len(),
            queue_pairs_affected: differing(&before, &after),
            stale,
            statistics,
            ..ledger.figures
        }
        .judged();
        self.narrator.say(&format!(
            "{method}: {} hosts were signalled, {} queue pairs moved; {} agrees on {} of {}",
            figures.hosts_signalled.len(),
            figures.queue_pairs_reconfigured,
            self.stage.names().judge,
            figures.queue_pairs - figures.stale.len(),
            figures.queue_pairs
        ));
        if !self.stage.signals() {
            self.stage.restore(cut).await?;
        }
        self.narrator.say(&format!("link {} is restored", cut.name));
        Ok(figures)
    }

    async fn make_ready(&self, cast: &mut Cast, ledger: &mut Ledger) -> Result<(), DemoError> {
        let deadline = Instant::now() + READY;
        while !ledger.awaited().is_empty() {
            let Ok(event) = timeout_at(deadline, cast.next_event()).await else {
                let names = Vec::from_iter(ledger.awaited().iter().cloned()).join(", ");
                return Err(DemoError::NotReady { names, seconds: READY.as_secs() });
            };
            let (speaker, event) = event?;
            repeat_error(&speaker, &event);
            ledger.hear(&speaker, event, None);
        }
        Ok(())
    }

    /// Take in events until the manager has routed the fabric `ups` times in all.
    async fn hear_until_routed(
        &mut self,
        cast: &mut Cast,
        ledger: &mut Ledger,
        ups: usize,
        start: Instant,
    ) -> Result<(), DemoError> {
        let mut routed = core::pin::pin!(self.stage.wait_for_subnet_up(ups));
        loop {
            tokio::select! {
                routed = &mut routed => return routed,
                event = cast.next_event() => {
                    let (speaker, event) = event?;
                    repeat_error(&speaker, &event);
                    ledger.hear(&speaker, event, Some(start.elapsed()));
                }
            }
        }
    }
}

/// Take in events until `repathd` is quiet, and then until nobody has said anything for a while. Who never gets quiet
/// is not waited for longer than `within`: what came of it shows in the figures.
async fn hear_until_quiet(
    cast: &mut Cast,
    ledger: &mut Ledger,
    within: Duration,
    start: Instant,
) -> Result<(), DemoError> {
    let deadline = Instant::now() + within;
    loop {
        let until = if ledger.is_quiet() { deadline.min(Instant::now() + SILENCE) } else { deadline };
        let Ok(event) = timeout_at(until, cast.next_event()).await else { return Ok(()) };
        let (speaker, event) = event?;
        repeat_error(&speaker, &event);
        ledger.hear(&speaker, event, Some(start.elapsed()));
    }
}

/// A program's own complaint is the user's business even when the scene goes on.
fn repeat_error(speaker: &Speaker, event: &Event) {
    if let Event::Error { message } = event {
        match speaker {
            Speaker::Watcher => eprintln!("  repathd: {message}"),
            Speaker::Agent(host) => eprintln!("  repath-host on {host}: {message}"),
        }
    }
}

/// How many queue pairs have another service level now.
fn differing(before: &Levels, after: &Levels) -> usize {
    after.iter().filter(|(pair, level)| before.get(*pair) != Some(level)).count()
}

fn write_capture(path: &Path, captures: &[PathBuf]) -> Result<(), DemoError> {
    let files = captures.iter().map(|capture| std::fs::read(capture).map_err(DemoError::file(capture)));
    let files = files.collect::<Result<Vec<_>, _>>()?;
    let merged = pcap::merge(&files).map_err(|(index, source)| {
        let path = captures.get(index).cloned().unwrap_or_default();
        DemoError::Capture { path, source }
    })?;
    std::fs::write(path, merged).map_err(DemoError::file(path))
}

/// Tells on the standard error what happens, with the time since the start.
struct Narrator {
    start: Instant,
}

impl Narrator {
    fn say(&self, text: &str) {
        eprintln!("[{:5.1} s] {text}", self.start.elapsed().as_secs_f64());
    }
}
