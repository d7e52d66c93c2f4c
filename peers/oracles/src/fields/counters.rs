//! Counters of ports.

use ib_mad::wire::{PortCounters, PortCountersExtended};

use super::{Field, Layout, attribute, field, of};

pub(super) fn layouts() -> Vec<Layout> {
    vec![
        attribute!(PortCounters {
            port_select: 8,
            counter_select: 16,
            symbol_error_counter: 16,
            link_error_recovery_counter: 8,
            link_downed_counter: 8,
            port_rcv_errors: 16,
            port_rcv_remote_physical_errors: 16,
            port_rcv_switch_relay_errors: 16,
            port_xmit_discards: 16,
            port_xmit_constraint_errors: 8,
            port_rcv_constraint_errors: 8,
            counter_select2: 8,
            local_link_integrity_errors: 4,
            excessive_buffer_overrun_errors: 4,
            qp1_dropped: 16,
            vl15_dropped: 16,
            port_xmit_data: 32,
            port_rcv_data: 32,
            port_xmit_pkts: 32,
            port_rcv_pkts: 32,
            port_xmit_wait: 32,
        }),
        attribute!(PortCountersExtended {
            port_select: 8,
            counter_select: 16,
            counter_select2: 32,
            port_xmit_data: 64,
            port_rcv_data: 64,
            port_xmit_pkts: 64,
            port_rcv_pkts: 64,
            port_unicast_xmit_pkts: 64,
            port_unicast_rcv_pkts: 64,
            port_multicast_xmit_pkts: 64,
            port_multicast_rcv_pkts: 64,
            symbol_error_counter: 64,
            link_error_recovery_counter: 64,
            link_downed_counter: 64,
            port_rcv_errors: 64,
            port_rcv_remote_physical_errors: 64,
            port_rcv_switch_relay_errors: 64,
            port_xmit_discards: 64,
            port_xmit_constraint_errors: 64,
            port_rcv_constraint_errors: 64,
            local_link_integrity_errors: 64,
            excessive_buffer_overrun_errors: 64,
            vl15_dropped: 64,
            port_xmit_wait: 64,
            qp1_dropped: 64,
        }),
    ]
}
