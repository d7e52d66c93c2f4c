//! ibsim's control messages, as far as the console does not do the same.

use core::sync::atomic::{AtomicU32, Ordering};
use core::time::Duration;
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

const MAGIC: u32 = 0xDEAD_BEEF;
const CONNECT: u32 = 1;
const DISCONNECT: u32 = 2;
const SET_ISSM: u32 = 9;
const DATA: usize = 64;
/// How long ibsim may take to answer.
const WITHIN: Duration = Duration::from_secs(5);

/// A client of ibsim, attached to a node, that receives nothing.
pub(crate) struct Control {
    socket: UnixDatagram,
    // ibsim connects to it.
    _data: UnixDatagram,
    slot: u32,
}

impl Control {
    /// Attach to `node` of the ibsim whose sockets have the base name `base`.
    pub(crate) fn attach(base: &str, node: &str) -> io::Result<Self> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        // Process ids are below 2^22, and the clients of the transport start at 2^30.
        let id = 1 << 29 | (std::process::id() & 0x3F_FFFF) << 4 | NEXT.fetch_add(1, Ordering::Relaxed) & 0xF;
        let name = |kind: &str| SocketAddr::from_abstract_name(format!("{base}:{kind}\0"));
        let socket = UnixDatagram::bind_addr(&name(&format!("ctl{id}"))?)?;
        let data = UnixDatagram::bind_addr(&name(&format!("in{id}"))?)?;
        socket.connect_addr(&name("ctl")?)?;
        socket.set_read_timeout(Some(WITHIN))?;
        let mut info = [0; DATA];
        info[..4].copy_from_slice(&id.to_ne_bytes());
        for (to, from) in info[12..43].iter_mut().zip(node.bytes()) {
            *to = from;
        }
        let mut control = Self { socket, _data: data, slot: 0 };
        let answer = control.exchange(CONNECT, 0, info)?;
        control.slot = u32::from_ne_bytes([answer[0], answer[1], answer[2], answer[3]]);
        Ok(control)
    }

    /// Give the client in `slot`, which is attached to the same node, the requests that come to the node. Its port claims
    /// no subnet manager in the end, as ibsim keeps the claim of the port apart from who gets what.
    pub(crate) fn give_requests(&self, slot: u32) -> io::Result<()> {
        let mut on = [0; DATA];
        on[..4].copy_from_slice(&1_u32.to_ne_bytes());
        self.exchange(SET_ISSM, slot, on)?;
        self.exchange(SET_ISSM, self.slot, [0; DATA]).map(drop)
    }

    fn exchange(&self, kind: u32, slot: u32, data: [u8; DATA]) -> io::Result<[u8; DATA]> {
        let mut message = Vec::new();
        for word in [MAGIC, slot, kind, DATA as u32] {
            message.extend(word.to_ne_bytes());
        }
        message.extend(data);
        self.socket.send(&message)?;
        let mut answer = [0; 16 + DATA];
        let length = self.socket.recv(&mut answer)?;
        if length != answer.len() || answer[8..12] != kind.to_ne_bytes() {
            return Err(io::Error::other("ibsim refused"));
        }
        let mut data = [0; DATA];
        data.copy_from_slice(&answer[16..]);
        Ok(data)
    }
}

impl Drop for Control {
    fn drop(&mut self) {
        let _ = self.exchange(DISCONNECT, self.slot, [0; DATA]);
    }
}
