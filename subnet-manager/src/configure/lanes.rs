use alloc::collections::BTreeMap;

use super::Setting;
use crate::subnet::NodeIndex;
use crate::subnet::{Node, Subnet};
use ib_mad::Guid;

/// Which tables of lanes a node was told: by its GUID and the output port, for how many lanes, and from which inputs (a bit each).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct WrittenLanes(BTreeMap<(Guid, u8), (u8, [u64; 4])>);

impl WrittenLanes {
    /// The node lost its tables, or may have.
    pub(crate) fn forget(&mut self, node: Guid) {
        let keys: alloc::vec::Vec<_> =
            self.0.range((node, 0)..=(node, u8::MAX)).map(|(key, _)| *key).collect();
        for key in keys {
            self.0.remove(&key);
        }
    }

    /// Forget everything.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// Note that a table is written, and tell whether it was not before.
    fn note(&mut self, node: Guid, input: u8, output: u8, lanes: u8) -> bool {
        let (known, inputs) = self.0.entry((node, output)).or_default();
        if *known != lanes {
            (*known, *inputs) = (lanes, [0; 4]);
        }
        let (word, bit) = (usize::from(input >> 6), 1 << (input & 63));
        let is_new = inputs[word] & bit == 0;
        inputs[word] |= bit;
        is_new
    }

    /// What the nodes of the subnet have not been told yet.
    pub(super) fn settings(
        &mut self,
        subnet: &Subnet,
        lanes_in_use: u8,
        settings: &mut alloc::vec::Vec<Setting>,
    ) {
        // Where everything goes by level 0, any table will do.
        if lanes_in_use <= 1 && self.0.is_empty() {
            return;
        }
        for (index, node) in subnet.nodes() {
            self.node_settings(index, node, settings);
        }
    }

    fn node_settings(&mut self, index: NodeIndex, node: &Node, settings: &mut alloc::vec::Vec<Setting>) {
        let guid = node.info.node_guid;
        let linked = || node.ports().iter().filter(|port| port.is_up() && port.neighbor.is_some());
        for output in linked() {
            let lanes = output.data_lanes();
            if !node.is_switch() {
                let number = output.number;
                if self.note(guid, number, number, lanes) {
                    settings.push(Setting::Lanes { node: index, input: number, output: number });
                }
                continue;
            }
            // Port 0 sends too, and is no link.
            for input in core::iter::once(0).chain(linked().map(|port| port.number)) {
                if self.note(guid, input, output.number, lanes) {
                    settings.push(Setting::Lanes { node: index, input, output: output.number });
                }
            }
        }
    }
}
