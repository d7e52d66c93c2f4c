//! libFuzzer's way into `bodies::transport_input`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::transport_input(data));
