//! Datagrams that passed, by kind.

use core::fmt;
use std::collections::BTreeMap;

use ib_mad::wire::{AttributeId, ManagementClass};
use serde::Serialize;
use transport::{Direction, Kind, Tally};

/// What a program sent and received, each kind by a name like `SubnAdmGet(PathRecord)`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Statistics {
    event: &'static str,
    sent: BTreeMap<String, u64>,
    received: BTreeMap<String, u64>,
    undeliverable: BTreeMap<String, u64>,
}

/// What a driver counted, to be printed when the program ends.
pub fn statistics(tally: &Tally) -> Statistics {
    let of = |direction| {
        let mut counts = BTreeMap::new();
        for (kind, count) in tally.kinds().filter(|(kind, _)| kind.direction == direction) {
            *counts.entry(name(kind)).or_default() += count;
        }
        counts
    };
    Statistics {
        event: "statistics",
        sent: of(Direction::Sent),
        received: of(Direction::Received),
        undeliverable: of(Direction::Undeliverable),
    }
}

impl fmt::Display for Statistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, (direction, counts)) in
            [("sent", &self.sent), ("received", &self.received), ("undeliverable", &self.undeliverable)]
                .into_iter()
                .filter(|(_, counts)| !counts.is_empty())
                .enumerate()
        {
            let kinds: Vec<_> = counts.iter().map(|(name, count)| format!("{count} {name}")).collect();
            write!(f, "{}{direction} {}", if place > 0 { "; " } else { "" }, kinds.join(", "))?;
        }
        Ok(())
    }
}

fn name(kind: Kind) -> String {
    let class = kind.class.name();
    match attribute_name(kind.class, kind.attribute) {
        Some(attribute) => format!("{class}{}({attribute})", kind.method.name()),
        None => format!("{class}{}({})", kind.method.name(), kind.attribute),
    }
}

fn attribute_name(class: ManagementClass, attribute: AttributeId) -> Option<&'static str> {
    let is_sa = class == ManagementClass::SUBNET_ADMINISTRATION;
    Some(match attribute {
        AttributeId::CLASS_PORT_INFO => "ClassPortInfo",
        AttributeId::NOTICE => "Notice",
        AttributeId::INFORM_INFO => "InformInfo",
        AttributeId::NODE_RECORD if is_sa => "NodeRecord",
        AttributeId::PATH_RECORD if is_sa => "PathRecord",
        AttributeId::INFORM_INFO_RECORD if is_sa => "InformInfoRecord",
        AttributeId(0x14) if is_sa => "SwitchInfoRecord",
        AttributeId::NODE_INFO if !is_sa => "NodeInfo",
        AttributeId::NODE_DESCRIPTION if !is_sa => "NodeDescription",
        AttributeId::SWITCH_INFO if !is_sa => "SwitchInfo",
        AttributeId::PORT_INFO if !is_sa => "PortInfo",
        AttributeId(0x20) if !is_sa => "SMInfo",
        _ => return None,
    })
}
