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
        let answer = control.exchange(CONNECT, info)?;
        control.slot = u32::from_ne_bytes([answer[0], answer[1], answer[2], answer[3]]);
        Ok(control)
    }

    /// Take from the node's port the claim that a subnet manager is behind it. Other clients of the node keep what they
    /// get.
    pub(crate) fn clear_is_sm(&self) -> io::Result<()> {
        self.exchange(SET_ISSM, [0; DATA]).map(drop)
    }

    fn exchange(&self, kind: u32, data: [u8; DATA]) -> io::Result<[u8; DATA]> {
        let mut message = Vec::new();
        for word in [MAGIC, self.slot, kind, DATA as u32] {
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
        let _ = self.exchange(DISCONNECT, [0; DATA]);
    }
}
