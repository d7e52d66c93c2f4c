//! How many machines run at once: two, whoever starts them. More would starve each other on the two processors that the
//! tests may count on.

use rustix::fs::FlockOperation;

use crate::cache::{Cache, Lock};
use crate::error::VmError;

const PLACES: [&str; 2] = ["place-0", "place-1"];

/// Wait until one of the places is free, and take it.
pub(crate) fn take(cache: &Cache) -> Result<Lock, VmError> {
    for place in PLACES {
        match cache.lock(place, FlockOperation::NonBlockingLockExclusive) {
            Err(VmError::File { source, .. }) if source.kind() == std::io::ErrorKind::WouldBlock => {}
            other => return other,
        }
    }
    // Those who wait wait for either place, as chance has it.
    let place = PLACES[std::process::id() as usize % PLACES.len()];
    cache.lock(place, FlockOperation::LockExclusive)
}
