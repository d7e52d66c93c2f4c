//! Component masks against those of `ib_types.h`.

use ib_mad::wire::{
    GuidInfoRecordMask, InformInfoRecordMask, LinearForwardingTableRecordMask, LinkRecordMask,
    McMemberRecordMask, MulticastForwardingTableRecordMask, NodeRecordMask, PKeyTableRecordMask,
    PathRecordMask, PortInfoRecordMask, ServiceRecordMask, SlToVlMappingRecordMask, SmInfoRecordMask,
    SwitchInfoRecordMask, VlArbitrationRecordMask,
};
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
        GuidInfoRecordMask { LID, BLOCK_NUMBER, GUIDS }
        PKeyTableRecordMask { LID, BLOCK_NUMBER, PORT_NUMBER }
        SlToVlMappingRecordMask { LID, INPUT_PORT, OUTPUT_PORT }
        VlArbitrationRecordMask { LID, OUTPUT_PORT, BLOCK_NUMBER }
        LinearForwardingTableRecordMask { LID, BLOCK_NUMBER }
        MulticastForwardingTableRecordMask { LID, POSITION, BLOCK_NUMBER }
        SmInfoRecordMask { LID, GUID, SM_KEY, ACT_COUNT, PRIORITY, STATE }
        LinkRecordMask { FROM_LID, FROM_PORT, TO_PORT, TO_LID }
        ServiceRecordMask { SERVICE_ID, SERVICE_GID, SERVICE_P_KEY, SERVICE_LEASE, SERVICE_KEY, SERVICE_NAME, DATA8, DATA16, DATA32, DATA64 }
        McMemberRecordMask { MGID, PORT_GID, Q_KEY, MLID, MTU, TRAFFIC_CLASS, P_KEY, RATE, PACKET_LIFETIME, SERVICE_LEVEL, FLOW_LABEL, HOP_LIMIT, SCOPE, JOIN_STATE, PROXY_JOIN }
        PortInfoRecordMask { LID, PORT_NUMBER, OPTIONS, M_KEY, GID_PREFIX, BASE_LID, MASTER_SM_LID, CAPABILITY_MASK, DIAG_CODE, M_KEY_LEASE_PERIOD, LOCAL_PORT_NUMBER, LINK_WIDTH_ENABLED, LINK_WIDTH_SUPPORTED, LINK_WIDTH_ACTIVE, LINK_SPEED_SUPPORTED, PORT_STATE, PORT_PHYSICAL_STATE, LINK_DOWN_DEFAULT_STATE, M_KEY_PROTECT_BITS, LMC, LINK_SPEED_ACTIVE, LINK_SPEED_ENABLED, NEIGHBOR_MTU, MASTER_SM_SL, VL_CAP, INIT_TYPE, VL_HIGH_LIMIT, VL_ARBITRATION_HIGH_CAP, VL_ARBITRATION_LOW_CAP, INIT_TYPE_REPLY, MTU_CAP, VL_STALL_COUNT, HOQ_LIFE, OPERATIONAL_VLS, PARTITION_ENFORCEMENT_INBOUND, PARTITION_ENFORCEMENT_OUTBOUND, FILTER_RAW_INBOUND, FILTER_RAW_OUTBOUND, M_KEY_VIOLATIONS, P_KEY_VIOLATIONS, Q_KEY_VIOLATIONS, GUID_CAP, CLIENT_REREGISTER, SUBNET_TIMEOUT, RESPONSE_TIME_VALUE, LOCAL_PHY_ERRORS, OVERRUN_ERRORS, MAX_CREDIT_HINT, LINK_ROUND_TRIP_LATENCY, CAPABILITY_MASK2, LINK_SPEED_EXT_ACTIVE, LINK_SPEED_EXT_SUPPORTED, LINK_SPEED_EXT_ENABLED }
    };
    assert_eq!(ours, component_masks());
}
