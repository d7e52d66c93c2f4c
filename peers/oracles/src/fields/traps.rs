//! Details of traps. Each stands where a Notice has its details, with the rest of the Notice left as it is.

use core::marker::PhantomData;

use ib_mad::wire::{
    DATA_DETAILS_LENGTH, KeyViolation, LocalChanges, MKeyViolation, PathChange, PortEvent,
    SwitchPKeyViolation, TrapDetails, TrapNumber,
};
use ib_mad::{Gid, Guid, Lid};

use super::{Layout, Placed, field, of};
use crate::Buffer;

/// Where a Notice has its details.
const OFFSET: usize = 10;

/// Details of one trap, of which `D` knows how it is made.
struct Trap<D: Details>(D::Value, PhantomData<D>);

/// One trap of [`TrapDetails`].
trait Details: 'static {
    type Value: Copy;
    const NAME: &'static str;
    const NUMBER: u16;
    fn take(details: TrapDetails) -> Option<Self::Value>;
    fn make(value: Self::Value) -> TrapDetails;
}

impl<D: Details> Placed for Trap<D> {
    const NAME: &'static str = D::NAME;
    const LENGTH: usize = OFFSET + DATA_DETAILS_LENGTH;

    fn load(buffer: &Buffer) -> Self {
        let mut bytes = [0; DATA_DETAILS_LENGTH];
        bytes.copy_from_slice(&buffer.0[OFFSET..OFFSET + DATA_DETAILS_LENGTH]);
        let details = TrapDetails::from_data_details(TrapNumber(D::NUMBER), &bytes);
        Self(D::take(details).expect("the number tells the variant"), PhantomData)
    }

    fn store(&self, buffer: &mut Buffer) {
        buffer.0[OFFSET..OFFSET + DATA_DETAILS_LENGTH].copy_from_slice(&D::make(self.0).to_data_details());
    }
}

macro_rules! traps {
    ($($type:ident $number:literal $value:ty, $pattern:pat => $taken:expr, |$made:ident| $make:expr;)+) => { $(
        struct $type;
        impl Details for $type {
            type Value = $value;
            const NAME: &'static str = stringify!($type);
            const NUMBER: u16 = $number;
            fn take(details: TrapDetails) -> Option<$value> {
                match details {
                    $pattern => Some($taken),
                    _ => None,
                }
            }
            fn make($made: $value) -> TrapDetails {
                $make
            }
        }
    )+ };
}

traps! {
    Trap64 64 Gid, TrapDetails::GidInService { gid } => gid, |gid| TrapDetails::GidInService { gid };
    Trap65 65 Gid, TrapDetails::GidOutOfService { gid } => gid, |gid| TrapDetails::GidOutOfService { gid };
    Trap66 66 Gid, TrapDetails::MulticastGroupCreated { mgid } => mgid, |mgid| TrapDetails::MulticastGroupCreated { mgid };
    Trap67 67 Gid, TrapDetails::MulticastGroupDeleted { mgid } => mgid, |mgid| TrapDetails::MulticastGroupDeleted { mgid };
    Trap68 68 PathChange, TrapDetails::UnPath(change) => change, |change| TrapDetails::UnPath(change);
    Trap69 69 PathChange, TrapDetails::RePath(change) => change, |change| TrapDetails::RePath(change);
    Trap128 128 Lid, TrapDetails::LinkStateChange { lid } => lid, |lid| TrapDetails::LinkStateChange { lid };
    Trap129 129 PortEvent, TrapDetails::LinkIntegrity(event) => event, |event| TrapDetails::LinkIntegrity(event);
    Trap130 130 PortEvent, TrapDetails::BufferOverrun(event) => event, |event| TrapDetails::BufferOverrun(event);
    Trap131 131 PortEvent, TrapDetails::FlowControlWatchdog(event) => event, |event| TrapDetails::FlowControlWatchdog(event);
    Trap144 144 LocalChanges, TrapDetails::LocalChanges(changes) => changes, |changes| TrapDetails::LocalChanges(changes);
    Trap145 145 (Lid, Guid),
        TrapDetails::SystemImageGuidChange { lid, system_image_guid } => (lid, system_image_guid),
        |it| TrapDetails::SystemImageGuidChange { lid: it.0, system_image_guid: it.1 };
    Trap256 256 MKeyViolation, TrapDetails::BadMKey(it) => it, |it| TrapDetails::BadMKey(it);
    Trap257 257 KeyViolation, TrapDetails::BadPKey(it) => it, |it| TrapDetails::BadPKey(it);
    Trap258 258 KeyViolation, TrapDetails::BadQKey(it) => it, |it| TrapDetails::BadQKey(it);
    Trap259 259 SwitchPKeyViolation, TrapDetails::BadPKeyAtSwitch(it) => it, |it| TrapDetails::BadPKeyAtSwitch(it);
}

