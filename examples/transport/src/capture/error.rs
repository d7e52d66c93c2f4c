use std::io;

use ib_mad::DecodeError;

/// Why a packet brought no datagram.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Unread {
    /// It is well, but something else.
    #[error("not a management datagram: {0}")]
    Foreign(#[from] Foreign),
    /// The capture has only a part of it.
    #[error("{what} is cut short: {needed} bytes needed, {got} captured")]
    CutShort {
        /// What is not whole.
        what: &'static str,
        /// Bytes that it has.
        needed: usize,
        /// Bytes that are there.
        got: usize,
    },
    /// Its lengths contradict each other.
    #[error("{what} says {length} bytes, which cannot be")]
    Length {
        /// Whose length it is.
        what: &'static str,
        /// The length.
        length: usize,
    },
    /// What should be a datagram is none.
    #[error(transparent)]
    Malformed(#[from] DecodeError),
    /// The text is no hexadecimal dump.
    #[error(transparent)]
    Hex(#[from] HexError),
    /// A record of the file is damaged; nothing behind it can be found.
    #[error("the file is damaged here; what follows cannot be read")]
    Damaged,
    /// A record of the file is larger than any packet; nothing behind it can be found.
    #[error("a record of more than {limit} bytes; what follows cannot be read")]
    TooLarge {
        /// Bytes that a record can have.
        limit: usize,
    },
    /// The file ends within a record.
    #[error("the file ends within a record")]
    FileEnds,
    /// The system cannot read on.
    #[error("reading: {0}")]
    Read(#[from] io::Error),
}

impl Unread {
    /// Whether the packet was read, and is something else than a management datagram.
    pub const fn is_foreign(&self) -> bool {
        matches!(self, Self::Foreign(_))
    }
}

/// What a packet is that carries no management datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Foreign {
    /// Packets of another link.
    #[error("link type {0}; Ethernet (1), ERF (197) and InfiniBand (247) can be read")]
    LinkType(i32),
    /// Endace's record of another link.
    #[error("ERF record of type {0}; InfiniBand (21) and Ethernet (2) can be read")]
    ErfType(u8),
    /// An Ethernet frame that is not RoCE.
    #[error("neither RoCE nor UDP to port 4791")]
    NotRoce,
    /// A raw packet on an InfiniBand link.
    #[error("raw packet")]
    Raw,
    /// Another service or operation.
    #[error("packet of opcode {0:#04x}; datagrams have 0x64")]
    Opcode(u8),
    /// A datagram of some program.
    #[error("datagram to queue pair {0:#x}")]
    QueuePair(u32),
}

/// What is wrong with a hexadecimal dump.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HexError {
    /// Something else than digits.
    #[error("column {column}: no hexadecimal byte")]
    NotHex {
        /// Where in the line, from 1.
        column: usize,
    },
    /// Bytes are missing, or too many.
    #[error("the line starts at {written:#x}, but {counted:#x} bytes came before")]
    Offset {
        /// The offset at the start of the line.
        written: u64,
        /// Bytes of the dump up to it.
        counted: u64,
    },
    /// Lines left out that no datagram can consist of.
    #[error("`*` stands for {bytes} bytes, more than {limit}")]
    Repeated {
        /// Bytes that were left out.
        bytes: u64,
        /// Bytes that can be left out.
        limit: u64,
    },
    /// A line that no dump has.
    #[error("a line of more than {limit} characters")]
    LineTooLong {
        /// Characters that a line can have.
        limit: usize,
    },
    /// A datagram is not whole where the dump ends.
    #[error("the dump ends after {got} of a datagram's 256 bytes")]
    CutShort {
        /// Bytes of the last datagram.
        got: usize,
    },
}
