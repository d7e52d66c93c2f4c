//! `barrier`: a path fails, both ends agree that it is down, and it comes back.

use core::hint::black_box;
use core::time::Duration;

use barrier::{
    BarrierLocations, Completion, Counted, Op, Path, PathEvent, PathSet, RequesterPaths,
    RequesterPathsConfig, ResponderPaths,
};

const SUPERVISORY_VI: u32 = 0;
const VI: u32 = 1;

struct Ends {
    requester: RequesterPaths<Counted>,
    responder: ResponderPaths<2>,
    locations: BarrierLocations,
}

impl Ends {
    /// Carry out operations at once, but for those on cut paths. A barrier that reads another number is tried again at once:
    /// not without end.
    fn carry(&mut self, now: Duration, cut: PathSet) {
        for _ in 0..100 {
            let Some((id, op)) = self.requester.poll_op(now) else { return };
            match op {
                Op::Write { path, lane, number, incarnation } if !cut.contains(path) => {
                    if self.responder.handle_barrier_write(path, incarnation) {
                        self.locations.write(path, lane, number);
                    }
                    let _ = self.requester.handle_completion(now, id, Ok(Completion::Written));
                }
                Op::Read { path, lane, .. } if !cut.contains(path) => {
                    let number = self.locations.read(path, lane);
                    let _ = self.requester.handle_completion(now, id, Ok(Completion::Read(number)));
                }
                Op::Tell { via, message } if !cut.contains(via) => {
                    if let Some(acknowledgement) = self.responder.handle_supervisory(&message) {
                        let _ = self.requester.handle_supervisory(now, &acknowledgement);
                    }
                }
                _ => {}
            }
        }
    }

    /// Let time pass until something happens to a path; `None` if nothing has after a hundred deadlines.
    fn wait(&mut self, cut: PathSet) -> Option<PathEvent> {
        for _ in 0..100 {
            let now = self.requester.poll_timeout()?;
            self.requester.handle_timeout(now);
            self.carry(now, cut);
            if let Some(event) = self.requester.poll_event(now) {
                return Some(event);
            }
        }
        None
    }
}

/// Whether a cut path is given up by both ends, and used again by both once it is mended.
pub(crate) fn fail_and_return() -> bool {
    let [first, second, ..] = Path::ALL;
    let mut paths = PathSet::only(first);
    paths.insert(second);
    let config = RequesterPathsConfig::new(paths);
    let Ok(requester) = RequesterPaths::new(config, Counted::new(black_box(7))) else { return false };
    let mut responder = ResponderPaths::new(SUPERVISORY_VI, paths);
    if responder.open(VI).is_err() {
        return false;
    }
    let mut ends = Ends { requester, responder, locations: BarrierLocations::new() };

    let now = Duration::from_secs(black_box(5000));
    let stale = ends.requester.incarnation(second);
    let cut = PathSet::only(second);
    ends.requester.handle_request_timeout(now, second, now);
    ends.carry(now, cut);
    let given_up = ends.wait(cut) == Some(PathEvent::Down(second))
        && ends.requester.usable() == PathSet::only(first)
        && ends.responder.accepts(VI, second, stale).is_err();

    let up = ends.wait(PathSet::EMPTY) == Some(PathEvent::Up(second));
    let fresh = ends.requester.incarnation(second);
    given_up
        && up
        && ends.requester.usable() == paths
        && ends.responder.accepts(VI, second, fresh).is_ok()
        && ends.responder.accepts(VI, second, stale).is_err()
}
