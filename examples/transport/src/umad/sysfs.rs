//! What the kernel tells of devices and ports, a file for each value.

use core::ffi::CStr;
use core::str::FromStr;
use std::ffi::CString;
use std::io;

use ib_mad::wire::{PortCapabilityMask, PortState};
use ib_mad::{Gid, Guid, Lid, PKey, ServiceLevel};

use super::error::UmadError;
use super::system::{Descriptor, names_in};

const DEVICES: &str = "/sys/class/infiniband";
const UMAD_DEVICES: &str = "/sys/class/infiniband_mad";
/// A value is one line; a page is the most that the kernel gives.
const LONGEST_VALUE: usize = 4096;

/// A port of an RDMA device of this machine, as the kernel tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UmadPort {
    /// Name of its device, for example `mlx5_0`.
    pub device: Box<str>,
    /// Its number on the device, from 1.
    pub number: u8,
    /// The umad device that belongs to it, for example `umad0`; `None` when the kernel offers none.
    pub umad: Option<Box<str>>,
    /// `InfiniBand` or `Ethernet`.
    pub link_layer: Box<str>,
    /// State of its link.
    pub state: PortState,
    /// State of the physical link in words, for example `LinkUp`.
    pub physical_state: Box<str>,
    /// What its link carries, in words, for example `100 Gb/sec (4X EDR)`.
    pub rate: Box<str>,
    /// Its base LID.
    pub lid: Lid,
    /// It answers to `2^lmc` LIDs from its base LID on.
    pub lmc: u8,
    /// LID of the subnet manager.
    pub sm_lid: Lid,
    /// Service level of packets to the subnet manager.
    pub sm_service_level: ServiceLevel,
    /// PortInfo.CapabilityMask.
    pub capability_mask: PortCapabilityMask,
    /// Its first GID; [`Gid::UNSPECIFIED`] when it has none.
    pub gid: Gid,
    /// GUID of the device.
    pub node_guid: Guid,
    /// GUID of the system that the device is part of.
    pub system_image_guid: Guid,
}

impl UmadPort {
    /// GUID of the port: the lower half of its first GID.
    pub const fn guid(&self) -> Guid {
        self.gid.guid()
    }

    /// `DEVICE/PORT`, as a URL has it.
    pub fn name(&self) -> String {
        format!("{}/{}", self.device, self.number)
    }
}

/// Every port of every RDMA device of this machine, by device and number.
///
/// # Errors
/// When the kernel tells of no devices, or does not tell what a port is like.
pub fn umad_ports() -> Result<Vec<UmadPort>, UmadError> {
    let devices = match folder(DEVICES) {
        Ok(devices) if devices.is_empty() => return Err(UmadError::NoDevice),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Err(UmadError::NoDevice),
        other => other.map_err(UmadError::unreadable(DEVICES))?,
    };
    let umads = umad_devices()?;
    let mut ports = Vec::new();
    for device in devices {
        let path = format!("{DEVICES}/{device}/ports");
        let mut numbers: Vec<u8> = match folder(&path) {
            Ok(names) => names.iter().filter_map(|name| name.parse().ok()).collect(),
            // A device without ports has nothing to offer.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(source) => return Err(UmadError::unreadable(&path)(source)),
        };
        numbers.sort_unstable();
        for number in numbers {
            let umad = umads.iter().find(|umad| umad.device == device && umad.port == number);
            ports.push(read_port(&device, number, umad.map(|umad| umad.name.as_str().into()))?);
        }
    }
    Ok(ports)
}

/// The port as it is now.
pub(super) fn read_port(device: &str, number: u8, umad: Option<Box<str>>) -> Result<UmadPort, UmadError> {
    let of_device = |name: &str| format!("{DEVICES}/{device}/{name}");
    let of_port = |name: &str| format!("{DEVICES}/{device}/ports/{number}/{name}");
    let (state, _) = value(&of_port("state"), state)?;
    let (_, physical_state) = value(&of_port("phys_state"), self::state)?;
    Ok(UmadPort {
        device: device.into(),
        number,
        umad,
        // ibsim's library has no such file: its ports are InfiniBand's.
        link_layer: optional(&of_port("link_layer"))?.unwrap_or_else(|| "InfiniBand".into()),
        state: PortState(state),
        physical_state,
        rate: optional(&of_port("rate"))?.unwrap_or_default(),
        lid: Lid(value(&of_port("lid"), integer)?),
        lmc: value(&of_port("lid_mask_count"), integer)?,
        sm_lid: Lid(value(&of_port("sm_lid"), integer)?),
        sm_service_level: value(&of_port("sm_sl"), |text| ServiceLevel::new(integer(text)?))?,
        capability_mask: PortCapabilityMask(value(&of_port("cap_mask"), integer)?),
        gid: match value(&of_port("gids/0"), gid) {
            // Some drivers refuse to tell of a GID that is not set, on Ethernet without an address.
            Err(UmadError::Unreadable { .. }) => Gid::UNSPECIFIED,
            other => other?,
        },
        node_guid: value(&of_device("node_guid"), guid)?,
        system_image_guid: value(&of_device("sys_image_guid"), guid)?,
    })
}

