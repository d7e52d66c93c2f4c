use core::fmt;

use super::request::SaData;
use super::{SaAttribute, SaFailure};
use crate::wire::{AttributeId, SA_DATA_LENGTH};

/// What came of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SaAnswer {
    /// One record, or what else stands alone in a datagram.
    One(SaRecord),
    /// The table is whole; its records were handed on as they came.
    Table {
        /// How many those were.
        records: u64,
    },
}

impl SaAnswer {
    /// The answer as the structure that was asked for.
    ///
    /// # Errors
    /// [`SaFailure::OtherAttribute`] when it is another one, [`SaFailure::IsTable`] when it is a table.
    pub fn record<A: SaAttribute>(&self) -> Result<A, SaFailure> {
        self.one()?.parse()
    }

    /// The record, not yet read.
    ///
    /// # Errors
    /// [`SaFailure::IsTable`] when the answer is a table.
    pub const fn one(&self) -> Result<SaRecord, SaFailure> {
        match self {
            Self::One(record) => Ok(*record),
            Self::Table { .. } => Err(SaFailure::IsTable),
        }
    }
}

/// A received record, not yet read.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SaRecord {
    attribute: AttributeId,
    data: SaData,
}

impl SaRecord {
    pub(super) const fn new(attribute: AttributeId, data: &[u8; SA_DATA_LENGTH]) -> Self {
        Self { attribute, data: SaData(*data) }
    }

    /// What it is.
    pub const fn attribute_id(&self) -> AttributeId {
        self.attribute
    }

    /// The data of its datagram: the record, and what its sender left behind it.
    pub const fn data(&self) -> &[u8; SA_DATA_LENGTH] {
        &self.data.0
    }

    /// Read it.
    ///
    /// # Errors
    /// [`SaFailure::OtherAttribute`] when it is another structure.
    pub fn parse<A: SaAttribute>(&self) -> Result<A, SaFailure> {
        if self.attribute != A::ID {
            return Err(SaFailure::OtherAttribute { got: self.attribute, wanted: A::ID });
        }
        A::parse(self.data()).map_err(SaFailure::Malformed)
    }
}

impl fmt::Debug for SaRecord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SaRecord({} ..)", self.attribute)
    }
}
