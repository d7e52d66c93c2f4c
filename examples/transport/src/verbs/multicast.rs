//! Multicast groups of datagram queue pairs.

use core::net::{Ipv4Addr, Ipv6Addr};
use std::io;
use std::sync::PoisonError;

use ib_mad::{Gid, Lid, Qpn};
use socket2::{Domain, Protocol, Socket, Type};

use super::system::Refused;
use super::{Port, QueuePair, VerbsError};

/// The queue pair number that means every member of a group.
pub const MULTICAST_QUEUE_PAIR: u32 = 0xFF_FFFF;

/// A queue pair in a group.
#[derive(Debug)]
pub(super) struct Membership {
    pub(super) group: Gid,
    pub(super) lid: Lid,
    /// On Ethernet the interface is in the group of IP as long as this socket is open: otherwise it takes no such
    /// packets.
    _interface: Option<Socket>,
}

impl QueuePair {
    /// Receive what is sent to a group. On InfiniBand the port has to have joined it with subnet administration, which gives
    /// its LID; on Ethernet `lid` is 0, and the interface joins the group of IP.
    ///
    /// # Errors
    /// When it is no group, or the adapter has no room for it.
    pub fn join(&self, group: Gid, lid: Lid) -> Result<(), VerbsError> {
        let interface = self.port().is_ethernet().then(|| join_interface(self.port(), group));
        let interface = interface.transpose().map_err(|source| {
            let of = format!("port {}: group {group}", self.port().name());
            VerbsError::verb(of)(Refused { verb: "joining the group of IP", source })
        })?;
        self.attach_raw(group, lid)?;
        let mut memberships = self.memberships.lock().unwrap_or_else(PoisonError::into_inner);
        memberships.push(Membership { group, lid, _interface: interface });
        Ok(())
    }

    /// Receive no more of what is sent to a group.
    ///
    /// # Errors
    /// When the queue pair is not in it.
    pub fn leave(&self, group: Gid, lid: Lid) -> Result<(), VerbsError> {
        self.detach_raw(group, lid)?;
        let mut memberships = self.memberships.lock().unwrap_or_else(PoisonError::into_inner);
        let found = memberships.iter().position(|known| (known.group, known.lid) == (group, lid));
        if let Some(at) = found {
            memberships.swap_remove(at);
        }
        Ok(())
    }
}

/// Every member of a group, as a datagram's destination.
#[must_use]
pub fn every_member() -> Qpn {
    Qpn::new(MULTICAST_QUEUE_PAIR).unwrap_or_default()
}

/// The GID of a group of IPv4 (annex A17): mapped into IPv6, as all addresses of IPv4 are on RoCE version 2.
#[must_use]
pub fn group_of(address: Ipv4Addr) -> Gid {
    Gid(address.to_ipv6_mapped().octets())
}

fn join_interface(port: &Port, group: Gid) -> io::Result<Socket> {
    let address = Ipv6Addr::from(group.0);
    let own = Ipv6Addr::from(port.gid().0);
    match (address.to_ipv4_mapped(), own.to_ipv4_mapped()) {
        (Some(group), Some(own)) => {
            let socket = Socket::new(Domain::IPV4, Type::DGRAM, Some(Protocol::UDP))?;
            socket.join_multicast_v4(&group, &own)?;
            Ok(socket)
        }
        _ => {
            let socket = Socket::new(Domain::IPV6, Type::DGRAM, Some(Protocol::UDP))?;
            socket.join_multicast_v6(&address, port.shared.gid.interface)?;
            Ok(socket)
        }
    }
}
