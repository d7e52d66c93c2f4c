//! Where up is.

use alloc::vec::Vec;

use crate::channels::Channels;
use crate::distances::{Distances, UNREACHABLE};
use crate::{Graph, SwitchIndex};

/// Which roots a connected part of a graph gets that is given none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Choice {
    /// Where the switches without end ports lie in levels above those that have some, as in a fat tree, all switches of the
    /// top level; elsewhere the centre.
    TopLevel,
    /// One switch: that with the fewest hops to its farthest switch, of these with the fewest hops to all, and of these the
    /// first.
    Centre,
}

fn chosen(graph: &Graph, channels: &Channels, distances: &Distances, choice: Choice) -> Vec<usize> {
    let levels = levels(graph, channels);
    let mut roots = Vec::new();
    let mut is_covered = vec![false; channels.switch_count()];
    for start in 0..channels.switch_count() {
        if is_covered[start] {
            continue;
        }
        let hops = distances.to(start);
        let part: Vec<usize> = (start..hops.len()).filter(|&switch| hops[switch] != UNREACHABLE).collect();
        part.iter().for_each(|&switch| is_covered[switch] = true);
        match top_level(channels, &levels, &part).filter(|_| choice == Choice::TopLevel) {
            Some(top) => roots.extend(top),
            None => roots.extend(centre(distances, &part)),
        }
    }
    roots
}

/// Of each switch, the hops to the nearest one with end ports.
fn levels(graph: &Graph, channels: &Channels) -> Vec<u8> {
    let mut levels = vec![UNREACHABLE; channels.switch_count()];
    let mut front = Vec::new();
    for end in graph.destinations().iter().filter(|end| end.port != 0) {
        if levels[end.switch.get()] != 0 {
            levels[end.switch.get()] = 0;
            front.push(end.switch.get());
        }
    }
    let mut next = Vec::new();
    for level in 1..UNREACHABLE {
        for &switch in &front {
            for &neighbour in channels.neighbours(switch) {
                let known = &mut levels[usize::from(neighbour)];
                if *known == UNREACHABLE {
                    *known = level;
                    next.push(usize::from(neighbour));
                }
            }
        }
        core::mem::swap(&mut front, &mut next);
        next.clear();
    }
    levels
}

/// The switches of the top level, if every link leads from a level to the next and every other switch has a way up.
fn top_level(channels: &Channels, levels: &[u8], part: &[usize]) -> Option<Vec<usize>> {
    let top = part.iter().map(|&switch| levels[switch]).max().filter(|&top| top > 0 && top != UNREACHABLE)?;
    let is_layered = part.iter().all(|&switch| {
        let mut neighbours = channels.neighbours(switch).iter().map(|&other| levels[usize::from(other)]);
        let has_up = levels[switch] == top || neighbours.clone().any(|level| level > levels[switch]);
        has_up && neighbours.all(|level| level.abs_diff(levels[switch]) == 1)
    });
    is_layered.then(|| part.iter().copied().filter(|&switch| levels[switch] == top).collect())
}

fn centre(distances: &Distances, part: &[usize]) -> Option<usize> {
    part.iter().copied().min_by_key(|&switch| {
        let hops = part.iter().map(|&other| distances.to(switch)[other]);
        (hops.clone().max(), hops.map(u32::from).sum::<u32>())
    })
}

/// Of each switch, its hops from the nearest root.
pub(crate) fn ranks(channels: &Channels, roots: &[usize]) -> Vec<u32> {
    let mut ranks = vec![u32::MAX; channels.switch_count()];
    roots.iter().for_each(|&root| ranks[root] = 0);
    let mut front = roots.to_vec();
    let mut rank = 0;
    while !front.is_empty() {
        rank += 1;
        let mut next = Vec::new();
        for switch in front {
            for &neighbour in channels.neighbours(switch) {
                let known = &mut ranks[usize::from(neighbour)];
                if *known == u32::MAX {
                    *known = rank;
                    next.push(usize::from(neighbour));
                }
            }
        }
        front = next;
    }
    ranks
}

/// The roots given, and those chosen for the parts without one.
pub(crate) fn completed(
    graph: &Graph,
    channels: &Channels,
    distances: &Distances,
    given: &[SwitchIndex],
    choice: Choice,
) -> Vec<usize> {
    let given: Vec<usize> = given.iter().map(|root| root.get()).collect();
    let has_given = |switch: usize| given.iter().any(|&root| distances.to(root)[switch] != UNREACHABLE);
    let chosen = chosen(graph, channels, distances, choice).into_iter().filter(|&root| !has_given(root));
    given.iter().copied().chain(chosen).collect()
}
