//! The demo: each scene runs the programs of fabric-ha where something breaks, and checks that they come through: with
//! somebody else's tools on a simulated fabric with a real subnet manager, or by a hash of its own.
//!
//! What a scene is doing goes to the standard error, its table (or one JSON object) to the standard output. The exit
//! code is 0 only if every check of the scene held.

#![allow(clippy::std_instead_of_alloc, reason = "it starts programs: there is an operating system")]

mod cast;
mod error;
mod events;
mod figures;
mod ledger;
mod multipath;
mod pcap;
mod placement;
mod repath;
mod scene;
mod stage;
mod subnet;
mod table;

use std::process::ExitCode;

use self::scene::Report;
use clap::{Parser, ValueEnum};
use serde_json::json;
use tokio::signal::unix::{SignalKind, signal};

/// Watch programs come through what breaks: a link of a fabric, or a path between two ends.
#[derive(Debug, Parser)]
#[command(name = "demo", version)]
struct Arguments {
    /// Name the scenes and end
    #[arg(long)]
    list: bool,
    /// The scene to run
    #[arg(long, value_enum, value_name = "NAME", default_value = "repath")]
    scene: Scene,
    /// Print one JSON object instead of the table
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    repath: repath::Options,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Scene {
    /// A link is cut: the subnet manager reroutes, and every host moves its queue pairs to the new path records
    Repath,
    /// A path between two ends dies and returns, and datagrams are lost: everything arrives, once and in order
    Multipath,
    /// Our subnet manager brings a torus up without deadlocks, and routes around a link that is cut
    Subnet,
}

/// The exit code of a program that Ctrl-C ended, by the shell's convention.
const INTERRUPTED: u8 = 130;

// One thread: the system ends the started programs when the thread that started them is gone.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if arguments.list {
        list();
        return ExitCode::SUCCESS;
    }
    // Dropping the scene's future ends what it started.
    tokio::select! {
        code = run(&arguments) => code,
        () = interrupted() => {
            eprintln!("interrupted: everything that was started has ended");
            ExitCode::from(INTERRUPTED)
        }
    }
}

fn list() {
    for scene in Scene::value_variants() {
        if let Some(value) = scene.to_possible_value() {
            println!("{:10}{}", value.get_name(), value.get_help().cloned().unwrap_or_default());
        }
    }
}

async fn run(arguments: &Arguments) -> ExitCode {
    let name =
        arguments.scene.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned());
    let result: Result<Box<dyn Report>, _> = match arguments.scene {
        Scene::Repath => repath::run(&arguments.repath).await.map(|report| Box::new(report) as _),
        Scene::Subnet => subnet::run(arguments.repath.topology()).await.map(|report| Box::new(report) as _),
        Scene::Multipath => multipath::run().await.map(|report| Box::new(report) as _),
    };
    let (ok, text) = match &result {
        Ok(report) if arguments.json => (report.ok(), report.json(&name).to_string()),
        Ok(report) => (report.ok(), report.table()),
        Err(error) if arguments.json => {
            (false, json!({ "scene": name, "ok": false, "error": error.to_string() }).to_string())
        }
        Err(_) => (false, String::new()),
    };
    if !text.is_empty() {
        println!("{}", text.trim_end());
    }
    match result {
        Ok(report) => report.complaints().iter().for_each(|complaint| eprintln!("demo: {complaint}")),
        Err(error) => eprintln!("demo: {error}"),
    }
    if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Wait for Ctrl-C, or to be asked to end.
async fn interrupted() {
    let signals = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()));
    let (Ok(mut interrupt), Ok(mut terminate)) = signals else {
        // Without handlers the system ends this program, and the started ones with it.
        return core::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
}
