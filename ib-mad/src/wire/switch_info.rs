//! SwitchInfo (IBTA volume 1, 14.2.5.4): how large a switch's forwarding tables are, and how it forwards.

use zerocopy::big_endian::U16;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::Attribute;
use crate::types::Lid;

/// The attribute as it lies in a datagram.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct SwitchInfoView {
    linear_fdb_capacity: U16,
    random_fdb_capacity: U16,
    multicast_fdb_capacity: U16,
    linear_fdb_top: U16,
    default_port: u8,
    default_multicast_primary_port: u8,
    default_multicast_not_primary_port: u8,
    life_time_and_state: u8,
    lids_per_port: U16,
    partition_enforcement_capacity: U16,
    flags: u8,
    reserved: u8,
    multicast_fdb_top: U16,
}

const _: () = assert!(size_of::<SwitchInfoView>() == 20);

impl SwitchInfoView {
    /// Entries that the linear forwarding table can have.
    #[inline]
    pub fn linear_fdb_capacity(&self) -> u16 {
        self.linear_fdb_capacity.get()
    }
    /// Entries that the random forwarding table can have.
    #[inline]
    pub fn random_fdb_capacity(&self) -> u16 {
        self.random_fdb_capacity.get()
    }
    /// Entries that the multicast forwarding table can have.
    #[inline]
    pub fn multicast_fdb_capacity(&self) -> u16 {
        self.multicast_fdb_capacity.get()
    }
    /// Last entry of the linear forwarding table that is in use.
    #[inline]
    pub fn linear_fdb_top(&self) -> u16 {
        self.linear_fdb_top.get()
    }
    /// Port for packets that the random forwarding table does not name.
    #[inline]
    pub fn default_port(&self) -> u8 {
        self.default_port
    }
    /// Port for multicast packets without an entry, from every port but this one.
    #[inline]
    pub fn default_multicast_primary_port(&self) -> u8 {
        self.default_multicast_primary_port
    }
    /// Port for multicast packets without an entry, from the primary port.
    #[inline]
    pub fn default_multicast_not_primary_port(&self) -> u8 {
        self.default_multicast_not_primary_port
    }
    /// How long a packet may wait in the switch: 4.096 µs times two to the power of this, 5 bits; above 19, for ever.
    #[inline]
    pub fn life_time_value(&self) -> u8 {
        self.life_time_and_state >> 3
    }
    /// A port changed its state since this was last cleared; writing 1 clears it.
    #[inline]
    pub fn port_state_change(&self) -> bool {
        self.life_time_and_state & 0x4 != 0
    }
    /// Whether several SL to VL tables can be written at once, 2 bits.
    #[inline]
    pub fn optimized_sl_to_vl_mapping_programming(&self) -> u8 {
        self.life_time_and_state & 0x3
    }
    /// LIDs that one port can have in a random forwarding table.
    #[inline]
    pub fn lids_per_port(&self) -> u16 {
        self.lids_per_port.get()
    }
    /// Entries of the partition table of a port that enforces partitions.
    #[inline]
    pub fn partition_enforcement_capacity(&self) -> u16 {
        self.partition_enforcement_capacity.get()
    }
    /// Can check partitions of packets coming in.
    #[inline]
    pub fn inbound_enforcement_capable(&self) -> bool {
        self.flags & 0x80 != 0
    }
    /// Can check partitions of packets going out.
    #[inline]
    pub fn outbound_enforcement_capable(&self) -> bool {
        self.flags & 0x40 != 0
    }
    /// Can drop raw packets coming in.
    #[inline]
    pub fn filter_raw_inbound_capable(&self) -> bool {
        self.flags & 0x20 != 0
    }
    /// Can drop raw packets going out.
    #[inline]
    pub fn filter_raw_outbound_capable(&self) -> bool {
        self.flags & 0x10 != 0
    }
    /// Port 0 is an endpoint like any other.
    #[inline]
    pub fn enhanced_port_0(&self) -> bool {
        self.flags & 0x8 != 0
    }
    /// Last LID of the multicast forwarding table that is in use, 0 if the switch does not tell.
    #[inline]
    pub fn multicast_fdb_top(&self) -> Lid {
        Lid(self.multicast_fdb_top.get())
    }
}

