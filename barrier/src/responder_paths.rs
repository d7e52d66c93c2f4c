use crate::path::PerPath;
use crate::serial::is_older;
use crate::{Incarnation, OpenError, Path, PathSet, Refused, Supervisory, SupervisoryKind};

/// What the responder accepts from one requester: on which paths, for each VI, and since which incarnation.
///
/// At most `VIS` VIs are open, the supervisory VI not counted. The vector of paths is that of US 6,545,981 B1, columns 10
/// and 11; incarnations are not of the patent.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ResponderPaths<const VIS: usize> {
    supervisory_vi: u32,
    /// The paths that exist.
    paths: PathSet,
    /// The paths that are not disabled.
    accepted: PathSet,
    /// The incarnation of the newest barrier: where a VI that is opened begins.
    floors: PerPath<Incarnation>,
    /// The newest message about each path.
    messages: PerPath<Heard>,
    /// The open ones, in the order of their numbers, and after them empty places.
    vis: [Option<Vi>; VIS],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Heard {
    number: u32,
    kind: SupervisoryKind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Vi {
    number: u32,
    permitted: PathSet,
    /// The newest incarnation that a packet of it or a barrier had, on each path.
    floors: PerPath<Incarnation>,
}

impl<const VIS: usize> ResponderPaths<VIS> {
    /// Every one of `paths` is accepted; no VI is open but the supervisory one.
    #[must_use]
    pub fn new(supervisory_vi: u32, paths: PathSet) -> Self {
        Self {
            supervisory_vi,
            paths,
            accepted: paths,
            floors: PerPath::from_fn(|_| Incarnation::default()),
            messages: PerPath::from_fn(|_| Heard { number: 0, kind: SupervisoryKind::PathUp }),
            vis: [None; VIS],
        }
    }

    /// Open a VI on every path.
    ///
    /// # Errors
    /// [`OpenError`]: it is open, is the supervisory VI, or there is no room.
    pub fn open(&mut self, vi: u32) -> Result<(), OpenError> {
        self.open_on(vi, PathSet::ALL)
    }

    /// Open a VI whose requests are permitted on some paths only.
    ///
    /// # Errors
    /// [`OpenError`]: it is open, is the supervisory VI, or there is no room.
    pub fn open_on(&mut self, vi: u32, permitted: PathSet) -> Result<(), OpenError> {
        if vi == self.supervisory_vi {
            return Err(OpenError::Supervisory { vi });
        }
        let Err(place) = self.find(vi) else { return Err(OpenError::AlreadyOpen { vi }) };
        // The last place is empty unless all are taken.
        match self.vis.last() {
            Some(None) => {}
            Some(Some(_)) | None => return Err(OpenError::Full { limit: VIS }),
        }
        self.vis[place..].rotate_right(1);
        self.vis[place] = Some(Vi { number: vi, permitted, floors: self.floors });
        Ok(())
    }

    /// Close a VI. Returns whether it was open.
    pub fn close(&mut self, vi: u32) -> bool {
        let found = self.find(vi);
        if let Ok(place) = found {
            self.vis[place] = None;
            self.vis[place..].rotate_left(1);
        }
        found.is_ok()
    }

    /// The paths on which requests of an open VI are accepted.
    #[must_use]
    pub fn vector(&self, vi: u32) -> Option<PathSet> {
        let place = self.find(vi).ok()?;
        self.vis[place].map(|vi| vi.permitted.intersection(self.accepted))
    }

    /// Whether a request is to be accepted. The newest incarnation of an accepted one becomes the floor of its VI on the
    /// path: later packets with older ones are stale.
    ///
    /// The supervisory VI is accepted on every path, so that a disabled path can be probed.
    ///
    /// # Errors
    /// [`Refused`] says why not; nothing has changed then.
    #[inline]
    pub fn accepts(&mut self, vi: u32, path: Path, incarnation: Incarnation) -> Result<(), Refused> {
        if vi == self.supervisory_vi {
            return Ok(());
        }
        let place = self.find(vi).map_err(|_| Refused::UnknownVi)?;
        let Some(vi) = &mut self.vis[place] else { return Err(Refused::UnknownVi) };
        if !self.accepted.contains(path) || !vi.permitted.contains(path) {
            return Err(Refused::PathNotAccepted);
        }
        let floor = &mut vi.floors[path];
        if incarnation.is_older_than(*floor) {
            return Err(Refused::OldIncarnation);
        }
        *floor = incarnation;
        Ok(())
    }

    /// A barrier's write has arrived on this path: packets of every VI with older incarnations are refused from now on.
    ///
    /// Returns whether the number is to be kept. That of a barrier older than one already seen is not: it was overtaken,
    /// and nobody waits for it.
    pub fn handle_barrier_write(&mut self, path: Path, incarnation: Incarnation) -> bool {
        let is_current = !incarnation.is_older_than(self.floors[path]);
        if is_current {
            self.floors[path] = incarnation;
            for vi in self.vis.iter_mut().flatten() {
                vi.floors[path] = vi.floors[path].newest(incarnation);
            }
        }
        is_current
    }

    /// Do what the requester says about a path, and return the acknowledgement to send back.
    ///
    /// A repetition is acknowledged again. What is older than the latest message about the path does nothing and is not
    /// answered; nor is what a requester does not say, or says about a path that does not exist.
    ///
    /// The caller has made sure that it comes from the requester.
    pub fn handle_supervisory(&mut self, message: &Supervisory) -> Option<Supervisory> {
        let Supervisory { kind, path, number } = *message;
        let answer = match kind {
            SupervisoryKind::PathDown => SupervisoryKind::PathDownAcknowledge,
            SupervisoryKind::PathUp => SupervisoryKind::PathUpAcknowledge,
            SupervisoryKind::PathDownAcknowledge | SupervisoryKind::PathUpAcknowledge => return None,
        };
        let heard = &mut self.messages[path];
        let is_new = is_older(heard.number, number);
        let is_repeated = *heard == Heard { number, kind };
        if !self.paths.contains(path) || !(is_new || is_repeated) {
            return None;
        }
        *heard = Heard { number, kind };
        if kind == SupervisoryKind::PathUp {
            self.accepted.insert(path);
        } else {
            self.accepted.remove(path);
        }
        Some(Supervisory { kind: answer, path, number })
    }

    /// The place of an open VI, or the one that it would have.
    fn find(&self, vi: u32) -> Result<usize, usize> {
        // Empty places come last.
        self.vis.binary_search_by_key(&(false, vi), |place| place.map_or((true, 0), |vi| (false, vi.number)))
    }
}
