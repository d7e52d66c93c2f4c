use core::time::Duration;

use alloc::vec::Vec;

use ib_mad::sa::SaRequest;
use ib_mad::wire::{
    Attribute, InformInfo, InformInfoRecord, InformInfoRecordQuery, JoinState, MKeyViolation, McMemberRecord,
    McMemberRecordQuery, Notice, NoticeType, PathChange, PathRecord, PathRecordQuery, ProducerType,
    SaMadView, ServiceName, ServiceRecord, ServiceRecordQuery, Status, TrapDetails, TrapNumber,
};
use ib_mad::{Gid, Lid, MKey, Mtu, PKey, QKey, Rate, Selector, ServiceKey, ServiceLevel, SmKey};

use trap_signal::manager::RegistryLimits;

use super::testing::{
    Desk, FULL, OTHER_PARTITION, SM_KEY, change, gid, group, join, leave, membership, mgid, reports, service,
    subscribe, trees,
};
use super::{AdministrationSettings, TrapError};

#[test]
fn a_group_lives_from_its_first_full_member_to_its_last() {
    let mut desk = Desk::new();
    trees(&mut desk);
    for host in [2, 3] {
        subscribe(&mut desk, host, TrapNumber::MULTICAST_GROUP_CREATED);
        subscribe(&mut desk, host, TrapNumber::MULTICAST_GROUP_DELETED);
    }
    // Nobody but a full member makes a group, and not without what a group has to have.
    let state = JoinState::NON_MEMBER;
    assert_eq!(join(&mut desk, 1, group(mgid(1), gid(1), state)), Err(Status::INVALID_REQUEST));
    let bare = membership(mgid(1), gid(1), FULL);
    assert_eq!(join(&mut desk, 1, bare), Err(Status::INSUFFICIENT_COMPONENTS));
    assert_eq!(
        join(&mut desk, 1, McMemberRecordQuery::new().mgid(mgid(1))),
        Err(Status::INSUFFICIENT_COMPONENTS)
    );

    let made = join(&mut desk, 1, group(mgid(1), gid(1), FULL)).unwrap();
    assert_eq!((made.mlid, made.q_key, made.mtu, made.rate), (Lid(0xC001), QKey(7), Mtu(5), Rate(3)));
    assert_eq!((made.join_state, made.proxy_join, made.packet_lifetime.0), (FULL, false, 18));
    assert_eq!(trees(&mut desk), [(0xC001, [1].to_vec(), [].to_vec())]);
    let created = TrapNumber::MULTICAST_GROUP_CREATED;
    assert_eq!(reports(&mut desk), [(2, created), (3, created)]);

    let joined = join(&mut desk, 4, membership(mgid(1), gid(4), JoinState::SEND_ONLY_NON_MEMBER)).unwrap();
    assert_eq!((joined.mlid, joined.q_key), (Lid(0xC001), QKey(7)));
    join(&mut desk, 3, membership(mgid(1), gid(3), JoinState::NON_MEMBER)).unwrap();
    assert_eq!(trees(&mut desk), [(0xC001, [1, 3].to_vec(), [4].to_vec())]);
    // Joining again adds to the membership.
    assert_eq!(join(&mut desk, 4, membership(mgid(1), gid(4), FULL)).unwrap().join_state, JoinState(5));
    leave(&mut desk, 1, membership(mgid(1), gid(1), FULL)).unwrap();
    assert_eq!(trees(&mut desk), [(0xC001, [3, 4].to_vec(), [].to_vec())]);
    assert_eq!(leave(&mut desk, 1, membership(mgid(1), gid(1), FULL)), Err(Status::INVALID_REQUEST));
    assert_eq!(reports(&mut desk), []);
    leave(&mut desk, 4, membership(mgid(1), gid(4), FULL)).unwrap();
    assert_eq!(
        trees(&mut desk),
        [(0xC001, [].to_vec(), [].to_vec())],
        "the others are out with the last full one"
    );
    let deleted = TrapNumber::MULTICAST_GROUP_DELETED;
    assert_eq!(reports(&mut desk), [(2, deleted), (3, deleted)]);
    assert_eq!(desk.administration.groups().count(), 1);
}

