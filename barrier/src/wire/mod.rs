//! Layout of the supervisory messages.
//!
//! Nothing here panics, whatever the bytes.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]
#![cfg_attr(test, allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions))]

mod supervisory;

pub use supervisory::{Supervisory, SupervisoryKind, SupervisoryView};
