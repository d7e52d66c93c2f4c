//! Where a scene is played: a fabric, its subnet manager, and somebody who tells what path records are in force.

mod embedded;
mod opensm;

use std::collections::BTreeMap;

use async_trait::async_trait;

use crate::error::DemoError;
use crate::placement::Cut;

pub(crate) use embedded::EmbeddedStage;
pub(crate) use opensm::OpenSmStage;

/// An ordered pair of hosts: a queue pair of the first one leads to the second one.
pub(crate) type Pair = (String, String);

/// The service level of each queue pair.
pub(crate) type Levels = BTreeMap<Pair, u8>;

/// How the parts of a stage are called, in what is told and in the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Names {
    /// What the fabric runs on.
    pub(crate) fabric: &'static str,
    /// The subnet manager.
    pub(crate) manager: &'static str,
    /// Who says what the path records are.
    pub(crate) judge: &'static str,
}

/// A fabric that a subnet manager manages. Dropping it ends both.
#[async_trait(?Send)]
pub(crate) trait Stage: core::fmt::Debug {
    /// How its parts are called.
    fn names(&self) -> Names;

    /// Whether the manager itself signals the hosts whose paths changed. It then takes such a trap from nobody else.
    fn signals(&self) -> bool;

    /// What a program on this host is given as its port.
    fn port(&self, host: &str) -> String;

    /// The variable of the environment by which programs find the fabric.
    fn environment(&self) -> (&'static str, &str);

    /// Cut a link. The manager has not yet noticed when this returns.
    async fn cut(&mut self, cut: &Cut) -> Result<(), DemoError>;

    /// Restore a link and wait until the fabric is routed again, for good.
    async fn restore(&mut self, cut: &Cut) -> Result<(), DemoError>;

    /// How often the fabric was routed so far.
    fn subnet_ups(&mut self) -> usize;

    /// Wait until the fabric was routed `count` times.
    async fn wait_for_subnet_up(&mut self, count: usize) -> Result<(), DemoError>;

    /// The service levels that the judge gives for these pairs of hosts.
    async fn service_levels(&self, pairs: &[Pair]) -> Result<Levels, DemoError>;
}
