//! Reads ibnetdiscover's format: `doc/ibnetdiscover.8` and `ibnetdiscover.c` of infiniband-diags, and ibsim's
//! `ibsim/sim_net.c`.

use nom::bytes::complete::{tag, take_till, take_while1};
use nom::character::complete::{char, hex_digit1, space0, space1, u32 as decimal};
use nom::combinator::opt;
use nom::error::{ErrorKind, ParseError};
use nom::sequence::delimited;
use nom::{Err, IResult, Parser};

use crate::assemble::{Assembly, HalfLink, Place};
use crate::comment;
use crate::error::{Mistake, TopologyError};
use crate::limits::MAX_TEXT;
use crate::port::Port;
use crate::topology::{Identity, Node, NodeKind, Topology};

/// Lines of the format that say nothing about links, by their first word; those of libraries that were caught with them
/// are among them.
const IGNORED: &[&str] =
    &["width", "speed", "extspeed", "Chassis", "Non-Chassis", "Hostname", "pdebug", "ibwarn", "ibdebug"];
/// Lines that only ibsim understands.
const EXTENSIONS: &[&str] = &["include", "module", "do", "@", "hcaguids"];

impl Topology {
    /// Read and check a topology.
    ///
    /// # Errors
    /// The first mistake, and where it is.
    pub fn parse(text: &str) -> Result<Self, TopologyError> {
        if text.len() > MAX_TEXT {
            let mistake = Mistake::TooLarge { what: "bytes of text", limit: MAX_TEXT };
            return Err(TopologyError::new(0, 0, mistake));
        }
        let mut assembly = Assembly::default();
        let mut header = Header::default();
        let mut lines = (1..).zip(text.lines());
        let read = lines.try_for_each(|(number, line)| read_line(&mut assembly, &mut header, number, line));
        // A last line without an end is a habit of people, or half of a file.
        if !text.ends_with('\n') && lines.next().is_none() {
            let missing = assembly.links_to_nowhere();
            if missing > 0 {
                let last = text.lines().count() as u32;
                return Err(TopologyError::new(last, 1, Mistake::CutOff { missing }));
            }
        }
        read?;
        assembly.finish()
    }
}

/// What the lines above a node's say of it.
#[derive(Clone, Copy, Debug, Default)]
struct Header {
    identity: Identity,
    port_guid: Option<u64>,
}

fn read_line<'a>(
    assembly: &mut Assembly<'a>,
    header: &mut Header,
    number: u32,
    line: &'a str,
) -> Result<(), TopologyError> {
    let start = Place { line: number, column: 1 };
    let text = line.trim_end();
    if text.is_empty() || text.starts_with('#') {
        return Ok(());
    }
    let misread = |error: Err<Unexpected<'_>>| {
        let (rest, expected) = match error {
            Err::Error(error) | Err::Failure(error) => (error.rest, error.expected),
            Err::Incomplete(_) => ("", "more"),
        };
        let column = text[..text.len() - rest.len()].chars().count() as u32 + 1;
        TopologyError::new(number, column, Mistake::Expected { expected })
    };
    if text.starts_with('[') {
        let (_, link) = port_line(text).map_err(misread)?;
        return assembly.half_link(start, link);
    }
    if header_line(text, header).map_err(misread)? {
        return Ok(());
    }
    if let Some(word) = EXTENSIONS.iter().find(|word| text.starts_with(**word)) {
        return Err(TopologyError::new(number, 1, Mistake::Extension { word }));
    }
    if IGNORED.iter().any(|word| text.starts_with(word)) {
        return Ok(());
    }
    let (_, line) = node_line(text).map_err(misread)?;
    let Header { identity, port_guid } = core::mem::take(header);
    let comment = line.comment;
    let node = Node {
        kind: line.kind,
        name: line.name.into(),
        description: comment.description,
        ports: 0,
        identity: Identity {
            enhanced_port_zero: comment.enhanced_port_zero && line.kind == NodeKind::Switch,
            ..identity
        },
    };
    let port_zero = match line.kind {
        NodeKind::Switch => Port { guid: port_guid, lid: comment.lid, lmc: comment.lmc, rate: None },
        NodeKind::Host | NodeKind::Router => Port::default(),
    };
    assembly.node(start, (line.ports, line.name), node, port_zero)
}

