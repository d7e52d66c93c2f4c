//! Data details of the traps of subnet management (IBTA volume 1, 14.2.5.1) and subnet administration (15.2.5.1), laid
//! out as in OpenSM's ib_types.h; those of 68 and 69 by the standard's names for them.

use zerocopy::big_endian::{U16, U32, U64};
use zerocopy::{FromBytes, FromZeros, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::notice::DATA_DETAILS_LENGTH;
use super::{
    KeyViolation, MKeyViolation, PathRecordMask, PortCapabilityMask, SwitchPKeyViolation, TrapNumber,
};
use crate::types::{Gid, Guid, Lid};

/// What changed at a port that reports local changes; valid if [`TrapDetails::LocalChanges`] says so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalChangeFlags(pub u16);

impl LocalChangeFlags {
    /// The node's description.
    pub const NODE_DESCRIPTION: Self = Self(0x01);
    /// The widths that the link may take.
    pub const LINK_WIDTH_ENABLED: Self = Self(0x02);
    /// The speeds that the link may take.
    pub const LINK_SPEED_ENABLED: Self = Self(0x04);
    /// The priority of the port's subnet manager.
    pub const SM_PRIORITY: Self = Self(0x08);
    /// The port's place in the system.
    pub const HIERARCHY_INFO: Self = Self(0x10);
    /// CapabilityMask2 of the port.
    pub const CAPABILITY_MASK2: Self = Self(0x20);

    /// Whether all flags of `other` are set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// What happened, as far as the standard tells. Reserved bytes of the details are dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum TrapDetails {
    /// 64: a port came into service.
    GidInService {
        /// The port.
        gid: Gid,
    },
    /// 65: a port went out of service.
    GidOutOfService {
        /// The port.
        gid: Gid,
    },
    /// 66: a multicast group was created.
    MulticastGroupCreated {
        /// The group.
        mgid: Gid,
    },
    /// 67: a multicast group was deleted.
    MulticastGroupDeleted {
        /// The group.
        mgid: Gid,
    },
    /// 68: paths are no longer valid.
    UnPath(PathChange),
    /// 69: paths have changed.
    RePath(PathChange),
    /// 128: a link of a switch changed its state.
    LinkStateChange {
        /// The switch.
        lid: Lid,
    },
    /// 129: a link has too many errors.
    LinkIntegrity(PortEvent),
    /// 130: a buffer was overrun too often.
    BufferOverrun(PortEvent),
    /// 131: the other end of a link sends no flow control.
    FlowControlWatchdog(PortEvent),
    /// 144: a port's capabilities, or other settings of its own, changed.
    LocalChanges(LocalChanges),
    /// 145: a node became part of another system.
    SystemImageGuidChange {
        /// The node's port.
        lid: Lid,
        /// The system.
        system_image_guid: Guid,
    },
    /// 256: a packet of subnet management had a wrong M_Key.
    BadMKey(MKeyViolation),
    /// 257: a packet had a wrong P_Key.
    BadPKey(KeyViolation),
    /// 258: a packet had a wrong Q_Key.
    BadQKey(KeyViolation),
    /// 259: a packet had a wrong P_Key when it passed a switch.
    BadPKeyAtSwitch(SwitchPKeyViolation),
    /// Any other event of the standard, or one that is newer than this crate.
    Other {
        /// Which event.
        trap_number: TrapNumber,
        /// Its details as they came.
        data_details: [u8; DATA_DETAILS_LENGTH],
    },
}

/// Details of UnPath and RePath. Which paths is said by a PathRecord that may follow the Notice
/// ([`RepathNotice`](super::RepathNotice)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PathChange {
    /// Components of the PathRecord that count; none of them means any path.
    pub component_mask: PathRecordMask,
    /// With UnPath: whether a RePath will follow.
    pub wait_for_repath: bool,
}

/// Details of an event at one port of a node.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortEvent {
    /// The node.
    pub lid: Lid,
    /// The port's number.
    pub port_number: u8,
}

/// Details of local changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalChanges {
    /// The port.
    pub lid: Lid,
    /// Whether something else than the capability mask changed; `change_flags` tells what.
    pub other_local_changes: bool,
    /// The port's capabilities now.
    pub capability_mask: PortCapabilityMask,
    /// What else changed.
    pub change_flags: LocalChangeFlags,
    /// More of the port's capabilities now.
    pub capability_mask2: u16,
}

