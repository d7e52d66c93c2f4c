//! The subnets that managers are compared on.

use topology::{End, Form, Topology};

/// From one that a manager brings up in a moment to one whose routing takes OpenSM seconds.
pub const FORMS: [&str; 4] = ["ring:6", "torus:6x6:hosts=4", "torus:8x8:hosts=8", "torus:15x15:hosts=4"];

/// The topology that a form stands for.
///
/// # Panics
/// When it is no form, or stands for none.
pub fn topology(form: &str) -> Topology {
    form.parse::<Form>().expect("a form").generate().expect("a topology")
}

/// One end of the link that is cut: the first one between switches.
///
/// # Panics
/// When there is none.
pub fn link_to_cut(topology: &Topology) -> End {
    topology.switch_links().next().expect("a link between switches").a
}

/// Name of the host on which the manager runs.
///
/// # Panics
/// When there is no host.
pub fn manager_host(topology: &Topology) -> &str {
    topology.hosts().next().map(|host| topology[host].name()).expect("a host")
}
