//! Events as lines: for people, and for programs.

use core::fmt;
use core::net::SocketAddr;

use std::path::Path;

use ib_mad::Gid;
use programs::ProgramError;
use serde::Serialize;
use subnet_manager::administration::AdministrationState;
use subnet_manager::{Event, ManagerState, PathChanges, SubnetChange, SweepReason, SweepSummary};

use crate::keeper::Written;
use crate::registration_file::Damage;

/// Where metrics are served.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename = "metrics")]
pub(crate) struct MetricsLine {
    address: String,
}

impl MetricsLine {
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { address: address.to_string() }
    }
}

impl fmt::Display for MetricsLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "metrics at http://{}/metrics", self.address)
    }
}

/// What became of what nodes have registered.
#[derive(Debug, Serialize)]
#[serde(tag = "event")]
pub(crate) enum RegistrationLine {
    #[serde(rename = "registrations_read")]
    Read { subscriptions: usize, groups: usize, services: usize },
    #[serde(rename = "registrations_set_aside")]
    SetAside { file: String, aside: String, reason: String },
    #[serde(rename = "registrations_written")]
    Written { subscriptions: usize, groups: usize, services: usize },
    #[serde(rename = "registrations_unwritten")]
    Unwritten { text: String },
}

impl RegistrationLine {
    pub(crate) fn read(state: &AdministrationState) -> Self {
        let Written { subscriptions, groups, services } = Written::of(state);
        Self::Read { subscriptions, groups, services }
    }

    pub(crate) fn set_aside(file: &Path, damage: &Damage, aside: &Path) -> Self {
        let (file, aside) = (file.display().to_string(), aside.display().to_string());
        Self::SetAside { file, aside, reason: damage.to_string() }
    }

    pub(crate) fn written(outcome: Result<Written, ProgramError>) -> Self {
        match outcome {
            Ok(Written { subscriptions, groups, services }) => {
                Self::Written { subscriptions, groups, services }
            }
            Err(error) => Self::Unwritten { text: error.to_string() },
        }
    }
}

impl fmt::Display for RegistrationLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Read { subscriptions, groups, services } => {
                write!(
                    f,
                    "registered before: {subscriptions} subscriptions, {groups} groups, {services} services"
                )
            }
            Self::SetAside { file, aside, reason } => {
                write!(
                    f,
                    "{file} cannot be used: {reason}. It is {aside} now, and hosts are asked to register anew"
                )
            }
            Self::Written { subscriptions, groups, services } => {
                write!(
                    f,
                    "registrations kept: {subscriptions} subscriptions, {groups} groups, {services} services"
                )
            }
            Self::Unwritten { text } => write!(f, "registrations are not kept: {text}"),
        }
    }
}

/// Something that happened.
#[derive(Debug, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub(crate) enum EventLine {
    State { state: &'static str },
    SweepStarted { reason: &'static str },
    Fault { text: String },
    Mended { text: String },
    SubnetUp(Summary),
    Changed(Change),
    LidsChanged,
    Trap { number: Option<u16>, issuer: u16, text: String },
    HandingOver { guid: String },
}

/// What a sweep did.
#[derive(Debug, Serialize)]
pub(crate) struct Summary {
    nodes: u32,
    switches: u32,
    end_ports: u32,
    lanes: u8,
    requests: u64,
    forwarding_blocks: u32,
    faults: u32,
    milliseconds: f64,
    discovery_milliseconds: f64,
}

/// What is different.
#[derive(Debug, Serialize)]
pub(crate) struct Change {
    in_service: Vec<String>,
    out_of_service: Vec<String>,
    changed_paths: Vec<String>,
}

impl Summary {
    fn new(summary: &SweepSummary) -> Self {
        Self {
            nodes: summary.nodes,
            switches: summary.switches,
            end_ports: summary.end_ports,
            lanes: summary.lanes,
            requests: summary.answered,
            forwarding_blocks: summary.forwarding_blocks,
            faults: summary.faults,
            milliseconds: summary.duration.as_secs_f64() * 1e3,
            discovery_milliseconds: summary.discovery.as_secs_f64() * 1e3,
        }
    }
}

impl Change {
    fn new(change: &SubnetChange) -> Self {
        let names = |gids: &[Gid]| gids.iter().map(ToString::to_string).collect();
        let changed_paths = match &change.paths {
            PathChanges::None => Vec::new(),
            PathChanges::Ends(ends) => ends.iter().map(ToString::to_string).collect(),
        };
        let (in_service, out_of_service) = (names(&change.in_service), names(&change.out_of_service));
        Self { in_service, out_of_service, changed_paths }
    }
}

/// The line of an event.
pub(crate) fn line(event: &Event) -> Option<EventLine> {
    Some(match event {
        Event::State(state) => EventLine::State { state: state_name(*state) },
        Event::SweepStarted(reason) => EventLine::SweepStarted { reason: reason_name(*reason) },
        Event::Fault(fault) => EventLine::Fault { text: fault.to_string() },
        Event::Mended(fault) => EventLine::Mended { text: fault.to_string() },
        Event::SubnetUp(summary) => EventLine::SubnetUp(Summary::new(summary)),
        Event::Changed(change) => EventLine::Changed(Change::new(change)),
        Event::LidsChanged => EventLine::LidsChanged,
        Event::Trap(notice) => EventLine::Trap {
            number: notice.trap_number().map(|number| number.0),
            issuer: notice.issuer_lid.0,
            text: notice.trap().map_or_else(|| "of a vendor".into(), |trap| format!("{trap:?}")),
        },
        Event::HandingOver(guid) => EventLine::HandingOver { guid: guid.to_string() },
        // What is registered changes often: the file's lines tell enough. Or an event that is newer than this program.
        _ => return None,
    })
}

const fn state_name(state: ManagerState) -> &'static str {
    match state {
        ManagerState::NotActive => "not active",
        ManagerState::Discovering => "discovering",
        ManagerState::Standby => "standby",
        ManagerState::Master => "master",
    }
}

const fn reason_name(reason: SweepReason) -> &'static str {
    match reason {
        SweepReason::Start => "start",
        SweepReason::Trap => "trap",
        SweepReason::LightSweep => "light sweep",
        SweepReason::Retry => "retry",
        SweepReason::Requested => "requested",
        SweepReason::OtherManager => "other manager",
    }
}

impl fmt::Display for EventLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::State { state } => write!(f, "state: {state}"),
            Self::SweepStarted { reason } => write!(f, "sweep: {reason}"),
            Self::Fault { text } => write!(f, "fault: {text}"),
            Self::Mended { text } => write!(f, "mended: {text}"),
            Self::SubnetUp(summary) => write!(
                f,
                "SUBNET UP: {} nodes, {} switches, {} end ports, {} lanes; {} requests, {} forwarding blocks, \
                 {:.1} ms, of which discovery {:.1} ms",
                summary.nodes,
                summary.switches,
                summary.end_ports,
                summary.lanes,
                summary.requests,
                summary.forwarding_blocks,
                summary.milliseconds,
                summary.discovery_milliseconds,
            ),
            Self::Changed(change) => write!(
                f,
                "changed: {} ports came, {} went, paths of {} ports are others",
                change.in_service.len(),
                change.out_of_service.len(),
                change.changed_paths.len()
            ),
            Self::LidsChanged => f.write_str("LIDs changed"),
            Self::Trap { number, issuer, text } => match number {
                Some(number) => write!(f, "trap {number} from LID {issuer}: {text}"),
                None => write!(f, "trap from LID {issuer}: {text}"),
            },
            Self::HandingOver { guid } => write!(f, "handing over to {guid}"),
        }
    }
}
