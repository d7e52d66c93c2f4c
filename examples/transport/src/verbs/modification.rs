//! Changes of a queue pair's attributes, with an explicit mask.

use core::fmt;

use ib_mad::{Gid, Mtu, Psn, QKey, Qpn, TimeoutValue};

use super::Route;

/// State of a queue pair (volume 1, section 10.3.1), with libibverbs' numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// Newly made; work that it had is discarded.
    Reset,
    /// Receives can be posted.
    Initialized,
    /// It receives.
    ReadyToReceive,
    /// It sends too.
    ReadyToSend,
    /// It sends nothing new, and finishes what was begun.
    SendQueueDrained,
    /// Sending failed; it still receives.
    SendQueueError,
    /// All work comes back undone.
    Error,
}

impl State {
    const ALL: [Self; 7] = [
        Self::Reset,
        Self::Initialized,
        Self::ReadyToReceive,
        Self::ReadyToSend,
        Self::SendQueueDrained,
        Self::SendQueueError,
        Self::Error,
    ];

    const fn code(self) -> u32 {
        self as u32
    }

    pub(super) fn from_code(code: u32) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.code() == code)
    }

    /// The specification's short name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reset => "RESET",
            Self::Initialized => "INIT",
            Self::ReadyToReceive => "RTR",
            Self::ReadyToSend => "RTS",
            Self::SendQueueDrained => "SQD",
            Self::SendQueueError => "SQE",
            Self::Error => "ERR",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// State of automatic path migration (volume 1, section 17.2.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MigrationState {
    /// The alternate path has become the primary one, or there is none.
    Migrated,
    /// A new alternate path is loaded.
    Rearm,
    /// Both ends have one; a path error migrates.
    Armed,
}

/// What peers may do with a region, or over a queue pair. The owner may always do both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Access {
    /// Peers may write.
    pub remote_write: bool,
    /// Peers may read.
    pub remote_read: bool,
}

impl Access {
    /// Peers may do nothing.
    pub const LOCAL: Self = Self { remote_write: false, remote_read: false };
    /// Peers may read and write.
    pub const REMOTE: Self = Self { remote_write: true, remote_read: true };

    /// As libibverbs has it; the owner's writing is always allowed.
    pub(super) const fn bits(self) -> u32 {
        1 | (self.remote_write as u32) << 1 | (self.remote_read as u32) << 2
    }
}

/// Which attributes a change names, a bit for each with libibverbs' numbers.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct AttributeMask(u32);

impl AttributeMask {
    const NAMES: [(u32, &'static str); 20] = [
        (1, "STATE"),
        (1 << 2, "EN_SQD_ASYNC_NOTIFY"),
        (1 << 3, "ACCESS_FLAGS"),
        (1 << 4, "PKEY_INDEX"),
        (1 << 5, "PORT"),
        (1 << 6, "QKEY"),
        (1 << 7, "AV"),
        (1 << 8, "PATH_MTU"),
        (1 << 9, "TIMEOUT"),
        (1 << 10, "RETRY_CNT"),
        (1 << 11, "RNR_RETRY"),
        (1 << 12, "RQ_PSN"),
        (1 << 13, "MAX_QP_RD_ATOMIC"),
        (1 << 14, "ALT_PATH"),
        (1 << 15, "MIN_RNR_TIMER"),
        (1 << 16, "SQ_PSN"),
        (1 << 17, "MAX_DEST_RD_ATOMIC"),
        (1 << 18, "PATH_MIG_STATE"),
        (1 << 19, "CAP"),
        (1 << 20, "DEST_QPN"),
    ];

    /// The bits.
    pub const fn bits(self) -> u32 {
        self.0
    }

    /// Names of the set bits, as libibverbs has them after `IBV_QP_`.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.into_iter().filter(move |(bit, _)| self.0 & bit != 0).map(|(_, name)| name)
    }
}

