//! What is typed at the console.

/// A command, with what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Command {
    /// Cut a link, or all of a node's.
    Unlink(Place),
    /// Restore a link, or all of a node's.
    Relink(Place),
    /// Cut all links of a node, and have it forget what a manager wrote.
    Clear(Place),
    /// Lose so many of a million packets on a link.
    Lose(Place, u32),
    /// Corrupt so many of a million packets on a link.
    Corrupt(Place, u32),
    /// Cut and restore a link: milliseconds each way, changes.
    Flap(Place, u64, u32),
    /// Switch a node on or off.
    Power(Place, bool),
    /// Switch a node off and on.
    Reset(Place),
    /// Show the ports of a node, or of all.
    Dump(Option<Place>),
    /// Show what was dropped, and why.
    Drops,
    /// Show a circle of channels that wait for each other.
    Deadlock,
    /// Show the commands.
    Help,
    /// End.
    Quit,
}

/// A node, and perhaps one of its ports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Its name, or its description.
    pub(crate) node: String,
    /// The port's number.
    pub(crate) port: Option<u8>,
}

/// The commands, each with what it does; ibsim's where it has them.
pub(crate) const HELP: &[(&str, &str)] = &[
    ("Unlink \"NODE\"[PORT]", "cut a link; without a port, all of the node's"),
    ("ReLink \"NODE\"[PORT]", "restore it"),
    ("Clear \"NODE\"[PORT]", "cut it; without a port, the node also forgets what a manager wrote"),
    ("Error \"NODE\"[PORT] PERCENT", "lose so many packets of a link in each direction, like 5 or 0.1"),
    ("Corrupt \"NODE\"[PORT] PERCENT", "corrupt so many: the receiver counts symbol errors"),
    ("Flap \"NODE\"[PORT] MILLISECONDS TIMES", "cut and restore a link so often"),
    ("Power \"NODE\" on|off", "switch a node on or off"),
    ("Reset \"NODE\"", "switch it off and on"),
    ("Dump [\"NODE\"]", "the ports and their states"),
    ("Drops", "how many packets were dropped, by reason"),
    ("Deadlock", "channels that wait for each other, with --credits"),
    ("Help", "this"),
    ("Quit", "end"),
];

/// Read a line: `None` when there is no command in it.
pub(crate) fn parse(line: &str) -> Result<Option<Command>, String> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    let whole = || place(rest).and_then(|(place, rest)| nothing(rest).map(|()| place));
    Ok(Some(match word.to_ascii_lowercase().as_str() {
        "unlink" => Command::Unlink(whole()?),
        "relink" | "link" => Command::Relink(whole()?),
        "clear" => Command::Clear(whole()?),
        "error" => place(rest).and_then(|(place, rest)| Ok(Command::Lose(place, percent(rest)?)))?,
        "corrupt" => place(rest).and_then(|(place, rest)| Ok(Command::Corrupt(place, percent(rest)?)))?,
        "flap" => {
            let (place, rest) = place(rest)?;
            let numbers: Vec<&str> = rest.split_whitespace().collect();
            let [every, times] = numbers[..] else {
                return Err("write milliseconds and how often, like 100 4".into());
            };
            Command::Flap(place, number(every)?, number(times)?)
        }
        "power" => match place(rest)? {
            (place, "on") => Command::Power(place, true),
            (place, "off") => Command::Power(place, false),
            _ => return Err("write on or off behind the node".into()),
        },
        "reset" => Command::Reset(whole()?),
        "dump" if rest.is_empty() => Command::Dump(None),
        "dump" => Command::Dump(Some(whole()?)),
        "drops" => nothing(rest).map(|()| Command::Drops)?,
        "deadlock" => nothing(rest).map(|()| Command::Deadlock)?,
        "help" | "?" => Command::Help,
        "quit" | "exit" => Command::Quit,
        _ => return Err(format!("there is no command \"{word}\": Help lists them")),
    }))
}

