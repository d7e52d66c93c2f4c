use core::time::Duration;

use bytes::Bytes;
use multipath::{
    Listener, ListenerHandled, Path, Paths, RequesterConfig, RequesterEvent, ResponderConfig,
    ResponderHandled,
};

use super::*;

const EPOCH: Duration = Duration::from_secs(1_000_000);

/// A sender and a receiver; each datagram arrives at once, unless its path is cut.
struct World {
    now: Duration,
    sender: FileSender,
    listener: Listener<usize>,
    receiver: FileReceiver,
    output: Vec<u8>,
    actions: Vec<ReceiverAction>,
    events: Vec<SenderEvent>,
    cut: [bool; 4],
    /// Longer packets do not arrive.
    longest: [usize; 4],
    /// Packets of the file are passed over, and the status says so.
    is_full: bool,
    /// Whether the file is opened to writes.
    opens_file: bool,
    /// Batches that the sender sent, by path.
    sent: [u32; 4],
    waits: u32,
}

impl World {
    fn new(is_unordered: bool) -> Self {
        let offer = Offer { name: "file".into(), size: None, is_unordered };
        let requester = RequesterConfig::new(Paths::numbered(9, 2), 1, 1);
        let config = FileSenderConfig { requester, payload: 1000, offer };
        Self {
            now: EPOCH,
            sender: FileSender::new(EPOCH, config).unwrap(),
            listener: Listener::new(ResponderConfig::new(Paths::default(), 5)),
            receiver: FileReceiver::new(1 << 20),
            output: Vec::new(),
            actions: Vec::new(),
            events: Vec::new(),
            cut: [false; 4],
            longest: [usize::MAX; 4],
            is_full: false,
            opens_file: true,
            sent: [0; 4],
            waits: 0,
        }
    }

    /// Carry datagrams until there are none, and do what the receiver is to do.
    fn settle(&mut self) {
        let mut buffer = vec![0; 1 << 17];
        loop {
            let mut is_idle = true;
            while let Some(transmit) = self.sender.poll_transmit(self.now, &mut buffer).unwrap() {
                is_idle = false;
                let from = transmit.path.index();
                self.sent[from] += 1;
                let (is_cut, longest, is_full) = (self.cut[from], self.longest[from], self.is_full);
                let arrives =
                    |packet: &&[u8]| !is_cut && packet.len() <= longest && !(is_full && carries_data(packet));
                self.receiver.set_full(is_full);
                for packet in transmit.packets(&buffer).filter(arrives) {
                    let handled = self.listener.handle_datagram(from, packet, &mut self.receiver);
                    if let ListenerHandled::Served(_, ResponderHandled::SessionOpened) = handled {
                        FileReceiver::open_status(self.listener.responder_mut().unwrap()).unwrap();
                    }
                    while let Some(action) = self.receiver.poll_action() {
                        self.act(action);
                    }
                }
            }
            while let Some((to, transmit)) = self.listener.poll_transmit(&self.receiver, &mut buffer).unwrap()
            {
                is_idle = false;
                for packet in transmit.packets(&buffer).filter(|_| !self.cut[to]) {
                    self.sender.handle_datagram(self.now, Path::ALL[to], packet);
                }
            }
            self.events.extend(core::iter::from_fn(|| self.sender.poll_event()));
            if is_idle {
                return;
            }
        }
    }

    fn act(&mut self, action: ReceiverAction) {
        match &action {
            ReceiverAction::Begin(offer) => {
                if self.opens_file {
                    FileReceiver::open_file(self.listener.responder_mut().unwrap(), offer).unwrap();
                }
                self.receiver.set_state(State::Receiving);
            }
            ReceiverAction::Write(chunk) => {
                for (offset, data) in chunk.parts() {
                    let start = usize::try_from(offset).unwrap();
                    let end = start + data.len();
                    self.output.resize(self.output.len().max(end), 0);
                    self.output[start..end].copy_from_slice(data);
                }
            }
            ReceiverAction::Abort => self.receiver.set_state(State::Failed(Failure::Ended)),
            ReceiverAction::End(_) => {}
        }
        self.actions.push(action);
    }

