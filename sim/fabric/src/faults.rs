//! Links that lose, corrupt and delay what they carry, by the fabric's seed.

use core::time::Duration;

use topology::End;

use crate::drops::DropReason;
use crate::error::FabricError;
use crate::fabric::Fabric;
use crate::pool::PacketId;
use crate::port::PortId;
use crate::schedule::Timer;
use crate::traps::PortTrouble;

const MILLION: usize = 1_000_000;

/// What a link does to packets that it should not, in both directions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct LinkFaults {
    /// Packets of a million that are lost.
    pub lose_per_million: u32,
    /// Packets of a million that are corrupted: the receiver finds that by their check and drops them. It counts a symbol
    /// error; as many in a row as PortInfo.LocalPhyErrors says raise trap 129.
    pub corrupt_per_million: u32,
    /// Packets of a million that are delayed: others overtake them.
    pub delay_per_million: u32,
    /// The longest delay.
    pub longest_delay: Duration,
}

impl Fabric {
    /// Give a link faults; [`LinkFaults::default`] takes them away.
    ///
    /// # Errors
    /// When the node has no such port, or the port no cable.
    pub fn set_faults(&mut self, end: End, faults: LinkFaults) -> Result<(), FabricError> {
        let (port, peer) = self.link_at(end)?;
        let has_faults = faults != LinkFaults::default();
        let link = port.min(peer);
        if has_faults {
            self.link_faults.insert(link, faults);
        } else {
            self.link_faults.remove(&link);
        }
        for end in [port, peer] {
            self.port_mut(end).has_faults = has_faults;
        }
        Ok(())
    }

    fn happens(&mut self, per_million: u32) -> bool {
        per_million > 0 && self.random.below(MILLION) < per_million as usize
    }

    pub(crate) fn launch_with_faults(&mut self, out: PortId, peer: PortId, id: PacketId) {
        let faults = self.link_faults.get(&out.min(peer)).copied().unwrap_or_default();
        if self.happens(faults.lose_per_million) {
            return self.discard(id, DropReason::Lost);
        }
        if self.happens(faults.corrupt_per_million) {
            self.discard(id, DropReason::Corrupted);
            return self.count_symbol_error(peer);
        }
        self.port_mut(peer).errors_in_row = 0;
        let at = self.now.after(self.settings.hop_latency);
        if self.happens(faults.delay_per_million) {
            let longest = usize::try_from(faults.longest_delay.as_nanos()).unwrap_or(usize::MAX);
            let delay = self.random.below(longest.max(1)) as u64;
            return self.schedule.timer(at.after(Duration::from_nanos(delay)), Timer::Arrival(id, peer));
        }
        self.schedule.arrival(at, id, peer);
    }

    fn count_symbol_error(&mut self, at: PortId) {
        let port = self.port_mut(at);
        port.traffic.symbol_errors = port.traffic.symbol_errors.saturating_add(1);
        port.traffic.receive_errors = port.traffic.receive_errors.saturating_add(1);
        port.errors_in_row = port.errors_in_row.saturating_add(1);
        let threshold = port.info.local_phy_errors;
        if threshold > 0 && port.errors_in_row >= threshold {
            port.errors_in_row = 0;
            self.raise_trouble(at, PortTrouble::LinkIntegrity);
        }
    }
}
