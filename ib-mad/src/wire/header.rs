//! The header that every management datagram starts with (IBTA volume 1, 13.4.3, figure 139).

use core::fmt;
use zerocopy::big_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{Attribute, AttributeId, Status};
use crate::types::TransactionId;

/// Class of a datagram: who is to handle it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ManagementClass(pub u8);

impl ManagementClass {
    /// Subnet management, LID routed.
    pub const SUBNET_LID_ROUTED: Self = Self(0x01);
    /// Subnet administration.
    pub const SUBNET_ADMINISTRATION: Self = Self(0x03);
    /// Performance management.
    pub const PERFORMANCE: Self = Self(0x04);
    /// Communication management.
    pub const COMMUNICATION: Self = Self(0x07);
    /// Subnet management, directed route.
    pub const SUBNET_DIRECTED_ROUTE: Self = Self(0x81);

    /// The class's short name, for dumps.
    pub const fn name(self) -> &'static str {
        match self.0 {
            0x01 => "Subn",
            0x81 => "Subn directed route",
            0x03 => "SubnAdm",
            0x04 => "Perf",
            0x05 => "BoardMgt",
            0x06 => "DevMgt",
            0x07 => "ComMgt",
            0x08 => "SNMP",
            0x10 => "DevAdm",
            0x11 => "BootMgt",
            0x12 => "BIS",
            0x21 => "CongestionMgt",
            0x09..=0x0F | 0x30..=0x4F => "Vendor",
            _ => "class",
        }
    }
}

impl fmt::Display for ManagementClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({:#04x})", self.name(), self.0)
    }
}

impl fmt::Debug for ManagementClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What a datagram asks for, or answers (bit 7 set in an answer).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Method(pub u8);

impl Method {
    /// Read an attribute, or the one record that matches.
    pub const GET: Self = Self(0x01);
    /// Write an attribute, or add a record.
    pub const SET: Self = Self(0x02);
    /// Send a message that no method answers: another message does (communication management).
    pub const SEND: Self = Self(0x03);
    /// Answer to Get and Set.
    pub const GET_RESP: Self = Self(0x81);
    /// Something happened; from a node to its manager.
    pub const TRAP: Self = Self(0x05);
    /// Something happened that the receiver subscribed to; from a manager.
    pub const REPORT: Self = Self(0x06);
    /// Answer to a Report.
    pub const REPORT_RESP: Self = Self(0x86);
    /// Answer to a trap: do not repeat it.
    pub const TRAP_REPRESS: Self = Self(0x07);
    /// Read every record that matches.
    pub const GET_TABLE: Self = Self(0x12);
    /// Answer to GetTable.
    pub const GET_TABLE_RESP: Self = Self(0x92);
    /// Ask for paths between several ports.
    pub const GET_MULTI: Self = Self(0x14);
    /// Answer to GetMulti.
    pub const GET_MULTI_RESP: Self = Self(0x94);
    /// Remove a record.
    pub const DELETE: Self = Self(0x15);
    /// Answer to Delete.
    pub const DELETE_RESP: Self = Self(0x95);

    /// Whether this answers a request.
    pub const fn is_response(self) -> bool {
        self.0 & 0x80 != 0
    }

    /// The method that answers this one.
    pub const fn response(self) -> Self {
        match self {
            // Set is answered with GetResp; there is no SetResp.
            Self::SET => Self::GET_RESP,
            other => Self(other.0 | 0x80),
        }
    }

