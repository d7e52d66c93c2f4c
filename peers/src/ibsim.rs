//! ibsim: a simulated fabric that answers the subnet management of every node in a topology file.

use core::time::Duration;
use std::fs;

use tokio::process::Command;

use crate::ibsim_control::Control;
use crate::installed::{locate, umad_preload};
use crate::{PeerError, Process, RunDir};

/// How long the simulator may take to start, or to carry out a command.
const WITHIN: Duration = Duration::from_secs(20);
const PROMPT: &str = "sim> ";

/// A running simulator, commanded over its console. It serves at most ten clients at a time.
#[derive(Debug)]
pub struct Ibsim {
    process: Process,
    socket_name: String,
    preload: std::path::PathBuf,
    scratch: std::path::PathBuf,
}

impl Ibsim {
    /// Start a simulator of `topology` (the text of a file in ibnetdiscover's format, with a blank line after each node)
    /// and wait until its network stands. Programs reach it under [`socket_name`](Self::socket_name).
    ///
    /// # Errors
    /// When ibsim is not installed, or refuses the topology: then the error quotes its last lines, which name the
    /// node at fault or the line of the file.
    pub async fn start(topology: &str, dir: &RunDir) -> Result<Self, PeerError> {
        let preload = umad_preload()?;
        let path = dir.file("net.topo");
        fs::write(&path, topology).map_err(|source| PeerError::File { path: path.clone(), source })?;
        let socket_name = dir.unique_name();
        let mut command = Command::new(locate("ibsim")?);
        // Without its option -n, which would also take away the console.
        command.arg("-s").arg(&path).env("IBSIM_SOCKNAME", &socket_name).current_dir(dir.path());
        let mut process = Process::start("ibsim", command, dir.file("ibsim.log"), Some(PROMPT))?;
        let ready = |line: &str| line.contains("Network simulator ready").then_some(());
        process.wait_for("its network was ready", WITHIN, ready).await?;
        process.wait_for("prompt", WITHIN, |line| (line == PROMPT).then_some(())).await?;
        let mut ibsim = Self { process, socket_name, preload, scratch: dir.path().to_owned() };
        // The first prompt comes before its sockets are there; it obeys its console after that.
        ibsim.command("").await?;
        Ok(ibsim)
    }

    /// The name under which clients find the simulator: the value of `IBSIM_SOCKNAME`.
    pub fn socket_name(&self) -> &str {
        &self.socket_name
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// A command for a program written for umad devices, which runs on `host` of the simulated fabric.
    ///
    /// # Errors
    /// [`PeerError::Missing`] when the program is not installed.
    pub fn client(&self, host: &str, program: &'static str) -> Result<Command, PeerError> {
        let mut command = Command::new(locate(program)?);
        self.run_on(host, &mut command);
        Ok(command)
    }

    /// Have a program that was written for umad devices run on `host` of the simulated fabric.
    pub fn run_on(&self, host: &str, command: &mut Command) {
        command
            .env("LD_PRELOAD", &self.preload)
            .env("IBSIM_SOCKNAME", &self.socket_name)
            .env("SIM_HOST", host)
            .current_dir(&self.scratch);
    }

    /// Give a running program of [`client`](Self::client) or [`run_on`](Self::run_on) the requests that come to its host:
    /// Reports and traps. Before it is ready for them, they would end it.
    ///
    /// ibsim gives them to the one client of a host that says that it is a subnet manager. The host's port says so for a
    /// moment, and no more when this is done: a real manager that saw it would ask the other for its state, and wait for
    /// ever for the answer. Let it stand still meanwhile.
    ///
    /// # Errors
    /// When ibsim has no such client, or no client slot left.
    pub async fn give_requests(&mut self, host: &str, process: u32) -> Result<(), PeerError> {
        let mut slot = None;
        let of_process = format!("pid {process} ");
        self.command_with("Attached", |line| {
            if line.contains(&of_process) {
                let number = line.trim_start_matches("Client ").split(':').next();
                slot = number.and_then(|number| number.parse().ok());
            }
        })
        .await?;
        let refused = |reply: String| PeerError::Refused {
            name: "ibsim".into(),
            command: format!("SET_ISSM of process {process} on {host}"),
            reply,
        };
        let slot = slot.ok_or_else(|| refused("no such client".into()))?;
        let given = Control::attach(&self.socket_name, host).and_then(|control| control.give_requests(slot));
        given.map_err(|error| refused(error.to_string()))
    }

    /// Cut the link at a port of a node.
    ///
    /// # Errors
    /// [`PeerError::Refused`] when there is no such node or port.
    pub async fn unlink(&mut self, node: &str, port: u8) -> Result<(), PeerError> {
        self.command(&format!("Unlink \"{node}\"[{port}]")).await
    }

    /// Restore the link that was cut at a port of a node.
    ///
    /// # Errors
    /// [`PeerError::Refused`] when there is no such node or port, or nothing was cut there.
    pub async fn relink(&mut self, node: &str, port: u8) -> Result<(), PeerError> {
        self.command(&format!("ReLink \"{node}\"[{port}]")).await
    }

    /// Give the console a command and wait until it is done.
    ///
    /// # Errors
    /// [`PeerError::Refused`] with what the console said.
    pub async fn command(&mut self, command: &str) -> Result<(), PeerError> {
        self.command_with(command, |_| {}).await
    }

    /// [`command`](Self::command), whose answer's lines are given to `answer`.
    async fn command_with(&mut self, command: &str, mut answer: impl FnMut(&str)) -> Result<(), PeerError> {
        let mut refusal = None;
        self.process.write(&format!("{command}\n")).await?;
        self.process
            .wait_for("prompt", WITHIN, |line| {
                // What the console says for itself starts so; the rest are warnings of the simulation.
                answer(line);
                if line.starts_with("# ") {
                    refusal = Some(line.to_owned());
                }
                (line == PROMPT).then_some(())
            })
            .await?;
        match refusal {
            None => Ok(()),
            Some(reply) => Err(PeerError::Refused { name: "ibsim".into(), command: command.into(), reply }),
        }
    }
}
