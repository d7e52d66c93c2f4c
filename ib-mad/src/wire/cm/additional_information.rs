use core::fmt;

use super::private_data::{hexadecimal, padded};
use crate::error::DataTooLong;

/// Bytes that a message has room for to tell why.
pub const ADDITIONAL_INFORMATION_LENGTH: usize = 72;

/// What a reject or a response tells besides its code: what would have been accepted, or where to go instead. The code says
/// how it is laid out; where it redirects, it is a [`ClassPortInfo`](crate::wire::ClassPortInfo).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AdditionalInformation {
    /// How many of the bytes are used, as the message says: it can say more than there are.
    pub length: u8,
    /// All of the bytes.
    pub data: [u8; ADDITIONAL_INFORMATION_LENGTH],
}

impl AdditionalInformation {
    /// `information`, and its length.
    ///
    /// # Errors
    /// When there are more than 72 bytes.
    pub fn new(information: &[u8]) -> Result<Self, DataTooLong> {
        let error = DataTooLong {
            what: "additional information",
            limit: ADDITIONAL_INFORMATION_LENGTH,
            got: information.len(),
        };
        let length = u8::try_from(information.len()).map_err(|_| error)?;
        Ok(Self { length, data: padded(information).ok_or(error)? })
    }

    /// The bytes that are used: all of them if the length lies.
    pub fn as_bytes(&self) -> &[u8] {
        used(self.length, &self.data)
    }
}

/// The first `length` bytes, or all of them if there are fewer.
pub(super) fn used(length: u8, data: &[u8; ADDITIONAL_INFORMATION_LENGTH]) -> &[u8] {
    data.get(..usize::from(length)).unwrap_or(data)
}

impl Default for AdditionalInformation {
    fn default() -> Self {
        Self { length: 0, data: [0; ADDITIONAL_INFORMATION_LENGTH] }
    }
}

impl fmt::Debug for AdditionalInformation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AdditionalInformation({} bytes: ", self.length)?;
        hexadecimal(&self.data, f)?;
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_that_lies_is_kept_and_not_believed() {
        let mut information = AdditionalInformation::new(&[1, 2, 3]).unwrap();
        assert_eq!((information.length, information.as_bytes()), (3, &[1, 2, 3][..]));
        information.length = 200;
        assert_eq!(information.as_bytes().len(), 72);
        assert_eq!(alloc::format!("{information:?}"), "AdditionalInformation(200 bytes: 010203)");
        assert_eq!(AdditionalInformation::default().as_bytes(), []);
    }

    #[test]
    fn there_is_room_for_72_bytes() {
        assert_eq!(AdditionalInformation::new(&[9; 72]).unwrap().as_bytes(), [9; 72]);
        for got in [73, 300] {
            let error = DataTooLong { what: "additional information", limit: 72, got };
            assert_eq!(AdditionalInformation::new(&[9; 300][..got]), Err(error));
        }
    }
}
