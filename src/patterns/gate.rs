//! The gate: one pass over a text that says where which pattern is worth trying.
//!
//! The gate may let too much through, but it never loses a match. It looks only at anchors (see
//! [`crate::anchor`]): four bytes hashed into a bitmap, then up to eight compared; or, for patterns without a literal, the
//! next eight bytes looked up in tables of what each pattern allows there. The build refuses a pattern that could
//! match without passing here, and a test compares with the gate taken out.

use super::candidates::Candidates;
use super::node::union;
use super::tables::{ByteSet, CLASS_PLACES, Companion, Entry, GateTables, Literal, Pass, contains};
use crate::anchor::{each_anchor, next_eight};

/// Bits of a hash that choose a group of literals, each of which has a word of the filter.
const GROUP_BITS: u32 = 10;
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
    /// For each group where its literals begin; last where all end.
    groups: Vec<u32>,
    literals: Vec<Literal>,
    entries: Vec<Entry>,
    /// The passes and the marks of all entries.
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
        let mut filter = vec![0; 1 << GROUP_BITS];
        let mut groups = vec![0; (1 << GROUP_BITS) + 1];
        for literal in &tables.literals {
            let (group, bit) = place(u64::from_le_bytes(literal.bytes));
            if let (Some(bits), Some(count)) = (filter.get_mut(group), groups.get_mut(group)) {
                *bits |= bit;
                *count += 1;
            }
        }
        let mut end = 0;
        for count in &mut groups {
            end += *count;
            *count = end;
        }
        let mut literals = vec![Literal::default(); tables.literals.len()];
        // From the end of each group to its beginning, where the first one comes to stand.
        for literal in tables.literals.iter().rev() {
            let (group, _) = place(u64::from_le_bytes(literal.bytes));
            let Some(at) = groups.get_mut(group) else { continue };
            *at -= 1;
            if let Some(slot) = literals.get_mut(*at as usize) {
                *slot = *literal;
            }
        }
        let (begins, masks) = (begins(&tables), masks(&tables));
        let GateTables { entries, passes, marks, companions, classes, .. } = tables;
        let classes = classes.into_iter().map(|(_, pass)| pass).collect();
        Self { begins, filter, groups, literals, entries, passes, marks, companions, masks, classes }
    }

    /// How many marks literals have.
    pub(crate) fn marks(&self) -> usize {
        self.companions.iter().map(|companion| usize::from(companion.mark) + 1).max().unwrap_or_default()
    }

    /// Notes the candidates of `text` (shorter than 4 GiB) for the wanted patterns, in the order of their anchors.
    pub(crate) fn scan(&self, text: &[u8], candidates: &mut Candidates, is_wanted: impl Fn(usize) -> bool) {
        each_anchor(text, |anchor| {
            let next = next_eight(text, anchor);
            let [byte, ..] = next.to_le_bytes();
            let begins = self.begins.get(usize::from(byte)).copied().unwrap_or_default();
            if begins & LITERAL != 0 {
                self.each_literal(next | CASE_BITS, |passes, marks| {
                    for mark in marks {
                        candidates.mark(*mark, anchor);
                    }
                    for pass in passes {
                        self.note(anchor, pass, text, candidates, &is_wanted);
                    }
                });
            }
            if begins & CLASS != 0 {
                for (masks, passes) in self.masks.iter().zip(self.classes.chunks(64)) {
                    let mut open = open_classes(masks, next);
                    while open != 0 {
                        let bit = open.trailing_zeros() as usize;
                        open &= open - 1;
                        if let Some(pass) = passes.get(bit) {
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
        let (group, bit) = place(word);
        if self.filter.get(group).is_none_or(|bits| bits & bit == 0) {
            return;
        }
        let start = |group: usize| self.groups.get(group).map_or(0, |&start| start as usize);
        for literal in self.literals.get(start(group)..start(group + 1)).unwrap_or_default() {
            let mask = u64::MAX.unbounded_shr(64 - 8 * u32::from(literal.length));
            if word & mask == u64::from_le_bytes(literal.bytes) {
                let (passes, marks) = self.entry(literal.entry.into());
                each(passes, marks);
            }
        }
    }

    /// The passes and the marks of the entry with this number.
    fn entry(&self, number: usize) -> (&[Pass], &[u16]) {
        let end = |number: usize| self.entries.get(number).map_or((0, 0), |end| (end.passes_end, end.marks_end));
        let (start, end) = (number.checked_sub(1).map_or((0, 0), end), end(number));
        let passes = self.passes.get(start.0.into()..end.0.into());
        (passes.unwrap_or_default(), self.marks.get(start.1.into()..end.1.into()).unwrap_or_default())
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

/// The group of what begins with these bytes, of which four count, and its bit in the word of the filter.
#[expect(clippy::cast_possible_truncation, reason = "the lower half is the first four bytes")]
fn place(word: u64) -> (usize, u64) {
    let hash = (word as u32).wrapping_mul(0x9E37_79B1);
    ((hash >> (32 - GROUP_BITS)) as usize, 1 << (hash >> (32 - GROUP_BITS - 6) & 63))
}

/// Which class gates of a group these bytes pass. Behind the end of the text stands NUL, which the tables allow wherever a
/// pattern may be over.
fn open_classes(masks: &ClassMasks, next: u64) -> u64 {
    let mut open = u64::MAX;
    for (mask, byte) in masks.iter().zip(next.to_le_bytes()) {
        open &= mask.get(usize::from(byte)).copied().unwrap_or_default();
        if open == 0 {
            break;
        }
    }
    open
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_literals_than_sixteen_bits_count_all_pass() {
        let mut tables = GateTables { passes: vec![Pass::default()], ..GateTables::default() };
        tables.entry();
        let word = |number: u32| u64::from(number).wrapping_mul(0x9E37_79B9_7F4A_7C15) | CASE_BITS;
        let literal = |number| Literal { bytes: word(number).to_le_bytes(), length: 8, entry: 0 };
        tables.literals = (0..70_000).map(literal).collect();
        let gate = Gate::new(tables);
        for number in 0..70_000 {
            let mut is_let_through = false;
            gate.each_literal(word(number), |passes, _| is_let_through |= !passes.is_empty());
            assert!(is_let_through, "{number}");
        }
    }
}
