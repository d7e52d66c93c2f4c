use alloc::collections::{BTreeMap, BTreeSet, VecDeque};

use ib_mad::wire::{McMemberRecord, McMemberRecordMask as Mask, Status};
use ib_mad::{Gid, Lid};

use super::super::filter::Filter;
use super::super::query::{Gathering, Requester};
use super::{Birth, Group, Membership};
use crate::MulticastChange;
use crate::subnet::Subnet;

/// LIDs of groups.
const FIRST: u16 = 0xC000;
const LAST: u16 = 0xFFFE;

/// All groups.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::administration) struct Groups {
    groups: BTreeMap<Gid, Group>,
    /// LIDs in use.
    lids: BTreeSet<Lid>,
    /// Groups that one port is in at most.
    per_port: usize,
    /// How many a port is in.
    counts: BTreeMap<Gid, usize>,
    /// The number in the next MGID that is made up.
    next: u32,
    /// Trees that are to be built anew.
    trees: BTreeMap<Lid, MulticastChange>,
    /// Groups that have begun to exist, or have ended.
    births: VecDeque<Birth>,
    /// How often a group or its members became others.
    revision: u64,
}

impl Groups {
    pub(in crate::administration) fn new(per_port: usize) -> Self {
        Self {
            groups: BTreeMap::new(),
            lids: BTreeSet::new(),
            per_port,
            counts: BTreeMap::new(),
            next: 1,
            trees: BTreeMap::new(),
            births: VecDeque::new(),
            revision: 0,
        }
    }

    pub(in crate::administration) fn get(&self, mgid: Gid) -> Option<&Group> {
        self.groups.get(&mgid)
    }

    pub(in crate::administration) fn iter(&self) -> impl Iterator<Item = &Group> {
        self.groups.values()
    }

    /// The next tree that is to be built anew: each as it is now.
    pub(in crate::administration) fn poll_tree(&mut self) -> Option<MulticastChange> {
        self.trees.pop_first().map(|(_, tree)| tree)
    }

    /// The next group that has begun to exist, or has ended.
    pub(in crate::administration) fn poll_birth(&mut self) -> Option<Birth> {
        self.births.pop_front()
    }

    /// How often a group or its members became others so far.
    pub(in crate::administration) fn revision(&self) -> u64 {
        self.revision
    }

    /// Take a group as it was before a restart, or as the settings have it; one with the same MGID stays as it is. Only to
    /// a group of the settings that nobody has joined yet its members come back.
    pub(in crate::administration) fn restore(&mut self, subnet: Option<&Subnet>, mut group: Group) {
        let mgid = group.record.mgid;
        if let Some(held) = self.groups.get_mut(&mgid) {
            if held.is_permanent && held.members.is_empty() && !group.members.is_empty() {
                held.members = group.members;
                for gid in held.members.keys() {
                    *self.counts.entry(*gid).or_default() += 1;
                }
                self.told(mgid, None);
            }
            return;
        }
        let wanted = group.record.mlid;
        let is_free = (FIRST..=LAST).contains(&wanted.0) && !self.lids.contains(&wanted);
        let mlid = if is_free { Some(wanted) } else { self.free_lid(subnet) };
        let Some(mlid) = mlid else { return };
        group.record.mlid = mlid;
        for gid in group.members.keys() {
            *self.counts.entry(*gid).or_default() += 1;
        }
        self.lids.insert(mlid);
        self.groups.insert(mgid, group);
        self.told(mgid, None);
    }

    /// Join a group, or make it: the member's record as it is then.
    pub(super) fn join(
        &mut self,
        subnet: &Subnet,
        record: McMemberRecord,
        member: Membership,
    ) -> Result<McMemberRecord, Status> {
        let (mgid, gid) = (record.mgid, record.port_gid);
        let is_in = self.groups.get(&mgid).is_some_and(|group| group.members.contains_key(&gid));
        if !is_in && self.counts.get(&gid).is_some_and(|count| *count >= self.per_port) {
            return Err(Status::NO_RESOURCES);
        }
        let is_new = !self.groups.contains_key(&mgid);
        if is_new {
            let mlid = self.free_lid(Some(subnet)).ok_or(Status::NO_RESOURCES)?;
            self.lids.insert(mlid);
            let common = McMemberRecord {
                port_gid: Gid::UNSPECIFIED,
                join_state: Default::default(),
                proxy_join: false,
                mlid,
                ..record
            };
            let group = Group { record: common, members: BTreeMap::new(), is_permanent: false };
            self.groups.insert(mgid, group);
        }
        let Some(group) = self.groups.get_mut(&mgid) else { return Err(Status::NO_RESOURCES) };
        let held = group.members.entry(gid).or_insert_with(|| {
            *self.counts.entry(gid).or_default() += 1;
            Membership { join_state: Default::default(), is_proxy: member.is_proxy }
        });
        let before = is_in.then_some(*held);
        held.join_state.0 |= member.join_state.0;
        // Who joins itself is no longer anybody's proxy.
        held.is_proxy &= member.is_proxy;
        let joined = *held;
        let answer = group.record_of(gid, joined);
        if before != Some(joined) {
            self.told(mgid, is_new.then_some(true));
        }
        Ok(answer)
    }

