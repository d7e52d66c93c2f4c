//! Which program runs on which host of a topology, and which links are cut.

use std::path::{Path, PathBuf};

use topology::{NodeKind, Topology};

use crate::error::DemoError;

/// ibsim serves ten clients: OpenSM, `repathd`, one query of infiniband-diags at a time, and these; one slot stays free.
const AGENTS: usize = 6;

/// Who runs where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Placement {
    /// The host of OpenSM: the last but one. ibsim lets one client a host receive, so `repathd` has its own.
    pub(crate) manager: String,
    /// The host of `repathd`: the last one.
    pub(crate) watcher: String,
    /// The hosts of agents: the first six of the others. Each has a queue pair to each other one.
    pub(crate) agents: Vec<String>,
}

impl Placement {
    pub(crate) fn new(topology: &Topology, path: &Path) -> Result<Self, DemoError> {
        let hosts = topology.nodes().filter(|(_, node)| node.kind() == NodeKind::Host);
        let mut hosts = Vec::from_iter(hosts.map(|(_, node)| node.name().to_owned()));
        let too_few = DemoError::TooFewHosts { path: path.to_owned(), hosts: hosts.len() };
        let (Some(watcher), Some(manager)) = (hosts.pop(), hosts.pop()) else { return Err(too_few) };
        hosts.truncate(AGENTS);
        if hosts.len() < 2 {
            return Err(too_few);
        }
        Ok(Self { manager, watcher, agents: hosts })
    }
}

/// A link between two switches, by the end at which it is cut.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cut {
    /// As the user names it: `S2-S5`.
    pub(crate) name: String,
    pub(crate) switch: String,
    pub(crate) port: u8,
}

impl Cut {
    /// The link that `name` (`A-B`) names; `option` is what the user gives it with.
    pub(crate) fn find(
        topology: &Topology,
        name: &str,
        option: &'static str,
        path: &Path,
    ) -> Result<Self, DemoError> {
        // Names may contain hyphens: every one of them may be the one in between.
        let ends = name.match_indices('-').filter_map(|(at, _)| {
            let (one, other) = (topology.find(name.get(..at)?)?, topology.find(name.get(at + 1..)?)?);
            let link = topology.links_between(one, other).next()?;
            let switches = [one, other].iter().all(|&end| {
                topology.nodes().any(|(index, node)| index == end && node.kind() == NodeKind::Switch)
            });
            let near = if link.a.node == one { link.a } else { link.b };
            switches.then_some((one, near.port))
        });
        let (switch, port) = ends.into_iter().next().ok_or_else(|| DemoError::NoLink {
            path: PathBuf::from(path),
            link: name.into(),
            option,
        })?;
        let switch = topology[switch].name().to_owned();
        Ok(Self { name: name.into(), switch, port })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mesh() -> Topology {
        Topology::parse(peers::MESH_3X2).unwrap()
    }

    #[test]
    fn six_agents_a_manager_and_a_watcher_have_a_host_each() {
        let placement = Placement::new(&mesh(), Path::new("mesh")).unwrap();
        assert_eq!((placement.manager.as_str(), placement.watcher.as_str()), ("H7", "H8"));
        assert_eq!(placement.agents, ["H1", "H2", "H3", "H4", "H5", "H6"]);
    }

    #[test]
    fn three_hosts_are_too_few() {
        let hosts = |count: usize| {
            let mut text = String::from("Switch 8 \"S1\"\n");
            (1..=count).for_each(|host| text += &format!("[{host}] \"H{host}\"[1]\n"));
            (1..=count).for_each(|host| text += &format!("\nHca 1 \"H{host}\"\n[1] \"S1\"[{host}]\n"));
            Topology::parse(&text).unwrap()
        };
        assert_eq!(Placement::new(&hosts(4), Path::new("star")).unwrap().agents, ["H1", "H2"]);
        let error = Placement::new(&hosts(3), Path::new("star")).unwrap_err().to_string();
        assert!(error.starts_with("star: 3 hosts are too few"), "{error}");
    }

    #[test]
    fn a_link_is_found_by_its_switches_from_either_side() {
        let find = |name| Cut::find(&mesh(), name, "--cut", Path::new("mesh"));
        let cut = find("S2-S5").unwrap();
        assert_eq!((cut.switch.as_str(), cut.port), ("S2", 3));
        let cut = find("S6-S5").unwrap();
        assert_eq!((cut.switch.as_str(), cut.port), ("S6", 2));
        for wrong in ["S1-S5", "S1-S9", "S1-H1", "S1", "-", ""] {
            let error = find(wrong).unwrap_err().to_string();
            assert!(error.starts_with("mesh: no link") && error.ends_with("--cut A-B"), "{error}");
        }
    }
}
