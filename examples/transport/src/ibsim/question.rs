//! Questions that a client asks for its own sake, by a directed route without hops.

use ib_mad::wire::MAD_LENGTH;
use ib_mad::{Lid, Qpn, ServiceLevel};

use crate::channel::Outgoing;

const NODE_INFO: u16 = 0x11;
const SM_INFO: u16 = 0x20;
const GET: u8 = 0x01;
const GET_RESP: u8 = 0x81;
/// The part of a transaction id that ibsim leaves alone, in the last question: nobody counts that far.
const LAST: u64 = 0xFFFF_6C61_7374;

/// SubnGet(SMInfo): ibsim leaves the answer to the receiver of the node.
pub(super) fn for_receiver() -> Outgoing {
    question(SM_INFO, 1)
}

/// SubnGet(NodeInfo): ibsim answers itself, after everything that was sent before.
pub(super) fn last() -> Outgoing {
    question(NODE_INFO, LAST)
}

/// Whether a datagram answers [`last`].
pub(super) fn is_last_answer(mad: &[u8; MAD_LENGTH]) -> bool {
    mad[1] == 0x81 && mad[3] == GET_RESP && mad[10..16] == LAST.to_be_bytes()[2..]
}

fn question(attribute: u16, transaction_id: u64) -> Outgoing {
    let mut mad = [0; MAD_LENGTH];
    // Base version, class (directed route), class version, method.
    mad[..4].copy_from_slice(&[1, 0x81, 1, GET]);
    mad[8..16].copy_from_slice(&transaction_id.to_be_bytes());
    mad[16..18].copy_from_slice(&attribute.to_be_bytes());
    // Both LIDs of the directed route: it starts and ends here.
    mad[32..36].fill(0xFF);
    Outgoing { to: Lid::PERMISSIVE, service_level: ServiceLevel::default(), qpn: Qpn::SUBNET_MANAGEMENT, mad }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_answer_is_known_whatever_the_client_number() {
        let mut mad = last().mad;
        assert!(!is_last_answer(&mad), "a question is no answer");
        mad[3] = GET_RESP;
        mad[9] = 7;
        assert!(is_last_answer(&mad));
        mad[15] ^= 1;
        assert!(!is_last_answer(&mad));
    }
}
