//! How a question for a table is divided into questions for parts of it.

use core::iter;

use ib_mad::Lid;
use ib_mad::dump::Fields;
use ib_mad::wire::{
    GuidInfoRecord, GuidInfoRecordMask, InformInfo, InformInfoRecord, InformInfoRecordMask,
    LinearForwardingTableRecord, LinearForwardingTableRecordMask, LinkRecord, LinkRecordMask, McMemberRecord,
    McMemberRecordMask, MulticastForwardingTableRecord, MulticastForwardingTableRecordMask, NodeRecord,
    NodeRecordMask, PKeyTableRecord, PKeyTableRecordMask, PathRecord, PathRecordMask, PortInfoRecord,
    PortInfoRecordMask, Producer, ProducerType, Query, Record, ServiceRecord, ServiceRecordMask,
    SlToVlMappingRecord, SlToVlMappingRecordMask, SmInfoRecord, SmInfoRecordMask, SwitchInfoRecord,
    SwitchInfoRecordMask, TrapNumber, VlArbitrationRecord, VlArbitrationRecordMask,
};

use super::fabric::Fabric;

/// A table that saq prints.
pub(crate) trait Table: Record + Fields + Copy {
    /// Questions that together are `query`, each for less; none when it cannot be divided any more.
    fn narrow(query: &Query<Self>, fabric: &Fabric) -> Vec<Query<Self>>;

    /// Records that between them have every field.
    fn samples() -> Vec<Self> {
        vec![Self::default()]
    }
}

/// Ports in a part of a multicast forwarding table, entries in its blocks and in those of the linear one.
const PORTS_IN_POSITION: u8 = 16;
const ENTRIES_IN_MULTICAST_BLOCK: u16 = 32;
const ENTRIES_IN_LINEAR_BLOCK: u16 = 64;
const P_KEYS_IN_BLOCK: u16 = 32;
/// Blocks of a VLArbitration table: two for each priority.
const VL_ARBITRATION_BLOCKS: u8 = 4;
/// Blocks of GUIDs that the number of one can tell apart, eight GUIDs each.
const GUID_BLOCKS: u8 = 32;
const FIRST_MLID: u16 = 0xC000;

/// One question for each LID, or each port of a LID.
fn each<R: Record + Copy, T>(
    values: impl IntoIterator<Item = T>,
    add: impl FnMut(T) -> Query<R>,
) -> Vec<Query<R>> {
    values.into_iter().map(add).collect()
}

impl Table for NodeRecord {
    fn narrow(query: &Query<Self>, fabric: &Fabric) -> Vec<Query<Self>> {
        match query.mask().contains(NodeRecordMask::LID) {
            false => each(fabric.lids(), |lid| query.lid(lid)),
            true => Vec::new(),
        }
    }
}

impl Table for PortInfoRecord {
    fn narrow(query: &Query<Self>, fabric: &Fabric) -> Vec<Query<Self>> {
        let (mask, lid) = (query.mask(), query.template().lid);
        if !mask.contains(PortInfoRecordMask::LID) {
            each(fabric.lids(), |lid| query.lid(lid))
        } else if !mask.contains(PortInfoRecordMask::PORT_NUMBER) {
            each(fabric.ports_of(lid), |port| query.port_number(port))
        } else {
            Vec::new()
        }
    }
}

impl Table for SwitchInfoRecord {
    fn narrow(query: &Query<Self>, fabric: &Fabric) -> Vec<Query<Self>> {
        match query.mask().contains(SwitchInfoRecordMask::LID) {
            false => each(fabric.switches(), |(lid, _)| query.lid(lid)),
            true => Vec::new(),
        }
    }
}

impl Table for LinkRecord {
    fn narrow(query: &Query<Self>, fabric: &Fabric) -> Vec<Query<Self>> {
        let (mask, lid) = (query.mask(), query.template().from_lid);
        if !mask.contains(LinkRecordMask::FROM_LID) {
            each(fabric.lids(), |lid| query.from_lid(lid))
        } else if !mask.contains(LinkRecordMask::FROM_PORT) {
            each(fabric.ports_of(lid), |port| query.from_port(port))
        } else {
            Vec::new()
        }
    }
}

