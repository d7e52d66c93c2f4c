//! libFuzzer's way into `bodies::seqwin`.
#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::seqwin(data));
