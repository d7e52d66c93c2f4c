//! Questions for paths between several ports.

use super::multi_path_record::length;
use super::{
    Attribute, ComponentMask, MAD_LENGTH, MultiPathRecord, MultiPathRecordMask, SA_DATA_LENGTH, SaMad,
};
use crate::error::BufferTooSmall;
use crate::types::{Gid, Mtu, PKey, PacketLifetime, Rate, Selector, ServiceLevel};

/// A question for paths between several ports (method 0x14, GetMulti): each method adds one component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[must_use]
pub struct MultiPathRecordQuery<'a> {
    template: MultiPathRecord,
    mask: MultiPathRecordMask,
    sources: &'a [Gid],
    destinations: &'a [Gid],
}

impl<'a> MultiPathRecordQuery<'a> {
    /// GIDs that one datagram has room for, sources and destinations together.
    pub const MAX_GIDS: usize = 11;

    /// Paths from any of `sources` to any of `destinations`.
    ///
    /// # Errors
    /// When there are more than [`MAX_GIDS`](Self::MAX_GIDS) in all.
    pub fn new(sources: &'a [Gid], destinations: &'a [Gid]) -> Result<Self, BufferTooSmall> {
        let needed = length(sources.len().saturating_add(destinations.len()));
        let too_many = BufferTooSmall { what: MultiPathRecord::NAME, needed, got: SA_DATA_LENGTH };
        if needed > SA_DATA_LENGTH {
            return Err(too_many);
        }
        let template = MultiPathRecord {
            source_gid_count: sources.len().try_into().map_err(|_| too_many)?,
            destination_gid_count: destinations.len().try_into().map_err(|_| too_many)?,
            ..MultiPathRecord::default()
        };
        let mask = MultiPathRecordMask::SOURCE_GID_COUNT.0 | MultiPathRecordMask::DESTINATION_GID_COUNT.0;
        Ok(Self { template, mask: MultiPathRecordMask(mask), sources, destinations })
    }

    fn with(mut self, component: MultiPathRecordMask, set: impl FnOnce(&mut MultiPathRecord)) -> Self {
        self.mask.0 |= component.0;
        set(&mut self.template);
        self
    }

    /// Paths for raw packets, or for others.
    pub fn raw(self, is_raw: bool) -> Self {
        self.with(MultiPathRecordMask::RAW, |record| record.is_raw = is_raw)
    }
    /// Paths with a flow label (20 bits).
    pub fn flow_label(self, label: u32) -> Self {
        self.with(MultiPathRecordMask::FLOW_LABEL, |record| record.flow_label = label)
    }
    /// Paths with a hop limit.
    pub fn hop_limit(self, limit: u8) -> Self {
        self.with(MultiPathRecordMask::HOP_LIMIT, |record| record.hop_limit = limit)
    }
    /// Paths with a traffic class.
    pub fn traffic_class(self, class: u8) -> Self {
        self.with(MultiPathRecordMask::TRAFFIC_CLASS, |record| record.traffic_class = class)
    }
    /// Paths that a reply may take back, or that it may not.
    pub fn reversible(self, is_reversible: bool) -> Self {
        self.with(MultiPathRecordMask::REVERSIBLE, |record| record.is_reversible = is_reversible)
    }
    /// At most so many paths (1 to 127).
    pub fn number_of_paths(self, paths: u8) -> Self {
        self.with(MultiPathRecordMask::NUMBER_OF_PATHS, |record| record.number_of_paths = paths)
    }
    /// Paths in a partition.
    pub fn p_key(self, key: PKey) -> Self {
        self.with(MultiPathRecordMask::P_KEY, |record| record.p_key = key)
    }
    /// Paths of a quality of service class (12 bits).
    pub fn qos_class(self, class: u16) -> Self {
        self.with(MultiPathRecordMask::QOS_CLASS, |record| record.qos_class = class)
    }
    /// Paths with a service level.
    pub fn service_level(self, level: ServiceLevel) -> Self {
        self.with(MultiPathRecordMask::SERVICE_LEVEL, |record| record.service_level = level)
    }
    /// Paths by their MTU.
    pub fn mtu(self, selector: Selector, mtu: Mtu) -> Self {
        self.with(MultiPathRecordMask::MTU, |record| {
            record.mtu_selector = selector;
            record.mtu = mtu;
        })
    }
    /// Paths by their rate.
    pub fn rate(self, selector: Selector, rate: Rate) -> Self {
        self.with(MultiPathRecordMask::RATE, |record| {
            record.rate_selector = selector;
            record.rate = rate;
        })
    }
    /// Paths by their packet lifetime.
    pub fn packet_lifetime(self, selector: Selector, lifetime: PacketLifetime) -> Self {
        self.with(MultiPathRecordMask::PACKET_LIFETIME, |record| {
            record.packet_lifetime_selector = selector;
            record.packet_lifetime = lifetime;
        })
    }
    /// Paths for a service.
    pub fn service_id(self, id: u64) -> Self {
        self.with(MultiPathRecordMask::SERVICE_ID, |record| record.service_id = id)
    }
    /// Paths by their independence (2 bits).
    pub fn independence(self, independence: u8) -> Self {
        self.with(MultiPathRecordMask::INDEPENDENCE, |record| record.independence = independence)
    }