impl Table for PathRecord {
    fn narrow(query: &Query<Self>, fabric: &Fabric) -> Vec<Query<Self>> {
        let mask = query.mask();
        let lids = || {
            let all = |(lid, lmc): (Lid, u8)| {
                (0..1_u16 << lmc.min(7)).map(move |bits| Lid(lid.0.saturating_add(bits)))
            };
            fabric.ends.iter().map(|end| (end.lid, end.lmc)).flat_map(all)
        };
        let has_source =
            mask.contains(PathRecordMask::SOURCE_LID) || mask.contains(PathRecordMask::SOURCE_GID);
        let has_destination =
            mask.contains(PathRecordMask::DESTINATION_LID) || mask.contains(PathRecordMask::DESTINATION_GID);
        match (has_source, has_destination) {
            (false, _) => each(lids(), |lid| query.source_lid(lid)),
            (true, false) => each(lids(), |lid| query.destination_lid(lid)),
            (true, true) => Vec::new(),
        }
    }
}

impl Table for McMemberRecord {
    fn narrow(query: &Query<Self>, fabric: &Fabric) -> Vec<Query<Self>> {
        let mask = query.mask();
        if !mask.contains(McMemberRecordMask::MLID) && !mask.contains(McMemberRecordMask::MGID) {
            let groups = fabric.switches().map(|(_, info)| info.multicast_fdb_capacity).max().unwrap_or(0);
            each((0..groups).map(|group| Lid(FIRST_MLID.saturating_add(group))), |lid| query.mlid(lid))
        } else if !mask.contains(McMemberRecordMask::PORT_GID) {
            each(&fabric.ends, |end| query.port_gid(end.gid))
        } else {
            Vec::new()
        }
    }
}

impl Table for ServiceRecord {
    fn narrow(query: &Query<Self>, fabric: &Fabric) -> Vec<Query<Self>> {
        match query.mask().contains(ServiceRecordMask::SERVICE_GID) {
            false => each(&fabric.ends, |end| query.service_gid(end.gid)),
            true => Vec::new(),
        }
    }
}

impl Table for InformInfoRecord {
    fn narrow(query: &Query<Self>, fabric: &Fabric) -> Vec<Query<Self>> {
        match query.mask().contains(InformInfoRecordMask::SUBSCRIBER_GID) {
            false => each(&fabric.ends, |end| query.subscriber_gid(end.gid)),
            true => Vec::new(),
        }
    }

    /// Generic ones, and those of a vendor.
    fn samples() -> Vec<Self> {
        let of = |producer| Self {
            inform_info: InformInfo { producer, ..InformInfo::default() },
            ..Self::default()
        };
        let generic =
            Producer::Generic { producer_type: ProducerType::CLASS_MANAGER, trap_number: TrapNumber::ALL };
        vec![of(generic), of(Producer::Vendor { vendor_id: 0, device_id: 0 })]
    }
}

impl Table for LinearForwardingTableRecord {
    fn narrow(query: &Query<Self>, fabric: &Fabric) -> Vec<Query<Self>> {
        let (mask, lid) = (query.mask(), query.template().lid);
        if !mask.contains(LinearForwardingTableRecordMask::LID) {
            each(fabric.switches(), |(lid, _)| query.lid(lid))
        } else if !mask.contains(LinearForwardingTableRecordMask::BLOCK_NUMBER) {
            let top = fabric
                .switches()
                .find(|(switch, _)| *switch == lid)
                .map_or(0, |(_, info)| info.linear_fdb_top);
            each(0..=top / ENTRIES_IN_LINEAR_BLOCK, |block| query.block_number(block))
        } else {
            Vec::new()
        }
    }
}