/// `vendid=0x2c9`, `switchguid=0x1234(1234)` and the like, which a comment may follow: whether it is such a line.
fn header_line<'a>(text: &'a str, header: &mut Header) -> Result<bool, Err<Unexpected<'a>>> {
    let word = text.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    let value = &text[word.len()..];
    let identity = &mut header.identity;
    match word {
        "vendid" => identity.vendor = Some(number(value)?.1 as u32 & 0x00FF_FFFF),
        "devid" => identity.device = Some(number(value)?.1 as u16),
        "sysimgguid" => identity.system_image_guid = Some(number(value)?.1).filter(|guid| *guid != 0),
        "switchguid" | "caguid" | "rtguid" => {
            let (rest, guid) = number(value)?;
            identity.guid = Some(guid).filter(|guid| *guid != 0);
            header.port_guid = port_guid(rest)?.1;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

/// `[1](guid) "peer"[2](guid) w=4 # comment`; guids, options and comment may be missing, and the peer's port: it is 1.
/// ibnetdiscover's grouping writes `[1][ext 4]` where a chassis has another number on its front.
fn port_line(line: &str) -> IResult<&str, HalfLink<'_>, Unexpected<'_>> {
    let (rest, port) = port_number(line)?;
    let (rest, _) = opt(front_number).parse(rest)?;
    let (rest, guid) = port_guid(rest)?;
    let (rest, _) = space0(rest)?;
    let (rest, peer) = quoted(rest)?;
    let (rest, _) = space0(rest)?;
    let (rest, peer_port) = if rest.starts_with('[') { port_number(rest)? } else { (rest, 1) };
    let (rest, _) = opt(front_number).parse(rest)?;
    let (rest, _) = space0(rest)?;
    let (rest, peer_guid) = port_guid(rest)?;
    let said = Port { guid, ..comment::of_port(rest) };
    Ok((rest, HalfLink { port, said, peer, peer_port, peer_guid }))
}

fn front_number(text: &str) -> IResult<&str, u32, Unexpected<'_>> {
    delimited(tag("[ext "), decimal, char(']')).parse(text)
}

struct NodeLine<'a> {
    kind: NodeKind,
    ports: u32,
    name: &'a str,
    comment: comment::NodeComment,
}

/// `Switch 8 "name" # "description" lid 1`.
fn node_line(line: &str) -> IResult<&str, NodeLine<'_>, Unexpected<'_>> {
    const KINDS: &str = "a node (Switch, Ca, Hca or Rt), a port ([1] ...), a comment (#) or an empty line";
    let (rest, word) = expect(KINDS, take_while1(char::is_alphabetic), line)?;
    let kind = match word {
        "Switch" => NodeKind::Switch,
        "Ca" | "Hca" => NodeKind::Host,
        "Rt" => NodeKind::Router,
        _ => return Err(Err::Error(Unexpected { rest: line, expected: KINDS })),
    };
    let (rest, _) = expect("a space", space1, rest)?;
    let (rest, ports) = expect("the number of ports", decimal, rest)?;
    let (rest, _) = space0(rest)?;
    let (rest, name) = quoted(rest)?;
    Ok(("", NodeLine { kind, ports, name, comment: comment::of_node(rest) }))
}

fn port_number(text: &str) -> IResult<&str, u32, Unexpected<'_>> {
    let (rest, _) = expect("a port in brackets", char('['), text)?;
    let (rest, number) = expect("the number of a port", decimal, rest)?;
    let (rest, _) = expect("]", char(']'), rest)?;
    Ok((rest, number))
}

