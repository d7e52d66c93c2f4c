use core::time::Duration;
use std::io::Cursor;

use ib_mad::dump::{Dump, Fields, Value};
use ib_mad::wire::{MAD_LENGTH, Mad};
use ib_mad::{Lid, Qpn, ServiceLevel};
use transport::{CaptureFile, CaptureReader, Entry, PacketAddresses, Place};

/// A capture, a dump in hexadecimal, or a datagram: reading ends, in order; every datagram can be shown, its keys stay
/// redacted; and what is written to a capture or as digits is read again.
pub fn decode(data: &[u8]) {
    let entries = read(data.to_vec());
    assert!(entries.len() <= data.len());
    for (number, pair) in entries.windows(2).enumerate() {
        assert_eq!((pair[0].number, pair[1].number), (number as u64 + 1, number as u64 + 2));
        match (pair[0].place, pair[1].place) {
            (Place::Offset(first), Place::Offset(second)) => assert!(first < second),
            (Place::Line(first), Place::Line(second)) => assert!(first <= second),
            places => panic!("{places:?}"),
        }
    }
    for entry in &entries {
        match &entry.datagram {
            Ok(datagram) => show(&datagram.mad),
            Err(error) => assert!(!error.to_string().is_empty()),
        }
    }
    let mut mad = [0; MAD_LENGTH];
    mad.iter_mut().zip(data).for_each(|(to, from)| *to = *from);
    if Mad::new(&mad).is_ok() {
        show(&mad);
        read_again(&mad);
    }
}

fn read(file: Vec<u8>) -> Vec<Entry> {
    CaptureReader::new(Cursor::new(file)).expect("memory can be read").collect()
}

/// One line, every field, and the keys in neither.
fn show(mad: &[u8; MAD_LENGTH]) {
    let parsed = Mad::new(mad).expect("a capture's datagrams are some");
    let (line, dump) = (format!("{parsed}"), format!("{parsed:#}"));
    assert!(!line.contains('\n') && dump.lines().count() > 5);
    assert!(!line.chars().chain(dump.chars().filter(|character| *character != '\n')).any(char::is_control));
    visit(&parsed, 0);
    let revealed = format!("{:#}", Dump::new(&parsed).with_secrets(true));
    // A text of the datagram may say so itself.
    assert!(!revealed.contains("redacted") || mad.contains(&b'r'), "{revealed}");
    let key = match parsed {
        Mad::Sa(_) => 36..44,
        Mad::Smp(_) | Mad::DirectedRoute(_) => 24..32,
        _ => return,
    };
    // Another key looks the same, unless one of both is none.
    let mut other = *mad;
    other[key.clone()].iter_mut().for_each(|byte| *byte ^= 0x5A);
    if mad[key.clone()] != [0; 8] && other[key] != [0; 8] {
        assert_eq!(dump, format!("{:#}", Mad::new(&other).expect("only the key is another")));
    }
}

/// Each value of each structure, however deep.
fn visit(structure: &dyn Fields, depth: usize) {
    assert!(depth < 5, "structures nest without end");
    let mut names = Vec::new();
    structure.fields(&mut |name, value| {
        names.push(name);
        visit_value(value, depth);
    });
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "{}: a name stands twice", structure.name());
}

fn visit_value(value: Value<'_>, depth: usize) {
    assert!(!format!("{value:?}").is_empty());
    match value.revealed() {
        Value::Structure(inner) => visit(inner, depth + 1),
        Value::List(items) => items(&mut |item| visit_value(item, depth + 1)),
        _ => {}
    }
}

fn read_again(mad: &[u8; MAD_LENGTH]) {
    let mut capture = Vec::new();
    let mut file = CaptureFile::new(&mut capture).expect("memory can be written");
    let service_level = ServiceLevel::default();
    let addresses = PacketAddresses { from: Lid(1), to: Lid(2), service_level, qpn: Qpn::GENERAL_SERVICES };
    file.write(Duration::from_secs(1), &addresses, mad).expect("memory can be written");
    let digits = |group: &[u8]| group.iter().map(|byte| format!("{byte:02x} ")).collect::<String>();
    let plain = mad.chunks(16).map(|line| digits(line) + "\n").collect::<String>();
    for file in [capture, plain.into_bytes()] {
        let [Entry { datagram: Ok(datagram), .. }] = &read(file)[..] else {
            panic!("one datagram was written")
        };
        assert_eq!(datagram.mad, *mad);
    }
}
