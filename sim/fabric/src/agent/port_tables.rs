//! GUIDInfo, P_KeyTable, SLtoVLMappingTable and VLArbitrationTable.

use ib_mad::PKey;
use ib_mad::wire::{GuidInfo, PKeyTable, SlToVlMapping, Status, VlArbitration};

use super::{Agent, BAD_VALUE};
use crate::port::ARBITRATION_ENTRIES;

/// GUIDs in a block.
const GUIDS: usize = 8;
/// Keys in a block.
const KEYS: usize = 32;

impl Agent<'_> {
    fn guid_block(&self, modifier: u32) -> Result<usize, Status> {
        let capacity = usize::from(self.port(self.end_port_number()).info.guid_cap);
        let first = usize::try_from(modifier).ok().and_then(|block| block.checked_mul(GUIDS));
        first.filter(|first| *first < capacity).ok_or(BAD_VALUE)
    }

    pub(super) fn guid_info(&self, modifier: u32) -> Result<GuidInfo, Status> {
        let first = self.guid_block(modifier)?;
        let port = self.port(self.end_port_number());
        Ok(GuidInfo { guids: core::array::from_fn(|entry| port.guid_at(first + entry)) })
    }

    pub(super) fn set_guid_info(&mut self, modifier: u32, info: &GuidInfo) -> Result<(), Status> {
        let first = self.guid_block(modifier)?;
        self.port_mut(self.end_port_number()).set_guids(first, &info.guids);
        Ok(())
    }

    /// The port that a modifier means, the first key of its block, and the size of the port's table.
    fn p_key_block(&self, modifier: u32) -> Result<(u8, usize, u16), Status> {
        let [port_high, port_low, block_high, block_low] = modifier.to_be_bytes();
        let number = match (self.is_switch(), port_high) {
            (false, _) => self.arrival,
            (true, 0) if self.node.has_port(port_low) => port_low,
            (true, _) => return Err(BAD_VALUE),
        };
        let capacity = self.port(number).partition_capacity(self.node.kind);
        let first = usize::from(u16::from_be_bytes([block_high, block_low])) * KEYS;
        if first >= usize::from(capacity) {
            return Err(BAD_VALUE);
        }
        Ok((number, first, capacity))
    }

    pub(super) fn p_keys(&self, modifier: u32) -> Result<PKeyTable, Status> {
        let (number, first, capacity) = self.p_key_block(modifier)?;
        let port = self.port(number);
        let key =
            |entry| if first + entry < capacity.into() { port.p_key(first + entry) } else { PKey::default() };
        Ok(PKeyTable { p_keys: core::array::from_fn(key) })
    }

    pub(super) fn set_p_keys(&mut self, modifier: u32, table: &PKeyTable) -> Result<(), Status> {
        let (number, first, capacity) = self.p_key_block(modifier)?;
        self.port_mut(number).set_p_keys(capacity, first, &table.p_keys);
        Ok(())
    }

    /// Input and output port of a modifier; an end port has one table.
    fn lane_row(&self, modifier: u32) -> Result<(u8, u8), Status> {
        let [_, _, input, output] = modifier.to_be_bytes();
        if !self.is_switch() {
            return Ok((self.arrival, 0));
        }
        let has_both = self.node.has_port(input) && self.node.has_port(output);
        if has_both { Ok((input, output)) } else { Err(BAD_VALUE) }
    }

    pub(super) fn lanes(&self, modifier: u32) -> Result<u64, Status> {
        let (input, output) = self.lane_row(modifier)?;
        Ok(self.port(input).lanes(output))
    }

    pub(super) fn set_lanes(&mut self, modifier: u32, mapping: &SlToVlMapping) -> Result<(), Status> {
        let (input, output) = self.lane_row(modifier)?;
        let outputs = if self.is_switch() { usize::from(self.node.ports) + 1 } else { 1 };
        let lanes = mapping.lanes.iter().fold(0, |lanes, lane| lanes << 4 | u64::from(lane.get()));
        self.port_mut(input).set_lanes(output, outputs, lanes);
        Ok(())
    }

    /// The port and the priority of a modifier. A table is shorter than a block: the second half of each is not there.
    fn arbitration_block(&self, modifier: u32) -> Result<(u8, usize), Status> {
        let [_, block, port_high, port_low] = modifier.to_be_bytes();
        let number = match (self.is_switch(), port_high) {
            (false, _) => self.arrival,
            (true, 0) if self.node.has_port(port_low) => port_low,
            (true, _) => return Err(BAD_VALUE),
        };
        const { assert!(ARBITRATION_ENTRIES <= 32) };
        match block {
            VlArbitration::LOW_FIRST => Ok((number, 0)),
            VlArbitration::HIGH_FIRST => Ok((number, 1)),
            _ => Err(BAD_VALUE),
        }
    }

    pub(super) fn arbitration(&self, modifier: u32) -> Result<VlArbitration, Status> {
        let (number, priority) = self.arbitration_block(modifier)?;
        Ok(self.port(number).arbitration(priority))
    }

    pub(super) fn set_arbitration(&mut self, modifier: u32, table: &VlArbitration) -> Result<(), Status> {
        let (number, priority) = self.arbitration_block(modifier)?;
        self.port_mut(number).set_arbitration(priority, *table);
        Ok(())
    }
}
