//! The attributes that a datagram carries.

use super::value::Value;
use super::{Fields, Items, Visit};
use crate::wire::{
    AlternatePathResponse, Attribute, AttributeId, ClassPortInfo, ConnectReject, ConnectReply,
    ConnectRequest, DisconnectReply, DisconnectRequest, ExtPortInfo, GuidInfo, GuidInfoRecord, InformInfo,
    InformInfoRecord, LinearForwardingTable, LinearForwardingTableRecord, LinkRecord, LoadAlternatePath,
    MadHeaderView, McMemberRecord, Method, MsgRcptAck, MultiPathGids, MultiPathRecord,
    MulticastForwardingTable, MulticastForwardingTableRecord, NodeDescription, NodeInfo, NodeRecord,
    PKeyTable, PKeyTableRecord, PathRecord, PortCounters, PortCountersExtended, PortInfo, PortInfoRecord,
    ReadyToUse, RepathNotice, RmppFlags, RmppHeader, RmppType, SA_DATA_LENGTH, SaHeader, SaMadView,
    ServiceIdResolutionRequest, ServiceIdResolutionResponse, ServiceRecord, SlToVlMapping,
    SlToVlMappingRecord, SmInfo, SmInfoRecord, SmpNotice, SwitchInfo, SwitchInfoRecord, TrapDetails,
    VlArbitration, VlArbitrationRecord,
};

/// Takes attributes, one after the other.
type Attributes<'v> = dyn FnMut(&dyn Fields) + 'v;

/// Reads the attribute of a number at the start of bytes and hands it on; false if it cannot.
type Reader = fn(AttributeId, &[u8], &mut Attributes<'_>) -> bool;

/// What a datagram carries behind its headers.
pub(super) enum Content<'a> {
    /// Nothing that means anything.
    Nothing,
    /// One attribute at the start.
    One { id: AttributeId, bytes: &'a [u8], reader: Reader },
    /// Records, from one to the next as many bytes as `offset` says, and what is left over behind them.
    Records { id: AttributeId, whole: &'a [u8], offset: usize, rest: &'a [u8] },
    /// Part of a message, or an attribute without a layout.
    Bytes(&'a [u8]),
}

impl<'a> Content<'a> {
    pub(super) fn one(header: &MadHeaderView, bytes: &'a [u8], reader: Reader) -> Self {
        Self::One { id: header.attribute_id(), bytes, reader }
    }

    pub(super) fn subnet_administration(mad: &'a SaMadView) -> Self {
        let rmpp = RmppHeader::from_view(mad.rmpp());
        let payload = match rmpp.kind {
            RmppType::None => mad.data().as_slice(),
            RmppType::Data => payload(&rmpp, mad.data()),
            _ => return Self::Nothing,
        };
        if rmpp.kind == RmppType::Data && !rmpp.flags.contains(RmppFlags::FIRST) {
            return Self::Bytes(payload);
        }
        let header = mad.header();
        let id = match header.method() {
            Method::GET_TABLE_RESP => header.attribute_id(),
            // Asked for with a MultiPathRecord, it brings PathRecords.
            Method::GET_MULTI_RESP => AttributeId::PATH_RECORD,
            _ => return Self::one(header, payload, subnet_administration),
        };
        let offset = usize::from(mad.sa().attribute_offset()) * 8;
        if offset == 0 {
            return Self::Nothing;
        }
        let whole = match rmpp.kind {
            // Without a length nothing tells where the records end, only that one is there.
            RmppType::None => offset,
            _ => payload.len() / offset * offset,
        };
        let (whole, rest) = payload.split_at_checked(whole).unwrap_or((&[], payload));
        Self::Records { id, whole, offset, rest }
    }

    /// Every attribute that can be read.
    pub(super) fn attributes(&self, show: &mut Attributes<'_>) {
        match *self {
            Self::One { id, bytes, reader } => {
                reader(id, bytes, show);
            }
            Self::Records { id, whole, offset, .. } => {
                for record in whole.chunks_exact(offset) {
                    subnet_administration(id, record, show);
                }
            }
            Self::Nothing | Self::Bytes(_) => {}
        }
    }

    /// As fields of the datagram.
    pub(super) fn fields(&self, visit: &mut Visit<'_>) {
        match *self {
            Self::Nothing => {}
            Self::One { id, bytes, reader } => {
                let known = reader(id, bytes, &mut |attribute| visit("fields", Value::Structure(attribute)));
                if !known {
                    visit("data", Value::Bytes(bytes));
                }
            }
            Self::Records { id, whole, offset, rest } => {
                visit("records", Value::List(&|item| records(id, whole, offset, item)));
                if !rest.is_empty() {
                    visit("rest", Value::Bytes(rest));
                }
            }
            Self::Bytes(bytes) => visit("data", Value::Bytes(bytes)),
        }
    }
}

/// What a segment carries of the message: the last one says how much.
fn payload<'a>(rmpp: &RmppHeader, data: &'a [u8; SA_DATA_LENGTH]) -> &'a [u8] {
    if !rmpp.flags.contains(RmppFlags::LAST) {
        return data;
    }
    let length = usize::try_from(rmpp.length_or_window).unwrap_or(usize::MAX);
    data.get(..length.saturating_sub(SaHeader::LENGTH)).unwrap_or(data)
}

