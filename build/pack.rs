//! Stores patterns as `src/patterns/packed.rs` reads them.

#![allow(clippy::indexing_slicing, reason = "a mistake here stops the build")]

use crate::finding::{Category, Severity};
use crate::patterns::checksum::{Checksum, Remainder};
use crate::patterns::compile::Compiled;
use crate::patterns::node::Node;
use crate::patterns::packed::{DIRECTIONS, LENGTH_BITS, READS, SCORE_UNITS, kind};
use crate::patterns::pattern::{Pattern, Validator};
use crate::patterns::program::Program;
use crate::patterns::structure::Structure;
use crate::patterns::tables::{ByteSet, CLASS_PLACES, Companion, GateTables, Inst, Look, Pass, Run};
use crate::patterns::words::WordLists;
use crate::sort::sort_and_dedup;

/// Stores patterns with their programs and their gate: numbers, and texts.
pub(crate) fn pack(Compiled { patterns, trees, gate, structures }: &Compiled) -> (Vec<u8>, String) {
    let programs: Vec<Program> = trees.iter().map(Program::new).collect();
    let mut spelled = Vec::new();
    for tree in trees {
        collect_words(tree, &mut spelled);
    }
    sort_and_dedup(&mut spelled);
    let mut words: Vec<&[u8]> = programs.iter().flat_map(|program| all_words(&program.lists)).collect();
    words.extend(&spelled);
    sort_and_dedup(&mut words);
    let mut sets = Vec::new();
    let programs: Vec<Vec<u8>> = programs.iter().map(|program| write(program, &words, &mut sets)).collect();
    let places: Vec<[usize; CLASS_PLACES]> =
        gate.classes.iter().map(|(places, _)| places.map(|set| set_index(&mut sets, set))).collect();
    let mut writer = Writer::default();
    let texts = writer.patterns(patterns);
    writer.list(&words, |writer, word| {
        writer.number(word.len() << 1 | usize::from(spelled.binary_search(word).is_ok()));
    });
    writer.column(&words, |writer, word| writer.0.extend(*word));
    writer.list(&sets, Writer::set);
    writer.column(&programs, |writer, program| writer.text(program));
    writer.gate(gate, &places);
    writer.list(structures, Writer::structure);
    (writer.0, texts)
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

fn all_words(lists: &WordLists) -> impl Iterator<Item = &[u8]> {
    (0..lists.len()).flat_map(|list| lists.words(list)).map(|number| lists.word(number))
}

/// What stands for a program whose words and sets are among these.
fn write(program: &Program, words: &[&[u8]], sets: &mut Vec<ByteSet>) -> Vec<u8> {
    let mut set = |index: u16| set_index(sets, program.sets[usize::from(index)]);
    let mut writer = Writer::default();
    writer.number(program.max_len);
    let mut lists = 0;
    for inst in &program.code {
        let (kind, rest) = match *inst {
            Inst::Words(list) => (kind::WORDS, lists - usize::from(list)),
            Inst::Set(index) => (kind::SET, set(index)),
            Inst::Repeat(run) => {
                let Run { set: index, lazy, .. } = program.runs[usize::from(run)];
                (kind::REPEAT, set(index) << 1 | usize::from(lazy))
            }
            Inst::Branch { other, .. } => (kind::BRANCH, other.into()),
            Inst::Jump(target) => (kind::JUMP, target.into()),
            Inst::Look(look) => (kind::LOOK, Look::ALL.iter().position(|known| *known == look).unwrap_or_default()),
            Inst::Save(slot) => (kind::SAVE, slot.into()),
            Inst::Match => continue, // stands at the end and nowhere else
        };
        writer.number(rest << kind::BITS | kind);
        match *inst {
            Inst::Words(list) if usize::from(list) == lists => {
                lists += 1;
                let numbers = program.lists.words(list.into());
                writer.number(numbers.len());
                let mut before = 0;
                for number in numbers {
                    let index = words.binary_search(&program.lists.word(number)).unwrap_or_default();
                    writer.number(zigzag(std::mem::replace(&mut before, index), index));
                }
            }
            Inst::Repeat(run) => {
                let Run { min, max, .. } = program.runs[usize::from(run)];
                writer.number(min.into());
                writer.number((max - min).into());
            }
            _ => {}
        }
    }
    writer.0
}

/// For each word how much it has in common with the one before, and what follows that.
fn front_coded<'w>(words: impl Iterator<Item = &'w [u8]>) -> impl Iterator<Item = (usize, &'w [u8])> {
    let mut before: &[u8] = &[];
    words.map(move |word| {
        let shared = word.iter().zip(before).take_while(|(a, b)| a == b).count();
        before = word;
        (shared, &word[shared..])
    })
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

    /// Column by column: what stands side by side is alike. The texts, whose lengths are stored.
    fn patterns(&mut self, patterns: &[Pattern]) -> String {
        self.list(patterns, |writer, pattern| writer.number(pattern.id.len()));
        self.column(patterns, |writer, pattern| writer.choice(&Category::ALL, Some(&pattern.category)));
        self.column(patterns, |writer, pattern| writer.choice(&Severity::ALL, Some(&pattern.severity)));
        self.column(patterns, |writer, pattern| writer.number(thousandths(pattern.score)));
        self.column(patterns, |writer, pattern| writer.choice(&DIRECTIONS, pattern.direction.as_ref()));
        self.column(patterns, |writer, pattern| writer.choice(&READS, Some(&pattern.reads)));
        self.column(patterns, |writer, pattern| writer.choice(&Validator::ALL, pattern.validator.as_ref()));
        self.column(patterns, |writer, pattern| writer.list(&pattern.checksums, Self::checksum));
        self.column(patterns, |writer, pattern| {
            writer.list(&pattern.unless, |writer, word| writer.number(word.len()));
        });
        self.column(patterns, |writer, pattern| writer.number(pattern.explanation.len()));
        let ids = patterns.iter().map(|pattern| &*pattern.id);
        let unless = patterns.iter().flat_map(|pattern| &pattern.unless).map(|word| &**word);
        ids.chain(unless).chain(patterns.iter().map(|pattern| &*pattern.explanation)).collect()
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

    /// All its bits: alike sets are what compression looks for.
    fn set(&mut self, set: &ByteSet) {
        self.0.extend(set.iter().flat_map(|word| word.to_le_bytes()));
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
        let literals = gate.literals.iter().map(|literal| &literal.bytes[..literal.length.into()]);
        let coded: Vec<(usize, &[u8])> = front_coded(literals).collect();
        self.list(&coded, |writer, (shared, rest)| writer.number(shared << LENGTH_BITS | rest.len()));
        self.column(&gate.literals, |writer, literal| writer.number(literal.entry.into()));
        self.column(&coded, |writer, (_, rest)| writer.0.extend(*rest));
        self.number(gate.entries.len());
        let mut start = (0, 0);
        for entry in &gate.entries {
            let end = (entry.passes_end.into(), entry.marks_end.into());
            self.number(end.0 - start.0);
            self.number(end.1 - start.1);
            self.column(&gate.passes[start.0..end.0], Self::pass);
            self.column(&gate.marks[start.1..end.1], |writer, mark| writer.number((*mark).into()));
            start = end;
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
