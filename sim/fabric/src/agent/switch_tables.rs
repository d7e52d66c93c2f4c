//! SwitchInfo, LinearForwardingTable and MulticastForwardingTable.

use ib_mad::wire::{LinearForwardingTable, MulticastForwardingTable, Status, SwitchInfo};

use super::{Agent, BAD_ATTRIBUTE, BAD_VALUE};
use crate::node::Switch;

/// LIDs in a block of the linear forwarding table, and in one of the multicast forwarding table.
const LINEAR: u32 = 64;
const MULTICAST: u32 = 32;

impl Agent<'_> {
    fn switch(&self) -> Result<&Switch, Status> {
        self.node.switch.as_deref().ok_or(BAD_ATTRIBUTE)
    }

    fn switch_mut(&mut self) -> Result<&mut Switch, Status> {
        self.node.switch.as_deref_mut().ok_or(BAD_ATTRIBUTE)
    }

    pub(super) fn switch_info(&self) -> Result<SwitchInfo, Status> {
        Ok(self.switch()?.info)
    }

    pub(super) fn set_switch_info(&mut self, wanted: &SwitchInfo) -> Result<(), Status> {
        let info = &mut self.switch_mut()?.info;
        if wanted.linear_fdb_top >= info.linear_fdb_capacity {
            return Err(BAD_VALUE);
        }
        *info = SwitchInfo {
            linear_fdb_top: wanted.linear_fdb_top,
            default_port: wanted.default_port,
            default_multicast_primary_port: wanted.default_multicast_primary_port,
            default_multicast_not_primary_port: wanted.default_multicast_not_primary_port,
            life_time_value: wanted.life_time_value,
            multicast_fdb_top: wanted.multicast_fdb_top,
            // Written as 1 it is cleared.
            port_state_change: info.port_state_change && !wanted.port_state_change,
            ..*info
        };
        Ok(())
    }

    fn linear_block(&self, modifier: u32) -> Result<u16, Status> {
        let blocks = u32::from(self.switch()?.info.linear_fdb_capacity).div_ceil(LINEAR);
        u16::try_from(modifier).ok().filter(|block| u32::from(*block) < blocks).ok_or(BAD_VALUE)
    }

    pub(super) fn linear_table(&self, modifier: u32) -> Result<LinearForwardingTable, Status> {
        Ok(self.switch()?.linear_block(self.linear_block(modifier)?))
    }

    pub(super) fn set_linear_table(
        &mut self,
        modifier: u32,
        table: &LinearForwardingTable,
    ) -> Result<(), Status> {
        let block = self.linear_block(modifier)?;
        self.switch_mut()?.set_linear_block(block, table);
        Ok(())
    }

    /// Block and position of a modifier.
    fn multicast_block(&self, modifier: u32) -> Result<(usize, usize), Status> {
        let switch = self.switch()?;
        let (block, position) = (modifier & 0x1FF, modifier >> 28);
        let blocks = u32::from(switch.info.multicast_fdb_capacity).div_ceil(MULTICAST);
        match (usize::try_from(block), usize::try_from(position)) {
            (Ok(at), Ok(position)) if block < blocks && position < switch.positions() => Ok((at, position)),
            _ => Err(BAD_VALUE),
        }
    }

    pub(super) fn multicast_table(&self, modifier: u32) -> Result<MulticastForwardingTable, Status> {
        let (block, position) = self.multicast_block(modifier)?;
        Ok(MulticastForwardingTable { port_masks: self.switch()?.multicast_block(block, position) })
    }

    pub(super) fn set_multicast_table(
        &mut self,
        modifier: u32,
        table: &MulticastForwardingTable,
    ) -> Result<(), Status> {
        let (block, position) = self.multicast_block(modifier)?;
        self.switch_mut()?.set_multicast_block(block, position, &table.port_masks);
        Ok(())
    }
}
