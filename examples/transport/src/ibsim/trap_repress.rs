//! A TrapRepress, which ibsim drops.
//!
//! Whoever sent the trap then never hears that it arrived. OpenSM counts its trap 144, by which a manager of higher priority asks the
//! master to hand over, among the requests that it waits for before it brings the subnet up, and under ibsim's preloaded library no kernel
//! ends that wait: the heir of any manager on ibsim, one of OpenSM's too, stands still for ever. An answer with the trap's
//! transaction id comes through, with the status that its sender gave it. So a TrapRepress travels as an answer that says what the
//! kernel would say in the end, that the time for an answer is over; this end of ibsim's protocol turns it back.

use ib_mad::wire::{AttributeId, MAD_LENGTH, ManagementClass, Method};

const CLASS: usize = 1;
const METHOD: usize = 3;
const ATTRIBUTE: core::ops::Range<usize> = 16..18;

fn is(mad: &[u8; MAD_LENGTH], method: Method) -> bool {
    mad[CLASS] == ManagementClass::SUBNET_LID_ROUTED.0
        && mad[METHOD] == method.0
        && mad[ATTRIBUTE] == AttributeId::NOTICE.0.to_be_bytes()
}

/// Make a TrapRepress into something that ibsim lets through; whether it was one.
pub(super) fn dress(mad: &mut [u8; MAD_LENGTH]) -> bool {
    let is_repress = is(mad, Method::TRAP_REPRESS);
    if is_repress {
        mad[METHOD] = Method::GET_RESP.0;
    }
    is_repress
}

/// Make it a TrapRepress again; whether it was one. ibsim's agents have no Notice to answer with.
pub(super) fn undress(mad: &mut [u8; MAD_LENGTH]) -> bool {
    let is_dressed = is(mad, Method::GET_RESP);
    if is_dressed {
        mad[METHOD] = Method::TRAP_REPRESS.0;
    }
    is_dressed
}

#[cfg(test)]
mod tests {
    use super::*;

    fn datagram(class: ManagementClass, method: Method, attribute: AttributeId) -> [u8; MAD_LENGTH] {
        let mut mad = core::array::from_fn(|at| at as u8);
        (mad[CLASS], mad[METHOD]) = (class.0, method.0);
        mad[ATTRIBUTE].copy_from_slice(&attribute.0.to_be_bytes());
        mad
    }

    #[test]
    fn it_travels_as_an_answer_and_comes_out_as_it_went_in() {
        let sent = datagram(ManagementClass::SUBNET_LID_ROUTED, Method::TRAP_REPRESS, AttributeId::NOTICE);
        let mut mad = sent;
        assert!(dress(&mut mad));
        assert_eq!(mad, datagram(ManagementClass::SUBNET_LID_ROUTED, Method::GET_RESP, AttributeId::NOTICE));
        assert!(undress(&mut mad));
        assert_eq!(mad, sent);
    }

    #[test]
    fn everything_else_is_left_as_it_is() {
        let (own, other) = (ManagementClass::SUBNET_LID_ROUTED, ManagementClass::SUBNET_ADMINISTRATION);
        for (class, method, attribute) in [
            (other, Method::TRAP_REPRESS, AttributeId::NOTICE),
            (other, Method::GET_RESP, AttributeId::NOTICE),
            (own, Method::TRAP, AttributeId::NOTICE),
            (own, Method::GET_RESP, AttributeId::SM_INFO),
        ] {
            let sent = datagram(class, method, attribute);
            let mut mad = sent;
            assert!(!dress(&mut mad) && !undress(&mut mad));
            assert_eq!(mad, sent, "{method} {attribute}");
        }
    }
}
