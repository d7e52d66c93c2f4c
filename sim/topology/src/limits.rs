//! What bounds a topology.

/// End ports that a subnet has unicast LIDs for.
pub(crate) const MAX_END_PORTS: usize = 0xBFFF;
/// Nodes: each has an end port.
pub(crate) const MAX_NODES: usize = MAX_END_PORTS;
/// Ports of all nodes together: what bounds the memory.
pub(crate) const MAX_PORTS: usize = 1 << 20;
/// Ports of one node: 255 stands for none in a forwarding table.
pub(crate) const MAX_NODE_PORTS: u8 = 254;
/// What a client of ibsim can ask for.
pub(crate) const MAX_NAME: usize = 31;
/// Bytes of a text that are read.
pub(crate) const MAX_TEXT: usize = 64 << 20;
