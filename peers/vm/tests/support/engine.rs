//! The engine of `ib_mad::rmpp` over a umad device, as an agent that segments by itself.

use core::time::Duration;
use std::time::Instant;

use ib_mad::rmpp::{
    Received, ReceiverLimits, Receivers, RmppFailure, RmppPeer, Sender, SenderHandled, SenderLimits,
};
use ib_mad::wire::MAD_LENGTH;
use ib_mad::{Lid, Qpn, ServiceLevel};
use machine::MadPort;
use tokio::time::timeout;
use transport::{AgentId, OwnedUmadMessage, UmadAddress};

/// On Ethernet there are no LIDs: the other end is the only one.
pub(crate) const FAR: RmppPeer =
    RmppPeer { lid: Lid(0), service_level: ServiceLevel::new(0).unwrap(), qpn: Qpn::GENERAL_SERVICES };

/// The machines' clock begins at some large time.
pub(crate) fn clock() -> impl Fn() -> Duration {
    let start = Instant::now();
    move || Duration::from_secs(5_000) + start.elapsed()
}

/// A datagram out of what a device gave; a header alone for what was not answered.
pub(crate) fn datagram(message: &OwnedUmadMessage) -> [u8; MAD_LENGTH] {
    let mut datagram = [0; MAD_LENGTH];
    let length = message.data.len().min(MAD_LENGTH);
    datagram[..length].copy_from_slice(&message.data[..length]);
    datagram
}

/// Send a message, and give how that ended. `before_each` sees each segment before it goes out.
pub(crate) async fn send(
    port: &mut MadPort,
    agent: AgentId,
    to: &UmadAddress,
    limits: SenderLimits,
    template: &[u8; MAD_LENGTH],
    message: &[u8],
    mut before_each: impl FnMut(&mut Sender<&[u8]>),
) -> Result<(), RmppFailure> {
    let now = clock();
    let mut sender = Sender::new(now(), limits, FAR, template, message).unwrap();
    let mut buffer = [0; MAD_LENGTH];
    loop {
        while sender.poll_transmit(now(), &mut buffer).is_some() {
            port.send(agent, to, None, &buffer).unwrap();
            before_each(&mut sender);
        }
        if let Some(failure) = sender.poll_event(now()) {
            while sender.poll_transmit(now(), &mut buffer).is_some() {
                port.send(agent, to, None, &buffer).unwrap();
            }
            return Err(failure);
        }
        let Some(at) = sender.poll_timeout() else { return Ok(()) };
        if let Ok(message) = timeout(at.saturating_sub(now()), port.next()).await {
            match sender.handle_segment(now(), FAR.lid, &datagram(&message)) {
                SenderHandled::Delivered => return Ok(()),
                SenderHandled::Failed(failure) => {
                    while sender.poll_transmit(now(), &mut buffer).is_some() {
                        port.send(agent, to, None, &buffer).unwrap();
                    }
                    return Err(failure);
                }
                SenderHandled::Progress | SenderHandled::NotTaken(_) => {}
            }
        }
    }
}

/// Take one message, and give it in one piece. `before_each` sees each segment before it is taken, and may send something by itself.
pub(crate) async fn receive(
    port: &mut MadPort,
    agent: AgentId,
    limits: ReceiverLimits,
    mut before_each: impl FnMut(&mut MadPort, &[u8; MAD_LENGTH]),
) -> Result<Vec<u8>, RmppFailure> {
    let now = clock();
    let mut receivers: Receivers<4> = Receivers::new(limits, 4);
    let (mut whole, mut buffer) = (Vec::new(), [0; MAD_LENGTH]);
    let mut outcome = None;
    loop {
        if let Some(expired) = receivers.poll_event(now()) {
            outcome = Some(Err(expired.failure));
        }
        while receivers.poll_transmit(now(), &mut buffer).is_some() {
            port.ask(agent, None, &buffer).unwrap();
        }
        if let Some(outcome) = outcome {
            return outcome.map(|()| whole);
        }
        let wait = receivers.poll_timeout().map_or(Duration::from_secs(60), |at| at.saturating_sub(now()));
        let Ok(message) = timeout(wait, port.next()).await else {
            assert!(!receivers.is_empty(), "nothing came");
            continue;
        };
        let segment = datagram(&message);
        before_each(port, &segment);
        match receivers.handle_segment(now(), FAR, &segment) {
            Received::Data(part) => {
                whole.extend_from_slice(part.payload);
                outcome = part.is_last.then_some(Ok(()));
            }
            Received::Failed(failure) => outcome = Some(Err(failure)),
            _ => {}
        }
    }
}
