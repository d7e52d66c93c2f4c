//! How records are printed.

use std::io::{self, BufWriter, Stdout, Write};

use ib_mad::dump::{Dump, Fields};
use programs::{FieldsLine, Output, ProgramError};

/// The form of what is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// Every field on a line, as the tools do.
    Full,
    /// A line a record.
    Brief,
    /// An object a line.
    Json,
    /// Comma-separated values with a header (RFC 4180).
    Csv,
}

impl Format {
    /// The one that the options ask for.
    pub(crate) fn chosen(json: bool, csv: bool, brief: bool) -> Result<Self, ProgramError> {
        match (json, csv, brief) {
            (false, false, false) => Ok(Self::Full),
            (true, false, false) => Ok(Self::Json),
            (false, true, false) => Ok(Self::Csv),
            (false, false, true) => Ok(Self::Brief),
            _ => Err(ProgramError::Usage(
                "--json, --csv and --brief exclude each other: leave all out but one".to_owned(),
            )),
        }
    }
}

pub(crate) type CsvWriter = csv::Writer<BufWriter<Stdout>>;

/// Writes rows to standard output, as RFC 4180 wants them.
pub(crate) fn csv_writer() -> CsvWriter {
    let terminator = csv::Terminator::CRLF;
    csv::WriterBuilder::new().terminator(terminator).from_writer(BufWriter::new(io::stdout()))
}

/// Prints records to standard output.
#[derive(Debug)]
pub(crate) struct Printer {
    format: Format,
    with_keys: bool,
    csv: Option<(Vec<&'static str>, CsvWriter)>,
}

impl Printer {
    pub(crate) const fn new(format: Format, with_keys: bool) -> Self {
        Self { format, with_keys, csv: None }
    }

    /// Print a record. `samples` have every field that any record of its kind has.
    pub(crate) fn record(
        &mut self,
        record: &dyn Fields,
        samples: &[&dyn Fields],
    ) -> Result<(), ProgramError> {
        match self.format {
            Format::Json => Output::new(true).print(&FieldsLine::new(record, self.with_keys)),
            Format::Brief => Output::new(false).print(&FieldsLine::new(record, self.with_keys)),
            Format::Full => {
                let mut out = io::stdout().lock();
                write!(out, "{:#}", Dump::new(record).with_secrets(self.with_keys))
                    .map_err(ProgramError::Output)
            }
            Format::Csv => self.row(record, samples).map_err(ProgramError::Output),
        }
    }

    /// Print the header even when no record follows.
    pub(crate) fn header(&mut self, samples: &[&dyn Fields]) -> Result<(), ProgramError> {
        if self.format != Format::Csv || self.csv.is_some() {
            return Ok(());
        }
        let mut names = Vec::new();
        for sample in samples {
            sample.fields(&mut |name, _| {
                if !names.contains(&name) {
                    names.push(name);
                }
            });
        }
        let mut writer = csv_writer();
        writer.write_record(&names).map_err(|error| ProgramError::Output(error.into()))?;
        self.csv = Some((names, writer));
        Ok(())
    }

    fn row(&mut self, record: &dyn Fields, samples: &[&dyn Fields]) -> io::Result<()> {
        self.header(samples).map_err(io::Error::other)?;
        let with_keys = self.with_keys;
        let Some((names, writer)) = &mut self.csv else { return Ok(()) };
        let mut row = vec![String::new(); names.len()];
        record.fields(&mut |name, value| {
            if let Some(place) = names.iter().position(|known| *known == name) {
                let value = if with_keys { value.revealed() } else { value };
                row[place] = value.to_string();
            }
        });
        writer.write_record(&row).map_err(io::Error::from)
    }

    /// Write out what is left.
    pub(crate) fn finish(self) -> Result<(), ProgramError> {
        let mut out = io::stdout().lock();
        match self.csv {
            Some((_, writer)) => {
                drop(out);
                let mut inner =
                    writer.into_inner().map_err(|error| ProgramError::Output(error.into_error()))?;
                inner.flush().map_err(ProgramError::Output)
            }
            None => out.flush().map_err(ProgramError::Output),
        }
    }
}
