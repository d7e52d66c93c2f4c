//! Subnet management packet, LID routed (IBTA volume 1, 14.2.1.1): common header, M_Key, data.

use zerocopy::big_endian::U64;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::mad::{check_header, check_length};
use super::{Attribute, MAD_LENGTH, MadHeader, MadHeaderView, ManagementClass};
use crate::error::{BufferTooSmall, DecodeError};
use crate::types::MKey;

/// Bytes of data in a subnet management packet.
pub const SMP_DATA_LENGTH: usize = 64;

/// A LID routed packet as it lies in memory.
#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct SmpView {
    header: MadHeaderView,
    m_key: U64,
    reserved: [u8; 32],
    data: [u8; SMP_DATA_LENGTH],
    reserved2: [u8; 128],
}

const _: () = assert!(size_of::<SmpView>() == MAD_LENGTH);

impl SmpView {
    /// View `bytes` as a LID routed packet.
    ///
    /// # Errors
    /// When there are not exactly 256 bytes, or base version, class or class version is another.
    #[inline]
    pub fn new(bytes: &[u8]) -> Result<&Self, DecodeError> {
        const WHAT: &str = "SMP";
        let Ok(smp) = Self::ref_from_bytes(bytes) else { return Err(check_length(WHAT, bytes.len())) };
        check_header(WHAT, &smp.header, ManagementClass::SUBNET_LID_ROUTED, 1)?;
        Ok(smp)
    }

    /// Common header.
    #[inline]
    pub fn header(&self) -> &MadHeaderView {
        &self.header
    }
    /// Key that admits to the port's settings.
    #[inline]
    pub fn m_key(&self) -> MKey {
        MKey(self.m_key.get())
    }
    /// The attribute.
    #[inline]
    pub fn data(&self) -> &[u8; SMP_DATA_LENGTH] {
        &self.data
    }
}

/// Headers of a LID routed packet; the attribute follows when it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Smp {
    /// Common header.
    pub header: MadHeader,
    /// Key that admits to the port's settings.
    pub m_key: MKey,
}

impl Smp {
    /// Read the headers of a view.
    pub fn from_view(view: &SmpView) -> Self {
        Self { header: MadHeader::from_view(&view.header), m_key: view.m_key() }
    }

    /// Write the whole packet: headers, `attribute`, and zeros up to its end.
    ///
    /// # Errors
    /// When the attribute has more than 64 bytes. Of a Notice, use [`SmpNotice`](super::SmpNotice).
    pub fn emit<A: Attribute>(&self, attribute: &A) -> Result<[u8; MAD_LENGTH], BufferTooSmall> {
        let mut view = SmpView {
            header: self.header.to_view(),
            m_key: U64::new(self.m_key.0),
            reserved: [0; 32],
            data: [0; SMP_DATA_LENGTH],
            reserved2: [0; 128],
        };
        attribute.emit(&mut view.data)?;
        Ok(zerocopy::transmute!(view))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::types::TransactionId;
    use crate::wire::{
        AttributeId, Mad, Method, Notice, NoticeType, ProducerType, SmpNotice, TrapDetails, TrapNumber,
    };

    fn example() -> Smp {
        Smp {
            header: MadHeader::request(
                ManagementClass::SUBNET_LID_ROUTED,
                Method::TRAP,
                AttributeId::NOTICE,
                0,
                TransactionId(9),
            ),
            m_key: MKey(0x0102_0304_0506_0708),
        }
    }

    fn notice() -> Notice {
        let trap = TrapDetails::Other { trap_number: TrapNumber(300), data_details: [0xEE; 54] };
        Notice::generic(NoticeType::URGENT, ProducerType::SWITCH, &trap)
    }

    #[test]
    fn key_and_data_are_where_the_layout_says() {
        let bytes = example().emit(&SmpNotice(notice())).unwrap();
        assert_eq!(bytes[..4], [1, 1, 1, 5]);
        assert_eq!(bytes[24..32], [1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(bytes[32..64], [0; 32]);
        assert_eq!(bytes[64..70], [0x81, 0, 0, 2, 1, 44]);
        assert_eq!((bytes[127], bytes[128..].iter().max()), (0xEE, Some(&0)));

        let Ok(Mad::Smp(view)) = Mad::new(&bytes) else { panic!("another class") };
        assert_eq!(Smp::from_view(view), example());
        assert_eq!(SmpNotice::parse(view.data()), Ok(SmpNotice(notice())));
    }

    #[test]
    fn a_whole_notice_does_not_fit() {
        assert_eq!(example().emit(&notice()), Err(BufferTooSmall { what: "Notice", needed: 80, got: 64 }));
    }

    #[test]
    fn other_classes_and_lengths_are_refused() {
        let bytes = example().emit(&SmpNotice(notice())).unwrap();
        for offset in [0, 1, 2] {
            let mut bad = bytes;
            bad[offset] ^= 0x40;
            assert!(
                matches!(SmpView::new(&bad), Err(DecodeError::Unexpected { offset: at, .. }) if at == offset)
            );
        }
        assert!(matches!(
            SmpView::new(&bytes[1..]),
            Err(DecodeError::Truncated { needed: 256, got: 255, .. })
        ));
    }
}
