//! What the tests of both machines send each other.

use alloc::vec::Vec;

use super::{RmppPeer, Sender, SenderLimits};
use crate::types::{Lid, Qpn, ServiceLevel, TransactionId};
use crate::wire::{
    Attribute, AttributeId, MAD_LENGTH, MadHeader, ManagementClass, Method, PathRecord, RmppFlags,
    RmppHeader, RmppStatus, RmppType, SaHeader, SaMad,
};
use core::time::Duration;

/// Far from zero, so that a duration taken for a time shows.
pub(super) const START: Duration = Duration::from_secs(1 << 40);

pub(super) fn peer(lid: u16) -> RmppPeer {
    RmppPeer { lid: Lid(lid), service_level: ServiceLevel::default(), qpn: Qpn::GENERAL_SERVICES }
}

/// Headers of a table that answers transaction `transaction`, with records every `offset * 8` bytes.
pub(super) fn template(transaction: u64, offset: u16) -> [u8; MAD_LENGTH] {
    let header = MadHeader::request(
        ManagementClass::SUBNET_ADMINISTRATION,
        Method::GET_TABLE_RESP,
        AttributeId::PATH_RECORD,
        0,
        TransactionId(transaction),
    );
    let sa = SaHeader { attribute_offset: offset, ..SaHeader::default() };
    SaMad { header, rmpp: RmppHeader::INACTIVE, sa }.emit(&PathRecord::default()).unwrap()
}

/// Path records whose destinations count up from 1.
pub(super) fn table(records: u16) -> Vec<u8> {
    let mut table = Vec::new();
    for lid in 1..=records {
        let mut bytes = [0; PathRecord::LENGTH];
        PathRecord { destination_lid: Lid(lid), ..PathRecord::default() }.emit(&mut bytes).unwrap();
        table.extend(bytes);
    }
    table
}

/// Every segment of a message, as a sender without a window sends them.
pub(super) fn segments(template: &[u8; MAD_LENGTH], message: &[u8]) -> Vec<[u8; MAD_LENGTH]> {
    let sender = Sender::new(START, SenderLimits::DEFAULT, peer(7), template, message).unwrap();
    let mut sender = sender.with_window(u32::MAX);
    let mut buffer = [0xFF; MAD_LENGTH];
    core::iter::from_fn(|| sender.poll_transmit(START, &mut buffer).map(|_| buffer)).collect()
}

pub(super) fn rmpp(mad: &[u8]) -> RmppHeader {
    RmppHeader::parse(&mad[24..]).unwrap()
}

/// The datagram with another header of the protocol.
pub(super) fn with(mad: &[u8; MAD_LENGTH], change: impl FnOnce(&mut RmppHeader)) -> [u8; MAD_LENGTH] {
    let mut mad = *mad;
    let mut header = rmpp(&mad);
    change(&mut header);
    header.emit(&mut mad[24..36]).unwrap();
    mad
}

/// A control segment about a transfer whose data looks like `data`.
pub(super) fn control(
    data: &[u8; MAD_LENGTH],
    kind: RmppType,
    status: u8,
    segment: u32,
    window: u32,
) -> [u8; MAD_LENGTH] {
    let mut mad = with(data, |header| {
        header.kind = kind;
        header.flags = RmppFlags::ACTIVE;
        header.status = RmppStatus(status);
        header.segment = segment;
        header.length_or_window = window;
    });
    mad[3] ^= 0x80;
    mad
}
