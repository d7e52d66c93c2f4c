//! The three-way signalling methods: who is told that the network was reconfigured (US 2013/0124910, paragraphs 33 and 38 to 43).

use core::fmt;
use core::str::FromStr;

use alloc::collections::BTreeSet;
use ib_mad::Gid;
use path_record::{ChangeSets, Update};

/// How hosts learn that they should ask for their path records again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SignallingMethod {
    /// After every reconfiguration, every host. Needs no knowledge of which records changed, and costs every host a
    /// round of queries even if none did.
    ThreeWayWildcard,
    /// Only when the path record distinguisher found a change, and then the hosts at the ends of the changed paths.
    #[default]
    ThreeWayHybrid,
}

impl SignallingMethod {
    /// Who is to be signalled after a reconfiguration. The first routed table signals nobody: no host can hold an
    /// older record.
    pub fn audience(self, update: &Update) -> Audience {
        match (self, update) {
            (Self::ThreeWayWildcard | Self::ThreeWayHybrid, Update::Seeded) => Audience::Nobody,
            (Self::ThreeWayWildcard, Update::Compared(_)) => Audience::Everyone,
            (Self::ThreeWayHybrid, Update::Compared(difference)) => {
                let hosts: BTreeSet<Gid> = ChangeSets::of_both_ends(difference).hosts().collect();
                if hosts.is_empty() { Audience::Nobody } else { Audience::Hosts(hosts) }
            }
        }
    }
}

impl fmt::Display for SignallingMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::ThreeWayWildcard => "wildcard",
            Self::ThreeWayHybrid => "hybrid",
        })
    }
}

/// A name that no signalling method has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown signalling method: use hybrid or wildcard")]
pub struct UnknownMethod;

impl FromStr for SignallingMethod {
    type Err = UnknownMethod;

    fn from_str(name: &str) -> Result<Self, UnknownMethod> {
        match name {
            "hybrid" => Ok(Self::ThreeWayHybrid),
            "wildcard" => Ok(Self::ThreeWayWildcard),
            _ => Err(UnknownMethod),
        }
    }
}

/// Who is to be signalled.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Audience {
    /// No host.
    Nobody,
    /// Every host that subscribed.
    Everyone,
    /// The hosts with these ports, as far as they subscribed.
    Hosts(BTreeSet<Gid>),
}

impl Audience {
    /// Whether the port `gid` is to be signalled.
    pub fn contains(&self, gid: Gid) -> bool {
        match self {
            Self::Nobody => false,
            Self::Everyone => true,
            Self::Hosts(hosts) => hosts.contains(&gid),
        }
    }
}
