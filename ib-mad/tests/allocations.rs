//! Nothing that is done with a received datagram allocates: every allocation of the thread is counted.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use core::hint::black_box;
use core::time::Duration;

use ib_mad::request::{ExpiryReason, RequestLimits, RequestTable};
use ib_mad::rmpp::{
    Gathered, Received, ReceiverLimits, Receivers, RmppFailure, RmppPeer, Sender, SenderHandled, SenderLimits,
};
use ib_mad::sa::{SaAddress, SaClient, SaClientConfig, SaFailure, SaHandled, SaRequest};
use ib_mad::wire::*;
use ib_mad::{Lid, Qpn, ServiceLevel, TransactionId};

/// Far from zero, so that a duration taken for a time shows.
const START: Duration = Duration::from_secs(1 << 40);
const MANAGER: Lid = Lid(1);

/// How often `work` allocates.
fn allocations(work: impl FnOnce()) -> u64 {
    allocation_counter::measure(work).count_total
}

#[test]
fn an_allocation_is_counted() {
    assert_eq!(allocations(|| drop(black_box(Box::new(7)))), 1);
    assert_eq!(allocations(|| drop(black_box(Vec::<u8>::with_capacity(7)))), 1);
    assert_eq!(allocations(|| assert_eq!(black_box([7]), [7])), 0);
}

/// Read and write one attribute, as far as the bytes suffice.
fn attribute<A: Attribute>(data: &[u8]) {
    if let Ok(view) = A::view(data) {
        let mut out = [0; MAD_LENGTH];
        assert_eq!(A::from_view(view).emit(&mut out), Ok(A::LENGTH));
        black_box(&out);
    }
}

macro_rules! attributes {
    ($data:expr, $($name:ident)*) => { $(attribute::<$name>($data);)* };
}

fn every_attribute(data: &[u8]) {
    attributes!(data, AlternatePathResponse ConnectReject ConnectReply ConnectRequest DisconnectReply DisconnectRequest
        LoadAlternatePath MsgRcptAck ReadyToUse ServiceIdResolutionRequest ServiceIdResolutionResponse);
    attributes!(data, ClassPortInfo ExtPortInfo GuidInfo GuidInfoRecord InformInfo InformInfoRecord
        LinearForwardingTable LinearForwardingTableRecord LinkRecord McMemberRecord MulticastForwardingTable
        MulticastForwardingTableRecord NodeDescription NodeInfo NodeRecord Notice PKeyTable PKeyTableRecord PathRecord
        PortCounters PortCountersExtended PortInfo PortInfoRecord RepathNotice ServiceRecord SlToVlMapping
        SlToVlMappingRecord SmInfo SmInfoRecord SmpNotice SwitchInfo SwitchInfoRecord VlArbitration
        VlArbitrationRecord);
    if let Ok(view) = MultiPathRecord::view(data) {
        black_box(MultiPathRecord::from_view(view));
    }
    if let Ok(notice) = Notice::parse(data) {
        black_box(notice.trap());
    }
}

#[test]
fn datagrams_of_every_class_are_read() {
    let mut received = 0;
    let counted = allocations(|| {
        for (class, version) in [(0x01, 1), (0x81, 1), (0x03, 2), (0x04, 1), (0x07, 2), (0x09, 1)] {
            for fill in 0..=255 {
                let mut bytes = [fill; MAD_LENGTH];
                bytes[..3].copy_from_slice(&[1, class, version]);
                // There are no directed routes of more hops.
                bytes[7] %= 64;
                let (mad, data) = match Mad::new(&bytes).unwrap() {
                    Mad::Smp(smp) => (Smp::from_view(smp).header, &smp.data()[..]),
                    Mad::DirectedRoute(smp) => (DirectedRouteSmp::from_view(smp).header, &smp.data()[..]),
                    Mad::Sa(mad) => (SaMad::from_view(mad).header, &mad.data()[..]),
                    Mad::Performance(mad) => (PerformanceMad::from_view(mad).header, &mad.data()[..]),
                    Mad::Communication(mad) => (CmMad::from_view(mad).header, &mad.data()[..]),
                    Mad::Other(header, data) => (MadHeader::from_view(header), data),
                    other => panic!("{other:?}"),
                };
                black_box(mad);
                every_attribute(data);
                // What is no datagram of the class is refused without one.
                bytes[0] ^= 0x40;
                assert!(Mad::new(&bytes).is_err() && Mad::new(&bytes[1..]).is_err());
                received += 1;
            }
        }
    });
    assert_eq!((counted, received), (0, 6 * 256));
}

#[test]
fn answers_reach_their_requests() {
    let mut table: RequestTable<u64, 64> = RequestTable::new(RequestLimits::DEFAULT, 1);
    let mut now = START;
    let counted = allocations(|| {
        for round in 0..1000 {
            let [answered, busy, lost] =
                [0, 1, 2].map(|number| table.start(now, MANAGER, round + number).unwrap());
            while table.poll_transmit(now).is_some() {}
            assert_eq!(table.respond(answered, MANAGER), Ok(round));
            assert!(table.respond(answered, MANAGER).is_err() && table.respond(busy, Lid(2)).is_err());
            assert_eq!(table.back_off(now, busy, MANAGER), Ok(()));
            let mut expired = 0;
            while let Some(next) = table.poll_timeout() {
                now = next.max(now);
                while table.poll_transmit(now).is_some() {}
                while let Some(request) = table.poll_expired(now) {
                    assert_eq!(request.reason, ExpiryReason::NoAnswer);
                    assert!([busy, lost].contains(&request.id));
                    expired += 1;
                }
            }
            assert_eq!(expired, 2);
        }
    });
    assert_eq!(counted, 0);
}

