//! What can be wrong with a configuration, with bytes, with a buffer, and with a VI that is to be opened.

use crate::{Lane, Path};

/// A configuration that cannot work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// There is no path to use.
    #[error("paths is empty: name at least one path")]
    NoPath,
    /// A path has no lane, or more than there can be.
    #[error("path {path} has {lanes} lanes, it must have 1 to {most}", most = Lane::COUNT)]
    Lanes {
        /// The path.
        path: Path,
        /// Lanes given for it.
        lanes: u8,
    },
    /// A time or a number is zero: nothing would ever succeed, or be repeated without a pause.
    #[error("{field} is zero: it must be more")]
    Zero {
        /// Name of the field.
        field: &'static str,
    },
}

/// A VI that cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// As many VIs are open as there is room for.
    #[error("all {limit} VIs are open: close one, or make the table larger")]
    Full {
        /// VIs that the table holds.
        limit: usize,
    },
    /// It is open.
    #[error("VI {vi} is open already")]
    AlreadyOpen {
        /// The VI.
        vi: u32,
    },
    /// It is the supervisory VI, which is always open.
    #[error("VI {vi} is the supervisory VI, which needs no opening")]
    Supervisory {
        /// The VI.
        vi: u32,
    },
}

/// Why a request is not accepted. The packet is dropped and counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// The VI is not open.
    #[error("the VI is not open")]
    UnknownVi,
    /// The path is disabled, or not permitted for the VI.
    #[error("requests of this VI are not accepted on this path")]
    PathNotAccepted,
    /// The packet was sent before a barrier that has passed here since: it is stale.
    #[error("the packet is of an older incarnation of the path")]
    OldIncarnation,
}

/// Received bytes that are not what they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// Not as many bytes as the layout has.
    #[error("{what} has {needed} bytes, {got} given")]
    Length {
        /// Name of the layout.
        what: &'static str,
        /// Bytes that it has.
        needed: usize,
        /// Bytes that were given.
        got: usize,
    },
    /// A field holds a value with which the rest cannot be understood.
    #[error("{what}: {field} at offset {offset} is {got}, expected {least} to {most}")]
    OutOfRange {
        /// Name of the layout.
        what: &'static str,
        /// Name of the field.
        field: &'static str,
        /// Where the field is, in bytes from the start.
        offset: usize,
        /// The smallest that it can be.
        least: u32,
        /// The largest that it can be.
        most: u32,
        /// What it is.
        got: u32,
    },
}

/// The caller's buffer cannot take what is to be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{what} needs a buffer of {needed} bytes, the one given has {got}")]
pub struct BufferTooSmall {
    /// Name of the layout.
    pub what: &'static str,
    /// Bytes that it has.
    pub needed: usize,
    /// Bytes that the buffer has.
    pub got: usize,
}
