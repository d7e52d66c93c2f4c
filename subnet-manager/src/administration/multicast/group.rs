use alloc::collections::BTreeMap;

use ib_mad::wire::{JoinState, McMemberRecord};
use ib_mad::{Gid, PKey};

/// How a port is a member of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Membership {
    /// Whether it sends, receives, and keeps the group in existence.
    pub join_state: JoinState,
    /// Another port joined for it, so that others may take it out again.
    pub is_proxy: bool,
}

/// A multicast group.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Group {
    /// What every member's record has in common; it names no port.
    pub record: McMemberRecord,
    /// Its members, by their ports.
    pub members: BTreeMap<Gid, Membership>,
    /// It was there from the start, and stays without members.
    pub is_permanent: bool,
}

/// A group has begun to exist, or has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::administration) struct Birth {
    pub(in crate::administration) mgid: Gid,
    pub(in crate::administration) p_key: PKey,
    pub(in crate::administration) exists: bool,
}

/// Members that a group lives as long as.
const KEEPING: u8 = JoinState::FULL_MEMBER.0 | JoinState::SEND_ONLY_FULL_MEMBER.0;
/// Members that receive.
const RECEIVING: u8 = JoinState::FULL_MEMBER.0 | JoinState::NON_MEMBER.0;

/// Whether such a member keeps its group in existence.
pub(super) const fn keeps(state: JoinState) -> bool {
    state.0 & KEEPING != 0
}

impl Group {
    /// Whether it goes on to exist.
    pub(super) fn lives(&self) -> bool {
        self.is_permanent || self.members.values().any(|member| keeps(member.join_state))
    }

    /// The ports that receive, or those that only send.
    pub(super) fn members_that(&self, receive: bool) -> impl Iterator<Item = Gid> {
        let is_meant = move |member: &Membership| (member.join_state.0 & RECEIVING != 0) == receive;
        self.members.iter().filter(move |(_, member)| is_meant(member)).map(|(gid, _)| *gid)
    }

    /// The record of a member.
    pub(super) fn record_of(&self, gid: Gid, member: Membership) -> McMemberRecord {
        let Membership { join_state, is_proxy } = member;
        McMemberRecord { port_gid: gid, join_state, proxy_join: is_proxy, ..self.record }
    }
}
