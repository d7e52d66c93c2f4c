//! Values as the bytes that stand for them, most significant first.

use ib_mad::wire::{
    AlternatePathStatus, AttributeId, ClassCapabilityMask, ClassCapabilityMask2, FailoverAccepted, JoinState,
    LocalChangeFlags, ManagementClass, MessageMraed, MessageRejected, Method, NodeDescription, NodeType,
    NoticeType, PathRecordMask, PortCapabilityMask, PortPhysicalState, PortState, PrivateData, RejectReason,
    RmppFlags, RmppStatus, RmppType, ServiceIdResolutionStatus, ServiceName, SmState, Status,
    TransportServiceType,
};
use ib_mad::{
    CommunicationId, Eecn, Gid, Guid, Lid, MKey, Mtu, PKey, PacketLifetime, Psn, QKey, Qpn, Rate, Selector,
    ServiceKey, ServiceLevel, SmKey, TimeoutValue, TransactionId, VirtualLane,
};

/// A value that a field can have.
pub trait FieldValue: Sized {
    /// Its bytes, with as many leading zeros as its type happens to have.
    fn to_bytes(&self) -> Vec<u8>;
    /// The value that `bytes` stands for; there may be fewer than its type has.
    fn from_bytes(bytes: &[u8]) -> Self;
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

macro_rules! numbers {
    ($($type:ty),+) => { $(
        impl FieldValue for $type {
            fn to_bytes(&self) -> Vec<u8> {
                self.to_be_bytes().to_vec()
            }
            fn from_bytes(bytes: &[u8]) -> Self {
                number(bytes).try_into().expect("no field is wider than its type")
            }
        }
    )+ };
}
numbers!(u8, u16, u32, u64);

/// Types that stand for another one: how to get at it, and how to make one of it.
macro_rules! newtypes {
    ($($type:ty: $inner:ty, |$value:ident| $get:expr, |$number:ident| $make:expr;)+) => { $(
        impl FieldValue for $type {
            fn to_bytes(&self) -> Vec<u8> {
                let $value = *self;
                <$inner>::to_bytes(&$get)
            }
            fn from_bytes(bytes: &[u8]) -> Self {
                let $number = <$inner>::from_bytes(bytes);
                $make
            }
        }
    )+ };
}

newtypes! {
    bool: u8, |v| u8::from(v), |n| n != 0;
    Lid: u16, |v| v.0, |n| Self(n);
    Guid: u64, |v| v.0, |n| Self(n);
    MKey: u64, |v| v.0, |n| Self(n);
    SmKey: u64, |v| v.0, |n| Self(n);
    PKey: u16, |v| v.0, |n| Self(n);
    QKey: u32, |v| v.0, |n| Self(n);
    Qpn: u32, |v| v.get(), |n| Self::new(n).expect("24 bits");
    VirtualLane: u8, |v| v.get(), |n| Self::new(n).expect("4 bits");
    SmState: u8, |v| v.0, |n| Self(n);
    JoinState: u8, |v| v.0, |n| Self(n);
    ServiceKey: [u8; 16], |v| v.0, |n| Self(n);
    ServiceName: [u8; 64], |v| v.0, |n| Self(n);
    ServiceLevel: u8, |v| v.get(), |n| Self::new(n).expect("4 bits");
    Mtu: u8, |v| v.0, |n| Self(n);
    Rate: u8, |v| v.0, |n| Self(n);
    PacketLifetime: u8, |v| v.0, |n| Self(n);
    TransactionId: u64, |v| v.0, |n| Self(n);
    ManagementClass: u8, |v| v.0, |n| Self(n);
    Method: u8, |v| v.0, |n| Self(n);
    Status: u16, |v| v.0, |n| Self(n);
    AttributeId: u16, |v| v.0, |n| Self(n);
    RmppType: u8, |v| v.into(), |n| n.into();
    RmppFlags: u8, |v| v.0, |n| Self(n);
    RmppStatus: u8, |v| v.0, |n| Self(n);
    NodeType: u8, |v| v.into(), |n| n.into();
    NoticeType: u16, |v| v.0, |n| Self(n);
    PortCapabilityMask: u32, |v| v.0, |n| Self(n);
    PortState: u8, |v| v.0, |n| Self(n);
    PortPhysicalState: u8, |v| v.0, |n| Self(n);
    ClassCapabilityMask: u16, |v| v.0, |n| Self(n);
    ClassCapabilityMask2: u32, |v| v.0, |n| Self(n);
    LocalChangeFlags: u16, |v| v.0, |n| Self(n);
    PathRecordMask: u64, |v| v.0, |n| Self(n);
    Selector: u8, |v| selector_number(v), |n| SELECTORS[usize::from(n)];
    CommunicationId: u32, |v| v.0, |n| Self(n);
    Psn: u32, |v| v.get(), |n| Self::new(n).expect("24 bits");
    Eecn: u32, |v| v.get(), |n| Self::new(n).expect("24 bits");
    TimeoutValue: u8, |v| v.get(), |n| Self::new(n).expect("5 bits");
    TransportServiceType: u8, |v| v.0, |n| Self(n);
    MessageMraed: u8, |v| v.0, |n| Self(n);
    MessageRejected: u8, |v| v.0, |n| Self(n);
    RejectReason: u16, |v| v.0, |n| Self(n);
    FailoverAccepted: u8, |v| v.0, |n| Self(n);
    AlternatePathStatus: u8, |v| v.0, |n| Self(n);
    ServiceIdResolutionStatus: u8, |v| v.0, |n| Self(n);
    Gid: [u8; 16], |v| v.0, |n| Self(n);
    NodeDescription: [u8; 64], |v| v.0, |n| Self(n);
}

const SELECTORS: [Selector; 4] =
    [Selector::GreaterThan, Selector::LessThan, Selector::Exactly, Selector::Best];

fn selector_number(selector: Selector) -> u8 {
    match selector {
        Selector::GreaterThan => 0,
        Selector::LessThan => 1,
        Selector::Exactly => 2,
        Selector::Best => 3,
    }
}

impl<const N: usize> FieldValue for [u8; N] {
    fn to_bytes(&self) -> Vec<u8> {
        self.to_vec()
    }
    fn from_bytes(bytes: &[u8]) -> Self {
        bytes.try_into().expect("as many bytes as the field has")
    }
}

impl<const N: usize> FieldValue for PrivateData<N> {
    fn to_bytes(&self) -> Vec<u8> {
        self.0.to_vec()
    }
    fn from_bytes(bytes: &[u8]) -> Self {
        Self(FieldValue::from_bytes(bytes))
    }
}

/// Arrays of values that are wider than a byte.
macro_rules! arrays {
    ($($type:ty: $bytes:literal),+ $(,)?) => { $(
        impl<const N: usize> FieldValue for [$type; N] {
            fn to_bytes(&self) -> Vec<u8> {
                self.iter().flat_map(FieldValue::to_bytes).collect()
            }
            fn from_bytes(bytes: &[u8]) -> Self {
                core::array::from_fn(|i| FieldValue::from_bytes(&bytes[i * $bytes..(i + 1) * $bytes]))
            }
        }
    )+ };
}
arrays! { u16: 2, u32: 4, u64: 8, PKey: 2 }
