//! Time and memory of a bring-up against the size of the fabric: fat trees from some hundred hosts to all that have LIDs.
//!
//! The manager and the fabric are in one process, a new one for each size, so that the most memory that it ever had is that of
//! this size.

#![allow(clippy::std_instead_of_alloc, reason = "it starts programs: there is an operating system")]

mod plot;
mod size;

use core::error::Error;
use std::path::PathBuf;

use clap::Parser;
use size::Size;

/// Of switches with 36 ports, and with 64; the last is the largest of three levels of these whose hosts and switches all have LIDs.
const FORMS: [&str; 8] = [
    "fattree:18x12",
    "fattree:18x36",
    "fattree:32x64",
    "fattree:18x18x16",
    "fattree:18x18x31",
    "fattree:32x32x20",
    "fattree:32x32x32",
    "fattree:32x32x44",
];
/// One group of leaves more.
const TOO_LARGE: &str = "fattree:32x32x45";

/// Bring up fat trees of growing size, embedded
#[derive(Parser)]
struct Options {
    /// Draw time and memory as SVG files into this folder
    #[arg(long, value_name = "FOLDER")]
    plots: Option<PathBuf>,

    /// Bring up one topology in this process, and print what it took as JSON
    #[arg(long, value_name = "FORM")]
    one: Option<String>,

    /// What cargo gives every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    if let Some(form) = options.one {
        println!("{}", serde_json::to_string(&Size::measure(&form)?)?);
        return Ok(());
    }
    println!("bring-up and a cut link of fat trees, embedded, routed up/down");
    println!("{}", Size::HEADING);
    let mut sizes = Vec::new();
    for form in FORMS {
        let size = Size::in_a_process_of_its_own(form)?;
        println!("{size}");
        sizes.push(size);
    }
    match Size::measure(TOO_LARGE) {
        Ok(size) => println!("{TOO_LARGE}: {} ports go without a LID", size.faults),
        Err(error) => println!("{TOO_LARGE}: {error}"),
    }
    if let Some(folder) = options.plots {
        plot::draw(&folder, &sizes)?;
    }
    Ok(())
}
