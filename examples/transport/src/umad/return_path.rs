//! How requests came, where that is not how this port sends by itself: an answer goes back the same way.
//!
//! A request may come in another partition than the channel's, to another LID of the port than its first, or with a global
//! route. Its sender takes the answer only by the reverse of that path (IBTA volume 1, 13.5.4).

use std::collections::{BTreeMap, VecDeque};

use ib_mad::wire::MadHeaderView;
use ib_mad::{Lid, TransactionId};

use super::message::{GlobalRoute, UmadAddress};
use super::outgoing::is_answer;

/// Requests that are remembered; older ones are answered the usual way.
const REMEMBERED: usize = 1024;

/// What tells one request from another: who asked, and its transaction id.
type Key = (Lid, TransactionId);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct ReturnPath {
    p_key_index: u16,
    path_bits: u8,
    route: Option<GlobalRoute>,
}

/// The unusual ways of requests that may still be answered.
#[derive(Debug)]
pub(super) struct ReturnPaths {
    usual: ReturnPath,
    paths: BTreeMap<Key, ReturnPath>,
    order: VecDeque<Key>,
}

impl ReturnPaths {
    /// No request yet; the channel's own partition is at this index.
    pub(super) fn new(p_key_index: u16) -> Self {
        let usual = ReturnPath { p_key_index, path_bits: 0, route: None };
        Self { usual, paths: BTreeMap::new(), order: VecDeque::new() }
    }

    /// A request came from an address.
    pub(super) fn note(&mut self, header: &MadHeaderView, address: &UmadAddress) {
        let UmadAddress { p_key_index, path_bits, route, .. } = *address;
        let (key, path) =
            ((address.lid, header.transaction_id()), ReturnPath { p_key_index, path_bits, route });
        if path == self.usual {
            return;
        }
        if self.paths.insert(key, path).is_none() {
            self.order.push_back(key);
        }
        if self.order.len() > REMEMBERED
            && let Some(oldest) = self.order.pop_front()
        {
            self.paths.remove(&oldest);
        }
    }

    /// The address of a datagram that is about to go out: of an answer, as its request came.
    pub(super) fn apply(&self, header: &MadHeaderView, address: UmadAddress) -> UmadAddress {
        match self.paths.get(&(address.lid, header.transaction_id())) {
            Some(ReturnPath { p_key_index, path_bits, route }) if is_answer(header) => {
                UmadAddress { p_key_index: *p_key_index, path_bits: *path_bits, route: *route, ..address }
            }
            _ => address,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ib_mad::wire::{Attribute, MAD_LENGTH, MadHeader};
    use ib_mad::{Gid, Qpn, ServiceLevel};

    const ROUTE: GlobalRoute = GlobalRoute {
        destination: Gid([7; 16]),
        gid_index: 1,
        hop_limit: 3,
        traffic_class: 9,
        flow_label: 5,
    };

    fn mad(method: u8, id: u64) -> [u8; MAD_LENGTH] {
        let mut mad = [0; MAD_LENGTH];
        mad[..4].copy_from_slice(&[1, 3, 2, method]);
        mad[8..16].copy_from_slice(&id.to_be_bytes());
        mad
    }

    fn usual(lid: u16) -> UmadAddress {
        let address = UmadAddress::new(Lid(lid), ServiceLevel::default(), Qpn::GENERAL_SERVICES);
        UmadAddress { p_key_index: 2, ..address }
    }

    fn note(paths: &mut ReturnPaths, id: u64, address: UmadAddress) {
        paths.note(MadHeader::view(&mad(0x12, id)).unwrap(), &address);
    }

    fn apply(paths: &ReturnPaths, method: u8, id: u64, address: UmadAddress) -> UmadAddress {
        paths.apply(MadHeader::view(&mad(method, id)).unwrap(), address)
    }

    #[test]
    fn every_segment_of_an_answer_goes_back_as_its_request_came() {
        let mut paths = ReturnPaths::new(2);
        let unusual = [
            UmadAddress { p_key_index: 5, ..usual(7) },
            UmadAddress { path_bits: 3, ..usual(7) },
            UmadAddress { route: Some(ROUTE), ..usual(7) },
        ];
        for (id, came) in (0..).zip(unusual) {
            note(&mut paths, id, came);
            assert_eq!(apply(&paths, 0x92, id, usual(7)), came);
            assert_eq!(apply(&paths, 0x92, id, usual(7)), came, "the next segment");
            assert_eq!(apply(&paths, 0x12, id, usual(7)), usual(7), "a question of our own");
            assert_eq!(apply(&paths, 0x92, id, usual(8)), usual(8), "another's");
            assert_eq!(apply(&paths, 0x92, id + 100, usual(7)), usual(7), "another request's");
        }
    }

    #[test]
    fn what_came_as_usual_takes_no_memory_and_the_rest_a_bounded_one() {
        let mut paths = ReturnPaths::new(2);
        note(&mut paths, 1, usual(7));
        assert!(paths.paths.is_empty());
        for id in 0..3000 {
            note(&mut paths, id, UmadAddress { p_key_index: 5, ..usual(7) });
        }
        assert_eq!((paths.paths.len(), paths.order.len()), (REMEMBERED, REMEMBERED));
        assert_eq!(apply(&paths, 0x92, 0, usual(7)), usual(7));
        assert_eq!(apply(&paths, 0x92, 2999, usual(7)).p_key_index, 5);
    }
}
