use core::fmt;
use core::time::Duration;

/// A communication manager's handle of one connection (IBTA volume 1, 12.9). Each side chooses its own: *local* is the
/// sender's of a message, *remote* its receiver's.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CommunicationId(pub u32);

impl fmt::Display for CommunicationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#010x}", self.0)
    }
}

impl fmt::Debug for CommunicationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CommunicationId({self})")
    }
}

/// Packet sequence number, 24 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Psn(u32);

impl Psn {
    /// `None` above 24 bits.
    pub const fn new(number: u32) -> Option<Self> {
        if number < 1 << 24 { Some(Self(number)) } else { None }
    }

    /// The low 24 bits of a field whose other bits mean something else.
    pub(crate) const fn from_low_bits(bits: u32) -> Self {
        Self(bits & 0x00FF_FFFF)
    }

    /// The number, below `2^24`.
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Psn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

/// Number of an end-to-end context, which a reliable datagram channel has in the place of a queue pair; 24 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Eecn(u32);

impl Eecn {
    /// `None` above 24 bits.
    pub const fn new(number: u32) -> Option<Self> {
        if number < 1 << 24 { Some(Self(number)) } else { None }
    }

    /// The low 24 bits of a field whose other bits mean something else.
    pub(crate) const fn from_low_bits(bits: u32) -> Self {
        Self(bits & 0x00FF_FFFF)
    }

    /// The number, below `2^24`.
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Eecn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

/// A time as communication management carries it: 4.096 µs times two to the power of a number of 5 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TimeoutValue(u8);

impl TimeoutValue {
    /// The longest, 2.4 hours.
    pub const MAX: Self = Self(31);

    /// `None` above 31.
    pub const fn new(exponent: u8) -> Option<Self> {
        if exponent < 32 { Some(Self(exponent)) } else { None }
    }

    /// The shortest that is not below `time`; [`MAX`](Self::MAX) for longer ones.
    pub fn at_least(time: Duration) -> Self {
        (0..31).map(Self).find(|value| value.duration() >= time).unwrap_or(Self::MAX)
    }

    /// The top five bits of a byte whose other bits mean something else.
    pub(crate) const fn from_top_bits(byte: u8) -> Self {
        Self(byte >> 3)
    }

    pub(crate) const fn to_top_bits(self) -> u8 {
        self.0 << 3
    }

    /// The exponent, 0 to 31.
    pub const fn get(self) -> u8 {
        self.0
    }

    /// The time it stands for. As the timeout of a queue pair, 0 stands for no timeout at all.
    pub const fn duration(self) -> Duration {
        Duration::from_nanos(4096 << self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_24_bits() {
        assert_eq!((Psn::new(1 << 24), Eecn::new(1 << 24)), (None, None));
        assert_eq!(Psn::new(0xFF_FFFF).map(Psn::get), Some(0xFF_FFFF));
        assert_eq!(Eecn::new(0xFF_FFFF).map(Eecn::get), Some(0xFF_FFFF));
        assert_eq!((Psn::from_low_bits(0xFF00_0001).get(), Eecn::from_low_bits(0xFF00_0002).get()), (1, 2));
    }

    #[test]
    fn timeouts_are_powers_of_two() {
        assert_eq!(TimeoutValue::default().duration(), Duration::from_nanos(4096));
        assert_eq!(TimeoutValue::new(14).unwrap().duration(), Duration::from_nanos(67_108_864));
        assert_eq!(TimeoutValue::MAX.duration(), Duration::from_nanos(4096 << 31));
        assert_eq!(TimeoutValue::new(32), None);
        for byte in 0..=u8::MAX {
            assert_eq!(TimeoutValue::from_top_bits(byte).to_top_bits(), byte & 0xF8);
        }
    }

    #[test]
    fn a_time_is_rounded_up() {
        assert_eq!(TimeoutValue::at_least(Duration::ZERO).get(), 0);
        assert_eq!(TimeoutValue::at_least(Duration::from_nanos(4096)).get(), 0);
        assert_eq!(TimeoutValue::at_least(Duration::from_nanos(4097)).get(), 1);
        assert_eq!(TimeoutValue::at_least(Duration::from_secs(1)).get(), 18);
        assert_eq!(TimeoutValue::at_least(Duration::MAX), TimeoutValue::MAX);
    }
}