/// `"S1"[3]`, `S1[3]` or `"S1"` at the start of `text`, and what is behind it.
fn place(text: &str) -> Result<(Place, &str), String> {
    const WANTED: &str = "write a node, like \"S1\" or \"S1\"[3]";
    let (node, rest) = match text.strip_prefix('"') {
        Some(quoted) => quoted.split_once('"').ok_or("a quote is missing behind the node's name")?,
        None => text.split_at(text.find(|c: char| c == '[' || c.is_whitespace()).unwrap_or(text.len())),
    };
    if node.is_empty() {
        return Err(WANTED.into());
    }
    let (port, rest) = match rest.strip_prefix('[') {
        Some(bracket) => {
            let (digits, rest) = bracket.split_once(']').ok_or("a bracket is missing behind the port")?;
            (Some(number(digits)?), rest)
        }
        None => (None, rest),
    };
    Ok((Place { node: node.to_owned(), port }, rest.trim()))
}

fn nothing(rest: &str) -> Result<(), String> {
    if rest.is_empty() { Ok(()) } else { Err(format!("\"{rest}\" is too much: leave it out")) }
}

fn number<N: core::str::FromStr>(text: &str) -> Result<N, String> {
    text.parse().map_err(|_| format!("\"{text}\" is no number that fits here"))
}

/// As parts of a million.
fn percent(text: &str) -> Result<u32, String> {
    let percent: f64 = number(text.strip_suffix('%').unwrap_or(text).trim())?;
    if (0.0..=100.0).contains(&percent) {
        Ok((percent * 10_000.0).round() as u32)
    } else {
        Err(format!("\"{text}\" is no percentage from 0 to 100"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(node: &str, port: Option<u8>) -> Place {
        Place { node: node.into(), port }
    }

    #[test]
    fn commands_are_read_as_ibsim_reads_them() {
        for (line, command) in [
            ("Unlink \"S1\"[3]", Command::Unlink(at("S1", Some(3)))),
            ("unlink S1", Command::Unlink(at("S1", None))),
            ("ReLink \"odd [name\"[254] ", Command::Relink(at("odd [name", Some(254)))),
            ("Clear \"S1\"", Command::Clear(at("S1", None))),
            ("Error \"S1\"[3] 2.5%", Command::Lose(at("S1", Some(3)), 25_000)),
            ("Corrupt S1[3] 100", Command::Corrupt(at("S1", Some(3)), 1_000_000)),
            ("Flap \"S1\"[3] 100 4", Command::Flap(at("S1", Some(3)), 100, 4)),
            ("Power \"H1\" off", Command::Power(at("H1", None), false)),
            ("Reset H1", Command::Reset(at("H1", None))),
            ("Dump", Command::Dump(None)),
            ("Dump \"S1\"", Command::Dump(Some(at("S1", None)))),
            ("drops", Command::Drops),
            ("?", Command::Help),
            ("Quit", Command::Quit),
        ] {
            assert_eq!(parse(line), Ok(Some(command)), "{line}");
        }
        for line in ["", "   ", "# Unlink \"S1\""] {
            assert_eq!(parse(line), Ok(None));
        }
    }

    #[test]
    fn each_mistake_is_named() {
        for (line, part) in [
            ("Unlnk S1", "no command \"Unlnk\""),
            ("Unlink", "write a node"),
            ("Unlink \"S1", "a quote is missing"),
            ("Unlink \"S1\"[3", "a bracket is missing"),
            ("Unlink \"S1\"[300]", "\"300\" is no number that fits"),
            ("Unlink \"S1\"[3] now", "\"now\" is too much"),
            ("Error \"S1\"[3] 101", "no percentage"),
            ("Error \"S1\"[3]", "no number"),
            ("Flap \"S1\"[3] 100", "milliseconds and how often"),
            ("Power \"S1\"", "on or off"),
        ] {
            let error = parse(line).unwrap_err();
            assert!(error.contains(part), "{line}: {error}");
        }
    }
}
