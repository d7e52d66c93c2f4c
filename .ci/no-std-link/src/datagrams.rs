//! `ib-mad`: datagrams are read, written and asked for.

use core::hint::black_box;
use core::time::Duration;

use ib_mad::request::{RequestLimits, RequestTable};
use ib_mad::wire::{
    AlternatePathStatus, Attribute, AttributeId, CmMad, CmMadView, CmMessageView, CmPath, LoadAlternatePath,
    MAD_LENGTH, Method, PathRecord, SaMadView,
};
use ib_mad::{CommunicationId, Lid, TransactionId};

/// SubnAdmGetResp(PathRecord) with transaction id 7.
static RESPONSE: [u8; MAD_LENGTH] = {
    let mut mad = [0; MAD_LENGTH];
    mad[0] = 1;
    mad[1] = 0x03;
    mad[2] = 2;
    mad[3] = 0x81;
    mad[15] = 7;
    mad[17] = 0x35;
    mad
};

/// Whether a response is read right, and one that is cut short is not read.
pub(crate) fn parse() -> bool {
    let response = black_box(&RESPONSE);
    is_response(response) && !is_response(&response[..MAD_LENGTH - 1])
}

fn is_response(bytes: &[u8]) -> bool {
    SaMadView::new(bytes).is_ok_and(|mad| {
        mad.header().method() == Method::GET_RESP
            && mad.header().attribute_id() == AttributeId::PATH_RECORD
            && mad.header().transaction_id() == TransactionId(7)
    })
}

/// Whether a request is sent, repeated, answered by the node that it went to, and by no other.
pub(crate) fn requests() -> bool {
    let mut table: RequestTable<u8, 4> = RequestTable::new(RequestLimits::DEFAULT, 1);
    let (manager, stranger) = (Lid(1), Lid(2));
    let start = Duration::from_secs(black_box(5000));
    let Ok(id) = table.start(start, manager, 42) else { return false };
    let sent = table.poll_transmit(start).is_some_and(|due| due.id == id && due.to == manager);
    let again = table.poll_transmit(start + RequestLimits::DEFAULT.timeout);
    let repeated = again.is_some_and(|due| due.id == id && due.attempt == 2);
    sent && repeated
        && table.respond(id, stranger).is_err()
        && table.respond(id, manager) == Ok(42)
        && table.is_empty()
}

/// Whether an alternate path is loaded, turned round, and answered for.
pub(crate) fn connections() -> bool {
    let record = PathRecord {
        source_lid: Lid(black_box(3)),
        destination_lid: Lid(black_box(7)),
        ..PathRecord::default()
    };
    let load = LoadAlternatePath {
        local_communication_id: CommunicationId(black_box(1)),
        remote_communication_id: CommunicationId(2),
        alternate_path: CmPath::from(&record),
        ..LoadAlternatePath::default()
    };
    let Ok(bytes) = CmMad::send::<LoadAlternatePath>(TransactionId(9)).emit(&load) else { return false };
    let Ok(mad) = CmMadView::new(black_box(&bytes)) else { return false };
    let CmMessageView::LoadAlternatePath(view) = mad.message() else { return false };
    let read = LoadAlternatePath::from_view(view);
    let back = read.alternate_path.way_back(Default::default(), Default::default());
    read == load
        && (back.source_lid, back.destination_lid) == (Lid(7), Lid(3))
        && read.answer(AlternatePathStatus::SUCCESS).remote_communication_id == CommunicationId(1)
}
