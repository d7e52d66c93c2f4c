use crate::path::PerPath;
use crate::{BarrierNumber, Lane, Path};

/// The agreed locations that barriers of one requester write and read, one for each lane of each path: barriers on
/// different lanes run at the same time and must not overwrite each other.
///
/// For transports that carry writes and reads as messages. Where an adapter reads and writes memory itself, that memory
/// takes its place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BarrierLocations {
    numbers: PerPath<[BarrierNumber; Lane::COUNT]>,
}

impl BarrierLocations {
    /// Locations that hold zero.
    #[must_use]
    pub fn new() -> Self {
        Self { numbers: PerPath::from_fn(|_| [BarrierNumber(0); Lane::COUNT]) }
    }

    /// Keep the number until the next one is written.
    pub fn write(&mut self, path: Path, lane: Lane, number: BarrierNumber) {
        self.numbers[path][lane.index()] = number;
    }

    /// The number that was written last.
    #[must_use]
    pub fn read(&self, path: Path, lane: Lane) -> BarrierNumber {
        self.numbers[path][lane.index()]
    }
}

impl Default for BarrierLocations {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_lane_of_each_path_has_its_own() {
        let places = || Path::ALL.into_iter().flat_map(|path| Lane::ALL.map(|lane| (path, lane)));
        let mut locations = BarrierLocations::new();
        for (number, (path, lane)) in (1..).zip(places()) {
            assert_eq!(locations.read(path, lane), BarrierNumber(0));
            locations.write(path, lane, BarrierNumber(number));
        }
        for (number, (path, lane)) in (1..).zip(places()) {
            assert_eq!(locations.read(path, lane), BarrierNumber(number));
        }
    }
}
