//! What a port can do, and in which states it can be (IBTA volume 1, 14.2.5.6, tables of PortInfo).

/// What a port can do. Named are the bits that the crates of this workspace look at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortCapabilityMask(pub u32);

impl PortCapabilityMask {
    /// IsSM: a subnet manager runs behind the port.
    pub const SM: Self = Self(1 << 1);
    /// IsNoticeSupported: keeps a Notice to be read.
    pub const NOTICE: Self = Self(1 << 2);
    /// IsTrapSupported: sends traps.
    pub const TRAP: Self = Self(1 << 3);
    /// IsAutomaticMigrationSupported: queue pairs can have an alternate path.
    pub const AUTOMATIC_MIGRATION: Self = Self(1 << 5);
    /// IsSLMappingSupported: maps service levels to lanes.
    pub const SL_MAPPING: Self = Self(1 << 6);
    /// IsSMdisabled: no subnet manager is allowed behind the port.
    pub const SM_DISABLED: Self = Self(1 << 10);
    /// IsExtendedSpeedsSupported: speeds beyond 10 Gbit/s a lane.
    pub const EXTENDED_SPEEDS: Self = Self(1 << 14);
    /// IsCapabilityMask2Supported: `capability_mask2` is valid.
    pub const CAPABILITY_MASK2: Self = Self(1 << 15);
    /// IsCapabilityMaskNoticeSupported: sends trap 144 when these bits change.
    pub const CAPABILITY_MASK_NOTICE: Self = Self(1 << 22);
    /// IsClientReregistrationSupported: can be told that the manager lost its records.
    pub const CLIENT_REREGISTRATION: Self = Self(1 << 25);
    /// IsOtherLocalChangesNoticeSupported: sends trap 144 for other changes too.
    pub const OTHER_LOCAL_CHANGES_NOTICE: Self = Self(1 << 26);
    /// IsMulticastFDBTopSupported: its switch can limit the multicast forwarding table.
    pub const MULTICAST_FDB_TOP: Self = Self(1 << 30);

    /// Whether all bits of `other` are set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// State of a link, 4 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortState(pub u8);

impl PortState {
    /// In a Set: leave it as it is.
    pub const NO_CHANGE: Self = Self(0);
    /// No link.
    pub const DOWN: Self = Self(1);
    /// Link, waiting for the subnet manager.
    pub const INITIALIZE: Self = Self(2);
    /// Configured.
    pub const ARMED: Self = Self(3);
    /// Carries data.
    pub const ACTIVE: Self = Self(4);
}

/// State of a physical link, 4 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortPhysicalState(pub u8);

impl PortPhysicalState {
    /// In a Set: leave it as it is.
    pub const NO_CHANGE: Self = Self(0);
    /// Asleep.
    pub const SLEEP: Self = Self(1);
    /// Looking for another end.
    pub const POLLING: Self = Self(2);
    /// Switched off.
    pub const DISABLED: Self = Self(3);
    /// Settling with the other end.
    pub const CONFIGURATION_TRAINING: Self = Self(4);
    /// In use.
    pub const LINK_UP: Self = Self(5);
    /// Recovering from errors.
    pub const LINK_ERROR_RECOVERY: Self = Self(6);
    /// Under test.
    pub const PHY_TEST: Self = Self(7);
}
