//! Queue pairs between the two ports of the machine, for the tests of what is made of them.

#![allow(dead_code, reason = "no test uses all of it")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]
#![allow(clippy::disallowed_methods, reason = "tests read the clock")]

mod lanes;
mod path_fault;

use core::net::IpAddr;
use core::time::Duration;
use std::sync::Arc;

use ib_mad::{Gid, Psn, TimeoutValue};
use machine::End;
use transport::verbs::{
    Access, Capacity, Completion, CompletionQueue, ConnectionConfig, Introduction, MemoryRegion, Port,
    QueuePair, QueuePairType, RemoteRegion, Route, VerbsError, VerbsName, WorkId, gid_of,
};

#[allow(unused_imports, reason = "no test uses all of it")]
pub(crate) use lanes::Lanes;
#[allow(unused_imports, reason = "no test uses all of it")]
pub(crate) use path_fault::PathFault;

/// Long enough for anything that ends at all.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// The GID of an address.
pub(crate) fn gid(address: &str) -> Gid {
    gid_of(address.parse::<IpAddr>().unwrap())
}

/// An end's port, with the GID of its `path`th address: 0 and 1 are of IPv4, 2 is of IPv6.
pub(crate) fn port(end: End, path: usize) -> Port {
    let name = VerbsName::new(end.rdma_device(), 1).with_gid(gid(end.addresses()[path]));
    Port::open(&name).unwrap()
}

/// What waits 67 ms and more, and tries six times again.
pub(crate) fn patient() -> ConnectionConfig {
    ConnectionConfig::default()
}

/// What gives up after a tenth of a second.
pub(crate) fn impatient() -> ConnectionConfig {
    ConnectionConfig { timeout: TimeoutValue::new(12).unwrap(), retries: 3, ..ConnectionConfig::default() }
}

/// One end of a connection, with memory that the other may use.
#[derive(Debug)]
pub(crate) struct Side {
    pub(crate) queue_pair: QueuePair,
    pub(crate) completions: Arc<CompletionQueue>,
    pub(crate) memory: Arc<MemoryRegion>,
    pub(crate) introduction: Introduction,
    /// The other's memory.
    pub(crate) remote: RemoteRegion,
}

impl Side {
    pub(crate) fn new(port: &Port, memory: &Arc<MemoryRegion>, psn: u32, config: &ConnectionConfig) -> Self {
        let completions = port.completion_queue(512).unwrap();
        let capacity = Capacity { send: 128, receive: 64 };
        let queue_pair = QueuePair::new(&completions, QueuePairType::ReliableConnection, capacity).unwrap();
        queue_pair.initialize(config.access).unwrap();
        let introduction = queue_pair.introduction(Psn::new(psn).unwrap()).with_regions([memory.remote()]);
        Self { queue_pair, completions, memory: Arc::clone(memory), remote: memory.remote(), introduction }
    }

    pub(crate) fn connect(
        &mut self,
        peer: &Introduction,
        config: &ConnectionConfig,
    ) -> Result<(), VerbsError> {
        let route = self.route_to(peer.gid);
        self.queue_pair.connect(&self.introduction, peer, route, config)?;
        self.remote = peer.regions[0];
        Ok(())
    }

    /// The route to a peer from this side's own address.
    pub(crate) fn route_to(&self, gid: Gid) -> Route {
        self.queue_pair.port().route_to(gid, ib_mad::Lid(0))
    }

    /// Write the first `length` bytes of the own memory to the same place of the other's.
    pub(crate) fn write(&self, id: u64, length: usize) {
        let local = self.memory.part(0..length).unwrap();
        self.queue_pair.write(WorkId(id), local, self.remote.at(0, length).unwrap()).unwrap();
    }

    /// The next completion, which has to be a good one.
    pub(crate) fn done(&self) -> Completion {
        self.next().done().unwrap()
    }

    /// The next completion.
    pub(crate) fn next(&self) -> Completion {
        self.completions.next(LIMIT).unwrap()
    }

    /// Bytes of the own memory.
    pub(crate) fn bytes(&self, offset: usize, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.memory.read(offset, &mut bytes).unwrap();
        bytes
    }
}

/// A connection over one path: both ends with the address of this number, and memory of their own.
pub(crate) fn pair(path: usize, length: usize, config: &ConnectionConfig) -> (Side, Side) {
    let [zero, one] = [End::Zero, End::One].map(|end| {
        let port = port(end, path);
        let memory = port.register(length, Access::REMOTE).unwrap();
        (port, memory)
    });
    connect((&zero.0, &zero.1), (&one.0, &one.1), config)
}

/// Two ports with one memory each, and their addresses of two paths.
pub(crate) fn two_paths(length: usize) -> [([Port; 2], Arc<MemoryRegion>); 2] {
    [End::Zero, End::One].map(|end| {
        let first = port(end, 0);
        let second = first.with_gid(gid(end.addresses()[1])).unwrap();
        let memory = first.register(length, Access::REMOTE).unwrap();
        ([first, second], memory)
    })
}

/// A connection between two ports with this memory.
pub(crate) fn connect(
    zero: (&Port, &Arc<MemoryRegion>),
    one: (&Port, &Arc<MemoryRegion>),
    config: &ConnectionConfig,
) -> (Side, Side) {
    let mut zero = Side::new(zero.0, zero.1, 0x10_0000, config);
    let mut one = Side::new(one.0, one.1, 0x20_0000, config);
    zero.connect(&one.introduction, config).unwrap();
    one.connect(&zero.introduction, config).unwrap();
    (zero, one)
}

/// Reset both ends and connect them anew, with packet numbers that were not in use before.
pub(crate) fn reconnect(
    zero: &mut Side,
    one: &mut Side,
    config: &ConnectionConfig,
) -> Result<(), VerbsError> {
    for side in [&mut *zero, &mut *one] {
        side.queue_pair.reset()?;
        side.queue_pair.initialize(config.access)?;
        side.introduction.psn = Psn::new((side.introduction.psn.get() + 0x1000) & 0xFF_FFFF).unwrap();
    }
    zero.connect(&one.introduction, config)?;
    one.connect(&zero.introduction, config)
}
