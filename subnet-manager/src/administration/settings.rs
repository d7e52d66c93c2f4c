use alloc::vec;
use alloc::vec::Vec;

use ib_mad::request::RequestLimits;
use ib_mad::rmpp::SenderLimits;
use ib_mad::wire::McMemberRecord;
use ib_mad::{Gid, Mtu, PKey, PacketLifetime, QKey, Rate, Selector, SmKey};
use trap_signal::SignallingMethod;
use trap_signal::manager::RegistryLimits;

/// What requesters may cost: one of them, and all together. Beyond it a request is answered with "no resources", or with
/// "busy" when it helps to ask again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AdministrationLimits {
    /// Tables of several segments on their way to one port. Default 8.
    pub tables_per_port: usize,
    /// Tables of several segments on their way in all. Default 256.
    pub tables: usize,
    /// Bytes of all tables that are on their way. Default 256 MiB: four million path records.
    pub table_bytes: usize,
    /// Answers of one datagram that wait for one port, and tables of one segment that it has not acknowledged. Default 256
    /// of each.
    pub answers_per_port: usize,
    /// The same for all ports. Default 16,384.
    pub answers: usize,
    /// Multicast groups that one port is in. Default 1024.
    pub groups_per_port: usize,
    /// Services that one port has registered. Default 256.
    pub services_per_port: usize,
    /// Services in all. Default 65,536.
    pub services: usize,
    /// Subscriptions, of one port and in all.
    pub subscriptions: RegistryLimits,
    /// Reports that wait to be sent. Default 65,536.
    pub reports: usize,
}

impl Default for AdministrationLimits {
    fn default() -> Self {
        Self {
            tables_per_port: 8,
            tables: 256,
            table_bytes: 256 << 20,
            answers_per_port: 256,
            answers: 16_384,
            groups_per_port: 1024,
            services_per_port: 256,
            services: 65_536,
            subscriptions: RegistryLimits::default(),
            reports: 65_536,
        }
    }
}

/// How an [`Administration`](super::Administration) behaves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdministrationSettings {
    /// Key that makes it trust a requester; 0: nobody is trusted.
    pub sm_key: SmKey,
    /// Who is told by RePath after a reconfiguration.
    pub method: SignallingMethod,
    /// How often, and how long apart, a Report is sent.
    pub reports: RequestLimits,
    /// How long a table may take, and how often a segment is repeated.
    pub tables: SenderLimits,
    /// How long a packet may be on its way, as path records say it. Default 18, about a second, as OpenSM has it.
    pub packet_lifetime: PacketLifetime,
    /// Multicast groups that are there from the start, and stay without members.
    pub groups: Vec<McMemberRecord>,
    /// What requesters may cost.
    pub limits: AdministrationLimits,
    /// The first transaction id of its Reports; another one after a restart.
    pub first_id: u32,
}

impl AdministrationSettings {
    /// The defaults: with the group that IP over InfiniBand needs in the default partition.
    pub fn new(sm_key: SmKey, first_id: u32) -> Self {
        Self {
            sm_key,
            method: SignallingMethod::default(),
            reports: RequestLimits::default(),
            tables: SenderLimits::default(),
            packet_lifetime: PacketLifetime(18),
            groups: vec![Self::ip_broadcast(PKey::DEFAULT_FULL)],
            limits: AdministrationLimits::default(),
            first_id,
        }
    }

    /// The group of IPv4 broadcasts over InfiniBand in a partition (RFC 4391, section 4): 2048 bytes at 10 Gbit/s.
    pub fn ip_broadcast(p_key: PKey) -> McMemberRecord {
        let [high, low] = (p_key.0 | 0x8000).to_be_bytes();
        let mgid = [0xFF, 0x12, 0x40, 0x1B, high, low, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF];
        McMemberRecord {
            mgid: Gid(mgid),
            q_key: QKey(0x0B1B),
            mtu_selector: Selector::Exactly,
            mtu: Mtu::B2048,
            rate_selector: Selector::Exactly,
            rate: Rate(3),
            packet_lifetime_selector: Selector::Exactly,
            packet_lifetime: PacketLifetime(18),
            p_key: PKey(p_key.0 | 0x8000),
            scope: 2,
            ..McMemberRecord::default()
        }
    }
}
