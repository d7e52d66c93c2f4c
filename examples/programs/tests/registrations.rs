//! What hosts have registered with the subnet manager counts after its restart, or they are asked for it again.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]
#![allow(clippy::std_instead_of_alloc, clippy::disallowed_methods)]

use core::time::Duration;
use std::fs;
use std::path::PathBuf;
use std::process::Stdio;

use ib_mad::sa::{SaAddress, SaAnswer, SaClient, SaClientConfig, SaHandled, SaRequest};
use ib_mad::wire::{
    Attribute, InformInfo, MAD_LENGTH, MadHeader, Method, Notice, SaMadView, TrapDetails, TrapNumber,
};
use ib_mad::{Gid, Transmit};
use programs::random_u32;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use tokio::time::{Instant, timeout};
use transport::{Incoming, LocalPort, ManagementChannel, Outgoing};

/// How long anything may take that takes a moment, on a machine that is busy with other tests.
const SOON: Duration = Duration::from_secs(30);

/// A program that prints an object a line. It is killed with the test.
struct Program {
    process: Child,
    lines: Lines<BufReader<ChildStdout>>,
}

impl Program {
    fn start(path: &str, arguments: &[&str]) -> Self {
        let mut process = Command::new(path)
            .arg("--json")
            .args(arguments)
            .env_remove("FABRIC_PORT")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        Self { process, lines }
    }

    /// The next event of this name.
    async fn event(&mut self, name: &str) -> Value {
        let found = async {
            loop {
                let line =
                    self.lines.next_line().await.unwrap().unwrap_or_else(|| panic!("it ended: no {name}"));
                let object: Value = serde_json::from_str(&line).unwrap();
                if object["event"] == name {
                    return object;
                }
            }
        };
        timeout(SOON, found).await.unwrap_or_else(|_| panic!("no {name}"))
    }

    async fn kill(mut self) {
        self.process.kill().await.unwrap();
    }
}

/// A fabric of two switches with two hosts each, and a file for its manager.
struct World {
    fabric: Program,
    name: String,
    folder: PathBuf,
}

impl World {
    async fn new(what: &str) -> Self {
        let name = format!("test-{what}-{}", std::process::id());
        let folder = std::env::temp_dir().join(&name);
        fs::create_dir(&folder).unwrap();
        let arguments = ["--topology", "mesh:2x1:hosts=2", "--name", &name];
        let mut fabric = Program::start(env!("CARGO_BIN_EXE_fabric"), &arguments);
        fabric.event("ready").await;
        Self { fabric, name, folder }
    }

    fn url(&self, node: &str) -> String {
        format!("sim:{node}?sock={}", self.name)
    }

    fn file(&self) -> PathBuf {
        self.folder.join("registrations")
    }

    /// A manager that keeps what is registered, or not.
    fn manager(&self, node: &str, keeps: bool, more: &[&str]) -> Program {
        let (url, file) = (self.url(node), self.file());
        let mut arguments = vec!["--port", &url];
        if keeps {
            arguments.extend(["--registrations", file.to_str().unwrap()]);
        }
        Program::start(env!("CARGO_BIN_EXE_subnet-manager"), &[&arguments[..], more].concat())
    }

    async fn command(&mut self, command: &str) {
        let input = self.fabric.process.stdin.as_mut().unwrap();
        input.write_all(format!("{command}\n").as_bytes()).await.unwrap();
    }

