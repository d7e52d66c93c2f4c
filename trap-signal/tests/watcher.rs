//! The watcher beside a manager that knows nothing of path record changes.

#![allow(clippy::unwrap_used, clippy::std_instead_of_alloc, reason = "a test that cannot go on has failed")]

mod support;

use core::time::Duration;
use std::collections::BTreeMap;

use ib_mad::sa::SaAddress;
use ib_mad::wire::{
    Attribute, AttributeId, InformInfo, InformInfoRecord, MAD_LENGTH, Mad, Method, NodeDescription, NodeInfo,
    NodeRecord, NodeType, Notice, NoticeType, PathRecord, ProducerType, RmppHeader, SaHeader, SaMad, Smp,
    SmpNotice, Status, SwitchInfo, SwitchInfoRecord, TrapDetails, TrapNumber,
};
use ib_mad::{Guid, Lid, ServiceLevel};
use path_record::Update;
use support::{MANAGER, START, gid, level};
use trap_signal::watch::{WatchEvent, Watcher, WatcherConfig};
use trap_signal::{Audience, LocalPort, SignallingMethod};

const OWN: Lid = Lid(2);
/// Two switches among five hosts; LIDs 6 and 7 are one port's, LID 9 is nobody's.
const SWITCHES: [Lid; 2] = [Lid(3), Lid(8)];
const HOSTS: [Lid; 5] = [Lid(1), Lid(2), Lid(4), Lid(6), Lid(10)];
const TOP: u16 = 10;

/// An OpenSM of few words: answers queries, forwards traps 69, says what the test tells it to.
struct Manager {
    levels: BTreeMap<(Lid, Lid), u8>,
    traps: Vec<Notice>,
    queries: BTreeMap<AttributeId, usize>,
    represses: bool,
    forwards: bool,
    forwarded: u64,
}

impl Manager {
    fn node(lid: Lid) -> Option<NodeRecord> {
        let base = if lid == Lid(7) { Lid(6) } else { lid };
        let is_switch = SWITCHES.contains(&base);
        if !is_switch && !HOSTS.contains(&base) {
            return None;
        }
        let port_guid = gid(base).guid();
        let node_type = if is_switch { NodeType::Switch } else { NodeType::ChannelAdapter };
        let node_info =
            NodeInfo { port_guid, node_guid: Guid(port_guid.0 - 1), node_type, ..NodeInfo::default() };
        Some(NodeRecord { lid: base, node_info, node_description: NodeDescription::new("a node") })
    }

    fn answer(&mut self, bytes: &[u8; MAD_LENGTH]) -> Vec<[u8; MAD_LENGTH]> {
        let mad = match Mad::new(bytes).unwrap() {
            Mad::Smp(smp) => {
                let notice = SmpNotice::parse(smp.data()).unwrap().0;
                self.traps.push(notice);
                let mut answers = Vec::new();
                if self.represses {
                    let mut repress = Smp::from_view(smp);
                    repress.header.method = Method::TRAP_REPRESS;
                    answers.push(repress.emit(&SmpNotice(notice)).unwrap());
                }
                if self.forwards {
                    self.forwarded += 1;
                    answers.push(report(0x6900 + self.forwarded, notice));
                }
                return answers;
            }
            Mad::Sa(mad) => mad,
            other => panic!("{other:?}"),
        };
        let attribute = mad.header().attribute_id();
        *self.queries.entry(attribute).or_default() += 1;
        let found = |status| {
            let mut answer = SaMad::from_view(mad);
            answer.header.method = mad.header().method().response();
            answer.header.status = status;
            answer
        };
        vec![
            match attribute {
                AttributeId::INFORM_INFO_RECORD => found(Status::OK).emit(&InformInfoRecord {
                    inform_info: InformInfo::subscribe_to(TrapNumber::ALL),
                    ..InformInfoRecord::parse(mad.data()).unwrap()
                }),
                AttributeId::INFORM_INFO => found(Status::OK).emit(&InformInfo::parse(mad.data()).unwrap()),
                AttributeId::NODE_RECORD => match Self::node(NodeRecord::parse(mad.data()).unwrap().lid) {
                    Some(record) => found(Status::OK).emit(&record),
                    None => found(Status::NO_RECORDS).emit(&PathRecord::default()),
                },
                AttributeId::PATH_RECORD => {
                    let query = PathRecord::parse(mad.data()).unwrap();
                    let base = |lid| if lid == Lid(7) { Lid(6) } else { lid };
                    let ends = (base(query.source_lid), base(query.destination_lid));
                    match self.levels.get(&ends) {
                        Some(service_level) => found(Status::OK).emit(&PathRecord {
                            source_gid: gid(ends.0),
                            destination_gid: gid(ends.1),
                            service_level: level(*service_level),
                            ..query
                        }),
                        None => found(Status::NO_RECORDS).emit(&query),
                    }
                }
                _ => {
                    let lid = SwitchInfoRecord::parse(mad.data()).unwrap().lid;
                    let switch_info = SwitchInfo { linear_fdb_top: TOP, ..SwitchInfo::default() };
                    found(Status::OK).emit(&SwitchInfoRecord { lid, switch_info })
                }
            }
            .unwrap(),
        ]
    }
}

