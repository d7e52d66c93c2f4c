//! PortCountersExtended (IBTA volume 1, 16.1.4.11): a port's counters in 64 bits. Those behind the multicast packets are
//! valid if the agent's ClassPortInfo says so.

use zerocopy::big_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::Attribute;

/// The attribute as it lies in a datagram.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct PortCountersExtendedView {
    reserved: u8,
    port_select: u8,
    counter_select: U16,
    counter_select2: U32,
    port_xmit_data: U64,
    port_rcv_data: U64,
    port_xmit_pkts: U64,
    port_rcv_pkts: U64,
    port_unicast_xmit_pkts: U64,
    port_unicast_rcv_pkts: U64,
    port_multicast_xmit_pkts: U64,
    port_multicast_rcv_pkts: U64,
    symbol_error_counter: U64,
    link_error_recovery_counter: U64,
    link_downed_counter: U64,
    port_rcv_errors: U64,
    port_rcv_remote_physical_errors: U64,
    port_rcv_switch_relay_errors: U64,
    port_xmit_discards: U64,
    port_xmit_constraint_errors: U64,
    port_rcv_constraint_errors: U64,
    local_link_integrity_errors: U64,
    excessive_buffer_overrun_errors: U64,
    vl15_dropped: U64,
    port_xmit_wait: U64,
    qp1_dropped: U64,
}

const _: () = assert!(size_of::<PortCountersExtendedView>() == 184);

impl PortCountersExtendedView {
    /// Number of the port; 255 for all.
    #[inline]
    pub fn port_select(&self) -> u8 {
        self.port_select
    }
    /// In a Set, the counters to write, a bit each.
    #[inline]
    pub fn counter_select(&self) -> u16 {
        self.counter_select.get()
    }
    /// In a Set, more counters to write, a bit each.
    #[inline]
    pub fn counter_select2(&self) -> u32 {
        self.counter_select2.get()
    }
    /// Data sent, in units of 4 bytes.
    #[inline]
    pub fn port_xmit_data(&self) -> u64 {
        self.port_xmit_data.get()
    }
    /// Data received, in units of 4 bytes.
    #[inline]
    pub fn port_rcv_data(&self) -> u64 {
        self.port_rcv_data.get()
    }
    /// Packets sent.
    #[inline]
    pub fn port_xmit_pkts(&self) -> u64 {
        self.port_xmit_pkts.get()
    }
    /// Packets received.
    #[inline]
    pub fn port_rcv_pkts(&self) -> u64 {
        self.port_rcv_pkts.get()
    }
    /// Unicast packets sent.
    #[inline]
    pub fn port_unicast_xmit_pkts(&self) -> u64 {
        self.port_unicast_xmit_pkts.get()
    }
    /// Unicast packets received.
    #[inline]
    pub fn port_unicast_rcv_pkts(&self) -> u64 {
        self.port_unicast_rcv_pkts.get()
    }
    /// Multicast packets sent.
    #[inline]
    pub fn port_multicast_xmit_pkts(&self) -> u64 {
        self.port_multicast_xmit_pkts.get()
    }
    /// Multicast packets received.
    #[inline]
    pub fn port_multicast_rcv_pkts(&self) -> u64 {
        self.port_multicast_rcv_pkts.get()
    }
    /// Symbol errors on some lane.
    #[inline]
    pub fn symbol_error_counter(&self) -> u64 {
        self.symbol_error_counter.get()
    }
    /// Times that the link recovered from errors.
    #[inline]
    pub fn link_error_recovery_counter(&self) -> u64 {
        self.link_error_recovery_counter.get()
    }
    /// Times that it did not, and went down.
    #[inline]
    pub fn link_downed_counter(&self) -> u64 {
        self.link_downed_counter.get()
    }
    /// Packets with errors.
    #[inline]
    pub fn port_rcv_errors(&self) -> u64 {
        self.port_rcv_errors.get()
    }
    /// Packets marked bad by the other end.
    #[inline]
    pub fn port_rcv_remote_physical_errors(&self) -> u64 {
        self.port_rcv_remote_physical_errors.get()
    }
    /// Packets that the switch could not forward.
    #[inline]
    pub fn port_rcv_switch_relay_errors(&self) -> u64 {
        self.port_rcv_switch_relay_errors.get()
    }
    /// Packets that were dropped instead of sent.
    #[inline]
    pub fn port_xmit_discards(&self) -> u64 {
        self.port_xmit_discards.get()
    }
    /// Packets not sent for their partition or for being raw.
    #[inline]
    pub fn port_xmit_constraint_errors(&self) -> u64 {
        self.port_xmit_constraint_errors.get()
    }
    /// Packets not received for their partition or for being raw.
    #[inline]
    pub fn port_rcv_constraint_errors(&self) -> u64 {
        self.port_rcv_constraint_errors.get()
    }
    /// Times that symbol errors passed their threshold.
    #[inline]
    pub fn local_link_integrity_errors(&self) -> u64 {
        self.local_link_integrity_errors.get()
    }
    /// Times that overruns passed their threshold.
    #[inline]
    pub fn excessive_buffer_overrun_errors(&self) -> u64 {
        self.excessive_buffer_overrun_errors.get()
    }
    /// Packets on lane 15 that were dropped.
    #[inline]
    pub fn vl15_dropped(&self) -> u64 {
        self.vl15_dropped.get()
    }
    /// Ticks in which the port had data to send and could not.
    #[inline]
    pub fn port_xmit_wait(&self) -> u64 {
        self.port_xmit_wait.get()
    }
    /// Packets to queue pair 1 that were dropped.
    #[inline]
    pub fn qp1_dropped(&self) -> u64 {
        self.qp1_dropped.get()
    }
}

