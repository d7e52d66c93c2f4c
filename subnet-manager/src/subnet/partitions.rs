use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use ib_mad::{Guid, PKey};

/// How a port belongs to a partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Membership {
    /// May talk to full members only.
    Limited,
    /// May talk to every member.
    Full,
}

impl Membership {
    /// The key of a member of the partition `number`.
    pub const fn key(self, number: u16) -> PKey {
        match self {
            Self::Limited => PKey(number & 0x7FFF),
            Self::Full => PKey(number | 0x8000),
        }
    }
}

/// Who belongs to a partition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Partition {
    /// How every port belongs to it that `members` does not name; `None`: not at all.
    pub everyone: Option<Membership>,
    /// How single ports belong to it, by port GUID.
    pub members: BTreeMap<Guid, Membership>,
}

/// The partitions of a subnet, by number (15 bits).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Partitions(BTreeMap<u16, Partition>);

impl Partitions {
    /// Number of the default partition, which there always is: the manager needs everyone in it.
    pub const DEFAULT: u16 = 0x7FFF;

    /// The partitions with these numbers; the highest bit of a number does not count, and one given twice is the last
    /// one. Without a default partition among them, everyone is a full member of it.
    pub fn new(partitions: impl IntoIterator<Item = (u16, Partition)>) -> Self {
        let everyone = Partition { everyone: Some(Membership::Full), members: BTreeMap::new() };
        let mut all = BTreeMap::from([(Self::DEFAULT, everyone)]);
        // Number 0 marks an empty entry of a port's table: no partition has it.
        let named = partitions.into_iter().map(|(number, partition)| (number & 0x7FFF, partition));
        all.extend(named.filter(|(number, _)| *number != 0));
        Self(all)
    }

    /// The partitions, by number.
    pub fn iter(&self) -> impl Iterator<Item = (u16, &Partition)> {
        self.0.iter().map(|(number, partition)| (*number, partition))
    }

    /// How a port belongs to a partition.
    pub fn membership(&self, number: u16, port: Guid) -> Option<Membership> {
        let partition = self.0.get(&(number & 0x7FFF))?;
        partition.members.get(&port).copied().or(partition.everyone)
    }

    /// The keys that a port is to have: that of the default partition first, which management goes by.
    pub fn keys(&self, port: Guid) -> Vec<PKey> {
        let key = |number| self.membership(number, port).map(|membership| membership.key(number));
        let others = self.0.keys().copied().filter(|number| *number != Self::DEFAULT);
        core::iter::once(Self::DEFAULT).chain(others).filter_map(key).collect()
    }
}

impl Default for Partitions {
    /// The default partition, with everyone a full member.
    fn default() -> Self {
        Self::new([])
    }
}

/// The keys by which two ports may talk: one of each partition that both have, unless both are limited members. The key is the
/// first port's.
pub(crate) fn shared_keys<'a>(one: &'a [PKey], other: &'a [PKey]) -> impl Iterator<Item = PKey> + 'a {
    let may_talk = |key: &PKey, theirs: &PKey| {
        key.partition() == theirs.partition() && (key.is_full_member() || theirs.is_full_member())
    };
    one.iter().copied().filter(move |key| other.iter().any(|theirs| may_talk(key, theirs)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    fn named(members: &[(u64, Membership)]) -> Partition {
        let members = members.iter().map(|(guid, membership)| (Guid(*guid), *membership)).collect();
        Partition { everyone: None, members }
    }

    #[test]
    fn everyone_is_in_the_default_partition() {
        assert_eq!(Partitions::default().keys(Guid(7)), [PKey::DEFAULT_FULL]);
        let some = Partitions::new([(0x8005, named(&[(7, Membership::Limited)])), (0, named(&[]))]);
        assert_eq!(some.keys(Guid(7)), [PKey::DEFAULT_FULL, PKey(5)]);
        assert_eq!(some.keys(Guid(8)), [PKey::DEFAULT_FULL]);
        assert_eq!(some.iter().map(|(number, _)| number).collect::<Vec<_>>(), [5, 0x7FFF]);
    }

    #[test]
    fn a_named_member_is_not_everyone() {
        let default = Partition {
            everyone: Some(Membership::Limited),
            members: BTreeMap::from([(Guid(1), Membership::Full)]),
        };
        let partitions = Partitions::new([(0x7FFF, default)]);
        assert_eq!(partitions.keys(Guid(1)), [PKey::DEFAULT_FULL]);
        assert_eq!(partitions.keys(Guid(2)), [PKey::DEFAULT_LIMITED]);
    }

    #[test]
    fn two_limited_members_may_not_talk() {
        let shared = |one: &[u16], other: &[u16]| {
            let keys = |keys: &[u16]| keys.iter().map(|key| PKey(*key)).collect::<Vec<_>>();
            shared_keys(&keys(one), &keys(other)).collect::<Vec<_>>()
        };
        assert_eq!(shared(&[0x7FFF, 0x8005], &[0x7FFF, 5]), vec![PKey(0x8005)]);
        assert_eq!(shared(&[5], &[0x8005]), vec![PKey(5)]);
        assert_eq!(shared(&[5, 6], &[0x8007]), vec![]);
    }
}
