//! Each field, set by one side and read by the other, both ways, among random neighbours.

use oracles::{Access, Buffer, Field, IbTypes, Layout, Libibmad, Linux, Oracle, layouts};
use quickcheck::{Arbitrary, Gen, quickcheck};

/// A structure's bytes before a field is set, and bytes to take the field's value from.
#[derive(Clone, Debug)]
struct Case {
    buffer: Vec<u8>,
    value: Vec<u8>,
}

impl Arbitrary for Case {
    fn arbitrary(g: &mut Gen) -> Self {
        let bytes = |g: &mut Gen, count| (0..count).map(|_| u8::arbitrary(g)).collect();
        Self { buffer: bytes(g, 256), value: bytes(g, 256) }
    }
}

impl Case {
    fn buffer(&self, layout: &Layout) -> Buffer {
        let mut buffer = Buffer([0; 256]);
        buffer.0.copy_from_slice(&self.buffer);
        layout.normalize(&mut buffer);
        buffer
    }

    /// A value of `bits` bits.
    fn value(&self, bits: usize) -> Vec<u8> {
        let mut value = self.value[..bits.div_ceil(8)].to_vec();
        if !bits.is_multiple_of(8) {
            value[0] &= (1 << (bits % 8)) - 1;
        }
        value
    }
}

fn check(oracle: &dyn Oracle, layout: &Layout, field: &Field, case: &Case) {
    let key = layout.key(field);
    let value = case.value(field.bits);

    let mut ours = case.buffer(layout);
    field.write(&mut ours, &value);
    assert_eq!(
        oracle.read(&key, field.bits, &ours),
        value,
        "{}: written by us, read by it: {key}",
        oracle.name()
    );

    if oracle.access(&key) == Some(Access::Both) {
        let mut theirs = case.buffer(layout);
        oracle.write(&key, field.bits, &mut theirs, &value);
        assert_eq!(field.read(&theirs), value, "{}: written by it, read by us: {key}", oracle.name());
        // And nothing else was touched, by neither.
        assert_eq!(ours.0, theirs.0, "{}: {key} moves other bits", oracle.name());
    }
}

/// Check every field that the oracle knows.
fn agree(oracle: &dyn Oracle, case: &Case) -> bool {
    let mut checked = 0;
    for layout in layouts() {
        for field in &layout.fields {
            if oracle.access(&layout.key(field)).is_some() {
                check(oracle, &layout, field, case);
                checked += 1;
            }
        }
    }
    checked == oracle.keys().len()
}

quickcheck! {
    fn libibmad_agrees(case: Case) -> bool {
        agree(&Libibmad, &case)
    }

    fn linux_agrees(case: Case) -> bool {
        agree(&Linux, &case)
    }

    fn ib_types_agrees(case: Case) -> bool {
        agree(&IbTypes, &case)
    }
}
