//! libFuzzer's way into `bodies::sa_mad`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::sa_mad(data));