impl Table for MulticastForwardingTableRecord {
    fn narrow(query: &Query<Self>, fabric: &Fabric) -> Vec<Query<Self>> {
        let (mask, lid) = (query.mask(), query.template().lid);
        if !mask.contains(MulticastForwardingTableRecordMask::LID) {
            each(fabric.switches(), |(lid, _)| query.lid(lid))
        } else if !mask.contains(MulticastForwardingTableRecordMask::POSITION) {
            let last = fabric.ports_of(lid).last().unwrap_or(0);
            each(0..=last / PORTS_IN_POSITION, |position| query.position(position))
        } else if !mask.contains(MulticastForwardingTableRecordMask::BLOCK_NUMBER) {
            let capacity = fabric
                .switches()
                .find(|(switch, _)| *switch == lid)
                .map_or(0, |(_, info)| info.multicast_fdb_capacity);
            each(0..capacity.div_ceil(ENTRIES_IN_MULTICAST_BLOCK), |block| query.block_number(block))
        } else {
            Vec::new()
        }
    }
}

impl Table for GuidInfoRecord {
    fn narrow(query: &Query<Self>, fabric: &Fabric) -> Vec<Query<Self>> {
        let mask = query.mask();
        if !mask.contains(GuidInfoRecordMask::LID) {
            each(fabric.lids(), |lid| query.lid(lid))
        } else if !mask.contains(GuidInfoRecordMask::BLOCK_NUMBER) {
            each(0..GUID_BLOCKS, |block| query.block_number(block))
        } else {
            Vec::new()
        }
    }
}

impl Table for PKeyTableRecord {
    fn narrow(query: &Query<Self>, fabric: &Fabric) -> Vec<Query<Self>> {
        let (mask, lid) = (query.mask(), query.template().lid);
        if !mask.contains(PKeyTableRecordMask::LID) {
            each(fabric.lids(), |lid| query.lid(lid))
        } else if !mask.contains(PKeyTableRecordMask::PORT_NUMBER) {
            each(fabric.ports_of(lid), |port| query.port_number(port))
        } else if !mask.contains(PKeyTableRecordMask::BLOCK_NUMBER) {
            let end = fabric.ends.iter().find(|end| end.lid == lid);
            // The external ports of a switch have tables of another length: as many as it enforces.
            let capacity = end.map_or(0, |end| {
                end.partition_capacity.max(end.switch.map_or(0, |info| info.partition_enforcement_capacity))
            });
            each(0..capacity.div_ceil(P_KEYS_IN_BLOCK), |block| query.block_number(block))
        } else {
            Vec::new()
        }
    }
}

impl Table for SlToVlMappingRecord {
    fn narrow(query: &Query<Self>, fabric: &Fabric) -> Vec<Query<Self>> {
        let (mask, lid) = (query.mask(), query.template().lid);
        // The ports of an adapter have no way between them: their input is 0.
        let inputs = || fabric.ports_of(lid).chain(iter::once(0)).collect::<std::collections::BTreeSet<_>>();
        if !mask.contains(SlToVlMappingRecordMask::LID) {
            each(fabric.lids(), |lid| query.lid(lid))
        } else if !mask.contains(SlToVlMappingRecordMask::OUTPUT_PORT) {
            each(fabric.ports_of(lid), |port| query.output_port(port))
        } else if !mask.contains(SlToVlMappingRecordMask::INPUT_PORT) {
            each(inputs(), |port| query.input_port(port))
        } else {
            Vec::new()
        }
    }
}

impl Table for VlArbitrationRecord {
    fn narrow(query: &Query<Self>, fabric: &Fabric) -> Vec<Query<Self>> {
        let (mask, lid) = (query.mask(), query.template().lid);
        if !mask.contains(VlArbitrationRecordMask::LID) {
            each(fabric.lids(), |lid| query.lid(lid))
        } else if !mask.contains(VlArbitrationRecordMask::OUTPUT_PORT) {
            each(fabric.ports_of(lid), |port| query.output_port(port))
        } else if !mask.contains(VlArbitrationRecordMask::BLOCK_NUMBER) {
            each(1..=VL_ARBITRATION_BLOCKS, |block| query.block_number(block))
        } else {
            Vec::new()
        }
    }
}

impl Table for SmInfoRecord {
    fn narrow(query: &Query<Self>, fabric: &Fabric) -> Vec<Query<Self>> {
        match query.mask().contains(SmInfoRecordMask::LID) {
            false => each(fabric.lids(), |lid| query.lid(lid)),
            true => Vec::new(),
        }
    }
}
