use core::cmp::Ordering;

use ib_mad::Guid;
use ib_mad::wire::{SmInfo, SmState};

/// Who of two managers is to be the master: the one of higher priority, and among equals the one of lower GUID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rank {
    /// Priority, 0 to 15.
    pub priority: u8,
    /// GUID of the manager's port.
    pub guid: Guid,
}

impl Rank {
    /// The rank that a manager tells.
    pub const fn of(info: &SmInfo) -> Self {
        Self { priority: info.priority, guid: info.guid }
    }
}

impl Ord for Rank {
    fn cmp(&self, other: &Self) -> Ordering {
        self.priority.cmp(&other.priority).then(other.guid.cmp(&self.guid))
    }
}

impl PartialOrd for Rank {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// State of a manager.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ManagerState {
    /// Told by the master to keep still.
    NotActive,
    /// Looks at the subnet, to see who is there.
    #[default]
    Discovering,
    /// Watches another manager, to take its place.
    Standby,
    /// Manages the subnet.
    Master,
}

impl ManagerState {
    /// The state as it travels.
    pub const fn code(self) -> SmState {
        match self {
            Self::NotActive => SmState::NOT_ACTIVE,
            Self::Discovering => SmState::DISCOVERING,
            Self::Standby => SmState::STANDBY,
            Self::Master => SmState::MASTER,
        }
    }
}

/// What one manager tells another by a Set of SMInfo: its attribute modifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Request {
    /// Be the master in my place.
    Handover,
    /// I am the master now.
    Acknowledge,
    /// Keep still.
    Disable,
    /// Be a standby.
    Standby,
    /// Look at the subnet anew.
    Discover,
}

impl Request {
    pub(crate) const fn from_modifier(modifier: u32) -> Option<Self> {
        Some(match modifier {
            1 => Self::Handover,
            2 => Self::Acknowledge,
            3 => Self::Disable,
            4 => Self::Standby,
            5 => Self::Discover,
            _ => return None,
        })
    }

    pub(crate) const fn modifier(self) -> u32 {
        match self {
            Self::Handover => 1,
            Self::Acknowledge => 2,
            Self::Disable => 3,
            Self::Standby => 4,
            Self::Discover => 5,
        }
    }
}

/// A manager that discovery found, by its place there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Found {
    pub(crate) rank: Rank,
    pub(crate) state: SmState,
}

/// What to do after the subnet was discovered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Verdict {
    /// Manage the subnet.
    Manage,
    /// Watch the manager with this GUID.
    Watch(Guid),
    /// Manage it, and look again soon: somebody who outranks this one is about to stand by.
    ManageForNow,
    /// Manage it, and hand over to the manager with this GUID.
    ManageAndHandOver(Guid),
}

/// This manager's state among the others.
///
/// ```text
///                 nobody outranks it,
///                 or it was handed over
///   Discovering ─────────────────────────▶ Master
///     ▲   ▲   │                            │    │ Acknowledge
///     │   │   │ another one is the master, │    │ from whom it
///     │   │   ▼ or outranks it             │    ▼ handed over to
///     │   └── Standby ◀────────────────────┼────┘
///     │ Handover, Discover,                │
///     │ or the watched one is gone         │
///     └────────────────────────────────────┘ Handover: another master gives up
///
///   Standby ── Disable ──▶ NotActive ── Standby ──▶ Standby
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Standing {
    own: Rank,
    state: ManagerState,
    /// The other one's mastership was given to this one: it is the master after discovery, whoever is there.
    is_heir: bool,
    /// Who is watched, as a standby.
    watched: Option<Guid>,
    /// To whom this one, a master, has offered to hand over.
    heir: Option<Guid>,
}

impl Standing {
    pub(crate) fn new(own: Rank) -> Self {
        Self { own, state: ManagerState::Discovering, is_heir: false, watched: None, heir: None }
    }

    pub(crate) fn state(&self) -> ManagerState {
        self.state
    }

    /// Who is watched.
    pub(crate) fn watched(&self) -> Option<Guid> {
        self.watched.filter(|_| self.state == ManagerState::Standby)
    }

    /// The subnet was discovered, with these other managers in it.
    pub(crate) fn discovered(&mut self, others: &[Found]) -> Verdict {
        let awake = || others.iter().filter(|other| other.state != SmState::NOT_ACTIVE);
        let outranking = awake().filter(|other| other.rank > self.own).map(|other| other.rank).max();
        let master = awake().filter(|other| other.state == SmState::MASTER).map(|other| other.rank).max();
        match self.state {
            ManagerState::Master => {
                // One that still discovers will find this master, and stand by: it is not its time yet.
                let settled = awake().filter(|other| other.state != SmState::DISCOVERING);
                let heir = settled.filter(|other| other.rank > self.own).map(|other| other.rank).max();
                self.heir = heir.map(|rank| rank.guid);
                match (heir, outranking) {
                    (Some(rank), _) => Verdict::ManageAndHandOver(rank.guid),
                    (None, Some(_)) => Verdict::ManageForNow,
                    (None, None) => Verdict::Manage,
                }
            }
            ManagerState::Discovering if self.is_heir => self.manage(),
            ManagerState::Discovering | ManagerState::Standby | ManagerState::NotActive => {
                match master.or(outranking) {
                    Some(rank) => self.watch(rank.guid),
                    None => self.manage(),
                }
            }
        }
    }

    fn manage(&mut self) -> Verdict {
        (self.state, self.is_heir, self.watched, self.heir) = (ManagerState::Master, false, None, None);
        Verdict::Manage
    }

    fn watch(&mut self, guid: Guid) -> Verdict {
        (self.state, self.is_heir, self.watched, self.heir) =
            (ManagerState::Standby, false, Some(guid), None);
        Verdict::Watch(guid)
    }

    /// The watched manager no longer answers, or is no master and does not become one.
    pub(crate) fn bereaved(&mut self) {
        if self.state == ManagerState::Standby {
            (self.state, self.watched) = (ManagerState::Discovering, None);
        }
    }

    /// Another manager told this one something; whether it may: a refused one is answered with an error.
    ///
    /// After [`ManagerState::Discovering`] the subnet is to be discovered; a master that is handed over to discovers it too.
    pub(crate) fn told(&mut self, from: Guid, request: Request) -> bool {
        use ManagerState::{Discovering, Master, NotActive, Standby};
        let (state, is_heir) = match (self.state, request) {
            (Standby | Discovering, Request::Handover) => (Discovering, true),
            // Two masters met, and the other one gives up.
            (Master, Request::Handover) => (Master, false),
            (Master, Request::Acknowledge) if self.heir == Some(from) => {
                self.watched = Some(from);
                (Standby, false)
            }
            (Standby, Request::Disable) => (NotActive, false),
            (NotActive, Request::Standby) => {
                self.watched = Some(from);
                (Standby, false)
            }
            (Standby, Request::Discover) => (Discovering, false),
            (NotActive, Request::Handover | Request::Acknowledge | Request::Disable | Request::Discover)
            | (Discovering, Request::Acknowledge | Request::Disable | Request::Standby | Request::Discover)
            | (Standby, Request::Acknowledge | Request::Standby)
            | (Master, Request::Acknowledge | Request::Disable | Request::Standby | Request::Discover) => {
                return false;
            }
        };
        (self.state, self.is_heir, self.heir) = (state, is_heir, None);
        true
    }
}
