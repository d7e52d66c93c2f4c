//! libFuzzer's way into `bodies::topology_text`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::topology_text(data));
