//! How patterns are stored: as bytes that are small once compressed, and cheap to read.
//!
//! Trees share what they have in common, a fragment that forty patterns use is stored once; words stand in a dictionary,
//! sorted, each without what it has in common with the one before. A tree is read when its pattern is first tried.
//! Numbers are LEB128. The reader trusts the writer, `build/pack.rs`: both are parts of the same build.

use super::checksum::{Checksum, Remainder};
use super::node::Node;
use super::pattern::{Pattern, Reads, Validator};
use super::structure::Structure;
use super::tables::{ByteSet, Companion, GateTables, Literal, Look, Pass};
use crate::finding::{Category, Direction, Severity};
use crate::leb128::Reader;

/// What was stored, ready to be used.
#[derive(Debug)]
pub(crate) struct Unpacked {
    pub(crate) patterns: Vec<Pattern>,
    pub(crate) trees: Trees,
    pub(crate) gate: GateTables,
    pub(crate) structures: Vec<Structure>,
}

/// The trees of all patterns.
#[derive(Debug)]
pub(crate) struct Trees {
    bytes: Box<[u8]>,
    /// Where each node begins in `bytes`.
    nodes: Vec<u32>,
    words: Words,
    sets: Vec<ByteSet>,
    roots: Vec<usize>,
}

/// A sorted dictionary.
#[derive(Debug, Default, PartialEq, Eq)]
struct Words {
    bytes: Vec<u8>,
    ends: Vec<u32>,
}

impl Words {
    fn get(&self, index: usize) -> &[u8] {
        let end = |index: usize| self.ends.get(index).map_or(0, |&end| end as usize);
        self.bytes.get(index.checked_sub(1).map_or(0, end)..end(index)).unwrap_or_default()
    }
}

/// Kinds of nodes. The upper bits of a node's first byte hold its number of children.
pub(crate) mod kind {
    pub(crate) const CONCAT: usize = 0;
    pub(crate) const ALTERNATION: usize = 1;
    pub(crate) const REPEAT: usize = 2;
    pub(crate) const CAPTURE: usize = 3;
}

/// What a child is; the number above these bits says which one.
pub(crate) mod child {
    /// A node, so many nodes before its parent.
    pub(crate) const NODE: usize = 0;
    /// A word of the dictionary, counted from the one before it among the children, the way there as a zigzag number.
    pub(crate) const WORD: usize = 1;
    /// A set of bytes.
    pub(crate) const SET: usize = 2;
    /// A look, or behind all of them the empty tree.
    pub(crate) const LOOK: usize = 3;
}

/// Reads what the build stored.
pub(crate) fn read(bytes: &[u8]) -> Unpacked {
    let mut reader = Reader(bytes);
    let patterns = reader.patterns();
    let words = reader.words();
    let sets = reader.list(Reader::set);
    let count = reader.number();
    let length = reader.number();
    let bytes = reader.take(length);
    let mut nodes = Vec::with_capacity(count);
    let mut walk = Reader(bytes);
    for _ in 0..count {
        nodes.push(u32::try_from(bytes.len() - walk.0.len()).unwrap_or(u32::MAX));
        walk.skip_node();
    }
    let mut root = 0;
    let roots = patterns.iter().map(|_| {
        root = from_zigzag(root, reader.number());
        root
    });
    let roots = roots.collect();
    let gate = reader.gate(&sets);
    let structures = reader.list(Reader::structure);
    Unpacked { patterns, trees: Trees { bytes: bytes.into(), nodes, words, sets, roots }, gate, structures }
}

impl Trees {
    /// The tree of the pattern with this number.
    pub(crate) fn tree(&'static self, pattern: usize) -> Node {
        self.roots.get(pattern).map_or(Node::Empty, |&root| self.node(root))
    }

    /// Calls `each` with the words of the dictionary.
    pub(crate) fn each_word(&self, each: &mut dyn FnMut(&[u8])) {
        (0..self.words.ends.len()).for_each(|index| each(self.words.get(index)));
    }

    fn node(&'static self, id: usize) -> Node {
        let start = self.nodes.get(id).map_or(0, |&start| start as usize);
        let mut reader = Reader(self.bytes.get(start..).unwrap_or_default());
        let header = reader.number();
        let (kind, count) = (header & 3, header >> 2);
        let mut word = 0;
        let mut children = Vec::with_capacity(count);
        for _ in 0..count {
            let child = reader.number();
            let which = child >> 2;
            children.push(match child & 3 {
                child::NODE => self.node(id.saturating_sub(which)),
                child::WORD => {
                    word = from_zigzag(word, which);
                    Node::Literal(self.words.get(word).into())
                }
                child::SET => Node::Class(self.sets.get(which).copied().unwrap_or_default()),
                child::LOOK.. => Look::ALL.get(which).map_or(Node::Empty, |look| Node::Look(*look)),
            });
        }
        match kind {
            kind::ALTERNATION => Node::Alternation(children),
            kind::REPEAT => {
                let (min, max) = (reader.narrow(), reader.narrow());
                let node = Box::new(children.pop().unwrap_or(Node::Empty));
                Node::Repeat { node, min, max: min.saturating_add(max >> 1), lazy: max & 1 == 1 }
            }
            kind::CAPTURE => Node::Capture(Box::new(children.pop().unwrap_or(Node::Empty))),
            kind::CONCAT.. if children.len() == 1 => children.remove(0),
            kind::CONCAT.. => Node::Concat(children),
        }
    }
}

