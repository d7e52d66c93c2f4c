use alloc::string::ToString;
use alloc::vec::Vec;
use core::time::Duration;

use super::*;
use crate::request::{RequestId, RequestLimits, StartError};
use crate::types::{Guid, Lid, MKey, Qpn};
use crate::wire::{
    Attribute, AttributeId, MAD_LENGTH, ManagementClass, Method, NodeDescription, NodeInfo, PortCounters,
    Status,
};

const EPOCH: Duration = Duration::from_secs(70_000_000);
const LIMITS: RequestLimits = RequestLimits { retries: 1, busy_retries: 1, ..RequestLimits::DEFAULT };
type Bytes = [u8; MAD_LENGTH];

fn requests() -> [NodeRequest; 3] {
    [
        NodeRequest::get(Route::lid(Lid(7)), AttributeId::NODE_INFO, 3).with_m_key(MKey(5)),
        NodeRequest::get(Route::directed(&[1, 4]).unwrap(), AttributeId::NODE_INFO, 3),
        NodeRequest::counters(Lid(7), AttributeId::PORT_COUNTERS, 2),
    ]
}

fn asked(request: NodeRequest) -> (NodeClient<4>, RequestId, Bytes, Lid) {
    let mut client = NodeClient::new(LIMITS, 77);
    let id = client.request(EPOCH, request).unwrap();
    let mut buffer = [0xFF; MAD_LENGTH];
    let transmit = client.poll_transmit(EPOCH, &mut buffer).unwrap();
    let is_smp = request.class() != ManagementClass::PERFORMANCE;
    assert_eq!(transmit.qpn, if is_smp { Qpn::SUBNET_MANAGEMENT } else { Qpn::GENERAL_SERVICES });
    (client, id, buffer, transmit.to)
}

fn answer(question: &Bytes) -> Bytes {
    let mut answer = *question;
    answer[3] = Method::GET_RESP.0;
    answer
}

#[test]
fn questions_go_where_they_should() {
    let [by_lid, directed, counters] = requests().map(asked);
    assert_eq!((by_lid.3, directed.3, counters.3), (Lid(7), Lid::PERMISSIVE, Lid(7)));
    assert_eq!(by_lid.2[..4], [1, 0x01, 1, 1]);
    assert_eq!(by_lid.2[16..32], [0, 0x11, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 5]);
    assert_eq!(directed.2[..8], [1, 0x81, 1, 1, 0, 0, 0, 2]);
    assert_eq!(directed.2[128..132], [0, 1, 4, 0]);
    assert_eq!(counters.2[..4], [1, 0x04, 1, 1]);
    assert_eq!(counters.2[65], 2);
    assert_eq!(Route::directed(&[1, 4]).unwrap().to_string(), "route 0,1,4");
    assert_eq!(Route::directed(&[]).unwrap().to_string(), "route 0");
    assert!(Route::directed(&[1; 63]).is_some() && Route::directed(&[1; 64]).is_none());
}

#[test]
fn the_answer_is_taken_once_and_from_nobody_else() {
    for request in requests() {
        let (mut client, id, question, to) = asked(request);
        let answer = answer(&question);
        let before = client.clone();
        let mut others = Vec::from([question]);
        for (place, bit) in [(1, 0x10), (3, 0x10), (15, 1), (17, 1), (23, 1)] {
            others.push(answer);
            others.last_mut().unwrap()[place] ^= bit;
        }
        for other in others {
            assert_eq!(client.handle_datagram(EPOCH, to, &other), NodeHandled::NotMine);
        }
        if to != Lid::PERMISSIVE {
            assert_eq!(client.handle_datagram(EPOCH, Lid(8), &answer), NodeHandled::NotMine);
        }
        assert_eq!(client.handle_datagram(EPOCH, to, &answer[..255]), NodeHandled::NotMine);
        assert_eq!(client, before);
        let handled = client.handle_datagram(EPOCH, to, &answer);
        let NodeHandled::Answered(event) = handled else { panic!("{handled:?}") };
        assert_eq!((event.id, event.request), (id, request));
        if request.class() == ManagementClass::PERFORMANCE {
            assert_eq!(event.read::<PortCounters>().unwrap().port_select, 2);
        } else {
            assert_eq!(event.read::<NodeInfo>(), Ok(NodeInfo::default()));
        }
        assert_eq!(client.handle_datagram(EPOCH, to, &answer), NodeHandled::NotMine);
        assert_eq!((client.in_flight(), client.poll_timeout()), (0, None));
    }
}

