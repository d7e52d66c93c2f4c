//! A path that is no longer what it was.

use core::fmt;
use core::ops::{BitOr, BitOrAssign};

use ib_mad::wire::PathRecordMask;

use crate::{PathKey, PathProperties};

/// Which properties of a path changed.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChangedFields(u8);

impl ChangedFields {
    /// Nothing changed.
    pub const NONE: Self = Self(0);
    /// The service level.
    pub const SERVICE_LEVEL: Self = Self(1 << 0);
    /// The largest payload.
    pub const MTU: Self = Self(1 << 1);
    /// The rate.
    pub const RATE: Self = Self(1 << 2);
    /// The packet lifetime.
    pub const PACKET_LIFETIME: Self = Self(1 << 3);
    /// The P_Key: the partition, or the membership in it.
    pub const P_KEY: Self = Self(1 << 4);
    /// The LID of the source.
    pub const SOURCE_LID: Self = Self(1 << 5);
    /// The LID of the destination.
    pub const DESTINATION_LID: Self = Self(1 << 6);

    /// Each property, with its name and the components of a PathRecord that hold it.
    const ALL: [(Self, &'static str, PathRecordMask); 7] = [
        (Self::SERVICE_LEVEL, "service level", PathRecordMask::SERVICE_LEVEL),
        (Self::MTU, "MTU", PathRecordMask::MTU),
        (Self::RATE, "rate", PathRecordMask::RATE),
        (Self::PACKET_LIFETIME, "packet lifetime", PathRecordMask::PACKET_LIFETIME),
        (Self::P_KEY, "P_Key", PathRecordMask::P_KEY),
        (Self::SOURCE_LID, "source LID", PathRecordMask::SOURCE_LID),
        (Self::DESTINATION_LID, "destination LID", PathRecordMask::DESTINATION_LID),
    ];

    /// In what two states of a path differ.
    pub fn between(old: &PathProperties, new: &PathProperties) -> Self {
        // Without a name for the rest, so that a property added later cannot be forgotten here.
        let PathProperties { source_lid, destination_lid, service_level, mtu, rate, packet_lifetime, p_key } =
            *old;
        let bit = |differs: bool, field: Self| if differs { field } else { Self::NONE };
        bit(service_level != new.service_level, Self::SERVICE_LEVEL)
            | bit(mtu != new.mtu, Self::MTU)
            | bit(rate != new.rate, Self::RATE)
            | bit(packet_lifetime != new.packet_lifetime, Self::PACKET_LIFETIME)
            | bit(p_key != new.p_key, Self::P_KEY)
            | bit(source_lid != new.source_lid, Self::SOURCE_LID)
            | bit(destination_lid != new.destination_lid, Self::DESTINATION_LID)
    }

    /// Whether every one of `fields` is in the set.
    pub const fn contains(self, fields: Self) -> bool {
        self.0 & fields.0 == fields.0
    }

    /// Whether nothing changed.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The components of a PathRecord that hold these properties. An MTU, rate or lifetime comes with its selector.
    pub fn component_mask(self) -> PathRecordMask {
        let components = Self::ALL.iter().filter(|(field, ..)| self.contains(*field));
        PathRecordMask(components.fold(0, |mask, (.., component)| mask | component.0))
    }

    /// The names of the properties, as `Display` joins them.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::ALL.iter().filter(move |(field, ..)| self.contains(*field)).map(|(_, name, _)| *name)
    }
}

impl BitOr for ChangedFields {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for ChangedFields {
    fn bitor_assign(&mut self, other: Self) {
        *self = *self | other;
    }
}

impl fmt::Display for ChangedFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut separator = "";
        for name in self.names() {
            write!(f, "{separator}{name}")?;
            separator = ", ";
        }
        if separator.is_empty() { f.write_str("nothing") } else { Ok(()) }
    }
}

impl fmt::Debug for ChangedFields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ChangedFields({self})")
    }
}

/// What happened to a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// There was no such path before.
    Appeared(PathProperties),
    /// There is no such path any more; this is what it was like.
    Vanished(PathProperties),
    /// The path is there as before, but not the same.
    Changed {
        /// What it was like.
        old: PathProperties,
        /// What it is like.
        new: PathProperties,
        /// The properties in which the two differ, never none.
        fields: ChangedFields,
    },
}