    fn wait(&mut self) {
        self.waits += 1;
        assert!(self.waits < 100_000, "it does not go on: {:?}", self.events.last());
        self.now = self.sender.poll_timeout().expect("it waits for something").max(self.now);
        self.sender.handle_timeout(self.now);
        self.settle();
    }

    fn wait_until(&mut self, event: SenderEvent) {
        for _ in 0..10_000 {
            if self.events.contains(&event) {
                return;
            }
            self.wait();
        }
        panic!("{event:?} never came, but {:?}", self.events);
    }
}

fn pattern(length: usize) -> Bytes {
    (0..length).map(|place| (place * 7 + place / 251) as u8).collect::<Vec<_>>().into()
}

const SUMMARY: Summary = Summary { length: 30_000, hash: Some(Hash([1; HASH_LENGTH])) };

#[test]
fn a_file_arrives_and_is_checked() {
    for is_unordered in [false, true] {
        let mut world = World::new(is_unordered);
        world.settle();
        assert_eq!(world.events, [SenderEvent::Accepted { window: 128 }]);
        let file = pattern(30_000);
        for block in [0..10_000, 10_000..30_000] {
            world.sender.push(world.now, file.slice(block)).unwrap();
        }
        world.sender.finish(world.now, SUMMARY);
        world.settle();
        assert_eq!(world.output, file);
        assert_eq!(world.actions.last(), Some(&ReceiverAction::End(SUMMARY)));
        assert_eq!(world.receiver.status().state, State::Checking);
        // Not before the receiver has compared.
        for _ in 0..5 {
            world.wait();
        }
        assert!(!world.events.contains(&SenderEvent::Done));
        world.receiver.set_state(State::Done);
        world.wait_until(SenderEvent::Done);
        let acknowledged = world.events.iter().map(|event| match event {
            SenderEvent::Acknowledged(bytes) => *bytes,
            _ => 0,
        });
        assert_eq!(acknowledged.sum::<u64>(), 30_000);
        assert_eq!(world.sender.poll_timeout(), None);
    }
}

#[test]
fn a_receiver_that_fails_is_believed_at_any_time() {
    for failure in [Failure::Output, Failure::Hash, Failure::Ended] {
        let mut world = World::new(false);
        world.settle();
        world.receiver.set_state(State::Failed(failure));
        world.wait_until(SenderEvent::Failed(TransferError::Receiver(failure)));
    }
}

#[test]
fn a_cut_path_does_not_end_the_transfer() {
    for is_unordered in [false, true] {
        let mut world = World::new(is_unordered);
        world.settle();
        world.sender.push(world.now, pattern(30_000)).unwrap();
        world.cut[0] = true;
        world.settle();
        world.sender.finish(world.now, SUMMARY);
        while world.receiver.status().state != State::Checking {
            world.wait();
        }
        assert_eq!(world.output, pattern(30_000));
        world.receiver.set_state(State::Done);
        world.wait_until(SenderEvent::Done);
    }
}

/// What the receiver refuses it also hears of, or it would wait for the sender to come back.
#[test]
fn a_refused_packet_ends_the_transfer_at_both_ends() {
    let mut world = World::new(true);
    world.opens_file = false;
    world.settle();
    world.sender.push(world.now, pattern(30_000)).unwrap();
    while !world.events.iter().any(|event| matches!(event, SenderEvent::Failed(_))) {
        world.wait();
    }
    let failure = world.events.last();
    assert!(matches!(failure, Some(SenderEvent::Failed(TransferError::Broken(_)))), "{failure:?}");
    assert_eq!(world.actions.last(), Some(&ReceiverAction::Abort));
}

