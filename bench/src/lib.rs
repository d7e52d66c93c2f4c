//! Comparisons in which both sides are measured in one run, on the same work, in turn.
//!
//! A machine that is shared, throttled or simply warm drifts by tens of percent within minutes. So a round runs each side
//! once, one after the other, and what counts is the ratio within a round; the median of the rounds is printed with the
//! quartiles, the smallest and the largest, which show how far it can be trusted.

// A measurement reads the clock: that is its work.
#![allow(clippy::disallowed_methods)]
#![allow(clippy::std_instead_of_alloc, reason = "it starts programs: there is an operating system")]

use core::fmt;
use core::hint::black_box;
use core::time::Duration;
use std::time::Instant;

pub mod embedded;
#[cfg(feature = "libibmad")]
pub mod libibmad;
pub mod on_ibsim;
pub mod requests;
#[cfg(feature = "libibmad")]
pub mod response;
pub mod sink;
pub mod subnets;
pub mod table;

/// Counts instructions, and simulates no cache: a simulated one says little of a real one.
#[cfg(feature = "callgrind")]
pub fn instructions_only() -> gungraun::LibraryBenchmarkConfig {
    let mut config = gungraun::LibraryBenchmarkConfig::default();
    config.tool(gungraun::Callgrind::with_args(["--cache-sim=no"]));
    config
}

/// One side of a comparison: runs the work once, and returns how long it took without what had to be prepared for it.
pub type Side<'a> = (&'a str, &'a mut dyn FnMut() -> Duration);

/// How long a call takes.
pub fn time<T>(work: impl FnOnce() -> T) -> Duration {
    let start = Instant::now();
    black_box(work());
    start.elapsed()
}

/// What the rounds of a comparison gave: `times[side][round]`.
pub struct Rounds<'a> {
    names: Vec<&'a str>,
    times: Vec<Vec<Duration>>,
}

/// Run every side once to warm up, and then `rounds` times in turn: A B A B and so on.
pub fn interleave<'a>(rounds: usize, sides: &mut [Side<'a>]) -> Rounds<'a> {
    for (_, run) in sides.iter_mut() {
        run();
    }
    let mut times = vec![Vec::with_capacity(rounds); sides.len()];
    for _ in 0..rounds {
        for ((_, run), times) in sides.iter_mut().zip(&mut times) {
            times.push(run());
        }
    }
    Rounds { names: sides.iter().map(|(name, _)| *name).collect(), times }
}

impl<'a> Rounds<'a> {
    /// Of rounds that were run already: the names of the sides, and of each side how long it took in each round.
    pub fn new(names: &[&'a str], times: Vec<Vec<Duration>>) -> Self {
        Self { names: names.to_vec(), times }
    }

    /// Print a line a side: seconds of work turned into the figure that is asked for by `figure`.
    pub fn print(&self, unit: &str, figure: impl Fn(f64) -> f64) {
        for (side, name) in self.names.iter().enumerate() {
            println!("  {name:<34} {} {unit}", self.of(side, &figure));
        }
    }

    /// What the rounds of one side gave: seconds of work turned into the figure that is asked for by `figure`.
    pub fn of(&self, side: usize, figure: impl Fn(f64) -> f64) -> Spread {
        Spread::of(self.times[side].iter().map(|time| figure(time.as_secs_f64())))
    }

    /// How many times faster than side `peer` side `ours` was, round by round.
    pub fn times_faster(&self, ours: usize, peer: usize) -> Spread {
        let ratio = |(ours, peer): (&Duration, &Duration)| peer.as_secs_f64() / ours.as_secs_f64();
        Spread::of(self.times[ours].iter().zip(&self.times[peer]).map(ratio))
    }
}

/// Where the figures of the rounds lie. Where the machine is shared the middle half tells more than the extremes, which are
/// rounds that another process interrupted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    /// The one in the middle.
    pub median: f64,
    /// A quarter of the rounds is at most this.
    pub lower_quartile: f64,
    /// A quarter of the rounds is at least this.
    pub upper_quartile: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
}

impl Spread {
    /// Of at least one figure.
    pub fn of(figures: impl Iterator<Item = f64>) -> Self {
        let mut sorted: Vec<f64> = figures.collect();
        sorted.sort_by(f64::total_cmp);
        let at = |quarters: usize| sorted[(sorted.len() - 1) * quarters / 4];
        Self { median: at(2), lower_quartile: at(1), upper_quartile: at(3), min: at(0), max: at(4) }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { median, lower_quartile, upper_quartile, min, max } = self;
        write!(
            f,
            "{median:7.2} (half {lower_quartile:.2} to {upper_quartile:.2}; min {min:.2}, max {max:.2})"
        )
    }
}

/// A sequence of numbers that looks random and is the same in each run (splitmix64, Steele, Lea and Flood 2014).
pub struct Numbers(pub u64);

impl Numbers {
    /// The next number, 64 bits.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// The next number, below `bound` (not 0).
    pub fn below(&mut self, bound: u64) -> u64 {
        self.draw() % bound
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spreads_have_the_middle() {
        let spread = Spread::of([3.0, 5.0, 1.0, 2.0, 4.0].into_iter());
        let expected = Spread { median: 3.0, lower_quartile: 2.0, upper_quartile: 4.0, min: 1.0, max: 5.0 };
        assert_eq!(spread, expected);
    }

    #[test]
    fn sides_take_turns_and_ratios_stay_in_their_round() {
        let order = core::cell::RefCell::new(String::new());
        let mut a_times = [9, 1, 2, 3].into_iter().map(Duration::from_secs);
        let mut b_times = [9, 2, 8, 3].into_iter().map(Duration::from_secs);
        let mut a = || {
            order.borrow_mut().push('A');
            a_times.next().unwrap()
        };
        let mut b = || {
            order.borrow_mut().push('B');
            b_times.next().unwrap()
        };
        let rounds = interleave(3, &mut [("a", &mut a), ("b", &mut b)]);
        let ratios = rounds.times_faster(0, 1);
        assert_eq!((ratios.median, ratios.min, ratios.max), (2.0, 1.0, 4.0));
        assert_eq!(*order.borrow(), "ABABABAB");
    }
}
