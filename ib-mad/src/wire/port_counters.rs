//! PortCounters (IBTA volume 1, 16.1.3.5): what went through a port, and what went wrong. Counters stop at their largest
//! value.

use zerocopy::big_endian::{U16, U32};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::Attribute;

/// The attribute as it lies in a datagram.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct PortCountersView {
    reserved: u8,
    port_select: u8,
    counter_select: U16,
    symbol_error_counter: U16,
    link_error_recovery_counter: u8,
    link_downed_counter: u8,
    port_rcv_errors: U16,
    port_rcv_remote_physical_errors: U16,
    port_rcv_switch_relay_errors: U16,
    port_xmit_discards: U16,
    port_xmit_constraint_errors: u8,
    port_rcv_constraint_errors: u8,
    counter_select2: u8,
    integrity_and_overrun: u8,
    qp1_dropped: U16,
    vl15_dropped: U16,
    port_xmit_data: U32,
    port_rcv_data: U32,
    port_xmit_pkts: U32,
    port_rcv_pkts: U32,
    port_xmit_wait: U32,
}

const _: () = assert!(size_of::<PortCountersView>() == 44);

impl PortCountersView {
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
    /// Symbol errors on some lane.
    #[inline]
    pub fn symbol_error_counter(&self) -> u16 {
        self.symbol_error_counter.get()
    }
    /// Times that the link recovered from errors.
    #[inline]
    pub fn link_error_recovery_counter(&self) -> u8 {
        self.link_error_recovery_counter
    }
    /// Times that it did not, and went down.
    #[inline]
    pub fn link_downed_counter(&self) -> u8 {
        self.link_downed_counter
    }
    /// Packets with errors.
    #[inline]
    pub fn port_rcv_errors(&self) -> u16 {
        self.port_rcv_errors.get()
    }
    /// Packets marked bad by the other end.
    #[inline]
    pub fn port_rcv_remote_physical_errors(&self) -> u16 {
        self.port_rcv_remote_physical_errors.get()
    }
    /// Packets that the switch could not forward.
    #[inline]
    pub fn port_rcv_switch_relay_errors(&self) -> u16 {
        self.port_rcv_switch_relay_errors.get()
    }
    /// Packets that were dropped instead of sent.
    #[inline]
    pub fn port_xmit_discards(&self) -> u16 {
        self.port_xmit_discards.get()
    }
    /// Packets not sent for their partition or for being raw.
    #[inline]
    pub fn port_xmit_constraint_errors(&self) -> u8 {
        self.port_xmit_constraint_errors
    }
    /// Packets not received for their partition or for being raw.
    #[inline]
    pub fn port_rcv_constraint_errors(&self) -> u8 {
        self.port_rcv_constraint_errors
    }
    /// In a Set, more counters to write, a bit each.
    #[inline]
    pub fn counter_select2(&self) -> u8 {
        self.counter_select2
    }
    /// Times that symbol errors passed their threshold, 4 bits.
    #[inline]
    pub fn local_link_integrity_errors(&self) -> u8 {
        self.integrity_and_overrun >> 4
    }
    /// Times that overruns passed their threshold, 4 bits.
    #[inline]
    pub fn excessive_buffer_overrun_errors(&self) -> u8 {
        self.integrity_and_overrun & 0xF
    }
    /// Packets to queue pair 1 that were dropped.
    #[inline]
    pub fn qp1_dropped(&self) -> u16 {
        self.qp1_dropped.get()
    }
    /// Packets on lane 15 that were dropped.
    #[inline]
    pub fn vl15_dropped(&self) -> u16 {
        self.vl15_dropped.get()
    }
    /// Data sent, in units of 4 bytes.
    #[inline]
    pub fn port_xmit_data(&self) -> u32 {
        self.port_xmit_data.get()
    }
    /// Data received, in units of 4 bytes.
    #[inline]
    pub fn port_rcv_data(&self) -> u32 {
        self.port_rcv_data.get()
    }
    /// Packets sent.
    #[inline]
    pub fn port_xmit_pkts(&self) -> u32 {
        self.port_xmit_pkts.get()
    }
    /// Packets received.
    #[inline]
    pub fn port_rcv_pkts(&self) -> u32 {
        self.port_rcv_pkts.get()
    }
    /// Ticks in which the port had data to send and could not.
    #[inline]
    pub fn port_xmit_wait(&self) -> u32 {
        self.port_xmit_wait.get()
    }
}

