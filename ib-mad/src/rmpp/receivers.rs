use core::time::Duration;

use super::receiver::{Received, Receiver};
use super::segment::{Control, Headers, SegmentView};
use super::{NotTakenReason, ReceiverLimits, RmppFailure, RmppPeer, TransferKey};
use crate::request::deadlines::{Deadlines, Queue};
use crate::request::per_node::PerNode;
use crate::transmit::Transmit;
use crate::types::Lid;
use crate::wire::{MAD_LENGTH, RmppStatus, RmppType};

/// Up to `N` transfers to this node at once (at most 65534; with 0 every one is refused), each with a [`Receiver`] of its own.
///
/// A first segment begins a transfer, whoever sends it: a node that only asks should drop what answers no open question
/// of its own and is not [known](Self::contains) here. When there is no room, in all or for the peer, the transfer that has ended and would be forgotten next makes
/// room; when all still run, the newcomer is told to stop, and nothing happens to the others. A peer with thousands of
/// half-open transfers so takes its own share, for the total time.
///
/// A segment costs `O(log N)` steps; a transfer that begins or ends moves at most `8 * N` bytes, and one that begins when there is no
/// room looks at all `N`. A place takes about `250 + 2 * CARRY` bytes. Nothing is allocated.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Receivers<const N: usize, const CARRY: usize = 256> {
    limits: ReceiverLimits,
    per_peer: u16,
    /// The latest time seen.
    now: Duration,
    places: [Option<Receiver<CARRY>>; N],
    /// Places: first those that are taken, by their keys, then the free ones.
    by_key: [u16; N],
    taken: usize,
    per_node: PerNode<N>,
    deadlines: Deadlines<N>,
    /// The transfer that was refused last, and to whom to say so.
    refused: Option<(RmppPeer, Headers)>,
}

/// A transfer has failed without a datagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct TransferExpired {
    /// The transfer.
    pub key: TransferKey,
    /// Why.
    pub failure: RmppFailure,
}

impl<const N: usize, const CARRY: usize> Receivers<N, CARRY> {
    const FITS: () = assert!(N < u16::MAX as usize, "there are up to 65534 places");

    /// No transfers. Of the `N` there can be, `per_peer` may come from one port.
    pub const fn new(limits: ReceiverLimits, per_peer: u16) -> Self {
        let () = Self::FITS;
        let mut by_key = [0; N];
        let mut place = 0;
        while place < N {
            by_key[place] = place as u16;
            place += 1;
        }
        Self {
            limits,
            per_peer,
            now: Duration::ZERO,
            places: [const { None }; N],
            by_key,
            taken: 0,
            per_node: PerNode::new(),
            deadlines: Deadlines::new(),
            refused: None,
        }
    }

    /// Take a datagram that `from` sent. On a port with a [`Sender`](super::Sender), offer it to that first: an acknowledgement of
    /// segment 0 and an abort can be for either.
    pub fn handle_segment<'a>(&'a mut self, now: Duration, from: RmppPeer, bytes: &'a [u8]) -> Received<'a> {
        let now = self.advance(now);
        let segment = match SegmentView::new(bytes) {
            Ok(segment) => segment,
            Err(reason) => return Received::NotTaken(reason),
        };
        let key = segment.key(from.lid);
        let place = match self.find(key) {
            Ok(index) => self.by_key[index].into(),
            Err(index) => {
                if segment.rmpp.kind() != RmppType::Data || segment.rmpp.segment() != 1 {
                    return Received::NotTaken(NotTakenReason::NoTransfer);
                }
                match self.insert(index, Receiver::begin(now, self.limits, from, segment)) {
                    Ok(place) => place,
                    Err(()) => {
                        self.refused = Some((from, Headers::reply_to(segment)));
                        return Received::Refused;
                    }
                }
            }
        };
        let none = Received::NotTaken(NotTakenReason::NoTransfer);
        let Some(receiver) = self.get_mut(place) else { return none };
        let before = (receiver.has_reply(), receiver.deadline());
        let verdict = receiver.judge(now, segment);
        // Most segments change neither: the queue of deadlines is then left alone.
        if (receiver.has_reply(), receiver.deadline()) != before {
            self.reschedule(place);
        }
        self.get_mut(place).map_or(none, |receiver| receiver.deliver(verdict, segment))
    }

    /// End a transfer: what it delivered cannot be used. Its sender is told `status`. Whether there was such a transfer.
    pub fn abort(&mut self, now: Duration, key: TransferKey, status: RmppStatus) -> bool {
        let now = self.advance(now);
        let Ok(index) = self.find(key) else { return false };
        let place = self.by_key[index].into();
        let Some(receiver) = self.get_mut(place).filter(|receiver| receiver.is_receiving()) else {
            return false;
        };
        receiver.abort_with(now, status);
        self.reschedule(place);
        true
    }

    /// Write the next datagram to send into `buffer`, all of it. Call it until it returns `None`, after each datagram:
    /// of refusals only the last one is remembered.
    pub fn poll_transmit(&mut self, now: Duration, buffer: &mut [u8; MAD_LENGTH]) -> Option<Transmit> {
        let now = self.advance(now);
        if let Some((peer, headers)) = self.refused.take() {
            headers.emit_control(Control::Stop, buffer);
            return Some(Transmit { to: peer.lid, service_level: peer.service_level, qpn: peer.qpn });
        }
        while let Some(place) = self.deadlines.first_due(Queue::Transmit, now) {
            let transmit = self.get_mut(place).and_then(|receiver| receiver.poll_transmit(buffer));
            self.reschedule(place);
            if transmit.is_some() {
                return transmit;
            }
        }
        None
    }

