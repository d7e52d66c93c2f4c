//! The settings of ports.

use ib_mad::wire::{PortCapabilityMask, PortInfo, PortState};
use ib_mad::{Lid, Mtu, ServiceLevel};

use crate::settings::Settings;
use crate::subnet::{EndPort, Subnet};

/// How long a packet may be on its way: 4.096 µs times two to the power of this, about a second. What hosts wait for
/// an answer is reckoned from it.
pub(crate) const SUBNET_TIMEOUT: u8 = 18;
/// How long a packet may wait at the head of a lane, about a second.
const HEAD_OF_QUEUE_LIFE: u8 = 18;
/// Packets dropped in a row before a lane counts as stalled.
const VL_STALL_COUNT: u8 = 7;
/// Errors in a row that raise a trap.
const ERROR_THRESHOLD: u8 = 8;

/// What a port is to be set to, given what it was found to be. The state stays as it was found.
///
/// A port that carries data keeps its MTU and its lanes: a change would tear what is on the way.
pub(super) fn wanted(
    subnet: &Subnet,
    at: EndPort,
    settings: &Settings,
    level: ServiceLevel,
) -> Option<PortInfo> {
    let port = subnet.port(at)?;
    let is_switch = subnet.node(at.node)?.is_switch();
    let is_end = !is_switch || at.port == 0;
    let mut wanted = port.info;
    if is_end {
        wanted.m_key = settings.m_key;
        wanted.m_key_protect_bits = u8::from(settings.m_key.0 != 0);
        wanted.gid_prefix = settings.prefix;
        wanted.master_sm_lid = manager_lid(subnet);
        wanted.master_sm_sl = level;
        wanted.subnet_timeout = SUBNET_TIMEOUT;
        wanted.client_reregister = false;
    }
    if is_switch && at.port == 0 {
        return Some(wanted);
    }
    wanted.local_phy_errors = ERROR_THRESHOLD;
    wanted.overrun_errors = ERROR_THRESHOLD;
    if is_switch {
        wanted.vl_stall_count = VL_STALL_COUNT;
        wanted.hoq_life = HEAD_OF_QUEUE_LIFE;
    }
    if let Some(far) = port.neighbor.and_then(|far| subnet.port(far))
        && port.info.port_state != PortState::ACTIVE
    {
        wanted.neighbor_mtu = common_mtu(port.info.mtu_cap, far.info.mtu_cap);
        wanted.operational_vls = port.info.vl_cap.min(far.info.vl_cap).max(1);
    }
    Some(wanted)
}

/// The smaller of two codes, of those that mean something.
fn common_mtu(one: Mtu, other: Mtu) -> Mtu {
    let common = one.min(other);
    if common.bytes().is_some() { common } else { Mtu(1) }
}

/// Base LID of the manager's port.
pub(crate) fn manager_lid(subnet: &Subnet) -> Lid {
    subnet.manager_port.and_then(|at| subnet.port(at)).map_or(Lid::UNASSIGNED, |port| port.info.lid)
}

/// Whether a port can be told that the manager lost its records.
pub(super) fn can_reregister(info: &PortInfo) -> bool {
    info.capability_mask.contains(PortCapabilityMask::CLIENT_REREGISTRATION)
}
