use multipath::PathSet;
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
    /// Of two packets each, again and again: a message, a read of the two addresses, a message, an unordered write to them.
    Mixed,
}

/// What a descriptor asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Work {
    /// A message of this many bytes; the first has this number.
    Send { first: u8, length: u8 },
    /// An unordered write of this number to both addresses.
    Write(u8),
    /// A read of both addresses, which hold this number.
    Read(u8),
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
    /// Those of them that the virtual interface may use.
    pub permitted: PathSet,
    /// A descriptor begins when the one before is acknowledged, not when it is launched.
    pub after_acknowledgement: bool,
    /// The responder says nothing to a packet ahead of its turn.
    pub silent: bool,
    /// The responder is told that a path is down before its barrier has failed.
    pub tells_ahead: bool,
    /// The rule that is left out.
    pub mutant: Mutant,
}

impl Setting {
    /// How many descriptors there are.
    pub(super) const fn descriptors(&self) -> u8 {
        match self.traffic {
            Traffic::Message | Traffic::OneOutstanding => 1,
            Traffic::Writes | Traffic::Mixed => self.packets / 2,
        }
    }

    /// What the descriptor with this index asks for.
    pub(super) const fn work(&self, index: u8) -> Work {
        match self.traffic {
            Traffic::Message | Traffic::OneOutstanding => Work::Send { first: 0, length: self.packets },
            Traffic::Writes => Work::Write(index + 1),
            Traffic::Mixed => match index % 4 {
                // Every second descriptor is a message.
                0 | 2 => Work::Send { first: index, length: 2 },
                1 => Work::Read(index - 1),
                _ => Work::Write(index + 1),
            },
        }
    }

    /// The descriptor that brings this byte of a message.
    pub(super) const fn descriptor_of(&self, byte: u8) -> u8 {
        match self.traffic {
            Traffic::Mixed => byte & !1,
            Traffic::Message | Traffic::OneOutstanding | Traffic::Writes => 0,
        }
    }

    /// Bytes that are sent in messages.
    pub(super) const fn message_bytes(&self) -> u8 {
        match self.traffic {
            Traffic::Message | Traffic::OneOutstanding => self.packets,
            Traffic::Writes => 0,
            // Of every four descriptors two are messages; of a rest, the first and the third.
            Traffic::Mixed => (self.descriptors() + 1) & !1,
        }
    }
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
    /// Times that half of what is left until the next deadline passes: what is begun then is due between other deadlines.
    pub lingers: u32,
    /// Times that the machines are told of a deadline so late that every other has passed too.
    pub oversleeps: u32,
    /// Nothing goes wrong any more when so many deadlines have passed: what has no end otherwise ends there.
    pub deadlines: u32,
}

impl Disturbances {
    /// No disturbances.
    pub const NONE: Self = Self {
        faults: Faults::NONE,
        cuts: 0,
        returns: 0,
        impatience: 0,
        idle: 0,
        lingers: 0,
        oversleeps: 0,
        deadlines: u32::MAX,
    };
    /// Disturbances without end, for walks. Lanes repeat no packet: what is unordered could not be told from its copy, nor
    /// with few sequence numbers what is ordered.
    pub const UNLIMITED: Self = Self {
        faults: Faults { duplicates: 0, ..Faults::UNLIMITED },
        cuts: u32::MAX,
        returns: u32::MAX,
        impatience: u32::MAX,
        idle: u32::MAX,
        lingers: u32::MAX,
        oversleeps: u32::MAX,
        deadlines: u32::MAX,
    };
}

/// A setting chosen by two numbers, in which everything goes wrong.
pub fn storm(choice: u8, flags: u8) -> Setting {
    let is_set = |bit: u8| flags >> bit & 1 == 1;
    let traffic = [Traffic::Message, Traffic::OneOutstanding, Traffic::Writes][usize::from(choice % 3)];
    let sequence_bits = 2 + choice / 42 % 2;
    let paths = 2 + usize::from(choice / 84) % 3;
    // One that exists, and some others.
    let some = 1 << (usize::from(flags >> 6) % paths) | choice & 0b1111;
    Setting {
        traffic: if is_set(0) { Traffic::Mixed } else { traffic },
        packets: 6 + choice / 3 % 14 * 2,
        sequence_bits,
        window: if is_set(1) { 1 << (sequence_bits - 1) } else { 2 },
        paths,
        permitted: if is_set(5) { PathSet::from_bits(some) } else { PathSet::ALL },
        after_acknowledgement: is_set(2),
        silent: is_set(3),
        tells_ahead: is_set(4),
        mutant: Mutant::None,
    }
}