/// `(2c903000d7aad)`, if it is there; 0 is none.
fn port_guid(text: &str) -> IResult<&str, Option<u64>, Unexpected<'_>> {
    let (rest, digits) = opt(delimited(char('('), hex_digit1, char(')'))).parse(text)?;
    let guid = digits.map(|digits: &str| u64::from_str_radix(digits, 16)).transpose();
    match guid {
        Ok(guid) => Ok((rest, guid.filter(|guid| *guid != 0))),
        Err(_) => Err(Err::Error(Unexpected { rest: text, expected: "a GUID of at most 16 digits" })),
    }
}

fn quoted(text: &str) -> IResult<&str, &str, Unexpected<'_>> {
    let (rest, _) = expect("a node's name in quotes", char('"'), text)?;
    let (rest, name) = take_till(|c| c == '"')(rest)?;
    if name.is_empty() || name.contains(['#', '@']) {
        return Err(Err::Error(Unexpected {
            rest: text,
            expected: "a name without # and @, which ibsim reserves",
        }));
    }
    let (rest, _) = expect("the quote that ends the name", char('"'), rest)?;
    Ok((rest, name))
}

/// `=0x1234`.
fn number(text: &str) -> IResult<&str, u64, Unexpected<'_>> {
    const EXPECTED: &str = "= and a number in hexadecimal";
    let (rest, _) = expect(EXPECTED, char('='), text)?;
    let digits = rest.strip_prefix("0x").unwrap_or(rest);
    let (after, digits) = expect(EXPECTED, hex_digit1, digits)?;
    match u64::from_str_radix(digits, 16) {
        Ok(number) => Ok((after, number)),
        Err(_) => Err(Err::Error(Unexpected { rest, expected: "a number of at most 16 digits" })),
    }
}

/// What was found where something else had to be.
#[derive(Debug)]
struct Unexpected<'a> {
    rest: &'a str,
    expected: &'static str,
}

impl<'a> ParseError<&'a str> for Unexpected<'a> {
    fn from_error_kind(rest: &'a str, _: ErrorKind) -> Self {
        Self { rest, expected: "something else" }
    }
    fn append(_: &'a str, _: ErrorKind, other: Self) -> Self {
        other
    }
}

