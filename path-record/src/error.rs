//! How a caller can exceed what it asked for.

/// A table of path records has reached the number of paths that its owner allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[error(
    "the table of path records is full at {limit} paths: allow more, or read the records of fewer host pairs"
)]
#[non_exhaustive]
pub struct TableFull {
    /// Paths that the table may hold.
    pub limit: usize,
}