impl fmt::Display for AttributeMask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, name) in self.names().enumerate() {
            let separator = if at == 0 { "" } else { " | " };
            write!(f, "{separator}{name}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for AttributeMask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A path that a queue pair may migrate to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Alternate {
    /// Where its packets go.
    pub route: Route,
    /// Time until an unacknowledged packet is sent again there.
    pub timeout: TimeoutValue,
}

/// The values of a change; only those in its mask mean anything.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Values {
    pub(crate) state: u32,
    pub(crate) notify_drained: u8,
    pub(crate) access: u32,
    pub(crate) p_key_index: u16,
    pub(crate) port: u8,
    pub(crate) q_key: u32,
    pub(crate) route: Option<Route>,
    pub(crate) path_mtu: u8,
    pub(crate) timeout: u8,
    pub(crate) retries: u8,
    pub(crate) receiver_not_ready_retries: u8,
    pub(crate) receive_psn: u32,
    pub(crate) max_reads_out: u8,
    pub(crate) alternate: Option<Alternate>,
    pub(crate) receiver_not_ready_timer: u8,
    pub(crate) send_psn: u32,
    pub(crate) max_reads_in: u8,
    pub(crate) migration_state: u32,
    pub(crate) peer: u32,
}

/// A change of a queue pair: what is named is set, and nothing else.
///
/// ```
/// use transport::verbs::{Modification, State};
///
/// let drain = Modification::to(State::SendQueueDrained).notify_drained();
/// assert_eq!(drain.mask().to_string(), "STATE | EN_SQD_ASYNC_NOTIFY");
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Modification {
    pub(crate) values: Values,
    mask: AttributeMask,
}

