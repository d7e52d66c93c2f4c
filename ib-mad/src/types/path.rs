use core::fmt;
use core::time::Duration;

/// Service level of a packet, 4 bits. Switches map it to a virtual lane.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceLevel(u8);

impl ServiceLevel {
    /// `None` above 15.
    pub const fn new(level: u8) -> Option<Self> {
        if level < 16 { Some(Self(level)) } else { None }
    }

    /// The low four bits of a field whose other bits mean something else.
    pub(crate) const fn from_low_bits(bits: u8) -> Self {
        Self(bits & 0xF)
    }

    /// The level, 0 to 15.
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl fmt::Display for ServiceLevel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Virtual lane of a link, 4 bits: 0 to 14 carry data, 15 carries subnet management.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VirtualLane(u8);

impl VirtualLane {
    /// The lane of subnet management; a service level that is mapped to it may not be used.
    pub const SUBNET_MANAGEMENT: Self = Self(15);

    /// `None` above 15.
    pub const fn new(lane: u8) -> Option<Self> {
        if lane < 16 { Some(Self(lane)) } else { None }
    }

    /// The low four bits of a field whose other bits mean something else.
    pub(crate) const fn from_low_bits(bits: u8) -> Self {
        Self(bits & 0xF)
    }

    /// The lane, 0 to 15.
    pub const fn get(self) -> u8 {
        self.0
    }
}

impl fmt::Display for VirtualLane {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Largest payload of a packet, as the code of 6 bits that path records and ports use (IBTA volume 1, table 156 and 15.2.5.16).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mtu(pub u8);

impl Mtu {
    /// 2048 bytes, what a path can carry at least on most adapters.
    pub const B2048: Self = Self(4);
    /// 4096 bytes, the largest.
    pub const B4096: Self = Self(5);

    /// The payload in bytes; `None` for a code without a meaning.
    pub const fn bytes(self) -> Option<u16> {
        match self.0 {
            1 => Some(256),
            2 => Some(512),
            3 => Some(1024),
            4 => Some(2048),
            5 => Some(4096),
            _ => None,
        }
    }
}

/// Rate of a path, as the code of 6 bits that path records use (IBTA volume 1, 15.2.5.16).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate(pub u8);

impl Rate {
    /// Signalling rate in units of 100 Mbit/s (25 is 2.5 Gbit/s); `None` for a code without a meaning. The codes
    /// are not in the order of the rates.
    pub const fn hundred_megabits(self) -> Option<u32> {
        Some(match self.0 {
            2 => 25,
            3 => 100,
            4 => 300,
            5 => 50,
            6 => 200,
            7 => 400,
            8 => 600,
            9 => 800,
            10 => 1200,
            11 => 140,
            12 => 560,
            13 => 1120,
            14 => 1680,
            15 => 250,
            16 => 1000,
            17 => 2000,
            18 => 3000,
            19 => 280,
            20 => 500,
            21 => 4000,
            22 => 6000,
            23 => 8000,
            24 => 12000,
            _ => return None,
        })
    }
}

/// Time that a packet may stay in the fabric, as the code of 6 bits that path records use: 4.096 µs times two to its power.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PacketLifetime(pub u8);

impl PacketLifetime {
    /// The time it stands for; codes above 31 count as 31 (2.4 hours), the largest that a port can be given.
    pub const fn duration(self) -> Duration {
        let exponent = if self.0 > 31 { 31 } else { self.0 };
        Duration::from_nanos(4096 << exponent)
    }
}

/// How a query's MTU, rate or lifetime is to be compared with a path's (2 bits).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Selector {
    /// More than the value.
    #[default]
    GreaterThan,
    /// Less than the value.
    LessThan,
    /// The value. Responses carry this one.
    Exactly,
    /// The largest there is (the smallest, for a lifetime).
    Best,
}

impl Selector {
    pub(crate) const fn from_top_bits(byte: u8) -> Self {
        match byte >> 6 {
            0 => Self::GreaterThan,
            1 => Self::LessThan,
            2 => Self::Exactly,
            _ => Self::Best,
        }
    }

    pub(crate) const fn to_top_bits(self) -> u8 {
        match self {
            Self::GreaterThan => 0,
            Self::LessThan => 0x40,
            Self::Exactly => 0x80,
            Self::Best => 0xC0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_round_trip_beside_any_value() {
        for byte in 0..=u8::MAX {
            assert_eq!(Selector::from_top_bits(byte).to_top_bits(), byte & 0xC0);
        }
    }

    #[test]
    fn lanes_have_four_bits() {
        assert_eq!(
            (VirtualLane::new(16), VirtualLane::new(15)),
            (None, Some(VirtualLane::SUBNET_MANAGEMENT))
        );
        assert_eq!(VirtualLane::from_low_bits(0xF3).get(), 3);
    }

    #[test]
    fn codes_mean_what_the_tables_say() {
        assert_eq!(Mtu::B4096.bytes(), Some(4096));
        assert_eq!((Mtu(0).bytes(), Mtu(6).bytes()), (None, None));
        assert_eq!((Rate(2).hundred_megabits(), Rate(5).hundred_megabits()), (Some(25), Some(50)));
        assert_eq!((Rate(1).hundred_megabits(), Rate(25).hundred_megabits()), (None, None));
        assert_eq!(PacketLifetime(0).duration(), Duration::from_nanos(4096));
        assert_eq!(PacketLifetime(18).duration(), Duration::from_nanos(4096 << 18));
        assert_eq!(PacketLifetime(63).duration(), PacketLifetime(31).duration());
    }
}
