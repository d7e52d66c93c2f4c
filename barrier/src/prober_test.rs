use alloc::vec::Vec;
use core::time::Duration;

use crate::{
    BarrierNumber, BarrierOutcome, Completion, Counted, Handled, Incarnation, Lane, NumberSource, Op,
    OpFailed, OpId, Path, Prober, Random,
};

const START: Duration = Duration::from_secs(1 << 40);
const OPERATION: Duration = Duration::from_millis(10);
const BARRIER: Duration = Duration::from_millis(100);
const PATH: Path = Path::ALL[2];
const INCARNATION: Incarnation = Incarnation(7);

struct Bench<S> {
    prober: Prober,
    numbers: S,
    now: Duration,
}

fn bench(lanes: u8) -> Bench<Counted> {
    bench_with(lanes, Counted::new(1))
}

fn bench_with<S: NumberSource>(lanes: u8, numbers: S) -> Bench<S> {
    let mut prober = Prober::new(PATH, lanes, OPERATION, BARRIER);
    prober.start(START, START, INCARNATION);
    Bench { prober, numbers, now: START }
}

impl<S: NumberSource> Bench<S> {
    fn op(&mut self) -> Option<(OpId, Op)> {
        self.prober.poll_op(self.now, &mut self.numbers)
    }

    fn ops(&mut self) -> Vec<(OpId, Op)> {
        core::iter::from_fn(|| self.op()).collect()
    }

    fn write(&mut self) -> (OpId, Lane, BarrierNumber) {
        match self.op() {
            Some((id, Op::Write { path: PATH, lane, number, incarnation: INCARNATION })) => {
                (id, lane, number)
            }
            other => panic!("no write: {other:?}"),
        }
    }

    fn read(&mut self) -> (OpId, Lane) {
        match self.op() {
            Some((id, Op::Read { path: PATH, lane, incarnation: INCARNATION })) => (id, lane),
            other => panic!("no read: {other:?}"),
        }
    }

    fn complete(&mut self, id: OpId, completion: Completion) -> Handled {
        self.prober.handle_completion(self.now, id, Ok(completion))
    }
}

#[test]
fn the_number_that_comes_back_passes_the_barrier() {
    let mut bench = bench(1);
    let (write, lane, number) = bench.write();
    assert_eq!(bench.op(), None, "the write is not acknowledged");
    assert_eq!(bench.complete(write, Completion::Written), Handled::Taken);
    let (read, of) = bench.read();
    assert_eq!(of, lane);
    assert_eq!(bench.op(), None);
    assert_eq!(bench.complete(read, Completion::Read(number)), Handled::Ended(BarrierOutcome::Passed));
    assert!(!bench.prober.is_running() && bench.prober.poll_timeout().is_none() && bench.op().is_none());
}

#[test]
fn another_number_tries_again_with_a_new_one() {
    let mut bench = bench(1);
    let mut before = Vec::new();
    for _ in 0..5 {
        let (write, _, number) = bench.write();
        assert!(!before.contains(&number));
        before.push(number);
        assert_eq!(bench.complete(write, Completion::Written), Handled::Taken);
        let (read, _) = bench.read();
        assert_eq!(bench.complete(read, Completion::Read(BarrierNumber(0))), Handled::Taken);
    }
    let (write, _, number) = bench.write();
    bench.complete(write, Completion::Written);
    let (read, _) = bench.read();
    assert_eq!(bench.complete(read, Completion::Read(number)), Handled::Ended(BarrierOutcome::Passed));
}

/// Numbers that never match: the barrier ends when its own time is over, although no operation was slow.
#[test]
fn trying_again_has_an_end() {
    let mut bench = bench(1);
    let mut outcome = None;
    while outcome.is_none() {
        let (write, ..) = bench.write();
        bench.complete(write, Completion::Written);
        let (read, _) = bench.read();
        bench.now += OPERATION / 2;
        bench.complete(read, Completion::Read(BarrierNumber(0)));
        outcome = bench.prober.handle_timeout(bench.now);
        assert!(bench.now <= START + BARRIER);
    }
    assert_eq!((outcome, bench.now), (Some(BarrierOutcome::Failed), START + BARRIER));
    assert_eq!(bench.op(), None);
}

