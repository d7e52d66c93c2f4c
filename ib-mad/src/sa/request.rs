use core::fmt;

use super::{Registration, SaAttribute};
use crate::request::RequestId;
use crate::rmpp::UNSPECIFIED_RESPONSE_TIME;
use crate::types::SmKey;
use crate::wire::{
    Attribute, AttributeId, ClassPortInfo, InformInfo, MAD_LENGTH, MadHeader, ManagementClass, Method,
    MultiPathRecord, MultiPathRecordQuery, PathRecord, Query, Record, RmppFlags, RmppHeader, RmppType,
    SA_DATA_LENGTH, SaHeader, SaMad,
};

/// What to ask of subnet administration.
///
/// | question | answer |
/// |---|---|
/// | [`get`](Self::get): the record that matches | one record; status "too many records" when several match |
/// | [`get_table`](Self::get_table): all that match | a table, record by record |
/// | [`get_multi`](Self::get_multi): paths between several ports | a table of path records |
/// | [`set`](Self::set), [`delete`](Self::delete): a service, a group's member, a port's further GUIDs | the record as it is now |
/// | [`inform`](Self::inform): begin or end a subscription | the subscription as it was taken |
/// | [`class_port_info`](Self::class_port_info): what the manager can do | ClassPortInfo |
///
/// ```
/// use ib_mad::Lid;
/// use ib_mad::sa::SaRequest;
/// use ib_mad::wire::{AttributeId, Method, NodeRecordQuery};
///
/// let question = SaRequest::get_table(&NodeRecordQuery::new().lid(Lid(7)));
/// assert_eq!((question.method(), question.attribute_id()), (Method::GET_TABLE, AttributeId::NODE_RECORD));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SaRequest {
    method: Method,
    attribute: AttributeId,
    component_mask: u64,
    /// What the records of the answer are, and how long one is.
    answer: AttributeId,
    answer_length: usize,
    /// Bytes of the class's header and of the attribute, if the question goes out as a segment.
    segment_length: Option<u16>,
    data: SaData,
}

/// What the segments of a question have in common.
const ACTIVE: RmppHeader = RmppHeader {
    version: 1,
    response_time: UNSPECIFIED_RESPONSE_TIME,
    flags: RmppFlags::ACTIVE,
    ..RmppHeader::INACTIVE
};

/// The 200 bytes of a datagram. They may hold a service's key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct SaData(pub(super) [u8; SA_DATA_LENGTH]);

impl SaRequest {
    /// Get the record that matches.
    pub fn get<R: Record>(query: &Query<R>) -> Self {
        Self::of_query(Method::GET, query)
    }

    /// Get every record that matches.
    pub fn get_table<R: Record>(query: &Query<R>) -> Self {
        Self::of_query(Method::GET_TABLE, query)
    }

    /// Get paths between several ports. OpenSM and the standard answer with path records. The question is a segmented message too,
    /// of one segment: a manager refuses it otherwise. It is acknowledged before it is answered.
    pub fn get_multi(query: &MultiPathRecordQuery<'_>) -> Self {
        let mut request = Self {
            method: Method::GET_MULTI,
            attribute: AttributeId::MULTI_PATH_RECORD,
            component_mask: query.mask().0,
            answer: PathRecord::ATTRIBUTE,
            answer_length: PathRecord::LENGTH,
            segment_length: None,
            data: SaData::of(query.template()),
        };
        let gids = query.sources().iter().chain(query.destinations());
        let attribute = MultiPathRecord::LENGTH + 16 * (query.sources().len() + query.destinations().len());
        // The query has seen to it that they fit a datagram.
        request.segment_length = u16::try_from(SaHeader::LENGTH + attribute).ok();
        let behind = request.data.0.get_mut(MultiPathRecord::LENGTH..).unwrap_or_default();
        for (to, gid) in behind.chunks_exact_mut(16).zip(gids) {
            to.copy_from_slice(&gid.0);
        }
        request
    }

    /// Make a record, or change the one with the same key. Which components count is up to the record: those of a multicast member
    /// that are given have to fit the group, or make it.
    pub fn set<R: Registration>(record: &Query<R>) -> Self {
        Self::of_query(Method::SET, record)
    }

