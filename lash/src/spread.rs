//! Tables that spread destinations over all channels that lie on a way of the wanted kind.

use alloc::vec::Vec;

use crate::channels::Channels;
use crate::distances::UNREACHABLE;
use crate::hops_order::HopsOrder;
use crate::routing::{ChannelMask, Interner, NO_CHOICE, is_in};
use crate::{Graph, Routing, RoutingError};

/// The ways to one switch at a time.
pub(crate) trait Ways {
    /// Turn to the ways to this switch.
    fn turn_to(&mut self, destination: usize) -> Result<(), RoutingError>;

    /// The hops from each switch.
    fn hops(&self) -> &[u8];

    /// Whether a way leads from the switch, which is at more than 0 hops, to its neighbour. It has fewer hops then.
    fn leads(&self, switch: usize, neighbour: usize) -> bool;
}

/// Tables for all ways.
///
/// Destinations are spread by digits of their ranks: a switch that is reached through a choice of k channels
/// divides by k before it chooses itself. Otherwise those that one switch sends to another would all have the same remainder
/// there, and all take the same port on. In a whole fat tree whose leaf switches are numbered group by group, every channel carries
/// the same so.
pub(crate) fn spread(
    graph: &Graph,
    channels: &Channels,
    mut ways: impl Ways,
) -> Result<Routing, RoutingError> {
    let switches = channels.switch_count();
    let mut interner = Interner::new(channels);
    let mut choices = vec![NO_CHOICE; switches * switches];
    let mut all_hops = Vec::with_capacity(switches * switches);
    let mut strides = Strides::new(switches, graph.destinations().len());
    let mut order = HopsOrder::default();
    let is_wanted = graph.have_destinations();
    for (destination, row) in choices.chunks_exact_mut(switches.max(1)).enumerate() {
        if !is_wanted[destination] {
            all_hops.resize(all_hops.len() + switches, UNREACHABLE);
            continue;
        }
        ways.turn_to(destination)?;
        strides.restart();
        for &switch in order.nearest_first(ways.hops()).iter().rev() {
            let switch = usize::from(switch);
            let neighbours = channels.neighbours(switch);
            let mut mask: ChannelMask = [0; 4];
            let (mut found, mut last) = (0, 0);
            for (place, &neighbour) in neighbours.iter().enumerate() {
                if ways.leads(switch, usize::from(neighbour)) {
                    mask[place / 64] |= 1 << (place % 64);
                    found += 1;
                    last = place;
                }
            }
            let stride = strides.of[switch];
            row[switch] = match found {
                0 => continue,
                1 => last as u16,
                _ => interner.choice(switch, mask, stride),
            };
            let behind = strides.behind(stride, found);
            for (_, &neighbour) in neighbours.iter().enumerate().filter(|&(place, _)| is_in(&mask, place)) {
                strides.reach(usize::from(neighbour), behind);
            }
        }
        all_hops.extend_from_slice(ways.hops());
    }
    Ok(Routing::new(graph, choices, all_hops, interner.into_sets()))
}

/// By what each switch divides the rank of a destination; 0 when there is no digit left.
struct Strides {
    of: Vec<u16>,
    destinations: usize,
}

impl Strides {
    fn new(switches: usize, destinations: usize) -> Self {
        Self { of: vec![1; switches], destinations }
    }

    fn restart(&mut self) {
        self.of.fill(1);
    }

    /// What holds behind a choice of `count` channels.
    fn behind(&self, stride: u16, count: u16) -> u16 {
        stride.checked_mul(count).filter(|&stride| usize::from(stride) < self.destinations).unwrap_or(0)
    }

    fn reach(&mut self, switch: usize, stride: u16) {
        let known = &mut self.of[switch];
        *known = if *known == 0 || stride == 0 { 0 } else { stride.max(*known) };
    }
}