#[test]
fn the_client_of_subnet_administration_takes_answers() {
    let sa = SaAddress { lid: MANAGER, service_level: ServiceLevel::default() };
    let mut client: SaClient<16> = SaClient::new(SaClientConfig::new(sa));
    let mut requests = [
        SaRequest::get(&PathRecordQuery::new().source_lid(Lid(7))),
        SaRequest::get(&NodeRecordQuery::new()),
        SaRequest::get(&SwitchInfoRecordQuery::new()),
        SaRequest::class_port_info(),
        SaRequest::inform(&InformInfo::default()),
        SaRequest::get(&InformInfoRecordQuery::new()),
    ]
    .into_iter()
    .cycle();
    let (mut now, mut buffer) = (START, [0; MAD_LENGTH]);
    let counted = allocations(|| {
        for round in 0..1000 {
            let id = client.request(now, requests.next().unwrap()).unwrap();
            assert!(client.poll_transmit(now, &mut buffer).is_some());
            if round % 10 == 9 {
                // Nobody answers.
                let event = loop {
                    while client.poll_transmit(now, &mut buffer).is_some() {}
                    match client.poll_event(now) {
                        Some(event) => break event,
                        None => now = client.poll_timeout().unwrap(),
                    }
                };
                assert!(matches!(event.outcome, Err(SaFailure::NoAnswer { .. })) && event.id == id);
                continue;
            }
            // The request turned into its answer, which so repeats the question.
            buffer[3] = Method(buffer[3]).response().0;
            assert!(matches!(client.handle_datagram(now, Lid(2), &buffer), SaHandled::Ignored(_)));
            assert!(matches!(client.handle_datagram(now, MANAGER, &buffer[1..]), SaHandled::Ignored(_)));
            let SaHandled::Answered(event) = client.handle_datagram(now, MANAGER, &buffer) else {
                panic!("round {round}")
            };
            assert!(event.id == id && event.outcome.is_ok());
            assert!(matches!(client.handle_datagram(now, MANAGER, &buffer), SaHandled::NotMine(_)));
        }
    });
    assert_eq!(counted, 0);
}

/// The headers of a table of path records.
fn template(transaction: u64) -> [u8; MAD_LENGTH] {
    let header = MadHeader::request(
        ManagementClass::SUBNET_ADMINISTRATION,
        Method::GET_TABLE_RESP,
        AttributeId::PATH_RECORD,
        0,
        TransactionId(transaction),
    );
    let sa = SaHeader { attribute_offset: 8, ..SaHeader::default() };
    SaMad { header, rmpp: RmppHeader::INACTIVE, sa }.emit(&PathRecord::default()).unwrap()
}

#[test]
fn segments_become_records() {
    const RECORDS: usize = 3000;
    let peer = |lid| RmppPeer { lid, service_level: ServiceLevel::default(), qpn: Qpn::GENERAL_SERVICES };
    let (manager, host) = (peer(MANAGER), peer(Lid(7)));
    let table = vec![0xA5; RECORDS * PathRecord::LENGTH];
    let mut memory = vec![0; table.len()];
    let mut receivers: Receivers<8> = Receivers::new(ReceiverLimits::DEFAULT, 4);
    let (mut data, mut answer) = ([0; MAD_LENGTH], [0; MAD_LENGTH]);
    let (mut segments, mut failed) = (0, 0);
    let counted = allocations(|| {
        // Every fourth transfer is given up in its middle. Those before are still remembered: they have to make room.
        for transaction in 1..=12 {
            let mut gathered = Gathered::new(&mut memory);
            let mut sender =
                Sender::new(START, SenderLimits::DEFAULT, host, &template(transaction), &table[..]).unwrap();
            let mut records = 0;
            while sender.poll_transmit(START, &mut data).is_some() {
                segments += 1;
                if let Received::Data(part) = receivers.handle_segment(START, manager, &data) {
                    gathered.add(&part).unwrap();
                    let key = part.key;
                    let paths = part.records.typed::<PathRecord>().unwrap();
                    records += paths.filter(|path| black_box(path.p_key()).is_full_member()).count();
                    if transaction % 4 == 0 && records > RECORDS / 2 {
                        assert!(receivers.abort(START, key, RmppStatus::UNSPECIFIED));
                    }
                }
                // What arrives twice is not taken twice.
                assert!(!matches!(receivers.handle_segment(START, manager, &data), Received::Data(_)));
                while receivers.poll_transmit(START, &mut answer).is_some() {
                    if let SenderHandled::Failed(RmppFailure::ByPeer(_)) =
                        sender.handle_segment(START, host.lid, &answer)
                    {
                        failed += 1;
                    }
                }
            }
            if transaction % 4 != 0 {
                assert_eq!((records, gathered.records().unwrap().len()), (RECORDS, RECORDS));
            }
        }
        let mut expired = START;
        while let Some(next) = receivers.poll_timeout() {
            expired = next.max(expired);
            while receivers.poll_event(expired).is_some() {}
            while receivers.poll_transmit(expired, &mut answer).is_some() {}
        }
    });
    assert_eq!((counted, failed, receivers.len()), (0, 3, 0));
    assert!(segments > 10_000, "{segments}");
}
