//! The fields of `ib-mad`, read and written through it alone.

mod communication;
mod counters;
mod events;
mod headers;
mod nodes;
mod paths;
mod ports;
mod records;
mod tables;
mod traps;

use ib_mad::wire::Attribute;

use crate::{Buffer, FieldValue};

type Read = Box<dyn Fn(&Buffer) -> Vec<u8>>;
type Write = Box<dyn Fn(&mut Buffer, &[u8])>;

/// One field.
pub struct Field {
    /// Its name in `ib-mad`; what an oracle splits in two has two.
    pub name: &'static str,
    /// Its width.
    pub bits: usize,
    read: Read,
    write: Write,
}

impl Field {
    /// Read it: as many bytes as its bits need, most significant first.
    pub fn read(&self, buffer: &Buffer) -> Vec<u8> {
        let bytes = (self.read)(buffer);
        let (zeros, value) = bytes.split_at(bytes.len() - self.bits.div_ceil(8));
        assert!(zeros.iter().all(|byte| *byte == 0), "{} has more than {} bits", self.name, self.bits);
        value.to_vec()
    }

    /// Read the whole structure, change this field, write the structure.
    pub fn write(&self, buffer: &mut Buffer, value: &[u8]) {
        (self.write)(buffer, value);
    }
}

/// One structure.
pub struct Layout {
    /// Its name in `ib-mad`.
    pub name: &'static str,
    /// Its length in bytes.
    pub length: usize,
    /// Its fields.
    pub fields: Vec<Field>,
    normalize: fn(&mut Buffer),
}

impl Layout {
    /// Read the structure and write it again: reserved bits become zero.
    pub fn normalize(&self, buffer: &mut Buffer) {
        (self.normalize)(buffer);
    }

    /// Name of a field for an oracle.
    pub fn key(&self, field: &Field) -> String {
        format!("{}.{}", self.name, field.name)
    }
}

/// A structure with a place in a buffer.
trait Placed: Sized + 'static {
    const NAME: &'static str;
    const LENGTH: usize;
    fn load(buffer: &Buffer) -> Self;
    fn store(&self, buffer: &mut Buffer);
}

/// An attribute lies at the start of the buffer.
macro_rules! placed_at_the_start {
    ($($attribute:ident),+ $(,)?) => { $(
        impl Placed for ib_mad::wire::$attribute {
            const NAME: &'static str = stringify!($attribute);
            const LENGTH: usize = <Self as Attribute>::LENGTH;

            fn load(buffer: &Buffer) -> Self {
                Self::parse(&buffer.0).expect("a buffer is longer than any attribute")
            }

            fn store(&self, buffer: &mut Buffer) {
                self.emit(&mut buffer.0).expect("a buffer is longer than any attribute");
            }
        }
    )+ };
}
placed_at_the_start! {
    MadHeader, PathRecord, Notice, InformInfo, InformInfoRecord, NodeInfo, NodeDescription, NodeRecord, SwitchInfo,
    SwitchInfoRecord, PortInfo, ClassPortInfo, GuidInfo, GuidInfoRecord, PKeyTable, PKeyTableRecord, SlToVlMapping,
    SlToVlMappingRecord, VlArbitration, VlArbitrationRecord, LinearForwardingTable, LinearForwardingTableRecord,
    MulticastForwardingTable, MulticastForwardingTableRecord, SmInfo, SmInfoRecord, PortInfoRecord, LinkRecord,
    ServiceRecord, McMemberRecord, MultiPathRecord, ExtPortInfo, PortCounters, PortCountersExtended,
    ConnectRequest, MsgRcptAck, ConnectReject, ConnectReply, ReadyToUse, DisconnectRequest, DisconnectReply,
    LoadAlternatePath, AlternatePathResponse, ServiceIdResolutionRequest, ServiceIdResolutionResponse,
}

fn of<P: Placed>(fields: Vec<Field>) -> Layout {
    let normalize = |buffer: &mut Buffer| P::load(buffer).store(buffer);
    Layout { name: P::NAME, length: P::LENGTH, fields, normalize }
}

fn field<P: Placed, V: FieldValue + 'static>(
    name: &'static str,
    bits: usize,
    get: fn(&P) -> V,
    set: fn(&mut P, V),
) -> Field {
    Field {
        name,
        bits,
        read: Box::new(move |buffer| get(&P::load(buffer)).to_bytes()),
        write: Box::new(move |buffer, value| {
            let mut structure = P::load(buffer);
            set(&mut structure, V::from_bytes(value));
            structure.store(buffer);
        }),
    }
}

/// A structure, with each field's name and width.
macro_rules! attribute {
    ($type:ty { $($($part:ident).+: $bits:literal),+ $(,)? }) => {
        of::<$type>(attribute!(fields $type { $($($part).+: $bits),+ }))
    };
    (fields $type:ty { $($($part:ident).+: $bits:literal),+ $(,)? }) => {
        Vec::<Field>::from([$(field::<$type, _>(
            attribute!(name $($part).+),
            $bits,
            |structure| structure.$($part).+,
            |structure, value| structure.$($part).+ = value,
        )),+])
    };
    (name $one:ident) => { stringify!($one) };
    (name $one:ident . $two:ident) => { concat!(stringify!($one), ".", stringify!($two)) };
}
use attribute;

/// Every structure that `ib-mad` has, with all of its fields.
pub fn layouts() -> Vec<Layout> {
    [
        headers::layouts(),
        paths::layouts(),
        events::layouts(),
        traps::layouts(),
        nodes::layouts(),
        ports::layouts(),
        tables::layouts(),
        records::layouts(),
        counters::layouts(),
        communication::layouts(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
