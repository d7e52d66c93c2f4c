use core::fmt;

/// Status of a response (IBTA volume 1, 13.4.7, table 116): bit 0 busy, bit 1 redirect, bits 2 to 4 a common code,
/// bits 8 to 14 a code of the class. Bit 15 is the direction of a directed route packet and not part of it.
#[derive(Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Status(pub u16);

impl Status {
    /// Done.
    pub const OK: Self = Self(0);
    /// The responder is busy: ask again later.
    pub const BUSY: Self = Self(1);
    /// The class has no such method.
    pub const METHOD_UNSUPPORTED: Self = Self(0x0008);
    /// The method does not go with the attribute.
    pub const ATTRIBUTE_UNSUPPORTED: Self = Self(0x000C);
    /// Subnet administration: out of resources.
    pub const NO_RESOURCES: Self = Self(0x0100);
    /// Subnet administration: the request makes no sense.
    pub const INVALID_REQUEST: Self = Self(0x0200);
    /// Subnet administration: nothing matches.
    pub const NO_RECORDS: Self = Self(0x0300);
    /// Subnet administration: more than one record matches a query for one.
    pub const TOO_MANY_RECORDS: Self = Self(0x0400);
    /// Subnet administration: a GID of the request is of no use.
    pub const INVALID_GID: Self = Self(0x0500);
    /// Subnet administration: the component mask lacks a required component.
    pub const INSUFFICIENT_COMPONENTS: Self = Self(0x0600);
    /// Subnet administration: the requester has no right to this.
    pub const DENIED: Self = Self(0x0700);

    /// Whether the request was carried out.
    pub const fn is_ok(self) -> bool {
        self.0 & 0x7FFF == 0
    }

    /// Whether the responder asks for the request to be repeated later.
    pub const fn is_busy(self) -> bool {
        self.0 & 1 != 0
    }

    /// Whether the requester is told to ask elsewhere; where is in the responder's ClassPortInfo.
    pub const fn is_redirect(self) -> bool {
        self.0 & 2 != 0
    }

    /// What the common code says, apart from busy and redirect.
    pub const fn common(self) -> CommonStatus {
        match (self.0 >> 2) & 7 {
            0 => CommonStatus::Ok,
            1 => CommonStatus::BadVersion,
            2 => CommonStatus::MethodUnsupported,
            3 => CommonStatus::AttributeUnsupported,
            7 => CommonStatus::InvalidValue,
            _ => CommonStatus::Reserved,
        }
    }

    /// What the class's code says, in a response of subnet administration.
    pub const fn sa(self) -> SaStatus {
        match (self.0 >> 8) & 0x7F {
            0 => SaStatus::Ok,
            1 => SaStatus::NoResources,
            2 => SaStatus::InvalidRequest,
            3 => SaStatus::NoRecords,
            4 => SaStatus::TooManyRecords,
            5 => SaStatus::InvalidGid,
            6 => SaStatus::InsufficientComponents,
            7 => SaStatus::Denied,
            8 => SaStatus::PrioritySuggested,
            _ => SaStatus::Reserved,
        }
    }
}

impl fmt::Debug for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Status({self})")
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#06x}", self.0)?;
        if self.is_busy() {
            f.write_str(" busy")?;
        }
        if self.is_redirect() {
            f.write_str(" redirect")?;
        }
        match self.common() {
            CommonStatus::Ok => {}
            CommonStatus::BadVersion => f.write_str(" bad class or class version")?,
            CommonStatus::MethodUnsupported => f.write_str(" method not supported")?,
            CommonStatus::AttributeUnsupported => f.write_str(" method and attribute not supported")?,
            CommonStatus::InvalidValue => f.write_str(" invalid value in the attribute or its modifier")?,
            CommonStatus::Reserved => f.write_str(" reserved common code")?,
        }
        match self.sa() {
            SaStatus::Ok => Ok(()),
            other => write!(f, " {other}"),
        }
    }
}

/// Common code of a [`Status`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CommonStatus {
    /// No common failure.
    Ok,
    /// Class, or its version, not supported.
    BadVersion,
    /// Method not supported.
    MethodUnsupported,
    /// Attribute not supported with this method.
    AttributeUnsupported,
    /// A field of the attribute or the modifier has no meaning.
    InvalidValue,
    /// A code that the standard leaves free.
    Reserved,
}

/// Code of subnet administration in a [`Status`] (IBTA volume 1, 15.4.2, table 188).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SaStatus {
    /// No failure of this class.
    Ok,
    /// Out of resources.
    NoResources,
    /// The request makes no sense.
    InvalidRequest,
    /// Nothing matches.
    NoRecords,
    /// More than one matches a query for one.
    TooManyRecords,
    /// A GID of the request is of no use.
    InvalidGid,
    /// The component mask lacks a required component.
    InsufficientComponents,
    /// The requester has no right to this.
    Denied,
    /// Done, with another priority than was asked for.
    PrioritySuggested,
    /// A code that the standard leaves free.
    Reserved,
}

impl fmt::Display for SaStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ok => "ok",
            Self::NoResources => "no resources",
            Self::InvalidRequest => "invalid request",
            Self::NoRecords => "no records",
            Self::TooManyRecords => "too many records",
            Self::InvalidGid => "invalid GID",
            Self::InsufficientComponents => "insufficient components",
            Self::Denied => "denied",
            Self::PrioritySuggested => "priority suggested",
            Self::Reserved => "reserved class code",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_status() {
        assert!(Status(0x8000).is_ok(), "the direction bit is no failure");
        assert!(Status(0x0001).is_busy() && !Status(0x0001).is_ok());
        assert!(Status(0x0002).is_redirect());
        assert_eq!(Status(0x000C).common(), CommonStatus::AttributeUnsupported);
        assert_eq!(Status(0x001C).common(), CommonStatus::InvalidValue);
        assert_eq!(Status(0x0300).sa(), SaStatus::NoRecords);
        assert_eq!(Status(0x0400).sa(), SaStatus::TooManyRecords);
    }

    #[cfg(feature = "std")]
    #[test]
    fn text_names_every_part() {
        assert_eq!(std::format!("{}", Status(0x0301)), "0x0301 busy no records");
        assert_eq!(std::format!("{}", Status(0)), "0x0000");
    }
}
