use multipath::{Memory, Received};
use sim::Violation;

use super::rule;
use super::setting::{Setting, Work};

/// The responder's memory, which watches what is done to it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Watched {
    setting: Setting,
    /// Bytes of messages that have arrived.
    pub(super) received: u8,
    /// What the two addresses hold: the number of the write, from 1.
    pub(super) cells: [u8; 2],
    /// Descriptors that are complete.
    pub(super) completed: u8,
    pub(super) broken: Option<Violation>,
}

impl Watched {
    pub(super) const fn new(setting: Setting) -> Self {
        Self { setting, received: 0, cells: [0; 2], completed: 0, broken: None }
    }

    pub(super) fn break_rule(&mut self, rule: &'static str, detail: String) {
        self.broken.get_or_insert_with(|| Violation::new(rule, detail));
    }

    /// A packet of the descriptor with this index has arrived for the first time.
    fn check_begun(&mut self, index: u8) {
        let follows_unordered =
            index > 0 && matches!(self.setting.work(index - 1), Work::Write(_)) && self.completed < index;
        let is_unordered = matches!(self.setting.work(index), Work::Write(_));
        let waits = self.setting.after_acknowledgement || is_unordered || follows_unordered;
        if waits && self.completed < index {
            let detail = format!("descriptor {index} when {} were complete", self.completed);
            self.break_rule(rule::WAITS, detail);
        }
    }
}

impl Memory for Watched {
    fn receive(&mut self, part: &Received<'_>) {
        let due = self.received;
        self.received = due.saturating_add(1);
        if part.data != [due] || due >= self.setting.message_bytes() {
            return self.break_rule(rule::EXACTLY_ONCE, format!("{:?} where {due} is due", part.data));
        }
        let index = self.setting.descriptor_of(due);
        if let Work::Send { first, length } = self.setting.work(index) {
            let offset = due - first;
            if part.offset != u64::from(offset) || part.is_last != (offset + 1 == length) {
                let detail = format!("byte {due} at {} of its message, last: {}", part.offset, part.is_last);
                self.break_rule(rule::EXACTLY_ONCE, detail);
            }
        }
        self.check_begun(index);
    }

    fn write(&mut self, _vi: u16, address: u64, data: &[u8], _immediate: Option<u32>) {
        let number = data[0];
        if number <= self.completed {
            let detail = format!("write {number} when {} were complete", self.completed);
            self.break_rule(rule::NO_STALE_WRITE, detail);
        }
        self.check_begun(number - 1);
        self.cells[usize::from(address == 1)] = number;
    }

    fn read(&self, _vi: u16, address: u64, out: &mut [u8]) {
        out.fill(self.cells[usize::from(address == 1)]);
    }
}
