use ib_mad::Lid;
use transport::{Delivery, LossRule, PortUrl, parse_ibsim_answer, parse_ibsim_packet};

const PACKET: usize = 288;
const CONTROL: usize = 80;

/// What reaches a transport from outside: messages of ibsim, and the texts that name a port or a rule for losses.
pub fn transport_input(data: &[u8]) {
    packet(data);
    answer(data);
    let text = String::from_utf8_lossy(data);
    match text.parse::<PortUrl>() {
        Ok(url) => assert!(format!("{url:?}").contains("node")),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    if let Err(error) = text.parse::<LossRule>() {
        assert!(!error.to_string().is_empty());
    }
}

/// A data message: only one of the right size with LIDs of 16 bits and queue pairs of 24 is taken, its datagram whole.
fn packet(data: &[u8]) {
    let incoming = parse_ibsim_packet(data);
    let Ok(bytes) = <&[u8; PACKET]>::try_from(data) else {
        return assert!(incoming.is_none());
    };
    let field = |at: usize| <[u8; 4]>::try_from(&bytes[at..at + 4]).expect("four bytes");
    let lid = |at| u16::try_from(u32::from_ne_bytes(field(at))).map(u16::from_be).map(Lid).ok();
    let queue_pair = |at| Some(u32::from_be_bytes(field(at))).filter(|number| *number < 1 << 24);
    let (to, from) = (lid(0), lid(4));
    let (to_queue_pair, from_queue_pair) = (queue_pair(8), queue_pair(12));
    let expected = match u32::from_be_bytes(field(16)) {
        0 => Some((from, to_queue_pair, Delivery::Received)),
        110 => Some((to, from_queue_pair, Delivery::Undeliverable)),
        _ => None,
    };
    let is_valid = to.and(from).is_some() && to_queue_pair.and(from_queue_pair).is_some();
    match (incoming, expected.filter(|_| is_valid)) {
        (Some(incoming), Some((from, queue_pair, delivery))) => {
            assert_eq!(Some(incoming.from), from);
            assert_eq!(Some(incoming.qpn.get()), queue_pair);
            assert_eq!(incoming.delivery, delivery);
            assert_eq!(incoming.mad, bytes[32..]);
        }
        (incoming, expected) => assert!(incoming.is_none() && expected.is_none(), "{incoming:?}"),
    }
}

/// A control message: only one with the right magic, client and type is an answer.
fn answer(data: &[u8]) {
    let client = data.get(4..8).map_or(0, |bytes| u32::from_ne_bytes(bytes.try_into().expect("four bytes")));
    let is_message = data.len() == CONTROL && data[..4] == 0xDEAD_BEEF_u32.to_ne_bytes();
    let kind =
        data.get(8..12).filter(|_| is_message).and_then(|kind| kind.try_into().ok()).map(u32::from_ne_bytes);
    let expected = match kind {
        Some(0) => Some(false),
        Some(1) => Some(true),
        _ => None,
    };
    assert_eq!(parse_ibsim_answer(client, data), expected);
    assert_eq!(parse_ibsim_answer(client ^ 1, data), None);
}
