//! Devices, and what they say of themselves and of their ports.

use core::ffi::CStr;
use core::mem;
use core::ptr::NonNull;
use std::os::fd::BorrowedFd;

use ib_mad::{Gid, Lid, Mtu};
use rdma_mummy_sys as ffi;

use super::{Refused, done, object};

/// IBV_LINK_LAYER_ETHERNET.
const LINK_LAYER_ETHERNET: u8 = 2;

/// The list of devices, freed when this is dropped.
struct DeviceList {
    first: NonNull<*mut ffi::ibv_device>,
    count: usize,
}

impl DeviceList {
    fn get() -> Result<Self, Refused> {
        let mut count = 0;
        // SAFETY: the call writes the count to an integer that lives through it.
        let first = unsafe { ffi::ibv_get_device_list(&raw mut count) };
        let first = object("ibv_get_device_list", first)?;
        Ok(Self { first, count: usize::try_from(count).unwrap_or(0) })
    }

    fn iter(&self) -> impl Iterator<Item = (NonNull<ffi::ibv_device>, Box<str>)> + '_ {
        (0..self.count).filter_map(|at| {
            // SAFETY: the list has `count` entries and lives as long as this.
            let device = NonNull::new(unsafe { *self.first.as_ptr().add(at) })?;
            // SAFETY: the device belongs to the list; its name ends in a NUL and lives as long.
            let name = unsafe { CStr::from_ptr(ffi::ibv_get_device_name(device.as_ptr())) };
            Some((device, name.to_string_lossy().into()))
        })
    }
}

impl Drop for DeviceList {
    fn drop(&mut self) {
        // SAFETY: the list came from the library and is not used after this. Opened devices outlive it.
        unsafe { ffi::ibv_free_device_list(self.first.as_ptr()) };
    }
}

/// The names of all devices.
pub(crate) fn device_names() -> Result<Vec<Box<str>>, Refused> {
    Ok(DeviceList::get()?.iter().map(|(_, name)| name).collect())
}

/// What a device can do.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DeviceLimits {
    pub(crate) ports: u8,
    pub(crate) max_queue_depth: u32,
    pub(crate) max_reads_in: u8,
    pub(crate) max_reads_out: u8,
}

/// What a port says of itself.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RawPort {
    pub(crate) state: u32,
    pub(crate) physical_state: u8,
    pub(crate) is_ethernet: bool,
    pub(crate) mtu: Mtu,
    pub(crate) lid: Lid,
}

/// An entry of a port's table of GIDs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GidEntry {
    pub(crate) gid: Gid,
    pub(crate) index: u32,
    pub(crate) port: u32,
    pub(crate) kind: u32,
    pub(crate) interface: u32,
}

/// An open device.
#[derive(Debug)]
pub(crate) struct RawContext(NonNull<ffi::ibv_context>);

// SAFETY: the library's calls on a context lock what they share.
unsafe impl Send for RawContext {}
// SAFETY: as above.
unsafe impl Sync for RawContext {}

impl RawContext {
    /// Open the device with this name; `None` when there is none.
    pub(crate) fn open(name: &str) -> Result<Option<Self>, Refused> {
        let list = DeviceList::get()?;
        let Some((device, _)) = list.iter().find(|(_, known)| **known == *name) else { return Ok(None) };
        // SAFETY: the device belongs to the list, which lives through the call.
        let context = Self(object("ibv_open_device", unsafe { ffi::ibv_open_device(device.as_ptr()) })?);
        context.do_not_wait()?;
        Ok(Some(context))
    }

    pub(super) const fn as_ptr(&self) -> *mut ffi::ibv_context {
        self.0.as_ptr()
    }

    /// Events are looked for without waiting.
    fn do_not_wait(&self) -> Result<(), Refused> {
        super::wait::do_not_wait(self.event_descriptor())
            .map_err(|source| Refused { verb: "fcntl of the events' descriptor", source })
    }

    /// Readable when there is an event.
    pub(crate) fn event_descriptor(&self) -> BorrowedFd<'_> {
        // SAFETY: the context is open, and its descriptor with it, as long as this is borrowed.
        unsafe { BorrowedFd::borrow_raw((*self.as_ptr()).async_fd) }
    }

    pub(crate) fn limits(&self) -> Result<DeviceLimits, Refused> {
        // SAFETY: the structure is integers, arrays of them and characters: all zeros is a value of it.
        let mut attributes: ffi::ibv_device_attr = unsafe { mem::zeroed() };
        // SAFETY: the context is open; the structure lives through the call.
        done("ibv_query_device", unsafe { ffi::ibv_query_device(self.as_ptr(), &raw mut attributes) })?;
        let byte = |number| u8::try_from(number).unwrap_or(if number < 0 { 0 } else { u8::MAX });
        Ok(DeviceLimits {
            ports: attributes.phys_port_cnt,
            max_queue_depth: u32::try_from(attributes.max_qp_wr).unwrap_or(0),
            max_reads_in: byte(attributes.max_qp_rd_atom),
            max_reads_out: byte(attributes.max_qp_init_rd_atom),
        })
    }

    pub(crate) fn port(&self, number: u8) -> Result<RawPort, Refused> {
        // SAFETY: the structure is integers: all zeros is a value of it.
        let mut attributes: ffi::ibv_port_attr = unsafe { mem::zeroed() };
        // SAFETY: the context is open; the structure lives through the call.
        let returned = unsafe { ffi::ibv_query_port(self.as_ptr(), number, &raw mut attributes) };
        done("ibv_query_port", returned)?;
        Ok(RawPort {
            state: attributes.state,
            physical_state: attributes.phys_state,
            is_ethernet: attributes.link_layer == LINK_LAYER_ETHERNET,
            // The library has the specification's codes, 1 for 256 to 5 for 4096 bytes.
            mtu: Mtu(u8::try_from(attributes.active_mtu).unwrap_or(0)),
            lid: Lid(attributes.lid),
        })
    }

    /// The GIDs of all ports; empty entries are left out.
    pub(crate) fn gids(&self) -> Result<Vec<GidEntry>, Refused> {
        const MOST: usize = 1024;
        // SAFETY: an entry is integers and an array of bytes: all zeros is a value of it.
        let mut entries: Vec<ffi::ibv_gid_entry> = vec![unsafe { mem::zeroed() }; MOST];
        // SAFETY: the context is open; the pointer and the number are those of a vector that lives through the call.
        let found = unsafe { ffi::ibv_query_gid_table(self.as_ptr(), entries.as_mut_ptr(), MOST, 0) };
        let found = usize::try_from(found).map_err(|_| {
            let number = i32::try_from(found.unsigned_abs()).unwrap_or(libc::EIO);
            Refused { verb: "ibv_query_gid_table", source: std::io::Error::from_raw_os_error(number) }
        })?;
        let entry = |entry: &ffi::ibv_gid_entry| GidEntry {
            // SAFETY: every value of the union is sixteen bytes.
            gid: Gid(unsafe { entry.gid.raw }),
            index: entry.gid_index,
            port: entry.port_num,
            kind: entry.gid_type,
            interface: entry.ndev_ifindex,
        };
        Ok(entries.iter().take(found).map(entry).collect())
    }
}

impl Drop for RawContext {
    fn drop(&mut self) {
        // SAFETY: the context is open, everything made from it held it and is gone, and nobody uses it after this.
        unsafe { ffi::ibv_close_device(self.as_ptr()) };
    }
}
