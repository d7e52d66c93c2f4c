use ib_mad::wire::MAD_LENGTH;
use ib_mad::{Gid, Lid, PKey, Qpn, ServiceLevel};

/// A management datagram as it arrived at the manager's port, with what the packet around it said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Received<'a> {
    /// The port that sent it; [`Lid::PERMISSIVE`] along a directed route.
    pub from: Lid,
    /// Service level that it came with, and that an answer goes back with.
    pub service_level: ServiceLevel,
    /// The queue pair that sent it.
    pub source_qpn: Qpn,
    /// The partition that it came in; [`PKey::DEFAULT_FULL`] where a transport does not tell.
    pub p_key: PKey,
    /// The sender's GID, if the packet had a global route header.
    pub source_gid: Option<Gid>,
    /// The datagram.
    pub mad: &'a [u8; MAD_LENGTH],
}
