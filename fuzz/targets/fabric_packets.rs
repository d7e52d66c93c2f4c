//! libFuzzer's way into `bodies::fabric_packets`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::fabric_packets(data));
