//! Random datagrams made with ib-mad, read by tshark: no field that it shows may differ.

#![allow(clippy::std_instead_of_alloc, reason = "it starts programs: there is an operating system")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod support;

use ib_mad::Qpn;
use ib_mad::wire::{
    Attribute, AttributeId, ClassPortInfo, DirectedRouteSmp, DirectedRouteSmpView, GuidInfo, GuidInfoRecord,
    InformInfo, InformInfoRecord, LinearForwardingTable, LinearForwardingTableRecord, LinkRecord, MadHeader,
    ManagementClass, McMemberRecord, Method, MulticastForwardingTable, MulticastForwardingTableRecord,
    NodeDescription, NodeInfo, NodeRecord, Notice, PKeyTable, PKeyTableRecord, PathRecord, PerformanceMad,
    PortCounters, PortCountersExtended, PortInfo, PortInfoRecord, RmppType, SaMad, SaMadView, ServiceRecord,
    SlToVlMapping, SlToVlMappingRecord, SmInfo, SmInfoRecord, Smp, SmpNotice, SmpView, SwitchInfo,
    SwitchInfoRecord, VlArbitration, VlArbitrationRecord,
};
use oracles::{Buffer, Layout, layouts};
use sim::Random;
use support::{Datagram, Part, check, expected, layout};

/// Datagrams of each kind.
const INSTANCES: usize = 22;

/// Methods of subnet administration.
const SA_METHODS: [Method; 11] = [
    Method::GET,
    Method::SET,
    Method::GET_RESP,
    Method::GET_TABLE,
    Method::GET_TABLE_RESP,
    Method::GET_MULTI,
    Method::GET_MULTI_RESP,
    Method::DELETE,
    Method::DELETE_RESP,
    Method::REPORT,
    Method::REPORT_RESP,
];

/// Methods of subnet management.
const SMP_METHODS: [Method; 5] =
    [Method::GET, Method::SET, Method::GET_RESP, Method::TRAP, Method::TRAP_REPRESS];

/// What carries an attribute.
#[derive(Clone, Copy, Debug)]
enum Carrier {
    SubnetAdministration,
    LidRouted,
    DirectedRoute,
    Performance,
}

/// Makes random datagrams.
struct Maker {
    random: Random,
    layouts: Vec<Layout>,
}

impl Maker {
    fn new(seed: u64) -> Self {
        Self { random: Random::new(seed), layouts: layouts() }
    }

    /// A value of `bits` bits: any, a single bit, or all of them.
    fn value(&mut self, bits: usize) -> Vec<u8> {
        let kind = self.random.below(8);
        let single = self.random.below(bits);
        let length = bits.div_ceil(8);
        let mut value: Vec<u8> = (0..length).map(|_| self.random.next() as u8).collect();
        match kind {
            0 => value.fill(0xFF),
            1 => {
                value.fill(0);
                value[length - 1 - single / 8] = 1 << (single % 8);
            }
            _ => {}
        }
        if !bits.is_multiple_of(8) {
            value[0] &= (1 << (bits % 8)) - 1;
        }
        value
    }

    /// A description of a node: tshark warns of anything behind the end of a text.
    fn text(&mut self) -> Vec<u8> {
        let length = self.random.below(65);
        let mut text: Vec<u8> = (0..length).map(|_| b'!' + self.random.below(94) as u8).collect();
        text.resize(64, 0);
        text
    }

    /// Give every field of a structure a random value.
    fn fill(&mut self, name: &str, buffer: &mut Buffer) {
        let index = self.layouts.iter().position(|layout| layout.name == name);
        let index = index.unwrap_or_else(|| panic!("there is no layout {name}"));
        for field in 0..self.layouts[index].fields.len() {
            let value = match self.layouts[index].fields[field].name {
                "node_description" | "text" => self.text(),
                _ => self.value(self.layouts[index].fields[field].bits),
            };
            self.layouts[index].fields[field].write(buffer, &value);
        }
    }

