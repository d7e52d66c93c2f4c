//! What happens to the cable between the two ports.

use crate::{End, run};

/// Packets of one end are spoiled until this is dropped.
#[derive(Debug)]
pub struct Netem(End);

impl Netem {
    pub(crate) fn new(end: End, what: &str) -> Self {
        // Adding makes a new queue: changing one keeps what it holds back.
        let mut arguments = vec!["qdisc", "add", "dev", end.network_device(), "root", "netem"];
        arguments.extend(what.split_whitespace());
        run("tc", &arguments);
        Self(end)
    }
}

impl Drop for Netem {
    fn drop(&mut self) {
        run("tc", &["qdisc", "del", "dev", self.0.network_device(), "root"]);
    }
}

/// One end is down until this is dropped.
#[derive(Debug)]
#[non_exhaustive]
pub struct LinkDown {}

impl LinkDown {
    pub(crate) fn new(end: End) -> Self {
        run("ip", &["link", "set", end.network_device(), "down"]);
        Self {}
    }
}

impl Drop for LinkDown {
    fn drop(&mut self) {
        // It takes both links up, and restores what went with the link.
        run("sh", &["/machine/cable.sh"]);
    }
}
