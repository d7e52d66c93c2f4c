//! What the manager knows, as a file of JSON for other programs to read.

use std::fs;
use std::path::Path;

use programs::ProgramError;
use serde_json::{Value, json};
use subnet_manager::subnet::{Node, NodeIndex, Subnet};

/// Write the subnet in the place of the file's content, whole at any time.
pub(crate) fn write(path: &Path, subnet: &Subnet) -> Result<(), ProgramError> {
    let error = |source| ProgramError::File { path: path.display().to_string(), source };
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = path.with_file_name(name);
    fs::write(&new, view(subnet).to_string()).and_then(|()| fs::rename(&new, path)).map_err(error)
}

fn view(subnet: &Subnet) -> Value {
    let nodes: Vec<Value> = subnet.nodes().map(|(index, content)| node(subnet, index, content)).collect();
    let manager = subnet.manager_port.and_then(|at| subnet.port(at)).map(|port| port.info.lid.0);
    json!({ "manager_lid": manager, "nodes": nodes })
}

fn node(subnet: &Subnet, index: NodeIndex, node: &Node) -> Value {
    let ports: Vec<Value> = node
        .ports()
        .iter()
        .filter(|port| port.is_up() || port.number == 0)
        .map(|port| {
            let neighbor = port.neighbor.and_then(|far| Some((subnet.node(far.node)?, far.port)));
            json!({
                "number": port.number,
                "lid": port.lid().map(|lid| lid.0),
                "lmc": port.info.lmc,
                "state": port.info.port_state.0,
                "mtu": port.info.neighbor_mtu.bytes(),
                "data_lanes": port.data_lanes(),
                "neighbor": neighbor.map(|(far, port)| json!({
                    "guid": far.info.node_guid.to_string(), "name": far.description.text(), "port": port,
                })),
            })
        })
        .collect();
    let forwarding = node.switch.as_ref().map(|switch| {
        let entries = subnet.lids().filter_map(|(lid, _)| Some((lid.0, switch.forward(lid)?)));
        entries.map(|(lid, port)| json!([lid, port])).collect::<Vec<_>>()
    });
    let levels: Option<Vec<Option<u8>>> = subnet.switch_ordinal(index).map(|from| {
        let to = 0..subnet.service_levels().switches();
        to.map(|to| subnet.service_levels().get(from, to).map(|level| level.get())).collect()
    });
    json!({
        "guid": node.info.node_guid.to_string(),
        "name": node.description.text(),
        "is_switch": node.is_switch(),
        "ports": ports,
        "forwarding": forwarding,
        "service_levels": levels,
    })
}