#[test]
fn who_joins_has_to_fit_the_group() {
    let mut desk = Desk::new();
    let made = group(mgid(1), gid(1), FULL).mtu(Selector::Exactly, Mtu(4)).rate(Selector::LessThan, Rate(3));
    let made = join(&mut desk, 1, made).unwrap();
    assert_eq!((made.mtu, made.rate), (Mtu(4), Rate(5)), "the best of what is asked for: 5 Gbit/s");
    let joining = || membership(mgid(1), gid(2), FULL);
    for wrong in [
        joining().q_key(QKey(8)),
        joining().p_key(OTHER_PARTITION),
        joining().mtu(Selector::GreaterThan, Mtu(4)),
        joining().rate(Selector::Exactly, Rate(3)),
        joining().service_level(ServiceLevel::new(1).unwrap()),
        joining().flow_label(1),
        joining().traffic_class(1),
        joining().mlid(Lid(0xC009)),
        membership(mgid(1), gid(2), JoinState(0)),
    ] {
        assert_eq!(join(&mut desk, 2, wrong), Err(Status::INVALID_REQUEST), "{wrong:?}");
    }
    assert_eq!(
        join(&mut desk, 6, membership(mgid(1), gid(6), FULL)),
        Err(Status::INVALID_REQUEST),
        "partition"
    );
    assert_eq!(join(&mut desk, 2, membership(mgid(1), gid(99), FULL)), Err(Status::INVALID_GID));
    let at = desk.subnet.end_port(Lid(2)).unwrap();
    desk.subnet.port_mut(at).unwrap().info.neighbor_mtu = Mtu(3);
    assert_eq!(join(&mut desk, 2, joining()), Err(Status::INVALID_REQUEST), "its link is too narrow");
    desk.subnet.port_mut(at).unwrap().info.neighbor_mtu = Mtu(4);
    join(&mut desk, 2, joining().p_key(PKey::DEFAULT_LIMITED).mtu(Selector::LessThan, Mtu(5))).unwrap();
    let asked = group(mgid(2), gid(1), FULL).mtu(Selector::GreaterThan, Mtu(5));
    assert_eq!(join(&mut desk, 1, asked), Err(Status::INVALID_REQUEST), "no link has more");
    for wrong in [Gid([0xFE; 16]), Gid([0xFF; 16]), {
        let mut own = mgid(1).0;
        own[2..4].copy_from_slice(&[0xA0, 0x1B]);
        Gid(own)
    }] {
        assert_eq!(join(&mut desk, 1, group(wrong, gid(1), FULL)), Err(Status::INVALID_REQUEST), "{wrong}");
    }
}

#[test]
fn a_port_is_taken_out_only_by_itself_unless_it_was_put_in() {
    let mut desk = Desk::new();
    join(&mut desk, 1, group(mgid(1), gid(1), FULL)).unwrap();
    join(&mut desk, 2, membership(mgid(1), gid(2), FULL)).unwrap();
    assert_eq!(leave(&mut desk, 3, membership(mgid(1), gid(2), FULL)), Err(Status::DENIED));
    assert!(join(&mut desk, 3, membership(mgid(1), gid(4), FULL)).unwrap().proxy_join);
    leave(&mut desk, 2, membership(mgid(1), gid(4), FULL)).unwrap();
    assert_eq!(
        join(&mut desk, 6, membership(mgid(1), gid(4), FULL)),
        Err(Status::DENIED),
        "no partition in common"
    );
    // The manager's own tools may.
    let request = SaRequest::delete(&membership(mgid(1), gid(2), FULL));
    assert!(desk.ask_with::<McMemberRecord>(3, SM_KEY, request).is_ok());
    // Who is trusted sees the members, others the groups, and a member that they name.
    let all: Vec<McMemberRecord> =
        desk.ask_with(3, SM_KEY, SaRequest::get_table(&McMemberRecordQuery::new().mgid(mgid(1)))).unwrap();
    assert_eq!(all.iter().map(|member| member.port_gid).collect::<Vec<_>>(), [gid(1)]);
    let groups: Vec<McMemberRecord> = desk
        .ask(3, SaRequest::get_table(&McMemberRecordQuery::new().mtu(Selector::GreaterThan, Mtu(4))))
        .unwrap();
    assert_eq!((groups.len(), groups[0].port_gid, groups[0].join_state), (1, Gid::UNSPECIFIED, JoinState(0)));
    let named: Vec<McMemberRecord> =
        desk.ask(3, SaRequest::get(&McMemberRecordQuery::new().port_gid(gid(1)))).unwrap();
    assert_eq!((named[0].mgid, named[0].join_state), (mgid(1), FULL));
    // The way to a group is the same from everywhere.
    let query = PathRecordQuery::new().source_gid(gid(3)).destination_gid(mgid(1));
    let path: Vec<PathRecord> = desk.ask(3, SaRequest::get(&query)).unwrap();
    assert_eq!((path[0].destination_lid, path[0].source_lid, path[0].mtu), (Lid(0xC001), Lid(3), Mtu(5)));
}

