use core::fmt;

use crate::request::RequestId;
use crate::types::{Lid, MKey};
use crate::wire::{
    Attribute, AttributeId, DirectedRouteSmp, MAD_LENGTH, MadHeader, ManagementClass, Method,
    NodeDescription, PerformanceMad, PortCounters, Smp,
};

/// The longest directed route.
const MAX_HOPS: usize = 63;

/// How a node is reached.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Route(Way);

#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Way {
    Lid(Lid),
    Directed { ports: [u8; MAX_HOPS], hops: usize },
}

impl Route {
    /// To the port with a LID.
    pub const fn lid(lid: Lid) -> Self {
        Self(Way::Lid(lid))
    }

    /// By these ports: that of the sender, that of the first switch and so on; none stands for the sender itself. `None` when there
    /// are more than 63.
    pub fn directed(ports: &[u8]) -> Option<Self> {
        let mut way = [0; MAX_HOPS];
        way.get_mut(..ports.len())?.copy_from_slice(ports);
        Some(Self(Way::Directed { ports: way, hops: ports.len() }))
    }

    /// The LID that a datagram goes to: the permissive one along a directed route.
    pub const fn to(&self) -> Lid {
        match self.0 {
            Way::Lid(lid) => lid,
            Way::Directed { .. } => Lid::PERMISSIVE,
        }
    }
}

/// `LID 7`, or `route 0,1,3`: a first 0 stands for the sender, as `smpquery` writes it.
impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Way::Lid(lid) => write!(f, "LID {lid}"),
            Way::Directed { ports, hops } => {
                f.write_str("route 0")?;
                ports[..*hops].iter().try_for_each(|port| write!(f, ",{port}"))
            }
        }
    }
}

impl fmt::Debug for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Way::Lid(lid) => write!(f, "Route(LID {lid})"),
            Way::Directed { ports, hops } => write!(f, "Route({:?})", &ports[..*hops]),
        }
    }
}

/// What to ask of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct NodeRequest {
    route: Route,
    class: ManagementClass,
    attribute: AttributeId,
    modifier: u32,
    m_key: MKey,
    /// Of counters.
    port: u8,
}

impl NodeRequest {
    /// Get an attribute of subnet management. What the modifier is depends on the attribute: a port, a block, or both.
    pub const fn get(route: Route, attribute: AttributeId, modifier: u32) -> Self {
        let class = match route.0 {
            Way::Lid(_) => ManagementClass::SUBNET_LID_ROUTED,
            Way::Directed { .. } => ManagementClass::SUBNET_DIRECTED_ROUTE,
        };
        Self { route, class, attribute, modifier, m_key: MKey(0), port: 0 }
    }

    /// Get counters of a port, 255 for all of the node's: [`AttributeId::PORT_COUNTERS`] or
    /// [`AttributeId::PORT_COUNTERS_EXTENDED`].
    pub const fn counters(lid: Lid, attribute: AttributeId, port: u8) -> Self {
        let class = ManagementClass::PERFORMANCE;
        Self { route: Route::lid(lid), class, attribute, modifier: 0, m_key: MKey(0), port }
    }

    /// The same with a key, for ports that show their settings only to whom has it.
    #[must_use]
    pub const fn with_m_key(self, m_key: MKey) -> Self {
        Self { m_key, ..self }
    }

    /// How the node is reached.
    pub const fn route(&self) -> Route {
        self.route
    }

    /// The class that is asked.
    pub const fn class(&self) -> ManagementClass {
        self.class
    }

    /// The attribute that is asked for.
    pub const fn attribute_id(&self) -> AttributeId {
        self.attribute
    }

    /// Its modifier.
    pub const fn modifier(&self) -> u32 {
        self.modifier
    }

    /// Write the datagram that asks.
    pub(super) fn emit(&self, id: RequestId, buffer: &mut [u8; MAD_LENGTH]) {
        let id = id.transaction_id();
        let header = MadHeader::request(self.class, Method::GET, self.attribute, self.modifier, id);
        let nothing = NodeDescription([0; NodeDescription::LENGTH]);
        let bytes = match &self.route.0 {
            _ if self.class == ManagementClass::PERFORMANCE => {
                // Both kinds of counters have the port at the same place.
                let counters = PortCounters { port_select: self.port, ..PortCounters::default() };
                PerformanceMad { header }.emit(&counters).ok()
            }
            Way::Lid(_) => Smp { header, m_key: self.m_key }.emit(&nothing).ok(),
            Way::Directed { ports, hops } => {
                let smp = DirectedRouteSmp::request(
                    Method::GET,
                    self.attribute,
                    self.modifier,
                    id,
                    &ports[..*hops],
                );
                smp.and_then(|smp| DirectedRouteSmp { m_key: self.m_key, ..smp }.emit(&nothing).ok())
            }
        };
        // It cannot fail: the attributes fit, and so many hops were counted.
        if let Some(bytes) = bytes {
            *buffer = bytes;
        }
    }
}
