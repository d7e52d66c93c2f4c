//! Headers, and the packets of subnet management.

use ib_mad::wire::{
    DirectedRouteSmp, DirectedRouteSmpView, MadHeader, ManagementClass, Method, NodeDescription, SaMad,
    SaMadView, Smp, SmpView,
};

use super::{Field, Layout, Placed, attribute, field, of};
use crate::Buffer;

/// Make the buffer a packet of `class`, as far as the view insists on it.
fn start(buffer: &Buffer, class: ManagementClass, class_version: u8) -> Buffer {
    let mut copy = *buffer;
    copy.0[..3].copy_from_slice(&[1, class.0, class_version]);
    copy
}

/// What stands behind the headers of a packet of subnet management.
fn data(buffer: &Buffer) -> NodeDescription {
    let mut data = [0; 64];
    data.copy_from_slice(&buffer.0[64..128]);
    NodeDescription(data)
}

impl Placed for SaMad {
    const NAME: &'static str = "SaMad";
    const LENGTH: usize = 56;

    fn load(buffer: &Buffer) -> Self {
        let buffer = start(buffer, ManagementClass::SUBNET_ADMINISTRATION, 2);
        Self::from_view(SaMadView::new(&buffer.0).expect("its start is one's"))
    }

    fn store(&self, buffer: &mut Buffer) {
        buffer.0 = self.emit(&NodeDescription::default()).expect("room for 64 bytes");
    }
}

impl Placed for Smp {
    const NAME: &'static str = "Smp";
    const LENGTH: usize = 256;

    fn load(buffer: &Buffer) -> Self {
        let buffer = start(buffer, ManagementClass::SUBNET_LID_ROUTED, 1);
        Self::from_view(SmpView::new(&buffer.0).expect("its start is one's"))
    }

    fn store(&self, buffer: &mut Buffer) {
        buffer.0 = self.emit(&data(buffer)).expect("room for 64 bytes");
    }
}

impl Placed for DirectedRouteSmp {
    const NAME: &'static str = "DirectedRouteSmp";
    const LENGTH: usize = 256;

    fn load(buffer: &Buffer) -> Self {
        let mut buffer = start(buffer, ManagementClass::SUBNET_DIRECTED_ROUTE, 1);
        // No more than 63 hops.
        buffer.0[7] &= 0x3F;
        Self::from_view(DirectedRouteSmpView::new(&buffer.0).expect("its start is one's"))
    }

    fn store(&self, buffer: &mut Buffer) {
        buffer.0 = self.emit(&data(buffer)).expect("room for 64 bytes");
    }
}

pub(super) fn layouts() -> Vec<Layout> {
    let mut header = attribute!(fields MadHeader {
        base_version: 8,
        class: 8,
        class_version: 8,
        method: 8,
        status: 16,
        class_specific: 16,
        transaction_id: 64,
        attribute_id: 16,
        attribute_modifier: 32,
    });
    // libibmad takes the response bit for a field of its own.
    header.push(field::<MadHeader, _>(
        "is_response",
        1,
        |header| header.method.is_response(),
        |header, value: bool| header.method.0 = header.method.0 & 0x7F | u8::from(value) << 7,
    ));
    header.push(field::<MadHeader, _>(
        "method_without_response",
        7,
        |header| header.method.0 & 0x7F,
        |header, value: u8| header.method = Method(header.method.0 & 0x80 | value),
    ));
    let mut directed = attribute!(fields DirectedRouteSmp {
        is_returning: 1,
        hop_pointer: 8,
        hop_count: 6,
        m_key: 64,
        source_lid: 16,
        destination_lid: 16,
        initial_path: 512,
        return_path: 512,
    });
    directed.push(field::<DirectedRouteSmp, _>(
        "header.status",
        15,
        |smp| smp.header.status,
        |smp, value| smp.header.status = value,
    ));
    vec![
        of::<MadHeader>(header),
        attribute!(SaMad {
            rmpp.version: 8,
            rmpp.kind: 8,
            rmpp.response_time: 5,
            rmpp.flags: 3,
            rmpp.status: 8,
            rmpp.segment: 32,
            rmpp.length_or_window: 32,
            sa.sm_key: 64,
            sa.attribute_offset: 16,
            sa.component_mask: 64,
        }),
        attribute!(Smp { m_key: 64 }),
        of::<DirectedRouteSmp>(directed),
    ]
}
