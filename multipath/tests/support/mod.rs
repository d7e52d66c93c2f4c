//! Two ends and the paths between them, each direction of which keeps its order.

#![allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "each test uses some of it")]

pub mod packets;

use alloc::collections::VecDeque;
use core::time::Duration;

use multipath::{
    Discard, Memory, Path, PathEnds, Paths, PortId, Received, Requester, RequesterConfig, RequesterEvent,
    RequesterHandled, Responder, ResponderConfig, ResponderHandled, ViConfig,
};

/// The clock starts late, so that an absolute time taken for a relative one fails.
pub const EPOCH: Duration = Duration::from_secs(1_000_000);

/// Deliveries, and deadlines, after which a test that still goes on has failed.
const TOO_MANY: u32 = 100_000;

/// Memory that writes down what happens to it.
#[derive(Clone, Default)]
pub struct Recorder {
    pub bytes: Vec<u8>,
    pub messages: Vec<Vec<u8>>,
    pub coming_in: Vec<u8>,
    pub immediates: Vec<u32>,
}

impl Memory for Recorder {
    fn receive(&mut self, part: &Received<'_>) {
        assert_eq!(part.offset, self.coming_in.len() as u64);
        self.coming_in.extend(part.data);
        self.immediates.extend(part.immediate);
        if part.is_last {
            self.messages.push(core::mem::take(&mut self.coming_in));
        }
    }

    fn write(&mut self, _vi: u16, address: u64, data: &[u8], immediate: Option<u32>) {
        let start = usize::try_from(address).unwrap();
        self.bytes[start..start + data.len()].copy_from_slice(data);
        self.immediates.extend(immediate);
    }

    fn read(&self, _vi: u16, address: u64, out: &mut [u8]) {
        let start = usize::try_from(address).unwrap();
        out.copy_from_slice(&self.bytes[start..start + out.len()]);
    }
}

#[derive(Clone, Default)]
pub struct Lane {
    pub packets: VecDeque<Vec<u8>>,
    pub is_cut: bool,
}

pub struct Pair {
    pub now: Duration,
    pub requester: Requester,
    pub responder: Responder,
    pub memory: Recorder,
    pub there: [Lane; 4],
    pub back: [Lane; 4],
    pub events: Vec<RequesterEvent>,
    pub read: Vec<(u64, Vec<u8>)>,
    /// What opened the virtual interface, and on which path.
    pub openings: Vec<(usize, Vec<u8>)>,
    turns: u32,
}

pub fn paths(count: usize) -> Paths {
    let ports = [(1, 11), (1, 12), (2, 11), (2, 12)];
    Paths::new(ports[..count].iter().map(|(local, remote)| PathEnds {
        local: PortId::new(*local),
        remote: PortId::new(*remote),
        fabric: false,
    }))
}

impl Pair {
    pub fn new(count: usize, vi: ViConfig) -> Self {
        Self::with_lanes(count, 1, vi)
    }

    /// A pair whose paths have so many lanes.
    pub fn with_lanes(count: usize, lanes: u8, vi: ViConfig) -> Self {
        Self::of(EPOCH, RequesterConfig { lanes, ..RequesterConfig::new(paths(count), 7, 1) }, vi)
    }

    /// A pair with other settings, which begins at `now`.
    pub fn of(now: Duration, config: RequesterConfig, vi: ViConfig) -> Self {
        Self::between(now, config, ResponderConfig::new(config.paths.reversed(), 5), vi)
    }

    /// A pair with one path, whose responder has other settings.
    pub fn with_responder(config: ResponderConfig, vi: ViConfig) -> Self {
        Self::between(EPOCH, RequesterConfig::new(paths(1), 7, 1), config, vi)
    }