    /// Remove the record that matches: leave a group, withdraw a service.
    pub fn delete<R: Registration>(record: &Query<R>) -> Self {
        Self::of_query(Method::DELETE, record)
    }

    /// Begin to be told of events, or end, as [`InformInfo::subscribe`] says.
    pub fn inform(subscription: &InformInfo) -> Self {
        Self::plain(Method::SET, subscription)
    }

    /// Get what this subnet administration can do.
    pub fn class_port_info() -> Self {
        Self::plain(Method::GET, &ClassPortInfo::default())
    }

    fn of_query<R: Record>(method: Method, query: &Query<R>) -> Self {
        Self { component_mask: query.component_mask(), ..Self::plain(method, query.template()) }
    }

    fn plain<A: SaAttribute>(method: Method, attribute: &A) -> Self {
        Self {
            method,
            attribute: A::ID,
            component_mask: 0,
            answer: A::ID,
            answer_length: A::LENGTH,
            segment_length: None,
            data: SaData::of(attribute),
        }
    }

    /// The method that asks.
    pub const fn method(&self) -> Method {
        self.method
    }

    /// The attribute that is asked with.
    pub const fn attribute_id(&self) -> AttributeId {
        self.attribute
    }

    /// Which components of it count.
    pub const fn component_mask(&self) -> u64 {
        self.component_mask
    }

    /// Whether the answer is a table.
    pub fn is_table(&self) -> bool {
        matches!(self.method, Method::GET_TABLE | Method::GET_MULTI)
    }

    /// What the answer consists of.
    pub const fn answer_id(&self) -> AttributeId {
        self.answer
    }

    /// Length of one record of the answer, in bytes.
    pub(super) const fn answer_length(&self) -> usize {
        self.answer_length
    }

    /// Whether an answer under this attribute can be this request's.
    pub(super) fn accepts(&self, attribute: AttributeId) -> bool {
        attribute == self.answer || (attribute == self.attribute && self.method == Method::GET_MULTI)
    }

    /// Whether the question is a message of a segment, and its answer the way back of a double-sided transfer.
    pub(super) const fn is_double_sided(&self) -> bool {
        self.segment_length.is_some()
    }

    /// Write the datagram that asks.
    pub(super) fn emit(&self, id: RequestId, sm_key: SmKey, buffer: &mut [u8; MAD_LENGTH]) {
        let rmpp = self.segment_length.map_or(RmppHeader::INACTIVE, |length| RmppHeader {
            kind: RmppType::Data,
            flags: RmppFlags(RmppFlags::ACTIVE.0 | RmppFlags::FIRST.0 | RmppFlags::LAST.0),
            segment: 1,
            length_or_window: length.into(),
            ..ACTIVE
        });
        *buffer = self.headers(id, sm_key, rmpp).emit_data(&self.data.0);
    }

    /// Write the acknowledgement of segment 0 that turns the direction of a double-sided transfer: the answer may come, and begin with
    /// one segment.
    pub(super) fn emit_turn(&self, id: RequestId, sm_key: SmKey, buffer: &mut [u8; MAD_LENGTH]) {
        let rmpp = RmppHeader { kind: RmppType::Ack, segment: 0, length_or_window: 1, ..ACTIVE };
        *buffer = self.headers(id, sm_key, rmpp).emit_data(&[0; SA_DATA_LENGTH]);
    }

    fn headers(&self, id: RequestId, sm_key: SmKey, rmpp: RmppHeader) -> SaMad {
        SaMad {
            header: MadHeader::request(
                ManagementClass::SUBNET_ADMINISTRATION,
                self.method,
                self.attribute,
                0,
                id.transaction_id(),
            ),
            rmpp,
            sa: SaHeader { sm_key, attribute_offset: 0, component_mask: self.component_mask },
        }
    }
}

impl fmt::Debug for SaRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SaRequest({} {} mask {:#x})", self.method, self.attribute, self.component_mask)
    }
}

impl SaData {
    fn of<A: Attribute>(attribute: &A) -> Self {
        const { assert!(A::LENGTH <= SA_DATA_LENGTH, "the attribute fits one datagram") };
        let mut data = [0; SA_DATA_LENGTH];
        // It cannot fail: see the assertion.
        let _ = attribute.emit(&mut data);
        Self(data)
    }
}

impl fmt::Debug for SaData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SaData(..)")
    }
}
