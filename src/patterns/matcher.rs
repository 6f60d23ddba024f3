//! The matcher: runs one pattern's instructions at one place of a text.
//!
//! A backtracker with the meaning of the `regex` crate (leftmost, alternatives in order), which tests hold it to. It
//! is fast because it hardly ever backtracks: branches and gaps look at the next byte before they go on. It is linear
//! because, once an attempt has taken [`CALM_STEPS`], it remembers every (instruction, place) it has been to and never
//! goes there twice, and because all attempts of one scan share a budget of steps. Running out of the budget is
//! reported, never swallowed.

use std::ops::Range;

use super::program::Program;
use super::tables::{ANY, ByteSet, Inst, Run, contains};
use crate::span::Span;

/// Steps of one attempt before it begins to remember where it has been.
const CALM_STEPS: u32 = 256;

/// Memory that attempts reuse.
#[derive(Debug, Default)]
pub(crate) struct Matcher {
    stack: Vec<Frame>,
    visited: Vec<u64>,
    /// Whether the latest attempt looked at the end of the text: had the text gone on, it might have ended otherwise.
    pub(crate) reached_end: bool,
}

/// What to do when the present way fails.
#[derive(Clone, Copy, Debug)]
enum Frame {
    Goto {
        pc: u16,
        at: usize,
    },
    /// A run at whose end `pc` begins: try again with one byte less, down to `low`.
    Shrink {
        pc: u16,
        next: u16,
        low: usize,
        at: usize,
    },
    /// The same with one byte more, up to `high`.
    Grow {
        pc: u16,
        next: u16,
        at: usize,
        high: usize,
    },
    /// The words from number `from` to `to`, behind which `pc` begins.
    Words {
        pc: u16,
        from: u32,
        to: u32,
        at: usize,
    },
    Restore {
        slot: u8,
        value: Option<usize>,
    },
}

/// A match: all of it, and the part that is reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Match {
    pub(crate) whole: Span,
    pub(crate) reported: Span,
}

/// The budget of steps ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct OutOfSteps;

/// One attempt.
struct Attempt<'m, 't> {
    program: &'t Program,
    text: &'t [u8],
    start: usize,
    window: usize,
    stack: &'m mut Vec<Frame>,
    visited: &'m mut Vec<u64>,
    reached_end: &'m mut bool,
    slots: [Option<usize>; 2],
}

impl Matcher {
    /// The match of `program` that begins at `start`, if there is one; takes its steps off `budget`.
    pub(crate) fn match_at(
        &mut self,
        program: &Program,
        text: &[u8],
        start: usize,
        budget: &mut u32,
    ) -> Result<Option<Match>, OutOfSteps> {
        self.reached_end = false;
        if !program.may_begin(text, start) {
            return Ok(None);
        }
        let mut attempt = self.attempt(program, text, start);
        let end = attempt.run(0, budget)?;
        Ok(end.map(|end| {
            let whole = Span { start, end };
            let reported = match attempt.slots {
                [Some(start), Some(end)] => Span { start, end },
                _ => whole,
            };
            Match { whole, reported }
        }))
    }

    /// Whether the part of `program` that begins with instruction `pc` matches at `start`.
    pub(crate) fn part_matches(
        &mut self,
        program: &Program,
        text: &[u8],
        (pc, start): (u16, usize),
        budget: &mut u32,
    ) -> Result<bool, OutOfSteps> {
        let end = self.attempt(program, text, start).run(pc, budget)?;
        Ok(end.is_some())
    }

    fn attempt<'m, 't>(&'m mut self, program: &'t Program, text: &'t [u8], start: usize) -> Attempt<'m, 't> {
        self.stack.clear();
        Attempt {
            program,
            text,
            start,
            window: program.max_len.min(text.len().saturating_sub(start)) + 1,
            stack: &mut self.stack,
            visited: &mut self.visited,
            reached_end: &mut self.reached_end,
            slots: [None; 2],
        }
    }
}

impl Attempt<'_, '_> {
    /// Where the match ends, beginning with instruction `pc`.
    fn run(&mut self, mut pc: u16, budget: &mut u32) -> Result<Option<usize>, OutOfSteps> {
        let mut at = self.start;
        let mut steps = 0;
        loop {
            steps += 1;
            *budget = budget.checked_sub(1).ok_or(OutOfSteps)?;
            if steps == CALM_STEPS {
                self.remember(budget);
            }
            let was_here = steps >= CALM_STEPS && self.was_at(pc, at);
            let went = if was_here { None } else { self.step(pc, at, budget) };
            match went {
                Some(Went::Done) => return Ok(Some(at)),
                Some(Went::On(next, place)) => (pc, at) = (next, place),
                None => match self.back(budget) {
                    Some(next) => (pc, at) = next,
                    None => return Ok(None),
                },
            }
        }
    }

