//! Stores patterns as `src/patterns/packed.rs` reads them.

use crate::finding::{Category, Severity};
use crate::patterns::checksum::{Checksum, Remainder};
use crate::patterns::compile::Compiled;
use crate::patterns::node::Node;
use crate::patterns::packed::{DIRECTIONS, READS, SCORE_UNITS, child, kind};
use crate::patterns::pattern::{Pattern, Validator};
use crate::patterns::structure::Structure;
use crate::patterns::tables::{ByteSet, CLASS_PLACES, Companion, GateTables, Look, Pass, contains};
use crate::sort::sort_and_dedup;

/// Stores patterns with their trees and their gate.
pub(crate) fn pack(Compiled { patterns, trees, gate, structures }: &Compiled) -> Vec<u8> {
    let mut words = Vec::new();
    for tree in trees {
        collect_words(tree, &mut words);
    }
    sort_and_dedup(&mut words);
    let mut writer = Writer::default();
    writer.patterns(patterns);
    writer.words(words.iter().copied());
    let mut nodes = NodeWriter { words: &words, ids: Vec::new(), sets: Vec::new(), out: Writer::default() };
    // A tree of a single child, so that every tree has a node.
    let roots: Vec<usize> = trees.iter().map(|tree| nodes.node(&Node::Concat(vec![tree.clone()]))).collect();
    let NodeWriter { ids, mut sets, out, .. } = nodes;
    let places: Vec<[usize; CLASS_PLACES]> =
        gate.classes.iter().map(|(places, _)| places.map(|set| set_index(&mut sets, set))).collect();
    writer.list(&sets, |writer, set| writer.set(*set));
    writer.number(ids.len());
    writer.number(out.0.len());
    writer.0.extend(out.0);
    let mut before = 0;
    for root in roots {
        writer.number(zigzag(std::mem::replace(&mut before, root), root));
    }
    writer.gate(gate, &places);
    writer.list(structures, Writer::structure);
    writer.0
}

fn collect_words<'n>(node: &'n Node, words: &mut Vec<&'n [u8]>) {
    match node {
        Node::Literal(bytes) => words.push(bytes),
        Node::Repeat { node, .. } | Node::Capture(node) => collect_words(node, words),
        Node::Concat(nodes) | Node::Alternation(nodes) => {
            for node in nodes {
                collect_words(node, words);
            }
        }
        Node::Empty | Node::Class(_) | Node::Look(_) => {}
    }
}

fn set_index(sets: &mut Vec<ByteSet>, set: ByteSet) -> usize {
    sets.iter().position(|known| *known == set).unwrap_or_else(|| {
        sets.push(set);
        sets.len() - 1
    })
}

/// The way from one number to another as a number that is small if the way is short.
fn zigzag(from: usize, to: usize) -> usize {
    if to >= from { (to - from) << 1 } else { (from - to) << 1 | 1 }
}

/// Writes nodes, children first and equal ones once.
struct NodeWriter<'w> {
    words: &'w [&'w [u8]],
    /// The nodes written so far; a node's place is its number.
    ids: Vec<Node>,
    sets: Vec<ByteSet>,
    out: Writer,
}

impl NodeWriter<'_> {
    /// The number of the node, which has children.
    fn node(&mut self, node: &Node) -> usize {
        if let Some(id) = self.ids.iter().position(|known| known == node) {
            return id;
        }
        let (kind, children) = match node {
            Node::Alternation(branches) => (kind::ALTERNATION, branches.as_slice()),
            Node::Repeat { node, .. } => (kind::REPEAT, std::slice::from_ref(&**node)),
            Node::Capture(node) => (kind::CAPTURE, std::slice::from_ref(&**node)),
            Node::Concat(parts) => (kind::CONCAT, parts.as_slice()),
            Node::Empty | Node::Literal(_) | Node::Class(_) | Node::Look(_) => (kind::CONCAT, &[][..]),
        };
        let mut word = 0;
        let children: Vec<(usize, usize)> = children.iter().map(|child| self.child(child, &mut word)).collect();
        let id = self.ids.len();
        self.out.number(children.len() << 2 | kind);
        for (tag, number) in children {
            self.out.number(if tag == child::NODE { id - number } else { number } << 2 | tag);
        }
        if let Node::Repeat { min, max, lazy, .. } = node {
            self.out.number((*min).into());
            self.out.number(usize::from(max - min) << 1 | usize::from(*lazy));
        }
        self.ids.push(node.clone());
        id
    }

    /// What the child is, and which one.
    fn child(&mut self, node: &Node, word: &mut usize) -> (usize, usize) {
        match node {
            Node::Literal(bytes) => {
                let index = self.words.binary_search(&&**bytes).unwrap_or_default();
                (child::WORD, zigzag(std::mem::replace(word, index), index))
            }
            Node::Class(set) => (child::SET, set_index(&mut self.sets, *set)),
            Node::Look(look) => (child::LOOK, Look::ALL.iter().position(|l| l == look).unwrap_or_default()),
            Node::Empty => (child::LOOK, Look::ALL.len()),
            _ => (child::NODE, self.node(node)),
        }
    }
}

