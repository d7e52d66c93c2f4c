//! libFuzzer's way into `bodies::notice`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::notice(data));
