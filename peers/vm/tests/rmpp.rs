//! Multi-packet transfers between the engine of `ib_mad::rmpp` and the kernel's own: the one segments for itself on one port, for
//! the other the kernel does on the other port. What the engine's documentation says of Linux is asked of it here.

#![allow(clippy::std_instead_of_alloc, clippy::disallowed_methods, reason = "it reads the clock")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use core::time::Duration;

use ib_mad::rmpp::{ReceiverLimits, RmppFailure, SenderLimits};
use ib_mad::wire::{
    Attribute, AttributeId, MAD_LENGTH, ManagementClass, Method, RmppFlags, RmppHeader, RmppStatus, RmppType,
};
use machine::{End, Machine, MadPort, mad, reply};
use support::engine;
use transport::{AgentId, Delivery, MethodMask, OwnedUmadMessage, Registration, Segmentation, UmadAddress};

/// Longer than a transfer takes.
const LONG: Option<Duration> = Some(Duration::from_secs(120));
const LIMIT: usize = 1 << 20;
/// Bytes in front of the message: the headers of subnet administration.
const HEADERS: usize = 56;
/// Bytes of the message in a segment.
const ROOM: usize = MAD_LENGTH - HEADERS;
/// Records of 64 bytes: eight times eight.
const ATTRIBUTE_OFFSET: u8 = 8;
/// Patient with a computer that does other things too.
const PATIENT: SenderLimits =
    SenderLimits { ack_timeout: Duration::from_secs(2), retries: 20, total_time: Duration::from_secs(120) };
/// The same for whoever knows that segments will be lost.
const EAGER: SenderLimits = SenderLimits { ack_timeout: Duration::from_millis(200), retries: 20, ..PATIENT };
const RECEIVER: ReceiverLimits =
    ReceiverLimits { total_time: Duration::from_secs(120), ..ReceiverLimits::DEFAULT };

/// The two ends: who asks for a table is at `here`, who has it `there`.
struct Ends {
    machine: Machine,
    here: MadPort,
    asks: AgentId,
    there: MadPort,
    answers: AgentId,
    /// The id of the last question. The kernel remembers a transfer for ten seconds, and takes a second one with its id for the
    /// same.
    question: u64,
}

impl Ends {
    fn new(asker: Segmentation, answerer: Segmentation) -> Self {
        let machine = Machine::this();
        let (mut here, mut there) = (machine.mad_port(End::Zero, LIMIT), machine.mad_port(End::One, LIMIT));
        let agent = |segmentation, methods| Registration {
            segmentation,
            methods,
            ..Registration::new(ManagementClass::SUBNET_ADMINISTRATION, 2)
        };
        let asks = here.register(&agent(asker, MethodMask::NONE)).unwrap();
        let answers = there.register(&agent(answerer, MethodMask::NONE.with(Method::GET_TABLE))).unwrap();
        Self { machine, here, asks, there, answers, question: 0 }
    }

    fn kernel_asks() -> Self {
        Self::new(Segmentation::Kernel, Segmentation::Program)
    }

    fn kernel_answers() -> Self {
        Self::new(Segmentation::Program, Segmentation::Kernel)
    }

    /// Ask for a table, whose records are of 64 bytes, and give the question as it arrived.
    async fn question(&mut self, timeout: Option<Duration>) -> OwnedUmadMessage {
        self.question += 1;
        let mut question = mad(Method::GET_TABLE, AttributeId::PATH_RECORD, self.question);
        question[45] = ATTRIBUTE_OFFSET;
        self.here.ask(self.asks, timeout, &question).unwrap();
        self.there.next().await
    }

    /// The kernel sends the answer to a question.
    fn kernel_sends(&mut self, question: &OwnedUmadMessage, message: &[u8]) {
        let mut whole = template(question).to_vec();
        whole.truncate(HEADERS);
        whole[24..27].copy_from_slice(&[1, 1, RmppFlags::ACTIVE.0]);
        whole.extend_from_slice(message);
        self.there.send(self.answers, &reply(question), None, &whole).unwrap();
    }

