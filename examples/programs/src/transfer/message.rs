//! What the ends say beside the file itself. Numbers are in network order.

use core::fmt;

/// Bytes of a hash (BLAKE3).
pub const HASH_LENGTH: usize = 32;

/// Hash of a file (BLAKE3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Hash(pub [u8; HASH_LENGTH]);

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Bytes of a name at most.
const NAME: usize = 255;
/// Stands for a size that is not known.
const UNKNOWN: u64 = u64::MAX;

/// What the sender is about to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Name of the file, without folders.
    pub name: String,
    /// Bytes, if that is known.
    pub size: Option<u64>,
    /// Whether blocks are written at their offsets, in any order.
    pub is_unordered: bool,
}

/// What the sender has sent in the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Bytes.
    pub length: u64,
    /// Their hash, if the sender made one.
    pub hash: Option<Hash>,
}

/// A message of the sender, told apart by immediate data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Message {
    Begin(Offer),
    End(Summary),
    Abort,
}

const BEGIN: u32 = 1;
const END: u32 = 2;
const ABORT: u32 = 3;

impl Message {
    /// The most bytes that one has.
    pub(super) const MAX_LENGTH: usize = 9 + NAME;

    pub(super) const fn immediate(&self) -> u32 {
        match self {
            Self::Begin(_) => BEGIN,
            Self::End(_) => END,
            Self::Abort => ABORT,
        }
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Begin(offer) => {
                let mut bytes = vec![u8::from(offer.is_unordered)];
                bytes.extend(offer.size.unwrap_or(UNKNOWN).to_be_bytes());
                bytes.extend(offer.name.bytes().take(NAME));
                bytes
            }
            Self::End(summary) => {
                let mut bytes = summary.length.to_be_bytes().to_vec();
                bytes.extend(summary.hash.iter().flat_map(|hash| hash.0));
                bytes
            }
            Self::Abort => Vec::new(),
        }
    }

    /// Read a message; none if it has no meaning. A name that leads out of a folder has none.
    pub(super) fn parse(immediate: u32, bytes: &[u8]) -> Option<Self> {
        match immediate {
            BEGIN => {
                let (&[flags], rest) = bytes.split_first_chunk()?;
                let (size, name) = rest.split_first_chunk()?;
                let name = str::from_utf8(name).ok()?;
                let is_plain = !name.contains(['/', '\0']) && !matches!(name, "" | "." | "..");
                let size = u64::from_be_bytes(*size);
                (is_plain && flags <= 1).then(|| {
                    Self::Begin(Offer {
                        name: name.into(),
                        size: (size != UNKNOWN).then_some(size),
                        is_unordered: flags == 1,
                    })
                })
            }
            END => {
                let (length, hash) = bytes.split_first_chunk()?;
                let hash = if hash.is_empty() { None } else { Some(Hash(hash.try_into().ok()?)) };
                Some(Self::End(Summary { length: u64::from_be_bytes(*length), hash }))
            }
            ABORT if bytes.is_empty() => Some(Self::Abort),
            _ => None,
        }
    }
}

/// What became of a transfer that failed at the receiver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// It cannot write.
    #[error("the receiver cannot write its output; it says why")]
    Output,
    /// What it has is not what was sent.
    #[error("the receiver has other bytes than were sent: the hashes differ")]
    Hash,
    /// It was ended, or does not understand the sender.
    #[error("the receiver has given the transfer up")]
    Ended,
}

/// How far the receiver is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    /// No file was announced, or its output is being opened.
    #[default]
    Waiting,
    /// It takes the file.
    Receiving,
    /// It has everything, and writes and compares.
    Checking,
    /// Everything is written, and the hashes agree.
    Done,
    /// The transfer has failed.
    Failed(Failure),
}

/// The receiver's status, which the sender reads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// How far it is.
    pub state: State,
    /// Bytes of datagrams that may wait to be received.
    pub receive_buffer: u32,
    /// Bytes of the file that it has.
    pub received: u64,
    /// Its output takes no more for now: packets of the file are passed over.
    pub is_full: bool,
}

impl Status {
    /// Bytes of a status.
    pub const LENGTH: usize = 16;

    pub(super) fn to_bytes(self) -> [u8; Self::LENGTH] {
        let (state, reason) = match self.state {
            State::Waiting => (0, 0),
            State::Receiving => (1, 0),
            State::Checking => (2, 0),
            State::Done => (3, 0),
            State::Failed(Failure::Output) => (4, 1),
            State::Failed(Failure::Hash) => (4, 2),
            State::Failed(Failure::Ended) => (4, 3),
        };
        let mut bytes = [0; Self::LENGTH];
        bytes[0] = state;
        bytes[1] = reason;
        bytes[2] = u8::from(self.is_full);
        bytes[4..8].copy_from_slice(&self.receive_buffer.to_be_bytes());
        bytes[8..].copy_from_slice(&self.received.to_be_bytes());
        bytes
    }

    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; Self::LENGTH] = bytes.try_into().ok()?;
        let state = match (bytes[0], bytes[1]) {
            (0, _) => State::Waiting,
            (1, _) => State::Receiving,
            (2, _) => State::Checking,
            (3, _) => State::Done,
            (4, 1) => State::Failed(Failure::Output),
            (4, 2) => State::Failed(Failure::Hash),
            (4, _) => State::Failed(Failure::Ended),
            _ => return None,
        };
        let (_, rest) = bytes.split_first_chunk::<4>()?;
        let (buffer, received) = rest.split_first_chunk()?;
        Some(Self {
            state,
            receive_buffer: u32::from_be_bytes(*buffer),
            received: u64::from_be_bytes(received.try_into().ok()?),
            is_full: bytes[2] != 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_read_as_they_are_written() {
        let offer =
            |name: &str, size, is_unordered| Message::Begin(Offer { name: name.into(), size, is_unordered });
        let end = |length, hash| Message::End(Summary { length, hash });
        for message in [
            offer("a file", Some(0), false),
            offer("größe", None, true),
            end(7, None),
            end(u64::MAX, Some(Hash([3; HASH_LENGTH]))),
            Message::Abort,
        ] {
            let bytes = message.to_bytes();
            assert!(bytes.len() <= Message::MAX_LENGTH);
            assert_eq!(Message::parse(message.immediate(), &bytes), Some(message));
        }
    }

    #[test]
    fn a_name_leads_nowhere_else() {
        for name in ["../x", "/etc/passwd", "", ".", "..", "a/b", "a\0"] {
            let bytes =
                Message::Begin(Offer { name: name.into(), size: None, is_unordered: false }).to_bytes();
            assert_eq!(Message::parse(BEGIN, &bytes), None, "{name:?}");
        }
        for (immediate, bytes) in
            [(BEGIN, &[0; 8][..]), (END, &[0; 9]), (END, &[0; 7]), (ABORT, &[0]), (9, &[])]
        {
            assert_eq!(Message::parse(immediate, bytes), None);
        }
    }

    #[test]
    fn a_status_is_read_as_it_is_written() {
        for state in [
            State::Waiting,
            State::Receiving,
            State::Checking,
            State::Done,
            State::Failed(Failure::Output),
            State::Failed(Failure::Hash),
            State::Failed(Failure::Ended),
        ] {
            for is_full in [false, true] {
                let received = 0x0102_0304_0506_0708;
                let status = Status { state, receive_buffer: 0x0102_0304, received, is_full };
                assert_eq!(Status::parse(&status.to_bytes()), Some(status));
            }
        }
        assert_eq!(Status::parse(&[0; 15]), None);
        assert_eq!(Status::parse(&[5; 16]), None);
    }
}
