//! Whole datagrams.

use core::fmt;

use super::content::{Content, communication, performance, subnet_management};
use super::text::write_telling;
use super::value::Value;
use super::{Dump, Fields, MessageName, Visit};
use crate::wire::{Attribute, DirectedRouteSmp, Mad, MadHeader, Method, RmppHeader, RmppType, SaHeader, Smp};

impl Mad<'_> {
    fn content(&self) -> Content<'_> {
        let header = self.header();
        match *self {
            Self::Smp(smp) => Content::one(header, smp.data(), subnet_management),
            Self::DirectedRoute(smp) => Content::one(header, smp.data(), subnet_management),
            Self::Sa(mad) => Content::subnet_administration(mad),
            Self::Performance(mad) => Content::one(header, mad.data(), performance),
            Self::Communication(mad) => Content::one(header, mad.data(), communication),
            Self::Other(_, data) => Content::Bytes(data),
        }
    }

    /// Whether zero in a field of the attribute says nothing: a question has only the fields that it asks about.
    fn is_question(&self) -> bool {
        let method = self.header().method();
        let statements = [Method::TRAP, Method::REPORT, Method::TRAP_REPRESS, Method::SEND];
        !method.is_response() && !statements.contains(&method)
    }
}

impl Fields for Mad<'_> {
    fn name(&self) -> &'static str {
        "MAD"
    }

    fn title(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", MessageName::from(self.header()))
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        match *self {
            Self::Smp(smp) => Smp::from_view(smp).fields(visit),
            Self::DirectedRoute(smp) => DirectedRouteSmp::from_view(smp).fields(visit),
            Self::Sa(mad) => {
                MadHeader::from_view(mad.header()).fields(visit);
                let rmpp = RmppHeader::from_view(mad.rmpp());
                if rmpp != RmppHeader::INACTIVE {
                    visit("rmpp", Value::Structure(&rmpp));
                }
                SaHeader::from_view(mad.sa()).fields(visit);
            }
            Self::Performance(mad) => MadHeader::from_view(mad.header()).fields(visit),
            Self::Communication(mad) => MadHeader::from_view(mad.header()).fields(visit),
            Self::Other(header, _) => MadHeader::from_view(header).fields(visit),
        }
        self.content().fields(visit);
    }

    fn summary(&self, f: &mut fmt::Formatter<'_>, with_secrets: bool) -> fmt::Result {
        self.title(f)?;
        let header = self.header();
        write!(f, " tid {}", header.transaction_id())?;
        match *self {
            Self::DirectedRoute(smp) => {
                let way = if smp.is_returning() { "back" } else { "out" };
                write!(f, " directed route {way} hop {} of {}", smp.hop_pointer(), smp.hop_count())?;
                if header.method().is_response() {
                    write!(f, " status {}", smp.status())?;
                }
            }
            _ if header.method().is_response() => write!(f, " status {}", header.status())?,
            _ => {}
        }
        if let Self::Sa(mad) = *self {
            let rmpp = RmppHeader::from_view(mad.rmpp());
            if rmpp.kind != RmppType::None {
                write_segment(f, &rmpp)?;
            }
        }
        if header.method().is_response() && !header.status().is_ok() {
            return Ok(());
        }
        let mut outcome = Ok(());
        let (mut count, is_question) = (0_usize, self.is_question());
        self.content().attributes(&mut |attribute| {
            if count == 0 {
                outcome = write_telling(f, attribute, with_secrets, is_question, ": ");
            }
            count = count.saturating_add(1);
        });
        outcome?;
        if count > 1 { write!(f, "; and {} more", count - 1) } else { Ok(()) }
    }
}

fn write_segment(f: &mut fmt::Formatter<'_>, rmpp: &RmppHeader) -> fmt::Result {
    write!(f, " RMPP ")?;
    write_telling(f, rmpp, false, true, "")
}

impl fmt::Display for Mad<'_> {
    /// `{}` is one line with what tells most, `{:#}` every field on a line of its own; secrets are redacted.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&Dump::new(self), f)
    }
}
