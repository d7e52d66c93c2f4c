//! Devices and their ports.

use core::net::Ipv6Addr;
use core::time::Duration;
use std::io;
use std::path::Path;
use std::sync::Arc;

use ib_mad::{Gid, Lid, Mtu};

use super::events::{Event, Events};
use super::system::{DeviceLimits, GidEntry, RawContext, RawProtectionDomain, Refused, device_names};
use super::{Access, CompletionQueue, GidChoice, MemoryRegion, Route, VerbsError, VerbsName};

const KERNELS_CLASSES: &str = "/sys/class";

/// A port of an open device, and the GID that it is used with. Clones are the same one.
#[derive(Clone, Debug)]
pub struct Port {
    pub(super) shared: Arc<PortShared>,
}

#[derive(Clone, Debug)]
pub(super) struct PortShared {
    // Freed in this order: what is made from the device before the device.
    pub(super) domain: Arc<RawProtectionDomain>,
    pub(super) context: Arc<RawContext>,
    pub(super) events: Arc<Events>,
    pub(super) device: Box<str>,
    pub(super) number: u8,
    pub(super) limits: DeviceLimits,
    pub(super) gid: GidEntry,
    pub(super) lid: Lid,
    pub(super) mtu: Mtu,
    pub(super) is_ethernet: bool,
}

impl Port {
    /// Open the port that is named. Everything that is made from it is of one protection domain.
    ///
    /// # Errors
    /// Why it cannot be used, and what to do about it.
    pub fn open(name: &VerbsName) -> Result<Self, VerbsError> {
        let names = devices()?;
        let unknown = || VerbsError::UnknownDevice {
            device: name.device.as_deref().unwrap_or_default().into(),
            known: names.join(", ").into(),
        };
        let device = match &name.device {
            Some(device) => names.iter().find(|known| *known == device).ok_or_else(unknown)?,
            None => names.first().ok_or(VerbsError::NoDevice)?,
        };
        let refused = VerbsError::verb(format!("the RDMA device {device}"));
        let refused = |error| why_not_open(device).unwrap_or_else(|| refused(error));
        let context = Arc::new(RawContext::open(device).map_err(refused)?.ok_or_else(unknown)?);
        let refused = |error: Refused| VerbsError::verb(format!("the RDMA device {device}"))(error);
        let limits = context.limits().map_err(refused)?;
        let number = name.port.unwrap_or(1);
        if number == 0 || number > limits.ports {
            return Err(VerbsError::UnknownPort {
                device: device.clone(),
                port: number,
                count: limits.ports,
            });
        }
        let port = context.port(number).map_err(refused)?;
        if port.state != ACTIVE {
            return Err(VerbsError::PortDown {
                device: device.clone(),
                port: number,
                state: state_name(port.state),
                physical_state: port.physical_state,
            });
        }
        let gids = context.gids().map_err(refused)?;
        let gid = choose_gid(device, number, &gids, name.gid, port.is_ethernet)?;
        let domain = Arc::new(RawProtectionDomain::new(&context).map_err(refused)?);
        Ok(Self {
            shared: Arc::new(PortShared {
                domain,
                context,
                events: Arc::default(),
                device: device.clone(),
                number,
                limits,
                gid,
                lid: port.lid,
                mtu: port.mtu,
                is_ethernet: port.is_ethernet,
            }),
        })
    }

