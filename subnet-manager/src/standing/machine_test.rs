use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use ib_mad::Guid;
use ib_mad::wire::SmState;

use super::machine::{Found, ManagerState, Rank, Request, Standing, Verdict};

const OWN: Rank = Rank { priority: 5, guid: Guid(50) };

fn other(priority: u8, guid: u64, state: SmState) -> Found {
    Found { rank: Rank { priority, guid: Guid(guid) }, state }
}

/// A manager in each of the states.
fn all() -> [Standing; 4] {
    let discovering = Standing::new(OWN);
    let (mut standby, mut master) = (discovering.clone(), discovering.clone());
    standby.discovered(&[other(5, 9, SmState::MASTER)]);
    master.discovered(&[]);
    let mut still = standby.clone();
    assert!(still.told(Guid(9), Request::Disable));
    [still, discovering, standby, master]
}

#[test]
fn priority_first_then_the_lower_guid() {
    let rank = |priority, guid| Rank { priority, guid: Guid(guid) };
    assert!(rank(6, 99) > OWN && rank(4, 1) < OWN);
    assert!(rank(5, 49) > OWN && rank(5, 51) < OWN);
}

#[test]
fn the_whole_of_what_managers_tell_each_other() {
    let requests =
        [Request::Handover, Request::Acknowledge, Request::Disable, Request::Standby, Request::Discover];
    let table: Vec<String> = all()
        .iter()
        .flat_map(|standing| {
            requests.map(|request| {
                let mut after = standing.clone();
                let is_taken = after.told(Guid(9), request);
                assert_eq!(Request::from_modifier(request.modifier()), Some(request));
                let end = if is_taken { format!("{:?}", after.state()) } else { "refused".into() };
                format!("{:?} {request:?} {end}", standing.state())
            })
        })
        .collect();
    assert_eq!(
        table,
        [
            "NotActive Handover refused",
            "NotActive Acknowledge refused",
            "NotActive Disable refused",
            "NotActive Standby Standby",
            "NotActive Discover refused",
            "Discovering Handover Discovering",
            "Discovering Acknowledge refused",
            "Discovering Disable refused",
            "Discovering Standby refused",
            "Discovering Discover refused",
            "Standby Handover Discovering",
            "Standby Acknowledge refused",
            "Standby Disable NotActive",
            "Standby Standby refused",
            "Standby Discover Discovering",
            "Master Handover Master",
            "Master Acknowledge refused",
            "Master Disable refused",
            "Master Standby refused",
            "Master Discover refused",
        ]
    );
    assert_eq!((Request::from_modifier(0), Request::from_modifier(6)), (None, None));
}

#[test]
fn a_new_manager_yields_to_a_master_and_to_who_outranks_it() {
    let after = |others: &[Found]| Standing::new(OWN).discovered(others);
    assert_eq!(after(&[]), Verdict::Manage);
    assert_eq!(after(&[other(1, 9, SmState::MASTER)]), Verdict::Watch(Guid(9)), "a master of lower rank too");
    assert_eq!(after(&[other(6, 9, SmState::DISCOVERING)]), Verdict::Watch(Guid(9)));
    assert_eq!(after(&[other(6, 9, SmState::NOT_ACTIVE)]), Verdict::Manage);
    assert_eq!(after(&[other(5, 51, SmState::STANDBY)]), Verdict::Manage);
    let both = [other(9, 8, SmState::STANDBY), other(1, 9, SmState::MASTER)];
    assert_eq!(after(&both), Verdict::Watch(Guid(9)), "the master, not who will be");
}

#[test]
fn a_master_hands_over_to_who_outranks_it_and_to_no_other() {
    let [.., mut master] = all();
    assert_eq!(
        master.discovered(&[other(5, 51, SmState::MASTER)]),
        Verdict::Manage,
        "the other one gives up"
    );
    let better = [other(6, 8, SmState::STANDBY), other(7, 9, SmState::STANDBY)];
    assert_eq!(master.discovered(&better), Verdict::ManageAndHandOver(Guid(9)));
    let mut other_master = master.clone();
    assert_eq!(other_master.discovered(&[other(6, 8, SmState::DISCOVERING)]), Verdict::ManageForNow);
    assert!(!other_master.told(Guid(8), Request::Acknowledge), "nothing was offered");
    assert!(!master.told(Guid(8), Request::Acknowledge), "it was offered to another");
    assert_eq!(master.state(), ManagerState::Master);
    assert!(master.told(Guid(9), Request::Acknowledge));
    assert_eq!((master.state(), master.watched()), (ManagerState::Standby, Some(Guid(9))));
}

#[test]
fn who_was_handed_over_to_is_master_whoever_is_there() {
    let [_, _, mut standby, _] = all();
    assert!(standby.told(Guid(9), Request::Handover));
    assert_eq!(standby.discovered(&[other(15, 1, SmState::MASTER)]), Verdict::Manage);
    // Once: the next discovery looks at ranks again.
    assert_eq!(standby.discovered(&[other(15, 1, SmState::STANDBY)]), Verdict::ManageAndHandOver(Guid(1)));
}

#[test]
fn a_standby_whose_master_is_gone_looks_again() {
    let [still, _, mut standby, mut master] = all();
    standby.bereaved();
    assert_eq!((standby.state(), standby.watched()), (ManagerState::Discovering, None));
    assert_eq!(standby.discovered(&[]), Verdict::Manage);
    master.bereaved();
    assert_eq!(master.state(), ManagerState::Master);
    assert_eq!((still.state(), still.watched()), (ManagerState::NotActive, None));
}
