//! Multicast groups: who is a member of which, and the LID of each.

mod group;
mod groups;
mod join;

pub(super) use group::Birth;
pub use group::{Group, Membership};
pub(super) use groups::Groups;
pub(super) use join::Request;
