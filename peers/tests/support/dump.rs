//! What infiniband-diags print, and what `saq` prints, in one form.

use std::collections::BTreeMap;

use serde_json::Value;

/// Partition keys in a row of a table's dump.
const P_KEYS_IN_ROW: usize = 8;

/// The fields of a record by their names; the items of a list are joined by spaces, hexadecimal digits are small.
pub(crate) type Fields = BTreeMap<String, String>;

/// The records of a dump: each begins with a line that ends in "dump:", and has lines such as `lid.....3`, `Lid:....3`,
/// `VL: 0| 1|`, or rows of keys or ports.
pub(crate) fn records(dump: &str) -> Vec<Fields> {
    let mut records: Vec<Fields> = Vec::new();
    for line in dump.lines() {
        let is_inner = line.starts_with(['\t', ' ']) || line.starts_with("\t\t");
        let text = line.trim();
        if !is_inner && (text.ends_with("dump:") || text.ends_with("ClassPortInfo:")) {
            records.push(Fields::new());
        }
        let Some(record) = records.last_mut() else { continue };
        if let Some((name, value)) = row(text) {
            let list = record.entry(name.to_owned()).or_default();
            if !list.is_empty() {
                list.push(' ');
            }
            list.push_str(&value);
        } else if let Some((name, value)) = field(text) {
            record.insert(name, value);
        }
    }
    records
}

/// `name....value`, `name:....value`.
pub(crate) fn field(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once("..").or_else(|| text.split_once(":."))?;
    let value = value.trim_start_matches('.');
    // Reserved bits are not fields.
    let is_reserved = name.starts_with("reserved") || name.starts_with("resv");
    (!is_reserved).then(|| (name.trim_end_matches([':', '.']).to_owned(), small(value)))
}

/// A row of a list: `VL    : 0| 1|`, or `12\t255` of a forwarding table.
fn row(text: &str) -> Option<(&'static str, String)> {
    if let Some((name, items)) = text.split_once(':')
        && let Some(items) = items.strip_suffix('|')
    {
        let name = match name.trim() {
            "VL" => "VL",
            "Weight" => "Weight",
            _ => return None,
        };
        return Some((name, Vec::from_iter(items.split('|').map(str::trim)).join(" ")));
    }
    if text.starts_with("0x") && text.split(' ').count() == P_KEYS_IN_ROW {
        return Some(("PKey Table", text.to_owned()));
    }
    let (place, value) = text.split_once('\t')?;
    let is_multicast = place.starts_with("0x");
    let is_place = is_multicast || place.bytes().all(|byte| byte.is_ascii_digit());
    is_place.then(|| (if is_multicast { "MFT" } else { "LFT" }, small(value.trim())))
}

/// The records that `saq --json` prints.
pub(crate) fn ours(objects: &[Value]) -> Vec<Fields> {
    let text = |value: &Value| match value {
        Value::String(text) => small(text),
        Value::Array(items) => {
            Vec::from_iter(items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), small)))
                .join(" ")
        }
        other => other.to_string(),
    };
    let fields = |object: &Value| {
        let object = object.as_object().expect("an object a record");
        object.iter().map(|(name, value)| (name.clone(), text(value))).collect()
    };
    objects.iter().map(fields).collect()
}

/// `saquery` writes the hexadecimal digits of some fields in capitals.
fn small(value: &str) -> String {
    let is_number =
        value.strip_prefix("0x").is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if is_number { value.to_lowercase() } else { value.to_owned() }
}
