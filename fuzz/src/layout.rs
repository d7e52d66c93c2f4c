use core::fmt::Debug;

use ib_mad::wire::Attribute;
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

/// Bytes as they are, in the place of an attribute: a whole datagram can then be written again with what it carried.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Raw<const N: usize>(pub(crate) [u8; N]);

impl<const N: usize> Attribute for Raw<N>
where
    [u8; N]: FromBytes + IntoBytes + KnownLayout + Immutable + Unaligned,
{
    type View = [u8; N];
    const NAME: &'static str = "bytes";

    fn from_view(view: &[u8; N]) -> Self {
        Self(*view)
    }

    fn to_view(&self) -> [u8; N] {
        self.0
    }
}

/// Check a fixed layout on the start of `bytes`: it is refused when it is cut short; else every field is read, printed
/// and written again, the result reads the same, reserved bits are zero in it, and all other bits are as they came. The
/// bytes at `flags` are an exception: any value but zero is written as one.
pub(crate) fn check<A: Attribute + PartialEq + Debug>(bytes: &[u8], flags: &[usize]) {
    checked::<A>(bytes, flags);
}

/// As [`check`]; the value that was read, if there was one.
pub(crate) fn checked<A: Attribute + PartialEq + Debug>(bytes: &[u8], flags: &[usize]) -> Option<A> {
    let mut cut = A::LENGTH.min(bytes.len());
    if cut == A::LENGTH {
        cut -= 1;
    }
    assert!(A::parse(&bytes[..cut]).is_err(), "{} of {cut} bytes", A::NAME);
    let value = A::parse(bytes).ok()?;
    assert!(!format!("{value:?}").is_empty());

    let mut small = vec![0xA5; A::LENGTH - 1];
    assert!(value.emit(&mut small).is_err() && small.iter().all(|byte| *byte == 0xA5), "{}", A::NAME);

    let written = write(&value);
    assert_eq!(A::parse(&written).as_ref(), Ok(&value));
    let reserved = reserved_bits::<A>();
    for (place, (new, old)) in written.iter().zip(bytes).enumerate() {
        let expected = if flags.contains(&place) { u8::from(*old != 0) } else { old & !reserved[place] };
        assert_eq!(*new, expected, "byte {place} of {}, which was {old:#04x}", A::NAME);
    }
    Some(value)
}

/// Write a value into a buffer that holds something else.
pub(crate) fn write<A: Attribute>(value: &A) -> Vec<u8> {
    let mut out = vec![0xFF; A::LENGTH + 1];
    assert_eq!(value.emit(&mut out), Ok(A::LENGTH));
    assert_eq!(out.pop(), Some(0xFF), "{} writes behind its end", A::NAME);
    out
}

/// The bits that a layout loses: those that are zero after all of them were one.
fn reserved_bits<A: Attribute>() -> Vec<u8> {
    let ones = A::parse(&vec![0xFF; A::LENGTH]).map(|value| write(&value));
    ones.unwrap_or_default().iter().map(|byte| !byte).collect()
}
