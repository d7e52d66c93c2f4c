use crate::{Incarnation, OpenError, Path, PathSet, Refused, ResponderPaths, Supervisory, SupervisoryKind};

const SUPERVISORY: u32 = 0;
const A: Path = Path::ALL[0];
const B: Path = Path::ALL[3];
const FIRST: Incarnation = Incarnation(0);

fn responder() -> ResponderPaths<3> {
    let mut responder = ResponderPaths::new(SUPERVISORY, PathSet::ALL);
    responder.open(10).expect("there is room");
    responder.open(20).expect("there is room");
    responder
}

fn message(kind: SupervisoryKind, path: Path, number: u32) -> Supervisory {
    Supervisory { kind, path, number }
}

#[test]
fn a_path_that_is_down_is_refused_for_every_vi() {
    let mut responder = responder();
    let down = message(SupervisoryKind::PathDown, A, 1);
    let acknowledge = message(SupervisoryKind::PathDownAcknowledge, A, 1);
    assert_eq!(responder.handle_supervisory(&down), Some(acknowledge));
    for vi in [10, 20] {
        assert_eq!(responder.vector(vi).map(PathSet::bits), Some(0b1110));
        assert_eq!(responder.accepts(vi, A, FIRST), Err(Refused::PathNotAccepted));
        assert_eq!(responder.accepts(vi, B, FIRST), Ok(()));
    }
    responder.open(15).expect("there is room");
    assert_eq!(responder.accepts(15, A, FIRST), Err(Refused::PathNotAccepted), "also for a new one");
    let up = message(SupervisoryKind::PathUp, A, 2);
    let acknowledge = message(SupervisoryKind::PathUpAcknowledge, A, 2);
    assert_eq!(responder.handle_supervisory(&up), Some(acknowledge));
    for vi in [10, 15, 20] {
        assert_eq!(responder.vector(vi), Some(PathSet::ALL));
        assert_eq!(responder.accepts(vi, A, FIRST), Ok(()));
    }
}

#[test]
fn the_supervisory_vi_is_accepted_on_disabled_paths() {
    let mut responder = responder();
    responder.handle_supervisory(&message(SupervisoryKind::PathDown, A, 1));
    responder.handle_barrier_write(A, Incarnation(5));
    assert_eq!(responder.accepts(SUPERVISORY, A, FIRST), Ok(()));
    assert_eq!(responder.vector(SUPERVISORY), None);
}

#[test]
fn each_vi_has_a_bit_for_each_path() {
    for bits in 0..16 {
        let permitted = PathSet::from_bits(bits);
        let mut responder = responder();
        responder.open_on(30, permitted).expect("there is room");
        assert_eq!(responder.vector(30), Some(permitted));
        for path in Path::ALL {
            let is_accepted = responder.accepts(30, path, FIRST).is_ok();
            assert_eq!(is_accepted, permitted.contains(path));
            assert_eq!(responder.accepts(10, path, FIRST), Ok(()));
        }
    }
}

/// A message that was overtaken by a later one, in every order of kinds: no change, no answer.
#[test]
fn late_messages_do_nothing() {
    let kinds = [SupervisoryKind::PathDown, SupervisoryKind::PathUp];
    for (latest, late) in kinds.into_iter().flat_map(|one| kinds.map(|other| (one, other))) {
        for number in [2, 1 << 31, u32::MAX] {
            let mut responder = responder();
            // Counting starts at 1; the wrap is reached in steps that it can take.
            for step in [number / 3, number / 3 * 2, number] {
                responder.handle_supervisory(&message(latest, A, step));
            }
            let before = responder.clone();
            assert_eq!(responder.handle_supervisory(&message(late, A, number - 1)), None);
            assert_eq!(responder, before);
            assert!(responder.handle_supervisory(&message(late, A, number.wrapping_add(1))).is_some());
        }
    }
}

/// A requester's first message has number 1: what has a lower one cannot be news.
#[test]
fn messages_from_before_the_first_do_nothing() {
    for number in [0, u32::MAX] {
        let mut responder = responder();
        let before = responder.clone();
        assert_eq!(responder.handle_supervisory(&message(SupervisoryKind::PathDown, A, number)), None);
        assert_eq!(responder, before);
    }
}

#[test]
fn repeated_messages_are_answered_again_and_do_nothing() {
    let mut responder = responder();
    for (number, kind) in (1..).zip([SupervisoryKind::PathDown, SupervisoryKind::PathUp]) {
        let told = message(kind, A, number);
        let answer = responder.handle_supervisory(&told);
        assert!(answer.is_some());
        let before = responder.clone();
        for _ in 0..3 {
            assert_eq!(responder.handle_supervisory(&told), answer);
            assert_eq!(responder, before);
        }
    }
    let contradiction = message(SupervisoryKind::PathDown, A, 2);
    assert_eq!(responder.handle_supervisory(&contradiction), None, "number 2 said that it is up");
    assert_eq!(responder.vector(10), Some(PathSet::ALL));
}

