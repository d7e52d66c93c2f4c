//! Which bits of a record each bit of a component mask stands for (IBTA volume 1, 15.2.5: the tables of the records).

use ib_mad::wire::{
    Attribute, AttributeId, GuidInfoRecord, InformInfoRecord, LinearForwardingTableRecord, LinkRecord,
    McMemberRecord, MulticastForwardingTableRecord, NodeRecord, PKeyTableRecord, PathRecord, PortInfoRecord,
    ServiceRecord, SlToVlMappingRecord, SmInfoRecord, SwitchInfoRecord,
};

/// A bit of the mask, and the bits of the record that it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Component {
    pub(super) bit: u8,
    /// First bit, counted from the record's first, most significant one.
    pub(super) at: u16,
    pub(super) width: u16,
}

/// Whole bytes of a record.
const fn bytes(bit: u8, at: u16, count: u16) -> Component {
    Component { bit, at: at * 8, width: count * 8 }
}

/// Bits inside the bytes from `byte` on; `skip` is counted from the most significant one.
const fn part(bit: u8, byte: u16, skip: u16, width: u16) -> Component {
    Component { bit, at: byte * 8 + skip, width }
}

/// What is known of a record's layout.
#[derive(Debug)]
pub(super) struct Layout {
    pub(super) attribute: AttributeId,
    /// Length of a record.
    pub(super) length: usize,
    pub(super) components: &'static [Component],
}

impl Layout {
    /// The layout of an attribute that there are records of.
    pub(super) fn of(attribute: AttributeId) -> Option<&'static Self> {
        LAYOUTS.iter().find(|layout| layout.attribute == attribute)
    }

    /// All bits of the mask that stand for something.
    pub(super) fn known(&self) -> u64 {
        self.components.iter().fold(0, |mask, component| mask | 1 << component.bit)
    }
}

/// The longest record: ServiceRecord's.
pub(super) const LONGEST: usize = ServiceRecord::LENGTH;

const LAYOUTS: &[Layout] = &[
    Layout { attribute: AttributeId::PATH_RECORD, length: PathRecord::LENGTH, components: PATH },
    Layout { attribute: AttributeId::NODE_RECORD, length: NodeRecord::LENGTH, components: NODE },
    Layout { attribute: AttributeId::PORT_INFO_RECORD, length: PortInfoRecord::LENGTH, components: PORT },
    Layout { attribute: AttributeId::SWITCH_INFO_RECORD, length: SwitchInfoRecord::LENGTH, components: LID },
    Layout { attribute: AttributeId::LINK_RECORD, length: LinkRecord::LENGTH, components: LINK },
    Layout { attribute: AttributeId::SERVICE_RECORD, length: ServiceRecord::LENGTH, components: &SERVICE },
    Layout { attribute: AttributeId::MC_MEMBER_RECORD, length: McMemberRecord::LENGTH, components: MEMBER },
    Layout {
        attribute: AttributeId::INFORM_INFO_RECORD,
        length: InformInfoRecord::LENGTH,
        components: SUBSCRIPTION,
    },
    Layout { attribute: AttributeId::SM_INFO_RECORD, length: SmInfoRecord::LENGTH, components: MANAGER },
    Layout { attribute: AttributeId::GUID_INFO_RECORD, length: GuidInfoRecord::LENGTH, components: GUIDS },
    Layout {
        attribute: AttributeId::LINEAR_FORWARDING_TABLE_RECORD,
        length: LinearForwardingTableRecord::LENGTH,
        components: &[bytes(0, 0, 2), bytes(1, 2, 2)],
    },
    Layout {
        attribute: AttributeId::MULTICAST_FORWARDING_TABLE_RECORD,
        length: MulticastForwardingTableRecord::LENGTH,
        components: &[bytes(0, 0, 2), part(1, 2, 0, 4), part(3, 2, 7, 9)],
    },
    Layout {
        attribute: AttributeId::P_KEY_TABLE_RECORD,
        length: PKeyTableRecord::LENGTH,
        components: &[bytes(0, 0, 2), bytes(1, 2, 2), bytes(2, 4, 1)],
    },
    Layout {
        attribute: AttributeId::SL_TO_VL_MAPPING_RECORD,
        length: SlToVlMappingRecord::LENGTH,
        components: &[bytes(0, 0, 2), bytes(1, 2, 1), bytes(2, 3, 1)],
    },
];

/// A record that is found by nothing but its LID.
const LID: &[Component] = &[bytes(0, 0, 2)];

/// The service identifier has two bits of the mask: one for each half.
const PATH: &[Component] = &[
    bytes(0, 0, 4),
    bytes(1, 4, 4),
    bytes(2, 8, 16),
    bytes(3, 24, 16),
    bytes(4, 40, 2),
    bytes(5, 42, 2),
    part(6, 44, 0, 1),
    part(8, 44, 4, 20),
    bytes(9, 47, 1),
    bytes(10, 48, 1),
    part(11, 49, 0, 1),
    part(12, 49, 1, 7),
    bytes(13, 50, 2),
    part(14, 52, 0, 12),
    part(15, 53, 4, 4),
    part(16, 54, 0, 2),
    part(17, 54, 2, 6),
    part(18, 55, 0, 2),
    part(19, 55, 2, 6),
    part(20, 56, 0, 2),
    part(21, 56, 2, 6),
    bytes(22, 57, 1),
];

