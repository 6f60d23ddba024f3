//! Attempts to match on a text that goes on: which matches are certain, and from where on anything may still become one.
//!
//! An attempt that did not look at the end of the text ends the same way whatever comes; one that did is repeated when more
//! has come. So what must be held back follows from the patterns themselves, byte for byte.

use super::matcher::OutOfSteps;
use super::tables::{CLASS_PLACES, Inst, Look, contains};
use super::{Finder, Pattern, PatternSet, Patterns, Program, Reads, STEPS, context, reach, validators};
use crate::finding::Direction;
use crate::span::Span;

/// The attempts on one text so far.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    /// Those that looked at the end: where they begin, in order, and with which pattern.
    open: Vec<(usize, usize)>,
    /// Matches that are certain, in no order.
    pub(crate) certain: Vec<Certain>,
    /// Where attempts have not begun yet.
    next: usize,
}

/// A match that is certain.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Certain {
    pub(crate) whole: Span,
    pub(crate) is_threat: bool,
}

impl Tail {
    /// No attempts yet on a text whose beginning does not matter.
    pub(crate) fn from(next: usize) -> Self {
        Self { next, ..Self::default() }
    }

    /// Where the first attempt begins that is not over.
    pub(crate) fn open_from(&self) -> Option<usize> {
        self.open.first().map(|(at, _)| *at)
    }

    /// Takes open attempts for failed.
    pub(crate) fn give_up(&mut self) {
        self.open.clear();
    }

    /// Counts from `bytes` further on; what lies before that is forgotten.
    pub(crate) fn forget(&mut self, bytes: usize) {
        self.next = self.next.saturating_sub(bytes);
        self.open.retain_mut(|(at, _)| {
            let stays = *at >= bytes;
            *at = at.saturating_sub(bytes);
            stays
        });
        self.certain.retain_mut(|Certain { whole, .. }| {
            let stays = whole.start >= bytes;
            *whole = Span { start: whole.start.saturating_sub(bytes), end: whole.end.saturating_sub(bytes) };
            stays
        });
    }
}

/// Whether streams are held back for it: personal data and secrets, which must not get out, and the channels that only a text
/// of a model opens, such as an image whose address carries data out.
fn is_held(pattern: &Pattern) -> bool {
    !pattern.category.is_threat() || pattern.direction == Some(Direction::Output)
}

/// Which patterns may match at a place, by the bytes that stand there.
#[derive(Debug)]
pub(crate) struct Starts {
    /// The patterns that are looked for.
    patterns: Vec<u16>,
    /// Words of 64 patterns.
    width: usize,
    /// For each of the first places, and each byte that may stand there, a bit for each pattern that allows it.
    allowed: Vec<u64>,
    /// A bit for each pattern that begins nowhere but at the edge of a word.
    edge: Vec<u64>,
}

impl Starts {
    fn new(set: &PatternSet) -> Self {
        // Structures have no instructions.
        let is_looked_for = |index: u16, pattern: &Pattern| {
            is_held(pattern) && set.program(index.into()).is_some_and(|program| program.max_len > 0)
        };
        let all = (0_u16..).zip(&set.patterns).filter(|(index, pattern)| is_looked_for(*index, pattern));
        let patterns: Vec<u16> = all.map(|(index, _)| index).collect();
        let width = patterns.len().div_ceil(64);
        let mut starts =
            Self { width, allowed: vec![0; CLASS_PLACES * 256 * width], edge: vec![0; width], patterns: Vec::new() };
        for (number, &index) in patterns.iter().enumerate() {
            let (Some(pattern), Some(program)) = (set.patterns.get(usize::from(index)), set.program(index.into()))
            else {
                continue;
            };
            let (word, bit) = (number / 64, 1 << (number % 64));
            if begins_at_edge(program) {
                starts.edge.iter_mut().skip(word).take(1).for_each(|edge| *edge |= bit);
            }
            for (place, bytes) in reach::places(program).into_iter().enumerate() {
                for byte in 0..=u8::MAX {
                    // Folded text has no capitals, but the text that it is looked for in has.
                    let read = if pattern.reads == Reads::Folded { byte.to_ascii_lowercase() } else { byte };
                    let slot = starts.slot(place, byte) + word;
                    if bytes.is_none_or(|bytes| contains(&bytes, read)) {
                        starts.allowed.iter_mut().skip(slot).take(1).for_each(|allowed| *allowed |= bit);
                    }
                }
            }
        }
        Self { patterns, ..starts }
    }

