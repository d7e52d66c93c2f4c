use alloc::collections::BTreeSet;
use alloc::vec;
use alloc::vec::Vec;

use ib_mad::wire::{PortState, SwitchInfo};
use ib_mad::{Lid, PKey, ServiceLevel};

use super::ports::{can_reregister, wanted};
use super::routes::{BLOCK, LastRouting, Routes};
use super::trees::{PortMask, tree};
use super::{LidBook, Setting, WrittenLanes};
use crate::MulticastChange;
use crate::discovery::Draft;
use crate::event::Fault;
use crate::settings::Settings;
use crate::subnet::{EndPort, NodeIndex, Subnet};

/// What to tell the nodes of a subnet so that it is as it should be.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// What to tell, in this order to each node.
    pub(crate) settings: Vec<Setting>,
    /// Ports to activate when everything else is done.
    pub(crate) activate: Vec<EndPort>,
    /// End ports that are to be told that the manager lost its records.
    pub(crate) reregister: BTreeSet<EndPort>,
    /// Whether some port has a LID that it did not have.
    pub(crate) has_new_lids: bool,
    /// Lanes in use.
    pub(crate) lanes: u8,
    /// Blocks of forwarding tables among the settings.
    pub(crate) forwarding_blocks: u32,
}

/// What a plan is made of, besides the subnet that was found.
pub(crate) struct PlanInput<'a> {
    pub(crate) settings: &'a Settings,
    /// The subnet as the manager left it after the last sweep.
    pub(crate) before: &'a Subnet,
    /// Whether the manager has just become the master.
    pub(crate) is_new_master: bool,
    pub(crate) groups: &'a [MulticastChange],
}

/// A multicast LID's place in the tables.
const FIRST_MULTICAST: u16 = 0xC000;
/// Groups in a block of a multicast forwarding table, and ports in one of its positions.
const GROUPS: u16 = 32;
const PORTS: u8 = 16;
/// Keys in a block of a partition table.
const KEYS: usize = 32;
/// How long a packet may wait in a switch, about a second.
const SWITCH_LIFE_TIME: u8 = 18;

impl Plan {
    /// Turn what was found into what is to be, and list what has to be told for that.
    pub(crate) fn new(
        draft: &mut Draft,
        book: &mut LidBook,
        lanes: &mut WrittenLanes,
        last: &mut LastRouting,
        input: &PlanInput<'_>,
    ) -> Self {
        let mut plan = Self::default();
        let found_lids = found_lids(&draft.subnet);
        let (subnet, faults) = (&mut draft.subnet, &mut draft.faults);
        subnet.partitions = input.settings.partitions.clone();
        plan.has_new_lids = book.assign(subnet, input.settings.lmc.min(7), faults);
        keep_tables(subnet, lanes, &found_lids, input);
        // Lanes and MTUs first: the routing goes by them.
        let ports = linked_ports(subnet);
        let wants: Vec<_> = ports
            .iter()
            .filter_map(|at| {
                wanted(subnet, *at, input.settings, ServiceLevel::default()).map(|info| (*at, info))
            })
            .collect();
        let found: Vec<_> = ports.iter().filter_map(|at| subnet.port(*at).map(|port| port.info)).collect();
        for (at, info) in wants {
            if let Some(port) = subnet.port_mut(at) {
                port.info = info;
            }
        }
        let routes = last.route(subnet, input.settings.routing, faults);
        plan.lanes = routes.as_ref().map_or(0, |routes| routes.lanes());
        if let Some(routes) = &routes {
            let levels = routes.service_levels();
            subnet.set_service_levels(levels);
        }
        for (at, found) in ports.iter().zip(found) {
            plan.port(subnet, *at, found, &found_lids, input, faults);
        }
        plan.switches(subnet, routes.as_ref(), faults);
        lanes.settings(subnet, plan.lanes, &mut plan.settings);
        for group in input.groups {
            plan.settings.extend(multicast_settings(subnet, group, faults));
        }
        plan
    }

