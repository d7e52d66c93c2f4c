//! Network namespaces of this run, joined by pairs of virtual Ethernet devices.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{PeerError, RunDir, locate};

/// Two network namespaces and the links between them, which go when the handle is dropped. Root only.
#[derive(Debug)]
pub struct Namespaces {
    ip: PathBuf,
    names: [String; 2],
    links: usize,
}

impl Namespaces {
    /// Make two namespaces, joined by so many links that carry packets of `mtu` bytes. The addresses of link `n` are
    /// [`address`](Self::address)`(n, 0)` and `(n, 1)`.
    ///
    /// # Errors
    /// [`PeerError::Refused`] when this process may not make namespaces: it has to be root.
    pub fn new(dir: &RunDir, links: usize, mtu: u32) -> Result<Self, PeerError> {
        let base = dir.unique_name();
        let names = [format!("{base}-a"), format!("{base}-b")];
        // From here on the destructor takes away what was made.
        let namespaces = Self { ip: locate("ip")?, names, links };
        let mtu = mtu.to_string();
        for name in &namespaces.names {
            namespaces.ip(&["netns", "add", name])?;
            namespaces.ip(&["-n", name, "link", "set", "lo", "up"])?;
        }
        let [a, b] = &namespaces.names;
        for link in 0..links {
            let device = Self::device(link);
            // Made inside, a device has a name that nobody else can have taken.
            namespaces.ip(&[
                "-n", a, "link", "add", &device, "mtu", &mtu, "type", "veth", "peer", "name", &device, "mtu",
                &mtu, "netns", b,
            ])?;
            for (end, name) in namespaces.names.iter().enumerate() {
                let address = format!("{}/24", Self::address(link, end));
                namespaces.ip(&["-n", name, "address", "add", &address, "dev", &device])?;
                namespaces.ip(&["-n", name, "link", "set", &device, "up"])?;
            }
        }
        Ok(namespaces)
    }

    /// Name of the device of a link, at both ends.
    pub fn device(link: usize) -> String {
        format!("link{link}")
    }

    /// Address of an end (0 or 1) of a link.
    pub fn address(link: usize, end: usize) -> String {
        format!("10.77.{link}.{}", end + 1)
    }

    /// How many links there are.
    pub const fn links(&self) -> usize {
        self.links
    }

    /// Let every link carry so many bits a second in each direction, as a wire does; what is handed in faster waits in a queue.
    ///
    /// # Errors
    /// What `tc` says.
    pub fn limit_speed(&self, bits_per_second: u64) -> Result<(), PeerError> {
        let tc = locate("tc")?;
        for (link, end) in (0..self.links).flat_map(|link| [(link, 0), (link, 1)]) {
            let line = format!(
                "qdisc add dev {} root tbf rate {bits_per_second}bit burst 16kb limit 8mb",
                Self::device(link)
            );
            run(self.command(end, &tc).args(line.split(' ')), "tc", &line)?;
        }
        Ok(())
    }

    /// A command that runs a program in a namespace.
    pub fn command(&self, end: usize, program: &Path) -> Command {
        let mut command = Command::new(&self.ip);
        command.args(["netns", "exec", &self.names[end]]).arg(program);
        command
    }

    /// The file that stands for a namespace: a thread that moves into it makes its sockets there.
    pub fn file(&self, end: usize) -> PathBuf {
        Path::new("/run/netns").join(&self.names[end])
    }

    /// Cut a link so that the first end is not told, in both directions at one instant, which is the beginning of this second of
    /// the time of day (nftables): at the second end, what comes over it is not taken in, and what goes out is lost.
    ///
    /// # Errors
    /// When nftables is missing, or what it says.
    pub fn silence_from(&self, link: usize, second: u64) -> Result<(), PeerError> {
        let device = Self::device(link);
        let lines = ["ingress", "egress"].map(|hook| {
            format!(
                "add chain netdev silence {device}_{hook} {{ type filter hook {hook} device {device} priority 0; }}\n\
                 add rule netdev silence {device}_{hook} meta time >= {second} drop\n"
            )
        });
        self.nft_at(1, &format!("add table netdev silence\n{}", lines.concat()))
    }

    /// Have every silenced link carry again.
    ///
    /// # Errors
    /// As of [`silence_from`](Self::silence_from).
    pub fn end_silence(&self) -> Result<(), PeerError> {
        self.nft_at(1, "delete table netdev silence\n")
    }

    /// Cut a link, at the first end: the other sees no carrier.
    ///
    /// # Errors
    /// What `ip` says.
    pub fn cut(&self, link: usize) -> Result<(), PeerError> {
        self.ip(&["-n", &self.names[0], "link", "set", &Self::device(link), "down"])
    }

    /// Restore a link.
    ///
    /// # Errors
    /// What `ip` says.
    pub fn restore(&self, link: usize) -> Result<(), PeerError> {
        self.ip(&["-n", &self.names[0], "link", "set", &Self::device(link), "up"])
    }

    /// Have both ends lose so many of a thousand packets that come in, at random (nftables).
    ///
    /// # Errors
    /// When nftables is missing, or what it says.
    pub fn drop_at_random(&self, per_thousand: u32) -> Result<(), PeerError> {
        self.nft(&format!(
            "add table inet loss\n\
             add chain inet loss input {{ type filter hook input priority 0; }}\n\
             add rule inet loss input meta iifname \"link*\" numgen random mod 1000 < {per_thousand} drop\n"
        ))
    }

    /// Have both ends obey these rules.
    fn nft(&self, rules: &str) -> Result<(), PeerError> {
        (0..2).try_for_each(|end| self.nft_at(end, rules))
    }

    /// Have an end obey these rules, from one instant on.
    fn nft_at(&self, end: usize, rules: &str) -> Result<(), PeerError> {
        run(self.command(end, &locate("nft")?).arg(rules), "nft", rules)
    }

    fn ip(&self, arguments: &[&str]) -> Result<(), PeerError> {
        run(Command::new(&self.ip).args(arguments), "ip", &arguments.join(" "))
    }
}

fn run(command: &mut Command, name: &str, line: &str) -> Result<(), PeerError> {
    let output = command.output().map_err(|source| PeerError::Start { name: name.into(), source })?;
    if output.status.success() {
        return Ok(());
    }
    let reply = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    let reply = if reply.contains("not permitted") { format!("{reply} (only root may)") } else { reply };
    Err(PeerError::Refused { name: name.into(), command: line.into(), reply })
}

impl Drop for Namespaces {
    fn drop(&mut self) {
        // The devices go with their namespaces. One that was never made is no loss.
        for name in &self.names {
            let _ = Command::new(&self.ip).args(["netns", "delete", name]).output();
        }
    }
}
