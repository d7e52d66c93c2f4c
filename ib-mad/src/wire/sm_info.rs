//! SMInfo (IBTA volume 1, 14.2.5.13): what managers of one subnet tell each other.

use zerocopy::big_endian::{U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::Attribute;
use crate::types::{Guid, SmKey};

/// The attribute as it lies in a datagram.
#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct SmInfoView {
    guid: U64,
    sm_key: U64,
    act_count: U32,
    priority_and_state: u8,
}

const _: () = assert!(size_of::<SmInfoView>() == 21);

impl SmInfoView {
    /// Port of the manager.
    #[inline]
    pub fn guid(&self) -> Guid {
        Guid(self.guid.get())
    }
    /// The manager's key; 0 to whoever is not trusted.
    #[inline]
    pub fn sm_key(&self) -> SmKey {
        SmKey(self.sm_key.get())
    }
    /// Grows while the manager is alive.
    #[inline]
    pub fn act_count(&self) -> u32 {
        self.act_count.get()
    }
    /// Priority, 4 bits; the highest wins, and among equals the lowest GUID.
    #[inline]
    pub fn priority(&self) -> u8 {
        self.priority_and_state >> 4
    }
    /// State of the manager.
    #[inline]
    pub fn state(&self) -> SmState {
        SmState(self.priority_and_state & 0xF)
    }
}

/// What managers of one subnet tell each other. In a Set the attribute modifier says what is asked for (1 to 5: handover,
/// acknowledge, disable, standby, discover).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SmInfo {
    /// Port of the manager.
    pub guid: Guid,
    /// The manager's key; 0 to whoever is not trusted.
    pub sm_key: SmKey,
    /// Grows while the manager is alive.
    pub act_count: u32,
    /// Priority, 4 bits; the highest wins, and among equals the lowest GUID.
    pub priority: u8,
    /// State of the manager.
    pub state: SmState,
}

impl Attribute for SmInfo {
    type View = SmInfoView;
    const NAME: &'static str = "SMInfo";

    fn from_view(view: &SmInfoView) -> Self {
        Self {
            guid: view.guid(),
            sm_key: view.sm_key(),
            act_count: view.act_count(),
            priority: view.priority(),
            state: view.state(),
        }
    }

    fn to_view(&self) -> SmInfoView {
        SmInfoView {
            guid: U64::new(self.guid.0),
            sm_key: U64::new(self.sm_key.0),
            act_count: U32::new(self.act_count),
            priority_and_state: self.priority << 4 | (self.state.0 & 0xF),
        }
    }
}

/// State of a subnet manager, 4 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SmState(pub u8);

impl SmState {
    /// Does nothing until it is told to.
    pub const NOT_ACTIVE: Self = Self(0);
    /// Looks at the subnet.
    pub const DISCOVERING: Self = Self(1);
    /// Watches the master, to take over.
    pub const STANDBY: Self = Self(2);
    /// Manages the subnet.
    pub const MASTER: Self = Self(3);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_where_the_layout_says() {
        let attribute = SmInfo {
            guid: Guid(0x0102_0304_0506_0708),
            sm_key: SmKey(0x1112_1314_1516_1718),
            act_count: 0x2122_2324,
            priority: 0xA,
            state: SmState::MASTER,
        };
        let mut out = [0xFF; 21];
        assert_eq!(attribute.emit(&mut out), Ok(21));
        assert_eq!(
            out,
            [
                1, 2, 3, 4, 5, 6, 7, 8, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x21, 0x22, 0x23,
                0x24, 0xA3
            ]
        );
        assert_eq!(SmInfo::parse(&out), Ok(attribute));
    }
}
