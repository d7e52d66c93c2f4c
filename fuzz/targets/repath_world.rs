//! libFuzzer's way into `bodies::repath_world`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::repath_world(data));