/// Where `p_key` stands in the port's table. Membership does not count: a port has a partition once.
pub(super) fn p_key_index(device: &str, number: u8, p_key: PKey) -> Result<u16, UmadError> {
    let path = format!("{DEVICES}/{device}/ports/{number}/pkeys");
    let names = folder(&path).map_err(UmadError::unreadable(&path))?;
    for index in names.iter().filter_map(|name| name.parse::<u16>().ok()) {
        let found = PKey(value(&format!("{path}/{index}"), integer)?);
        if found.partition() != 0 && found.partition() == p_key.partition() {
            return Ok(index);
        }
    }
    Err(UmadError::NoPartition { p_key, device: device.into(), port: number })
}

/// Fails unless the kernel's interface is the one that this crate speaks.
pub(super) fn check_version(spoken: u32) -> Result<(), UmadError> {
    let found: u32 = value(&format!("{UMAD_DEVICES}/abi_version"), integer)?;
    if found == spoken { Ok(()) } else { Err(UmadError::Version { found, spoken }) }
}

struct UmadDevice {
    name: String,
    device: String,
    port: u8,
}

/// The umad devices; none when the kernel's module is not loaded.
fn umad_devices() -> Result<Vec<UmadDevice>, UmadError> {
    let names = match folder(UMAD_DEVICES) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        other => other.map_err(UmadError::unreadable(UMAD_DEVICES))?,
    };
    let mut devices = Vec::new();
    for name in names.into_iter().filter(|name| name.starts_with("umad")) {
        let device = value(&format!("{UMAD_DEVICES}/{name}/ibdev"), |text| Some(text.to_owned()))?;
        let port = value(&format!("{UMAD_DEVICES}/{name}/port"), integer)?;
        devices.push(UmadDevice { name, device, port });
    }
    Ok(devices)
}

/// The names in a folder, in order; those that are no text cannot be a device's.
fn folder(path: &str) -> io::Result<Vec<String>> {
    let mut names: Vec<_> =
        names_in(&c_path(path))?.into_iter().filter_map(|name| name.into_string().ok()).collect();
    names.sort_unstable();
    Ok(names)
}

fn c_path(path: &str) -> CString {
    // The names in it came from C strings.
    CString::new(path).unwrap_or_default()
}

fn read(path: &CStr) -> io::Result<String> {
    let file = Descriptor::open_to_read(path)?;
    let mut buffer = [0; LONGEST_VALUE];
    let length = file.read(&mut buffer)?;
    Ok(String::from_utf8_lossy(buffer.get(..length).unwrap_or_default()).trim().to_owned())
}

fn value<T>(path: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, UmadError> {
    let text = read(&c_path(path)).map_err(UmadError::unreadable(path))?;
    parse(&text).ok_or_else(|| UmadError::Value { path: path.into(), text: text.into() })
}

/// A value that not every kernel gives.
fn optional(path: &str) -> Result<Option<Box<str>>, UmadError> {
    match read(&c_path(path)) {
        Ok(text) => Ok(Some(text.into())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(UmadError::unreadable(path)(source)),
    }
}

/// Decimal, or hexadecimal after `0x`.
fn integer<T: TryFrom<u32>>(text: &str) -> Option<T> {
    let number = match text.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16),
        None => text.parse(),
    };
    T::try_from(number.ok()?).ok()
}

/// A number and its name: `4: ACTIVE`.
fn state(text: &str) -> Option<(u8, Box<str>)> {
    let (number, name) = text.split_once(':')?;
    Some((number.parse().ok()?, name.trim().into()))
}

/// Four groups of four digits: `0002:c903:00ab:cdef`.
fn guid(text: &str) -> Option<Guid> {
    let digits: String = text.split(':').collect();
    u64::from_str_radix(&digits, 16).ok().map(Guid)
}

/// Eight groups of four digits.
fn gid(text: &str) -> Option<Gid> {
    core::net::Ipv6Addr::from_str(text).ok().map(|gid| Gid(gid.octets()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_the_kernel_writes_them() {
        assert_eq!(integer::<u16>("0x1a"), Some(26));
        assert_eq!(integer::<u8>("7"), Some(7));
        assert_eq!(integer::<u32>("0x2651e848"), Some(0x2651_E848));
        assert_eq!(integer::<u16>("0x10000"), None);
        assert_eq!(integer::<u16>(""), None);
        assert_eq!(state("4: ACTIVE"), Some((4, "ACTIVE".into())));
        assert_eq!(state("ACTIVE"), None);
        assert_eq!(guid("0002:c903:00ab:cdef"), Some(Guid(0x0002_C903_00AB_CDEF)));
        assert_eq!(guid("0002:c903:00ab:cdeg"), None);
        assert_eq!(
            gid("fe80:0000:0000:0000:0002:c903:00ab:cdef").unwrap().guid(),
            Guid(0x0002_C903_00AB_CDEF)
        );
        assert_eq!(gid("fe80"), None);
    }

    #[test]
    fn a_missing_value_is_named_with_its_file() {
        let path = "/proc/self/no-such-value";
        let error = value(path, integer::<u32>).unwrap_err().to_string();
        assert!(error.contains(path), "{error}");
        assert!(matches!(optional(path), Ok(None)));
        let error = value("/proc/self/comm", integer::<u32>).unwrap_err().to_string();
        assert!(error.contains("/proc/self/comm"), "{error}");
    }
}
