//! The syntax tree of a pattern: what `compile/parse.rs` reads and `program.rs` makes instructions of.

use super::tables::{ByteSet, Look, set_of};
use crate::sort::sort;

/// A regular expression over bytes; every repetition is bounded.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Node {
    Empty,
    /// These bytes, at least one.
    Literal(Vec<u8>),
    /// One byte of the set.
    Class(ByteSet),
    Look(Look),
    /// As many as possible, or as few if `lazy`.
    Repeat {
        node: Box<Node>,
        min: u16,
        max: u16,
        lazy: bool,
    },
    /// The part of a match that is reported.
    Capture(Box<Node>),
    Concat(Vec<Node>),
    /// The first that leads to a match.
    Alternation(Vec<Node>),
}

impl Node {
    /// The parts one after the other.
    pub(crate) fn concat(parts: impl IntoIterator<Item = Self>) -> Self {
        let mut joined: Vec<Self> = Vec::new();
        for part in parts {
            match (joined.last_mut(), part) {
                (_, Self::Empty) => {}
                (Some(Self::Literal(bytes)), Self::Literal(more)) => bytes.extend(more),
                (_, part) => joined.push(part),
            }
        }
        match joined.len() {
            0 => Self::Empty,
            1 => joined.remove(0),
            _ => Self::Concat(joined),
        }
    }

    /// The branches in order of preference. Single bytes become one class, what all branches begin with stands before them,
    /// and words are sorted where that changes nothing (words none of which begins with another never match at the same
    /// place), so that equal choices look equal.
    pub(crate) fn alternation(mut branches: Vec<Self>) -> Self {
        if branches.len() == 1 {
            return branches.remove(0);
        }
        let bytes: Option<Vec<ByteSet>> = branches.iter().map(Self::single_byte).collect();
        if let Some(sets) = bytes {
            return Self::Class(sets.into_iter().fold([0; 4], union));
        }
        if let Some(first) = common_start(&branches) {
            let rest = branches.into_iter().map(|branch| match branch {
                Self::Concat(parts) => Self::concat(parts.into_iter().skip(1)),
                other => other,
            });
            return Self::concat([first, Self::alternation(rest.collect())]);
        }
        for words in branches.chunk_by_mut(|a, b| a.literal().is_some() && b.literal().is_some()) {
            let mut sorted: Vec<&[u8]> = words.iter().filter_map(Self::literal).collect();
            sort(&mut sorted);
            if sorted.array_windows().all(|[a, b]| !b.starts_with(a)) {
                sort(words);
            }
        }
        Self::Alternation(branches)
    }

    fn literal(&self) -> Option<&[u8]> {
        if let Self::Literal(bytes) = self { Some(bytes) } else { None }
    }

    /// `min..=max` times `node`.
    pub(crate) fn repeat(node: Self, min: u16, max: u16, lazy: bool) -> Self {
        // What takes no byte holds once as often as it is asked; repeated, it would be work for nothing.
        let takes_nothing = node.lengths() == (0, 0);
        match (min, max) {
            (_, 0) => Self::Empty,
            (0, _) if takes_nothing => Self::Empty,
            (1, 1) => node,
            _ if takes_nothing => node,
            _ => Self::Repeat { node: Box::new(node), min, max, lazy },
        }
    }

    /// The set of the bytes that the tree matches, if it matches one byte.
    pub(crate) fn single_byte(&self) -> Option<ByteSet> {
        match self {
            Self::Class(set) => Some(*set),
            Self::Literal(bytes) if bytes.len() == 1 => Some(set_of(bytes.iter().copied())),
            _ => None,
        }
    }

    /// Least and greatest length of a match, in bytes.
    pub(crate) fn lengths(&self) -> (usize, usize) {
        match self {
            Self::Empty | Self::Look(_) => (0, 0),
            Self::Literal(bytes) => (bytes.len(), bytes.len()),
            Self::Class(_) => (1, 1),
            Self::Capture(node) => node.lengths(),
            Self::Repeat { node, min, max, .. } => {
                let (least, most) = node.lengths();
                (least.saturating_mul((*min).into()), most.saturating_mul((*max).into()))
            }
            Self::Concat(parts) => parts
                .iter()
                .map(Self::lengths)
                .fold((0, 0), |(min, max), (least, most)| (min.saturating_add(least), max.saturating_add(most))),
            Self::Alternation(branches) => {
                let wider = |(min, max): (usize, usize), (least, most)| (min.min(least), max.max(most));
                branches.iter().map(Self::lengths).reduce(wider).unwrap_or_default()
            }
        }
    }

    /// About how many instructions the tree needs.
    pub(crate) fn size(&self) -> usize {
        let all = |nodes: &[Self]| nodes.iter().map(Self::size).fold(1, usize::saturating_add);
        match self {
            Self::Empty | Self::Literal(_) | Self::Class(_) | Self::Look(_) => 1,
            Self::Capture(node) => node.size().saturating_add(2),
            Self::Repeat { node, .. } if node.single_byte().is_some() => 1,
            Self::Repeat { node, max, .. } => node.size().saturating_add(2).saturating_mul((*max).into()),
            Self::Concat(parts) => all(parts),
            Self::Alternation(branches) => all(branches).saturating_add(2 * branches.len()),
        }
    }

    /// How often the tree captures.
    pub(crate) fn captures(&self) -> usize {
        match self {
            Self::Empty | Self::Literal(_) | Self::Class(_) | Self::Look(_) => 0,
            Self::Capture(node) => 1 + node.captures(),
            Self::Repeat { node, .. } => node.captures(),
            Self::Concat(nodes) | Self::Alternation(nodes) => nodes.iter().map(Self::captures).sum(),
        }
    }
}

/// The part that all branches begin with.
fn common_start(branches: &[Node]) -> Option<Node> {
    let first = |node: &'_ Node| if let Node::Concat(parts) = node { parts.first().cloned() } else { None };
    let common = branches.first().and_then(first)?;
    branches.iter().all(|branch| first(branch).as_ref() == Some(&common)).then_some(common)
}

/// The bytes of either set.
pub(crate) fn union(a: ByteSet, b: ByteSet) -> ByteSet {
    let ([a0, a1, a2, a3], [b0, b1, b2, b3]) = (a, b);
    [a0 | b0, a1 | b1, a2 | b2, a3 | b3]
}