    /// The engine sends the answer to a question.
    async fn engine_sends(
        &mut self,
        question: &OwnedUmadMessage,
        message: &[u8],
        limits: SenderLimits,
    ) -> Result<(), RmppFailure> {
        let to = reply(question);
        engine::send(&mut self.there, self.answers, &to, limits, &template(question), message, |_| {}).await
    }

    /// A segment of an answer that no engine would send.
    fn send_segment(
        &mut self,
        to: &UmadAddress,
        template: &[u8; MAD_LENGTH],
        rmpp: RmppHeader,
        payload: &[u8],
    ) {
        let mut segment = *template;
        rmpp.emit(&mut segment[24..36]).unwrap();
        segment[HEADERS..][..payload.len()].copy_from_slice(payload);
        self.there.send(self.answers, to, None, &segment).unwrap();
    }
}

/// The headers of the answer to a question.
fn template(question: &OwnedUmadMessage) -> [u8; MAD_LENGTH] {
    let mut template = [0; MAD_LENGTH];
    template[..HEADERS].copy_from_slice(&question.data[..HEADERS]);
    template[3] |= 0x80;
    template
}

fn data(segment: u32, flags: RmppFlags, length: u32) -> RmppHeader {
    RmppHeader {
        version: 1,
        kind: RmppType::Data,
        response_time: 31,
        flags,
        status: RmppStatus::NORMAL,
        segment,
        length_or_window: length,
    }
}

fn flags(of: &[RmppFlags]) -> RmppFlags {
    RmppFlags(of.iter().fold(RmppFlags::ACTIVE.0, |all, flag| all | flag.0))
}

/// A message of so many records, in which every byte is where it belongs or is seen not to be.
fn table(records: usize) -> Vec<u8> {
    (0..records * 64).map(|at| (at ^ (at >> 8) ^ (at >> 16)) as u8).collect()
}

/// The header of the protocol in a segment.
fn rmpp(segment: &[u8]) -> (RmppType, RmppStatus, u32) {
    let view = RmppHeader::view(&segment[24..]).unwrap();
    (view.kind(), view.status(), view.segment())
}

#[tokio::test]
async fn the_kernel_takes_what_the_engine_sends() {
    let mut ends = Ends::kernel_asks();
    // One segment, one that is full, one more, a window of the kernel's and one more, and hundreds of KiB.
    for records in [1, 3, 25, 200, 201, 8_000] {
        let message = table(records);
        let question = ends.question(LONG).await;
        ends.engine_sends(&question, &message, PATIENT).await.unwrap();
        let got = ends.here.next().await;
        assert_eq!((got.agent, got.delivery), (ends.asks, Delivery::Received));
        assert!(got.data[HEADERS..] == message, "{records} records");
    }
}

#[tokio::test]
async fn the_engine_takes_what_the_kernel_sends() {
    let mut ends = Ends::kernel_answers();
    for records in [1, 3, 25, 200, 201, 8_000] {
        let message = table(records);
        let question = ends.question(LONG).await;
        ends.kernel_sends(&question, &message);
        let got = engine::receive(&mut ends.here, ends.asks, RECEIVER, |_, _| {}).await.unwrap();
        assert!(got == message, "{records} records, {} bytes", got.len());
    }
}

/// Of data and acknowledgements alike some are lost on the cable. By chance it can be none in one transfer: there are transfers until some
/// were.
///
/// Of the kernel's acknowledgements the last is sent once: where that is lost, the sender repeats what was not acknowledged until it gives
/// up, and the message has arrived all the same.
const LOSS: &str = "loss 3%";

