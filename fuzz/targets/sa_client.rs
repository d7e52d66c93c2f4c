#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| bodies::sa_client(data));
