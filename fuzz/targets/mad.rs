//! libFuzzer's way into `bodies::mad`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::mad(data));
