//! Hop counts between all pairs of switches.

use alloc::vec::Vec;

use crate::channels::Channels;
use crate::{RoutingError, SwitchIndex};

/// No path.
pub(crate) const UNREACHABLE: u8 = u8::MAX;
/// The longest path whose hops are counted.
pub(crate) const LONGEST: u8 = UNREACHABLE - 1;

/// The hops between each two switches, of all shortest paths.
#[derive(Clone, Debug)]
pub(crate) struct Distances {
    switches: usize,
    hops: Vec<u8>,
}

impl Distances {
    /// Breadth first from 64 switches at once: a bit of each word is one of them.
    pub(crate) fn new(channels: &Channels) -> Result<Self, RoutingError> {
        let switches = channels.switch_count();
        let mut hops = vec![UNREACHABLE; switches * switches];
        let (mut seen, mut front) = (vec![0_u64; switches], vec![0_u64; switches]);
        let mut next = vec![0_u64; switches];
        let (mut active, mut reached) = (Vec::new(), Vec::new());
        for base in (0..switches).step_by(64) {
            seen.fill(0);
            front.fill(0);
            active.clear();
            for source in base..switches.min(base + 64) {
                seen[source] = 1 << (source - base);
                front[source] = seen[source];
                hops[source * switches + source] = 0;
                active.push(source);
            }
            for distance in 1.. {
                for &switch in &active {
                    for &neighbour in channels.neighbours(switch) {
                        let neighbour = usize::from(neighbour);
                        let new = front[switch] & !seen[neighbour];
                        if new != 0 {
                            if next[neighbour] == 0 {
                                reached.push(neighbour);
                            }
                            next[neighbour] |= new;
                        }
                    }
                }
                if reached.is_empty() {
                    break;
                }
                for &switch in &active {
                    front[switch] = 0;
                }
                for &switch in &reached {
                    let new = core::mem::take(&mut next[switch]);
                    seen[switch] |= new;
                    front[switch] = new;
                    let mut left = new;
                    while left != 0 {
                        let source = base + left.trailing_zeros() as usize;
                        if distance > u32::from(LONGEST) {
                            let [from, to] = [source, switch].map(|number| SwitchIndex(number as u16));
                            return Err(RoutingError::TooFar { from, to, limit: LONGEST });
                        }
                        hops[source * switches + switch] = distance as u8;
                        left &= left - 1;
                    }
                }
                core::mem::swap(&mut active, &mut reached);
                reached.clear();
            }
        }
        Ok(Self { switches, hops })
    }

    /// The hops from every switch to one, which are those from the one to every.
    pub(crate) fn to(&self, destination: usize) -> &[u8] {
        &self.hops[destination * self.switches..][..self.switches]
    }

    /// The hops of all pairs, by destination, then by source.
    pub(crate) fn into_hops(self) -> Vec<u8> {
        self.hops
    }
}
