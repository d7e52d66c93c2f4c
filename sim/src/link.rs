use alloc::collections::VecDeque;

/// One direction of a link: a bounded queue that can lose, repeat and reorder what is on the way.
///
/// What travels on it is the caller's: bytes, or something parsed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Link<M> {
    queue: VecDeque<M>,
    capacity: usize,
}

/// What a link can do with the message at its head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkStep {
    /// It arrives.
    Deliver,
    /// It is lost.
    Lose,
    /// A copy of it joins the end of the queue.
    Duplicate,
    /// It falls back to the end of the queue: the others overtake it.
    Delay,
}

impl LinkStep {
    /// Whether the step is anything but a delivery.
    pub const fn is_fault(self) -> bool {
        !matches!(self, Self::Deliver)
    }
}

/// How many faults may still happen. A finite number keeps an exhaustive search finite.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Faults {
    /// Messages that may still be lost.
    pub losses: u32,
    /// Messages that may still be repeated.
    pub duplicates: u32,
    /// Messages that may still be overtaken.
    pub delays: u32,
}

impl Faults {
    /// No faults.
    pub const NONE: Self = Self { losses: 0, duplicates: 0, delays: 0 };
    /// Faults without end, for walks.
    pub const UNLIMITED: Self = Self { losses: u32::MAX, duplicates: u32::MAX, delays: u32::MAX };

    /// Take one from a budget, of a link's faults or of a world's own; one of `u32::MAX` has no end.
    pub fn spend(budget: &mut u32) {
        if *budget != u32::MAX {
            *budget = budget.saturating_sub(1);
        }
    }
}

impl<M: Clone> Link<M> {
    /// A link on which at most `capacity` messages are on the way.
    pub fn new(capacity: usize) -> Self {
        Self { queue: VecDeque::new(), capacity }
    }

    /// Send a message. A full link drops it, as a switch without a free buffer does, and returns `false`.
    pub fn send(&mut self, message: M) -> bool {
        let has_room = self.queue.len() < self.capacity;
        if has_room {
            self.queue.push_back(message);
        }
        has_room
    }

    /// What can happen on the link now.
    pub fn steps(&self, faults: &Faults) -> impl Iterator<Item = LinkStep> + use<M> {
        let waiting = self.queue.len();
        let has_room = waiting < self.capacity;
        [
            (LinkStep::Deliver, waiting > 0),
            (LinkStep::Lose, waiting > 0 && faults.losses > 0),
            (LinkStep::Duplicate, waiting > 0 && faults.duplicates > 0 && has_room),
            (LinkStep::Delay, waiting > 1 && faults.delays > 0),
        ]
        .into_iter()
        .filter_map(|(step, possible)| possible.then_some(step))
    }

    /// Let a step happen, at the cost of `faults` if it is one, and return the message that arrives by it. On an empty
    /// link nothing happens.
    pub fn step(&mut self, step: LinkStep, faults: &mut Faults) -> Option<M> {
        let head = self.queue.pop_front()?;
        match step {
            LinkStep::Deliver => return Some(head),
            LinkStep::Lose => Faults::spend(&mut faults.losses),
            LinkStep::Duplicate => {
                Faults::spend(&mut faults.duplicates);
                self.queue.push_back(head.clone());
                self.queue.push_front(head);
            }
            LinkStep::Delay => {
                Faults::spend(&mut faults.delays);
                self.queue.push_back(head);
            }
        }
        None
    }

    /// The messages on the way, the next to arrive first.
    pub fn in_flight(&self) -> impl Iterator<Item = &M> {
        self.queue.iter()
    }

    /// Whether nothing is on the way.
    pub fn is_empty(&self) -> bool {
        self.queue.is_empty()
    }

    /// Lose everything that is on the way: the cable was cut.
    pub fn cut(&mut self) {
        self.queue.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quickcheck::quickcheck;

    fn filled(messages: &[u8]) -> Link<u8> {
        let mut link = Link::new(4);
        for message in messages {
            assert!(link.send(*message));
        }
        link
    }

    fn waiting(link: &Link<u8>) -> Vec<u8> {
        link.in_flight().copied().collect()
    }

    #[test]
    fn each_step_does_what_its_name_says() {
        let mut faults = Faults { losses: 1, duplicates: 1, delays: 1 };
        let mut link = filled(&[1, 2, 3]);
        assert_eq!(link.step(LinkStep::Delay, &mut faults), None);
        assert_eq!(waiting(&link), [2, 3, 1]);
        assert_eq!(link.step(LinkStep::Duplicate, &mut faults), None);
        assert_eq!(waiting(&link), [2, 3, 1, 2]);
        assert_eq!(link.step(LinkStep::Lose, &mut faults), None);
        assert_eq!(waiting(&link), [3, 1, 2]);
        assert_eq!(link.step(LinkStep::Deliver, &mut faults), Some(3));
        assert_eq!(faults, Faults::NONE);
        assert_eq!(link.steps(&faults).collect::<Vec<_>>(), [LinkStep::Deliver]);
    }

    #[test]
    fn a_full_link_drops_and_repeats_nothing() {
        let mut link = filled(&[1, 2, 3, 4]);
        assert!(!link.send(5));
        assert!(!link.steps(&Faults::UNLIMITED).any(|step| step == LinkStep::Duplicate));
        link.cut();
        assert!(link.is_empty() && link.steps(&Faults::UNLIMITED).next().is_none());
    }

    #[test]
    fn unlimited_faults_are_not_used_up() {
        let mut faults = Faults::UNLIMITED;
        filled(&[1]).step(LinkStep::Lose, &mut faults);
        assert_eq!(faults, Faults::UNLIMITED);
    }

    quickcheck! {
        /// No step makes a message out of nothing, or takes one away that no step accounts for.
        fn messages_are_conserved(choices: Vec<u8>) -> bool {
            let mut link = Link::new(4);
            let mut faults = Faults { losses: 5, duplicates: 5, delays: 5 };
            let (mut sent, mut delivered) = (0, 0);
            for choice in choices {
                let steps: Vec<_> = link.steps(&faults).collect();
                match steps.get(usize::from(choice % 5)) {
                    Some(step) => delivered += u32::from(link.step(*step, &mut faults).is_some()),
                    None => sent += u32::from(link.send(choice)),
                }
            }
            let on_the_way = u32::try_from(link.in_flight().count()).unwrap();
            sent + (5 - faults.duplicates) == delivered + (5 - faults.losses) + on_the_way && on_the_way <= 4
        }
    }
}
