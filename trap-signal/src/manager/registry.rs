//! Subscriptions to events (IBTA volume 1, 13.4.11 and 15.2.5.10).

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;
use ib_mad::wire::{InformInfo, Notice, NoticeType, Producer, ProducerType, TrapNumber};
use ib_mad::{Gid, Lid, Qpn, ServiceLevel};

/// Where the Reports of a subscription go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subscriber {
    /// The port's GID, which outlives its LID.
    pub gid: Gid,
    /// The queue pair that sent the subscription.
    pub qpn: Qpn,
    /// The port's LID.
    pub lid: Lid,
    /// The service level to reach it with.
    pub service_level: ServiceLevel,
}

/// How much a registry takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RegistryLimits {
    /// Subscriptions of one port.
    pub per_port: usize,
    /// Subscriptions in all.
    pub total: usize,
}

impl Default for RegistryLimits {
    /// 32 a port, 131,072 in all: two for each port of the largest subnet.
    fn default() -> Self {
        Self { per_port: 32, total: 131_072 }
    }
}

/// Why a subscription was not taken, or not given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum RegistryError {
    /// The port has as many as it may have.
    #[error("the port {0} has as many subscriptions as it may have")]
    PortFull(Gid),
    /// There are as many as there may be.
    #[error("there are as many subscriptions as there may be")]
    Full,
    /// There is no such subscription to give up.
    #[error("the port {0} has no such subscription")]
    Unknown(Gid),
    /// The first LID of the range is above its last.
    #[error("the range of LIDs from {begin} to {end} is empty")]
    EmptyRange {
        /// First LID.
        begin: Lid,
        /// Last LID.
        end: Lid,
    },
}

/// What a subscription is about: the parts of an InformInfo that count when two are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Interest {
    gid: Gid,
    lids: (Lid, Lid),
    notice_type: NoticeType,
    producer: Producer,
}

impl Interest {
    fn of(inform: &InformInfo) -> Self {
        let lids = match (inform.lid_range_begin, inform.lid_range_end) {
            (InformInfo::ALL_LIDS, _) => (InformInfo::ALL_LIDS, InformInfo::ALL_LIDS),
            // Without an end the range is its begin.
            (begin, Lid::UNASSIGNED) => (begin, begin),
            range => range,
        };
        // The range counts only where no port is named.
        let lids =
            if inform.gid == Gid::UNSPECIFIED { lids } else { (InformInfo::ALL_LIDS, InformInfo::ALL_LIDS) };
        Self { gid: inform.gid, lids, notice_type: inform.notice_type, producer: inform.producer }
    }

    /// The subscription of a queue pair to this.
    fn inform_info(&self, qpn: Qpn) -> InformInfo {
        let (lid_range_begin, lid_range_end) = self.lids;
        InformInfo {
            gid: self.gid,
            lid_range_begin,
            lid_range_end,
            subscribe: true,
            notice_type: self.notice_type,
            producer: self.producer,
            qpn,
            ..InformInfo::subscribe_to(TrapNumber::ALL)
        }
    }

    fn matches(&self, notice: &Notice) -> bool {
        let (begin, end) = self.lids;
        (self.gid == Gid::UNSPECIFIED || self.gid == notice.issuer_gid)
            && (begin == InformInfo::ALL_LIDS || (begin..=end).contains(&notice.issuer_lid))
            && (self.notice_type == NoticeType::ALL || self.notice_type == notice.notice_type)
            && producer_matches(self.producer, notice.producer)
    }
}

/// Generic and vendor events never match each other; inside each, all ones stand for any.
fn producer_matches(wanted: Producer, given: Producer) -> bool {
    match (wanted, given) {
        (
            Producer::Generic { producer_type, trap_number },
            Producer::Generic { producer_type: given_type, trap_number: given_number },
        ) => {
            (producer_type == ProducerType::ALL || producer_type == given_type)
                && (trap_number == TrapNumber::ALL || trap_number == given_number)
        }
        (
            Producer::Vendor { vendor_id, device_id },
            Producer::Vendor { vendor_id: given_vendor, device_id: given_device },
        ) => {
            (vendor_id == 0xFF_FFFF || vendor_id == given_vendor)
                && (device_id == 0xFFFF || device_id == given_device)
        }
        (Producer::Generic { .. }, Producer::Vendor { .. })
        | (Producer::Vendor { .. }, Producer::Generic { .. }) => false,
    }
}

