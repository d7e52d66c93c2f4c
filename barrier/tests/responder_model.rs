//! The responder's table against a model: a history that is searched from end to end.

extern crate alloc;

use alloc::collections::BTreeMap;

use barrier::{Incarnation, OpenError, Path, PathSet, Refused, ResponderPaths, Supervisory, SupervisoryKind};
use quickcheck::quickcheck;

const SUPERVISORY_VI: u32 = 0;
const VIS: usize = 3;
/// One path does not exist.
const PATHS: PathSet = PathSet::from_bits(0b0111);

/// What happened on a path.
enum Entry {
    Accepted { vi: u32, path: Path, incarnation: u32 },
    Written { path: Path, incarnation: u32 },
    Obeyed { path: Path, number: u32, kind: SupervisoryKind },
}

#[derive(Default)]
struct Model {
    history: Vec<Entry>,
    /// Open VIs: their permitted paths, and how long the history was when they were opened.
    open: BTreeMap<u32, (PathSet, usize)>,
}

impl Model {
    fn open(&mut self, vi: u32, permitted: PathSet) -> Result<(), OpenError> {
        match vi {
            SUPERVISORY_VI => Err(OpenError::Supervisory { vi }),
            _ if self.open.contains_key(&vi) => Err(OpenError::AlreadyOpen { vi }),
            _ if self.open.len() == VIS => Err(OpenError::Full { limit: VIS }),
            _ => {
                self.open.insert(vi, (permitted, self.history.len()));
                Ok(())
            }
        }
    }

    fn is_up(&self, path: Path) -> bool {
        let last = self.obeyed(path).last();
        PATHS.contains(path) && last.is_none_or(|(_, kind)| kind == SupervisoryKind::PathUp)
    }

    fn obeyed(&self, about: Path) -> impl Iterator<Item = (u32, SupervisoryKind)> {
        self.history.iter().filter_map(move |entry| match entry {
            Entry::Obeyed { path, number, kind } if *path == about => Some((*number, *kind)),
            _ => None,
        })
    }

    fn vector(&self, vi: u32) -> Option<PathSet> {
        let (permitted, _) = self.open.get(&vi)?;
        Some(permitted.iter().filter(|path| self.is_up(*path)).collect())
    }

    fn accepts(&mut self, vi: u32, path: Path, incarnation: u32) -> Result<(), Refused> {
        if vi == SUPERVISORY_VI {
            return Ok(());
        }
        let Some((_, opened)) = self.open.get(&vi) else { return Err(Refused::UnknownVi) };
        if !self.vector(vi).is_some_and(|vector| vector.contains(path)) {
            return Err(Refused::PathNotAccepted);
        }
        let is_newer = |(place, entry): (usize, &Entry)| match *entry {
            Entry::Accepted { vi: of, path: on, incarnation: newer } => {
                of == vi && on == path && newer > incarnation && place >= *opened
            }
            Entry::Written { path: on, incarnation: newer } => on == path && newer > incarnation,
            Entry::Obeyed { .. } => false,
        };
        if self.history.iter().enumerate().any(is_newer) {
            return Err(Refused::OldIncarnation);
        }
        self.history.push(Entry::Accepted { vi, path, incarnation });
        Ok(())
    }

    fn write(&mut self, path: Path, incarnation: u32) -> bool {
        let is_newer = |entry: &Entry| match *entry {
            Entry::Written { path: on, incarnation: newer } => on == path && newer > incarnation,
            Entry::Accepted { .. } | Entry::Obeyed { .. } => false,
        };
        let is_overtaken = self.history.iter().any(is_newer);
        self.history.push(Entry::Written { path, incarnation });
        !is_overtaken
    }

    fn hear(&mut self, kind: SupervisoryKind, path: Path, number: u32) -> Option<Supervisory> {
        let answer = match kind {
            SupervisoryKind::PathDown => SupervisoryKind::PathDownAcknowledge,
            SupervisoryKind::PathUp => SupervisoryKind::PathUpAcknowledge,
            _ => return None,
        };
        let is_heeded = self.obeyed(path).all(|before| number > before.0 || before == (number, kind));
        if !PATHS.contains(path) || !is_heeded {
            return None;
        }
        self.history.push(Entry::Obeyed { path, number, kind });
        Some(Supervisory { kind: answer, path, number })
    }
}

const KINDS: [SupervisoryKind; 4] = [
    SupervisoryKind::PathDown,
    SupervisoryKind::PathUp,
    SupervisoryKind::PathDownAcknowledge,
    SupervisoryKind::PathUpAcknowledge,
];

quickcheck! {
    fn the_table_does_what_the_history_says(actions: Vec<(u8, u8, u8, u8)>) -> bool {
        let mut responder: ResponderPaths<VIS> = ResponderPaths::new(SUPERVISORY_VI, PATHS);
        let mut model = Model::default();
        actions.into_iter().all(|(action, vi, path, number)| {
            let vi = u32::from(vi % 6);
            let path = Path::ALL[usize::from(path % 4)];
            let small = u32::from(number % 12);
            let is_same = match action % 12 {
                0 => responder.open(vi) == model.open(vi, PathSet::ALL),
                1 => {
                    let permitted = PathSet::from_bits(number);
                    responder.open_on(vi, permitted) == model.open(vi, permitted)
                }
                2 => responder.close(vi) == model.open.remove(&vi).is_some(),
                3 => responder.handle_barrier_write(path, Incarnation(small)) == model.write(path, small),
                4..=6 => {
                    let kind = KINDS[usize::from(action / 12 % 4)];
                    let message = Supervisory { kind, path, number: 1 + small };
                    responder.handle_supervisory(&message) == model.hear(kind, path, 1 + small)
                }
                _ => responder.accepts(vi, path, Incarnation(small)) == model.accepts(vi, path, small),
            };
            is_same && (0..6).all(|vi| responder.vector(vi) == model.vector(vi))
        })
    }
}