/// The switches forward four multicast LIDs; the group of broadcasts has one.
#[test]
fn multicast_lids_that_are_used_up_are_told_and_come_back() {
    let mut desk = Desk::new();
    for number in 1..=3 {
        let made = join(&mut desk, 1, group(mgid(number), gid(1), FULL)).unwrap();
        assert_eq!(made.mlid, Lid(0xC000 + u16::from(number)));
    }
    assert_eq!(join(&mut desk, 1, group(mgid(4), gid(1), FULL)), Err(Status::NO_RESOURCES));
    assert_eq!(desk.administration.groups().count(), 4);
    // The rest works on.
    join(&mut desk, 2, membership(mgid(2), gid(2), FULL)).unwrap();
    leave(&mut desk, 1, membership(mgid(1), gid(1), FULL)).unwrap();
    assert_eq!(join(&mut desk, 1, group(mgid(4), gid(1), FULL)).unwrap().mlid, Lid(0xC001));
    // Cycles of joining as two kinds of member and leaving as both cost nothing.
    for _ in 0..2000 {
        leave(&mut desk, 1, membership(mgid(4), gid(1), JoinState(9))).unwrap();
        join(&mut desk, 1, group(mgid(4), gid(1), JoinState(9))).unwrap();
    }
    assert_eq!(desk.administration.groups().count(), 4);
}

#[test]
fn administration_makes_up_group_ids_and_bounds_what_one_port_joins() {
    let mut settings = AdministrationSettings::new(SM_KEY, 1);
    settings.limits.groups_per_port = 2;
    let mut desk = Desk::with(settings);
    let one = join(&mut desk, 1, group(Gid::UNSPECIFIED, gid(1), FULL)).unwrap();
    let two = join(&mut desk, 1, group(Gid::UNSPECIFIED, gid(1), FULL).scope(5)).unwrap();
    assert_eq!((one.mgid.0[..4].to_vec(), one.scope), ([0xFF, 0x12, 0xA0, 0x1B].to_vec(), 2));
    assert_eq!((two.mgid.0[..4].to_vec(), two.scope), ([0xFF, 0x15, 0xA0, 0x1B].to_vec(), 5));
    assert_ne!(one.mgid.0[12..], two.mgid.0[12..]);
    assert_eq!(join(&mut desk, 1, group(mgid(1), gid(1), FULL)), Err(Status::NO_RESOURCES));
    join(&mut desk, 2, membership(one.mgid, gid(2), FULL)).unwrap();
    join(&mut desk, 1, membership(one.mgid, gid(1), FULL)).unwrap();
}