    /// The next transfer that took longer than it may. Call it until it returns `None`, then
    /// [`poll_transmit`](Self::poll_transmit) again: its sender is told.
    pub fn poll_event(&mut self, now: Duration) -> Option<TransferExpired> {
        let now = self.advance(now);
        while let Some(place) = self.deadlines.first_due(Queue::Expire, now) {
            let Some(receiver) = self.get_mut(place) else {
                self.deadlines.remove(place);
                continue;
            };
            let key = receiver.key();
            match receiver.poll_event(now) {
                Some(failure) => {
                    self.reschedule(place);
                    return Some(TransferExpired { key, failure });
                }
                None => self.remove(key),
            }
        }
        None
    }

    /// When to poll again, on the clock that `now` is from; a time in the past means at once. `None` without transfers.
    pub fn poll_timeout(&self) -> Option<Duration> {
        if self.refused.is_some() { Some(self.now) } else { self.deadlines.earliest() }
    }

    /// Transfers, those included that have ended and are remembered.
    pub const fn len(&self) -> usize {
        self.taken
    }

    /// Whether nothing is known of any transfer.
    pub const fn is_empty(&self) -> bool {
        self.taken == 0
    }

    /// Transfers of one peer, those included that have ended and are remembered.
    pub fn len_of(&self, peer: Lid) -> u16 {
        self.per_node.in_flight(peer)
    }

    /// Whether a transfer is known: it runs, or has ended and is remembered.
    pub fn contains(&self, key: TransferKey) -> bool {
        self.find(key).is_ok()
    }

    /// Whether a transfer runs.
    pub fn is_receiving(&self, key: TransferKey) -> bool {
        self.get(key).is_some_and(Receiver::is_receiving)
    }

    /// Segments that the answer to a message may begin with: 1 where the peer did not say.
    pub fn reply_window(&self, key: TransferKey) -> u32 {
        self.get(key).map_or(1, Receiver::reply_window)
    }

    /// Make every deadline earlier by `epoch`, as if the clock had been set back by as much.
    #[doc(hidden)]
    pub fn rebase(&mut self, epoch: Duration) {
        self.now = self.now.saturating_sub(epoch);
        self.places.iter_mut().flatten().for_each(|receiver| receiver.rebase(epoch));
        self.deadlines.rebase(epoch);
    }

    fn advance(&mut self, now: Duration) -> Duration {
        self.now = self.now.max(now);
        self.now
    }

    fn get(&self, key: TransferKey) -> Option<&Receiver<CARRY>> {
        let index = self.find(key).ok()?;
        self.places[usize::from(self.by_key[index])].as_ref()
    }

    fn get_mut(&mut self, place: usize) -> Option<&mut Receiver<CARRY>> {
        self.places.get_mut(place)?.as_mut()
    }

    fn find(&self, key: TransferKey) -> Result<usize, usize> {
        self.by_key[..self.taken].binary_search_by_key(&Some(key), |place| {
            self.places[usize::from(*place)].as_ref().map(Receiver::key)
        })
    }

    /// Put a transfer in; `index` is where its place goes among those that are taken.
    fn insert(&mut self, mut index: usize, receiver: Receiver<CARRY>) -> Result<usize, ()> {
        let key = receiver.key();
        let peer_is_full = self.per_node.in_flight(key.peer) >= self.per_peer;
        if peer_is_full || self.taken == N {
            let oldest = self.longest_ended(peer_is_full.then_some(key.peer)).ok_or(())?;
            self.remove(oldest);
            index = self.find(key).err().ok_or(())?;
        }
        let place = self.by_key[self.taken];
        self.by_key.copy_within(index..self.taken, index + 1);
        self.by_key[index] = place;
        self.taken += 1;
        self.per_node.add(key.peer, 1);
        let place = place.into();
        self.places[place] = Some(receiver);
        self.reschedule(place);
        Ok(place)
    }

    /// The transfer, of one peer or of all, that has ended and would be forgotten next.
    fn longest_ended(&self, of: Option<Lid>) -> Option<TransferKey> {
        let ended = self.places.iter().flatten().filter(|receiver| !receiver.is_receiving());
        ended
            .filter(|receiver| of.is_none_or(|peer| receiver.key().peer == peer))
            .min_by_key(|receiver| (receiver.deadline(), receiver.key()))
            .map(Receiver::key)
    }

    fn remove(&mut self, key: TransferKey) {
        let Ok(index) = self.find(key) else { return };
        let place = self.by_key[index];
        self.by_key.copy_within(index + 1..self.taken, index);
        self.taken -= 1;
        self.by_key[self.taken] = place;
        self.places[usize::from(place)] = None;
        self.deadlines.remove(place.into());
        self.per_node.remove_one(key.peer);
    }

    fn reschedule(&mut self, place: usize) {
        if let Some(receiver) = self.places.get(place).and_then(Option::as_ref) {
            // At once when there is something to send.
            if receiver.has_reply() {
                self.deadlines.schedule(place, Queue::Transmit, self.now);
            } else {
                self.deadlines.schedule(place, Queue::Expire, receiver.deadline());
            }
        }
    }
}
