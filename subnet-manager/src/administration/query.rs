//! Who asks, and what is gathered for them.

use alloc::vec::Vec;

use ib_mad::Gid;
use ib_mad::wire::Attribute;

use super::filter::Filter;
use super::layout::LONGEST;
use crate::subnet::{EndPort, Subnet};

/// The port that a request comes from, and what it may know.
#[derive(Clone, Copy, Debug)]
pub(super) struct Requester {
    pub(super) port: EndPort,
    pub(super) gid: Gid,
    /// It has presented the manager's key: it may see keys, and what is in other partitions.
    pub(super) is_trusted: bool,
}

impl Requester {
    /// Whether it may know of a port: of those that it may talk to.
    pub(super) fn may_see(&self, subnet: &Subnet, at: EndPort) -> bool {
        self.is_trusted || may_talk(subnet, self.port, at)
    }
}

/// Whether two ports have a partition in common. A switch's ports are its own.
pub(super) fn may_talk(subnet: &Subnet, one: EndPort, other: EndPort) -> bool {
    let own = |at: EndPort| match subnet.node(at.node) {
        Some(node) if node.is_switch() => EndPort { port: 0, ..at },
        _ => at,
    };
    let (one, other) = (own(one), own(other));
    one == other || subnet.shared_p_keys(one, other).next().is_some()
}

/// Records that match a request, one behind the other as an answer has them.
#[derive(Debug)]
pub(super) struct Gathering<'a> {
    filter: &'a Filter,
    /// Bytes of all records at most.
    limit: usize,
    records: Vec<u8>,
    count: usize,
    is_over: bool,
}

impl<'a> Gathering<'a> {
    pub(super) fn new(filter: &'a Filter, limit: usize) -> Self {
        Self { filter, limit, records: Vec::new(), count: 0, is_over: false }
    }

    /// Take a record if it is asked for.
    pub(super) fn offer<A: Attribute>(&mut self, record: &A) {
        let mut bytes = [0; LONGEST];
        // No record is longer than the longest.
        let Ok(length) = record.emit(&mut bytes) else { return };
        if !self.filter.matches(&bytes[..length]) {
            return;
        }
        if self.records.len() + length > self.limit {
            self.is_over = true;
            return;
        }
        self.records.extend_from_slice(&bytes[..length]);
        self.count += 1;
    }

    /// Whether there are more than may be.
    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    /// How many there are, and they themselves.
    pub(super) fn into_parts(self) -> (usize, Vec<u8>) {
        (self.count, self.records)
    }
}