    fn port(
        &mut self,
        subnet: &mut Subnet,
        at: EndPort,
        found: ib_mad::wire::PortInfo,
        found_lids: &[(EndPort, Lid, u8)],
        input: &PlanInput<'_>,
        faults: &mut BTreeSet<Fault>,
    ) {
        let level = level_to_manager(subnet, at);
        let is_switch = subnet.node(at.node).is_some_and(|node| node.is_switch());
        let is_end = !is_switch || at.port == 0;
        let Some(port) = subnet.port_mut(at) else { return };
        if is_end {
            port.info.master_sm_sl = level;
            if port.info.lid == Lid::UNASSIGNED {
                // Without a LID it stays out of service.
                return;
            }
        }
        let is_external = at.port != 0;
        let mut as_found = found;
        if let Ok(place) = found_lids.binary_search_by_key(&at, |(at, ..)| *at) {
            (as_found.lid, as_found.lmc) = (found_lids[place].1, found_lids[place].2);
        }
        as_found.client_reregister = false;
        if input.settings.m_key.0 == 0 {
            // A port that protects nothing shows its key to nobody, and needs none.
            as_found.m_key = port.info.m_key;
        }
        let is_fresh = found.port_state == PortState::INITIALIZE;
        if is_end && can_reregister(&found) && (input.is_new_master || is_fresh) {
            self.reregister.insert(at);
        }
        if as_found != port.info || (is_external && is_fresh) || self.reregister.contains(&at) {
            self.settings.push(Setting::Port(at));
        }
        if is_external && (is_fresh || found.port_state == PortState::ARMED) {
            self.activate.push(at);
        }
        if is_end {
            self.keys(subnet, at, is_fresh, input, faults);
        }
    }

    fn keys(
        &mut self,
        subnet: &mut Subnet,
        at: EndPort,
        is_fresh: bool,
        input: &PlanInput<'_>,
        faults: &mut BTreeSet<Fault>,
    ) {
        let Some(guid) = subnet.port(at).map(|port| port.guid) else { return };
        let capacity = subnet.node(at.node).map_or(0, |node| node.info.partition_capacity);
        let mut keys = subnet.partitions.keys(guid);
        if keys.len() > usize::from(capacity) {
            faults.insert(Fault::TooManyPartitions { port: guid, capacity });
            keys.truncate(capacity.into());
        }
        let before = input.before.end_port_by_guid(guid).and_then(|at| input.before.port(at));
        let known = before.filter(|_| !is_fresh && !input.is_new_master).map(|port| &port.p_keys[..]);
        for block in 0..usize::from(capacity).div_ceil(KEYS) {
            if known.is_none_or(|known| block_of(known, block) != block_of(&keys, block)) {
                self.settings.push(Setting::Keys(at, block as u16));
            }
        }
        if let Some(port) = subnet.port_mut(at) {
            port.p_keys = keys;
        }
    }

    fn switches(&mut self, subnet: &mut Subnet, routes: Option<&Routes<'_>>, faults: &mut BTreeSet<Fault>) {
        let last = subnet.last_lid();
        for ordinal in 0..subnet.switches().len() {
            let index = subnet.switches()[ordinal];
            let Some(node) = subnet.node_mut(index) else { continue };
            let guid = node.info.node_guid;
            let Some(switch) = &mut node.switch else { continue };
            let capacity = switch.info.linear_fdb_capacity;
            if capacity <= last.0 {
                faults.insert(Fault::TableTooSmall { switch: guid, capacity, last });
            }
            let top = last.0.min(capacity.saturating_sub(1));
            let wanted = SwitchInfo {
                linear_fdb_top: top,
                life_time_value: SWITCH_LIFE_TIME,
                port_state_change: false,
                ..switch.info
            };
            if (SwitchInfo { port_state_change: false, ..switch.info }) != wanted {
                self.settings.push(Setting::Switch(index));
            }
            switch.info = wanted;
            let Some(routes) = routes else { continue };
            let mut table = routes.table(ordinal);
            table.truncate((usize::from(top) + 1).next_multiple_of(BLOCK));
            for (block, entries) in table.chunks(BLOCK).enumerate() {
                if switch.forwarding.get(block * BLOCK..(block + 1) * BLOCK) != Some(entries) {
                    self.settings.push(Setting::Forwarding(index, block as u16));
                    self.forwarding_blocks += 1;
                }
            }
            switch.forwarding = table;
        }
    }
}

/// The keys of a block, with empty entries where there are none.
pub(crate) fn block_of(keys: &[PKey], block: usize) -> [PKey; KEYS] {
    core::array::from_fn(|place| keys.get(block * KEYS + place).copied().unwrap_or_default())
}

/// The LIDs that the ports say that they have, in the order of the ports.
fn found_lids(subnet: &Subnet) -> Vec<(EndPort, Lid, u8)> {
    let mut found: Vec<_> = subnet
        .end_ports()
        .filter_map(|(_, at)| subnet.port(at).map(|port| (at, port.info.lid, port.info.lmc)))
        .collect();
    found.sort_unstable();
    found
}

