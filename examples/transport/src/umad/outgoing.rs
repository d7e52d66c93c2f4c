//! What the kernel has to know of a datagram before it goes out.

use core::ops::RangeInclusive;
use core::time::Duration;

use ib_mad::wire::{
    Attribute, AttributeId, MAD_LENGTH, MadHeaderView, ManagementClass, Method, RmppFlags, RmppHeader,
    RmppType,
};

use super::agents::{MethodMask, Registration};

/// How long the kernel is to take an answer: longer than any request of this workspace waits for one, and than a
/// subnet manager takes to sweep a large subnet.
const ANSWER: Duration = Duration::from_secs(10);
const DEVICE_MANAGEMENT: ManagementClass = ManagementClass(0x06);
const COMMUNICATION_MANAGEMENT: ManagementClass = ManagementClass(0x07);
/// Communication management's only method: its requests and answers are told apart by their attributes.
const SEND: Method = Method(0x03);
/// The vendors' classes that segment.
const VENDORS: RangeInclusive<u8> = 0x30..=0x4F;

/// The kind of agent that a datagram goes out by.
pub(super) fn agent(header: &MadHeaderView, mad: &[u8; MAD_LENGTH]) -> Registration {
    let class = header.class();
    let agent = Registration::new(class, header.class_version());
    if class == COMMUNICATION_MANAGEMENT {
        return Registration { methods: MethodMask::NONE.with(SEND), ..agent };
    }
    let oui = if VENDORS.contains(&class.0) { u32::from_be_bytes([0, mad[37], mad[38], mad[39]]) } else { 0 };
    Registration { oui, ..agent }
}

/// The requests that are to be expected once a datagram has been sent: whoever subscribes wants the Reports.
pub(super) fn expected_requests(header: &MadHeaderView) -> Option<Registration> {
    let subscribes = (header.class(), header.method(), header.attribute_id())
        == (ManagementClass::SUBNET_ADMINISTRATION, Method::SET, AttributeId::INFORM_INFO);
    subscribes.then(|| Registration {
        methods: MethodMask::NONE.with(Method::REPORT),
        ..Registration::new(header.class(), header.class_version())
    })
}

/// Whether this answers a request, as the kernel sees it: it leaves the transaction id alone, and waits for nothing.
pub(super) fn is_answer(header: &MadHeaderView) -> bool {
    header.method().is_response() || header.method() == Method::TRAP_REPRESS
}

/// How long the kernel is to wait for an answer to a datagram; `None` when none comes.
pub(super) fn answer_timeout(header: &MadHeaderView, mad: &[u8; MAD_LENGTH]) -> Option<Duration> {
    let class = header.class();
    let ends_its_direction = || {
        let segments = matches!(class, ManagementClass::SUBNET_ADMINISTRATION | DEVICE_MANAGEMENT)
            || VENDORS.contains(&class.0);
        match RmppHeader::view(&mad[24..]) {
            Ok(rmpp) if segments && rmpp.flags().contains(RmppFlags::ACTIVE) => {
                rmpp.kind() == RmppType::Data && rmpp.flags().contains(RmppFlags::LAST)
            }
            _ => true,
        }
    };
    let is_request = !is_answer(header) && class != COMMUNICATION_MANAGEMENT;
    (is_request && ends_its_direction()).then_some(ANSWER)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ib_mad::wire::MadHeader;

    fn mad(class: u8, method: u8, attribute: u16) -> [u8; MAD_LENGTH] {
        let mut mad = [0; MAD_LENGTH];
        mad[..4].copy_from_slice(&[1, class, 2, method]);
        mad[16..18].copy_from_slice(&attribute.to_be_bytes());
        mad
    }

    fn waits(mad: &[u8; MAD_LENGTH]) -> bool {
        answer_timeout(MadHeader::view(mad).unwrap(), mad).is_some()
    }

    #[test]
    fn the_kernel_waits_for_answers_to_requests_alone() {
        for (class, method, expected) in [
            (3, 0x01, true),
            (3, 0x02, true),
            (3, 0x12, true),
            (1, 0x05, true),
            (0x81, 0x01, true),
            (3, 0x06, true),
            (3, 0x81, false),
            (3, 0x86, false),
            (1, 0x07, false),
            (7, 0x03, false),
        ] {
            assert_eq!(waits(&mad(class, method, 0x35)), expected, "class {class:#x}, method {method:#x}");
        }
    }

    #[test]
    fn of_a_segmented_request_the_last_segment_waits() {
        // Type and flags of: a first segment, a last one, an acknowledgement, a datagram that stands alone.
        for (kind, flags, expected) in
            [(1, 3, false), (1, 5, true), (2, 1, false), (4, 1, false), (0, 0, true)]
        {
            let mut mad = mad(3, 0x12, 0x35);
            mad[24..27].copy_from_slice(&[1, kind, flags]);
            assert_eq!(waits(&mad), expected, "type {kind}, flags {flags}");
            // In subnet management the same bytes are part of the M_Key.
            mad[1] = 1;
            assert!(waits(&mad));
        }
    }

    #[test]
    fn whoever_subscribes_wants_reports() {
        let expected = |mad: &[u8; MAD_LENGTH]| expected_requests(MadHeader::view(mad).unwrap());
        let reports = expected(&mad(3, 0x02, 0x03)).unwrap();
        assert_eq!(reports.methods, MethodMask::NONE.with(Method::REPORT));
        assert_eq!(expected(&mad(3, 0x01, 0x03)), None);
        assert_eq!(expected(&mad(1, 0x02, 0x03)), None);
    }

    #[test]
    fn agents_have_what_their_class_needs() {
        let of = |mad: &[u8; MAD_LENGTH]| agent(MadHeader::view(mad).unwrap(), mad);
        let mut vendor = mad(0x32, 0x01, 0);
        vendor[37..40].copy_from_slice(&[1, 2, 3]);
        assert_eq!(of(&vendor).oui, 0x01_0203);
        vendor[1] = 0x04;
        assert_eq!((of(&vendor).oui, of(&vendor).methods), (0, MethodMask::NONE));
        assert_eq!(of(&mad(7, 0x03, 0x10)).methods, MethodMask::NONE.with(SEND));
    }
}
