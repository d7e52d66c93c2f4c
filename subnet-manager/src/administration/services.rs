//! Services that ports have registered, each for the time of its lease (IBTA volume 1, 15.2.5.14).

use core::time::Duration;

use alloc::collections::{BTreeMap, BTreeSet};

use ib_mad::wire::{Attribute, ServiceRecord, ServiceRecordMask as Mask, Status};
use ib_mad::{Gid, PKey, ServiceKey};

use super::filter::Filter;
use super::query::{Gathering, Requester, may_talk};
use crate::subnet::Subnet;

/// A lease that does not end.
const FOR_EVER: u32 = u32::MAX;
/// What a registration has to give.
const TO_REGISTER: u64 = Mask::SERVICE_ID.0 | Mask::SERVICE_GID.0 | Mask::SERVICE_P_KEY.0;

/// What tells one registration from another.
type Key = (u64, Gid, PKey);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Registration {
    record: ServiceRecord,
    /// When the lease ends.
    ends: Option<Duration>,
    /// Who registered it, and has it counted as its own.
    registrar: Gid,
}

/// A registration, and what is left of its lease.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Service {
    /// The record as it was registered.
    pub record: ServiceRecord,
    /// Time until its lease ends; `None` for ever.
    pub left: Option<Duration>,
    /// Port that registered it.
    pub registrar: Gid,
}

/// All registrations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Services {
    services: BTreeMap<Key, Registration>,
    leases: BTreeSet<(Duration, Key)>,
    counts: BTreeMap<Gid, usize>,
    per_port: usize,
    total: usize,
    /// How often a service came or went.
    revision: u64,
}

impl Services {
    pub(super) fn new(per_port: usize, total: usize) -> Self {
        let (services, leases, counts) = (BTreeMap::new(), BTreeSet::new(), BTreeMap::new());
        Self { services, leases, counts, per_port, total, revision: 0 }
    }

    /// How often a service came, was renewed or went so far.
    pub(super) fn revision(&self) -> u64 {
        self.revision
    }

    /// Register a service, or renew it.
    pub(super) fn set(
        &mut self,
        now: Duration,
        subnet: &Subnet,
        requester: &Requester,
        mask: u64,
        data: &[u8],
    ) -> Result<ServiceRecord, Status> {
        let mut record = ServiceRecord::parse(data).map_err(|_| Status::INVALID_REQUEST)?;
        if mask & TO_REGISTER != TO_REGISTER {
            return Err(Status::INSUFFICIENT_COMPONENTS);
        }
        let at = subnet.end_port_by_gid(record.service_gid).ok_or(Status::INVALID_GID)?;
        if !requester.is_trusted && !may_talk(subnet, requester.port, at) {
            return Err(Status::DENIED);
        }
        let partition = record.service_p_key.partition();
        let is_in = |port| {
            let keys = subnet.port(port).map_or(&[][..], |port| &port.p_keys);
            keys.iter().any(|key| key.partition() == partition)
        };
        if !is_in(at) || !(requester.is_trusted || is_in(requester.port)) {
            return Err(Status::INVALID_REQUEST);
        }
        if mask & Mask::SERVICE_LEASE.0 == 0 {
            record.service_lease = FOR_EVER;
        }
        let key = key_of(&record);
        match self.services.get(&key) {
            Some(held) if held.record.service_key != record.service_key && !requester.is_trusted => {
                return Err(Status::DENIED);
            }
            Some(_) => self.remove(&key),
            None if self.services.len() >= self.total => return Err(Status::NO_RESOURCES),
            None if self.counts.get(&requester.gid).is_some_and(|count| *count >= self.per_port) => {
                return Err(Status::NO_RESOURCES);
            }
            None => {}
        }
        let lease =
            (record.service_lease != FOR_EVER).then(|| Duration::from_secs(record.service_lease.into()));
        self.insert(record, lease.map(|lease| now.saturating_add(lease)), requester.gid);
        Ok(shown(record, true))
    }

