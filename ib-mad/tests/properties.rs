//! Round trips of every attribute, and decoders that take any bytes.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod random;

use core::fmt::Debug;

use ib_mad::wire::{
    Attribute, AttributeId, CmMad, CmMadView, CmMessageView, CmPath, DirectedRouteSmp, DirectedRouteSmpView,
    MAD_LENGTH, Mad, MadHeader, ManagementClass, Method, MultiPathGids, MultiPathRecord, NodeDescription,
    Notice, NoticeType, PathRecord, PerformanceMad, PerformanceMadView, PortCountersExtended, ProducerType,
    RepathNotice, SaMad, SaMadView, Smp, SmpNotice, SmpView, TrapDetails,
};
use ib_mad::{DecodeError, Lid, MKey, PacketLifetime};
use quickcheck::{Arbitrary, Gen, quickcheck};

use random::Value;

/// Bytes of a datagram, or rather of something like it: random, or random behind a start that is one's, of any length.
#[derive(Clone, Debug)]
struct Received(Vec<u8>);

impl Arbitrary for Received {
    fn arbitrary(g: &mut Gen) -> Self {
        let mut bytes = random::bytes::<300>(g).to_vec();
        match u8::arbitrary(g) % 6 {
            0 => bytes[..3].copy_from_slice(&[1, 1, 1]),
            1 => bytes[..3].copy_from_slice(&[1, 3, 2]),
            2 => bytes[..3].copy_from_slice(&[1, 0x81, 1]),
            3 => bytes[..3].copy_from_slice(&[1, 4, 1]),
            4 => bytes[..3].copy_from_slice(&[1, 7, 2]),
            _ => {}
        }
        let length = if bool::arbitrary(g) { MAD_LENGTH } else { usize::arbitrary(g) % 300 };
        bytes.truncate(length);
        Self(bytes)
    }
}

/// What was built is what is read back, and no byte behind it is touched.
#[track_caller]
fn emit_then_parse<A: Attribute + Debug + PartialEq>(built: &A) {
    let mut out = [0xFF; MAD_LENGTH];
    assert_eq!(built.emit(&mut out), Ok(A::LENGTH));
    assert_eq!(A::parse(&out[..A::LENGTH]).as_ref(), Ok(built));
    assert!(out[A::LENGTH..].iter().all(|byte| *byte == 0xFF));

    let mut short = vec![0xEE; A::LENGTH - 1];
    assert_eq!(
        built.emit(&mut short).map_err(|error| (error.needed, error.got)),
        Err((A::LENGTH, A::LENGTH - 1))
    );
    assert!(short.iter().all(|byte| *byte == 0xEE));
}

/// What was read is read again from what it is written as; what is too short is refused.
#[track_caller]
fn parse_then_emit<A: Attribute + Debug + PartialEq>(bytes: &[u8]) {
    match A::parse(bytes) {
        Ok(read) => {
            let mut out = [0xFF; MAD_LENGTH];
            assert_eq!(read.emit(&mut out), Ok(A::LENGTH));
            assert_eq!(A::parse(&out), Ok(read));
        }
        Err(DecodeError::Truncated { what, needed, got }) => {
            assert_eq!((what, needed, got), (A::NAME, A::LENGTH, bytes.len()));
            assert!(got < needed);
        }
        Err(other) => panic!("{other}"),
    }
}

/// One module for each attribute, with both directions.
macro_rules! attributes {
    ($($name:ident: $type:ident),+ $(,)?) => { $(
        mod $name {
            use super::*;

            #[derive(Clone, Debug)]
            struct Built(ib_mad::wire::$type);

            impl Arbitrary for Built {
                fn arbitrary(g: &mut Gen) -> Self {
                    Self(Value::whole(g))
                }
            }

            quickcheck! {
                fn built_is_read_back(built: Built) -> bool {
                    emit_then_parse(&built.0);
                    true
                }

                fn any_bytes_settle(received: Received) -> bool {
                    parse_then_emit::<ib_mad::wire::$type>(&received.0);
                    true
                }
            }
        }
    )+ };
}

