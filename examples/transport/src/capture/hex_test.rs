//! Every layout that people paste.

use core::fmt::Write;

use ib_mad::wire::MAD_LENGTH;
use quickcheck::quickcheck;

use super::packet_test::mad;
use super::read::{CaptureReader, Entry, Place};

fn entries(text: &str) -> Vec<Entry> {
    CaptureReader::new(std::io::Cursor::new(text.as_bytes().to_vec())).unwrap().collect()
}

#[track_caller]
fn check(text: &str, expected: &[[u8; MAD_LENGTH]]) {
    let read: Vec<_> = entries(text)
        .into_iter()
        .map(|entry| entry.datagram.unwrap_or_else(|error| panic!("{}: {error}\n{text}", entry.place)).mad)
        .collect();
    assert_eq!(read, expected, "{text}");
}

/// Lines of sixteen bytes.
fn lines(bytes: &[u8], line: impl Fn(usize, &[u8], &str) -> String) -> String {
    bytes.chunks(16).enumerate().fold(String::new(), |text, (number, bytes)| {
        let shown: String = bytes
            .iter()
            .map(|byte| if (0x20..0x7F).contains(byte) { char::from(*byte) } else { '.' })
            .collect();
        text + &line(number * 16, bytes, &shown) + "\n"
    })
}

fn spaced(bytes: &[u8], size: usize, separator: &str) -> String {
    let group = |group: &[u8]| group.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"));
    bytes.chunks(size).map(group).collect::<Vec<_>>().join(separator)
}

fn xxd(bytes: &[u8]) -> String {
    lines(bytes, |offset, bytes, shown| format!("{offset:08x}: {:<39}  {shown}", spaced(bytes, 2, " ")))
}

/// With `*` for lines that are like the one before.
fn hexdump(bytes: &[u8]) -> String {
    let (mut text, mut last, mut left_out) = (String::new(), None, false);
    for (number, line) in bytes.chunks(16).enumerate() {
        if last == Some(line) {
            if !core::mem::replace(&mut left_out, true) {
                text += "*\n";
            }
            continue;
        }
        (last, left_out) = (Some(line), false);
        let shown: String =
            line.iter().map(|byte| if byte.is_ascii_graphic() { char::from(*byte) } else { '.' }).collect();
        let (first, second) = (spaced(&line[..8], 1, " "), spaced(&line[8..], 1, " "));
        writeln!(text, "{:08x}  {first}  {second}  |{shown}|", number * 16).unwrap();
    }
    writeln!(text, "{:08x}", bytes.len()).unwrap();
    text
}

fn layouts(bytes: &[u8]) -> Vec<String> {
    vec![
        spaced(bytes, bytes.len(), ""),
        spaced(bytes, 1, " "),
        spaced(bytes, 1, ":"),
        spaced(bytes, 4, " "),
        lines(bytes, |_, bytes, _| spaced(bytes, 2, " ")),
        lines(bytes, |_, bytes, _| spaced(bytes, 4, " ")),
        lines(bytes, |_, bytes, _| format!("0x{},", spaced(bytes, 1, ", 0x"))),
        format!("{{ {} }};", bytes.iter().map(|byte| format!("{byte:#x}")).collect::<Vec<_>>().join(", ")),
        format!("\"\\x{}\"", spaced(bytes, 1, "\\x")),
        spaced(bytes, 1, " ").to_uppercase(),
        xxd(bytes),
        hexdump(bytes),
        // od -Ax -tx1, Wireshark, tcpdump -X.
        lines(bytes, |offset, bytes, _| format!("{offset:06x} {}", spaced(bytes, 1, " "))),
        lines(bytes, |offset, bytes, shown| format!("{offset:04x}   {}   {shown}", spaced(bytes, 1, " "))),
        lines(bytes, |offset, bytes, shown| format!("\t0x{offset:04x}:  {}  {shown}", spaced(bytes, 2, " "))),
        xxd(bytes).replace('\n', "\r\n"),
    ]
}

