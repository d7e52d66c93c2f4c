//! Both ends against a simple model: numbers that never wrap, and lists that are searched from end to end.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod requester;
mod responder;
mod setup;