    fn filled(&mut self, name: &str) -> Buffer {
        let mut buffer = Buffer([0; 256]);
        self.fill(name, &mut buffer);
        buffer
    }

    fn set(&self, name: &str, field: &str, buffer: &mut Buffer, value: &[u8]) {
        let layout = layout(&self.layouts, name);
        let field = layout.fields.iter().find(|it| it.name == field).expect("a field of the layout");
        field.write(buffer, value);
    }

    /// Random headers for an attribute. A random type of segment, too, in subnet administration.
    fn headers(&mut self, carrier: Carrier, method: Method, attribute: AttributeId) -> Buffer {
        let mut buffer = self.filled("MadHeader");
        let (class, class_version) = match carrier {
            Carrier::SubnetAdministration => {
                self.fill("SaMad", &mut buffer);
                let kind = self.random.below(5) as u8;
                self.set("SaMad", "rmpp.kind", &mut buffer, &[kind]);
                (ManagementClass::SUBNET_ADMINISTRATION, 2)
            }
            Carrier::LidRouted => {
                self.fill("Smp", &mut buffer);
                (ManagementClass::SUBNET_LID_ROUTED, 1)
            }
            Carrier::DirectedRoute => {
                self.fill("DirectedRouteSmp", &mut buffer);
                (ManagementClass::SUBNET_DIRECTED_ROUTE, 1)
            }
            Carrier::Performance => (ManagementClass::PERFORMANCE, 1),
        };
        for (field, value) in [
            ("base_version", vec![1]),
            ("class", vec![class.0]),
            ("class_version", vec![class_version]),
            ("method", vec![method.0]),
            ("attribute_id", attribute.0.to_be_bytes().to_vec()),
        ] {
            self.set("MadHeader", field, &mut buffer, &value);
        }
        buffer
    }

    /// A datagram with a structure that `buffer` has the bytes of.
    fn datagram<A: Attribute>(
        &mut self,
        carrier: Carrier,
        method: Method,
        attribute: AttributeId,
        structures: &[&str],
        buffer: &Buffer,
    ) -> Datagram {
        let headers = self.headers(carrier, method, attribute);
        let structure = A::parse(&buffer.0).unwrap();
        let (header, offset, bytes) = match carrier {
            Carrier::SubnetAdministration => {
                let mad = SaMad::from_view(SaMadView::new(&headers.0).unwrap());
                (Some("SaMad"), 56, mad.emit(&structure))
            }
            Carrier::LidRouted => {
                let smp = Smp::from_view(SmpView::new(&headers.0).unwrap());
                (Some("Smp"), 64, smp.emit(&structure))
            }
            Carrier::DirectedRoute => {
                let smp = DirectedRouteSmp::from_view(DirectedRouteSmpView::new(&headers.0).unwrap());
                (Some("DirectedRouteSmp"), 64, smp.emit(&structure))
            }
            Carrier::Performance => {
                let mad = PerformanceMad { header: MadHeader::parse(&headers.0).unwrap() };
                (None, 64, mad.emit(&structure))
            }
        };
        let at = |name: &str, buffer, offset| Part { layout: layout(&self.layouts, name), buffer, offset };
        let parts = [Some("MadHeader"), header].into_iter().flatten().map(|name| at(name, &headers, 0));
        let parts = parts.chain(structures.iter().map(|name| at(name, buffer, offset)));
        Datagram {
            name: format!("{method} {} in {carrier:?}", A::NAME),
            bytes: bytes.unwrap(),
            qpn: match carrier {
                Carrier::LidRouted | Carrier::DirectedRoute => Qpn::SUBNET_MANAGEMENT,
                Carrier::SubnetAdministration | Carrier::Performance => Qpn::GENERAL_SERVICES,
            },
            expected: expected(&parts.collect::<Vec<_>>(), Some(RmppType::from(headers.0[25]))),
            labels: labels(carrier, method, A::NAME),
            complaint: None,
        }
    }