/// Along a directed route nobody has a LID: the datagram's sender is whatever the transport says, and the status has the direction.
#[test]
fn the_answer_along_a_route_comes_from_anywhere() {
    let key = MKey(0x0102_0304_0506_0708);
    let route = Route::directed(&[1, 4]).unwrap();
    let (mut client, _, question, _) =
        asked(NodeRequest::get(route, AttributeId::NODE_INFO, 0).with_m_key(key));
    assert_eq!(question[24..32], [1, 2, 3, 4, 5, 6, 7, 8]);
    let info = NodeInfo { node_guid: Guid(0x1122), number_of_ports: 36, ..NodeInfo::default() };
    let mut answer = answer(&question);
    info.emit(&mut answer[64..]).unwrap();
    answer[4] = 0x80;
    let mut refusal = answer;
    refusal[5] = 0x1C;
    for from in [0, 9, 0xFFFF].map(Lid) {
        let mut other = client.clone();
        let NodeHandled::Answered(event) = other.handle_datagram(EPOCH, from, &refusal) else {
            panic!("{from}")
        };
        assert_eq!(event.outcome, Err(NodeFailure::Status(Status(0x1C))));
        let mut other = client.clone();
        let NodeHandled::Answered(event) = other.handle_datagram(EPOCH, from, &answer) else {
            panic!("{from}")
        };
        assert_eq!(event.read::<NodeInfo>(), Ok(info));
    }
    answer[1] = ManagementClass::SUBNET_LID_ROUTED.0;
    assert_eq!(client.handle_datagram(EPOCH, Lid::PERMISSIVE, &answer), NodeHandled::NotMine);
}

#[test]
fn answers_bring_what_the_node_said() {
    let (mut client, _, question, to) = asked(requests()[0]);
    let info = NodeInfo { node_guid: Guid(0x1122), ..NodeInfo::default() };
    let mut answer = answer(&question);
    info.emit(&mut answer[64..]).unwrap();
    // What lies behind the data is no part of it, nor is it read as counters.
    answer[128..].fill(0xEE);
    let NodeHandled::Answered(event) = client.handle_datagram(EPOCH, to, &answer) else { panic!() };
    assert_eq!(event.read::<NodeInfo>(), Ok(info));
    assert_eq!(event.read::<NodeDescription>().unwrap().0[40..], [0; 24]);
}

/// PortCounters and SwitchInfo have the same number, each in its class.
#[test]
fn an_answer_of_another_class_is_nobodys() {
    let switch = NodeRequest::get(Route::lid(Lid(7)), AttributeId::SWITCH_INFO, 0);
    let counters = NodeRequest::counters(Lid(7), AttributeId::PORT_COUNTERS, 0);
    assert_eq!(AttributeId::SWITCH_INFO, AttributeId::PORT_COUNTERS);
    for (request, class) in
        [(switch, ManagementClass::PERFORMANCE), (counters, ManagementClass::SUBNET_LID_ROUTED)]
    {
        let (mut client, _, question, to) = asked(request);
        let mut answer = answer(&question);
        answer[1] = class.0;
        assert_eq!(client.handle_datagram(EPOCH, to, &answer), NodeHandled::NotMine);
        assert_eq!(client.in_flight(), 1);
    }
}

#[test]
fn a_full_client_hands_the_request_back_and_a_cancelled_one_makes_room() {
    let mut client: NodeClient<1> = NodeClient::new(LIMITS, 77);
    let [first, second, _] = requests();
    let id = client.request(EPOCH, first).unwrap();
    assert_eq!(client.request(EPOCH, second), Err(StartError::TableFull(second)));
    assert!(client.cancel(id) && !client.cancel(id));
    assert_eq!((client.in_flight(), client.poll_timeout()), (0, None));
    client.request(EPOCH, second).unwrap();
}

#[test]
fn refusals_busy_nodes_and_silence_end_a_request() {
    for request in requests() {
        let (mut client, id, question, to) = asked(request);
        let mut refusal = answer(&question);
        refusal[5] = 0x0C;
        let NodeHandled::Answered(event) = client.handle_datagram(EPOCH, to, &refusal) else { panic!() };
        assert_eq!(event.outcome, Err(NodeFailure::Status(Status(0x0C))));

        let (mut client, _, _, _) = asked(request);
        let mut busy = answer(&question);
        busy[5] = 1;
        assert_eq!(client.handle_datagram(EPOCH, to, &busy), NodeHandled::Busy { id });
        let now = client.poll_timeout().unwrap();
        let mut again = [0; MAD_LENGTH];
        assert!(client.poll_transmit(now, &mut again).is_some());
        assert_eq!(again, question);
        assert_eq!(client.handle_datagram(now, to, &busy), NodeHandled::Busy { id });
        assert_eq!(client.poll_event(now).unwrap().outcome, Err(NodeFailure::Busy { attempts: 2 }));

        let (mut client, _, _, _) = asked(request);
        let mut outcome = None;
        while let Some(now) = client.poll_timeout() {
            while client.poll_transmit(now, &mut again).is_some() {}
            outcome = client.poll_event(now).map(|event| event.outcome).or(outcome);
        }
        assert_eq!(outcome, Some(Err(NodeFailure::NoAnswer { attempts: 2 })));
    }
}
