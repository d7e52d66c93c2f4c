//! What the ends of a connection tell each other over TCP before they can use their queue pairs. The layout is this
//! project's own; integers are big-endian.

use core::net::SocketAddr;
use core::time::Duration;
use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::time::Instant;

use ib_mad::{Gid, Lid, Mtu, Psn, Qpn};
use zerocopy::big_endian::{U16, U32, U64};
use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::{RemoteKey, RemoteRegion, VerbsError};

/// Regions that one introduction can have.
const MOST_REGIONS: usize = 64;

/// A queue pair, as its peer has to know it, and the memory that it offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Introduction {
    /// GID of its port.
    pub gid: Gid,
    /// LID of its port; 0 on Ethernet.
    pub lid: Lid,
    /// Its number.
    pub queue_pair: Qpn,
    /// Number of its first packet.
    pub psn: Psn,
    /// The largest payload of a packet that its port carries.
    pub mtu: Mtu,
    /// Regions that the peer may use, up to 64.
    pub regions: Vec<RemoteRegion>,
}

/// The beginning of an introduction; its regions follow.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct Head {
    magic: [u8; 4],
    version: u8,
    mtu: u8,
    lid: U16,
    queue_pair: U32,
    psn: U32,
    gid: [u8; 16],
    regions: U16,
    reserved: [u8; 2],
}

const _: () = assert!(size_of::<Head>() == 36);

#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
struct Region {
    address: U64,
    length: U64,
    key: U32,
}

const _: () = assert!(size_of::<Region>() == 20);

const MAGIC: [u8; 4] = *b"FHVP";
const VERSION: u8 = 1;

impl Introduction {
    /// The same with these regions.
    #[must_use]
    pub fn with_regions(self, regions: impl IntoIterator<Item = RemoteRegion>) -> Self {
        Self { regions: regions.into_iter().take(MOST_REGIONS).collect(), ..self }
    }

    pub(super) fn emit(&self) -> Vec<u8> {
        let regions = self.regions.iter().take(MOST_REGIONS);
        let head = Head {
            magic: MAGIC,
            version: VERSION,
            mtu: self.mtu.0,
            lid: U16::new(self.lid.0),
            queue_pair: U32::new(self.queue_pair.get()),
            psn: U32::new(self.psn.get()),
            gid: self.gid.0,
            regions: U16::new(u16::try_from(regions.len()).unwrap_or(0)),
            reserved: [0; 2],
        };
        let mut bytes = head.as_bytes().to_vec();
        for region in regions {
            let entry = Region {
                address: U64::new(region.address),
                length: U64::new(region.length),
                key: U32::new(region.key.0),
            };
            bytes.extend(entry.as_bytes());
        }
        bytes
    }

    /// Read an introduction; `Err` says what is wrong with it.
    fn parse(head: &Head, regions: &[u8]) -> Result<Self, &'static str> {
        let regions = regions.as_chunks::<{ size_of::<Region>() }>().0.iter().map(|bytes| {
            let entry: Region = zerocopy::transmute!(*bytes);
            RemoteRegion {
                address: entry.address.get(),
                length: entry.length.get(),
                key: RemoteKey(entry.key.get()),
            }
        });
        let mtu = Mtu(head.mtu);
        mtu.bytes().ok_or("its MTU is none")?;
        Ok(Self {
            gid: Gid(head.gid),
            lid: Lid(head.lid.get()),
            queue_pair: Qpn::new(head.queue_pair.get()).ok_or("its queue pair has more than 24 bits")?,
            psn: Psn::new(head.psn.get()).ok_or("its packet number has more than 24 bits")?,
            mtu,
            regions: regions.collect(),
        })
    }
}

/// The connection of TCP over which two programs introduce their queue pairs to each other. It stays open: over it a queue
/// pair is introduced again after a reset, and its end tells that the peer is gone.
///
/// An exchange that failed half way is closed: what the peer says later would be taken for an answer to something else.
#[derive(Debug)]
pub struct Exchange {
    stream: TcpStream,
    peer: SocketAddr,
    limit: Duration,
}

impl Exchange {
    /// Connect to a peer that listens. Every later step of the exchange may take `limit`.
    ///
    /// # Errors
    /// When nobody listens there.
    pub fn connect(peer: SocketAddr, limit: Duration) -> Result<Self, VerbsError> {
        let unreachable = |source| VerbsError::Unreachable { peer, source };
        let stream = TcpStream::connect_timeout(&peer, limit).map_err(unreachable)?;
        Self::over(stream, peer, limit)
    }

    /// Take the next peer that connects.
    ///
    /// # Errors
    /// When the socket fails.
    pub fn accept(listener: &TcpListener, limit: Duration) -> Result<Self, VerbsError> {
        let (stream, peer) = listener.accept().map_err(|source| VerbsError::Exchange {
            peer: listener.local_addr().unwrap_or_else(|_| SocketAddr::from(([0; 4], 0))),
            what: "waiting for a peer",
            source,
        })?;
        Self::over(stream, peer, limit)
    }

