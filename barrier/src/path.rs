use core::fmt;
use core::ops::{Index, IndexMut};

/// One of the two ports of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Port {
    /// The first.
    Zero,
    /// The second.
    One,
}

/// A path: a port of the requester and a port of the responder. There are four.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path {
    requester: Port,
    responder: Port,
}

impl Path {
    /// Number of paths between two nodes.
    pub const COUNT: usize = 4;

    /// Every path, in the order of their indices.
    pub const ALL: [Self; Self::COUNT] = [
        Self::new(Port::Zero, Port::Zero),
        Self::new(Port::Zero, Port::One),
        Self::new(Port::One, Port::Zero),
        Self::new(Port::One, Port::One),
    ];

    /// The path between two ports.
    #[must_use]
    pub const fn new(requester: Port, responder: Port) -> Self {
        Self { requester, responder }
    }

    /// The path with this index, 0 to 3.
    #[must_use]
    pub fn from_index(index: usize) -> Option<Self> {
        Self::ALL.get(index).copied()
    }

    /// Port of the requester.
    #[must_use]
    pub const fn requester_port(self) -> Port {
        self.requester
    }

    /// Port of the responder.
    #[must_use]
    pub const fn responder_port(self) -> Port {
        self.responder
    }

    /// Place in [`ALL`](Self::ALL): twice the port of the requester, plus the port of the responder.
    #[must_use]
    pub const fn index(self) -> usize {
        2 * self.requester as usize + self.responder as usize
    }
}

impl fmt::Display for Path {
    /// Port of the requester, port of the responder: `0-1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.requester as u8, self.responder as u8)
    }
}

/// A value for each path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct PerPath<T>([T; Path::COUNT]);

impl<T> PerPath<T> {
    pub(crate) fn from_fn(value: impl FnMut(Path) -> T) -> Self {
        Self(Path::ALL.map(value))
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (Path, &T)> {
        Path::ALL.into_iter().zip(&self.0)
    }

    pub(crate) fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.0.iter_mut()
    }
}

impl<T> Index<Path> for PerPath<T> {
    type Output = T;

    fn index(&self, path: Path) -> &T {
        &self.0[path.index()]
    }
}

impl<T> IndexMut<Path> for PerPath<T> {
    fn index_mut(&mut self, path: Path) -> &mut T {
        &mut self.0[path.index()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    #[test]
    fn index_ports_and_text_agree() {
        let texts = ["0-0", "0-1", "1-0", "1-1"];
        for (index, path) in Path::ALL.into_iter().enumerate() {
            assert_eq!(path.index(), index);
            assert_eq!(Path::from_index(index), Some(path));
            assert_eq!(Path::new(path.requester_port(), path.responder_port()), path);
            assert_eq!(path.to_string(), texts[index]);
        }
        assert_eq!(Path::from_index(4), None);
    }
}
