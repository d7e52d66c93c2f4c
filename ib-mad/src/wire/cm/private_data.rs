use core::fmt;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use crate::error::DataTooLong;

/// What the users of a connection tell each other in a message: `N` bytes that mean nothing to communication management.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned,
)]
#[repr(transparent)]
pub struct PrivateData<const N: usize>(pub [u8; N]);

impl<const N: usize> PrivateData<N> {
    /// Bytes that there is room for.
    pub const LENGTH: usize = N;

    /// `data`, with zeros behind it: a message does not say how long its private data are.
    ///
    /// # Errors
    /// When there are more than `N` bytes.
    pub fn new(data: &[u8]) -> Result<Self, DataTooLong> {
        padded(data).map(Self).ok_or(DataTooLong { what: "private data", limit: N, got: data.len() })
    }
}

/// `data` with zeros behind it; `None` when there are more than `N` bytes.
pub(super) fn padded<const N: usize>(data: &[u8]) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    bytes.get_mut(..data.len())?.copy_from_slice(data);
    Some(bytes)
}

/// Bytes in hexadecimal; the zeros at the end are left out.
pub(super) fn hexadecimal(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let used = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last.saturating_add(1));
    bytes.iter().take(used).try_for_each(|byte| write!(f, "{byte:02x}"))
}

impl<const N: usize> Default for PrivateData<N> {
    fn default() -> Self {
        Self([0; N])
    }
}

impl<const N: usize> fmt::Debug for PrivateData<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateData(")?;
        hexadecimal(&self.0, f)?;
        f.write_str(")")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_are_padded_up_to_their_bound() {
        let data = [7; 93];
        assert_eq!(PrivateData::<92>::new(&data[..92]), Ok(PrivateData([7; 92])));
        let mut short = PrivateData::<92>::default();
        short.0[0] = 7;
        assert_eq!(PrivateData::new(&[7]), Ok(short));
        assert_eq!(PrivateData::new(&[]), Ok(PrivateData::<92>::default()));
        let error = DataTooLong { what: "private data", limit: 92, got: 93 };
        assert_eq!(PrivateData::<92>::new(&data), Err(error));
    }

    #[test]
    fn zeros_at_the_end_are_not_shown() {
        let shown = |data: &[u8]| alloc::format!("{:?}", PrivateData::<4>::new(data).unwrap());
        assert_eq!(shown(&[0, 0xAB, 0, 0]), "PrivateData(00ab)");
        assert_eq!(shown(&[]), "PrivateData()");
        assert_eq!(shown(&[0, 0, 0, 1]), "PrivateData(00000001)");
    }
}
