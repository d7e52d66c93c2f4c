//! What `saq` says of machines whose devices are not as they should be. Their /sys/class and /dev are folders of files,
//! laid over the real ones for one process. Nothing answers there: it is about what is found, and what is said.

#![allow(clippy::std_instead_of_alloc, reason = "it starts programs: there is an operating system")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use core::time::Duration;
use std::collections::BTreeMap;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

use peers::RunDir;
use serde_json::Value;
use tokio::process::Command;

use support::{Run, command, run_command};

const AT_ONCE: Duration = Duration::from_secs(3);

/// The files of a machine, in a folder of their own.
struct Machine {
    dir: RunDir,
    umads: u8,
}

impl Machine {
    /// A machine without a device.
    fn new() -> Self {
        let dir = RunDir::new().unwrap();
        fs::create_dir_all(dir.file("class")).unwrap();
        fs::create_dir_all(dir.file("dev/infiniband")).unwrap();
        Self { dir, umads: 0 }
    }

    /// An adapter without a link, and one of two ports with a link at the second.
    fn usual() -> Self {
        let mut machine = Self::new();
        machine.port("mlx5_0", 1, "1: DOWN", "2: Polling", "InfiniBand");
        machine.port("mlx5_1", 1, "1: DOWN", "3: Disabled", "InfiniBand");
        machine.port("mlx5_1", 2, "4: ACTIVE", "5: LinkUp", "InfiniBand");
        machine.set("infiniband_mad/abi_version", "5\n");
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.file("class").join(name)
    }

    fn set(&self, name: &str, value: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, value).unwrap();
    }

    fn port(&mut self, device: &str, number: u8, state: &str, physical_state: &str, link_layer: &str) {
        let of_device = format!("infiniband/{device}");
        self.set(&format!("{of_device}/node_guid"), "0002:c903:00ab:cd00\n");
        self.set(&format!("{of_device}/sys_image_guid"), "0002:c903:00ab:cd03\n");
        let of_port = format!("{of_device}/ports/{number}");
        let gid = format!("fe80:0000:0000:0000:0002:c903:00ab:cd{number:02x}\n");
        for (name, value) in [
            ("state", state),
            ("phys_state", physical_state),
            ("link_layer", link_layer),
            ("rate", "100 Gb/sec (4X EDR)\n"),
            ("lid", "0x2a\n"),
            ("lid_mask_count", "1\n"),
            ("sm_lid", "0x7\n"),
            ("sm_sl", "3\n"),
            ("cap_mask", "0x2651e848\n"),
            ("gids/0", &gid),
            ("pkeys/0", "0xffff\n"),
            ("pkeys/1", "0x8001\n"),
        ] {
            self.set(&format!("{of_port}/{name}"), value);
        }
        let umad = format!("infiniband_mad/umad{}", self.umads);
        self.set(&format!("{umad}/ibdev"), &format!("{device}\n"));
        self.set(&format!("{umad}/port"), &format!("{number}\n"));
        fs::write(self.dir.file(&format!("dev/infiniband/umad{}", self.umads)), "").unwrap();
        self.umads += 1;
    }

    /// Run saq in a mount namespace of its own, in which the folders are the machine's.
    async fn saq(&self, before: &str, arguments: &[&str]) -> Run {
        let saq = command("saq");
        let mut inside = Command::new("unshare");
        let script = format!(
            "mount --bind {class} /sys/class && mount --bind {dev} /dev && exec {before} \"$@\"",
            class = self.path("").display(),
            dev = self.dir.file("dev").display(),
        );
        inside.args(["--mount", "--map-root-user", "sh", "-c", &script, "sh"]);
        inside.arg(saq.as_std().get_program()).args(arguments);
        run_command(AT_ONCE, inside).await
    }

    /// The line with which a port cannot be used.
    async fn refusal(&self, url: &str) -> String {
        self.saq("", &["--port", url, "port"]).await.failure().to_owned()
    }
}

