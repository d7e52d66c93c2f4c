//! Headers.

use core::fmt;

use super::message_name::AttributeName;
use super::value::{Value, secret};
use super::{Fields, Visit};
use crate::wire::{
    Attribute, DirectedRouteSmp, MadHeader, ManagementClass, Method, RmppHeader, RmppType, SaHeader, Smp,
};

impl Fields for MadHeader {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        visit("base_version", self.base_version.into());
        visit("class", Value::Named { number: self.class.0.into(), name: &ClassName(self.class) });
        visit("class_version", self.class_version.into());
        visit("method", Value::Named { number: self.method.0.into(), name: &MethodName(self.method) });
        visit("status", Value::wide_hex(self.status.0, 4));
        visit("class_specific", Value::wide_hex(self.class_specific, 4));
        visit("transaction_id", Value::wide_hex(self.transaction_id.0, 16));
        let name = AttributeName { class: self.class, attribute: self.attribute_id };
        visit("attribute", Value::Named { number: self.attribute_id.0.into(), name: &name });
        visit("attribute_id", Value::wide_hex(self.attribute_id.0, 4));
        visit("attribute_modifier", Value::wide_hex(self.attribute_modifier, 8));
    }

    fn telling(&self) -> &'static [&'static str] {
        &["class", "method", "attribute", "transaction_id", "status"]
    }
}

/// A class by its name, or by its number if it has none.
struct ClassName(ManagementClass);

impl fmt::Display for ClassName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.name() {
            "class" => write!(f, "{:#04x}", self.0.0),
            name => f.write_str(name),
        }
    }
}

/// A method by its name, or by its number if it has none.
struct MethodName(Method);

impl fmt::Display for MethodName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.name() {
            "method" => write!(f, "{:#04x}", self.0.0),
            name => f.write_str(name),
        }
    }
}

impl Fields for RmppHeader {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        visit("version", self.version.into());
        visit("type", Value::Named { number: u8::from(self.kind).into(), name: &TypeName(self.kind) });
        visit("response_time", self.response_time.into());
        visit(
            "flags",
            Value::Flags { mask: self.flags.0.into(), digits: 1, names: &["Active", "First", "Last"] },
        );
        visit("status", self.status.0.into());
        visit("segment", self.segment.into());
        let length_or_window = match self.kind {
            RmppType::Ack => "new_window_last",
            _ => "payload_length",
        };
        visit(length_or_window, self.length_or_window.into());
    }

    fn telling(&self) -> &'static [&'static str] {
        &["type", "flags", "status", "segment", "payload_length", "new_window_last"]
    }
}

struct TypeName(RmppType);

impl fmt::Display for TypeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            RmppType::None => f.write_str("None"),
            RmppType::Data => f.write_str("Data"),
            RmppType::Ack => f.write_str("Ack"),
            RmppType::Stop => f.write_str("Stop"),
            RmppType::Abort => f.write_str("Abort"),
            RmppType::Other(number) => write!(f, "{number}"),
        }
    }
}

impl Fields for SaHeader {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        secret(visit, "sm_key", self.sm_key);
        visit("attribute_offset", self.attribute_offset.into());
        visit("component_mask", Value::wide_hex(self.component_mask, 16));
    }

    fn telling(&self) -> &'static [&'static str] {
        &["component_mask"]
    }
}

impl Fields for Smp {
    fn name(&self) -> &'static str {
        "SMP header"
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        self.header.fields(visit);
        secret(visit, "m_key", self.m_key);
    }
}

impl Fields for DirectedRouteSmp {
    fn name(&self) -> &'static str {
        "directed route SMP header"
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        // The route tells what the header's class specific field is.
        self.header.fields(&mut |name, value| {
            if name != "class_specific" {
                visit(name, value);
            }
        });
        visit("direction", self.is_returning.into());
        visit("hop_pointer", self.hop_pointer.into());
        visit("hop_count", self.hop_count.into());
        secret(visit, "m_key", self.m_key);
        visit("dr_slid", self.source_lid.into());
        visit("dr_dlid", self.destination_lid.into());
        visit("initial_path", Value::Bytes(&self.initial_path));
        visit("return_path", Value::Bytes(&self.return_path));
    }

    fn telling(&self) -> &'static [&'static str] {
        &["direction", "hop_pointer", "hop_count"]
    }
}
