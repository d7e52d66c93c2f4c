//! Four oracles for the layouts of `fabric-ha-ib-mad`: libibmad's accessors, OpenSM's `ib_types.h` as a C compiler
//! lays it out, the accessors that Linux's communication manager has in `rdma/ibta_vol1_c12.h`, and tshark.
//!
//! [`layouts`] lists the fields that `ib-mad` has, each with a way to read and to write it through `ib-mad` alone. An
//! [`Oracle`] reads and writes the fields that it knows, found by the same names. The tests set each field with one and
//! read it with the other. tshark only reads: [`tshark`] lists which fields it shows. [`matrix`] shows which field has which
//! oracle.
//!
//! [`umad`] is another oracle: the kernel's `ib_user_mad.h`, for what the transport writes to a umad device.

#![deny(unsafe_op_in_unsafe_fn)]

mod ffi;
mod fields;
pub mod matrix;
pub mod tshark;
pub mod umad;
mod value;

pub use ffi::{Access, IbTypes, Libibmad, Linux, Oracle, cm_codes, component_masks};
pub use fields::{Field, Layout, layouts};
pub use value::FieldValue;

/// Bytes that a layout is read from and written to: as many as a datagram has, aligned as C code expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C, align(8))]
pub struct Buffer(pub [u8; 256]);
