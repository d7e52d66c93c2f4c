use core::fmt;

use super::{Registration, SaAttribute};
use crate::request::RequestId;
use crate::types::SmKey;
use crate::wire::{
    Attribute, AttributeId, ClassPortInfo, InformInfo, MAD_LENGTH, MadHeader, ManagementClass, Method,
    MultiPathRecord, MultiPathRecordQuery, PathRecord, Query, Record, RmppHeader, SA_DATA_LENGTH, SaHeader,
    SaMad,
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
    data: SaData,
}

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

    /// Get paths between several ports. OpenSM and the standard answer with path records.
    pub fn get_multi(query: &MultiPathRecordQuery<'_>) -> Self {
        let mut request = Self {
            method: Method::GET_MULTI,
            attribute: AttributeId::MULTI_PATH_RECORD,
            component_mask: query.mask().0,
            answer: PathRecord::ATTRIBUTE,
            answer_length: PathRecord::LENGTH,
            data: SaData::of(query.template()),
        };
        let gids = query.sources().iter().chain(query.destinations());
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

    /// Write the datagram that asks.
    pub(super) fn emit(&self, id: RequestId, sm_key: SmKey, buffer: &mut [u8; MAD_LENGTH]) {
        let headers = SaMad {
            header: MadHeader::request(
                ManagementClass::SUBNET_ADMINISTRATION,
                self.method,
                self.attribute,
                0,
                id.transaction_id(),
            ),
            rmpp: RmppHeader::INACTIVE,
            sa: SaHeader { sm_key, attribute_offset: 0, component_mask: self.component_mask },
        };
        *buffer = headers.emit_data(&self.data.0);
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
