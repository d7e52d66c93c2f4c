//! Records as they are printed.

use core::fmt;

use ib_mad::wire::PortState;
use serde::Serialize;
use transport::LocalPort;

/// The port that a program uses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PortLine {
    lid: u16,
    lmc: u8,
    port_guid: String,
    gid: String,
    port: u8,
    state: String,
    sm_lid: u16,
    sm_service_level: u8,
    capability_mask: u32,
}

impl From<&LocalPort> for PortLine {
    fn from(port: &LocalPort) -> Self {
        Self {
            lid: port.lid.0,
            lmc: port.lmc,
            port_guid: port.guid.to_string(),
            gid: port.gid.to_string(),
            port: port.number,
            state: match port.state {
                PortState::DOWN => "down".to_owned(),
                PortState::INITIALIZE => "initialize".to_owned(),
                PortState::ARMED => "armed".to_owned(),
                PortState::ACTIVE => "active".to_owned(),
                PortState(code) => format!("state {code}"),
            },
            sm_lid: port.sm_lid.0,
            sm_service_level: port.sm_service_level.get(),
            capability_mask: port.capability_mask.0,
        }
    }
}

impl fmt::Display for PortLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "port {} ({}): {}, ", self.port, self.gid, self.state)?;
        match self.lid {
            0 => f.write_str("no LID, ")?,
            lid => write!(f, "LID {lid}, LMC {}, ", self.lmc)?,
        }
        match self.sm_lid {
            0 => f.write_str("no subnet manager"),
            sm_lid => write!(f, "subnet manager at LID {sm_lid} by SL {}", self.sm_service_level),
        }
    }
}
