use core::time::Duration;

/// How a fabric behaves, and what it may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// What its faults follow from, and where transaction ids of traps start.
    pub seed: u64,
    /// From one port to the next: the cable, and the node that forwards.
    pub hop_latency: Duration,
    /// How long a management agent takes for an answer.
    pub agent_latency: Duration,
    /// The shortest time after which a trap that nobody repressed is sent again. A port's SubnetTimeOut counts if it is
    /// longer.
    pub trap_interval: Duration,
    /// Data lanes that every port has, as the code of PortInfo.VLCap: 1 to 5 for 1, 2, 4, 8, 15.
    pub lane_capability: u8,
    /// Entries of a switch's multicast forwarding table.
    pub multicast_capacity: u16,
    /// Packets of one lane that a port can hold. With it a packet goes on only when there is room for it at the other end
    /// of the link, as credits promise; without it there always is. Subnet management never waits.
    pub credits: Option<u16>,
    /// Packets that may be in the fabric, those that nobody received among them; what is sent beyond is dropped.
    pub packet_limit: usize,
    /// Packets that one end port keeps for its program; what arrives beyond is dropped.
    pub receive_limit: usize,
    /// Links that a packet may pass. Real switches would forward for ever in a circle.
    pub hop_limit: u16,
}

impl Settings {
    /// A fabric that is fast, has eight lanes, and loses nothing.
    pub const DEFAULT: Self = Self {
        seed: 0,
        hop_latency: Duration::from_nanos(200),
        agent_latency: Duration::from_micros(2),
        trap_interval: Duration::from_millis(100),
        lane_capability: 4,
        multicast_capacity: 1024,
        credits: None,
        packet_limit: 1 << 18,
        receive_limit: 1 << 16,
        hop_limit: 256,
    };
}

impl Default for Settings {
    fn default() -> Self {
        Self::DEFAULT
    }
}
