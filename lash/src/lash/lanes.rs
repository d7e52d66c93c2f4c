//! The lane of each pair of switches.

use alloc::vec::Vec;

use super::Problem;
use super::search::Found;
use crate::hops_order::HopsOrder;

/// How many lanes may be used: 1 to 15.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LaneLimit(u8);

impl LaneLimit {
    /// All data lanes that a port can have, 0 to 14; lane 15 is for subnet management alone.
    pub const ALL: Self = Self(15);

    /// At most `lanes` lanes, 1 to 15.
    pub const fn new(lanes: u8) -> Option<Self> {
        match lanes {
            1..=15 => Some(Self(lanes)),
            _ => None,
        }
    }

    /// How many lanes that is.
    pub const fn get(self) -> u8 {
        self.0
    }
}

/// Lanes by source, then by destination; the same in both directions.
pub(super) struct Assignment {
    pub(super) lane_of: Vec<u8>,
}

impl Assignment {
    /// Each pair gets the lane preferred, or, where it does not fit that, the one with the fewest pairs of those that it fits.
    pub(super) fn new(
        problem: &Problem<'_>,
        found: &Found,
        lanes: usize,
        preferred: impl Fn(usize, usize) -> Option<u8>,
    ) -> Self {
        if lanes == 1 {
            return Self { lane_of: Vec::new() };
        }
        let switches = problem.has_end_ports.len();
        let fitting = fitting(problem, found);
        let mut lane_of = vec![0; switches * switches];
        let mut filled = [0_usize; u32::BITS as usize];
        let mut open = Vec::new();
        let mut set = |[one, other]: [usize; 2], lane: usize, filled: &mut [usize]| {
            filled[lane] += 1;
            lane_of[one * switches + other] = lane as u8;
            lane_of[other * switches + one] = lane as u8;
        };
        for [one, other] in problem.pairs() {
            let fits = fitting[one * switches + other] & fitting[other * switches + one];
            match preferred(one, other).filter(|&lane| fits >> lane & 1 == 1) {
                Some(lane) => set([one, other], usize::from(lane), &mut filled),
                None => open.push(([one, other], fits)),
            }
        }
        for (pair, fits) in open {
            let fitting = (0..lanes).filter(|lane| fits >> lane & 1 == 1);
            let lane = fitting.min_by_key(|&lane| filled[lane]).unwrap_or(0);
            set(pair, lane, &mut filled);
        }
        Self { lane_of }
    }
}

/// By destination, then by source: the lanes that have all dependencies of the path, a bit each.
fn fitting(problem: &Problem<'_>, found: &Found) -> Vec<u32> {
    let switches = problem.has_end_ports.len();
    let channels = problem.dependencies.channels();
    let mut fitting = vec![u32::MAX; switches * switches];
    let mut order = HopsOrder::default();
    for (destination, row) in fitting.chunks_exact_mut(switches.max(1)).enumerate() {
        for &switch in order.nearest_first(problem.distances.to(destination)) {
            let switch = usize::from(switch);
            let channel = channels.of(switch).start + found.trees.place(switch, destination);
            let next = channels.head(channel);
            if next != destination {
                let place = found.trees.place(next, destination);
                row[switch] = row[next] & found.masks[problem.dependencies.of(channel, place)];
            }
        }
    }
    fitting
}
