//! `multipath bench`: both ends in this process, each on a thread of its own; nothing is read, hashed or written.

use core::net::{Ipv4Addr, SocketAddr};
use core::time::Duration;
use std::io;
use std::thread;

use multipath::wire::MAX_JUMBO_PAYLOAD;
use multipath::{Paths, RequesterConfig};
use programs::delivery::{Reception, ReceptionEvent, Sink, Source};
use programs::transfer::{FileSenderConfig, Offer};
use programs::{Interrupt, Output, ProgramError};
use tokio::runtime::Builder;
use tokio::sync::oneshot;
use transport::{Clock, DatagramChannel, Impaired, Link, UdpChannel};

use crate::options::{Bench, Common};
use crate::report::Event;
use crate::send;

/// How long the last acknowledgements may be under way.
const SILENCE: Duration = Duration::from_millis(200);

pub(crate) async fn bench(common: &Common, options: &Bench) -> Result<(), ProgramError> {
    let output = Output::new(common.json);
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    let addresses = vec![any; usize::from(options.paths)];
    common.check_kill_path(addresses.len())?;
    let (told, listening) = oneshot::channel();
    let receiving = {
        let (addresses, clock, patience) = (addresses.clone(), common.clock(), common.give_up);
        thread::spawn(move || receive(&addresses, clock, patience, told))
    };
    let remotes = listening.await.map_err(|_| ProgramError::Other("the receiver did not start".into()))?;
    let links = remotes.into_iter().enumerate().map(|(socket, peer)| Link { socket, peer }).collect();
    let channel = UdpChannel::bind(&addresses)?;
    let seed = common.seed();
    let paths = Paths::numbered((seed >> 48) as u16, addresses.len());
    let source = Source::generated(options.size.saturating_mul(1 << 20));
    let config = FileSenderConfig {
        requester: RequesterConfig {
            give_up_after: common.give_up,
            ..RequesterConfig::new(paths, send::session(), seed)
        },
        payload: options.shape.payload.unwrap_or(MAX_JUMBO_PAYLOAD),
        offer: Offer {
            name: source.name().to_owned(),
            size: source.size(),
            is_unordered: options.shape.unordered,
        },
    };
    output.print(&Event::Calling { paths: addresses.len(), payload: config.payload })?;
    let impairment = common.impairment();
    let channel: Box<dyn DatagramChannel> =
        if impairment.is_none() { Box::new(channel) } else { Box::new(Impaired::new(channel, impairment)) };
    send::run(output, channel, common.clock(), links, config, source, Interrupt::new()?).await?;
    let received = receiving.join();
    received.unwrap_or_else(|_| Err(ProgramError::Other("the receiver has failed".into())))
}

fn receive(
    addresses: &[SocketAddr],
    clock: Clock,
    patience: Duration,
    tell: oneshot::Sender<Vec<SocketAddr>>,
) -> Result<(), ProgramError> {
    let runtime = Builder::new_current_thread().enable_all().build().map_err(ProgramError::Runtime)?;
    runtime.block_on(async {
        let channel = UdpChannel::bind(addresses)?;
        let buffer = channel.receive_buffer()?;
        // The other end takes it, or has failed and says so.
        let _ = tell.send(channel.local_addresses()?);
        let mut reception = Reception::new(channel, clock, buffer, patience);
        loop {
            match reception.next().await? {
                ReceptionEvent::Offered(offer) => reception.accept(&offer, Sink::nothing(), true),
                ReceptionEvent::Done(_) => return reception.linger(SILENCE, SILENCE).await,
                other => {
                    let error = io::Error::other(format!("{other:?}"));
                    return Err(ProgramError::Output(error));
                }
            }
        }
    })
}
