//! A third oracle: which of our fields tshark 4.0 shows, under which name.
//!
//! The names are those of Wireshark's `epan/dissectors/packet-infiniband.c`. This is a table only: `peers/tests/tshark` runs tshark
//! on captures of random datagrams and compares each field of them with it, both ways, so that the table can neither
//! have a field too many nor one too few.

mod attributes;
mod communication;
mod headers;
mod records;
mod traps;

use crate::{Buffer, Layout};

/// A field that tshark shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// tshark's name of it.
    pub name: &'static str,
    /// Where in the layout it is, for a name that tshark uses for any reserved field.
    pub offset: Option<usize>,
    /// What it shows of ours: these bits, one behind the other. None: it shows zero.
    pub bits: Vec<Bits>,
    /// How many bits of zero it shows behind them.
    pub zeros: usize,
    /// Types of RMPP segment that it is shown in, where that matters.
    pub rmpp_types: Option<&'static [u8]>,
    /// Why tshark shows other than what the field is, where it does.
    pub deviation: Option<&'static str>,
}

/// Bits of one of our fields.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bits {
    /// The field.
    pub field: String,
    /// The first of them, counted from the field's most significant; `None` for the whole field.
    pub range: Option<(usize, usize)>,
}

impl Bits {
    fn whole(field: &str) -> Self {
        Self { field: field.into(), range: None }
    }

    fn range(field: &str, first: usize, count: usize) -> Self {
        Self { field: field.into(), range: Some((first, count)) }
    }
}

impl Shown {
    fn new(name: &'static str, bits: Vec<Bits>) -> Self {
        Self { name, offset: None, bits, zeros: 0, rmpp_types: None, deviation: None }
    }

    fn whole(name: &'static str, field: &str) -> Self {
        Self::new(name, vec![Bits::whole(field)])
    }

    fn bits(name: &'static str, field: &str, first: usize, count: usize) -> Self {
        Self::new(name, vec![Bits::range(field, first, count)])
    }

    fn zero(name: &'static str) -> Self {
        Self::new(name, Vec::new())
    }

    /// A field that tshark takes for a reserved one.
    fn reserved(name: &'static str, offset: usize, bits: Vec<Bits>) -> Self {
        let deviation = Some("tshark takes it for reserved, and shows its bytes");
        Self { offset: Some(offset), deviation, ..Self::new(name, bits) }
    }

    fn in_rmpp(self, types: &'static [u8]) -> Self {
        Self { rmpp_types: Some(types), ..self }
    }

    fn before_zeros(self, zeros: usize) -> Self {
        Self { zeros, ..self }
    }

    fn deviates(self, why: &'static str) -> Self {
        Self { deviation: Some(why), ..self }
    }

    /// The bytes of what tshark should show of `layout` in `buffer`, most significant first.
    ///
    /// # Panics
    /// When the layout does not have the field.
    pub fn value(&self, layout: &Layout, buffer: &Buffer) -> Vec<u8> {
        let mut bits = Vec::new();
        for part in &self.bits {
            let field = find(layout, &part.field);
            let bytes = field.read(buffer);
            let unused = bytes.len() * 8 - field.bits;
            let (first, count) = part.range.unwrap_or((0, field.bits));
            bits.extend((first..first + count).map(|bit| {
                let at = unused + bit;
                bytes[at / 8] >> (7 - at % 8) & 1
            }));
        }
        bits.resize(bits.len() + self.zeros, 0);
        bits.rchunks(8).rev().map(|byte| byte.iter().fold(0, |value, bit| value << 1 | bit)).collect()
    }
}

fn find<'a>(layout: &'a Layout, name: &str) -> &'a crate::Field {
    let field = layout.fields.iter().find(|field| field.name == name);
    field.unwrap_or_else(|| panic!("{} has no field {name}", layout.name))
}

/// Names that begin alike, each with the whole field that it shows.
macro_rules! whole {
    ($prefix:literal { $($name:literal: $field:literal),+ $(,)? }) => {
        vec![$(crate::tshark::Shown::whole(concat!("infiniband.", $prefix, ".", $name), $field)),+]
    };
}
use whole;

/// An attribute's fields inside a record.
fn inside(field: &str, mut shown: Vec<Shown>) -> Vec<Shown> {
    for bits in shown.iter_mut().flat_map(|shown| &mut shown.bits) {
        bits.field = format!("{field}.{}", bits.field);
    }
    shown
}

fn joined(parts: impl IntoIterator<Item = Vec<Shown>>) -> Vec<Shown> {
    parts.into_iter().flatten().collect()
}

/// What tshark shows of a layout, in its order; nothing of those that it does not know.
pub fn shown(layout: &str) -> Vec<Shown> {
    headers::shown(layout)
        .or_else(|| attributes::shown(layout))
        .or_else(|| records::shown(layout))
        .or_else(|| traps::shown(layout))
        .or_else(|| communication::shown(layout))
        .unwrap_or_default()
}

/// Whether tshark shows every bit of a field.
pub fn shows(layout: &Layout, field: &str) -> bool {
    let mut seen = vec![false; find(layout, field).bits];
    let shown = shown(layout.name);
    for part in shown.iter().flat_map(|shown| &shown.bits).filter(|part| part.field == field) {
        let (first, count) = part.range.unwrap_or((0, seen.len()));
        seen[first..first + count].fill(true);
    }
    seen.into_iter().all(|seen| seen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layouts;

    fn layout(name: &str) -> Layout {
        layouts().into_iter().find(|layout| layout.name == name).expect("a layout")
    }

    #[test]
    fn bits_are_taken_from_the_front_and_joined() {
        let path = layout("PathRecord");
        let mut buffer = Buffer([0; 256]);
        find(&path, "flow_label").write(&mut buffer, &[0xA, 0xBC, 0xDE]);
        find(&path, "hop_limit").write(&mut buffer, &[0x12]);
        let value = |bits| Shown::new("", bits).value(&path, &buffer);
        assert_eq!(value(vec![Bits::whole("flow_label")]), [0xA, 0xBC, 0xDE]);
        assert_eq!(value(vec![Bits::range("flow_label", 4, 8)]), [0xBC]);
        assert_eq!(value(vec![Bits::range("flow_label", 16, 4), Bits::whole("hop_limit")]), [0xE, 0x12]);
        assert_eq!(value(vec![]), []);
    }

    #[test]
    fn a_field_is_shown_when_all_of_it_is() {
        assert!(shows(&layout("PortInfo"), "capability_mask"));
        assert!(shows(&layout("PKeyTable"), "p_keys"));
        assert!(shows(&layout("SaMad"), "rmpp.response_time"));
        assert!(!shows(&layout("PathRecord"), "qos_class"));
    }

    #[test]
    fn the_table_names_fields_that_are_there() {
        for layout in layouts() {
            for shown in shown(layout.name) {
                shown.value(&layout, &Buffer([0; 256]));
            }
        }
    }
}
