//! What one size takes.

use core::error::Error;
use core::fmt;
use std::env;
use std::fs;
use std::process::{Command, Stdio};

use fabric_ha_bench::embedded::Embedded;
use fabric_ha_bench::subnets::link_to_cut;
use fabric_ha_bench::time;
use serde::{Deserialize, Serialize};
use subnet_manager::RoutingEngine;
use topology::Form;

/// A fabric that was brought up. Times are in seconds, memory in bytes.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Size {
    form: String,
    hosts: u32,
    switches: u32,
    /// Ports with LIDs.
    pub(crate) end_ports: u32,
    requests: u64,
    pub(crate) discovery: f64,
    pub(crate) planning: f64,
    pub(crate) programming: f64,
    /// After a link was cut.
    reroute: f64,
    /// Before the manager began.
    pub(crate) fabric_memory: u64,
    /// At most, when the subnet was up.
    pub(crate) memory: u64,
    /// At most, after the cut.
    reroute_memory: u64,
    pub(crate) faults: u32,
}

impl Size {
    pub(crate) const HEADING: &str = "                     hosts  switches  end ports   requests  up: find +  plan + write =    all \
         cut link   fabric    up   cut";

    /// Bring a topology up, here.
    pub(crate) fn measure(form: &str) -> Result<Self, Box<dyn Error>> {
        let topology = form.parse::<Form>()?.generate()?;
        let hosts = u32::try_from(topology.hosts().count())?;
        let cut = link_to_cut(&topology);
        let mut embedded = Embedded::new(&topology, RoutingEngine::UpDown);
        drop(topology);
        let fabric_memory = memory("VmRSS:")?;
        let (summary, phases) = embedded.bring_up_by_phases();
        let memory_up = memory("VmHWM:")?;
        let reroute = time(|| embedded.reroute(cut)).as_secs_f64();
        Ok(Self {
            form: form.into(),
            hosts,
            switches: summary.switches,
            end_ports: summary.end_ports,
            requests: summary.answered,
            discovery: phases.discovery.as_secs_f64(),
            planning: phases.planning.as_secs_f64(),
            programming: phases.programming.as_secs_f64(),
            reroute,
            fabric_memory,
            memory: memory_up,
            reroute_memory: memory("VmHWM:")?,
            faults: summary.faults,
        })
    }

    /// The same in a new process.
    pub(crate) fn in_a_process_of_its_own(form: &str) -> Result<Self, Box<dyn Error>> {
        let mut command = Command::new(env::current_exe()?);
        let output = command.args(["--one", form]).stderr(Stdio::inherit()).output()?;
        if !output.status.success() {
            return Err(format!("{form}: {}", output.status).into());
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// Time from nothing to up.
    pub(crate) fn up(&self) -> f64 {
        self.discovery + self.planning + self.programming
    }

    /// The forwarding tables alone, once in the switches and once in the manager: a byte for each LID.
    pub(crate) fn tables(&self) -> u64 {
        2 * u64::from(self.switches) * u64::from(self.end_ports)
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { form, hosts, switches, end_ports, requests, .. } = self;
        let Self { discovery, planning, programming, reroute, .. } = self;
        write!(f, "{form:<17}  {hosts:>7}  {switches:>8}  {end_ports:>9}  {requests:>9}")?;
        write!(f, "  {discovery:>8.3} {planning:>7.3} {programming:>7.3} {:>8.3} s", self.up())?;
        let megabytes = [self.fabric_memory, self.memory, self.reroute_memory].map(|bytes| bytes / 1_000_000);
        let [fabric, up, cut] = megabytes;
        write!(f, "  {reroute:>6.3} s  {fabric:>6} {up:>5} {cut:>5} MB")
    }
}

/// A line of what the system says of this process' memory.
fn memory(name: &str) -> Result<u64, Box<dyn Error>> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()).ok_or("no such line")?;
    Ok(kilobytes.parse::<u64>()? * 1024)
}
