use core::time::Duration;

use ib_mad::rmpp::{Received, ReceiverLimits, Receivers, RmppPeer, SEGMENT_LENGTH};
use ib_mad::wire::{Attribute, MAD_LENGTH, Method, PathRecord, RmppFlags, RmppHeader, RmppStatus, RmppType};
use ib_mad::{Lid, Qpn, ServiceLevel, TransactionId};

use super::message::template;
use crate::bytes::Bytes;

const PLACES: usize = 4;
const PER_PEER: u16 = 2;
const CARRY: usize = 96;
const LIMITS: ReceiverLimits = ReceiverLimits { window: 2, max_length: 1 << 16, ..ReceiverLimits::DEFAULT };

/// Receivers whose peers send anything: segments that are nearly right, and noise. Every transfer delivers from its
/// first byte on without a gap, ends once, and takes no more than its peer's share.
pub fn rmpp_receiver(data: &[u8]) {
    let mut choices = Bytes(data);
    let mut receivers: Receivers<PLACES, CARRY> = Receivers::new(LIMITS, PER_PEER);
    let mut now = Duration::from_secs(1 << 40);
    let mut buffer = [0xFF; MAD_LENGTH];
    let mut segment = 0;
    while !choices.is_empty() {
        let lid = Lid(1 + choices.below(3));
        let peer = RmppPeer { lid, service_level: ServiceLevel::default(), qpn: Qpn::GENERAL_SERVICES };
        let noise;
        let mad: &[u8] = match choices.below(8) {
            0 => {
                noise = choices.take(MAD_LENGTH);
                noise
            }
            1 => {
                now += Duration::from_secs(choices.byte().into());
                while let Some(expired) = receivers.poll_event(now) {
                    assert_eq!(expired.failure.status(), RmppStatus::TOTAL_TIME_TOO_LONG);
                }
                &[]
            }
            2.. => {
                segment = next_segment(&mut choices, segment, &mut buffer);
                &buffer
            }
        };
        let mad = mad.to_vec();
        receive(&mut receivers, now, peer, &mad);
        while let Some(transmit) = receivers.poll_transmit(now, &mut buffer) {
            let rmpp = RmppHeader::parse(&buffer[24..]).expect("what goes out is a segment");
            assert!((1..=3).contains(&transmit.to.0));
            let is_right = match rmpp.kind {
                RmppType::Ack => rmpp.length_or_window >= rmpp.segment && rmpp.status == RmppStatus::NORMAL,
                RmppType::Stop => rmpp.status == RmppStatus::RESOURCES_EXHAUSTED,
                RmppType::Abort => rmpp.status.is_abort(),
                _ => false,
            };
            assert!(is_right && rmpp.flags == RmppFlags::ACTIVE && rmpp.version == 1, "{rmpp:?}");
        }
        assert!(receivers.len() <= PLACES && (1..4).all(|lid| receivers.len_of(Lid(lid)) <= PER_PEER));
    }
    // Left alone, everything ends and is forgotten.
    for _ in 0..8 * PLACES {
        let Some(at) = receivers.poll_timeout() else { break };
        now = now.max(at);
        while receivers.poll_transmit(now, &mut buffer).is_some() {}
        while receivers.poll_event(now).is_some() {}
    }
    assert!(receivers.is_empty());
}

fn receive(receivers: &mut Receivers<PLACES, CARRY>, now: Duration, peer: RmppPeer, mad: &[u8]) {
    let received = receivers.handle_segment(now, peer, mad);
    let (key, runs) = match received {
        Received::Data(part) => {
            assert!(part.payload.len() <= SEGMENT_LENGTH);
            let records = part.records.clone();
            assert!(records.clone().all(|record| record.len() == part.attribute_offset));
            assert!(records.len() <= 1 + part.payload.len());
            if let Ok(typed) = records.clone().typed::<PathRecord>() {
                assert_eq!(typed.count(), records.len());
            }
            (part.key, !part.is_last)
        }
        Received::Failed(failure) => return assert!(!failure.to_string().is_empty()),
        Received::NotTaken(reason) => return assert!(!reason.to_string().is_empty()),
        Received::Repeated | Received::Early | Received::Turned { .. } | Received::Refused => return,
    };
    assert_eq!(receivers.is_receiving(key), runs);
}

/// A segment that continues where the last one stopped, damaged in some places.
fn next_segment(choices: &mut Bytes<'_>, last: u32, buffer: &mut [u8; MAD_LENGTH]) -> u32 {
    let shape = choices.byte();
    let segment = if shape & 1 != 0 { 1 } else { last.wrapping_add(1) };
    let method = if shape & 2 != 0 { Method::GET_TABLE_RESP } else { Method::GET_TABLE };
    *buffer = template(method, TransactionId(u64::from(shape >> 6)));
    let mut flags = RmppFlags::ACTIVE.0;
    let mut length = 0;
    if segment == 1 {
        flags |= RmppFlags::FIRST.0;
        length = u32::from(choices.byte()) * 20;
    }
    if shape & 4 != 0 {
        flags |= RmppFlags::LAST.0;
        length = u32::from(choices.byte());
    }
    let rmpp = RmppHeader {
        version: 1,
        kind: RmppType::Data,
        response_time: 0,
        flags: RmppFlags(flags),
        status: RmppStatus::NORMAL,
        segment,
        length_or_window: length,
    };
    rmpp.emit(&mut buffer[24..36]).expect("it fits");
    if shape & 8 != 0 {
        let place = usize::from(choices.byte());
        buffer[place] = choices.byte();
    }
    segment
}
