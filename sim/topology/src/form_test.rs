use quickcheck::{Arbitrary, Gen, quickcheck};

use super::*;

fn size(text: &str) -> (usize, usize, usize) {
    let topology = text.parse::<Form>().unwrap().generate().unwrap();
    (topology.switches().count(), topology.hosts().count(), topology.switch_links().count())
}

#[test]
fn each_shape_has_the_size_that_its_text_says() {
    for (text, expected) in [
        ("mesh:3x2", (6, 6, 7)),
        ("mesh:4x4x4:hosts=2", (64, 128, 144)),
        ("torus:15x15:hosts=4", (225, 900, 450)),
        ("torus:4x4x4", (64, 64, 192)),
        ("ring:6", (6, 6, 6)),
        ("tree:4x3", (48, 64, 128)),
        ("fattree:18x36", (36 + 18, 648, 648)),
        ("fattree:24x18:up=6:cables=2", (18 + 6, 432, 216)),
        ("fattree:18x18x36", (648 + 648 + 324, 11_664, 2 * 11_664)),
        ("fattree:40", (1, 40, 0)),
        ("dragonfly:4x2:hosts=2", (36, 72, 90)),
        ("dragonfly:4x2:groups=3:hosts=0", (12, 0, 18 + 12)),
        ("random:20x4:hosts=3:seed=7", (20, 60, 40)),
    ] {
        assert_eq!(size(text), expected, "{text}");
    }
}

#[test]
fn what_is_wrong_is_named_with_its_place_and_a_right_one() {
    for (text, part) in [
        ("tours:4x4", "character 1: expected the name of a shape; write it like mesh:3x2, torus"),
        ("torus", "character 6: expected a colon and a size; write it like torus:4x4x4"),
        ("torus:", "character 7: expected numbers with an x"),
        ("torus:4x", "character 8: expected an x and a number, a colon"),
        ("torus:4xa", "character 8: expected an x and a number, a colon"),
        ("torus:4x0", "character 7: expected numbers from 1 up"),
        ("torus:4x4:", "character 11: expected an option that this shape has"),
        ("torus:4x4:seed=1", "character 11: expected an option that this shape has"),
        ("torus:4x4:hosts", "character 16: expected = and a value"),
        ("torus:4x4:hosts=", "character 17: expected a number"),
        ("torus:4x4:hosts=x", "character 17: expected a number"),
        ("torus:4x4:hosts=4294967296", "character 17: expected a smaller number"),
        ("torus:4x4:hosts=1,5", "character 18: expected a colon and an option"),
        ("torus:4x4:hosts=1:hosts=2", "character 19: expected each option once"),
        ("torus:1x1x1x1x1x1x1x1x1", "expected one to eight numbers"),
        ("ring:6x6", "character 6: expected one number"),
        ("tree:4", "character 6: expected two numbers"),
        ("fattree:4x4:up=2x2", "character 16: expected one number fewer than levels"),
        ("fattree:4x4:cables=0", "character 20: expected a number from 1 up"),
        ("dragonfly:4x2:groups=0", "character 22: expected a number from 1 up"),
        ("mesh:99999999999x2", "character 6: expected numbers with an x"),
    ] {
        let message = text.parse::<Form>().unwrap_err().to_string();
        assert!(message.contains(part) && message.contains("; write it like "), "{text}: {message}");
    }
}

#[test]
fn what_is_too_large_or_no_graph_is_named() {
    for (text, part) in [
        ("torus:300x300", "more than 49151 nodes"),
        ("torus:200x200", "more than 49151 nodes"),
        ("mesh:3x2:hosts=251", "1 to 254 ports, not 255"),
        ("fattree:200x2", "1 to 254 ports, not 400"),
        ("tree:2x17", "more than 16 levels of switches"),
        ("dragonfly:4x2:groups=10", "10 groups with 8 links to others each: at most 8 + 1 groups"),
        ("random:5x3", "5 switches of degree 3 each: a link has two ends"),
        ("random:4x9", "smaller degree"),
    ] {
        let message = text.parse::<Form>().unwrap().generate().unwrap_err().to_string();
        assert!(message.contains(part), "{text}: {message}");
    }
}

impl Arbitrary for Form {
    fn arbitrary(g: &mut Gen) -> Self {
        let mut number = |limit: u32| u32::arbitrary(g) % limit + 1;
        let hosts = number(4) - 1;
        let mut lengths: Vec<u32> = (0..number(3)).map(|_| number(4)).collect();
        match number(7) {
            1 => Self::Mesh { lengths, hosts },
            2 => Self::Torus { lengths, hosts },
            3 => Self::Ring { length: number(9), hosts },
            4 => Self::Tree { arity: number(4), levels: number(4) },
            5 => {
                lengths.push(number(4));
                let up = lengths.iter().skip(1).map(|_| number(3)).collect();
                Self::FatTree { down: lengths, up, cables: number(3) }
            }
            6 => Self::Dragonfly { members: number(4), global: number(3), groups: number(13), hosts },
            _ => {
                let (switches, degree, seed) = (number(20), number(6), u64::from(number(1000)));
                Self::Random { switches, degree, hosts, seed }
            }
        }
    }
}

quickcheck! {
    fn a_form_is_read_as_it_is_written(form: Form) -> bool {
        form.to_string().parse() == Ok(form)
    }

    fn what_a_form_generates_is_read_as_it_is_written(form: Form) -> bool {
        let Ok(topology) = form.generate() else { return true };
        Topology::parse(&topology.to_string()).as_ref() == Ok(&topology)
            && Topology::parse(&topology.for_ibsim().to_string()).as_ref() == Ok(&topology)
    }

    fn any_text_is_read_without_panic(pieces: Vec<u8>) -> bool {
        const PIECES: &[&str] = &["mesh", "torus", "fattree", ":", "x", "3", "0", "hosts", "up", "=", "é", "random"];
        let text: String = pieces.iter().map(|piece| PIECES[usize::from(*piece) % PIECES.len()]).collect();
        text.parse::<Form>().is_ok() || !text.is_empty() || pieces.is_empty()
    }
}