    /// Leave a group, as far as the record's join state says; the member's record as it was asked to leave.
    pub(super) fn leave(&mut self, record: McMemberRecord, is_other: bool) -> Result<McMemberRecord, Status> {
        let (mgid, gid) = (record.mgid, record.port_gid);
        let group = self.groups.get_mut(&mgid).ok_or(Status::INVALID_REQUEST)?;
        let held = group.members.get_mut(&gid).ok_or(Status::INVALID_REQUEST)?;
        if held.join_state.0 & record.join_state.0 == 0 {
            return Err(Status::INVALID_REQUEST);
        }
        if is_other && !held.is_proxy {
            return Err(Status::DENIED);
        }
        held.join_state.0 &= !record.join_state.0;
        let left = *held;
        let answer = McMemberRecord { join_state: record.join_state, ..group.record_of(gid, left) };
        if left.join_state.0 == 0 {
            self.take_out(mgid, gid);
        }
        self.settle(mgid);
        Ok(answer)
    }

    /// A port is gone: it is in no group any more.
    pub(in crate::administration) fn remove_port(&mut self, gid: Gid) {
        if !self.counts.contains_key(&gid) {
            return;
        }
        let of_port = self.groups.iter().filter(|(_, group)| group.members.contains_key(&gid));
        let mgids: alloc::vec::Vec<Gid> = of_port.map(|(mgid, _)| *mgid).collect();
        for mgid in mgids {
            self.take_out(mgid, gid);
            self.settle(mgid);
        }
    }

    /// Nobody is in a group any more. Nobody is told: another manager has the groups now.
    pub(in crate::administration) fn clear(&mut self) {
        let members: BTreeSet<Gid> = self.counts.keys().copied().collect();
        members.into_iter().for_each(|gid| self.remove_port(gid));
        self.births.clear();
    }

    fn take_out(&mut self, mgid: Gid, gid: Gid) {
        let removed = self.groups.get_mut(&mgid).and_then(|group| group.members.remove(&gid));
        if removed.is_some()
            && let Some(count) = self.counts.get_mut(&gid)
        {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(&gid);
            }
        }
    }

    /// A group has lost a member: without one that keeps it, it ends, and with it the others' membership.
    fn settle(&mut self, mgid: Gid) {
        let Some(group) = self.groups.get(&mgid) else { return };
        if group.lives() {
            return self.told(mgid, None);
        }
        let left: alloc::vec::Vec<Gid> = group.members.keys().copied().collect();
        for gid in left {
            self.take_out(mgid, gid);
        }
        self.told(mgid, Some(false));
        if let Some(group) = self.groups.remove(&mgid) {
            self.lids.remove(&group.record.mlid);
        }
    }

    /// A group has changed, has begun (`Some(true)`) or has ended.
    fn told(&mut self, mgid: Gid, existence: Option<bool>) {
        let Some(group) = self.groups.get(&mgid) else { return };
        self.revision = self.revision.wrapping_add(1);
        let guids = |receive| group.members_that(receive).map(Gid::guid).collect();
        let tree = MulticastChange { lid: group.record.mlid, receivers: guids(true), senders: guids(false) };
        if let Some(exists) = existence {
            self.births.push_back(Birth { mgid, p_key: group.record.p_key, exists });
        }
        self.trees.insert(tree.lid, tree);
    }

    /// The lowest LID that no group has and every switch can forward.
    fn free_lid(&self, subnet: Option<&Subnet>) -> Option<Lid> {
        let switches = subnet.into_iter().flat_map(|subnet| {
            subnet.switches().iter().filter_map(|switch| subnet.node(*switch)?.switch.as_ref())
        });
        let capacities = switches.map(|switch| switch.info.multicast_fdb_capacity);
        let count = capacities.min().unwrap_or(u16::MAX).min(LAST - FIRST + 1);
        let mut used = self.lids.iter().map(|lid| lid.0).peekable();
        (FIRST..).take(count.into()).find(|lid| used.next_if_eq(lid).is_none()).map(Lid)
    }

    /// An MGID that nobody else has: transient, of this scope, with the signature of those that administration makes up and
    /// the subnet's prefix.
    pub(super) fn make_up(&mut self, subnet: &Subnet, scope: u8) -> Gid {
        loop {
            let prefix = subnet.prefix().to_be_bytes();
            let number = self.next.to_be_bytes();
            self.next = self.next.wrapping_add(1);
            let mut mgid = [0; 16];
            mgid[..4].copy_from_slice(&[0xFF, 0x10 | (scope & 0xF), 0xA0, 0x1B]);
            mgid[4..12].copy_from_slice(&prefix);
            mgid[12..].copy_from_slice(&number);
            if !self.groups.contains_key(&Gid(mgid)) {
                return Gid(mgid);
            }
        }
    }

    /// Gather members' records. Who is not trusted sees which groups there are, and of members only the one that it names.
    pub(in crate::administration) fn gather(
        &self,
        subnet: &Subnet,
        requester: &Requester,
        filter: &Filter,
        takes: impl Fn(&McMemberRecord) -> bool,
        into: &mut Gathering<'_>,
    ) {
        let names_port = filter.has(Mask::PORT_GID.0);
        let keys = subnet.port(requester.port).map_or(&[][..], |port| &port.p_keys);
        for group in self.groups.values().filter(|group| takes(&group.record)) {
            let partition = group.record.p_key.partition();
            if !requester.is_trusted && !keys.iter().any(|key| key.partition() == partition) {
                continue;
            }
            if requester.is_trusted || names_port {
                for (gid, member) in &group.members {
                    into.offer(&group.record_of(*gid, *member));
                }
            } else {
                into.offer(&group.record);
            }
        }
    }
}
