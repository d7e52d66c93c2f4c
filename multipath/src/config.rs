//! Settings of the two ends.

use core::time::Duration;

use barrier::{Path, PathSet};

use crate::wire::{Header, MAX_JUMBO_PAYLOAD, MAX_PAYLOAD, PortId};

/// The two ports that a path joins, as one of its ends sees them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct PathEnds {
    /// This end's port.
    pub local: PortId,
    /// The other end's.
    pub remote: PortId,
    /// Which of the two fabrics joins them.
    pub fabric: bool,
}

impl PathEnds {
    /// The same path as the other end sees it.
    #[must_use]
    pub const fn reversed(self) -> Self {
        Self { local: self.remote, remote: self.local, fabric: self.fabric }
    }
}

/// The paths between two nodes: up to two ports at each end, so up to four.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Paths([Option<PathEnds>; 4]);

impl Paths {
    /// The paths that `ends` lists, in their order.
    pub fn new(ends: impl IntoIterator<Item = PathEnds>) -> Self {
        let mut paths = Self::default();
        for (place, ends) in paths.0.iter_mut().zip(ends) {
            *place = Some(ends);
        }
        paths
    }

    /// Two ports at each end on one fabric, each joined with each: four paths.
    pub fn between(local: [PortId; 2], remote: [PortId; 2]) -> Self {
        let ends = |local, remote| PathEnds { local, remote, fabric: false };
        Self::new([
            ends(local[0], remote[0]),
            ends(local[0], remote[1]),
            ends(local[1], remote[0]),
            ends(local[1], remote[1]),
        ])
    }

    /// So many paths, 1 to 4, whose port ids say which of how many a packet is of: for a network in which a path is a pair of
    /// addresses, which a [`Listener`](crate::Listener) learns. `requester` tells requesters apart; a program draws it.
    ///
    /// ```text
    ///   port of the requester  requester 16 │ paths - 1: 2 │ path 2       port of the responder  0 │ path 2
    /// ```
    pub fn numbered(requester: u16, count: usize) -> Self {
        let count = count.clamp(1, Path::COUNT);
        // At most 3, twice.
        let id = |path: usize| u32::from(requester) << 4 | (count as u32 - 1) << 2 | path as u32;
        Self::new((0..count).map(|path| PathEnds {
            local: PortId::new(id(path)),
            remote: PortId::new(path as u32),
            fabric: false,
        }))
    }

    /// The path that [numbered](Self::numbered) ports say that a packet from `source` is of, and all paths of its requester.
    pub(crate) fn of_source(source: PortId) -> Option<(Path, Self)> {
        let (requester, count, path) = (source.get() >> 4, source.get() >> 2 & 3, source.get() & 3);
        let paths = Self::numbered(u16::try_from(requester).ok()?, count as usize + 1);
        let path = *Path::ALL.get(path as usize)?;
        paths.ends(path).map(|_| (path, paths))
    }

    /// The ports of a path, if it is in use.
    pub fn ends(&self, path: Path) -> Option<PathEnds> {
        self.0[path.index()]
    }

    /// The paths in use.
    pub fn set(&self) -> PathSet {
        Path::ALL.into_iter().filter(|path| self.ends(*path).is_some()).collect()
    }

    /// The same paths as the other end sees them.
    #[must_use]
    pub fn reversed(&self) -> Self {
        Self(self.0.map(|ends| ends.map(PathEnds::reversed)))
    }
}

/// Settings of a [`Requester`](crate::Requester).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RequesterConfig {
    /// The paths to the responder.
    pub paths: Paths,
    /// Lanes in use on every path, 1 to 4. Unordered packets may take any, so that a barrier goes over all.
    pub lanes: u8,
    /// Identity of the session. A later session of the same requester has a greater one; a program takes the time of day
    /// in microseconds when it starts.
    pub session: u64,
    /// How long a request may go without an answer before its path is questioned.
    pub request_timeout: Duration,
    /// How long each operation of a barrier, and each supervisory message, may take.
    pub operation_timeout: Duration,
    /// How long before the barrier of a questioned path would fail the responder is told that the path is down. The barrier
    /// keeps its time; when it fails, other paths are used at once, and not a round trip later. More than a round trip; of more
    /// than half of `operation_timeout` that half counts, and with zero the responder is told when the barrier has failed.
    pub tell_ahead: Duration,
    /// How often a bad path is tried again.
    pub probe_interval: Duration,
    /// How long a session with work to do lives while no path brings anything; and how long a virtual interface with work to do
    /// waits for one of [its paths](ViConfig::paths) while only others are good.
    pub give_up_after: Duration,
    /// Descriptors that the work queue of a virtual interface holds at most.
    pub queue_length: usize,
    /// Seed of the numbers that barriers write.
    pub seed: u64,
}

