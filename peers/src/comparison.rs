//! Fields that tshark shows, compared with those that a datagram was made of.

use core::fmt;

use crate::Dissection;

/// Where a datagram begins in a packet: behind the headers of link, transport and datagram.
pub const DATAGRAM_POSITION: usize = 8 + 12 + 8;

/// Nodes of tshark's tree that stand for whole structures. Their value is the structure's bytes, if they have one.
pub const STRUCTURES: &[&str] = &[
    "infiniband.mad",
    "infiniband.mad.data",
    "infiniband.rmpp",
    "infiniband.rmpp.transferreddata",
    "infiniband.rmpp.extendederrordata",
    // Named after a LID of directed routes, and used for whatever subnet administration carries.
    "infiniband.sa.drdlid",
    "infiniband.smplid",
    "infiniband.smplid.smpdata",
    "infiniband.smpdirected",
    "infiniband.p_keytable.p_keytableblock",
    "infiniband.classportinfo",
    "infiniband.portcounters",
    "infiniband.portcounters_ext",
];

/// Names that tshark gives to every reserved field.
const RESERVED: &[&str] = &["infiniband.reserved", "infiniband.classportinfo.reserved"];

/// Behind an acknowledgement tshark shows the rest of the datagram as reserved, and then once more as what it is.
const BEHIND_ACKNOWLEDGEMENT: (usize, usize) = (36, 220);

/// What tshark should show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    /// tshark's name of the field. Where several have the same, they are expected in this order.
    pub name: &'static str,
    /// Where in the datagram it is, for a name that does not say what it is.
    pub offset: Option<usize>,
    /// Our name of it.
    pub ours: String,
    /// The bytes of its value; leading zeros do not count.
    pub value: Vec<u8>,
}

/// How what tshark shows differs from what was expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Difference {
    /// Another value.
    Value {
        /// tshark's name of the field.
        name: String,
        /// Our name of it.
        ours: String,
        /// The bytes that tshark shows.
        shown: Vec<u8>,
        /// The bytes that the datagram was made of.
        expected: Vec<u8>,
    },
    /// tshark shows a field that was not expected.
    Unknown {
        /// tshark's name of the field.
        name: String,
        /// Where in the datagram it is.
        offset: usize,
        /// Its line in the tree.
        label: String,
    },
    /// tshark does not show a field.
    Missing {
        /// tshark's name of the field.
        name: &'static str,
        /// Our name of it.
        ours: String,
    },
    /// A reserved field that is not zero, or a structure that is not what it was.
    Bytes {
        /// tshark's name of the field.
        name: String,
        /// Where in the datagram it is.
        offset: usize,
        /// The bytes that tshark shows.
        shown: Vec<u8>,
    },
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value { name, ours, shown, expected } => {
                write!(f, "{ours} was {expected:02x?}, and tshark shows {name} as {shown:02x?}")
            }
            Self::Unknown { name, offset, label } => {
                write!(f, "{name} at byte {offset} is in no table: {label}")
            }
            Self::Missing { name, ours } => write!(f, "{ours}: tshark does not show {name}"),
            Self::Bytes { name, offset, shown } => {
                write!(f, "{name} at byte {offset} is {:02x?}", &shown[..shown.len().min(64)])
            }
        }
    }
}

