use crate::error::DecodeError;
use crate::request::RequestId;
use crate::types::SmKey;
use crate::wire::{
    Attribute, AttributeId, MAD_LENGTH, MadHeader, ManagementClass, Method, PathRecord, PathRecordQuery,
    RecordQuery, RmppHeader, SA_DATA_LENGTH, SaHeader, SaMad,
};

/// A question that is answered in one datagram, or a change to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SaRequest {
    /// Get the one path that matches. Ask for [one path](PathRecordQuery::number_of_paths): a manager refuses when
    /// more match.
    Path(PathRecordQuery),
}

/// The answer to a [`SaRequest`], in the variant of the same name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SaAnswer {
    /// The path.
    Path(PathRecord),
}

impl SaRequest {
    /// The method that asks.
    pub const fn method(&self) -> Method {
        match self {
            Self::Path(_) => Method::GET,
        }
    }

    /// The attribute that is asked for.
    pub const fn attribute_id(&self) -> AttributeId {
        match self {
            Self::Path(_) => PathRecordQuery::ATTRIBUTE,
        }
    }

    /// Write the datagram that asks.
    pub(super) fn emit(&self, id: RequestId, sm_key: SmKey, buffer: &mut [u8; MAD_LENGTH]) {
        match self {
            Self::Path(query) => self.emit_query(query, id, sm_key, buffer),
        }
    }

    /// Read the answer to this request.
    pub(super) fn parse_answer(&self, data: &[u8; SA_DATA_LENGTH]) -> Result<SaAnswer, DecodeError> {
        match self {
            Self::Path(_) => Attribute::parse(data).map(SaAnswer::Path),
        }
    }

    fn emit_query<Q: RecordQuery>(
        &self,
        query: &Q,
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
