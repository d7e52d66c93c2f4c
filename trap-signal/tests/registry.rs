//! Which subscription hears of which event, and how much a registry takes.

mod support;

use ib_mad::wire::{InformInfo, Notice, NoticeType, Producer, ProducerType, TrapDetails, TrapNumber};
use ib_mad::{Gid, Lid, Qpn, ServiceLevel};
use quickcheck::quickcheck;
use support::gid;
use trap_signal::manager::{RegistryError, RegistryLimits, Subscriber, SubscriptionRegistry, matches};

fn subscriber(lid: u16) -> Subscriber {
    Subscriber {
        gid: gid(Lid(lid)),
        qpn: Qpn::GENERAL_SERVICES,
        lid: Lid(lid),
        service_level: ServiceLevel::default(),
    }
}

fn notice(issuer: u16) -> Notice {
    let details = TrapDetails::LinkStateChange { lid: Lid(issuer) };
    Notice {
        issuer_lid: Lid(issuer),
        issuer_gid: gid(Lid(issuer)),
        ..Notice::generic(NoticeType::URGENT, ProducerType::SWITCH, &details)
    }
}

const EVERYTHING: InformInfo = InformInfo::subscribe_to(TrapNumber::ALL);

fn generic(producer_type: ProducerType, trap_number: TrapNumber) -> Producer {
    Producer::Generic { producer_type, trap_number }
}

#[test]
fn wildcards_and_exact_values() {
    let event = notice(7);
    assert!(matches(&EVERYTHING, &event));
    assert!(matches(&InformInfo::subscribe_to(TrapNumber::LINK_STATE_CHANGE), &event));
    assert!(!matches(&InformInfo::subscribe_to(TrapNumber::REPATH), &event));
    assert!(matches(&InformInfo { notice_type: NoticeType::URGENT, ..EVERYTHING }, &event));
    assert!(!matches(&InformInfo { notice_type: NoticeType::FATAL, ..EVERYTHING }, &event));
    let by = |producer_type| InformInfo { producer: generic(producer_type, TrapNumber::ALL), ..EVERYTHING };
    assert!(matches(&by(ProducerType::SWITCH), &event));
    assert!(!matches(&by(ProducerType::CHANNEL_ADAPTER), &event));
}

#[test]
fn generic_and_vendor_events_are_apart() {
    let vendor = |vendor_id, device_id| Producer::Vendor { vendor_id, device_id };
    let event = Notice { producer: vendor(0x2C9, 26), ..notice(7) };
    assert!(!matches(&EVERYTHING, &event));
    let to = |producer| InformInfo { producer, ..EVERYTHING };
    assert!(!matches(&to(vendor(0xFF_FFFF, 0xFFFF)), &notice(7)));
    assert!(matches(&to(vendor(0xFF_FFFF, 0xFFFF)), &event));
    assert!(matches(&to(vendor(0x2C9, 26)), &event));
    assert!(!matches(&to(vendor(0x2C9, 27)), &event));
    assert!(!matches(&to(vendor(0x2C8, 26)), &event));
}

#[test]
fn a_range_of_lids_counts_only_where_no_port_is_named() {
    let range =
        |begin, end| InformInfo { lid_range_begin: Lid(begin), lid_range_end: Lid(end), ..EVERYTHING };
    for (begin, end, heard) in
        [(7, 7, true), (7, 0, true), (1, 7, true), (8, 9, false), (1, 6, false), (6, 0, false)]
    {
        assert_eq!(matches(&range(begin, end), &notice(7)), heard, "{begin} to {end}");
    }
    let named = InformInfo { gid: gid(Lid(7)), ..range(1, 2) };
    assert!(matches(&named, &notice(7)));
    assert!(!matches(&InformInfo { gid: gid(Lid(8)), ..EVERYTHING }, &notice(7)));
}

#[test]
fn a_queue_pair_hears_once_however_often_it_subscribed() {
    let mut registry = SubscriptionRegistry::new(RegistryLimits::default());
    registry.set(subscriber(3), &EVERYTHING).unwrap();
    registry.set(subscriber(3), &InformInfo::subscribe_to(TrapNumber::LINK_STATE_CHANGE)).unwrap();
    registry.set(subscriber(3), &EVERYTHING).unwrap();
    assert_eq!(registry.len(), 2);
    assert_eq!(registry.matching(&notice(7)), [subscriber(3)]);

    let other_queue_pair = Subscriber { qpn: Qpn::new(9).unwrap(), ..subscriber(3) };
    registry.set(other_queue_pair, &EVERYTHING).unwrap();
    assert_eq!(registry.matching(&notice(7)), [subscriber(3), other_queue_pair]);
}

#[test]
fn a_port_that_moved_is_reached_under_its_new_lid() {
    let mut registry = SubscriptionRegistry::new(RegistryLimits::default());
    registry.set(subscriber(3), &EVERYTHING).unwrap();
    let moved = Subscriber { lid: Lid(30), ..subscriber(3) };
    registry.set(moved, &EVERYTHING).unwrap();
    assert_eq!(registry.matching(&notice(7)), [moved]);
    assert_eq!(registry.remove_port(moved.gid), 1);
    assert!(registry.is_empty());
}

