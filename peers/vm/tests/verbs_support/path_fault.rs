//! Faults of one of the two paths between the ports.

use machine::{End, Machine, run};

/// What end 0 sends to one address of end 1 is spoiled until this is dropped; the rest passes. What is spoiled keeps its
/// order.
#[derive(Debug)]
pub(crate) struct PathFault {
    device: &'static str,
}

impl PathFault {
    /// Spoil the path of the `path`th address of IPv4, as `tc netem` says it.
    pub(crate) fn new(machine: &Machine, path: usize, what: &str) -> Self {
        machine.load_module("sch_prio");
        machine.load_module("cls_u32");
        let device = End::Zero.network_device();
        let address = End::One.addresses()[path];
        // Of three bands the last is spoiled; nothing but the filter's packets goes there.
        let map = "1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1";
        tc(&format!("qdisc add dev {device} root handle 1: prio bands 3 priomap {map}"));
        tc(&format!("qdisc add dev {device} parent 1:3 handle 30: netem limit 100000 {what}"));
        tc(&format!(
            "filter add dev {device} parent 1: protocol ip prio 1 u32 match ip dst {address}/32 flowid 1:3"
        ));
        Self { device }
    }
}

impl Drop for PathFault {
    fn drop(&mut self) {
        tc(&format!("qdisc del dev {} root", self.device));
    }
}

fn tc(line: &str) {
    run("tc", &line.split_whitespace().collect::<Vec<_>>());
}