    fn over(stream: TcpStream, peer: SocketAddr, limit: Duration) -> Result<Self, VerbsError> {
        let failed = |source| VerbsError::Exchange { peer, what: "setting up the exchange", source };
        stream.set_nodelay(true).map_err(failed)?;
        stream.set_write_timeout(Some(limit)).map_err(failed)?;
        Ok(Self { stream, peer, limit })
    }

    /// The peer's address.
    pub const fn peer(&self) -> SocketAddr {
        self.peer
    }

    /// Tell the own introduction and hear the peer's: both ends do the same.
    ///
    /// # Errors
    /// When the peer is gone, hangs, or is another program.
    pub fn introduce(&mut self, own: &Introduction) -> Result<Introduction, VerbsError> {
        self.tell(own)?;
        let heard = self.hear(self.limit);
        self.closed_if_failed(heard)
    }

    /// Tell the own introduction.
    ///
    /// # Errors
    /// When the peer is gone.
    pub fn tell(&mut self, own: &Introduction) -> Result<(), VerbsError> {
        let what = "telling it of the queue pair";
        self.stream.write_all(&own.emit()).map_err(|source| self.failed(what, self.limit, source))
    }

    /// Hear the peer's introduction, which has to come within `limit`. When nothing of it has come, it can be heard later.
    ///
    /// # Errors
    /// As of [`introduce`](Self::introduce).
    pub fn hear(&mut self, limit: Duration) -> Result<Introduction, VerbsError> {
        let begun = Instant::now();
        let mut head = [0; size_of::<Head>()];
        let (first, rest) = head.split_at_mut(1);
        self.read(first, begun, limit)?;
        let heard = self.read(rest, begun, limit).and_then(|()| self.hear_rest(head, begun, limit));
        self.closed_if_failed(heard)
    }

    fn hear_rest(
        &mut self,
        head: [u8; size_of::<Head>()],
        begun: Instant,
        limit: Duration,
    ) -> Result<Introduction, VerbsError> {
        let head: Head = zerocopy::transmute!(head);
        let stranger = |what| VerbsError::Stranger { peer: self.peer, what };
        if head.magic != MAGIC {
            return Err(stranger("its first bytes are others"));
        }
        if head.version != VERSION {
            return Err(stranger("its version is another"));
        }
        let count = usize::from(head.regions.get());
        if count > MOST_REGIONS {
            return Err(stranger("it offers more than 64 regions"));
        }
        let mut regions = vec![0; count * size_of::<Region>()];
        self.read(&mut regions, begun, limit)?;
        Introduction::parse(&head, &regions).map_err(|what| VerbsError::Stranger { peer: self.peer, what })
    }

    /// Wait until the peer has finished too: each end sends a byte and waits for the other's.
    ///
    /// # Errors
    /// As of [`introduce`](Self::introduce).
    pub fn settle(&mut self) -> Result<(), VerbsError> {
        let settled = self.say_ready_and_hear_it();
        self.closed_if_failed(settled)
    }

    fn say_ready_and_hear_it(&mut self) -> Result<(), VerbsError> {
        let what = "telling it that the queue pair is ready";
        self.stream.write_all(&[0x2A]).map_err(|source| self.failed(what, self.limit, source))?;
        let mut byte = [0];
        self.read(&mut byte, Instant::now(), self.limit)?;
        if byte == [0x2A] {
            Ok(())
        } else {
            Err(VerbsError::Stranger {
                peer: self.peer,
                what: "it says something else than that it is ready",
            })
        }
    }

    /// Close the connection after a failure.
    fn closed_if_failed<T>(&self, result: Result<T, VerbsError>) -> Result<T, VerbsError> {
        // It may be closed already.
        result.inspect_err(|_| _ = self.stream.shutdown(Shutdown::Both))
    }

    /// Fill `bytes`, until `limit` after `begun`: a peer that drips bytes cannot make it longer.
    fn read(&mut self, bytes: &mut [u8], begun: Instant, limit: Duration) -> Result<(), VerbsError> {
        let what = "connecting queue pairs";
        let mut filled = 0;
        while let Some(rest) = bytes.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            let time = limit.saturating_sub(begun.elapsed());
            if time.is_zero() {
                return Err(VerbsError::PeerSilent { peer: self.peer, what, waited: limit });
            }
            let read = self.stream.set_read_timeout(Some(time)).and_then(|()| self.stream.read(rest));
            match read {
                Ok(0) => return Err(VerbsError::PeerGone { peer: self.peer, what }),
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(source) => return Err(self.failed(what, limit, source)),
            }
        }
        Ok(())
    }

    fn failed(&self, what: &'static str, waited: Duration, source: io::Error) -> VerbsError {
        let peer = self.peer;
        match source.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
                VerbsError::PeerSilent { peer, what, waited }
            }
            io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::ConnectionAborted => {
                VerbsError::PeerGone { peer, what }
            }
            _ => VerbsError::Exchange { peer, what, source },
        }
    }
}