/// A port's counters in 64 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortCountersExtended {
    /// Number of the port; 255 for all.
    pub port_select: u8,
    /// In a Set, the counters to write, a bit each.
    pub counter_select: u16,
    /// In a Set, more counters to write, a bit each.
    pub counter_select2: u32,
    /// Data sent, in units of 4 bytes.
    pub port_xmit_data: u64,
    /// Data received, in units of 4 bytes.
    pub port_rcv_data: u64,
    /// Packets sent.
    pub port_xmit_pkts: u64,
    /// Packets received.
    pub port_rcv_pkts: u64,
    /// Unicast packets sent.
    pub port_unicast_xmit_pkts: u64,
    /// Unicast packets received.
    pub port_unicast_rcv_pkts: u64,
    /// Multicast packets sent.
    pub port_multicast_xmit_pkts: u64,
    /// Multicast packets received.
    pub port_multicast_rcv_pkts: u64,
    /// Symbol errors on some lane.
    pub symbol_error_counter: u64,
    /// Times that the link recovered from errors.
    pub link_error_recovery_counter: u64,
    /// Times that it did not, and went down.
    pub link_downed_counter: u64,
    /// Packets with errors.
    pub port_rcv_errors: u64,
    /// Packets marked bad by the other end.
    pub port_rcv_remote_physical_errors: u64,
    /// Packets that the switch could not forward.
    pub port_rcv_switch_relay_errors: u64,
    /// Packets that were dropped instead of sent.
    pub port_xmit_discards: u64,
    /// Packets not sent for their partition or for being raw.
    pub port_xmit_constraint_errors: u64,
    /// Packets not received for their partition or for being raw.
    pub port_rcv_constraint_errors: u64,
    /// Times that symbol errors passed their threshold.
    pub local_link_integrity_errors: u64,
    /// Times that overruns passed their threshold.
    pub excessive_buffer_overrun_errors: u64,
    /// Packets on lane 15 that were dropped.
    pub vl15_dropped: u64,
    /// Ticks in which the port had data to send and could not.
    pub port_xmit_wait: u64,
    /// Packets to queue pair 1 that were dropped.
    pub qp1_dropped: u64,
}

impl Attribute for PortCountersExtended {
    type View = PortCountersExtendedView;
    const NAME: &'static str = "PortCountersExtended";

    fn from_view(view: &PortCountersExtendedView) -> Self {
        Self {
            port_select: view.port_select(),
            counter_select: view.counter_select(),
            counter_select2: view.counter_select2(),
            port_xmit_data: view.port_xmit_data(),
            port_rcv_data: view.port_rcv_data(),
            port_xmit_pkts: view.port_xmit_pkts(),
            port_rcv_pkts: view.port_rcv_pkts(),
            port_unicast_xmit_pkts: view.port_unicast_xmit_pkts(),
            port_unicast_rcv_pkts: view.port_unicast_rcv_pkts(),
            port_multicast_xmit_pkts: view.port_multicast_xmit_pkts(),
            port_multicast_rcv_pkts: view.port_multicast_rcv_pkts(),
            symbol_error_counter: view.symbol_error_counter(),
            link_error_recovery_counter: view.link_error_recovery_counter(),
            link_downed_counter: view.link_downed_counter(),
            port_rcv_errors: view.port_rcv_errors(),
            port_rcv_remote_physical_errors: view.port_rcv_remote_physical_errors(),
            port_rcv_switch_relay_errors: view.port_rcv_switch_relay_errors(),
            port_xmit_discards: view.port_xmit_discards(),
            port_xmit_constraint_errors: view.port_xmit_constraint_errors(),
            port_rcv_constraint_errors: view.port_rcv_constraint_errors(),
            local_link_integrity_errors: view.local_link_integrity_errors(),
            excessive_buffer_overrun_errors: view.excessive_buffer_overrun_errors(),
            vl15_dropped: view.vl15_dropped(),
            port_xmit_wait: view.port_xmit_wait(),
            qp1_dropped: view.qp1_dropped(),
        }
    }

