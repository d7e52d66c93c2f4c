use std::collections::VecDeque;

use super::*;

/// Gives back what it was sent, in one batch.
#[derive(Default)]
struct Echo {
    sent: VecDeque<(Link, Vec<u8>)>,
}

#[async_trait]
impl DatagramChannel for Echo {
    async fn send(&mut self, batch: &mut Outbox) -> Result<(), ChannelError> {
        self.sent.extend(batch.datagrams().map(|(link, bytes)| (link, bytes.to_vec())));
        batch.clear();
        Ok(())
    }

    async fn receive(&mut self, batch: &mut Inbox) -> Result<(), ChannelError> {
        batch.clear();
        let Some((link, bytes)) = self.sent.pop_front() else { return core::future::pending().await };
        let slot = batch.free_slots().next().expect("it was cleared");
        slot[..bytes.len()].copy_from_slice(&bytes);
        batch.fill(link.socket, link.peer, bytes.len(), bytes.len());
        Ok(())
    }

    fn statistics(&self) -> Vec<SocketStatistics> {
        Vec::new()
    }
}

fn link(socket: usize) -> Link {
    Link { socket, peer: "127.0.0.1:9".parse().expect("an address") }
}

async fn send(channel: &mut Impaired<Echo>, socket: usize, numbers: core::ops::Range<u8>) {
    let mut outbox = Outbox::new(1);
    let length = numbers.len();
    for (place, number) in outbox.room().expect("it is empty").iter_mut().zip(numbers) {
        *place = number;
    }
    outbox.push(link(socket), length, 1);
    channel.send(&mut outbox).await.expect("an echo takes everything");
}

async fn receive(channel: &mut Impaired<Echo>, count: usize) -> Vec<u8> {
    let mut inbox = Inbox::new(1);
    let mut got = Vec::new();
    while got.len() < count {
        channel.receive(&mut inbox).await.expect("an echo has no errors");
        got.extend(inbox.datagrams().map(|(_, bytes)| bytes[0]));
    }
    got
}

#[tokio::test(start_paused = true)]
async fn a_share_is_lost_and_the_same_with_the_same_seed() {
    let lost = |seed| async move {
        let mut channel =
            Impaired::new(Echo::default(), Impairment { drop: 0.25, seed, ..Impairment::default() });
        for _ in 0..40 {
            send(&mut channel, 0, 0..100).await;
        }
        let passed = channel.inner.sent.iter().map(|(_, bytes)| bytes[0]).collect::<Vec<_>>();
        assert!((2800..3200).contains(&passed.len()), "{}", passed.len());
        passed
    };
    assert_eq!(lost(1).await, lost(1).await);
    assert_ne!(lost(1).await, lost(2).await);
}

#[tokio::test(start_paused = true)]
async fn delays_reorder_and_lose_nothing() {
    let delay = "5ms-20ms".parse().expect("a range");
    let mut channel = Impaired::new(Echo::default(), Impairment { delay, ..Impairment::default() });
    let start = tokio::time::Instant::now();
    send(&mut channel, 0, 0..100).await;
    assert!(channel.inner.sent.is_empty());
    let mut got = receive(&mut channel, 100).await;
    let taken = start.elapsed();
    assert!(taken >= Duration::from_millis(18) && taken <= Duration::from_millis(25), "{taken:?}");
    assert!(!got.is_sorted());
    got.sort_unstable();
    assert_eq!(got, Vec::from_iter(0..100));
}

#[tokio::test(start_paused = true)]
async fn a_dead_path_carries_nothing_until_it_returns() {
    let outages = vec!["2@1s-2s".parse().expect("an outage")];
    let mut channel = Impaired::new(Echo::default(), Impairment { outages, ..Impairment::default() });
    let both = |number: u8| number..number + 1;
    for number in 0..3 {
        send(&mut channel, 0, both(number)).await;
        send(&mut channel, 1, both(10 + number)).await;
        let expected = if number == 1 { vec![1] } else { vec![number, 10 + number] };
        assert_eq!(receive(&mut channel, expected.len()).await, expected);
        tokio::time::advance(Duration::from_millis(990)).await;
        tokio::time::advance(Duration::from_millis(20)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_path_that_dies_has_lost_what_was_on_it() {
    let outages = vec!["2@10ms".parse().expect("an outage")];
    let delay = "20ms".parse().expect("a delay");
    let mut channel = Impaired::new(Echo::default(), Impairment { outages, delay, ..Impairment::default() });
    send(&mut channel, 1, 0..3).await;
    send(&mut channel, 0, 10..13).await;
    tokio::time::advance(Duration::from_millis(25)).await;
    channel.release().await.expect("an echo takes everything");
    assert!(channel.waiting.is_empty());
    let sent: Vec<_> = channel.inner.sent.iter().map(|(link, bytes)| (link.socket, bytes[0])).collect();
    assert_eq!(sent, [(0, 10), (0, 11), (0, 12)]);
}

#[tokio::test(start_paused = true)]
async fn more_than_is_sent_at_once_loses_nothing() {
    const LONG: usize = 60_000;
    let mut channel = Impaired::new(Echo::default(), Impairment::default());
    let mut outbox = Outbox::new(10);
    for number in 0..10 {
        outbox.room().expect("it has room for ten")[..LONG].fill(number);
        outbox.push(link(0), LONG, LONG);
    }
    channel.send(&mut outbox).await.expect("an echo takes everything");
    let sent: Vec<_> = channel.inner.sent.iter().map(|(_, bytes)| (bytes.len(), bytes[0])).collect();
    assert_eq!(sent, Vec::from_iter((0..10).map(|number| (LONG, number))));
}

#[test]
fn a_mistake_in_a_delay_is_named() {
    for text in ["", "5", "ms", "9ms-5ms", "-5ms", "5ms-"] {
        let error = text.parse::<DelayRange>().expect_err("it is no delay").to_string();
        assert!(error.contains("5ms-20ms"), "{error}");
    }
}
