//! Attempts to match on a text that goes on: which matches are certain, and from where on anything may still become one.
//!
//! An attempt that did not look at the end of the text ends the same way whatever comes; one that did is repeated when more
//! has come. So what must be held back follows from the patterns themselves, byte for byte.

use super::matcher::OutOfSteps;
use super::tables::{ByteSet, Inst, Look, contains};
use super::{Finder, Pattern, PatternSet, Patterns, Program, Reads, STEPS, context, reach, validators};
use crate::finding::Category;
use crate::span::Span;

/// The attempts on one text so far.
#[derive(Debug, Default)]
pub(crate) struct Tail {
    /// Those that looked at the end, by where they begin.
    open: Vec<Open>,
    /// Matches that are certain, in no order.
    pub(crate) certain: Vec<Certain>,
    /// Where attempts have not begun yet.
    next: usize,
}

/// An attempt that looked at the end of the text.
#[derive(Clone, Copy, Debug)]
struct Open {
    at: usize,
    pattern: usize,
    /// How long the text was then.
    length: usize,
}

impl Open {
    /// Whether it is repeated for a text of this length: not for each byte that is added to a long one, which would take time
    /// that grows with the square of what is held back.
    fn is_due(self, length: usize) -> bool {
        length - self.at >= (self.length - self.at) * 9 / 8
    }
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
        self.open.first().map(|open| open.at)
    }

    /// Takes open attempts for failed.
    pub(crate) fn give_up(&mut self) {
        self.open.clear();
    }

    /// Counts from `bytes` further on; what lies before that is forgotten.
    pub(crate) fn forget(&mut self, bytes: usize) {
        self.next = self.next.saturating_sub(bytes);
        self.open.retain_mut(|Open { at, length, .. }| {
            let stays = *at >= bytes;
            (*at, *length) = (at.saturating_sub(bytes), length.saturating_sub(bytes));
            stays
        });
        self.certain.retain_mut(|Certain { whole, .. }| {
            let stays = whole.start >= bytes;
            *whole = Span { start: whole.start.saturating_sub(bytes), end: whole.end.saturating_sub(bytes) };
            stays
        });
    }
}

/// Whether streams are held back for it: personal data and secrets, which must not get out, and what carries them out.
fn is_held(pattern: &Pattern) -> bool {
    !pattern.category.is_threat() || pattern.category == Category::DataExfiltration
}

/// Which patterns may match where a byte stands.
#[derive(Debug)]
pub(crate) struct Starts {
    by_first: Vec<Vec<u16>>,
    /// For each pattern what its second byte can be, and whether it begins at the edge of a word.
    patterns: Vec<(ByteSet, bool)>,
}

impl Starts {
    fn new(set: &PatternSet) -> Self {
        let mut starts = Self { by_first: vec![Vec::new(); 256], patterns: Vec::with_capacity(set.patterns.len()) };
        for (index, pattern) in (0_u16..).zip(&set.patterns) {
            // Structures have no instructions.
            let held = set.program(index.into()).filter(|program| is_held(pattern) && program.max_len > 0);
            let places = held.map(reach::places);
            let begins_at_edge = held.is_some_and(begins_at_edge);
            let second = places.and_then(|places| places[1]);
            starts.patterns.push((second.unwrap_or([u64::MAX; 4]), begins_at_edge));
            let first = places.map(|places| places[0].unwrap_or([u64::MAX; 4])).unwrap_or_default();
            // Folded text has no capitals, but the text that it is looked for in has.
            let byte_of = |byte: u8| if pattern.reads == Reads::Folded { byte.to_ascii_lowercase() } else { byte };
            for (byte, patterns) in (0..=u8::MAX).zip(&mut starts.by_first) {
                if contains(&first, byte_of(byte)) {
                    patterns.push(index);
                }
            }
        }
        starts
    }

    /// The patterns that may match at `at`.
    fn at(&self, text: &[u8], at: usize) -> impl Iterator<Item = usize> {
        let (byte, next) = (text.get(at).copied().unwrap_or_default(), text.get(at + 1).copied());
        let is_edge = Look::WordBoundary.holds(text, at);
        self.by_first.get(usize::from(byte)).into_iter().flatten().map(|&index| usize::from(index)).filter(
            move |&index| {
                self.patterns.get(index).is_some_and(|(second, begins_at_edge)| {
                    let may_go_on = |byte: u8| contains(second, byte) || contains(second, byte.to_ascii_lowercase());
                    (is_edge || !begins_at_edge) && next.is_none_or(may_go_on)
                })
            },
        )
    }
}

fn begins_at_edge(program: &Program) -> bool {
    let first = program.code.iter().find(|inst| !matches!(inst, Inst::Save(_)));
    first == Some(&Inst::Look(Look::WordBoundary))
}

impl Finder {
    /// Goes on with the attempts on `text`, all of them or those that are due, and begins new ones before `limit`.
    pub(crate) fn go_on(
        &mut self,
        patterns: &Patterns,
        text: &[u8],
        (limit, are_all_due): (usize, bool),
        tail: &mut Tail,
    ) -> Result<(), OutOfSteps> {
        let folded = text.to_ascii_lowercase();
        let mut budget = u32::try_from(text.len()).unwrap_or(u32::MAX).saturating_mul(STEPS.1).saturating_add(STEPS.0);
        for open @ Open { at, pattern, .. } in std::mem::take(&mut tail.open) {
            if !are_all_due && !open.is_due(text.len()) {
                tail.open.push(open);
                continue;
            }
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
            tail.open.push(Open { at, pattern: number, length: text.len() });
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
