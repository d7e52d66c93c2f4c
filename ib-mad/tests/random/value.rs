//! Random values of fields, each as wide as the field is.

use ib_mad::wire::{
    ADDITIONAL_INFORMATION_LENGTH, AdditionalInformation, AlternatePathStatus, FailoverAccepted,
    MessageMraed, MessageRejected, PrivateData, RejectReason, ServiceIdResolutionStatus,
    TransportServiceType,
};
use ib_mad::{
    CommunicationId, Eecn, Gid, Guid, Lid, Mtu, PKey, Psn, QKey, Qpn, Rate, ServiceLevel, TimeoutValue,
};
use quickcheck::Gen;

use super::{any, bytes};

/// A type that fields have.
pub(crate) trait Value {
    /// Any value, of `bits` bits at most.
    fn random(g: &mut Gen, bits: u32) -> Self;
}

/// Types that stand for a number.
macro_rules! numbers {
    ($($type:ty: |$number:ident| $make:expr;)+) => { $(
        impl Value for $type {
            fn random(g: &mut Gen, bits: u32) -> Self {
                let $number = any::<u64>(g) & (u64::MAX >> (64 - bits));
                $make
            }
        }
    )+ };
}

numbers! {
    u8: |n| n as u8;
    u16: |n| n as u16;
    u32: |n| n as u32;
    u64: |n| n;
    bool: |n| n & 1 != 0;
    Lid: |n| Self(n as u16);
    Guid: |n| Self(n);
    PKey: |n| Self(n as u16);
    QKey: |n| Self(n as u32);
    Qpn: |n| Self::new(n as u32 & 0xFF_FFFF).unwrap();
    Psn: |n| Self::new(n as u32 & 0xFF_FFFF).unwrap();
    Eecn: |n| Self::new(n as u32 & 0xFF_FFFF).unwrap();
    ServiceLevel: |n| Self::new(n as u8 & 0xF).unwrap();
    TimeoutValue: |n| Self::new(n as u8 & 0x1F).unwrap();
    Mtu: |n| Self(n as u8);
    Rate: |n| Self(n as u8);
    CommunicationId: |n| Self(n as u32);
    TransportServiceType: |n| Self(n as u8);
    FailoverAccepted: |n| Self(n as u8);
    MessageMraed: |n| Self(n as u8);
    MessageRejected: |n| Self(n as u8);
    RejectReason: |n| Self(n as u16);
    AlternatePathStatus: |n| Self(n as u8);
    ServiceIdResolutionStatus: |n| Self(n as u8);
}

impl Value for Gid {
    fn random(g: &mut Gen, _bits: u32) -> Self {
        Self(bytes(g))
    }
}

impl<const N: usize> Value for PrivateData<N> {
    fn random(g: &mut Gen, _bits: u32) -> Self {
        Self(bytes(g))
    }
}

impl Value for AdditionalInformation {
    /// `bits` is the width of the length.
    fn random(g: &mut Gen, bits: u32) -> Self {
        Self { length: u8::random(g, bits), data: bytes::<ADDITIONAL_INFORMATION_LENGTH>(g) }
    }
}

/// Structures by their fields; a field that is narrower than its type has its width behind it. Each gets a function of its
/// name, and is a value itself.
macro_rules! structures {
    ($($name:ident: $type:ident { $($field:ident $(: $bits:literal)?),+ $(,)? })+) => { $(
        pub(crate) fn $name(g: &mut quickcheck::Gen) -> ib_mad::wire::$type {
            ib_mad::wire::$type {
                $($field: $crate::random::Value::random(g, structures!(bits $($bits)?)),)+
            }
        }

        impl $crate::random::Value for ib_mad::wire::$type {
            fn random(g: &mut quickcheck::Gen, _bits: u32) -> Self {
                $name(g)
            }
        }
    )+ };
    (bits) => { 64 };
    (bits $bits:literal) => { $bits };
}
pub(crate) use structures;
