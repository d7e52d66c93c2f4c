//! `multipath recv`.

use core::time::Duration;
use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use programs::delivery::{Reception, ReceptionEvent, Sink};
use programs::transfer::{Failure, Offer};
use programs::{ByteProgress, Interrupt, Output, ProgramError};
use tokio::time::{Instant, timeout};
use transport::{DatagramChannel, Impaired, UdpChannel};

use crate::options::{Common, Recv};
use crate::report::Event;

/// How long a finished transfer's sender may be silent before it is taken to have heard.
const SILENCE: Duration = Duration::from_secs(1);
/// How long a sender may take to ask, and so to hear that it was given up. It asks once a second.
const FAREWELL: Duration = Duration::from_secs(3);
/// How often the progress is shown.
const PROGRESS: Duration = Duration::from_millis(100);

pub(crate) async fn recv(common: &Common, options: &Recv) -> Result<(), ProgramError> {
    let output = Output::new(common.json);
    let output = if is_stdout(options.output.as_deref()) { output.to_stderr() } else { output };
    let interrupt = Interrupt::new()?;
    let channel = UdpChannel::bind(&options.listen)?;
    let buffer = channel.receive_buffer()?;
    if buffer < UdpChannel::WANTED_RECEIVE_BUFFER {
        tracing::warn!(
            "the system gives a receive buffer of {buffer} bytes, not {}: transfers are slower than they could be; \
             sysctl -w net.core.rmem_max={0} allows more",
            UdpChannel::WANTED_RECEIVE_BUFFER
        );
    }
    let addresses = channel.local_addresses()?.iter().map(ToString::to_string).collect();
    output.print(&Event::Listening { addresses })?;
    let impairment = common.impairment();
    if impairment.is_none() {
        serve(output, Reception::new(channel, buffer, common.give_up), options, interrupt).await
    } else {
        let channel = Impaired::new(channel, impairment);
        serve(output, Reception::new(channel, buffer, common.give_up), options, interrupt).await
    }
}

async fn serve<C: DatagramChannel>(
    output: Output,
    mut reception: Reception<C>,
    options: &Recv,
    mut interrupt: Interrupt,
) -> Result<(), ProgramError> {
    let mut begun = Instant::now();
    let mut progress: Option<ByteProgress> = None;
    loop {
        let event = tokio::select! {
            event = reception.next() => event?,
            () = tokio::time::sleep(PROGRESS), if progress.is_some() => {
                if let Some(progress) = &progress {
                    progress.set(reception.received());
                }
                continue;
            }
            () = interrupt.wait() => {
                if !reception.is_busy() {
                    return if options.once { Err(ProgramError::Interrupted) } else { Ok(()) };
                }
                reception.give_up();
                // The sender asks, hears, and is silent; or it is gone; or nobody wants to wait for it.
                tokio::select! {
                    _ = timeout(FAREWELL + SILENCE, reception.linger(FAREWELL, SILENCE)) => {}
                    () = interrupt.wait() => {}
                }
                return Err(ProgramError::Interrupted);
            }
        };
        // Whatever happened, the bar would stand in its way.
        progress = None;
        let outcome = match event {
            ReceptionEvent::Offered(offer) => match open(options.output.as_deref(), &offer) {
                Ok((sink, name)) => {
                    begun = Instant::now();
                    progress = Some(ByteProgress::new(offer.size));
                    reception.accept(&offer, sink, false);
                    let Offer { name: of_sender, size, is_unordered } = offer;
                    output.print(&Event::Offered {
                        name: of_sender,
                        size,
                        unordered: is_unordered,
                        output: name,
                    })?;
                    continue;
                }
                Err(error) => {
                    reception.refuse();
                    Err(error)
                }
            },
            ReceptionEvent::Done(summary) => {
                output.print(&Event::done(summary.length, begun.elapsed(), summary.hash))?;
                Ok(())
            }
            ReceptionEvent::Failed(Failure::Output, Some(error)) => Err(ProgramError::Output(error)),
            ReceptionEvent::Failed(Failure::Hash, _) => Err(ProgramError::Other(
                "what was received differs from what was sent: the hashes differ".into(),
            )),
            ReceptionEvent::Failed(failure, _) => Err(ProgramError::Other(failure.to_string())),
            ReceptionEvent::Aborted => {
                Err(ProgramError::Other("the sender has given up; what was received is not all".into()))
            }
            ReceptionEvent::Vanished(silence) => Err(ProgramError::Other(format!(
                "nothing has come from the sender for {} s; what was received is not all",
                silence.as_secs_f64()
            ))),
        };
        output.print(&Event::counters(&reception.counters(), reception.discards()))?;
        if options.once {
            tokio::select! {
                lingered = reception.linger(SILENCE, SILENCE) => lingered?,
                () = interrupt.wait() => {}
            }
            return outcome;
        }
        if let Err(error) = outcome {
            output.print(&Event::Failed { reason: error.to_string() })?;
        }
    }
}

fn is_stdout(output: Option<&Path>) -> bool {
    output.is_some_and(|path| path.as_os_str() == "-")
}

/// Where an offered file goes, and what that is called.
fn open(output: Option<&Path>, offer: &Offer) -> Result<(Sink, String), ProgramError> {
    if is_stdout(output) {
        if offer.is_unordered {
            return Err(ProgramError::Other(
                "the sender writes in any order, which standard output cannot take: give --output FILE, or send \
                 without --unordered"
                    .into(),
            ));
        }
        return Ok((Sink::stream(io::stdout()), "standard output".into()));
    }
    let path = output.map_or_else(|| PathBuf::from(&offer.name), Path::to_owned);
    let name = path.display().to_string();
    let mut options = OpenOptions::new();
    // A file that only the sender names is not overwritten.
    if output.is_some() {
        options.create(true).truncate(true)
    } else {
        options.create_new(true)
    };
    let file: io::Result<File> = options.write(true).read(offer.is_unordered).open(&path);
    let file = file.map_err(|source| ProgramError::File { path: name.clone(), source })?;
    let sink = if offer.is_unordered { Sink::file(file) } else { Sink::stream(file) };
    Ok((sink, name))
}
