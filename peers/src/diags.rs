//! infiniband-diags: what the fabric says when somebody else's tools ask it.

use core::time::Duration;
use std::collections::BTreeMap;

use tokio::time::timeout;

use crate::{Ibsim, PeerError};

/// How long a query may take.
const WITHIN: Duration = Duration::from_secs(20);

/// The fields of a path record by the names that `saquery` prints, with the text of each value.
pub type PathFields = BTreeMap<String, String>;

/// The diagnostic programs, run on one host of the simulated fabric. Each run takes one of ibsim's client slots.
#[derive(Clone, Copy, Debug)]
pub struct Diags<'a> {
    ibsim: &'a Ibsim,
    host: &'a str,
}

impl<'a> Diags<'a> {
    /// Programs that run on `host`.
    pub fn new(ibsim: &'a Ibsim, host: &'a str) -> Self {
        Self { ibsim, host }
    }

    /// Run one program and return what it printed.
    ///
    /// # Errors
    /// When it is not installed, fails, or has not ended after 20 seconds; it is ended then.
    pub async fn run(&self, program: &'static str, arguments: &[&str]) -> Result<String, PeerError> {
        let mut command = self.ibsim.client(self.host, program)?;
        command.args(arguments).kill_on_drop(true);
        let output = timeout(WITHIN, command.output()).await.map_err(|_| PeerError::Deadline {
            name: program.into(),
            awaited: "end".into(),
            after: WITHIN,
            last: arguments.join(" "),
        })?;
        let output = output.map_err(|source| PeerError::Start { name: program.into(), source })?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() {
            return Ok(text(&output.stdout));
        }
        let reply = text(&output.stderr).trim().replace('\n', " | ");
        Err(PeerError::Refused { name: program.into(), command: arguments.join(" "), reply })
    }

    /// The path record from one LID to another, as `saquery` gets it from the subnet administration.
    ///
    /// # Errors
    /// As of [`run`](Self::run), and when there is no path.
    pub async fn path_record(&self, source: u16, destination: u16) -> Result<PathFields, PeerError> {
        let pair = format!("{source}:{destination}");
        let arguments = ["-p", "--src-to-dst", &pair];
        let answer = self.run("saquery", &arguments).await?;
        let fields = path_fields(&answer);
        if fields.contains_key("sl") {
            return Ok(fields);
        }
        Err(PeerError::Answer {
            name: "saquery",
            command: arguments.join(" "),
            what: "path record",
            answer: answer.trim().into(),
        })
    }

    /// The service level of the path from one LID to another.
    ///
    /// # Errors
    /// As of [`path_record`](Self::path_record).
    pub async fn service_level(&self, source: u16, destination: u16) -> Result<u8, PeerError> {
        let fields = self.path_record(source, destination).await?;
        let level = fields.get("sl").and_then(|text| number(text)).and_then(|value| u8::try_from(value).ok());
        level.ok_or_else(|| PeerError::Answer {
            name: "saquery",
            command: format!("-p --src-to-dst {source}:{destination}"),
            what: "service level",
            answer: format!("{fields:?}"),
        })
    }

    /// The LID of each host by its name, as `ibnetdiscover` finds them.
    ///
    /// # Errors
    /// As of [`run`](Self::run).
    pub async fn host_lids(&self) -> Result<BTreeMap<String, u16>, PeerError> {
        Ok(host_lids(&self.run("ibnetdiscover", &[]).await?))
    }
}

/// Lines such as `\tsl......................0x1`.
fn path_fields(answer: &str) -> PathFields {
    let field = |line: &str| {
        let (name, value) = line.trim().split_once("..")?;
        Some((name.to_owned(), value.trim_start_matches('.').to_owned()))
    };
    answer.lines().filter_map(field).collect()
}

/// Decimal, or hexadecimal after `0x`.
fn number(text: &str) -> Option<u64> {
    match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

/// A host's record is a line `Ca 1 "H-…" # "H8"`, then one such as `[1](10000f) "S-…"[6] # lid 14 lmc 0 "S6" lid 10 4xSDR`.
fn host_lids(answer: &str) -> BTreeMap<String, u16> {
    let mut lids = BTreeMap::new();
    let mut host = None;
    for line in answer.lines() {
        let Some((record, comment)) = line.split_once("# ") else { continue };
        if record.starts_with("Ca") {
            host = Some(comment.trim_matches('"').to_owned());
        } else if record.starts_with("Switch") {
            host = None;
        } else if record.starts_with('[') {
            let lid = comment.split_whitespace().nth(1).and_then(|text| text.parse().ok());
            // Of several ports the first one in use counts.
            if let (Some(name), Some(lid)) = (host.take(), lid) {
                lids.insert(name, lid);
            }
        }
    }
    lids
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dumped_path_record_is_read() {
        let fields = path_fields(
            "PathRecord dump:\n\t\tdgid....................fe80::20:0\n\t\tsl......................0xa\n",
        );
        assert_eq!(fields["dgid"], "fe80::20:0");
        assert_eq!(number(&fields["sl"]), Some(10));
        assert_eq!((number("14"), number("0xg"), number("")), (Some(14), None, None));
    }

    #[test]
    fn lids_are_read_from_hosts_alone() {
        let answer = "# Topology file: generated on a day\nSwitch\t8 \"S-05\"\t\t# \"S6\" base port 0 lid 10 lmc 0\n\
            [6]\t\"H-0e\"[1](10000f) \t\t# \"H8\" lid 14 4xSDR\n\ncaguid=0x10000e\nCa\t1 \"H-0e\"\t\t# \"H8\"\n\
            [1](10000f) \t\"S-05\"[6]\t\t# lid 14 lmc 0 \"S6\" lid 10 4xSDR\n";
        assert_eq!(host_lids(answer), BTreeMap::from([("H8".to_owned(), 14)]));
    }
}
