use core::time::Duration;

use alloc::vec::Vec;

use ib_mad::wire::{
    AttributeId, MAD_LENGTH, MadHeader, ManagementClass, Method, RmppFlags, RmppHeader, RmppType, SaHeader,
    SaMad, SaMadView, Status,
};
use ib_mad::{Guid, Lid, PKey, Qpn, ServiceLevel, SmKey, TransactionId, Transmit};

use super::super::Manager;
use crate::standing::{ManagerState, Verdict};
use crate::{Received, Settings};

const NOW: Duration = Duration::from_secs(1_000_000);
const KEY: SmKey = SmKey(0x77);

fn request(method: Method, key: SmKey, rmpp: RmppHeader) -> [u8; MAD_LENGTH] {
    let class = ManagementClass::SUBNET_ADMINISTRATION;
    let header = MadHeader::request(class, method, AttributeId::PATH_RECORD, 0, TransactionId(9));
    let sa = SaHeader { sm_key: key, ..SaHeader::default() };
    SaMad { header, rmpp, sa }.emit_data(&[5; 200])
}

/// A manager whose first sweep has not ended.
fn manager(is_master: bool) -> Manager {
    let mut manager = Manager::new(Settings { sm_key: KEY, ..Settings::new(Guid(1), 7) });
    if is_master {
        assert_eq!(manager.standing.discovered(&[]), Verdict::Manage);
        assert_eq!(manager.state(), ManagerState::Master);
    }
    manager
}

/// What the manager sends to LIDs when LID 5 has sent it this from a queue pair of its own.
fn sent(manager: &mut Manager, from: Lid, mad: &[u8; MAD_LENGTH]) -> Vec<(Transmit, [u8; MAD_LENGTH])> {
    let received = Received {
        from,
        service_level: ServiceLevel::new(3).unwrap(),
        source_qpn: Qpn::new(0x1234).unwrap(),
        p_key: PKey::DEFAULT_FULL,
        source_gid: None,
        mad,
    };
    manager.handle_datagram(NOW, &received);
    let mut out = [0; MAD_LENGTH];
    let all = core::iter::from_fn(|| manager.poll_transmit(NOW, &mut out).map(|to| (to, out)));
    all.filter(|(to, _)| to.to != Lid::PERMISSIVE).collect()
}

#[test]
fn who_asks_before_the_subnet_is_up_is_told_to_ask_again() {
    let question = request(Method::GET_TABLE, SmKey(0), RmppHeader::INACTIVE);
    let answers = sent(&mut manager(true), Lid(5), &question);
    let [(to, mad)] = answers[..] else { panic!("{answers:?}") };
    let back =
        Transmit { to: Lid(5), service_level: ServiceLevel::new(3).unwrap(), qpn: Qpn::new(0x1234).unwrap() };
    assert_eq!(to, back, "to where it came from, and as it came");
    let answer = SaMadView::new(&mad).unwrap();
    assert_eq!((answer.header().method(), answer.header().status()), (Method::GET_TABLE_RESP, Status::BUSY));
    assert_eq!((answer.header().transaction_id(), answer.data()), (TransactionId(9), &[5; 200]));
    assert_eq!(sent(&mut manager(true), Lid(5), &request(Method::SET, KEY, RmppHeader::INACTIVE)).len(), 1);
    // A segment of a question is one; what ends a transfer is none.
    let segment = |kind| RmppHeader { kind, flags: RmppFlags::ACTIVE, ..RmppHeader::INACTIVE };
    let part = request(Method::GET_MULTI, SmKey(0), segment(RmppType::Data));
    assert_eq!(sent(&mut manager(true), Lid(5), &part).len(), 1);
    for silent in [
        request(Method::GET_TABLE, SmKey(0x78), RmppHeader::INACTIVE),
        request(Method::REPORT_RESP, SmKey(0), RmppHeader::INACTIVE),
        request(Method::GET_TABLE, SmKey(0), segment(RmppType::Ack)),
    ] {
        assert_eq!(sent(&mut manager(true), Lid(5), &silent), []);
    }
    assert_eq!(sent(&mut manager(true), Lid::PERMISSIVE, &question), []);
    assert_eq!(sent(&mut manager(false), Lid(5), &question), [], "another one may be the master");
}

#[test]
fn a_flood_before_the_subnet_is_up_is_bounded() {
    let mut manager = manager(true);
    let question = request(Method::GET, SmKey(0), RmppHeader::INACTIVE);
    let received = Received {
        from: Lid(5),
        service_level: ServiceLevel::default(),
        source_qpn: Qpn::GENERAL_SERVICES,
        p_key: PKey::DEFAULT_FULL,
        source_gid: None,
        mad: &question,
    };
    for _ in 0..5000 {
        manager.handle_datagram(NOW, &received);
    }
    assert_eq!(manager.outbox.len(), Manager::OUTBOX);
    assert_eq!(manager.counters().dropped, 5000 - Manager::OUTBOX as u64);
}
