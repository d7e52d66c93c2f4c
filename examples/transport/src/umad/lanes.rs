//! Which agent a datagram goes out by.
//!
//! The kernel takes an answer only while it waits for one, and refuses a request whose transaction id it waits for
//! already. But whoever asks repeats a request, with its id, long before the kernel should stop to wait. So a class
//! has several agents: the kernel sets the upper half of an id by the agent, so that the same request is another one
//! on another agent.

use super::agents::Registration;
use super::message::AgentId;

/// Agents of a class: as many as the copies of a request that are waited for at once.
pub(super) const LANES: usize = 4;

/// The agents of a class, in the order in which a request tries them.
#[derive(Debug)]
pub(super) struct Lanes {
    pub(super) registration: Registration,
    lanes: Vec<Lane>,
}

#[derive(Debug)]
struct Lane {
    agent: AgentId,
    /// The upper half of the transaction ids of its requests, known from the first answer on.
    upper: Option<u32>,
}

impl Lanes {
    pub(super) const fn new(registration: Registration) -> Self {
        Self { registration, lanes: Vec::new() }
    }

    pub(super) fn get(&self, number: usize) -> Option<AgentId> {
        self.lanes.get(number).map(|lane| lane.agent)
    }

    pub(super) fn add(&mut self, agent: AgentId) {
        self.lanes.push(Lane { agent, upper: None });
    }

    /// An answer with this transaction id came for `agent`.
    pub(super) fn answered(&mut self, agent: AgentId, transaction_id: u64) {
        if let Some(lane) = self.lanes.iter_mut().find(|lane| lane.agent == agent) {
            lane.upper = Some((transaction_id >> 32) as u32);
        }
    }

    /// The lane that a datagram with this transaction id continues: an acknowledgement of segments goes out by the agent
    /// that asked for them.
    pub(super) fn of(&self, transaction_id: u64) -> Option<usize> {
        let upper = (transaction_id >> 32) as u32;
        self.lanes.iter().position(|lane| upper != 0 && lane.upper == Some(upper))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ib_mad::wire::ManagementClass;

    #[test]
    fn what_continues_a_transfer_goes_by_the_agent_that_began_it() {
        let mut lanes = Lanes::new(Registration::new(ManagementClass::SUBNET_ADMINISTRATION, 2));
        assert_eq!(lanes.get(0), None);
        lanes.add(AgentId(5));
        lanes.add(AgentId(9));
        assert_eq!(lanes.of(0x77_0000_0001), None);
        lanes.answered(AgentId(9), 0x77_0000_0001);
        lanes.answered(AgentId(5), 0x78_0000_0001);
        lanes.answered(AgentId(6), 0x79_0000_0001);
        assert_eq!((lanes.of(0x77_0000_0002), lanes.of(0x78_0000_0002)), (Some(1), Some(0)));
        assert_eq!(lanes.of(0x79_0000_0001), None);
        // A program's own ids have no upper half, even if an emulated device's have none either.
        lanes.answered(AgentId(9), 1);
        assert_eq!(lanes.of(1), None);
        assert_eq!((lanes.get(0), lanes.get(1), lanes.get(2)), (Some(AgentId(5)), Some(AgentId(9)), None));
    }
}
