//! A stage of others: ibsim with a topology, and OpenSM on it.

use std::collections::BTreeMap;

use async_trait::async_trait;
use peers::{Diags, Ibsim, OpenSm, RunDir};
use topology::Topology;

use crate::error::DemoError;
use crate::placement::{Cut, Placement};
use crate::stage::{Levels, Names, Pair, Stage};

/// A fabric that ibsim emulates and OpenSM manages.
#[derive(Debug)]
pub(crate) struct OpenSmStage {
    // In this order: the manager goes before its fabric.
    opensm: OpenSm,
    ibsim: Ibsim,
    lids: BTreeMap<String, u16>,
}

impl OpenSmStage {
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
}

#[async_trait(?Send)]
impl Stage for OpenSmStage {
    fn names(&self) -> Names {
        Names { fabric: "ibsim", manager: "OpenSM", judge: "saquery" }
    }

    fn signals(&self) -> bool {
        false
    }

    fn port(&self, host: &str) -> String {
        format!("ibsim:{host}")
    }

    fn environment(&self) -> (&'static str, &str) {
        ("IBSIM_SOCKNAME", self.ibsim.socket_name())
    }

    async fn cut(&mut self, cut: &Cut) -> Result<(), DemoError> {
        Ok(self.ibsim.unlink(&cut.switch, cut.port).await?)
    }

    async fn restore(&mut self, cut: &Cut) -> Result<(), DemoError> {
        let before = self.opensm.subnet_ups();
        self.ibsim.relink(&cut.switch, cut.port).await?;
        Ok(self.opensm.wait_until_settled(before + 1).await?)
    }

    fn subnet_ups(&mut self) -> usize {
        self.opensm.subnet_ups()
    }

    async fn wait_for_subnet_up(&mut self, count: usize) -> Result<(), DemoError> {
        Ok(self.opensm.wait_for_subnet_up(count).await?)
    }

    async fn service_levels(&self, pairs: &[Pair]) -> Result<Levels, DemoError> {
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
