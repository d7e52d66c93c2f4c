//! What the kernel of a peer would do that has none.
//!
//! A program written for umad devices leaves the reliable multi-packet protocol to the kernel: OpenSM sets the flag ACTIVE of a
//! table, and the kernel cuts it into segments, fills their headers in, and takes their acknowledgements. Under ibsim's preloaded
//! library nobody does. Of a table that fits one datagram the library tells the length, so that this end can do the
//! kernel's work: the header is filled in as that of the only segment, and the acknowledgement is not sent, since OpenSM would take it for
//! another question. A longer table has lost all but its first 256 bytes; its header is left empty, which tells that.
//!
//! The other way round the library gives its program as many bytes as the message says that it has: of a table in one segment this
//! end says how many those are, as the kernel that takes the protocol's header off would, and acknowledges the segment in the place of
//! that kernel. A program of ours acknowledges it too, which does no harm.
//!
//! An answer to GetMulti, whose question is a segment, OpenSM hands to its kernel with the question's header.

use core::time::Duration;
use std::collections::VecDeque;

use ib_mad::rmpp::{ReceiverLimits, Receivers, RmppPeer};
use ib_mad::wire::{
    Attribute, MAD_LENGTH, Method, RmppFlags, RmppHeader, RmppStatus, RmppType, SaHeader, SaMadView,
};
use ib_mad::{Lid, Qpn, TransactionId};

use crate::channel::{Delivery, Incoming, Outgoing};

/// Answers whose acknowledgements are waited for; older ones no longer come.
const REMEMBERED: usize = 1024;
/// Where the header of the protocol lies, and where its payload begins.
const RMPP_OFFSET: usize = 24;
const PAYLOAD_OFFSET: usize = 36;

/// Note in the empty header of a segment how much of the message there is, if the message is whole.
pub(super) fn note_length(mad: &mut [u8; MAD_LENGTH], length: u64) {
    if has_question_header(mad) {
        let empty = RmppHeader { flags: RmppFlags::ACTIVE, ..RmppHeader::INACTIVE };
        // It cannot fail: there is room for twelve bytes.
        let _ = empty.emit(&mut mad[RMPP_OFFSET..PAYLOAD_OFFSET]);
    }
    let Ok(length) = usize::try_from(length) else { return };
    // A longer message is cut to 256 bytes, and said to have as many.
    if !(PAYLOAD_OFFSET..MAD_LENGTH).contains(&length) || !is_unfilled(mad) {
        return;
    }
    let payload = (length - PAYLOAD_OFFSET) as u32;
    mad[PAYLOAD_OFFSET - 4..PAYLOAD_OFFSET].copy_from_slice(&payload.to_be_bytes());
    // What lies behind it is whatever lay in the sender's memory.
    mad[length..].fill(0);
}

/// Whether a datagram is of a table whose segments nobody made.
fn is_unfilled(mad: &[u8; MAD_LENGTH]) -> bool {
    SaMadView::new(mad).is_ok_and(|mad| {
        let rmpp = mad.rmpp();
        mad.header().method().is_response()
            && rmpp.flags() == RmppFlags::ACTIVE
            && (rmpp.version(), rmpp.kind(), rmpp.segment()) == (0, RmppType::None, 0)
    })
}

/// Whether an answer still has the header of its question: no answer has the length of one, which is no whole number of records,
/// nor none.
fn has_question_header(mad: &[u8; MAD_LENGTH]) -> bool {
    SaMadView::new(mad).is_ok_and(|mad| {
        let rmpp = mad.rmpp();
        let record = u32::from(mad.sa().attribute_offset()) * 8;
        let records = rmpp.length_or_window().checked_sub(SaHeader::LENGTH as u32);
        mad.header().method() == Method::GET_MULTI_RESP
            && (rmpp.version(), rmpp.kind(), rmpp.segment()) == (1, RmppType::Data, 1)
            && rmpp.flags().contains(RmppFlags::LAST)
            && records.is_some_and(|length| !length.is_multiple_of(record))
    })
}

/// Bytes of a datagram that count: of a table in one segment its payload ends before the datagram does.
pub(super) fn told_length(mad: &[u8; MAD_LENGTH]) -> u64 {
    only_segment(mad).map_or(MAD_LENGTH as u64, |payload| PAYLOAD_OFFSET as u64 + u64::from(payload))
}