/// A setter for each attribute: it sets the value, and the attribute's bit in the mask.
macro_rules! attributes {
    ($($(#[$doc:meta])* $name:ident($($value:ident: $type:ty)?) $bit:literal => $field:ident = $set:expr;)+) => {$(
        $(#[$doc])*
        #[must_use]
        pub fn $name(mut self $(, $value: $type)?) -> Self {
            self.values.$field = $set;
            self.mask.0 |= 1 << $bit;
            self
        }
    )+};
}

impl Modification {
    /// A change that names nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A change to a state.
    #[must_use]
    pub fn to(state: State) -> Self {
        Self::new().state(state)
    }

    /// Which attributes it names.
    pub const fn mask(&self) -> AttributeMask {
        self.mask
    }

    attributes! {
        /// The state.
        state(state: State) 0 => state = state.code();
        /// Tell with an event when the send queue is drained.
        notify_drained() 2 => notify_drained = 1;
        /// What the peer may do.
        access(access: Access) 3 => access = access.bits();
        /// The partition, by its place in the port's table.
        p_key_index(index: u16) 4 => p_key_index = index;
        /// The port, from 1.
        port(port: u8) 5 => port = port;
        /// The key that datagrams have to carry.
        q_key(key: QKey) 6 => q_key = key.0;
        /// The address vector: where packets go.
        route(route: Route) 7 => route = Some(route);
        /// The largest payload of a packet.
        path_mtu(mtu: Mtu) 8 => path_mtu = mtu.0;
        /// Time until an unacknowledged packet is sent again; 0 for never.
        timeout(timeout: TimeoutValue) 9 => timeout = timeout.get();
        /// How often it is, up to 7.
        retries(retries: u8) 10 => retries = retries & 7;
        /// How often a send is repeated for which the peer has no receive, up to 6; 7 for ever.
        receiver_not_ready_retries(retries: u8) 11 => receiver_not_ready_retries = retries & 7;
        /// Number of the first packet that comes.
        receive_psn(psn: Psn) 12 => receive_psn = psn.get();
        /// Reads under way at a time as a requester.
        max_reads_out(reads: u8) 13 => max_reads_out = reads;
        /// The alternate path of automatic migration.
        alternate(alternate: Alternate) 14 => alternate = Some(alternate);
        /// How long a peer waits that found no receive: a code of volume 1, table 45.
        receiver_not_ready_timer(code: u8) 15 => receiver_not_ready_timer = code & 31;
        /// Number of the first packet that goes.
        send_psn(psn: Psn) 16 => send_psn = psn.get();
        /// Reads under way at a time as a responder.
        max_reads_in(reads: u8) 17 => max_reads_in = reads;
        /// State of automatic path migration.
        migration(state: MigrationState) 18 => migration_state = state as u32;
        /// The peer's queue pair.
        peer(queue_pair: Qpn) 20 => peer = queue_pair.get();
    }
}

/// What a queue pair says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attributes {
    /// Number of the state.
    pub(crate) state: u32,
    /// Number of the state of migration.
    pub(crate) migration_state: u32,
    /// Where its packets go.
    pub destination: Gid,
    /// The own GID, by its place in the port's table.
    pub source_gid_index: u8,
    /// Traffic class of its packets.
    pub traffic_class: u8,
    /// Flow label of its packets.
    pub flow_label: u32,
    /// Hop limit of its packets.
    pub hop_limit: u8,
    /// The peer's queue pair.
    pub peer: Option<Qpn>,
}

impl Attributes {
    /// The state; `None` for one that this module does not know.
    pub fn state(&self) -> Option<State> {
        State::from_code(self.state)
    }

    /// The state of automatic path migration; `None` for one that this module does not know.
    pub fn migration_state(&self) -> Option<MigrationState> {
        let states = [MigrationState::Migrated, MigrationState::Rearm, MigrationState::Armed];
        states.into_iter().find(|state| *state as u32 == self.migration_state)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_setter_sets_its_bit() {
        let route = Route::default();
        let changes = [
            Modification::to(State::Error),
            Modification::new().notify_drained(),
            Modification::new().access(Access::REMOTE),
            Modification::new().p_key_index(0),
            Modification::new().port(1),
            Modification::new().q_key(QKey(0)),
            Modification::new().route(route),
            Modification::new().path_mtu(Mtu(1)),
            Modification::new().timeout(TimeoutValue::default()),
            Modification::new().retries(0),
            Modification::new().receiver_not_ready_retries(0),
            Modification::new().receive_psn(Psn::default()),
            Modification::new().max_reads_out(0),
            Modification::new().alternate(Alternate { route, timeout: TimeoutValue::default() }),
            Modification::new().receiver_not_ready_timer(0),
            Modification::new().send_psn(Psn::default()),
            Modification::new().max_reads_in(0),
            Modification::new().migration(MigrationState::Rearm),
        ];
        let names: Vec<_> = changes.iter().map(|change| change.mask().to_string()).collect();
        let known: Vec<_> =
            AttributeMask::NAMES.iter().map(|(_, name)| *name).filter(|name| *name != "CAP").collect();
        assert_eq!(names, known[..18]);
        assert_eq!(Modification::new().peer(Qpn::GENERAL_SERVICES).mask().to_string(), known[18]);
        assert_eq!(Modification::new().mask().bits(), 0);
    }

    /// The numbers are those of libibverbs' headers, as the binding has them.
    #[test]
    fn numbers_are_those_of_the_library() {
        use rdma_mummy_sys::{
            ibv_access_flags, ibv_mig_state, ibv_qp_attr_mask as mask, ibv_qp_state as state,
        };
        let states = [
            state::IBV_QPS_RESET,
            state::IBV_QPS_INIT,
            state::IBV_QPS_RTR,
            state::IBV_QPS_RTS,
            state::IBV_QPS_SQD,
            state::IBV_QPS_SQE,
            state::IBV_QPS_ERR,
        ];
        assert_eq!(State::ALL.map(State::code), states);
        assert_eq!(state::IBV_QPS_UNKNOWN, 7);
        assert_eq!(State::from_code(7), None);
        let named = [
            (mask::IBV_QP_AV, "AV"),
            (mask::IBV_QP_ALT_PATH, "ALT_PATH"),
            (mask::IBV_QP_PATH_MIG_STATE, "PATH_MIG_STATE"),
            (mask::IBV_QP_DEST_QPN, "DEST_QPN"),
            (mask::IBV_QP_EN_SQD_ASYNC_NOTIFY, "EN_SQD_ASYNC_NOTIFY"),
            (mask::IBV_QP_SQ_PSN, "SQ_PSN"),
        ];
        for (bit, name) in named {
            assert_eq!(AttributeMask(bit.0).to_string(), name);
        }
        let all = ibv_access_flags::IBV_ACCESS_LOCAL_WRITE
            | ibv_access_flags::IBV_ACCESS_REMOTE_WRITE
            | ibv_access_flags::IBV_ACCESS_REMOTE_READ;
        assert_eq!(Access::REMOTE.bits(), all.0);
        assert_eq!(Access::LOCAL.bits(), ibv_access_flags::IBV_ACCESS_LOCAL_WRITE.0);
        assert_eq!(MigrationState::Armed as u32, ibv_mig_state::IBV_MIG_ARMED);
    }
}
