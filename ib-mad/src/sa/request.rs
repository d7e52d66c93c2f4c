use crate::error::DecodeError;
use crate::request::RequestId;
use crate::types::SmKey;
use crate::wire::{
    Attribute, AttributeId, ClassPortInfo, InformInfo, InformInfoRecord, InformInfoRecordQuery, MAD_LENGTH,
    MadHeader, ManagementClass, Method, NodeRecord, NodeRecordQuery, PathRecord, PathRecordQuery, Query,
    Record, RmppHeader, SA_DATA_LENGTH, SaHeader, SaMad, SwitchInfoRecord, SwitchInfoRecordQuery,
};

/// A question that is answered in one datagram, or a change to ask for.
///
/// A query that more than one record matches is refused with status "too many records": the queries here are for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SaRequest {
    /// Get the path that matches. Where there may be several,
    /// [ask for one](PathRecordQuery::number_of_paths).
    Path(PathRecordQuery),
    /// Get the node that matches.
    Node(NodeRecordQuery),
    /// Get the switch that matches.
    SwitchInfo(SwitchInfoRecordQuery),
    /// Get what this subnet administration can do.
    ClassPortInfo,
    /// Begin to be told of events, or end, as [`InformInfo::subscribe`] says.
    Inform(InformInfo),
    /// Get the subscription that matches.
    InformInfoRecord(InformInfoRecordQuery),
}

/// The answer to a [`SaRequest`], in the variant of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SaAnswer {
    /// The path.
    Path(PathRecord),
    /// The node.
    Node(NodeRecord),
    /// The switch.
    SwitchInfo(SwitchInfoRecord),
    /// What subnet administration can do.
    ClassPortInfo(ClassPortInfo),
    /// The subscription that was begun or ended, as the manager took it.
    Inform(InformInfo),
    /// The subscription.
    InformInfoRecord(InformInfoRecord),
}

impl SaRequest {
    /// The method that asks.
    pub const fn method(&self) -> Method {
        match self {
            Self::Path(_)
            | Self::Node(_)
            | Self::SwitchInfo(_)
            | Self::ClassPortInfo
            | Self::InformInfoRecord(_) => Method::GET,
            Self::Inform(_) => Method::SET,
        }
    }

    /// The attribute that is asked for.
    pub const fn attribute_id(&self) -> AttributeId {
        match self {
            Self::Path(_) => PathRecord::ATTRIBUTE,
            Self::Node(_) => NodeRecord::ATTRIBUTE,
            Self::SwitchInfo(_) => SwitchInfoRecord::ATTRIBUTE,
            Self::ClassPortInfo => AttributeId::CLASS_PORT_INFO,
            Self::Inform(_) => AttributeId::INFORM_INFO,
            Self::InformInfoRecord(_) => InformInfoRecord::ATTRIBUTE,
        }
    }

    /// Write the datagram that asks.
    pub(super) fn emit(&self, id: RequestId, sm_key: SmKey, buffer: &mut [u8; MAD_LENGTH]) {
        match self {
            Self::Path(query) => self.emit_query(query, id, sm_key, buffer),
            Self::Node(query) => self.emit_query(query, id, sm_key, buffer),
            Self::SwitchInfo(query) => self.emit_query(query, id, sm_key, buffer),
            Self::ClassPortInfo => self.emit_with(&ClassPortInfo::default(), 0, id, sm_key, buffer),
            Self::Inform(subscription) => self.emit_with(subscription, 0, id, sm_key, buffer),
            Self::InformInfoRecord(query) => self.emit_query(query, id, sm_key, buffer),
        }
    }

    /// Read the answer to this request.
    pub(super) fn parse_answer(&self, data: &[u8; SA_DATA_LENGTH]) -> Result<SaAnswer, DecodeError> {
        match self {
            Self::Path(_) => Attribute::parse(data).map(SaAnswer::Path),
            Self::Node(_) => Attribute::parse(data).map(SaAnswer::Node),
            Self::SwitchInfo(_) => Attribute::parse(data).map(SaAnswer::SwitchInfo),
            Self::ClassPortInfo => Attribute::parse(data).map(SaAnswer::ClassPortInfo),
            Self::Inform(_) => Attribute::parse(data).map(SaAnswer::Inform),
            Self::InformInfoRecord(_) => Attribute::parse(data).map(SaAnswer::InformInfoRecord),
        }
    }

    fn emit_query<R: Record>(
        &self,
        query: &Query<R>,
        id: RequestId,
        sm_key: SmKey,
        buffer: &mut [u8; MAD_LENGTH],
    ) {
        self.emit_with(query.template(), query.component_mask(), id, sm_key, buffer);
    }

    fn emit_with<A: Attribute>(
        &self,
        attribute: &A,
        component_mask: u64,
        id: RequestId,
        sm_key: SmKey,
        buffer: &mut [u8; MAD_LENGTH],
    ) {
        const { assert!(A::LENGTH <= SA_DATA_LENGTH, "the attribute fits one datagram") };
        let mad = SaMad {
            header: MadHeader::request(
                ManagementClass::SUBNET_ADMINISTRATION,
                self.method(),
                self.attribute_id(),
                0,
                id.transaction_id(),
            ),
            rmpp: RmppHeader::INACTIVE,
            sa: SaHeader { sm_key, attribute_offset: 0, component_mask },
        };
        // It cannot fail: see the assertion.
        if let Ok(bytes) = mad.emit(attribute) {
            *buffer = bytes;
        }
    }
}
