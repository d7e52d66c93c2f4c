//! Datagrams over UDP: several in one call to the kernel, in both directions.

use core::future::poll_fn;
use core::net::{IpAddr, SocketAddr};
use core::task::Poll;
use std::io::{self, IoSliceMut};
use std::net::UdpSocket;

use async_trait::async_trait;
use quinn_udp::{RecvMeta, Transmit, UdpSocketState};
use rustix::net::sockopt;
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use tokio::io::Interest;

use super::{DatagramChannel, Inbox, Outbox};
use crate::error::ChannelError;

/// Buffers that one call receives into at most.
const BATCH: usize = 16;
/// What is asked of the system for each direction of a socket, in bytes.
const BUFFER: usize = 8 << 20;

/// UDP sockets, each bound to an address of this end. Segments of one batch go to the kernel in one call (GSO), and
/// come from it in one (GRO), where it can do that.
#[derive(Debug)]
pub struct UdpChannel {
    sockets: Vec<BoundSocket>,
    /// The socket that is read first, so that none starves.
    turn: usize,
}

#[derive(Debug)]
struct BoundSocket {
    io: tokio::net::UdpSocket,
    state: UdpSocketState,
    statistics: SocketStatistics,
}

/// What a socket could not do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SocketStatistics {
    /// Calls whose datagrams the system did not take: no route, no link, refused by the peer or by a filter.
    pub unsent: u64,
    /// Calls whose datagrams were longer than the link carries.
    pub too_long: u64,
}

impl UdpChannel {
    /// Bind a socket to each address. Port 0 takes any free one.
    ///
    /// # Errors
    /// Names the address that cannot be bound.
    pub fn bind(addresses: &[SocketAddr]) -> Result<Self, ChannelError> {
        let sockets = addresses
            .iter()
            .map(|address| bind(*address).map_err(|source| ChannelError::Bind { address: *address, source }));
        Ok(Self { sockets: sockets.collect::<Result<_, _>>()?, turn: 0 })
    }

    /// The address that each socket is bound to.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn local_addresses(&self) -> Result<Vec<SocketAddr>, ChannelError> {
        let addresses = self.sockets.iter().map(|socket| socket.io.local_addr());
        addresses.collect::<Result<_, _>>().map_err(ChannelError::io("reading a socket's address"))
    }

    /// Bytes of datagrams that wait to be received at most, on the socket that holds fewest. The system counts what it spends on
    /// each datagram too, and grants twice what it is asked for to that end; this is the half.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn receive_buffer(&self) -> Result<usize, ChannelError> {
        let sizes = self.sockets.iter().map(|socket| SockRef::from(&socket.io).recv_buffer_size());
        let sizes = sizes.collect::<Result<Vec<_>, _>>();
        let sizes = sizes.map_err(ChannelError::io("reading the size of a socket's receive buffer"))?;
        Ok(sizes.into_iter().min().unwrap_or_default() / 2)
    }

    /// What [`receive_buffer`](Self::receive_buffer) is when the system gives all that is asked for.
    pub const WANTED_RECEIVE_BUFFER: usize = BUFFER;
}

fn bind(address: SocketAddr) -> io::Result<BoundSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    enlarge(&socket);
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    let state = UdpSocketState::new((&socket).into())?;
    let io = tokio::net::UdpSocket::from_std(UdpSocket::from(socket))?;
    Ok(BoundSocket { io, state, statistics: SocketStatistics::default() })
}

/// Larger buffers where that is allowed: beyond the system's limit only to a privileged user. What came of it is looked up.
fn enlarge(socket: &Socket) {
    if sockopt::set_socket_recv_buffer_size_force(socket, BUFFER).is_err() {
        let _ = socket.set_recv_buffer_size(BUFFER);
    }
    if sockopt::set_socket_send_buffer_size_force(socket, BUFFER).is_err() {
        let _ = socket.set_send_buffer_size(BUFFER);
    }
}

