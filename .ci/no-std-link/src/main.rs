//! Links the crates that promise to need neither std nor alloc into a program that has neither, and runs them: with std
//! in the link there would be two panic handlers, with alloc no allocator.

#![no_std]
#![no_main]

use core::ffi::c_int;
use core::hint::black_box;
use core::panic::PanicInfo;
use core::time::Duration;

use ib_mad::request::{RequestLimits, RequestTable};
use ib_mad::wire::{AttributeId, MAD_LENGTH, Method, SaMadView};
use ib_mad::{Lid, TransactionId};

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

/// SubnAdmGetResp(PathRecord) with transaction id 7.
static RESPONSE: [u8; MAD_LENGTH] = {
    let mut mad = [0; MAD_LENGTH];
    mad[0] = 1;
    mad[1] = 0x03;
    mad[2] = 2;
    mad[3] = 0x81;
    mad[15] = 7;
    mad[17] = 0x35;
    mad
};

/// Whether the response is read right.
fn parses(bytes: &[u8]) -> bool {
    SaMadView::new(bytes).is_ok_and(|mad| {
        mad.header().method() == Method::GET_RESP
            && mad.header().attribute_id() == AttributeId::PATH_RECORD
            && mad.header().transaction_id() == TransactionId(7)
    })
}

/// Whether a request is sent, repeated, answered by the node that it went to, and by no other.
fn requests() -> bool {
    let mut table: RequestTable<u8, 4> = RequestTable::new(RequestLimits::DEFAULT, 1);
    let (manager, stranger) = (Lid(1), Lid(2));
    let start = Duration::from_secs(black_box(5000));
    let Ok(id) = table.start(start, manager, 42) else { return false };
    let sent = table.poll_transmit(start).is_some_and(|due| due.id == id && due.to == manager);
    let again = table.poll_transmit(start + RequestLimits::DEFAULT.timeout);
    let repeated = again.is_some_and(|due| due.id == id && due.attempt == 2);
    sent && repeated
        && table.respond(id, stranger).is_err()
        && table.respond(id, manager) == Ok(42)
        && table.is_empty()
}

#[unsafe(no_mangle)]
extern "C" fn main(_: c_int, _: *const *const u8) -> c_int {
    if !parses(black_box(&RESPONSE)) {
        return 1;
    }
    if parses(black_box(&RESPONSE[..255])) {
        return 2;
    }
    if !requests() {
        return 3;
    }
    0
}
