//! libFuzzer's way into `bodies::decode`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::decode(data));
