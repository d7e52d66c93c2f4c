use core::fmt::{self, Write};

use super::Fields;
use crate::types::{Gid, Guid, Lid, MKey, PKey, QKey, Qpn, ServiceLevel, SmKey, VirtualLane};

/// Takes the items of a list, one after the other.
pub type Items<'v> = dyn FnMut(Value<'_>) + 'v;

/// Value of a field. `Display` writes it as the tools do whose names the fields have, on one line.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Value<'a> {
    /// A number, in decimal.
    Number(u64),
    /// A number, in hexadecimal.
    Hexadecimal {
        /// The number.
        number: u128,
        /// How many digits it has at least.
        digits: usize,
    },
    /// A number whose meaning has a name.
    Named {
        /// The number.
        number: u64,
        /// Its name, or a text with the number in it where it has none.
        name: &'a dyn fmt::Display,
    },
    /// A set of flags.
    Flags {
        /// A bit for each.
        mask: u64,
        /// How many hexadecimal digits the mask has at least.
        digits: usize,
        /// The flags' names, that of the lowest bit first; empty where a bit has none.
        names: &'static [&'static str],
    },
    /// A globally unique identifier.
    Guid(Guid),
    /// A global identifier.
    Gid(Gid),
    /// Text. Control characters are shown escaped.
    Text(&'a str),
    /// Bytes that nothing more is known about.
    Bytes(&'a [u8]),
    /// Values of the same kind: hand it what is to take them.
    List(&'a dyn Fn(&mut Items<'_>)),
    /// A structure inside the structure.
    Structure(&'a dyn Fields),
    /// A key that admits to something.
    Secret(&'a Value<'a>),
}

impl Value<'_> {
    /// The value, even if it is secret.
    #[must_use]
    pub fn revealed(self) -> Self {
        match self {
            Self::Secret(secret) => secret.revealed(),
            other => other,
        }
    }

    /// Whether it is what bytes of zero give. A list or a structure never is.
    pub fn is_zero(&self) -> bool {
        match *self {
            Self::Hexadecimal { number, .. } => number == 0,
            Self::Number(number) | Self::Named { number, .. } | Self::Flags { mask: number, .. } => {
                number == 0
            }
            Self::Guid(guid) => guid == Guid::default(),
            Self::Gid(gid) => gid == Gid::UNSPECIFIED,
            Self::Text(text) => text.is_empty(),
            Self::Bytes(bytes) => bytes.iter().all(|byte| *byte == 0),
            Self::List(_) | Self::Structure(_) => false,
            Self::Secret(secret) => secret.is_zero(),
        }
    }

    /// A hexadecimal number without leading zeros.
    pub(super) fn hex(number: impl Into<u128>) -> Self {
        Self::wide_hex(number, 1)
    }

    /// A hexadecimal number of at least so many digits.
    pub(super) fn wide_hex(number: impl Into<u128>, digits: usize) -> Self {
        Self::Hexadecimal { number: number.into(), digits }
    }
}

impl fmt::Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Number(number) => write!(f, "{number}"),
            // The prefix counts as part of the width.
            Self::Hexadecimal { number, digits } => {
                write!(f, "{number:#0width$x}", width = digits.saturating_add(2))
            }
            Self::Flags { mask, digits, .. } => {
                write!(f, "{mask:#0width$x}", width = digits.saturating_add(2))
            }
            Self::Named { name, .. } => fmt::Display::fmt(name, f),
            Self::Guid(guid) => fmt::Display::fmt(&guid, f),
            Self::Gid(gid) => fmt::Display::fmt(&gid, f),
            Self::Text(text) => write_text(f, text),
            Self::Bytes(bytes) => bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}")),
            Self::List(items) => {
                let mut separator = "";
                let mut outcome = Ok(());
                items(&mut |item| {
                    let separator = core::mem::replace(&mut separator, " ");
                    if outcome.is_ok() {
                        outcome = write!(f, "{separator}{item}");
                    }
                });
                outcome
            }
            Self::Structure(structure) => {
                write!(f, "{} {{", structure.name())?;
                let mut separator = "";
                let mut outcome = Ok(());
                structure.fields(&mut |name, value| {
                    let separator = core::mem::replace(&mut separator, ", ");
                    if outcome.is_ok() {
                        outcome = write!(f, "{separator}{name} {value}");
                    }
                });
                outcome?;
                f.write_char('}')
            }
            Self::Secret(_) => f.write_str("redacted"),
        }
    }
}

/// What a terminal would act on is shown, not sent.
fn write_text(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    for character in text.chars() {
        if character.is_control() {
            write!(f, "{}", character.escape_default())?;
        } else {
            f.write_char(character)?;
        }
    }
    Ok(())
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Value({self})")
    }
}

/// Numbers in decimal, and addresses.
macro_rules! from {
    ($($kind:ty: |$it:ident| $value:expr;)+) => { $(
        impl From<$kind> for Value<'_> {
            fn from($it: $kind) -> Self {
                $value
            }
        }
    )+ };
}
from! {
    u8: |number| Self::Number(number.into());
    u16: |number| Self::Number(number.into());
    u32: |number| Self::Number(number.into());
    u64: |number| Self::Number(number);
    bool: |bit| Self::Number(bit.into());
    Lid: |lid| Self::Number(lid.0.into());
    ServiceLevel: |level| Self::Number(level.get().into());
    VirtualLane: |lane| Self::Number(lane.get().into());
    PKey: |key| Self::wide_hex(key.0, 4);
    Qpn: |qpn| Self::wide_hex(qpn.get(), 6);
    Guid: |guid| Self::Guid(guid);
    Gid: |gid| Self::Gid(gid);
}

/// Show a key to `visit` as a secret.
pub(super) fn secret(visit: &mut super::Visit<'_>, name: &'static str, key: impl Key) {
    key.show(&mut |value, is_secret| visit(name, if is_secret { Value::Secret(&value) } else { value }));
}

/// A key, which is a secret or not.
pub(super) trait Key {
    /// Show the value, and whether it is a secret: where the type's `Debug` shows none, it is none.
    fn show(self, visit: &mut dyn FnMut(Value<'_>, bool));
}

impl Key for MKey {
    fn show(self, visit: &mut dyn FnMut(Value<'_>, bool)) {
        visit(Value::wide_hex(self.0, 16), self.0 != 0);
    }
}

impl Key for SmKey {
    fn show(self, visit: &mut dyn FnMut(Value<'_>, bool)) {
        visit(Value::wide_hex(self.0, 16), self.0 != 0);
    }
}

impl Key for QKey {
    fn show(self, visit: &mut dyn FnMut(Value<'_>, bool)) {
        visit(Value::wide_hex(self.0, 8), self != Self::GENERAL_SERVICES);
    }
}

impl Key for crate::types::ServiceKey {
    fn show(self, visit: &mut dyn FnMut(Value<'_>, bool)) {
        visit(Value::wide_hex(u128::from_be_bytes(self.0), 32), self.0 != [0; 16]);
    }
}
