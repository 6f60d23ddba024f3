//! The gate: one pass over a text that says where which pattern is worth trying.
//!
//! The gate may let too much through, but it never loses a match. It looks only at anchors (see
//! [`crate::anchor`]): four bytes hashed into a bitmap, then up to eight compared; or, for patterns without a literal, the
//! next eight bytes looked up in tables of what each pattern allows there. The build refuses a pattern that could
//! match without passing here, and a test compares with the gate taken out.

use super::candidates::Candidates;
use super::node::union;
use super::tables::{ByteSet, CLASS_PLACES, Companion, GateTables, Literal, Pass, contains};
use crate::anchor::{each_anchor, next_eight};

/// Bits of the hash that choose a bucket.
const BUCKET_BITS: u32 = 13;
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
    /// For each upper [`BUCKET_BITS`] of a hash the number of its first literal, counted from 1.
    buckets: Vec<u16>,
    literals: Vec<Literal>,
    /// For each literal the number of the next one in its bucket.
    after: Vec<u16>,
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

/// For each place behind an anchor and each byte there the class gates, of a group of 64, that still can pass.
type ClassMasks = [[u64; 256]; CLASS_PLACES];

impl Gate {
    /// Indexes the tables.
    pub(crate) fn new(tables: GateTables) -> Self {
        let mut filter = vec![0; 1 << 10];
        let mut buckets = vec![0; 1 << BUCKET_BITS];
        let mut after = vec![0; tables.literals.len()];
        // From the last to the first, since each is put in front of those that are in its bucket.
        for ((literal, after), number) in tables.literals.iter().zip(&mut after).zip(1..=u16::MAX).rev() {
            let hash = hash(u64::from_le_bytes(literal.bytes));
            if let Some(bits) = filter.get_mut(usize::from(hash / 64)) {
                *bits |= 1 << (hash % 64);
            }
            if let Some(bucket) = buckets.get_mut(bucket(hash)) {
                *after = std::mem::replace(bucket, number);
            }
        }
        let (begins, masks) = (begins(&tables), masks(&tables));
        let GateTables { literals, passes, marks, companions, classes } = tables;
        let classes = classes.into_iter().map(|(_, pass)| pass).collect();
        Self { begins, filter, buckets, literals, after, passes, marks, companions, masks, classes }
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
                self.each_literal(next, |passes, marks| {
                    for mark in marks {
                        candidates.mark(*mark, anchor);
                    }
                    for pass in passes {
                        self.note(anchor, pass, text, candidates, &is_wanted);
                    }
                });
            }
            if begins & CLASS != 0 {
                for (group, masks) in self.masks.iter().enumerate() {
                    let mut open = open_classes(masks, text, anchor);
                    while open != 0 {
                        let bit = open.trailing_zeros() as usize;
                        open &= open - 1;
                        if let Some(pass) = self.classes.get(group * 64 + bit) {
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

    /// Calls `each` with the passes and the marks of every literal that the word begins with.
    fn each_literal(&self, word: u64, mut each: impl FnMut(&[Pass], &[u16])) {
        let hash = hash(word);
        if self.filter.get(usize::from(hash / 64)).is_none_or(|bits| bits >> (hash % 64) & 1 == 0) {
            return;
        }
        let mut number = self.buckets.get(bucket(hash)).copied().unwrap_or_default();
        while let Some(index) = usize::from(number).checked_sub(1)
            && let Some(literal) = self.literals.get(index)
        {
            let mask = u64::MAX.unbounded_shr(64 - 8 * u32::from(literal.length));
            if word & mask == u64::from_le_bytes(literal.bytes) {
                let before = index.checked_sub(1).and_then(|before| self.literals.get(before));
                let (passes, marks) = before.map_or((0, 0), |before| (before.passes_end, before.marks_end));
                let passes = self.passes.get(passes.into()..literal.passes_end.into());
                let marks = self.marks.get(marks.into()..literal.marks_end.into());
                each(passes.unwrap_or_default(), marks.unwrap_or_default());
            }
            number = self.after.get(index).copied().unwrap_or_default();
        }
    }
}

/// What can begin with each byte.
fn begins(tables: &GateTables) -> [u8; 256] {
    let classes = tables.classes.iter().fold([0; 4], |all, ([first, ..], _)| union(all, *first));
    let class = |byte| if contains(&classes, byte) { CLASS } else { 0 };
    let mut begins = std::array::from_fn(|byte| u8::try_from(byte).map_or(0, class));
    for first in tables.literals.iter().map(|literal| literal.bytes[0]) {
        // Their case bits are set, those of the text are not.
        for byte in [first, first & !0x20] {
            if let Some(begins) = begins.get_mut(usize::from(byte)) {
                *begins |= LITERAL;
            }
        }
    }
    begins
}

/// A set changes only at a few bytes. So first it is noted where which class opens or closes, then all are summed up.
fn masks(tables: &GateTables) -> Vec<ClassMasks> {
    let mut groups = Vec::new();
    for classes in tables.classes.chunks(64) {
        let mut masks = [[0; 256]; CLASS_PLACES];
        for (bit, (places, _)) in classes.iter().enumerate() {
            for (mask, set) in masks.iter_mut().zip(places) {
                each_turn(set, |byte| {
                    if let Some(turns) = mask.get_mut(byte) {
                        *turns ^= 1_u64 << bit;
                    }
                });
            }
        }
        for mask in &mut masks {
            let mut open = 0;
            for turns in mask {
                open ^= *turns;
                *turns = open;
            }
        }
        groups.push(masks);
    }
    groups
}

/// Calls `each` with every byte that is in the set while the one before is not, or the other way round.
fn each_turn(set: &ByteSet, mut each: impl FnMut(usize)) {
    let mut before = 0;
    for (word, first) in set.iter().zip((0..).step_by(64)) {
        let mut turns = word ^ (word << 1 | before);
        before = word >> 63;
        while turns != 0 {
            each(first + turns.trailing_zeros() as usize);
            turns &= turns - 1;
        }
    }
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
fn open_classes(masks: &ClassMasks, text: &[u8], anchor: usize) -> u64 {
    let mut open = u64::MAX;
    for (place, mask) in masks.iter().enumerate().take(CLASS_PLACES) {
        let byte = text.get(anchor + place).copied().unwrap_or_default();
        open &= mask.get(usize::from(byte)).copied().unwrap_or_default();
        if open == 0 {
            break;
        }
    }
    open
}
