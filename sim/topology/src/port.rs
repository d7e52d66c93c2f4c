//! What a text says of a port beside where it leads.

use core::fmt;
use core::str::FromStr;

/// What the text says of a port. A generated topology says nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Port {
    /// Its GUID.
    pub guid: Option<u64>,
    /// Its base LID at the time of the dump.
    pub lid: Option<u16>,
    /// Its LMC at the time of the dump.
    pub lmc: u8,
    /// The rate that its link ran at.
    pub rate: Option<Rate>,
}

/// Lanes and signalling rate of a link, as ibnetdiscover writes them: `4xHDR`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rate {
    /// Its lanes.
    pub width: Width,
    /// Signalling rate of a lane.
    pub speed: Speed,
}

/// Lanes of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Width {
    One,
    Two,
    Four,
    Eight,
    Twelve,
}

/// Signalling rate of a lane: InfiniBand Architecture Specification, volume 2, and `dump_linkspeedext_compat` of
/// infiniband-diags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs, reason = "the names are the field's")]
pub enum Speed {
    Sdr,
    Ddr,
    Qdr,
    Fdr10,
    Fdr,
    Edr,
    Hdr,
    Ndr,
    Xdr,
}

const WIDTHS: [(Width, &str); 5] = [
    (Width::One, "1x"),
    (Width::Two, "2x"),
    (Width::Four, "4x"),
    (Width::Eight, "8x"),
    (Width::Twelve, "12x"),
];
const SPEEDS: [(Speed, &str); 9] = [
    (Speed::Sdr, "SDR"),
    (Speed::Ddr, "DDR"),
    (Speed::Qdr, "QDR"),
    (Speed::Fdr10, "FDR10"),
    (Speed::Fdr, "FDR"),
    (Speed::Edr, "EDR"),
    (Speed::Hdr, "HDR"),
    (Speed::Ndr, "NDR"),
    (Speed::Xdr, "XDR"),
];

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = WIDTHS.iter().find(|(width, _)| *width == self.width);
        let speed = SPEEDS.iter().find(|(speed, _)| *speed == self.speed);
        write!(f, "{}{}", width.map_or("", |(_, text)| text), speed.map_or("", |(_, text)| text))
    }
}

impl FromStr for Rate {
    type Err = UnknownRate;

    fn from_str(text: &str) -> Result<Self, UnknownRate> {
        let at = text.find('x').ok_or(UnknownRate)? + 1;
        let (width, speed) = text.split_at(at);
        let (width, _) = WIDTHS.iter().find(|(_, name)| *name == width).ok_or(UnknownRate)?;
        let (speed, _) = SPEEDS.iter().find(|(_, name)| *name == speed).ok_or(UnknownRate)?;
        Ok(Self { width: *width, speed: *speed })
    }
}

/// Not a width and a speed: ibnetdiscover writes question marks for what it does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a rate like 4xHDR")]
pub struct UnknownRate;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rate_is_read_as_it_is_written() {
        for (width, _) in WIDTHS {
            for (speed, _) in SPEEDS {
                let rate = Rate { width, speed };
                assert_eq!(rate.to_string().parse(), Ok(rate));
            }
        }
        for text in ["4x???", "??SDR", "4", "x", "", "4xSDR ", "3xSDR"] {
            assert_eq!(text.parse::<Rate>(), Err(UnknownRate), "{text}");
        }
    }
}