    /// Several datagrams with a structure, by all methods in turn.
    fn several<A: Attribute>(
        &mut self,
        carrier: Carrier,
        attribute: AttributeId,
        name: &str,
    ) -> Vec<Datagram> {
        let methods: &[Method] = match carrier {
            Carrier::SubnetAdministration => &SA_METHODS,
            Carrier::LidRouted | Carrier::DirectedRoute => &SMP_METHODS,
            Carrier::Performance => &SMP_METHODS[..3],
        };
        (0..INSTANCES)
            .map(|i| {
                let buffer = self.filled(name);
                self.datagram::<A>(carrier, methods[i % methods.len()], attribute, &[name], &buffer)
            })
            .collect()
    }
}

/// What tshark calls a message.
fn labels(carrier: Carrier, method: Method, attribute: &str) -> Vec<String> {
    let subnet_management = match method {
        // It takes TrapRepress for an answer.
        Method::TRAP_REPRESS => "SubnTrapResp".into(),
        other => format!("Subn{}", other.name()),
    };
    let message = match carrier {
        Carrier::SubnetAdministration => format!("SA SubnAdm{}({attribute})", method.name()),
        Carrier::LidRouted => format!("SMP (LID Routed) {subnet_management}({attribute})"),
        Carrier::DirectedRoute => format!("SMP (Directed Route) {subnet_management}({attribute})"),
        Carrier::Performance => return vec!["(Performance Management MAD)".into()],
    };
    vec![message, format!("Attribute ({attribute})")]
}

/// The same attribute by every carrier of a list.
macro_rules! all {
    ($maker:ident, $carrier:ident { $($attribute:ident $id:ident),+ $(,)? }) => {
        [$($maker.several::<$attribute>(Carrier::$carrier, AttributeId::$id, stringify!($attribute))),+].concat()
    };
}

/// Check the datagrams, and say how much was checked.
async fn report(what: &str, datagrams: &[Datagram]) {
    println!("{what}: {} fields of {} datagrams are equal", check(datagrams).await, datagrams.len());
}

#[tokio::test]
async fn records_of_subnet_administration() {
    let mut maker = Maker::new(1);
    let datagrams = all!(maker, SubnetAdministration {
        ClassPortInfo CLASS_PORT_INFO,
        InformInfo INFORM_INFO,
        NodeRecord NODE_RECORD,
        PortInfoRecord PORT_INFO_RECORD,
        SlToVlMappingRecord SL_TO_VL_MAPPING_RECORD,
        SwitchInfoRecord SWITCH_INFO_RECORD,
        LinearForwardingTableRecord LINEAR_FORWARDING_TABLE_RECORD,
        MulticastForwardingTableRecord MULTICAST_FORWARDING_TABLE_RECORD,
        SmInfoRecord SM_INFO_RECORD,
        LinkRecord LINK_RECORD,
        GuidInfoRecord GUID_INFO_RECORD,
        ServiceRecord SERVICE_RECORD,
        PKeyTableRecord P_KEY_TABLE_RECORD,
        PathRecord PATH_RECORD,
        VlArbitrationRecord VL_ARBITRATION_RECORD,
        McMemberRecord MC_MEMBER_RECORD,
        InformInfoRecord INFORM_INFO_RECORD,
    });
    report("records of subnet administration", &datagrams).await;
}

#[tokio::test]
async fn attributes_of_subnet_management() {
    let mut maker = Maker::new(2);
    let lid_routed = all!(maker, LidRouted {
        NodeDescription NODE_DESCRIPTION,
        NodeInfo NODE_INFO,
        SwitchInfo SWITCH_INFO,
        GuidInfo GUID_INFO,
        PortInfo PORT_INFO,
        PKeyTable P_KEY_TABLE,
        SlToVlMapping SL_TO_VL_MAPPING,
        VlArbitration VL_ARBITRATION,
        LinearForwardingTable LINEAR_FORWARDING_TABLE,
        MulticastForwardingTable MULTICAST_FORWARDING_TABLE,
        SmInfo SM_INFO,
    });
    report("LID routed attributes", &lid_routed).await;
    let directed_route = all!(maker, DirectedRoute {
        NodeDescription NODE_DESCRIPTION,
        NodeInfo NODE_INFO,
        SwitchInfo SWITCH_INFO,
        GuidInfo GUID_INFO,
        PortInfo PORT_INFO,
        PKeyTable P_KEY_TABLE,
        SlToVlMapping SL_TO_VL_MAPPING,
        VlArbitration VL_ARBITRATION,
        LinearForwardingTable LINEAR_FORWARDING_TABLE,
        MulticastForwardingTable MULTICAST_FORWARDING_TABLE,
        SmInfo SM_INFO,
    });
    report("directed route attributes", &directed_route).await;
}

