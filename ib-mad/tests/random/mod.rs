//! Random attributes: every field takes every value that it can have.

mod attributes;
mod communication;
mod records;
mod tables;
mod traps;
mod value;

pub(crate) use value::Value;

use ib_mad::wire::{AttributeId, DirectedRouteSmp, MAX_HOPS, MadHeader, ManagementClass, Method, Status};
use ib_mad::{Lid, MKey, TransactionId};
use quickcheck::{Arbitrary, Gen};

/// A number: as often an extreme as any other.
pub(crate) fn any<T: Arbitrary>(g: &mut Gen) -> T {
    T::arbitrary(g)
}

pub(crate) fn bytes<const N: usize>(g: &mut Gen) -> [u8; N] {
    core::array::from_fn(|_| any(g))
}

impl Value for DirectedRouteSmp {
    fn random(g: &mut Gen, _bits: u32) -> Self {
        let class = ManagementClass::SUBNET_DIRECTED_ROUTE;
        Self {
            header: MadHeader {
                status: Status(any::<u16>(g) & 0x7FFF),
                ..MadHeader::request(
                    class,
                    Method(any(g)),
                    AttributeId(any(g)),
                    any(g),
                    TransactionId(any(g)),
                )
            },
            is_returning: any(g),
            hop_pointer: any(g),
            hop_count: any::<u8>(g) & MAX_HOPS,
            m_key: MKey(any(g)),
            source_lid: Lid(any(g)),
            destination_lid: Lid(any(g)),
            initial_path: bytes(g),
            return_path: bytes(g),
        }
    }
}
