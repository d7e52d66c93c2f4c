use core::time::Duration;

use crate::{ConfigError, Lane, PathSet};

/// Which paths a requester has, and how patient it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RequesterPathsConfig {
    /// The paths that exist.
    pub paths: PathSet,
    /// Lanes of each path that requests use, 1 to 4, in the order of the paths' indices. Those of absent paths mean
    /// nothing.
    pub lanes: [u8; 4],
    /// How long one write or read of a barrier may take, more than zero. When one takes longer, the path has failed: give
    /// it more than the longest round trip.
    pub operation_timeout: Duration,
    /// How long a barrier may take with all its repetitions, more than zero. With less than two of `operation_timeout` it
    /// may end before its operations have had their time.
    pub barrier_timeout: Duration,
    /// How long the acknowledgement of a supervisory message may take before the message is repeated, more than zero.
    pub tell_timeout: Duration,
    /// How often a supervisory message is sent before the paths that it went over are questioned too, at least once.
    pub tell_attempts: u8,
    /// How long before its barrier would fail the responder is told to refuse a path, over a good one. The barrier still has all of
    /// its time: if it passes after that, the responder is told that the path is up again. If it fails, and the responder has
    /// acknowledged, other paths can be used at once and not a round trip later. To be more than a round trip; of
    /// more than half of `operation_timeout` that half counts, so that the barrier of a path that works has passed before. With
    /// zero the responder is told when the barrier has failed.
    pub tell_ahead: Duration,
    /// Time from the end of one barrier on a bad path to the beginning of the next, more than zero.
    pub probe_interval: Duration,
}

impl RequesterPathsConfig {
    /// These paths with one lane each: operations and supervisory messages may take 100 ms, a barrier 500 ms; 3 attempts to
    /// tell, the first 25 ms ahead; bad paths are probed every second.
    #[must_use]
    pub const fn new(paths: PathSet) -> Self {
        Self {
            paths,
            lanes: [1; 4],
            operation_timeout: Duration::from_millis(100),
            barrier_timeout: Duration::from_millis(500),
            tell_timeout: Duration::from_millis(100),
            tell_attempts: 3,
            tell_ahead: Duration::from_millis(25),
            probe_interval: Duration::from_secs(1),
        }
    }

    pub(crate) fn validate(&self) -> Result<(), ConfigError> {
        if self.paths.is_empty() {
            return Err(ConfigError::NoPath);
        }
        let is_possible = |lanes: u8| (1..=Lane::COUNT).contains(&lanes.into());
        if let Some(path) = self.paths.iter().find(|path| !is_possible(self.lanes[path.index()])) {
            return Err(ConfigError::Lanes { path, lanes: self.lanes[path.index()] });
        }
        let fields = [
            ("operation_timeout", self.operation_timeout.is_zero()),
            ("barrier_timeout", self.barrier_timeout.is_zero()),
            ("tell_timeout", self.tell_timeout.is_zero()),
            ("tell_attempts", self.tell_attempts == 0),
            ("probe_interval", self.probe_interval.is_zero()),
        ];
        match fields.into_iter().find(|(_, is_zero)| *is_zero) {
            Some((field, _)) => Err(ConfigError::Zero { field }),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Path;
    use alloc::string::ToString;

    #[test]
    fn what_cannot_work_is_refused() {
        let good = RequesterPathsConfig::new(PathSet::ALL);
        assert_eq!(good.validate(), Ok(()));
        let text = |config: RequesterPathsConfig| config.validate().expect_err("cannot work").to_string();
        assert_eq!(text(RequesterPathsConfig::new(PathSet::EMPTY)), "paths is empty: name at least one path");
        for lanes in [0, 5] {
            let config = RequesterPathsConfig { lanes: [1, lanes, 1, 1], ..good };
            assert_eq!(text(config), alloc::format!("path 0-1 has {lanes} lanes, it must have 1 to 4"));
            let unused = RequesterPathsConfig { paths: PathSet::only(Path::ALL[0]), ..config };
            assert_eq!(unused.validate(), Ok(()));
        }
        let zero = Duration::ZERO;
        for (field, config) in [
            ("operation_timeout", RequesterPathsConfig { operation_timeout: zero, ..good }),
            ("barrier_timeout", RequesterPathsConfig { barrier_timeout: zero, ..good }),
            ("tell_timeout", RequesterPathsConfig { tell_timeout: zero, ..good }),
            ("tell_attempts", RequesterPathsConfig { tell_attempts: 0, ..good }),
            ("probe_interval", RequesterPathsConfig { probe_interval: zero, ..good }),
        ] {
            assert_eq!(text(config), alloc::format!("{field} is zero: it must be more"));
        }
    }
}
