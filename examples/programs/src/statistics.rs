//! Datagrams that passed, by kind.

use core::fmt;
use std::collections::BTreeMap;

use ib_mad::dump::MessageName;
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
    let Kind { class, method, attribute, .. } = kind;
    MessageName { class, method, attribute }.to_string()
}
