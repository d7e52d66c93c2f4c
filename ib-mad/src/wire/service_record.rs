//! ServiceRecord (IBTA volume 1, 15.2.5.14): a service that a port offers.

use zerocopy::big_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{Attribute, AttributeId, ComponentMask, Query, Record, ServiceName};
use crate::types::{Gid, PKey, ServiceKey};

/// The record as it lies in a datagram.
#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct ServiceRecordView {
    service_id: U64,
    service_gid: [u8; 16],
    service_p_key: U16,
    reserved: U16,
    service_lease: U32,
    service_key: [u8; 16],
    service_name: [u8; 64],
    data8: [u8; 16],
    data16: [U16; 8],
    data32: [U32; 4],
    data64: [U64; 2],
}

const _: () = assert!(size_of::<ServiceRecordView>() == 176);

impl ServiceRecordView {
    /// The service.
    #[inline]
    pub fn service_id(&self) -> u64 {
        self.service_id.get()
    }
    /// Port that offers it.
    #[inline]
    pub fn service_gid(&self) -> Gid {
        Gid(self.service_gid)
    }
    /// Partition that it is offered in.
    #[inline]
    pub fn service_p_key(&self) -> PKey {
        PKey(self.service_p_key.get())
    }
    /// Seconds that the registration lasts; 0xFFFFFFFF for ever.
    #[inline]
    pub fn service_lease(&self) -> u32 {
        self.service_lease.get()
    }
    /// Key that a change must present; 0 for none, and to whoever is not trusted.
    #[inline]
    pub fn service_key(&self) -> ServiceKey {
        ServiceKey(self.service_key)
    }
    /// Name of the service.
    #[inline]
    pub fn service_name(&self) -> ServiceName {
        ServiceName(self.service_name)
    }
    /// The service's own words of 8 bits.
    #[inline]
    pub fn data8(&self) -> [u8; 16] {
        self.data8
    }
    /// The service's own words of 16 bits.
    #[inline]
    pub fn data16(&self) -> [u16; 8] {
        self.data16.map(|word| word.get())
    }
    /// The service's own words of 32 bits.
    #[inline]
    pub fn data32(&self) -> [u32; 4] {
        self.data32.map(|word| word.get())
    }
    /// The service's own words of 64 bits.
    #[inline]
    pub fn data64(&self) -> [u64; 2] {
        self.data64.map(|word| word.get())
    }
}

/// A service that a port offers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceRecord {
    /// The service.
    pub service_id: u64,
    /// Port that offers it.
    pub service_gid: Gid,
    /// Partition that it is offered in.
    pub service_p_key: PKey,
    /// Seconds that the registration lasts; 0xFFFFFFFF for ever.
    pub service_lease: u32,
    /// Key that a change must present; 0 for none, and to whoever is not trusted.
    pub service_key: ServiceKey,
    /// Name of the service.
    pub service_name: ServiceName,
    /// The service's own words of 8 bits.
    pub data8: [u8; 16],
    /// The service's own words of 16 bits.
    pub data16: [u16; 8],
    /// The service's own words of 32 bits.
    pub data32: [u32; 4],
    /// The service's own words of 64 bits.
    pub data64: [u64; 2],
}

impl Attribute for ServiceRecord {
    type View = ServiceRecordView;
    const NAME: &'static str = "ServiceRecord";

    fn from_view(view: &ServiceRecordView) -> Self {
        Self {
            service_id: view.service_id(),
            service_gid: view.service_gid(),
            service_p_key: view.service_p_key(),
            service_lease: view.service_lease(),
            service_key: view.service_key(),
            service_name: view.service_name(),
            data8: view.data8(),
            data16: view.data16(),
            data32: view.data32(),
            data64: view.data64(),
        }
    }

    fn to_view(&self) -> ServiceRecordView {
        ServiceRecordView {
            service_id: U64::new(self.service_id),
            service_gid: self.service_gid.0,
            service_p_key: U16::new(self.service_p_key.0),
            reserved: U16::ZERO,
            service_lease: U32::new(self.service_lease),
            service_key: self.service_key.0,
            service_name: self.service_name.0,
            data8: self.data8,
            data16: self.data16.map(U16::new),
            data32: self.data32.map(U32::new),
            data64: self.data64.map(U64::new),
        }
    }
}

/// Component mask of a ServiceRecord.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceRecordMask(pub u64);

impl ServiceRecordMask {
    /// Service.
    pub const SERVICE_ID: Self = Self(1);
    /// Port.
    pub const SERVICE_GID: Self = Self(1 << 1);
    /// Partition.
    pub const SERVICE_P_KEY: Self = Self(1 << 2);
    /// Lease.
    pub const SERVICE_LEASE: Self = Self(1 << 4);
    /// Key.
    pub const SERVICE_KEY: Self = Self(1 << 5);
    /// Name.
    pub const SERVICE_NAME: Self = Self(1 << 6);
    /// All words of 8 bits; the first of them has the lowest bit.
    pub const DATA8: Self = Self(0xFFFF << 7);
    /// All words of 16 bits; the first of them has the lowest bit.
    pub const DATA16: Self = Self(0xFF << 23);
    /// All words of 32 bits; the first of them has the lowest bit.
    pub const DATA32: Self = Self(0xF << 31);
    /// All words of 64 bits; the first of them has the lowest bit.
    pub const DATA64: Self = Self(0b11 << 35);

    /// Whether all components of `other` are in the mask.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl ComponentMask for ServiceRecordMask {
    fn from_bits(bits: u64) -> Self {
        Self(bits)
    }
    fn bits(self) -> u64 {
        self.0
    }
}

