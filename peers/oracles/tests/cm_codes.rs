//! Reasons, statuses, attributes and lengths of communication management are those of OpenSM's and libibumad's headers.

extern crate alloc;

use alloc::collections::BTreeMap;

use ib_mad::TransactionId;
use ib_mad::wire::{
    ADDITIONAL_INFORMATION_LENGTH, AlternatePathStatus, AttributeId, ClassCapabilityMask, CmMad,
    ManagementClass, ReadyToUse, RejectReason, ServiceIdResolutionStatus,
};
use oracles::{cm_codes, layouts};

/// Numbers under their own names.
macro_rules! numbers {
    ($($type:ident { $($name:ident),+ $(,)? })+) => {
        BTreeMap::from([$($((concat!(stringify!($type), "::", stringify!($name)).to_owned(), u64::from($type::$name.0))),+),+])
    };
}

#[test]
fn codes_are_those_of_the_headers() {
    let mut ours: BTreeMap<String, u64> = numbers! {
        AttributeId {
            CONNECT_REQUEST, MSG_RCPT_ACK, CONNECT_REJECT, CONNECT_REPLY, READY_TO_USE, DISCONNECT_REQUEST,
            DISCONNECT_REPLY, SERVICE_ID_RESOLUTION_REQUEST, SERVICE_ID_RESOLUTION_RESPONSE, LOAD_ALTERNATE_PATH,
            ALTERNATE_PATH_RESPONSE,
        }
        ManagementClass { COMMUNICATION }
        RejectReason {
            NO_QP, NO_EEC, NO_RESOURCES, TIMEOUT, UNSUPPORTED, INVALID_COMMUNICATION_ID,
            INVALID_COMMUNICATION_INSTANCE, INVALID_SERVICE_ID, INVALID_TRANSPORT_TYPE, STALE_CONNECTION,
            RDC_NOT_EXIST, INVALID_GID, INVALID_LID, INVALID_SERVICE_LEVEL, INVALID_TRAFFIC_CLASS,
            INVALID_HOP_LIMIT, INVALID_PACKET_RATE, INVALID_ALTERNATE_GID, INVALID_ALTERNATE_LID,
            INVALID_ALTERNATE_SERVICE_LEVEL, INVALID_ALTERNATE_TRAFFIC_CLASS, INVALID_ALTERNATE_HOP_LIMIT,
            INVALID_ALTERNATE_PACKET_RATE, PORT_CM_REDIRECT, INVALID_MTU, INSUFFICIENT_RESPONDER_RESOURCES,
            CONSUMER_DEFINED, INVALID_RNR_RETRY, DUPLICATE_LOCAL_COMMUNICATION_ID, INVALID_CLASS_VERSION,
            INVALID_FLOW_LABEL, INVALID_ALTERNATE_FLOW_LABEL,
        }
        AlternatePathStatus {
            SUCCESS, INVALID_COMMUNICATION_ID, UNSUPPORTED, REJECTED, REDIRECT, IS_CURRENT, INVALID_QPN_EECN,
            INVALID_LID, INVALID_GID, INVALID_FLOW_LABEL, INVALID_TRAFFIC_CLASS, INVALID_HOP_LIMIT,
            INVALID_PACKET_RATE, INVALID_SERVICE_LEVEL,
        }
        ServiceIdResolutionStatus { SUCCESS, UNSUPPORTED, REJECTED, NO_QP, REDIRECT, UNSUPPORTED_VERSION }
    };
    for (name, mask) in [
        ("CM_RELIABLE_CONNECTION", ClassCapabilityMask::CM_RELIABLE_CONNECTION),
        ("CM_RELIABLE_DATAGRAM", ClassCapabilityMask::CM_RELIABLE_DATAGRAM),
        ("CM_RAW_DATAGRAM", ClassCapabilityMask::CM_RAW_DATAGRAM),
        ("CM_UNRELIABLE_CONNECTION", ClassCapabilityMask::CM_UNRELIABLE_CONNECTION),
        ("CM_SERVICE_ID_RESOLUTION", ClassCapabilityMask::CM_SERVICE_ID_RESOLUTION),
    ] {
        ours.insert(format!("bit of ClassCapabilityMask::{name}"), mask.0.trailing_zeros().into());
    }
    let header = CmMad::send::<ReadyToUse>(TransactionId(0)).header;
    ours.insert("class version".into(), header.class_version.into());
    ours.insert("ADDITIONAL_INFORMATION_LENGTH".into(), ADDITIONAL_INFORMATION_LENGTH as u64);
    for layout in layouts() {
        for field in layout.fields.iter().filter(|field| field.name == "private_data") {
            ours.insert(layout.key(field), field.bits as u64 / 8);
        }
    }
    let theirs: BTreeMap<String, u64> =
        cm_codes().into_iter().map(|(name, number)| (name.to_owned(), number)).collect();
    assert_eq!(ours, theirs);
}
