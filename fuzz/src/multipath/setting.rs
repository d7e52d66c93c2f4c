use sim::Faults;

use super::Mutant;

/// What is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Traffic {
    /// One message, a byte in each packet, ordered on one path.
    Message,
    /// One message, a byte in each packet, one outstanding at a time over any path.
    OneOutstanding,
    /// Writes of two packets each to the same two addresses, unordered over all paths.
    Writes,
}

/// What does not change in a world.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Setting {
    /// What is sent.
    pub traffic: Traffic,
    /// Packets in all.
    pub packets: u8,
    /// Bits of a sequence number.
    pub sequence_bits: u8,
    /// Packets outstanding.
    pub window: u32,
    /// Paths, up to four.
    pub paths: usize,
    /// The rule that is left out.
    pub mutant: Mutant,
}

/// What may still go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Disturbances {
    /// On the lanes: losses, and packets overtaken on their own lane.
    pub faults: Faults,
    /// Paths that fail for good.
    pub cuts: u32,
    /// Paths that return.
    pub returns: u32,
    /// Deadlines that pass while something is on the way.
    pub impatience: u32,
    /// Deadlines that pass while every path is cut.
    pub idle: u32,
}

impl Disturbances {
    /// No disturbances.
    pub const NONE: Self = Self { faults: Faults::NONE, cuts: 0, returns: 0, impatience: 0, idle: 0 };
    /// Disturbances without end, for walks. Lanes repeat no packet: what is unordered could not be told from its copy, nor
    /// with few sequence numbers what is ordered.
    pub const UNLIMITED: Self = Self {
        faults: Faults { duplicates: 0, ..Faults::UNLIMITED },
        cuts: u32::MAX,
        returns: u32::MAX,
        impatience: u32::MAX,
        idle: u32::MAX,
    };
}