/// Declares the layout of one kind of details: always the whole 54 bytes.
macro_rules! details_layout {
    ($name:ident { $($field:ident: $type:ty),+ $(,)? }) => {
        #[derive(FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
        #[repr(C)]
        struct $name { $($field: $type),+ }
        const _: () = assert!(size_of::<$name>() == DATA_DETAILS_LENGTH);
    };
}
pub(super) use details_layout;

details_layout!(GidDetails { reserved: [u8; 6], gid: [u8; 16], unused: [u8; 32] });
details_layout!(PathDetails { component_mask: U64, wait_for_repath: u8, unused: [u8; 45] });
details_layout!(SwitchDetails { lid: U16, unused: [u8; 52] });
details_layout!(PortDetails { reserved: U16, lid: U16, port_number: u8, unused: [u8; 49] });
details_layout!(LocalDetails {
    reserved: U16,
    lid: U16,
    reserved2: u8,
    local_changes: u8,
    capability_mask: U32,
    change_flags: U16,
    capability_mask2: U16,
    unused: [u8; 40],
});
details_layout!(SystemDetails {
    reserved: U16,
    lid: U16,
    reserved2: U16,
    system_image_guid: U64,
    unused: [u8; 40],
});

fn gid(details: &[u8; DATA_DETAILS_LENGTH]) -> Gid {
    let layout: &GidDetails = zerocopy::transmute_ref!(details);
    Gid(layout.gid)
}

fn path_change(details: &[u8; DATA_DETAILS_LENGTH]) -> PathChange {
    let layout: &PathDetails = zerocopy::transmute_ref!(details);
    PathChange {
        component_mask: PathRecordMask(layout.component_mask.get()),
        wait_for_repath: layout.wait_for_repath & 0x80 != 0,
    }
}

fn port_event(details: &[u8; DATA_DETAILS_LENGTH]) -> PortEvent {
    let layout: &PortDetails = zerocopy::transmute_ref!(details);
    PortEvent { lid: Lid(layout.lid.get()), port_number: layout.port_number }
}

fn local_changes(details: &[u8; DATA_DETAILS_LENGTH]) -> LocalChanges {
    let layout: &LocalDetails = zerocopy::transmute_ref!(details);
    LocalChanges {
        lid: Lid(layout.lid.get()),
        other_local_changes: layout.local_changes & 1 != 0,
        capability_mask: PortCapabilityMask(layout.capability_mask.get()),
        change_flags: LocalChangeFlags(layout.change_flags.get()),
        capability_mask2: layout.capability_mask2.get(),
    }
}

impl TrapDetails {
    /// Read the details of a generic event.
    pub fn from_data_details(trap_number: TrapNumber, data_details: &[u8; DATA_DETAILS_LENGTH]) -> Self {
        match trap_number {
            TrapNumber::GID_IN_SERVICE => Self::GidInService { gid: gid(data_details) },
            TrapNumber::GID_OUT_OF_SERVICE => Self::GidOutOfService { gid: gid(data_details) },
            TrapNumber::MULTICAST_GROUP_CREATED => Self::MulticastGroupCreated { mgid: gid(data_details) },
            TrapNumber::MULTICAST_GROUP_DELETED => Self::MulticastGroupDeleted { mgid: gid(data_details) },
            TrapNumber::UNPATH => Self::UnPath(path_change(data_details)),
            TrapNumber::REPATH => Self::RePath(path_change(data_details)),
            TrapNumber::LINK_STATE_CHANGE => {
                let layout: &SwitchDetails = zerocopy::transmute_ref!(data_details);
                Self::LinkStateChange { lid: Lid(layout.lid.get()) }
            }
            TrapNumber::LINK_INTEGRITY => Self::LinkIntegrity(port_event(data_details)),
            TrapNumber::BUFFER_OVERRUN => Self::BufferOverrun(port_event(data_details)),
            TrapNumber::FLOW_CONTROL_WATCHDOG => Self::FlowControlWatchdog(port_event(data_details)),
            TrapNumber::LOCAL_CHANGES => Self::LocalChanges(local_changes(data_details)),
            TrapNumber::SYSTEM_IMAGE_GUID_CHANGE => {
                let layout: &SystemDetails = zerocopy::transmute_ref!(data_details);
                Self::SystemImageGuidChange {
                    lid: Lid(layout.lid.get()),
                    system_image_guid: Guid(layout.system_image_guid.get()),
                }
            }
            TrapNumber::BAD_M_KEY => Self::BadMKey(MKeyViolation::from_details(data_details)),
            TrapNumber::BAD_P_KEY => Self::BadPKey(KeyViolation::from_details(data_details)),
            TrapNumber::BAD_Q_KEY => Self::BadQKey(KeyViolation::from_details(data_details)),
            TrapNumber::BAD_P_KEY_AT_SWITCH => {
                Self::BadPKeyAtSwitch(SwitchPKeyViolation::from_details(data_details))
            }
            trap_number => Self::Other { trap_number, data_details: *data_details },
        }
    }