/// What went through a port, and what went wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortCounters {
    /// Number of the port; 255 for all.
    pub port_select: u8,
    /// In a Set, the counters to write, a bit each.
    pub counter_select: u16,
    /// Symbol errors on some lane.
    pub symbol_error_counter: u16,
    /// Times that the link recovered from errors.
    pub link_error_recovery_counter: u8,
    /// Times that it did not, and went down.
    pub link_downed_counter: u8,
    /// Packets with errors.
    pub port_rcv_errors: u16,
    /// Packets marked bad by the other end.
    pub port_rcv_remote_physical_errors: u16,
    /// Packets that the switch could not forward.
    pub port_rcv_switch_relay_errors: u16,
    /// Packets that were dropped instead of sent.
    pub port_xmit_discards: u16,
    /// Packets not sent for their partition or for being raw.
    pub port_xmit_constraint_errors: u8,
    /// Packets not received for their partition or for being raw.
    pub port_rcv_constraint_errors: u8,
    /// In a Set, more counters to write, a bit each.
    pub counter_select2: u8,
    /// Times that symbol errors passed their threshold, 4 bits.
    pub local_link_integrity_errors: u8,
    /// Times that overruns passed their threshold, 4 bits.
    pub excessive_buffer_overrun_errors: u8,
    /// Packets to queue pair 1 that were dropped.
    pub qp1_dropped: u16,
    /// Packets on lane 15 that were dropped.
    pub vl15_dropped: u16,
    /// Data sent, in units of 4 bytes.
    pub port_xmit_data: u32,
    /// Data received, in units of 4 bytes.
    pub port_rcv_data: u32,
    /// Packets sent.
    pub port_xmit_pkts: u32,
    /// Packets received.
    pub port_rcv_pkts: u32,
    /// Ticks in which the port had data to send and could not.
    pub port_xmit_wait: u32,
}

impl Attribute for PortCounters {
    type View = PortCountersView;
    const NAME: &'static str = "PortCounters";

    fn from_view(view: &PortCountersView) -> Self {
        Self {
            port_select: view.port_select(),
            counter_select: view.counter_select(),
            symbol_error_counter: view.symbol_error_counter(),
            link_error_recovery_counter: view.link_error_recovery_counter(),
            link_downed_counter: view.link_downed_counter(),
            port_rcv_errors: view.port_rcv_errors(),
            port_rcv_remote_physical_errors: view.port_rcv_remote_physical_errors(),
            port_rcv_switch_relay_errors: view.port_rcv_switch_relay_errors(),
            port_xmit_discards: view.port_xmit_discards(),
            port_xmit_constraint_errors: view.port_xmit_constraint_errors(),
            port_rcv_constraint_errors: view.port_rcv_constraint_errors(),
            counter_select2: view.counter_select2(),
            local_link_integrity_errors: view.local_link_integrity_errors(),
            excessive_buffer_overrun_errors: view.excessive_buffer_overrun_errors(),
            qp1_dropped: view.qp1_dropped(),
            vl15_dropped: view.vl15_dropped(),
            port_xmit_data: view.port_xmit_data(),
            port_rcv_data: view.port_rcv_data(),
            port_xmit_pkts: view.port_xmit_pkts(),
            port_rcv_pkts: view.port_rcv_pkts(),
            port_xmit_wait: view.port_xmit_wait(),
        }
    }

    fn to_view(&self) -> PortCountersView {
        PortCountersView {
            reserved: 0,
            port_select: self.port_select,
            counter_select: U16::new(self.counter_select),
            symbol_error_counter: U16::new(self.symbol_error_counter),
            link_error_recovery_counter: self.link_error_recovery_counter,
            link_downed_counter: self.link_downed_counter,
            port_rcv_errors: U16::new(self.port_rcv_errors),
            port_rcv_remote_physical_errors: U16::new(self.port_rcv_remote_physical_errors),
            port_rcv_switch_relay_errors: U16::new(self.port_rcv_switch_relay_errors),
            port_xmit_discards: U16::new(self.port_xmit_discards),
            port_xmit_constraint_errors: self.port_xmit_constraint_errors,
            port_rcv_constraint_errors: self.port_rcv_constraint_errors,
            counter_select2: self.counter_select2,
            integrity_and_overrun: self.local_link_integrity_errors << 4
                | (self.excessive_buffer_overrun_errors & 0xF),
            qp1_dropped: U16::new(self.qp1_dropped),
            vl15_dropped: U16::new(self.vl15_dropped),
            port_xmit_data: U32::new(self.port_xmit_data),
            port_rcv_data: U32::new(self.port_rcv_data),
            port_xmit_pkts: U32::new(self.port_xmit_pkts),
            port_rcv_pkts: U32::new(self.port_rcv_pkts),
            port_xmit_wait: U32::new(self.port_xmit_wait),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_where_the_layout_says() {
        let attribute = PortCounters {
            port_select: 1,
            counter_select: 0x0203,
            symbol_error_counter: 0x0405,
            link_error_recovery_counter: 6,
            link_downed_counter: 7,
            port_rcv_errors: 0x0809,
            port_rcv_remote_physical_errors: 0x0A0B,
            port_rcv_switch_relay_errors: 0x0C0D,
            port_xmit_discards: 0x0E0F,
            port_xmit_constraint_errors: 0x10,
            port_rcv_constraint_errors: 0x11,
            counter_select2: 0x12,
            local_link_integrity_errors: 0x1,
            excessive_buffer_overrun_errors: 0x3,
            qp1_dropped: 0x1415,
            vl15_dropped: 0x1617,
            port_xmit_data: 0x1819_1A1B,
            port_rcv_data: 0x1C1D_1E1F,
            port_xmit_pkts: 0x2021_2223,
            port_rcv_pkts: 0x2425_2627,
            port_xmit_wait: 0x2829_2A2B,
        };
        let mut out = [0xFF; 44];
        assert_eq!(attribute.emit(&mut out), Ok(44));
        assert!(out.iter().enumerate().all(|(i, byte)| usize::from(*byte) == i), "{out:?}");
        assert_eq!(PortCounters::parse(&out), Ok(attribute));
    }
}
