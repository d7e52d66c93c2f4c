//! What the programs of a run said, kept up to date event by event.

use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet};

use crate::cast::Speaker;
use crate::events::Event;
use crate::figures::{Figures, Stale};
use crate::placement::Placement;
use crate::stage::{Levels, Pair};

/// The trap that says that paths were computed anew.
const REPATH: u16 = 69;

/// The queue pairs of all agents as their events describe them, and the figures of the run so far.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    queue_pairs: BTreeMap<Pair, (u32, Option<u8>)>,
    /// Programs that are not ready yet, by what they still have to say.
    awaited: BTreeSet<String>,
    pub(crate) figures: Figures,
    compared: bool,
    quiet: bool,
}

impl Ledger {
    pub(crate) fn new(placement: &Placement) -> Self {
        let watcher = ["subscribed", "seeded"].map(|event| format!("repathd ({event})"));
        let agents = placement.agents.iter().map(|agent| awaited_agent(agent));
        Self { awaited: watcher.into_iter().chain(agents).collect(), ..Self::default() }
    }

    /// The programs that are not ready yet.
    pub(crate) fn awaited(&self) -> &BTreeSet<String> {
        &self.awaited
    }

    /// Whether `repathd` has compared after the cut, and expects no more changes.
    pub(crate) fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Who has a queue pair to whom.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = &Pair> {
        self.queue_pairs.keys()
    }

    /// Take in an event; `since_cut` is when it came, once the link is cut.
    pub(crate) fn hear(&mut self, speaker: &Speaker, event: Event, since_cut: Option<Duration>) {
        match (speaker, event) {
            (Speaker::Watcher, Event::Subscribed) => self.is_ready("repathd (subscribed)"),
            (Speaker::Watcher, Event::Seeded { .. }) => self.is_ready("repathd (seeded)"),
            (Speaker::Watcher, Event::Compared { records, changed }) if since_cut.is_some() => {
                self.figures.records_compared = records;
                self.figures.records_changed += changed;
                self.compared = true;
            }
            // Before a comparison it ends an earlier reading.
            (Speaker::Watcher, Event::Quiet) => self.quiet |= self.compared,
            (Speaker::Agent(host), Event::Ready { queue_pairs }) => {
                self.is_ready(&awaited_agent(host));
                for it in queue_pairs {
                    self.queue_pairs
                        .insert((host.clone(), it.destination), (it.queue_pair, it.service_level));
                }
            }
            (Speaker::Agent(host), Event::Report { trap: REPATH }) if since_cut.is_some() => {
                self.figures.hosts_signalled.insert(host.clone());
            }
            (Speaker::Agent(host), Event::Reconfigured { queue_pair, destination, new_service_level }) => {
                self.queue_pairs.insert((host.clone(), destination), (queue_pair, Some(new_service_level)));
                if since_cut.is_some() {
                    self.figures.queue_pairs_reconfigured += 1;
                    self.figures.time = since_cut;
                }
            }
            _ => {}
        }
    }

    fn is_ready(&mut self, name: &str) {
        self.awaited.remove(name);
    }

    /// The queue pairs whose service level is another one than in `expected`.
    pub(crate) fn stale(&self, expected: &Levels) -> Vec<Stale> {
        let differing = self.queue_pairs.iter().filter_map(|(pair, &(queue_pair, has))| {
            let expected = *expected.get(pair)?;
            (has != Some(expected)).then(|| Stale { pair: pair.clone(), queue_pair, has, expected })
        });
        differing.collect()
    }
}

fn awaited_agent(host: &str) -> String {
    format!("repath-host on {host}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::events::QueuePair;

    fn ready_ledger() -> Ledger {
        let agents = ["H1", "H2"].map(str::to_owned).to_vec();
        let mut ledger = Ledger::new(&Placement { manager: "H3".into(), watcher: "H4".into(), agents });
        assert_eq!(ledger.awaited().len(), 4);
        ledger.hear(&Speaker::Watcher, Event::Subscribed, None);
        ledger.hear(&Speaker::Watcher, Event::Seeded { records: 12 }, None);
        for (host, destination) in [("H1", "H2"), ("H2", "H1")] {
            let it = QueuePair { queue_pair: 16, destination: destination.into(), service_level: Some(0) };
            ledger.hear(&Speaker::Agent(host.into()), Event::Ready { queue_pairs: vec![it] }, None);
        }
        assert!(ledger.awaited().is_empty());
        ledger
    }

    fn reconfigured() -> Event {
        Event::Reconfigured { queue_pair: 16, destination: "H2".into(), new_service_level: 1 }
    }

    #[test]
    fn only_what_comes_after_the_cut_is_counted() {
        let mut ledger = ready_ledger();
        let host = Speaker::Agent("H1".into());
        let early = [Event::Report { trap: 69 }, reconfigured(), Event::Compared { records: 12, changed: 9 }];
        early.into_iter().for_each(|event| ledger.hear(&host, event, None));
        assert_eq!(ledger.figures, Figures::default());
        let now = Some(Duration::from_millis(5));
        ledger.hear(&Speaker::Watcher, Event::Quiet, now);
        assert!(!ledger.is_quiet(), "nothing is compared yet");
        ledger.hear(&Speaker::Watcher, Event::Compared { records: 12, changed: 2 }, now);
        ledger.hear(&Speaker::Watcher, Event::Compared { records: 12, changed: 1 }, now);
        ledger.hear(&host, Event::Report { trap: 128 }, now);
        assert!(ledger.figures.hosts_signalled.is_empty());
        ledger.hear(&host, Event::Report { trap: 69 }, now);
        ledger.hear(&host, reconfigured(), Some(Duration::from_millis(7)));
        let figures = &ledger.figures;
        assert_eq!((figures.records_compared, figures.records_changed), (12, 3));
        assert_eq!((figures.hosts_signalled.len(), figures.queue_pairs_reconfigured), (1, 1));
        assert_eq!(figures.time, Some(Duration::from_millis(7)));
        assert!(!ledger.is_quiet());
        ledger.hear(&Speaker::Watcher, Event::Quiet, now);
        assert!(ledger.is_quiet());
    }

    #[test]
    fn a_queue_pair_is_stale_until_it_is_moved() {
        let mut ledger = ready_ledger();
        let pair = ("H1".to_owned(), "H2".to_owned());
        let expected = Levels::from([(pair.clone(), 1), (("H2".into(), "H1".into()), 0)]);
        assert_eq!(ledger.stale(&expected), [Stale { pair, queue_pair: 16, has: Some(0), expected: 1 }]);
        ledger.hear(&Speaker::Agent("H1".into()), reconfigured(), None);
        assert_eq!(ledger.stale(&expected), []);
    }
}
