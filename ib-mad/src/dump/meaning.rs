//! What codes mean, in the words of `libibmad`.

use core::fmt;

use super::Value;

/// A number, and how it is shown.
#[derive(Clone, Copy)]
pub(super) struct Meaning {
    pub(super) number: u8,
    pub(super) write: fn(u8, &mut fmt::Formatter<'_>) -> fmt::Result,
}

impl fmt::Display for Meaning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (self.write)(self.number, f)
    }
}

impl<'a> From<&'a Meaning> for Value<'a> {
    fn from(meaning: &'a Meaning) -> Self {
        Self::Named { number: meaning.number.into(), name: meaning }
    }
}

/// The name at the code's place; `?(code)` where there is none.
pub(super) fn name(code: u8, names: &[&str], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match names.get(usize::from(code)) {
        Some(name) if !name.is_empty() => f.write_str(name),
        _ => write!(f, "?({code})"),
    }
}

/// One value of a set of which each bit is one; what `none` stands for is said by 0.
fn one(bits: u8, names: &[&str], none: Option<&str>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match (bits, none) {
        (0, Some(none)) => f.write_str(none),
        _ if bits.is_power_of_two() => match names.get(usize::try_from(bits.trailing_zeros()).unwrap_or(8)) {
            Some(name) => f.write_str(name),
            None => write!(f, "undefined ({bits})"),
        },
        _ => write!(f, "undefined ({bits})"),
    }
}

/// Every value of a set of which each bit is one.
fn several(bits: u8, names: &[&str], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut separator = "";
    let mut left = bits;
    for (bit, name) in names.iter().enumerate() {
        if bits >> bit & 1 != 0 {
            write!(f, "{separator}{name}")?;
            separator = " or ";
            left &= !(1 << bit);
        }
    }
    if left != 0 || bits == 0 {
        write!(f, "{separator}undefined ({bits})")?;
    }
    Ok(())
}

const WIDTHS: &[&str] = &["1X", "4X", "8X", "12X", "2X"];
const SPEEDS: &[&str] = &["2.5 Gbps", "5.0 Gbps", "10.0 Gbps"];
const EXTENDED_SPEEDS: &[&str] = &["14.0625 Gbps", "25.78125 Gbps", "53.125 Gbps", "106.25 Gbps"];

pub(super) const fn node_type(number: u8) -> Meaning {
    Meaning { number, write: |code, f| name(code, &["", "Channel Adapter", "Switch", "Router"], f) }
}

pub(super) const fn link_width(number: u8) -> Meaning {
    Meaning { number, write: |bits, f| one(bits, WIDTHS, None, f) }
}

pub(super) const fn link_widths(number: u8) -> Meaning {
    Meaning { number, write: |bits, f| several(bits, WIDTHS, f) }
}

/// Like [`link_widths`]; sets that the standard did not foresee are marked.
pub(super) const fn supported_link_widths(number: u8) -> Meaning {
    const FORESEEN: [u8; 10] = [1, 3, 7, 11, 15, 17, 19, 23, 27, 31];
    Meaning {
        number,
        write: |bits, f| {
            several(bits, WIDTHS, f)?;
            if bits >> WIDTHS.len() == 0 && !FORESEEN.contains(&bits) {
                f.write_str(" (IBA extension)")?;
            }
            Ok(())
        },
    }
}

pub(super) const fn link_speed(number: u8) -> Meaning {
    Meaning { number, write: |bits, f| one(bits, SPEEDS, Some("Extended speed"), f) }
}

pub(super) const fn link_speeds(number: u8) -> Meaning {
    Meaning {
        number,
        write: |bits, f| {
            several(bits, SPEEDS, f)?;
            if bits >> SPEEDS.len() == 0 && bits & 1 == 0 {
                f.write_str(" (IBA extension)")?;
            }
            Ok(())
        },
    }
}

pub(super) const fn extended_link_speed(number: u8) -> Meaning {
    Meaning { number, write: |bits, f| one(bits, EXTENDED_SPEEDS, Some("No Extended Speed"), f) }
}

