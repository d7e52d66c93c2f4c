use core::net::SocketAddr;
use core::time::Duration;
use std::io::Write;
use std::net::{TcpListener, TcpStream};

use ib_mad::{Gid, Lid, Mtu, Psn, Qpn};

use super::{Exchange, Introduction, RemoteKey, RemoteRegion, VerbsError};

const LIMIT: Duration = Duration::from_secs(10);

fn introduction(queue_pair: u32, regions: u64) -> Introduction {
    let region = |at| RemoteRegion { address: u64::MAX - at, length: at, key: RemoteKey(0xAABB_0000) };
    Introduction {
        gid: Gid(core::array::from_fn(|at| at as u8)),
        lid: Lid(7),
        queue_pair: Qpn::new(queue_pair).unwrap(),
        psn: Psn::new(0xFF_FFFF).unwrap(),
        mtu: Mtu(5),
        regions: (0..regions).map(region).collect(),
    }
}

/// An exchange with a peer that does as it likes.
fn exchange(peer: impl FnOnce(TcpStream) + Send) -> Result<Introduction, VerbsError> {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(move || peer(TcpStream::connect(address).unwrap()));
        Exchange::accept(&listener, LIMIT).unwrap().introduce(&introduction(1, 0))
    })
}

#[test]
fn both_ends_hear_each_other() {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let address = listener.local_addr().unwrap();
    let (here, there) = (introduction(1, 0), introduction(2, 64));
    std::thread::scope(|scope| {
        let peer = scope.spawn(|| {
            let mut exchange = Exchange::connect(address, LIMIT).unwrap();
            let heard = exchange.introduce(&there).unwrap();
            exchange.settle().unwrap();
            heard
        });
        let mut exchange = Exchange::accept(&listener, LIMIT).unwrap();
        assert_eq!(exchange.introduce(&here).unwrap(), there);
        exchange.settle().unwrap();
        assert_eq!(peer.join().unwrap(), here);
    });
}

#[test]
fn a_peer_that_vanishes_or_hangs_is_told_apart() {
    let gone = exchange(drop).unwrap_err();
    assert!(matches!(gone, VerbsError::PeerGone { .. }), "{gone}");
    let half = exchange(|mut stream| stream.write_all(b"FHVP\x01").unwrap()).unwrap_err();
    assert!(matches!(half, VerbsError::PeerGone { .. }), "{half}");
    // One that says nothing keeps its socket open until this end has given up.
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let silent = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let mut exchange = Exchange::accept(&listener, Duration::from_millis(20)).unwrap();
    let error = exchange.introduce(&introduction(1, 0)).unwrap_err();
    assert!(matches!(error, VerbsError::PeerSilent { .. }), "{error}");
    drop(silent);
}

#[test]
fn what_is_no_introduction_is_named() {
    for (bytes, part) in [
        (&b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"[..], "its first bytes are others"),
        (&[b"FHVP".as_slice(), &[2; 32]].concat(), "its version is another"),
        (&[b"FHVP\x01\x05\0\0".as_slice(), &[0; 24], &[0xFF; 4]].concat(), "more than 64 regions"),
        (&[b"FHVP\x01\x09\0\0".as_slice(), &[0; 28]].concat(), "its MTU is none"),
        (&[b"FHVP\x01\x05\0\0\x01".as_slice(), &[0; 27]].concat(), "more than 24 bits"),
    ] {
        let error = exchange(move |mut stream| {
            stream.write_all(bytes).unwrap();
        })
        .unwrap_err()
        .to_string();
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn nobody_who_listens_is_said_at_once() {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = Exchange::connect(address, LIMIT).unwrap_err().to_string();
    assert!(error.ends_with("does the peer's program run, and listen there?"), "{error}");
}

#[test]
fn an_exchange_that_failed_half_way_is_closed_and_one_that_heard_nothing_is_not() {
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
    let mut peer = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
    let mut exchange = Exchange::accept(&listener, LIMIT).unwrap();
    let short = Duration::from_millis(1);
    let silent = exchange.hear(short).unwrap_err();
    assert!(matches!(silent, VerbsError::PeerSilent { .. }), "{silent}");
    let late = introduction(2, 1).emit();
    peer.write_all(&late).unwrap();
    assert_eq!(exchange.hear(LIMIT).unwrap(), introduction(2, 1));
    // Of the next only the beginning comes in time.
    let (beginning, rest) = late.split_at(20);
    peer.write_all(beginning).unwrap();
    let mut half = exchange.hear(short);
    while let Err(VerbsError::PeerSilent { .. }) = half {
        half = exchange.hear(short);
    }
    let gone = half.unwrap_err();
    assert!(matches!(gone, VerbsError::PeerGone { .. }), "{gone}");
    // It may be told of the end before it writes.
    let _ = peer.write_all(rest);
    assert!(exchange.introduce(&introduction(1, 0)).is_err(), "the rest is not taken for an introduction");
}
