//! A sink for values that costs nothing.

use core::arch::asm;

/// A value that [`keep`] takes.
pub trait Keep {
    /// Require the value in a register.
    fn keep(self);
}

/// Make the compiler compute a value and hold it in a register, although nothing reads it.
///
/// [`core::hint::black_box`] writes a value to memory besides: a store for each field is a large part of what reading the
/// field takes, and no part of what a program does that compares it.
#[inline(always)]
pub fn keep(value: impl Keep) {
    value.keep();
}

macro_rules! keep_in_register {
    ($($integer:ty),*) => {
        $(impl Keep for $integer {
            #[inline(always)]
            #[allow(asm_sub_register, reason = "the register's name goes to a comment")]
            fn keep(self) {
                // SAFETY: no instruction is emitted.
                unsafe { asm!("/* {0} */", in(reg) self, options(nomem, nostack, preserves_flags)) }
            }
        })*
    };
}

keep_in_register!(u16, u32, u64);

impl Keep for u8 {
    #[inline(always)]
    fn keep(self) {
        // A byte has no register of its own everywhere; widening one is part of loading it.
        u32::from(self).keep();
    }
}
