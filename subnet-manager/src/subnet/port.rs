use core::fmt;

use alloc::vec::Vec;
use ib_mad::wire::{PortInfo, PortState};
use ib_mad::{Guid, Lid, PKey};

use super::NodeIndex;

/// A port of a subnet. That it is an end port, one with LIDs, is up to where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EndPort {
    /// Its node.
    pub node: NodeIndex,
    /// Its number there.
    pub port: u8,
}

impl fmt::Display for EndPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "port {} of {}", self.port, self.node)
    }
}

/// A port of a node.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Port {
    /// Its number on its node.
    pub number: u8,
    /// Its GUID; 0 on a switch's ports but port 0, which have none, and as long as it is not known.
    pub guid: Guid,
    /// State and settings, as it last told or was last told.
    pub info: PortInfo,
    /// The port at the other end of its link.
    pub neighbor: Option<EndPort>,
    /// Its partition table, as it was last told: without empty entries, the default partition first.
    pub p_keys: Vec<PKey>,
}

impl Port {
    pub(super) fn down(number: u8) -> Self {
        let info = PortInfo { port_state: PortState::DOWN, ..PortInfo::default() };
        Self { number, guid: Guid(0), info, neighbor: None, p_keys: Vec::new() }
    }

    /// Whether its link carries at least management.
    pub fn is_up(&self) -> bool {
        self.info.port_state.0 >= PortState::INITIALIZE.0
    }

    /// Its base LID, if it has one.
    pub fn lid(&self) -> Option<Lid> {
        Some(self.info.lid).filter(|lid| lid.is_unicast())
    }

    /// Data lanes in use on its link; 1 where the code says nothing.
    pub fn data_lanes(&self) -> u8 {
        lanes(self.info.operational_vls)
    }
}

/// Data lanes of a code of VLCap or OperationalVLs (IBTA volume 1, table of PortInfo).
pub(crate) const fn lanes(code: u8) -> u8 {
    match code {
        2 => 2,
        3 => 4,
        4 => 8,
        5 => 15,
        _ => 1,
    }
}
