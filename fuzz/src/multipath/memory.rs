use multipath::{Memory, Received};
use sim::Violation;

use super::rule;

/// The responder's memory, which watches what is done to it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Watched {
    /// Bytes of the message that have arrived.
    pub(super) received: u8,
    /// What the two addresses hold: the number of the write, from 1.
    pub(super) cells: [u8; 2],
    /// The last write that is complete.
    pub(super) completed: u8,
    pub(super) broken: Option<Violation>,
}

impl Memory for Watched {
    fn receive(&mut self, part: &Received<'_>) {
        if part.data != [self.received] || part.offset != u64::from(self.received) {
            let detail = format!("{:?} at {} where {} is due", part.data, part.offset, self.received);
            self.broken.get_or_insert_with(|| Violation::new(rule::EXACTLY_ONCE, detail));
        }
        self.received = self.received.saturating_add(1);
    }

    fn write(&mut self, _vi: u16, address: u64, data: &[u8], _immediate: Option<u32>) {
        let number = data[0];
        if number <= self.completed {
            let detail = format!("write {number} after write {} was complete", self.completed);
            self.broken.get_or_insert_with(|| Violation::new(rule::NO_STALE_WRITE, detail));
        }
        self.cells[usize::from(address == 1)] = number;
    }

    fn read(&self, _vi: u16, _address: u64, out: &mut [u8]) {
        out.fill(0);
    }
}
