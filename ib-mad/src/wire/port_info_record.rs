//! PortInfoRecord (IBTA volume 1, 15.2.5.3): settings and state of one port.

use zerocopy::big_endian::U16;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{Attribute, ComponentMask, PortInfo, PortInfoView};
use crate::types::Lid;

/// The record as it lies in a datagram.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct PortInfoRecordView {
    lid: U16,
    port_number: u8,
    options: u8,
    port_info: PortInfoView,
    padding: [u8; 4],
}

const _: () = assert!(size_of::<PortInfoRecordView>() == 72);

impl PortInfoRecordView {
    /// LID of the port; of port 0, for a port of a switch.
    #[inline]
    pub fn lid(&self) -> Lid {
        Lid(self.lid.get())
    }
    /// Number of the port.
    #[inline]
    pub fn port_number(&self) -> u8 {
        self.port_number
    }
    /// Options of the answer, as far as the manager has any; else 0.
    #[inline]
    pub fn options(&self) -> u8 {
        self.options
    }
    /// Its settings and state.
    #[inline]
    pub fn port_info(&self) -> &PortInfoView {
        &self.port_info
    }
}

/// Settings and state of one port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortInfoRecord {
    /// LID of the port; of port 0, for a port of a switch.
    pub lid: Lid,
    /// Number of the port.
    pub port_number: u8,
    /// Options of the answer, as far as the manager has any; else 0.
    pub options: u8,
    /// Its settings and state.
    pub port_info: PortInfo,
}

impl Attribute for PortInfoRecord {
    type View = PortInfoRecordView;
    const NAME: &'static str = "PortInfoRecord";

    fn from_view(view: &PortInfoRecordView) -> Self {
        Self {
            lid: view.lid(),
            port_number: view.port_number(),
            options: view.options(),
            port_info: PortInfo::from_view(&view.port_info),
        }
    }

    fn to_view(&self) -> PortInfoRecordView {
        PortInfoRecordView {
            lid: U16::new(self.lid.0),
            port_number: self.port_number,
            options: self.options,
            port_info: self.port_info.to_view(),
            padding: [0; 4],
        }
    }
}

/// Component mask of a PortInfoRecord.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortInfoRecordMask(pub u64);