#[test]
fn services_last_as_long_as_their_lease() {
    let mut desk = Desk::new();
    let set = |desk: &mut Desk, host, query: ServiceRecordQuery| {
        desk.ask::<ServiceRecord>(host, SaRequest::set(&query)).map(|records| records[0])
    };
    let found = |desk: &mut Desk, query: ServiceRecordQuery| {
        desk.ask::<ServiceRecord>(3, SaRequest::get_table(&query)).unwrap()
    };
    let name = || ServiceRecordQuery::new().service_name(ServiceName::new("store"));
    let key = ServiceKey([9; 16]);
    assert_eq!(
        set(&mut desk, 2, ServiceRecordQuery::new().service_id(1)),
        Err(Status::INSUFFICIENT_COMPONENTS)
    );
    assert_eq!(set(&mut desk, 2, service(99)), Err(Status::INVALID_GID));
    assert_eq!(set(&mut desk, 6, service(2)), Err(Status::DENIED));
    assert_eq!(set(&mut desk, 2, service(2).service_p_key(OTHER_PARTITION)), Err(Status::INVALID_REQUEST));
    let words = [Some(1), None, Some(3), None];
    set(&mut desk, 2, service(2).service_lease(60).service_key(key).data32(words)).unwrap();
    assert_eq!(set(&mut desk, 4, service(4)).unwrap().service_lease, u32::MAX);
    let records = found(&mut desk, name());
    assert_eq!(records.len(), 2);
    assert_eq!((records[0].service_key, records[0].data32), (ServiceKey::default(), [1, 0, 3, 0]));
    assert_eq!(found(&mut desk, name().data32([None, None, Some(3), None])).len(), 1);
    // Half of its time later it is renewed, by who has the key.
    desk.now += Duration::from_secs(40);
    desk.administration.handle_timeout(desk.now);
    assert_eq!(found(&mut desk, name())[0].service_lease, 20);
    assert_eq!(set(&mut desk, 2, service(2).service_lease(60)), Err(Status::DENIED));
    set(&mut desk, 2, service(2).service_lease(60).service_key(key)).unwrap();
    desk.now += Duration::from_secs(40);
    desk.administration.handle_timeout(desk.now);
    assert_eq!(found(&mut desk, name()).len(), 2);
    assert_eq!(desk.administration.poll_timeout(), Some(desk.now + Duration::from_secs(20)));
    desk.now += Duration::from_secs(20);
    desk.administration.handle_timeout(desk.now);
    assert_eq!(
        found(&mut desk, name()).iter().map(|record| record.service_gid).collect::<Vec<_>>(),
        [gid(4)]
    );
    let delete = |query: ServiceRecordQuery| SaRequest::delete(&query);
    assert_eq!(desk.ask::<ServiceRecord>(2, delete(service(2))), Err(Status::NO_RECORDS));
    assert_eq!(desk.ask::<ServiceRecord>(2, delete(name())), Err(Status::INSUFFICIENT_COMPONENTS));
    assert_eq!(desk.ask::<ServiceRecord>(4, delete(service(4))).unwrap().len(), 1);
    assert_eq!(found(&mut desk, name()).len(), 0);
    set(&mut desk, 2, service(2).service_key(key)).unwrap();
    assert_eq!(desk.ask::<ServiceRecord>(3, delete(service(2))), Err(Status::DENIED), "without its key");
}

#[test]
fn one_port_registers_so_many_services_and_no_more() {
    let mut settings = AdministrationSettings::new(SM_KEY, 1);
    settings.limits.services_per_port = 2;
    let mut desk = Desk::with(settings);
    let mut set =
        |host, id| desk.ask::<ServiceRecord>(host, SaRequest::set(&service(host).service_id(id))).map(|_| ());
    assert_eq!([set(2, 1), set(2, 2), set(2, 2)], [Ok(()); 3]);
    assert_eq!(set(2, 3), Err(Status::NO_RESOURCES));
    assert_eq!(set(3, 3), Ok(()));
}

