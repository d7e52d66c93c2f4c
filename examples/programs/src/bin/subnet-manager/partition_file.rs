//! Partitions, one a line: its number, then its members.

use std::fs;
use std::path::Path;

use ib_mad::Guid;
use programs::ProgramError;
use subnet_manager::subnet::{Membership, Partition, Partitions};

use crate::options::number;

pub(crate) fn read(path: &Path) -> Result<Partitions, ProgramError> {
    let text = fs::read_to_string(path)
        .map_err(|source| ProgramError::File { path: path.display().to_string(), source })?;
    parse(&text)
        .map_err(|(line, what)| ProgramError::Other(format!("{}, line {line}: {what}", path.display())))
}

/// The partitions, or the line that is wrong and what is wrong with it.
fn parse(text: &str) -> Result<Partitions, (usize, String)> {
    let mut partitions = Vec::new();
    for (place, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default();
        let mut words = line.split_whitespace();
        let Some(first) = words.next() else { continue };
        partitions.push(partition(first, words).map_err(|what| (place + 1, what))?);
    }
    Ok(Partitions::new(partitions))
}

fn partition<'a>(first: &str, members: impl Iterator<Item = &'a str>) -> Result<(u16, Partition), String> {
    let partition_number = number(first).ok().and_then(|number| u16::try_from(number).ok());
    let partition_number = partition_number
        .filter(|number| number & 0x7FFF != 0)
        .ok_or_else(|| format!("{first} is no partition: a number from 1 to 0x7fff belongs here"))?;
    let mut partition = Partition::default();
    for word in members {
        let (who, membership) = match word.split_once('=') {
            None => (word, Membership::Full),
            Some((who, "full")) => (who, Membership::Full),
            Some((who, "limited")) => (who, Membership::Limited),
            Some((_, other)) => return Err(format!("{other} is no membership: write full or limited")),
        };
        if who == "all" {
            partition.everyone = Some(membership);
        } else {
            let guid = number(who).map_err(|_| format!("{who} is no port GUID: write one, or all"))?;
            partition.members.insert(Guid(guid), membership);
        }
    }
    Ok((partition_number, partition))
}

#[cfg(test)]
mod tests {
    use super::*;
    use ib_mad::PKey;

    #[test]
    fn members_are_full_unless_said_otherwise() {
        let partitions =
            parse("# a comment\n0x5 0x10 0x11=limited\n\n6 all=limited 0x10=full # more\n").unwrap();
        assert_eq!(partitions.keys(Guid(0x10)), [PKey::DEFAULT_FULL, PKey(0x8005), PKey(0x8006)]);
        assert_eq!(partitions.keys(Guid(0x11)), [PKey::DEFAULT_FULL, PKey(5), PKey(6)]);
        assert_eq!(partitions.keys(Guid(0x12)), [PKey::DEFAULT_FULL, PKey(6)]);
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        for (text, line, what) in [
            ("0x5 0x10\nfive 0x10", 2, "five is no partition"),
            ("0x8000", 1, "0x8000 is no partition"),
            ("0x5 0x10=half", 1, "half is no membership"),
            ("0x5 me", 1, "me is no port GUID"),
        ] {
            let (at, text) = parse(text).unwrap_err();
            assert!(at == line && text.starts_with(what), "{at}: {text}");
        }
    }
}
