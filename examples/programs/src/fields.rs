//! A structure of `ib-mad` as JSON.

use core::fmt;

use ib_mad::dump::{Dump, Fields, Value};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};

/// A structure as a line to print: for people what tells most of it, for programs an object with every field.
///
/// Decimal numbers are JSON numbers. Everything else is a string as the tools print it (a JSON number would lose what of
/// a GUID is beyond 53 bits); lists are arrays, structures inside it objects.
#[derive(Clone, Copy, Debug)]
pub struct FieldsLine<'a> {
    dump: Dump<'a>,
    object: FieldsObject<'a>,
}

impl<'a> FieldsLine<'a> {
    /// A line of a structure; its keys are redacted unless they are asked for.
    pub const fn new(structure: &'a dyn Fields, with_secrets: bool) -> Self {
        Self {
            dump: Dump::new(structure).with_secrets(with_secrets),
            object: FieldsObject { structure, with_secrets },
        }
    }
}

impl fmt::Display for FieldsLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.dump, f)
    }
}

impl Serialize for FieldsLine<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.object.serialize(serializer)
    }
}

/// A structure as an object.
#[derive(Clone, Copy)]
struct FieldsObject<'a> {
    structure: &'a dyn Fields,
    with_secrets: bool,
}

impl fmt::Debug for FieldsObject<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.structure.name())
    }
}

impl Serialize for FieldsObject<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let mut outcome = Ok(());
        self.structure.fields(&mut |name, value| {
            if outcome.is_ok() {
                outcome = map.serialize_entry(name, &FieldValue { value, with_secrets: self.with_secrets });
            }
        });
        outcome?;
        map.end()
    }
}

/// A field's value.
struct FieldValue<'a> {
    value: Value<'a>,
    with_secrets: bool,
}

impl Serialize for FieldValue<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let with_secrets = self.with_secrets;
        let value = if with_secrets { self.value.revealed() } else { self.value };
        match value {
            Value::Number(number) => serializer.serialize_u64(number),
            // Not by its Display, which escapes what JSON escapes in its own way.
            Value::Text(text) => serializer.serialize_str(text),
            Value::List(items) => {
                let mut list = serializer.serialize_seq(None)?;
                let mut outcome = Ok(());
                items(&mut |value| {
                    if outcome.is_ok() {
                        outcome = list.serialize_element(&FieldValue { value, with_secrets });
                    }
                });
                outcome?;
                list.end()
            }
            Value::Structure(structure) => FieldsObject { structure, with_secrets }.serialize(serializer),
            other => serializer.collect_str(&other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ib_mad::wire::{
        LinearForwardingTableRecord, NodeRecord, Notice, NoticeType, PortInfo, PortState, ProducerType,
        SmInfoRecord, TrapDetails,
    };
    use ib_mad::{Gid, Guid, Lid, SmKey};
    use serde_json::{Value as Json, json};

    fn object(structure: &dyn Fields, with_secrets: bool) -> Json {
        serde_json::to_value(FieldsLine::new(structure, with_secrets)).unwrap()
    }

    #[test]
    fn every_kind_of_value_has_its_form() {
        let mut record = SmInfoRecord { lid: Lid(3), ..SmInfoRecord::default() };
        record.sm_info.guid = Guid(0x11);
        record.sm_info.sm_key = SmKey(5);
        let redacted = json!({
            "LID": 3, "GUID": "0x0000000000000011", "SM_Key": "redacted", "ActCount": 0, "Priority": 0, "SMState": 0,
        });
        assert_eq!(object(&record, false), redacted);
        assert_eq!(object(&record, true)["SM_Key"], "0x0000000000000005");

        let info = PortInfo { port_state: PortState::ACTIVE, ..PortInfo::default() };
        assert_eq!(object(&info, false)["LinkState"], "Active");
        assert_eq!(object(&info, false)["CapMask"], "0x0");

        let table = object(&LinearForwardingTableRecord::default(), false);
        assert_eq!(table["LFT"], json!(vec![255; 64]));

        let trap = TrapDetails::GidInService { gid: Gid::new(Gid::DEFAULT_PREFIX, Guid(9)) };
        let notice = Notice::generic(NoticeType::SUBNET_MANAGEMENT, ProducerType::CLASS_MANAGER, &trap);
        assert_eq!(object(&notice, false)["NoticeDataDetails"], json!({ "gid": "fe80::9" }));

        let node = NodeRecord {
            node_description: ib_mad::wire::NodeDescription::new("a\"b\n"),
            ..NodeRecord::default()
        };
        assert_eq!(object(&node, false)["NodeDescription"], "a\"b\n");
    }
}
