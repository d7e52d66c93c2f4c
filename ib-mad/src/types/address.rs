use core::fmt;
use core::net::Ipv6Addr;

/// Local identifier of a port inside one subnet (IBTA volume 1, 4.1.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Lid(pub u16);

impl Lid {
    /// No identifier has been assigned.
    pub const UNASSIGNED: Self = Self(0);
    /// Accepted by every port, whatever its own identifier: used by directed routes.
    pub const PERMISSIVE: Self = Self(0xFFFF);
    /// The largest identifier that a port can have.
    pub const LAST_UNICAST: Self = Self(0xBFFF);

    /// Whether a port can have this identifier (1 to 0xBFFF).
    pub const fn is_unicast(self) -> bool {
        self.0 >= 1 && self.0 <= Self::LAST_UNICAST.0
    }

    /// Whether this identifier names a multicast group (0xC000 to 0xFFFE).
    pub const fn is_multicast(self) -> bool {
        self.0 >= 0xC000 && self.0 < 0xFFFF
    }

    /// The low bits that tell the paths of a port apart which has `2^lmc` identifiers; `lmc` is 0 to 7.
    pub const fn path_bits(self, lmc: u8) -> u8 {
        let [_, low] = self.0.to_be_bytes();
        let lmc = if lmc > 7 { 7 } else { lmc };
        low & ((1 << lmc) - 1)
    }
}

impl fmt::Display for Lid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Globally unique identifier (EUI-64) of a node, a port or a system.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Guid(pub u64);

impl fmt::Display for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#018x}", self.0)
    }
}

impl fmt::Debug for Guid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Guid({self})")
    }
}

/// Global identifier of a port or a multicast group, in network order; written like an IPv6 address.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Gid(pub [u8; 16]);

impl Gid {
    /// No port: a field that does not apply.
    pub const UNSPECIFIED: Self = Self([0; 16]);
    /// The subnet prefix that subnets have unless they were given another (IBTA volume 1, 4.1.1).
    pub const DEFAULT_PREFIX: u64 = 0xFE80_0000_0000_0000;

    /// The identifier of the port `guid` in the subnet `prefix`.
    pub const fn new(prefix: u64, guid: Guid) -> Self {
        Self(((prefix as u128) << 64 | guid.0 as u128).to_be_bytes())
    }

    /// The subnet's part.
    pub const fn prefix(self) -> u64 {
        (u128::from_be_bytes(self.0) >> 64) as u64
    }

    /// The port's part.
    pub const fn guid(self) -> Guid {
        Guid(u128::from_be_bytes(self.0) as u64)
    }

    /// Whether this names a multicast group.
    pub const fn is_multicast(self) -> bool {
        self.0[0] == 0xFF
    }
}

impl fmt::Display for Gid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Ipv6Addr::from(self.0), f)
    }
}

impl fmt::Debug for Gid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Gid({self})")
    }
}

/// Queue pair number, 24 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Qpn(u32);

impl Qpn {
    /// Queue pair 0, for subnet management packets.
    pub const SUBNET_MANAGEMENT: Self = Self(0);
    /// Queue pair 1, for general services, subnet administration among them.
    pub const GENERAL_SERVICES: Self = Self(1);

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

impl fmt::Display for Qpn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lid_ranges_touch_without_overlap() {
        for lid in 0..=u16::MAX {
            let kinds = u8::from(Lid(lid).is_unicast())
                + u8::from(Lid(lid).is_multicast())
                + u8::from(lid == 0 || lid == 0xFFFF)
                + u8::from((0xBFFF + 1..0xC000).contains(&lid));
            assert_eq!(kinds, 1, "{lid:#x}");
        }
    }

    #[test]
    fn path_bits_are_the_low_lmc_bits() {
        assert_eq!(Lid(0x1237).path_bits(0), 0);
        assert_eq!(Lid(0x1237).path_bits(3), 7);
        assert_eq!(Lid(0x12FF).path_bits(200), 0x7F, "lmc has three bits");
    }

    #[test]
    fn gid_parts_and_text() {
        let gid = Gid::new(Gid::DEFAULT_PREFIX, Guid(0x0010_000d));
        assert_eq!(gid.prefix(), Gid::DEFAULT_PREFIX);
        assert_eq!(gid.guid(), Guid(0x0010_000d));
        assert!(!gid.is_multicast());
        #[cfg(feature = "std")]
        assert_eq!(std::format!("{gid} {}", gid.guid()), "fe80::10:d 0x000000000010000d");
    }

    #[test]
    fn qpn_has_24_bits() {
        assert_eq!(Qpn::new(1 << 24), None);
        assert_eq!(Qpn::from_low_bits(0xFF00_0001), Qpn::GENERAL_SERVICES);
    }
}
