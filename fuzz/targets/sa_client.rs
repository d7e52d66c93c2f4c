//! libFuzzer's way into `bodies::sa_client`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::sa_client(data));
