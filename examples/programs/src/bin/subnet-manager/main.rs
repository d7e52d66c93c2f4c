//! Manages the subnet behind a port: finds it, gives out LIDs, routes it, and keeps it going when links fail.

#![allow(clippy::std_instead_of_alloc, clippy::disallowed_methods)]

mod events;
mod keeper;
mod lid_file;
mod machine;
mod metrics;
mod options;
mod partition_file;
mod registration_file;
mod view;
mod whole_file;

use std::process::ExitCode;

use programs::{Moment, Output, ProgramError, Session, random_u32};
use subnet_manager::administration::AdministrationState;
use subnet_manager::{Event, Manager};

use events::RegistrationLine;
use keeper::{Keeper, Task};
use lid_file::LidFile;
use machine::Managed;
use metrics::MetricsServer;
use options::Options;
use registration_file::{Found, RegistrationFile};

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
    let (mut keeper, registrations) = kept(&options, &output)?;
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
    let settings = options.settings(port.guid, random_u32(), known, registrations, partitions);
    let mut managed = Managed::new(Manager::new(settings));
    loop {
        let moment = tokio::select! {
            biased;
            moment = session.next(&mut managed) => moment?,
            client = MetricsServer::next(&mut metrics) => {
                client.answer(&metrics::text(managed.manager()));
                continue;
            }
            task = Keeper::next(&mut keeper) => {
                match (task, &mut keeper) {
                    (Task::Write, Some(keeper)) => keeper.write(managed.manager().registrations()),
                    (Task::Write, None) => {}
                    (Task::Tell(outcome), _) => output.print(&RegistrationLine::written(outcome))?,
                }
                continue;
            }
        };
        match moment {
            Moment::End => break,
            Moment::Port(_) | Moment::Reregister => {}
            Moment::Event(event) => {
                if let (Event::LidsChanged, Some(file)) = (&event, &mut file) {
                    file.write(managed.manager().lids())?;
                }
                if let (Event::RegistrationsChanged, Some(keeper)) = (&event, &mut keeper) {
                    keeper.changed();
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
    session.flush(&mut managed).await?;
    match keeper {
        Some(keeper) => keeper.finish(|| managed.manager().registrations()).await,
        None => Ok(()),
    }
}

/// What was registered before, and who is to keep it from now on. A file that cannot be written is told of at once.
fn kept(options: &Options, output: &Output) -> Result<(Option<Keeper>, AdministrationState), ProgramError> {
    let Some(path) = &options.registrations else { return Ok((None, AdministrationState::default())) };
    let file = RegistrationFile::new(path.clone());
    let Found { state, set_aside } = file.read()?;
    output.print(&match set_aside {
        Some((damage, aside)) => RegistrationLine::set_aside(file.path(), &damage, &aside),
        None => RegistrationLine::read(&state),
    })?;
    file.write(&state)?;
    Ok((Some(Keeper::new(file)), state))
}
