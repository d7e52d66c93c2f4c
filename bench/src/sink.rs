//! Where fields go that a benchmark reads, so that the compiler cannot leave the reading out.

use core::arch::asm;
use core::hint::black_box;

/// Takes the fields of a datagram, one after the other.
pub trait Sink {
    /// Take one.
    fn take(&mut self, field: impl Into<u64>);
}

/// Stores each field in memory: what [`black_box`] does with a number.
#[derive(Clone, Copy, Debug)]
pub struct Stored;

impl Sink for Stored {
    #[inline]
    fn take(&mut self, field: impl Into<u64>) {
        black_box(field);
    }
}

/// Wants each field in a register, where a program has it that compares it, and does no more.
#[derive(Clone, Copy, Debug)]
pub struct InRegister;

impl Sink for InRegister {
    #[inline]
    fn take(&mut self, field: impl Into<u64>) {
        // SAFETY: no instruction; the compiler only has to have the number in a register here.
        unsafe { asm!("/* {0} */", in(reg) field.into(), options(nomem, nostack, preserves_flags)) }
    }
}

/// Keeps the values, to be compared.
impl Sink for Vec<u64> {
    fn take(&mut self, field: impl Into<u64>) {
        self.push(field.into());
    }
}
