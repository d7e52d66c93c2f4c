//! The way of a packet that carries its own route (IBTA volume 1, 14.2.2), rewritten in place at each node.

use ib_mad::Lid;
use ib_mad::wire::{MAD_LENGTH, MAX_HOPS};

// Offsets of ib_mad::wire::DirectedRouteSmpView, whose fields cannot be written.
const STATUS: usize = 4;
const HOP_POINTER: usize = 6;
const HOP_COUNT: usize = 7;
const SOURCE_LID: usize = 32;
const DESTINATION_LID: usize = 34;
const INITIAL_PATH: usize = 128;
const RETURN_PATH: usize = 192;
const DIRECTION: u8 = 0x80;

/// What comes next for a packet at a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// It leaves by this port.
    Leave(u8),
    /// It has arrived: the node's agent or its manager is to have it.
    Arrived,
    /// Its directed part is over: it goes on to this LID.
    ToLid(Lid),
    /// It cannot be followed.
    Discard,
}

fn lid(mad: &[u8; MAD_LENGTH], offset: usize) -> Lid {
    Lid(u16::from_be_bytes([mad[offset], mad[offset + 1]]))
}

/// At the node that sends it, or where a directed part starts behind one by LID.
pub(crate) fn start(mad: &mut [u8; MAD_LENGTH]) -> Step {
    let (pointer, count) = (mad[HOP_POINTER], mad[HOP_COUNT]);
    let is_returning = mad[STATUS] & DIRECTION != 0;
    if count > MAX_HOPS {
        return Step::Discard;
    }
    match (is_returning, pointer) {
        (false, 0) if count == 0 => arrive(mad, true, 0),
        (false, 0) => {
            mad[HOP_POINTER] = 1;
            Step::Leave(mad[INITIAL_PATH + 1])
        }
        (true, pointer) if count > 0 && pointer == count + 1 => {
            mad[HOP_POINTER] = count;
            Step::Leave(mad[RETURN_PATH + usize::from(count)])
        }
        (true, 1) if count == 0 => arrive(mad, true, 0),
        _ => Step::Discard,
    }
}

/// At a node that it came to by the port `arrival`. Only a switch passes it on.
pub(crate) fn arrive(mad: &mut [u8; MAD_LENGTH], is_switch: bool, arrival: u8) -> Step {
    let (pointer, count) = (mad[HOP_POINTER], mad[HOP_COUNT]);
    if count > MAX_HOPS {
        return Step::Discard;
    }
    if mad[STATUS] & DIRECTION == 0 {
        on_the_way_there(mad, is_switch, arrival, pointer, count)
    } else {
        on_the_way_back(mad, is_switch, pointer, count)
    }
}

fn on_the_way_there(
    mad: &mut [u8; MAD_LENGTH],
    is_switch: bool,
    arrival: u8,
    pointer: u8,
    count: u8,
) -> Step {
    if pointer == 0 && count > 0 || pointer > count.saturating_add(1) {
        return Step::Discard;
    }
    if pointer == count + 1 {
        return Step::Arrived;
    }
    if pointer > 0 {
        mad[RETURN_PATH + usize::from(pointer)] = arrival;
    }
    mad[HOP_POINTER] = pointer + 1;
    if pointer < count {
        let next = mad[INITIAL_PATH + usize::from(pointer) + 1];
        return if is_switch { Step::Leave(next) } else { Step::Discard };
    }
    end_of_part(lid(mad, DESTINATION_LID), is_switch)
}

fn on_the_way_back(mad: &mut [u8; MAD_LENGTH], is_switch: bool, pointer: u8, count: u8) -> Step {
    if pointer == 0 {
        return Step::Arrived;
    }
    if pointer > count.saturating_add(1) {
        return Step::Discard;
    }
    mad[HOP_POINTER] = pointer - 1;
    if pointer > 1 {
        let next = mad[RETURN_PATH + usize::from(pointer) - 1];
        return if is_switch { Step::Leave(next) } else { Step::Discard };
    }
    end_of_part(lid(mad, SOURCE_LID), is_switch)
}

