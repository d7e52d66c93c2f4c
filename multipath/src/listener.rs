//! Serves requesters whose addresses nobody knows before they call.

use alloc::collections::VecDeque;

use barrier::{Path, PathSet};

use crate::config::Paths;
use crate::discard::{Discard, Discards};
use crate::memory::Memory;
use crate::responder::{PermitError, PermittedPaths, Responder, ResponderHandled, SUPERVISORY_VI};
use crate::wire::{
    BufferTooSmall, Control, Header, HeaderView, OpenRefusal, OpenVi, Opened, Operation, Packet, Refusal,
    Transaction,
};
use crate::{ResponderConfig, Transmit};

/// Answers to those who are not served, waiting to be sent.
const REPLIES: usize = 16;

/// A [`Responder`] for a network whose addresses (`A`, the caller's) are not port ids, such as UDP: it learns each path's
/// address from the first packet that comes on the path, and serves one requester after another.
///
/// ```text
///                   opening of a session                  finish()
///   waiting ───────────────────────────────▶ serving ──────────────────▶ finished
///      ▲                                     │     ▲  opening of another    │
///      └──────────── release() ──────────────┴─────┴────────────────────────┘
/// ```
///
/// The port ids of a requester say which of how many paths a packet is of ([`Paths::numbered`]). A path belongs to the
/// address from which a valid packet of the session came on it first; every other address is a stranger on it. While a
/// session is served, who opens another is told that this end is busy. A finished session still has its requests answered,
/// since the requester may not have heard the last answers, until another is opened.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Listener<A> {
    config: ResponderConfig,
    serving: Option<Serving<A>>,
    /// The session before: what of it is still on the way opens nothing.
    before: Option<u64>,
    /// Paths on which virtual interfaces of each session may be opened.
    permitted: PermittedPaths,
    replies: VecDeque<Reply<A>>,
    discards: Discards,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Serving<A> {
    session: u64,
    paths: Paths,
    addresses: [Option<A>; Path::COUNT],
    responder: Responder,
    is_finished: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Reply<A> {
    to: A,
    path: Path,
    header: Header,
    control: Option<Control>,
}

/// What a received packet was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ListenerHandled {
    /// A packet of the session that is served, on this path.
    Served(Path, ResponderHandled),
    /// A request of another session: it was told that this end is busy, or does not know the session.
    TurnedAway,
    /// A packet that was dropped.
    Discarded(Discard),
}

impl<A: Copy + Eq> Listener<A> {
    /// A listener that waits for a requester. The paths of `config` do not count: requesters bring theirs.
    pub const fn new(config: ResponderConfig) -> Self {
        Self {
            config,
            serving: None,
            before: None,
            permitted: PermittedPaths::new(),
            replies: VecDeque::new(),
            discards: Discards::new(),
        }
    }

    /// As [`Responder::permit_paths`]: for the session that is served, and for each one after it.
    ///
    /// # Errors
    /// As there.
    pub fn permit_paths(&mut self, vi: u16, paths: PathSet) -> Result<(), PermitError> {
        if let Some(serving) = &mut self.serving {
            serving.responder.permit_paths(vi, paths)?;
        }
        self.permitted.permit(vi, paths)
    }

    /// The responder of the session that is served, or was served last.
    pub fn responder(&self) -> Option<&Responder> {
        self.serving.as_ref().map(|serving| &serving.responder)
    }

    /// The responder, to open regions.
    pub fn responder_mut(&mut self) -> Option<&mut Responder> {
        self.serving.as_mut().map(|serving| &mut serving.responder)
    }

    /// The paths of the session.
    pub fn paths(&self) -> Option<Paths> {
        self.serving.as_ref().map(|serving| serving.paths)
    }

    /// Packets that were dropped before they reached a responder.
    pub const fn discards(&self) -> &Discards {
        &self.discards
    }

    /// The session's work is done: another may be opened. Its requests are answered until then.
    pub fn finish(&mut self) {
        if let Some(serving) = &mut self.serving {
            serving.is_finished = true;
        }
    }

    /// Give the session up: its requests are refused as those of a session that is not known.
    pub fn release(&mut self) {
        if let Some(serving) = self.serving.take() {
            self.before = Some(serving.session);
        }
    }

    /// Take a packet that came from an address.
    pub fn handle_datagram(&mut self, from: A, bytes: &[u8], memory: &mut impl Memory) -> ListenerHandled {
        if let Some(serving) = &mut self.serving {
            let known = serving.addresses.iter().position(|address| *address == Some(from));
            if let Some(path) = known.and_then(|index| Path::ALL.get(index).copied()) {
                // Another session from the same address is looked at below.
                if HeaderView::peek(bytes).is_some_and(|header| header.session() == serving.session) {
                    let handled = serving.responder.handle_datagram(path, bytes, memory);
                    return ListenerHandled::Served(path, handled);
                }
            }
        }
        match self.handle_unknown(from, bytes, memory) {
            Ok(handled) => handled,
            Err(reason) => {
                self.discards.add(reason);
                ListenerHandled::Discarded(reason)
            }
        }
    }