#[test]
fn a_file_may_be_longer_than_was_announced() {
    let mut world = World::new(true);
    let offer = Offer { name: "file".into(), size: Some(10), is_unordered: true };
    let requester = RequesterConfig::new(Paths::numbered(9, 2), 1, 1);
    let config = FileSenderConfig { requester, payload: 1000, offer };
    world.sender = FileSender::new(EPOCH, config).unwrap();
    world.settle();
    world.sender.push(world.now, pattern(30_000)).unwrap();
    world.sender.finish(world.now, SUMMARY);
    world.settle();
    assert_eq!(world.output, pattern(30_000));
}

#[test]
fn the_window_fits_the_buffer_of_the_receiver() {
    for (is_unordered, window) in [(false, 6), (true, 3)] {
        let mut world = World::new(is_unordered);
        world.receiver = FileReceiver::new(10_000);
        world.settle();
        assert_eq!(world.events, [SenderEvent::Accepted { window }]);
    }
}

#[test]
fn who_has_nothing_to_send_asks_once_a_second() {
    let mut world = World::new(false);
    world.settle();
    for _ in 0..10 {
        let before = world.now;
        world.wait();
        assert_eq!(world.now - before, Duration::from_secs(1));
    }
}

#[test]
fn the_receiver_hears_that_the_sender_gives_up() {
    let mut world = World::new(false);
    world.settle();
    world.sender.abort(world.now);
    world.settle();
    assert_eq!(world.actions.last(), Some(&ReceiverAction::Abort));
    assert_eq!(world.events.last(), Some(&SenderEvent::Failed(TransferError::Aborted)));
    // A question that was under way is answered as one of a transfer that is over.
    let mut world = World::new(false);
    world.settle();
    world.now = world.sender.poll_timeout().unwrap();
    world.sender.handle_timeout(world.now);
    world.sender.abort(world.now);
    world.settle();
    assert_eq!(world.events.last(), Some(&SenderEvent::Failed(TransferError::Aborted)));
    // With nobody there to hear it any more, three seconds are enough.
    let mut world = World::new(false);
    world.settle();
    world.cut = [true; 4];
    world.sender.abort(world.now);
    world.wait_until(SenderEvent::Failed(TransferError::Aborted));
    assert_eq!(world.now, EPOCH + Duration::from_secs(3));
    // And where nobody has ever answered, nobody is waited for.
    let mut world = World::new(false);
    world.cut = [true; 4];
    world.settle();
    world.sender.abort(world.now);
    world.settle();
    assert_eq!(world.events, [SenderEvent::Failed(TransferError::Aborted)]);
}

#[test]
fn a_sender_that_gives_up_twice_waits_for_nobody() {
    let mut world = World::new(false);
    world.settle();
    world.cut = [true; 4];
    for _ in 0..2 {
        assert!(!world.events.contains(&SenderEvent::Failed(TransferError::Aborted)));
        world.sender.abort(world.now);
        world.settle();
    }
    assert_eq!(world.events.last(), Some(&SenderEvent::Failed(TransferError::Aborted)));
    world.sender.abort(world.now);
    assert_eq!(world.sender.poll_event(), None);
}

/// The first path passes every barrier, but none of the packets that are long.
#[test]
fn a_path_that_loses_long_packets_does_not_end_the_transfer() {
    for is_unordered in [false, true] {
        let mut world = World::new(is_unordered);
        world.settle();
        world.longest[0] = 500;
        world.sender.push(world.now, pattern(30_000)).unwrap();
        world.settle();
        world.sender.finish(world.now, SUMMARY);
        while world.receiver.status().state != State::Checking {
            world.wait();
            assert!(world.now < EPOCH + Duration::from_secs(8), "{:?}", world.events);
        }
        assert_eq!(world.output, pattern(30_000));
        let left_out = world.events.iter().filter(|event| matches!(event, SenderEvent::LeftOut(..)));
        let left_out: Vec<_> = left_out.collect();
        assert!(
            matches!(left_out[..], [SenderEvent::LeftOut(path, _)] if *path == Path::ALL[0]),
            "{left_out:?}"
        );
        world.receiver.set_state(State::Done);
        world.wait_until(SenderEvent::Done);
    }
}

