//! What the agent says, for machines and for people.

use ib_mad::Qpn;
use serde_json::{Value, json};
use trap_signal::Report;
use trap_signal::host::{HostAgent, HostEvent, PathId, Reconfiguration};

use super::Row;
use super::adapter::{Outcome, Traffic};

/// The trap's number, `None` for a vendor's.
fn trap_number(report: &Report) -> Option<u16> {
    report.notice.trap_number().map(|number| number.0)
}

fn peer_of<'a>(rows: &'a [Row], path: &PathId) -> &'a str {
    rows.iter().find(|row| row.path == *path).map_or("", |row| &row.peer)
}

fn row(rows: &[Row], number: Qpn) -> Option<&Row> {
    rows.iter().find(|row| row.number == number)
}

/// The table as it stands.
pub(super) fn ready(agent: &HostAgent, rows: &[Row]) -> Value {
    let queue_pairs = rows.iter().map(|row| {
        let record = agent.record(row.number);
        json!({
            "queue_pair": row.number.get(),
            "destination": row.peer,
            "destination_gid": row.path.destination.to_string(),
            "source_lid": record.map(|record| record.source_lid.0),
            "destination_lid": record.map(|record| record.destination_lid.0),
            "service_level": record.map(|record| record.service_level.get()),
        })
    });
    json!({ "event": "ready", "queue_pairs": queue_pairs.collect::<Vec<_>>() })
}

pub(super) fn ready_text(agent: &HostAgent, rows: &[Row]) -> String {
    let mut text = "subscribed to RePath".to_owned();
    for row in rows {
        let record = agent.record(row.number);
        let level =
            record.map_or("no path".into(), |record| format!("service level {}", record.service_level));
        text.push_str(&format!("\n  queue pair {} to {}: {level}", row.number, row.peer));
    }
    text
}

/// A queue pair was moved, or could not be.
pub(super) fn reconfigured(rows: &[Row], to: &Reconfiguration, outcome: &Outcome) -> Value {
    if let Some(object) = not_moved(to.id.queue_pair, outcome) {
        return object;
    }
    let mut object = json!({
        "event": "reconfigured",
        "queue_pair": to.id.queue_pair.get(),
        "destination": row(rows, to.id.queue_pair).map(|row| &row.peer),
        "destination_lid": to.new.destination_lid.0,
        "fields": to.fields.names().collect::<Vec<_>>(),
        "old_service_level": to.old.service_level.get(),
        "new_service_level": to.new.service_level.get(),
    });
    if let Some((by, lost)) = outcome.manner() {
        object["by"] = by.into();
        object["lost"] = lost.into();
    }
    object
}

pub(super) fn reconfigured_text(rows: &[Row], to: &Reconfiguration, outcome: &Outcome) -> String {
    if !outcome.has_moved() {
        return not_moved_text(to.id.queue_pair, outcome);
    }
    let peer = row(rows, to.id.queue_pair).map_or("", |row| &row.peer);
    let manner = outcome.manner().map(|(by, lost)| match lost {
        0 => format!(" (by {by}, nothing is lost)"),
        lost => format!(" (by {by}, {lost} writes are lost)"),
    });
    format!(
        "queue pair {} to {peer}: {} changed, service level {} -> {}{}",
        to.id.queue_pair,
        to.fields,
        to.old.service_level,
        to.new.service_level,
        manner.unwrap_or_default()
    )
}

/// The object for a queue pair that could not be moved.
pub(super) fn not_moved(queue_pair: Qpn, outcome: &Outcome) -> Option<Value> {
    let failure = outcome.failure()?;
    Some(json!({ "event": "error", "queue_pair": queue_pair.get(), "message": failure }))
}

pub(super) fn not_moved_text(queue_pair: Qpn, outcome: &Outcome) -> String {
    format!("queue pair {queue_pair} was not moved: {}", outcome.failure().unwrap_or_default())
}

