//! Subnet management packet that carries its own route (IBTA volume 1, 14.2.1.2), port by port: it finds its way before
//! there are any LIDs.

use zerocopy::big_endian::{U16, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::mad::{check_header, check_length};
use super::{
    Attribute, AttributeId, MAD_LENGTH, MadHeader, MadHeaderView, ManagementClass, Method, SMP_DATA_LENGTH,
    Status,
};
use crate::error::{BufferTooSmall, DecodeError};
use crate::types::{Lid, MKey, TransactionId};

/// Bytes of a path. The first is not used, the others are port numbers.
const PATH_LENGTH: usize = 64;

/// Hops that a directed route can have.
pub const MAX_HOPS: u8 = 63;

/// The direction bit, in the place of the status's most significant one.
const DIRECTION: u16 = 0x8000;

/// A directed route packet as it lies in memory.
#[derive(Clone, Copy, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct DirectedRouteSmpView {
    header: MadHeaderView,
    m_key: U64,
    source_lid: U16,
    destination_lid: U16,
    reserved: [u8; 28],
    data: [u8; SMP_DATA_LENGTH],
    initial_path: [u8; PATH_LENGTH],
    return_path: [u8; PATH_LENGTH],
}

const _: () = assert!(size_of::<DirectedRouteSmpView>() == MAD_LENGTH);

impl DirectedRouteSmpView {
    /// View `bytes` as a directed route packet.
    ///
    /// # Errors
    /// When there are not exactly 256 bytes, base version, class or class version is another, or the route has more
    /// than [`MAX_HOPS`].
    #[inline]
    pub fn new(bytes: &[u8]) -> Result<&Self, DecodeError> {
        const WHAT: &str = "directed route SMP";
        let Ok(smp) = Self::ref_from_bytes(bytes) else { return Err(check_length(WHAT, bytes.len())) };
        check_header(WHAT, &smp.header, ManagementClass::SUBNET_DIRECTED_ROUTE, 1)?;
        let hops = smp.hop_count();
        if hops > MAX_HOPS {
            return Err(DecodeError::OutOfRange {
                what: WHAT,
                field: "hop count",
                offset: 7,
                limit: MAX_HOPS.into(),
                got: hops.into(),
            });
        }
        Ok(smp)
    }

    /// Common header. Its status and its class specific field hold the direction, the hop pointer and the hop count too.
    #[inline]
    pub fn header(&self) -> &MadHeaderView {
        &self.header
    }
    /// Status without the direction.
    #[inline]
    pub fn status(&self) -> Status {
        Status(self.header.status().0 & !DIRECTION)
    }
    /// Whether the packet is on its way back.
    #[inline]
    pub fn is_returning(&self) -> bool {
        self.header.status().0 & DIRECTION != 0
    }
    /// Where on its path the packet is.
    #[inline]
    pub fn hop_pointer(&self) -> u8 {
        let [pointer, _] = self.header.class_specific().to_be_bytes();
        pointer
    }
    /// Hops of the path, at most [`MAX_HOPS`].
    #[inline]
    pub fn hop_count(&self) -> u8 {
        let [_, count] = self.header.class_specific().to_be_bytes();
        count
    }
    /// Key that admits to the port's settings.
    #[inline]
    pub fn m_key(&self) -> MKey {
        MKey(self.m_key.get())
    }
    /// Where the directed part starts (DrSLID); permissive if at the sender.
    #[inline]
    pub fn source_lid(&self) -> Lid {
        Lid(self.source_lid.get())
    }
    /// Where the packet goes after the directed part (DrDLID); permissive if nowhere.
    #[inline]
    pub fn destination_lid(&self) -> Lid {
        Lid(self.destination_lid.get())
    }
    /// The attribute.
    #[inline]
    pub fn data(&self) -> &[u8; SMP_DATA_LENGTH] {
        &self.data
    }
    /// Port by which the packet leaves at each hop, from index 1.
    #[inline]
    pub fn initial_path(&self) -> &[u8; PATH_LENGTH] {
        &self.initial_path
    }
    /// Port by which it came in at each hop, from index 1.
    #[inline]
    pub fn return_path(&self) -> &[u8; PATH_LENGTH] {
        &self.return_path
    }
}

/// Headers and route of a directed route packet; the attribute follows when it is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DirectedRouteSmp {
    /// Common header. The direction in its status and its class specific field are not looked at: the next three fields
    /// take their place.
    pub header: MadHeader,
    /// Whether the packet is on its way back.
    pub is_returning: bool,
    /// Where on its path the packet is.
    pub hop_pointer: u8,
    /// Hops of the path; a packet with more than [`MAX_HOPS`] is refused by who receives it.
    pub hop_count: u8,
    /// Key that admits to the port's settings.
    pub m_key: MKey,
    /// Where the directed part starts (DrSLID); permissive if at the sender.
    pub source_lid: Lid,
    /// Where the packet goes after the directed part (DrDLID); permissive if nowhere.
    pub destination_lid: Lid,
    /// Port by which the packet leaves at each hop, from index 1.
    pub initial_path: [u8; PATH_LENGTH],
    /// Port by which it came in at each hop, from index 1.
    pub return_path: [u8; PATH_LENGTH],
}