    fn slot(&self, place: usize, byte: u8) -> usize {
        (place * 256 + usize::from(byte)) * self.width
    }

    /// The patterns that may match at `at`, as far as the text goes.
    fn at(&self, text: &[u8], at: usize) -> impl Iterator<Item = usize> {
        let is_edge = Look::WordBoundary.holds(text, at);
        let bytes = text.get(at..).unwrap_or_default();
        (0..self.width).flat_map(move |word| {
            let bits = |slot: usize| self.allowed.get(slot + word).copied().unwrap_or_default();
            let mut mask = if is_edge { u64::MAX } else { !self.edge.get(word).copied().unwrap_or_default() };
            for (place, byte) in bytes.iter().take(CLASS_PLACES).enumerate() {
                mask &= bits(self.slot(place, *byte));
                if mask == 0 {
                    break;
                }
            }
            let numbers = std::iter::from_fn(move || {
                let bit = mask.trailing_zeros();
                mask &= mask.wrapping_sub(1);
                (bit < 64).then_some(word * 64 + bit as usize)
            });
            numbers.filter_map(|number| self.patterns.get(number).map(|index| usize::from(*index)))
        })
    }
}

fn begins_at_edge(program: &Program) -> bool {
    let first = program.code.iter().find(|inst| !matches!(inst, Inst::Save(_)));
    first == Some(&Inst::Look(Look::WordBoundary))
}

impl Finder {
    /// Goes on with the attempts on `text`, and begins new ones before `limit`.
    pub(crate) fn go_on(
        &mut self,
        patterns: &Patterns,
        text: &[u8],
        limit: usize,
        tail: &mut Tail,
    ) -> Result<(), OutOfSteps> {
        let folded = text.to_ascii_lowercase();
        let mut budget = u32::try_from(text.len()).unwrap_or(u32::MAX).saturating_mul(STEPS.1).saturating_add(STEPS.0);
        for (at, pattern) in std::mem::take(&mut tail.open) {
            for (first, set) in patterns.sets() {
                if let Some(index) = pattern.checked_sub(first).filter(|index| *index < set.patterns.len()) {
                    self.attempt((set, index, pattern), (text, &folded), at, tail, &mut budget)?;
                }
            }
        }
        for at in tail.next..limit {
            for (first, set) in patterns.sets() {
                for index in set.starts.get_or_init(|| Starts::new(set)).at(text, at) {
                    self.attempt((set, index, first + index), (text, &folded), at, tail, &mut budget)?;
                }
            }
        }
        tail.next = tail.next.max(limit);
        Ok(())
    }

    fn attempt(
        &mut self,
        (set, index, number): (&PatternSet, usize, usize),
        (text, folded): (&[u8], &[u8]),
        at: usize,
        tail: &mut Tail,
        budget: &mut u32,
    ) -> Result<(), OutOfSteps> {
        let (Some(pattern), Some(program)) = (set.patterns.get(index), set.program(index)) else { return Ok(()) };
        let text = if pattern.reads == Reads::Folded { folded } else { text };
        let matched = self.matcher.match_at(program, text, at, budget)?;
        if self.matcher.reached_end {
            tail.open.push((at, number));
        } else if let Some(matched) = matched
            && validators::judge(pattern, matched.reported.of(text)).is_some()
            && !context::speaks_against(&pattern.unless, text, matched.reported.start)
        {
            let is_threat = pattern.category.is_threat();
            tail.certain.push(Certain { whole: matched.whole, is_threat });
        }
        Ok(())
    }
}