#[tokio::test]
async fn what_is_lost_of_the_engines_segments_is_sent_again() {
    let mut ends = Ends::kernel_asks();
    let message = table(1_500);
    let (mut sent, mut needed) = (0, 0);
    while sent == needed {
        let question = ends.question(LONG).await;
        let _losses = [End::Zero, End::One].map(|end| ends.machine.netem(end, LOSS));
        let (to, template) = (reply(&question), template(&question));
        let sending =
            engine::send(&mut ends.there, ends.answers, &to, EAGER, &template, &message, |_| sent += 1);
        let outcome = sending.await;
        let gave_up = Err(RmppFailure::Here(RmppStatus::TOO_MANY_RETRIES));
        assert!(outcome == Ok(()) || outcome == gave_up, "{outcome:?}");
        needed += message.len().div_ceil(ROOM);
        assert!(ends.here.next().await.data[HEADERS..] == message);
    }
}

#[tokio::test]
async fn what_is_lost_of_the_kernels_segments_is_sent_again() {
    let mut ends = Ends::kernel_answers();
    ends.there.repeat(50);
    let message = table(300);
    let mut again_or_missing = 0;
    while again_or_missing == 0 {
        let question = ends.question(LONG).await;
        let _losses = [End::Zero, End::One].map(|end| ends.machine.netem(end, LOSS));
        ends.kernel_sends(&question, &message);
        let mut highest = 0;
        let got = engine::receive(&mut ends.here, ends.asks, RECEIVER, |_, segment| {
            let (_, _, number) = rmpp(segment);
            again_or_missing += u32::from(number != highest + 1);
            highest = highest.max(number);
        });
        assert!(got.await.unwrap() == message);
    }
}

#[tokio::test]
async fn a_stop_ends_what_the_kernel_sends() {
    let mut ends = Ends::kernel_answers();
    let question = ends.question(LONG).await;
    ends.kernel_sends(&question, &table(1_000));
    let small = ReceiverLimits { max_length: 10_000, ..RECEIVER };
    let mut highest = 0;
    let outcome = engine::receive(&mut ends.here, ends.asks, small, |_, segment| {
        highest = highest.max(rmpp(segment).2)
    })
    .await;
    assert_eq!(outcome, Err(RmppFailure::Here(RmppStatus::RESOURCES_EXHAUSTED)));
    assert_eq!(highest, 1);
    // The kernel has stopped: the next transfer is all that comes, though nothing was repeated in between.
    let question = ends.question(LONG).await;
    ends.kernel_sends(&question, &table(3));
    let got = engine::receive(&mut ends.here, ends.asks, RECEIVER, |_, _| {}).await.unwrap();
    assert!(got == table(3));
}

#[tokio::test]
async fn the_kernel_aborts_when_more_is_acknowledged_than_it_sent() {
    let mut ends = Ends::kernel_answers();
    let question = ends.question(LONG).await;
    ends.kernel_sends(&question, &table(1_000));
    let mut acknowledged = false;
    let outcome = engine::receive(&mut ends.here, ends.asks, RECEIVER, |port, segment| {
        if acknowledged || rmpp(segment).0 != RmppType::Data {
            return;
        }
        acknowledged = true;
        let mut ack = *segment;
        ack[3] &= 0x7F;
        let header = RmppHeader {
            kind: RmppType::Ack,
            length_or_window: 10_064,
            ..data(10_000, RmppFlags::ACTIVE, 0)
        };
        header.emit(&mut ack[24..36]).unwrap();
        port.ask(ends.asks, None, &ack).unwrap();
    });
    assert_eq!(outcome.await, Err(RmppFailure::ByPeer(RmppStatus::SEGMENT_NUMBER_TOO_BIG)));
}

#[tokio::test]
async fn the_kernel_does_not_believe_an_abort_of_the_sender() {
    let mut ends = Ends::kernel_asks();
    let question = ends.question(Some(Duration::from_secs(1))).await;
    let message = table(500);
    let (to, template) = (reply(&question), template(&question));
    let mut left = 10;
    let aborted = engine::send(&mut ends.there, ends.answers, &to, PATIENT, &template, &message, |sender| {
        left -= 1;
        if left == 0 {
            sender.abort_with(RmppStatus::UNSPECIFIED);
        }
    });
    // The machine that was ended says nothing more of it.
    aborted.await.unwrap();
    // Whoever asked learns nothing of the abort, but that nobody answered in time.
    let returned = ends.here.next().await;
    assert_eq!((returned.delivery, returned.data.len()), (Delivery::Undeliverable, 24));
}

