//! libFuzzer's way into `bodies::request_table`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::request_table(data));