    /// The standard's name, for dumps.
    pub const fn name(self) -> &'static str {
        match self {
            Self::GET => "Get",
            Self::SET => "Set",
            Self::SEND => "Send",
            Self::GET_RESP => "GetResp",
            Self::TRAP => "Trap",
            Self::REPORT => "Report",
            Self::REPORT_RESP => "ReportResp",
            Self::TRAP_REPRESS => "TrapRepress",
            Self::GET_TABLE => "GetTable",
            Self::GET_TABLE_RESP => "GetTableResp",
            Self::GET_MULTI => "GetMulti",
            Self::GET_MULTI_RESP => "GetMultiResp",
            Self::DELETE => "Delete",
            Self::DELETE_RESP => "DeleteResp",
            Self(0x13) => "GetTraceTable",
            Self(0x93) => "GetTraceTableResp",
            _ => "method",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({:#04x})", self.name(), self.0)
    }
}

impl fmt::Debug for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The common header as it lies in a datagram.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct MadHeaderView {
    base_version: u8,
    class: u8,
    class_version: u8,
    method: u8,
    status: U16,
    class_specific: U16,
    transaction_id: U64,
    attribute_id: U16,
    reserved: U16,
    attribute_modifier: U32,
}

const _: () = assert!(size_of::<MadHeaderView>() == 24);

impl MadHeaderView {
    /// Base version, class, class version and method, as one number with the base version lowest.
    #[inline]
    pub(super) fn start(&self) -> u32 {
        let bytes: &[u8; 24] = zerocopy::transmute_ref!(self);
        bytes.first_chunk().copied().map_or(0, u32::from_le_bytes)
    }

    /// Version of the header: 1.
    #[inline]
    pub fn base_version(&self) -> u8 {
        self.base_version
    }
    /// Class.
    #[inline]
    pub fn class(&self) -> ManagementClass {
        ManagementClass(self.class)
    }
    /// Version of the class: 2 for subnet administration and communication management, 1 for the others.
    #[inline]
    pub fn class_version(&self) -> u8 {
        self.class_version
    }
    /// Method.
    #[inline]
    pub fn method(&self) -> Method {
        Method(self.method)
    }
    /// Status; in a directed route packet with its direction bit.
    #[inline]
    pub fn status(&self) -> Status {
        Status(self.status.get())
    }
    /// Hop pointer and hop count of a directed route packet, 0 elsewhere.
    #[inline]
    pub fn class_specific(&self) -> u16 {
        self.class_specific.get()
    }
    /// Transaction id.
    #[inline]
    pub fn transaction_id(&self) -> TransactionId {
        TransactionId(self.transaction_id.get())
    }
    /// Attribute.
    #[inline]
    pub fn attribute_id(&self) -> AttributeId {
        AttributeId(self.attribute_id.get())
    }
    /// Attribute modifier.
    #[inline]
    pub fn attribute_modifier(&self) -> u32 {
        self.attribute_modifier.get()
    }
}

/// The common header.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct MadHeader {
    /// Version of the header: 1.
    pub base_version: u8,
    /// Class.
    pub class: ManagementClass,
    /// Version of the class: 2 for subnet administration and communication management, 1 for the others.
    pub class_version: u8,
    /// Method.
    pub method: Method,
    /// Status, zero in a request; in a directed route packet with its direction bit.
    pub status: Status,
    /// Hop pointer and hop count of a directed route packet, 0 elsewhere.
    pub class_specific: u16,
    /// Transaction id.
    pub transaction_id: TransactionId,
    /// Attribute.
    pub attribute_id: AttributeId,
    /// Attribute modifier.
    pub attribute_modifier: u32,
}

impl MadHeader {
    /// Header of a request, with the class version that the class has.
    pub const fn request(
        class: ManagementClass,
        method: Method,
        attribute_id: AttributeId,
        attribute_modifier: u32,
        transaction_id: TransactionId,
    ) -> Self {
        let class_version = match class {
            ManagementClass::SUBNET_ADMINISTRATION | ManagementClass::COMMUNICATION => 2,
            _ => 1,
        };
        Self {
            base_version: 1,
            class,
            class_version,
            method,
            status: Status::OK,
            class_specific: 0,
            transaction_id,
            attribute_id,
            attribute_modifier,
        }
    }
}

impl Attribute for MadHeader {
    type View = MadHeaderView;
    const NAME: &'static str = "MAD header";

    fn from_view(view: &MadHeaderView) -> Self {
        Self {
            base_version: view.base_version(),
            class: view.class(),
            class_version: view.class_version(),
            method: view.method(),
            status: view.status(),
            class_specific: view.class_specific(),
            transaction_id: view.transaction_id(),
            attribute_id: view.attribute_id(),
            attribute_modifier: view.attribute_modifier(),
        }
    }

    fn to_view(&self) -> MadHeaderView {
        MadHeaderView {
            base_version: self.base_version,
            class: self.class.0,
            class_version: self.class_version,
            method: self.method.0,
            status: U16::new(self.status.0),
            class_specific: U16::new(self.class_specific),
            transaction_id: U64::new(self.transaction_id.0),
            attribute_id: U16::new(self.attribute_id.0),
            reserved: U16::ZERO,
            attribute_modifier: U32::new(self.attribute_modifier),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_written() {
        let header = MadHeader {
            status: Status(0x8001),
            class_specific: 0x0203,
            ..MadHeader::request(
                ManagementClass::SUBNET_ADMINISTRATION,
                Method::GET,
                AttributeId::PATH_RECORD,
                0x0A0B_0C0D,
                TransactionId(0x1112_1314_1516_1718),
            )
        };
        let mut out = [0xFF; 24];
        assert_eq!(header.emit(&mut out), Ok(24));
        let expected = [
            1, 3, 2, 1, 0x80, 1, 2, 3, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0, 0x35, 0, 0, 0xA,
            0xB, 0xC, 0xD,
        ];
        assert_eq!(out, expected);
        assert_eq!(MadHeader::parse(&out), Ok(header));
    }

    #[test]
    fn short_buffers_are_refused_and_left_alone() {
        let header = MadHeader::request(
            ManagementClass::SUBNET_LID_ROUTED,
            Method::GET,
            AttributeId::NODE_INFO,
            0,
            TransactionId(1),
        );
        let mut out = [0xFF; 23];
        assert!(header.emit(&mut out).is_err());
        assert_eq!(out, [0xFF; 23]);
        assert!(MadHeader::parse(&out).is_err());
    }

    #[test]
    fn answers_have_the_response_bit() {
        assert_eq!(Method::GET.response(), Method::GET_RESP);
        assert_eq!(Method::SET.response(), Method::GET_RESP);
        assert_eq!(Method::REPORT.response(), Method::REPORT_RESP);
        assert_eq!(Method::GET_TABLE.response(), Method::GET_TABLE_RESP);
    }
}
