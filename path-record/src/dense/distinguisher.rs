//! The keeper of the old matrix.

use super::{ServiceLevelMatrix, SizeMismatch};

/// What a new matrix brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DenseUpdate {
    /// There was nothing to compare with: the subnet had never been routed. Nobody is to be signalled.
    Seeded,
    /// The matrix was compared with the one before.
    Compared {
        /// Pairs of switches whose service level is another now. Hosts are to be signalled if there are any.
        changes: usize,
        /// Pairs of switches that were compared.
        compared: usize,
    },
}

/// The path record distinguisher in its dense form: keeps the service levels of the last routing, and counts in how many
/// pairs of switches the next one differs.
///
/// The first matrix that has switches only takes its place, and nobody is to be signalled.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct DenseDistinguisher {
    last: Option<ServiceLevelMatrix>,
}

impl DenseDistinguisher {
    /// For a subnet that has never been routed.
    pub const fn new() -> Self {
        Self { last: None }
    }

    /// The levels of the last routing.
    pub fn matrix(&self) -> Option<&ServiceLevelMatrix> {
        self.last.as_ref()
    }

    /// Whether the subnet has been routed yet.
    pub fn has_been_routed(&self) -> bool {
        self.last.is_some()
    }

    /// Take over the next routing's levels, and tell in how many pairs they differ from the last one's. No memory is
    /// taken, except for the first matrix.
    ///
    /// # Errors
    /// [`SizeMismatch`] when the number of switches is another than before; the last levels then stay.
    pub fn update(&mut self, next: &ServiceLevelMatrix) -> Result<DenseUpdate, SizeMismatch> {
        match &mut self.last {
            Some(last) => {
                let changes = last.update(next)?;
                Ok(DenseUpdate::Compared { changes, compared: last.pairs() })
            }
            None => {
                if next.switches() > 0 {
                    self.last = Some(next.clone());
                }
                Ok(DenseUpdate::Seeded)
            }
        }
    }

    /// Put other levels in the place of the last ones without comparing: after a [`SizeMismatch`], the old levels
    /// [carried over](ServiceLevelMatrix::carried_over) to the new switches, or the new ones.
    pub fn reseed(&mut self, levels: ServiceLevelMatrix) {
        self.last = Some(levels);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ib_mad::ServiceLevel;

    fn matrix(switches: u16, level: u8) -> ServiceLevelMatrix {
        ServiceLevelMatrix::from_fn(switches, |_, _| ServiceLevel::new(level))
    }

    #[test]
    fn the_first_routing_signals_nobody() {
        let mut distinguisher = DenseDistinguisher::new();
        assert_eq!(distinguisher.update(&ServiceLevelMatrix::new(0)), Ok(DenseUpdate::Seeded));
        assert!(!distinguisher.has_been_routed(), "no switches, no routing");
        assert_eq!(distinguisher.update(&matrix(3, 0)), Ok(DenseUpdate::Seeded));
        assert_eq!(distinguisher.matrix(), Some(&matrix(3, 0)));
        let compared = |changes| Ok(DenseUpdate::Compared { changes, compared: 6 });
        assert_eq!(distinguisher.update(&matrix(3, 0)), compared(0));
        assert_eq!(distinguisher.update(&matrix(3, 1)), compared(6));
        assert_eq!(distinguisher.update(&matrix(3, 1)), compared(0), "what was signalled once is done with");
    }

    #[test]
    fn a_switch_that_appears_needs_the_old_levels_carried_over() {
        let mut distinguisher = DenseDistinguisher::new();
        distinguisher.update(&matrix(2, 0)).unwrap();
        let next = matrix(3, 0);
        assert_eq!(distinguisher.update(&next), Err(SizeMismatch { old: 2, new: 3 }));
        let old = distinguisher.matrix().unwrap().carried_over(&[Some(0), Some(1), None]);
        distinguisher.reseed(old);
        // To and from the new switch; the two old ones kept their levels.
        assert_eq!(distinguisher.update(&next), Ok(DenseUpdate::Compared { changes: 4, compared: 6 }));
    }
}
