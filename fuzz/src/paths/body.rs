use barrier::Supervisory;

use super::{Disturbances, PathsWorld, STORM};

/// Steps through a storm, each byte chooses what happens next; and the same bytes as supervisory messages.
pub fn barrier(data: &[u8]) {
    for bytes in data.chunks(Supervisory::LENGTH).chain([data]) {
        let Ok(message) = Supervisory::parse(bytes) else { continue };
        let mut out = [0xFF; Supervisory::LENGTH];
        assert_eq!(message.emit(&mut out), Ok(out.len()));
        assert_eq!(Supervisory::parse(&out), Ok(message));
        assert_eq!((&out[..2], &out[4..]), (&bytes[..2], &bytes[4..]), "only reserved bytes differ");
    }
    if let Err(counterexample) = sim::walk_bytes(PathsWorld::new(STORM, Disturbances::UNLIMITED), data) {
        panic!("{counterexample}");
    }
}
