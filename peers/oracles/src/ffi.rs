//! The oracles themselves: all of the crate's unsafe code.
#![expect(unsafe_code, reason = "the oracles are C code")]

use core::ffi::{CStr, c_char, c_int, c_void};
use core::slice;

use crate::Buffer;

/// What an oracle can do with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Read it and write it.
    Both,
    /// Only read it.
    Read,
}

/// Somebody else's accessors, by the names that this crate gives to fields.
pub trait Oracle {
    /// Its name.
    fn name(&self) -> &'static str;
    /// Every field that it knows.
    fn keys(&self) -> Vec<&'static str>;
    /// What it can do with a field; `None` if it does not know it.
    fn access(&self, key: &str) -> Option<Access>;
    /// Read a known field of `bits` bits: its bytes, most significant first.
    fn read(&self, key: &str, bits: usize, buffer: &Buffer) -> Vec<u8>;
    /// Write a known field that it can write.
    fn write(&self, key: &str, bits: usize, buffer: &mut Buffer, value: &[u8]);
}

#[repr(C)]
struct HeaderField {
    key: *const c_char,
    offset: usize,
    size: usize,
    get: Option<unsafe extern "C" fn(*const c_void) -> u64>,
    set: Option<unsafe extern "C" fn(*mut c_void, u64)>,
}

#[repr(C)]
struct LibibmadField {
    key: *const c_char,
    id: c_int,
    base: c_int,
}

#[repr(C)]
struct IbTypesMask {
    key: *const c_char,
    mask: u64,
}

#[repr(C)]
struct NamedNumber {
    key: *const c_char,
    number: u64,
}

unsafe extern "C" {
    fn oracle_cm_codes(count: *mut usize) -> *const NamedNumber;
    fn oracle_ib_types_masks(count: *mut usize) -> *const IbTypesMask;
    fn oracle_ib_types_fields(count: *mut usize) -> *const HeaderField;
    fn oracle_linux_fields(count: *mut usize) -> *const HeaderField;
    fn oracle_libibmad_fields(count: *mut usize) -> *const LibibmadField;

    // infiniband/mad.h; the enumeration of fields is passed as an int.
    fn mad_get_field(buf: *mut c_void, base_offs: c_int, field: c_int) -> u32;
    fn mad_set_field(buf: *mut c_void, base_offs: c_int, field: c_int, val: u32);
    fn mad_get_field64(buf: *mut c_void, base_offs: c_int, field: c_int) -> u64;
    fn mad_set_field64(buf: *mut c_void, base_offs: c_int, field: c_int, val: u64);
    fn mad_get_array(buf: *mut c_void, base_offs: c_int, field: c_int, val: *mut c_void);
    fn mad_set_array(buf: *mut c_void, base_offs: c_int, field: c_int, val: *mut c_void);
}

fn name(key: *const c_char) -> &'static str {
    // SAFETY: every key in the tables of `shim/` is a string literal.
    unsafe { CStr::from_ptr(key) }.to_str().expect("keys are ASCII")
}

fn ib_types_fields() -> &'static [HeaderField] {
    let mut count = 0;
    // SAFETY: the function stores the length of the constant table that it returns.
    unsafe {
        let table = oracle_ib_types_fields(&mut count);
        slice::from_raw_parts(table, count)
    }
}

fn linux_fields() -> &'static [HeaderField] {
    let mut count = 0;
    // SAFETY: the function stores the length of the constant table that it returns.
    unsafe {
        let table = oracle_linux_fields(&mut count);
        slice::from_raw_parts(table, count)
    }
}

fn libibmad_fields() -> &'static [LibibmadField] {
    let mut count = 0;
    // SAFETY: the function stores the length of the constant table that it returns.
    unsafe {
        let table = oracle_libibmad_fields(&mut count);
        slice::from_raw_parts(table, count)
    }
}

/// The component masks of `ib_types.h`, by the names that `ib-mad` gives them.
pub fn component_masks() -> Vec<(&'static str, u64)> {
    let mut count = 0;
    // SAFETY: the function stores the length of the constant table that it returns.
    let masks = unsafe {
        let table = oracle_ib_types_masks(&mut count);
        slice::from_raw_parts(table, count)
    };
    masks.iter().map(|mask| (name(mask.key), u64::from_be(mask.mask))).collect()
}

/// Numbers of communication management in OpenSM's `ib_cm_types.h` and libibumad's `umad_cm.h`, by the names that `ib-mad` gives
/// them.
pub fn cm_codes() -> Vec<(&'static str, u64)> {
    let mut count = 0;
    // SAFETY: the function stores the length of the constant table that it returns.
    let codes = unsafe {
        let table = oracle_cm_codes(&mut count);
        slice::from_raw_parts(table, count)
    };
    codes.iter().map(|code| (name(code.key), code.number)).collect()
}