/// What a manager writes down before it restarts, and takes again.
#[test]
fn a_registry_is_made_again_from_its_subscriptions() {
    let mut registry = SubscriptionRegistry::new(RegistryLimits::default());
    let ranged = InformInfo {
        lid_range_begin: Lid(3),
        lid_range_end: Lid(9),
        ..InformInfo::subscribe_to(TrapNumber::GID_IN_SERVICE)
    };
    for (lid, inform) in [(2, InformInfo::subscribe_to(TrapNumber::REPATH)), (2, ranged), (7, ranged)] {
        registry.set(subscriber(lid), &inform).unwrap();
    }
    let mut again = SubscriptionRegistry::new(RegistryLimits::default());
    for (subscriber, inform) in registry.iter() {
        again.set(subscriber, &inform).unwrap();
    }
    assert_eq!((again.len(), &again), (3, &registry));
}

#[test]
fn ports_are_told_where_they_are_and_forgotten_when_they_are_nowhere() {
    let mut registry = SubscriptionRegistry::new(RegistryLimits::default());
    for lid in [2, 7] {
        registry.set(subscriber(lid), &InformInfo::subscribe_to(TrapNumber::REPATH)).unwrap();
    }
    let moved = ServiceLevel::new(3).unwrap();
    registry.relocate(|gid| (gid == subscriber(7).gid).then_some((Lid(70), moved)));
    let left: Vec<_> = registry.iter().map(|(subscriber, _)| subscriber).collect();
    assert_eq!(left, [Subscriber { lid: Lid(70), service_level: moved, ..subscriber(7) }]);
    assert_eq!(registry.len(), 1);
}

#[test]
fn what_cannot_be_done_is_named() {
    let mut registry = SubscriptionRegistry::new(RegistryLimits { per_port: 1, total: 2 });
    let give_up = InformInfo { subscribe: false, ..EVERYTHING };
    assert_eq!(registry.set(subscriber(3), &give_up), Err(RegistryError::Unknown(gid(Lid(3)))));
    let empty = InformInfo { lid_range_begin: Lid(9), lid_range_end: Lid(8), ..EVERYTHING };
    assert_eq!(
        registry.set(subscriber(3), &empty),
        Err(RegistryError::EmptyRange { begin: Lid(9), end: Lid(8) })
    );
    registry.set(subscriber(3), &EVERYTHING).unwrap();
    let second = InformInfo::subscribe_to(TrapNumber::REPATH);
    assert_eq!(registry.set(subscriber(3), &second), Err(RegistryError::PortFull(gid(Lid(3)))));
    registry.set(subscriber(4), &EVERYTHING).unwrap();
    assert_eq!(registry.set(subscriber(5), &EVERYTHING), Err(RegistryError::Full));
    registry.set(subscriber(3), &give_up).unwrap();
    registry.set(subscriber(5), &EVERYTHING).unwrap();
    assert_eq!(registry.len(), 2);
}

quickcheck! {
    /// The registry against a list that is searched from end to end.
    fn behaves_like_a_list(operations: Vec<(u8, u8, bool)>, issuer: u8) -> bool {
        let mut registry = SubscriptionRegistry::new(RegistryLimits { per_port: 4, total: 12 });
        let mut list: Vec<(Gid, InformInfo)> = Vec::new();
        for (port, interest, subscribe) in operations {
            let who = subscriber(u16::from(port % 6));
            let trap_number = [TrapNumber::ALL, TrapNumber::REPATH, TrapNumber::LINK_STATE_CHANGE][usize::from(interest % 3)];
            let begin = Lid(1 + u16::from(interest / 3 % 4));
            let inform = InformInfo {
                lid_range_begin: begin,
                lid_range_end: Lid(begin.0 + u16::from(interest / 12 % 4)),
                subscribe: true,
                ..InformInfo::subscribe_to(trap_number)
            };
            let place = list.iter().position(|held| *held == (who.gid, inform));
            let of_port = list.iter().filter(|held| held.0 == who.gid).count();
            let expected = match (subscribe, place) {
                (true, Some(_)) => true,
                (true, None) if of_port >= 4 || list.len() >= 12 => false,
                (true, None) => { list.push((who.gid, inform)); true }
                (false, Some(place)) => { list.remove(place); true }
                (false, None) => false,
            };
            if registry.set(who, &InformInfo { subscribe, ..inform }).is_ok() != expected || registry.len() != list.len() {
                return false;
            }
        }
        let event = notice(u16::from(issuer % 8));
        let mut expected: Vec<_> = list.iter().filter(|held| matches(&held.1, &event)).map(|held| held.0).collect();
        expected.sort();
        expected.dedup();
        registry.matching(&event).iter().map(|who| who.gid).collect::<Vec<_>>() == expected
    }
}
