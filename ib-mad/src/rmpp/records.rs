//! Records that lie one behind the other across segments.

use core::hash::{Hash, Hasher};
use core::marker::PhantomData;
use core::slice::ChunksExact;

use super::RecordError;
use crate::wire::Attribute;

/// Cuts a message into records as it arrives. What of a record is there at the end of a segment is carried to the
/// next, up to `CARRY` bytes; everything else is handed on where it lies.
#[derive(Clone, Debug)]
pub(super) struct RecordCutter<const CARRY: usize> {
    /// Distance from record to record; 0: there are none.
    offset: usize,
    carried: [u8; CARRY],
    carried_length: usize,
    /// The record that was carried and is now whole. Meaningless between two calls.
    whole: [u8; CARRY],
}

impl<const CARRY: usize> RecordCutter<CARRY> {
    pub(super) const fn new() -> Self {
        Self { offset: 0, carried: [0; CARRY], carried_length: 0, whole: [0; CARRY] }
    }

    /// Take the first segment's attribute offset, in bytes.
    pub(super) const fn begin(&mut self, offset: usize) -> Result<(), RecordError> {
        if offset > CARRY {
            return Err(RecordError::OffsetTooLarge { offset, limit: CARRY });
        }
        self.offset = offset;
        Ok(())
    }

    /// Whether a later segment, which has another `length` bytes for the message, goes on where this stands.
    pub(super) const fn check(&self, got: usize, length: usize, is_last: bool) -> Result<(), RecordError> {
        if got != self.offset {
            return Err(RecordError::OffsetChanged { first: self.offset, got });
        }
        if is_last && self.offset > 0 {
            let left_over = (self.carried_length + length) % self.offset;
            if left_over > 0 {
                return Err(RecordError::LeftOver { left_over });
            }
        }
        Ok(())
    }

    /// The records that `payload` completes.
    pub(super) fn cut<'a>(&'a mut self, payload: &'a [u8]) -> Records<'a> {
        if self.offset == 0 {
            return Records {
                offset: 0,
                carried: None,
                whole: [].chunks_exact(1),
                is_row: payload.is_empty(),
            };
        }
        let missing = self.offset - self.carried_length;
        if payload.len() < missing {
            self.keep(payload);
            return Records { offset: self.offset, carried: None, whole: [].chunks_exact(1), is_row: true };
        }
        let (head, body) =
            if self.carried_length > 0 { payload.split_at(missing) } else { (&[][..], payload) };
        let carried = self.carried_length > 0;
        if carried {
            self.whole[..self.carried_length].copy_from_slice(&self.carried[..self.carried_length]);
            self.whole[self.carried_length..self.offset].copy_from_slice(head);
            self.carried_length = 0;
        }
        let whole = body.chunks_exact(self.offset);
        self.keep(whole.remainder());
        let carried = carried.then_some(&self.whole[..self.offset]);
        Records { offset: self.offset, carried, whole, is_row: true }
    }

    fn keep(&mut self, bytes: &[u8]) {
        self.carried[self.carried_length..][..bytes.len()].copy_from_slice(bytes);
        self.carried_length += bytes.len();
    }

    fn meaning(&self) -> (usize, &[u8]) {
        (self.offset, &self.carried[..self.carried_length])
    }
}

impl<const CARRY: usize> PartialEq for RecordCutter<CARRY> {
    fn eq(&self, other: &Self) -> bool {
        self.meaning() == other.meaning()
    }
}

impl<const CARRY: usize> Eq for RecordCutter<CARRY> {}

impl<const CARRY: usize> Hash for RecordCutter<CARRY> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.meaning().hash(state);
    }
}

/// Records in order, each as many bytes as the attribute offset says: a record and its padding.
#[derive(Clone, Debug)]
pub struct Records<'a> {
    offset: usize,
    /// The one that began in an earlier segment.
    carried: Option<&'a [u8]>,
    whole: ChunksExact<'a, u8>,
    /// Nothing is there that an attribute offset should have cut.
    is_row: bool,
}

impl<'a> Records<'a> {
    /// Records that lie in one piece, `offset` bytes from one to the next, as [`Gathered`](super::Gathered) has them.
    ///
    /// # Errors
    /// When `offset` is zero and there are bytes, or the last record is cut short.
    pub fn in_one_piece(bytes: &'a [u8], offset: usize) -> Result<Self, RecordError> {
        if offset == 0 {
            let is_row = bytes.is_empty();
            let records = Self { offset, carried: None, whole: [].chunks_exact(1), is_row };
            return if is_row { Ok(records) } else { Err(RecordError::NoOffset) };
        }
        let whole = bytes.chunks_exact(offset);
        match whole.remainder().len() {
            0 => Ok(Self { offset, carried: None, whole, is_row: true }),
            left_over => Err(RecordError::LeftOver { left_over }),
        }
    }

