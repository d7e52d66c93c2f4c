//! What outlives an administration.

use core::time::Duration;

use alloc::vec::Vec;

use ib_mad::sa::SaRequest;
use ib_mad::wire::{
    InformInfo, JoinState, McMemberRecord, McMemberRecordQuery, ServiceRecord, ServiceRecordQuery, TrapNumber,
};
use ib_mad::{Gid, PKey, ServiceKey};

use super::testing::{
    Desk, FULL, SM_KEY, change, gid, group, join, leave, membership, mgid, reports, service, subscribe, trees,
};
use super::{AdministrationSettings, AdministrationState, Membership, StateError};

/// A desk with something of everything.
fn busy_desk() -> Desk {
    let mut desk = Desk::new();
    subscribe(&mut desk, 3, TrapNumber::REPATH);
    subscribe(&mut desk, 5, TrapNumber::ALL);
    join(&mut desk, 1, group(mgid(1), gid(1), FULL)).unwrap();
    join(&mut desk, 3, membership(mgid(1), gid(4), JoinState::NON_MEMBER)).unwrap();
    desk.ask::<ServiceRecord>(
        2,
        SaRequest::set(&service(2).service_lease(60).service_key(ServiceKey([3; 16]))),
    )
    .unwrap();
    desk.ask::<ServiceRecord>(4, SaRequest::set(&service(4))).unwrap();
    desk
}

#[test]
fn what_was_registered_survives_a_restart() {
    let mut desk = busy_desk();
    desk.now += Duration::from_secs(10);
    let state = desk.administration.export(desk.now);
    assert_eq!((state.subscriptions.len(), state.groups.len(), state.services.len()), (2, 2, 2));
    let bytes = state.to_bytes();
    assert_eq!(AdministrationState::from_bytes(&bytes), Ok(state.clone()));

    let mut next = Desk::new();
    next.now += Duration::from_secs(5000);
    next.administration.import(next.now, &next.subnet, state.clone());
    assert_eq!(next.administration.export(next.now), state);
    let changed = [(0xC000, [].to_vec(), [].to_vec()), (0xC001, [1, 4].to_vec(), [].to_vec())];
    assert_eq!(trees(&mut next), changed, "its trees are to be built");
    change(&mut next, &[], &[], &[3]);
    assert_eq!(reports(&mut next), [(3, TrapNumber::REPATH)]);
    let proxy = leave(&mut next, 2, membership(mgid(1), gid(4), JoinState::NON_MEMBER)).unwrap();
    assert!(proxy.proxy_join);
    let services: Vec<ServiceRecord> = next
        .ask_with(2, SM_KEY, SaRequest::get_table(&ServiceRecordQuery::new().service_gid(gid(2))))
        .unwrap();
    assert_eq!((services[0].service_lease, services[0].service_key), (50, ServiceKey([3; 16])));
    // What is there already is newer.
    next.administration.import(next.now, &next.subnet, state);
    let group = next.administration.groups().find(|group| group.record.mgid == mgid(1)).unwrap();
    let members: Vec<_> = group.members.iter().map(|(gid, member)| (*gid, *member)).collect();
    assert_eq!(members, [(gid(1), Membership { join_state: FULL, is_proxy: false })]);
}

#[test]
fn a_state_that_is_none_or_was_cut_off_is_named() {
    let desk = busy_desk();
    let bytes = desk.administration.export(desk.now).to_bytes();
    assert_eq!(AdministrationState::from_bytes(&[]), Err(StateError::Foreign));
    assert_eq!(AdministrationState::from_bytes(b"something else entirely"), Err(StateError::Foreign));
    let mut whole = 0;
    for length in 8..bytes.len() {
        match AdministrationState::from_bytes(&bytes[..length]) {
            Ok(_) => whole += 1,
            Err(error) => assert_eq!(error, StateError::Truncated { got: length }),
        }
    }
    assert_eq!(whole, 8, "between two entries: subscriptions, groups, members, services");
    let mut odd = bytes.clone();
    odd[8] = 77;
    assert_eq!(AdministrationState::from_bytes(&odd), Err(StateError::UnknownEntry { kind: 77, offset: 8 }));
    odd[8] = 3;
    assert_eq!(AdministrationState::from_bytes(&odd), Err(StateError::UnknownEntry { kind: 3, offset: 8 }));
}