    async fn host(&self, node: &str) -> Host {
        Host { channel: transport::open(&self.url(node).parse().unwrap()).await.unwrap() }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A host that subscribes when it is told to, and never by itself.
struct Host {
    channel: Box<dyn ManagementChannel>,
}

impl Host {
    async fn port(&mut self) -> LocalPort {
        self.channel.port().await.unwrap()
    }

    async fn next(&mut self) -> Vec<Incoming> {
        let mut batch = Vec::new();
        timeout(SOON, self.channel.receive(&mut batch)).await.expect("something arrives").unwrap();
        batch
    }

    /// Subscribe to an event.
    async fn subscribe(&mut self, trap: TrapNumber) {
        let port = self.port().await;
        let sa = SaAddress { lid: port.sm_lid, service_level: port.sm_service_level };
        let mut client: SaClient<4, 4> =
            SaClient::new(SaClientConfig { first_id: random_u32(), ..SaClientConfig::new(sa) });
        let start = Instant::now();
        let wanted = InformInfo::subscribe_to(trap);
        client.request(start.elapsed(), SaRequest::inform(&wanted)).unwrap();
        while start.elapsed() < SOON {
            let mut mad = [0; MAD_LENGTH];
            while let Some(to) = client.poll_transmit(start.elapsed(), &mut mad) {
                self.send(to, mad).await;
            }
            if let Some(event) = client.poll_event(start.elapsed()) {
                panic!("{:?}", event.outcome.map(drop));
            }
            let mut batch = Vec::new();
            let left = client.poll_timeout().unwrap().saturating_sub(start.elapsed());
            let _ = timeout(left, self.channel.receive(&mut batch)).await;
            for incoming in batch {
                if let SaHandled::Answered(event) =
                    client.handle_datagram(start.elapsed(), incoming.from, &incoming.mad)
                {
                    assert!(event.outcome.is_ok_and(|answer| matches!(answer, SaAnswer::One(_))), "refused");
                    return;
                }
            }
        }
        panic!("no answer");
    }

    async fn send(&mut self, to: Transmit, mad: [u8; MAD_LENGTH]) {
        let Transmit { to, service_level, qpn } = to;
        self.channel.send(&[Outgoing { to, service_level, qpn, mad }]).await.unwrap();
    }

    /// Wait for the Report of a loss: the port that was lost.
    async fn loss(&mut self) -> Gid {
        match self.report().await {
            TrapDetails::GidOutOfService { gid } => gid,
            other => panic!("{other:?}"),
        }
    }

    /// Wait for a Report, and answer it.
    async fn report(&mut self) -> TrapDetails {
        loop {
            for incoming in self.next().await {
                let Ok(header) = MadHeader::view(&incoming.mad) else { continue };
                if header.method() != Method::REPORT {
                    continue;
                }
                let notice = Notice::parse(SaMadView::new(&incoming.mad).unwrap().data()).unwrap();
                let Incoming { from, source_qpn, service_level, mut mad, .. } = incoming;
                mad[3] = Method::REPORT_RESP.0;
                self.send(Transmit { to: from, service_level, qpn: source_qpn }, mad).await;
                return notice.trap().unwrap();
            }
        }
    }

    /// Wait until a manager has asked for another registration than `before`.
    async fn reregistration(&mut self, before: &LocalPort) -> LocalPort {
        let asked = async {
            loop {
                let port = self.port().await;
                if port.reregistrations != before.reregistrations {
                    return port;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(SOON, asked).await.expect("it is asked to register anew")
    }
}

#[tokio::test]
async fn a_manager_that_was_killed_reports_to_who_subscribed_before() {
    let mut world = World::new("killed").await;
    let mut manager = world.manager("H1", true, &[]);
    assert_eq!(manager.event("registrations_read").await["subscriptions"], 0);
    manager.event("subnet_up").await;
    let mut host = world.host("H2").await;
    let lost = world.host("H4").await.port().await.gid;
    host.subscribe(TrapNumber::GID_OUT_OF_SERVICE).await;
    host.subscribe(TrapNumber::REPATH).await;
    while manager.event("registrations_written").await["subscriptions"] != 2 {}
    manager.kill().await;

    let mut manager = world.manager("H1", true, &[]);
    assert_eq!(manager.event("registrations_read").await["subscriptions"], 2);
    manager.event("subnet_up").await;
    let all_anew = host.report().await;
    assert!(matches!(all_anew, TrapDetails::RePath(_)), "paths may be others since: {all_anew:?}");
    world.command("Unlink \"H4\"[1]").await;
    assert_eq!(host.loss().await, lost);
}

#[tokio::test]
async fn a_manager_without_its_file_and_one_that_takes_over_ask_hosts_to_register_anew() {
    let mut world = World::new("anew").await;
    let mut manager = world.manager("H1", true, &[]);
    manager.event("subnet_up").await;
    let mut host = world.host("H2").await;
    let lost = world.host("H4").await.port().await.gid;
    host.subscribe(TrapNumber::GID_OUT_OF_SERVICE).await;
    while manager.event("registrations_written").await["subscriptions"] != 1 {}
    let before = host.port().await;
    manager.kill().await;
    let damaged = &fs::read(world.file()).unwrap()[1..];
    fs::write(world.file(), damaged).unwrap();

    let mut manager = world.manager("H1", true, &[]);
    let aside = manager.event("registrations_set_aside").await;
    assert_eq!(fs::read(aside["aside"].as_str().unwrap()).unwrap(), damaged);
    let before = host.reregistration(&before).await;
    host.subscribe(TrapNumber::GID_OUT_OF_SERVICE).await;
    while manager.event("registrations_written").await["subscriptions"] != 1 {}

    // Another one of higher priority, to which this one hands over what it manages, but not what is registered.
    let mut heir = world.manager("H3", false, &["--priority", "9"]);
    manager.event("handing_over").await;
    while manager.event("registrations_written").await["subscriptions"] != 0 {}
    let after = host.reregistration(&before).await;
    heir.event("subnet_up").await;
    assert_ne!(after.sm_lid, before.sm_lid);
    host.subscribe(TrapNumber::GID_OUT_OF_SERVICE).await;
    world.command("Unlink \"H4\"[1]").await;
    assert_eq!(host.loss().await, lost);
}

#[tokio::test]
async fn a_file_that_cannot_be_written_is_told_of_before_anything_else() {
    let world = World::new("unwritable").await;
    let missing = world.folder.join("missing/registrations");
    let url = world.url("H1");
    let output = Command::new(env!("CARGO_BIN_EXE_subnet-manager"))
        .args(["--port", &url, "--registrations", missing.to_str().unwrap()])
        .output();
    let output = timeout(SOON, output).await.unwrap().unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && errors.contains("missing/registrations"), "{errors}");
}
