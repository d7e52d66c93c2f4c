//! What a responder knows of its requester, from the opening of the session on.

use alloc::vec::Vec;

use barrier::{BarrierLocations, BarrierNumber, Incarnation, Path, PathSet, Refused, ResponderPaths};
use seqwin::{Gap, ResponderConfig as WindowConfig, Sequence, SequenceBits};

use super::response::{NUMBER_LENGTH, Response};
use super::vi::{Outcome, ReceivingVi, Request};
use super::{MAX_VIS, SUPERVISORY_VI};
use crate::ResponderConfig;
use crate::discard::Discard;
use crate::memory::Memory;
use crate::wire::{
    Control, Format, Header, OpenRefusal, OpenVi, Opened, Operation, Packet, Refusal, Transaction,
};

/// What came of an opening.
pub(super) struct Opening {
    pub(super) opened: Opened,
    pub(super) is_new_session: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Session {
    id: u64,
    paths: ResponderPaths<MAX_VIS>,
    /// The agreed location that barriers write to and read from.
    locations: BarrierLocations,
    vis: Vec<(OpenVi, ReceivingVi)>,
}

impl Session {
    pub(super) fn new(id: u64, paths: PathSet) -> Self {
        Self {
            id,
            paths: ResponderPaths::new(u32::from(SUPERVISORY_VI), paths),
            locations: BarrierLocations::new(),
            vis: Vec::new(),
        }
    }

    pub(super) const fn id(&self) -> u64 {
        self.id
    }

    /// Open a VI that may be open on the paths `permitted`.
    pub(super) fn open(&mut self, open: &OpenVi, permitted: PathSet, config: &ResponderConfig) -> Opened {
        let refusal = self.try_open(open, permitted, config).err();
        Opened { vi: open.vi, refusal, instance: config.instance }
    }

    fn try_open(
        &mut self,
        open: &OpenVi,
        permitted: PathSet,
        config: &ResponderConfig,
    ) -> Result<(), OpenRefusal> {
        if let Some((known, _)) = self.vis.iter().find(|(known, _)| known.vi == open.vi) {
            return if known == open { Ok(()) } else { Err(OpenRefusal::Different) };
        }
        let fits = open.max_payload <= config.max_payload
            && Format::for_length(open.max_payload).limit().is_some_and(|limit| open.max_payload <= limit);
        if open.vi == SUPERVISORY_VI || open.max_payload == 0 || !fits {
            return Err(OpenRefusal::Unsuitable);
        }
        let window = WindowConfig {
            bits: SequenceBits::new(open.sequence_bits).map_err(|_| OpenRefusal::Unsuitable)?,
            window: open.window,
            first_sequence: Sequence(open.first_sequence),
            gap: if config.refuses_gaps { Gap::Refuse } else { Gap::Silent },
            selective: false,
        };
        let receiving = ReceivingVi::new(window, open.max_payload).map_err(|_| OpenRefusal::Unsuitable)?;
        let paths = open.path_set().map(|paths| paths.intersection(config.paths.set()));
        let paths = paths.filter(|paths| !paths.is_empty()).ok_or(OpenRefusal::Unsuitable)?;
        if !paths.difference(permitted).is_empty() {
            return Err(OpenRefusal::NotPermitted { paths: permitted });
        }
        // It has room for as many as there can be.
        self.paths.open_on(u32::from(open.vi), paths).map_err(|_| OpenRefusal::Full)?;
        self.vis.push((*open, receiving));
        Ok(())
    }

    /// Do what a supervisory request asks.
    pub(super) fn supervise(&mut self, path: Path, header: &Header, packet: &Packet<'_>) -> Response {
        let refused = Response::refuse(path, header, Refusal::Supervisory);
        let Some(lane) = header.adaptive_control.as_lane() else { return refused };
        match header.operation {
            Operation::Write => {
                let Ok(number) = packet.payload.try_into().map(u64::from_be_bytes) else { return refused };
                // A write of an earlier barrier, overtaken by a later one, has nothing more to say.
                if self.paths.handle_barrier_write(path, Incarnation(header.incarnation)) {
                    self.locations.write(path, lane, BarrierNumber(number));
                }
                Response::acknowledge(path, header, None)
            }
            Operation::Read if header.length == NUMBER_LENGTH => {
                Response::number(path, header, self.locations.read(path, lane).0)
            }
            Operation::Send => {
                let message = match Control::parse(packet.payload) {
                    Some(Control::Path(message)) => message,
                    _ => return refused,
                };
                match self.paths.handle_supervisory(&message) {
                    Some(answer) => Response::control(path, header, &Control::Path(answer)),
                    // A late message does nothing; its acknowledgement says no more than that it came.
                    None => Response::acknowledge(path, header, None),
                }
            }
            Operation::Read | Operation::Other(_) => refused,
        }
    }

    /// The latest acknowledgement to each VI that may use `path` once more, as answers on it to `header`. Those of the packets that
    /// came last over a path that failed may be lost: without them the requester would send on the other path what is here already.
    pub(super) fn latest_acknowledgements(
        &self,
        path: Path,
        header: &Header,
    ) -> impl Iterator<Item = Response> {
        let may_use = move |open: &OpenVi| open.path_set().is_some_and(|paths| paths.contains(path));
        let vis = self.vis.iter().filter(move |(open, _)| may_use(open));
        let latest = vis.filter_map(|(open, vi)| Some((open.vi, vi.latest()?)));
        latest.map(move |(vi, request)| {
            let Request { operation, flags, serial, sequence } = request;
            let request = Header { vi, operation, flags, serial, sequence, ..*header };
            Response::acknowledge(path, &request, None)
        })
    }

    /// Whether the VI is open.
    pub(super) fn has(&self, vi: u16) -> bool {
        self.vis.iter().any(|(open, _)| open.vi == vi)
    }

    /// Whether the VI takes packets of this incarnation from the path.
    pub(super) fn check_path(&mut self, path: Path, header: &Header) -> Result<(), Discard> {
        self.paths.accepts(u32::from(header.vi), path, Incarnation(header.incarnation)).map_err(|refused| {
            match refused {
                Refused::PathNotAccepted => Discard::PathNotAccepted,
                Refused::OldIncarnation => Discard::OldIncarnation,
                _ => Discard::UnknownVi,
            }
        })
    }

    pub(super) fn accept(
        &mut self,
        path: Path,
        header: &Header,
        packet: &Packet<'_>,
        memory: &mut impl Memory,
    ) -> Result<Outcome, Discard> {
        debug_assert_eq!(header.transaction, Transaction::Request);
        self.check_path(path, header)?;
        let vi = self.vis.iter_mut().find(|(open, _)| open.vi == header.vi);
        let (_, vi) = vi.ok_or(Discard::UnknownVi)?;
        Ok(vi.accept(header, packet, memory))
    }
}
