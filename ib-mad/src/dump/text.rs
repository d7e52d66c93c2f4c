use core::fmt;

use super::{Fields, Value};

/// Where values start, in characters behind the indent.
const COLUMN: usize = 34;
/// Items of a list that stand on one line.
const ITEMS_IN_A_LINE: usize = 16;

/// A structure as people read it: `{}` is one line with what tells most, `{:#}` every field on a line of its own.
///
/// ```
/// use ib_mad::dump::Dump;
/// use ib_mad::wire::SmInfo;
/// use ib_mad::{Guid, SmKey};
///
/// let info = SmInfo { guid: Guid(0x11), sm_key: SmKey(7), priority: 14, ..SmInfo::default() };
/// assert_eq!(Dump::new(&info).to_string(), "SMInfo SmInfoGuid 0x0000000000000011, SmPriority 14, SmState 0");
/// assert!(format!("{:#}", Dump::new(&info)).contains("SmInfoKey.........................redacted\n"));
/// ```
#[derive(Clone, Copy)]
pub struct Dump<'a> {
    structure: &'a dyn Fields,
    with_secrets: bool,
}

impl<'a> Dump<'a> {
    /// Of a structure, its secrets redacted.
    pub const fn new(structure: &'a dyn Fields) -> Self {
        Self { structure, with_secrets: false }
    }

    /// The same, with its secrets shown or not.
    #[must_use]
    pub const fn with_secrets(self, with_secrets: bool) -> Self {
        Self { with_secrets, ..self }
    }
}

impl fmt::Debug for Dump<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Dump({})", self.structure.name())
    }
}

impl fmt::Display for Dump<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !f.alternate() {
            return self.structure.summary(f, self.with_secrets);
        }
        self.structure.title(f)?;
        write_fields(f, self.structure, self.with_secrets, 1)
    }
}

/// The fields that tell most, the first behind `separator`; those that are zero only on demand.
pub(super) fn write_telling<F: Fields + ?Sized>(
    f: &mut fmt::Formatter<'_>,
    structure: &F,
    with_secrets: bool,
    without_zeros: bool,
    separator: &str,
) -> fmt::Result {
    let telling = structure.telling();
    let mut separator = separator;
    let mut outcome = Ok(());
    structure.fields(&mut |name, value| {
        if outcome.is_ok() && telling.contains(&name) && !(without_zeros && value.is_zero()) {
            let value = if with_secrets { value.revealed() } else { value };
            outcome = write!(f, "{separator}{name} {value}");
            separator = ", ";
        }
    });
    outcome
}

/// Every field on a line of its own, `level` steps to the right.
pub(super) fn write_fields(
    f: &mut fmt::Formatter<'_>,
    structure: &dyn Fields,
    with_secrets: bool,
    level: usize,
) -> fmt::Result {
    let mut outcome = Ok(());
    structure.fields(&mut |name, value| {
        if outcome.is_ok() {
            let value = if with_secrets { value.revealed() } else { value };
            outcome = write_field(f, name, value, with_secrets, level);
        }
    });
    outcome
}

fn write_field(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    value: Value<'_>,
    with_secrets: bool,
    level: usize,
) -> fmt::Result {
    write_indent(f, level)?;
    match value {
        Value::Structure(structure) => {
            write!(f, "{name}: {}", structure.name())?;
            return write_fields(f, structure, with_secrets, level + 1);
        }
        Value::List(items) => return write_list(f, name, items, with_secrets, level),
        Value::Bytes(bytes) if bytes.len() > ITEMS_IN_A_LINE => return write_bytes(f, name, bytes, level),
        _ => {}
    }
    write_name(f, name)?;
    write!(f, "{value}")?;
    if let Value::Flags { mask, names, .. } = value {
        for (_, name) in
            names.iter().enumerate().filter(|(bit, name)| mask >> bit & 1 != 0 && !name.is_empty())
        {
            write_indent(f, level + 1)?;
            f.write_str(name)?;
        }
    }
    Ok(())
}

/// A short list on the name's line; a long one, or one of structures, below it.
fn write_list(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    items: &dyn Fn(&mut super::Items<'_>),
    with_secrets: bool,
    level: usize,
) -> fmt::Result {
    let (mut count, mut has_structures) = (0_usize, false);
    items(&mut |item| {
        count += 1;
        has_structures |= matches!(item, Value::Structure(_));
    });
    if count <= ITEMS_IN_A_LINE && !has_structures {
        write_name(f, name)?;
        return if count == 0 { f.write_str("none") } else { write!(f, "{}", Value::List(items)) };
    }
    write!(f, "{name}:")?;
    let (mut number, mut outcome) = (0_usize, Ok(()));
    items(&mut |item| {
        if outcome.is_ok() {
            outcome = write_item(f, number, item, with_secrets, level + 1);
        }
        number += 1;
    });
    outcome
}

fn write_item(
    f: &mut fmt::Formatter<'_>,
    number: usize,
    item: Value<'_>,
    with_secrets: bool,
    level: usize,
) -> fmt::Result {
    if let Value::Structure(structure) = item {
        write_indent(f, level)?;
        write!(f, "{number}: {}", structure.name())?;
        return write_fields(f, structure, with_secrets, level + 1);
    }
    if number.is_multiple_of(ITEMS_IN_A_LINE) {
        write_indent(f, level)?;
        write!(f, "{number:3}:")?;
    }
    write!(f, " {item}")
}

/// Many bytes, below their name.
fn write_bytes(f: &mut fmt::Formatter<'_>, name: &str, bytes: &[u8], level: usize) -> fmt::Result {
    write!(f, "{name}:")?;
    for (number, line) in bytes.chunks(ITEMS_IN_A_LINE).enumerate() {
        write_indent(f, level + 1)?;
        write!(f, "{:3}:", number * ITEMS_IN_A_LINE)?;
        line.iter().try_for_each(|byte| write!(f, " {byte:02x}"))?;
    }
    Ok(())
}

/// The name, and dots up to the value, as the tools write them.
fn write_name(f: &mut fmt::Formatter<'_>, name: &str) -> fmt::Result {
    write!(f, "{name:.<width$}", width = COLUMN.max(name.len() + 3))
}

/// Begin a line.
fn write_indent(f: &mut fmt::Formatter<'_>, level: usize) -> fmt::Result {
    f.write_str("\n")?;
    (0..level).try_for_each(|_| f.write_str("  "))
}