fn report(id: u64, notice: Notice) -> [u8; MAD_LENGTH] {
    let header = ib_mad::wire::MadHeader::request(
        ib_mad::wire::ManagementClass::SUBNET_ADMINISTRATION,
        Method::REPORT,
        AttributeId::NOTICE,
        0,
        ib_mad::TransactionId(id),
    );
    SaMad { header, rmpp: RmppHeader::INACTIVE, sa: SaHeader::default() }.emit(&notice).unwrap()
}

fn link_state_change() -> Notice {
    let details = TrapDetails::LinkStateChange { lid: SWITCHES[0] };
    Notice { issuer_lid: SWITCHES[0], ..Notice::generic(NoticeType::URGENT, ProducerType::SWITCH, &details) }
}

struct Subnet {
    now: Duration,
    watcher: Watcher,
    manager: Manager,
    events: Vec<WatchEvent>,
    reports: u64,
}

impl Subnet {
    fn new(method: SignallingMethod) -> Self {
        let pairs = HOSTS.iter().flat_map(|from| HOSTS.iter().map(move |to| (*from, *to)));
        let manager = Manager {
            levels: pairs.filter(|(from, to)| from != to).map(|pair| (pair, 0)).collect(),
            traps: Vec::new(),
            queries: BTreeMap::new(),
            represses: false,
            forwards: true,
            forwarded: 0,
        };
        let config = WatcherConfig {
            settle: Duration::from_secs(1),
            first_interval: Duration::from_millis(100),
            ..WatcherConfig::new(method, 1)
        };
        let mut watcher = Watcher::new(config);
        let sa = SaAddress { lid: MANAGER, service_level: ServiceLevel::default() };
        watcher.handle_port(START, LocalPort { lid: OWN, gid: gid(OWN), manager: sa });
        Self { now: START, watcher, manager, events: Vec::new(), reports: 0 }
    }

    /// What is to happen at this moment.
    fn settle(&mut self) {
        let mut buffer = [0; MAD_LENGTH];
        loop {
            let mut idle = true;
            while let Some(transmit) = self.watcher.poll_transmit(self.now, &mut buffer) {
                idle = false;
                assert_eq!(transmit.to, MANAGER);
                for answer in self.manager.answer(&buffer) {
                    self.watcher.handle_datagram(self.now, MANAGER, &answer);
                }
            }
            while let Some(event) = self.watcher.poll_event(self.now) {
                idle = false;
                self.events.push(event);
            }
            if idle {
                return;
            }
        }
    }