#[test]
fn every_lane_has_to_pass() {
    for lanes in 1..=4 {
        let mut bench = bench(lanes);
        let writes: Vec<_> = (0..lanes).map(|_| bench.write()).collect();
        let mut used: Vec<_> = writes.iter().map(|(_, lane, _)| lane.index()).collect();
        used.dedup();
        assert_eq!(used, (0..usize::from(lanes)).collect::<Vec<_>>());
        for (turn, (write, lane, number)) in (1..).zip(writes) {
            bench.complete(write, Completion::Written);
            let (read, of) = bench.read();
            assert_eq!(of, lane);
            let expected = match turn == lanes {
                true => Handled::Ended(BarrierOutcome::Passed),
                false => Handled::Taken,
            };
            assert_eq!(bench.complete(read, Completion::Read(number)), expected);
        }
    }
}

#[test]
fn a_path_has_one_to_four_lanes() {
    assert_eq!(bench(u8::MAX).ops().len(), Lane::COUNT);
    let mut none = bench(0);
    assert_eq!((none.op(), none.prober.poll_timeout()), (None, Some(START + BARRIER)));
    assert_eq!(none.prober.handle_timeout(START + BARRIER), Some(BarrierOutcome::Failed));
}

/// Whichever lane is slow, and whether in its write or its read.
#[test]
fn any_lane_that_takes_too_long_fails_the_path() {
    for slow in Lane::ALL {
        for reaches_read in [false, true] {
            let mut bench = bench(4);
            for (id, op) in bench.ops() {
                let Op::Write { lane, number, .. } = op else { panic!("{op:?}") };
                if lane == slow && !reaches_read {
                    continue;
                }
                bench.complete(id, Completion::Written);
                let (read, _) = bench.read();
                if lane != slow {
                    assert_eq!(bench.complete(read, Completion::Read(number)), Handled::Taken);
                }
            }
            assert_eq!(bench.prober.poll_timeout(), Some(START + OPERATION));
            let just_before = START + OPERATION - Duration::from_nanos(1);
            assert_eq!(bench.prober.handle_timeout(just_before), None);
            assert_eq!(bench.prober.handle_timeout(START + OPERATION), Some(BarrierOutcome::Failed));
            assert!(!bench.prober.is_running());
        }
    }
}

#[test]
fn what_cannot_be_carried_out_fails_the_path() {
    for lane in 0..4 {
        let mut bench = bench(4);
        let (id, _) = bench.ops()[lane];
        let failed = Handled::Ended(BarrierOutcome::Failed);
        assert_eq!(bench.prober.handle_completion(START, id, Err(OpFailed)), failed);
        assert_eq!(bench.prober.handle_completion(START, id, Err(OpFailed)), Handled::Late);
    }
}

/// Completions of a first barrier, given to a second one in each of its phases, change nothing.
#[test]
fn late_completions_do_nothing() {
    let mut bench = bench(1);
    let (write, _, number) = bench.write();
    bench.complete(write, Completion::Written);
    let (read, _) = bench.read();
    bench.now += OPERATION;
    assert_eq!(bench.prober.handle_timeout(bench.now), Some(BarrierOutcome::Failed));
    let is_late = |bench: &mut Bench<Counted>| {
        let before = bench.prober.clone();
        for id in [write, read] {
            for result in [Ok(Completion::Written), Ok(Completion::Read(number)), Err(OpFailed)] {
                assert_eq!(bench.prober.handle_completion(bench.now, id, result), Handled::Late);
                assert_eq!(bench.prober, before);
            }
        }
    };
    is_late(&mut bench);
    bench.prober.start(bench.now, bench.now, INCARNATION);
    is_late(&mut bench);
    let (write, _, newer) = bench.write();
    is_late(&mut bench);
    assert_eq!(bench.complete(write, Completion::Read(newer)), Handled::Late, "a write is not a read");
    assert_eq!(bench.complete(write, Completion::Written), Handled::Taken);
    is_late(&mut bench);
    let (read, _) = bench.read();
    is_late(&mut bench);
    let other_path = OpId::barrier(Path::ALL[1], Lane::ALL[0], 4);
    assert_eq!(bench.complete(other_path, Completion::Read(newer)), Handled::Late);
    assert_eq!(bench.complete(read, Completion::Written), Handled::Late, "a read is not a write");
    assert_eq!(bench.complete(read, Completion::Read(newer)), Handled::Ended(BarrierOutcome::Passed));
    is_late(&mut bench);
}

