//! Subscribes, and prints every trap that is reported.

use core::fmt;

use clap::Args;
use ib_mad::wire::{InformInfo, Notice, Producer, TrapDetails, TrapNumber};
use programs::{Listener, Moment, Output, ProgramError, random_u32, trap_signal_port};
use serde::Serialize;
use trap_signal::{EventListener, ListenerConfig, ListenerEvent, Report};

use super::ask::Asker;

#[derive(Args, Debug)]
pub(crate) struct WatchOptions {
    /// Only this trap, for example 69 for RePath; without it, every one
    #[arg(long, value_name = "NUMBER")]
    trap: Option<u16>,

    /// End after so many traps
    #[arg(long, value_name = "NUMBER")]
    count: Option<u64>,
}

pub(crate) async fn watch(
    asker: &mut Asker,
    output: Output,
    options: &WatchOptions,
) -> Result<(), ProgramError> {
    let wanted = InformInfo::subscribe_to(options.trap.map_or(TrapNumber::ALL, TrapNumber));
    let mut listener = Listener::new(EventListener::new(ListenerConfig::new(wanted, random_u32())));
    listener.machine.handle_port(asker.session.now(), trap_signal_port(&asker.port));
    let mut left = options.count;
    while left != Some(0) {
        let event = match asker.session.next(&mut listener).await? {
            Moment::End => break,
            Moment::Reregister => {
                listener.machine.handle_client_reregister(asker.session.now());
                continue;
            }
            Moment::Port(port) => {
                listener.machine.handle_port(asker.session.now(), trap_signal_port(&port));
                continue;
            }
            Moment::Event(event) => event,
        };
        match event {
            ListenerEvent::Report(report) => {
                output.print(&TrapLine::from(&report))?;
                left = left.map(|left| left - 1);
            }
            ListenerEvent::Standing => output.print(&State::new("subscribed", None))?,
            ListenerEvent::Lost => output.print(&State::new("subscription_lost", None))?,
            ListenerEvent::NotSubscribed(failure) => {
                output.print(&State::new("not_subscribed", Some(failure.to_string())))?;
            }
            ListenerEvent::Stranger(from) => {
                tracing::warn!(%from, "a Report from a port that is not the manager's");
            }
            other => tracing::debug!(?other, "nothing to print"),
        }
    }
    // The last Report is answered before the program ends: the manager would repeat it.
    asker.session.flush(&mut listener).await?;
    Ok(())
}

/// Where the subscription stands.
#[derive(Serialize)]
struct State {
    event: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<String>,
}

impl State {
    const fn new(event: &'static str, message: Option<String>) -> Self {
        Self { event, message }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.event.replace('_', " "))?;
        self.message.as_ref().map_or(Ok(()), |message| write!(f, ": {message}"))
    }
}

/// A reported trap.
#[derive(Serialize)]
struct TrapLine {
    event: &'static str,
    /// Number of a generic trap.
    #[serde(skip_serializing_if = "Option::is_none")]
    trap: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vendor: Option<u32>,
    notice_type: u16,
    issuer_lid: u16,
    issuer_gid: String,
    count: u16,
    transaction_id: String,
    what: String,
}

impl From<&Report> for TrapLine {
    fn from(report: &Report) -> Self {
        let notice = &report.notice;
        let vendor = match notice.producer {
            Producer::Generic { .. } => None,
            Producer::Vendor { vendor_id, .. } => Some(vendor_id),
        };
        Self {
            event: "trap",
            trap: notice.trap_number().map(|number| number.0),
            vendor,
            notice_type: notice.notice_type.0,
            issuer_lid: notice.issuer_lid.0,
            issuer_gid: notice.issuer_gid.to_string(),
            count: notice.notice_count,
            transaction_id: report.transaction_id.to_string(),
            what: what(notice),
        }
    }
}

impl fmt::Display for TrapLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.trap, self.vendor) {
            (Some(trap), _) => write!(f, "trap {trap}")?,
            (None, vendor) => write!(f, "vendor {:#x}'s trap", vendor.unwrap_or_default())?,
        }
        write!(f, " from LID {} ({}): {}", self.issuer_lid, self.issuer_gid, self.what)
    }
}

/// What happened, in words.
fn what(notice: &Notice) -> String {
    match notice.trap() {
        Some(TrapDetails::GidInService { gid }) => format!("port {gid} came into service"),
        Some(TrapDetails::GidOutOfService { gid }) => format!("port {gid} went out of service"),
        Some(TrapDetails::MulticastGroupCreated { mgid }) => format!("multicast group {mgid} was created"),
        Some(TrapDetails::MulticastGroupDeleted { mgid }) => format!("multicast group {mgid} was deleted"),
        Some(TrapDetails::UnPath(_)) => "UnPath: paths are no longer valid".into(),
        Some(TrapDetails::RePath(_)) => "RePath: paths have changed".into(),
        Some(TrapDetails::LinkStateChange { lid }) => {
            format!("a link of the switch at LID {lid} changed its state")
        }
        Some(TrapDetails::LinkIntegrity(at)) => {
            format!("too many errors at LID {} port {}", at.lid, at.port_number)
        }
        Some(TrapDetails::BufferOverrun(at)) => {
            format!("buffer overruns at LID {} port {}", at.lid, at.port_number)
        }
        Some(TrapDetails::FlowControlWatchdog(at)) => {
            format!("no flow control from the other end of LID {} port {}", at.lid, at.port_number)
        }
        Some(TrapDetails::LocalChanges(change)) => {
            format!("settings of the port at LID {} changed", change.lid)
        }
        Some(TrapDetails::SystemImageGuidChange { lid, system_image_guid }) => {
            format!("the node at LID {lid} is now of system {system_image_guid}")
        }
        Some(_) => "an event that this program does not know".into(),
        None => "an event of its vendor".into(),
    }
}