    /// The components given so far.
    pub fn mask(&self) -> MultiPathRecordMask {
        self.mask
    }

    /// Where the paths begin.
    pub const fn sources(&self) -> &'a [Gid] {
        self.sources
    }

    /// Where they end.
    pub const fn destinations(&self) -> &'a [Gid] {
        self.destinations
    }

    /// The record, without its GIDs.
    pub fn template(&self) -> &MultiPathRecord {
        &self.template
    }

    /// Write the whole datagram: `headers`, with this mask, the record, its GIDs, and zeros up to the end.
    ///
    /// # Errors
    /// None, since [`new`](Self::new) has counted the GIDs.
    pub fn emit(&self, mut headers: SaMad) -> Result<[u8; MAD_LENGTH], BufferTooSmall> {
        headers.sa.component_mask = self.mask.bits();
        let mut mad = headers.emit(&self.template)?;
        let behind = mad.get_mut(GIDS_OFFSET..).unwrap_or_default();
        for (to, gid) in behind.chunks_exact_mut(16).zip(self.sources.iter().chain(self.destinations)) {
            to.copy_from_slice(&gid.0);
        }
        Ok(mad)
    }
}

/// Where the GIDs start in a datagram: behind the headers and the record.
const GIDS_OFFSET: usize = 80;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::{SmKey, TransactionId};
    use crate::wire::{
        AttributeId, MadHeader, ManagementClass, Method, MultiPathGids, RmppHeader, SaHeader, SaMadView,
    };

    fn headers() -> SaMad {
        SaMad {
            header: MadHeader::request(
                ManagementClass::SUBNET_ADMINISTRATION,
                Method::GET_MULTI,
                AttributeId::MULTI_PATH_RECORD,
                0,
                TransactionId(7),
            ),
            rmpp: RmppHeader::INACTIVE,
            sa: SaHeader { sm_key: SmKey(0), attribute_offset: 0, component_mask: 0 },
        }
    }

    #[test]
    fn a_query_carries_its_ports_and_components() {
        let (sources, destinations) = ([Gid([1; 16]), Gid([2; 16])], [Gid([3; 16])]);
        let query =
            MultiPathRecordQuery::new(&sources, &destinations).unwrap().number_of_paths(4).service_id(9);
        let mad = query.emit(headers()).unwrap();
        let view = SaMadView::new(&mad).unwrap();
        assert_eq!(view.sa().component_mask(), 1 << 19 | 1 << 20 | 1 << 6 | 1 << 16 | 1 << 21);
        let expected = MultiPathRecord {
            source_gid_count: 2,
            destination_gid_count: 1,
            number_of_paths: 4,
            service_id: 9,
            ..MultiPathRecord::default()
        };
        assert_eq!(MultiPathRecord::parse(view.data()), Ok(expected));
        let gids = MultiPathGids::parse(view.data()).unwrap();
        assert!(gids.sources().eq(sources) && gids.destinations().eq(destinations));
        assert_eq!(mad[128..], [0; 128]);
    }

    #[test]
    fn eleven_ports_fit_and_no_more() {
        let gids = [Gid([7; 16]); 11];
        let query = MultiPathRecordQuery::new(&gids[..5], &gids[5..]).unwrap();
        assert_eq!(query.emit(headers()).unwrap()[80..], [7; 176]);
        let error = BufferTooSmall { what: "MultiPathRecord", needed: 216, got: 200 };
        assert_eq!(MultiPathRecordQuery::new(&gids, &gids[..1]), Err(error));
    }
}
