//! PortInfo: what a manager may write, and the states of a port.
//!
//! ```text
//!                     link up                 Set Armed                Set Active, or
//!                                                                      a packet from a port that is Active
//!   ┌──────┐ ─────────────────▶ ┌────────────┐ ─────────▶ ┌───────┐ ─────────────────▶ ┌────────┐
//!   │ Down │                    │ Initialize │            │ Armed │                    │ Active │
//!   └──────┘ ◀───────────────── └────────────┘            └───────┘                    └────────┘
//!                link down            ▲                       │                             │
//!            (from every state)       └────────── Set Down: the link starts anew ───────────┘
//! ```

use ib_mad::wire::{PortInfo, PortPhysicalState, PortState, Status};
use ib_mad::{Lid, MKey};

use super::{Agent, BAD_VALUE, Effect};
use crate::port::{SPEEDS_SUPPORTED, WIDTHS_SUPPORTED};

/// In a Set of widths or speeds: everything that the port can.
const ALL_WIDTHS: u8 = 0xFF;
const ALL_SPEEDS: u8 = 0x0F;

impl Agent<'_> {
    /// The port that a modifier means; its top bit says that the asker knows extended speeds.
    fn port_of(&self, modifier: u32) -> Result<u8, Status> {
        match u8::try_from(modifier & 0x7FFF_FFFF) {
            // An end port means itself by 0.
            Ok(0) => Ok(self.end_port_number()),
            Ok(number) if self.node.has_port(number) => Ok(number),
            _ => Err(BAD_VALUE),
        }
    }

    pub(super) fn port_info(&self, modifier: u32) -> Result<PortInfo, Status> {
        let info = self.port(self.port_of(modifier)?).info;
        let shows_key = info.m_key_protect_bits == 0 || self.m_key == info.m_key;
        Ok(PortInfo {
            m_key: if shows_key { info.m_key } else { MKey(0) },
            local_port_number: self.arrival,
            ..info
        })
    }

    pub(super) fn set_port_info(&mut self, modifier: u32, wanted: &PortInfo) -> Result<Effect, Status> {
        let number = self.port_of(modifier)?;
        if !self.is_switch() && number != self.arrival {
            return Err(BAD_VALUE);
        }
        let is_end_port = number == self.end_port_number();
        let has_link = self.port(number).peer.is_some();
        let mut next = self.port(number).info;
        if is_end_port {
            write_end_port(&mut next, wanted)?;
        }
        write_link(&mut next, wanted)?;
        let mut effect = Effect::None;
        match wanted.port_state {
            PortState::NO_CHANGE => {}
            PortState::DOWN if has_link => effect = Effect::Retrain(number),
            PortState::DOWN => {}
            state => next.port_state = step(next.port_state, state)?,
        }
        match wanted.port_physical_state {
            PortPhysicalState::NO_CHANGE => {}
            PortPhysicalState::SLEEP | PortPhysicalState::DISABLED => {
                next.port_physical_state = wanted.port_physical_state;
                effect = Effect::Link(number);
            }
            PortPhysicalState::POLLING if next.port_physical_state == PortPhysicalState::LINK_UP => {
                effect = Effect::Retrain(number);
            }
            PortPhysicalState::POLLING => {
                next.port_physical_state = PortPhysicalState::POLLING;
                effect = Effect::Link(number);
            }
            _ => return Err(BAD_VALUE),
        }
        let is_asked = is_end_port && wanted.client_reregister;
        let port = self.port_mut(number);
        port.info = next;
        port.reregistrations = port.reregistrations.wrapping_add(is_asked.into());
        Ok(effect)
    }
}

/// The state that follows when a manager asks for `wanted`.
fn step(now: PortState, wanted: PortState) -> Result<PortState, Status> {
    match (now, wanted) {
        (PortState::INITIALIZE | PortState::ARMED, PortState::ARMED)
        | (PortState::ARMED | PortState::ACTIVE, PortState::ACTIVE) => Ok(wanted),
        _ => Err(BAD_VALUE),
    }
}

