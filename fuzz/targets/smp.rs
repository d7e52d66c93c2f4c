//! libFuzzer's way into `bodies::smp`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::smp(data));
