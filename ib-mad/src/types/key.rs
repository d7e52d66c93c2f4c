use core::fmt;

/// Partition key: a partition number of 15 bits and, on top, whether its holder is a full member (IBTA volume 1, 10.9.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PKey(pub u16);

impl PKey {
    /// Full membership of the default partition.
    pub const DEFAULT_FULL: Self = Self(0xFFFF);
    /// Limited membership of the default partition.
    pub const DEFAULT_LIMITED: Self = Self(0x7FFF);

    /// The partition's number, without the membership bit.
    pub const fn partition(self) -> u16 {
        self.0 & 0x7FFF
    }

    /// Whether the holder may talk to limited members too.
    pub const fn is_full_member(self) -> bool {
        self.0 & 0x8000 != 0
    }
}

impl fmt::Display for PKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#06x}", self.0)
    }
}

/// Queue key, which a datagram must carry to be accepted by its destination's queue pair.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QKey(pub u32);

impl QKey {
    /// The key of queue pair 1, the same on every port (IBTA volume 1, 10.2.4).
    pub const GENERAL_SERVICES: Self = Self(0x8001_0000);
}

impl fmt::Debug for QKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The key of queue pair 1 is public; any other admits to a queue pair.
        if *self == Self::GENERAL_SERVICES {
            f.write_str("QKey(0x80010000)")
        } else {
            f.write_str("QKey(..)")
        }
    }
}

/// Management key: who presents it may change a port's settings. Not shown by `Debug`.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MKey(pub u64);

impl fmt::Debug for MKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0 == 0 { "MKey(none)" } else { "MKey(..)" })
    }
}

/// Subnet manager's key: who presents it is trusted by the subnet administration. Not shown by `Debug`.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SmKey(pub u64);

impl fmt::Debug for SmKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0 == 0 { "SmKey(none)" } else { "SmKey(..)" })
    }
}

/// Key of a service's registration: who presents it may change or withdraw it. Not shown by `Debug`.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceKey(pub [u8; 16]);

impl fmt::Debug for ServiceKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0 == [0; 16] { "ServiceKey(none)" } else { "ServiceKey(..)" })
    }
}

#[cfg(all(test, feature = "std"))]
mod tests {
    use super::*;
    use std::format;

    #[test]
    fn secrets_stay_out_of_debug_output() {
        assert_eq!(format!("{:?} {:?}", MKey(0x1234), SmKey(0x1234)), "MKey(..) SmKey(..)");
        assert_eq!(format!("{:?} {:?}", MKey(0), SmKey(0)), "MKey(none) SmKey(none)");
        assert_eq!(
            format!("{:?} {:?}", ServiceKey([7; 16]), ServiceKey([0; 16])),
            "ServiceKey(..) ServiceKey(none)"
        );
        assert_eq!(format!("{:?} {:?}", QKey(7), QKey::GENERAL_SERVICES), "QKey(..) QKey(0x80010000)");
    }

    #[test]
    fn partition_and_membership() {
        assert_eq!(PKey::DEFAULT_FULL.partition(), PKey::DEFAULT_LIMITED.partition());
        assert!(PKey::DEFAULT_FULL.is_full_member() && !PKey::DEFAULT_LIMITED.is_full_member());
    }
}
