use barrier::{BarrierNumber, Counted, NumberSource};

/// The numbers of barriers: as they should be, or always the same one.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) enum Numbers {
    Counted(Counted),
    Same,
}

impl NumberSource for Numbers {
    fn next_number(&mut self) -> BarrierNumber {
        match self {
            Self::Counted(counted) => counted.next_number(),
            Self::Same => BarrierNumber(1),
        }
    }
}