fn records(id: AttributeId, whole: &[u8], offset: usize, item: &mut Items<'_>) {
    for bytes in whole.chunks_exact(offset) {
        let known = subnet_administration(id, bytes, &mut |record| item(Value::Structure(record)));
        if !known {
            item(Value::Bytes(bytes));
        }
    }
}

macro_rules! reader {
    ($(#[$doc:meta])* $name:ident: $($id:ident => $attribute:ident),+ $(,)?) => {
        $(#[$doc])*
        pub(super) fn $name(id: AttributeId, bytes: &[u8], show: &mut Attributes<'_>) -> bool {
            match id {
                $(AttributeId::$id => $attribute::parse(bytes).map(|attribute| show(&attribute)).is_ok(),)+
                _ => false,
            }
        }
    };
}
reader! {
    /// Attributes of subnet management.
    subnet_management:
    NOTICE => SmpNotice,
    NODE_DESCRIPTION => NodeDescription,
    NODE_INFO => NodeInfo,
    SWITCH_INFO => SwitchInfo,
    GUID_INFO => GuidInfo,
    PORT_INFO => PortInfo,
    P_KEY_TABLE => PKeyTable,
    SL_TO_VL_MAPPING => SlToVlMapping,
    VL_ARBITRATION => VlArbitration,
    LINEAR_FORWARDING_TABLE => LinearForwardingTable,
    MULTICAST_FORWARDING_TABLE => MulticastForwardingTable,
    SM_INFO => SmInfo,
    EXT_PORT_INFO => ExtPortInfo,
}
/// Attributes of subnet administration.
fn subnet_administration(id: AttributeId, bytes: &[u8], show: &mut Attributes<'_>) -> bool {
    match id {
        AttributeId::NOTICE => notice(bytes, show),
        AttributeId::MULTI_PATH_RECORD => multi_path_record(bytes, show),
        _ => plain_subnet_administration(id, bytes, show),
    }
}

/// A path record may follow a Notice of two kinds; behind the others lies nothing that means anything.
fn notice(bytes: &[u8], show: &mut Attributes<'_>) -> bool {
    let Ok(with_path) = RepathNotice::parse(bytes) else { return false };
    match with_path.notice.trap() {
        Some(TrapDetails::UnPath(_) | TrapDetails::RePath(_)) => show(&with_path),
        _ => show(&with_path.notice),
    }
    true
}

/// A MultiPathRecord and the GIDs behind it, as far as they are in this datagram.
struct MultiPath<'a> {
    record: MultiPathRecord,
    gids: Option<MultiPathGids<'a>>,
}

impl Fields for MultiPath<'_> {
    fn name(&self) -> &'static str {
        self.record.name()
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        self.record.fields(visit);
        if let Some(gids) = &self.gids {
            gids.fields(visit);
        }
    }

    fn telling(&self) -> &'static [&'static str] {
        &["sgids", "dgids"]
    }
}

fn multi_path_record(bytes: &[u8], show: &mut Attributes<'_>) -> bool {
    let Ok(record) = MultiPathRecord::parse(bytes) else { return false };
    show(&MultiPath { record, gids: MultiPathGids::parse(bytes).ok() });
    true
}

reader! {
    /// Attributes of subnet administration that are nothing but their layout.
    plain_subnet_administration:
    CLASS_PORT_INFO => ClassPortInfo,
    INFORM_INFO => InformInfo,
    NODE_RECORD => NodeRecord,
    PORT_INFO_RECORD => PortInfoRecord,
    SL_TO_VL_MAPPING_RECORD => SlToVlMappingRecord,
    SWITCH_INFO_RECORD => SwitchInfoRecord,
    LINEAR_FORWARDING_TABLE_RECORD => LinearForwardingTableRecord,
    MULTICAST_FORWARDING_TABLE_RECORD => MulticastForwardingTableRecord,
    SM_INFO_RECORD => SmInfoRecord,
    LINK_RECORD => LinkRecord,
    GUID_INFO_RECORD => GuidInfoRecord,
    SERVICE_RECORD => ServiceRecord,
    P_KEY_TABLE_RECORD => PKeyTableRecord,
    PATH_RECORD => PathRecord,
    VL_ARBITRATION_RECORD => VlArbitrationRecord,
    MC_MEMBER_RECORD => McMemberRecord,
    INFORM_INFO_RECORD => InformInfoRecord,
}
reader! {
    /// Attributes of performance management.
    performance:
    CLASS_PORT_INFO => ClassPortInfo,
    PORT_COUNTERS => PortCounters,
    PORT_COUNTERS_EXTENDED => PortCountersExtended,
}
reader! {
    /// Messages of communication management.
    communication:
    CLASS_PORT_INFO => ClassPortInfo,
    CONNECT_REQUEST => ConnectRequest,
    MSG_RCPT_ACK => MsgRcptAck,
    CONNECT_REJECT => ConnectReject,
    CONNECT_REPLY => ConnectReply,
    READY_TO_USE => ReadyToUse,
    DISCONNECT_REQUEST => DisconnectRequest,
    DISCONNECT_REPLY => DisconnectReply,
    SERVICE_ID_RESOLUTION_REQUEST => ServiceIdResolutionRequest,
    SERVICE_ID_RESOLUTION_RESPONSE => ServiceIdResolutionResponse,
    LOAD_ALTERNATE_PATH => LoadAlternatePath,
    ALTERNATE_PATH_RESPONSE => AlternatePathResponse,
}