impl BoundSocket {
    /// Send datagrams to one address.
    async fn send(&mut self, peer: SocketAddr, bytes: &[u8], segment: usize) -> Result<(), ChannelError> {
        let most = segment.saturating_mul(self.state.max_gso_segments());
        for contents in bytes.chunks(most) {
            let segment_size = (contents.len() > segment).then_some(segment);
            let transmit = Transmit { destination: peer, ecn: None, contents, segment_size, src_ip: None };
            loop {
                let send = || self.state.try_send((&self.io).into(), &transmit);
                match self.io.try_io(Interest::WRITABLE, send) {
                    Ok(()) => break,
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                        self.io.writable().await.map_err(ChannelError::io("waiting to send"))?;
                    }
                    Err(error) => {
                        self.count(&error);
                        break;
                    }
                }
            }
        }
        Ok(())
    }

    /// What the system does not take now it may take later: for the protocol it is lost.
    fn count(&mut self, error: &io::Error) {
        if error.raw_os_error() == Some(rustix::io::Errno::MSGSIZE.raw_os_error()) {
            self.statistics.too_long += 1;
        } else {
            self.statistics.unsent += 1;
        }
        tracing::debug!(%error, "datagrams were not sent");
    }

    /// Receive what is there, as much as fits.
    fn receive(&mut self, number: usize, batch: &mut Inbox) {
        loop {
            let mut meta = [RecvMeta::default(); BATCH];
            let mut slots: [IoSliceMut<'_>; BATCH] = core::array::from_fn(|_| IoSliceMut::new(&mut []));
            let mut free = 0;
            for (slot, place) in batch.free_slots().zip(&mut slots) {
                *place = IoSliceMut::new(slot);
                free += 1;
            }
            if free == 0 {
                return;
            }
            let receive =
                || self.state.recv((&self.io).into(), slots.get_mut(..free).unwrap_or_default(), &mut meta);
            match self.io.try_io(Interest::READABLE, receive) {
                Ok(count) => {
                    for meta in meta.iter().take(count) {
                        batch.fill(number, meta.addr, meta.len, meta.stride);
                    }
                    // Fewer than there was room for: there are no more.
                    if count < free {
                        return;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return,
                // What the network says about a datagram sent earlier.
                Err(error) => tracing::debug!(%error, "an error was received instead of a datagram"),
            }
        }
    }
}

#[async_trait]
impl DatagramChannel for UdpChannel {
    async fn send(&mut self, batch: &mut Outbox) -> Result<(), ChannelError> {
        for (link, bytes, segment) in batch.entries() {
            if let Some(socket) = self.sockets.get_mut(link.socket) {
                socket.send(link.peer, bytes, segment).await?;
            }
        }
        batch.clear();
        Ok(())
    }

    async fn receive(&mut self, batch: &mut Inbox) -> Result<(), ChannelError> {
        batch.clear();
        let count = self.sockets.len();
        loop {
            for step in 0..count {
                let number = (self.turn + step) % count;
                self.sockets[number].receive(number, batch);
            }
            self.turn = (self.turn + 1) % count.max(1);
            if !batch.is_empty() {
                return Ok(());
            }
            let ready = poll_fn(|context| {
                for socket in &self.sockets {
                    if let Poll::Ready(ready) = socket.io.poll_recv_ready(context) {
                        return Poll::Ready(ready);
                    }
                }
                Poll::Pending
            });
            ready.await.map_err(ChannelError::io("waiting for datagrams"))?;
        }
    }

    fn statistics(&self) -> Vec<SocketStatistics> {
        self.sockets.iter().map(|socket| socket.statistics).collect()
    }
}

/// Bytes that a packet to `peer` may have, headers of IP and UDP included, as far as this machine knows; also says whether the
/// peer is on this machine.
///
/// # Errors
/// When there is no way from `local` to `peer`.
pub fn path_mtu(local: IpAddr, peer: SocketAddr) -> Result<(usize, bool), ChannelError> {
    let measure = || {
        let socket = UdpSocket::bind((local, 0))?;
        socket.connect(peer)?;
        let mtu = if peer.is_ipv4() { sockopt::ip_mtu(&socket)? } else { sockopt::ipv6_mtu(&socket)? };
        // The interface of loopback is the only one whose packets need no wire; its MTU is that of a packet.
        let is_local = peer.ip().is_loopback() || UdpSocket::bind((peer.ip(), 0)).is_ok();
        Ok((usize::try_from(mtu).unwrap_or(usize::MAX), is_local))
    };
    measure().map_err(|source| ChannelError::NoRoute { local, peer, source })
}

#[cfg(test)]
#[path = "udp_test.rs"]
mod tests;
