//! libFuzzer's way into `bodies::multipath_world`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::multipath_world(data));