/// The payload's length if a datagram is an answer's only segment.
fn only_segment(mad: &[u8; MAD_LENGTH]) -> Option<u32> {
    let mad = SaMadView::new(mad).ok()?;
    let rmpp = mad.rmpp();
    let is_whole = rmpp.kind() == RmppType::Data
        && [RmppFlags::ACTIVE, RmppFlags::FIRST, RmppFlags::LAST]
            .iter()
            .all(|flag| rmpp.flags().contains(*flag));
    let payload = rmpp.length_or_window();
    let fits = (payload as usize) <= MAD_LENGTH - PAYLOAD_OFFSET;
    (mad.header().method().is_response() && is_whole && fits).then_some(payload)
}

/// The work of the kernels of this port's peers.
#[derive(Debug, Default)]
pub(super) struct FarKernel {
    to_acknowledge: VecDeque<(Lid, TransactionId)>,
    /// Acknowledgements of what this port sent.
    acknowledgements: VecDeque<Incoming>,
}

impl FarKernel {
    /// Complete what has arrived.
    pub(super) fn complete(&mut self, incoming: &mut Incoming) {
        if incoming.delivery != Delivery::Received || !is_unfilled(&incoming.mad) {
            return;
        }
        let Ok(mad) = SaMadView::new(&incoming.mad) else { return };
        let payload = mad.rmpp().length_or_window();
        if payload == 0 {
            return;
        }
        if self.to_acknowledge.len() == REMEMBERED {
            self.to_acknowledge.pop_front();
        }
        self.to_acknowledge.push_back((incoming.from, mad.header().transaction_id()));
        let header = RmppHeader {
            version: 1,
            kind: RmppType::Data,
            response_time: 31,
            flags: RmppFlags(RmppFlags::ACTIVE.0 | RmppFlags::FIRST.0 | RmppFlags::LAST.0),
            status: RmppStatus::NORMAL,
            segment: 1,
            length_or_window: payload,
        };
        // It cannot fail: there is room for twelve bytes.
        let _ = header.emit(&mut incoming.mad[RMPP_OFFSET..PAYLOAD_OFFSET]);
    }

    /// Acknowledge what was sent, if its receiver's kernel would.
    pub(super) fn acknowledge(&mut self, sent: &Outgoing) {
        if only_segment(&sent.mad).is_none() {
            return;
        }
        let peer = RmppPeer { lid: sent.to, service_level: sent.service_level, qpn: Qpn::GENERAL_SERVICES };
        let mut receivers: Receivers<1> = Receivers::new(ReceiverLimits::DEFAULT, 1);
        let mut mad = [0; MAD_LENGTH];
        let _ = receivers.handle_segment(Duration::ZERO, peer, &sent.mad);
        if receivers.poll_transmit(Duration::ZERO, &mut mad).is_none() {
            return;
        }
        if self.acknowledgements.len() == REMEMBERED {
            self.acknowledgements.pop_front();
        }
        let incoming = Incoming {
            from: sent.to,
            qpn: peer.qpn,
            source_qpn: peer.qpn,
            service_level: peer.service_level,
            delivery: Delivery::Received,
            mad,
        };
        self.acknowledgements.push_back(incoming);
    }

    /// The acknowledgements that are there.
    pub(super) fn acknowledgements(&mut self) -> impl Iterator<Item = Incoming> {
        self.acknowledgements.drain(..)
    }

