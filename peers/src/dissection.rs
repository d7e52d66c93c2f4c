//! What tshark makes of packets, field by field.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use crate::PeerError;

/// What tshark made of one packet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dissection {
    /// The protocols that it found, from the outside in; `_ws.malformed` where it gave up.
    pub protocols: Vec<String>,
    /// Every field that it shows, in its order.
    pub fields: Vec<DissectedField>,
}

/// One field of a packet.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DissectedField {
    /// Its name in display filters, such as `infiniband.pathrecord.dlid`.
    pub name: String,
    /// Its line in the tree of the packet.
    pub label: String,
    /// Where the bytes that it is read from begin in the packet.
    pub position: usize,
    /// How many bytes it is read from.
    pub size: usize,
    /// The bytes of its value, eight for a number of bits; none where tshark shows no value.
    pub value: Option<Vec<u8>>,
}

impl Dissection {
    /// What tshark complains about: packets that end too early, values that it finds impossible.
    pub fn complaints(&self) -> Vec<&str> {
        let complaint = |field: &&DissectedField| field.name == "_ws.expert";
        let mut complaints: Vec<&str> =
            self.fields.iter().filter(complaint).map(|field| field.label.as_str()).collect();
        if complaints.is_empty() && self.protocols.iter().any(|name| name == "_ws.malformed") {
            complaints.push("malformed");
        }
        complaints
    }

    /// The fields of a name.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a DissectedField> {
        self.fields.iter().filter(move |field| field.name == name)
    }
}

/// Read tshark's PDML (`-T pdml`).
pub(crate) fn parse(text: &str) -> Result<Vec<Dissection>, PeerError> {
    let wrong = |error: quick_xml::Error| PeerError::Answer {
        name: "tshark",
        command: "-T pdml".into(),
        what: "well-formed XML",
        answer: error.to_string(),
    };
    let mut reader = Reader::from_str(text);
    let mut packets = Vec::new();
    loop {
        match reader.read_event().map_err(wrong)? {
            Event::Start(element) | Event::Empty(element) => match element.name().as_ref() {
                b"packet" => packets.push(Dissection::default()),
                b"proto" | b"field" => {
                    let Some(packet) = packets.last_mut() else { continue };
                    let is_field = element.name().as_ref() == b"field";
                    let field = field(&element).map_err(wrong)?;
                    if is_field {
                        packet.fields.push(field);
                    } else {
                        packet.protocols.push(field.name);
                    }
                }
                _ => {}
            },
            Event::Eof => return Ok(packets),
            _ => {}
        }
    }
}

fn field(element: &BytesStart<'_>) -> Result<DissectedField, quick_xml::Error> {
    let mut field = DissectedField::default();
    let (mut value, mut show) = (String::new(), String::new());
    for attribute in element.attributes() {
        let attribute = attribute?;
        let text = attribute.normalized_value(XmlVersion::Implicit1_0)?.into_owned();
        match attribute.key.as_ref() {
            b"name" => field.name = text,
            b"showname" => field.label = text,
            b"pos" => field.position = text.parse().unwrap_or_default(),
            b"size" => field.size = text.parse().unwrap_or_default(),
            b"value" => value = text,
            b"show" => show = text,
            _ => {}
        }
    }
    // Where the label begins with a pattern of bits, `value` is that of the whole bytes, or of the bits, as the dissector was
    // written; `show` is always the number that the bits are.
    field.value = if begins_with_bits(&field.label) { number(&show) } else { hexadecimal(&value) };
    Ok(field)
}

/// Whether a label begins like `..10 1100 = Rate`.
fn begins_with_bits(label: &str) -> bool {
    label
        .split_once(" = ")
        .is_some_and(|(bits, _)| bits.len() >= 9 && bits.bytes().all(|byte| b"01. ".contains(&byte)))
}

fn number(text: &str) -> Option<Vec<u8>> {
    let number = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    number.ok().map(|number: u64| number.to_be_bytes().to_vec())
}

fn hexadecimal(text: &str) -> Option<Vec<u8>> {
    if text.is_empty() || !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    let byte = |at: usize| u8::from_str_radix(&text[at..at + 2], 16).ok();
    (0..text.len()).step_by(2).map(byte).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(element: &str) -> DissectedField {
        let text = format!("<pdml><packet><proto name=\"infiniband\">{element}</proto></packet></pdml>");
        let packets = parse(&text).unwrap();
        assert_eq!(
            (packets.len(), packets[0].protocols.as_slice()),
            (1, ["infiniband".to_owned()].as_slice())
        );
        packets[0].fields[0].clone()
    }

    #[test]
    fn bytes_masked_bits_and_lone_bits_are_values() {
        let whole =
            one(r#"<field name="a" showname="DLID: 0x5f97" size="2" pos="124" show="0x5f97" value="5f97"/>"#);
        assert_eq!((whole.name.as_str(), whole.position, whole.size), ("a", 124, 2));
        assert_eq!(whole.value, Some(vec![0x5F, 0x97]));
        let masked = r#"<field name="a" showname=".... 1000 0110 0001 1001 1011 = FlowLabel: 0x8619b" size="3" pos="0"
            show="0x08619b" value="8619B" unmaskedvalue="d8619b"/>"#;
        assert_eq!(one(masked).value, Some(vec![0, 0, 0, 0, 0, 8, 0x61, 0x9B]));
        let lone =
            r#"<field name="a" showname=".... 1001 = Errors: 9" size="1" pos="83" show="9" value="39"/>"#;
        assert_eq!(one(lone).value, Some(vec![0, 0, 0, 0, 0, 0, 0, 9]));
        assert_eq!(
            one(r#"<field name="a" showname="Errors: 0" show="0" value="0000"/>"#).value,
            Some(vec![0, 0])
        );
        assert_eq!(one(r#"<field name="a" showname="A &lt;b&gt;" show="" value=""/>"#).value, None);
    }

    #[test]
    fn complaints_are_found() {
        let field = r#"<field name="_ws.expert" showname="Expert Info (Error/Malformed): too short"/>"#;
        let text =
            format!("<packet><proto name=\"a\">{field}</proto></packet><packet><proto name=\"b\"/></packet>");
        let packets = parse(&text).unwrap();
        assert_eq!(packets[0].complaints(), ["Expert Info (Error/Malformed): too short"]);
        assert!(packets[1].complaints().is_empty());
        let cut = parse("<packet><proto name=\"_ws.malformed\"/></packet>").unwrap();
        assert_eq!(cut[0].complaints(), ["malformed"]);
        assert!(parse("<packet><proto name=\"a\"></packet>").is_err());
    }
}
