//! No key is shown by `Debug`, neither of owned structures nor of the datagrams that carry them.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use core::fmt::Debug;

use ib_mad::wire::{
    Attribute, AttributeId, ClassPortInfo, ConnectRequest, DirectedRouteSmpView, KeyViolation, MAD_LENGTH,
    MKeyViolation, Mad, MadHeader, ManagementClass, McMemberRecord, Method, Notice, NoticeType, PortInfo,
    PortInfoRecord, ProducerType, RmppHeader, SaHeader, SaMad, ServiceRecord, SmInfo, SmInfoRecord, Smp,
    TRAP_RETURN_PATH_LENGTH, TrapDetails,
};
use ib_mad::{Lid, MKey, QKey, ServiceKey, SmKey, TransactionId};

const WIDE: u64 = 0x91A2_B3C4_D5E6_F708;
const NARROW: u32 = 0x91A2_B3C4;

/// The text shows the first bytes of the key in no way that it could: as a number, as an array, in pieces.
#[track_caller]
fn shows_no_key(value: &dyn Debug) {
    for text in [format!("{value:?}"), format!("{value:#?}"), format!("{value:x?}")] {
        let flat = text.to_lowercase().replace([' ', '\n', '_'], "");
        for shown in ["91a2", "145,162", "91,a2", "0x91,0xa2", &WIDE.to_string(), &NARROW.to_string()] {
            assert!(!flat.contains(shown), "{shown} in {text}");
        }
    }
}

/// The structure, and the view of its bytes.
#[track_caller]
fn attribute_shows_no_key<A: Attribute + Debug>(attribute: &A)
where
    A::View: Debug,
{
    shows_no_key(attribute);
    let view = attribute.to_view();
    shows_no_key(&view);
}

#[test]
fn structures_show_no_key() {
    attribute_shows_no_key(&PortInfo { m_key: MKey(WIDE), ..PortInfo::default() });
    attribute_shows_no_key(&PortInfoRecord {
        port_info: PortInfo { m_key: MKey(WIDE), ..PortInfo::default() },
        ..PortInfoRecord::default()
    });
    attribute_shows_no_key(&SmInfo { sm_key: SmKey(WIDE), ..SmInfo::default() });
    attribute_shows_no_key(&SmInfoRecord {
        sm_info: SmInfo { sm_key: SmKey(WIDE), ..SmInfo::default() },
        ..SmInfoRecord::default()
    });
    attribute_shows_no_key(&McMemberRecord { q_key: QKey(NARROW), ..McMemberRecord::default() });
    let service_key = ServiceKey([0x91, 0xA2, 0xB3, 0xC4, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    attribute_shows_no_key(&ServiceRecord { service_key, ..ServiceRecord::default() });
    attribute_shows_no_key(&ClassPortInfo { trap_q_key: QKey(NARROW), ..ClassPortInfo::default() });
    attribute_shows_no_key(&ConnectRequest { local_q_key: QKey(NARROW), ..ConnectRequest::default() });
    attribute_shows_no_key(&SaHeader { sm_key: SmKey(WIDE), ..SaHeader::default() });
}

#[test]
fn notices_show_no_key() {
    let traps = [
        TrapDetails::BadMKey(MKeyViolation {
            source_lid: Lid(1),
            directed_route_source_lid: Lid::PERMISSIVE,
            method: Method::SET,
            attribute_id: AttributeId::PORT_INFO,
            attribute_modifier: 0,
            m_key: MKey(WIDE),
            is_directed_route: true,
            is_path_truncated: false,
            hop_count: 1,
            return_path: [0; TRAP_RETURN_PATH_LENGTH],
        }),
        TrapDetails::BadQKey(KeyViolation { key: QKey(NARROW), ..KeyViolation::default() }),
    ];
    for trap in traps {
        attribute_shows_no_key(&Notice::generic(NoticeType::SECURITY, ProducerType::CHANNEL_ADAPTER, &trap));
    }
}

#[test]
fn datagrams_show_no_key() {
    let header = |class, attribute| MadHeader::request(class, Method::SET, attribute, 0, TransactionId(1));
    let port_info = PortInfo { m_key: MKey(WIDE), ..PortInfo::default() };
    let lid_routed =
        Smp { header: header(ManagementClass::SUBNET_LID_ROUTED, AttributeId::PORT_INFO), m_key: MKey(WIDE) };
    let administration = SaMad {
        header: header(ManagementClass::SUBNET_ADMINISTRATION, AttributeId::SERVICE_RECORD),
        rmpp: RmppHeader::INACTIVE,
        sa: SaHeader { sm_key: SmKey(WIDE), ..SaHeader::default() },
    };
    let service_key = ServiceKey([0x91, 0xA2, 0xB3, 0xC4, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    let service = ServiceRecord { service_key, ..ServiceRecord::default() };
    let mut directed = [0; MAD_LENGTH];
    directed[..4].copy_from_slice(&[1, 0x81, 1, 2]);
    directed[24..32].copy_from_slice(&WIDE.to_be_bytes());
    directed[64..72].copy_from_slice(&WIDE.to_be_bytes());
    for bytes in [lid_routed.emit(&port_info).unwrap(), administration.emit(&service).unwrap(), directed] {
        shows_no_key(&Mad::new(&bytes).unwrap());
    }
    shows_no_key(&DirectedRouteSmpView::new(&directed).unwrap());
}
