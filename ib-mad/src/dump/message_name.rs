use core::fmt;

use crate::wire::{AttributeId, MadHeaderView, ManagementClass, Method};

/// What a datagram is, as people write it: `SubnAdmGetResp(PathRecord)`. What has no name shows its number.
///
/// ```
/// use ib_mad::dump::MessageName;
/// use ib_mad::wire::{AttributeId, ManagementClass, Method};
///
/// let name = |class, method, attribute| MessageName { class, method, attribute }.to_string();
/// let class = ManagementClass::SUBNET_DIRECTED_ROUTE;
/// assert_eq!(name(class, Method::SET, AttributeId::PORT_INFO), "SubnSet(PortInfo)");
/// assert_eq!(name(ManagementClass(0x50), Method(0x7B), AttributeId(0x99)), "class 0x50 method 0x7b(0x0099)");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MessageName {
    /// The class; both routes of subnet management have the same name here.
    pub class: ManagementClass,
    /// The method.
    pub method: Method,
    /// The attribute.
    pub attribute: AttributeId,
}

impl From<&MadHeaderView> for MessageName {
    fn from(header: &MadHeaderView) -> Self {
        Self { class: header.class(), method: header.method(), attribute: header.attribute_id() }
    }
}

impl fmt::Display for MessageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.class, self.class.name()) {
            (ManagementClass::SUBNET_DIRECTED_ROUTE, _) => f.write_str("Subn")?,
            (class, "class") => write!(f, "class {:#04x}", class.0)?,
            (_, name) => f.write_str(name)?,
        }
        match self.method.name() {
            "method" => write!(f, " method {:#04x}", self.method.0)?,
            name => f.write_str(name)?,
        }
        write!(f, "({})", AttributeName { class: self.class, attribute: self.attribute })
    }
}

/// An attribute by its name in a class, or by its number if it has none.
pub(super) struct AttributeName {
    pub(super) class: ManagementClass,
    pub(super) attribute: AttributeId,
}

impl fmt::Display for AttributeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.attribute.name(self.class) {
            Some(name) => f.write_str(name),
            None => fmt::Display::fmt(&self.attribute, f),
        }
    }
}
