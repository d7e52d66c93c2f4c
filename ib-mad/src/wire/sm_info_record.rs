//! SMInfoRecord (IBTA volume 1, 15.2.5.10): a subnet manager.

use zerocopy::big_endian::U16;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{Attribute, AttributeId, ComponentMask, Query, Record, SmInfo, SmInfoView, SmState};
use crate::types::{Guid, Lid, SmKey};

/// The record as it lies in a datagram.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct SmInfoRecordView {
    lid: U16,
    reserved: U16,
    sm_info: SmInfoView,
    padding: [u8; 7],
}

const _: () = assert!(size_of::<SmInfoRecordView>() == 32);

impl SmInfoRecordView {
    /// LID of the manager's port.
    #[inline]
    pub fn lid(&self) -> Lid {
        Lid(self.lid.get())
    }
    /// What it tells.
    #[inline]
    pub fn sm_info(&self) -> &SmInfoView {
        &self.sm_info
    }
}

/// A subnet manager.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SmInfoRecord {
    /// LID of the manager's port.
    pub lid: Lid,
    /// What it tells.
    pub sm_info: SmInfo,
}

impl Attribute for SmInfoRecord {
    type View = SmInfoRecordView;
    const NAME: &'static str = "SMInfoRecord";

    fn from_view(view: &SmInfoRecordView) -> Self {
        Self { lid: view.lid(), sm_info: SmInfo::from_view(&view.sm_info) }
    }

    fn to_view(&self) -> SmInfoRecordView {
        SmInfoRecordView {
            lid: U16::new(self.lid.0),
            reserved: U16::ZERO,
            sm_info: self.sm_info.to_view(),
            padding: [0; 7],
        }
    }
}

/// Component mask of an SMInfoRecord.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SmInfoRecordMask(pub u64);

impl SmInfoRecordMask {
    /// LID.
    pub const LID: Self = Self(1);
    /// Port.
    pub const GUID: Self = Self(1 << 2);
    /// Key.
    pub const SM_KEY: Self = Self(1 << 3);
    /// Activity.
    pub const ACT_COUNT: Self = Self(1 << 4);
    /// Priority.
    pub const PRIORITY: Self = Self(1 << 5);
    /// State.
    pub const STATE: Self = Self(1 << 6);

    /// Whether all components of `other` are in the mask.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl ComponentMask for SmInfoRecordMask {
    fn from_bits(bits: u64) -> Self {
        Self(bits)
    }
    fn bits(self) -> u64 {
        self.0
    }
}

/// A query for subnet managers: each method adds one component to match.
///
/// ```
/// use ib_mad::wire::{SmInfoRecordQuery, SmState};
///
/// let query = SmInfoRecordQuery::new().state(SmState::MASTER);
/// assert_eq!(query.component_mask(), 0x40);
/// ```
pub type SmInfoRecordQuery = Query<SmInfoRecord>;

impl Record for SmInfoRecord {
    type Mask = SmInfoRecordMask;
    const ATTRIBUTE: AttributeId = AttributeId::SM_INFO_RECORD;
}

impl SmInfoRecordQuery {
    /// The manager at a LID.
    pub fn lid(self, lid: Lid) -> Self {
        self.with(SmInfoRecordMask::LID, |record| record.lid = lid)
    }
    /// The manager behind a port.
    pub fn guid(self, guid: Guid) -> Self {
        self.with(SmInfoRecordMask::GUID, |record| record.sm_info.guid = guid)
    }
    /// Managers with a key.
    pub fn sm_key(self, key: SmKey) -> Self {
        self.with(SmInfoRecordMask::SM_KEY, |record| record.sm_info.sm_key = key)
    }
    /// Managers that have counted to a number.
    pub fn act_count(self, count: u32) -> Self {
        self.with(SmInfoRecordMask::ACT_COUNT, |record| record.sm_info.act_count = count)
    }
    /// Managers of a priority (4 bits).
    pub fn priority(self, priority: u8) -> Self {
        self.with(SmInfoRecordMask::PRIORITY, |record| record.sm_info.priority = priority)
    }
    /// Managers in a state.
    pub fn state(self, state: SmState) -> Self {
        self.with(SmInfoRecordMask::STATE, |record| record.sm_info.state = state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_where_the_layout_says() {
        let record = SmInfoRecord {
            lid: Lid(0x0102),
            sm_info: SmInfo {
                guid: Guid(0x0304_0506_0708_090A),
                priority: 5,
                state: SmState::STANDBY,
                ..SmInfo::default()
            },
        };
        let mut out = [0xFF; 32];
        assert_eq!(record.emit(&mut out), Ok(32));
        assert_eq!(out[..6], [1, 2, 0, 0, 3, 4]);
        assert_eq!(out[23..], [0, 0x52, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(SmInfoRecord::parse(&out), Ok(record));
    }

    #[test]
    fn a_query_carries_what_it_was_given_and_no_more() {
        assert_eq!(SmInfoRecordQuery::new().component_mask(), 0);
        let query = SmInfoRecordQuery::new().sm_key(SmKey(9)).state(SmState::MASTER).priority(4);
        assert_eq!(query.component_mask(), 1 << 3 | 1 << 6 | 1 << 5);
        assert_eq!(
            *query.template(),
            SmInfoRecord {
                sm_info: SmInfo {
                    sm_key: SmKey(9),
                    state: SmState::MASTER,
                    priority: 4,
                    ..SmInfo::default()
                },
                ..SmInfoRecord::default()
            }
        );
    }
}
