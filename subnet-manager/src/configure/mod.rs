//! What the subnet is to be told: LIDs, ports, forwarding tables, lanes, partitions.

mod lanes;
mod lids;
mod plan;
mod ports;
mod routes;
mod setting;
mod trees;

pub(crate) use lanes::WrittenLanes;
pub(crate) use lids::LidBook;
pub(crate) use plan::{Plan, PlanInput, block_of, multicast_settings, sixteen};
pub(crate) use routes::LastRouting;
pub(crate) use setting::Setting;
