//! libFuzzer's way into `bodies::barrier`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::barrier(data));