attributes! {
    mad_header: MadHeader,
    rmpp_header: RmppHeader,
    sa_header: SaHeader,
    path_record: PathRecord,
    notice: Notice,
    smp_notice: SmpNotice,
    inform_info: InformInfo,
    inform_info_record: InformInfoRecord,
    class_port_info: ClassPortInfo,
    node_info: NodeInfo,
    node_description: NodeDescription,
    node_record: NodeRecord,
    port_info: PortInfo,
    switch_info: SwitchInfo,
    switch_info_record: SwitchInfoRecord,
    guid_info: GuidInfo,
    guid_info_record: GuidInfoRecord,
    p_key_table: PKeyTable,
    p_key_table_record: PKeyTableRecord,
    sl_to_vl_mapping: SlToVlMapping,
    sl_to_vl_mapping_record: SlToVlMappingRecord,
    vl_arbitration: VlArbitration,
    vl_arbitration_record: VlArbitrationRecord,
    linear_forwarding_table: LinearForwardingTable,
    linear_forwarding_table_record: LinearForwardingTableRecord,
    multicast_forwarding_table: MulticastForwardingTable,
    multicast_forwarding_table_record: MulticastForwardingTableRecord,
    sm_info: SmInfo,
    sm_info_record: SmInfoRecord,
    port_info_record: PortInfoRecord,
    link_record: LinkRecord,
    service_record: ServiceRecord,
    mc_member_record: McMemberRecord,
    multi_path_record: MultiPathRecord,
    ext_port_info: ExtPortInfo,
    port_counters: PortCounters,
    port_counters_extended: PortCountersExtended,
    cm_path: CmPath,
    connect_request: ConnectRequest,
    msg_rcpt_ack: MsgRcptAck,
    connect_reject: ConnectReject,
    connect_reply: ConnectReply,
    ready_to_use: ReadyToUse,
    disconnect_request: DisconnectRequest,
    disconnect_reply: DisconnectReply,
    load_alternate_path: LoadAlternatePath,
    alternate_path_response: AlternatePathResponse,
    service_id_resolution_request: ServiceIdResolutionRequest,
    service_id_resolution_response: ServiceIdResolutionResponse,
}

#[derive(Clone, Debug)]
struct AnyRepath(RepathNotice);

impl Arbitrary for AnyRepath {
    fn arbitrary(g: &mut Gen) -> Self {
        Self(Value::whole(g))
    }
}

#[derive(Clone, Debug)]
struct AnyPath(PathRecord);

impl Arbitrary for AnyPath {
    fn arbitrary(g: &mut Gen) -> Self {
        let mut record = PathRecord::whole(g);
        record.hop_limit %= 4;
        Self(record)
    }
}

#[derive(Clone, Debug)]
struct AnyTrap(TrapDetails);

impl Arbitrary for AnyTrap {
    fn arbitrary(g: &mut Gen) -> Self {
        Self(Value::whole(g))
    }
}

#[derive(Clone, Debug)]
struct AnyRoute(DirectedRouteSmp, NodeDescription);

impl Arbitrary for AnyRoute {
    fn arbitrary(g: &mut Gen) -> Self {
        Self(Value::whole(g), Value::whole(g))
    }
}