#[test]
fn subscribers_are_told_what_concerns_them() {
    let mut desk = Desk::new();
    for host in [2, 3, 5, 6] {
        for trap in [
            TrapNumber::GID_IN_SERVICE,
            TrapNumber::GID_OUT_OF_SERVICE,
            TrapNumber::REPATH,
            TrapNumber::UNPATH,
        ] {
            subscribe(&mut desk, host, trap);
        }
    }
    // Host 6 does not know of host 4, with which it has no partition in common.
    change(&mut desk, &[4], &[], &[]);
    let (inside, outside) = (TrapNumber::GID_IN_SERVICE, TrapNumber::GID_OUT_OF_SERVICE);
    assert_eq!(reports(&mut desk), [(2, inside), (3, inside), (5, inside)]);
    change(&mut desk, &[], &[], &[2, 5]);
    assert_eq!(reports(&mut desk), [(2, TrapNumber::REPATH), (5, TrapNumber::REPATH)]);
    desk.administration.paths_failed(&desk.subnet, [gid(3)].into());
    assert_eq!(reports(&mut desk), [(3, TrapNumber::UNPATH)]);
    // A host that moves to another LID is told there.
    let at = desk.subnet.end_port(Lid(2)).unwrap();
    desk.subnet.assign_lid(at, Lid(20), 0).unwrap();
    change(&mut desk, &[], &[], &[2]);
    assert_eq!(reports(&mut desk), [(20, TrapNumber::REPATH)]);
    // One that is gone is told nothing, and is forgotten.
    desk.subnet.set_port(at, ib_mad::Guid(0x999), ib_mad::wire::PortInfo::default()).unwrap();
    change(&mut desk, &[], &[2], &[2]);
    assert_eq!(reports(&mut desk), [(3, outside), (5, outside), (6, outside)]);
    assert_eq!(desk.administration.subscription_count(), 3 * 4);
}

#[test]
fn a_host_cannot_forge_what_only_administration_tells() {
    let mut desk = Desk::new();
    subscribe(&mut desk, 3, TrapNumber::ALL);
    let notice = |trap: &TrapDetails| Notice::generic(NoticeType::URGENT, ProducerType::SWITCH, trap);
    for trap in [
        TrapDetails::RePath(PathChange::default()),
        TrapDetails::UnPath(PathChange::default()),
        TrapDetails::GidInService { gid: gid(2) },
        TrapDetails::MulticastGroupDeleted { mgid: mgid(1) },
    ] {
        let forged = desk.administration.forward_trap(&desk.subnet, Lid(2), &notice(&trap));
        assert_eq!(forged, Err(TrapError::Forged));
    }
    let trap = notice(&TrapDetails::LinkStateChange { lid: Lid(7) });
    let unknown = desk.administration.forward_trap(&desk.subnet, Lid(99), &trap);
    assert_eq!(unknown, Err(TrapError::UnknownPort(Lid(99))));
    assert_eq!(desk.administration.forward_trap(&desk.subnet, Lid(7), &trap), Ok(1));
    let mut out = [0; 256];
    let to = desk.administration.poll_transmit(desk.now, &mut out).unwrap();
    let told = Notice::parse(SaMadView::new(&out).unwrap().data()).unwrap();
    assert_eq!((to.to, told.issuer_lid, told.trap()), (Lid(3), Lid(7), trap.trap()));
    assert_eq!(told.issuer_gid.guid().0, 0x207);
}

#[test]
fn a_port_that_is_gone_is_in_no_group() {
    let mut desk = Desk::new();
    join(&mut desk, 1, group(mgid(1), gid(1), FULL)).unwrap();
    join(&mut desk, 4, membership(mgid(1), gid(4), FULL)).unwrap();
    join(&mut desk, 4, group(mgid(2), gid(4), FULL)).unwrap();
    trees(&mut desk);
    change(&mut desk, &[], &[4], &[]);
    assert_eq!(trees(&mut desk), [(0xC001, [1].to_vec(), [].to_vec()), (0xC002, [].to_vec(), [].to_vec())]);
    let left: Vec<Gid> = desk.administration.groups().map(|group| group.record.mgid).collect();
    assert!(left.contains(&mgid(1)) && !left.contains(&mgid(2)), "its own ended with it");
}

/// What somebody tried as a key may be almost one.
#[test]
fn a_key_that_was_tried_is_told_to_nobody() {
    let mut desk = Desk::new();
    subscribe(&mut desk, 3, TrapNumber::BAD_M_KEY);
    let nothing = TrapDetails::from_data_details(TrapNumber::BAD_M_KEY, &[0; 54]);
    let TrapDetails::BadMKey(hidden) = nothing else { panic!("{nothing:?}") };
    let violation = MKeyViolation { m_key: MKey(0x5EC2), ..hidden };
    let trap = Notice::generic(NoticeType::SECURITY, ProducerType::SWITCH, &TrapDetails::BadMKey(violation));
    assert_eq!(desk.administration.forward_trap(&desk.subnet, Lid(7), &trap), Ok(1));
    let mut out = [0; 256];
    desk.administration.poll_transmit(desk.now, &mut out).unwrap();
    let told = Notice::parse(SaMadView::new(&out).unwrap().data()).unwrap().trap();
    assert_eq!(told, Some(TrapDetails::BadMKey(hidden)));
}

