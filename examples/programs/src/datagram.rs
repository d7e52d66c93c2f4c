//! A datagram of a capture, as it is printed.

use core::fmt;

use ib_mad::dump::{Fields, MessageName, Value, Visit};
use ib_mad::wire::Mad;
use ib_mad::{Gid, Lid, Qpn};
use serde::Serialize;
use transport::{Addresses, Entry, Place, Unread};

/// A datagram, and what the capture tells of it: its number and place, the time, and its addresses.
#[derive(Clone, Copy, Debug)]
pub struct DatagramLine<'a> {
    number: u64,
    place: Place,
    time: Option<core::time::Duration>,
    addresses: &'a Addresses,
    mad: Mad<'a>,
}

/// A packet without a datagram: why.
#[derive(Debug, Serialize)]
pub struct UnreadLine {
    number: u64,
    #[serde(flatten)]
    place: SerializedPlace,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    /// What the packet is instead.
    #[serde(skip_serializing_if = "Option::is_none")]
    skipped: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum SerializedPlace {
    Offset(u64),
    Line(u64),
}

impl<'a> DatagramLine<'a> {
    /// Of an entry of a file.
    ///
    /// # Errors
    /// What to print instead if the entry has no datagram.
    pub fn new(entry: &'a Entry) -> Result<Self, UnreadLine> {
        let unread = |error: &Unread| UnreadLine::new(entry, error);
        let captured = entry.datagram.as_ref().map_err(unread)?;
        let mad = Mad::new(&captured.mad).map_err(|error| unread(&error.into()))?;
        let Entry { number, place, time, .. } = *entry;
        Ok(Self { number, place, time, addresses: &captured.addresses, mad })
    }

    fn write_addresses(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Addresses { lids, gids, queue_pairs, .. } = *self.addresses;
        write!(f, "{}: ", self.number)?;
        if lids.is_none() && gids.is_none() && queue_pairs.is_none() {
            return Ok(());
        }
        let end = |f: &mut fmt::Formatter<'_>, lid: Option<Lid>, gid: Option<Gid>, qpn: Option<Qpn>| {
            match (lid, gid) {
                (Some(lid), _) => write!(f, "LID {lid} ")?,
                (None, Some(gid)) => write!(f, "{gid} ")?,
                (None, None) => {}
            }
            qpn.map_or(Ok(()), |qpn| write!(f, "QP {} ", qpn.get()))
        };
        end(f, lids.map(|lids| lids.0), gids.map(|gids| gids.0), queue_pairs.map(|pairs| pairs.0))?;
        f.write_str("to ")?;
        end(f, lids.map(|lids| lids.1), gids.map(|gids| gids.1), queue_pairs.map(|pairs| pairs.1))
    }
}

impl Fields for DatagramLine<'_> {
    fn name(&self) -> &'static str {
        "datagram"
    }

    fn title(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_addresses(f)?;
        write!(f, "{}", MessageName::from(self.mad.header()))
    }

    fn fields(&self, visit: &mut Visit<'_>) {
        visit("number", self.number.into());
        match self.place {
            Place::Offset(offset) => visit("offset", offset.into()),
            Place::Line(line) => visit("line", line.into()),
        }
        if let Some(time) = self.time {
            visit("time", Value::Text(&format!("{}.{:09}", time.as_secs(), time.subsec_nanos())));
        }
        let Addresses { lids, service_level, gids, queue_pairs, p_key } = *self.addresses;
        if let Some((from, to)) = lids {
            visit("source_lid", from.into());
            visit("destination_lid", to.into());
        }
        if let Some(level) = service_level {
            visit("service_level", level.into());
        }
        if let Some((from, to)) = gids {
            visit("source_gid", from.into());
            visit("destination_gid", to.into());
        }
        if let Some((from, to)) = queue_pairs {
            visit("source_qp", Value::Number(from.get().into()));
            visit("destination_qp", Value::Number(to.get().into()));
        }
        if let Some(key) = p_key {
            visit("p_key", key.into());
        }
        self.mad.fields(visit);
    }

    fn summary(&self, f: &mut fmt::Formatter<'_>, with_secrets: bool) -> fmt::Result {
        self.write_addresses(f)?;
        self.mad.summary(f, with_secrets)
    }
}

impl UnreadLine {
    fn new(entry: &Entry, error: &Unread) -> Self {
        let text = Some(error.to_string());
        let (error, skipped) = if error.is_foreign() { (None, text) } else { (text, None) };
        let place = match entry.place {
            Place::Offset(offset) => SerializedPlace::Offset(offset),
            Place::Line(line) => SerializedPlace::Line(line),
        };
        Self { number: entry.number, place, error, skipped }
    }

    /// Whether the packet is something else, and well.
    pub const fn is_foreign(&self) -> bool {
        self.skipped.is_some()
    }
}

impl fmt::Display for UnreadLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match self.place {
            SerializedPlace::Offset(offset) => Place::Offset(offset),
            SerializedPlace::Line(line) => Place::Line(line),
        };
        write!(f, "{}: {place}: ", self.number)?;
        f.write_str(self.error.as_deref().or(self.skipped.as_deref()).unwrap_or_default())
    }
}
