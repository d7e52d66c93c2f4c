//! What a sweep changed for those who use the subnet.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use ib_mad::wire::PortState;
use ib_mad::{Gid, Lid, ServiceLevel};

use crate::subnet::{EndPort, NodeIndex, Subnet};
use crate::{PathChanges, SubnetChange};

/// What is different between the subnet as it was, if it was up, and as it is.
pub(super) fn changes(before: Option<&Subnet>, now: &Subnet) -> SubnetChange {
    let serving_now = serving(now);
    let Some(before) = before else {
        let in_service = serving_now.into_keys().collect();
        return SubnetChange { in_service, ..SubnetChange::default() };
    };
    let serving_before = serving(before);
    let missing = |one: &BTreeMap<Gid, (EndPort, Lid)>, other: &BTreeMap<Gid, (EndPort, Lid)>| -> Vec<Gid> {
        one.keys().filter(|gid| !other.contains_key(gid)).copied().collect()
    };
    let mut ends = BTreeSet::new();
    for (gid, (_, lid)) in &serving_now {
        if serving_before.get(gid).is_some_and(|(_, old)| old != lid) {
            // Every path to or from it is another one.
            ends.extend(serving_now.keys().filter(|gid| serving_before.contains_key(gid)).copied());
        }
    }
    if ends.is_empty() {
        ends = ends_of_changed_levels(before, now, &serving_before, &serving_now);
    }
    SubnetChange {
        in_service: missing(&serving_now, &serving_before),
        out_of_service: missing(&serving_before, &serving_now),
        paths: if ends.is_empty() { PathChanges::None } else { PathChanges::Ends(ends) },
    }
}

/// The end ports that carry data, by GID.
fn serving(subnet: &Subnet) -> BTreeMap<Gid, (EndPort, Lid)> {
    let end = |(lid, at): (Lid, EndPort)| {
        let port = subnet.port(at)?;
        let is_serving = at.port == 0 || port.info.port_state == PortState::ACTIVE;
        is_serving.then(|| (Gid::new(subnet.prefix(), port.guid), (at, lid)))
    };
    subnet.lids().filter_map(end).collect()
}

/// Ports whose switches have another service level between them, or that hang on another switch with another level.
fn ends_of_changed_levels(
    before: &Subnet,
    now: &Subnet,
    serving_before: &BTreeMap<Gid, (EndPort, Lid)>,
    serving_now: &BTreeMap<Gid, (EndPort, Lid)>,
) -> BTreeSet<Gid> {
    // The ports by the switch that they hang on, then and now; most hang where they did.
    let mut places: BTreeMap<(Option<u16>, Option<u16>), Vec<Gid>> = BTreeMap::new();
    for (gid, (at, _)) in serving_now {
        let Some((old, _)) = serving_before.get(gid) else { continue };
        let place = (ordinal(before, *old), ordinal(now, *at));
        places.entry(place).or_default().push(*gid);
    }
    let mut ends = BTreeSet::new();
    for (from, ports) in &places {
        for (to, others) in &places {
            let old = level(before, from.0, to.0);
            let new = level(now, from.1, to.1);
            // A path that was not there before is nobody's record, and neither is one that is gone.
            if let (Some(old), Some(new)) = (old, new)
                && old != new
            {
                ends.extend(ports.iter().chain(others).copied());
            }
        }
    }
    ends
}

fn ordinal(subnet: &Subnet, at: EndPort) -> Option<u16> {
    let switch: Option<NodeIndex> = subnet.access_switch(at);
    switch.and_then(|switch| subnet.switch_ordinal(switch))
}

fn level(subnet: &Subnet, from: Option<u16>, to: Option<u16>) -> Option<ServiceLevel> {
    match (from, to) {
        (Some(from), Some(to)) if from != to => subnet.service_levels().get(from, to),
        _ => Some(ServiceLevel::default()),
    }
}
