//! How a port is named on a command line, and found through the subnet administration.

use core::fmt;
use core::net::Ipv6Addr;
use core::str::FromStr;

use ib_mad::sa::SaRequest;
use ib_mad::wire::{NodeDescription, NodeRecord, NodeRecordQuery};
use ib_mad::{Gid, Guid, Lid};
use transport::LocalPort;

use crate::error::ProgramError;
use crate::session::Session;

/// A port, as a person names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PortName {
    /// By its LID: a decimal number, or `0x` and up to four hexadecimal digits.
    Lid(Lid),
    /// By its GUID: `0x` and five to sixteen hexadecimal digits.
    Guid(Guid),
    /// By its GID: written like an IPv6 address.
    Gid(Gid),
    /// By what its node calls itself.
    Description(String),
}

/// What names no port.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} names no port: {1}")]
pub struct PortNameError(String, &'static str);

impl FromStr for PortName {
    type Err = PortNameError;

    fn from_str(name: &str) -> Result<Self, PortNameError> {
        let error = |why| PortNameError(name.into(), why);
        let lid = |number: Option<u16>| {
            let lid = number.map(Lid).filter(|lid| lid.is_unicast());
            lid.map(Self::Lid).ok_or_else(|| error("a port's LID is a number from 1 to 49151 (0xbfff)"))
        };
        if let Some(digits) = name.strip_prefix("0x") {
            let number = u64::from_str_radix(digits, 16).ok().filter(|_| !digits.starts_with('+'));
            let number = number.ok_or_else(|| error("a GUID has up to 16 hexadecimal digits"))?;
            return if digits.len() <= 4 {
                lid(number.try_into().ok())
            } else {
                Ok(Self::Guid(Guid(number)))
            };
        }
        if let Ok(gid) = name.parse::<Ipv6Addr>() {
            return Ok(Self::Gid(Gid(gid.octets())));
        }
        if !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit()) {
            return lid(name.parse().ok());
        }
        match name.len() {
            0 => Err(error("it is empty")),
            1..=64 => Ok(Self::Description(name.into())),
            _ => Err(error("a node's description has up to 64 bytes")),
        }
    }
}

impl fmt::Display for PortName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lid(lid) => write!(f, "LID {lid}"),
            Self::Guid(guid) => write!(f, "port GUID {guid}"),
            Self::Gid(gid) => write!(f, "GID {gid}"),
            Self::Description(name) => write!(f, "node \"{name}\""),
        }
    }
}

impl PortName {
    /// The query that finds its node.
    pub fn query(&self) -> NodeRecordQuery {
        let query = NodeRecordQuery::new();
        match self {
            Self::Lid(lid) => query.lid(*lid),
            Self::Guid(guid) => query.port_guid(*guid),
            Self::Gid(gid) => query.port_guid(gid.guid()),
            Self::Description(name) => query.node_description(NodeDescription::new(name)),
        }
    }
}

/// Find the nodes of the ports named, in their order.
///
/// # Errors
/// At the first that the subnet administration does not know.
pub async fn find_nodes(
    session: &mut Session,
    port: &LocalPort,
    names: &[PortName],
) -> Result<Vec<NodeRecord>, ProgramError> {
    let requests: Vec<_> = names.iter().map(|name| SaRequest::get(&name.query())).collect();
    let outcomes = session.ask(port, &requests).await?;
    let records = names.iter().zip(outcomes).map(|(name, outcome)| {
        let failed = |failure| ProgramError::Administration { what: name.to_string(), failure };
        outcome.and_then(|record| record.parse()).map_err(failed)
    });
    records.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_to_name_a_port() {
        let name = |text: &str| text.parse::<PortName>();
        assert_eq!(name("12"), Ok(PortName::Lid(Lid(12))));
        assert_eq!(name("0xc"), Ok(PortName::Lid(Lid(12))));
        assert_eq!(name("0xBFFF"), Ok(PortName::Lid(Lid(0xBFFF))));
        assert_eq!(name("0x0000c"), Ok(PortName::Guid(Guid(12))));
        assert_eq!(name("0x100012"), Ok(PortName::Guid(Guid(0x10_0012))));
        assert_eq!(name("fe80::10:d"), Ok(PortName::Gid(Gid::new(Gid::DEFAULT_PREFIX, Guid(0x10_000d)))));
        assert_eq!(name("H12"), Ok(PortName::Description("H12".into())));
        for wrong in
            ["", "0", "0x", "0x0", "0xc000", "65535", "99999999999", "0xZZ", "0x+12", "0x11112222333344445"]
        {
            assert!(name(wrong).is_err(), "{wrong}");
        }
    }
}
