//! What one run measured, and what all runs of a scene say together.

use core::time::Duration;
use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::events::Statistics;
use crate::scene;
use crate::stage::Pair;
use crate::table::Table;

/// A queue pair whose service level is not the one that the judge of the stage gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stale {
    pub(crate) pair: Pair,
    pub(crate) queue_pair: u32,
    /// `None` without a path.
    pub(crate) has: Option<u8>,
    pub(crate) expected: u8,
}

/// The figures of one cut.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Figures {
    pub(crate) method: String,
    pub(crate) cut: String,
    pub(crate) records_compared: u64,
    pub(crate) records_changed: u64,
    pub(crate) hosts_signalled: BTreeSet<String>,
    pub(crate) queue_pairs: usize,
    /// Queue pairs whose service level the judge gives differently after the cut than before.
    pub(crate) queue_pairs_affected: usize,
    pub(crate) queue_pairs_reconfigured: usize,
    /// From the cut to the last queue pair that moved.
    pub(crate) time: Option<Duration>,
    pub(crate) stale: Vec<Stale>,
    pub(crate) statistics: Statistics,
    /// Whether hosts were signalled although nothing changed, by a method that compares first.
    pub(crate) signalled_in_vain: bool,
}

impl Figures {
    /// With the checks that follow from the figures alone.
    pub(crate) fn judged(self) -> Self {
        let in_vain =
            self.method != "wildcard" && self.records_changed == 0 && !self.hosts_signalled.is_empty();
        Self { signalled_in_vain: in_vain, ..self }
    }
}

/// What a scene found out.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    pub(crate) topology: String,
    /// Who said what the path records are.
    pub(crate) judge: &'static str,
    pub(crate) runs: Vec<Figures>,
}

impl scene::Report for Report {
    fn complaints(&self) -> Vec<String> {
        let mut complaints = Vec::new();
        for run in &self.runs {
            let heading = format!("{}, {} cut", run.method, run.cut);
            if !run.stale.is_empty() {
                let queue_pairs = run.stale.iter().map(|stale| {
                    let ((source, destination), queue_pair) = (&stale.pair, stale.queue_pair);
                    format!(
                        "{source} queue pair {queue_pair} to {destination} has {}, {} says {}",
                        has(stale.has),
                        self.judge,
                        stale.expected
                    )
                });
                let list = Vec::from_iter(queue_pairs).join("; ");
                complaints.push(format!(
                    "{heading}: {} queue pairs keep old service levels: {list}",
                    run.stale.len()
                ));
            }
            if run.signalled_in_vain {
                complaints.push(format!("{heading}: hosts were signalled although no path record changed"));
            }
        }
        complaints
    }

    fn json(&self, scene: &str) -> Value {
        let runs = self.runs.iter().map(|run| {
            let stale = run.stale.iter().map(|stale| {
                json!({
                    "source": stale.pair.0, "destination": stale.pair.1, "queue_pair": stale.queue_pair,
                    "service_level": stale.has, "service_level_by_judge": stale.expected,
                })
            });
            json!({
                "method": run.method,
                "cut": run.cut,
                "records_compared": run.records_compared,
                "records_changed": run.records_changed,
                "hosts_signalled": run.hosts_signalled.len(),
                "queue_pairs": run.queue_pairs,
                "queue_pairs_affected": run.queue_pairs_affected,
                "queue_pairs_reconfigured": run.queue_pairs_reconfigured,
                "milliseconds_to_last_queue_pair": run.time.map(milliseconds),
                "mads_sent": run.statistics.sent,
                "mads_received": run.statistics.received,
                "stale_queue_pairs": Vec::from_iter(stale),
            })
        });
        let runs = Vec::from_iter(runs);
        json!({ "scene": scene, "ok": self.ok(), "topology": self.topology, "judge": self.judge, "runs": runs, "complaints": self.complaints() })
    }