/// What only a port with a LID has.
fn write_end_port(next: &mut PortInfo, wanted: &PortInfo) -> Result<(), Status> {
    let is_lid = wanted.lid == Lid::UNASSIGNED || wanted.lid.is_unicast();
    let last = wanted.lid.0.checked_add((1 << wanted.lmc) - 1).filter(|last| *last <= Lid::LAST_UNICAST.0);
    let is_aligned = wanted.lid.path_bits(wanted.lmc) == 0;
    if !is_lid || last.is_none() || !is_aligned || wanted.master_sm_lid.0 > Lid::LAST_UNICAST.0 {
        return Err(BAD_VALUE);
    }
    *next = PortInfo {
        m_key: wanted.m_key,
        gid_prefix: wanted.gid_prefix,
        lid: wanted.lid,
        lmc: wanted.lmc,
        master_sm_lid: wanted.master_sm_lid,
        master_sm_sl: wanted.master_sm_sl,
        m_key_lease_period: wanted.m_key_lease_period,
        m_key_protect_bits: wanted.m_key_protect_bits,
        m_key_violations: wanted.m_key_violations,
        p_key_violations: wanted.p_key_violations,
        q_key_violations: wanted.q_key_violations,
        init_type_reply: wanted.init_type_reply,
        subnet_timeout: wanted.subnet_timeout,
        multicast_p_key_trap_suppression_enabled: wanted.multicast_p_key_trap_suppression_enabled,
        ..*next
    };
    Ok(())
}

/// What every port has.
fn write_link(next: &mut PortInfo, wanted: &PortInfo) -> Result<(), Status> {
    let widths = match wanted.link_width_enabled {
        0 => next.link_width_enabled,
        ALL_WIDTHS => WIDTHS_SUPPORTED,
        widths if widths & !WIDTHS_SUPPORTED == 0 => widths,
        _ => return Err(BAD_VALUE),
    };
    let speeds = match wanted.link_speed_enabled {
        0 => next.link_speed_enabled,
        ALL_SPEEDS => SPEEDS_SUPPORTED,
        speeds if speeds & !SPEEDS_SUPPORTED == 0 => speeds,
        _ => return Err(BAD_VALUE),
    };
    let lanes = match wanted.operational_vls {
        0 => next.operational_vls,
        lanes if lanes <= next.vl_cap => lanes,
        _ => return Err(BAD_VALUE),
    };
    let mtu = match wanted.neighbor_mtu.0 {
        0 => next.neighbor_mtu,
        code if code <= next.mtu_cap.0 => wanted.neighbor_mtu,
        _ => return Err(BAD_VALUE),
    };
    let down_default = match wanted.link_down_default_state {
        0 => next.link_down_default_state,
        state @ 1..=2 => state,
        _ => return Err(BAD_VALUE),
    };
    *next = PortInfo {
        link_width_enabled: widths,
        link_speed_enabled: speeds,
        operational_vls: lanes,
        neighbor_mtu: mtu,
        link_down_default_state: down_default,
        vl_high_limit: wanted.vl_high_limit,
        vl_stall_count: wanted.vl_stall_count,
        hoq_life: wanted.hoq_life,
        partition_enforcement_inbound: wanted.partition_enforcement_inbound,
        partition_enforcement_outbound: wanted.partition_enforcement_outbound,
        filter_raw_inbound: wanted.filter_raw_inbound,
        filter_raw_outbound: wanted.filter_raw_outbound,
        local_phy_errors: wanted.local_phy_errors,
        overrun_errors: wanted.overrun_errors,
        ..*next
    };
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manager_takes_a_port_up_one_state_at_a_time() {
        let states = [
            PortState::NO_CHANGE,
            PortState::DOWN,
            PortState::INITIALIZE,
            PortState::ARMED,
            PortState::ACTIVE,
        ];
        let mut table = String::new();
        for now in states {
            for wanted in states {
                table.push(if step(now, wanted).is_ok() { '1' } else { '.' });
            }
            table.push(' ');
        }
        assert_eq!(table, "..... ..... ...1. ...11 ....1 ");
    }
}
