//! Layouts of headers and attributes, one a file.
//!
//! Every attribute has two forms. Its *view* (`PathRecordView`) lies over received bytes: reading a field copies
//! nothing else. Its owned form (`PathRecord`) is what programs build, compare and keep. [`Attribute`] joins the two.
//!
//! # What can fail
//! Nothing here panics, whatever the bytes: offsets are the layout's, checked when the crate is compiled. What remains:
//!
//! - Too few bytes for a layout, or a datagram of other than 256: [`DecodeError::Truncated`] and
//!   [`DecodeError::Oversized`]. An attribute takes what it needs from the start of longer bytes.
//! - A datagram of another base version, class or class version: [`DecodeError::Unexpected`].
//! - A directed route of more than 63 hops: [`DecodeError::OutOfRange`].
//! - A buffer without room for what is written: [`BufferTooSmall`], and the buffer stays as it was.
//!
//! Fields are never a reason: a value without a meaning is kept and goes out as it came in, reserved bits are ignored and
//! go out as zero. A number that is wider than its field is cut to the field's low bits.
//!
//! [`DecodeError::Truncated`]: crate::DecodeError::Truncated
//! [`DecodeError::Oversized`]: crate::DecodeError::Oversized
//! [`DecodeError::Unexpected`]: crate::DecodeError::Unexpected
//! [`DecodeError::OutOfRange`]: crate::DecodeError::OutOfRange
//! [`BufferTooSmall`]: crate::BufferTooSmall

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]
#![cfg_attr(test, allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions))]

mod attribute;
mod class_port_info;
mod cm;
mod directed_route;
mod ext_port_info;
mod guid_info;
mod guid_info_record;
mod header;
mod inform_info;
mod inform_info_record;
mod key_violation;
mod linear_forwarding_table;
mod linear_forwarding_table_record;
mod link_record;
mod mad;
mod mc_member_record;
mod multi_path_record;
mod multi_path_record_query;
mod multicast_forwarding_table;
mod multicast_forwarding_table_record;
mod node_description;
mod node_info;
mod node_record;
mod notice;
mod p_key_table;
mod p_key_table_record;
pub(crate) mod path_fields;
mod path_record;
mod performance;
mod port_counters;
mod port_counters_extended;
mod port_info;
mod port_info_record;
mod port_info_record_query;
#[cfg(test)]
mod port_info_test;
mod port_state;
mod query;
mod repath;
mod rmpp;
mod sa;
mod service_name;
mod service_record;
mod sl_to_vl_mapping;
mod sl_to_vl_mapping_record;
mod sm_info;
mod sm_info_record;
mod smp;
mod status;
mod switch_info;
mod switch_info_record;
mod trap;
mod u24;
mod view_debug;
mod vl_arbitration;
mod vl_arbitration_record;