/// How large a switch's forwarding tables are, and how it forwards.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SwitchInfo {
    /// Entries that the linear forwarding table can have.
    pub linear_fdb_capacity: u16,
    /// Entries that the random forwarding table can have.
    pub random_fdb_capacity: u16,
    /// Entries that the multicast forwarding table can have.
    pub multicast_fdb_capacity: u16,
    /// Last entry of the linear forwarding table that is in use.
    pub linear_fdb_top: u16,
    /// Port for packets that the random forwarding table does not name.
    pub default_port: u8,
    /// Port for multicast packets without an entry, from every port but this one.
    pub default_multicast_primary_port: u8,
    /// Port for multicast packets without an entry, from the primary port.
    pub default_multicast_not_primary_port: u8,
    /// How long a packet may wait in the switch: 4.096 µs times two to the power of this, 5 bits; above 19, for ever.
    pub life_time_value: u8,
    /// A port changed its state since this was last cleared; writing 1 clears it.
    pub port_state_change: bool,
    /// Whether several SL to VL tables can be written at once, 2 bits.
    pub optimized_sl_to_vl_mapping_programming: u8,
    /// LIDs that one port can have in a random forwarding table.
    pub lids_per_port: u16,
    /// Entries of the partition table of a port that enforces partitions.
    pub partition_enforcement_capacity: u16,
    /// Can check partitions of packets coming in.
    pub inbound_enforcement_capable: bool,
    /// Can check partitions of packets going out.
    pub outbound_enforcement_capable: bool,
    /// Can drop raw packets coming in.
    pub filter_raw_inbound_capable: bool,
    /// Can drop raw packets going out.
    pub filter_raw_outbound_capable: bool,
    /// Port 0 is an endpoint like any other.
    pub enhanced_port_0: bool,
    /// Last LID of the multicast forwarding table that is in use, 0 if the switch does not tell.
    pub multicast_fdb_top: Lid,
}

impl Attribute for SwitchInfo {
    type View = SwitchInfoView;
    const NAME: &'static str = "SwitchInfo";

    fn from_view(view: &SwitchInfoView) -> Self {
        Self {
            linear_fdb_capacity: view.linear_fdb_capacity(),
            random_fdb_capacity: view.random_fdb_capacity(),
            multicast_fdb_capacity: view.multicast_fdb_capacity(),
            linear_fdb_top: view.linear_fdb_top(),
            default_port: view.default_port(),
            default_multicast_primary_port: view.default_multicast_primary_port(),
            default_multicast_not_primary_port: view.default_multicast_not_primary_port(),
            life_time_value: view.life_time_value(),
            port_state_change: view.port_state_change(),
            optimized_sl_to_vl_mapping_programming: view.optimized_sl_to_vl_mapping_programming(),
            lids_per_port: view.lids_per_port(),
            partition_enforcement_capacity: view.partition_enforcement_capacity(),
            inbound_enforcement_capable: view.inbound_enforcement_capable(),
            outbound_enforcement_capable: view.outbound_enforcement_capable(),
            filter_raw_inbound_capable: view.filter_raw_inbound_capable(),
            filter_raw_outbound_capable: view.filter_raw_outbound_capable(),
            enhanced_port_0: view.enhanced_port_0(),
            multicast_fdb_top: view.multicast_fdb_top(),
        }
    }

    fn to_view(&self) -> SwitchInfoView {
        SwitchInfoView {
            linear_fdb_capacity: U16::new(self.linear_fdb_capacity),
            random_fdb_capacity: U16::new(self.random_fdb_capacity),
            multicast_fdb_capacity: U16::new(self.multicast_fdb_capacity),
            linear_fdb_top: U16::new(self.linear_fdb_top),
            default_port: self.default_port,
            default_multicast_primary_port: self.default_multicast_primary_port,
            default_multicast_not_primary_port: self.default_multicast_not_primary_port,
            life_time_and_state: (self.life_time_value << 3)
                | (u8::from(self.port_state_change) << 2)
                | (self.optimized_sl_to_vl_mapping_programming & 0x3),
            lids_per_port: U16::new(self.lids_per_port),
            partition_enforcement_capacity: U16::new(self.partition_enforcement_capacity),
            flags: (u8::from(self.inbound_enforcement_capable) << 7)
                | (u8::from(self.outbound_enforcement_capable) << 6)
                | (u8::from(self.filter_raw_inbound_capable) << 5)
                | (u8::from(self.filter_raw_outbound_capable) << 4)
                | (u8::from(self.enhanced_port_0) << 3),
            reserved: 0,
            multicast_fdb_top: U16::new(self.multicast_fdb_top.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_where_the_layout_says() {
        let info = SwitchInfo {
            linear_fdb_capacity: 0x0102,
            random_fdb_capacity: 0x0304,
            multicast_fdb_capacity: 0x0506,
            linear_fdb_top: 0x0708,
            default_port: 9,
            default_multicast_primary_port: 10,
            default_multicast_not_primary_port: 11,
            life_time_value: 18,
            port_state_change: true,
            optimized_sl_to_vl_mapping_programming: 1,
            lids_per_port: 0x0D0E,
            partition_enforcement_capacity: 0x0F10,
            inbound_enforcement_capable: true,
            outbound_enforcement_capable: false,
            filter_raw_inbound_capable: true,
            filter_raw_outbound_capable: false,
            enhanced_port_0: true,
            multicast_fdb_top: Lid(0xC012),
        };
        let mut out = [0xFF; 20];
        assert_eq!(info.emit(&mut out), Ok(20));
        assert_eq!(
            out,
            [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0b1001_0101, 13, 14, 15, 16, 0b1010_1000, 0, 0xC0, 0x12]
        );
        assert_eq!(SwitchInfo::parse(&out), Ok(info));
        let other = SwitchInfo {
            outbound_enforcement_capable: true,
            filter_raw_outbound_capable: true,
            ..SwitchInfo::default()
        };
        assert_eq!(other.emit(&mut out), Ok(20));
        assert_eq!(out[16], 0b0101_0000);
    }
}
