/// Kind of a connection in a [`ConnectRequest`](super::ConnectRequest), 2 bits; for the last of them the extended transport
/// type says which.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TransportServiceType(pub u8);

impl TransportServiceType {
    /// Reliable connection.
    pub const RELIABLE_CONNECTION: Self = Self(0);
    /// Unreliable connection.
    pub const UNRELIABLE_CONNECTION: Self = Self(1);
    /// Reliable datagram.
    pub const RELIABLE_DATAGRAM: Self = Self(2);
    /// What the extended transport type says.
    pub const EXTENDED: Self = Self(3);
}

/// Kind of a connection, told by both of its fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Transport {
    /// Reliable connection (RC).
    #[default]
    ReliableConnection,
    /// Unreliable connection (UC).
    UnreliableConnection,
    /// Reliable datagram (RD).
    ReliableDatagram,
    /// Extended reliable connection (XRC).
    ExtendedReliableConnection,
    /// An extended transport without a meaning: its type, 3 bits.
    Extended(u8),
}

impl Transport {
    /// What a transport service type and an extended transport type (3 bits) stand for. The latter counts only beside
    /// [`EXTENDED`](TransportServiceType::EXTENDED).
    pub const fn new(service_type: TransportServiceType, extended_type: u8) -> Self {
        match (service_type.0 & 3, extended_type & 7) {
            (0, _) => Self::ReliableConnection,
            (1, _) => Self::UnreliableConnection,
            (2, _) => Self::ReliableDatagram,
            (_, 1) => Self::ExtendedReliableConnection,
            (_, other) => Self::Extended(other),
        }
    }

    /// The transport service type and the extended transport type that stand for it.
    pub const fn types(self) -> (TransportServiceType, u8) {
        match self {
            Self::ReliableConnection => (TransportServiceType::RELIABLE_CONNECTION, 0),
            Self::UnreliableConnection => (TransportServiceType::UNRELIABLE_CONNECTION, 0),
            Self::ReliableDatagram => (TransportServiceType::RELIABLE_DATAGRAM, 0),
            Self::ExtendedReliableConnection => (TransportServiceType::EXTENDED, 1),
            Self::Extended(other) => (TransportServiceType::EXTENDED, other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_round_trip_through_their_types() {
        for service_type in 0..4 {
            for extended_type in 0..8 {
                let kind = Transport::new(TransportServiceType(service_type), extended_type);
                let (again, extended_again) = kind.types();
                assert_eq!(again.0, service_type);
                assert_eq!(extended_again, if service_type == 3 { extended_type } else { 0 });
            }
        }
        assert_eq!(Transport::new(TransportServiceType(3), 1), Transport::ExtendedReliableConnection);
        assert_eq!(Transport::new(TransportServiceType(0), 1), Transport::ReliableConnection);
    }
}
