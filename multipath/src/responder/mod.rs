//! The end that does what requests ask.

mod access;
mod permission;
mod response;
mod session;
mod vi;

use alloc::collections::VecDeque;

use barrier::{Path, PathSet};

use self::response::Response;
use self::session::Session;
use crate::discard::{Discard, Discards};
use crate::memory::{Memory, Region};
use crate::wire::{BufferTooSmall, Control, Header, Opened, Packet, Refusal, Transaction};
use crate::{ResponderConfig, Transmit};

pub use self::access::RegionError;
pub use self::permission::PermitError;
pub(crate) use self::permission::PermittedPaths;

/// Virtual interfaces that a responder can have open at once.
pub const MAX_VIS: usize = 16;

/// Number of the supervisory virtual interface, which is accepted on every path.
pub(crate) const SUPERVISORY_VI: u16 = 0;

/// Serves one requester: checks each packet, does what it asks, and answers it on the path that it came on.
///
/// ```text
///   handle_datagram(path, bytes, memory) ──▶ memory.receive / write, an answer is queued
///   while poll_transmit(memory, buffer) is Some: send it
/// ```
///
/// It keeps no time: whether an answer arrived, only the requester asks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Responder {
    config: ResponderConfig,
    session: Option<Session>,
    /// Ranges that virtual interfaces may write or read, in the order of opening.
    regions: access::Regions,
    /// Paths on which virtual interfaces may be opened.
    permitted: PermittedPaths,
    responses: VecDeque<Response>,
    discards: Discards,
    sessions: u64,
}

/// What a received packet was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ResponderHandled {
    /// A request that was done, and is acknowledged.
    Done,
    /// A request that was done before: acknowledged again, and discarded.
    Duplicate,
    /// A valid request that was not done, and why.
    Refused(Refusal),
    /// A packet that came too early and is passed over in silence, as the settings ask.
    PassedOver,
    /// A supervisory request.
    Supervised,
    /// A supervisory request that opened a session; one that was open before has ended.
    SessionOpened,
    /// A packet that was dropped.
    Discarded(Discard),
}

impl Responder {
    /// A responder that waits for its requester to open a session.
    pub fn new(config: ResponderConfig) -> Self {
        Self {
            config,
            session: None,
            regions: access::Regions::default(),
            permitted: PermittedPaths::default(),
            responses: VecDeque::new(),
            discards: Discards::default(),
            sessions: 0,
        }
    }

    /// Let a virtual interface write or read a range of addresses. Regions outlive sessions: what a requester may reach does
    /// not depend on when it connects.
    ///
    /// # Errors
    /// When there is no room for another region, or the region does not end within 64 bits.
    pub fn open_region(&mut self, vi: u16, region: Region) -> Result<(), RegionError> {
        self.regions.open(vi, region)
    }

    /// Close every region of a virtual interface.
    pub fn close_regions(&mut self, vi: u16) {
        self.regions.close(vi);
    }

    /// Let a virtual interface be opened on these paths only, or on some of them: an opening that asks for more is
    /// [refused](crate::wire::OpenRefusal::NotPermitted). [`PathSet::ALL`], which is what holds until something is said, takes a
    /// limit back. Like regions this outlives sessions; a virtual interface that is open stays as it is.
    ///
    /// # Errors
    /// When there is no path in it, it is about the supervisory virtual interface, or no other can have a limit.
    pub fn permit_paths(&mut self, vi: u16, paths: PathSet) -> Result<(), PermitError> {
        self.permitted.permit(vi, paths)
    }

    /// With what was said before it was made.
    pub(crate) fn with_permitted(self, permitted: PermittedPaths) -> Self {
        Self { permitted, ..self }
    }

    /// Packets that were dropped.
    pub const fn discards(&self) -> &Discards {
        &self.discards
    }

    /// Sessions that were opened so far.
    pub const fn sessions(&self) -> u64 {
        self.sessions
    }

    /// Take a packet that came on `path`.
    pub fn handle_datagram(
        &mut self,
        path: Path,
        bytes: &[u8],
        memory: &mut impl Memory,
    ) -> ResponderHandled {
        match self.handle(path, bytes, memory) {
            Ok(handled) => handled,
            Err(reason) => {
                self.discards.add(reason);
                ResponderHandled::Discarded(reason)
            }
        }
    }

