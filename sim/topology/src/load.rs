//! A topology by what a user gives on a command line.

use std::fs::File;
use std::io::{self, Read};

use crate::error::TopologyError;
use crate::form::{Form, FormError};
use crate::limits::MAX_TEXT;
use crate::topology::Topology;

/// The topology that `source` names: a [`Form`] like `torus:15x15:hosts=4`, or else the path of a file in ibnetdiscover's
/// format. A file that is named like a form is meant by `./torus:4x4`.
///
/// Bytes that are not UTF-8, which descriptions may hold, are replaced.
///
/// # Errors
/// What is wrong, with its place and what to do about it.
pub fn load(source: &str) -> Result<Topology, LoadError> {
    let named = || Box::<str>::from(source);
    if Form::is_meant(source) {
        let form: Form = source.parse().map_err(|source| LoadError::Form { text: named(), source })?;
        return form.generate().map_err(|source| LoadError::Generate { text: named(), source });
    }
    let read = || {
        let mut bytes = Vec::new();
        // One more than is read shows that there is more.
        File::open(source)?.take(MAX_TEXT as u64 + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().map_err(|source| LoadError::File { path: named(), source })?;
    let text = String::from_utf8_lossy(&bytes);
    Topology::parse(&text).map_err(|source| LoadError::Text { path: named(), source })
}

/// Why there is no topology.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The text form is wrong.
    #[error("{text}, {source}")]
    Form {
        /// What was given.
        text: Box<str>,
        /// What is wrong with it.
        source: FormError,
    },
    /// The text form asks for something that cannot be.
    #[error("{text}: {source}")]
    Generate {
        /// What was given.
        text: Box<str>,
        /// Why it cannot be.
        source: TopologyError,
    },
    /// The file cannot be read.
    #[error(
        "{path} cannot be read: {source}; name a file in ibnetdiscover's format, or a topology like mesh:3x2, \
         torus:15x15:hosts=4, ring:6, tree:4x3, fattree:18x36, dragonfly:4x2 or random:20x4"
    )]
    File {
        /// Its path.
        path: Box<str>,
        /// Why.
        source: io::Error,
    },
    /// The file's text is wrong.
    #[error("{path}: {source}")]
    Text {
        /// Its path.
        path: Box<str>,
        /// What is wrong, and where.
        source: TopologyError,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_named() {
        assert_eq!(load("mesh:3x2").unwrap().switches().count(), 6);
        for (source, part) in [
            ("torus:4", "torus:4"),
            ("torus:4xx", "torus:4xx, character 8: expected an x and a number"),
            ("torus:999x999", "torus:999x999: the topology has more than 49151 nodes"),
            ("no-such-file", "no-such-file cannot be read: "),
            ("tours:4x4", "or a topology like mesh:3x2, torus:15x15:hosts=4"),
            ("./torus:4x4", "./torus:4x4 cannot be read"),
        ] {
            match load(source) {
                Ok(_) => assert_eq!(source, part),
                Err(error) => assert!(error.to_string().contains(part), "{error}"),
            }
        }
    }
}
