//! Which port of this machine's devices to use, and with which GID.

use core::fmt;
use core::net::{IpAddr, Ipv6Addr};

use ib_mad::Gid;

/// One of a port's GIDs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum GidChoice {
    /// By its value: places in the table change when addresses come and go.
    Value(Gid),
    /// By its place in the table.
    Index(u32),
}

/// Which port to use: what stands behind `verbs:`, as `DEVICE`, `DEVICE/PORT` or nothing for the first device, and
/// `?gid=ADDRESS` or `?gid-index=NUMBER` behind that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct VerbsName {
    /// Name of the RDMA device; without it, the first.
    pub device: Option<Box<str>>,
    /// Number of its port; without it, 1.
    pub port: Option<u8>,
    /// The own GID; without it, an address of IPv4 if there is one.
    pub gid: Option<GidChoice>,
}

/// Why a text names no port.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerbsNameError {
    /// What is behind the colon is no device and port.
    #[error("\"{0}\": write verbs:DEVICE, verbs:DEVICE/PORT or verbs: for the first device")]
    Device(Box<str>),
    /// The scheme is another.
    #[error("\"{0}\" does not begin with verbs: (write verbs:DEVICE, for example verbs:rxe0)")]
    Scheme(Box<str>),
    /// An option is unknown, or its value is not one.
    #[error("\"{url}\": {option}: write gid=ADDRESS (of IPv4 or IPv6) or gid-index=NUMBER")]
    Option {
        /// The text.
        url: Box<str>,
        /// The option.
        option: Box<str>,
    },
}

impl VerbsName {
    /// The port `device`/`port` with any GID.
    pub fn new(device: &str, port: u8) -> Self {
        Self { device: Some(device.into()), port: Some(port), gid: None }
    }

    /// The same with this GID.
    #[must_use]
    pub fn with_gid(self, gid: Gid) -> Self {
        Self { gid: Some(GidChoice::Value(gid)), ..self }
    }
}

impl core::str::FromStr for VerbsName {
    type Err = VerbsNameError;

    fn from_str(url: &str) -> Result<Self, VerbsNameError> {
        let rest = url.strip_prefix("verbs:").ok_or_else(|| VerbsNameError::Scheme(url.into()))?;
        let (place, options) = rest.split_once('?').unwrap_or((rest, ""));
        let (device, port) = match place.split_once('/') {
            Some((device, port)) => {
                (device, Some(port.parse().map_err(|_| VerbsNameError::Device(url.into()))?))
            }
            None => (place, None),
        };
        if device.contains(['\0', '/']) || (device.is_empty() && port.is_some()) {
            return Err(VerbsNameError::Device(url.into()));
        }
        let mut name = Self { device: (!device.is_empty()).then(|| device.into()), port, gid: None };
        for option in options.split('&').filter(|option| !option.is_empty()) {
            let value = match option.split_once('=') {
                Some(("gid", value)) => value.parse().ok().map(|address| GidChoice::Value(gid_of(address))),
                Some(("gid-index", value)) => value.parse().ok().map(GidChoice::Index),
                _ => None,
            };
            let wrong = || VerbsNameError::Option { url: url.into(), option: option.into() };
            name.gid = Some(value.ok_or_else(wrong)?);
        }
        Ok(name)
    }
}

impl fmt::Display for VerbsName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "verbs:{}", self.device.as_deref().unwrap_or_default())?;
        if let Some(port) = self.port {
            write!(f, "/{port}")?;
        }
        match self.gid {
            Some(GidChoice::Value(gid)) => write!(f, "?gid={}", Ipv6Addr::from(gid.0)),
            Some(GidChoice::Index(index)) => write!(f, "?gid-index={index}"),
            None => Ok(()),
        }
    }
}

/// The GID that an address of IP has on RoCE version 2 (annex A17): that of IPv4 is mapped into IPv6.
#[must_use]
pub fn gid_of(address: IpAddr) -> Gid {
    Gid(match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().octets(),
        IpAddr::V6(address) => address.octets(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for url in
            ["verbs:", "verbs:rxe0", "verbs:mlx5_0/2", "verbs:rxe0/1?gid=fd77::1", "verbs:rxe0?gid-index=3"]
        {
            assert_eq!(url.parse::<VerbsName>().unwrap().to_string(), url);
        }
        let name: VerbsName = "verbs:rxe0?gid=10.77.0.1".parse().unwrap();
        let gid = gid_of("10.77.0.1".parse().unwrap());
        assert_eq!(name.gid, Some(GidChoice::Value(gid)));
        assert_eq!(gid.0[10..], [0xFF, 0xFF, 10, 77, 0, 1]);
    }

    #[test]
    fn what_names_nothing_is_refused() {
        for (url, part) in [
            ("umad:rxe0", "does not begin with verbs:"),
            ("verbs:rxe0/x", "write verbs:DEVICE"),
            ("verbs:rxe0/1/2", "write verbs:DEVICE"),
            ("verbs:/1", "write verbs:DEVICE"),
            ("verbs:rxe0?gid=house", "gid=house: write gid=ADDRESS"),
            ("verbs:rxe0?lid=1", "lid=1: write gid=ADDRESS"),
            ("verbs:rxe0?gid", "gid: write gid=ADDRESS"),
        ] {
            let error = url.parse::<VerbsName>().unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
