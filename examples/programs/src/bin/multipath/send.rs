//! `multipath send`.

use core::net::SocketAddr;
use std::time::{SystemTime, UNIX_EPOCH};

use multipath::wire::{MAX_JUMBO_PAYLOAD, MAX_OVERHEAD};
use multipath::{Path, Paths, RequesterConfig};
use programs::delivery::{PathCounters, Sending, Source, path_number, send as deliver};
use programs::transfer::{FileSender, FileSenderConfig, Offer, SenderEvent, TransferError};
use programs::{ByteProgress, Interrupt, Output, ProgramError};
use transport::{Clock, DatagramChannel, Impaired, Link, UdpChannel, path_mtu};

use crate::options::{Common, PathAddresses, Send};
use crate::report::{Event, PathChange};

/// Bytes of a packet that every Ethernet carries.
const ETHERNET: usize = 1500;

pub(crate) async fn send(common: &Common, options: &Send) -> Result<(), ProgramError> {
    let output = Output::new(common.json);
    let interrupt = Interrupt::new()?;
    if options.paths.len() > Path::COUNT {
        return Err(ProgramError::Usage(format!("{} paths are more than four", options.paths.len())));
    }
    let source = if options.file.as_os_str() == "-" {
        Source::stdin()
    } else {
        let path = options.file.display().to_string();
        Source::file(&options.file).map_err(|source| ProgramError::File { path, source })?
    };
    let payload = payload(&options.paths, options.shape.payload)?;
    let locals: Vec<SocketAddr> = options.paths.iter().map(|path| path.local).collect();
    let channel = UdpChannel::bind(&locals)?;
    let links = options.paths.iter().enumerate();
    let links = links.map(|(socket, path)| Link { socket, peer: path.remote }).collect();

    let seed = common.seed();
    // Whom the receiver takes for whom: any number will do.
    let paths = Paths::numbered((seed >> 48) as u16, options.paths.len());
    let requester = RequesterConfig {
        request_timeout: options.timeout,
        operation_timeout: options.timeout,
        probe_interval: options.probe,
        give_up_after: common.give_up,
        ..RequesterConfig::new(paths, session(), seed)
    };
    let offer =
        Offer { name: source.name().to_owned(), size: source.size(), is_unordered: options.shape.unordered };
    let config = FileSenderConfig { requester, payload, offer };
    output.print(&Event::Calling { paths: options.paths.len(), payload })?;
    let impairment = common.impairment();
    let clock = Clock::start().busy_waiting(options.busy_wait);
    if impairment.is_none() {
        run(output, channel, clock, links, config, source, interrupt).await
    } else {
        run(output, Impaired::new(channel, impairment), clock, links, config, source, interrupt).await
    }
}

/// Identity of the session: the time of day, so that a later one is greater.
pub(crate) fn session() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// Bytes of payload that every path carries.
fn payload(paths: &[PathAddresses], wanted: Option<u16>) -> Result<u16, ProgramError> {
    let mut chosen = MAX_JUMBO_PAYLOAD;
    for (path, addresses) in paths.iter().enumerate() {
        let (mtu, is_local) = path_mtu(addresses.local.ip(), addresses.remote)?;
        let headers = if addresses.remote.is_ipv4() { 28 } else { 48 };
        let fits = |mtu: usize| {
            u16::try_from(mtu.saturating_sub(headers + MAX_OVERHEAD))
                .unwrap_or(u16::MAX)
                .min(MAX_JUMBO_PAYLOAD)
        };
        let most = fits(mtu);
        if most == 0 || wanted.is_some_and(|wanted| wanted > most) {
            let path = path + 1;
            return Err(ProgramError::Usage(format!(
                "path {path} carries packets of {mtu} bytes, so at most --payload {most}"
            )));
        }
        // What lies behind the first link may carry less than that.
        chosen = chosen.min(if is_local { most } else { fits(mtu.min(ETHERNET)) });
    }
    Ok(wanted.unwrap_or(chosen))
}

/// Run a sender to its end.
pub(crate) async fn run<C: DatagramChannel>(
    output: Output,
    channel: C,
    clock: Clock,
    links: Vec<Link>,
    config: FileSenderConfig,
    mut source: Source,
    mut interrupt: Interrupt,
) -> Result<(), ProgramError> {
    let (paths, payload) = (links.len(), config.payload);
    let sender = FileSender::new(clock.now(), config).map_err(failed)?;
    let counters = [PathCounters::default(); Path::COUNT];
    let mut sending = Sending { channel, links, sender, clock, counters };
    let progress = ByteProgress::new(source.size());
    let (mut sent, mut begun, mut outcome) = (0, clock.now(), Ok(()));
    deliver(&mut sending, &mut source, &mut interrupt, |now, event| {
        let time = now.as_secs_f64();
        let line = match event {
            SenderEvent::Acknowledged(bytes) => {
                sent += bytes;
                progress.add(*bytes);
                return Ok(());
            }
            SenderEvent::Accepted { window } => {
                begun = now;
                Event::Accepted { time, window: *window, payload }
            }
            SenderEvent::Path(event) => match PathChange::of(event) {
                Some((path, change)) => Event::Path { time, path: path_number(path), change },
                None => return Ok(()),
            },
            SenderEvent::Done => Event::done(sent, now.saturating_sub(begun), None),
            SenderEvent::Failed(error) => {
                outcome = Err(failed(*error));
                return Ok(());
            }
        };
        progress.suspend(|| output.print(&line))
    })
    .await?;
    drop(progress);
    let dropped = sending.sender.requester().discards().iter();
    output.print(&Event::counters(sending.counters.get(..paths).unwrap_or_default(), dropped))?;
    outcome
}

fn failed(error: TransferError) -> ProgramError {
    match error {
        TransferError::Aborted => ProgramError::Interrupted,
        error => ProgramError::Other(error.to_string()),
    }
}
