use crate::types::{Lid, Qpn, ServiceLevel};

/// Where a datagram goes that a machine of this workspace wrote into the caller's buffer. The buffer holds one whole
/// management datagram of [`MAD_LENGTH`](crate::wire::MAD_LENGTH) bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Transmit {
    /// Destination port.
    pub to: Lid,
    /// Service level to send with.
    pub service_level: ServiceLevel,
    /// Destination queue pair: 0 for subnet management, 1 for everything else unless a peer redirected.
    pub qpn: Qpn,
}
