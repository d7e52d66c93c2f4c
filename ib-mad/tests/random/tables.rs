//! Tables of ports and switches, and their records.

use super::value::structures;

structures! {
    VlArbitrationEntry { lane, weight }
    GuidInfo { guids }
    GuidInfoRecord { lid, block_number, guid_info }
    PKeyTable { p_keys }
    PKeyTableRecord { lid, block_number, port_number, p_key_table }
    SlToVlMapping { lanes }
    SlToVlMappingRecord { lid, input_port, output_port, sl_to_vl_mapping }
    VlArbitration { entries }
    VlArbitrationRecord { lid, output_port, block_number, vl_arbitration }
    LinearForwardingTable { ports }
    LinearForwardingTableRecord { lid, block_number, linear_forwarding_table }
    MulticastForwardingTable { port_masks }
    MulticastForwardingTableRecord {
        lid, position: 4, block_number: 9, multicast_forwarding_table,
    }
}
