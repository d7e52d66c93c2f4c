use quickcheck::QuickCheck;
use seqwin::{Gap, Order, Responder, ResponderConfig, Sequence, Verdict};

use crate::setup::Setup;

/// Numbers that a correct requester can send: from a window behind the expected one to before a window ahead of it.
#[test]
fn a_responder_does_what_its_model_does() {
    fn property(setup: Setup, arrivals: Vec<(u8, bool)>) -> bool {
        let gap = if setup.silent { Gap::Silent } else { Gap::Refuse };
        let Setup { window, selective, before, .. } = setup;
        let first_sequence = setup.wrap(before);
        let config = ResponderConfig { bits: setup.bits(), window, first_sequence, gap, selective };
        let mut responder = Responder::new(config).unwrap();
        let mut expected = before;
        let mut kept = Vec::new();
        for (choice, is_unordered) in arrivals {
            let order = if is_unordered { Order::Unordered } else { Order::Ordered };
            // Mostly near the expected one, sometimes anywhere.
            let number = match u64::from(choice) {
                choice @ 0..200 => (expected + choice % 16).saturating_sub(6),
                choice => {
                    (expected + u64::from(window)).saturating_sub((choice - 200) * u64::from(window) / 28)
                }
            };
            let number =
                number.clamp(expected.saturating_sub(window.into()), expected + u64::from(window) - 1);
            let may_keep = selective && !is_unordered && number <= expected + u64::from(Responder::REACH);
            let verdict = if number < expected || (!is_unordered && kept.contains(&number)) {
                Verdict::Duplicate
            } else if number == expected {
                Verdict::Expected
            } else if may_keep {
                Verdict::Ahead
            } else {
                Verdict::OutOfSequence { refuse: !setup.silent }
            };
            match verdict {
                Verdict::Ahead => kept.push(number),
                Verdict::Expected if !is_unordered => {
                    expected += 1;
                    while kept.contains(&expected) {
                        expected += 1;
                    }
                }
                _ => {}
            }
            assert_eq!(
                responder.receive(setup.wrap(number), order),
                verdict,
                "{number}, {expected} expected"
            );
            assert_eq!(responder.expected(), setup.wrap(expected));
        }
        true
    }
    QuickCheck::new().tests(5000).quickcheck(property as fn(Setup, Vec<(u8, bool)>) -> bool);
}

/// Every number that is not within a window behind or ahead is outside, whatever the bits.
#[test]
fn numbers_that_no_requester_can_send_are_outside() {
    fn property(setup: Setup, number: u32) -> bool {
        let bits = setup.bits();
        let first_sequence = setup.wrap(setup.before);
        let config =
            ResponderConfig { bits, window: setup.window, first_sequence, ..ResponderConfig::DEFAULT };
        let verdict = Responder::new(config).unwrap().receive(Sequence(number), Order::Ordered);
        let modulus = 1i64 << setup.bits;
        let ahead = (i64::from(number) - i64::from(first_sequence.0)).rem_euclid(modulus);
        let behind = modulus - ahead;
        let is_inside = i64::from(number) < modulus
            && (ahead < i64::from(setup.window) || behind <= i64::from(setup.window));
        (verdict != Verdict::OutsideWindow) == is_inside
    }
    QuickCheck::new().tests(5000).quickcheck(property as fn(Setup, u32) -> bool);
}