    /// Does one instruction; nothing if this way fails.
    fn step(&mut self, pc: u16, at: usize, budget: &mut u32) -> Option<Went> {
        let on = pc + 1;
        Some(match *self.program.code.get(usize::from(pc))? {
            Inst::Words(list) => {
                let first = self.byte(at)?;
                let group = self.program.lists.group(list.into(), first);
                return self.word(on, group, at, budget);
            }
            Inst::Set(set) => {
                let byte = self.byte(at)?;
                if !contains(self.program.sets.get(usize::from(set))?, byte) {
                    return None;
                }
                Went::On(on, at + 1)
            }
            Inst::Repeat(run) => {
                let Run { set, next, min, max, lazy } = *self.program.runs.get(usize::from(run))?;
                let set = self.program.sets.get(usize::from(set))?;
                let length = run_length(set, self.text, at, usize::from(max));
                *self.reached_end |= length < usize::from(max) && at + length >= self.text.len();
                *budget = budget.saturating_sub(u32::try_from(length / 8).unwrap_or(u32::MAX));
                let (low, high) = (at + usize::from(min), at + length);
                if high < low {
                    return None;
                }
                self.stack.push(if lazy {
                    Frame::Grow { pc: on, next, at: low, high }
                } else {
                    Frame::Shrink { pc: on, next, low, at: high }
                });
                return None; // backtracking into the frame tries the first length
            }
            Inst::Branch { .. } => return self.branch(pc, at),
            Inst::Jump(target) => Went::On(pc + target, at),
            Inst::Look(look) => {
                *self.reached_end |= at >= self.text.len();
                if !look.holds(self.text, at) {
                    return None;
                }
                Went::On(on, at)
            }
            Inst::Save(slot) => {
                let value = self.slots.get_mut(usize::from(slot))?;
                self.stack.push(Frame::Restore { slot, value: *value });
                *value = Some(at);
                Went::On(on, at)
            }
            Inst::Match => Went::Done,
        })
    }

    /// Takes the first branch that can begin with the next byte.
    fn branch(&mut self, mut pc: u16, at: usize) -> Option<Went> {
        while let Inst::Branch { guard, other } = *self.program.code.get(usize::from(pc))? {
            if self.next_is_in(guard, at) {
                self.stack.push(Frame::Goto { pc: pc + other, at });
                return Some(Went::On(pc + 1, at));
            }
            pc += other;
        }
        Some(Went::On(pc, at))
    }

    /// Takes the first of these words that stands here; `pc` begins behind it.
    fn word(&mut self, pc: u16, words: Range<u32>, at: usize, budget: &mut u32) -> Option<Went> {
        let rest = self.text.get(at..)?;
        let known = &self.program.lists;
        let found = words.clone().find(|&number| {
            // Most words differ early, long before a call to compare all of them would pay.
            let word = known.word(number);
            let is_same = word.iter().zip(rest).all(|(a, b)| a == b);
            let is_cut = word.len() > rest.len();
            *self.reached_end |= is_same && is_cut;
            is_same && !is_cut
        });
        let (from, to) = (found.map_or(words.end, |number| number + 1), words.end);
        *budget = budget.saturating_sub((from - words.start) / 8);
        let length = known.word(found?).len();
        if from < to {
            self.stack.push(Frame::Words { pc, from, to, at });
        }
        Some(Went::On(pc, at + length))
    }

    /// The next place to go on from after a failure.
    fn back(&mut self, budget: &mut u32) -> Option<(u16, usize)> {
        loop {
            match self.stack.pop()? {
                Frame::Goto { pc, at } => return Some((pc, at)),
                Frame::Shrink { pc, next, low, at } => {
                    let at = (low..=at).rev().find(|&at| self.next_is_in(next, at));
                    if let Some(at) = at {
                        if at > low {
                            self.stack.push(Frame::Shrink { pc, next, low, at: at - 1 });
                        }
                        return Some((pc, at));
                    }
                }
                Frame::Grow { pc, next, at, high } => {
                    let at = (at..=high).find(|&at| self.next_is_in(next, at));
                    if let Some(at) = at {
                        if at < high {
                            self.stack.push(Frame::Grow { pc, next, at: at + 1, high });
                        }
                        return Some((pc, at));
                    }
                }
                Frame::Words { pc, from, to, at } => {
                    if let Some(Went::On(pc, at)) = self.word(pc, from..to, at, budget) {
                        return Some((pc, at));
                    }
                }
                Frame::Restore { slot, value } => {
                    if let Some(old) = self.slots.get_mut(usize::from(slot)) {
                        *old = value;
                    }
                }
            }
        }
    }

    fn remember(&mut self, budget: &mut u32) {
        let words = (self.program.code.len() * self.window).div_ceil(64);
        *budget = budget.saturating_sub(u32::try_from(words / 8).unwrap_or(u32::MAX));
        self.visited.clear();
        self.visited.resize(words, 0);
    }

    /// The byte at `at`.
    fn byte(&mut self, at: usize) -> Option<u8> {
        let byte = self.text.get(at).copied();
        *self.reached_end |= byte.is_none();
        byte
    }

    /// Whether the byte at `at`, or the end of the text, is in the set.
    fn next_is_in(&mut self, set: u16, at: usize) -> bool {
        let Some(byte) = self.text.get(at) else {
            *self.reached_end |= set != ANY;
            return set == ANY;
        };
        self.program.sets.get(usize::from(set)).is_some_and(|set| contains(set, *byte))
    }

    /// Whether this attempt has been at this instruction and place; from now on it has.
    fn was_at(&mut self, pc: u16, at: usize) -> bool {
        let bit = usize::from(pc) * self.window + (at - self.start);
        let Some(word) = self.visited.get_mut(bit / 64) else { return false };
        let was = *word >> (bit % 64) & 1 == 1;
        *word |= 1 << (bit % 64);
        was
    }
}

enum Went {
    On(u16, usize),
    Done,
}

fn run_length(set: &ByteSet, text: &[u8], at: usize, max: usize) -> usize {
    text.get(at..).unwrap_or_default().iter().take(max).take_while(|&&b| contains(set, b)).count()
}
