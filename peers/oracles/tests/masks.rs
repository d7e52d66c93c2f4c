//! Component masks against those of `ib_types.h`.

use ib_mad::wire::{InformInfoRecordMask, NodeRecordMask, PathRecordMask, SwitchInfoRecordMask};
use oracles::component_masks;

macro_rules! masks {
    ($($type:ident { $($name:ident),+ $(,)? })+) => {
        vec![$($((concat!(stringify!($type), "::", stringify!($name)), $type::$name.0)),+),+]
    };
}

/// Of ib-mad's masks, only `PathRecordMask::PREFERENCE` is missing in `ib_types.h`, and `InformInfoRecordMask::PRODUCER`,
/// which is three others.
#[test]
fn component_masks_are_those_of_ib_types() {
    let ours = masks! {
        PathRecordMask { SERVICE_ID, DESTINATION_GID, SOURCE_GID, DESTINATION_LID, SOURCE_LID, RAW, FLOW_LABEL, HOP_LIMIT, TRAFFIC_CLASS, REVERSIBLE, NUMBER_OF_PATHS, P_KEY, QOS_CLASS, SERVICE_LEVEL, MTU, RATE, PACKET_LIFETIME }
        NodeRecordMask { LID, BASE_VERSION, CLASS_VERSION, NODE_TYPE, NUMBER_OF_PORTS, SYSTEM_IMAGE_GUID, NODE_GUID, PORT_GUID, PARTITION_CAPACITY, DEVICE_ID, REVISION, LOCAL_PORT_NUMBER, VENDOR_ID, NODE_DESCRIPTION }
        SwitchInfoRecordMask { LID }
        InformInfoRecordMask { SUBSCRIBER_GID, SUBSCRIBER_ENUM, GID, LID_RANGE_BEGIN, LID_RANGE_END, IS_GENERIC, SUBSCRIBE, NOTICE_TYPE, TRAP_NUMBER_OR_DEVICE_ID, QPN, RESPONSE_TIME_VALUE, PRODUCER_TYPE_OR_VENDOR_ID }
    };
    assert_eq!(ours, component_masks());
}