    // The table, a column a run.
    fn table(&self) -> String {
        let mut table = Table::new(self.runs.iter().map(|run| run.method.clone()));
        let mut row =
            |name: &str, value: &dyn Fn(&Figures) -> String| table.row(name, self.runs.iter().map(value));
        row("link cut", &|run| run.cut.clone());
        row("path records compared", &|run| run.records_compared.to_string());
        row("path records changed", &|run| run.records_changed.to_string());
        row("hosts signalled", &|run| run.hosts_signalled.len().to_string());
        row("queue pairs", &|run| run.queue_pairs.to_string());
        row("  with a new service level", &|run| run.queue_pairs_affected.to_string());
        row("  reconfigured", &|run| run.queue_pairs_reconfigured.to_string());
        row(&format!("  as {} says", self.judge), &|run| (run.queue_pairs - run.stale.len()).to_string());
        row("cut to last queue pair", &|run| {
            run.time.map_or_else(|| "-".into(), |time| format!("{:.1} ms", milliseconds(time)))
        });
        let total =
            |run: &Figures| (run.statistics.sent.values().sum(), run.statistics.received.values().sum());
        row("MADs sent / received", &|run| sent_received(total(run)));
        let statistics = self.runs.iter().map(|run| &run.statistics);
        let kinds: BTreeSet<_> = statistics.flat_map(|s| s.sent.keys().chain(s.received.keys())).collect();
        for kind in kinds {
            row(&format!("  {kind}"), &|run| {
                let count =
                    |counts: &std::collections::BTreeMap<_, _>| counts.get(kind).copied().unwrap_or(0);
                sent_received((count(&run.statistics.sent), count(&run.statistics.received)))
            });
        }
        table.to_string()
    }
}

fn has(service_level: Option<u8>) -> String {
    service_level.map_or_else(|| "no path".into(), |level| level.to_string())
}

fn sent_received((sent, received): (u64, u64)) -> String {
    format!("{sent} / {received}")
}

fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e4).round() / 10.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::Report as _;

    fn report() -> Report {
        let run = Figures {
            method: "hybrid".into(),
            cut: "S2-S5".into(),
            records_compared: 56,
            records_changed: 8,
            hosts_signalled: ["H1", "H2"].map(str::to_owned).into(),
            queue_pairs: 30,
            queue_pairs_affected: 5,
            queue_pairs_reconfigured: 5,
            time: Some(Duration::from_micros(12_340)),
            statistics: Statistics {
                sent: [("Get".to_owned(), 7)].into(),
                received: [("GetResp".to_owned(), 6)].into(),
            },
            ..Figures::default()
        };
        Report { topology: "mesh".into(), judge: "saquery", runs: vec![run] }
    }

    #[test]
    fn the_table_has_every_figure() {
        let table = report().table();
        let expected = "\
                                     hybrid
link cut                              S2-S5
path records compared                    56
path records changed                      8
hosts signalled                           2
queue pairs                              30
  with a new service level                5
  reconfigured                            5
  as saquery says                        30
cut to last queue pair              12.3 ms
MADs sent / received                  7 / 6
  Get                                 7 / 0
  GetResp                             0 / 6
";
        assert_eq!(
            table.lines().map(str::trim_end).collect::<Vec<_>>().len(),
            expected.lines().count(),
            "{table}"
        );
        for line in expected.lines() {
            let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
            assert!(table.lines().any(|printed| words(printed) == words(line)), "{line} in\n{table}");
        }
    }

    #[test]
    fn a_stale_queue_pair_is_named_and_fails_the_scene() {
        let mut report = report();
        assert!(report.ok());
        let pair = ("H1".to_owned(), "H4".to_owned());
        report.runs[0].stale.push(Stale { pair, queue_pair: 17, has: Some(0), expected: 1 });
        assert_eq!(
            report.complaints(),
            ["hybrid, S2-S5 cut: 1 queue pairs keep old service levels: \
              H1 queue pair 17 to H4 has 0, saquery says 1"]
        );
        let json = report.json("repath");
        assert_eq!((&json["scene"], &json["ok"]), (&json!("repath"), &json!(false)));
        assert_eq!(json["runs"][0]["milliseconds_to_last_queue_pair"], json!(12.3));
        assert_eq!(json["runs"][0]["stale_queue_pairs"][0]["service_level_by_judge"], json!(1));
    }

    #[test]
    fn a_signal_in_vain_fails_the_scene() {
        let mut report = report();
        report.runs[0] = Figures { records_changed: 0, ..report.runs[0].clone() }.judged();
        assert!(!report.ok());
        report.runs[0] = Figures { method: "wildcard".into(), ..report.runs[0].clone() }.judged();
        assert!(report.ok(), "the wildcard method signals without comparing");
    }
}