/// Members of a group that the settings have come back to it, though it is there before them.
#[test]
fn a_group_of_the_settings_has_its_members_again() {
    let mut desk = Desk::new();
    let broadcast = AdministrationSettings::ip_broadcast(PKey::DEFAULT_FULL).mgid;
    for host in [2, 3] {
        join(&mut desk, host, membership(broadcast, gid(host), FULL)).unwrap();
    }
    let state = desk.administration.export(desk.now);
    let mut next = Desk::new();
    trees(&mut next);
    next.administration.import(next.now, &next.subnet, state.clone());
    assert_eq!(next.administration.export(next.now), state);
    assert_eq!(trees(&mut next), [(0xC000, [2, 3].to_vec(), [].to_vec())]);
    // Whoever has joined before the old state comes is not joined by others.
    let mut late = Desk::new();
    join(&mut late, 4, membership(broadcast, gid(4), FULL)).unwrap();
    late.administration.import(late.now, &late.subnet, state);
    let members: Vec<Gid> =
        late.administration.groups().flat_map(|group| group.members.keys().copied()).collect();
    assert_eq!(members, [gid(4)]);
    // What came back counts as joined: it can be left, and then nobody is there.
    for host in [2, 3] {
        leave(&mut next, host, membership(broadcast, gid(host), FULL)).unwrap();
    }
    assert!(next.administration.groups().all(|group| group.members.is_empty()));
}

#[test]
fn another_master_has_what_was_registered() {
    let mut desk = busy_desk();
    desk.events();
    assert!(!reports(&mut desk).is_empty());
    desk.administration.forget();
    let left = desk.administration.export(desk.now);
    assert_eq!((left.subscriptions.len(), left.groups.len(), left.services.len()), (0, 1, 0));
    assert!(left.groups[0].is_permanent);
    assert_eq!(trees(&mut desk), [(0xC001, [].to_vec(), [].to_vec())], "its tree is taken down");
    assert!(reports(&mut desk).is_empty(), "nobody is told");
    desk.now += Duration::from_secs(100);
    desk.administration.handle_timeout(desk.now);
    assert_eq!(desk.administration.poll_timeout(), None, "no lease is left");
}

/// Whoever keeps the state sees by the revision when it has become another one, and by nothing else.
#[test]
fn the_revision_tells_when_there_is_something_to_keep() {
    let mut desk = Desk::new();
    let mut last = desk.administration.revision();
    let mut is_new = |desk: &Desk, expected: bool, what: &str| {
        let now = desk.administration.revision();
        assert_eq!(now != last, expected, "{what}");
        last = now;
    };
    subscribe(&mut desk, 3, TrapNumber::REPATH);
    is_new(&desk, true, "a subscription");
    subscribe(&mut desk, 3, TrapNumber::REPATH);
    is_new(&desk, false, "the same");
    join(&mut desk, 1, group(mgid(1), gid(1), FULL)).unwrap();
    is_new(&desk, true, "a group");
    join(&mut desk, 1, membership(mgid(1), gid(1), FULL)).unwrap();
    is_new(&desk, false, "the same member");
    join(&mut desk, 1, membership(mgid(1), gid(1), JoinState::NON_MEMBER)).unwrap();
    is_new(&desk, true, "another state");
    let lease = SaRequest::set(&service(2).service_lease(60));
    desk.ask::<ServiceRecord>(2, lease).unwrap();
    is_new(&desk, true, "a service");
    let _ = desk.ask::<ServiceRecord>(2, SaRequest::get_table(&ServiceRecordQuery::new()));
    let _ = desk.ask::<McMemberRecord>(2, SaRequest::get_table(&McMemberRecordQuery::new()));
    is_new(&desk, false, "questions");
    desk.now += Duration::from_secs(61);
    desk.administration.handle_timeout(desk.now);
    is_new(&desk, true, "the end of a lease");
    leave(&mut desk, 1, membership(mgid(1), gid(1), FULL)).unwrap();
    is_new(&desk, true, "a member that left");
    let end = InformInfo { subscribe: false, ..InformInfo::subscribe_to(TrapNumber::REPATH) };
    desk.ask::<InformInfo>(3, SaRequest::inform(&end)).unwrap();
    is_new(&desk, true, "a subscription that ended");
    subscribe(&mut desk, 4, TrapNumber::REPATH);
    is_new(&desk, true, "another subscriber");
    change(&mut desk, &[], &[], &[4]);
    // It answers no Report, and is given up.
    let mut mad = [0; 256];
    loop {
        while desk.administration.poll_transmit(desk.now, &mut mad).is_some() {}
        desk.events();
        let Some(due) = desk.administration.poll_timeout() else { break };
        desk.now = due.max(desk.now);
    }
    is_new(&desk, true, "a subscriber that was given up");
    assert_eq!(desk.administration.subscription_count(), 0);
}

quickcheck::quickcheck! {
    fn any_bytes_are_a_state_or_none(bytes: Vec<u8>) -> bool {
        let mut all = b"fhasa\0\0\x01".to_vec();
        all.extend(bytes);
        let read = AdministrationState::from_bytes(&all);
        read.is_err() || read.is_ok_and(|state| AdministrationState::from_bytes(&state.to_bytes()) == Ok(state))
    }
}
