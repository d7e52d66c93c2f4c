//! Records as they are printed.

use core::fmt;

use ib_mad::wire::{NodeRecord, NodeType, PathRecord, PortState};
use serde::Serialize;
use transport::LocalPort;
use trap_signal::watch::EndPort;

/// A path record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PathLine {
    source_lid: u16,
    destination_lid: u16,
    source_gid: String,
    destination_gid: String,
    service_level: u8,
    p_key: u16,
    mtu: Option<u16>,
    rate_hundred_megabits: Option<u32>,
    packet_lifetime_ns: u64,
}

impl From<&PathRecord> for PathLine {
    fn from(record: &PathRecord) -> Self {
        Self {
            source_lid: record.source_lid.0,
            destination_lid: record.destination_lid.0,
            source_gid: record.source_gid.to_string(),
            destination_gid: record.destination_gid.to_string(),
            service_level: record.service_level.get(),
            p_key: record.p_key.0,
            mtu: record.mtu.bytes(),
            rate_hundred_megabits: record.rate.hundred_megabits(),
            packet_lifetime_ns: u64::try_from(record.packet_lifetime.duration().as_nanos())
                .unwrap_or(u64::MAX),
        }
    }
}

impl fmt::Display for PathLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "LID {} ({}) to LID {} ({}): SL {}, P_Key {:#06x}",
            self.source_lid,
            self.source_gid,
            self.destination_lid,
            self.destination_gid,
            self.service_level,
            self.p_key,
        )?;
        if let Some(mtu) = self.mtu {
            write!(f, ", MTU {mtu}")?;
        }
        if let Some(rate) = self.rate_hundred_megabits {
            write!(f, ", {}.{} Gbit/s", rate / 10, rate % 10)?;
        }
        write!(f, ", lifetime {:?}", core::time::Duration::from_nanos(self.packet_lifetime_ns))
    }
}

fn type_name(node_type: NodeType) -> &'static str {
    match node_type {
        NodeType::ChannelAdapter => "host",
        NodeType::Switch => "switch",
        NodeType::Router => "router",
        NodeType::Other(_) => "node",
    }
}

/// A node record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct NodeLine {
    lid: u16,
    #[serde(rename = "type")]
    node_type: &'static str,
    description: String,
    node_guid: String,
    port_guid: String,
    system_image_guid: String,
    port: u8,
    ports: u8,
    vendor_id: u32,
    device_id: u16,
    revision: u32,
}

impl From<&NodeRecord> for NodeLine {
    fn from(record: &NodeRecord) -> Self {
        let info = &record.node_info;
        Self {
            lid: record.lid.0,
            node_type: type_name(info.node_type),
            description: record.node_description.text().to_owned(),
            node_guid: info.node_guid.to_string(),
            port_guid: info.port_guid.to_string(),
            system_image_guid: info.system_image_guid.to_string(),
            port: info.local_port_number,
            ports: info.number_of_ports,
            vendor_id: info.vendor_id,
            device_id: info.device_id,
            revision: info.revision,
        }
    }
}

impl fmt::Display for NodeLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "LID {}: {} \"{}\", node GUID {}, port {} of {} with GUID {}",
            self.lid, self.node_type, self.description, self.node_guid, self.port, self.ports, self.port_guid
        )
    }
}

/// A port that has LIDs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EndPortLine {
    lid: u16,
    lmc: u8,
    #[serde(rename = "type")]
    node_type: &'static str,
    description: String,
    node_guid: String,
    port_guid: String,
}

impl From<&EndPort> for EndPortLine {
    fn from(port: &EndPort) -> Self {
        Self {
            lid: port.lid.0,
            lmc: port.lmc,
            node_type: type_name(port.node_type),
            description: port.description.text().to_owned(),
            node_guid: port.node_guid.to_string(),
            port_guid: port.port_guid.to_string(),
        }
    }
}

impl fmt::Display for EndPortLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LID {:5}", self.lid)?;
        if self.lmc > 0 {
            write!(f, " to {}", u32::from(self.lid) + (1 << self.lmc) - 1)?;
        }
        write!(f, "  {:6}  {}  {}", self.node_type, self.port_guid, self.description)
    }
}

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
