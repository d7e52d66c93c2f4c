use alloc::vec::Vec;
use core::time::Duration;

use super::example_test::{START, peer, rmpp, segments, table, template};
use super::{Received, ReceiverLimits, Receivers, RmppFailure, TransferKey};
use crate::types::{Lid, TransactionId};
use crate::wire::{MAD_LENGTH, ManagementClass, Method, PathRecord, RmppStatus, RmppType};

const LIMITS: ReceiverLimits = ReceiverLimits::DEFAULT;

/// Two of one peer, five in all.
fn receivers() -> Receivers<5, 64> {
    Receivers::new(LIMITS, 2)
}

fn table_of(transaction: u64) -> Vec<[u8; MAD_LENGTH]> {
    segments(&template(transaction, 8), &table(10))
}

fn key(lid: u16, transaction: u64) -> TransferKey {
    TransferKey {
        peer: Lid(lid),
        class: ManagementClass::SUBNET_ADMINISTRATION,
        transaction_id: TransactionId(transaction),
        method: Method::GET_TABLE_RESP,
    }
}

/// Take a segment; the records that come of it, and what goes out, and to whom.
fn take<const N: usize>(
    receivers: &mut Receivers<N, 64>,
    now: Duration,
    from: u16,
    mad: &[u8],
) -> (Vec<u16>, Vec<(u16, RmppType)>) {
    let mut lids = Vec::new();
    if let Received::Data(part) = receivers.handle_segment(now, peer(from), mad) {
        lids.extend(part.records.typed::<PathRecord>().unwrap().map(|path| path.destination_lid().0));
    }
    let mut buffer = [0xFF; MAD_LENGTH];
    let mut out = Vec::new();
    while let Some(transmit) = receivers.poll_transmit(now, &mut buffer) {
        out.push((transmit.to.0, rmpp(&buffer).kind));
    }
    (lids, out)
}

#[test]
fn transfers_that_interleave_do_not_mix() {
    let mut receivers = receivers();
    let mut got: [Vec<u16>; 3] = [const { Vec::new() }; 3];
    for number in 0..4 {
        for (place, (from, transaction)) in [(1, 5), (1, 6), (2, 5)].into_iter().enumerate() {
            let (lids, out) = take(&mut receivers, START, from, &table_of(transaction)[number]);
            got[place].extend(lids);
            assert!(out.iter().all(|to| *to == (from, RmppType::Ack)));
        }
    }
    assert!(got.iter().all(|lids| *lids == (1..=10).collect::<Vec<_>>()));
    assert_eq!((receivers.len(), receivers.len_of(Lid(1))), (3, 2));
    assert_eq!(receivers.poll_timeout(), Some(START + LIMITS.linger));
    assert_eq!(receivers.poll_event(START + LIMITS.linger), None);
    assert!(receivers.is_empty() && receivers.poll_timeout().is_none());
}

#[test]
fn thousands_of_half_open_transfers_take_the_share_of_their_peer() {
    let mut receivers = receivers();
    let innocent = table_of(1);
    let _ = take(&mut receivers, START, 9, &innocent[0]);
    for transaction in 0..3000 {
        let (lids, out) = take(&mut receivers, START, 1, &table_of(transaction)[0]);
        let expected = if transaction < 2 { RmppType::Ack } else { RmppType::Stop };
        assert_eq!(out, [(1, expected)]);
        assert_eq!(lids.is_empty(), transaction >= 2);
    }
    assert_eq!((receivers.len(), receivers.len_of(Lid(1))), (3, 2));
    for mad in &innocent[1..] {
        assert!(!take(&mut receivers, START, 9, mad).0.is_empty());
    }
    // They end with the total time, and their sender is told.
    let end = START + LIMITS.total_time;
    let expired: Vec<_> = core::iter::from_fn(|| receivers.poll_event(end)).collect();
    assert_eq!(expired.iter().map(|expired| expired.key).collect::<Vec<_>>(), [key(1, 0), key(1, 1)]);
    let failure = RmppFailure::Here(RmppStatus::TOTAL_TIME_TOO_LONG);
    assert!(expired.iter().all(|expired| expired.failure == failure));
    assert_eq!(take(&mut receivers, end, 1, &[]).1, [(1, RmppType::Abort); 2]);
}

#[test]
fn ended_transfers_make_room_those_that_run_do_not() {
    let mut receivers = receivers();
    for mad in &table_of(1) {
        let _ = take(&mut receivers, START, 1, mad);
    }
    let _ = take(&mut receivers, START, 1, &table_of(2)[0]);
    assert_eq!(take(&mut receivers, START, 1, &table_of(3)[0]).1, [(1, RmppType::Ack)]);
    assert!(receivers.is_receiving(key(1, 2)) && receivers.is_receiving(key(1, 3)));
    assert_eq!(take(&mut receivers, START, 1, &table_of(4)[0]).1, [(1, RmppType::Stop)]);
    // All places are taken: the same.
    for from in [2, 3, 4] {
        assert_eq!(take(&mut receivers, START, from, &table_of(1)[0]).1, [(from, RmppType::Ack)]);
    }
    assert_eq!(take(&mut receivers, START, 5, &table_of(1)[0]).1, [(5, RmppType::Stop)]);
    assert!(receivers.abort(START, key(3, 1), RmppStatus::UNSPECIFIED));
    assert!(!receivers.abort(START, key(3, 1), RmppStatus::UNSPECIFIED));
    assert_eq!(take(&mut receivers, START, 5, &[]).1, [(3, RmppType::Abort)]);
    assert_eq!(take(&mut receivers, START, 5, &table_of(1)[0]).1, [(5, RmppType::Ack)]);
    assert!(!receivers.is_receiving(key(3, 1)) && receivers.is_receiving(key(4, 1)));
    assert_eq!(receivers.len(), 5);
}

#[test]
fn segments_of_no_transfer_change_nothing() {
    let mut receivers = receivers();
    let before = receivers.clone();
    assert_eq!(take(&mut receivers, Duration::ZERO, 1, &table_of(1)[1]), (Vec::new(), Vec::new()));
    assert_eq!(receivers, before);
}

#[test]
fn one_fault_ends_one_transfer() {
    let mut receivers = receivers();
    for transaction in [1, 2] {
        let _ = take(&mut receivers, START, 1, &table_of(transaction)[0]);
    }
    let mut bad = table_of(1)[1];
    bad[24] = 9;
    assert_eq!(take(&mut receivers, START, 1, &bad).1, [(1, RmppType::Abort)]);
    assert!(!receivers.is_receiving(key(1, 1)) && receivers.is_receiving(key(1, 2)));
    assert!(!take(&mut receivers, START, 1, &table_of(2)[1]).0.is_empty());
}