quickcheck! {
    fn every_layout_is_read(contents: Vec<u8>, count: u8) -> bool {
        let mut mads = vec![mad(0); usize::from(count % 3) + 1];
        mads.iter_mut().flat_map(|mad| &mut mad[24..]).zip(contents).for_each(|(to, from)| *to = from);
        for layout in layouts(&mads.concat()) {
            check(&layout, &mads);
            // Several dumps, with a comment between them.
            check(&format!("\n\n{layout}\n# another\n\n{layout}"), &[mads.clone(), mads.clone()].concat());
        }
        true
    }

    fn letters_beside_the_bytes_are_no_bytes(letters: Vec<u8>) -> bool {
        let mut mad = mad(0);
        mad[24..].iter_mut().zip(letters).for_each(|(to, letter)| *to = b"abcdef0123: ,x|*"[usize::from(letter % 16)]);
        for layout in layouts(&mad) {
            check(&layout, &[mad]);
        }
        true
    }

    fn any_text_is_read_to_an_end(text: String) -> bool {
        entries(&text).len() <= text.len()
    }
}

/// The text beside sixteen bytes looks like two more, and a gap.
#[test]
fn text_that_looks_like_bytes_is_none() {
    let mut mad = mad(0);
    mad[32..48].copy_from_slice(b"f2  bbdbabf0fabe");
    check(&xxd(&mad), &[mad]);
}

/// Where entries are, and what is wrong with them.
fn outcomes(text: &str) -> Vec<(Place, String)> {
    let outcome =
        |entry: Entry| (entry.place, entry.datagram.map_or_else(|error| error.to_string(), |_| "ok".into()));
    entries(text).into_iter().map(outcome).collect()
}

#[test]
fn an_error_names_its_line_and_spares_the_next_dump() {
    let good = xxd(&mad(7));
    let text = format!("# first\n{good}\nwhat is this\n{good}\n{good}");
    let expected = [
        (Place::Line(2), "ok".to_owned()),
        (Place::Line(19), "column 1: no hexadecimal byte".to_owned()),
        (Place::Line(37), "ok".to_owned()),
    ];
    assert_eq!(outcomes(&text), expected);
}

#[test]
fn missing_and_superfluous_bytes_are_told() {
    let good = xxd(&mad(7));
    let missing: String =
        good.lines().filter(|line| !line.starts_with("00000030")).map(|line| format!("{line}\n")).collect();
    let told = (Place::Line(4), "the line starts at 0x40, but 0x30 bytes came before".to_owned());
    assert_eq!(outcomes(&missing), [told]);
    let short: String = good.lines().take(3).map(|line| format!("{line}\n")).collect();
    assert_eq!(
        outcomes(&short),
        [(Place::Line(1), "the dump ends after 48 of a datagram's 256 bytes".to_owned())]
    );
    let odd = spaced(&mad(7), 1, " ") + " 1";
    assert_eq!(
        outcomes(&odd),
        [(Place::Line(1), "column 770: no hexadecimal byte".to_owned())],
        "nothing of a bad line counts"
    );
    let none = spaced(&[0xFF; MAD_LENGTH], 16, "\n");
    assert_eq!(
        outcomes(&none),
        [(Place::Line(1), "MAD: base version at offset 0 is 0xff, expected 0x1".to_owned())]
    );
}

#[test]
fn a_star_stands_for_no_more_than_a_datagram() {
    let text =
        "00000000  01 04 01 01 00 00 00 00  00 00 00 00 00 00 00 00  |................|\n*\nffffffff0  00\n";
    let [(Place::Line(3), told)] = &outcomes(text)[..] else { panic!("{:?}", outcomes(text)) };
    assert_eq!(told, "`*` stands for 68719476704 bytes, more than 256");
}

#[test]
fn a_line_without_end_is_refused() {
    let told = outcomes(&"0".repeat((1 << 20) + 1));
    assert_eq!(told, [(Place::Line(1), "a line of more than 1048576 characters".to_owned())]);
}
