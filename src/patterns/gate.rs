//! The gate: one pass over a text that says where which pattern is worth trying.
//!
//! The gate may let too much through, but it never loses a match. It looks only at anchors (see
//! [`is_anchor`]): four bytes hashed into a bitmap, then up to eight compared; or, for patterns without a literal, the
//! next eight bytes looked up in tables of what each pattern allows there. The build refuses a pattern that could
//! match without passing here, and a test compares with the gate taken out.

use super::tables::{CLASS_PLACES, ClassMasks, GateTables, Pass, is_anchor};

/// Bits of the hash that choose a bucket.
const BUCKET_BITS: u32 = 10;
/// Sets the case bit of every byte, so that upper and lower case letters look alike (and some punctuation, which the
/// matcher tells apart).
const CASE_BITS: u64 = 0x2020_2020_2020_2020;

/// The tables with an index of the literals. The index takes microseconds to build and a tenth of the download to ship.
pub(crate) struct Gate<'a> {
    tables: &'a GateTables<'a>,
    /// One bit for each hash: whether a literal has it.
    filter: Vec<u64>,
    /// For each upper [`BUCKET_BITS`] of a hash where its literals begin in `literals`, and at last their number.
    buckets: Vec<u16>,
    literals: Vec<Literal>,
}

/// A literal of four to eight bytes, as a number of which only the bits of `mask` count.
#[derive(Clone, Copy, Default)]
struct Literal {
    word: u64,
    mask: u64,
    first_pass: u16,
    passes: u8,
}

/// Places where a pattern may begin to match: any from `first` to `last`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Candidate {
    pub(crate) pattern: u16,
    pub(crate) first: u32,
    pub(crate) last: u32,
    /// An instruction and the place at which it must lead to a match, if one is known.
    pub(crate) check: Option<(u16, u32)>,
}

impl Candidate {
    /// Takes `next` in, if neither has anything to check and it begins at most `gap` bytes further on. The bytes between
    /// them are tried in vain, which costs less than a candidate.
    pub(crate) fn absorb(&mut self, next: &Self, gap: u32) -> bool {
        let joins = self.check.is_none() && next.check.is_none() && next.first <= self.last.saturating_add(gap);
        if joins {
            self.first = self.first.min(next.first);
            self.last = self.last.max(next.last);
        }
        joins
    }
}

impl<'a> Gate<'a> {
    /// Indexes the literals.
    pub(crate) fn new(tables: &'a GateTables<'a>) -> Self {
        let literals = read_literals(tables);
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
        Self { tables, filter, buckets, literals }
    }

    /// Calls `found` with each candidate of `text` (shorter than 4 GiB), in the order of their anchors.
    pub(crate) fn candidates(&self, text: &[u8], mut found: impl FnMut(Candidate)) {
        let mut before = None;
        let mut note = |anchor: usize, pass: &Pass| {
            let Some(last) = anchor.checked_sub(usize::from(pass.min)) else { return };
            let first = anchor.saturating_sub(usize::from(pass.max));
            // Where only one start is possible, trying it is the check.
            let check = anchor.checked_sub(pass.skipped.into()).map(|at| (pass.part, narrow(at)));
            let check = check.filter(|_| pass.part > 0 && first < last);
            found(Candidate { pattern: pass.pattern, first: narrow(first), last: narrow(last), check });
        };
        for (anchor, &byte) in text.iter().enumerate() {
            if is_anchor(before.replace(byte), byte) {
                let next = next_eight(text, anchor);
                for pass in self.literal(next | CASE_BITS).flat_map(|l| self.passes(l)) {
                    note(anchor, pass);
                }
                for (group, masks) in self.tables.masks.iter().enumerate() {
                    let mut open = open_classes(masks, text, anchor);
                    while open != 0 {
                        let bit = open.trailing_zeros() as usize;
                        open &= open - 1;
                        if let Some(pass) = self.tables.classes.get(group * 32 + bit) {
                            note(anchor, pass);
                        }
                    }
                }
            }
        }
    }

    /// The literals that the word begins with.
    fn literal(&self, word: u64) -> impl Iterator<Item = &Literal> {
        let hash = hash(word);
        let is_known = self.filter.get(usize::from(hash / 64)).is_some_and(|bits| bits >> (hash % 64) & 1 == 1);
        let bucket = bucket(hash);
        let bound = |at: usize| self.buckets.get(at).copied().map_or(0, usize::from);
        let range = if is_known { bound(bucket)..bound(bucket + 1) } else { 0..0 };
        self.literals.get(range).unwrap_or_default().iter().filter(move |l| word & l.mask == l.word)
    }

    fn passes(&self, literal: &Literal) -> &[Pass] {
        let first = usize::from(literal.first_pass);
        self.tables.passes.get(first..first + usize::from(literal.passes)).unwrap_or_default()
    }
}

fn read_literals(tables: &GateTables<'_>) -> Vec<Literal> {
    let (mut pool, mut first_pass) = (tables.literals, 0);
    let mut literals = Vec::with_capacity(tables.counts.len());
    for &passes in tables.counts {
        let bytes = pool.split_first().and_then(|(&len, rest)| rest.split_at_checked(len.into()));
        let Some((bytes, rest)) = bytes else { break };
        let word = bytes.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte));
        let mask = bytes.iter().fold(0, |mask, _| mask << 8 | 0xFF);
        literals.push(Literal { word, mask, first_pass, passes });
        first_pass += u16::from(passes);
        pool = rest;
    }
    literals
}

/// The literals in the order of their buckets; `places` says where each bucket begins.
fn in_buckets(literals: &[Literal], mut places: Vec<u16>) -> Vec<Literal> {
    let mut sorted = vec![Literal::default(); literals.len()];
    for literal in literals {
        if let Some(place) = places.get_mut(bucket(hash(literal.word)))
            && let Some(slot) = sorted.get_mut(usize::from(*place))
        {
            *slot = *literal;
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

/// The eight bytes from `at` on as a little-endian number, zeros behind the end.
fn next_eight(text: &[u8], at: usize) -> u64 {
    let rest = text.get(at..).unwrap_or_default();
    if let Some(eight) = rest.first_chunk::<8>() {
        return u64::from_le_bytes(*eight);
    }
    rest.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte))
}

fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}
