//! quinn: one stream of one connection, with the settings that it comes with.

use alloc::sync::Arc;
use core::net::{Ipv4Addr, SocketAddr};
use core::time::Duration;
use std::sync::mpsc;
use std::thread;
use std::time::Instant;

use quinn::rustls::RootCertStore;
use quinn::rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer};
use quinn::{ClientConfig, Endpoint, ServerConfig};

use crate::block_on;

const NAME: &str = "localhost";
const CHUNK: usize = 1 << 20;

/// How long it takes until `bytes` have arrived and that is known, from the opening of the stream on.
pub(crate) fn transfer(bytes: usize) -> Duration {
    let (tell, told) = mpsc::channel();
    let receiver = thread::spawn(move || block_on(receive(bytes, &tell)));
    let (peer, certificate) = told.recv().expect("the receiver tells its address");
    let took = block_on(send(peer, certificate, bytes));
    receiver.join().expect("the receiver ends well");
    took
}

async fn receive(bytes: usize, tell: &mpsc::Sender<(SocketAddr, CertificateDer<'static>)>) {
    let made = rcgen::generate_simple_self_signed([NAME.to_owned()]).expect("a certificate");
    let certificate = CertificateDer::from(made.cert);
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let config =
        ServerConfig::with_single_cert(vec![certificate.clone()], key.into()).expect("a configuration");
    let endpoint = Endpoint::server(config, (Ipv4Addr::LOCALHOST, 0).into()).expect("a free port");
    let address = endpoint.local_addr().expect("it is bound");
    tell.send((address, certificate)).expect("the sender waits");
    let connection = endpoint.accept().await.expect("a call").await.expect("a connection");
    let (mut reply, mut stream) = connection.accept_bi().await.expect("a stream");
    let mut received = 0;
    while let Some(chunk) = stream.read_chunk(usize::MAX, true).await.expect("the stream goes on") {
        received += chunk.bytes.len();
    }
    assert_eq!(received, bytes);
    reply.write_all(b"!").await.expect("the sender listens");
    reply.finish().expect("it is open");
    connection.closed().await;
}

async fn send(peer: SocketAddr, certificate: CertificateDer<'static>, bytes: usize) -> Duration {
    let mut roots = RootCertStore::empty();
    roots.add(certificate).expect("a certificate");
    let mut endpoint = Endpoint::client((Ipv4Addr::LOCALHOST, 0).into()).expect("a free port");
    endpoint.set_default_client_config(
        ClientConfig::with_root_certificates(Arc::new(roots)).expect("a configuration"),
    );
    let connection = endpoint.connect(peer, NAME).expect("an address").await.expect("a connection");
    let (mut stream, mut reply) = connection.open_bi().await.expect("a stream");
    let chunk = bytes::Bytes::from(vec![7; CHUNK]);
    let start = Instant::now();
    let mut left = bytes;
    while left > 0 {
        let part = chunk.slice(..left.min(CHUNK));
        left -= part.len();
        stream.write_chunk(part).await.expect("the receiver listens");
    }
    stream.finish().expect("it is open");
    assert_eq!(reply.read_to_end(1).await.expect("the receiver answers"), b"!");
    let took = start.elapsed();
    connection.close(0u32.into(), b"");
    // The receiver waits for the end of the connection: it has to be sent.
    endpoint.wait_idle().await;
    took
}
