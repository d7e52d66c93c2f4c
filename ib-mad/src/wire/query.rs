//! Queries for records of subnet administration.

use core::fmt;
use core::hash::Hash;

use super::{Attribute, AttributeId};

/// Component mask of a record: which of a query's components count (IBTA volume 1, 15.2.5). Each record has its own
/// type, so that a bit of one is never taken for a bit of another.
pub trait ComponentMask: Copy + Default + Eq + Hash + fmt::Debug {
    /// The mask with these bits.
    fn from_bits(bits: u64) -> Self;
    /// The mask as the header carries it.
    fn bits(self) -> u64;
}

/// A structure that subnet administration keeps records of.
pub trait Record: Attribute + Default {
    /// Which components of it a query gives.
    type Mask: ComponentMask;
    /// Its attribute.
    const ATTRIBUTE: AttributeId;
}

/// A query for records: a template, and which of its components count. Each record has methods of its own to add them, under
/// names like [`PathRecordQuery`](super::PathRecordQuery).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[must_use]
pub struct Query<R: Record> {
    template: R,
    mask: R::Mask,
}

impl<R: Record> Query<R> {
    /// A query that every record matches.
    pub fn new() -> Self {
        Self::default()
    }

    /// The same query with one component more.
    pub(super) fn with(mut self, component: R::Mask, set: impl FnOnce(&mut R)) -> Self {
        self.mask = R::Mask::from_bits(self.mask.bits() | component.bits());
        set(&mut self.template);
        self
    }

    /// The components to match; those that are not in the mask are ignored.
    pub const fn template(&self) -> &R {
        &self.template
    }

    /// The components given so far.
    pub const fn mask(&self) -> R::Mask {
        self.mask
    }

    /// The mask as the header carries it.
    pub fn component_mask(&self) -> u64 {
        self.mask.bits()
    }
}
