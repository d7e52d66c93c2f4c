use alloc::collections::BTreeSet;
use core::time::Duration;

use ib_mad::request::RequestLimits;
use sim::Faults;
use trap_signal::SignallingMethod;
use trap_signal::watch::WatcherConfig;

use super::manager::{HOST, WATCHER, guid};

/// A rule that is left out. The watcher stays as it ships: its configuration takes the rule away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mutant {
    /// Nothing is left out.
    None,
    /// It looks when an event is reported, and not again when the manager has acted on it.
    LooksOnce,
    /// It signals after each event.
    SignalsEverything,
    /// It does not repeat its trap.
    TrapsOnce,
    /// It looks only when something is reported.
    TrustsReports,
}

/// How a world is set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Setting {
    /// Whether the watcher looks each minute, and verifies its subscription. An exhaustive search has no end then.
    pub looks_when_quiet: bool,
    /// The rule left out.
    pub mutant: Mutant,
}

/// What may go wrong, and how often. `u32::MAX` has no end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Disturbances {
    /// Of the links.
    pub faults: Faults,
    /// Failing links that change the paths.
    pub reroutes: u32,
    /// Failing links that change none.
    pub vain_reroutes: u32,
    /// Times that somebody's patience ends although something is on the way.
    pub impatience: u32,
    /// Restarts of the manager of which it tells nobody.
    pub restarts: u32,
}

impl Disturbances {
    /// Nothing goes wrong, nothing changes.
    pub const NONE: Self =
        Self { faults: Faults::NONE, reroutes: 0, vain_reroutes: 0, impatience: 0, restarts: 0 };
    /// Everything that can go wrong does, again and again.
    pub const UNLIMITED: Self = Self {
        faults: Faults::UNLIMITED,
        reroutes: u32::MAX,
        vain_reroutes: u32::MAX,
        impatience: u32::MAX,
        restarts: u32::MAX,
    };
}

impl Setting {
    pub(super) fn config(self) -> WatcherConfig {
        let method = if self.mutant == Mutant::SignalsEverything {
            SignallingMethod::ThreeWayWildcard
        } else {
            SignallingMethod::ThreeWayHybrid
        };
        let mut config = WatcherConfig::new(method, 1 << 20);
        config.ports = Some(BTreeSet::from([guid(WATCHER), guid(HOST)]));
        config.settle = Duration::from_secs(1);
        config.first_interval = Duration::from_secs(1);
        if !self.looks_when_quiet {
            config.idle = Duration::MAX;
            config.listener.verify_every = Duration::MAX;
        }
        match self.mutant {
            Mutant::None | Mutant::SignalsEverything => {}
            Mutant::LooksOnce => config.settle = Duration::ZERO,
            Mutant::TrapsOnce => config.trap_limits = RequestLimits { retries: 0, ..config.trap_limits },
            Mutant::TrustsReports => {
                config.idle = Duration::MAX;
                config.listener.verify_every = Duration::MAX;
            }
        }
        config
    }
}
