//! LinearForwardingTable (IBTA volume 1, 14.2.5.10): the ports that a switch sends unicast packets to.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::Attribute;

/// The attribute as it lies in a datagram.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct LinearForwardingTableView {
    ports: [u8; 64],
}

const _: () = assert!(size_of::<LinearForwardingTableView>() == 64);

impl LinearForwardingTableView {
    /// The port of each LID of the block; [`NO_PORT`](LinearForwardingTable::NO_PORT) drops its packets.
    #[inline]
    pub fn ports(&self) -> [u8; 64] {
        self.ports
    }
}

/// The ports of 64 LIDs. The attribute modifier is the number of the block: its first LID is 64 times that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinearForwardingTable {
    /// The port of each LID of the block; [`NO_PORT`](LinearForwardingTable::NO_PORT) drops its packets.
    pub ports: [u8; 64],
}

impl Attribute for LinearForwardingTable {
    type View = LinearForwardingTableView;
    const NAME: &'static str = "LinearForwardingTable";

    fn from_view(view: &LinearForwardingTableView) -> Self {
        Self { ports: view.ports() }
    }

    fn to_view(&self) -> LinearForwardingTableView {
        LinearForwardingTableView { ports: self.ports }
    }
}

impl LinearForwardingTable {
    /// Stands for no port: packets to the LID are dropped.
    pub const NO_PORT: u8 = 0xFF;
}

/// Leads nowhere.
impl Default for LinearForwardingTable {
    fn default() -> Self {
        Self { ports: [Self::NO_PORT; 64] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_where_the_layout_says() {
        let attribute = LinearForwardingTable { ports: core::array::from_fn(|i| i as u8) };
        let mut out = [0xFF; 64];
        assert_eq!(attribute.emit(&mut out), Ok(64));
        assert!(out.iter().enumerate().all(|(i, port)| usize::from(*port) == i));
        assert_eq!(LinearForwardingTable::parse(&out), Ok(attribute));
    }

    #[test]
    fn an_empty_table_leads_nowhere() {
        let mut out = [0; 64];
        assert_eq!(LinearForwardingTable::default().emit(&mut out), Ok(64));
        assert_eq!(out, [0xFF; 64]);
    }
}
