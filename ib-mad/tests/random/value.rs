//! Random values of fields, each as wide as the field is.

use ib_mad::wire::{
    ADDITIONAL_INFORMATION_LENGTH, AdditionalInformation, AlternatePathStatus, AttributeId,
    ClassCapabilityMask, ClassCapabilityMask2, FailoverAccepted, JoinState, LocalChangeFlags,
    ManagementClass, MessageMraed, MessageRejected, Method, NodeDescription, NodeType, NoticeType,
    PathRecordMask, PortCapabilityMask, PortPhysicalState, PortState, PrivateData, RejectReason, RmppFlags,
    RmppStatus, RmppType, ServiceIdResolutionStatus, ServiceName, SmState, Status, TransportServiceType,
    TrapNumber,
};
use ib_mad::{
    CommunicationId, Eecn, Gid, Guid, Lid, MKey, Mtu, PKey, PacketLifetime, Psn, QKey, Qpn, Rate, Selector,
    ServiceKey, ServiceLevel, SmKey, TimeoutValue, TransactionId, VirtualLane,
};
use quickcheck::Gen;

use super::{any, bytes};

/// A type that fields have.
pub(crate) trait Value: Sized {
    /// Any value, of `bits` bits at most.
    fn random(g: &mut Gen, bits: u32) -> Self;

    /// Any value of the type.
    fn whole(g: &mut Gen) -> Self {
        Self::random(g, 64)
    }
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
    MKey: |n| Self(n);
    SmKey: |n| Self(n);
    TransactionId: |n| Self(n);
    VirtualLane: |n| Self::new(n as u8 & 0xF).unwrap();
    PacketLifetime: |n| Self(n as u8);
    ManagementClass: |n| Self(n as u8);
    Method: |n| Self(n as u8);
    Status: |n| Self(n as u16);
    AttributeId: |n| Self(n as u16);
    RmppType: |n| (n as u8).into();
    RmppFlags: |n| Self(n as u8);
    RmppStatus: |n| Self(n as u8);
    NodeType: |n| (n as u8).into();
    PortState: |n| Self(n as u8);
    PortPhysicalState: |n| Self(n as u8);
    PortCapabilityMask: |n| Self(n as u32);
    ClassCapabilityMask: |n| Self(n as u16);
    ClassCapabilityMask2: |n| Self(n as u32);
    NoticeType: |n| Self(n as u16);
    TrapNumber: |n| Self(n as u16);
    LocalChangeFlags: |n| Self(n as u16);
    PathRecordMask: |n| Self(n);
    SmState: |n| Self(n as u8);
    JoinState: |n| Self(n as u8);
}

/// Types that stand for bytes.
macro_rules! byte_strings {
    ($($type:ty),+) => { $(
        impl Value for $type {
            fn random(g: &mut Gen, _bits: u32) -> Self {
                Self(bytes(g))
            }
        }
    )+ };
}

byte_strings! { Gid, NodeDescription, ServiceKey, ServiceName }

impl Value for Selector {
    fn random(g: &mut Gen, _bits: u32) -> Self {
        *g.choose(&[Self::GreaterThan, Self::LessThan, Self::Exactly, Self::Best]).unwrap()
    }
}

impl<T: Value, const N: usize> Value for [T; N] {
    /// `bits` is the width of each.
    fn random(g: &mut Gen, bits: u32) -> Self {
        core::array::from_fn(|_| T::random(g, bits))
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

/// Structures by their fields; a field that is narrower than its type has its width behind it.
macro_rules! structures {
    ($($type:ident { $($field:ident $(: $bits:literal)?),+ $(,)? })+) => { $(
        impl $crate::random::Value for ib_mad::wire::$type {
            fn random(g: &mut quickcheck::Gen, _bits: u32) -> Self {
                Self { $($field: $crate::random::Value::random(g, structures!(bits $($bits)?)),)+ }
            }
        }
    )+ };
    (bits) => { 64 };
    (bits $bits:literal) => { $bits };
}
pub(crate) use structures;
