//! Random datagrams, made with ib-mad.

use ib_mad::Qpn;
use ib_mad::wire::{
    Attribute, AttributeId, CmMad, DirectedRouteSmp, DirectedRouteSmpView, MadHeader, ManagementClass,
    Method, PerformanceMad, RmppType, SaMad, SaMadView, Smp, SmpView,
};
use oracles::{Buffer, Layout, layouts};
use sim::Random;

use super::{Datagram, Part, expected, layout};

/// Datagrams of each kind.
pub(crate) const INSTANCES: usize = 22;

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

/// Fields that share bits with another one.
const OVERLAPPING: [&str; 7] =
    ["method", "is_response", "method_without_response", "data8", "data16", "data32", "data64"];

/// What carries an attribute.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Carrier {
    SubnetAdministration,
    LidRouted,
    DirectedRoute,
    Performance,
    Communication,
}

/// Makes random datagrams.
pub(crate) struct Maker {
    pub(crate) random: Random,
    pub(crate) layouts: Vec<Layout>,
}

impl Maker {
    pub(crate) fn new(seed: u64) -> Self {
        Self { random: Random::new(seed), layouts: layouts() }
    }

    /// A value of `bits` bits: any, a single bit, or all of them.
    pub(crate) fn value(&mut self, bits: usize) -> Vec<u8> {
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
    pub(crate) fn fill(&mut self, name: &str, buffer: &mut Buffer) {
        let index = self.layouts.iter().position(|layout| layout.name == name);
        let index = index.unwrap_or_else(|| panic!("there is no layout {name}"));
        let mut written = Vec::new();
        for number in 0..self.layouts[index].fields.len() {
            let value = match self.layouts[index].fields[number].name {
                "node_description" | "text" => self.text(),
                _ => self.value(self.layouts[index].fields[number].bits),
            };
            let field = &self.layouts[index].fields[number];
            field.write(buffer, &value);
            assert_eq!(field.read(buffer), value, "{name}.{}", field.name);
            written.push(value);
        }
        // tshark is to show what was written, not what ib-mad reads back: these must be the same.
        for (field, value) in self.layouts[index].fields.iter().zip(&written) {
            if !OVERLAPPING.contains(&field.name) {
                assert_eq!(&field.read(buffer), value, "{name}.{} was overwritten", field.name);
            }
        }
    }

    pub(crate) fn filled(&mut self, name: &str) -> Buffer {
        let mut buffer = Buffer([0; 256]);
        self.fill(name, &mut buffer);
        buffer
    }

    pub(crate) fn set(&self, name: &str, field: &str, buffer: &mut Buffer, value: &[u8]) {
        let layout = layout(&self.layouts, name);
        let field = layout.fields.iter().find(|it| it.name == field).expect("a field of the layout");
        field.write(buffer, value);
    }

    /// Random headers for an attribute. A random type of segment, too, in subnet administration.
    pub(crate) fn headers(&mut self, carrier: Carrier, method: Method, attribute: AttributeId) -> Buffer {
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
            Carrier::Communication => (ManagementClass::COMMUNICATION, 2),
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
    pub(crate) fn datagram<A: Attribute>(
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
            Carrier::Communication => {
                let mad = CmMad { header: MadHeader::parse(&headers.0).unwrap() };
                (None, 24, mad.emit(&structure))
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
                Carrier::SubnetAdministration | Carrier::Performance | Carrier::Communication => {
                    Qpn::GENERAL_SERVICES
                }
            },
            expected: expected(&parts.collect::<Vec<_>>(), Some(RmppType::from(headers.0[25]))),
            labels: labels(carrier, method, A::NAME),
            complaint: None,
            is_ours: true,
        }
    }

    /// Several datagrams with a structure, by all methods in turn.
    pub(crate) fn several<A: Attribute>(
        &mut self,
        carrier: Carrier,
        attribute: AttributeId,
        name: &str,
    ) -> Vec<Datagram> {
        let methods: &[Method] = match carrier {
            Carrier::SubnetAdministration => &SA_METHODS,
            Carrier::LidRouted | Carrier::DirectedRoute => &SMP_METHODS,
            Carrier::Performance => &SMP_METHODS[..3],
            Carrier::Communication => &[Method::SEND],
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
        Carrier::Communication => return vec![format!("CM {attribute}")],
    };
    vec![message, format!("Attribute ({attribute})")]
}
