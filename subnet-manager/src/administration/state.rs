//! What outlives a manager: groups, services and subscriptions, as values and as bytes.

use core::time::Duration;

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use ib_mad::wire::{Attribute, InformInfo, InformInfoRecord, JoinState, McMemberRecord, ServiceRecord};
use ib_mad::{DecodeError, Gid, Lid, Qpn, ServiceLevel};
use trap_signal::manager::Subscriber;

use super::administration::Administration;
use super::multicast::{Group, Membership};
use super::services::Service;
use crate::subnet::Subnet;

/// What nodes have registered with an administration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AdministrationState {
    /// Subscriptions, and where their Reports go.
    pub subscriptions: Vec<(Subscriber, InformInfo)>,
    /// Multicast groups with their members.
    pub groups: Vec<Group>,
    /// Services with what is left of their leases.
    pub services: Vec<Service>,
}

/// Bytes that are no state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// They begin with something else: another program's, or another version's.
    #[error("not the state of a subnet administration, or not of this version")]
    Foreign,
    /// They end too early.
    #[error("the state ends after {got} bytes in the middle of an entry: it was cut off")]
    Truncated {
        /// How many there are.
        got: usize,
    },
    /// An entry is of no known kind.
    #[error("an entry of unknown kind {kind} at byte {offset} of the state")]
    UnknownEntry {
        /// Its kind.
        kind: u8,
        /// Where it is.
        offset: usize,
    },
    /// A record of it cannot be read.
    #[error(transparent)]
    Record(#[from] DecodeError),
}

/// What the bytes begin with: a name and the version of the layout.
const MAGIC: [u8; 8] = *b"fhasa\0\0\x01";
const SUBSCRIPTION: u8 = 1;
const GROUP: u8 = 2;
const MEMBER: u8 = 3;
const SERVICE: u8 = 4;
/// A service without an end.
const FOR_EVER: u64 = u64::MAX;

impl Administration {
    /// What is registered now.
    pub fn export(&self, now: Duration) -> AdministrationState {
        AdministrationState {
            subscriptions: self.signaller.registry().iter().collect(),
            groups: self.groups.iter().cloned().collect(),
            services: self.services.export(now).collect(),
        }
    }

    /// Take what was registered with an administration before: with the master that hands over, or with this one before it was
    /// restarted. What is there already stays as it is. Ports that are gone are forgotten by the next
    /// [`subnet_changed`](Self::subnet_changed).
    pub fn import(&mut self, now: Duration, subnet: &Subnet, state: AdministrationState) {
        for (subscriber, inform) in state.subscriptions {
            // One that no longer fits the limits asks again when its next verification fails.
            let _ = self.signaller.restore(subscriber, &inform);
        }
        for group in state.groups {
            self.groups.restore(Some(subnet), group);
        }
        for service in state.services {
            self.services.restore(now, service);
        }
        self.look_at_subscriptions();
    }

    /// Forget what nodes have registered: another manager is the master, and has it from now on. The groups of the settings
    /// stay, without members.
    pub fn forget(&mut self) {
        self.signaller.relocate(|_| None);
        self.look_at_subscriptions();
        self.groups.clear();
        self.services.clear();
    }
}

impl AdministrationState {
    /// Whether nothing is registered.
    pub fn is_empty(&self) -> bool {
        self.subscriptions.is_empty() && self.groups.is_empty() && self.services.is_empty()
    }

    /// What is left of it when it was kept for so long: leases have gone on, and some have ended.
    #[must_use]
    pub fn aged(mut self, by: Duration) -> Self {
        for service in &mut self.services {
            service.left = service.left.map(|left| left.saturating_sub(by));
        }
        self.services.retain(|service| service.left != Some(Duration::ZERO));
        self
    }