/// The object for a queue pair whose writes fail.
#[cfg(feature = "verbs")]
pub(super) fn broken(queue_pair: Qpn, error: &transport::verbs::VerbsError) -> Value {
    json!({ "event": "error", "queue_pair": queue_pair.get(), "message": broken_text(error) })
}

#[cfg(feature = "verbs")]
pub(super) fn broken_text(error: &transport::verbs::VerbsError) -> String {
    format!("{error}; nothing is written until it is moved")
}

/// What became of the traffic on a queue pair.
pub(super) fn traffic(rows: &[Row], traffic: &Traffic) -> Value {
    json!({
        "event": "traffic",
        "queue_pair": traffic.queue_pair.get(),
        "destination": row(rows, traffic.queue_pair).map(|row| &row.peer),
        "written": traffic.written,
        "lost": traffic.lost,
    })
}

pub(super) fn traffic_text(rows: &[Row], traffic: &Traffic) -> String {
    let Traffic { queue_pair, written, lost } = traffic;
    let peer = row(rows, *queue_pair).map_or("", |row| &row.peer);
    format!("queue pair {queue_pair} to {peer}: {written} writes, {lost} lost")
}

/// The object for an event that has one of its own.
pub(super) fn object(rows: &[Row], event: &HostEvent) -> Option<Value> {
    Some(match event {
        HostEvent::Subscribed => json!({ "event": "subscribed" }),
        HostEvent::SubscriptionLost => json!({ "event": "subscription_lost" }),
        HostEvent::Report(report) => json!({
            "event": "report",
            "trap": trap_number(report),
            "issuer_lid": report.notice.issuer_lid.0,
            "transaction_id": report.transaction_id.to_string(),
        }),
        HostEvent::UpToDate { without_path } => {
            json!({ "event": "up_to_date", "without_path": without_path })
        }
        HostEvent::NoPath(path) => {
            json!({ "event": "no_path", "destination": peer_of(rows, path) })
        }
        HostEvent::QueryFailed(path, failure) => json!({
            "event": "error", "destination": peer_of(rows, path), "message": failure.to_string(),
        }),
        HostEvent::NotSubscribed(failure) => {
            json!({ "event": "error", "message": format!("not subscribed: {failure}") })
        }
        HostEvent::Stranger(from) => {
            json!({ "event": "error", "message": format!("a Report from LID {from}, which is not the manager") })
        }
        HostEvent::NotMine(reason) => json!({ "event": "ignored", "message": reason.to_string() }),
        HostEvent::Ignored(reason) => json!({ "event": "ignored", "message": reason.to_string() }),
        // Said when it is done.
        HostEvent::Reconfigure(_) | HostEvent::Resolved { .. } => return None,
        _ => return None,
    })
}

pub(super) fn text(rows: &[Row], event: &HostEvent) -> String {
    match event {
        HostEvent::SubscriptionLost => "the subscription was lost; it is being renewed".into(),
        HostEvent::Report(report) => match trap_number(report) {
            Some(number) => format!("Report of trap {number}"),
            None => "Report of a vendor's trap".into(),
        },
        HostEvent::UpToDate { without_path: 0 } => "every queue pair is on its latest path record".into(),
        HostEvent::UpToDate { without_path } => {
            format!("up to date, but {without_path} queue pairs have no path")
        }
        HostEvent::NoPath(path) => format!("no path to {} at present", peer_of(rows, path)),
        HostEvent::QueryFailed(path, failure) => format!("path to {}: {failure}", peer_of(rows, path)),
        HostEvent::NotSubscribed(failure) => format!("not subscribed: {failure}"),
        HostEvent::Stranger(from) => format!("ignored a Report from LID {from}, which is not the manager"),
        HostEvent::NotMine(reason) => format!("ignored a datagram: {reason}"),
        HostEvent::Ignored(reason) => format!("ignored a datagram: {reason}"),
        // The first is part of the table; the others are said when they are done.
        _ => String::new(),
    }
}