    /// Lay the details out; what is reserved, or unused by this event, is zero.
    pub fn to_data_details(&self) -> [u8; DATA_DETAILS_LENGTH] {
        match *self {
            Self::GidInService { gid }
            | Self::GidOutOfService { gid }
            | Self::MulticastGroupCreated { mgid: gid }
            | Self::MulticastGroupDeleted { mgid: gid } => {
                zerocopy::transmute!(GidDetails { gid: gid.0, ..FromZeros::new_zeroed() })
            }
            Self::UnPath(change) | Self::RePath(change) => zerocopy::transmute!(PathDetails {
                component_mask: U64::new(change.component_mask.0),
                wait_for_repath: u8::from(change.wait_for_repath) << 7,
                unused: FromZeros::new_zeroed(),
            }),
            Self::LinkStateChange { lid } => {
                zerocopy::transmute!(SwitchDetails { lid: U16::new(lid.0), ..FromZeros::new_zeroed() })
            }
            Self::LinkIntegrity(event) | Self::BufferOverrun(event) | Self::FlowControlWatchdog(event) => {
                zerocopy::transmute!(PortDetails {
                    lid: U16::new(event.lid.0),
                    port_number: event.port_number,
                    ..FromZeros::new_zeroed()
                })
            }
            Self::LocalChanges(changes) => zerocopy::transmute!(LocalDetails {
                lid: U16::new(changes.lid.0),
                local_changes: u8::from(changes.other_local_changes),
                capability_mask: U32::new(changes.capability_mask.0),
                change_flags: U16::new(changes.change_flags.0),
                capability_mask2: U16::new(changes.capability_mask2),
                ..FromZeros::new_zeroed()
            }),
            Self::SystemImageGuidChange { lid, system_image_guid } => zerocopy::transmute!(SystemDetails {
                lid: U16::new(lid.0),
                system_image_guid: U64::new(system_image_guid.0),
                ..FromZeros::new_zeroed()
            }),
            Self::BadMKey(violation) => violation.to_details(),
            Self::BadPKey(violation) | Self::BadQKey(violation) => violation.to_details(),
            Self::BadPKeyAtSwitch(violation) => violation.to_details(),
            Self::Other { data_details, .. } => data_details,
        }
    }

