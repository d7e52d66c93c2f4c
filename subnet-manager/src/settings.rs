use core::time::Duration;

use alloc::collections::BTreeMap;
use ib_mad::{Gid, Guid, Lid, MKey, SmKey};

use crate::administration::AdministrationState;
use crate::smp::QueueLimits;
use crate::subnet::Partitions;

/// How packets are routed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RoutingEngine {
    /// Shortest paths, on as many virtual lanes as it takes that no deadlock is possible.
    #[default]
    Lash,
    /// Shortest paths, spread over the links. In a topology with rings it can deadlock.
    MinHop,
    /// Up towards a root, then down: free of deadlock on one lane, with detours where there are rings.
    UpDown,
}

/// How a [`Manager`](crate::Manager) behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// GUID of the manager's own port.
    pub port_guid: Guid,
    /// Priority among managers, 0 to 15.
    pub priority: u8,
    /// Key by which administration tells whom it trusts; 0 for none.
    pub sm_key: SmKey,
    /// Key that every port is given, so that nobody without it changes settings; 0 for none.
    pub m_key: MKey,
    /// Upper half of the ports' GIDs.
    pub prefix: u64,
    /// How packets are routed.
    pub routing: RoutingEngine,
    /// Each port of a channel adapter or router gets two to the power of this LIDs, 0 to 7.
    pub lmc: u8,
    /// Who belongs to which partition.
    pub partitions: Partitions,
    /// LIDs that ports had before, by port GUID. A port gets the same one again.
    pub known_lids: BTreeMap<Guid, Lid>,
    /// What nodes had registered with this manager before it was restarted. It is dropped when another manager turns out to be
    /// the master by now.
    pub registrations: AdministrationState,
    /// Requests in flight, and how long they are waited for.
    pub requests: QueueLimits,
    /// Time between two looks at whether a switch has a change to tell. Default 10 s.
    pub light_sweep_interval: Duration,
    /// Time after which a sweep is repeated in which something went wrong; it doubles, up to the light sweep's
    /// interval, while nothing gets better. Default 1 s.
    pub retry_interval: Duration,
    /// The longest time that sweeps wait for each other when traps ask for one after another and they find nothing new. Default 10 s.
    pub trap_hold_off: Duration,
    /// Time between two questions of a standby to its master. Default 10 s.
    pub polling_interval: Duration,
    /// Questions in a row without an answer after which a standby takes over. Default 4.
    pub polling_retries: u8,
    /// The first transaction id; another one after a restart.
    pub first_id: u32,
}

impl Settings {
    /// The defaults, for the manager on this port.
    pub fn new(port_guid: Guid, first_id: u32) -> Self {
        Self {
            port_guid,
            priority: 0,
            sm_key: SmKey(1),
            m_key: MKey(0),
            prefix: Gid::DEFAULT_PREFIX,
            routing: RoutingEngine::default(),
            lmc: 0,
            partitions: Partitions::default(),
            known_lids: BTreeMap::new(),
            registrations: AdministrationState::default(),
            requests: QueueLimits::default(),
            light_sweep_interval: Duration::from_secs(10),
            retry_interval: Duration::from_secs(1),
            trap_hold_off: Duration::from_secs(10),
            polling_interval: Duration::from_secs(10),
            polling_retries: 4,
            first_id,
        }
    }
}