    /// Run until `end`.
    fn run_until(&mut self, end: Duration) {
        self.settle();
        while let Some(next) = self.watcher.poll_timeout().filter(|next| *next <= end) {
            assert!(next > self.now, "it would spin");
            self.now = next;
            self.watcher.handle_timeout(next);
            self.settle();
        }
        self.now = end;
    }

    fn run_for(&mut self, time: Duration) {
        self.run_until(self.now + time);
    }

    fn fault(&mut self) {
        self.reports += 1;
        self.watcher.handle_datagram(self.now, MANAGER, &report(self.reports, link_state_change()));
    }

    /// Of each pass since the last call: how many records changed, and whether anybody is signalled.
    fn passes(&mut self) -> Vec<(usize, bool)> {
        let passes = self.events.drain(..).filter_map(|event| match event {
            WatchEvent::Pass(pass) => {
                let changed = pass.update.difference().map_or(0, |difference| difference.count());
                Some((changed, pass.audience != Audience::Nobody))
            }
            _ => None,
        });
        passes.collect()
    }
}

/// Subscribed, the first table read, and quiet.
fn quiet(method: SignallingMethod) -> Subnet {
    let mut subnet = Subnet::new(method);
    subnet.run_for(Duration::from_secs(1));
    let Some(WatchEvent::Pass(pass)) =
        subnet.events.iter().find(|event| matches!(event, WatchEvent::Pass(_)))
    else {
        panic!("{:?}", subnet.events);
    };
    // LMC 1: one port has two paths from each of the four others.
    assert_eq!((pass.hosts, pass.records, &pass.update), (5, 24, &Update::Seeded));
    assert_eq!(subnet.events.last(), Some(&WatchEvent::Quiet));
    assert_eq!(subnet.manager.traps, []);
    subnet.events.clear();
    subnet
}

#[test]
fn the_subnet_is_read_lid_by_lid_up_to_what_switches_forward() {
    let subnet = quiet(SignallingMethod::ThreeWayHybrid);
    assert_eq!(subnet.manager.queries[&AttributeId::NODE_RECORD], usize::from(TOP));
    assert_eq!(subnet.manager.queries[&AttributeId::SWITCH_INFO_RECORD], 2);
    let ports: Vec<_> = subnet.watcher.ports().iter().map(|port| (port.lid.0, port.lmc)).collect();
    assert_eq!(ports, [(1, 0), (2, 0), (4, 0), (6, 1), (10, 0)]);
}

#[test]
fn each_difference_is_signalled_once_and_a_late_one_too() {
    let mut subnet = quiet(SignallingMethod::ThreeWayHybrid);
    subnet.fault();
    subnet.run_for(Duration::from_millis(150));
    assert_eq!(subnet.passes(), [(0, false), (0, false)], "the manager has not rerouted yet");
    subnet.manager.levels.insert((Lid(1), Lid(10)), 1);
    subnet.run_for(Duration::from_millis(200));
    assert_eq!(subnet.passes(), [(1, true)]);
    subnet.manager.levels.insert((Lid(10), Lid(1)), 1);
    subnet.manager.levels.insert((Lid(10), Lid(2)), 1);
    subnet.run_for(Duration::from_secs(10));
    assert_eq!(subnet.passes(), [(2, true), (0, false)]);
    assert_eq!(subnet.manager.traps.len(), 2);
}

#[test]
fn without_a_change_the_hybrid_method_signals_nobody_and_the_wildcard_method_everyone() {
    let mut hybrid = quiet(SignallingMethod::ThreeWayHybrid);
    hybrid.fault();
    hybrid.run_for(Duration::from_secs(5));
    assert_eq!(hybrid.passes(), [(0, false); 5]);
    assert_eq!(hybrid.manager.traps, []);

    let mut wildcard = quiet(SignallingMethod::ThreeWayWildcard);
    let read = wildcard.manager.queries[&AttributeId::PATH_RECORD];
    wildcard.fault();
    wildcard.run_for(Duration::from_secs(5));
    assert_eq!(wildcard.passes(), [(0, true); 5]);
    assert_eq!(wildcard.manager.traps.len(), 5);
    assert_eq!(wildcard.manager.queries[&AttributeId::PATH_RECORD], read, "it knows no records");
}