    fn between(now: Duration, config: RequesterConfig, responder: ResponderConfig, vi: ViConfig) -> Self {
        let count = config.paths.set().len();
        let requester = Requester::new(config).unwrap();
        let responder = Responder::new(responder);
        let mut pair = Self {
            now,
            requester,
            responder,
            memory: Recorder { bytes: vec![0; 1 << 16], ..Recorder::default() },
            there: Default::default(),
            back: Default::default(),
            events: Vec::new(),
            read: Vec::new(),
            openings: Vec::new(),
            turns: 0,
        };
        pair.requester.open(pair.now, vi).unwrap();
        pair.pump();
        // The first round is told the responder's instance, the second repeats it.
        for _ in 0..2 {
            pair.openings = pair.on_the_way();
            (0..count).for_each(|path| while pair.deliver_there(path).is_some() {});
            (0..count).for_each(|path| while pair.deliver_back(path).is_some() {});
        }
        pair.settle();
        assert_eq!(pair.events, [RequesterEvent::Opened { vi: vi.vi }]);
        pair.events.clear();
        pair
    }

    fn on_the_way(&self) -> Vec<(usize, Vec<u8>)> {
        let of = |(path, lane): (usize, &Lane)| {
            lane.packets.iter().map(move |bytes| (path, bytes.clone())).collect::<Vec<_>>()
        };
        self.there.iter().enumerate().flat_map(of).collect()
    }

    /// Put what both ends have to send on the way.
    pub fn pump(&mut self) {
        self.turns += 1;
        assert!(self.turns < TOO_MANY, "it does not end");
        let mut buffer = vec![0; 1 << 17];
        while let Some(transmit) = self.requester.poll_transmit(self.now, &mut buffer).unwrap() {
            let lane = &mut self.there[transmit.path.index()];
            lane.packets.extend(transmit.packets(&buffer).map(<[u8]>::to_vec));
        }
        while let Some(transmit) = self.responder.poll_transmit(&self.memory, &mut buffer).unwrap() {
            let lane = &mut self.back[transmit.path.index()];
            lane.packets.extend(transmit.packets(&buffer).map(<[u8]>::to_vec));
        }
        for lane in self.there.iter_mut().chain(&mut self.back) {
            if lane.is_cut {
                lane.packets.clear();
            }
        }
        while let Some(event) = self.requester.poll_event() {
            self.events.push(event);
        }
    }

    pub fn deliver_there(&mut self, path: usize) -> Option<ResponderHandled> {
        let packet = self.there[path].packets.pop_front()?;
        let handled = self.responder.handle_datagram(Path::ALL[path], &packet, &mut self.memory);
        self.pump();
        Some(handled)
    }

    pub fn deliver_back(&mut self, path: usize) -> Option<()> {
        let packet = self.back[path].packets.pop_front()?;
        if let RequesterHandled::Read(read) =
            self.requester.handle_datagram(self.now, Path::ALL[path], &packet)
        {
            self.read.push((read.offset, read.data.to_vec()));
        }
        self.pump();
        Some(())
    }

    /// Deliver until nothing is on the way.
    pub fn settle(&mut self) {
        self.pump();
        loop {
            let moved =
                (0..4).any(|path| self.deliver_there(path).is_some() || self.deliver_back(path).is_some());
            if !moved {
                break;
            }
        }
    }

    /// Let the next deadline pass, and put on the way what is sent then.
    pub fn pass_deadline(&mut self) {
        self.now = self.now.max(self.requester.poll_timeout().unwrap());
        self.requester.handle_timeout(self.now);
        self.pump();
    }

    /// Let the next deadline pass, and settle.
    pub fn wait(&mut self) {
        self.pass_deadline();
        self.settle();
    }

    pub fn cut(&mut self, path: usize, is_cut: bool) {
        for lane in [&mut self.there[path], &mut self.back[path]] {
            lane.is_cut = is_cut;
            lane.packets.clear();
        }
    }

    pub fn discarded(&self, reason: Discard) -> u64 {
        self.responder.discards().count(reason)
    }
}