/// Compare every field that tshark shows of `datagram` with what it should show. Returns how many fields were compared
/// (structures and reserved fields not counted), and how they differ.
pub fn compare(
    dissection: &Dissection,
    datagram: &[u8; 256],
    expected: &[Expected],
) -> (usize, Vec<Difference>) {
    let mut differences = Vec::new();
    let mut expected: Vec<Option<&Expected>> = expected.iter().map(Some).collect();
    let mut compared = 0;
    let inside = DATAGRAM_POSITION..DATAGRAM_POSITION + datagram.len();
    for field in &dissection.fields {
        if !field.name.starts_with("infiniband.") || !inside.contains(&field.position) {
            continue;
        }
        let offset = field.position - DATAGRAM_POSITION;
        let shown = field.value.clone().unwrap_or_default();
        let is_it =
            |it: &Expected| it.name == field.name && it.offset.is_none_or(|expected| expected == offset);
        if let Some(slot) = expected.iter_mut().find(|slot| slot.is_some_and(is_it)) {
            let Some(it) = slot.take() else { continue };
            compared += 1;
            if number(&shown) != number(&it.value) {
                let (name, ours, expected) = (field.name.clone(), it.ours.clone(), it.value.clone());
                differences.push(Difference::Value { name, ours, shown, expected });
            }
        } else if STRUCTURES.contains(&field.name.as_str()) {
            // Some reach beyond the datagram, into the checksums.
            let bytes = &datagram[offset..datagram.len().min(offset + shown.len())];
            if shown.get(..bytes.len()) != Some(bytes) {
                differences.push(Difference::Bytes { name: field.name.clone(), offset, shown });
            }
        } else if RESERVED.contains(&field.name.as_str()) {
            if !number(&shown).is_empty() && (offset, field.size) != BEHIND_ACKNOWLEDGEMENT {
                differences.push(Difference::Bytes { name: field.name.clone(), offset, shown });
            }
        } else {
            let (name, label) = (field.name.clone(), field.label.clone());
            differences.push(Difference::Unknown { name, offset, label });
        }
    }
    let missing = expected.into_iter().flatten();
    differences.extend(missing.map(|it| Difference::Missing { name: it.name, ours: it.ours.clone() }));
    (compared, differences)
}

/// A value without leading zeros: fields of any width are equal when their numbers are.
fn number(value: &[u8]) -> &[u8] {
    let zeros = value.iter().take_while(|byte| **byte == 0).count();
    &value[zeros..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DissectedField;

    fn shown(fields: &[(&str, usize, &[u8])]) -> Dissection {
        let field = |&(name, offset, value): &(&str, usize, &[u8])| DissectedField {
            name: name.into(),
            label: "label".into(),
            position: DATAGRAM_POSITION + offset,
            size: value.len(),
            value: Some(value.to_vec()),
        };
        Dissection { protocols: vec!["infiniband".into()], fields: fields.iter().map(field).collect() }
    }

    fn expected(name: &'static str, value: u8) -> Expected {
        Expected { name, offset: None, ours: format!("ours.{name}"), value: vec![0, value] }
    }

    #[test]
    fn equal_fields_in_order_are_counted() {
        let shown = shown(&[("infiniband.a", 0, &[1]), ("infiniband.b", 1, &[0]), ("infiniband.a", 2, &[2])]);
        let all = [expected("infiniband.a", 1), expected("infiniband.a", 2), expected("infiniband.b", 0)];
        assert_eq!(compare(&shown, &[0; 256], &all), (3, vec![]));
    }

    #[test]
    fn every_kind_of_difference_is_named() {
        let fields: &[(&str, usize, &[u8])] = &[
            ("infiniband.a", 3, &[1]),
            ("infiniband.new", 9, &[1]),
            ("infiniband.reserved", 4, &[0]),
            ("infiniband.reserved", 5, &[7]),
            ("infiniband.mad.data", 24, &[1, 2]),
            ("frame.number", 0, &[1]),
        ];
        let (compared, differences) = compare(
            &shown(fields),
            &[0; 256],
            &[expected("infiniband.a", 2), expected("infiniband.gone", 0)],
        );
        assert_eq!(compared, 1);
        let text: Vec<String> = differences.iter().map(ToString::to_string).collect();
        assert_eq!(
            text,
            [
                "ours.infiniband.a was [00, 02], and tshark shows infiniband.a as [01]",
                "infiniband.new at byte 9 is in no table: label",
                "infiniband.reserved at byte 5 is [07]",
                "infiniband.mad.data at byte 24 is [01, 02]",
                "ours.infiniband.gone: tshark does not show infiniband.gone",
            ]
        );
    }

    #[test]
    fn a_name_that_says_nothing_is_told_by_its_place() {
        let shown = shown(&[("infiniband.reserved", 5, &[0]), ("infiniband.reserved", 9, &[7])]);
        let it = Expected { offset: Some(9), ..expected("infiniband.reserved", 7) };
        assert_eq!(compare(&shown, &[0; 256], &[it]), (1, vec![]));
    }
}