/// The ports that are to be set: those with a link, and port 0 of each switch.
fn linked_ports(subnet: &Subnet) -> Vec<EndPort> {
    let of_node = |(node, content): (NodeIndex, _)| {
        let content: &crate::subnet::Node = content;
        content
            .ports()
            .iter()
            .filter(|port| port.number == 0 || (port.is_up() && port.neighbor.is_some()))
            .map(move |port| EndPort { node, port: port.number })
            .collect::<Vec<_>>()
    };
    subnet.nodes().flat_map(of_node).collect()
}

/// Service level from a port to the manager.
fn level_to_manager(subnet: &Subnet, at: EndPort) -> ServiceLevel {
    let ordinal = |at| subnet.access_switch(at).and_then(|node| subnet.switch_ordinal(node));
    let ends = ordinal(at).zip(subnet.manager_port.and_then(ordinal));
    ends.and_then(|(from, to)| subnet.service_levels().get(from, to)).unwrap_or_default()
}

/// Take over what the switches were told before, of those that have not forgotten it.
///
/// A switch that was restarted has no LID, or no table in use.
fn keep_tables(
    subnet: &mut Subnet,
    lanes: &mut WrittenLanes,
    found_lids: &[(EndPort, Lid, u8)],
    input: &PlanInput<'_>,
) {
    if input.is_new_master {
        lanes.clear();
    }
    for place in 0..subnet.switches().len() {
        let index = subnet.switches()[place];
        let Some(node) = subnet.node_mut(index) else { continue };
        let guid = node.info.node_guid;
        let Some(switch) = &mut node.switch else { continue };
        let at = EndPort { node: index, port: 0 };
        let lid = found_lids
            .binary_search_by_key(&at, |(at, ..)| *at)
            .map_or(Lid::UNASSIGNED, |at| found_lids[at].1);
        let before = input.before.node_by_guid(guid).and_then(|node| input.before.node(node));
        let old = before.and_then(|node| node.switch.as_ref().zip(node.port(0)));
        let is_kept = old.is_some_and(|(old, port)| {
            lid == port.info.lid && switch.info.linear_fdb_top == old.info.linear_fdb_top
        });
        match old.filter(|_| is_kept && !input.is_new_master) {
            Some((old, _)) => {
                switch.forwarding.clone_from(&old.forwarding);
                switch.multicast.clone_from(&old.multicast);
            }
            None => lanes.forget(guid),
        }
    }
}

/// What the switches are to be told of a group, given what they were told before; the subnet then has the new tables.
pub(crate) fn multicast_settings(
    subnet: &mut Subnet,
    group: &MulticastChange,
    faults: &mut BTreeSet<Fault>,
) -> Vec<Setting> {
    let masks = tree(subnet, group);
    let mut settings = vec![];
    let offset = group.lid.0.wrapping_sub(FIRST_MULTICAST);
    if !group.lid.is_multicast() {
        return settings;
    }
    for place in 0..subnet.switches().len() {
        let index = subnet.switches()[place];
        let wanted: PortMask = masks.get(&index).copied().unwrap_or_default();
        let Some(node) = subnet.node_mut(index) else { continue };
        let guid = node.info.node_guid;
        let Some(switch) = &mut node.switch else { continue };
        let before = switch.multicast.get(&group.lid).copied().unwrap_or_default();
        if before == wanted {
            continue;
        }
        let capacity = switch.info.multicast_fdb_capacity;
        if offset >= capacity {
            faults.insert(Fault::MulticastTableTooSmall { switch: guid, capacity, group: group.lid });
            continue;
        }
        for position in 0..16 {
            if sixteen(&before, position) != sixteen(&wanted, position) {
                settings.push(Setting::Multicast(index, offset / GROUPS, position));
            }
        }
        if wanted == [0; 4] {
            switch.multicast.remove(&group.lid);
        } else {
            switch.multicast.insert(group.lid, wanted);
        }
    }
    settings
}

/// Sixteen ports of a mask, from `position` times sixteen on.
pub(crate) fn sixteen(mask: &PortMask, position: u8) -> u16 {
    let first = position * PORTS;
    (mask[usize::from(first >> 6)] >> (first & 63)) as u16
}

#[cfg(test)]
#[path = "plan_test.rs"]
mod tests;
