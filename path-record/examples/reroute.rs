//! A mesh of 3 × 2 switches with a host each loses its middle link and becomes a ring: which paths change, and who has to
//! know.
//!
//! On the mesh every path goes along its row first, which cannot deadlock on one lane. On the ring it can, so some paths take
//! service level 1. (A subnet manager decides this by its routing engine; here the rule is as simple as it can be.)

use ib_mad::wire::PathRecord;
use ib_mad::{Gid, Guid, Lid, Mtu, PKey, Rate, ServiceLevel};
use path_record::{ChangeSets, PathRecordDistinguisher, PathTable, TableFull, Update};

const HOSTS: u16 = 6;
const LIMIT: usize = 1000;

fn main() -> Result<(), TableFull> {
    let mut distinguisher = PathRecordDistinguisher::new();
    let mesh = |_, _| 0;
    // The shorter way around, clockwise when both are as long. Paths between the last switch and the first, in either
    // direction, have a lane of their own: then neither lane's dependencies close the ring.
    let ring = |source: u16, destination: u16| {
        let distance = source.abs_diff(destination);
        u8::from(distance > HOSTS / 2 || (distance == HOSTS / 2 && source > destination))
    };

    for (event, table) in [
        ("first routing", table(mesh)?),
        ("light sweep, nothing lost", table(mesh)?),
        ("middle link lost", table(ring)?),
    ] {
        print!("{event}: ");
        match distinguisher.update(table) {
            Update::Seeded => println!("table kept, nobody signalled"),
            Update::Compared(difference) => {
                println!("{} of {} paths changed", difference.count(), difference.compared());
                for (host, set) in ChangeSets::of_both_ends(&difference).iter() {
                    println!("  signal {host}: {} changes ({})", set.count(), set.fields());
                    for change in set.as_source() {
                        println!("    {change}");
                    }
                }
            }
        }
    }
    Ok(())
}

/// The paths between all hosts, with the service level that the routing gives to each.
fn table(level: impl Fn(u16, u16) -> u8) -> Result<PathTable, TableFull> {
    let host = |index: u16| Gid::new(Gid::DEFAULT_PREFIX, Guid(0x0010_0000 + u64::from(index)));
    let pairs = (1..=HOSTS).flat_map(|source| (1..=HOSTS).map(move |destination| (source, destination)));
    let records: Vec<PathRecord> = pairs
        .filter(|(source, destination)| source != destination)
        .map(|(source, destination)| PathRecord {
            source_gid: host(source),
            destination_gid: host(destination),
            source_lid: Lid(source),
            destination_lid: Lid(destination),
            service_level: ServiceLevel::new(level(source, destination)).unwrap_or_default(),
            mtu: Mtu::B4096,
            rate: Rate(3),
            p_key: PKey::DEFAULT_FULL,
            ..PathRecord::default()
        })
        .collect();
    PathTable::from_records(LIMIT, 0, &records)
}
