//! A table of path records, and its way over the wire.

use core::time::Duration;

use ib_mad::rmpp::{RmppPeer, Sender, SenderLimits};
use ib_mad::wire::{
    Attribute, AttributeId, MAD_LENGTH, MadHeader, ManagementClass, Method, PathRecord, RmppHeader, SaHeader,
    SaMad,
};
use ib_mad::{Gid, Guid, Lid, Qpn, ServiceLevel, TransactionId};

use crate::Numbers;

/// The port with this LID.
pub fn peer(lid: Lid) -> RmppPeer {
    RmppPeer { lid, service_level: ServiceLevel::default(), qpn: Qpn::GENERAL_SERVICES }
}

/// Records as a manager gives them, with random ports.
pub fn path_records(count: usize) -> impl Iterator<Item = PathRecord> {
    let mut numbers = Numbers(3);
    (0..count).map(move |_| path_record(&mut numbers))
}

fn path_record(numbers: &mut Numbers) -> PathRecord {
    let gid = |numbers: &mut Numbers| Gid::new(Gid::DEFAULT_PREFIX, Guid(numbers.draw()));
    PathRecord {
        source_gid: gid(numbers),
        destination_gid: gid(numbers),
        source_lid: Lid(numbers.below(0xBFFF) as u16 + 1),
        destination_lid: Lid(numbers.below(0xBFFF) as u16 + 1),
        service_level: ServiceLevel::new(numbers.below(16) as u8).unwrap_or_default(),
        ..PathRecord::default()
    }
}

/// The segments that answer a query with a table of these records, one datagram behind the other.
pub fn segments(records: impl Iterator<Item = PathRecord>) -> Vec<u8> {
    const NOW: Duration = Duration::ZERO;
    let mut table = Vec::new();
    for record in records {
        let mut place = [0; PathRecord::LENGTH];
        record.emit(&mut place).expect("the place has a record's length");
        table.extend(place);
    }
    let sender = Sender::new(NOW, SenderLimits::DEFAULT, peer(Lid(7)), &template(), &table);
    // All at once, as if every acknowledgement had come.
    let mut sender = sender.expect("four billion segments are enough").with_window(u32::MAX);
    let (mut segments, mut segment) = (Vec::new(), [0; MAD_LENGTH]);
    while sender.poll_transmit(NOW, &mut segment).is_some() {
        segments.extend(segment);
    }
    segments
}

/// The headers of every segment.
fn template() -> [u8; MAD_LENGTH] {
    let header = MadHeader::request(
        ManagementClass::SUBNET_ADMINISTRATION,
        Method::GET_TABLE_RESP,
        AttributeId::PATH_RECORD,
        0,
        TransactionId(5),
    );
    let sa = SaHeader { attribute_offset: (PathRecord::LENGTH / 8) as u16, ..SaHeader::default() };
    SaMad { header, rmpp: RmppHeader::INACTIVE, sa }
        .emit(&PathRecord::default())
        .expect("a path record fits a datagram")
}