    fn handle(
        &mut self,
        path: Path,
        bytes: &[u8],
        memory: &mut impl Memory,
    ) -> Result<ResponderHandled, Discard> {
        // The first stage: the packet is valid, and for this port.
        let ends = self.config.paths.ends(path).ok_or(Discard::UnknownPath)?;
        let packet = Packet::parse(bytes)?;
        let header = packet.header;
        ends.check(&header)?;
        if header.transaction != Transaction::Request {
            return Err(Discard::WrongDirection);
        }
        if self.responses.len() >= self.config.response_queue {
            return Err(Discard::Overrun);
        }
        if let Some(opened) = self.open(&header, &packet)? {
            return Ok(self.answer_opening(path, &header, opened));
        }
        let Some(session) = self.session.as_mut().filter(|session| session.id() == header.session) else {
            let outcome = if self.is_of_the_past(&header) {
                return Err(Discard::OtherSession);
            } else {
                Refusal::UnknownSession
            };
            return Ok(self.refuse(path, &header, outcome));
        };
        if header.vi == SUPERVISORY_VI {
            let response = session.supervise(path, &header, &packet);
            if response.disables_a_path() {
                let room = self.config.response_queue.saturating_sub(self.responses.len() + 1);
                self.responses.extend(session.latest_acknowledgements(path, &header).take(room));
            }
            self.responses.push_back(response);
            return Ok(ResponderHandled::Supervised);
        }
        // The requester sends nothing to a VI that it has not heard to be open: this end has lost it.
        if !session.has(header.vi) {
            self.discards.add(Discard::UnknownVi);
            return Ok(self.refuse(path, &header, Refusal::UnknownVi));
        }
        // The second stage: what it asks is open to the VI, and so are the port and the source that it came by, which are its path.
        if !self.regions.permits(&header, packet.address) {
            session.check_path(path, &header)?;
            return Ok(self.refuse(path, &header, Refusal::Access));
        }
        let outcome = session.accept(path, &header, &packet, memory)?;
        match outcome {
            vi::Outcome::Done => self.respond(path, &header, &packet),
            vi::Outcome::Duplicate => {
                self.respond(path, &header, &packet);
                return Ok(ResponderHandled::Duplicate);
            }
            vi::Outcome::Refused(reason) => return Ok(self.refuse(path, &header, reason)),
            vi::Outcome::PassedOver => return Ok(ResponderHandled::PassedOver),
        }
        Ok(ResponderHandled::Done)
    }

    /// A packet of a session that has ended: nobody waits for its answer.
    fn is_of_the_past(&self, header: &Header) -> bool {
        self.session.as_ref().is_some_and(|session| header.session < session.id())
    }

    /// Open the VI that the packet asks for, and the session if it is a new one; nothing if it asks for something else.
    fn open(&mut self, header: &Header, packet: &Packet<'_>) -> Result<Option<session::Opening>, Discard> {
        if header.vi != SUPERVISORY_VI || header.operation != crate::wire::Operation::Send {
            return Ok(None);
        }
        let Some(Control::Open(open)) = Control::parse(packet.payload) else { return Ok(None) };
        if self.is_of_the_past(header) {
            return Err(Discard::OtherSession);
        }
        if open.instance != self.config.instance {
            let opened = Opened::unconfirmed(open.vi, self.config.instance);
            return Ok(Some(session::Opening { opened, is_new_session: false }));
        }
        let is_known = self.session.as_ref().is_some_and(|session| session.id() == header.session);
        if !is_known {
            self.session = None;
            self.responses.clear();
            self.sessions = self.sessions.saturating_add(1);
        }
        let session =
            self.session.get_or_insert_with(|| Session::new(header.session, self.config.paths.set()));
        let opened = session.open(&open, self.permitted.of(open.vi), &self.config);
        Ok(Some(session::Opening { opened, is_new_session: !is_known }))
    }

    fn answer_opening(&mut self, path: Path, header: &Header, opening: session::Opening) -> ResponderHandled {
        self.responses.push_back(Response::control(path, header, &Control::Opened(opening.opened)));
        if opening.is_new_session { ResponderHandled::SessionOpened } else { ResponderHandled::Supervised }
    }

    fn respond(&mut self, path: Path, header: &Header, packet: &Packet<'_>) {
        self.responses.push_back(Response::acknowledge(path, header, packet.address));
    }

    fn refuse(&mut self, path: Path, header: &Header, reason: Refusal) -> ResponderHandled {
        self.responses.push_back(Response::refuse(path, header, reason));
        ResponderHandled::Refused(reason)
    }

    /// Write responses into `buffer`: as many of the same length as go the same way. Data that were asked for are read from
    /// `memory` now.
    ///
    /// # Errors
    /// When `buffer` has no room for the next response, which stays where it is.
    pub fn poll_transmit(
        &mut self,
        memory: &impl Memory,
        buffer: &mut [u8],
    ) -> Result<Option<Transmit>, BufferTooSmall> {
        let Some(first) = self.responses.front() else { return Ok(None) };
        let mut transmit = Transmit { path: first.path, length: 0, segment: first.packet_length() };
        while let Some(response) = self.responses.front() {
            let length = response.packet_length();
            let rest = buffer.get_mut(transmit.length..).unwrap_or_default();
            let has_room = length <= rest.len() && transmit.has_room();
            if transmit.length > 0
                && (response.path != transmit.path || length > transmit.segment || !has_room)
            {
                break;
            }
            transmit.length += response.emit(memory, rest)?;
            self.responses.pop_front();
            if length < transmit.segment {
                break;
            }
        }
        Ok(Some(transmit))
    }

    /// Whether responses wait to be sent.
    pub fn has_responses(&self) -> bool {
        !self.responses.is_empty()
    }
}
