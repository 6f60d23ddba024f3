//! Places where patterns may begin to match, as the gate finds them.

use super::gate::Gate;
use super::tables::{Companion, Pass};
use crate::sort::sort_by_key;

/// Candidates granted to each pattern in a scan, and one more for each so many bytes of the text. A list of e-mail addresses
/// has one in ten bytes; a text made of triggers must not fill the memory, so those beyond become a single long one.
const GRANTED: (usize, usize) = (4_096, 8);
/// Candidates of a pattern that are no further apart than this are one.
const NEAR: u32 = 8;
/// Bytes of a text, as a power of two, for which it is remembered together which literals stand in them.
const BLOCK_BITS: u32 = 6;

/// Places where a pattern may begin to match: any from `first` to `last`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) pattern: u16,
    pub(crate) first: u32,
    pub(crate) last: u32,
    /// An instruction and the place at which it must lead to a match, if one is known.
    pub(crate) check: Option<(u16, u32)>,
    /// A mark that must stand in one of the blocks from the first to the last.
    companion: Option<(u16, u32, u32)>,
}

impl Candidate {
    /// Every place of a text of this length.
    #[cfg(test)]
    pub(crate) fn everywhere(pattern: usize, length: usize) -> Self {
        Self { pattern: pattern as u16, first: 0, last: length as u32, check: None, companion: None }
    }

    /// Takes `next` in, whatever lies between them.
    fn swallow(&mut self, next: &Self) {
        self.first = self.first.min(next.first);
        self.last = self.last.max(next.last);
        self.check = None;
        self.companion = match (self.companion, next.companion) {
            (Some((mark, first, last)), Some((other, from, to))) if mark == other => {
                Some((mark, first.min(from), last.max(to)))
            }
            _ => None,
        };
    }

    /// Takes `next` in, if neither has anything to check and it begins at most `gap` bytes further on. The bytes between
    /// them are tried in vain, which costs less than a candidate.
    fn absorb(&mut self, next: &Self, gap: u32) -> bool {
        let has_checks = |c: &Self| c.check.is_some() || c.companion.is_some();
        let joins = !has_checks(self) && !has_checks(next) && next.first <= self.last.saturating_add(gap);
        if joins {
            self.first = self.first.min(next.first);
            self.last = self.last.max(next.last);
        }
        joins
    }
}

/// The candidates of one text, and memory to find those of the next.
#[derive(Debug, Default)]
pub(crate) struct Candidates {
    list: Vec<Candidate>,
    sorted: Vec<Candidate>,
    /// For each pattern where its candidates begin in `sorted`.
    places: Vec<usize>,
    /// For each pattern how many candidates it has, and where its latest one lies.
    counts: Vec<(usize, usize)>,
    marks: Marks,
}

impl Candidates {
    #[cfg(test)]
    pub(crate) fn of(list: Vec<Candidate>) -> Self {
        Self { list, ..Self::default() }
    }

    /// Whether the gate is passed anywhere, companions or not.
    #[cfg(test)]
    pub(crate) fn are_any(gate: &Gate, patterns: usize, text: &[u8], is_wanted: impl Fn(usize) -> bool) -> bool {
        let mut candidates = Self { counts: vec![(0, usize::MAX); patterns], ..Self::default() };
        gate.scan(text, &mut candidates, is_wanted);
        !candidates.list.is_empty()
    }

    /// Collects the candidates of `texts` for the patterns that are wanted. Offsets count from the beginning of each text.
    pub(crate) fn collect<'t>(
        &mut self,
        gate: &Gate,
        patterns: usize,
        texts: impl IntoIterator<Item = (&'t [u8], impl Fn(usize) -> bool)>,
    ) {
        self.list.clear();
        self.counts.clear();
        self.counts.resize(patterns, (0, usize::MAX));
        for (text, is_wanted) in texts {
            let before = self.list.len();
            self.marks.clear(gate.marks(), text.len());
            gate.scan(text, self, &is_wanted);
            let Self { list, marks, .. } = &mut *self;
            let mut index = 0;
            list.retain(|candidate| {
                index += 1;
                index <= before || marks.have(candidate.companion)
            });
        }
    }

