//! The port that a channel belongs to.

use ib_mad::wire::{PortCapabilityMask, PortInfoView, PortState};
use ib_mad::{Gid, Guid, Lid, ServiceLevel};

/// What a channel's port was given by its subnet manager, read from its PortInfo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalPort {
    /// GUID of the port.
    pub guid: Guid,
    /// Its first GID: subnet prefix and GUID.
    pub gid: Gid,
    /// Its number on its node, from 1; 0 for a switch's management port.
    pub number: u8,
    /// Its base LID; [`Lid::UNASSIGNED`] before a subnet manager gave it one.
    pub lid: Lid,
    /// It answers to `2^lmc` LIDs from its base LID on.
    pub lmc: u8,
    /// State of its link.
    pub state: PortState,
    /// LID of the subnet manager; [`Lid::UNASSIGNED`] when no manager has configured the port.
    pub sm_lid: Lid,
    /// Service level of packets to the subnet manager.
    pub sm_service_level: ServiceLevel,
    /// PortInfo.CapabilityMask.
    pub capability_mask: PortCapabilityMask,
    /// How often a subnet manager has asked whoever is behind the port to register anew (ClientReregister): it has lost what was
    /// registered, or never had it. Only a simulated fabric tells; elsewhere it stays 0.
    pub reregistrations: u32,
}

impl LocalPort {
    /// Read the 64 bytes of the PortInfo of the port `guid` (IBTA volume 1, 14.2.5.6, table 146).
    pub fn from_port_info(guid: Guid, port_info: &[u8; 64]) -> Self {
        let info: PortInfoView = zerocopy::transmute!(*port_info);
        Self {
            guid,
            gid: Gid::new(info.gid_prefix(), guid),
            number: info.local_port_number(),
            lid: info.lid(),
            lmc: info.lmc(),
            state: info.port_state(),
            sm_lid: info.master_sm_lid(),
            sm_service_level: info.master_sm_sl(),
            capability_mask: info.capability_mask(),
            reregistrations: 0,
        }
    }

    /// Whether a subnet manager has configured the port, so that there is somebody to ask for records.
    pub const fn is_configured(&self) -> bool {
        self.lid.is_unicast() && self.sm_lid.is_unicast()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_where_the_layout_says() {
        let mut bytes = [0xFF; 64];
        bytes[8..16].copy_from_slice(&[0xFE, 0x80, 0, 0, 0, 0, 0, 1]);
        bytes[16..20].copy_from_slice(&[0x12, 0x34, 0x00, 0x07]);
        bytes[20..24].copy_from_slice(&[0x01, 0x02, 0x03, 0x04]);
        bytes[28] = 2;
        bytes[32] = 0x14;
        bytes[34] = 0xC3;
        bytes[36] = 0x45;
        let port = LocalPort::from_port_info(Guid(9), &bytes);
        assert_eq!(
            port,
            LocalPort {
                guid: Guid(9),
                gid: Gid::new(0xFE80_0000_0000_0001, Guid(9)),
                number: 2,
                lid: Lid(0x1234),
                lmc: 3,
                state: PortState::ACTIVE,
                sm_lid: Lid(7),
                sm_service_level: ServiceLevel::new(5).unwrap(),
                capability_mask: PortCapabilityMask(0x0102_0304),
                reregistrations: 0,
            }
        );
        assert!(port.is_configured());
        bytes[18..20].fill(0);
        assert!(!LocalPort::from_port_info(Guid(9), &bytes).is_configured());
    }
}