/// A query for services: each method adds one component to match.
pub type ServiceRecordQuery = Query<ServiceRecord>;

impl Record for ServiceRecord {
    type Mask = ServiceRecordMask;
    const ATTRIBUTE: AttributeId = AttributeId::SERVICE_RECORD;
}

impl ServiceRecordQuery {
    /// Registrations of a service.
    pub fn service_id(self, id: u64) -> Self {
        self.with(ServiceRecordMask::SERVICE_ID, |record| record.service_id = id)
    }
    /// Services of a port.
    pub fn service_gid(self, gid: Gid) -> Self {
        self.with(ServiceRecordMask::SERVICE_GID, |record| record.service_gid = gid)
    }
    /// Services in a partition.
    pub fn service_p_key(self, key: PKey) -> Self {
        self.with(ServiceRecordMask::SERVICE_P_KEY, |record| record.service_p_key = key)
    }
    /// Services with a lease.
    pub fn service_lease(self, seconds: u32) -> Self {
        self.with(ServiceRecordMask::SERVICE_LEASE, |record| record.service_lease = seconds)
    }
    /// Services with a key.
    pub fn service_key(self, key: ServiceKey) -> Self {
        self.with(ServiceRecordMask::SERVICE_KEY, |record| record.service_key = key)
    }
    /// Services with a name.
    pub fn service_name(self, name: ServiceName) -> Self {
        self.with(ServiceRecordMask::SERVICE_NAME, |record| record.service_name = name)
    }
    /// Services by some of the 16 words of 8 bits: those that are `Some`.
    pub fn data8(self, words: [Option<u8>; 16]) -> Self {
        self.words(7, words, |record| &mut record.data8)
    }
    /// Services by some of the 8 words of 16 bits: those that are `Some`.
    pub fn data16(self, words: [Option<u16>; 8]) -> Self {
        self.words(23, words, |record| &mut record.data16)
    }
    /// Services by some of the 4 words of 32 bits: those that are `Some`.
    pub fn data32(self, words: [Option<u32>; 4]) -> Self {
        self.words(31, words, |record| &mut record.data32)
    }
    /// Services by some of the 2 words of 64 bits: those that are `Some`.
    pub fn data64(self, words: [Option<u64>; 2]) -> Self {
        self.words(35, words, |record| &mut record.data64)
    }

    /// Each word has a bit of its own, from `first_bit` on.
    fn words<T: Copy, const N: usize>(
        self,
        first_bit: u32,
        words: [Option<T>; N],
        data: impl Fn(&mut ServiceRecord) -> &mut [T; N],
    ) -> Self {
        words.into_iter().zip(first_bit..).zip(0..).fold(self, |query, ((word, bit), index)| {
            let Some(word) = word else { return query };
            query.with(ServiceRecordMask(1 << bit), |record| {
                if let Some(to) = data(record).get_mut::<usize>(index) {
                    *to = word;
                }
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_where_the_layout_says() {
        let record = ServiceRecord {
            service_id: 0x0102_0304_0506_0708,
            service_gid: Gid([0x11; 16]),
            service_p_key: PKey(0x1213),
            service_lease: 0x1415_1617,
            service_key: ServiceKey([0x18; 16]),
            service_name: ServiceName::new("abc"),
            data8: core::array::from_fn(|i| i as u8),
            data16: [0x2122; 8],
            data32: [0x3132_3334; 4],
            data64: [0x4142_4344_4546_4748, 0x5152_5354_5556_5758],
        };
        let mut out = [0xFF; 176];
        assert_eq!(record.emit(&mut out), Ok(176));
        assert_eq!(out[..9], [1, 2, 3, 4, 5, 6, 7, 8, 0x11]);
        assert_eq!(out[23..33], [0x11, 0x12, 0x13, 0, 0, 0x14, 0x15, 0x16, 0x17, 0x18]);
        assert_eq!(out[47..52], [0x18, b'a', b'b', b'c', 0]);
        assert_eq!(out[111..114], [0, 0, 1]);
        assert_eq!(out[127..130], [15, 0x21, 0x22]);
        assert_eq!(out[143..148], [0x22, 0x31, 0x32, 0x33, 0x34]);
        assert_eq!(out[159..162], [0x34, 0x41, 0x42]);
        assert_eq!(out[174..], [0x57, 0x58]);
        assert_eq!(ServiceRecord::parse(&out), Ok(record));
    }

    #[test]
    fn a_query_carries_what_it_was_given_and_no_more() {
        assert_eq!(ServiceRecordQuery::new().component_mask(), 0);
        let name = ServiceName::new("storage");
        let query = ServiceRecordQuery::new().service_name(name).data16([
            None,
            Some(7),
            None,
            None,
            None,
            None,
            None,
            Some(9),
        ]);
        assert_eq!(query.component_mask(), 1 << 6 | 1 << 24 | 1 << 30);
        let expected = ServiceRecord {
            service_name: name,
            data16: [0, 7, 0, 0, 0, 0, 0, 9],
            ..ServiceRecord::default()
        };
        assert_eq!(*query.template(), expected);
    }

    #[test]
    fn all_words_are_the_whole_of_their_mask() {
        let all = ServiceRecordQuery::new().data8([Some(1); 16]).data32([Some(1); 4]).data64([Some(1); 2]);
        let expected = ServiceRecordMask::DATA8.0 | ServiceRecordMask::DATA32.0 | ServiceRecordMask::DATA64.0;
        assert_eq!(all.component_mask(), expected);
        let all = ServiceRecordQuery::new().data16([Some(1); 8]);
        assert_eq!(all.mask(), ServiceRecordMask::DATA16);
    }
}
