//! What the statuses of stops and aborts mean (IBTA volume 1, 13.6.2.1, table 126; numbers as in Linux's `ib_mad.h`).

use core::fmt;

use crate::wire::RmppStatus;

impl RmppStatus {
    /// Nothing is wrong: data and acknowledgements.
    pub const NORMAL: Self = Self(0);
    /// The receiver has no room. The only status of a stop.
    pub const RESOURCES_EXHAUSTED: Self = Self(1);
    /// The transfer took longer than it may.
    pub const TOTAL_TIME_TOO_LONG: Self = Self(118);
    /// The last segment is not where the payload lengths put it.
    pub const INCONSISTENT_LAST_AND_LENGTH: Self = Self(119);
    /// The first segment does not say that it is first, or another does.
    pub const INCONSISTENT_FIRST_AND_SEGMENT: Self = Self(120);
    /// A type that does not exist.
    pub const BAD_TYPE: Self = Self(121);
    /// An acknowledgement's window ends before what it acknowledges, or before where it ended.
    pub const NEW_WINDOW_LAST_TOO_SMALL: Self = Self(122);
    /// A segment beyond the last one or beyond the window, or an acknowledgement of one that was not sent.
    pub const SEGMENT_NUMBER_TOO_BIG: Self = Self(123);
    /// A status that this type of segment cannot have.
    pub const ILLEGAL_STATUS: Self = Self(124);
    /// A version other than 1.
    pub const UNSUPPORTED_VERSION: Self = Self(125);
    /// Nobody acknowledged, after all repetitions.
    pub const TOO_MANY_RETRIES: Self = Self(126);
    /// Anything else.
    pub const UNSPECIFIED: Self = Self(127);

    /// Whether an abort can have this status: 118 to 127.
    pub const fn is_abort(self) -> bool {
        self.0 >= Self::TOTAL_TIME_TOO_LONG.0 && self.0 <= Self::UNSPECIFIED.0
    }

    /// What the status means, in a few words.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NORMAL => "normal",
            Self::RESOURCES_EXHAUSTED => "resources exhausted",
            Self::TOTAL_TIME_TOO_LONG => "total time too long",
            Self::INCONSISTENT_LAST_AND_LENGTH => "inconsistent last and payload length",
            Self::INCONSISTENT_FIRST_AND_SEGMENT => "inconsistent first and segment number",
            Self::BAD_TYPE => "bad type",
            Self::NEW_WINDOW_LAST_TOO_SMALL => "new window last too small",
            Self::SEGMENT_NUMBER_TOO_BIG => "segment number too big",
            Self::ILLEGAL_STATUS => "illegal status",
            Self::UNSUPPORTED_VERSION => "unsupported version",
            Self::TOO_MANY_RETRIES => "too many retries",
            Self::UNSPECIFIED => "unspecified",
            _ => "status",
        }
    }
}

impl fmt::Display for RmppStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name(), self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn aborts_have_ten_statuses_and_each_has_a_name() {
        let aborts = (0..=u8::MAX).map(RmppStatus).filter(|status| status.is_abort());
        assert_eq!(
            aborts.clone().map(|status| status.0).collect::<alloc::vec::Vec<_>>(),
            [118, 119, 120, 121, 122, 123, 124, 125, 126, 127]
        );
        assert!(aborts.clone().all(|status| status.name() != "status"));
        assert_eq!(alloc::format!("{}", RmppStatus(122)), "new window last too small (122)");
    }
}
