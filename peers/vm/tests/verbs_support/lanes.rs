//! What goes over the cable on each service level, counted by the kernel and not by who sends it.

use machine::{End, Machine, run};
use std::time::Instant;

use super::LIMIT;

/// What end 0 sends to the first address of end 1 on service levels 0 and 1, by the class selector of the traffic class; until this is
/// dropped.
#[derive(Debug)]
pub(crate) struct Lanes(());

const DEVICE: &str = End::Zero.network_device();

impl Lanes {
    /// Count the packets of both levels.
    pub(crate) fn new(machine: &Machine) -> Self {
        machine.load_module("sch_prio");
        machine.load_module("cls_u32");
        let address = End::One.addresses()[0];
        // Of four bands the last two are those of the levels; everything else is in the second.
        tc(&format!(
            "qdisc add dev {DEVICE} root handle 1: prio bands 4 priomap 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1"
        ));
        for level in 0..2 {
            let (band, handle, class) = (level + 3, level + 30, level << 5);
            tc(&format!("qdisc add dev {DEVICE} parent 1:{band} handle {handle}: netem limit 100000"));
            // The lowest two bits are those of congestion.
            tc(&format!(
                "filter add dev {DEVICE} parent 1: protocol ip prio 1 u32 match ip dst {address}/32 match ip tos {class} 0xfc \
                 flowid 1:{band}"
            ));
        }
        Self(())
    }

    /// Have a level's packets spoiled, as `tc netem` says it.
    pub(crate) fn spoil(&self, level: u8, what: &str) {
        let (band, handle) = (level + 3, level + 30);
        tc(&format!("qdisc change dev {DEVICE} parent 1:{band} handle {handle}: netem limit 100000 {what}"));
    }

    /// Packets of a level that went out.
    pub(crate) fn packets(&self, level: u8) -> u64 {
        let listed = run("tc", &["-s", "qdisc", "show", "dev", DEVICE]);
        let of_level =
            listed.split("qdisc netem ").find(|part| part.starts_with(&format!("{}:", level + 30)));
        // "Sent 1234 bytes 12 pkt (dropped 0, …".
        let words = of_level.into_iter().flat_map(str::split_whitespace);
        let sent = words.skip_while(|word| *word != "Sent").nth(3).and_then(|word| word.parse().ok());
        sent.unwrap_or_else(|| panic!("{listed}"))
    }

    /// Wait until as many more have gone out on a level.
    pub(crate) fn wait_for_more(&self, level: u8, count: u64) {
        let (begun, before) = (Instant::now(), self.packets(level));
        while self.packets(level) < before + count {
            assert!(begun.elapsed() < LIMIT, "nothing goes on service level {level}");
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