    fn to_view(&self) -> PortCountersExtendedView {
        PortCountersExtendedView {
            reserved: 0,
            port_select: self.port_select,
            counter_select: U16::new(self.counter_select),
            counter_select2: U32::new(self.counter_select2),
            port_xmit_data: U64::new(self.port_xmit_data),
            port_rcv_data: U64::new(self.port_rcv_data),
            port_xmit_pkts: U64::new(self.port_xmit_pkts),
            port_rcv_pkts: U64::new(self.port_rcv_pkts),
            port_unicast_xmit_pkts: U64::new(self.port_unicast_xmit_pkts),
            port_unicast_rcv_pkts: U64::new(self.port_unicast_rcv_pkts),
            port_multicast_xmit_pkts: U64::new(self.port_multicast_xmit_pkts),
            port_multicast_rcv_pkts: U64::new(self.port_multicast_rcv_pkts),
            symbol_error_counter: U64::new(self.symbol_error_counter),
            link_error_recovery_counter: U64::new(self.link_error_recovery_counter),
            link_downed_counter: U64::new(self.link_downed_counter),
            port_rcv_errors: U64::new(self.port_rcv_errors),
            port_rcv_remote_physical_errors: U64::new(self.port_rcv_remote_physical_errors),
            port_rcv_switch_relay_errors: U64::new(self.port_rcv_switch_relay_errors),
            port_xmit_discards: U64::new(self.port_xmit_discards),
            port_xmit_constraint_errors: U64::new(self.port_xmit_constraint_errors),
            port_rcv_constraint_errors: U64::new(self.port_rcv_constraint_errors),
            local_link_integrity_errors: U64::new(self.local_link_integrity_errors),
            excessive_buffer_overrun_errors: U64::new(self.excessive_buffer_overrun_errors),
            vl15_dropped: U64::new(self.vl15_dropped),
            port_xmit_wait: U64::new(self.port_xmit_wait),
            qp1_dropped: U64::new(self.qp1_dropped),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_where_the_layout_says() {
        let attribute = PortCountersExtended {
            port_select: 1,
            counter_select: 0x0203,
            counter_select2: 0x0405_0607,
            port_xmit_data: 0x0809_0A0B_0C0D_0E0F,
            port_rcv_data: 0x1011_1213_1415_1617,
            port_xmit_pkts: 0x1819_1A1B_1C1D_1E1F,
            port_rcv_pkts: 0x2021_2223_2425_2627,
            port_unicast_xmit_pkts: 0x2829_2A2B_2C2D_2E2F,
            port_unicast_rcv_pkts: 0x3031_3233_3435_3637,
            port_multicast_xmit_pkts: 0x3839_3A3B_3C3D_3E3F,
            port_multicast_rcv_pkts: 0x4041_4243_4445_4647,
            symbol_error_counter: 0x4849_4A4B_4C4D_4E4F,
            link_error_recovery_counter: 0x5051_5253_5455_5657,
            link_downed_counter: 0x5859_5A5B_5C5D_5E5F,
            port_rcv_errors: 0x6061_6263_6465_6667,
            port_rcv_remote_physical_errors: 0x6869_6A6B_6C6D_6E6F,
            port_rcv_switch_relay_errors: 0x7071_7273_7475_7677,
            port_xmit_discards: 0x7879_7A7B_7C7D_7E7F,
            port_xmit_constraint_errors: 0x8081_8283_8485_8687,
            port_rcv_constraint_errors: 0x8889_8A8B_8C8D_8E8F,
            local_link_integrity_errors: 0x9091_9293_9495_9697,
            excessive_buffer_overrun_errors: 0x9899_9A9B_9C9D_9E9F,
            vl15_dropped: 0xA0A1_A2A3_A4A5_A6A7,
            port_xmit_wait: 0xA8A9_AAAB_ACAD_AEAF,
            qp1_dropped: 0xB0B1_B2B3_B4B5_B6B7,
        };
        let mut out = [0xFF; 184];
        assert_eq!(attribute.emit(&mut out), Ok(184));
        assert!(out.iter().enumerate().all(|(i, byte)| usize::from(*byte) == i), "{out:?}");
        assert_eq!(PortCountersExtended::parse(&out), Ok(attribute));
    }
}
