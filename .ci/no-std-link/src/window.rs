//! `seqwin`: a packet is lost and sent again.

use core::hint::black_box;
use core::time::Duration;

use seqwin::{
    Answer, Matched, Order, Requester, RequesterConfig, Responder, ResponderConfig, Response, Stamp,
    TransactionType, Verdict,
};

const SEND: TransactionType = TransactionType(1);

fn response(stamp: Stamp, answer: Answer) -> Response {
    Response { source: 0, vi: 0, sequence: stamp.sequence, kind: SEND, serial: stamp.serial, answer }
}

/// Whether a requester goes back to the packet that a responder lacks, and both of them end where they should.
pub(crate) fn goes_back() -> bool {
    let deadline = Duration::from_secs(black_box(5000));
    let Ok(mut requester) = Requester::<u8, 4>::new(RequesterConfig::DEFAULT) else { return false };
    let Ok(mut responder) = Responder::new(ResponderConfig::DEFAULT) else { return false };
    let Ok(_lost) = requester.launch(Order::Ordered, SEND, 1, deadline) else { return false };
    let Ok(second) = requester.launch(Order::Ordered, SEND, 2, deadline) else { return false };

    let refused =
        responder.receive(second.sequence, Order::Ordered) == Verdict::OutOfSequence { refuse: true };
    let refusal = response(second, Answer::OutOfSequence);
    let told = requester.handle_response(&refusal, |_| ()) == Matched::Refused(&2);
    let failed = requester.fail(|_| true);

    let (mut items, mut count) = (0, 0);
    while let Some(again) = requester.relaunch(deadline, |_| ()) {
        let stamp = again.stamp;
        if responder.receive(stamp.sequence, again.order) != Verdict::Expected {
            return false;
        }
        let _ = requester.handle_response(&response(stamp, Answer::Acknowledged), |item| {
            items = items * 10 + item;
            count += 1;
        });
    }
    refused && told && failed == 2 && count == 2 && items == 12 && requester.is_idle()
}
