//! What passed on each path.

use multipath::wire::{HeaderView, Operation};
use multipath::{Path, RequesterEvent, Transmit};
use serde::Serialize;
use transport::SocketStatistics;

/// Counters of a path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct PathCounters {
    /// Datagrams that were sent on it.
    pub sent_packets: u64,
    /// Their bytes.
    pub sent_bytes: u64,
    /// Datagrams that came on it.
    pub received_packets: u64,
    /// Their bytes.
    pub received_bytes: u64,
    /// Packets that were sent again, among those that were sent.
    pub repeated: u64,
    /// Barriers that were begun.
    pub barriers: u64,
    /// How often the path changed its state.
    pub changes: u64,
    /// Calls whose datagrams the system did not take, since the program began: no route, no link, refused.
    pub unsent: u64,
    /// Calls whose datagrams were longer than the link carries, since the program began.
    pub too_long: u64,
}

/// A path's number for people, from 1.
pub fn path_number(path: Path) -> usize {
    path.index() + 1
}

impl PathCounters {
    /// With what the path's socket could not do.
    pub(super) fn with_statistics(self, of: SocketStatistics) -> Self {
        Self { unsent: of.unsent, too_long: of.too_long, ..self }
    }

    pub(super) fn sent(&mut self, transmit: &Transmit, bytes: &[u8]) {
        for packet in transmit.packets(bytes) {
            self.sent_packets += 1;
            self.sent_bytes += packet.len() as u64;
            // A barrier begins with a write on the supervisory virtual interface; its repetitions are barriers of their own.
            let is_barrier = HeaderView::peek(packet)
                .is_some_and(|header| header.vi() == 0 && header.operation() == Operation::Write);
            self.barriers += u64::from(is_barrier);
        }
    }

    pub(super) fn received(&mut self, packet: &[u8]) {
        self.received_packets += 1;
        self.received_bytes += packet.len() as u64;
    }
}

/// The path that an event is about.
pub(super) fn path_of(event: &RequesterEvent) -> Option<Path> {
    match event {
        RequesterEvent::PathQuestioned(path)
        | RequesterEvent::PathRestored(path)
        | RequesterEvent::PathFailed(path)
        | RequesterEvent::PathDown(path)
        | RequesterEvent::PathUp(path) => Some(*path),
        _ => None,
    }
}
