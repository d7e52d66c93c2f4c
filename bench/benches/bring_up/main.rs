//! A subnet from nothing to up, and after a cut link: the program `subnet-manager` and OpenSM on ibsim, and our manager on the
//! simulated fabric in this process.
//!
//! Beside them stands how long ibsim takes to do no more than answer as many requests as our program sends: no
//! manager is faster than that there. And how fast the simulated fabric answers the same requests.

use core::error::Error;
use core::time::Duration;
use std::path::Path;

use fabric_ha_bench::embedded::Embedded;
use fabric_ha_bench::on_ibsim::{Times, build_manager, opensm, ours};
use fabric_ha_bench::requests::Requests;
use fabric_ha_bench::subnets::{FORMS, link_to_cut, topology};
use fabric_ha_bench::{Rounds, time};
use subnet_manager::RoutingEngine;
use topology::Topology;

const ROUNDS: usize = 5;

/// Places of the sides among those of a comparison.
const OPENSM: usize = 0;
const OURS: usize = 1;
const FLOOR: usize = 2;
const EMBEDDED: usize = 3;
const SIDES: [&str; 4] =
    ["OpenSM on ibsim", "subnet-manager on ibsim", "ibsim, answers alone", "manager on sim/fabric"];

fn main() -> Result<(), Box<dyn Error>> {
    let program = build_manager();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    println!("bring-up and re-route, LASH, {ROUNDS} rounds in turn");
    for form in FORMS {
        runtime.block_on(compare(form, &program))?;
    }
    Ok(())
}

async fn compare(form: &str, program: &Path) -> Result<(), Box<dyn Error>> {
    let topology = topology(form);
    println!("{form}: {} switches, {} hosts", topology.switches().count(), topology.hosts().count());
    let requests = Requests::record(&topology).await?;
    let mut rounds = [const { Vec::new() }; SIDES.len()];
    let mut on_fabric = Vec::new();
    for _ in 0..ROUNDS {
        rounds[OPENSM].push(opensm(&topology).await?.whole);
        rounds[OURS].push(ours(&topology, program).await?);
        rounds[FLOOR].push(requests.on_ibsim(&topology).await?);
        rounds[EMBEDDED].push(embedded(&topology));
        on_fabric.push(requests.on_fabric(&topology));
    }
    let of =
        |part: fn(&Times) -> Duration| rounds.iter().map(|side| side.iter().map(part).collect()).collect();
    let targets = targets(form);
    println!("  bring-up, {} requests", requests.up.len());
    print(&Rounds::new(&SIDES, of(|times| times.up)), targets);
    println!("  re-route, {} requests", requests.reroute.len());
    print(&Rounds::new(&SIDES, of(|times| times.reroute)), targets);
    let floors = rounds[FLOOR].iter().map(|times| times.up).collect();
    let answers = Rounds::new(&["ibsim", "sim/fabric"], vec![floors, on_fabric]);
    println!("  answers to the requests of the bring-up");
    answers.print("thousand a second", |seconds| requests.up.len() as f64 / seconds / 1e3);
    println!("  sim/fabric, times faster           {}", answers.times_faster(1, 0));
    Ok(())
}

/// How many times faster we are to be, on ibsim and embedded.
fn targets(form: &str) -> [&'static str; 2] {
    match FORMS {
        [smallest, ..] if form == smallest => [" (target: 1)", ""],
        [.., largest] if form == largest => [" (target: 2)", " (target: 10)"],
        _ => ["", ""],
    }
}

fn print(rounds: &Rounds<'_>, [on_ibsim, embedded]: [&str; 2]) {
    rounds.print("ms", |seconds| seconds * 1e3);
    println!("  on ibsim, times faster             {}{on_ibsim}", rounds.times_faster(OURS, OPENSM));
    println!("  embedded, times faster             {}{embedded}", rounds.times_faster(EMBEDDED, OPENSM));
    println!("  on ibsim, times its answers alone  {}", rounds.times_faster(FLOOR, OURS));
}

fn embedded(topology: &Topology) -> Times {
    let mut embedded = Embedded::new(topology, RoutingEngine::Lash);
    let up = time(|| embedded.bring_up());
    let reroute = time(|| embedded.reroute(link_to_cut(topology)));
    Times { up, reroute }
}
