//! What the watcher says, for machines and for people.

use std::collections::BTreeMap;

use ib_mad::{Gid, Guid};
use path_record::{ChangeSets, Difference, Update};
use serde_json::{Value, json};
use trap_signal::watch::{Pass, WatchEvent};
use trap_signal::{Audience, Report};

fn trap_number(report: &Report) -> Option<u16> {
    report.notice.trap_number().map(|number| number.0)
}

fn audience_name(audience: &Audience) -> &'static str {
    match audience {
        Audience::Nobody => "nobody",
        Audience::Everyone => "everyone",
        Audience::Hosts(_) => "hosts",
    }
}

fn changes(difference: &Difference, names: &BTreeMap<Guid, &str>, limit: usize) -> Vec<Value> {
    let name = |gid: Gid| names.get(&gid.guid()).map_or_else(|| gid.to_string(), |name| (*name).to_owned());
    let listed = difference.changes().iter().take(limit).map(|change| {
        json!({
            "source": name(change.key.source),
            "destination": name(change.key.destination),
            "fields": change.fields().names().collect::<Vec<_>>(),
            "old_service_level": change.before().map(|old| old.service_level.get()),
            "new_service_level": change.after().map(|new| new.service_level.get()),
        })
    });
    listed.collect()
}

fn pass(pass: &Pass, names: &BTreeMap<Guid, &str>, limit: usize) -> Value {
    match &pass.update {
        Update::Seeded => json!({
            "event": "seeded", "pass": pass.number, "hosts": pass.hosts, "records": pass.records,
        }),
        Update::Compared(difference) => json!({
            "event": "compared",
            "pass": pass.number,
            "hosts": pass.hosts,
            "records": pass.records,
            "compared": difference.compared(),
            "changed": difference.count(),
            "changes": changes(difference, names, limit),
            "hosts_concerned": ChangeSets::of_both_ends(difference).len(),
            "signalled": audience_name(&pass.audience),
        }),
    }
}

pub(super) fn object(event: &WatchEvent, names: &BTreeMap<Guid, &str>, limit: usize) -> Option<Value> {
    Some(match event {
        WatchEvent::Subscribed => json!({ "event": "subscribed" }),
        WatchEvent::SubscriptionLost => json!({ "event": "subscription_lost" }),
        WatchEvent::NotSubscribed(failure) => {
            json!({ "event": "error", "message": format!("not subscribed: {failure}") })
        }
        WatchEvent::Report(report) => json!({
            "event": "report", "trap": trap_number(report), "issuer_lid": report.notice.issuer_lid.0,
        }),
        WatchEvent::Stranger(from) => {
            json!({ "event": "error", "message": format!("a Report from LID {from}, which is not the manager") })
        }
        WatchEvent::Pass(done) => pass(done, names, limit),
        WatchEvent::PassFailed(error) => json!({ "event": "error", "message": error.to_string() }),
        WatchEvent::Signalled { attempts } => {
            json!({ "event": "signalled", "trap": 69, "attempts": attempts })
        }
        WatchEvent::SignalUnanswered { attempts } => json!({
            "event": "error", "message": format!("the manager took no notice of trap 69, sent {attempts} times"),
        }),
        WatchEvent::Quiet => json!({ "event": "quiet" }),
        WatchEvent::NotMine(reason) => json!({ "event": "ignored", "message": reason.to_string() }),
        WatchEvent::Ignored(reason) => json!({ "event": "ignored", "message": reason.to_string() }),
        _ => return None,
    })
}

fn pass_text(pass: &Pass) -> String {
    let Pass { number, hosts, records, .. } = pass;
    match &pass.update {
        Update::Seeded => format!("pass {number}: {records} path records between {hosts} hosts"),
        Update::Compared(difference) => {
            let whom = match &pass.audience {
                Audience::Nobody => "nobody is signalled".into(),
                Audience::Everyone => "everyone is signalled".into(),
                Audience::Hosts(concerned) => format!("{} hosts are concerned", concerned.len()),
            };
            format!("pass {number}: {} of {records} path records changed, {whom}", difference.count())
        }
    }
}

pub(super) fn text(event: &WatchEvent) -> String {
    match event {
        WatchEvent::Subscribed => "subscribed to every trap".into(),
        WatchEvent::SubscriptionLost => "the subscription was lost; it is being renewed".into(),
        WatchEvent::NotSubscribed(failure) => format!("not subscribed: {failure}"),
        WatchEvent::Report(report) => match trap_number(report) {
            Some(number) => format!("Report of trap {number} from LID {}", report.notice.issuer_lid),
            None => format!("Report of a vendor's trap from LID {}", report.notice.issuer_lid),
        },
        WatchEvent::Stranger(from) => format!("ignored a Report from LID {from}, which is not the manager"),
        WatchEvent::Pass(done) => pass_text(done),
        WatchEvent::PassFailed(error) => format!("{error}; trying again"),
        WatchEvent::Signalled { .. } => "the manager has trap 69 and forwards it".into(),
        WatchEvent::SignalUnanswered { attempts } => {
            format!("the manager took no notice of trap 69, sent {attempts} times")
        }
        WatchEvent::Quiet => "quiet".into(),
        WatchEvent::NotMine(reason) => format!("ignored a datagram: {reason}"),
        WatchEvent::Ignored(reason) => format!("ignored a datagram: {reason}"),
        _ => String::new(),
    }
}
