use core::time::Duration;

use barrier::{Path, PathSet, RequesterPathsConfig};
use sim::Faults;

use super::Mutant;

/// The paths of the world: no port is on both.
pub(super) const PATHS: [Path; 2] = [Path::ALL[0], Path::ALL[3]];

/// What may go wrong, and how often. `u32::MAX` has no end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Disturbances {
    /// Of the lanes. Without delays they keep order.
    pub faults: Faults,
    /// Requests that are not answered in time, whatever became of them.
    pub time_outs: u32,
    /// Packets that are launched.
    pub launches: u32,
    /// Times that the next deadline passes although something is on the way.
    pub impatience: u32,
}

impl Disturbances {
    /// Nothing goes wrong, and nothing is launched.
    pub const NONE: Self = Self { faults: Faults::NONE, time_outs: 0, launches: 0, impatience: 0 };
    /// Everything that can go wrong does, again and again.
    pub const UNLIMITED: Self = Self {
        faults: Faults { duplicates: 0, ..Faults::UNLIMITED },
        time_outs: u32::MAX,
        launches: u32::MAX,
        impatience: u32::MAX,
    };
}

/// How large a world is, and which rule it leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Setting {
    /// Lanes of each path, 1 to 4.
    pub lanes: [u8; 2],
    /// Whether it is wrong already that something late changes anything, or only what comes of it.
    pub judges_late: bool,
    /// Whether the responder is told that a path is down before its barrier has failed.
    pub tells_ahead: bool,
    /// The rule left out.
    pub mutant: Mutant,
}

/// Several lanes, and everything goes wrong.
pub const STORM: Setting =
    Setting { lanes: [2, 3], judges_late: true, tells_ahead: true, mutant: Mutant::None };

impl Setting {
    pub(super) fn config(&self) -> RequesterPathsConfig {
        let mut lanes = [1; 4];
        for (path, count) in PATHS.into_iter().zip(self.lanes) {
            lanes[path.index()] = if self.mutant == Mutant::OneLaneOnly { 1 } else { count };
        }
        let second = Duration::from_secs(1);
        RequesterPathsConfig {
            lanes,
            operation_timeout: second,
            barrier_timeout: 3 * second,
            tell_timeout: second,
            tell_attempts: 2,
            tell_ahead: if self.tells_ahead { second / 4 } else { Duration::ZERO },
            probe_interval: second,
            ..RequesterPathsConfig::new(PATHS.into_iter().collect::<PathSet>())
        }
    }
}
