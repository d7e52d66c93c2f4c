//! The scene `subnet`: our subnet manager brings a fabric up, routes it anew when a link is cut, and again when it is back.

use std::path::PathBuf;

use peers::RunDir;
use serde_json::{Value, json};
use topology::{NodeKind, Topology};

use crate::error::DemoError;
use crate::placement::Cut;
use crate::scene;
use crate::stage::{EmbeddedStage, Stage};
use crate::table::Table;

/// What is played on, if nothing else is asked for.
const TOPOLOGY: &str = "torus:6x6:hosts=2";

/// What the manager said of one routing, and what its administration then knows.
#[derive(Clone, Debug)]
struct Routed {
    /// What came before it.
    after: &'static str,
    /// What the manager printed.
    summary: Value,
    /// Paths between hosts.
    paths: usize,
}

/// What the scene found out.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    topology: String,
    link: String,
    hosts: usize,
    routed: Vec<Routed>,
}

/// Play the scene on the topology that is named, or on the usual one.
pub(crate) async fn run(topology: Option<&str>) -> Result<Report, DemoError> {
    let name = topology.unwrap_or(TOPOLOGY);
    let topology = topology::load(name)?;
    let path = PathBuf::from(name);
    let hosts = || topology.nodes().filter(|(_, node)| node.kind() == NodeKind::Host);
    let (Some((_, manager)), true) = (hosts().last(), hosts().count() > 1) else {
        return Err(DemoError::TooFewHosts { path, hosts: hosts().count() });
    };
    let cut = first_link(&topology).ok_or(DemoError::NoSwitchLink { path })?;
    let mut dir = RunDir::new()?;
    let report = play(name, &topology, manager.name(), &cut, &dir).await;
    if report.is_err() {
        dir.keep();
        eprintln!("the logs of this run stay in {}", dir.path().display());
    }
    report
}

async fn play(
    name: &str,
    topology: &Topology,
    manager: &str,
    cut: &Cut,
    dir: &RunDir,
) -> Result<Report, DemoError> {
    let (switches, hosts) = (topology.switches().count(), topology.hosts().count());
    eprintln!("{name}: {switches} switches and {hosts} hosts; the subnet manager is on {manager}");
    let mut stage = EmbeddedStage::start(topology, manager, dir).await?;
    let mut routed = vec![look(&stage, "start").await?];
    eprintln!("the subnet is up; link {} is cut", cut.name);
    let before = stage.subnet_ups();
    stage.cut(cut).await?;
    stage.wait_until_settled(before + 1).await?;
    routed.push(look(&stage, "cut").await?);
    eprintln!("routed around it; link {} is restored", cut.name);
    stage.restore(cut).await?;
    routed.push(look(&stage, "return").await?);
    Ok(Report { topology: name.into(), link: cut.name.clone(), hosts, routed })
}

async fn look(stage: &EmbeddedStage, after: &'static str) -> Result<Routed, DemoError> {
    let paths = stage.paths().await?;
    Ok(Routed { after, summary: stage.summary().clone(), paths: paths.len() })
}

/// The first link between two switches.
fn first_link(topology: &Topology) -> Option<Cut> {
    let link = topology.switch_links().next()?;
    let [near, far] = [link.a, link.b].map(|end| topology[end.node].name());
    Some(Cut { name: format!("{near}-{far}"), switch: near.into(), port: link.a.port })
}

impl scene::Report for Report {
    fn complaints(&self) -> Vec<String> {
        let wanted = self.hosts * (self.hosts - 1);
        let broken = self.routed.iter().filter(|routed| routed.paths != wanted);
        broken
            .map(|routed| {
                format!("after the {}: {} of {wanted} pairs of hosts have a path", routed.after, routed.paths)
            })
            .collect()
    }

    fn json(&self, scene: &str) -> Value {
        let routed = self.routed.iter().map(|routed| {
            json!({ "after": routed.after, "summary": routed.summary, "paths_between_hosts": routed.paths })
        });
        let routed = Vec::from_iter(routed);
        json!({
            "scene": scene, "ok": scene::Report::ok(self), "topology": self.topology, "link": self.link,
            "hosts": self.hosts, "routed": routed, "complaints": self.complaints(),
        })
    }

    // A column for each routing.
    fn table(&self) -> String {
        let mut table = Table::new(self.routed.iter().map(|routed| format!("after the {}", routed.after)));
        let mut row = |name: &str, cell: &dyn Fn(&Routed) -> String| {
            table.row(name, self.routed.iter().map(cell));
        };
        for (name, field) in [
            ("nodes found", "nodes"),
            ("  of these switches", "switches"),
            ("end ports with LIDs", "end_ports"),
            ("virtual lanes", "lanes"),
            ("requests answered", "requests"),
            ("forwarding blocks written", "forwarding_blocks"),
        ] {
            row(name, &|routed| routed.summary[field].to_string());
        }
        row("paths between hosts", &|routed| routed.paths.to_string());
        let milliseconds = |value: &Value| format!("{:.1} ms", value.as_f64().unwrap_or_default());
        row("last sweep", &|routed| milliseconds(&routed.summary["milliseconds"]));
        row("  of it discovery", &|routed| milliseconds(&routed.summary["discovery_milliseconds"]));
        table.to_string()
    }
}
