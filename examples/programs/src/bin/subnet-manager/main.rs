//! Manages the subnet behind a port: finds it, gives out LIDs, routes it, and keeps it going when links fail.

#![allow(clippy::std_instead_of_alloc, clippy::disallowed_methods)]

mod events;
mod lid_file;
mod machine;
mod metrics;
mod options;
mod partition_file;
mod view;

use std::process::ExitCode;

use programs::{Moment, Output, ProgramError, Session, random_u32};
use subnet_manager::{Event, Manager};

use lid_file::LidFile;
use machine::Managed;
use metrics::MetricsServer;
use options::Options;

fn main() -> ExitCode {
    programs::run(|options: &Options| &options.common.log, manage)
}

async fn manage(options: Options) -> Result<(), ProgramError> {
    let output = Output::new(options.common.json);
    let mut file = options.lids.as_ref().map(|path| LidFile::new(path.clone()));
    let known = match &file {
        Some(file) => file.read()?,
        None => Default::default(),
    };
    let partitions = options.partitions()?;
    let mut metrics = match options.metrics {
        Some(address) => Some(MetricsServer::bind(address).await?),
        None => None,
    };
    if let Some(metrics) = &metrics {
        output.print(&events::MetricsLine::new(metrics.address()))?;
    }
    let mut session = Session::open(&options.common).await?;
    let port = session.driver().port().await?;
    session.driver().announce_manager().await?;
    let settings = options.settings(port.guid, random_u32(), known, partitions);
    let mut managed = Managed::new(Manager::new(settings));
    loop {
        let moment = tokio::select! {
            biased;
            moment = session.next(&mut managed) => moment?,
            client = MetricsServer::next(&mut metrics) => {
                client.answer(&metrics::text(managed.manager()));
                continue;
            }
        };
        match moment {
            Moment::End => break,
            Moment::Port(_) => {}
            Moment::Event(event) => {
                if let (Event::LidsChanged, Some(file)) = (&event, &mut file) {
                    file.write(managed.manager().lids())?;
                }
                if let (Event::SubnetUp(_), Some(path)) = (&event, &options.dump) {
                    view::write(path, managed.manager().subnet())?;
                }
                if let Some(line) = events::line(&event) {
                    output.print(&line)?;
                }
            }
        }
    }
    Ok(session.flush(&mut managed).await?)
}
