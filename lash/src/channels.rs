//! The channels between neighbours, as the routers see them: parallel links are one.

use alloc::vec::Vec;
use core::ops::Range;

use crate::Graph;

/// A channel from one switch to a neighbour: all links between the two, in one direction.
///
/// Dependencies between such channels that make no cycle make none between the single links either: a cycle of links
/// is one of channels.
#[derive(Clone, Debug)]
pub(crate) struct Channels {
    /// Of each switch: where its channels begin. One more entry ends the last.
    first: Vec<u32>,
    /// Of each channel: the switch that it leads to.
    head: Vec<u16>,
    /// Of each channel: the one in the other direction.
    reverse: Vec<u32>,
    /// Of each channel, in `ports`: where its ports begin. One more entry ends the last.
    first_port: Vec<u32>,
    ports: Vec<u8>,
}

impl Channels {
    /// The channels of each switch are in the order of their lowest ports.
    pub(crate) fn new(graph: &Graph) -> Self {
        let count = graph.switch_count();
        let (mut first, mut head, mut first_port, mut ports) = (vec![0], vec![], vec![0], Vec::new());
        let mut tail = Vec::new();
        let mut of_switch: Vec<(u16, Vec<u8>)> = Vec::new();
        for switch in graph.switches() {
            of_switch.clear();
            for &(port, peer) in graph.links(switch) {
                match of_switch.iter_mut().find(|(head, _)| *head == peer.switch.0) {
                    Some((_, parallel)) => parallel.push(port),
                    None => of_switch.push((peer.switch.0, vec![port])),
                }
            }
            for (to, parallel) in &of_switch {
                tail.push(switch.0);
                head.push(*to);
                ports.extend_from_slice(parallel);
                first_port.push(ports.len() as u32);
            }
            first.push(head.len() as u32);
        }
        let mut reverse = vec![0; head.len()];
        // Channels that lead to one switch, in the order of where they come from, and those back from there, by head.
        let mut back: Vec<Vec<(u16, u32)>> = vec![Vec::new(); count];
        for (channel, (&from, &to)) in tail.iter().zip(&head).enumerate() {
            back[usize::from(to)].push((from, channel as u32));
        }
        for switch in 0..count {
            for channel in first[switch]..first[switch + 1] {
                let to = head[channel as usize];
                if let Ok(found) = back[switch].binary_search_by_key(&to, |&(from, _)| from) {
                    reverse[channel as usize] = back[switch][found].1;
                }
            }
        }
        Self { first, head, reverse, first_port, ports }
    }

    pub(crate) fn switch_count(&self) -> usize {
        self.first.len() - 1
    }

    pub(crate) fn count(&self) -> usize {
        self.head.len()
    }

    /// The channels that leave a switch.
    pub(crate) fn of(&self, switch: usize) -> Range<usize> {
        self.first[switch] as usize..self.first[switch + 1] as usize
    }

    /// The neighbours of a switch, in the order of its channels.
    pub(crate) fn neighbours(&self, switch: usize) -> &[u16] {
        &self.head[self.of(switch)]
    }

    pub(crate) fn head(&self, channel: usize) -> usize {
        usize::from(self.head[channel])
    }

    pub(crate) fn reverse(&self, channel: usize) -> usize {
        self.reverse[channel] as usize
    }

    /// The ports of the links that the channel stands for, in their order.
    pub(crate) fn ports(&self, channel: usize) -> &[u8] {
        &self.ports[self.first_port[channel] as usize..self.first_port[channel + 1] as usize]
    }
}