/// Where a way leads: forward if it is even, back if it is odd.
fn from_zigzag(from: usize, way: usize) -> usize {
    if way & 1 == 0 { from.saturating_add(way >> 1) } else { from.saturating_sub(way >> 1) }
}

/// Scores are stored in thousandths.
pub(crate) const SCORE_UNITS: f64 = 1000.0;
pub(crate) const DIRECTIONS: [Direction; 2] = [Direction::Input, Direction::Output];
pub(crate) const READS: [Reads; 2] = [Reads::Folded, Reads::Original];

impl Reader<'_> {
    fn text(&mut self) -> Box<str> {
        let length = self.number();
        String::from_utf8_lossy(self.take(length)).into()
    }

    fn choice<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        let index = self.number();
        all.get(index).copied()
    }

    fn patterns(&mut self) -> Vec<Pattern> {
        let new = |id| Pattern {
            id,
            category: Category::PromptInjection,
            severity: Severity::Low,
            score: 0.0,
            direction: None,
            reads: Reads::Folded,
            validator: None,
            checksums: Vec::new(),
            unless: Vec::new(),
            explanation: "".into(),
        };
        let mut patterns = self.list(|reader| new(reader.text()));
        for pattern in &mut patterns {
            pattern.category = self.choice(&Category::ALL).unwrap_or(pattern.category);
        }
        for pattern in &mut patterns {
            pattern.severity = self.choice(&Severity::ALL).unwrap_or(pattern.severity);
        }
        for pattern in &mut patterns {
            pattern.score = f64::from(self.narrow()) / SCORE_UNITS;
        }
        for pattern in &mut patterns {
            pattern.direction = self.choice(&DIRECTIONS);
        }
        for pattern in &mut patterns {
            pattern.reads = self.choice(&READS).unwrap_or(pattern.reads);
        }
        for pattern in &mut patterns {
            pattern.validator = self.choice(&Validator::ALL);
        }
        for pattern in &mut patterns {
            pattern.checksums = self.list(Self::checksum);
        }
        for pattern in &mut patterns {
            pattern.unless = self.list(Self::text);
        }
        for pattern in &mut patterns {
            pattern.explanation = self.text();
        }
        patterns
    }

    fn bytes(&mut self) -> Vec<u8> {
        let length = self.number();
        self.take(length).to_vec()
    }

    fn checksum(&mut self) -> Checksum {
        let (letters, weights, modulus) = (self.number() == 1, self.bytes(), self.number());
        let (all, is_sum) = (self.bytes(), self.number() == 1);
        let remainder = match all.as_slice() {
            [wanted] if is_sum => Remainder::Is(*wanted),
            _ => Remainder::Gives(all),
        };
        Checksum { letters, weights, modulus: u8::try_from(modulus).unwrap_or_default(), remainder }
    }

    fn words(&mut self) -> Words {
        let mut words = Words::default();
        let mut start = 0;
        for _ in 0..self.number() {
            let (shared, length) = (self.number(), self.number());
            let kept = start..start + shared;
            start = words.bytes.len();
            words.bytes.extend_from_within(kept.start.min(start)..kept.end.min(start));
            words.bytes.extend(self.take(length));
            words.ends.push(u32::try_from(words.bytes.len()).unwrap_or(u32::MAX));
        }
        words
    }

    fn set(&mut self) -> ByteSet {
        let count = self.number();
        let mut set = [0; 4];
        for &turn in self.take(count) {
            // Flips every byte from here on.
            for (index, word) in set.iter_mut().enumerate() {
                *word ^= match index.cmp(&usize::from(turn >> 6)) {
                    std::cmp::Ordering::Less => 0,
                    std::cmp::Ordering::Equal => u64::MAX << (turn & 63),
                    std::cmp::Ordering::Greater => u64::MAX,
                };
            }
        }
        set
    }

    fn pass(&mut self) -> Pass {
        let (pattern, min, width, part) = (self.narrow(), self.narrow(), self.narrow(), self.narrow());
        let skipped = u8::try_from(self.number()).unwrap_or_default();
        Pass { pattern, min, max: min.saturating_add(width), part, skipped, companion: self.narrow() }
    }

    fn companion(&mut self) -> Companion {
        let (mark, min, width) = (self.narrow(), self.narrow(), self.narrow());
        Companion { mark, min, max: min.saturating_add(width) }
    }

    fn gate(&mut self, sets: &[ByteSet]) -> GateTables {
        let words = self.words();
        let literal = |i| {
            let (passes, marks) = (self.list(Self::pass), self.list(Self::narrow));
            Literal { bytes: words.get(i).to_vec(), passes, marks }
        };
        let literals = (0..words.ends.len()).map(literal).collect();
        let companions = self.list(Self::companion);
        let classes = self.list(|reader| {
            let pass = reader.pass();
            (std::array::from_fn(|_| sets.get(reader.number()).copied().unwrap_or([u64::MAX; 4])), pass)
        });
        GateTables { literals, companions, classes }
    }

    fn structure(&mut self) -> Structure {
        let (pattern, within, flags) = (self.narrow(), self.narrow(), self.byte());
        let (is_across, is_abroad, lead) = (flags & 1 != 0, flags & 2 != 0, flags >> 2);
        Structure { pattern, within, is_across, lead, is_abroad, slots: self.list(Self::concepts) }
    }

    fn skip_node(&mut self) {
        let header = self.number();
        let counts = if header & 3 == kind::REPEAT { 2 } else { 0 };
        for _ in 0..(header >> 2) + counts {
            self.number();
        }
    }
}
