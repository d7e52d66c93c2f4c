//! What ibnetdiscover tells in comments: descriptions, LIDs and rates.

use crate::port::Port;

/// Bytes of a NodeDescription.
const MAX_DESCRIPTION: usize = 64;

/// What stands behind a node's name.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct NodeComment {
    pub(crate) description: Option<Box<str>>,
    /// Port 0 is an enhanced one.
    pub(crate) enhanced_port_zero: bool,
    /// Of port 0.
    pub(crate) lid: Option<u16>,
    pub(crate) lmc: u8,
}

/// The comment of a node's line: `"spine 1" enhanced port 0 lid 7 lmc 0`. A description may hold quotes: it goes up to
/// the last one. One without any goes up to what ibnetdiscover adds.
pub(crate) fn of_node(rest: &str) -> NodeComment {
    let Some((_, comment)) = rest.split_once('#') else { return NodeComment::default() };
    let comment = comment.trim_start();
    let (description, told) = match comment.strip_prefix('"') {
        Some(quoted) => quoted.rsplit_once('"').unwrap_or((quoted, "")),
        None => [" enhanced port ", " base port ", " lid ", " lmc "]
            .iter()
            .filter_map(|end| comment.find(end))
            .min()
            .map_or((comment, ""), |end| comment.split_at(end)),
    };
    let description = cut(description);
    NodeComment {
        description: (!description.is_empty()).then(|| description.into()),
        enhanced_port_zero: told.contains("enhanced port 0"),
        lid: lid(told),
        lmc: lmc(told),
    }
}

/// The comment of a port's line: `lid 3 lmc 0 "S1" lid 2 4xHDR`, where the LID behind the quotes is the peer's.
pub(crate) fn of_port(rest: &str) -> Port {
    let Some((_, comment)) = rest.split_once('#') else { return Port::default() };
    let own = comment.split_once('"').map_or("", |(own, _)| own);
    let peers = comment.rsplit_once('"').map_or(comment, |(_, peers)| peers);
    let rate = peers.split_whitespace().find_map(|word| word.parse().ok());
    Port { guid: None, lid: lid(own), lmc: lmc(own), rate }
}

fn cut(description: &str) -> &str {
    let end = (0..=MAX_DESCRIPTION.min(description.len())).rev().find(|at| description.is_char_boundary(*at));
    &description[..end.unwrap_or(0)]
}

/// The unicast LID behind the word `lid`; 0 is none.
fn lid(text: &str) -> Option<u16> {
    after(text, "lid").and_then(|number| number.parse().ok()).filter(|lid| (1..=0xBFFF).contains(lid))
}

fn lmc(text: &str) -> u8 {
    after(text, "lmc").and_then(|number| number.parse().ok()).filter(|lmc| *lmc < 8).unwrap_or(0)
}

fn after<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let mut words = text.split_whitespace();
    words.find(|found| *found == word)?;
    words.next()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn description(rest: &str) -> Option<String> {
        of_node(rest).description.map(Into::into)
    }

    #[test]
    fn descriptions_of_every_kind_are_told_from_what_follows() {
        for (rest, text) in [
            ("\t\t# \"MF0;leaf-1:MQM8790/U1\" enhanced port 0 lid 1 lmc 0", Some("MF0;leaf-1:MQM8790/U1")),
            ("\t\t# \"ISR 4036 # rack 7\" base port 0 lid 12 lmc 0", Some("ISR 4036 # rack 7")),
            (" # \"the \"old\" gateway\" lid 3", Some("the \"old\" gateway")),
            (" # node 12 HCA-1 lid 4 lmc 0", Some("node 12 HCA-1")),
            (" # \"lid 9 in its name\"", Some("lid 9 in its name")),
            (" # \"\"", None),
            (" # \"", None),
            (" #", None),
            ("", None),
        ] {
            assert_eq!(description(rest).as_deref(), text, "{rest}");
        }
    }

    #[test]
    fn a_description_is_cut_where_a_node_would_cut_it() {
        let long = "é".repeat(40);
        assert_eq!(description(&format!("# \"{long}\"")).map(|text| text.len()), Some(64));
        assert_eq!(description(&format!("# \"x{long}\"")).map(|text| text.len()), Some(63));
    }

    #[test]
    fn lids_and_rates_are_the_ports_own() {
        let port = of_port("\t\t# lid 3 lmc 2 \"S1 lid 9 lmc 7 4xSDR\" lid 2 4xHDR s=2 w=2 v=3");
        assert_eq!((port.lid, port.lmc), (Some(3), 2));
        assert_eq!(port.rate.map(|rate| rate.to_string()).as_deref(), Some("4xHDR"));
        let port = of_port("\t\t# \"H1 HCA-1\" lid 2 2xNDR");
        assert_eq!((port.lid, port.rate.map(|rate| rate.to_string()).as_deref()), (None, Some("2xNDR")));
        assert_eq!(of_port("# \"H1\" lid 2 ?????"), Port::default());
        assert_eq!(of_port("# lid 0 lmc 9 \"S1\""), Port::default());
        assert_eq!(of_port("# lid 49152 lmc 0 \"S1\""), Port::default());
        let switch = of_node("# \"S1\" enhanced port 0 lid 7 lmc 1");
        assert_eq!((switch.enhanced_port_zero, switch.lid, switch.lmc), (true, Some(7), 1));
        assert!(!of_node("# \"enhanced port 0\" base port 0 lid 7 lmc 1").enhanced_port_zero);
    }
}