/// A number that came back shows that the path works, also if the caller has not yet looked at the time.
#[test]
fn an_answer_counts_until_its_time_out_is_told() {
    for is_told in [false, true] {
        let mut bench = bench(1);
        let (write, _, number) = bench.write();
        bench.complete(write, Completion::Written);
        let (read, _) = bench.read();
        bench.now += OPERATION * 2;
        let outcome = if is_told { bench.prober.handle_timeout(bench.now) } else { None };
        let handled = bench.complete(read, Completion::Read(number));
        match outcome {
            Some(outcome) => assert_eq!((outcome, handled), (BarrierOutcome::Failed, Handled::Late)),
            None => assert_eq!(handled, Handled::Ended(BarrierOutcome::Passed)),
        }
        assert_eq!(outcome.is_some(), is_told);
    }
}

#[test]
fn a_barrier_begun_anew_forgets_the_one_before() {
    let mut bench = bench(2);
    let before = bench.ops();
    bench.prober.start(bench.now, bench.now, INCARNATION);
    for (id, _) in before {
        assert_eq!(bench.complete(id, Completion::Written), Handled::Late);
    }
    assert_eq!(bench.ops().len(), 2);
}

/// A caller who comes late has the barrier end as if he had come in time, unless too little would be left for an answer.
#[test]
fn a_late_start_is_made_up_for() {
    let (quarter, nanosecond) = (OPERATION / 4, Duration::from_nanos(1));
    let deadlines = |began: Duration, polled: Duration| {
        let mut prober = Prober::new(PATH, 1, OPERATION, BARRIER);
        prober.start(began, START, INCARNATION);
        let barrier = prober.poll_timeout().expect("a barrier is under way");
        assert!(prober.poll_op(polled, &mut Counted::new(1)).is_some());
        (barrier, prober.poll_timeout().expect("a write is under way"))
    };
    assert_eq!(deadlines(START + quarter, START + quarter), (START + BARRIER, START + OPERATION));
    let late = START + quarter + nanosecond;
    assert_eq!(deadlines(late, late), (late + BARRIER, late + OPERATION));
    // As late may be who asks for the operation.
    assert_eq!(deadlines(START, START + quarter), (START + BARRIER, START + OPERATION));
    assert_eq!(deadlines(START, late), (START + BARRIER, late + OPERATION));
    // What is due later is not late.
    assert_eq!(deadlines(START - OPERATION, START - OPERATION), (START - OPERATION + BARRIER, START));
}

/// Only the first write counts from when the barrier was due.
#[test]
fn each_repetition_has_its_full_time() {
    let mut bench = bench(1);
    let mut expected = START + OPERATION;
    for _ in 0..3 {
        let (write, ..) = bench.write();
        assert_eq!(bench.prober.poll_timeout(), Some(expected));
        bench.now += OPERATION / 8;
        bench.complete(write, Completion::Written);
        let (read, _) = bench.read();
        assert_eq!(bench.prober.poll_timeout(), Some(bench.now + OPERATION));
        bench.now += OPERATION / 8;
        bench.complete(read, Completion::Read(BarrierNumber(0)));
        expected = bench.now + OPERATION;
        // As with the first one, whoever asks for it a little late loses nothing by that.
        bench.now += OPERATION / 8;
    }
}

#[test]
fn time_that_goes_back_counts_as_none() {
    let mut bench = bench(1);
    bench.now = Duration::ZERO;
    let (write, ..) = bench.write();
    assert_eq!(bench.prober.poll_timeout(), Some(START + OPERATION));
    assert_eq!(bench.prober.handle_timeout(Duration::ZERO), None);
    assert_eq!(bench.complete(write, Completion::Written), Handled::Taken);
    let mut endless = Prober::new(PATH, 1, Duration::MAX, Duration::MAX);
    endless.start(START, START, INCARNATION);
    for completion in [Completion::Written, Completion::Read(BarrierNumber(0))] {
        let (id, _) = endless.poll_op(START, &mut Counted::new(1)).expect("a write, then a read");
        assert_eq!(endless.poll_timeout(), Some(Duration::MAX), "sums stop at the largest time");
        assert_eq!(endless.handle_completion(START, id, Ok(completion)), Handled::Taken);
    }
}

#[test]
fn numbers_come_from_the_source() {
    fn written(mut bench: Bench<impl NumberSource>) -> Vec<BarrierNumber> {
        (0..4).map(|_| bench.write().2).collect()
    }
    let mut random = Random::new(3);
    let drawn: Vec<_> = (0..4).map(|_| random.next_number()).collect();
    assert_eq!(written(bench_with(4, Random::new(3))), drawn);
    let counted = [1, 2, 3, 4].map(|counter| BarrierNumber(9 << 32 | counter));
    assert_eq!(written(bench_with(4, Counted::new(9))), counted);
}
