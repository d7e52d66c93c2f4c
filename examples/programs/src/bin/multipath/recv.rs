//! `multipath recv`.

use core::time::Duration;
use std::io::ErrorKind;

use multipath::Path;
use programs::delivery::{Reception, ReceptionEvent};
use programs::transfer::{Failure, Offer};
use programs::{ByteProgress, Interrupt, Output, ProgramError};
use tokio::time::{Instant, timeout};
use transport::{DatagramChannel, Impaired, UdpChannel};

use crate::destination::{Destination, IncomingFile};
use crate::options::{Common, Recv};
use crate::report::{End, Event};

/// How long a finished transfer's sender may be silent before it is taken to have heard.
const SILENCE: Duration = Duration::from_secs(1);
/// How long a sender may take to ask, and so to hear that it was given up. It asks once a second.
const FAREWELL: Duration = Duration::from_secs(3);
/// How often the progress is shown.
const PROGRESS: Duration = Duration::from_millis(100);

pub(crate) async fn recv(common: &Common, options: &Recv) -> Result<(), ProgramError> {
    let output = Output::new(common.json);
    let destination = Destination::new(options.output.as_deref())?;
    let output = if destination == Destination::Stdout { output.to_stderr() } else { output };
    let interrupt = Interrupt::new()?;
    let paths = options.listen.len();
    if paths > Path::COUNT {
        return Err(ProgramError::Usage(format!(
            "--listen names {paths} addresses, which are more than four"
        )));
    }
    common.check_kill_path(paths)?;
    let channel = UdpChannel::bind(&options.listen.iter().map(|listen| listen.0).collect::<Vec<_>>())?;
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
    let (impairment, clock) = (common.impairment(), common.clock());
    if impairment.is_none() {
        let reception = Reception::new(channel, clock, buffer, common.give_up);
        serve(output, reception, &destination, options.once, interrupt).await
    } else {
        let reception = Reception::new(Impaired::new(channel, impairment), clock, buffer, common.give_up);
        serve(output, reception, &destination, options.once, interrupt).await
    }
}

/// Serve, and tell a sender whose transfer is not to its end why nobody answers any more.
async fn serve<C: DatagramChannel>(
    output: Output,
    mut reception: Reception<C>,
    destination: &Destination,
    is_once: bool,
    mut interrupt: Interrupt,
) -> Result<(), ProgramError> {
    let served = receive(output, &mut reception, destination, is_once, &mut interrupt).await;
    if served.is_err() && reception.is_busy() {
        reception.give_up();
        farewell(&mut reception, &mut interrupt).await;
    }
    served
}

/// The sender asks, hears, and is silent; or it is gone; or nobody wants to wait for it.
async fn farewell<C: DatagramChannel>(reception: &mut Reception<C>, interrupt: &mut Interrupt) {
    tokio::select! {
        _ = timeout(FAREWELL + SILENCE, reception.linger(FAREWELL, SILENCE)) => {}
        () = interrupt.wait() => {}
    }
}

