//! How patterns are stored: as bytes that are small once compressed, and cheap to read.
//!
//! Texts stand in a file of their own and are used where they lie, as are sets, and words, which stand in a sorted
//! dictionary. The instructions of a pattern are read when it is first tried. What fragments have in
//! common is stored as the same bytes each time, which is what compression looks for. Numbers are LEB128. The reader trusts
//! the writer, `build/pack.rs`: both are parts of the same build.

use std::borrow::Cow;

use super::checksum::{Checksum, Remainder};
use super::pattern::{Pattern, Reads, Validator};
use super::program::{Draft, Program};
use super::structure::Structure;
use super::tables::{ANY, ByteSet, Companion, GateTables, Inst, Literal, Look, Pass};
use super::words::WordLists;
use crate::finding::{Category, Direction, Severity};
use crate::leb128::Reader;

/// What was stored, ready to be used.
#[derive(Debug)]
pub(crate) struct Unpacked {
    pub(crate) patterns: Vec<Pattern>,
    pub(crate) programs: Programs,
    pub(crate) gate: GateTables,
    pub(crate) structures: Vec<Structure>,
}

/// The programs of all patterns.
#[derive(Debug)]
pub(crate) struct Programs {
    stored: Vec<&'static [u8]>,
    words: Words,
    sets: &'static [u8],
}

/// A sorted dictionary.
#[derive(Debug, Default, PartialEq, Eq)]
struct Words {
    bytes: &'static [u8],
    ends: Vec<usize>,
    /// The numbers of those that patterns spell out as they are, and do not make up of parts.
    spelled: Vec<usize>,
}

impl Words {
    fn read(reader: &mut Reader<'static>) -> Self {
        let (mut end, mut spelled) = (0, Vec::new());
        let count = reader.number();
        let word = |index| {
            let head = reader.number();
            if head & 1 == 1 {
                spelled.push(index);
            }
            end += head >> 1;
            end
        };
        let ends = (0..count).map(word).collect();
        Self { bytes: reader.take(end), ends, spelled }
    }

    fn get(&self, index: usize) -> &'static [u8] {
        let end = |index: usize| self.ends.get(index).copied().unwrap_or_default();
        self.bytes.get(index.checked_sub(1).map_or(0, end)..end(index)).unwrap_or_default()
    }
}

/// Kinds of instructions, the lower bits of a number whose upper bits say more.
pub(crate) mod kind {
    /// A list of words: how many lists before the newest, counted from 1; or 0, and the list follows.
    pub(crate) const WORDS: usize = 0;
    pub(crate) const SET: usize = 1;
    /// A set, and whether the run is lazy; least and greatest length follow.
    pub(crate) const REPEAT: usize = 2;
    pub(crate) const BRANCH: usize = 3;
    pub(crate) const JUMP: usize = 4;
    pub(crate) const LOOK: usize = 5;
    pub(crate) const SAVE: usize = 6;
    pub(crate) const BITS: u32 = 3;
}

/// Reads what the build stored.
pub(crate) fn read(bytes: &'static [u8], texts: &'static str) -> Unpacked {
    let mut reader = Reader(bytes);
    let patterns = reader.patterns(texts);
    let words = Words::read(&mut reader);
    let sets = reader.number();
    let sets = reader.take(sets * SET_BYTES);
    let stored = patterns.iter().map(|_| {
        let length = reader.number();
        reader.take(length)
    });
    let programs = Programs { stored: stored.collect(), words, sets };
    let gate = reader.gate(&programs);
    let structures = reader.list(Reader::structure);
    Unpacked { patterns, programs, gate, structures }
}

impl Programs {
    /// The program of the pattern with this number.
    pub(crate) fn read(&self, pattern: usize) -> Program {
        let mut reader = Reader(self.stored.get(pattern).copied().unwrap_or_default());
        let max_len = reader.number();
        let mut draft = Draft::with_capacity(reader.0.len() / 2);
        while !reader.0.is_empty() {
            let head = reader.number();
            let rest = head >> kind::BITS;
            let narrow = u16::try_from(rest).unwrap_or(u16::MAX);
            match head & ((1 << kind::BITS) - 1) {
                kind::WORDS => {
                    let list = draft.lists.len();
                    if rest == 0 {
                        self.list(&mut reader, &mut draft.lists);
                    }
                    draft.words(list.saturating_sub(rest));
                }
                kind::SET => draft.byte(self.set(rest)),
                kind::REPEAT => {
                    let min = reader.narrow();
                    let max = min.saturating_add(reader.narrow());
                    draft.run(self.set(rest >> 1), (min, max), rest & 1 == 1);
                }
                kind::BRANCH => draft.code.push(Inst::Branch { guard: ANY, other: narrow }),
                kind::JUMP => draft.code.push(Inst::Jump(narrow)),
                kind::LOOK => draft.code.extend(Look::ALL.get(rest).map(|look| Inst::Look(*look))),
                kind::SAVE.. => draft.code.push(Inst::Save(u8::from(rest == 1))),
            }
        }
        draft.code.push(Inst::Match);
        draft.finish(max_len)
    }

