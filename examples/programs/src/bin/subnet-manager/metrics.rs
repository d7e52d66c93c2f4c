//! What a manager counts, as Prometheus reads it.

use core::fmt::Write as _;
use core::future::pending;
use core::net::SocketAddr;

use programs::ProgramError;
use subnet_manager::{Manager, ManagerState};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

/// How long a client may take to ask.
const PATIENCE: core::time::Duration = core::time::Duration::from_secs(2);

/// Answers every request with the metrics.
#[derive(Debug)]
pub(crate) struct MetricsServer {
    listener: TcpListener,
    address: SocketAddr,
}

/// Somebody who asks.
#[derive(Debug)]
pub(crate) struct Client(TcpStream);

impl MetricsServer {
    pub(crate) async fn bind(address: SocketAddr) -> Result<Self, ProgramError> {
        let error =
            |source| ProgramError::Other(format!("--metrics {address}: {source}: name another address"));
        let listener = TcpListener::bind(address).await.map_err(error)?;
        let address = listener.local_addr().map_err(error)?;
        Ok(Self { listener, address })
    }

    /// Where it listens: port 0 was given a number.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Wait for a client; for ever without a server.
    pub(crate) async fn next(server: &mut Option<Self>) -> Client {
        loop {
            let Some(server) = server else { return pending().await };
            if let Ok((stream, _)) = server.listener.accept().await {
                return Client(stream);
            }
        }
    }
}

impl Client {
    /// Send the text, without anybody waiting for it.
    pub(crate) fn answer(self, text: &str) {
        let Self(mut stream) = self;
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{text}",
            text.len()
        );
        tokio::spawn(async move {
            // What is asked for makes no difference. A client that is gone is none of ours to report.
            let mut request = [0; 1024];
            let _ = timeout(PATIENCE, stream.read(&mut request)).await;
            let _ = timeout(PATIENCE, stream.write_all(answer.as_bytes())).await;
            let _ = timeout(PATIENCE, stream.shutdown()).await;
        });
    }
}

/// The metrics in Prometheus's text format.
pub(crate) fn text(manager: &Manager) -> String {
    let counters = manager.counters();
    let subnet = manager.subnet();
    let mut text = String::new();
    let mut metric = |name: &str, kind: &str, help: &str, value: u64| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "# HELP subnet_manager_{name} {help}");
        let _ = writeln!(text, "# TYPE subnet_manager_{name} {kind}\nsubnet_manager_{name} {value}");
    };
    let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let is_master = manager.state() == ManagerState::Master;
    metric("master", "gauge", "Whether this manager is the master.", is_master.into());
    metric("up", "gauge", "Whether the subnet is up.", manager.is_up().into());
    metric("nodes", "gauge", "Nodes found.", count(subnet.nodes().len()));
    metric("switches", "gauge", "Switches among them.", count(subnet.switches().len()));
    metric("end_ports", "gauge", "End ports with LIDs.", count(subnet.lids().count()));
    metric("managers", "gauge", "Managers found.", count(subnet.managers.len()));
    metric("faults", "gauge", "What is wrong in the subnet.", count(manager.faults().len()));
    let administration = manager.administration();
    let (groups, tables) = (administration.groups().count(), administration.tables());
    metric("subscriptions", "gauge", "Subscriptions that stand.", count(administration.subscription_count()));
    metric("multicast_groups", "gauge", "Multicast groups.", count(groups));
    metric("services", "gauge", "Services that are registered.", count(administration.service_count()));
    metric("tables_in_transfer", "gauge", "Tables on their way to who asked.", count(tables));
    metric("requests_in_flight", "gauge", "Requests in flight.", manager.in_flight().into());
    metric("requests_sent_total", "counter", "Requests sent, repetitions among them.", counters.sent);
    metric("requests_answered_total", "counter", "Requests that were answered.", counters.answered);
    metric("requests_unanswered_total", "counter", "Requests that were given up.", counters.unanswered);
    metric("answers_unmatched_total", "counter", "Answers that no request waited for.", counters.unmatched);
    metric("answers_dropped_total", "counter", "Answers dropped because too many waited.", counters.dropped);
    metric("traps_total", "counter", "Traps received.", counters.traps);
    metric("sweeps_total", "counter", "Sweeps of the whole subnet.", counters.sweeps);
    metric("light_sweeps_total", "counter", "Looks at the switches only.", counters.light_sweeps);
    metric("path_changes_total", "counter", "Sweeps that changed some host's path.", counters.path_changes);
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use ib_mad::Guid;
    use subnet_manager::Settings;

    /// A sample, read as strictly as Prometheus reads (its exposition format, version 0.0.4).
    #[derive(Debug, PartialEq, Eq)]
    struct Sample<'t> {
        name: &'t str,
        kind: &'t str,
        help: &'t str,
        value: u64,
    }

    fn is_name(name: &str) -> bool {
        !name.starts_with(|first: char| first.is_ascii_digit())
            && !name.is_empty()
            && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
    }

    /// Each metric: its help, its type, and a value without labels.
    fn parse(text: &str) -> Vec<Sample<'_>> {
        assert!(text.ends_with('\n'), "the last line ends, too");
        let mut lines = text.lines();
        let mut samples = Vec::new();
        while let Some(line) = lines.next() {
            let (name, help) = line.strip_prefix("# HELP ").unwrap().split_once(' ').unwrap();
            let (typed, kind) =
                lines.next().unwrap().strip_prefix("# TYPE ").unwrap().split_once(' ').unwrap();
            let (sampled, value) = lines.next().unwrap().split_once(' ').unwrap();
            assert_eq!((typed, sampled), (name, name));
            samples.push(Sample { name, kind, help, value: value.parse().unwrap() });
        }
        samples
    }

    #[test]
    fn metrics_are_as_the_conventions_have_them() {
        let text = text(&Manager::new(Settings::new(Guid(1), 0)));
        let samples = parse(&text);
        assert!(samples.len() > 20, "{text}");
        let names: std::collections::BTreeSet<&str> = samples.iter().map(|sample| sample.name).collect();
        assert_eq!(names.len(), samples.len(), "each once");
        for sample in &samples {
            let rest = sample.name.strip_prefix("subnet_manager_").unwrap();
            assert!(is_name(sample.name) && !rest.contains("__"), "{sample:?}");
            // A counter says so by its name, and nothing else does.
            let expected = if rest.ends_with("_total") { "counter" } else { "gauge" };
            assert_eq!(sample.kind, expected, "{sample:?}");
            let suffixes = ["_count", "_sum", "_bucket", "_info"];
            assert!(!suffixes.iter().any(|suffix| rest.ends_with(suffix)), "of histograms: {sample:?}");
            assert!(sample.help.ends_with('.') && !sample.help.contains('\\'), "{sample:?}");
            assert_eq!(sample.value, u64::from(rest == "multicast_groups"), "{sample:?}");
        }
    }

    /// Whoever reads the documentation finds every metric there, and no other.
    #[test]
    fn the_documentation_names_every_metric() {
        let text = text(&Manager::new(Settings::new(Guid(1), 0)));
        let readme = include_str!("../../../README.md");
        let rows = readme.lines().filter_map(|line| line.strip_prefix("| `subnet_manager_"));
        let documented: Vec<&str> = rows.map(|row| row.split('`').next().unwrap()).collect();
        let served: Vec<&str> =
            parse(&text).iter().map(|sample| sample.name.strip_prefix("subnet_manager_").unwrap()).collect();
        assert_eq!(documented, served);
    }
}
