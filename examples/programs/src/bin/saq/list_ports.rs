//! The ports of this machine: what `--port umad:` can name.

use core::fmt;

use programs::{Output, PortLine, ProgramError};
use serde::Serialize;
use transport::{LocalPort, UmadPort, umad_ports};

use super::print::{Format, csv_writer};

/// Print the list.
pub(crate) fn print(format: Format) -> Result<(), ProgramError> {
    let ports = umad_ports().map_err(transport::ChannelError::from)?;
    let mut ports = ports.iter().map(ListedPort::from);
    if format == Format::Csv {
        let mut writer = csv_writer();
        // Two structures side by side are one row; an inner one would be none.
        ports
            .try_for_each(|port| writer.serialize((&port.device, &port.port)))
            .map_err(|error| ProgramError::Output(error.into()))?;
        return writer.flush().map_err(ProgramError::Output);
    }
    let output = Output::new(format == Format::Json);
    ports.try_for_each(|port| output.print(&port))
}

/// A port of this machine.
#[derive(Debug, Serialize)]
struct ListedPort {
    #[serde(flatten)]
    device: DeviceLine,
    #[serde(flatten)]
    port: PortLine,
}

/// What only the machine knows of its port.
#[derive(Debug, Serialize)]
struct DeviceLine {
    /// What to give to `--port`.
    url: String,
    device: Box<str>,
    umad: Option<Box<str>>,
    link_layer: Box<str>,
    physical_state: Box<str>,
    rate: Box<str>,
    node_guid: String,
    system_image_guid: String,
}

impl From<&UmadPort> for ListedPort {
    fn from(port: &UmadPort) -> Self {
        let device = DeviceLine {
            url: format!("umad:{}", port.name()),
            device: port.device.clone(),
            umad: port.umad.clone(),
            link_layer: port.link_layer.clone(),
            physical_state: port.physical_state.clone(),
            rate: port.rate.clone(),
            node_guid: port.node_guid.to_string(),
            system_image_guid: port.system_image_guid.to_string(),
        };
        Self { device, port: PortLine::from(&LocalPort::from(port)) }
    }
}

impl fmt::Display for ListedPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DeviceLine { url, umad, link_layer, physical_state, rate, node_guid, .. } = &self.device;
        let umad = umad.as_deref().unwrap_or("no umad device: modprobe ib_umad");
        write!(f, "{url} ({umad}): {}; ", self.port)?;
        write!(f, "{link_layer} {physical_state}, {rate}, node GUID {node_guid}")
    }
}
