//! Faults by seed.

use core::time::Duration;

use fabric::{Conduct, LinkFaults};
use sim::Random;
use topology::{Form, Link, NodeIndex, Topology};

use super::{Bed, Finding, Mutant};

/// What may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kinds {
    /// Cables that are pulled and plugged in.
    Links,
    /// These, switches that fail, restart or do not answer as they should, and links that lose packets.
    All,
}

/// Longer than any sweep with its repetitions, a hold-off and the polling of a dead master take.
const REST: Duration = Duration::from_secs(30);

/// Build a random fabric, let it come up, do `faults` random things to it, and look at it after the last.
///
/// # Errors
/// What must not be, with the faults that led there.
pub fn run(
    seed: u64,
    managers: usize,
    faults: usize,
    kinds: Kinds,
    mutant: Mutant,
) -> Result<(), (Finding, Vec<String>)> {
    let mut random = Random::new(seed);
    let topology = topology(&mut random, seed);
    let mut bed = Bed::new(&topology, managers, seed, mutant);
    let mut story = Vec::new();
    for _ in 0..faults {
        bed.run(Duration::from_millis(random.below(400) as u64));
        story.push(format!(
            "{:?}: {}",
            bed.now(),
            disturb(&mut bed, &topology, managers, &mut random, kinds)
        ));
    }
    calm(&mut bed, &topology);
    bed.run(REST);
    let outcome = bed.check();
    // What the managers said is half of the story.
    story.extend(bed.take_events().iter().rev().take(8).rev().map(|event| format!("{event:?}")));
    outcome.map_err(|finding| (finding, story))
}

/// A small fabric: the search is for schedules, not for sizes.
fn topology(random: &mut Random, seed: u64) -> Topology {
    let switches = 4 + random.below(9) as u32;
    let form = match random.below(4) {
        0 => Form::Ring { length: switches, hosts: 1 },
        1 => Form::Torus { lengths: vec![3, 3 + random.below(2) as u32], hosts: 1 },
        _ => {
            // A regular graph of odd degree has an even number of switches.
            let degree = 2 + random.below(2) as u32;
            Form::Random { switches: switches.next_multiple_of(2), degree, hosts: 1, seed }
        }
    };
    form.generate().expect("such graphs exist")
}

fn disturb(bed: &mut Bed, topology: &Topology, managers: usize, random: &mut Random, kinds: Kinds) -> String {
    let links: Vec<Link> = topology.switch_links().collect();
    let switches: Vec<NodeIndex> = topology.switches().collect();
    let link = links[random.below(links.len())];
    let switch = switches[random.below(switches.len())];
    let now = bed.now();
    match random.below(if kinds == Kinds::Links { 4 } else { 11 }) {
        0 | 1 => {
            bed.plug(link, false);
            format!("cut {link:?}")
        }
        2 | 3 => {
            bed.plug(link, true);
            format!("restore {link:?}")
        }
        4 => {
            let is_on = bed.off.contains(&switch);
            bed.power(switch, is_on);
            format!("power {switch:?} {is_on}")
        }
        5 => {
            bed.fabric.reset(now, switch);
            format!("reset {switch:?}")
        }
        6 => {
            let conduct =
                [Conduct::Silent, Conduct::Late(Duration::from_millis(70)), Conduct::WrongTransaction];
            let conduct = conduct[random.below(3)];
            bed.fabric.set_conduct(switch, conduct);
            format!("{switch:?} is {conduct:?}")
        }
        7 => {
            bed.fabric.set_conduct(switch, Conduct::Proper);
            format!("{switch:?} is proper")
        }
        8 => {
            let faults = LinkFaults { lose_per_million: 300_000, ..LinkFaults::default() };
            bed.fabric.set_faults(link.a, faults).expect("the link is there");
            format!("{link:?} loses")
        }
        9 if managers > 1 && bed.alive().count() > 1 => {
            let alive: Vec<usize> = (0..managers).filter(|number| bed.seats[*number].is_alive).collect();
            let number = alive[random.below(alive.len())];
            bed.kill(number);
            format!("manager {number} dies")
        }
        _ => {
            bed.fabric.flap(now, link.a, Duration::from_millis(15), 4).expect("the link is there");
            format!("{link:?} flaps")
        }
    }
}

/// What passes has passed: cables and power stay as they are.
fn calm(bed: &mut Bed, topology: &Topology) {
    // A link that flaps has done so.
    bed.run(Duration::from_millis(100));
    for switch in topology.switches() {
        bed.fabric.set_conduct(switch, Conduct::Proper);
    }
    for link in topology.links() {
        bed.fabric.set_faults(link.a, LinkFaults::default()).expect("the link is there");
        let is_in = !bed.cut.contains(&link);
        bed.run(Duration::from_millis(1));
        bed.plug(link, is_in);
    }
}