/// Whether a subscription is about an event.
pub fn matches(subscription: &InformInfo, notice: &Notice) -> bool {
    Interest::of(subscription).matches(notice)
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Port {
    lid: Lid,
    service_level: ServiceLevel,
    interests: BTreeSet<(Qpn, Interest)>,
}

/// Who subscribed to what.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SubscriptionRegistry {
    limits: RegistryLimits,
    ports: BTreeMap<Gid, Port>,
    len: usize,
}

impl SubscriptionRegistry {
    /// An empty registry.
    pub const fn new(limits: RegistryLimits) -> Self {
        Self { limits, ports: BTreeMap::new(), len: 0 }
    }

    /// Subscriptions that it holds.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nobody subscribed to anything.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Subscribe, or give up a subscription, as `inform` says. Subscribing to the same again changes nothing but
    /// the port's LID and service level, which are always the newest.
    ///
    /// # Errors
    /// When the registry or the port's share of it is full, the range of LIDs is empty, or there is nothing to give up.
    pub fn set(&mut self, subscriber: Subscriber, inform: &InformInfo) -> Result<(), RegistryError> {
        let interest = Interest::of(inform);
        if inform.subscribe {
            self.subscribe(subscriber, interest)
        } else {
            self.unsubscribe(subscriber, interest)
        }
    }

    fn subscribe(&mut self, subscriber: Subscriber, interest: Interest) -> Result<(), RegistryError> {
        let (begin, end) = interest.lids;
        if begin > end {
            return Err(RegistryError::EmptyRange { begin, end });
        }
        let key = (subscriber.qpn, interest);
        let held = self.ports.get(&subscriber.gid);
        if !held.is_some_and(|port| port.interests.contains(&key)) {
            if held.is_some_and(|port| port.interests.len() >= self.limits.per_port) {
                return Err(RegistryError::PortFull(subscriber.gid));
            }
            if self.len >= self.limits.total {
                return Err(RegistryError::Full);
            }
            self.len += 1;
        }
        let port = self.ports.entry(subscriber.gid).or_insert_with(|| Port {
            lid: subscriber.lid,
            service_level: subscriber.service_level,
            interests: BTreeSet::new(),
        });
        port.lid = subscriber.lid;
        port.service_level = subscriber.service_level;
        port.interests.insert(key);
        Ok(())
    }

    fn unsubscribe(&mut self, subscriber: Subscriber, interest: Interest) -> Result<(), RegistryError> {
        let Some(port) = self.ports.get_mut(&subscriber.gid) else {
            return Err(RegistryError::Unknown(subscriber.gid));
        };
        if !port.interests.remove(&(subscriber.qpn, interest)) {
            return Err(RegistryError::Unknown(subscriber.gid));
        }
        self.len -= 1;
        if port.interests.is_empty() {
            self.ports.remove(&subscriber.gid);
        }
        Ok(())
    }

    /// Forget all subscriptions of a port that has left the subnet, or missed a Report; how many there were.
    pub fn remove_port(&mut self, gid: Gid) -> usize {
        let removed = self.ports.remove(&gid).map_or(0, |port| port.interests.len());
        self.len -= removed;
        removed
    }

    /// Every subscription, those of a port one behind the other: what [`set`](Self::set) takes to make the same registry.
    pub fn iter(&self) -> impl Iterator<Item = (Subscriber, InformInfo)> + '_ {
        self.ports.iter().flat_map(|(gid, port)| {
            port.interests.iter().map(move |(qpn, interest)| {
                let Port { lid, service_level, .. } = *port;
                (Subscriber { gid: *gid, qpn: *qpn, lid, service_level }, interest.inform_info(*qpn))
            })
        })
    }

    /// Where the ports are now: one that is nowhere any more is forgotten with its subscriptions.
    pub fn relocate(&mut self, mut find: impl FnMut(Gid) -> Option<(Lid, ServiceLevel)>) {
        let len = &mut self.len;
        self.ports.retain(|gid, port| match find(*gid) {
            Some((lid, service_level)) => {
                (port.lid, port.service_level) = (lid, service_level);
                true
            }
            None => {
                *len -= port.interests.len();
                false
            }
        });
    }

    /// Who is to have a Report of `notice`: each queue pair once, however many of its subscriptions match.
    pub fn matching(&self, notice: &Notice) -> Vec<Subscriber> {
        let mut found = Vec::new();
        for (gid, port) in &self.ports {
            let mut last = None;
            for (qpn, interest) in &port.interests {
                if last != Some(*qpn) && interest.matches(notice) {
                    last = Some(*qpn);
                    let Port { lid, service_level, .. } = *port;
                    found.push(Subscriber { gid: *gid, qpn: *qpn, lid, service_level });
                }
            }
        }
        found
    }
}
