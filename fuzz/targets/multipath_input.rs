//! libFuzzer's way into `bodies::multipath_input`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::multipath_input(data));