fn end_of_part(lid: Lid, is_switch: bool) -> Step {
    match lid {
        Lid::PERMISSIVE => Step::Arrived,
        lid if is_switch => Step::ToLid(lid),
        _ => Step::Discard,
    }
}

/// Turn a request round: from now on it is an answer.
pub(crate) fn turn(mad: &mut [u8; MAD_LENGTH]) {
    mad[STATUS] |= DIRECTION;
}

#[cfg(test)]
mod tests {
    use super::*;
    use ib_mad::TransactionId;
    use ib_mad::wire::{AttributeId, DirectedRouteSmp, DirectedRouteSmpView, Method, NodeDescription};
    use quickcheck::quickcheck;

    fn request(ports: &[u8]) -> [u8; MAD_LENGTH] {
        let smp = DirectedRouteSmp::request(Method::GET, AttributeId::NODE_INFO, 0, TransactionId(1), ports);
        smp.unwrap().emit(&NodeDescription::default()).unwrap()
    }

    #[test]
    fn a_request_goes_there_and_its_answer_comes_back() {
        let mut mad = request(&[1, 3, 5]);
        assert_eq!(start(&mut mad), Step::Leave(1));
        assert_eq!(arrive(&mut mad, true, 8), Step::Leave(3));
        assert_eq!(arrive(&mut mad, true, 9), Step::Leave(5));
        assert_eq!(arrive(&mut mad, false, 2), Step::Arrived);
        let view = DirectedRouteSmpView::new(&mad).unwrap();
        assert_eq!((view.hop_pointer(), &view.return_path()[..5]), (4, &[0, 8, 9, 2, 0][..]));
        turn(&mut mad);
        assert_eq!(start(&mut mad), Step::Leave(2));
        assert_eq!(arrive(&mut mad, true, 5), Step::Leave(9));
        assert_eq!(arrive(&mut mad, true, 3), Step::Leave(8));
        assert_eq!(arrive(&mut mad, false, 1), Step::Arrived);
        let view = DirectedRouteSmpView::new(&mad).unwrap();
        assert_eq!((view.hop_pointer(), view.is_returning()), (0, true));
    }

    #[test]
    fn a_route_of_no_hops_is_to_the_sender_itself() {
        let mut mad = request(&[]);
        assert_eq!(start(&mut mad), Step::Arrived);
        turn(&mut mad);
        assert_eq!(start(&mut mad), Step::Arrived);
    }

    #[test]
    fn adapters_pass_nothing_on_and_pointers_beyond_the_route_lead_nowhere() {
        let mut mad = request(&[1, 3]);
        assert_eq!(start(&mut mad), Step::Leave(1));
        assert_eq!(arrive(&mut mad.clone(), false, 1), Step::Discard);
        for (pointer, count) in [(0, 2), (4, 2), (255, 2), (1, 64), (1, 255), (255, 255)] {
            (mad[HOP_POINTER], mad[HOP_COUNT]) = (pointer, count);
            assert_eq!(arrive(&mut mad.clone(), true, 1), Step::Discard, "{pointer} of {count}");
        }
    }

    #[test]
    fn a_part_by_lid_may_follow_at_a_switch() {
        let mut mad = request(&[1]);
        mad[DESTINATION_LID..DESTINATION_LID + 2].copy_from_slice(&[0, 7]);
        assert_eq!(start(&mut mad), Step::Leave(1));
        assert_eq!(arrive(&mut mad.clone(), false, 4), Step::Discard);
        assert_eq!(arrive(&mut mad, true, 4), Step::ToLid(Lid(7)));
        assert_eq!(arrive(&mut mad, false, 1), Step::Arrived);
    }

    quickcheck! {
        fn no_route_panics(bytes: Vec<u8>, is_switch: bool, arrival: u8) -> bool {
            let mut mad = [0; MAD_LENGTH];
            for (to, from) in mad.iter_mut().zip(&bytes) { *to = *from; }
            for count in [0, 1, 63, 64, 255] {
                mad[HOP_COUNT] = count;
                start(&mut mad.clone());
                arrive(&mut mad.clone(), is_switch, arrival);
            }
            true
        }
    }
}
