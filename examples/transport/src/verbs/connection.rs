//! Bringing a queue pair to a peer's.

use ib_mad::{Mtu, Psn, TimeoutValue};

use super::{Access, Introduction, Modification, QueuePair, Route, State, VerbsError};

/// What both ends of a connection do about packets that are lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConnectionConfig {
    /// What the peer may do.
    pub access: Access,
    /// Time until an unacknowledged packet is sent again. Adapters take up to four times as long.
    pub timeout: TimeoutValue,
    /// How often it is, up to 7.
    pub retries: u8,
    /// How often a send is repeated for which the peer has no receive, up to 6; 7 for ever.
    pub receiver_not_ready_retries: u8,
    /// Reads under way at a time, in each direction.
    pub reads: u8,
}

impl Default for ConnectionConfig {
    /// Reads and writes; 67 ms, 6 times; receives are waited for 6 times 0.64 ms; up to 16 reads at a time.
    fn default() -> Self {
        Self {
            access: Access::REMOTE,
            timeout: TimeoutValue::new(14).unwrap_or_default(),
            retries: 6,
            receiver_not_ready_retries: 6,
            reads: 16,
        }
    }
}

impl QueuePair {
    /// Bring the queue pair from the state Reset to Initialized: from now on receives can be posted.
    ///
    /// # Errors
    /// When the adapter refuses.
    pub fn initialize(&self, access: Access) -> Result<(), VerbsError> {
        let port = self.port().shared.number;
        self.modify(&Modification::to(State::Initialized).p_key_index(0).port(port).access(access))
    }

    /// Bring the queue pair from the state Initialized to ReadyToSend, with its peer.
    ///
    /// # Errors
    /// When the adapter refuses, for example because nobody has the peer's address.
    pub fn connect(
        &self,
        own: &Introduction,
        peer: &Introduction,
        route: Route,
        config: &ConnectionConfig,
    ) -> Result<(), VerbsError> {
        let limits = &self.port().shared.limits;
        let mtu = Mtu(own.mtu.0.min(peer.mtu.0));
        self.modify(
            &Modification::to(State::ReadyToReceive)
                .route(route)
                .path_mtu(mtu)
                .peer(peer.queue_pair)
                .receive_psn(peer.psn)
                .max_reads_in(config.reads.min(limits.max_reads_in))
                // 12: 0.64 ms.
                .receiver_not_ready_timer(12),
        )?;
        self.modify(
            &Modification::to(State::ReadyToSend)
                .send_psn(own.psn)
                .timeout(config.timeout)
                .retries(config.retries)
                .receiver_not_ready_retries(config.receiver_not_ready_retries)
                .max_reads_out(config.reads.min(limits.max_reads_out)),
        )
    }

    /// What the peer has to know of this queue pair, which sends its first packet with the number `psn`.
    pub fn introduction(&self, psn: Psn) -> Introduction {
        let port = self.port();
        Introduction {
            gid: port.gid(),
            lid: port.lid(),
            queue_pair: self.number(),
            psn,
            mtu: port.mtu(),
            regions: Vec::new(),
        }
    }
}