impl RequesterConfig {
    /// Settings for a local network: time-outs of 50 ms, of a barrier's the last quarter to tell
    /// ahead, a bad path tried again every 500 ms, the session given up after 30 s.
    pub const fn new(paths: Paths, session: u64, seed: u64) -> Self {
        Self {
            paths,
            lanes: 1,
            session,
            request_timeout: Duration::from_millis(50),
            operation_timeout: Duration::from_millis(50),
            tell_ahead: Duration::from_micros(12_500),
            probe_interval: Duration::from_millis(500),
            give_up_after: Duration::from_secs(30),
            queue_length: 64,
            seed,
        }
    }
}

/// Settings of one virtual interface of a requester.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ViConfig {
    /// Its number, from 1.
    pub vi: u16,
    /// Bits of its sequence numbers, 2 to 32.
    pub sequence_bits: u8,
    /// Packets that may be outstanding: at most half of the sequence numbers, and at most
    /// [`MAX_WINDOW`](crate::MAX_WINDOW).
    pub window: u32,
    /// The first sequence number.
    pub first_sequence: u32,
    /// Payload of a packet, in bytes: up to 512, or up to [`MAX_JUMBO_PAYLOAD`] with the jumbo extension.
    pub max_payload: u16,
    /// When the next descriptor may begin.
    pub next_descriptor: NextDescriptor,
    /// How ordered packets keep their order.
    pub ordering: Ordering,
    /// Paths on which its packets may go. What of it the session does not have means nothing, but one path it has to have. The
    /// responder takes packets of this virtual interface from no other path.
    ///
    /// While none of them is good its descriptors wait, and others go on over the paths that are. When it has waited for
    /// [`give_up_after`](RequesterConfig::give_up_after) it is [broken](crate::BrokenReason::NoPath), alone: the session lives.
    pub paths: PathSet,
}

impl ViConfig {
    /// As ServerNet II has it: 8 bits, 128 packets outstanding, 512 bytes each. Over every path of the session.
    pub const fn new(vi: u16) -> Self {
        Self {
            vi,
            sequence_bits: 8,
            window: 128,
            first_sequence: 0,
            max_payload: MAX_PAYLOAD,
            next_descriptor: NextDescriptor::AfterLaunch,
            ordering: Ordering::OnePath,
            paths: PathSet::ALL,
        }
    }

    /// With jumbo packets of so many bytes.
    #[must_use]
    pub const fn with_payload(self, max_payload: u16) -> Self {
        Self {
            max_payload: if max_payload > MAX_JUMBO_PAYLOAD { MAX_JUMBO_PAYLOAD } else { max_payload },
            ..self
        }
    }
}

/// When a virtual interface begins with its next descriptor. After an unordered one it always waits for all
/// acknowledgements.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NextDescriptor {
    /// When the last packet of the one before is launched (NDAL).
    #[default]
    AfterLaunch,
    /// When every packet of the one before is acknowledged (NDAA).
    AfterAcknowledgement,
}

/// How the ordered packets of a virtual interface keep their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ordering {
    /// All on one path, as long as any is outstanding.
    #[default]
    OnePath,
    /// One outstanding at a time, over any path.
    OneOutstanding,
}

/// Settings of a [`Responder`](crate::Responder), which serves one requester.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ResponderConfig {
    /// The paths from the requester, as the responder sees them.
    pub paths: Paths,
    /// A number that no responder on these ports had before, and not 0; a program takes a random one. By it an opening
    /// from before a restart is told apart.
    pub instance: u64,
    /// The largest payload that a virtual interface may ask for, in bytes.
    pub max_payload: u16,
    /// Whether a packet that comes too early is refused, which makes the requester send again at once, or passed over in
    /// silence.
    pub refuses_gaps: bool,
    /// Responses that may wait to be sent.
    pub response_queue: usize,
}

impl ResponderConfig {
    /// Jumbo packets, refused when they come too early, and 1024 responses.
    pub const fn new(paths: Paths, instance: u64) -> Self {
        Self { paths, instance, max_payload: MAX_JUMBO_PAYLOAD, refuses_gaps: true, response_queue: 1024 }
    }
}

impl PathEnds {
    /// Whether a packet with this header, which came on this path, is for this end and from the other.
    pub(crate) fn check(&self, header: &Header) -> Result<(), crate::Discard> {
        if header.destination != self.local {
            return Err(crate::Discard::WrongDestination);
        }
        if header.fabric != self.fabric {
            return Err(crate::Discard::WrongFabric);
        }
        if header.source != self.remote {
            return Err(crate::Discard::Stranger);
        }
        Ok(())
    }
}