    /// `DEVICE/PORT`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.shared.device, self.shared.number)
    }

    /// The GID that was chosen.
    pub fn gid(&self) -> Gid {
        self.shared.gid.gid
    }

    /// Its place in the port's table.
    pub fn gid_index(&self) -> u32 {
        self.shared.gid.index
    }

    /// The port's LID; 0 on Ethernet.
    pub fn lid(&self) -> Lid {
        self.shared.lid
    }

    /// The largest payload of a packet that the port carries.
    pub fn mtu(&self) -> Mtu {
        self.shared.mtu
    }

    /// The most pieces of work that a queue can hold.
    pub fn max_queue_depth(&self) -> u32 {
        self.shared.limits.max_queue_depth
    }

    /// Whether it is a port of Ethernet (RoCE).
    pub fn is_ethernet(&self) -> bool {
        self.shared.is_ethernet
    }

    /// The same port with another of its GIDs: the second of two paths. Regions of one are of use to queue pairs of the other.
    ///
    /// # Errors
    /// When the port does not have it.
    pub fn with_gid(&self, gid: Gid) -> Result<Self, VerbsError> {
        let shared = &self.shared;
        let gids = shared.context.gids().map_err(VerbsError::verb(self.name()))?;
        let choice = Some(GidChoice::Value(gid));
        let gid = choose_gid(&shared.device, shared.number, &gids, choice, shared.is_ethernet)?;
        Ok(Self { shared: Arc::new(PortShared { gid, ..PortShared::clone(shared) }) })
    }

    /// The route to a peer, from the chosen GID: service level, traffic class and flow label are 0.
    pub fn route_to(&self, destination: Gid, lid: Lid) -> Route {
        let shared = &self.shared;
        Route {
            port: shared.number,
            source_gid_index: u8::try_from(shared.gid.index).unwrap_or(u8::MAX),
            destination,
            is_global: shared.is_ethernet || destination.prefix() != shared.gid.gid.prefix(),
            lid,
            hop_limit: 64,
            ..Route::default()
        }
    }

    /// Register `length` bytes of new memory, all zeros, at the address that it has in this process.
    ///
    /// # Errors
    /// When there is no memory, or it may not be locked.
    pub fn register(&self, length: usize, access: Access) -> Result<Arc<MemoryRegion>, VerbsError> {
        MemoryRegion::new(self, length, None, access).map(Arc::new)
    }

    /// The same, for peers at an `address` of the caller's choice, which may be the same on several adapters and machines.
    /// It has to lie in its page as the memory does: at the page's beginning.
    ///
    /// # Errors
    /// As of [`register`](Self::register).
    pub fn register_at(
        &self,
        address: u64,
        length: usize,
        access: Access,
    ) -> Result<Arc<MemoryRegion>, VerbsError> {
        MemoryRegion::new(self, length, Some(address), access).map(Arc::new)
    }

    /// Make a completion queue for up to `capacity` completions.
    ///
    /// # Errors
    /// When the device has no room for it.
    pub fn completion_queue(&self, capacity: u32) -> Result<Arc<CompletionQueue>, VerbsError> {
        CompletionQueue::new(self, capacity).map(Arc::new)
    }

    /// The next event of the device that nobody else waits for, within `limit`.
    ///
    /// # Errors
    /// When the device has failed.
    pub fn next_event(&self, limit: Duration) -> Result<Option<Event>, VerbsError> {
        self.shared.events.wait(&self.shared.context, limit, |_| true).map_err(VerbsError::verb(self.name()))
    }
}

/// The names of this machine's RDMA devices.
///
/// # Errors
/// When there is none, or none that can be used.
pub fn devices() -> Result<Vec<Box<str>>, VerbsError> {
    let names = match device_names() {
        Ok(names) => names,
        // What stands in for the library when it is missing says this.
        Err(refused) if refused.source.raw_os_error() == Some(libc::EOPNOTSUPP) => {
            return Err(VerbsError::NoLibrary);
        }
        // The library does not find the kernel's interface.
        Err(refused) if refused.source.raw_os_error() == Some(libc::ENOSYS) => Vec::new(),
        Err(refused) => return Err(VerbsError::verb("this machine")(refused)),
    };
    if names.is_empty() { Err(why_none(Path::new(KERNELS_CLASSES))) } else { Ok(names) }
}

/// Why the library finds no device, by what the kernel says in the folder of its classes.
fn why_none(classes: &Path) -> VerbsError {
    let entries = std::fs::read_dir(classes.join("infiniband")).into_iter().flatten().flatten();
    let mut known: Vec<_> = entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    known.sort_unstable();
    let Some(device) = known.first() else { return VerbsError::NoDevice };
    if classes.join("infiniband_verbs/abi_version").exists() {
        // Those whose files cannot be opened are not told of either.
        why_not_open(device).unwrap_or_else(|| VerbsError::NoProvider { device: device.as_str().into() })
    } else {
        VerbsError::NoUserVerbs { devices: known.join(", ").into() }
    }
}

/// Why the library cannot open a device: its own error says too little.
fn why_not_open(device: &str) -> Option<VerbsError> {
    let entries = std::fs::read_dir(Path::new(KERNELS_CLASSES).join("infiniband_verbs"))
        .into_iter()
        .flatten()
        .flatten();
    let entry = entries.into_iter().find(|entry| {
        let name = std::fs::read_to_string(entry.path().join("ibdev"));
        name.is_ok_and(|name| name.trim() == device)
    })?;
    let path = Path::new("/dev/infiniband").join(entry.file_name());
    let source = std::fs::OpenOptions::new().read(true).write(true).open(&path).err()?;
    let (device, path) = (device.into(), path.to_string_lossy().into());
    match source.kind() {
        io::ErrorKind::PermissionDenied => Some(VerbsError::Permission { device, path, source }),
        io::ErrorKind::NotFound => Some(VerbsError::NoNode { device, path, source }),
        _ => None,
    }
}

/// IBV_PORT_ACTIVE.
const ACTIVE: u32 = 4;
/// IBV_GID_TYPE_ROCE_V2 of the tables that the library reads.
const ROCE_VERSION_2: u32 = 2;

