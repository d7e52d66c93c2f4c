//! libFuzzer's way into `bodies::rmpp_receiver`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::rmpp_receiver(data));