    /// A packet from an address that is none of the session's.
    fn handle_unknown(
        &mut self,
        from: A,
        bytes: &[u8],
        memory: &mut impl Memory,
    ) -> Result<ListenerHandled, Discard> {
        let packet = Packet::parse(bytes)?;
        let header = packet.header;
        if header.transaction != Transaction::Request {
            return Err(Discard::WrongDirection);
        }
        let (path, paths) = Paths::of_source(header.source).ok_or(Discard::Stranger)?;
        let opens = opening(&header, &packet);
        let is_known = self.serving.as_ref().is_some_and(|serving| serving.session == header.session);
        if !is_known {
            let is_busy = self.serving.as_ref().is_some_and(|serving| !serving.is_finished);
            match opens {
                // A copy of what opened the session before would open it again.
                _ if self.before == Some(header.session) && opens.is_some() => {
                    return Err(Discard::OtherSession);
                }
                Some(OpenVi { vi, .. }) if is_busy => {
                    let instance = self.config.instance;
                    let opened = Opened { vi, refusal: Some(OpenRefusal::Busy), instance };
                    return self.turn_away((from, path), &header, opened);
                }
                Some(OpenVi { vi, instance, .. }) if instance != self.config.instance => {
                    let opened = Opened::unconfirmed(vi, self.config.instance);
                    return self.turn_away((from, path), &header, opened);
                }
                None => {
                    let unknown = Transaction::Refuse(Refusal::UnknownSession);
                    return self.reply((from, path), &header, unknown, None);
                }
                Some(_) => {
                    self.release();
                    self.serving = Some(Serving::new(header.session, paths, &self.config, &self.permitted));
                }
            }
        }
        let serving = self.serving.as_mut().ok_or(Discard::OtherSession)?;
        let address = &mut serving.addresses[path.index()];
        let ends = serving.paths.ends(path).ok_or(Discard::Stranger)?;
        if address.is_some() {
            return Err(Discard::Stranger);
        }
        // Only what is for this end tells where the path leads.
        ends.check(&header)?;
        *address = Some(from);
        Ok(ListenerHandled::Served(path, serving.responder.handle_datagram(path, bytes, memory)))
    }

    fn turn_away(
        &mut self,
        to: (A, Path),
        header: &Header,
        opened: Opened,
    ) -> Result<ListenerHandled, Discard> {
        self.reply(to, header, Transaction::Acknowledge, Some(Control::Opened(opened)))
    }

    fn reply(
        &mut self,
        (to, path): (A, Path),
        header: &Header,
        transaction: Transaction,
        control: Option<Control>,
    ) -> Result<ListenerHandled, Discard> {
        if self.replies.len() >= REPLIES {
            return Err(Discard::Overrun);
        }
        let length = control.map_or(0, |control| u16::try_from(control.length()).unwrap_or_default());
        self.replies.push_back(Reply { to, path, header: header.response(transaction, length), control });
        Ok(ListenerHandled::TurnedAway)
    }

    /// Write responses into `buffer`, all to the address that is returned.
    ///
    /// # Errors
    /// When `buffer` has no room for the next response, which stays where it is.
    pub fn poll_transmit(
        &mut self,
        memory: &impl Memory,
        buffer: &mut [u8],
    ) -> Result<Option<(A, Transmit)>, BufferTooSmall> {
        if let Some(Reply { to, path, header, control }) = self.replies.front() {
            let fill = |place: &mut [u8]| {
                if let Some(control) = control {
                    control.emit(place);
                }
            };
            let length = header.emit(None, None, buffer, fill)?;
            let (to, path) = (*to, *path);
            self.replies.pop_front();
            return Ok(Some((to, Transmit { path, length, segment: length })));
        }
        let Some(serving) = &mut self.serving else { return Ok(None) };
        let Some(transmit) = serving.responder.poll_transmit(memory, buffer)? else { return Ok(None) };
        // A response goes where its request came from.
        Ok(serving.addresses[transmit.path.index()].map(|address| (address, transmit)))
    }
}

impl<A> Serving<A> {
    fn new(session: u64, paths: Paths, config: &ResponderConfig, permitted: &PermittedPaths) -> Self {
        let paths = paths.reversed();
        let responder = Responder::new(ResponderConfig { paths, ..*config });
        Self {
            session,
            paths,
            addresses: [const { None }; Path::COUNT],
            responder: responder.with_permitted(permitted.clone()),
            is_finished: false,
        }
    }
}

/// The virtual interface that a packet asks to open.
fn opening(header: &Header, packet: &Packet<'_>) -> Option<OpenVi> {
    if header.vi != SUPERVISORY_VI || header.operation != Operation::Send {
        return None;
    }
    match Control::parse(packet.payload)? {
        Control::Open(open) => Some(open),
        Control::Opened(_) | Control::Path(_) => None,
    }
}

#[cfg(test)]
#[path = "listener_test.rs"]
mod tests;
