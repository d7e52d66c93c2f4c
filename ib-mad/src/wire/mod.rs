//! Layouts of headers and attributes, one a file.
//!
//! Every attribute has two forms. Its *view* (`PathRecordView`) lies over received bytes: reading a field copies
//! nothing else. Its owned form (`PathRecord`) is what programs build, compare and keep. [`Attribute`] joins the two.
//!
//! Nothing here panics, whatever the bytes: offsets are the layout's, checked when the crate is compiled.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions)]
#![cfg_attr(test, allow(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::as_conversions))]

mod attribute;
mod header;
mod mad;
mod path_record;
mod query;
mod rmpp;
mod sa;
mod status;

pub use attribute::{Attribute, AttributeId};
pub use header::{MadHeader, MadHeaderView, ManagementClass, Method};
pub use mad::{MAD_LENGTH, Mad};
pub use path_record::{PathRecord, PathRecordMask, PathRecordQuery, PathRecordView};
pub use query::{ComponentMask, RecordQuery};
pub use rmpp::{RmppFlags, RmppHeader, RmppHeaderView, RmppStatus, RmppType};
pub use sa::{SA_DATA_LENGTH, SaHeader, SaHeaderView, SaMad, SaMadView};
pub use status::{CommonStatus, SaStatus, Status};
