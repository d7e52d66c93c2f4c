use core::time::Duration;

use super::*;
use crate::datagram::Link;

const ANY: &str = "127.0.0.1:0";

async fn receive_all(channel: &mut UdpChannel, count: usize) -> Vec<(Link, Vec<u8>)> {
    let mut inbox = Inbox::new(4);
    let mut got = Vec::new();
    while got.len() < count {
        tokio::time::timeout(Duration::from_secs(10), channel.receive(&mut inbox)).await.unwrap().unwrap();
        got.extend(inbox.datagrams().map(|(link, bytes)| (link, bytes.to_vec())));
    }
    got
}

#[tokio::test]
async fn segments_arrive_as_datagrams_in_their_order_on_their_sockets() {
    let mut here = UdpChannel::bind(&[ANY.parse().unwrap(), ANY.parse().unwrap()]).unwrap();
    let mut there = UdpChannel::bind(&[ANY.parse().unwrap(), ANY.parse().unwrap()]).unwrap();
    let (from, to) = (here.local_addresses().unwrap(), there.local_addresses().unwrap());
    let mut outbox = Outbox::new(4);
    for (socket, peer) in to.into_iter().enumerate() {
        let room = outbox.room().unwrap();
        room[..2500].fill(socket as u8);
        for (place, segment) in room[..2500].chunks_mut(1000).enumerate() {
            segment[0] = 10 + place as u8;
        }
        outbox.push(Link { socket, peer }, 2500, 1000);
    }
    here.send(&mut outbox).await.unwrap();
    assert!(outbox.is_empty());
    let got = receive_all(&mut there, 6).await;
    for (socket, peer) in from.into_iter().enumerate() {
        let of_socket: Vec<_> = got.iter().filter(|(link, _)| link.socket == socket).collect();
        let expected = [(10, 1000), (11, 1000), (12, 500)];
        assert_eq!(of_socket.len(), expected.len());
        for ((link, bytes), (first, length)) in of_socket.into_iter().zip(expected) {
            assert_eq!((link.peer, bytes[0], bytes.len()), (peer, first, length));
            assert!(bytes[1..].iter().all(|byte| usize::from(*byte) == socket));
        }
    }
}

/// However many segments a batch has, and however few the last call takes of them.
#[tokio::test]
async fn more_segments_than_one_call_takes_all_arrive() {
    const SEGMENT: usize = 100;
    let mut here = UdpChannel::bind(&[ANY.parse().unwrap()]).unwrap();
    let mut there = UdpChannel::bind(&[ANY.parse().unwrap()]).unwrap();
    let peer = there.local_addresses().unwrap()[0];
    let in_one_call = here.sockets[0].state.max_gso_segments();
    let mut outbox = Outbox::new(1);
    // The last call has one whole segment, the last segment is short.
    let length = SEGMENT * (2 * in_one_call + 1) + 1;
    let room = outbox.room().unwrap();
    for (place, segment) in room[..length].chunks_mut(SEGMENT).enumerate() {
        segment.fill(place as u8);
    }
    outbox.push(Link { socket: 0, peer }, length, SEGMENT);
    here.send(&mut outbox).await.unwrap();
    let got = receive_all(&mut there, 2 * in_one_call + 2).await;
    for (place, (_, bytes)) in got.iter().enumerate() {
        let length = if place > 2 * in_one_call { 1 } else { SEGMENT };
        assert_eq!(bytes, &vec![place as u8; length]);
    }
}

#[tokio::test]
async fn the_longest_datagram_fits() {
    let mut here = UdpChannel::bind(&[ANY.parse().unwrap()]).unwrap();
    let mut there = UdpChannel::bind(&[ANY.parse().unwrap()]).unwrap();
    let peer = there.local_addresses().unwrap()[0];
    let mut outbox = Outbox::new(1);
    outbox.room().unwrap()[..65_507].fill(7);
    outbox.push(Link { socket: 0, peer }, 65_507, 65_507);
    here.send(&mut outbox).await.unwrap();
    assert_eq!(receive_all(&mut there, 1).await[0].1, vec![7; 65_507]);
}

#[tokio::test]
async fn what_the_system_does_not_take_is_lost() {
    let mut here = UdpChannel::bind(&[ANY.parse().unwrap()]).unwrap();
    let mut outbox = Outbox::new(2);
    // Bound to loopback, the socket leads nowhere else; and no datagram is as long as the other.
    for (peer, length) in [("192.0.2.1:9", 10), ("127.0.0.1:9", 65_520)] {
        outbox.push(Link { socket: 0, peer: peer.parse().unwrap() }, length, length);
    }
    here.send(&mut outbox).await.unwrap();
    assert_eq!(here.statistics(), [SocketStatistics { unsent: 1, too_long: 1 }]);
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    let first = UdpChannel::bind(&[ANY.parse().unwrap()]).unwrap();
    let taken = first.local_addresses().unwrap()[0];
    let error = UdpChannel::bind(&[taken]).unwrap_err().to_string();
    assert!(error.contains(&taken.to_string()) && error.contains("another"), "{error}");
}

#[test]
fn loopback_carries_long_packets() {
    let (mtu, is_local) = path_mtu("127.0.0.1".parse().unwrap(), "127.0.0.1:9".parse().unwrap()).unwrap();
    assert!(mtu >= 1500 && is_local);
}