    /// Withdraw the service that matches.
    pub(super) fn delete(
        &mut self,
        requester: &Requester,
        filter: &Filter,
        data: &[u8],
    ) -> Result<ServiceRecord, Status> {
        let given = ServiceRecord::parse(data).map_err(|_| Status::INVALID_REQUEST)?;
        if !filter.has(Mask::SERVICE_ID.0 | Mask::SERVICE_GID.0) {
            return Err(Status::INSUFFICIENT_COMPONENTS);
        }
        let first = (given.service_id, given.service_gid, PKey(0));
        let last = (given.service_id, given.service_gid, PKey(u16::MAX));
        let mut bytes = [0; ServiceRecord::LENGTH];
        let found = self
            .services
            .range(first..=last)
            .find(|(_, held)| held.record.emit(&mut bytes).is_ok() && filter.matches(&bytes));
        let (key, held) = found.ok_or(Status::NO_RECORDS)?;
        let has_key =
            held.record.service_key == given.service_key || held.record.service_key == ServiceKey::default();
        if !has_key && !requester.is_trusted {
            return Err(Status::DENIED);
        }
        let (key, record) = (*key, held.record);
        self.remove(&key);
        Ok(shown(record, true))
    }

    /// Gather services of ports that the requester may know of.
    pub(super) fn gather(
        &self,
        now: Duration,
        subnet: &Subnet,
        requester: &Requester,
        into: &mut Gathering<'_>,
    ) {
        let keys = subnet.port(requester.port).map_or(&[][..], |port| &port.p_keys);
        for held in self.services.values() {
            let partition = held.record.service_p_key.partition();
            if !requester.is_trusted && !keys.iter().any(|key| key.partition() == partition) {
                continue;
            }
            let left = held.ends.map(|ends| ends.saturating_sub(now).as_secs());
            let service_lease = left.map_or(FOR_EVER, |left| u32::try_from(left).unwrap_or(FOR_EVER - 1));
            let record = ServiceRecord { service_lease, ..held.record };
            into.offer(&shown(record, requester.is_trusted));
        }
    }

    /// Forget the services whose lease has ended.
    pub(super) fn handle_timeout(&mut self, now: Duration) {
        while let Some(&(ends, key)) = self.leases.first().filter(|(ends, _)| *ends <= now) {
            self.leases.remove(&(ends, key));
            self.remove(&key);
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Duration> {
        self.leases.first().map(|(ends, _)| *ends)
    }

    pub(super) fn export(&self, now: Duration) -> impl Iterator<Item = Service> {
        self.services.values().map(move |held| Service {
            record: held.record,
            left: held.ends.map(|ends| ends.saturating_sub(now)),
            registrar: held.registrar,
        })
    }

    /// Take a registration as it was before a restart; one that is there already is the newer.
    pub(super) fn restore(&mut self, now: Duration, service: Service) {
        if self.services.len() < self.total && !self.services.contains_key(&key_of(&service.record)) {
            let ends = service.left.map(|left| now.saturating_add(left));
            self.insert(service.record, ends, service.registrar);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.services.len()
    }

    pub(super) fn clear(&mut self) {
        let keys: alloc::vec::Vec<Key> = self.services.keys().copied().collect();
        keys.iter().for_each(|key| self.remove(key));
    }

    fn insert(&mut self, record: ServiceRecord, ends: Option<Duration>, registrar: Gid) {
        let key = key_of(&record);
        *self.counts.entry(registrar).or_default() += 1;
        self.leases.extend(ends.map(|ends| (ends, key)));
        self.services.insert(key, Registration { record, ends, registrar });
        self.revision = self.revision.wrapping_add(1);
    }

    fn remove(&mut self, key: &Key) {
        let Some(held) = self.services.remove(key) else { return };
        self.revision = self.revision.wrapping_add(1);
        if let Some(ends) = held.ends {
            self.leases.remove(&(ends, *key));
        }
        if let Some(count) = self.counts.get_mut(&held.registrar) {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(&held.registrar);
            }
        }
    }
}

fn key_of(record: &ServiceRecord) -> Key {
    (record.service_id, record.service_gid, record.service_p_key)
}

/// The record as its requester may see it: a key is shown to whoever has it.
fn shown(record: ServiceRecord, with_key: bool) -> ServiceRecord {
    if with_key { record } else { ServiceRecord { service_key: ServiceKey::default(), ..record } }
}
