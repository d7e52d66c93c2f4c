//! Carries out what is typed.

use core::time::Duration;

use fabric::{Fabric, LinkFaults};
use topology::{End, NodeIndex, NodeKind};
use transport::SharedFabric;

use crate::command::{Command, HELP, Place, parse};
use crate::events::{Event, state_name};

/// What comes of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Something to print.
    Event(Event),
    /// The program is to end.
    Quit,
}

/// The console of a fabric.
#[derive(Debug)]
pub(crate) struct Console {
    fabric: SharedFabric,
}

impl Console {
    pub(crate) fn new(fabric: SharedFabric) -> Self {
        Self { fabric }
    }

    /// Carry out a line.
    pub(crate) fn run(&mut self, line: &str) -> Vec<Outcome> {
        let events = match parse(line) {
            Ok(None) => return Vec::new(),
            Ok(Some(Command::Quit)) => return vec![Outcome::Quit],
            Ok(Some(command)) => {
                self.fabric.with(|fabric, now| carry_out(fabric, now, &command)).map(|events| {
                    if events.is_empty() { vec![Event::Done { command: line.trim().into() }] } else { events }
                })
            }
            Err(message) => Err(message),
        };
        let events = events.unwrap_or_else(|message| vec![Event::Error { message }]);
        events.into_iter().map(Outcome::Event).collect()
    }
}

/// What there is to print; nothing when the command says it all.
fn carry_out(fabric: &mut Fabric, now: Duration, command: &Command) -> Result<Vec<Event>, String> {
    match command {
        Command::Unlink(place) => each_link(fabric, place, |fabric, end| fabric.cut(now, end))?,
        Command::Relink(place) => each_link(fabric, place, |fabric, end| fabric.restore(now, end))?,
        Command::Clear(place) => {
            each_link(fabric, place, |fabric, end| fabric.cut(now, end))?;
            if place.port.is_none() {
                let node = find(fabric, place)?;
                fabric.reset(now, node);
            }
        }
        Command::Lose(place, per_million) => {
            let faults = LinkFaults { lose_per_million: *per_million, ..LinkFaults::default() };
            each_link(fabric, place, |fabric, end| fabric.set_faults(end, faults))?;
        }
        Command::Corrupt(place, per_million) => {
            let faults = LinkFaults { corrupt_per_million: *per_million, ..LinkFaults::default() };
            each_link(fabric, place, |fabric, end| fabric.set_faults(end, faults))?;
        }
        Command::Flap(place, every, times) => {
            let every = Duration::from_millis(*every);
            each_link(fabric, place, |fabric, end| fabric.flap(now, end, every, *times))?;
        }
        Command::Power(place, is_on) => {
            let node = find(fabric, place)?;
            fabric.set_power(now, node, *is_on);
        }
        Command::Reset(place) => {
            let node = find(fabric, place)?;
            fabric.reset(now, node);
        }
        Command::Dump(place) => return dump(fabric, place.as_ref()),
        Command::Drops => {
            let dropped = fabric.drops().iter();
            let dropped = dropped.map(|(reason, packets)| Event::Dropped { reason: reason.name(), packets });
            return Ok(dropped.chain([Event::Delivered { packets: fabric.delivered() }]).collect());
        }
        Command::Deadlock => return Ok(deadlock(fabric)),
        Command::Help => {
            return Ok(HELP.iter().map(|(usage, what)| Event::Command { usage, what }).collect());
        }
        Command::Quit => {}
    }
    Ok(Vec::new())
}

fn find(fabric: &Fabric, place: &Place) -> Result<NodeIndex, String> {
    let node = fabric.topology().find(&place.node);
    node.ok_or_else(|| format!("there is no node \"{}\": Dump lists them", place.node))
}

/// Do something with the link at a port, or with all links of a node.
fn each_link<E: core::fmt::Display>(
    fabric: &mut Fabric,
    place: &Place,
    mut change: impl FnMut(&mut Fabric, End) -> Result<(), E>,
) -> Result<(), String> {
    let node = find(fabric, place)?;
    let ends: Vec<End> = match place.port {
        Some(port) => vec![End { node, port }],
        None => fabric.topology().links_of(node).map(|link| link.a).collect(),
    };
    ends.into_iter().try_for_each(|end| change(fabric, end).map_err(|error| error.to_string()))
}