async fn receive<C: DatagramChannel>(
    output: Output,
    reception: &mut Reception<C>,
    destination: &Destination,
    is_once: bool,
    interrupt: &mut Interrupt,
) -> Result<(), ProgramError> {
    let mut begun = Instant::now();
    let mut progress: Option<ByteProgress> = None;
    let mut file: Option<IncomingFile> = None;
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
                drop(progress);
                if reception.is_busy() {
                    let reason = format!("interrupted; {}", not_all(file.as_ref()));
                    output.print(&Event::Failed { reason })?;
                } else if !is_once {
                    // Whoever sent last may not have heard yet how that ended.
                    if reception.was_heard_within(SILENCE) {
                        say_how_it_ended(reception, interrupt).await?;
                    }
                    return Ok(());
                }
                return Err(ProgramError::Interrupted);
            }
        };
        // Whatever happened, the bar would stand in its way.
        progress = None;
        let outcome = match event {
            ReceptionEvent::Offered(offer) => match destination.open(&offer) {
                Ok((sink, incoming)) => {
                    begun = Instant::now();
                    progress = Some(ByteProgress::new(offer.size));
                    reception.accept(&offer, sink, false);
                    let Offer { name, size, is_unordered } = offer;
                    let into = incoming.name().to_owned();
                    file = Some(incoming);
                    output.print(&Event::Offered { name, size, unordered: is_unordered, output: into })?;
                    continue;
                }
                Err(error) => {
                    reception.refuse();
                    Err(error)
                }
            },
            ReceptionEvent::Done(summary) => match file.as_ref().map_or(Ok(()), IncomingFile::complete) {
                Ok(()) => {
                    output.print(&Event::done(summary.length, begun.elapsed(), summary.hash))?;
                    Ok(())
                }
                // The sender has not heard yet that all is well.
                Err(error) => {
                    reception.refuse();
                    Err(error)
                }
            },
            ReceptionEvent::Failed(Failure::Output, Some(error)) => Err(match &file {
                Some(file) => file.error(error),
                None => ProgramError::Output(error),
            }),
            ReceptionEvent::Failed(Failure::Hash, _) => {
                let place =
                    file.as_ref().and_then(IncomingFile::part).map(|part| format!("; it is in {part}"));
                Err(ProgramError::Other(format!(
                    "what was received differs from what was sent: the hashes differ{}",
                    place.unwrap_or_default()
                )))
            }
            ReceptionEvent::Failed(failure, _) => Err(ProgramError::Other(failure.to_string())),
            ReceptionEvent::Aborted => {
                Err(ProgramError::Other(format!("the sender has given up; {}", not_all(file.as_ref()))))
            }
            ReceptionEvent::Vanished(silence) => Err(ProgramError::Other(format!(
                "nothing has come from the sender for {} s; {}",
                silence.as_secs_f64(),
                not_all(file.as_ref())
            ))),
        };
        file = None;
        output.print(&Event::counters(&reception.counters(), reception.discards(), End::Receiver))?;
        // Nothing can be written to a pipe any more when its reader is gone.
        let is_over = is_once
            || *destination == Destination::Stdout
                && matches!(&outcome, Err(ProgramError::Output(error)) if error.kind() == ErrorKind::BrokenPipe);
        if is_over {
            say_how_it_ended(reception, interrupt).await?;
            return outcome;
        }
        if let Err(error) = outcome {
            output.print(&Event::Failed { reason: error.to_string() })?;
        }
    }
}

/// Answer the sender of a transfer that is over, until it has heard, or nobody wants to wait for it.
async fn say_how_it_ended<C: DatagramChannel>(
    reception: &mut Reception<C>,
    interrupt: &mut Interrupt,
) -> Result<(), ProgramError> {
    tokio::select! {
        lingered = reception.linger(SILENCE, SILENCE) => lingered,
        () = interrupt.wait() => Ok(()),
    }
}

/// What is left of a transfer that failed.
fn not_all(file: Option<&IncomingFile>) -> String {
    match file.and_then(IncomingFile::part) {
        Some(part) => format!("what was received is not all, and is in {part}"),
        None => "what was received is not all".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;
    use tokio::signal::unix::{SignalKind, signal};
    use transport::Clock;

    /// In virtual time, so that it is seen what is waited for.
    #[tokio::test(start_paused = true)]
    async fn a_farewell_is_cut_short_by_an_interrupt() {
        let mut told = signal(SignalKind::interrupt()).unwrap();
        for is_interrupted in [false, true] {
            let channel = UdpChannel::bind(&["127.0.0.1:0".parse().unwrap()]).unwrap();
            let mut reception = Reception::new(channel, Clock::start(), 1 << 16, FAREWELL);
            let mut interrupt = Interrupt::new().unwrap();
            if is_interrupted {
                let id = std::process::id().to_string();
                assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
                told.recv().await.unwrap();
            }
            let begun = Instant::now();
            farewell(&mut reception, &mut interrupt).await;
            let waited = if is_interrupted { Duration::ZERO } else { FAREWELL };
            assert_eq!(begun.elapsed(), waited);
        }
    }
}
