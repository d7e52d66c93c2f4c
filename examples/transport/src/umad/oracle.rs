//! The layouts as bytes, to be compared with what a C compiler makes of the kernel's header.

use super::abi::{
    ENABLE_P_KEY, Header, HeaderLayout, REGISTER_AGENT, REGISTER_AGENT_2, UNREGISTER_AGENT, VERSION,
};
use super::agents::Registration;
use super::message::UmadAddress;

/// The header with which a message is sent, in its longer form.
#[doc(hidden)]
pub fn umad_header(agent: u32, timeout_ms: u32, address: &UmadAddress) -> Vec<u8> {
    let mut bytes = Vec::new();
    Header::new(agent, timeout_ms, address).write(HeaderLayout::WithPKeyIndex, &mut bytes);
    bytes
}

/// The address in a header of 64 bytes or of 56.
#[doc(hidden)]
pub fn umad_address(has_p_key_index: bool, bytes: &[u8]) -> Option<UmadAddress> {
    let layout = if has_p_key_index { HeaderLayout::WithPKeyIndex } else { HeaderLayout::WithoutPKeyIndex };
    Header::split(layout, bytes).and_then(|(header, _)| header.address())
}

/// The requests to register an agent: the newer, and the older.
#[doc(hidden)]
pub fn umad_registrations(registration: &Registration) -> [Vec<u8>; 2] {
    registration.requests()
}

/// The version of the interface, and the numbers of the requests to register an agent, to unregister it, to enable the
/// index of P_Keys, and to register an agent in the newer way.
#[doc(hidden)]
#[allow(clippy::unnecessary_cast, reason = "their type depends on the C library")]
pub fn umad_numbers() -> [u64; 5] {
    let numbers = [REGISTER_AGENT, UNREGISTER_AGENT, ENABLE_P_KEY, REGISTER_AGENT_2];
    let [register, unregister, enable, register_2] = numbers.map(|number| number as u64);
    [VERSION.into(), register, unregister, enable, register_2]
}
