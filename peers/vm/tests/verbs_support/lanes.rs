//! What goes over the cable on each of two lanes, counted by the kernel and not by who sends it.

use machine::{End, Machine, run};
use std::time::Instant;

use super::LIMIT;

/// What end 0 sends on two lanes, until this is dropped.
#[derive(Debug)]
pub(crate) struct Lanes(());

const DEVICE: &str = End::Zero.network_device();

impl Lanes {
    /// Count what goes to the first address of end 1 on service levels 0 and 1, by the class selector of the traffic class.
    pub(crate) fn new(machine: &Machine) -> Self {
        let address = End::One.addresses()[0];
        // The lowest two bits are those of congestion.
        let level = |level: u8| format!("match ip dst {address}/32 match ip tos {} 0xfc", level << 5);
        Self::matching(machine, [level(0), level(1)])
    }

    /// Count packets of IPv4 by a filter of `tc` for each lane; what fits both is of the first.
    pub(crate) fn matching(machine: &Machine, lanes: [String; 2]) -> Self {
        machine.load_module("sch_prio");
        machine.load_module("cls_u32");
        // Of four bands the last two are those of the lanes; everything else is in the second.
        tc(&format!(
            "qdisc add dev {DEVICE} root handle 1: prio bands 4 priomap 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"
        ));
        for (lane, filter) in lanes.iter().enumerate() {
            let (band, handle, order) = (lane + 3, lane + 30, lane + 1);
            tc(&format!("qdisc add dev {DEVICE} parent 1:{band} handle {handle}: netem limit 100000"));
            tc(&format!(
                "filter add dev {DEVICE} parent 1: protocol ip prio {order} u32 {filter} flowid 1:{band}"
            ));
        }
        Self(())
    }

    /// Have a lane's packets spoiled, as `tc netem` says it.
    pub(crate) fn spoil(&self, lane: u8, what: &str) {
        let (band, handle) = (lane + 3, lane + 30);
        tc(&format!("qdisc change dev {DEVICE} parent 1:{band} handle {handle}: netem limit 100000 {what}"));
    }

    /// Packets of a lane that went out.
    pub(crate) fn packets(&self, lane: u8) -> u64 {
        let listed = run("tc", &["-s", "qdisc", "show", "dev", DEVICE]);
        let of_lane = listed.split("qdisc netem ").find(|part| part.starts_with(&format!("{}:", lane + 30)));
        // "Sent 1234 bytes 12 pkt (dropped 0, …".
        let words = of_lane.into_iter().flat_map(str::split_whitespace);
        let sent = words.skip_while(|word| *word != "Sent").nth(3).and_then(|word| word.parse().ok());
        sent.unwrap_or_else(|| panic!("{listed}"))
    }

    /// Wait until as many more have gone out on a lane.
    pub(crate) fn wait_for_more(&self, lane: u8, count: u64) {
        let (begun, before) = (Instant::now(), self.packets(lane));
        while self.packets(lane) < before + count {
            assert!(begun.elapsed() < LIMIT, "nothing goes on lane {lane}");
        }
    }
}

impl Drop for Lanes {
    fn drop(&mut self) {
        tc(&format!("qdisc del dev {DEVICE} root"));
    }
}

fn tc(line: &str) {
    run("tc", &line.split_whitespace().collect::<Vec<_>>());
}