#[test]
fn messages_about_one_path_say_nothing_of_another() {
    let mut responder = responder();
    responder.handle_supervisory(&message(SupervisoryKind::PathDown, A, 9));
    assert!(responder.handle_supervisory(&message(SupervisoryKind::PathDown, B, 1)).is_some());
    assert_eq!(responder.vector(10).map(PathSet::bits), Some(0b0110));
}

#[test]
fn what_a_requester_does_not_say_is_ignored() {
    let mut responder: ResponderPaths<1> = ResponderPaths::new(SUPERVISORY, PathSet::only(A));
    let before = responder.clone();
    for kind in [SupervisoryKind::PathDownAcknowledge, SupervisoryKind::PathUpAcknowledge] {
        assert_eq!(responder.handle_supervisory(&message(kind, A, 1)), None);
    }
    for kind in [SupervisoryKind::PathDown, SupervisoryKind::PathUp] {
        assert_eq!(responder.handle_supervisory(&message(kind, B, 1)), None, "there is no such path");
    }
    assert_eq!(responder, before);
}

#[test]
fn a_barrier_refuses_older_packets_of_every_vi() {
    let mut responder = responder();
    assert!(responder.handle_barrier_write(A, Incarnation(2)));
    for vi in [10, 20] {
        assert_eq!(responder.accepts(vi, A, Incarnation(1)), Err(Refused::OldIncarnation));
        assert_eq!(responder.accepts(vi, A, Incarnation(2)), Ok(()));
        assert_eq!(responder.accepts(vi, B, Incarnation(1)), Ok(()), "on another path");
    }
    responder.open(15).expect("there is room");
    assert_eq!(responder.accepts(15, A, Incarnation(1)), Err(Refused::OldIncarnation));
    let before = responder.clone();
    assert!(!responder.handle_barrier_write(A, Incarnation(1)), "an overtaken write");
    assert_eq!(responder, before);
    assert!(responder.handle_barrier_write(A, Incarnation(2)), "the same barrier tries again");
}

#[test]
fn a_newer_packet_refuses_older_ones_of_its_vi_only() {
    let mut responder = responder();
    assert_eq!(responder.accepts(10, A, Incarnation(3)), Ok(()));
    assert_eq!(responder.accepts(10, A, Incarnation(2)), Err(Refused::OldIncarnation));
    assert_eq!(responder.accepts(10, A, Incarnation(3)), Ok(()));
    assert_eq!(responder.accepts(20, A, Incarnation(2)), Ok(()));
    assert_eq!(responder.accepts(10, B, Incarnation(2)), Ok(()));
    // A barrier that began before it and comes after it takes nothing back.
    assert!(responder.handle_barrier_write(A, Incarnation(1)));
    assert_eq!(responder.accepts(10, A, Incarnation(2)), Err(Refused::OldIncarnation));
}

/// A packet that is refused for its path must not raise the floor: it may be from a future that never was.
#[test]
fn a_refused_packet_changes_nothing() {
    let mut responder = responder();
    responder.handle_supervisory(&message(SupervisoryKind::PathDown, A, 1));
    responder.handle_barrier_write(B, Incarnation(4));
    let before = responder.clone();
    assert!(responder.accepts(10, A, Incarnation(9)).is_err());
    assert!(responder.accepts(10, B, Incarnation(3)).is_err());
    assert_eq!(responder.accepts(11, B, Incarnation(9)), Err(Refused::UnknownVi));
    assert_eq!(responder, before);
}

#[test]
fn vis_open_and_close() {
    let mut responder = responder();
    assert_eq!(responder.open(10), Err(OpenError::AlreadyOpen { vi: 10 }));
    assert_eq!(responder.open(SUPERVISORY), Err(OpenError::Supervisory { vi: SUPERVISORY }));
    assert_eq!(responder.open(u32::MAX), Ok(()));
    assert_eq!(responder.open(15), Err(OpenError::Full { limit: 3 }));
    assert_eq!(responder.accepts(u32::MAX, A, FIRST), Ok(()));
    assert!(responder.close(10) && !responder.close(10));
    assert_eq!(responder.accepts(10, A, FIRST), Err(Refused::UnknownVi));
    for vi in [20, u32::MAX] {
        assert_eq!(responder.accepts(vi, A, FIRST), Ok(()));
    }
    assert_eq!(responder.open(15), Ok(()));
    let mut none: ResponderPaths<0> = ResponderPaths::new(SUPERVISORY, PathSet::ALL);
    assert_eq!(none.open(1), Err(OpenError::Full { limit: 0 }));
}

/// A VI that is opened again begins where barriers left the path, not where its predecessor did.
#[test]
fn a_closed_vi_leaves_nothing_behind() {
    let mut responder = responder();
    let fresh = responder.clone();
    assert_eq!(responder.accepts(10, A, Incarnation(3)), Ok(()));
    responder.close(10);
    responder.open(10).expect("there is room");
    assert_eq!(responder, fresh);
}