    /// Whether the peer's kernel takes what is about to be sent.
    pub(super) fn takes(&mut self, outgoing: &Outgoing) -> bool {
        let Ok(mad) = SaMadView::new(&outgoing.mad) else { return false };
        if !mad.rmpp().flags().contains(RmppFlags::ACTIVE) || mad.rmpp().kind() == RmppType::Data {
            return false;
        }
        let key = (outgoing.to, mad.header().transaction_id());
        self.to_acknowledge.contains(&key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ib_mad::rmpp::{Received, ReceiverLimits, Receivers, RmppPeer};
    use ib_mad::wire::{AttributeId, LinkRecord, MadHeader, ManagementClass, PathRecord, SaMad};
    use ib_mad::{Qpn, ServiceLevel};

    const MANAGER: RmppPeer =
        RmppPeer { lid: Lid(3), service_level: ServiceLevel::new(0).unwrap(), qpn: Qpn::GENERAL_SERVICES };

    /// A table of links as OpenSM hands it to its kernel, with another byte behind.
    fn handed_over() -> [u8; MAD_LENGTH] {
        let header = MadHeader::request(
            ManagementClass::SUBNET_ADMINISTRATION,
            Method::GET_TABLE_RESP,
            AttributeId::LINK_RECORD,
            0,
            TransactionId(0x0003_0000_0000_0007),
        );
        let rmpp = RmppHeader { flags: RmppFlags::ACTIVE, ..RmppHeader::INACTIVE };
        let sa = SaHeader { attribute_offset: 1, ..SaHeader::default() };
        let mut mad =
            SaMad { header, rmpp, sa }.emit(&LinkRecord { from_port: 5, ..LinkRecord::default() }).unwrap();
        mad[64] = 0xEE;
        mad
    }

    fn received(length: u64) -> Incoming {
        let mut mad = handed_over();
        note_length(&mut mad, length);
        Incoming {
            from: MANAGER.lid,
            qpn: MANAGER.qpn,
            source_qpn: MANAGER.qpn,
            service_level: MANAGER.service_level,
            delivery: Delivery::Received,
            mad,
        }
    }

    #[test]
    fn a_table_that_fits_becomes_one_segment_and_its_acknowledgement_is_taken() {
        let mut kernel = FarKernel::default();
        let mut incoming = received(64);
        kernel.complete(&mut incoming);
        let mut receivers: Receivers<1> = Receivers::new(ReceiverLimits::DEFAULT, 1);
        let now = Duration::from_secs(5);
        let Received::Data(part) = receivers.handle_segment(now, MANAGER, &incoming.mad) else { panic!() };
        assert!(part.is_last);
        let links: Vec<_> =
            part.records.typed::<LinkRecord>().unwrap().map(|link| link.from_port()).collect();
        assert_eq!(links, [5], "one record, and not what lay behind it");
        assert_eq!(incoming.mad[64..], [0; MAD_LENGTH - 64], "of which nothing is left");
        let mut mad = [0; MAD_LENGTH];
        let to = receivers.poll_transmit(now, &mut mad).unwrap();
        let mut outgoing = Outgoing { to: to.to, service_level: to.service_level, qpn: to.qpn, mad };
        assert!(kernel.takes(&outgoing) && kernel.takes(&outgoing), "each time that it is repeated");
        outgoing.to = Lid(4);
        assert!(!kernel.takes(&outgoing), "others have their own");
        outgoing.to = MANAGER.lid;
        for (offset, value) in [(26, 0), (25, u8::from(RmppType::Data)), (15, 8)] {
            let mut other = outgoing;
            other.mad[offset] = value;
            assert!(!kernel.takes(&other), "a question, a segment, another answer's");
        }
        outgoing.mad[25] = u8::from(RmppType::Abort);
        assert!(kernel.takes(&outgoing));
    }

    #[test]
    fn a_table_in_one_segment_has_its_length_told_and_is_acknowledged_in_its_receivers_place() {
        let mut kernel = FarKernel::default();
        let mut incoming = received(64);
        kernel.complete(&mut incoming);
        let RmppPeer { lid, service_level, qpn } = MANAGER;
        let sent = |mad| Outgoing { to: lid, service_level, qpn, mad };
        let mad = incoming.mad;
        assert_eq!(told_length(&mad), 64);
        kernel.acknowledge(&sent(mad));
        let acknowledgements: Vec<_> = kernel.acknowledgements().collect();
        let [acknowledgement] = acknowledgements[..] else { panic!("one") };
        assert_eq!((acknowledgement.from, acknowledgement.delivery), (lid, Delivery::Received));
        let view = SaMadView::new(&acknowledgement.mad).unwrap();
        assert_eq!((view.rmpp().kind(), view.rmpp().segment()), (RmppType::Ack, 1));
        assert_eq!(view.header().transaction_id(), SaMadView::new(&mad).unwrap().header().transaction_id());
        assert_eq!(kernel.acknowledgements().count(), 0);
        // A question, a single answer, the first of several segments, and a length that cannot be.
        for (offset, value) in [(3, Method::GET_TABLE.0), (26, 0), (26, 3), (34, 1)] {
            let mut other = mad;
            other[offset] = value;
            kernel.acknowledge(&sent(other));
            assert_eq!((told_length(&other), kernel.acknowledgements().count()), (256, 0), "{offset}");
        }
    }

    #[test]
    fn of_answers_without_an_acknowledgement_the_oldest_are_forgotten() {
        let mut kernel = FarKernel::default();
        let acknowledgement = |id: u16| {
            let mut mad = handed_over();
            mad[3] = Method::GET_TABLE.0;
            mad[14..16].copy_from_slice(&id.to_be_bytes());
            mad[25] = u8::from(RmppType::Ack);
            let RmppPeer { lid, service_level, qpn } = MANAGER;
            Outgoing { to: lid, service_level, qpn, mad }
        };
        for id in 0..2 * REMEMBERED as u16 {
            let mut incoming = received(64);
            incoming.mad[14..16].copy_from_slice(&id.to_be_bytes());
            kernel.complete(&mut incoming);
        }
        assert_eq!(kernel.to_acknowledge.len(), REMEMBERED);
        let first = REMEMBERED as u16;
        assert!(!kernel.takes(&acknowledgement(first - 1)) && kernel.takes(&acknowledgement(first)));
    }

    #[test]
    fn what_is_cut_or_filled_in_already_is_left_as_it_is() {
        let mut kernel = FarKernel::default();
        for length in [0, 35, 256, 300, u64::MAX] {
            let mut incoming = received(length);
            kernel.complete(&mut incoming);
            assert_eq!(incoming.mad, handed_over(), "{length}");
        }
        let mut empty = received(36);
        kernel.complete(&mut empty);
        assert_eq!(empty.mad[24..36], handed_over()[24..36], "no payload is no segment");
        assert_eq!(kernel.to_acknowledge.len(), 0);
        let mut whole = received(64);
        kernel.complete(&mut whole);
        let (again, mut noted) = (whole, whole.mad);
        kernel.complete(&mut whole);
        note_length(&mut noted, 64);
        assert_eq!((whole, noted), (again, again.mad));
    }

    #[test]
    fn questions_and_what_the_fabric_returned_are_left_as_they_are() {
        let mut kernel = FarKernel::default();
        let mut question = received(64);
        question.mad[3] = Method::GET_TABLE.0;
        let mut returned = received(64);
        returned.delivery = Delivery::Undeliverable;
        for incoming in [&mut question, &mut returned] {
            let before = *incoming;
            kernel.complete(incoming);
            assert_eq!(*incoming, before);
        }
        let mut untouched = handed_over();
        untouched[3] = Method::GET_TABLE.0;
        let before = untouched;
        note_length(&mut untouched, 64);
        assert_eq!((untouched, kernel.to_acknowledge.len()), (before, 0));
    }

    /// An answer to GetMulti with `payload` in its header, as OpenSM hands it over.
    fn paths(payload: u32) -> [u8; MAD_LENGTH] {
        let mut header = SaMad::from_view(SaMadView::new(&handed_over()).unwrap());
        header.header.method = Method::GET_MULTI_RESP;
        header.header.attribute_id = AttributeId::PATH_RECORD;
        header.sa.attribute_offset = 8;
        header.rmpp = RmppHeader {
            version: 1,
            kind: RmppType::Data,
            response_time: 31,
            flags: RmppFlags(7),
            segment: 1,
            length_or_window: payload,
            ..RmppHeader::INACTIVE
        };
        header.emit(&PathRecord::default()).unwrap()
    }

    #[test]
    fn the_header_of_a_question_is_not_taken_for_that_of_the_answer() {
        let mut kernel = FarKernel::default();
        for gids in 2..=11 {
            let mut incoming = received(64);
            incoming.mad = paths(20 + 24 + 16 * gids);
            note_length(&mut incoming.mad, 56 + 2 * 64);
            kernel.complete(&mut incoming);
            assert_eq!(incoming.mad, paths(20 + 2 * 64));

            let mut cut = paths(20 + 24 + 16 * gids);
            note_length(&mut cut, 256);
            assert_eq!(cut[24..36], [0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        }
        // Nothing was found: there are no records to be apart from each other.
        let mut nothing = received(64);
        nothing.mad = paths(20 + 24 + 16 * 2);
        nothing.mad[44..46].fill(0);
        note_length(&mut nothing.mad, 56);
        kernel.complete(&mut nothing);
        assert_eq!(nothing.mad[24..36], [1, 1, 0xFF, 0, 0, 0, 0, 1, 0, 0, 0, 20]);

        let mut filled = paths(20 + 3 * 64);
        note_length(&mut filled, 256);
        assert_eq!(filled, paths(20 + 3 * 64), "from somebody who segments");
        let with = |offset: usize, value: u8| {
            let mut mad = handed_over();
            mad[offset] = value;
            mad
        };
        let mut of_another_method = paths(20 + 3 * 64 + 8);
        of_another_method[3] = Method::GET_TABLE_RESP.0;
        for is_filled in [with(25, RmppType::Data.into()), with(26, 3), of_another_method] {
            let mut mad = is_filled;
            note_length(&mut mad, 184);
            assert_eq!(mad, is_filled);
        }
    }
}
