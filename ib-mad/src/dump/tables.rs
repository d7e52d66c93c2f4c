//! Tables of ports and switches, and their records.

use super::value::Value;
use super::{Fields, Items, Visit};
use crate::types::Guid;
use crate::wire::{
    Attribute, GuidInfo, GuidInfoRecord, LinearForwardingTable, LinearForwardingTableRecord,
    MulticastForwardingTable, MulticastForwardingTableRecord, PKeyTable, PKeyTableRecord, SlToVlMapping,
    SlToVlMappingRecord, VlArbitration, VlArbitrationRecord,
};

/// Each of `items` as a number or an address.
fn each<'a, T: Copy + Into<Value<'a>>>(items: &[T], visit: &mut Items<'_>) {
    items.iter().for_each(|item| visit((*item).into()));
}

fn guids(names: &[&'static str; 8], guids: &[Guid; 8], visit: &mut Visit<'_>) {
    names.iter().zip(guids).for_each(|(name, guid)| visit(name, (*guid).into()));
}

impl Fields for GuidInfo {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        const NAMES: [&str; 8] = ["GUID0", "GUID1", "GUID2", "GUID3", "GUID4", "GUID5", "GUID6", "GUID7"];
        guids(&NAMES, &self.guids, visit);
    }

    fn telling(&self) -> &'static [&'static str] {
        &["GUID0"]
    }
}

impl Fields for GuidInfoRecord {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        const NAMES: [&str; 8] =
            ["GUID 0", "GUID 1", "GUID 2", "GUID 3", "GUID 4", "GUID 5", "GUID 6", "GUID 7"];
        visit("LID", self.lid.into());
        visit("Block", self.block_number.into());
        guids(&NAMES, &self.guid_info.guids, visit);
    }

    fn telling(&self) -> &'static [&'static str] {
        &["LID", "Block", "GUID 0"]
    }
}

impl Fields for PKeyTable {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        visit("PKey Table", Value::List(&|item| each(&self.p_keys, item)));
    }
}

impl Fields for PKeyTableRecord {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        visit("LID", self.lid.into());
        visit("Port", self.port_number.into());
        visit("Block", self.block_number.into());
        self.p_key_table.fields(visit);
    }

    fn telling(&self) -> &'static [&'static str] {
        &["LID", "Port", "Block"]
    }
}

impl Fields for SlToVlMapping {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        visit("VL", Value::List(&|item| each(&self.lanes, item)));
    }

    fn telling(&self) -> &'static [&'static str] {
        &["VL"]
    }
}

impl Fields for SlToVlMappingRecord {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        visit("LID", self.lid.into());
        visit("InPort", self.input_port.into());
        visit("OutPort", self.output_port.into());
        self.sl_to_vl_mapping.fields(visit);
    }

    fn telling(&self) -> &'static [&'static str] {
        &["LID", "InPort", "OutPort"]
    }
}

impl Fields for VlArbitration {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        visit("VL", Value::List(&|item| self.entries.iter().for_each(|entry| item(entry.lane.into()))));
        visit("Weight", Value::List(&|item| self.entries.iter().for_each(|entry| item(entry.weight.into()))));
    }
}

impl Fields for VlArbitrationRecord {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        visit("LID", self.lid.into());
        visit("Port", self.output_port.into());
        visit("Block", self.block_number.into());
        self.vl_arbitration.fields(visit);
    }

    fn telling(&self) -> &'static [&'static str] {
        &["LID", "Port", "Block"]
    }
}

impl Fields for LinearForwardingTable {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        visit("LinearForwTbl", Value::List(&|item| each(&self.ports, item)));
    }
}

impl Fields for LinearForwardingTableRecord {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        visit("LID", self.lid.into());
        visit("Block", self.block_number.into());
        visit("LFT", Value::List(&|item| each(&self.linear_forwarding_table.ports, item)));
    }

    fn telling(&self) -> &'static [&'static str] {
        &["LID", "Block"]
    }
}

impl MulticastForwardingTable {
    fn list(&self, visit: &mut Items<'_>) {
        self.port_masks.iter().for_each(|mask| visit(Value::wide_hex(*mask, 4)));
    }
}

impl Fields for MulticastForwardingTable {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        visit("MulticastForwTbl", Value::List(&|item| self.list(item)));
    }
}

impl Fields for MulticastForwardingTableRecord {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        visit("LID", self.lid.into());
        visit("Position", self.position.into());
        visit("Block", self.block_number.into());
        visit("MFT", Value::List(&|item| self.multicast_forwarding_table.list(item)));
    }

    fn telling(&self) -> &'static [&'static str] {
        &["LID", "Position", "Block"]
    }
}