#[derive(Default)]
pub(crate) struct Writer(pub(crate) Vec<u8>);

impl Writer {
    pub(crate) fn number(&mut self, mut number: usize) {
        while number > 0x7F {
            self.0.push(number.to_le_bytes()[0] | 0x80);
            number >>= 7;
        }
        self.0.push(number.to_le_bytes()[0]);
    }

    fn text(&mut self, text: &[u8]) {
        self.number(text.len());
        self.0.extend(text);
    }

    fn column<T>(&mut self, items: &[T], one: impl Fn(&mut Self, &T)) {
        for item in items {
            one(self, item);
        }
    }

    pub(crate) fn list<T>(&mut self, items: &[T], one: impl Fn(&mut Self, &T)) {
        self.number(items.len());
        self.column(items, one);
    }

    /// What a choice is among all choices; the one behind all of them is none.
    fn choice<T: PartialEq>(&mut self, all: &[T], choice: Option<&T>) {
        self.number(all.iter().position(|one| Some(one) == choice).unwrap_or(all.len()));
    }

    /// Column by column: what stands side by side is alike.
    fn patterns(&mut self, patterns: &[Pattern]) {
        self.list(patterns, |writer, pattern| writer.text(pattern.id.as_bytes()));
        self.column(patterns, |writer, pattern| writer.choice(&Category::ALL, Some(&pattern.category)));
        self.column(patterns, |writer, pattern| writer.choice(&Severity::ALL, Some(&pattern.severity)));
        self.column(patterns, |writer, pattern| writer.number(thousandths(pattern.score)));
        self.column(patterns, |writer, pattern| writer.choice(&DIRECTIONS, pattern.direction.as_ref()));
        self.column(patterns, |writer, pattern| writer.choice(&READS, Some(&pattern.reads)));
        self.column(patterns, |writer, pattern| writer.choice(&Validator::ALL, pattern.validator.as_ref()));
        self.column(patterns, |writer, pattern| writer.list(&pattern.checksums, Self::checksum));
        self.column(patterns, |writer, pattern| {
            writer.list(&pattern.unless, |writer, word| writer.text(word.as_bytes()));
        });
        self.column(patterns, |writer, pattern| writer.text(pattern.explanation.as_bytes()));
    }

    fn checksum(&mut self, checksum: &Checksum) {
        self.number(checksum.letters.into());
        self.text(&checksum.weights);
        self.number(checksum.modulus.into());
        match &checksum.remainder {
            Remainder::Gives(all) => self.text(all),
            Remainder::Is(wanted) => self.text(&[*wanted]),
        }
        self.number(matches!(checksum.remainder, Remainder::Is(_)).into());
    }

    /// Each word: how much of the one before it keeps, and what follows that.
    fn words<'w>(&mut self, words: impl ExactSizeIterator<Item = &'w [u8]>) {
        self.number(words.len());
        let mut before: &[u8] = &[];
        for word in words {
            let shared = word.iter().zip(before).take_while(|(a, b)| a == b).count();
            self.number(shared);
            self.text(word.get(shared..).unwrap_or_default());
            before = word;
        }
    }

    /// Where the set changes from bytes that it lacks to bytes that it holds and back.
    fn set(&mut self, set: ByteSet) {
        let turns: Vec<u8> = (0..=u8::MAX).filter(|&b| contains(&set, b) != (b > 0 && contains(&set, b - 1))).collect();
        self.text(&turns);
    }

    fn pass(&mut self, pass: &Pass) {
        self.number(pass.pattern.into());
        self.number(pass.min.into());
        self.number((pass.max - pass.min).into());
        self.number(pass.part.into());
        self.number(pass.skipped.into());
        self.number(pass.companion.into());
    }

    fn structure(&mut self, Structure { pattern, slots, within, is_across, lead, is_abroad }: &Structure) {
        self.number((*pattern).into());
        self.number((*within).into());
        self.0.push(u8::from(*is_across) | u8::from(*is_abroad) << 1 | *lead << 2);
        self.list(slots, |writer, slot| {
            let numbers: Vec<usize> = slot.numbers().collect();
            writer.list(&numbers, |writer, number| writer.number(*number));
        });
    }

    fn companion(&mut self, companion: Companion) {
        self.number(companion.mark.into());
        self.number(companion.min.into());
        self.number((companion.max - companion.min).into());
    }

    fn gate(&mut self, gate: &GateTables, places: &[[usize; CLASS_PLACES]]) {
        self.words(gate.literals.iter().map(|literal| literal.bytes.as_slice()));
        for literal in &gate.literals {
            self.list(&literal.passes, Self::pass);
            self.list(&literal.marks, |writer, mark| writer.number((*mark).into()));
        }
        self.list(&gate.companions, |writer, companion| writer.companion(*companion));
        self.number(gate.classes.len());
        for ((_, pass), places) in gate.classes.iter().zip(places) {
            self.pass(pass);
            self.column(places, |writer, set| writer.number(*set));
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "scores lie between 0 and 1")]
fn thousandths(score: f64) -> usize {
    (score * SCORE_UNITS).round() as usize
}
