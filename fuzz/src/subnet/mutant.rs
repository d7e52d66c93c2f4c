/// A rule that a manager does not follow: the search must find what comes of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mutant {
    /// It follows them all.
    #[default]
    None,
    /// It hears no trap, and no switch tells it of a change.
    Deaf,
    /// A block of a forwarding table that it wrote once counts as written, whatever happened.
    SkipsBlocks,
    /// It puts every path on the first lane.
    OneLane,
    /// It never asks whether its master is alive.
    NeverPolls,
}