    /// The state as bytes: entries of a kind byte and a fixed layout each.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Writer(MAGIC.to_vec());
        for (subscriber, inform_info) in &self.subscriptions {
            out.0.push(SUBSCRIPTION);
            out.0.extend(subscriber.qpn.get().to_be_bytes());
            out.0.extend(subscriber.lid.0.to_be_bytes());
            out.0.push(subscriber.service_level.get());
            let record = InformInfoRecord {
                subscriber_gid: subscriber.gid,
                subscriber_enum: 0,
                inform_info: *inform_info,
            };
            out.record(&record);
        }
        for group in &self.groups {
            out.0.extend([GROUP, u8::from(group.is_permanent)]);
            out.record(&group.record);
            for (gid, member) in &group.members {
                out.0.extend([MEMBER, member.join_state.0, u8::from(member.is_proxy)]);
                out.0.extend(gid.0);
            }
        }
        for service in &self.services {
            let left = service.left.map_or(FOR_EVER, |left| left.as_millis() as u64);
            out.0.push(SERVICE);
            out.0.extend(left.to_be_bytes());
            out.0.extend(service.registrar.0);
            out.record(&service.record);
        }
        out.0
    }

    /// Read a state from bytes.
    ///
    /// # Errors
    /// When they are no state, or not a whole one.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, StateError> {
        let mut input = Reader { bytes, at: 0 };
        if bytes.len() < MAGIC.len() || input.array::<8>()? != MAGIC {
            return Err(StateError::Foreign);
        }
        let mut state = Self::default();
        while input.at < bytes.len() {
            let offset = input.at;
            match input.byte()? {
                SUBSCRIPTION => state.subscriptions.push(input.subscription()?),
                GROUP => {
                    let is_permanent = input.byte()? != 0;
                    let record = input.record::<McMemberRecord>()?;
                    state.groups.push(Group { record, members: BTreeMap::new(), is_permanent });
                }
                kind @ MEMBER => {
                    let group = state.groups.last_mut();
                    let group = group.ok_or(StateError::UnknownEntry { kind, offset })?;
                    let (join_state, is_proxy) = (JoinState(input.byte()? & 0xF), input.byte()? != 0);
                    group.members.insert(Gid(input.array()?), Membership { join_state, is_proxy });
                }
                SERVICE => {
                    let left = u64::from_be_bytes(input.array()?);
                    let left = (left != FOR_EVER).then(|| Duration::from_millis(left));
                    let registrar = Gid(input.array()?);
                    let record = input.record::<ServiceRecord>()?;
                    state.services.push(Service { record, left, registrar });
                }
                kind => return Err(StateError::UnknownEntry { kind, offset }),
            }
        }
        Ok(state)
    }
}

struct Writer(Vec<u8>);

impl Writer {
    fn record<A: Attribute>(&mut self, record: &A) {
        let start = self.0.len();
        self.0.resize(start + A::LENGTH, 0);
        // There is room for the whole of it.
        let _ = record.emit(&mut self.0[start..]);
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], StateError> {
        let end = self.at.saturating_add(length);
        let taken = self.bytes.get(self.at..end).ok_or(StateError::Truncated { got: self.bytes.len() })?;
        self.at = end;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], StateError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    fn byte(&mut self) -> Result<u8, StateError> {
        Ok(self.array::<1>()?[0])
    }

    fn record<A: Attribute>(&mut self) -> Result<A, StateError> {
        Ok(A::parse(self.take(A::LENGTH)?)?)
    }

    fn subscription(&mut self) -> Result<(Subscriber, InformInfo), StateError> {
        let qpn = Qpn::new(u32::from_be_bytes(self.array()?)).unwrap_or(Qpn::GENERAL_SERVICES);
        let lid = Lid(u16::from_be_bytes(self.array()?));
        let service_level = ServiceLevel::new(self.byte()? & 0xF).unwrap_or_default();
        let record = self.record::<InformInfoRecord>()?;
        Ok((Subscriber { gid: record.subscriber_gid, qpn, lid, service_level }, record.inform_info))
    }
}
