use ib_mad::TransactionId;
use ib_mad::wire::{
    AttributeId, MAD_LENGTH, MadHeader, ManagementClass, Method, RmppHeader, SA_DATA_LENGTH, SaHeader, SaMad,
};

use crate::layout::Raw;

/// Bytes of a record: every second one lies across two segments.
pub(super) const RECORD: usize = 80;
const RECORDS: usize = 40;
/// Segments of the longest message.
pub(super) const MOST_SEGMENTS: u16 = (RECORDS * RECORD / SA_DATA_LENGTH) as u16;

static TABLE: [u8; RECORDS * RECORD] = table();

/// Records that are told apart by every byte.
const fn table() -> [u8; RECORDS * RECORD] {
    let mut table = [0; RECORDS * RECORD];
    let mut at = 0;
    while at < table.len() {
        table[at] = (at / RECORD * 6 + at % RECORD) as u8;
        at += 1;
    }
    table
}

/// The records in order, as many as so many segments hold.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Message {
    segments: u16,
}

impl Message {
    pub(super) const fn new(segments: u16) -> Self {
        Self { segments }
    }

    pub(super) const fn records(self) -> usize {
        self.segments as usize * SA_DATA_LENGTH / RECORD
    }

    pub(super) fn record(number: usize) -> Option<&'static [u8]> {
        TABLE.chunks(RECORD).nth(number)
    }
}

impl AsRef<[u8]> for Message {
    fn as_ref(&self) -> &[u8] {
        &TABLE[..self.records() * RECORD]
    }
}

/// The headers of a message's segments.
pub(super) fn template(method: Method, transaction: TransactionId) -> [u8; MAD_LENGTH] {
    let class = ManagementClass::SUBNET_ADMINISTRATION;
    let mad = SaMad {
        header: MadHeader::request(class, method, AttributeId::PATH_RECORD, 0, transaction),
        rmpp: RmppHeader::INACTIVE,
        sa: SaHeader { attribute_offset: (RECORD / 8) as u16, ..SaHeader::default() },
    };
    mad.emit(&Raw([0; SA_DATA_LENGTH])).expect("it fits")
}
