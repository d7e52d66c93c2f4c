//! ExtPortInfo, attribute 0xFF90 of subnet management, by Mellanox, as OpenSM's ib_types.h and libibmad lay it out: FDR10,
//! a speed that PortInfo has no bit for.

use zerocopy::{FromBytes, Immutable, IntoBytes, KnownLayout, Unaligned};

use super::Attribute;

/// The attribute as it lies in a datagram.
#[derive(Clone, Copy, Debug, FromBytes, IntoBytes, KnownLayout, Immutable, Unaligned)]
#[repr(C)]
pub struct ExtPortInfoView {
    reserved: [u8; 3],
    state_change_enable: u8,
    reserved2: [u8; 3],
    link_speed_supported: u8,
    reserved3: [u8; 3],
    link_speed_enabled: u8,
    reserved4: [u8; 3],
    link_speed_active: u8,
    reserved5: [u8; 48],
}

const _: () = assert!(size_of::<ExtPortInfoView>() == 64);

impl ExtPortInfoView {
    /// Which of the settings a Set changes, a bit each.
    #[inline]
    pub fn state_change_enable(&self) -> u8 {
        self.state_change_enable
    }
    /// Speeds that the port can take; bit 0 ([`FDR10`](ExtPortInfo::FDR10)) is FDR10.
    #[inline]
    pub fn link_speed_supported(&self) -> u8 {
        self.link_speed_supported
    }
    /// Speeds that the link may take.
    #[inline]
    pub fn link_speed_enabled(&self) -> u8 {
        self.link_speed_enabled
    }
    /// Speed that the link has, if PortInfo does not tell.
    #[inline]
    pub fn link_speed_active(&self) -> u8 {
        self.link_speed_active
    }
}

/// Whether a port can do, may do and does FDR10. The attribute modifier is the number of the port.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ExtPortInfo {
    /// Which of the settings a Set changes, a bit each.
    pub state_change_enable: u8,
    /// Speeds that the port can take; bit 0 ([`FDR10`](ExtPortInfo::FDR10)) is FDR10.
    pub link_speed_supported: u8,
    /// Speeds that the link may take.
    pub link_speed_enabled: u8,
    /// Speed that the link has, if PortInfo does not tell.
    pub link_speed_active: u8,
}

impl Attribute for ExtPortInfo {
    type View = ExtPortInfoView;
    const NAME: &'static str = "ExtPortInfo";

    fn from_view(view: &ExtPortInfoView) -> Self {
        Self {
            state_change_enable: view.state_change_enable(),
            link_speed_supported: view.link_speed_supported(),
            link_speed_enabled: view.link_speed_enabled(),
            link_speed_active: view.link_speed_active(),
        }
    }

    fn to_view(&self) -> ExtPortInfoView {
        ExtPortInfoView {
            reserved: [0; 3],
            state_change_enable: self.state_change_enable,
            reserved2: [0; 3],
            link_speed_supported: self.link_speed_supported,
            reserved3: [0; 3],
            link_speed_enabled: self.link_speed_enabled,
            reserved4: [0; 3],
            link_speed_active: self.link_speed_active,
            reserved5: [0; 48],
        }
    }
}

impl ExtPortInfo {
    /// FDR10: 10.3125 Gbit/s a lane with the coding of FDR.
    pub const FDR10: u8 = 1;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_where_the_layout_says() {
        let attribute = ExtPortInfo {
            state_change_enable: 1,
            link_speed_supported: 2,
            link_speed_enabled: 3,
            link_speed_active: 4,
        };
        let mut out = [0xFF; 64];
        assert_eq!(attribute.emit(&mut out), Ok(64));
        assert_eq!(out[..16], [0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 4]);
        assert_eq!(out[16..], [0; 48]);
        assert_eq!(ExtPortInfo::parse(&out), Ok(attribute));
    }
}
