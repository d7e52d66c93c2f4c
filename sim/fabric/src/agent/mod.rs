//! The agent of subnet management in each node: what it shows and what can be written to it.

mod port_info;
mod port_tables;
mod switch_tables;

use core::time::Duration;

use ib_mad::MKey;
use ib_mad::wire::{Attribute, AttributeId, Method, SMP_DATA_LENGTH, Status};

use crate::node::Node;
use crate::port::Port;

/// Class version that no agent here supports.
pub(crate) const BAD_VERSION: Status = Status(1 << 2);
/// Method that no agent knows.
pub(crate) const BAD_METHOD: Status = Status(2 << 2);
/// The attribute cannot be used with the method, or at all.
pub(crate) const BAD_ATTRIBUTE: Status = Status(3 << 2);
/// The modifier, or a field of the attribute, has no meaning here.
pub(crate) const BAD_VALUE: Status = Status(7 << 2);

/// What the rest of the fabric has to do for a Set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Nothing.
    None,
    /// The link of a port starts anew.
    Retrain(u8),
    /// The physical state of a port changed: its link may have to come or go.
    Link(u8),
}

/// The agent of a node, and the port that a request came in by.
pub(crate) struct Agent<'a> {
    pub(crate) node: &'a mut Node,
    /// All of the node's ports.
    pub(crate) ports: &'a mut [Port],
    pub(crate) arrival: u8,
    /// What the request presented.
    pub(crate) m_key: MKey,
}

impl Agent<'_> {
    /// Show an attribute; `data` holds zeros.
    pub(crate) fn get(
        &self,
        attribute: AttributeId,
        modifier: u32,
        data: &mut [u8; SMP_DATA_LENGTH],
    ) -> Result<(), Status> {
        match attribute {
            AttributeId::NODE_DESCRIPTION => write(&self.node.description, data),
            AttributeId::NODE_INFO => {
                let guid = self.port(self.end_port_number()).guid;
                write(&self.node.info(self.arrival, guid), data);
            }
            AttributeId::SWITCH_INFO => write(&self.switch_info()?, data),
            AttributeId::PORT_INFO => write(&self.port_info(modifier)?, data),
            AttributeId::GUID_INFO => write(&self.guid_info(modifier)?, data),
            AttributeId::P_KEY_TABLE => write(&self.p_keys(modifier)?, data),
            AttributeId::SL_TO_VL_MAPPING => data[..8].copy_from_slice(&self.lanes(modifier)?.to_be_bytes()),
            AttributeId::VL_ARBITRATION => write(&self.arbitration(modifier)?, data),
            AttributeId::LINEAR_FORWARDING_TABLE => write(&self.linear_table(modifier)?, data),
            AttributeId::MULTICAST_FORWARDING_TABLE => write(&self.multicast_table(modifier)?, data),
            _ => return Err(BAD_ATTRIBUTE),
        }
        Ok(())
    }

    /// Take an attribute that was written.
    pub(crate) fn set(
        &mut self,
        attribute: AttributeId,
        modifier: u32,
        data: &[u8; SMP_DATA_LENGTH],
    ) -> Result<Effect, Status> {
        match attribute {
            AttributeId::PORT_INFO => return self.set_port_info(modifier, &read(data)?),
            AttributeId::SWITCH_INFO => self.set_switch_info(&read(data)?)?,
            AttributeId::GUID_INFO => self.set_guid_info(modifier, &read(data)?)?,
            AttributeId::P_KEY_TABLE => self.set_p_keys(modifier, &read(data)?)?,
            AttributeId::SL_TO_VL_MAPPING => self.set_lanes(modifier, &read(data)?)?,
            AttributeId::VL_ARBITRATION => self.set_arbitration(modifier, &read(data)?)?,
            AttributeId::LINEAR_FORWARDING_TABLE => self.set_linear_table(modifier, &read(data)?)?,
            AttributeId::MULTICAST_FORWARDING_TABLE => self.set_multicast_table(modifier, &read(data)?)?,
            _ => return Err(BAD_ATTRIBUTE),
        }
        Ok(Effect::None)
    }

    fn place(&self, number: u8) -> usize {
        usize::from(number.saturating_sub(self.node.lowest()))
    }

    /// A port that the node has.
    fn port(&self, number: u8) -> &Port {
        &self.ports[self.place(number)]
    }

    fn port_mut(&mut self, number: u8) -> &mut Port {
        let place = self.place(number);
        &mut self.ports[place]
    }

    fn is_switch(&self) -> bool {
        self.node.switch.is_some()
    }

    /// The port with the LID and the keys.
    fn end_port_number(&self) -> u8 {
        if self.is_switch() { 0 } else { self.arrival }
    }
}

fn write<A: Attribute>(attribute: &A, data: &mut [u8; SMP_DATA_LENGTH]) {
    // It cannot fail: attributes of subnet management fit.
    let _ = attribute.emit(data);
}

fn read<A: Attribute>(data: &[u8; SMP_DATA_LENGTH]) -> Result<A, Status> {
    A::parse(data).map_err(|_| BAD_VALUE)
}

/// Whether a key admits a request to an end port (IBTA volume 1, 14.2.4).
pub(crate) fn admits(port: &Port, method: Method, key: MKey) -> bool {
    let info = &port.info;
    if info.m_key == MKey(0) || info.m_key == key {
        return true;
    }
    method == Method::GET && info.m_key_protect_bits < 2
}

/// How long a port's key protects after a wrong one was presented; `None`: for ever.
pub(crate) fn lease(port: &Port) -> Option<Duration> {
    (port.info.m_key_lease_period > 0).then(|| Duration::from_secs(port.info.m_key_lease_period.into()))
}
