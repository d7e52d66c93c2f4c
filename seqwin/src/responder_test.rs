use alloc::vec::Vec;

use super::{Gap, Order, Responder, ResponderConfig, Sequence, SequenceBits, Verdict};

const NACK: Verdict = Verdict::OutOfSequence { refuse: true };

fn responder(bits: u8, config: ResponderConfig) -> Responder {
    Responder::new(ResponderConfig { bits: SequenceBits::new(bits).unwrap(), ..config }).unwrap()
}

/// The whole table of verdicts, for 3 bits, a window of 3, and 6 expected.
#[test]
fn verdicts_on_each_number() {
    let config = ResponderConfig { window: 3, first_sequence: Sequence(6), ..ResponderConfig::DEFAULT };
    let fresh = responder(3, config);
    let verdicts = |order| -> Vec<Verdict> {
        (0..9).map(|number| fresh.clone().receive(Sequence(number), order)).collect()
    };
    use Verdict::{Ahead, Duplicate, Expected, OutsideWindow};
    // Of the numbers 0 to 7, and one that has too many bits.
    let expected =
        [NACK, OutsideWindow, OutsideWindow, Duplicate, Duplicate, Duplicate, Expected, NACK, OutsideWindow];
    assert_eq!(verdicts(Order::Ordered), expected);
    assert_eq!(verdicts(Order::Unordered), expected);

    let silent = responder(3, ResponderConfig { gap: Gap::Silent, ..config });
    assert_eq!(silent.clone().receive(Sequence(7), Order::Ordered), Verdict::OutOfSequence { refuse: false });
    let selective = responder(3, ResponderConfig { selective: true, ..config });
    assert_eq!(selective.clone().receive(Sequence(7), Order::Ordered), Ahead);
    assert_eq!(selective.clone().receive(Sequence(7), Order::Unordered), NACK);
}

#[test]
fn only_ordered_packets_advance() {
    let mut responder = responder(2, ResponderConfig { window: 2, ..ResponderConfig::DEFAULT });
    for number in [0, 1, 2, 3, 0, 1] {
        assert_eq!(responder.expected(), Sequence(number));
        for _ in 0..3 {
            assert_eq!(responder.receive(Sequence(number), Order::Unordered), Verdict::Expected);
        }
        assert_eq!(responder.receive(Sequence(number), Order::Ordered), Verdict::Expected);
        assert_eq!(responder.receive(Sequence(number), Order::Ordered), Verdict::Duplicate);
    }
}

#[test]
fn what_was_kept_is_passed_in_one_go() {
    let config =
        ResponderConfig { selective: true, first_sequence: Sequence(250), ..ResponderConfig::DEFAULT };
    let mut responder = responder(8, config);
    let mut receive = |number| (responder.receive(Sequence(number), Order::Ordered), responder.expected());
    assert_eq!(receive(252), (Verdict::Ahead, Sequence(250)));
    assert_eq!(receive(251), (Verdict::Ahead, Sequence(250)));
    assert_eq!(receive(1), (Verdict::Ahead, Sequence(250)));
    assert_eq!(receive(251), (Verdict::Duplicate, Sequence(250)));
    assert_eq!(receive(250), (Verdict::Expected, Sequence(253)));
    assert_eq!(receive(252), (Verdict::Duplicate, Sequence(253)));
    assert_eq!(receive(1), (Verdict::Duplicate, Sequence(253)));
    for (number, expected) in [(254, 253), (255, 253), (0, 253), (253, 2)] {
        assert_eq!(receive(number).1, Sequence(expected), "after {number}");
    }
}

#[test]
fn what_is_beyond_reach_is_not_kept() {
    let window = 1000;
    let mut responder =
        responder(16, ResponderConfig { selective: true, window, ..ResponderConfig::DEFAULT });
    assert_eq!(responder.receive(Sequence(Responder::REACH + 1), Order::Ordered), NACK);
    for number in (1..=Responder::REACH).rev() {
        assert_eq!(responder.receive(Sequence(number), Order::Ordered), Verdict::Ahead);
    }
    assert_eq!(responder.receive(Sequence(0), Order::Ordered), Verdict::Expected);
    assert_eq!(responder.expected(), Sequence(Responder::REACH + 1));
    assert_eq!(responder.receive(Sequence(Responder::REACH + 1), Order::Ordered), Verdict::Expected);
}

#[test]
fn ends_that_began_with_different_numbers_are_noticed() {
    let mut responder = responder(8, ResponderConfig { window: 8, ..ResponderConfig::DEFAULT });
    assert_eq!(responder.receive(Sequence(100), Order::Ordered), Verdict::OutsideWindow);
    assert_eq!(responder.expected(), Sequence(0));
}

#[test]
fn misfits_are_refused_with_the_range() {
    let new = |config| Responder::new(config).unwrap_err();
    let message = |config| alloc::format!("{}", new(config));
    assert_eq!(
        message(ResponderConfig { window: 129, ..ResponderConfig::DEFAULT }),
        "window of 129 packets: give 1 to 128, half of all sequence numbers"
    );
    assert_eq!(
        message(ResponderConfig { first_sequence: Sequence(256), ..ResponderConfig::DEFAULT }),
        "first sequence number 256: give 0 to 255"
    );
}
