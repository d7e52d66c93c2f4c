//! Writes a topology as ibnetdiscover would, and how long it took to generate, write and read:
//! `cargo run -p fabric-ha-topology --example topology -- fattree:18x18x36 > net.topo`

use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Instant;

use topology::{LoadError, Topology, load};

fn main() -> ExitCode {
    let Some(source) = std::env::args().nth(1) else {
        eprintln!("usage: topology FILE|SHAPE, with a shape like torus:15x15:hosts=4");
        return ExitCode::FAILURE;
    };
    match write(&source) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

#[allow(clippy::disallowed_methods, reason = "a program may read a clock")]
fn write(source: &str) -> Result<(), LoadError> {
    let start = Instant::now();
    let topology = load(source)?;
    let loaded = start.elapsed();
    let text = topology.to_string();
    let written = start.elapsed();
    let read = Topology::parse(&text);
    let again = start.elapsed();
    let (switches, end_ports) = (topology.switches().count(), topology.end_ports());
    eprintln!(
        "{switches} switches, {end_ports} end ports, {} links: loaded in {loaded:.1?}, written in {:.1?}, read again in \
         {:.1?}{}",
        topology.links().count(),
        written - loaded,
        again - written,
        if read.as_ref() == Ok(&topology) { "" } else { ", but it is another one" },
    );
    // Whoever reads may have had enough.
    let _ = io::stdout().write_all(text.as_bytes());
    Ok(())
}
