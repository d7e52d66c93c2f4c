//! Where the simulated fabric is not ibsim, and why.

use ib_mad::wire::AttributeId;

/// A field that may differ: the attribute, the field, and the reason.
pub(crate) type Difference = (&'static str, &'static str, &'static str);

/// Fields that differ before anybody wrote to them.
pub(crate) const DIFFERENCES: &[Difference] = &[
    ("PortInfo", "CapMask", "ours can do more: reregistration, notices of local changes; fewer speeds"),
    ("PortInfo", "CapabilityMask2", "ours has none of what these bits say"),
    ("PortInfo", "GidPrefix", "ibsim's ports have none until a manager writes one, ours the default one"),
    ("PortInfo", "MkeyLeasePeriod", "ibsim begins with one of 4089 s; a port without a key needs none"),
    ("PortInfo", "SubnetTimeout", "ours is what managers choose, since it times traps"),
    ("PortInfo", "RespTimeVal", "ibsim has one for port 0 of a switch alone"),
    (
        "PortInfo",
        "NeighborMTU",
        "port 0 of a switch: ibsim's takes 256 bytes, ours what the other ports take",
    ),
    ("PortInfo", "MtuCap", "the same"),
    ("PortInfo", "OperVLs", "ibsim's ports operate all lanes from the start"),
    ("PortInfo", "HoqLife", "ibsim's have a limit of nothing until a manager writes one"),
    ("PortInfo", "VLStallCount", "port 0 of a switch: ibsim's has none"),
    ("PortInfo", "LinkWidthActive", "a port without a link: ibsim says 4x"),
    ("PortInfo", "LinkSpeedActive", "a port without a link: ibsim says 10 Gbit/s"),
    ("PortInfo", "LinkWidthEnabled", "ibsim lets ports of 1x and 4x take 12x too"),
    ("PortInfo", "LinkSpeedEnabled", "ibsim lets ports take what it says they can"),
    ("PortInfo", "LocalPhysErr", "a port without a link: ibsim has a limit there"),
    ("SwitchInfo", "LinearFdbCap", "ibsim's table holds 30720 LIDs, ours all that there are"),
    ("SwitchInfo", "StateChange", "nothing changed in ours since it was made"),
    ("SwitchInfo", "InboundPartEnf", "ours enforces partitions; ibsim forwards no data that it could refuse"),
    ("SwitchInfo", "OutboundPartEnf", "the same"),
    ("SwitchInfo", "FilterRawInbound", "ours has no raw packets that it could filter"),
    ("SwitchInfo", "FilterRawOutbound", "the same"),
];

/// Requests that ours refuses as invalid and ibsim answers: the attribute, the modifier, and what it shows.
pub(crate) const ANSWERED: &[(AttributeId, u32, &str)] = &[
    (AttributeId::MULTICAST_FORWARDING_TABLE, 32, "zeros behind the end of the table"),
    (AttributeId::MULTICAST_FORWARDING_TABLE, 0x1000_0000, "zeros for ports that the switch has not"),
    (AttributeId::GUID_INFO, 4, "zeros in whatever block"),
    (AttributeId::P_KEY_TABLE, 0x0009_0000, "what lies behind the last port, of the next node"),
    (AttributeId::SL_TO_VL_MAPPING, 0x0901, "the same"),
    (AttributeId::SL_TO_VL_MAPPING, 0x0109, "the same"),
    (AttributeId::VL_ARBITRATION, 0x0001_0009, "the same"),
];
