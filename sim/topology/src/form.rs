//! Topologies by a few words: `torus:15x15:hosts=4`.

use core::fmt;
use core::str::FromStr;

use nom::bytes::complete::{tag, take_while};
use nom::character::complete::{char, u32 as decimal, u64 as long_decimal};
use nom::multi::separated_list1;
use nom::{IResult, Parser};

use crate::error::TopologyError;
use crate::generate::{self, FatTree};
use crate::topology::Topology;

/// A topology that follows from a few numbers. Its text form is the shape's name, its size, and options with a value each,
/// behind colons:
///
/// | text | shape |
/// |---|---|
/// | `mesh:3x2`, `mesh:4x4x4:hosts=2` | a mesh of any number of dimensions |
/// | `torus:15x15:hosts=4`, `torus:4x4x4` | the same, closed in each dimension of three switches or more |
/// | `ring:6` | a torus of one dimension |
/// | `tree:4x3` | a 4-ary tree with three levels of switches and 4³ hosts |
/// | `fattree:18x36`, `fattree:24x18:up=6:cables=2` | a fat tree: children of a switch, from the leaves up; parents of one, from the leaves up, by default as many as children; cables to each parent |
/// | `dragonfly:4x2:hosts=2:groups=9` | groups of 4 switches with 2 links to other groups each; by default as many groups as can be, each pair joined |
/// | `random:20x4:seed=7` | 20 switches with 4 links to others each, by seed |
///
/// `hosts` is the number at each switch, 1 by default.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Form {
    /// A mesh.
    Mesh {
        /// Switches in each dimension.
        lengths: Vec<u32>,
        /// Hosts at each switch.
        hosts: u32,
    },
    /// A torus.
    Torus {
        /// Switches in each dimension.
        lengths: Vec<u32>,
        /// Hosts at each switch.
        hosts: u32,
    },
    /// A ring.
    Ring {
        /// Switches.
        length: u32,
        /// Hosts at each switch.
        hosts: u32,
    },
    /// A k-ary n-tree.
    Tree {
        /// Children of a switch, and parents.
        arity: u32,
        /// Levels of switches.
        levels: u32,
    },
    /// A fat tree.
    FatTree {
        /// Children of a switch, level by level from the leaves up.
        down: Vec<u32>,
        /// Parents of a switch, level by level from the leaves up: one number fewer.
        up: Vec<u32>,
        /// Cables between a switch and each of its parents.
        cables: u32,
    },
    /// A dragonfly.
    Dragonfly {
        /// Switches of a group.
        members: u32,
        /// Links of a switch to other groups.
        global: u32,
        /// Groups.
        groups: u32,
        /// Hosts at each switch.
        hosts: u32,
    },
    /// A random regular graph.
    Random {
        /// Switches.
        switches: u32,
        /// Links of each to others.
        degree: u32,
        /// Hosts at each switch.
        hosts: u32,
        /// What the links follow from.
        seed: u64,
    },
}

impl Form {
    /// Generate it.
    ///
    /// # Errors
    /// When it would be larger than a subnet or a switch can be, or when there is no such graph.
    pub fn generate(&self) -> Result<Topology, TopologyError> {
        match self {
            Self::Mesh { lengths, hosts } => generate::grid(lengths, *hosts, false),
            Self::Torus { lengths, hosts } => generate::grid(lengths, *hosts, true),
            Self::Ring { length, hosts } => generate::ring(*length, *hosts),
            Self::Tree { arity, levels } => generate::tree(*arity, *levels),
            Self::FatTree { down, up, cables } => FatTree { down, up, cables: *cables }.build(),
            Self::Dragonfly { members, global, groups, hosts } => {
                generate::dragonfly(*members, *global, *groups, *hosts)
            }
            Self::Random { switches, degree, hosts, seed } => {
                generate::random(*switches, *degree, *hosts, *seed)
            }
        }
    }

