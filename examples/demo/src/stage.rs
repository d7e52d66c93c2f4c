//! The fabric of a scene: ibsim with a topology, and OpenSM on it.

use std::collections::BTreeMap;

use peers::{Diags, Ibsim, OpenSm, RunDir};
use topology::Topology;

use crate::error::DemoError;
use crate::placement::{Cut, Placement};

/// An ordered pair of hosts: a queue pair of the first one leads to the second one.
pub(crate) type Pair = (String, String);

/// The service level of each queue pair.
pub(crate) type Levels = BTreeMap<Pair, u8>;

/// A simulated fabric that OpenSM manages. Dropping it ends both.
#[derive(Debug)]
pub(crate) struct Stage {
    // In this order: the manager goes before its fabric.
    opensm: OpenSm,
    ibsim: Ibsim,
    lids: BTreeMap<String, u16>,
}

impl Stage {
    /// Start the fabric with LASH routing, and wait until it is up.
    pub(crate) async fn start(
        topology: &Topology,
        placement: &Placement,
        dir: &RunDir,
    ) -> Result<Self, DemoError> {
        let ibsim = Ibsim::start(&topology.for_ibsim().to_string(), dir).await?;
        let mut opensm = OpenSm::start(&ibsim, &placement.manager, "lash", dir)?;
        opensm.wait_until_settled(1).await?;
        let lids = Diags::new(&ibsim, &placement.manager).host_lids().await?;
        Ok(Self { opensm, ibsim, lids })
    }

    /// Under which name programs find the fabric.
    pub(crate) fn socket_name(&self) -> &str {
        self.ibsim.socket_name()
    }

    /// Cut a link. OpenSM has not yet noticed when this returns.
    pub(crate) async fn cut(&mut self, cut: &Cut) -> Result<(), DemoError> {
        Ok(self.ibsim.unlink(&cut.switch, cut.port).await?)
    }

    /// Restore a link and wait until the fabric is routed again, for good.
    pub(crate) async fn restore(&mut self, cut: &Cut) -> Result<(), DemoError> {
        let before = self.opensm.subnet_ups();
        self.ibsim.relink(&cut.switch, cut.port).await?;
        Ok(self.opensm.wait_until_settled(before + 1).await?)
    }

    /// How often the fabric was routed so far.
    pub(crate) fn subnet_ups(&mut self) -> usize {
        self.opensm.subnet_ups()
    }

    /// Wait until the fabric was routed `count` times.
    pub(crate) async fn wait_for_subnet_up(&mut self, count: usize) -> Result<(), DemoError> {
        Ok(self.opensm.wait_for_subnet_up(count).await?)
    }

    /// The service levels that `saquery` gives for these pairs of hosts.
    pub(crate) async fn service_levels<'a>(
        &self,
        pairs: impl Iterator<Item = &'a Pair>,
    ) -> Result<Levels, DemoError> {
        let diags = Diags::new(&self.ibsim, self.opensm.host());
        let mut levels = Levels::new();
        for pair in pairs {
            // A host that ibnetdiscover did not find has no path either: LID 0 says so.
            let [source, destination] =
                [&pair.0, &pair.1].map(|host| self.lids.get(host).copied().unwrap_or(0));
            levels.insert(pair.clone(), diags.service_level(source, destination).await?);
        }
        Ok(levels)
    }
}