impl DirectedRouteSmp {
    /// Request along `ports`, by which it leaves the sender, the first switch and so on; none stands for the sender
    /// itself. `None` if there are more than [`MAX_HOPS`].
    pub fn request(
        method: Method,
        attribute_id: AttributeId,
        attribute_modifier: u32,
        transaction_id: TransactionId,
        ports: &[u8],
    ) -> Option<Self> {
        let hop_count = u8::try_from(ports.len()).ok().filter(|hops| *hops <= MAX_HOPS)?;
        let mut initial_path = [0; PATH_LENGTH];
        for (hop, port) in initial_path.iter_mut().skip(1).zip(ports) {
            *hop = *port;
        }
        let class = ManagementClass::SUBNET_DIRECTED_ROUTE;
        Some(Self {
            header: MadHeader::request(class, method, attribute_id, attribute_modifier, transaction_id),
            is_returning: false,
            hop_pointer: 0,
            hop_count,
            m_key: MKey(0),
            source_lid: Lid::PERMISSIVE,
            destination_lid: Lid::PERMISSIVE,
            initial_path,
            return_path: [0; PATH_LENGTH],
        })
    }

    /// Read headers and route of a view.
    pub fn from_view(view: &DirectedRouteSmpView) -> Self {
        Self {
            header: MadHeader {
                status: view.status(),
                class_specific: 0,
                ..MadHeader::from_view(&view.header)
            },
            is_returning: view.is_returning(),
            hop_pointer: view.hop_pointer(),
            hop_count: view.hop_count(),
            m_key: view.m_key(),
            source_lid: view.source_lid(),
            destination_lid: view.destination_lid(),
            initial_path: view.initial_path,
            return_path: view.return_path,
        }
    }

    /// Write the whole packet: headers, `attribute`, zeros up to the end of the data, and the route.
    ///
    /// # Errors
    /// When the attribute has more than 64 bytes. Of a Notice, use [`SmpNotice`](super::SmpNotice).
    pub fn emit<A: Attribute>(&self, attribute: &A) -> Result<[u8; MAD_LENGTH], BufferTooSmall> {
        let direction = if self.is_returning { DIRECTION } else { 0 };
        let header = MadHeader {
            status: Status(self.header.status.0 & !DIRECTION | direction),
            class_specific: u16::from_be_bytes([self.hop_pointer, self.hop_count]),
            ..self.header
        };
        let mut view = DirectedRouteSmpView {
            header: header.to_view(),
            m_key: U64::new(self.m_key.0),
            source_lid: U16::new(self.source_lid.0),
            destination_lid: U16::new(self.destination_lid.0),
            reserved: [0; 28],
            data: [0; SMP_DATA_LENGTH],
            initial_path: self.initial_path,
            return_path: self.return_path,
        };
        attribute.emit(&mut view.data)?;
        Ok(zerocopy::transmute!(view))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::{Mad, NodeDescription};

    fn example() -> DirectedRouteSmp {
        let mut smp = DirectedRouteSmp::request(
            Method::GET,
            AttributeId::NODE_DESCRIPTION,
            0,
            TransactionId(0x11),
            &[1, 7, 3],
        )
        .unwrap();
        smp.return_path[1..4].copy_from_slice(&[8, 9, 10]);
        DirectedRouteSmp {
            header: MadHeader { status: Status(0x001C), ..smp.header },
            is_returning: true,
            hop_pointer: 2,
            m_key: MKey(0x0102_0304_0506_0708),
            source_lid: Lid(0x090A),
            destination_lid: Lid(0x0B0C),
            ..smp
        }
    }

    #[test]
    fn fields_are_where_the_layout_says() {
        let bytes = example().emit(&NodeDescription([b'x'; 64])).unwrap();
        assert_eq!(bytes[..8], [1, 0x81, 1, 1, 0x80, 0x1C, 2, 3]);
        assert_eq!(bytes[24..36], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        assert_eq!(bytes[36..64], [0; 28]);
        assert_eq!(bytes[64..128], [b'x'; 64]);
        assert_eq!(bytes[128..133], [0, 1, 7, 3, 0]);
        assert_eq!(bytes[192..197], [0, 8, 9, 10, 0]);

        let Ok(Mad::DirectedRoute(view)) = Mad::new(&bytes) else { panic!("another class") };
        assert_eq!(DirectedRouteSmp::from_view(view), example());
        assert_eq!(view.data(), &[b'x'; 64]);
    }

    #[test]
    fn a_route_has_at_most_63_hops() {
        let request = |ports: &[u8]| {
            DirectedRouteSmp::request(Method::GET, AttributeId::NODE_INFO, 0, TransactionId(1), ports)
        };
        let longest = request(&[5; 63]).unwrap();
        assert_eq!(longest.initial_path[63], 5);
        assert_eq!(request(&[5; 64]), None);
        assert_eq!(request(&[5; 300]), None);

        let mut bytes = longest.emit(&NodeDescription::default()).unwrap();
        assert!(DirectedRouteSmpView::new(&bytes).is_ok());
        bytes[7] = 64;
        assert!(matches!(
            DirectedRouteSmpView::new(&bytes),
            Err(DecodeError::OutOfRange { field: "hop count", offset: 7, limit: 63, got: 64, .. })
        ));
    }

    #[test]
    fn other_classes_and_lengths_are_refused() {
        let bytes = example().emit(&NodeDescription::default()).unwrap();
        for offset in [0, 1, 2] {
            let mut bad = bytes;
            bad[offset] ^= 0x40;
            assert!(
                matches!(DirectedRouteSmpView::new(&bad), Err(DecodeError::Unexpected { offset: at, .. }) if at == offset)
            );
        }
        assert!(DirectedRouteSmpView::new(&bytes[..255]).is_err());
    }
}