#[tokio::test]
async fn counters_of_ports() {
    let mut maker = Maker::new(3);
    let datagrams = all!(maker, Performance {
        ClassPortInfo CLASS_PORT_INFO,
        PortCounters PORT_COUNTERS,
        PortCountersExtended PORT_COUNTERS_EXTENDED,
    });
    report("performance management", &datagrams).await;
}

/// Traps with the text that tshark has for each.
const TRAPS: [(u16, &str); 16] = [
    (64, "is now in service"),
    (65, "is out of service"),
    (66, "New Multicast Group with multicast address"),
    (67, "Multicast Group with multicast address"),
    (68, "are no longer valid"),
    (69, "have been recomputed"),
    (128, "Link State of at least one port of switch at"),
    (129, "Local Link Integrity threshold reached"),
    (130, "Excessive Buffer OverRun threshold reached"),
    (131, "Flow Control Update watchdog timer expired"),
    (144, "CapMask, NodeDesc, LinkWidthEnabled or LinkSpeedEnabled at"),
    (145, "SystemImageGUID at"),
    (256, "Bad M_Key"),
    (257, "Bad P_Key"),
    (258, "Bad Q_Key"),
    (259, "Bad P_Key"),
];

#[tokio::test]
async fn notices_of_every_trap() {
    let mut maker = Maker::new(4);
    let mut datagrams = Vec::new();
    for (number, text) in TRAPS {
        let trap = format!("Trap{number}");
        for (carrier, methods) in [
            (Carrier::SubnetAdministration, [Method::REPORT, Method::REPORT_RESP].as_slice()),
            (Carrier::LidRouted, &[Method::TRAP, Method::TRAP_REPRESS, Method::GET_RESP]),
            (Carrier::DirectedRoute, &[Method::TRAP, Method::TRAP_REPRESS, Method::GET_RESP]),
        ] {
            for i in 0..INSTANCES / 2 {
                let mut buffer = maker.filled("Notice");
                maker.set("Notice", "is_generic", &mut buffer, &[1]);
                maker.set("Notice", "trap_number_or_device_id", &mut buffer, &number.to_be_bytes());
                // Not all bits of the details are the trap's.
                buffer.0[10..64].fill(0);
                maker.fill(&trap, &mut buffer);
                let method = methods[i % methods.len()];
                let structures = ["Notice", trap.as_str()];
                let mut datagram = match carrier {
                    Carrier::SubnetAdministration => {
                        maker.datagram::<Notice>(carrier, method, AttributeId::NOTICE, &structures, &buffer)
                    }
                    _ => maker.datagram::<SmpNotice>(
                        carrier,
                        method,
                        AttributeId::NOTICE,
                        &structures,
                        &buffer,
                    ),
                };
                datagram.name = format!("{} of trap {number}", datagram.name);
                datagram.labels.extend([format!("Trap {number} DataDetails"), text.to_owned()]);
                if number == 259 {
                    // tshark takes the first word of the details for an IPv6 address, and gives up there.
                    datagram.complaint = Some("Trying to fetch an IPv6 address with length 2");
                    datagram.expected.retain(|it| {
                        !["datadetails", "initialpath", "returnpath"].iter().any(|end| it.name.ends_with(end))
                    });
                }
                datagrams.push(datagram);
            }
        }
    }
    report("notices", &datagrams).await;
}
