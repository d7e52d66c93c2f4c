//! Links the crates that promise to need neither std nor alloc into a program that has neither, and runs them: with std
//! in the link there would be two panic handlers, with alloc no allocator.

#![no_std]
#![no_main]

mod datagrams;
mod paths;
mod window;

use core::ffi::c_int;
use core::panic::PanicInfo;

// memcpy and its like; and the C library calls main.
#[link(name = "c")]
unsafe extern "C" {}

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {
        core::hint::spin_loop();
    }
}

/// The compiled `core` names this function in its unwinding tables; nobody calls it.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

/// What has to work. The exit code is the place of the first that does not.
const CHECKS: [fn() -> bool; 5] = [
    datagrams::parse,
    datagrams::requests,
    datagrams::connections,
    window::goes_back,
    paths::fail_and_return,
];

#[unsafe(no_mangle)]
extern "C" fn main(_: c_int, _: *const *const u8) -> c_int {
    (1..).zip(CHECKS).find(|(_, works)| !works()).map_or(0, |(place, _)| place)
}
