use core::time::Duration;

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use quickcheck::quickcheck;

use super::{QueueLimits, RequestQueue};

const START: Duration = Duration::from_secs(10_000);

fn limits(window: u16, per_node: u16, retries: u8) -> QueueLimits {
    QueueLimits { window, per_node, timeout: Duration::from_secs(1), retries }
}

fn sent(queue: &mut RequestQueue<u32>, now: Duration) -> Vec<(u32, u32)> {
    core::iter::from_fn(|| queue.poll_transmit(now)).collect()
}

#[test]
fn nodes_take_turns_and_have_their_share() {
    let mut queue = RequestQueue::new(limits(5, 2, 0), 7);
    for task in 0..4 {
        queue.push(1, 10 + task);
        queue.push(2, 20 + task);
    }
    let first = sent(&mut queue, START);
    assert_eq!(first.iter().map(|(_, task)| *task).collect::<Vec<_>>(), [10, 20, 11, 21]);
    assert_eq!(first[0].0, 7 + (1 << 12), "ids start where they were told to");
    queue.push(3, 30);
    queue.push(3, 31);
    assert_eq!(sent(&mut queue, START).len(), 1, "the window");
    queue.answered(first[1].0);
    assert_eq!(sent(&mut queue, START)[0].1, 31, "who waits the longest");
}

#[test]
fn a_silent_node_does_not_stop_the_others() {
    let mut queue = RequestQueue::new(limits(4, 2, 1), 0);
    for task in 0..10 {
        queue.push(0, 100 + task);
    }
    for task in 0..10 {
        queue.push(1, task);
    }
    let mut answered = Vec::new();
    while answered.len() < 10 {
        let burst = sent(&mut queue, START);
        assert!(!burst.is_empty(), "before any time-out");
        for (id, task) in burst.into_iter().filter(|(_, task)| *task < 100) {
            assert_eq!(queue.matching(id), Some(task));
            queue.answered(id);
            answered.push(task);
        }
    }
    assert!(answered.is_sorted());
}

#[test]
fn repeated_then_given_up() {
    let mut queue = RequestQueue::new(limits(4, 4, 2), 0);
    queue.push(0, 5);
    let (id, _) = sent(&mut queue, START)[0];
    for repetition in 1..=2 {
        let now = START + Duration::from_secs(repetition);
        assert_eq!(queue.poll_timeout(), Some(now));
        assert_eq!(queue.poll_expired(now - Duration::from_nanos(1)), None);
        assert!(sent(&mut queue, now - Duration::from_nanos(1)).is_empty());
        assert_eq!(queue.poll_expired(now), None);
        assert_eq!(sent(&mut queue, now), [(id, 5)], "under the same id");
    }
    let expired = queue.poll_expired(START + Duration::from_secs(3)).unwrap();
    assert_eq!((expired.task, expired.attempts), (5, 3));
    assert!(queue.is_idle() && queue.matching(id).is_none());
}

#[test]
fn an_answer_while_its_repetition_waits_counts() {
    let mut queue = RequestQueue::new(limits(1, 1, 9), 0);
    queue.push(0, 1);
    queue.push(0, 2);
    let (id, _) = sent(&mut queue, START)[0];
    assert_eq!(queue.poll_expired(START + Duration::from_secs(1)), None);
    queue.answered(id);
    assert_eq!(
        sent(&mut queue, START + Duration::from_secs(1)).iter().map(|one| one.1).collect::<Vec<_>>(),
        [2]
    );
    assert_eq!(queue.matching(id), None, "the slot has another request now");
}

#[test]
fn what_was_cleared_matches_nothing() {
    let mut queue = RequestQueue::new(limits(3, 3, 1), 0);
    (0..5).for_each(|task| queue.push(task, task));
    let before = sent(&mut queue, START);
    queue.clear();
    assert!(queue.is_idle() && queue.poll_timeout().is_none());
    assert!(before.iter().all(|(id, _)| queue.matching(*id).is_none()));
    (0..3).for_each(|task| queue.push(0, task));
    assert_eq!(sent(&mut queue, START).len(), 3);
}

quickcheck! {
    /// Whatever is answered, late, twice or never: each request ends exactly once, and the shares hold.
    fn every_request_ends_once(steps: Vec<(u8, u8)>) -> bool {
        let mut queue = RequestQueue::new(limits(6, 2, 1), u32::MAX - 3);
        let (mut now, mut next, mut ends) = (START, 0u32, BTreeMap::<u32, u32>::new());
        let mut flying: Vec<(u32, u32)> = Vec::new();
        for (kind, value) in steps.iter().copied().chain(core::iter::repeat_n((3, 1), 2000)) {
            match kind % 4 {
                0 => {
                    queue.push(u32::from(value % 3), next);
                    next += 1;
                }
                1 if !flying.is_empty() => {
                    let (id, task) = flying[usize::from(value) % flying.len()];
                    if queue.matching(id).is_some() {
                        queue.answered(id);
                        *ends.entry(task).or_default() += 1;
                    }
                }
                2 => now += Duration::from_millis(u64::from(value) * 4),
                _ => now += Duration::from_secs(1),
            }
            while let Some(expired) = queue.poll_expired(now) {
                *ends.entry(expired.task).or_default() += 1;
            }
            flying.extend(sent(&mut queue, now));
            if queue.in_flight() > 6 {
                return false;
            }
        }
        queue.is_idle() && ends.len() == next as usize && ends.values().all(|count| *count == 1)
    }
}