fn number(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// The low bytes of a number that hold `bits` bits. More than `bits` bits stay visible if they are in those bytes.
fn low_bytes(number: u64, bits: usize) -> Vec<u8> {
    number.to_be_bytes()[8 - bits.div_ceil(8)..].to_vec()
}

impl HeaderField {
    fn find(table: &'static [Self], key: &str) -> Option<&'static Self> {
        table.iter().find(|field| name(field.key) == key)
    }

    fn access(&self) -> Access {
        if self.size > 0 || self.set.is_some() { Access::Both } else { Access::Read }
    }

    fn read(&self, bits: usize, buffer: &Buffer) -> Vec<u8> {
        match self.get {
            None => buffer.0[self.offset..self.offset + self.size].to_vec(),
            // SAFETY: the accessor reads one structure of its header, all of which fit the buffer and ask for no more than
            // its alignment.
            Some(get) => low_bytes(unsafe { get(buffer.0.as_ptr().cast()) }, bits),
        }
    }

    fn write(&self, buffer: &mut Buffer, value: &[u8]) {
        match self.set {
            None => buffer.0[self.offset..self.offset + self.size].copy_from_slice(value),
            // SAFETY: as in `read`, and the buffer is borrowed for writing.
            Some(set) => unsafe { set(buffer.0.as_mut_ptr().cast(), number(value)) },
        }
    }
}

/// Oracles that are headers, each with its table.
macro_rules! headers {
    ($($(#[$doc:meta])* $oracle:ident, $name:literal, $table:ident;)+) => { $(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $oracle;

        impl Oracle for $oracle {
            fn name(&self) -> &'static str {
                $name
            }

            fn keys(&self) -> Vec<&'static str> {
                $table().iter().map(|field| name(field.key)).collect()
            }

            fn access(&self, key: &str) -> Option<Access> {
                HeaderField::find($table(), key).map(HeaderField::access)
            }

            fn read(&self, key: &str, bits: usize, buffer: &Buffer) -> Vec<u8> {
                HeaderField::find($table(), key).expect("a known field").read(bits, buffer)
            }

            fn write(&self, key: &str, _bits: usize, buffer: &mut Buffer, value: &[u8]) {
                HeaderField::find($table(), key).expect("a known field").write(buffer, value);
            }
        }
    )+ };
}

headers! {
    /// OpenSM's `ib_types.h`.
    IbTypes, "ib_types.h", ib_types_fields;
    /// Linux's `rdma/ibta_vol1_c12.h`: the messages of communication management.
    Linux, "Linux", linux_fields;
}

/// libibmad.
#[derive(Clone, Copy, Debug)]
pub struct Libibmad;

impl Libibmad {
    fn field(key: &str) -> &'static LibibmadField {
        libibmad_fields().iter().find(|field| name(field.key) == key).expect("a known field")
    }
}

impl Oracle for Libibmad {
    fn name(&self) -> &'static str {
        "libibmad"
    }

    fn keys(&self) -> Vec<&'static str> {
        libibmad_fields().iter().map(|field| name(field.key)).collect()
    }

    fn access(&self, key: &str) -> Option<Access> {
        libibmad_fields().iter().any(|field| name(field.key) == key).then_some(Access::Both)
    }

    fn read(&self, key: &str, bits: usize, buffer: &Buffer) -> Vec<u8> {
        let LibibmadField { id, base, .. } = *Self::field(key);
        // libibmad takes what it reads by a pointer that is not const: give it a copy.
        let mut copy = *buffer;
        let bytes = copy.0.as_mut_ptr().cast();
        // SAFETY: `id` is one of libibmad's own constants, `bytes` is a whole datagram, inside which all fields of a datagram or of an
        // attribute at its start are; an array of `bits` bits is written to a buffer of 256 bytes, more than any field has.
        unsafe {
            match bits {
                ..=32 => low_bytes(mad_get_field(bytes, base, id).into(), bits),
                64 => low_bytes(mad_get_field64(bytes, base, id), bits),
                _ => {
                    let mut value = [0_u8; 256];
                    mad_get_array(bytes, base, id, value.as_mut_ptr().cast());
                    value[..bits / 8].to_vec()
                }
            }
        }
    }

    fn write(&self, key: &str, bits: usize, buffer: &mut Buffer, value: &[u8]) {
        let LibibmadField { id, base, .. } = *Self::field(key);
        let bytes = buffer.0.as_mut_ptr().cast();
        // SAFETY: as in `read`; the array that libibmad copies from has 256 bytes, more than any field has.
        unsafe {
            match bits {
                ..=32 => mad_set_field(bytes, base, id, number(value).try_into().expect("32 bits")),
                64 => mad_set_field64(bytes, base, id, number(value)),
                _ => {
                    let mut array = [0_u8; 256];
                    array[..value.len()].copy_from_slice(value);
                    mad_set_array(bytes, base, id, array.as_mut_ptr().cast());
                }
            }
        }
    }
}
