//! A watcher beside a manager that knows nothing of path record changes: it reads, compares, and has traps forwarded.

mod manager;
mod setting;
mod world;

pub use setting::{Disturbances, Mutant, Setting};
pub use world::{Step, WatchWorld, rule};

/// Everything goes wrong that can.
pub const STORM: Setting = Setting { looks_when_quiet: true, mutant: Mutant::None };

/// Steps through a storm: each byte chooses what happens next.
pub fn watch_world(data: &[u8]) {
    if let Err(counterexample) = sim::walk_bytes(WatchWorld::new(STORM, Disturbances::UNLIMITED), data) {
        panic!("{counterexample}");
    }
}