impl PortInfoRecordMask {
    /// LID of the port, or of port 0 of its switch.
    pub const LID: Self = Self(1);
    /// Number of the port.
    pub const PORT_NUMBER: Self = Self(1 << 1);
    /// Options.
    pub const OPTIONS: Self = Self(1 << 2);
    /// M_Key.
    pub const M_KEY: Self = Self(1 << 3);
    /// Subnet prefix.
    pub const GID_PREFIX: Self = Self(1 << 4);
    /// Base of the port's LIDs.
    pub const BASE_LID: Self = Self(1 << 5);
    /// LID of the master manager.
    pub const MASTER_SM_LID: Self = Self(1 << 6);
    /// Capabilities.
    pub const CAPABILITY_MASK: Self = Self(1 << 7);
    /// Diagnostic code.
    pub const DIAG_CODE: Self = Self(1 << 8);
    /// Lease period of the M_Key.
    pub const M_KEY_LEASE_PERIOD: Self = Self(1 << 9);
    /// Port that the request came in on.
    pub const LOCAL_PORT_NUMBER: Self = Self(1 << 10);
    /// Link width enabled.
    pub const LINK_WIDTH_ENABLED: Self = Self(1 << 11);
    /// Link width supported.
    pub const LINK_WIDTH_SUPPORTED: Self = Self(1 << 12);
    /// Link width active.
    pub const LINK_WIDTH_ACTIVE: Self = Self(1 << 13);
    /// Link speed supported.
    pub const LINK_SPEED_SUPPORTED: Self = Self(1 << 14);
    /// Port state.
    pub const PORT_STATE: Self = Self(1 << 15);
    /// Port physical state.
    pub const PORT_PHYSICAL_STATE: Self = Self(1 << 16);
    /// Link down default state.
    pub const LINK_DOWN_DEFAULT_STATE: Self = Self(1 << 17);
    /// Protection by the M_Key.
    pub const M_KEY_PROTECT_BITS: Self = Self(1 << 18);
    /// LMC.
    pub const LMC: Self = Self(1 << 20);
    /// Link speed active.
    pub const LINK_SPEED_ACTIVE: Self = Self(1 << 21);
    /// Link speed enabled.
    pub const LINK_SPEED_ENABLED: Self = Self(1 << 22);
    /// MTU of the link.
    pub const NEIGHBOR_MTU: Self = Self(1 << 23);
    /// Service level to the master manager.
    pub const MASTER_SM_SL: Self = Self(1 << 24);
    /// Data lanes that the port has.
    pub const VL_CAP: Self = Self(1 << 25);
    /// Initialisation asked for.
    pub const INIT_TYPE: Self = Self(1 << 26);
    /// Limit of high priority.
    pub const VL_HIGH_LIMIT: Self = Self(1 << 27);
    /// Entries of high priority.
    pub const VL_ARBITRATION_HIGH_CAP: Self = Self(1 << 28);
    /// Entries of low priority.
    pub const VL_ARBITRATION_LOW_CAP: Self = Self(1 << 29);
    /// Initialisation done.
    pub const INIT_TYPE_REPLY: Self = Self(1 << 30);
    /// MTU that the port can take.
    pub const MTU_CAP: Self = Self(1 << 31);
    /// Packets dropped before a lane stalls.
    pub const VL_STALL_COUNT: Self = Self(1 << 32);
    /// Time at the head of a lane.
    pub const HOQ_LIFE: Self = Self(1 << 33);
    /// Data lanes in use.
    pub const OPERATIONAL_VLS: Self = Self(1 << 34);
    /// Partition enforcement inbound.
    pub const PARTITION_ENFORCEMENT_INBOUND: Self = Self(1 << 35);
    /// Partition enforcement outbound.
    pub const PARTITION_ENFORCEMENT_OUTBOUND: Self = Self(1 << 36);
    /// Filter raw inbound.
    pub const FILTER_RAW_INBOUND: Self = Self(1 << 37);
    /// Filter raw outbound.
    pub const FILTER_RAW_OUTBOUND: Self = Self(1 << 38);
    /// Violations of the M_Key.
    pub const M_KEY_VIOLATIONS: Self = Self(1 << 39);
    /// Violations of a P_Key.
    pub const P_KEY_VIOLATIONS: Self = Self(1 << 40);
    /// Violations of a Q_Key.
    pub const Q_KEY_VIOLATIONS: Self = Self(1 << 41);
    /// Number of GUIDs.
    pub const GUID_CAP: Self = Self(1 << 42);
    /// Registration asked for again.
    pub const CLIENT_REREGISTER: Self = Self(1 << 43);
    /// Timeout of the subnet.
    pub const SUBNET_TIMEOUT: Self = Self(1 << 45);
    /// Response time.
    pub const RESPONSE_TIME_VALUE: Self = Self(1 << 47);
    /// Threshold of symbol errors.
    pub const LOCAL_PHY_ERRORS: Self = Self(1 << 48);
    /// Threshold of overruns.
    pub const OVERRUN_ERRORS: Self = Self(1 << 49);
    /// Hint at credits.
    pub const MAX_CREDIT_HINT: Self = Self(1 << 50);
    /// Latency of the link.
    pub const LINK_ROUND_TRIP_LATENCY: Self = Self(1 << 52);
    /// More capabilities.
    pub const CAPABILITY_MASK2: Self = Self(1 << 53);
    /// Link speed ext active.
    pub const LINK_SPEED_EXT_ACTIVE: Self = Self(1 << 54);
    /// Link speed ext supported.
    pub const LINK_SPEED_EXT_SUPPORTED: Self = Self(1 << 55);
    /// Link speed ext enabled.
    pub const LINK_SPEED_EXT_ENABLED: Self = Self(1 << 57);

    /// Whether all components of `other` are in the mask.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl ComponentMask for PortInfoRecordMask {
    fn from_bits(bits: u64) -> Self {
        Self(bits)
    }
    fn bits(self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::MKey;

    #[test]
    fn fields_are_where_the_layout_says() {
        let port_info = PortInfo {
            m_key: MKey(0x0506_0708_090A_0B0C),
            link_speed_ext_enabled: 0xD,
            ..PortInfo::default()
        };
        let record = PortInfoRecord { lid: Lid(0x0102), port_number: 3, options: 4, port_info };
        let mut out = [0xFF; 72];
        assert_eq!(record.emit(&mut out), Ok(72));
        assert_eq!(out[..12], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        assert_eq!(out[66..], [0, 0x0D, 0, 0, 0, 0]);
        assert_eq!(PortInfoRecord::parse(&out), Ok(record));
    }
}