    /// The records as what they are. Reading a field copies nothing else.
    ///
    /// # Errors
    /// When records are closer to each other than one is long, or there is data without an attribute offset: the
    /// peer lies, and the transfer should be [aborted](super::Receivers::abort).
    pub fn typed<A: Attribute>(self) -> Result<TypedRecords<'a, A>, RecordError> {
        if !self.is_row {
            return Err(RecordError::NoOffset);
        }
        if self.offset < A::LENGTH && self.offset > 0 {
            return Err(RecordError::OffsetTooSmall { offset: self.offset, needed: A::LENGTH });
        }
        Ok(TypedRecords { records: self, attribute: PhantomData })
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        self.carried.take().or_else(|| self.whole.next())
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let length = usize::from(self.carried.is_some()) + self.whole.len();
        (length, Some(length))
    }
}

impl ExactSizeIterator for Records<'_> {}

/// The same records in the same order, wherever they lie.
impl PartialEq for Records<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.offset == other.offset && self.clone().eq(other.clone())
    }
}

impl Eq for Records<'_> {}

/// Views of records, in order.
#[derive(Clone, Debug)]
pub struct TypedRecords<'a, A> {
    records: Records<'a>,
    attribute: PhantomData<A>,
}

impl<'a, A: Attribute> Iterator for TypedRecords<'a, A>
where
    A::View: 'a,
{
    type Item = &'a A::View;

    #[inline]
    fn next(&mut self) -> Option<&'a A::View> {
        // No record is shorter than the view: that was checked.
        A::view(self.records.next()?).ok()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.records.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::PathRecord;
    use alloc::vec::Vec;

    quickcheck::quickcheck! {
        /// However a row of records is cut into segments, the same records come out, each once.
        fn records_come_out_as_they_lie(offset: u8, count: u8, cuts: Vec<u8>) -> bool {
            let offset = 1 + usize::from(offset % 64);
            let row: Vec<u8> = (0..offset * usize::from(count)).map(|at| (at % 251) as u8).collect();
            let mut cutter = RecordCutter::<64>::new();
            if cutter.begin(offset).is_err() {
                return false;
            }
            let (mut rest, mut out) = (&row[..], Vec::new());
            for cut in cuts {
                let (now, later) = rest.split_at(rest.len().min(cut.into()));
                let records = cutter.cut(now);
                let length = records.len();
                let before = out.len();
                out.extend(records.map(<[u8]>::to_vec));
                if out.len() - before != length {
                    return false;
                }
                rest = later;
            }
            let ends_well = cutter.check(offset, rest.len(), true).is_ok();
            out.extend(cutter.cut(rest).map(<[u8]>::to_vec));
            ends_well && out.concat() == row && out.len() == usize::from(count)
        }
    }

    #[test]
    fn lies_about_the_offset_are_found() {
        let mut cutter = RecordCutter::<64>::new();
        assert_eq!(cutter.begin(72), Err(RecordError::OffsetTooLarge { offset: 72, limit: 64 }));
        assert_eq!(cutter.begin(56), Ok(()));
        assert_eq!(cutter.check(64, 56, false), Err(RecordError::OffsetChanged { first: 56, got: 64 }));
        assert_eq!(cutter.check(56, 57, true), Err(RecordError::LeftOver { left_over: 1 }));
        let too_small = cutter.cut(&[0; 56]).typed::<PathRecord>().err();
        assert_eq!(too_small, Some(RecordError::OffsetTooSmall { offset: 56, needed: 64 }));
        let mut none = RecordCutter::<64>::new();
        assert_eq!(none.begin(0), Ok(()));
        assert!(none.cut(&[]).typed::<PathRecord>().is_ok());
        assert_eq!(none.cut(&[0]).typed::<PathRecord>().err(), Some(RecordError::NoOffset));
        assert_eq!(Records::in_one_piece(&[0; 9], 8).err(), Some(RecordError::LeftOver { left_over: 1 }));
        assert_eq!(Records::in_one_piece(&[0; 9], 0).err(), Some(RecordError::NoOffset));
    }
}
