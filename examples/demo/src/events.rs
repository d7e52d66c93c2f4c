//! What `repathd` and `repath-host` say with `--json`: one JSON object a line.

use std::collections::BTreeMap;

use serde::Deserialize;

/// One line of a program.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum Event {
    /// `repathd` subscribed to the traps that announce a change of topology.
    Subscribed,
    /// `repathd` read the path records for the first time; there is nothing yet to compare them with.
    Seeded { records: u64 },
    /// `repathd` read them again and compared.
    Compared { records: u64, changed: u64 },
    /// `repathd` had the subnet manager forward a trap.
    Signalled { trap: u16 },
    /// `repath-host` has a path record for each of its queue pairs, and its subscription stands.
    Ready { queue_pairs: Vec<QueuePair> },
    /// `repath-host` received a Report.
    Report { trap: u16 },
    /// `repath-host` moved a queue pair to a new path record.
    Reconfigured { queue_pair: u32, destination: String, new_service_level: u8 },
    /// `repath-host` has compared all of its queue pairs after a Report.
    UpToDate,
    /// `repathd` has stopped reading: enough time went by since the last trap.
    Quiet,
    /// Datagrams that a program sent and received in its life, by kind.
    Statistics(Statistics),
    /// Something failed, and the program goes on.
    Error { message: String },
    /// What a scene does not look at.
    #[serde(other)]
    Other,
}

/// A queue pair of a host with the path record that it runs on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(crate) struct QueuePair {
    pub(crate) queue_pair: u32,
    /// Name of the host at the other end.
    pub(crate) destination: String,
    /// `None` without a path.
    pub(crate) service_level: Option<u8>,
}

/// Datagrams by kind, such as `SubnAdmGet(PathRecord)`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Statistics {
    pub(crate) sent: BTreeMap<String, u64>,
    pub(crate) received: BTreeMap<String, u64>,
}

/// Read a line; what is no event (a warning, say) is `None`.
pub(crate) fn parse(line: &str) -> Option<Event> {
    serde_json::from_str(line).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_repathd_are_read() {
        assert_eq!(parse(r#"{"event":"subscribed"}"#), Some(Event::Subscribed));
        assert_eq!(
            parse(
                r#"{"event":"compared","records":56,"changed":14,"changes":[],"hosts_concerned":6,"signalled":"everyone","pass":2}"#
            ),
            Some(Event::Compared { records: 56, changed: 14 })
        );
        let line = r#"{"event":"statistics","sent":{"SubnAdmGet(PathRecord)":7},"received":{}}"#;
        let Some(Event::Statistics(statistics)) = parse(line) else { panic!("{line}") };
        assert_eq!(statistics.sent["SubnAdmGet(PathRecord)"], 7);
    }

    #[test]
    fn the_lines_of_a_host_are_read() {
        let line = r#"{"event":"ready","queue_pairs":[{"queue_pair":16,"destination":"H2","service_level":1,"mtu":4}]}"#;
        let queue_pair = QueuePair { queue_pair: 16, destination: "H2".into(), service_level: Some(1) };
        assert_eq!(parse(line), Some(Event::Ready { queue_pairs: vec![queue_pair] }));
        let line = r#"{"event":"reconfigured","queue_pair":16,"destination":"H2","old_service_level":0,"new_service_level":1}"#;
        let destination = "H2".into();
        assert_eq!(
            parse(line),
            Some(Event::Reconfigured { queue_pair: 16, destination, new_service_level: 1 })
        );
        assert_eq!(parse(r#"{"event":"up_to_date"}"#), Some(Event::UpToDate));
    }

    #[test]
    fn what_is_new_or_no_event_does_no_harm() {
        assert_eq!(parse(r#"{"event":"resubscribed","after":"ClientReregister"}"#), Some(Event::Other));
        assert_eq!(parse("warning: the simulator is slow"), None);
        assert_eq!(parse(""), None);
    }
}