    /// Which event.
    pub const fn trap_number(&self) -> TrapNumber {
        match *self {
            Self::GidInService { .. } => TrapNumber::GID_IN_SERVICE,
            Self::GidOutOfService { .. } => TrapNumber::GID_OUT_OF_SERVICE,
            Self::MulticastGroupCreated { .. } => TrapNumber::MULTICAST_GROUP_CREATED,
            Self::MulticastGroupDeleted { .. } => TrapNumber::MULTICAST_GROUP_DELETED,
            Self::UnPath(_) => TrapNumber::UNPATH,
            Self::RePath(_) => TrapNumber::REPATH,
            Self::LinkStateChange { .. } => TrapNumber::LINK_STATE_CHANGE,
            Self::LinkIntegrity(_) => TrapNumber::LINK_INTEGRITY,
            Self::BufferOverrun(_) => TrapNumber::BUFFER_OVERRUN,
            Self::FlowControlWatchdog(_) => TrapNumber::FLOW_CONTROL_WATCHDOG,
            Self::LocalChanges(_) => TrapNumber::LOCAL_CHANGES,
            Self::SystemImageGuidChange { .. } => TrapNumber::SYSTEM_IMAGE_GUID_CHANGE,
            Self::BadMKey(_) => TrapNumber::BAD_M_KEY,
            Self::BadPKey(_) => TrapNumber::BAD_P_KEY,
            Self::BadQKey(_) => TrapNumber::BAD_Q_KEY,
            Self::BadPKeyAtSwitch(_) => TrapNumber::BAD_P_KEY_AT_SWITCH,
            Self::Other { trap_number, .. } => trap_number,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The details start with `expected`, are zero behind it, and read as what they were made of.
    #[track_caller]
    fn check(trap: TrapDetails, number: u16, expected: &[u8]) {
        let details = trap.to_data_details();
        let (start, rest) = details.split_at(expected.len());
        assert_eq!(start, expected);
        assert!(rest.iter().all(|byte| *byte == 0));
        assert_eq!(trap.trap_number(), TrapNumber(number));
        assert_eq!(TrapDetails::from_data_details(TrapNumber(number), &details), trap);
    }

    #[test]
    fn ports_and_groups_stand_behind_six_reserved_bytes() {
        let gid = Gid([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
        let bytes = [0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16];
        check(TrapDetails::GidInService { gid }, 64, &bytes);
        check(TrapDetails::GidOutOfService { gid }, 65, &bytes);
        check(TrapDetails::MulticastGroupCreated { mgid: gid }, 66, &bytes);
        check(TrapDetails::MulticastGroupDeleted { mgid: gid }, 67, &bytes);
    }

    #[test]
    fn path_changes_have_a_mask_and_a_bit() {
        let change =
            PathChange { component_mask: PathRecordMask(0x0102_0304_0506_0708), wait_for_repath: true };
        check(TrapDetails::UnPath(change), 68, &[1, 2, 3, 4, 5, 6, 7, 8, 0x80]);
        let change = PathChange { wait_for_repath: false, ..change };
        check(TrapDetails::RePath(change), 69, &[1, 2, 3, 4, 5, 6, 7, 8]);
    }

    #[test]
    fn traps_of_links_name_a_port() {
        check(TrapDetails::LinkStateChange { lid: Lid(0x0102) }, 128, &[1, 2]);
        let event = PortEvent { lid: Lid(0x0102), port_number: 3 };
        check(TrapDetails::LinkIntegrity(event), 129, &[0, 0, 1, 2, 3]);
        check(TrapDetails::BufferOverrun(event), 130, &[0, 0, 1, 2, 3]);
        check(TrapDetails::FlowControlWatchdog(event), 131, &[0, 0, 1, 2, 3]);
    }

    #[test]
    fn local_changes_and_system() {
        let changes = LocalChanges {
            lid: Lid(0x0102),
            other_local_changes: true,
            capability_mask: PortCapabilityMask(0x0304_0506),
            change_flags: LocalChangeFlags(0x0728),
            capability_mask2: 0x090A,
        };
        check(TrapDetails::LocalChanges(changes), 144, &[0, 0, 1, 2, 0, 1, 3, 4, 5, 6, 7, 0x28, 9, 10]);
        let system_image_guid = Guid(0x0304_0506_0708_090A);
        check(
            TrapDetails::SystemImageGuidChange { lid: Lid(0x0102), system_image_guid },
            145,
            &[0, 0, 1, 2, 0, 0, 3, 4, 5, 6, 7, 8, 9, 10],
        );
    }

    #[test]
    fn each_trap_of_a_key_has_its_number() {
        let violation = KeyViolation { source_lid: Lid(0x0102), ..KeyViolation::default() };
        check(TrapDetails::BadPKey(violation), 257, &[0, 0, 1, 2]);
        check(TrapDetails::BadQKey(violation), 258, &[0, 0, 1, 2]);
        let violation = SwitchPKeyViolation { data_valid: 0x0102, ..SwitchPKeyViolation::default() };
        check(TrapDetails::BadPKeyAtSwitch(violation), 259, &[1, 2]);
        let details = core::array::from_fn(|i| u8::from(i == 7 || i == 22));
        let TrapDetails::BadMKey(violation) = TrapDetails::from_data_details(TrapNumber(256), &details)
        else {
            panic!("256 is another trap");
        };
        check(TrapDetails::BadMKey(violation), 256, &[]);
    }

    #[test]
    fn other_traps_keep_their_bytes() {
        let data_details = core::array::from_fn(|i| i as u8);
        check(TrapDetails::Other { trap_number: TrapNumber(260), data_details }, 260, &data_details);
    }
}
