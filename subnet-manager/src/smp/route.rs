use core::fmt;

use ib_mad::wire::{DirectedRouteSmpView, MAX_HOPS};

/// The ports by which a packet leaves the manager's node, the first switch and so on.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct DirectedRoute {
    hops: u8,
    ports: [u8; MAX_HOPS as usize],
}

impl DirectedRoute {
    /// To the manager's own node.
    pub(crate) const SELF: Self = Self { hops: 0, ports: [0; MAX_HOPS as usize] };

    /// One hop more; `None` when there are as many as a packet can carry.
    pub(crate) fn through(mut self, port: u8) -> Option<Self> {
        *self.ports.get_mut(usize::from(self.hops))? = port;
        self.hops += 1;
        Some(self)
    }

    pub(crate) fn ports(&self) -> &[u8] {
        &self.ports[..usize::from(self.hops)]
    }

    /// Whether a packet went this way.
    pub(crate) fn is_of(&self, smp: &DirectedRouteSmpView) -> bool {
        let hops = usize::from(self.hops);
        smp.hop_count() == self.hops && smp.initial_path()[1..=hops] == *self.ports()
    }
}

impl fmt::Debug for DirectedRoute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.ports())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_has_63_hops_at_most() {
        let mut route = DirectedRoute::SELF;
        for hop in 0..MAX_HOPS {
            assert_eq!(route.ports().len(), usize::from(hop));
            route = route.through(hop).unwrap();
        }
        assert_eq!((route.ports()[62], route.through(1)), (62, None));
    }
}