#[tokio::test]
async fn every_port_is_listed_as_the_kernel_tells_it() {
    let machine = Machine::usual();
    let ports = machine.saq("", &["--list-ports", "--json"]).await.objects();
    let urls: Vec<_> = ports.iter().map(|port| port["url"].as_str().unwrap()).collect();
    assert_eq!(urls, ["umad:mlx5_0/1", "umad:mlx5_1/1", "umad:mlx5_1/2"]);
    let expected = serde_json::json!({
        "url": "umad:mlx5_1/2", "device": "mlx5_1", "umad": "umad2", "link_layer": "InfiniBand",
        "physical_state": "LinkUp", "rate": "100 Gb/sec (4X EDR)", "node_guid": "0x0002c90300abcd00",
        "system_image_guid": "0x0002c90300abcd03", "lid": 42, "lmc": 1, "port_guid": "0x0002c90300abcd02",
        "gid": "fe80::2:c903:ab:cd02", "port": 2, "state": "active", "sm_lid": 7, "sm_service_level": 3,
        "capability_mask": 0x2651_E848,
    });
    assert_eq!(ports[2], expected);
    let csv = machine.saq("", &["--list-ports", "--csv"]).await.output;
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let header = reader.headers().unwrap().clone();
    assert_eq!(header.iter().take(3).collect::<Vec<_>>(), ["url", "device", "umad"]);
    let row = reader.records().nth(2).unwrap().unwrap();
    let row = header.iter().zip(row.iter()).map(|(name, text)| (name.to_owned(), text.to_owned()));
    let plain = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let fields = expected.as_object().unwrap().iter().map(|(name, value)| (name.clone(), plain(value)));
    assert_eq!(row.collect::<BTreeMap<_, _>>(), fields.collect());
    let both = machine.saq("", &["--list-ports", "--json", "--csv"]).await;
    assert!(both.failure().contains("leave all out but one"), "{both:?}");
    let text = machine.saq("", &["--list-ports"]).await.output;
    assert!(text.starts_with("umad:mlx5_0/1 (umad0): port 1 (fe80::2:c903:ab:cd01): down, "), "{text}");
    // A kernel without its module for umad devices still has ports.
    fs::remove_dir_all(machine.path("infiniband_mad")).unwrap();
    let ports = machine.saq("", &["--list-ports", "--json"]).await.objects();
    assert_eq!((ports.len(), &ports[2]["umad"]), (3, &Value::Null));
}

#[tokio::test]
async fn the_first_port_with_a_link_is_chosen() {
    let machine = Machine::usual();
    // A file is no device: it refuses agents, by the name of the port that was chosen.
    for url in ["umad:", "umad:mlx5_1", "umad:mlx5_1/2", "umad:mlx5_1/2?pkey=8001"] {
        let said = machine.refusal(url).await;
        assert!(said.starts_with("saq: port mlx5_1/2 refuses an agent for class"), "{said}");
    }
}

#[tokio::test]
async fn a_port_that_cannot_be_used_is_named_with_what_to_do() {
    let machine = Machine::usual();
    for (url, said) in [
        ("umad:mlx4_0", "there is no RDMA device \"mlx4_0\": there is mlx5_0, mlx5_1"),
        ("umad:mlx5_0/2", "the RDMA device mlx5_0 has no port 2: it has 1"),
        (
            "umad:mlx5_1/1",
            "port mlx5_1/1 is down (physical state Disabled): check its cable and the port at the other end",
        ),
        (
            "umad:mlx5_0",
            "no port of mlx5_0 has a link: there is mlx5_0/1 (down); plug in a cable, or name a port",
        ),
        (
            "umad:?pkey=0x8002",
            "port mlx5_1/2 is not in the partition of P_Key 0x8002: have the subnet manager add it",
        ),
    ] {
        assert_eq!(machine.refusal(url).await, format!("saq: {said}"));
    }
}

#[tokio::test]
async fn a_machine_without_what_it_takes_is_told_what_to_load() {
    let said = Machine::new().refusal("umad:").await;
    assert!(said.starts_with("saq: this machine has no RDMA device"), "{said}");
    let machine = Machine::usual();
    machine.set("infiniband_mad/abi_version", "6\n");
    let said = machine.refusal("umad:").await;
    assert_eq!(
        said,
        "saq: the kernel speaks version 6 of the umad interface, and this program version 5: update it"
    );
    fs::remove_dir_all(machine.path("infiniband_mad")).unwrap();
    let said = machine.refusal("umad:").await;
    assert_eq!(
        said,
        "saq: no umad device belongs to port mlx5_1/2: load the kernel's module (`modprobe ib_umad`)"
    );
}

#[tokio::test]
async fn a_device_that_may_not_be_opened_and_one_that_is_missing() {
    let machine = Machine::usual();
    let umad = machine.dir.file("dev/infiniband/umad2");
    fs::set_permissions(&umad, Permissions::from_mode(0o000)).unwrap();
    let powerless = "setpriv --bounding-set=-all --inh-caps=-all";
    let said = machine.saq(powerless, &["--port", "umad:", "port"]).await;
    let line = said.failure();
    assert!(line.starts_with("saq: /dev/infiniband/umad2 may not be opened: run this as root, or"), "{line}");
    fs::remove_file(umad).unwrap();
    let said = machine.refusal("umad:").await;
    assert!(
        said.starts_with("saq: /dev/infiniband/umad2 is missing, though the kernel has the device"),
        "{said}"
    );
}

#[tokio::test]
async fn a_value_that_is_not_understood_is_named() {
    let machine = Machine::usual();
    machine.set("infiniband/mlx5_1/ports/2/lid", "many\n");
    let said = machine.refusal("umad:").await;
    assert!(
        said.starts_with(
            "saq: /sys/class/infiniband/mlx5_1/ports/2/lid says \"many\", which is not understood"
        ),
        "{said}"
    );
}
