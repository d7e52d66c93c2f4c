//! `multipath send`.

use core::cell::RefCell;
use core::net::SocketAddr;
use core::time::Duration;
use std::time::{SystemTime, UNIX_EPOCH};

use multipath::wire::{MAX_JUMBO_PAYLOAD, MAX_OVERHEAD, OpenRefusal};
use multipath::{BrokenReason, EndReason, Path, Paths, RequesterConfig};
use programs::delivery::{PathCounters, Sending, Source, send as deliver};
use programs::transfer::{FileSender, FileSenderConfig, Offer, TransferError};
use programs::{ByteProgress, Interrupt, Output, ProgramError};
use transport::{Clock, DatagramChannel, Impaired, Link, UdpChannel, path_mtu};

use crate::options::{Common, PathAddresses, Send};
use crate::report::{End, Event};
use crate::teller::Teller;

/// Bytes of a packet that every Ethernet carries.
const ETHERNET: usize = 1500;
/// How long the receiver may take to answer before that is told.
const UNANSWERED: Duration = Duration::from_secs(2);

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
    common.check_kill_path(options.paths.len())?;
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
        tell_ahead: options.timeout / 4,
        probe_interval: options.probe,
        give_up_after: common.give_up,
        ..RequesterConfig::new(paths, session(), seed)
    };
    let offer =
        Offer { name: source.name().to_owned(), size: source.size(), is_unordered: options.shape.unordered };
    let config = FileSenderConfig { requester, payload, offer };
    output.print(&Event::Calling { paths: options.paths.len(), payload })?;
    let impairment = common.impairment();
    let clock = common.clock();
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
    let paths = links.len();
    let addresses: Vec<_> = links.iter().map(|link| link.peer.to_string()).collect();
    let give_up = config.requester.give_up_after.as_secs_f64();
    let teller = RefCell::new(Teller::new(config.payload));
    let context = |error| failed(error, &teller.borrow(), &addresses, give_up);
    let sender = FileSender::new(clock.now(), config).map_err(context)?;
    let counters = [PathCounters::default(); Path::COUNT];
    let mut sending = Sending { channel, links, sender, clock, counters };
    let progress = ByteProgress::new(source.size());
    let delivered = {
        let delivery = deliver(&mut sending, &mut source, &mut interrupt, |now, event| {
            let mut teller = teller.borrow_mut();
            let line = teller.tell(now, event);
            progress.set(teller.sent());
            line.map_or(Ok(()), |line| progress.suspend(|| output.print(&line)))
        });
        let impatience = async {
            tokio::time::sleep(UNANSWERED).await;
            if teller.borrow().is_accepted() {
                return Ok(());
            }
            let (time, addresses) = (clock.now().as_secs_f64(), addresses.clone());
            progress.suspend(|| output.print(&Event::Unanswered { time, addresses, give_up }))
        };
        tokio::pin!(delivery, impatience);
        tokio::select! {
            biased;
            delivered = &mut delivery => delivered,
            told = &mut impatience => match told {
                Ok(()) => delivery.await,
                Err(error) => Err(error),
            },
        }
    };
    delivered?;
    drop(progress);
    let dropped = sending.sender.requester().discards().iter();
    let counters = sending.counters.get(..paths).unwrap_or_default();
    output.print(&Event::counters(counters, dropped, End::Sender))?;
    teller.borrow().failure().map_or(Ok(()), |error| Err(context(error)))
}

/// Why the transfer failed, and what to do.
fn failed(error: TransferError, teller: &Teller, addresses: &[String], give_up: f64) -> ProgramError {
    let text = match error {
        TransferError::Aborted => return ProgramError::Interrupted,
        TransferError::Ended(EndReason::NoAnswer) if teller.is_accepted() => format!(
            "nothing has come back on any path for {give_up} s: is the receiver still running? Send the file again when it is"
        ),
        TransferError::Ended(EndReason::NoAnswer) => format!(
            "nothing has come back from {} for {give_up} s: does `multipath recv` listen there, and does every firewall let UDP \
             through?",
            addresses.join(", ")
        ),
        TransferError::Ended(EndReason::PeerRestarted) => {
            "the receiver was restarted and has lost the transfer: send the file again".into()
        }
        TransferError::Broken(BrokenReason::NotOpened(OpenRefusal::Busy)) => {
            "the receiver is busy with another sender: try again when that is done; if it was killed, the receiver gives it up after its \
             --give-up (30 s, unless it was told otherwise)"
                .into()
        }
        TransferError::Standstill { stood, .. } => format!(
            "{error}, for {:.0} s by now: a link on its way takes only shorter ones, so try a smaller --payload; or it is very slow, so \
             try a longer --timeout",
            stood.as_secs_f64()
        ),
        error => error.to_string(),
    };
    ProgramError::Other(text)
}
