use core::fmt;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::ManagementClass;
use crate::error::{BufferTooSmall, DecodeError};

/// Number of an attribute. The same number can name two: 0x12 is a switch's SwitchInfo to its agent, a PortInfoRecord
/// to subnet administration.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AttributeId(pub u16);

impl AttributeId {
    /// ClassPortInfo, in every class.
    pub const CLASS_PORT_INFO: Self = Self(0x01);
    /// Notice, in every class.
    pub const NOTICE: Self = Self(0x02);
    /// InformInfo, in every class.
    pub const INFORM_INFO: Self = Self(0x03);
    /// NodeDescription (subnet management).
    pub const NODE_DESCRIPTION: Self = Self(0x10);
    /// NodeInfo (subnet management).
    pub const NODE_INFO: Self = Self(0x11);
    /// NodeRecord (subnet administration).
    pub const NODE_RECORD: Self = Self(0x11);
    /// SwitchInfo (subnet management).
    pub const SWITCH_INFO: Self = Self(0x12);
    /// PortInfo (subnet management).
    pub const PORT_INFO: Self = Self(0x15);
    /// SwitchInfoRecord (subnet administration).
    pub const SWITCH_INFO_RECORD: Self = Self(0x14);
    /// PortInfoRecord (subnet administration).
    pub const PORT_INFO_RECORD: Self = Self(0x12);
    /// SLtoVLMappingTableRecord (subnet administration).
    pub const SL_TO_VL_MAPPING_RECORD: Self = Self(0x13);
    /// GUIDInfo (subnet management).
    pub const GUID_INFO: Self = Self(0x14);
    /// LinearForwardingTableRecord (subnet administration).
    pub const LINEAR_FORWARDING_TABLE_RECORD: Self = Self(0x15);
    /// P_KeyTable (subnet management).
    pub const P_KEY_TABLE: Self = Self(0x16);
    /// SLtoVLMappingTable (subnet management).
    pub const SL_TO_VL_MAPPING: Self = Self(0x17);
    /// MulticastForwardingTableRecord (subnet administration).
    pub const MULTICAST_FORWARDING_TABLE_RECORD: Self = Self(0x17);
    /// VLArbitrationTable (subnet management).
    pub const VL_ARBITRATION: Self = Self(0x18);
    /// SMInfoRecord (subnet administration).
    pub const SM_INFO_RECORD: Self = Self(0x18);
    /// LinearForwardingTable (subnet management).
    pub const LINEAR_FORWARDING_TABLE: Self = Self(0x19);
    /// MulticastForwardingTable (subnet management).
    pub const MULTICAST_FORWARDING_TABLE: Self = Self(0x1B);
    /// SMInfo (subnet management).
    pub const SM_INFO: Self = Self(0x20);
    /// LinkRecord (subnet administration).
    pub const LINK_RECORD: Self = Self(0x20);
    /// GUIDInfoRecord (subnet administration).
    pub const GUID_INFO_RECORD: Self = Self(0x30);
    /// ServiceRecord (subnet administration).
    pub const SERVICE_RECORD: Self = Self(0x31);
    /// P_KeyTableRecord (subnet administration).
    pub const P_KEY_TABLE_RECORD: Self = Self(0x33);
    /// PathRecord (subnet administration).
    pub const PATH_RECORD: Self = Self(0x35);
    /// VLArbitrationTableRecord (subnet administration).
    pub const VL_ARBITRATION_RECORD: Self = Self(0x36);
    /// MCMemberRecord (subnet administration).
    pub const MC_MEMBER_RECORD: Self = Self(0x38);
    /// MultiPathRecord (subnet administration).
    pub const MULTI_PATH_RECORD: Self = Self(0x3A);
    /// InformInfoRecord (subnet administration).
    pub const INFORM_INFO_RECORD: Self = Self(0xF3);
    /// PortCounters (performance management).
    pub const PORT_COUNTERS: Self = Self(0x12);
    /// PortCountersExtended (performance management).
    pub const PORT_COUNTERS_EXTENDED: Self = Self(0x1D);
    /// ConnectRequest, REQ (communication management).
    pub const CONNECT_REQUEST: Self = Self(0x10);
    /// MsgRcptAck, MRA (communication management).
    pub const MSG_RCPT_ACK: Self = Self(0x11);
    /// ConnectReject, REJ (communication management).
    pub const CONNECT_REJECT: Self = Self(0x12);
    /// ConnectReply, REP (communication management).
    pub const CONNECT_REPLY: Self = Self(0x13);
    /// ReadyToUse, RTU (communication management).
    pub const READY_TO_USE: Self = Self(0x14);
    /// DisconnectRequest, DREQ (communication management).
    pub const DISCONNECT_REQUEST: Self = Self(0x15);
    /// DisconnectReply, DREP (communication management).
    pub const DISCONNECT_REPLY: Self = Self(0x16);
    /// ServiceIDResReq, SIDR_REQ (communication management).
    pub const SERVICE_ID_RESOLUTION_REQUEST: Self = Self(0x17);
    /// ServiceIDResReqResp, SIDR_REP (communication management).
    pub const SERVICE_ID_RESOLUTION_RESPONSE: Self = Self(0x18);
    /// LoadAlternatePath, LAP (communication management).
    pub const LOAD_ALTERNATE_PATH: Self = Self(0x19);
    /// AlternatePathResponse, APR (communication management).
    pub const ALTERNATE_PATH_RESPONSE: Self = Self(0x1A);
    /// ExtPortInfo (subnet management), an attribute of Mellanox.
    pub const EXT_PORT_INFO: Self = Self(0xFF90);

