use sim::Faults;

use super::mutant::Mutant;

/// What may go wrong, and how often. `u32::MAX` has no end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Disturbances {
    /// Of the links.
    pub faults: Faults,
    /// Routings that change the paths between two ports.
    pub reroutes: u32,
    /// Routings that change nothing.
    pub vain_reroutes: u32,
    /// Reports that a port that is not the manager's sends.
    pub strangers: u32,
    /// Queue pairs that cannot be moved.
    pub failed_moves: u32,
    /// Times that somebody's patience ends although something is on the way.
    pub impatience: u32,
    /// Requests that the manager has no time for.
    pub busy: u32,
    /// Restarts of the manager of which it tells its clients.
    pub restarts: u32,
    /// Restarts of which it does not.
    pub silent_restarts: u32,
}

impl Disturbances {
    /// Nothing goes wrong, nothing changes.
    pub const NONE: Self = Self {
        faults: Faults::NONE,
        reroutes: 0,
        vain_reroutes: 0,
        strangers: 0,
        failed_moves: 0,
        impatience: 0,
        busy: 0,
        restarts: 0,
        silent_restarts: 0,
    };
    /// Everything that can go wrong does, again and again.
    pub const UNLIMITED: Self = Self {
        faults: Faults::UNLIMITED,
        reroutes: u32::MAX,
        vain_reroutes: u32::MAX,
        strangers: u32::MAX,
        failed_moves: u32::MAX,
        impatience: u32::MAX,
        busy: u32::MAX,
        restarts: u32::MAX,
        silent_restarts: u32::MAX,
    };
}

/// How large a world is, and which rule it leaves out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Setting {
    /// Hosts with an agent. Each has a queue pair to every other port.
    pub hosts: u16,
    /// Ports without one.
    pub silent_ports: u16,
    /// Service levels that routing draws from.
    pub levels: u8,
    /// Whether hosts verify their subscription each minute. An exhaustive search has no end then.
    pub verifies: bool,
    /// The rule left out.
    pub mutant: Mutant,
}