#[tokio::test]
async fn an_engine_that_nobody_hears_gives_up_and_says_so() {
    let mut ends = Ends::kernel_asks();
    let question = ends.question(LONG).await;
    ends.here.unregister(ends.asks);
    let limits = SenderLimits { ack_timeout: Duration::from_millis(50), retries: 3, ..PATIENT };
    let outcome = ends.engine_sends(&question, &table(500), limits).await;
    assert_eq!(outcome, Err(RmppFailure::Here(RmppStatus::TOO_MANY_RETRIES)));
}

/// Segments 1, 3 and 2 of three, and what the kernel makes of them.
#[tokio::test]
async fn the_kernel_keeps_a_segment_that_comes_before_its_turn() {
    let mut ends = Ends::kernel_asks();
    let question = ends.question(LONG).await;
    let (to, template, message) = (reply(&question), template(&question), table(9));
    let parts: Vec<_> = message.chunks(ROOM).collect();
    let total = (message.len() + parts.len() * 20) as u32;
    ends.send_segment(&to, &template, data(1, flags(&[RmppFlags::FIRST]), total), parts[0]);
    assert_eq!(rmpp(&ends.there.next().await.data), (RmppType::Ack, RmppStatus::NORMAL, 1));
    let last = (parts[2].len() + 20) as u32;
    ends.send_segment(&to, &template, data(3, flags(&[RmppFlags::LAST]), last), parts[2]);
    ends.send_segment(&to, &template, data(2, flags(&[]), 0), parts[1]);
    assert!(ends.here.next().await.data[HEADERS..] == message);
    assert_eq!(rmpp(&ends.there.next().await.data), (RmppType::Ack, RmppStatus::NORMAL, 3));
}

#[tokio::test]
async fn the_kernel_drops_a_segment_beyond_its_window_and_goes_on() {
    let mut ends = Ends::kernel_asks();
    let question = ends.question(LONG).await;
    let (to, template, message) = (reply(&question), template(&question), table(6));
    let parts: Vec<_> = message.chunks(ROOM).collect();
    let total = (message.len() + parts.len() * 20) as u32;
    ends.send_segment(&to, &template, data(1, flags(&[RmppFlags::FIRST]), total), parts[0]);
    let ack = ends.there.next().await;
    assert_eq!(rmpp(&ack.data), (RmppType::Ack, RmppStatus::NORMAL, 1));
    let window = RmppHeader::view(&ack.data[24..]).unwrap().length_or_window();
    ends.send_segment(&to, &template, data(window + 1, flags(&[]), 0), parts[1]);
    ends.send_segment(
        &to,
        &template,
        data(2, flags(&[RmppFlags::LAST]), (parts[1].len() + 20) as u32),
        parts[1],
    );
    assert!(ends.here.next().await.data[HEADERS..] == message);
    // No abort came in between.
    assert_eq!(rmpp(&ends.there.next().await.data), (RmppType::Ack, RmppStatus::NORMAL, 2));
}

#[tokio::test]
async fn of_lengths_that_disagree_the_kernel_believes_the_last() {
    let mut ends = Ends::kernel_asks();
    let question = ends.question(LONG).await;
    let (to, template, message) = (reply(&question), template(&question), table(6));
    let parts: Vec<_> = message.chunks(ROOM).collect();
    // A tenth of what comes.
    ends.send_segment(&to, &template, data(1, flags(&[RmppFlags::FIRST]), 40), parts[0]);
    let last = (parts[1].len() + 20) as u32;
    ends.send_segment(&to, &template, data(2, flags(&[RmppFlags::LAST]), last), parts[1]);
    assert!(ends.here.next().await.data[HEADERS..] == message);
}