const NODE: &[Component] = &[
    bytes(0, 0, 2),
    bytes(2, 4, 1),
    bytes(3, 5, 1),
    bytes(4, 6, 1),
    bytes(5, 7, 1),
    bytes(6, 8, 8),
    bytes(7, 16, 8),
    bytes(8, 24, 8),
    bytes(9, 32, 2),
    bytes(10, 34, 2),
    bytes(11, 36, 4),
    bytes(12, 40, 1),
    bytes(13, 41, 3),
    bytes(14, 44, 64),
];

const PORT: &[Component] = &[
    bytes(0, 0, 2),
    bytes(1, 2, 1),
    bytes(2, 3, 1),
    bytes(3, 4, 8),
    bytes(4, 12, 8),
    bytes(5, 20, 2),
    bytes(6, 22, 2),
    bytes(7, 24, 4),
    bytes(8, 28, 2),
    bytes(9, 30, 2),
    bytes(10, 32, 1),
    bytes(11, 33, 1),
    bytes(12, 34, 1),
    bytes(13, 35, 1),
    part(14, 36, 0, 4),
    part(15, 36, 4, 4),
    part(16, 37, 0, 4),
    part(17, 37, 4, 4),
    part(18, 38, 0, 2),
    part(20, 38, 5, 3),
    part(21, 39, 0, 4),
    part(22, 39, 4, 4),
    part(23, 40, 0, 4),
    part(24, 40, 4, 4),
    part(25, 41, 0, 4),
    part(26, 41, 4, 4),
    bytes(27, 42, 1),
    bytes(28, 43, 1),
    bytes(29, 44, 1),
    part(30, 45, 0, 4),
    part(31, 45, 4, 4),
    part(32, 46, 0, 3),
    part(33, 46, 3, 5),
    part(34, 47, 0, 4),
    part(35, 47, 4, 1),
    part(36, 47, 5, 1),
    part(37, 47, 6, 1),
    part(38, 47, 7, 1),
    bytes(39, 48, 2),
    bytes(40, 50, 2),
    bytes(41, 52, 2),
    bytes(42, 54, 1),
    part(43, 55, 0, 1),
    part(45, 55, 3, 5),
    part(47, 56, 3, 5),
    part(48, 57, 0, 4),
    part(49, 57, 4, 4),
    bytes(50, 58, 2),
    bytes(52, 61, 3),
    bytes(53, 64, 2),
    part(54, 66, 0, 4),
    part(55, 66, 4, 4),
    part(57, 67, 3, 5),
];

const LINK: &[Component] = &[bytes(0, 0, 2), bytes(1, 2, 1), bytes(2, 3, 1), bytes(3, 4, 2)];

const SERVICE: [Component; 36] = {
    let mut all = [bytes(0, 0, 0); 36];
    let first = [
        bytes(0, 0, 8),
        bytes(1, 8, 16),
        bytes(2, 24, 2),
        bytes(4, 28, 4),
        bytes(5, 32, 16),
        bytes(6, 48, 64),
    ];
    let mut place = 0;
    while place < first.len() {
        all[place] = first[place];
        place += 1;
    }
    // The service's own words, a bit each: 16 of one byte, then 8, 4 and 2 of twice as many.
    let (mut bit, mut at, mut size) = (7, 112, 1);
    while place < all.len() {
        all[place] = bytes(bit, at, size);
        at += size;
        if at % 16 == 0 {
            size *= 2;
        }
        place += 1;
        bit += 1;
    }
    all
};

const MEMBER: &[Component] = &[
    bytes(0, 0, 16),
    bytes(1, 16, 16),
    bytes(2, 32, 4),
    bytes(3, 36, 2),
    part(4, 38, 0, 2),
    part(5, 38, 2, 6),
    bytes(6, 39, 1),
    bytes(7, 40, 2),
    part(8, 42, 0, 2),
    part(9, 42, 2, 6),
    part(10, 43, 0, 2),
    part(11, 43, 2, 6),
    part(12, 44, 0, 4),
    part(13, 44, 4, 20),
    bytes(14, 47, 1),
    part(15, 48, 0, 4),
    part(16, 48, 4, 4),
    part(17, 49, 0, 1),
];

const SUBSCRIPTION: &[Component] = &[
    bytes(0, 0, 16),
    bytes(1, 16, 2),
    bytes(3, 24, 16),
    bytes(4, 40, 2),
    bytes(5, 42, 2),
    bytes(7, 46, 1),
    bytes(8, 47, 1),
    bytes(9, 48, 2),
    bytes(10, 50, 2),
    bytes(11, 52, 3),
    part(13, 55, 3, 5),
    bytes(15, 57, 3),
];

const MANAGER: &[Component] =
    &[bytes(0, 0, 2), bytes(2, 4, 8), bytes(3, 12, 8), bytes(4, 20, 4), part(5, 24, 0, 4), part(6, 24, 4, 4)];

const GUIDS: &[Component] = &[
    bytes(0, 0, 2),
    bytes(1, 2, 1),
    bytes(4, 8, 8),
    bytes(5, 16, 8),
    bytes(6, 24, 8),
    bytes(7, 32, 8),
    bytes(8, 40, 8),
    bytes(9, 48, 8),
    bytes(10, 56, 8),
    bytes(11, 64, 8),
];

#[cfg(test)]
#[path = "layout_test.rs"]
mod tests;
