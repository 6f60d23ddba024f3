//! The gate: one pass over a text that says where which pattern is worth trying.
//!
//! The gate may let too much through, but it never loses a match. It looks only at anchors (see
//! [`crate::anchor`]): four bytes hashed into a bitmap, then up to eight compared; or, for patterns without a literal, the
//! next eight bytes looked up in tables of what each pattern allows there. The build refuses a pattern that could
//! match without passing here, and a test compares with the gate taken out.

use std::ops::Range;

use super::candidates::Candidates;
use super::node::union;
use super::tables::{CLASS_PLACES, Companion, GateTables, Pass, contains, set_of};
use crate::anchor::{each_anchor, next_eight};

/// Bits of the hash that choose a bucket.
const BUCKET_BITS: u32 = 10;
/// Sets the case bit of every byte, so that upper and lower case letters look alike (and some punctuation, which the
/// matcher tells apart).
const CASE_BITS: u64 = 0x2020_2020_2020_2020;

/// The tables with an index of the literals. The index takes microseconds to build and a tenth of the download to ship.
#[derive(Debug)]
pub(crate) struct Gate {
    /// For each byte what can begin with it, see [`LITERAL`] and [`CLASS`].
    begins: [u8; 256],
    /// One bit for each hash: whether a literal has it.
    filter: Vec<u64>,
    /// For each upper [`BUCKET_BITS`] of a hash where its literals begin in `literals`, and at last their number.
    buckets: Vec<u16>,
    literals: Vec<Literal>,
    /// The passes and the marks of all literals.
    passes: Vec<Pass>,
    marks: Vec<u16>,
    companions: Vec<Companion>,
    masks: Vec<ClassMasks>,
    /// The passes of class gates, by bit number.
    classes: Vec<Pass>,
}

/// A literal can begin with the byte.
const LITERAL: u8 = 1;
/// A class gate can begin with the byte.
const CLASS: u8 = 2;

/// A literal of four to eight bytes, as a number of which only the bits of `mask` count.
#[derive(Clone, Debug, Default)]
struct Literal {
    word: u64,
    mask: u64,
    passes: Range<u16>,
    marks: Range<u16>,
}

/// For each place behind an anchor and each byte there the class gates, of a group of 32, that still can pass.
type ClassMasks = [[u32; 256]; CLASS_PLACES];

impl Gate {
    /// Indexes the tables.
    pub(crate) fn new(tables: &GateTables) -> Self {
        let (mut passes, mut marks) = (Vec::new(), Vec::new());
        let end = |length: usize| u16::try_from(length).unwrap_or(u16::MAX);
        let literals = tables.literals.iter().map(|literal| {
            let starts = (end(passes.len()), end(marks.len()));
            passes.extend(&literal.passes);
            marks.extend(&literal.marks);
            let word = literal.bytes.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte));
            let mask = literal.bytes.iter().fold(0, |mask, _| mask << 8 | 0xFF);
            Literal { word, mask, passes: starts.0..end(passes.len()), marks: starts.1..end(marks.len()) }
        });
        let literals: Vec<Literal> = literals.collect();
        let mut filter = vec![0; 1 << 10];
        let mut buckets = vec![0; (1 << BUCKET_BITS) + 1];
        for literal in &literals {
            let hash = hash(literal.word);
            if let Some(bits) = filter.get_mut(usize::from(hash / 64)) {
                *bits |= 1 << (hash % 64);
            }
            if let Some(end) = buckets.get_mut(bucket(hash) + 1) {
                *end += 1;
            }
        }
        let mut sum = 0;
        for end in &mut buckets {
            sum += *end;
            *end = sum;
        }
        let literals = in_buckets(&literals, buckets.clone());
        let begins = begins(tables);
        let classes = tables.classes.iter().map(|(_, pass)| *pass).collect();
        let companions = tables.companions.clone();
        Self { begins, filter, buckets, literals, passes, marks, companions, masks: masks(tables), classes }
    }

    /// How many marks literals have.
    pub(crate) fn marks(&self) -> usize {
        self.companions.iter().map(|companion| usize::from(companion.mark) + 1).max().unwrap_or_default()
    }

    /// Notes the candidates of `text` (shorter than 4 GiB) for the wanted patterns, in the order of their anchors.
    pub(crate) fn scan(&self, text: &[u8], candidates: &mut Candidates, is_wanted: impl Fn(usize) -> bool) {
        each_anchor(text, |anchor| {
            let byte = text.get(anchor).copied().unwrap_or_default();
            let begins = self.begins.get(usize::from(byte)).copied().unwrap_or_default();
            if begins & LITERAL != 0 {
                let next = next_eight(text, anchor) | CASE_BITS;
                for literal in self.literals(next) {
                    for mark in of(&self.marks, &literal.marks) {
                        candidates.mark(*mark, anchor);
                    }
                    for pass in of(&self.passes, &literal.passes) {
                        self.note(anchor, pass, text, candidates, &is_wanted);
                    }
                }
            }
            if begins & CLASS != 0 {
                for (group, masks) in self.masks.iter().enumerate() {
                    let mut open = open_classes(masks, text, anchor);
                    while open != 0 {
                        let bit = open.trailing_zeros() as usize;
                        open &= open - 1;
                        if let Some(pass) = self.classes.get(group * 32 + bit) {
                            self.note(anchor, pass, text, candidates, &is_wanted);
                        }
                    }
                }
            }
        });
    }

    fn note(
        &self,
        anchor: usize,
        pass: &Pass,
        text: &[u8],
        candidates: &mut Candidates,
        is_wanted: impl Fn(usize) -> bool,
    ) {
        if is_wanted(pass.pattern.into()) {
            let companion = usize::from(pass.companion).checked_sub(1).and_then(|index| self.companions.get(index));
            candidates.note(anchor, pass, companion, text.len());
        }
    }

    /// The literals that the word begins with.
    fn literals(&self, word: u64) -> impl Iterator<Item = &Literal> {
        let hash = hash(word);
        let is_known = self.filter.get(usize::from(hash / 64)).is_some_and(|bits| bits >> (hash % 64) & 1 == 1);
        let bucket = bucket(hash);
        let bound = |at: usize| self.buckets.get(at).copied().map_or(0, usize::from);
        let range = if is_known { bound(bucket)..bound(bucket + 1) } else { 0..0 };
        self.literals.get(range).unwrap_or_default().iter().filter(move |l| word & l.mask == l.word)
    }
}