    /// Whether a text starts as a form does; anything else is the name of a file.
    pub(crate) fn is_meant(text: &str) -> bool {
        text.split_once(':').is_some_and(|(word, _)| Shape::named(word).is_some())
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mesh { lengths, hosts } => write!(f, "mesh:{}:hosts={hosts}", Sizes(lengths)),
            Self::Torus { lengths, hosts } => write!(f, "torus:{}:hosts={hosts}", Sizes(lengths)),
            Self::Ring { length, hosts } => write!(f, "ring:{length}:hosts={hosts}"),
            Self::Tree { arity, levels } => write!(f, "tree:{arity}x{levels}"),
            Self::FatTree { down, up, cables } if up.is_empty() => {
                write!(f, "fattree:{}:cables={cables}", Sizes(down))
            }
            Self::FatTree { down, up, cables } => {
                write!(f, "fattree:{}:up={}:cables={cables}", Sizes(down), Sizes(up))
            }
            Self::Dragonfly { members, global, groups, hosts } => {
                write!(f, "dragonfly:{members}x{global}:groups={groups}:hosts={hosts}")
            }
            Self::Random { switches, degree, hosts, seed } => {
                write!(f, "random:{switches}x{degree}:hosts={hosts}:seed={seed}")
            }
        }
    }
}

/// Numbers with an x in between.
struct Sizes<'a>(&'a [u32]);

impl fmt::Display for Sizes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, size) in self.0.iter().enumerate() {
            write!(f, "{}{size}", if index > 0 { "x" } else { "" })?;
        }
        Ok(())
    }
}

/// What a text form does not say as it should.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("character {column}: expected {expected}; write it like {usage}")]
pub struct FormError {
    /// Character of the text, from 1.
    pub column: u32,
    /// What has to be there.
    pub expected: &'static str,
    /// A right one.
    pub usage: &'static str,
}

/// The name of a shape, how many sizes it takes, which options, and how it is written.
struct Shape {
    name: &'static str,
    sizes: core::ops::RangeInclusive<usize>,
    options: &'static [&'static str],
    usage: &'static str,
}

/// Dimensions of a grid and levels of a fat tree.
const MAX_SIZES: usize = 8;

const SHAPES: &[Shape] = &[
    Shape {
        name: "mesh",
        sizes: 1..=MAX_SIZES,
        options: &["hosts"],
        usage: "mesh:3x2 or mesh:4x4x4:hosts=2",
    },
    Shape {
        name: "torus",
        sizes: 1..=MAX_SIZES,
        options: &["hosts"],
        usage: "torus:4x4x4 or torus:15x15:hosts=4",
    },
    Shape { name: "ring", sizes: 1..=1, options: &["hosts"], usage: "ring:6 or ring:6:hosts=2" },
    Shape { name: "tree", sizes: 2..=2, options: &[], usage: "tree:4x3 (arity and levels of switches)" },
    Shape {
        name: "fattree",
        sizes: 1..=MAX_SIZES,
        options: &["up", "cables"],
        usage: "fattree:18x36 or fattree:24x18:up=6:cables=2 (up: parents, one number fewer than levels)",
    },
    Shape {
        name: "dragonfly",
        sizes: 2..=2,
        options: &["groups", "hosts"],
        usage: "dragonfly:4x2:hosts=2:groups=9 (switches of a group, global links of each)",
    },
    Shape {
        name: "random",
        sizes: 2..=2,
        options: &["hosts", "seed"],
        usage: "random:20x4:hosts=2:seed=7 (switches, links of each)",
    },
];

impl Shape {
    fn named(name: &str) -> Option<&'static Self> {
        SHAPES.iter().find(|shape| shape.name == name)
    }
}

const ANY: &str =
    "mesh:3x2, torus:15x15:hosts=4, ring:6, tree:4x3, fattree:18x36, dragonfly:4x2 or random:20x4";

impl FromStr for Form {
    type Err = FormError;

    fn from_str(text: &str) -> Result<Self, FormError> {
        let name = text.split(':').next().unwrap_or_default();
        let Some(shape) = Shape::named(name) else {
            return Err(FormError { column: 1, expected: "the name of a shape", usage: ANY });
        };
        Reader { text, shape }.read()
    }
}

/// A text that names a shape.
struct Reader<'a> {
    text: &'a str,
    shape: &'static Shape,
}

impl<'a> Reader<'a> {
    /// The error that something else has to be where `rest` starts.
    fn expected(&self, rest: &str, expected: &'static str) -> FormError {
        let column = self.text[..self.text.len() - rest.len()].chars().count() as u32 + 1;
        FormError { column, expected, usage: self.shape.usage }
    }

    fn sizes(&self, rest: &'a str) -> Result<(&'a str, Vec<u32>), FormError> {
        let parsed: IResult<&str, Vec<u32>> = separated_list1(char('x'), decimal).parse(rest);
        let (after, sizes) = parsed.map_err(|_| self.expected(rest, "numbers with an x between them"))?;
        if !after.is_empty() && !after.starts_with(':') {
            return Err(self.expected(after, "an x and a number, a colon and an option, or the end"));
        }
        match sizes.contains(&0) {
            true => Err(self.expected(rest, "numbers from 1 up")),
            false => Ok((after, sizes)),
        }
    }