    /// Calls `each` with the words that patterns spell out.
    pub(crate) fn each_word(&self, each: &mut dyn FnMut(&[u8])) {
        self.words.spelled.iter().for_each(|&index| each(self.words.get(index)));
    }

    fn list(&self, reader: &mut Reader<'_>, lists: &mut WordLists) {
        let mut number = 0;
        let count = reader.number();
        lists.add((0..count).map(|_| {
            number = from_zigzag(number, reader.number());
            self.words.get(number)
        }));
    }

    fn set(&self, index: usize) -> ByteSet {
        let (words, _) = self.sets.get(index * SET_BYTES..).unwrap_or_default().as_chunks();
        let mut words = words.iter().copied().map(u64::from_le_bytes);
        std::array::from_fn(|_| words.next().unwrap_or_default())
    }
}

/// Where a way leads: forward if it is even, back if it is odd.
fn from_zigzag(from: usize, way: usize) -> usize {
    if way & 1 == 0 { from.saturating_add(way >> 1) } else { from.saturating_sub(way >> 1) }
}

/// Bytes of a set.
const SET_BYTES: usize = 32;
/// Bits for the length of a literal without what it has in common with the one before, and above them for the length of that.
pub(crate) const LENGTH_BITS: u32 = 4;
/// Scores are stored in thousandths.
pub(crate) const SCORE_UNITS: f64 = 1000.0;
pub(crate) const DIRECTIONS: [Direction; 2] = [Direction::Input, Direction::Output];
pub(crate) const READS: [Reads; 2] = [Reads::Folded, Reads::Original];

impl Reader<'_> {
    /// Takes a text off the beginning of `texts`.
    fn text(&mut self, texts: &mut &'static str) -> Cow<'static, str> {
        let (text, rest) = texts.split_at_checked(self.number()).unwrap_or_default();
        *texts = rest;
        text.into()
    }

    fn choice<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        let index = self.number();
        all.get(index).copied()
    }

    fn patterns(&mut self, mut texts: &'static str) -> Vec<Pattern> {
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
            explanation: Cow::default(),
        };
        let mut patterns = self.list(|reader| new(reader.text(&mut texts)));
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
            pattern.unless = self.list(|reader| reader.text(&mut texts));
        }
        for pattern in &mut patterns {
            pattern.explanation = self.text(&mut texts);
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

    fn pass(&mut self) -> Pass {
        let (pattern, min, width, part) = (self.narrow(), self.narrow(), self.narrow(), self.narrow());
        let skipped = u8::try_from(self.number()).unwrap_or_default();
        Pass { pattern, min, max: min.saturating_add(width), part, skipped, companion: self.narrow() }
    }

    fn companion(&mut self) -> Companion {
        let (mark, min, width) = (self.narrow(), self.narrow(), self.narrow());
        Companion { mark, min, max: min.saturating_add(width) }
    }

    fn gate(&mut self, programs: &Programs) -> GateTables {
        let lengths = self.list(Self::number);
        let entries: Vec<u16> = lengths.iter().map(|_| self.narrow()).collect();
        let mut tables = GateTables { literals: Vec::with_capacity(lengths.len()), ..GateTables::default() };
        let mut bytes = [0; 8];
        for (head, entry) in lengths.into_iter().zip(entries) {
            let (shared, rest) = (head >> LENGTH_BITS, self.take(head & ((1 << LENGTH_BITS) - 1)));
            let rest_and_zeros = rest.iter().copied().chain(std::iter::repeat(0));
            bytes.iter_mut().skip(shared).zip(rest_and_zeros).for_each(|(place, byte)| *place = byte);
            let length = u8::try_from(shared + rest.len()).unwrap_or_default();
            tables.literals.push(Literal { bytes, length, entry });
        }
        for _ in 0..self.number() {
            let (passes, marks) = (self.number(), self.number());
            tables.passes.extend((0..passes).map(|_| self.pass()));
            tables.marks.extend((0..marks).map(|_| self.narrow()));
            tables.entry();
        }
        tables.companions = self.list(Self::companion);
        tables.classes = self.list(|reader| {
            let pass = reader.pass();
            (std::array::from_fn(|_| programs.set(reader.number())), pass)
        });
        tables
    }

    fn structure(&mut self) -> Structure {
        let (pattern, within, flags) = (self.narrow(), self.narrow(), self.byte());
        let (is_across, is_abroad, lead) = (flags & 1 != 0, flags & 2 != 0, flags >> 2);
        Structure { pattern, within, is_across, lead, is_abroad, slots: self.list(Self::concepts) }
    }
}