/// The part of a list that a literal calls its own.
fn of<'l, T>(list: &'l [T], range: &Range<u16>) -> &'l [T] {
    list.get(range.start.into()..range.end.into()).unwrap_or_default()
}

/// What can begin with each byte.
fn begins(tables: &GateTables) -> [u8; 256] {
    let mut literals = [0; 4];
    for first in tables.literals.iter().filter_map(|literal| literal.bytes.first().copied()) {
        // Their case bits are set, those of the text are not.
        literals = union(literals, set_of([first, first & !0x20]));
    }
    let classes = tables.classes.iter().fold([0; 4], |all, ([first, ..], _)| union(all, *first));
    std::array::from_fn(|byte| {
        let byte = u8::try_from(byte).unwrap_or_default();
        u8::from(contains(&literals, byte)) * LITERAL + u8::from(contains(&classes, byte)) * CLASS
    })
}

fn masks(tables: &GateTables) -> Vec<ClassMasks> {
    let mut groups = Vec::new();
    for classes in tables.classes.chunks(32) {
        let mut masks = [[0; 256]; CLASS_PLACES];
        for (bit, (places, _)) in classes.iter().enumerate() {
            for (mask, set) in masks.iter_mut().zip(places) {
                for (word, open) in set.iter().zip(mask.chunks_mut(64)) {
                    open.iter_mut().zip(0..).for_each(|(open, byte)| *open |= u32::from(word >> byte & 1 == 1) << bit);
                }
            }
        }
        groups.push(masks);
    }
    groups
}

/// The literals in the order of their buckets; `places` says where each bucket begins.
fn in_buckets(literals: &[Literal], mut places: Vec<u16>) -> Vec<Literal> {
    let mut sorted = vec![Literal::default(); literals.len()];
    for literal in literals {
        if let Some(place) = places.get_mut(bucket(hash(literal.word)))
            && let Some(slot) = sorted.get_mut(usize::from(*place))
        {
            slot.clone_from(literal);
            *place += 1;
        }
    }
    sorted
}

/// The bucket of a hash.
fn bucket(hash: u16) -> usize {
    usize::from(hash >> (16 - BUCKET_BITS))
}

/// A 16-bit hash of the first four bytes.
#[expect(clippy::cast_possible_truncation, reason = "the first four bytes, then the upper half of their product")]
fn hash(word: u64) -> u16 {
    ((word as u32).wrapping_mul(0x9E37_79B1) >> 16) as u16
}

/// Which class gates of a group the bytes at and behind `anchor` pass. Behind the end of the text stands NUL, which
/// the tables allow wherever a pattern may be over.
fn open_classes(masks: &ClassMasks, text: &[u8], anchor: usize) -> u32 {
    let mut open = u32::MAX;
    for (place, mask) in masks.iter().enumerate().take(CLASS_PLACES) {
        let byte = text.get(anchor + place).copied().unwrap_or_default();
        open &= mask.get(usize::from(byte)).copied().unwrap_or_default();
        if open == 0 {
            break;
        }
    }
    open
}