    fn read(&self) -> Result<Form, FormError> {
        let rest = &self.text[self.shape.name.len()..];
        let Some(rest) = rest.strip_prefix(':') else {
            return Err(self.expected(rest, "a colon and a size"));
        };
        let (mut after, sizes) = self.sizes(rest)?;
        if !self.shape.sizes.contains(&sizes.len()) {
            let expected = match self.shape.sizes.end() {
                1 => "one number",
                2 => "two numbers",
                _ => "one to eight numbers",
            };
            return Err(self.expected(rest, expected));
        }
        let mut options = Options { hosts: 1, cables: 1, ..Options::default() };
        let mut seen: Vec<&str> = Vec::new();
        while !after.is_empty() {
            let option = &after[1..];
            let (value, key) = take_while::<_, _, ()>(char::is_alphabetic)(option).unwrap_or((option, ""));
            if !self.shape.options.contains(&key) {
                return Err(self.expected(option, "an option that this shape has, and its value"));
            }
            if seen.contains(&key) {
                return Err(self.expected(option, "each option once"));
            }
            seen.push(key);
            after = self.option(key, value, &mut options)?;
        }
        self.form(rest, sizes, options)
    }

    fn option(&self, key: &str, text: &'a str, options: &mut Options) -> Result<&'a str, FormError> {
        let parsed: IResult<&str, &str> = tag("=")(text);
        let (value, _) = parsed.map_err(|_| self.expected(text, "= and a value"))?;
        let number = || -> Result<(&'a str, u64), FormError> {
            let parsed: IResult<&str, u64> = long_decimal(value);
            parsed.map_err(|_| self.expected(value, "a number"))
        };
        let small = || {
            let (rest, number) = number()?;
            let number = u32::try_from(number).map_err(|_| self.expected(value, "a smaller number"))?;
            Ok((rest, number))
        };
        let positive = || match small()? {
            (_, 0) => Err(self.expected(value, "a number from 1 up")),
            read => Ok(read),
        };
        let rest;
        match key {
            "hosts" => (rest, options.hosts) = small()?,
            "cables" => (rest, options.cables) = positive()?,
            "seed" => (rest, options.seed) = number()?,
            "groups" => {
                let (after, groups) = positive()?;
                (rest, options.groups) = (after, Some(groups));
            }
            _ => {
                let (after, up) = self.sizes(value)?;
                (rest, options.up) = (after, Some((self.text.len() - value.len(), up)));
            }
        }
        if !rest.is_empty() && !rest.starts_with(':') {
            return Err(self.expected(rest, "a colon and an option, or the end"));
        }
        Ok(rest)
    }

    fn form(&self, rest: &str, sizes: Vec<u32>, options: Options) -> Result<Form, FormError> {
        let Options { hosts, cables, seed, groups, up } = options;
        let first = sizes.first().copied().unwrap_or(1);
        let second = sizes.get(1).copied().unwrap_or(1);
        Ok(match self.shape.name {
            "mesh" => Form::Mesh { lengths: sizes, hosts },
            "torus" => Form::Torus { lengths: sizes, hosts },
            "ring" => Form::Ring { length: first, hosts },
            "tree" => Form::Tree { arity: first, levels: second },
            "dragonfly" => {
                let most = || first.saturating_mul(second).saturating_add(1);
                let groups = groups.unwrap_or_else(most);
                Form::Dragonfly { members: first, global: second, groups, hosts }
            }
            "random" => Form::Random { switches: first, degree: second, hosts, seed },
            "fattree" => {
                let levels = sizes.len();
                let up = match up {
                    Some((at, up)) if up.len() + 1 != levels => {
                        return Err(self.expected(&self.text[at..], "one number fewer than levels"));
                    }
                    Some((_, up)) => up,
                    // As many cables up as down.
                    None => sizes[..levels - 1].iter().map(|down| down.div_ceil(cables)).collect(),
                };
                Form::FatTree { down: sizes, up, cables }
            }
            _ => return Err(self.expected(rest, "the name of a shape")),
        })
    }
}

#[derive(Default)]
struct Options {
    hosts: u32,
    cables: u32,
    seed: u64,
    groups: Option<u32>,
    /// With where it starts in the text.
    up: Option<(usize, Vec<u32>)>,
}

#[cfg(test)]
#[path = "form_test.rs"]
mod tests;
