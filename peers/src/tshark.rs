//! tshark: what Wireshark makes of a capture.

use core::time::Duration;
use std::path::PathBuf;

use tokio::process::Command;
use tokio::time::timeout;

use crate::PeerError;
use crate::dissection::{self, Dissection};
use crate::installed::locate;

/// How long a capture may take to read.
const WITHIN: Duration = Duration::from_secs(120);

/// A capture file, read by tshark.
#[derive(Clone, Debug)]
pub struct Capture {
    path: PathBuf,
}

impl Capture {
    /// The capture in a file.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// The values of `fields` (such as `infiniband.mad.method`) in each packet that a display filter lets through; an
    /// empty filter lets all through. A field that a packet does not have is an empty text.
    ///
    /// # Errors
    /// When tshark is not installed, or does not know the filter, a field or the file.
    pub async fn fields(&self, filter: &str, fields: &[&str]) -> Result<Vec<Vec<String>>, PeerError> {
        // The first column is there to give each packet a line that is not empty.
        let mut arguments = vec!["-T", "fields", "-e", "frame.number"];
        arguments.extend(fields.iter().flat_map(|field| ["-e", field]));
        let answer = self.read(filter, &arguments).await?;
        let values = |line: &str| line.split('\t').skip(1).map(str::to_owned).collect();
        Ok(answer.lines().map(values).collect())
    }

    /// How many packets a display filter lets through.
    ///
    /// # Errors
    /// As of [`fields`](Self::fields).
    pub async fn count(&self, filter: &str) -> Result<usize, PeerError> {
        Ok(self.fields(filter, &[]).await?.len())
    }

    /// How many packets tshark finds malformed.
    ///
    /// # Errors
    /// As of [`fields`](Self::fields).
    pub async fn malformed(&self) -> Result<usize, PeerError> {
        self.count("_ws.malformed").await
    }

    /// The full decoding of the packets that a display filter lets through, as text.
    ///
    /// # Errors
    /// As of [`fields`](Self::fields).
    pub async fn text(&self, filter: &str) -> Result<String, PeerError> {
        self.read(filter, &["-V"]).await
    }

    /// Every field of every packet.
    ///
    /// # Errors
    /// As of [`fields`](Self::fields).
    pub async fn dissect(&self) -> Result<Vec<Dissection>, PeerError> {
        dissection::parse(&self.read("", &["-T", "pdml"]).await?)
    }

    /// The names of all fields that tshark knows.
    ///
    /// # Errors
    /// When tshark is not installed.
    pub async fn known_fields() -> Result<Vec<String>, PeerError> {
        let listing = run(&["-G", "fields"]).await?;
        // A field's line: F, what it is called, its name, and more.
        let name = |line: &str| line.strip_prefix("F\t")?.split('\t').nth(1).map(str::to_owned);
        Ok(listing.lines().filter_map(name).collect())
    }

    async fn read(&self, filter: &str, arguments: &[&str]) -> Result<String, PeerError> {
        let path = self.path.to_string_lossy();
        // -n: ask no name server.
        let mut all = vec!["-n", "-r", &path];
        all.extend(arguments);
        if !filter.is_empty() {
            all.extend(["-Y", filter]);
        }
        run(&all).await
    }
}

async fn run(arguments: &[&str]) -> Result<String, PeerError> {
    let mut command = Command::new(locate("tshark")?);
    command.args(arguments).kill_on_drop(true);
    let output = timeout(WITHIN, command.output()).await.map_err(|_| PeerError::Deadline {
        name: "tshark".into(),
        awaited: "end".into(),
        after: WITHIN,
        last: arguments.join(" "),
    })?;
    let output = output.map_err(|source| PeerError::Start { name: "tshark".into(), source })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let reply = String::from_utf8_lossy(&output.stderr).trim().replace('\n', " | ");
    Err(PeerError::Refused { name: "tshark".into(), command: arguments.join(" "), reply })
}
