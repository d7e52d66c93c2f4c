//! ibsim's socket names: abstract, and with a final NUL that counts.

use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

use crate::error::ChannelError;

/// The longest base name: an address has 107 bytes behind its first, `:ctl` and ten digits among them.
const BASE_NAME_LIMIT: usize = 90;

/// Base name of the sockets of one ibsim.
#[derive(Clone, Debug)]
pub(super) struct BaseName(Box<str>);

impl BaseName {
    /// The name given, else that of `IBSIM_SOCKNAME`, else ibsim's own default.
    pub(super) fn choose(given: Option<&str>) -> Result<Self, ChannelError> {
        let name = match given {
            Some(name) => name.to_owned(),
            None => std::env::var("IBSIM_SOCKNAME").unwrap_or_else(|_| "sim".to_owned()),
        };
        if name.is_empty() || name.len() > BASE_NAME_LIMIT || name.contains('\0') {
            let what = "base name of ibsim's sockets";
            return Err(ChannelError::NameTooLong { what, value: name.into(), limit: BASE_NAME_LIMIT });
        }
        Ok(Self(name.into()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// The socket `kind` of this ibsim or of a client.
    pub(super) fn socket(&self, kind: &str) -> io::Result<SocketAddr> {
        SocketAddr::from_abstract_name(format!("{}:{kind}\0", self.0))
    }
}

/// A client's two sockets, bound to the names under which ibsim looks for client `id`.
#[derive(Debug)]
pub(super) struct ClientSockets {
    pub(super) id: u32,
    pub(super) control: UnixDatagram,
    pub(super) data: UnixDatagram,
}

impl ClientSockets {
    /// Bind the first id of this process that nobody uses.
    ///
    /// ibsim's own clients take their process id, which is below `2^22`: ids from `2^30` on never meet those, and
    /// leave 256 to each process.
    pub(super) fn bind(base: &BaseName) -> io::Result<Self> {
        let first = 1 << 30 | (std::process::id() & 0x3F_FFFF) << 8;
        let mut last_error = io::Error::from(io::ErrorKind::AddrInUse);
        for id in first..first + 256 {
            match Self::bind_id(base, id) {
                Ok(sockets) => return Ok(sockets),
                Err(error) if error.kind() == io::ErrorKind::AddrInUse => last_error = error,
                Err(error) => return Err(error),
            }
        }
        Err(last_error)
    }

    fn bind_id(base: &BaseName, id: u32) -> io::Result<Self> {
        Ok(Self {
            id,
            control: UnixDatagram::bind_addr(&base.socket(&format!("ctl{id}"))?)?,
            data: UnixDatagram::bind_addr(&base.socket(&format!("in{id}"))?)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_process_has_many_clients() {
        let base = BaseName::choose(Some(&format!("test-socket-{}", std::process::id()))).unwrap();
        let first = ClientSockets::bind(&base).unwrap();
        let second = ClientSockets::bind(&base).unwrap();
        assert_ne!(first.id, second.id);
        drop(first);
        assert_ne!(ClientSockets::bind(&base).unwrap().id, second.id);
    }

    #[test]
    fn the_final_nul_counts() {
        let base = BaseName::choose(Some("x")).unwrap();
        assert_eq!(base.socket("ctl").unwrap().as_abstract_name(), Some(&b"x:ctl\0"[..]));
    }

    #[test]
    fn names_that_fit_no_socket_are_refused() {
        for name in ["", "a\0b", &"x".repeat(91)] {
            assert!(BaseName::choose(Some(name)).is_err());
        }
        let base = BaseName::choose(Some(&"x".repeat(90))).unwrap();
        assert!(base.socket(&format!("ctl{}", u32::MAX)).is_ok());
    }
}