quickcheck! {
    fn a_repath_is_read_back(built: AnyRepath) -> bool {
        emit_then_parse(&built.0);
        true
    }

    /// The record is optional: from 80 bytes on there is a Notice.
    fn a_repath_takes_any_bytes(received: Received) -> bool {
        match RepathNotice::parse(&received.0) {
            Ok(read) => {
                let mut out = [0xFF; MAD_LENGTH];
                assert_eq!(read.emit(&mut out), Ok(144));
                RepathNotice::parse(&out) == Ok(read)
            }
            Err(_) => received.0.len() < Notice::LENGTH,
        }
    }

    fn a_trap_travels_in_its_notice(trap: AnyTrap) -> bool {
        let notice = Notice::generic(NoticeType::URGENT, ProducerType::SWITCH, &trap.0);
        let mut out = [0xFF; 80];
        assert_eq!(notice.emit(&mut out), Ok(80));
        Notice::parse(&out).unwrap().trap() == Some(trap.0)
    }

    fn any_details_settle(received: Received, number: u8) -> bool {
        // Mostly numbers that mean something.
        let number = [
            64 + u16::from(number / 5) % 6,
            128 + u16::from(number / 5) % 4,
            144 + u16::from(number / 5) % 2,
            256 + u16::from(number / 5) % 4,
            number.into(),
        ][usize::from(number) % 5];
        let Ok(details) = received.0.get(..54).unwrap_or_default().try_into() else { return true };
        let number = ib_mad::wire::TrapNumber(number);
        let trap = TrapDetails::from_data_details(number, details);
        trap.trap_number() == number
            && TrapDetails::from_data_details(number, &trap.to_data_details()) == trap
    }

    /// The GIDs are read if, and only if, there are as many as the record says.
    fn gids_behind_a_record_are_all_there_or_refused(received: Received, counts: (u8, u8)) -> bool {
        // As many as are there or a few more, so that both happen.
        let mut received = received;
        if let Some(place) = received.0.get_mut(15..17) {
            place.copy_from_slice(&[counts.0 % 12, counts.1 % 12]);
        }
        let Ok(record) = MultiPathRecord::parse(&received.0) else { return received.0.len() < 24 };
        let (sources, destinations) =
            (usize::from(record.source_gid_count), usize::from(record.destination_gid_count));
        match MultiPathGids::parse(&received.0) {
            Ok(gids) => (gids.sources().len(), gids.destinations().len()) == (sources, destinations),
            Err(_) => received.0.len() < 24 + 16 * (sources + destinations),
        }
    }

    fn a_route_is_read_back(built: AnyRoute) -> bool {
        let bytes = built.0.emit(&built.1).unwrap();
        let view = DirectedRouteSmpView::new(&bytes).unwrap();
        DirectedRouteSmp::from_view(view) == built.0 && NodeDescription::parse(view.data()) == Ok(built.1)
    }

    /// A datagram is taken if it has 256 bytes and the start of its class; then its headers are written as they were read.
    fn any_datagram_is_told_by_its_class(received: Received) -> bool {
        let bytes = &received.0;
        match Mad::new(bytes) {
            Ok(Mad::Sa(view)) => {
                let mad = SaMad::from_view(view);
                let written = mad.emit(&NodeDescription::default()).unwrap();
                bytes[1] == 3 && SaMad::from_view(SaMadView::new(&written).unwrap()) == mad
            }
            Ok(Mad::Smp(view)) => {
                let smp = Smp::from_view(view);
                let written = smp.emit(&SmpNotice::parse(view.data()).unwrap()).unwrap();
                bytes[1] == 1 && Smp::from_view(SmpView::new(&written).unwrap()) == smp
            }
            Ok(Mad::DirectedRoute(view)) => {
                let smp = DirectedRouteSmp::from_view(view);
                let written = smp.emit(&NodeDescription(*view.data())).unwrap();
                // All but the reserved bytes.
                bytes[1] == 0x81 && written[..18] == bytes[..18] && written[64..] == bytes[64..]
            }
            Ok(Mad::Performance(view)) => {
                let mad = PerformanceMad::from_view(view);
                let written = mad.emit(&PortCountersExtended::parse(view.data()).unwrap()).unwrap();
                bytes[1] == 4 && PerformanceMad::from_view(PerformanceMadView::new(&written).unwrap()) == mad
            }
            Ok(Mad::Communication(view)) => {
                let mad = CmMad::from_view(view);
                let written = mad.emit(&NodeDescription::default()).unwrap();
                bytes[1] == 7 && CmMad::from_view(CmMadView::new(&written).unwrap()) == mad
            }
            Ok(other) => bytes[0] == 1 && other.header().class() == ManagementClass(bytes[1]),
            Err(DecodeError::Truncated { .. }) => bytes.len() < MAD_LENGTH,
            Err(DecodeError::Oversized { .. }) => bytes.len() > MAD_LENGTH,
            Err(DecodeError::Unexpected { offset, .. }) => bytes.len() == MAD_LENGTH && offset <= 2,
            Err(DecodeError::OutOfRange { .. }) => bytes[1] == 0x81 && bytes[7] > 63,
            Err(_) => false,
        }
    }

    /// The views of a message lie inside it, whatever it says about their length.
    fn a_message_is_told_by_its_attribute(received: Received, attribute: u8) -> bool {
        let attribute = AttributeId(0x10 + u16::from(attribute % 11));
        let Some(data) = received.0.first_chunk() else { return received.0.len() < 232 };
        match CmMessageView::new(attribute, data) {
            CmMessageView::ConnectReject(rej) => {
                rej.additional_reject_information().len() == usize::from(rej.reject_info_length()).min(72)
            }
            CmMessageView::AlternatePathResponse(apr) => {
                apr.additional_information().len() == usize::from(apr.additional_information_length()).min(72)
            }
            CmMessageView::ServiceIdResolutionResponse(rep) => {
                rep.additional_information().len() == usize::from(rep.additional_information_length()).min(72)
            }
            CmMessageView::ClassPortInfo(_) | CmMessageView::Other(..) => false,
            message => message.name().is_some(),
        }
    }

    /// A path that was made of a record is the record again at the other end, the other way round: LIDs within a subnet,
    /// and a lifetime that is at least as long.
    fn a_path_goes_there_and_back(built: AnyPath) -> bool {
        let record = built.0;
        let path = CmPath::from(&record);
        let back = path.way_back(record.p_key, record.mtu);
        let lids = (back.source_lid, back.destination_lid);
        path.subnet_local == (record.hop_limit <= 1)
            && if path.subnet_local {
                lids == (record.destination_lid, record.source_lid)
            } else {
                lids == (Lid::PERMISSIVE, Lid::PERMISSIVE)
            }
            && (back.source_gid, back.destination_gid) == (record.destination_gid, record.source_gid)
            && (back.flow_label, back.traffic_class) == (record.flow_label, record.traffic_class)
            && (back.service_level, back.rate) == (record.service_level, record.rate)
            && back.packet_lifetime >= record.packet_lifetime.min(PacketLifetime(30))
    }

    fn text_is_a_start_of_the_bytes(received: Received) -> bool {
        let Ok(description) = NodeDescription::parse(&received.0) else { return received.0.len() < 64 };
        let text = description.text();
        description.0.starts_with(text.as_bytes()) && !text.contains('\0')
    }
}