fn state_name(state: u32) -> &'static str {
    match state {
        1 => "down",
        2 => "initialize (no subnet manager has set it up)",
        3 => "armed (the subnet manager is not done)",
        ACTIVE => "active",
        5 => "active, with errors",
        _ => "in an unknown state",
    }
}

/// The entry that is meant. Without a choice: on Ethernet the first of RoCE version 2 that leaves the link, as IPv4 if there
/// is one; on InfiniBand the first.
fn choose_gid(
    device: &str,
    port: u8,
    gids: &[GidEntry],
    choice: Option<GidChoice>,
    is_ethernet: bool,
) -> Result<GidEntry, VerbsError> {
    let of_port: Vec<_> = gids.iter().filter(|entry| entry.port == u32::from(port)).copied().collect();
    let usable = |entry: &&GidEntry| !is_ethernet || entry.kind == ROCE_VERSION_2;
    let found = match choice {
        Some(GidChoice::Value(gid)) => of_port
            .iter()
            .filter(usable)
            .find(|entry| entry.gid == gid)
            .or_else(|| of_port.iter().find(|entry| entry.gid == gid)),
        Some(GidChoice::Index(index)) => of_port.iter().find(|entry| entry.index == index),
        None => of_port.iter().filter(usable).min_by_key(|entry| rank(entry.gid)).or(of_port.first()),
    };
    found.copied().ok_or_else(|| {
        let known = of_port.iter().map(|entry| format!("{} (index {})", entry.gid, entry.index));
        let known = known.collect::<Vec<_>>().join(", ");
        let known: Box<str> = if known.is_empty() { "none".into() } else { known.into() };
        let device = device.into();
        match choice {
            Some(GidChoice::Index(index)) => VerbsError::UnknownGidIndex { device, port, index, known },
            Some(GidChoice::Value(gid)) => VerbsError::UnknownGid { device, port, gid, known },
            None => VerbsError::UnknownGidIndex { device, port, index: 0, known },
        }
    })
}

/// Addresses of IPv4 first, those of the link only last.
fn rank(gid: Gid) -> u8 {
    let address = Ipv6Addr::from(gid.0);
    if address.to_ipv4_mapped().is_some() {
        0
    } else if address.is_unicast_link_local() {
        2
    } else {
        1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(gid: &str, index: u32, kind: u32) -> GidEntry {
        let gid = Gid(gid.parse::<Ipv6Addr>().unwrap().octets());
        GidEntry { gid, index, port: 1, kind, interface: 2 }
    }

    #[test]
    fn gids_are_chosen_by_value() {
        let gids = [
            entry("fe80::1", 0, 1),
            entry("fe80::1", 1, 2),
            entry("::ffff:10.77.0.1", 2, 1),
            entry("::ffff:10.77.0.1", 3, 2),
            entry("fd77::1", 4, 2),
        ];
        let chosen =
            |choice, is_ethernet| choose_gid("rxe0", 1, &gids, choice, is_ethernet).map(|entry| entry.index);
        assert_eq!(chosen(None, true).unwrap(), 3);
        assert_eq!(chosen(Some(GidChoice::Value(gids[0].gid)), true).unwrap(), 1);
        assert_eq!(chosen(Some(GidChoice::Value(gids[4].gid)), true).unwrap(), 4);
        assert_eq!(chosen(Some(GidChoice::Value(gids[0].gid)), false).unwrap(), 0);
        assert_eq!(chosen(Some(GidChoice::Index(2)), true).unwrap(), 2);
        let error = chosen(Some(GidChoice::Index(9)), true).unwrap_err().to_string();
        assert!(
            error.starts_with("port rxe0/1 has no GID at index 9: it has fe80::1 (index 0), "),
            "{error}"
        );
        let error = choose_gid("rxe0", 2, &gids, None, true).unwrap_err().to_string();
        assert!(error.ends_with("it has none"), "{error}");
    }

    #[test]
    fn a_module_that_is_not_loaded_is_named() {
        let classes = std::env::temp_dir().join(format!("fabric-ha-verbs-{}", std::process::id()));
        let said = |classes: &Path| why_none(classes).to_string();
        assert!(said(&classes).contains("/sys/class/infiniband is empty"));
        for device in ["mlx5_1", "mlx5_0"] {
            std::fs::create_dir_all(classes.join("infiniband").join(device)).unwrap();
        }
        assert_eq!(
            said(&classes),
            "the RDMA devices of this machine (mlx5_0, mlx5_1) cannot be used by programs: load the kernel's module \
             (`modprobe ib_uverbs`)"
        );
        std::fs::create_dir_all(classes.join("infiniband_verbs")).unwrap();
        std::fs::write(classes.join("infiniband_verbs/abi_version"), "6\n").unwrap();
        assert!(said(&classes).starts_with("libibverbs does not know the device \"mlx5_0\": install"));
        std::fs::remove_dir_all(classes).unwrap();
    }
}