fn dump(fabric: &Fabric, place: Option<&Place>) -> Result<Vec<Event>, String> {
    let only = place.map(|place| find(fabric, place)).transpose()?;
    let topology = fabric.topology();
    let mut events = Vec::new();
    for (index, node) in topology.nodes().filter(|(index, _)| only.is_none_or(|only| only == *index)) {
        let lowest = u8::from(node.kind() != NodeKind::Switch);
        for port in (lowest..=node.ports())
            .filter(|port| place.is_none_or(|place| place.port.is_none_or(|p| p == *port)))
        {
            let end = End { node: index, port };
            let state = fabric.port_state(end).map_err(|error| error.to_string())?;
            let is_end = port == 0 || node.kind() != NodeKind::Switch;
            let lid =
                fabric.end_port_of(index, port).filter(|_| is_end).map(|port| fabric.port_info(port).lid.0);
            let peer = topology.peer(end);
            events.push(Event::Port {
                node: node.name().into(),
                port,
                state: state_name(state),
                lid: lid.filter(|lid| *lid != 0),
                peer: peer.map(|peer| topology[peer.node].name().into()),
                peer_port: peer.map(|peer| peer.port),
            });
        }
    }
    Ok(events)
}

fn deadlock(fabric: &Fabric) -> Vec<Event> {
    let Some(circle) = fabric.deadlock() else {
        return vec![Event::NoDeadlock { waiting: fabric.waiting_for_credits() }];
    };
    let name = |node| fabric.topology()[node].name().to_owned();
    let channel = |channel: fabric::Channel| Event::Deadlocked {
        node: name(channel.input.node),
        port: channel.input.port,
        lane: channel.lane,
    };
    circle.into_iter().map(channel).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use fabric::Settings;

    fn console() -> Console {
        let topology = topology::mesh(2, 1, 1).unwrap();
        Console::new(SharedFabric::new(Fabric::new(&topology, Settings::DEFAULT).unwrap()))
    }

    fn said(console: &mut Console, line: &str) -> Vec<String> {
        let text = |outcome| match outcome {
            Outcome::Event(event) => event.to_string(),
            Outcome::Quit => "quit".into(),
        };
        console.run(line).into_iter().map(text).collect()
    }

    #[tokio::test]
    async fn links_are_cut_and_restored() {
        let mut console = console();
        assert_eq!(said(&mut console, "Dump \"S1\"[1]"), ["\"S1\"[1] Initialize \"S2\"[2]"]);
        assert_eq!(said(&mut console, "Unlink \"S1\"[1]"), ["done: Unlink \"S1\"[1]"]);
        assert_eq!(said(&mut console, "Dump \"S1\"[1]"), ["\"S1\"[1] Down \"S2\"[2]"]);
        assert_eq!(said(&mut console, "ReLink \"S1\""), ["done: ReLink \"S1\""]);
        assert_eq!(said(&mut console, "Dump H1"), ["\"H1\"[1] Initialize \"S1\"[5]"]);
        assert_eq!(said(&mut console, "Dump").len(), 6 + 6 + 2);
    }

    #[tokio::test]
    async fn what_cannot_be_done_is_said() {
        let mut console = console();
        assert_eq!(said(&mut console, "Unlink \"S9\""), ["error: there is no node \"S9\": Dump lists them"]);
        assert!(said(&mut console, "Unlink \"S1\"[3]")[0].contains("no link"));
        assert!(said(&mut console, "Unlink \"S1\"[77]")[0].contains("no port 77"));
        assert!(said(&mut console, "Nonsense")[0].starts_with("error: there is no command"));
        assert_eq!(said(&mut console, "Deadlock"), ["no deadlock; 0 packets wait for credits"]);
        assert_eq!(said(&mut console, "Drops"), ["delivered 0"]);
        assert_eq!(said(&mut console, "Help").len(), HELP.len());
        assert_eq!(
            (said(&mut console, "# x").len(), said(&mut console, "Quit")),
            (0, vec!["quit".to_owned()])
        );
    }
}