/// A trap, with each field's name and width.
macro_rules! trap {
    ($type:ty { $($part:ident: $bits:literal),+ $(,)? }) => {
        of::<Trap<$type>>(vec![$(field::<Trap<$type>, _>(
            stringify!($part),
            $bits,
            |trap| trap.0.$part,
            |trap, value| trap.0.$part = value,
        )),+])
    };
}

fn key<D: Details<Value = KeyViolation>>() -> Layout {
    trap!(D {
        source_lid: 16,
        destination_lid: 16,
        key: 32,
        service_level: 4,
        source_qpn: 24,
        destination_qpn: 24,
        source_gid: 128,
        destination_gid: 128,
    })
}

fn port<D: Details<Value = PortEvent>>() -> Layout {
    of::<Trap<D>>(vec![
        field::<Trap<D>, _>("lid", 16, |trap| trap.0.lid, |trap, value| trap.0.lid = value),
        field::<Trap<D>, _>(
            "port_number",
            8,
            |trap| trap.0.port_number,
            |trap, value| trap.0.port_number = value,
        ),
    ])
}

fn path<D: Details<Value = PathChange>>() -> Layout {
    of::<Trap<D>>(vec![
        field::<Trap<D>, _>(
            "component_mask",
            64,
            |trap| trap.0.component_mask,
            |trap, value| trap.0.component_mask = value,
        ),
        field::<Trap<D>, _>(
            "wait_for_repath",
            1,
            |trap| trap.0.wait_for_repath,
            |trap, value| trap.0.wait_for_repath = value,
        ),
    ])
}

fn whole<D: Details>(name: &'static str, bits: usize) -> Layout
where
    D::Value: crate::FieldValue,
{
    of::<Trap<D>>(vec![field::<Trap<D>, _>(name, bits, |trap| trap.0, |trap, value| trap.0 = value)])
}

pub(super) fn layouts() -> Vec<Layout> {
    vec![
        whole::<Trap64>("gid", 128),
        whole::<Trap65>("gid", 128),
        whole::<Trap66>("mgid", 128),
        whole::<Trap67>("mgid", 128),
        path::<Trap68>(),
        path::<Trap69>(),
        whole::<Trap128>("lid", 16),
        port::<Trap129>(),
        port::<Trap130>(),
        port::<Trap131>(),
        of::<Trap<Trap144>>(vec![
            field::<Trap<Trap144>, _>("lid", 16, |trap| trap.0.lid, |trap, value| trap.0.lid = value),
            field::<Trap<Trap144>, _>(
                "other_local_changes",
                1,
                |trap| trap.0.other_local_changes,
                |trap, value| trap.0.other_local_changes = value,
            ),
            field::<Trap<Trap144>, _>(
                "capability_mask",
                32,
                |trap| trap.0.capability_mask,
                |trap, value| trap.0.capability_mask = value,
            ),
            field::<Trap<Trap144>, _>(
                "change_flags",
                16,
                |trap| trap.0.change_flags,
                |trap, value| trap.0.change_flags = value,
            ),
            field::<Trap<Trap144>, _>(
                "capability_mask2",
                16,
                |trap| trap.0.capability_mask2,
                |trap, value| trap.0.capability_mask2 = value,
            ),
        ]),
        of::<Trap<Trap145>>(vec![
            field::<Trap<Trap145>, _>("lid", 16, |trap| trap.0.0, |trap, value| trap.0.0 = value),
            field::<Trap<Trap145>, _>(
                "system_image_guid",
                64,
                |trap| trap.0.1,
                |trap, value| trap.0.1 = value,
            ),
        ]),
        trap!(Trap256 {
            source_lid: 16,
            directed_route_source_lid: 16,
            method: 8,
            attribute_id: 16,
            attribute_modifier: 32,
            m_key: 64,
            is_directed_route: 1,
            is_path_truncated: 1,
            hop_count: 6,
            return_path: 240,
        }),
        key::<Trap257>(),
        key::<Trap258>(),
        trap!(Trap259 {
            data_valid: 16,
            source_lid: 16,
            destination_lid: 16,
            p_key: 16,
            service_level: 4,
            source_qpn: 24,
            destination_qpn: 24,
            source_gid: 128,
            destination_gid: 128,
            switch_lid: 16,
            port_number: 8,
        }),
    ]
}
