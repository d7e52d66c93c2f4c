//! Datagram of communication management (IBTA volume 1, 12.6): common header, message.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{CmMessage, CmMessageView};
use crate::error::{BufferTooSmall, DecodeError};
use crate::types::TransactionId;
use crate::wire::mad::{check_header, check_length};
use crate::wire::{Attribute, MAD_LENGTH, MadHeader, MadHeaderView, ManagementClass, Method};

/// Bytes of a message of communication management.
pub const COMMUNICATION_DATA_LENGTH: usize = 232;

/// A datagram of communication management as it lies in memory.
#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct CmMadView {
    header: MadHeaderView,
    data: [u8; COMMUNICATION_DATA_LENGTH],
}

const _: () = assert!(size_of::<CmMadView>() == MAD_LENGTH);

impl CmMadView {
    /// View `bytes` as a datagram of communication management.
    ///
    /// # Errors
    /// When there are not exactly 256 bytes, or base version, class or class version is another.
    #[inline]
    pub fn new(bytes: &[u8]) -> Result<&Self, DecodeError> {
        const WHAT: &str = "communication MAD";
        let Ok(mad) = Self::ref_from_bytes(bytes) else { return Err(check_length(WHAT, bytes.len())) };
        check_header(WHAT, &mad.header, ManagementClass::COMMUNICATION, 2)?;
        Ok(mad)
    }

    /// Common header.
    #[inline]
    pub fn header(&self) -> &MadHeaderView {
        &self.header
    }
    /// The message, or the attribute.
    #[inline]
    pub fn data(&self) -> &[u8; COMMUNICATION_DATA_LENGTH] {
        &self.data
    }
    /// The message, told by the header's attribute.
    #[inline]
    pub fn message(&self) -> CmMessageView<'_> {
        CmMessageView::new(self.header.attribute_id(), &self.data)
    }
}

/// Header of a datagram of communication management; the message follows when it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CmMad {
    /// Common header. A message answers another under the same transaction id, with the method Send.
    pub header: MadHeader,
}

impl CmMad {
    /// Header of the message `M`.
    pub const fn send<M: CmMessage>(transaction_id: TransactionId) -> Self {
        let class = ManagementClass::COMMUNICATION;
        Self { header: MadHeader::request(class, Method::SEND, M::ATTRIBUTE, 0, transaction_id) }
    }

    /// Read the header of a view.
    pub fn from_view(view: &CmMadView) -> Self {
        Self { header: MadHeader::from_view(&view.header) }
    }

    /// Write the whole datagram: header, `message`, and zeros up to its end.
    ///
    /// # Errors
    /// When the message has more than 232 bytes, which no message of the class has.
    pub fn emit<A: Attribute>(&self, message: &A) -> Result<[u8; MAD_LENGTH], BufferTooSmall> {
        let mut view = CmMadView { header: self.header.to_view(), data: [0; COMMUNICATION_DATA_LENGTH] };
        message.emit(&mut view.data)?;
        Ok(zerocopy::transmute!(view))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::CommunicationId;
    use crate::wire::{AttributeId, Mad, ReadyToUse};

    #[test]
    fn a_message_stands_behind_the_header() {
        let message = ReadyToUse {
            local_communication_id: CommunicationId(0x0102_0304),
            remote_communication_id: CommunicationId(0x0506_0708),
            ..ReadyToUse::default()
        };
        let mad = CmMad::send::<ReadyToUse>(TransactionId(9));
        let bytes = mad.emit(&message).unwrap();
        assert_eq!(bytes[..4], [1, 7, 2, 3]);
        assert_eq!((bytes[15], bytes[17]), (9, 0x14));
        assert_eq!(bytes[24..33], [1, 2, 3, 4, 5, 6, 7, 8, 0]);

        let Ok(Mad::Communication(view)) = Mad::new(&bytes) else { panic!("another class") };
        assert_eq!(view.header().attribute_id(), AttributeId::READY_TO_USE);
        assert_eq!(CmMad::from_view(view), mad);
        assert!(
            matches!(view.message(), CmMessageView::ReadyToUse(rtu) if ReadyToUse::from_view(rtu) == message)
        );
    }

    #[test]
    fn other_classes_and_lengths_are_refused() {
        let mut bytes = [0; MAD_LENGTH + 1];
        bytes[..3].copy_from_slice(&[1, 7, 2]);
        assert!(CmMadView::new(&bytes[..MAD_LENGTH]).is_ok());
        for offset in [0, 1, 2] {
            let mut bad = bytes;
            bad[offset] ^= 0x40;
            assert!(
                matches!(CmMadView::new(&bad[..MAD_LENGTH]), Err(DecodeError::Unexpected { offset: at, .. }) if at == offset)
            );
        }
        assert!(matches!(
            CmMadView::new(&bytes[..255]),
            Err(DecodeError::Truncated { needed: 256, got: 255, .. })
        ));
        assert!(matches!(CmMadView::new(&bytes), Err(DecodeError::Oversized { limit: 256, got: 257, .. })));
    }
}
