//! The kernel's `ib_user_mad.h`: what goes in and out of a umad device, as a C compiler lays it out.
#![expect(unsafe_code, reason = "the oracle is C code")]

/// What a header is filled with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
#[allow(missing_docs, reason = "the names of the header's fields")]
pub struct Fields {
    pub id: u32,
    pub timeout_ms: u32,
    pub qpn: u32,
    pub q_key: u32,
    pub flow_label: u32,
    pub lid: u16,
    pub p_key_index: u16,
    pub service_level: u8,
    pub path_bits: u8,
    pub gid_index: u8,
    pub hop_limit: u8,
    pub traffic_class: u8,
    pub gid: [u8; 16],
}

/// What an agent is to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
#[allow(missing_docs, reason = "the names of the request's fields")]
pub struct Registration {
    pub qpn: u32,
    pub oui: u32,
    pub class: u8,
    pub class_version: u8,
    /// The only method of the mask.
    pub method: u8,
    /// 1 when the kernel segments, 0 when the program does.
    pub kernel_rmpp: u8,
}

/// Room for each of the structures.
type Room = [u8; 64];

unsafe extern "C" {
    fn oracle_umad_numbers(numbers: *mut u64);
    fn oracle_umad_header(fields: *const Fields, bytes: *mut u8) -> usize;
    fn oracle_umad_header_old(fields: *const Fields, bytes: *mut u8) -> usize;
    fn oracle_umad_register(wanted: *const Registration, bytes: *mut u8) -> usize;
    fn oracle_umad_register_old(wanted: *const Registration, bytes: *mut u8) -> usize;
}

fn filled<T>(fill: unsafe extern "C" fn(*const T, *mut u8) -> usize, value: &T) -> Vec<u8> {
    let mut bytes: Room = [0; 64];
    // SAFETY: the shim reads the structure, which has the layout of its own, and writes no more than 64 bytes.
    let length = unsafe { fill(value, bytes.as_mut_ptr()) };
    bytes[..length].to_vec()
}

/// The version of the interface, and the numbers of its four requests in their order.
pub fn numbers() -> [u64; 5] {
    let mut numbers = [0; 5];
    // SAFETY: the shim writes five numbers.
    unsafe { oracle_umad_numbers(numbers.as_mut_ptr()) };
    numbers
}

/// A header: with the index of the P_Key, and without.
pub fn headers(fields: &Fields) -> [Vec<u8>; 2] {
    [filled(oracle_umad_header, fields), filled(oracle_umad_header_old, fields)]
}

/// The requests to register an agent: the newer, and the older.
pub fn registrations(wanted: &Registration) -> [Vec<u8>; 2] {
    [filled(oracle_umad_register, wanted), filled(oracle_umad_register_old, wanted)]
}
