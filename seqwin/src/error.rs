//! Why a configuration, a launch or a response is not taken.

use crate::Sequence;

/// A configuration that cannot work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// Sequence numbers have 2 to 32 bits.
    #[error("sequence numbers of {bits} bits: give 2 to 32")]
    Bits {
        /// What was asked for.
        bits: u8,
    },
    /// The window is empty, or so large that a packet sent again could pass for a new one.
    #[error("window of {window} packets: give 1 to {largest}, half of all sequence numbers")]
    Window {
        /// What was asked for.
        window: u32,
        /// The largest that the bits allow.
        largest: u32,
    },
    /// The first number has more bits than a sequence number.
    #[error("first sequence number {first}: give 0 to {last}")]
    FirstSequence {
        /// What was asked for.
        first: Sequence,
        /// The largest that the bits allow.
        last: Sequence,
    },
}

/// Why a packet cannot be launched now. Nothing has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum LaunchError {
    /// As many packets are outstanding as the window, or the requester's places, allow.
    #[error("the window is full: wait for a response to the earliest packet")]
    WindowFull,
    /// Unordered packets are outstanding: the next ordered one waits until all of them are acknowledged.
    #[error("unordered packets are outstanding: wait until all are acknowledged")]
    UnorderedOutstanding,
    /// Packets have failed: they are launched again before new ones are.
    #[error("packets have failed: relaunch them first")]
    RelaunchPending,
}

/// Which of the five values of a response fits no outstanding packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum UnmatchedReason {
    /// It answers another source.
    #[error("the response is to another source")]
    Source,
    /// It answers another VI.
    #[error("the response is to another VI")]
    Vi,
    /// No outstanding packet was last sent with this serial number: mostly a late response, to an earlier transmission.
    #[error("no outstanding packet has the serial number of the response")]
    Serial,
    /// The packet with this serial number has another sequence number.
    #[error("the packet with the serial number of the response has another sequence number")]
    Sequence,
    /// The packet with this serial number is of another type.
    #[error("the packet with the serial number of the response is of another transaction type")]
    Kind,
    /// The packet is acknowledged, and outstanding only because one before it is not.
    #[error("the packet is acknowledged already")]
    AlreadyAcknowledged,
}
