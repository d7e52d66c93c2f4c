//! A receiver whose disk is slower than its sender: what it cannot write it does not take, and nothing is lost.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

extern crate alloc;

use alloc::sync::Arc;
use core::cell::Cell;
use core::time::Duration;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path as FilePath;
use std::sync::{Condvar, Mutex};

use multipath::{Path, Paths, RequesterConfig};
use programs::Interrupt;
use programs::delivery::{PathCounters, Reception, ReceptionEvent, Sending, Sink, Source, send};
use programs::transfer::{FileSender, FileSenderConfig, Offer, SenderEvent, Summary};
use transport::{Clock, Link, UdpChannel};

const MEBIBYTE: u64 = 1 << 20;
const SIZE: u64 = 80 * MEBIBYTE;
/// What waits for the disk at most: 32 chunks of a mebibyte, one that is being written, one that found no room, one that is filled,
/// and what was received together with it.
const MOST: u64 = 36 * MEBIBYTE;
const PATIENCE: Duration = Duration::from_secs(60);

/// A disk that writes nothing until it is told to.
#[derive(Clone, Default)]
struct Disk(Arc<(Mutex<bool>, Condvar)>);

impl Disk {
    fn go_on(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }
}

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let goes_on = self.0.0.lock().unwrap();
        drop(self.0.1.wait_while(goes_on, |goes_on| !*goes_on).unwrap());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Receive a file; the disk goes on when the sender has been waiting for it for longer than it would for anything else.
async fn receive(
    reception: &mut Reception<UdpChannel>,
    disk: &Disk,
    is_waited_for: &Cell<bool>,
) -> (u64, Summary) {
    let mut held = None;
    loop {
        tokio::select! {
            event = reception.next() => match event.unwrap() {
                ReceptionEvent::Offered(offer) => reception.accept(&offer, Sink::stream(disk.clone()), false),
                ReceptionEvent::Done(summary) => return (held.unwrap(), summary),
                other => panic!("{other:?}"),
            },
            () = tokio::time::sleep(Duration::from_millis(1)) => {}
        }
        if held.is_none() && (is_waited_for.get() || reception.received() == SIZE) {
            held = Some(reception.received());
            disk.go_on();
        }
    }
}

#[tokio::test]
async fn a_receiver_takes_no_more_than_waits_for_its_disk() {
    let path =
        FilePath::new(env!("CARGO_TARGET_TMPDIR")).join(format!("back-pressure-{}", std::process::id()));
    File::create(&path).unwrap().set_len(SIZE).unwrap();
    let any = ["127.0.0.1:0".parse().unwrap()];
    let (here, there) = (UdpChannel::bind(&any).unwrap(), UdpChannel::bind(&any).unwrap());
    let peer = there.local_addresses().unwrap()[0];
    let mut reception = Reception::new(there, Clock::start(), 1 << 20, PATIENCE);
    let mut source = Source::file(&path).unwrap();
    let clock = Clock::start();
    let config = FileSenderConfig {
        requester: RequesterConfig {
            give_up_after: Duration::from_secs(4),
            ..RequesterConfig::new(Paths::numbered(1, 1), 1, 1)
        },
        payload: 60_000,
        offer: Offer { name: "file".into(), size: source.size(), is_unordered: false },
    };
    let mut sending = Sending {
        channel: here,
        links: vec![Link { socket: 0, peer }],
        sender: FileSender::new(clock.now(), config).unwrap(),
        clock,
        counters: [PathCounters::default(); Path::COUNT],
    };
    let (disk, is_waited_for, outcome) = (Disk::default(), Cell::new(false), Cell::new(None));
    let mut interrupt = Interrupt::new().unwrap();
    let sent = send(&mut sending, &mut source, &mut interrupt, |_, event| {
        is_waited_for.set(is_waited_for.get() || matches!(event, SenderEvent::ReceiverFull(_)));
        outcome.set(Some(*event));
        Ok(())
    });
    let both = async {
        let mut sent = core::pin::pin!(sent);
        let received = receive(&mut reception, &disk, &is_waited_for);
        let received = tokio::select! {
            received = received => received,
            sent = &mut sent => panic!("the sender ended first: {sent:?}"),
        };
        // The receiver is to say that all is well.
        tokio::select! {
            sent = sent => sent.unwrap(),
            lingered = reception.linger(PATIENCE, PATIENCE) => panic!("{lingered:?}"),
        }
        received
    };
    let (held, summary) = tokio::time::timeout(PATIENCE, both).await.unwrap();
    fs::remove_file(&path).unwrap();
    assert!(held <= MOST, "{held} bytes wait for the disk");
    assert_eq!((summary.length, outcome.get()), (SIZE, Some(SenderEvent::Done)));
}
