//! Which port of this machine a program is to use.

use core::fmt;

use ib_mad::PKey;
use ib_mad::wire::PortState;

use super::error::{UmadError, state_name};
use super::sysfs::UmadPort;

/// Which port of this machine to use, and how: what stands behind `umad:`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct UmadName {
    /// Name of the RDMA device; without it, any.
    pub device: Option<Box<str>>,
    /// Number of its port; without it, the first active one.
    pub port: Option<u8>,
    /// Partition to send in; without it, the first of the port's table.
    pub p_key: Option<PKey>,
}

impl UmadName {
    /// Read `[DEVICE[/PORT]]`; `None` when it is not that.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (device, port) = match text.split_once('/') {
            Some((device, number)) => (device, Some(number.parse().ok()?)),
            None => (text, None),
        };
        if device.contains(['\0', '/'])
            || matches!(device, "." | "..")
            || (device.is_empty() && port.is_some())
        {
            return None;
        }
        Some(Self { device: (!device.is_empty()).then(|| device.into()), port, p_key: None })
    }

    /// The port of `ports` that is meant: an active one, or else one with a link.
    ///
    /// # Errors
    /// When there is none, or the one that is named has no link.
    pub fn choose<'a>(&self, ports: &'a [UmadPort]) -> Result<&'a UmadPort, UmadError> {
        let device = self.device.as_deref();
        let of_device: Vec<_> =
            ports.iter().filter(|port| device.is_none_or(|device| *device == *port.device)).collect();
        if let (Some(device), true) = (device, of_device.is_empty()) {
            return Err(UmadError::UnknownDevice {
                device: device.into(),
                known: list(ports, |port| &port.device),
            });
        }
        let Some(number) = self.port else {
            return first_with_link(&of_device).ok_or_else(|| UmadError::NoActivePort {
                of: device.unwrap_or("this machine").into(),
                known: of_device
                    .iter()
                    .map(|port| format!("{} ({})", port.name(), state_name(port.state)))
                    .collect::<Vec<_>>()
                    .join(", ")
                    .into(),
            });
        };
        match of_device.iter().find(|port| port.number == number) {
            None => Err(UmadError::UnknownPort {
                device: device.unwrap_or_default().into(),
                port: number,
                known: list(of_device.iter().copied(), |port| port.number),
            }),
            Some(port) if port.state == PortState::DOWN => Err(UmadError::PortDown {
                device: port.device.clone(),
                port: number,
                state: state_name(port.state).into(),
                physical_state: port.physical_state.clone(),
            }),
            Some(port) => Ok(port),
        }
    }
}

/// An active port before one that waits for its manager; one with a umad device before one without.
fn first_with_link<'a>(ports: &[&'a UmadPort]) -> Option<&'a UmadPort> {
    let with_link = ports.iter().filter(|port| port.state > PortState::DOWN);
    with_link.min_by_key(|port| (port.umad.is_none(), port.state != PortState::ACTIVE)).copied()
}

fn list<'a, T: fmt::Display + PartialEq>(
    ports: impl IntoIterator<Item = &'a UmadPort>,
    what: impl Fn(&'a UmadPort) -> T,
) -> Box<str> {
    let mut names: Vec<T> = ports.into_iter().map(what).collect();
    names.dedup();
    names.iter().map(T::to_string).collect::<Vec<_>>().join(", ").into()
}

impl fmt::Display for UmadName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("umad:")?;
        if let Some(device) = &self.device {
            f.write_str(device)?;
        }
        if let Some(port) = self.port {
            write!(f, "/{port}")?;
        }
        match self.p_key {
            Some(p_key) => write!(f, "?pkey={:#06x}", p_key.0),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ib_mad::wire::PortCapabilityMask;
    use ib_mad::{Gid, Guid, Lid, ServiceLevel};

    fn port(device: &str, number: u8, state: PortState) -> UmadPort {
        UmadPort {
            device: device.into(),
            number,
            umad: Some("umad0".into()),
            link_layer: "InfiniBand".into(),
            state,
            physical_state: "Polling".into(),
            rate: "".into(),
            lid: Lid(1),
            lmc: 0,
            sm_lid: Lid(2),
            sm_service_level: ServiceLevel::default(),
            capability_mask: PortCapabilityMask(0),
            gid: Gid::UNSPECIFIED,
            node_guid: Guid(1),
            system_image_guid: Guid(1),
        }
    }

    fn machine() -> Vec<UmadPort> {
        vec![
            port("mlx5_0", 1, PortState::DOWN),
            port("mlx5_0", 2, PortState::INITIALIZE),
            port("mlx5_1", 1, PortState::ACTIVE),
            UmadPort { umad: None, ..port("mlx5_2", 1, PortState::ACTIVE) },
        ]
    }

    fn chosen(text: &str) -> String {
        match UmadName::parse(text).unwrap().choose(&machine()) {
            Ok(port) => port.name(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn an_active_port_is_chosen_before_one_that_waits_for_its_manager() {
        assert_eq!(chosen(""), "mlx5_1/1");
        assert_eq!(chosen("mlx5_0"), "mlx5_0/2");
        assert_eq!(chosen("mlx5_1/1"), "mlx5_1/1");
        assert_eq!(chosen("mlx5_2"), "mlx5_2/1");
    }

    #[test]
    fn what_is_not_there_is_named_with_what_is() {
        assert_eq!(chosen("mlx5_9"), "there is no RDMA device \"mlx5_9\": there is mlx5_0, mlx5_1, mlx5_2");
        assert_eq!(chosen("mlx5_0/3"), "the RDMA device mlx5_0 has no port 3: it has 1, 2");
        let said = chosen("mlx5_0/1");
        assert!(
            said.starts_with("port mlx5_0/1 is down (physical state Polling): check its cable"),
            "{said}"
        );
        let down = [port("mlx5_0", 1, PortState::DOWN), port("mlx5_1", 1, PortState::DOWN)];
        let said = UmadName::default().choose(&down).unwrap_err().to_string();
        assert_eq!(
            said,
            "no port of this machine has a link: there is mlx5_0/1 (down), mlx5_1/1 (down); plug in a cable, or name a \
             port"
        );
    }

    #[test]
    fn names_that_no_device_has_are_refused() {
        for text in ["/1", "mlx5_0/x", "mlx5_0/256", "mlx5_0/1/2", "..", "a\0b"] {
            assert_eq!(UmadName::parse(text), None, "{text}");
        }
    }
}
