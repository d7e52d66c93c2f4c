use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use ib_mad::wire::{SlToVlMapping, SwitchInfo};
use ib_mad::{Lid, VirtualLane};

/// What only a switch has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Switch {
    /// What it says of itself.
    pub info: SwitchInfo,
    /// Its linear forwarding table as it was last told: a port for each LID from 0, 255 for none. LIDs past its end have none.
    pub forwarding: Vec<u8>,
    /// Its multicast forwarding table as it was last told: a mask of ports for each multicast LID that has any.
    pub multicast: BTreeMap<Lid, [u64; 4]>,
}

impl Switch {
    /// In a forwarding table: packets to this LID are dropped.
    pub const NO_PORT: u8 = 255;

    /// The port by which packets to a LID leave, 0 for the switch itself.
    pub fn forward(&self, lid: Lid) -> Option<u8> {
        self.forwarding.get(usize::from(lid.0)).copied().filter(|port| *port != Self::NO_PORT)
    }

    /// The ports by which packets to a multicast LID leave, in order.
    pub fn forward_multicast(&self, lid: Lid) -> impl Iterator<Item = u8> {
        let mask = self.multicast.get(&lid).copied().unwrap_or_default();
        (0..=u8::MAX).filter(move |port| mask[usize::from(port >> 6)] >> (port & 63) & 1 == 1)
    }
}

/// The lane of each service level on a link with so many data lanes: the level's own number, and from the first lane again
/// for levels beyond the last.
///
/// A routing hands out no more lanes than every link between switches has, so that its lanes stay apart there.
pub fn sl_to_vl(data_lanes: u8) -> SlToVlMapping {
    let lanes = data_lanes.max(1);
    let lane = |level: usize| {
        let level = u8::try_from(level).unwrap_or(0);
        VirtualLane::new(level % lanes).unwrap_or_default()
    };
    SlToVlMapping { lanes: core::array::from_fn(lane) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_start_over_where_lanes_end() {
        let lanes = |count| sl_to_vl(count).lanes.map(VirtualLane::get);
        assert_eq!(lanes(15), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0]);
        assert_eq!(lanes(4), [0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3]);
        assert_eq!((lanes(1), lanes(0)), ([0; 16], [0; 16]));
    }

    #[test]
    fn no_table_forwards_nothing() {
        let mut switch = Switch { forwarding: alloc::vec![255, 0, 7], ..Switch::default() };
        assert_eq!([0, 1, 2, 3].map(|lid| switch.forward(Lid(lid))), [None, Some(0), Some(7), None]);
        switch.multicast.insert(Lid(0xC001), [1 << 5, 1, 0, 1 << 63]);
        assert_eq!(switch.forward_multicast(Lid(0xC001)).collect::<Vec<_>>(), [5, 64, 255]);
        assert_eq!(switch.forward_multicast(Lid(0xC000)).count(), 0);
    }
}
