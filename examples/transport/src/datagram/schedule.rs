//! When a path is dead on purpose.

use core::str::FromStr;
use core::time::Duration;

use super::ImpairmentError;

/// A path that is dead for a while. As text: `PATH@FROM[-TO]`, paths counted from 1: `2@3s`, `1@500ms-2.5s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PathOutage {
    /// The path, from 0.
    pub path: usize,
    /// When it dies, since the start of the program.
    pub from: Duration,
    /// When it returns, if it does.
    pub to: Option<Duration>,
}

impl PathOutage {
    /// Whether the path is dead now.
    pub fn is_dead(&self, path: usize, now: Duration) -> bool {
        path == self.path && self.from <= now && self.to.is_none_or(|to| now < to)
    }
}

impl FromStr for PathOutage {
    type Err = ImpairmentError;

    fn from_str(text: &str) -> Result<Self, ImpairmentError> {
        let bad = || ImpairmentError::Outage { text: text.into() };
        let (path, times) = text.split_once('@').ok_or_else(bad)?;
        let path = path.parse::<usize>().ok().and_then(|path| path.checked_sub(1)).ok_or_else(bad)?;
        let (from, to) = match times.split_once('-') {
            Some((from, to)) => (from, Some(to)),
            None => (times, None),
        };
        let from = parse_duration(from).ok_or_else(bad)?;
        let to = to.map(|to| parse_duration(to).filter(|to| *to > from).ok_or_else(bad)).transpose()?;
        if path >= 4 { Err(bad()) } else { Ok(Self { path, from, to }) }
    }
}

/// A number of seconds (`3s`, `2.5s`) or milliseconds (`20ms`).
pub(super) fn parse_duration(text: &str) -> Option<Duration> {
    let (number, unit) = match text.strip_suffix("ms") {
        Some(number) => (number, 1e-3),
        None => (text.strip_suffix('s')?, 1.0),
    };
    let seconds = number.parse::<f64>().ok()? * unit;
    Duration::try_from_secs_f64(seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outages_are_read() {
        let outage: PathOutage = "2@3s-5s".parse().unwrap();
        assert_eq!(
            outage,
            PathOutage { path: 1, from: Duration::from_secs(3), to: Some(Duration::from_secs(5)) }
        );
        for (path, seconds, dead) in
            [(1, 2, false), (1, 3, true), (1, 4, true), (1, 5, false), (0, 4, false), (2, 4, false)]
        {
            assert_eq!(outage.is_dead(path, Duration::from_secs(seconds)), dead);
        }
        let outage: PathOutage = "1@250ms".parse().unwrap();
        assert!(outage.is_dead(0, Duration::MAX) && !outage.is_dead(0, Duration::from_millis(249)));
    }

    #[test]
    fn a_mistake_is_shown_with_how_to_write_it() {
        for text in ["", "2", "2@", "0@1s", "5@1s", "2@3", "2@5s-3s", "2@-1s", "2@1s-", "x@1s"] {
            let error = text.parse::<PathOutage>().unwrap_err().to_string();
            assert!(error.contains("2@3s-5s") && error.contains(text), "{error}");
        }
    }
}