#[test]
fn the_trap_is_repeated_until_it_is_repressed_or_heard_back() {
    for (represses, forwards, expected) in
        [(true, false, 1), (false, true, 1), (true, true, 1), (false, false, 6)]
    {
        let mut subnet = quiet(SignallingMethod::ThreeWayHybrid);
        (subnet.manager.represses, subnet.manager.forwards) = (represses, forwards);
        subnet.manager.levels.insert((Lid(4), Lid(10)), 2);
        subnet.fault();
        subnet.run_for(Duration::from_secs(30));
        assert_eq!(subnet.manager.traps.len(), expected);
        let trap = subnet.manager.traps[0];
        assert_eq!((trap.issuer_lid, trap.trap().unwrap().trap_number()), (OWN, TrapNumber::REPATH));
        assert!(subnet.manager.traps.iter().all(|repeated| *repeated == trap));
        let confirmed = subnet.events.contains(&WatchEvent::Signalled { attempts: 1 });
        let given_up = subnet.events.contains(&WatchEvent::SignalUnanswered { attempts: 6 });
        assert_eq!((confirmed, given_up), (expected == 1, expected != 1));
    }
}

/// OpenSM ignores a trap that it has seen ten times: no two signals may be alike.
#[test]
fn no_two_signals_are_alike() {
    let mut subnet = quiet(SignallingMethod::ThreeWayWildcard);
    for _ in 0..5 {
        subnet.fault();
        subnet.run_for(Duration::from_secs(3));
    }
    let mut traps = subnet.manager.traps.clone();
    assert_eq!(traps.len(), 25);
    traps.sort();
    traps.dedup();
    assert_eq!(traps.len(), 25);
}

/// A Report that got lost on the link that failed.
#[test]
fn a_change_that_nobody_reported_is_found_within_a_minute() {
    let mut subnet = quiet(SignallingMethod::ThreeWayHybrid);
    subnet.manager.levels.insert((Lid(1), Lid(10)), 1);
    subnet.run_for(Duration::from_secs(61));
    assert_eq!(subnet.passes(), [(1, true)]);
    subnet.run_for(Duration::from_secs(61));
    assert_eq!(subnet.passes(), [(0, false)]);
    assert_eq!(subnet.manager.traps.len(), 1);
}

/// While OpenSM reroutes it has no path for some pairs. That is no change: the path is there again a moment later.
#[test]
fn a_path_that_is_missing_for_a_moment_is_no_change() {
    let mut subnet = quiet(SignallingMethod::ThreeWayHybrid);
    subnet.manager.levels.remove(&(Lid(1), Lid(4)));
    subnet.fault();
    subnet.run_for(Duration::from_millis(750));
    assert_eq!(subnet.passes(), [(0, false); 4]);
    subnet.manager.levels.insert((Lid(1), Lid(4)), 0);
    subnet.run_for(Duration::from_secs(5));
    assert_eq!(subnet.passes(), [(0, false)]);
    assert_eq!(subnet.manager.traps, []);
}

#[test]
fn a_path_that_vanishes_and_comes_back_is_two_changes() {
    let mut subnet = quiet(SignallingMethod::ThreeWayHybrid);
    subnet.manager.levels.remove(&(Lid(1), Lid(4)));
    subnet.fault();
    subnet.run_for(Duration::from_secs(5));
    assert_eq!(subnet.passes().iter().map(|pass| pass.0).sum::<usize>(), 1);
    subnet.manager.levels.insert((Lid(1), Lid(4)), 0);
    subnet.fault();
    subnet.run_for(Duration::from_secs(5));
    assert_eq!(subnet.passes().iter().map(|pass| pass.0).sum::<usize>(), 1);
}