#[test]
fn groups_are_reported_inside_their_partition() {
    let mut desk = Desk::new();
    for host in [3, 5, 6] {
        subscribe(&mut desk, host, TrapNumber::MULTICAST_GROUP_CREATED);
    }
    join(&mut desk, 1, group(mgid(1), gid(1), FULL)).unwrap();
    let created = TrapNumber::MULTICAST_GROUP_CREATED;
    assert_eq!(reports(&mut desk), [(3, created), (5, created)], "host 6 is in another one");
    join(&mut desk, 6, group(mgid(2), gid(6), FULL).p_key(OTHER_PARTITION)).unwrap();
    assert_eq!(reports(&mut desk), [(5, created), (6, created)], "host 5 is in both");
}

#[test]
fn one_port_has_so_many_subscriptions_and_no_more() {
    let mut settings = AdministrationSettings::new(SM_KEY, 1);
    settings.limits.subscriptions = RegistryLimits { per_port: 2, total: 3 };
    let mut desk = Desk::with(settings);
    let mut set = |host, trap| {
        let inform = InformInfo::subscribe_to(trap);
        desk.ask::<InformInfo>(host, SaRequest::inform(&inform)).map(drop)
    };
    for trap in [TrapNumber::REPATH, TrapNumber::UNPATH, TrapNumber::REPATH] {
        assert_eq!(set(2, trap), Ok(()), "the same again costs nothing");
    }
    assert_eq!(set(2, TrapNumber::GID_IN_SERVICE), Err(Status::NO_RESOURCES));
    assert_eq!(set(3, TrapNumber::GID_IN_SERVICE), Ok(()), "others are not held up");
    assert_eq!(set(4, TrapNumber::GID_IN_SERVICE), Err(Status::NO_RESOURCES), "but for what all may have");
    assert_eq!(desk.administration.subscription_count(), 3);
}

#[test]
fn subscriptions_are_records_too() {
    let mut desk = Desk::new();
    subscribe(&mut desk, 3, TrapNumber::REPATH);
    subscribe(&mut desk, 3, TrapNumber::GID_IN_SERVICE);
    subscribe(&mut desk, 6, TrapNumber::REPATH);
    let all = SaRequest::get_table(&InformInfoRecordQuery::new());
    let mut records: Vec<InformInfoRecord> = desk.ask(2, all).unwrap();
    records.sort();
    assert_eq!(
        records.iter().map(|one| (one.subscriber_gid, one.subscriber_enum)).collect::<Vec<_>>(),
        [(gid(3), 0), (gid(3), 1)]
    );
    let producer = InformInfo::subscribe_to(TrapNumber::REPATH).producer;
    let one = InformInfoRecordQuery::new().subscriber_gid(gid(3)).producer(producer);
    let found: Vec<InformInfoRecord> = desk.ask(3, SaRequest::get(&one)).unwrap();
    assert_eq!(found[0].inform_info.producer, producer);
    let end = InformInfo { subscribe: false, ..InformInfo::subscribe_to(TrapNumber::REPATH) };
    desk.ask::<InformInfo>(3, SaRequest::inform(&end)).unwrap();
    assert_eq!(desk.ask::<InformInfoRecord>(3, SaRequest::get(&one)), Err(Status::NO_RECORDS));
    assert_eq!(desk.ask::<InformInfo>(3, SaRequest::inform(&end)), Err(Status::INVALID_REQUEST));
}

/// Who presents no key gets the manager's key from nobody.
#[test]
fn keys_are_not_shown() {
    let text = alloc::format!("{:?}", Desk::new().administration);
    assert!(!text.contains("6209255") && !text.to_lowercase().contains("5ec2e7"), "{text}");
    assert_ne!(SM_KEY, SmKey(0));
}