pub use attribute::{Attribute, AttributeId};
pub use class_port_info::{ClassCapabilityMask, ClassCapabilityMask2, ClassPortInfo, ClassPortInfoView};
pub use cm::{
    ADDITIONAL_INFORMATION_LENGTH, AdditionalInformation, AlternatePathResponse, AlternatePathResponseView,
    AlternatePathStatus, COMMUNICATION_DATA_LENGTH, CmMad, CmMadView, CmMessage, CmMessageView, CmPath,
    CmPathView, ConnectReject, ConnectRejectView, ConnectReply, ConnectReplyView, ConnectRequest,
    ConnectRequestView, DisconnectReply, DisconnectReplyView, DisconnectRequest, DisconnectRequestView,
    FailoverAccepted, LapPathView, LoadAlternatePath, LoadAlternatePathView, MessageMraed, MessageRejected,
    MsgRcptAck, MsgRcptAckView, PrivateData, ReadyToUse, ReadyToUseView, RejectReason,
    ServiceIdResolutionRequest, ServiceIdResolutionRequestView, ServiceIdResolutionResponse,
    ServiceIdResolutionResponseView, ServiceIdResolutionStatus, Transport, TransportServiceType,
};
pub use directed_route::{DirectedRouteSmp, DirectedRouteSmpView, MAX_HOPS};
pub use ext_port_info::{ExtPortInfo, ExtPortInfoView};
pub use guid_info::{GuidInfo, GuidInfoView};
pub use guid_info_record::{GuidInfoRecord, GuidInfoRecordMask, GuidInfoRecordQuery, GuidInfoRecordView};
pub use header::{MadHeader, MadHeaderView, ManagementClass, Method};
pub use inform_info::{InformInfo, InformInfoView};
pub use inform_info_record::{
    InformInfoRecord, InformInfoRecordMask, InformInfoRecordQuery, InformInfoRecordView,
};
pub use key_violation::{KeyViolation, MKeyViolation, SwitchPKeyViolation, TRAP_RETURN_PATH_LENGTH};
pub use linear_forwarding_table::{LinearForwardingTable, LinearForwardingTableView};
pub use linear_forwarding_table_record::{
    LinearForwardingTableRecord, LinearForwardingTableRecordMask, LinearForwardingTableRecordQuery,
    LinearForwardingTableRecordView,
};
pub use link_record::{LinkRecord, LinkRecordMask, LinkRecordQuery, LinkRecordView};
pub use mad::{MAD_LENGTH, Mad};
pub use mc_member_record::{
    JoinState, McMemberRecord, McMemberRecordMask, McMemberRecordQuery, McMemberRecordView,
};
pub use multi_path_record::{MultiPathGids, MultiPathRecord, MultiPathRecordMask, MultiPathRecordView};
pub use multi_path_record_query::MultiPathRecordQuery;
pub use multicast_forwarding_table::{MulticastForwardingTable, MulticastForwardingTableView};
pub use multicast_forwarding_table_record::{
    MulticastForwardingTableRecord, MulticastForwardingTableRecordMask, MulticastForwardingTableRecordQuery,
    MulticastForwardingTableRecordView,
};
pub use node_description::{NodeDescription, NodeDescriptionView};
pub use node_info::{NodeInfo, NodeInfoView, NodeType};
pub use node_record::{NodeRecord, NodeRecordMask, NodeRecordQuery, NodeRecordView};
pub use notice::{
    DATA_DETAILS_LENGTH, Notice, NoticeType, NoticeView, Producer, ProducerType, SmpNotice, SmpNoticeView,
    TrapNumber,
};
pub use p_key_table::{PKeyTable, PKeyTableView};
pub use p_key_table_record::{
    PKeyTableRecord, PKeyTableRecordMask, PKeyTableRecordQuery, PKeyTableRecordView,
};
pub use path_record::{PathRecord, PathRecordMask, PathRecordQuery, PathRecordView};
pub use performance::{PERFORMANCE_DATA_LENGTH, PerformanceMad, PerformanceMadView};
pub use port_counters::{PortCounters, PortCountersView};
pub use port_counters_extended::{PortCountersExtended, PortCountersExtendedView};
pub use port_info::{PortInfo, PortInfoView};
pub use port_info_record::{PortInfoRecord, PortInfoRecordMask, PortInfoRecordView};
pub use port_info_record_query::PortInfoRecordQuery;
pub use port_state::{PortCapabilityMask, PortPhysicalState, PortState};
pub use query::{ComponentMask, Query, Record};
pub use repath::{RepathNotice, RepathNoticeView};
pub use rmpp::{RmppFlags, RmppHeader, RmppHeaderView, RmppStatus, RmppType};
pub use sa::{SA_DATA_LENGTH, SaHeader, SaHeaderView, SaMad, SaMadView};
pub use service_name::ServiceName;
pub use service_record::{ServiceRecord, ServiceRecordMask, ServiceRecordQuery, ServiceRecordView};
pub use sl_to_vl_mapping::{SlToVlMapping, SlToVlMappingView};
pub use sl_to_vl_mapping_record::{
    SlToVlMappingRecord, SlToVlMappingRecordMask, SlToVlMappingRecordQuery, SlToVlMappingRecordView,
};
pub use sm_info::{SmInfo, SmInfoView, SmState};
pub use sm_info_record::{SmInfoRecord, SmInfoRecordMask, SmInfoRecordQuery, SmInfoRecordView};
pub use smp::{SMP_DATA_LENGTH, Smp, SmpView};
pub use status::{CommonStatus, SaStatus, Status};
pub use switch_info::{SwitchInfo, SwitchInfoView};
pub use switch_info_record::{
    SwitchInfoRecord, SwitchInfoRecordMask, SwitchInfoRecordQuery, SwitchInfoRecordView,
};
pub use trap::{LocalChangeFlags, LocalChanges, PathChange, PortEvent, TrapDetails};
pub use vl_arbitration::{VlArbitration, VlArbitrationEntry, VlArbitrationView};
pub use vl_arbitration_record::{
    VlArbitrationRecord, VlArbitrationRecordMask, VlArbitrationRecordQuery, VlArbitrationRecordView,
};
