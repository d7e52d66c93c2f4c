use core::fmt;

use super::{Attribute, AttributeId};

/// Component mask of a record: which of a query's components count (IBTA volume 1, 15.2.5). Each record has its own
/// type, so that a bit of one is never taken for a bit of another.
pub trait ComponentMask: Copy + Default + Eq + fmt::Debug {
    /// The mask as the header carries it.
    fn bits(self) -> u64;
}

/// A query for records: the components to match, and which of them are given.
pub trait RecordQuery {
    /// The records that it asks for.
    type Record: Attribute;
    /// Their attribute.
    const ATTRIBUTE: AttributeId;

    /// The template; components that are not in the mask are ignored.
    fn template(&self) -> &Self::Record;
    /// The mask as the header carries it.
    fn component_mask(&self) -> u64;
}