/// Run `parser`, and say what was expected where it fails.
fn expect<'a, O>(
    expected: &'static str,
    mut parser: impl Parser<&'a str, Output = O, Error = Unexpected<'a>>,
    text: &'a str,
) -> IResult<&'a str, O, Unexpected<'a>> {
    parser.parse(text).map_err(|_| Err::Error(Unexpected { rest: text, expected }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use quickcheck::quickcheck;

    fn mistake(text: &str) -> String {
        Topology::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn each_line_that_cannot_be_read_is_named() {
        for (text, part) in [
            ("Swich 8 \"S1\"", "line 1, column 1: expected a node"),
            ("\nSwitch x \"S1\"", "line 2, column 8: expected the number of ports"),
            ("Switch 8 S1", "line 1, column 10: expected a node's name in quotes"),
            ("Switch 8 \"S1", "line 1, column 13: expected the quote"),
            ("Switch 8 \"a@b\"", "column 10: expected a name without #"),
            ("Switch 8 \"S1\"\n[x] \"H1\"", "line 2, column 2: expected the number of a port"),
            ("Switch 8 \"S1\"\n[1 \"H1\"", "line 2, column 3: expected ]"),
            ("[1] \"H1\"", "line 1, column 1: a port without a node"),
            ("include \"x\"", "\"include\" is an extension of ibsim"),
            ("caguid=zz", "column 8: expected = and a number"),
            ("Switch 255 \"S1\"", "a node has 1 to 254 ports, not 255"),
            ("Switch 0 \"S1\"", "not 0"),
            ("Ca 1 \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"", "the name has 32 bytes, ibsim takes 31"),
        ] {
            let message = mistake(text);
            assert!(message.contains(part), "{text:?}: {message}");
        }
    }

    #[test]
    fn each_link_that_does_not_fit_is_named_with_the_fix() {
        for (text, part) in [
            (
                "Switch 8 \"S1\"\n[3] \"H1\"[1]\n\nHca 1 \"H1\"\n",
                "line 2, column 1: \"S1\"[3] leads to \"H1\"[1], but \"H1\" has no line for its port 1: add `[1] \"S1\"[3]` below line 4",
            ),
            ("Switch 8 \"S1\"\n[3] \"H9\"[1]\n", "\"S1\"[3] leads to \"H9\", which has no record"),
            (
                "Switch 8 \"S1\"\n[3] \"H1\"[1]\n\nHca 1 \"H1\"\n[1] \"S1\"[4]\n",
                "\"S1\"[3] leads to \"H1\"[1], but that leads to \"S1\"[4] in line 5",
            ),
            (
                "Switch 8 \"S1\"\n[9] \"H1\"[1]\n",
                "\"S1\" has the ports 1 to 8, not 9: correct the number, or the count in line 1",
            ),
            ("Switch 8 \"S1\"\n[0] \"H1\"[1]\n", "not 0"),
            ("Switch 8 \"S1\"\n[1] \"S1\"[9]\n", "\"S1\" has the ports 1 to 8, not 9"),
            ("Switch 8 \"S1\"\n[1] \"S1\"[1]\n", "port 1 of \"S1\" is linked with itself"),
            (
                "Switch 8 \"S1\"\n[1] \"S1\"[2]\n[1] \"S1\"[2]\n",
                "line 3, column 1: port 1 of \"S1\" has a link in line 2 already",
            ),
            (
                "Switch 8 \"S1\"\nSwitch 8 \"S1\"\n",
                "line 2, column 1: there is a node \"S1\" in line 1 already",
            ),
        ] {
            let message = mistake(text);
            assert!(message.contains(part), "{text:?}: {message}");
            assert!(!message.contains('\n'));
        }
    }

    #[test]
    fn dumps_of_ibnetdiscover_are_read() {
        let text = "#\n# Topology file\n\nvendid=0x0\ndevid=0x0\nsysimgguid=0x200000\nswitchguid=0x200000(200000)\n\
            Switch\t8 \"S-0000000000200000\"\t\t# \"S1\" base port 0 lid 1 lmc 0\n\
            [3]\t\"H-0000000000100000\"[1](100001) \t\t# \"H1\" lid 3 4xQDR\n\n\
            vendid=0x0\ncaguid=0x100000\nCa\t1 \"H-0000000000100000\"\t\t# \"H1\"\n\
            [1](100001) \t\"S-0000000000200000\"[3]\t\t# lid 3 lmc 0 \"S1\" lid 1 4xQDR\n";
        let topology = Topology::parse(text).unwrap();
        let host = topology.find("H1").unwrap();
        assert_eq!(topology[host].guid(), Some(0x0010_0000));
        assert_eq!(topology[host].name(), "H-0000000000100000");
        let end = topology.switch_of(host).unwrap();
        assert_eq!((topology[end.node].description(), end.port), (Some("S1"), 3));
        assert_eq!(topology.links().count(), 1);
    }

    quickcheck! {
        fn any_text_is_read_without_panic(text: String) -> bool {
            let _ = Topology::parse(&text);
            true
        }
        /// Lines made of the format's own pieces get further than random characters do.
        fn lines_of_the_formats_pieces_are_read_without_panic(pieces: Vec<u8>) -> bool {
            const PIECES: &[&str] = &["Switch", "Ca", " ", "8", "1", "\"", "S", "[", "]", "(", ")", "\n", "#", "é", "0x", "caguid="];
            let text: String = pieces.iter().map(|piece| PIECES[usize::from(*piece) % PIECES.len()]).collect();
            let _ = Topology::parse(&text);
            true
        }
    }

    #[test]
    fn a_description_that_holds_quotes_is_read_as_it_is_written() {
        let text = "Switch 4 \"S1\" # \"the \"old\" spine\" enhanced port 0 lid 4 lmc 0\n";
        let topology = Topology::parse(text).unwrap();
        assert_eq!(topology.nodes().next().unwrap().1.description(), Some("the \"old\" spine"));
        assert_eq!(Topology::parse(&topology.to_string()), Ok(topology));
    }
}
