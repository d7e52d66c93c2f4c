//! What a structure holds, field by field, under the names that people know.
//!
//! [`Fields`] names the fields of an attribute or a header in order, each with a [`Value`]. Every output is one visitor:
//! a dump to read, JSON, CSV, a comparison. Names are those that the widespread tools print, so that their output can be
//! compared with this: those of `saquery` for records and what belongs to subnet administration, those of `libibmad`
//! (`smpquery`, `perfquery`) for attributes of subnet and performance management, and those of the specification for communication management. Where those have none, names are in
//! their style. Hexadecimal digits are small letters everywhere; `saquery` writes capitals in some records.
//!
//! ```
//! use ib_mad::dump::Fields;
//! use ib_mad::wire::LinkRecord;
//! use ib_mad::Lid;
//!
//! let record = LinkRecord { from_lid: Lid(1), from_port: 2, to_port: 3, to_lid: Lid(4) };
//! let mut line = String::new();
//! record.fields(&mut |name, value| line += &format!("{name} {value}; "));
//! assert_eq!(line, "FromLID 1; FromPort 2; ToPort 3; ToLID 4; ");
//! ```
//!
//! [`Dump`] is the visitor that people read: a line, or every field.
//!
//! # Secrets
//! Keys that admit to something (M_Key, SM_Key, Q_Key, a service's key) come as [`Value::Secret`], which shows as
//! `redacted`. Who wants them in the output asks each value for [`Value::revealed`]. A key that is not set, and the
//! Q_Key that all ports share, are no secrets.

mod communication;
mod content;
mod counters;
mod events;
mod headers;
mod mad;
mod meaning;
mod message_name;
mod nodes;
mod paths;
mod ports;
mod records;
mod tables;
mod text;
mod traps;
mod value;

pub use message_name::MessageName;
pub use text::Dump;
pub use value::{Items, Value};

use core::fmt;

/// What takes the fields of a structure, one after the other.
pub type Visit<'v> = dyn FnMut(&'static str, Value<'_>) + 'v;

/// A structure that can name its fields.
pub trait Fields {
    /// The structure's name: the standard's.
    fn name(&self) -> &'static str;

    /// Show every field to `visit`, in the order in which they lie.
    fn fields(&self, visit: &mut Visit<'_>);

    /// Names of the few fields that tell most about it, for a summary of one line.
    fn telling(&self) -> &'static [&'static str] {
        &[]
    }

    /// Write what stands above its fields.
    ///
    /// # Errors
    /// Those of `f`.
    fn title(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }

    /// Write it on one line.
    ///
    /// # Errors
    /// Those of `f`.
    fn summary(&self, f: &mut fmt::Formatter<'_>, with_secrets: bool) -> fmt::Result {
        self.title(f)?;
        text::write_telling(f, self, with_secrets, false, " ")
    }
}
