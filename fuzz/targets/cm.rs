//! libFuzzer's way into `bodies::cm`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::cm(data));
