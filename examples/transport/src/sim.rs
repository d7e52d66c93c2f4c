//! A simulated fabric: in this process, or in another one that hosts it on a Unix socket.

mod channel;
mod client;
mod error;
mod frame;
mod server;
mod shared;
mod socket;

pub use channel::SimChannel;
pub use client::SimClient;
pub use error::SimError;
pub use server::SimServer;
pub use shared::SharedFabric;
pub use socket::SimName;

use crate::channel::ManagementChannel;
use crate::error::ChannelError;

/// Open `sim:NODE` or `sim:TOPOLOGY@NODE`.
pub(crate) async fn open(node: &str, name: Option<&str>) -> Result<Box<dyn ManagementChannel>, ChannelError> {
    if let Some((topology, node)) = node.rsplit_once('@') {
        let topology = topology::load(topology).map_err(|error| SimError::Topology(Box::new(error)))?;
        let fabric = fabric::Fabric::new(&topology, fabric::Settings::DEFAULT).map_err(SimError::Fabric)?;
        return Ok(Box::new(SharedFabric::new(fabric).attach(node)?));
    }
    Ok(Box::new(SimClient::connect(node, &SimName::choose(name)?).await?))
}