/// The generator above does reach every class.
#[test]
fn received_bytes_are_of_every_kind() {
    let mut g = Gen::new(100);
    let mut seen = [0; 8];
    for _ in 0..2000 {
        let received = Received::arbitrary(&mut g);
        seen[match Mad::new(&received.0) {
            Ok(Mad::Sa(_)) => 0,
            Ok(Mad::Smp(_)) => 1,
            Ok(Mad::DirectedRoute(_)) => 2,
            Err(DecodeError::Truncated { .. }) => 3,
            Err(DecodeError::Oversized { .. }) => 4,
            Ok(Mad::Performance(_)) => 5,
            Ok(Mad::Communication(_)) => 6,
            _ => 7,
        }] += 1;
    }
    assert!(seen.iter().all(|count| *count > 10), "{seen:?}");
}

#[test]
fn secrets_stay_out_of_dumps() {
    let header = MadHeader::request(
        ManagementClass::SUBNET_LID_ROUTED,
        Method::GET,
        AttributeId::NODE_INFO,
        0,
        ib_mad::TransactionId(1),
    );
    let smp = Smp { header, m_key: MKey(0xDEAD_BEEF) };
    let dump = format!("{smp:?}");
    assert!(
        dump.contains("MKey(..)")
            && !dump.to_lowercase().contains("deadbeef")
            && !dump.contains("3735928559")
    );
}
