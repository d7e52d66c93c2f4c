//! Asks for paths between several ports together, as one question (MultiPathRecord).

use clap::Args;
use ib_mad::Gid;
use ib_mad::sa::SaRequest;
use ib_mad::wire::{MultiPathRecordQuery, PathRecord};
use programs::{PortName, ProgramError};

use super::ask::Asker;
use super::print::Printer;

#[derive(Args, Debug)]
pub(crate) struct MultipathsOptions {
    /// Where paths start: LID, GID, port GUID or node description; once for each port
    #[arg(long, value_name = "PORT", required = true)]
    from: Vec<PortName>,
    /// Where they end; once for each port
    #[arg(long, value_name = "PORT", required = true)]
    to: Vec<PortName>,
    /// At most so many paths in all
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u8).range(1..=127))]
    count: Option<u8>,
}

impl MultipathsOptions {
    /// Refuse more ports than one question can name.
    pub(crate) fn check(&self) -> Result<(), ProgramError> {
        let (most, ports) = (MultiPathRecordQuery::MAX_GIDS, self.from.len() + self.to.len());
        if ports > most {
            let text =
                format!("multipaths: {ports} ports are more than the {most} of one question: ask twice");
            return Err(ProgramError::Usage(text));
        }
        Ok(())
    }

    /// Ask, and print what comes.
    pub(crate) async fn print(self, asker: &mut Asker, printer: &mut Printer) -> Result<(), ProgramError> {
        let sources = gids(asker, self.from).await?;
        let destinations = gids(asker, self.to).await?;
        let query = MultiPathRecordQuery::new(&sources, &destinations)
            .map_err(|error| ProgramError::Usage(format!("multipaths: {error}")))?;
        let query = match self.count {
            Some(count) => query.number_of_paths(count),
            None => query,
        };
        let sample = PathRecord::default();
        printer.header(&[&sample])?;
        asker
            .whole_table::<PathRecord>(SaRequest::get_multi(&query), |path| printer.record(path, &[&sample]))
            .await
    }
}

async fn gids(asker: &mut Asker, names: Vec<PortName>) -> Result<Vec<Gid>, ProgramError> {
    let mut gids = Vec::with_capacity(names.len());
    for name in names {
        gids.push(asker.gid(name).await?);
    }
    Ok(gids)
}
