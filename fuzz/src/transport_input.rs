use ib_mad::Lid;
use transport::{Delivery, LossRule, PortUrl, parse_ibsim_answer, parse_ibsim_packet, parse_umad_message};

const PACKET: usize = 288;
const CONTROL: usize = 80;

/// What reaches a transport from outside: messages of ibsim and of umad devices, and the texts that name a port or a
/// rule for losses.
pub fn transport_input(data: &[u8]) {
    packet(data);
    answer(data);
    for header in [64, 56] {
        umad_message(header, data);
    }
    let text = String::from_utf8_lossy(data);
    match text.parse::<PortUrl>() {
        Ok(url) => assert_eq!(url.to_string().parse(), Ok(url)),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    if let Err(error) = text.parse::<LossRule>() {
        assert!(!error.to_string().is_empty());
    }
}

/// A data message: only one of the right size with LIDs of 16 bits and queue pairs of 24 is taken, its datagram whole; an answer with
/// a Notice is a TrapRepress, whatever its status.
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
    let mut mad = bytes[32..].to_vec();
    let is_repress = (mad[1], mad[3], mad[16], mad[17]) == (0x01, 0x81, 0, 0x02);
    if is_repress {
        mad[3] = 0x07;
    }
    let expected = match u32::from_be_bytes(field(16)) {
        _ if is_repress => Some((from, to_queue_pair, Delivery::Received)),
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
            assert_eq!(incoming.mad, mad[..]);
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

/// A message of a umad device: a whole header with a known status, a service level of 4 bits and a queue pair of 24; its
/// datagram is what follows, cut or filled up with zeros.
fn umad_message(header: usize, data: &[u8]) {
    let incoming = parse_umad_message(header == 64, data);
    let Some((head, message)) = data.split_at_checked(header) else {
        return assert!(incoming.is_none());
    };
    let delivery = match u32::from_ne_bytes(head[4..8].try_into().expect("four bytes")) {
        0 => Some(Delivery::Received),
        110 => Some(Delivery::Undeliverable),
        _ => None,
    };
    let is_valid = head[20] == 0 && head[30] < 16;
    match (incoming, delivery.filter(|_| is_valid)) {
        (Some(incoming), Some(delivery)) => {
            assert_eq!(incoming.from, Lid(u16::from_be_bytes([head[28], head[29]])));
            assert_eq!(incoming.delivery, delivery);
            let class = message.get(1).copied().unwrap_or_default();
            assert_eq!(incoming.qpn.get(), u32::from(class != 0x01 && class != 0x81));
            let padded = message.iter().copied().chain(core::iter::repeat(0));
            assert!(padded.take(256).eq(incoming.mad));
        }
        (incoming, delivery) => assert!(incoming.is_none() && delivery.is_none(), "{incoming:?}"),
    }
}
