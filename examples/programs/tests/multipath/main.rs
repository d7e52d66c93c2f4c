//! The program `multipath` as a user runs it, both ends on loopback.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod command_line;
mod endings;
mod outputs;
mod paths;
mod running;
mod special_files;
mod transfers;