    /// The name that the attribute has in a class; `None` for one that this crate has never heard of.
    pub const fn name(self, class: ManagementClass) -> Option<&'static str> {
        match (self, class) {
            (
                Self::CLASS_PORT_INFO,
                ManagementClass::SUBNET_LID_ROUTED | ManagementClass::SUBNET_DIRECTED_ROUTE,
            ) => None,
            (Self::CLASS_PORT_INFO, _) => Some("ClassPortInfo"),
            (Self::NOTICE, _) => Some("Notice"),
            (Self::INFORM_INFO, _) => Some("InformInfo"),
            (_, ManagementClass::SUBNET_LID_ROUTED | ManagementClass::SUBNET_DIRECTED_ROUTE) => {
                self.subnet_management_name()
            }
            (_, ManagementClass::SUBNET_ADMINISTRATION) => self.subnet_administration_name(),
            (_, ManagementClass::PERFORMANCE) => self.performance_name(),
            (_, ManagementClass::COMMUNICATION) => self.communication_name(),
            _ => None,
        }
    }

    const fn subnet_management_name(self) -> Option<&'static str> {
        Some(match self.0 {
            0x10 => "NodeDescription",
            0x11 => "NodeInfo",
            0x12 => "SwitchInfo",
            0x14 => "GUIDInfo",
            0x15 => "PortInfo",
            0x16 => "P_KeyTable",
            0x17 => "SLtoVLMappingTable",
            0x18 => "VLArbitrationTable",
            0x19 => "LinearForwardingTable",
            0x1A => "RandomForwardingTable",
            0x1B => "MulticastForwardingTable",
            0x1C => "LinkSpeedWidthPairsTable",
            0x1D => "VendorSpecificMadsTable",
            0x20 => "SMInfo",
            0x30 => "VendorDiag",
            0x31 => "LedInfo",
            0x33 => "PortInfoExtended",
            0xFF90 => "ExtPortInfo",
            _ => return None,
        })
    }

    const fn subnet_administration_name(self) -> Option<&'static str> {
        Some(match self.0 {
            0x11 => "NodeRecord",
            0x12 => "PortInfoRecord",
            0x13 => "SLtoVLMappingTableRecord",
            0x14 => "SwitchInfoRecord",
            0x15 => "LinearForwardingTableRecord",
            0x16 => "RandomForwardingTableRecord",
            0x17 => "MulticastForwardingTableRecord",
            0x18 => "SMInfoRecord",
            0x19 => "LinkSpeedWidthPairsTableRecord",
            0x20 => "LinkRecord",
            0x30 => "GUIDInfoRecord",
            0x31 => "ServiceRecord",
            0x33 => "P_KeyTableRecord",
            0x35 => "PathRecord",
            0x36 => "VLArbitrationTableRecord",
            0x38 => "MCMemberRecord",
            0x39 => "TraceRecord",
            0x3A => "MultiPathRecord",
            0x3B => "ServiceAssociationRecord",
            0x3C => "HierarchyInfoRecord",
            0x3D => "CableInfoRecord",
            0x3E => "PortInfoExtendedRecord",
            0xF3 => "InformInfoRecord",
            _ => return None,
        })
    }

    const fn performance_name(self) -> Option<&'static str> {
        Some(match self.0 {
            0x10 => "PortSamplesControl",
            0x11 => "PortSamplesResult",
            0x12 => "PortCounters",
            0x15 => "PortRcvErrorDetails",
            0x16 => "PortXmitDiscardDetails",
            0x17 => "PortOpRcvCounters",
            0x18 => "PortFlowCtlCounters",
            0x19 => "PortVLOpPackets",
            0x1A => "PortVLOpData",
            0x1B => "PortVLXmitFlowCtlUpdateErrors",
            0x1C => "PortVLXmitWaitCounters",
            0x1D => "PortCountersExtended",
            0x1F => "PortExtendedSpeedsCounters",
            0x30 => "SwPortVLCongestion",
            0x31 => "PortRcvConCtrl",
            0x32 => "PortSLRcvFECN",
            0x33 => "PortSLRcvBECN",
            0x34 => "PortXmitConCtrl",
            0x35 => "PortVLXmitTimeCong",
            0x36 => "PortXmitDataSL",
            0x37 => "PortRcvDataSL",
            _ => return None,
        })
    }

    const fn communication_name(self) -> Option<&'static str> {
        Some(match self.0 {
            0x10 => "ConnectRequest",
            0x11 => "MsgRcptAck",
            0x12 => "ConnectReject",
            0x13 => "ConnectReply",
            0x14 => "ReadyToUse",
            0x15 => "DisconnectRequest",
            0x16 => "DisconnectReply",
            0x17 => "ServiceIDResReq",
            0x18 => "ServiceIDResReqResp",
            0x19 => "LoadAlternatePath",
            0x1A => "AlternatePathResponse",
            _ => return None,
        })
    }
}

