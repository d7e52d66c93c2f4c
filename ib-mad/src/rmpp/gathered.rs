use super::{Delivery, RecordError, Records};
use crate::error::BufferTooSmall;

/// A message in one piece, in the caller's memory: for whoever needs the whole before it can begin.
#[derive(Debug)]
pub struct Gathered<'b> {
    buffer: &'b mut [u8],
    length: usize,
    attribute_offset: usize,
}

impl<'b> Gathered<'b> {
    /// Nothing yet. The message must fit `buffer`, without the class's headers.
    pub const fn new(buffer: &'b mut [u8]) -> Self {
        Self { buffer, length: 0, attribute_offset: 0 }
    }

    /// Add the next part of one transfer.
    ///
    /// # Errors
    /// When the message does not fit. The part is not added; the transfer should be [aborted](super::Receivers::abort).
    pub fn add(&mut self, delivery: &Delivery<'_>) -> Result<(), BufferTooSmall> {
        let got = self.buffer.len();
        let needed = self.length.saturating_add(delivery.payload.len());
        let Some(place) = self.buffer.get_mut(self.length..needed) else {
            return Err(BufferTooSmall { what: "RMPP message", needed, got });
        };
        place.copy_from_slice(delivery.payload);
        self.length = needed;
        self.attribute_offset = delivery.attribute_offset;
        Ok(())
    }

    /// The message as far as it is there.
    pub fn bytes(&self) -> &[u8] {
        &self.buffer[..self.length]
    }

    /// The records of a whole message.
    ///
    /// # Errors
    /// When there is no attribute offset but data, or the last record is not whole.
    pub fn records(&self) -> Result<Records<'_>, RecordError> {
        Records::in_one_piece(self.bytes(), self.attribute_offset)
    }
}