/// Nor does it when the path is the only one that is left, and carries them again.
#[test]
fn a_path_that_was_left_out_is_used_when_there_is_no_other() {
    for is_unordered in [false, true] {
        let mut world = World::new(is_unordered);
        world.settle();
        world.longest[0] = 500;
        world.sender.push(world.now, pattern(30_000)).unwrap();
        while !world.events.iter().any(|event| matches!(event, SenderEvent::LeftOut(..))) {
            world.wait();
        }
        // Nothing goes on it, not even a barrier.
        let sent = world.sent[0];
        world.wait_until(SenderEvent::Path(RequesterEvent::PathDown(Path::ALL[0])));
        assert_eq!(world.sent[0], sent);
        (world.longest[0], world.cut[1]) = (usize::MAX, true);
        world.sender.push(world.now, pattern(30_000)).unwrap();
        world.sender.finish(world.now, Summary { length: 60_000, ..SUMMARY });
        while world.receiver.status().state != State::Checking {
            world.wait();
            assert!(world.now < EPOCH + Duration::from_secs(20), "{:?}", world.events);
        }
        assert_eq!(world.output, [pattern(30_000), pattern(30_000)].concat());
    }
}

#[test]
fn paths_that_all_lose_long_packets_end_the_transfer_at_both_ends() {
    for is_unordered in [false, true] {
        let mut world = World::new(is_unordered);
        world.settle();
        world.longest = [500; 4];
        world.sender.push(world.now, pattern(30_000)).unwrap();
        while !world.events.iter().any(|event| matches!(event, SenderEvent::Failed(_))) {
            world.wait();
            assert!(world.now < EPOCH + Duration::from_secs(40), "{:?}", world.events);
        }
        let failure = world.events.last();
        assert!(
            matches!(failure, Some(SenderEvent::Failed(TransferError::Standstill { payload: 1000, .. }))),
            "{failure:?}"
        );
        assert_eq!(world.actions.last(), Some(&ReceiverAction::Abort));
        let told = world.events.iter().filter(|event| matches!(event, SenderEvent::Stands(..)));
        assert_eq!(told.count(), 1);
    }
}

#[test]
fn a_receiver_whose_output_is_slow_is_waited_for() {
    for is_unordered in [false, true] {
        let mut world = World::new(is_unordered);
        world.settle();
        world.is_full = true;
        world.sender.push(world.now, pattern(30_000)).unwrap();
        world.settle();
        world.sender.finish(world.now, SUMMARY);
        while world.now < EPOCH + Duration::from_secs(100) {
            world.wait();
        }
        let told = world.events.iter().filter(|event| !matches!(event, SenderEvent::Path(_)));
        let told: Vec<_> = told.collect();
        assert!(matches!(told[..], [SenderEvent::Accepted { .. }, SenderEvent::ReceiverFull(_)]), "{told:?}");
        world.is_full = false;
        while world.receiver.status().state != State::Checking {
            world.wait();
        }
        assert_eq!(world.output, pattern(30_000));
    }
}

#[test]
fn packets_of_the_file_are_known_from_others() {
    let mut world = World::new(false);
    let mut buffer = vec![0; 1 << 17];
    let transmit = world.sender.poll_transmit(world.now, &mut buffer).unwrap().unwrap();
    assert!(!transmit.packets(&buffer).any(carries_data));
    world.settle();
    world.sender.push(world.now, pattern(10)).unwrap();
    let mut carried = 0;
    while let Some(transmit) = world.sender.poll_transmit(world.now, &mut buffer).unwrap() {
        carried += transmit.packets(&buffer).filter(|packet| carries_data(packet)).count();
    }
    assert_eq!(carried, 1);
}