/// A path that is no longer what it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PathChange {
    /// Which path. One that moved to another partition goes by the new one; the old one is that of `old.p_key`.
    pub key: PathKey,
    /// What happened to it.
    pub kind: ChangeKind,
}

impl PathChange {
    /// What the path was like; `None` when it appeared.
    pub fn before(&self) -> Option<&PathProperties> {
        match &self.kind {
            ChangeKind::Appeared(_) => None,
            ChangeKind::Vanished(old) | ChangeKind::Changed { old, .. } => Some(old),
        }
    }

    /// What the path is like; `None` when it vanished.
    pub fn after(&self) -> Option<&PathProperties> {
        match &self.kind {
            ChangeKind::Vanished(_) => None,
            ChangeKind::Appeared(new) | ChangeKind::Changed { new, .. } => Some(new),
        }
    }

    /// The properties that changed; none when the path appeared or vanished.
    pub fn fields(&self) -> ChangedFields {
        match self.kind {
            ChangeKind::Appeared(_) | ChangeKind::Vanished(_) => ChangedFields::NONE,
            ChangeKind::Changed { fields, .. } => fields,
        }
    }
}

impl fmt::Display for PathChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.key)?;
        match self.kind {
            ChangeKind::Appeared(_) => f.write_str("appeared"),
            ChangeKind::Vanished(_) => f.write_str("vanished"),
            ChangeKind::Changed { fields, .. } => write!(f, "changed {fields}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ib_mad::{Lid, Mtu, PKey, PacketLifetime, Rate, ServiceLevel};
    use std::format;

    #[test]
    fn every_property_has_its_bit_its_name_and_its_component() {
        let old = PathProperties::default();
        let cases = [
            (
                PathProperties { service_level: ServiceLevel::new(1).unwrap(), ..old },
                ChangedFields::SERVICE_LEVEL,
                "service level",
                1 << 15,
            ),
            (PathProperties { mtu: Mtu::B2048, ..old }, ChangedFields::MTU, "MTU", 0b11 << 16),
            (PathProperties { rate: Rate(3), ..old }, ChangedFields::RATE, "rate", 0b11 << 18),
            (
                PathProperties { packet_lifetime: PacketLifetime(1), ..old },
                ChangedFields::PACKET_LIFETIME,
                "packet lifetime",
                0b11 << 20,
            ),
            (PathProperties { p_key: PKey(1), ..old }, ChangedFields::P_KEY, "P_Key", 1 << 13),
            (PathProperties { source_lid: Lid(1), ..old }, ChangedFields::SOURCE_LID, "source LID", 1 << 5),
            (
                PathProperties { destination_lid: Lid(1), ..old },
                ChangedFields::DESTINATION_LID,
                "destination LID",
                1 << 4,
            ),
        ];
        assert_eq!(cases.len(), ChangedFields::ALL.len());
        let mut all = ChangedFields::NONE;
        for (new, field, name, components) in cases {
            assert_eq!(ChangedFields::between(&old, &new), field);
            assert_eq!(ChangedFields::between(&new, &old), field);
            assert_eq!(format!("{field}"), name);
            assert_eq!(field.component_mask().0, components, "{name}");
            assert!(!all.contains(field), "each bit is used once");
            all |= field;
        }
        assert_eq!(all.names().count(), 7);
    }

    #[test]
    fn reads_well() {
        let fields = ChangedFields::SERVICE_LEVEL | ChangedFields::SOURCE_LID;
        assert_eq!(format!("{fields} / {}", ChangedFields::NONE), "service level, source LID / nothing");
        let (old, new) = (PathProperties::default(), PathProperties::default());
        let text = |kind| format!("{}", PathChange { key: PathKey::default(), kind });
        assert_eq!(text(ChangeKind::Vanished(old)), ":: to ::, partition 0x0000: vanished");
        assert_eq!(text(ChangeKind::Appeared(new)), ":: to ::, partition 0x0000: appeared");
        assert_eq!(
            text(ChangeKind::Changed { old, new, fields: ChangedFields::MTU }),
            ":: to ::, partition 0x0000: changed MTU"
        );
    }
}
