//! Attempts to match on a text that goes on: which matches are certain, and from where on anything may still become one.
//!
//! An attempt that did not look at the end of the text ends the same way whatever comes; one that did is repeated when more
//! has come. So what must be held back follows from the patterns themselves, byte for byte.

use std::cell::LazyCell;
use std::cmp::Reverse;
use std::ops::{Deref, Range};

use super::candidates::Candidates;
use super::matcher::{Matcher, OutOfSteps};
use super::tables::{CLASS_PLACES, Look, contains};
use super::{Finder, Pattern, PatternSet, Patterns, Reads, STEPS, context, reach, validators};
use crate::finding::Direction;
use crate::sort::sort_by_key;
use crate::span::Span;

/// Bytes from which on it pays to pass the gate where no attempt reaches the end.
const LONG: usize = 1_024;

/// The attempts on one text so far.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    /// Those that looked at the end, in no order.
    open: Vec<Start>,
    /// Matches that are certain, in no order.
    pub(crate) certain: Vec<Certain>,
    /// Where attempts have not begun yet.
    next: usize,
    /// Threats that end up to there are not noted any more.
    decided: usize,
}

/// An attempt: where it begins, with which set of patterns, and with which of its [`Starts`].
#[derive(Clone, Copy, Debug)]
struct Start {
    at: usize,
    set: usize,
    number: usize,
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
        self.open.iter().map(|start| start.at).min()
    }

    /// Forgets the threats that end up to there: somebody has decided about them.
    pub(crate) fn decide(&mut self, end: usize) {
        self.decided = end;
        self.certain.retain(|certain| !certain.is_threat || certain.whole.end > end);
    }

    /// Takes open attempts for failed.
    pub(crate) fn give_up(&mut self) {
        self.open.clear();
    }

    /// Counts from `bytes` further on; what lies before that is forgotten.
    pub(crate) fn forget(&mut self, bytes: usize) {
        self.next = self.next.saturating_sub(bytes);
        self.decided = self.decided.saturating_sub(bytes);
        self.open.retain_mut(|start| {
            let stays = start.at >= bytes;
            start.at = start.at.saturating_sub(bytes);
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
    /// The patterns that are looked for, with the length of their longest match, the longest first.
    patterns: Vec<(usize, usize)>,
    /// Words of 64 patterns.
    width: usize,
    /// For each of the first places, and each byte that may stand there, a bit for each pattern that allows it. The first place
    /// comes twice: inside a word or outside of any, and at the edge of one.
    allowed: Vec<u64>,
}

impl Starts {
    fn new(set: &PatternSet) -> Self {
        let length = |index: usize| set.program(index).map_or(0, |program| program.max_len);
        let held = set.patterns.iter().enumerate().filter(|(_, pattern)| is_held(pattern));
        // Structures have no instructions.
        let mut patterns: Vec<_> =
            held.map(|(index, _)| (index, length(index))).filter(|(_, length)| *length > 0).collect();
        sort_by_key(&mut patterns, |(index, length)| (Reverse(*length), *index));
        let width = patterns.len().div_ceil(64);
        let mut starts = Self { width, allowed: vec![0; (1 + CLASS_PLACES) * 256 * width], patterns: Vec::new() };
        for (number, &(index, _)) in patterns.iter().enumerate() {
            let (Some(pattern), Some(program)) = (set.patterns.get(index), set.program(index)) else { continue };
            let [_, behind @ ..] = reach::places(program);
            let places = [reach::first(program, false), reach::first(program, true)].into_iter().chain(behind);
            for (place, bytes) in places.enumerate() {
                for byte in 0..=u8::MAX {
                    // Folded text has no capitals, but the text that it is looked for in has.
                    let read = if pattern.reads == Reads::Folded { byte.to_ascii_lowercase() } else { byte };
                    let slot = starts.slot(place, byte) + number / 64;
                    if bytes.is_none_or(|bytes| contains(&bytes, read)) {
                        starts.allowed.iter_mut().skip(slot).take(1).for_each(|allowed| *allowed |= 1 << (number % 64));
                    }
                }
            }
        }
        Self { patterns, ..starts }
    }

    /// The number here of a pattern of the set.
    fn number(&self, pattern: usize) -> Option<usize> {
        self.patterns.iter().position(|(index, _)| *index == pattern)
    }

    fn slot(&self, place: usize, byte: u8) -> usize {
        (place * 256 + usize::from(byte)) * self.width
    }

    /// Those of the first so many patterns that may match at `at`, as far as the text goes.
    fn at(&self, text: &[u8], at: usize, count: usize) -> impl Iterator<Item = usize> {
        (0..count.div_ceil(64)).flat_map(move |word| {
            let mut mask = self.mask(text, at, word);
            std::iter::from_fn(move || {
                let bit = mask.trailing_zeros();
                mask &= mask.wrapping_sub(1);
                (bit < 64).then_some(word * 64 + bit as usize).filter(|number| *number < count)
            })
        })
    }

    /// Whether the pattern with this number is one of them.
    fn allow(&self, number: usize, text: &[u8], at: usize) -> bool {
        self.mask(text, at, number / 64) >> (number % 64) & 1 == 1
    }

    /// A bit for each of 64 patterns that may match at `at`.
    fn mask(&self, text: &[u8], at: usize, word: usize) -> u64 {
        let first = usize::from(Look::WordBoundary.holds(text, at));
        let places = std::iter::once(first).chain(2..);
        let mut mask = u64::MAX;
        for (place, byte) in places.zip(text.get(at..).unwrap_or_default().iter().take(CLASS_PLACES)) {
            mask &= self.allowed.get(self.slot(place, *byte) + word).copied().unwrap_or_default();
            if mask == 0 {
                break;
            }
        }
        mask
    }
}

/// The attempts on a text with one set of patterns.
struct Attempts<'a, F> {
    matcher: &'a mut Matcher,
    set: (usize, &'a PatternSet),
    starts: &'a Starts,
    text: &'a [u8],
    folded: &'a F,
    tail: &'a mut Tail,
    budget: &'a mut u32,
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
        let Self { candidates, matcher } = self;
        let folded = LazyCell::new(|| text.to_ascii_lowercase());
        let mut budget = u32::try_from(text.len()).unwrap_or(u32::MAX).saturating_mul(STEPS.1).saturating_add(STEPS.0);
        let open = std::mem::take(&mut tail.open);
        for (n, (_, set)) in patterns.sets().enumerate() {
            let starts = set.starts.get_or_init(|| Starts::new(set));
            let (folded, budget) = (&folded, &mut budget);
            let mut attempts = Attempts { matcher, set: (n, set), starts, text, folded, tail, budget };
            attempts.repeat(&open)?;
            attempts.begin(limit, candidates)?;
        }
        tail.next = tail.next.max(limit);
        Ok(())
    }
}

impl<F: Deref<Target = Vec<u8>>> Attempts<'_, F> {
    /// Makes the attempts once more that were open.
    fn repeat(&mut self, open: &[Start]) -> Result<(), OutOfSteps> {
        let set = self.set.0;
        for &Start { at, number, .. } in open.iter().filter(|start| start.set == set) {
            if self.starts.allow(number, self.text, at) {
                self.attempt(number, at)?;
            }
        }
        Ok(())
    }

    /// Makes all attempts before `limit` that have not begun. Far from the end of a long text none can be open, and so
    /// those will do that pass the gate.
    fn begin(&mut self, limit: usize, candidates: &mut Candidates) -> Result<(), OutOfSteps> {
        let Self { starts, text, .. } = *self;
        let next = self.tail.next;
        let is_long = limit.saturating_sub(next) >= LONG;
        let mut lengths = starts.patterns.iter().map(|(_, length)| *length).peekable();
        let mut reaching = if is_long { 0 } else { starts.patterns.len() };
        for at in next..limit {
            while is_long && lengths.next_if(|length| at + length >= text.len()).is_some() {
                reaching += 1;
            }
            for number in starts.at(text, at, reaching) {
                self.attempt(number, at)?;
            }
        }
        if is_long { self.begin_far(next..limit, candidates) } else { Ok(()) }
    }

    /// Makes the attempts at these places that cannot reach the end.
    fn begin_far(&mut self, places: Range<usize>, candidates: &mut Candidates) -> Result<(), OutOfSteps> {
        let Self { text, folded, starts, set: (_, set), .. } = *self;
        let reads =
            |index: usize| set.patterns.get(index).filter(|pattern| is_held(pattern)).map(|pattern| pattern.reads);
        let are_read = |wanted: Reads| starts.patterns.iter().any(|(index, _)| reads(*index) == Some(wanted));
        let texts = [Reads::Original, Reads::Folded].into_iter().filter(|wanted| are_read(*wanted)).map(|wanted| {
            let text = if wanted == Reads::Folded { folded } else { text };
            (text, move |index: usize| reads(index) == Some(wanted))
        });
        candidates.collect(&set.gate, set.patterns.len(), texts);
        for group in candidates.by_pattern() {
            let Some(number) = group.first().and_then(|candidate| starts.number(candidate.pattern.into())) else {
                continue;
            };
            let length = starts.patterns.get(number).map_or(0, |(_, length)| *length);
            let (mut next, end) = (places.start, places.end.min(text.len().saturating_sub(length)));
            for candidate in group {
                let last = end.min(candidate.last as usize + 1);
                for at in next.max(candidate.first as usize)..last {
                    if starts.allow(number, text, at) {
                        self.attempt(number, at)?;
                    }
                }
                next = next.max(last);
            }
        }
        Ok(())
    }

    fn attempt(&mut self, number: usize, at: usize) -> Result<(), OutOfSteps> {
        let (n, set) = self.set;
        let Some(&(index, _)) = self.starts.patterns.get(number) else { return Ok(()) };
        let (Some(pattern), Some(program)) = (set.patterns.get(index), set.program(index)) else { return Ok(()) };
        let text = if pattern.reads == Reads::Folded { self.folded } else { self.text };
        let matched = self.matcher.match_at(program, text, at, self.budget)?;
        let is_threat = pattern.category.is_threat();
        if self.matcher.reached_end {
            self.tail.open.push(Start { at, set: n, number });
        } else if let Some(matched) = matched
            && !(is_threat && matched.whole.end <= self.tail.decided)
            && validators::judge(pattern, matched.reported.of(text)).is_some()
            && !context::speaks_against(&pattern.unless, text, matched.reported.start)
        {
            self.tail.certain.push(Certain { whole: matched.whole, is_threat });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::laws::known_texts;
    use super::*;

    #[test]
    fn a_long_text_comes_to_the_same_at_once_and_in_pieces() {
        let (mut finder, patterns) = (Finder::default(), Patterns::default());
        for texts in known_texts().chunks(16) {
            let text = texts.join(" ");
            let [once, pieces] = [text.len(), 200].map(|size| {
                let mut tail = Tail::default();
                for end in (size..text.len()).step_by(size).chain([text.len()]) {
                    let known = &text.as_bytes()[..end];
                    finder.go_on(&patterns, known, end, &mut tail).expect("in time");
                }
                let mut certain: Vec<Span> = tail.certain.iter().map(|certain| certain.whole).collect();
                let mut open: Vec<(usize, usize)> = tail.open.iter().map(|start| (start.at, start.number)).collect();
                certain.sort_unstable();
                open.sort_unstable();
                (certain, open)
            });
            assert_eq!(once, pieces, "{text}");
        }
    }
}
