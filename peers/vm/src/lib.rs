//! What the tests in the machine share: the tests of this package (`peers/vm/tests`) run on a Linux kernel of their own, which has two
//! soft-RoCE ports, `rxe0` and `rxe1`, on the two ends of a virtual cable, `veth0` and `veth1`.
//!
//! `cargo test -p fabric-ha-vm-tests` starts each test program there (`.cargo/config.toml`, `vm/run`). A test is an
//! ordinary `#[test]`; tests run one after another. Each takes a [`Machine`] first, without which it would spoil the network
//! of the computer that it was started on by mistake.

#![allow(clippy::std_instead_of_alloc, reason = "it starts programs: there is an operating system")]
#![allow(clippy::disallowed_methods, reason = "tests read the clock")]

mod cable;
mod disk;
mod mads;
mod program;

use std::path::Path;
use std::process::Command;

pub use cable::{LinkDown, Netem};
pub use disk::TwoPaths;
pub use mads::{MadPort, mad, reply};
pub use program::{Program, wait_until_it_listens};

/// The machine that a test runs in.
#[derive(Debug)]
#[non_exhaustive]
pub struct Machine {}

/// One of the two ports, and its end of the cable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// `rxe0` on `veth0`: 10.77.0.1, 10.77.0.11, fd77::1.
    Zero,
    /// `rxe1` on `veth1`: 10.77.0.2, 10.77.0.12, fd77::2.
    One,
}

impl End {
    /// Name of its RDMA device.
    pub const fn rdma_device(self) -> &'static str {
        match self {
            Self::Zero => "rxe0",
            Self::One => "rxe1",
        }
    }

    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Zero => Self::One,
            Self::One => Self::Zero,
        }
    }

    /// Name of its network device.
    pub const fn network_device(self) -> &'static str {
        match self {
            Self::Zero => "veth0",
            Self::One => "veth1",
        }
    }

    /// Its addresses: two of IPv4 and one of IPv6.
    pub const fn addresses(self) -> [&'static str; 3] {
        match self {
            Self::Zero => ["10.77.0.1", "10.77.0.11", "fd77::1"],
            Self::One => ["10.77.0.2", "10.77.0.12", "fd77::2"],
        }
    }
}

impl Machine {
    /// The machine that this process runs in.
    ///
    /// # Panics
    /// When it runs somewhere else.
    pub fn this() -> Self {
        assert!(
            Path::new("/machine/cable.sh").exists(),
            "this test runs in the machine only: cargo test -p fabric-ha-vm-tests in the folder of the workspace, or vm/run {}",
            std::env::args().next().unwrap_or_default()
        );
        Self {}
    }

    /// Spoil what an end of the cable sends, as `tc netem` says it (`loss 20%`, `delay 20ms`), until the handle is dropped.
    ///
    /// # Panics
    /// When `tc` refuses.
    pub fn netem(&self, end: End, what: &str) -> Netem {
        Netem::new(end, what)
    }

    /// Take an end of the cable down until the handle is dropped. Its routes, neighbours and addresses are restored then.
    ///
    /// # Panics
    /// When `ip` refuses.
    pub fn link_down(&self, end: End) -> LinkDown {
        LinkDown::new(end)
    }

    /// Open the umad device of a port, for messages of up to `limit` bytes.
    ///
    /// # Panics
    /// When it cannot be opened.
    pub fn mad_port(&self, end: End, limit: usize) -> MadPort {
        MadPort::open(end, limit)
    }

    /// A disk of so many bytes, all zero, by two paths.
    ///
    /// # Panics
    /// When the kernel refuses it.
    pub fn disk(&self, bytes: u64) -> TwoPaths {
        TwoPaths::new(self, bytes)
    }

    /// Load a module that the machine carries, and those that it needs.
    ///
    /// # Panics
    /// When the kernel refuses it.
    pub fn load_module(&self, name: &str) {
        run("modprobe", &[name]);
    }
}

/// Run a program of the machine to its end, and give what it printed.
///
/// # Panics
/// When it is not there, or fails: with what it said.
pub fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(
        output.status.success(),
        "{program} {}: {}: {}",
        arguments.join(" "),
        output.status,
        String::from_utf8_lossy(&output.stderr).trim()
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}
