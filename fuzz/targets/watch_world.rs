//! libFuzzer's way into `bodies::watch_world`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::watch_world(data));
