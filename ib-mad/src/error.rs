//! What can be wrong with bytes, and with a buffer to write to.

/// Received bytes that are not what they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeError {
    /// Fewer bytes than the layout has.
    #[error("{what} is cut short: {needed} bytes needed, {got} given")]
    Truncated {
        /// Name of the layout.
        what: &'static str,
        /// Bytes that it has.
        needed: usize,
        /// Bytes that were given.
        got: usize,
    },
    /// More bytes than one datagram has.
    #[error("{what} has {got} bytes, more than the {limit} it can have")]
    Oversized {
        /// Name of the layout.
        what: &'static str,
        /// Bytes that it can have at most.
        limit: usize,
        /// Bytes that were given.
        got: usize,
    },
    /// A field holds a value with which the rest cannot be understood.
    #[error("{what}: {field} at offset {offset} is {got:#x}, expected {expected:#x}")]
    Unexpected {
        /// Name of the layout.
        what: &'static str,
        /// Name of the field.
        field: &'static str,
        /// Where the field is, in bytes from the start of the datagram.
        offset: usize,
        /// What it has to be.
        expected: u32,
        /// What it is.
        got: u32,
    },
    /// A field holds more than it can.
    #[error("{what}: {field} at offset {offset} is {got}, at most {limit} allowed")]
    OutOfRange {
        /// Name of the layout.
        what: &'static str,
        /// Name of the field.
        field: &'static str,
        /// Where the field is, in bytes from the start of the datagram.
        offset: usize,
        /// The largest that it can be.
        limit: u32,
        /// What it is.
        got: u32,
    },
}

/// The caller has more data than a message has room for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error("{what} has {got} bytes, more than the {limit} that its message has room for")]
pub struct DataTooLong {
    /// Name of the data.
    pub what: &'static str,
    /// Bytes that there is room for.
    pub limit: usize,
    /// Bytes that were given.
    pub got: usize,
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
