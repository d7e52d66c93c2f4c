use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::Notify;

use super::error::SimError;
use super::shared::{PortBytes, SharedFabric};
use crate::channel::{Incoming, ManagementChannel, Outgoing};
use crate::error::ChannelError;
use crate::port::LocalPort;

/// An end port of a fabric in this process. It needs a tokio runtime with time.
#[derive(Debug)]
pub struct SimChannel {
    fabric: SharedFabric,
    id: u32,
    wake: Arc<Notify>,
}

impl SimChannel {
    pub(super) fn new(fabric: SharedFabric, id: u32, wake: Arc<Notify>) -> Self {
        Self { fabric, id, wake }
    }

    /// What the port is like.
    pub(super) fn port_bytes(&self) -> Option<PortBytes> {
        self.fabric.port(self.id)
    }

    /// The fabric.
    pub fn fabric(&self) -> &SharedFabric {
        &self.fabric
    }
}

#[async_trait]
impl ManagementChannel for SimChannel {
    async fn port(&mut self) -> Result<LocalPort, ChannelError> {
        let port = self.port_bytes().map(LocalPort::from);
        // It is there for as long as this is.
        port.ok_or_else(|| SimError::UnknownNode { node: Box::default() }.into())
    }

    async fn send(&mut self, batch: &[Outgoing]) -> Result<(), ChannelError> {
        self.fabric.send(self.id, batch);
        Ok(())
    }

    async fn receive(&mut self, batch: &mut Vec<Incoming>) -> Result<(), ChannelError> {
        let start = batch.len();
        let clock = self.fabric.clock();
        loop {
            // Whoever waits keeps the fabric going.
            let next = self.fabric.take(self.id, batch);
            if batch.len() > start {
                return Ok(());
            }
            tokio::select! {
                () = self.wake.notified() => {}
                () = clock.wait_until(next) => {}
            }
        }
    }

    async fn announce_manager(&mut self) -> Result<(), ChannelError> {
        if self.fabric.announce_manager(self.id) { Ok(()) } else { Err(SimError::Managed.into()) }
    }
}

impl Drop for SimChannel {
    fn drop(&mut self) {
        self.fabric.detach(self.id);
    }
}

#[cfg(test)]
#[path = "channel_test.rs"]
mod tests;
