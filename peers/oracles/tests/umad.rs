//! The transport's layouts of a umad device agree with the kernel's header, byte by byte.

use ib_mad::wire::{ManagementClass, Method};
use ib_mad::{Gid, Lid, QKey, Qpn, ServiceLevel};
use oracles::umad;
use quickcheck::{Arbitrary, Gen, QuickCheck};
use transport::{
    GlobalRoute, MethodMask, Registration, Segmentation, UmadAddress, umad_address, umad_header,
    umad_numbers, umad_registrations,
};

#[derive(Clone, Debug)]
struct Case {
    address: UmadAddress,
    fields: umad::Fields,
    wanted: umad::Registration,
}

impl Arbitrary for Case {
    fn arbitrary(g: &mut Gen) -> Self {
        let fields = umad::Fields {
            id: u32::arbitrary(g),
            timeout_ms: u32::arbitrary(g),
            qpn: u32::arbitrary(g) & 0xFF_FFFF,
            q_key: u32::arbitrary(g),
            flow_label: u32::arbitrary(g) & 0xF_FFFF,
            lid: u16::arbitrary(g),
            p_key_index: u16::arbitrary(g),
            service_level: u8::arbitrary(g) & 0xF,
            path_bits: u8::arbitrary(g),
            gid_index: u8::arbitrary(g),
            hop_limit: u8::arbitrary(g),
            traffic_class: u8::arbitrary(g),
            gid: core::array::from_fn(|_| u8::arbitrary(g)),
        };
        let route = GlobalRoute {
            destination: Gid(fields.gid),
            gid_index: fields.gid_index,
            hop_limit: fields.hop_limit,
            traffic_class: fields.traffic_class,
            flow_label: fields.flow_label,
        };
        let address = UmadAddress {
            lid: Lid(fields.lid),
            service_level: ServiceLevel::new(fields.service_level).expect("four bits"),
            path_bits: fields.path_bits,
            qpn: Qpn::new(fields.qpn).expect("24 bits"),
            q_key: QKey(fields.q_key),
            p_key_index: fields.p_key_index,
            route: Some(route),
        };
        let class = *g.choose(&[0x01, 0x81, 0x03, 0x04, 0x06, 0x07, 0x30]).expect("classes");
        let wanted = umad::Registration {
            qpn: u32::from(class != 0x01 && class != 0x81),
            oui: u32::arbitrary(g) & 0xFF_FFFF,
            class,
            class_version: u8::arbitrary(g),
            method: u8::arbitrary(g) & 0x7F,
            kernel_rmpp: u8::from(bool::arbitrary(g)),
        };
        Self { address, fields, wanted }
    }
}

#[test]
fn requests_have_the_numbers_of_the_kernel() {
    assert_eq!(umad_numbers(), umad::numbers());
}

#[test]
fn headers_are_those_of_the_kernel_and_are_read_back() {
    fn agree(case: Case) -> bool {
        let [with_index, without] = umad::headers(&case.fields);
        let no_index = UmadAddress { p_key_index: 0, ..case.address };
        umad_header(case.fields.id, case.fields.timeout_ms, &case.address) == with_index
            && without == with_index[..56]
            && umad_address(true, &with_index) == Some(case.address)
            && umad_address(false, &without) == Some(no_index)
    }
    QuickCheck::new().tests(1000).quickcheck(agree as fn(Case) -> bool);
}

#[test]
fn registrations_are_those_of_the_kernel() {
    fn agree(case: Case) -> bool {
        let umad::Registration { oui, class, class_version, method, kernel_rmpp, .. } = case.wanted;
        let registration = Registration {
            methods: MethodMask::NONE.with(Method(method)),
            oui,
            segmentation: if kernel_rmpp == 1 { Segmentation::Kernel } else { Segmentation::Program },
            ..Registration::new(ManagementClass(class), class_version)
        };
        umad_registrations(&registration) == umad::registrations(&case.wanted)
    }
    QuickCheck::new().tests(1000).quickcheck(agree as fn(Case) -> bool);
}