/// None is shown as 0.
pub(super) const fn extended_link_speeds(number: u8) -> Meaning {
    Meaning {
        number,
        write: |bits, f| {
            if bits == 0 { f.write_str("0") } else { several(bits, EXTENDED_SPEEDS, f) }
        },
    }
}

/// Like [`extended_link_speeds`], with the code by which all are switched off.
pub(super) const fn enabled_extended_link_speeds(number: u8) -> Meaning {
    Meaning {
        number,
        write: |bits, f| match bits {
            0 => f.write_str("0"),
            30 => f.write_str("Extended link speeds disabled"),
            _ => several(bits, EXTENDED_SPEEDS, f),
        },
    }
}

pub(super) const fn port_state(number: u8) -> Meaning {
    Meaning { number, write: |code, f| name(code, &["NoChange", "Down", "Initialize", "Armed", "Active"], f) }
}

pub(super) const fn port_physical_state(number: u8) -> Meaning {
    const NAMES: &[&str] = &[
        "NoChange",
        "Sleep",
        "Polling",
        "Disabled",
        "PortConfigurationTraining",
        "LinkUp",
        "LinkErrorRecovery",
        "PhyTest",
    ];
    Meaning { number, write: |code, f| name(code, NAMES, f) }
}

pub(super) const fn link_down_default_state(number: u8) -> Meaning {
    Meaning { number, write: |code, f| name(code, &["NoChange", "Sleep", "Polling"], f) }
}

pub(super) const fn mtu(number: u8) -> Meaning {
    Meaning { number, write: |code, f| name(code, &["", "256", "512", "1024", "2048", "4096"], f) }
}

pub(super) const fn virtual_lanes(number: u8) -> Meaning {
    Meaning { number, write: |code, f| name(code, &["", "VL0", "VL0-1", "VL0-3", "VL0-7", "VL0-14"], f) }
}

pub(super) const fn operational_virtual_lanes(number: u8) -> Meaning {
    Meaning {
        number,
        write: |code, f| name(code, &["No change", "VL0", "VL0-1", "VL0-3", "VL0-7", "VL0-14"], f),
    }
}

/// Names of the bits of a port's CapabilityMask.
pub(super) const CAPABILITIES: &[&str] = &[
    "",
    "IsSM",
    "IsNoticeSupported",
    "IsTrapSupported",
    "IsOptionalIPDSupported",
    "IsAutomaticMigrationSupported",
    "IsSLMappingSupported",
    "IsMKeyNVRAM",
    "IsPKeyNVRAM",
    "IsLedInfoSupported",
    "IsSMdisabled",
    "IsSystemImageGUIDsupported",
    "IsPkeySwitchExternalPortTrapSupported",
    "",
    "IsExtendedSpeedsSupported",
    "IsCapabilityMask2Supported",
    // The tools print it without the second i of the standard's name.
    "IsCommunicatonManagementSupported",
    "IsSNMPTunnelingSupported",
    "IsReinitSupported",
    "IsDeviceManagementSupported",
    "IsVendorClassSupported",
    "IsDRNoticeSupported",
    "IsCapabilityMaskNoticeSupported",
    "IsBootManagementSupported",
    "IsLinkRoundTripLatencySupported",
    "IsClientRegistrationSupported",
    "IsOtherLocalChangesNoticeSupported",
    "IsLinkSpeedWidthPairsTableSupported",
    "IsVendorSpecificMadsTableSupported",
    "IsMcastPkeyTrapSuppressionSupported",
    "IsMulticastFDBTopSupported",
    "IsHierarchyInfoSupported",
];

/// Names of the bits of a port's CapabilityMask2.
pub(super) const CAPABILITIES2: &[&str] = &[
    "IsSetNodeDescriptionSupported",
    "IsPortInfoExtendedSupported",
    "IsVirtualizationSupported",
    "IsSwitchPortStateTableSupported",
    "IsLinkWidth2xSupported",
    "IsLinkSpeedHDRSupported",
    "IsMKeyProtectBitsExtSupported",
    "IsEnhancedTrap128Supported",
    "IsPartitionTopSupported",
    "IsEnhancedQoSArbiterSupported",
    "IsLinkSpeedNDRSupported",
];