    /// The candidates of each pattern, sorted.
    pub(crate) fn by_pattern(&mut self) -> impl Iterator<Item = &[Candidate]> {
        let Self { list, sorted, places, .. } = self;
        places.clear();
        for candidate in list.iter() {
            let pattern = usize::from(candidate.pattern);
            places.resize(places.len().max(pattern + 2), 0);
            if let Some(next) = places.get_mut(pattern + 1) {
                *next += 1;
            }
        }
        let mut sum = 0;
        for place in places.iter_mut() {
            sum += *place;
            *place = sum;
        }
        sorted.clear();
        sorted.resize(list.len(), Candidate::default());
        for candidate in list.iter() {
            let Some(place) = places.get_mut(usize::from(candidate.pattern)) else { continue };
            if let Some(slot) = sorted.get_mut(*place) {
                *slot = *candidate;
            }
            *place += 1;
        }
        for group in sorted.chunk_by_mut(|a, b| a.pattern == b.pattern) {
            sort_by_key(group, |candidate| (candidate.first, candidate.last));
        }
        sorted.chunk_by(|a, b| a.pattern == b.pattern)
    }

    /// Notes a candidate where `pass` lets its pattern through at `anchor` of a text of `length` bytes.
    pub(crate) fn note(&mut self, anchor: usize, pass: &Pass, companion: Option<&Companion>, length: usize) {
        let Some(last) = anchor.checked_sub(usize::from(pass.min)) else { return };
        let first = anchor.saturating_sub(usize::from(pass.max));
        // Where only one start is possible, trying it is the check.
        let check = anchor.checked_sub(pass.skipped.into()).map(|at| (pass.part, narrow(at)));
        let check = check.filter(|_| pass.part > 0 && first < last);
        let companion = companion.map(|companion| {
            let (min, max) = (usize::from(companion.min), usize::from(companion.max));
            let block = |at: usize| narrow(at.min(length)) >> BLOCK_BITS;
            (companion.mark, block(first + min), block(last + max))
        });
        let (first, last) = (narrow(first), narrow(last));
        let candidate = Candidate { pattern: pass.pattern, first, last, check, companion };
        let Some((count, latest)) = self.counts.get_mut(usize::from(pass.pattern)) else { return };
        if self.list.get_mut(*latest).is_some_and(|latest| latest.absorb(&candidate, NEAR)) {
            return;
        }
        if *count < GRANTED.0 + length / GRANTED.1 {
            (*count, *latest) = (*count + 1, self.list.len());
            self.list.push(candidate);
        } else if let Some(latest) = self.list.get_mut(*latest) {
            latest.swallow(&candidate);
        }
    }

    /// Notes that a literal with this mark stands at `anchor`.
    pub(crate) fn mark(&mut self, mark: u16, anchor: usize) {
        self.marks.set(mark, anchor >> BLOCK_BITS);
    }
}

/// Which marks stand in which blocks of a text.
#[derive(Debug, Default)]
struct Marks {
    /// Words of 64 marks for each block.
    width: usize,
    bits: Vec<u64>,
}

impl Marks {
    fn clear(&mut self, marks: usize, length: usize) {
        self.width = marks.div_ceil(64);
        self.bits.clear();
        self.bits.resize(self.width * ((length >> BLOCK_BITS) + 1), 0);
    }

    fn set(&mut self, mark: u16, block: usize) {
        if let Some(word) = self.bits.get_mut(block * self.width + usize::from(mark / 64)) {
            *word |= 1 << (mark % 64);
        }
    }

    fn have(&self, companion: Option<(u16, u32, u32)>) -> bool {
        let Some((mark, first, last)) = companion else { return true };
        let word = |block: u32| block as usize * self.width + usize::from(mark / 64);
        (first..=last).any(|block| self.bits.get(word(block)).is_some_and(|word| word >> (mark % 64) & 1 == 1))
    }
}

fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}
