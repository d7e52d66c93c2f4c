//! The end ports of a subnet, read record by record: for subnet administrations, or channels to them, that cannot
//! send a whole table.

use core::time::Duration;

use alloc::collections::{BTreeMap, BTreeSet};
use ib_mad::request::RequestId;
use ib_mad::sa::{SaClient, SaEvent, SaFailure, SaRequest};
use ib_mad::wire::{
    AttributeId, NodeDescription, NodeRecord, NodeRecordQuery, NodeType, SaStatus, SwitchInfoRecord,
    SwitchInfoRecordQuery,
};
use ib_mad::{Gid, Guid, Lid};

/// A port that has LIDs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct EndPort {
    /// Its lowest LID.
    pub lid: Lid,
    /// It has `2^lmc` LIDs.
    pub lmc: u8,
    /// Its GUID.
    pub port_guid: Guid,
    /// The GUID of its node.
    pub node_guid: Guid,
    /// What its node is.
    pub node_type: NodeType,
    /// What its node calls itself.
    pub description: NodeDescription,
}

impl EndPort {
    /// Its GID in the subnet `prefix`.
    pub fn gid(&self, prefix: u64) -> Gid {
        Gid::new(prefix, self.port_guid)
    }
}

/// Why a scan has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum InventoryError {
    /// The subnet administration did not answer for a LID.
    #[error("no node record for LID {lid}: {failure}")]
    Query {
        /// The LID.
        lid: Lid,
        /// What came instead.
        failure: SaFailure,
    },
}

/// A scan of all LIDs, from 1 to the highest that the switches forward.
///
/// Give every outcome of the client to [`handle`](Self::handle), call [`advance`](Self::advance) after it, and take
/// the result with [`finish`](Self::finish).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Inventory {
    next: u16,
    /// Highest LID that is known to be in use, or forwarded by a switch.
    top: u16,
    has_switch: bool,
    asking: BTreeMap<RequestId, Lid>,
    /// Switches that are to be asked, and how many are being asked, for their highest LID.
    switches: BTreeSet<Lid>,
    asking_switches: usize,
    ports: BTreeMap<Guid, Found>,
    failure: Option<InventoryError>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Found {
    record: NodeRecord,
    lids: BTreeSet<Lid>,
}

impl Inventory {
    /// Without a switch to tell the highest LID, the scan ends after so many LIDs in a row that nobody has.
    pub const VACANT_LIDS: u16 = 64;
    /// Requests that it has under way at most.
    pub const WINDOW: usize = 32;
    /// And while no switch has told the highest LID: few of them ask for LIDs beyond it.
    pub const FIRST_WINDOW: usize = 8;

    /// A scan that has asked nothing yet.
    pub fn new() -> Self {
        Self {
            next: 1,
            top: 0,
            has_switch: false,
            asking: BTreeMap::new(),
            switches: BTreeSet::new(),
            asking_switches: 0,
            ports: BTreeMap::new(),
            failure: None,
        }
    }

    /// The last LID to ask for, as far as that is known.
    fn last(&self) -> u16 {
        let beyond = if self.has_switch || self.asking_switches > 0 { 0 } else { Self::VACANT_LIDS };
        self.top.saturating_add(beyond).min(Lid::LAST_UNICAST.0)
    }

    fn window(&self) -> usize {
        if self.has_switch { Self::WINDOW } else { Self::FIRST_WINDOW }
    }

    /// Ask on, as far as the window and the client allow.
    pub fn advance<const N: usize, const T: usize>(&mut self, now: Duration, client: &mut SaClient<N, T>) {
        while self.failure.is_none() && self.asking.len() < self.window() {
            let (lid, request) = if let Some(switch) = self.switches.first().copied() {
                (switch, SaRequest::get(&SwitchInfoRecordQuery::new().lid(switch)))
            } else if self.next <= self.last() {
                let lid = Lid(self.next);
                (lid, SaRequest::get(&NodeRecordQuery::new().lid(lid)))
            } else {
                return;
            };
            let Ok(id) = client.request(now, request) else { return };
            self.asking.insert(id, lid);
            if self.switches.remove(&lid) {
                self.asking_switches += 1;
            } else {
                self.next = self.next.saturating_add(1);
            }
        }
    }

    /// Take in an outcome; `false` when it belongs to another's request.
    pub fn handle(&mut self, event: &SaEvent) -> bool {
        let Some(lid) = self.asking.remove(&event.id) else { return false };
        let read = if event.request.attribute_id() == AttributeId::SWITCH_INFO_RECORD {
            self.asking_switches -= 1;
            event.record::<SwitchInfoRecord>().map(|record| self.has_top(record.switch_info.linear_fdb_top))
        } else {
            event.record::<NodeRecord>().map(|record| self.found(lid, record))
        };
        match read {
            Ok(()) => {}
            Err(SaFailure::Status(status)) if status.sa() == SaStatus::NoRecords => {}
            Err(failure) => self.failure = Some(InventoryError::Query { lid, failure }),
        }
        true
    }

    fn has_top(&mut self, top: u16) {
        self.has_switch = true;
        self.top = self.top.max(top);
    }

    fn found(&mut self, lid: Lid, record: NodeRecord) {
        self.top = self.top.max(lid.0);
        let found = self
            .ports
            .entry(record.node_info.port_guid)
            .or_insert_with(|| Found { record, lids: BTreeSet::new() });
        found.lids.insert(lid);
        if record.node_info.node_type == NodeType::Switch && found.lids.len() == 1 {
            self.switches.insert(lid);
        }
    }

    /// Whether there is nothing more to ask or to wait for.
    pub fn is_done(&self) -> bool {
        self.asking.is_empty()
            && (self.failure.is_some() || (self.switches.is_empty() && self.next > self.last()))
    }

    /// The ports, in the order of their GUIDs.
    ///
    /// # Errors
    /// The first failure.
    pub fn finish(self) -> Result<alloc::vec::Vec<EndPort>, InventoryError> {
        if let Some(failure) = self.failure {
            return Err(failure);
        }
        Ok(self.ports.into_values().map(|found| found.into_end_port()).collect())
    }
}

impl Default for Inventory {
    fn default() -> Self {
        Self::new()
    }
}

impl Found {
    fn into_end_port(self) -> EndPort {
        let info = &self.record.node_info;
        EndPort {
            lid: self.lids.first().copied().unwrap_or_default(),
            // A port answers under each of its 2^lmc LIDs.
            lmc: self.lids.len().checked_ilog2().and_then(|lmc| u8::try_from(lmc).ok()).unwrap_or(0).min(7),
            port_guid: info.port_guid,
            node_guid: info.node_guid,
            node_type: info.node_type,
            description: self.record.node_description,
        }
    }
}
