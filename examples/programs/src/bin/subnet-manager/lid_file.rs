//! The LIDs of ports, one a line: the port's GUID and its LID.

use core::fmt::Write as _;
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;

use ib_mad::{Guid, Lid};
use programs::ProgramError;

use crate::options::number;
use crate::whole_file::replace;

/// A file that is whole at any time.
#[derive(Debug)]
pub(crate) struct LidFile {
    path: PathBuf,
}

impl LidFile {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// What is in it; nothing when there is no file yet.
    pub(crate) fn read(&self) -> Result<BTreeMap<Guid, Lid>, ProgramError> {
        let text = match fs::read_to_string(&self.path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
            Err(error) => return Err(self.error(error)),
        };
        let mut lids = BTreeMap::new();
        for (place, line) in text.lines().enumerate() {
            let line = line.split('#').next().unwrap_or_default().trim();
            if line.is_empty() {
                continue;
            }
            let entry = entry(line).ok_or_else(|| {
                let (path, line) = (self.path.display(), place + 1);
                ProgramError::Other(format!(
                    "{path}, line {line}: a port GUID and a LID belong here, like 0x2c90300a1b2c3 7: mend the line, or \
                     remove the file to number the ports anew"
                ))
            })?;
            lids.insert(entry.0, entry.1);
        }
        Ok(lids)
    }

    pub(crate) fn write(&mut self, lids: &BTreeMap<Guid, Lid>) -> Result<(), ProgramError> {
        let mut text = String::from("# port GUID, LID\n");
        for (guid, lid) in lids {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{guid} {lid}");
        }
        replace(&self.path, text.as_bytes()).map_err(|error| self.error(error))
    }

    fn error(&self, source: io::Error) -> ProgramError {
        ProgramError::File { path: self.path.display().to_string(), source }
    }
}

fn entry(line: &str) -> Option<(Guid, Lid)> {
    let (guid, lid) = line.split_once(char::is_whitespace)?;
    let lid = Lid(number(lid.trim()).ok()?.try_into().ok()?);
    lid.is_unicast().then_some((Guid(number(guid).ok()?), lid))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        let path = std::env::temp_dir().join(format!("lids-{}", std::process::id()));
        let mut file = LidFile::new(path.clone());
        assert_eq!(file.read().unwrap(), BTreeMap::new(), "no file yet");
        let lids = BTreeMap::from([(Guid(0x10), Lid(1)), (Guid(u64::MAX), Lid::LAST_UNICAST)]);
        file.write(&lids).unwrap();
        assert_eq!(file.read().unwrap(), lids);
        file.write(&BTreeMap::new()).unwrap();
        assert_eq!(file.read().unwrap(), BTreeMap::new());
        fs::remove_file(path).unwrap();
    }

    #[test]
    fn a_line_is_a_guid_and_a_lid() {
        assert_eq!(entry("0x10 7"), Some((Guid(16), Lid(7))));
        for line in ["0x10", "0x10 0", "0x10 49152", "0x10 70000", "x 7", "0x10 7 8"] {
            assert_eq!(entry(line), None, "{line}");
        }
    }
}