impl fmt::Display for AttributeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#06x}", self.0)
    }
}

impl fmt::Debug for AttributeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AttributeId({self})")
    }
}

/// A structure with a fixed layout, in its owned form.
pub trait Attribute: Sized {
    /// The same structure as it lies in a datagram. Its fields are read through its own methods.
    type View: FromBytes + IntoBytes + KnownLayout + Immutable + Unaligned;

    /// Name in errors and dumps: the standard's.
    const NAME: &'static str;

    /// Its length in bytes.
    const LENGTH: usize = size_of::<Self::View>();

    /// Read every field of the view.
    fn from_view(view: &Self::View) -> Self;

    /// Lay every field out; reserved bits are zero.
    fn to_view(&self) -> Self::View;

    /// The view over the first [`LENGTH`](Self::LENGTH) of `bytes`.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] when there are fewer.
    #[inline]
    fn view(bytes: &[u8]) -> Result<&Self::View, DecodeError> {
        match Self::View::ref_from_prefix(bytes) {
            Ok((view, _)) => Ok(view),
            Err(_) => {
                Err(DecodeError::Truncated { what: Self::NAME, needed: Self::LENGTH, got: bytes.len() })
            }
        }
    }

    /// Read the structure from the start of `bytes`.
    ///
    /// # Errors
    /// [`DecodeError::Truncated`] when there are fewer than [`LENGTH`](Self::LENGTH).
    fn parse(bytes: &[u8]) -> Result<Self, DecodeError> {
        Self::view(bytes).map(Self::from_view)
    }

    /// Write the structure at the start of `out`, every byte of it, and return how many those are.
    ///
    /// # Errors
    /// When `out` has fewer than [`LENGTH`](Self::LENGTH) bytes; it is then left as it was.
    fn emit(&self, out: &mut [u8]) -> Result<usize, BufferTooSmall> {
        let got = out.len();
        self.to_view().write_to_prefix(out).map(|()| Self::LENGTH).map_err(|_| BufferTooSmall {
            what: Self::NAME,
            needed: Self::LENGTH,
            got,
        })
    }
}
