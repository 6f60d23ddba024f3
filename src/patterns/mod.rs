//! L1: patterns. They are data (one YAML file each); the build compiles them into tables.
//!
//! A text goes through the [`gate`], which names places worth trying, through the [`matcher`], which tries them, and
//! through the [`validators`]; where findings [`overlap`], the strongest stays.

mod candidates;
mod checksum;
mod compile;
mod context;
pub(crate) mod custom;
mod gate;
#[cfg(test)]
mod laws;
mod matcher;
mod node;
mod overlap;
mod packed;
mod pattern;
mod program;
mod reach;
mod structure;
mod tables;
mod tail;
mod validators;
mod words;

pub(crate) use self::overlap::strongest;
pub use self::pattern::{Pattern, Reads, Validator};
pub(crate) use self::tail::Tail;

/// How a regular expression is read, for policies, which match in a way of their own.
pub(crate) mod expression {
    pub(crate) use super::compile::parse::{Dialect, UNBOUNDED, parse};
    pub(crate) use super::node::Node;
    pub(crate) use super::tables::{ByteSet, Look, contains, set_of};
}

use std::sync::{LazyLock, OnceLock};

use self::candidates::{Candidate, Candidates};
use self::compile::Compiled;
use self::gate::Gate;
use self::matcher::{Match, Matcher, OutOfSteps};
use self::packed::{Programs, Unpacked};
use self::program::Program;
use self::structure::Structures;
use self::tail::Starts;
use crate::finding::{Finding, Via};
use crate::lexicon::Lexicon;
use crate::sort::sort_by_key;
use crate::span::Span;
use crate::view::{View, fold};
use crate::word_hash::WordHash;

/// Steps of the matcher granted to each scan, and to each byte of its text.
const STEPS: (u32, u32) = (65_536, 64);
/// Share of the steps that one pattern may take, so that a text that exhausts one pattern does not blind the others.
const SHARE: u32 = 4;

static BUILTIN: LazyLock<PatternSet> =
    LazyLock::new(|| PatternSet::packed(include_bytes!(concat!(env!("OUT_DIR"), "/patterns.bin")), TEXTS));

/// What patterns say about themselves.
const TEXTS: &str = include_str!(concat!(env!("OUT_DIR"), "/patterns.txt"));

pub(crate) static LEXICON: LazyLock<Lexicon> =
    LazyLock::new(|| Lexicon::packed(include_bytes!(concat!(env!("OUT_DIR"), "/lexicon.bin"))));

/// The patterns that are built in. Their order may change from release to release; their ids do not.
#[must_use]
pub fn builtin() -> &'static [Pattern] {
    &BUILTIN.patterns
}

/// The patterns of a scanner: the built-in ones and those of its user, whose numbers follow theirs.
#[derive(Debug, Default)]
pub(crate) struct Patterns {
    custom: Option<PatternSet>,
}

impl Patterns {
    /// The built-in patterns and these.
    fn with(custom: Compiled) -> Self {
        Self { custom: Some(PatternSet::compiled(custom)) }
    }

    /// All in the order of their numbers.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Pattern> {
        builtin().iter().chain(self.custom())
    }

    /// The pattern with this number.
    pub(crate) fn get(&self, index: usize) -> Option<&Pattern> {
        builtin().get(index).or_else(|| self.custom().get(index.checked_sub(builtin().len())?))
    }

    /// Those of the user.
    pub(crate) fn custom(&self) -> &[Pattern] {
        self.custom.as_ref().map(|set| set.patterns.as_slice()).unwrap_or_default()
    }

    /// The sets with the number of their first pattern.
    fn sets(&self) -> impl Iterator<Item = (usize, &PatternSet)> {
        std::iter::once((0, &*BUILTIN)).chain(self.custom.iter().map(|set| (builtin().len(), set)))
    }
}

/// Patterns with all that it takes to find them.
#[derive(Debug)]
struct PatternSet {
    patterns: Vec<Pattern>,
    gate: Gate,
    /// Read when they are first needed: most patterns are never tried.
    programs: Vec<OnceLock<Program>>,
    stored: Option<Programs>,
    structures: Structures,
    /// What streams look for, made when the first one is scanned.
    starts: OnceLock<Starts>,
}

impl PatternSet {
    /// The patterns that the build stored.
    fn packed(bytes: &'static [u8], texts: &'static str) -> Self {
        let Unpacked { patterns, programs: stored, gate, structures } = packed::read(bytes, texts);
        let programs = patterns.iter().map(|_| OnceLock::new()).collect();
        let (gate, structures) = (Gate::new(gate), Structures::new(structures));
        Self { patterns, gate, programs, stored: Some(stored), structures, starts: OnceLock::new() }
    }

    fn compiled(Compiled { patterns, trees, gate, structures }: Compiled) -> Self {
        let programs = trees.iter().map(|tree| Program::new(tree).into()).collect();
        let (gate, structures) = (Gate::new(gate), Structures::new(structures));
        Self { patterns, gate, programs, stored: None, structures, starts: OnceLock::new() }
    }

    fn program(&self, pattern: usize) -> Option<&Program> {
        let program = self.programs.get(pattern)?;
        match &self.stored {
            Some(stored) => Some(program.get_or_init(|| stored.read(pattern))),
            None => program.get(),
        }
    }
}

/// Calls `each` with everything that the built-in patterns spell out: words, parts of words, phrases.
pub(crate) fn each_word(each: &mut dyn FnMut(&[u8])) {
    BUILTIN.stored.iter().for_each(|programs| programs.each_word(each));
}

/// Whether a word with this hash is one of those of the lexicon that disguises are undone for.
pub(crate) fn knows_word(hash: WordHash) -> bool {
    LEXICON.knows(hash)
}

/// Memory that scans reuse.
#[derive(Debug, Default)]
pub(crate) struct Finder {
    candidates: Candidates,
    matcher: Matcher,
}

/// What a search gave.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Findings that passed validation, without fingerprints; they may overlap.
    pub(crate) findings: Vec<Finding>,
    /// Steps ran out, so that something may have been missed.
    pub(crate) is_incomplete: bool,
}

impl Finder {
    /// Looks for the patterns that `wanted` accepts, which is given their numbers too.
    pub(crate) fn find(
        &mut self,
        patterns: &Patterns,
        view: &View<'_>,
        wanted: impl Fn(usize, &Pattern) -> bool,
    ) -> Found {
        let mut found = Found::default();
        let mut folded_spans = Vec::new();
        for (first, set) in patterns.sets() {
            self.gate(set, view, |index, pattern| wanted(first + index, pattern));
            self.match_candidates(first, set, view, &mut found, &mut folded_spans);
            find_structures(first, set, view, &wanted, &mut found, &mut folded_spans);
        }
        if !folded_spans.is_empty() {
            locate(view, folded_spans, &mut found.findings);
        }
        found
    }

    /// Collects candidates.
    fn gate(&mut self, set: &PatternSet, view: &View<'_>, wanted: impl Fn(usize, &Pattern) -> bool) {
        let in_text = |reads: Option<Reads>| {
            let wanted = &wanted;
            move |index: usize| {
                let is_wanted = |pattern: &Pattern| reads.is_none_or(|r| pattern.reads == r) && wanted(index, pattern);
                set.patterns.get(index).is_some_and(is_wanted)
            }
        };
        let (folded, original) = (view.folded, view.text.as_bytes());
        let texts = if view.is_identity {
            vec![(original, in_text(None))]
        } else {
            vec![(folded, in_text(Some(Reads::Folded))), (original, in_text(Some(Reads::Original)))]
        };
        self.candidates.collect(&set.gate, set.patterns.len(), texts);
    }

    /// Tries the patterns of `set`, whose first one has the number `first`, at the candidates.
    fn match_candidates(
        &mut self,
        first: usize,
        set: &PatternSet,
        view: &View<'_>,
        found: &mut Found,
        folded_spans: &mut Vec<(Span, usize)>,
    ) {
        let steps = u32::try_from(view.text.len()).unwrap_or(u32::MAX).saturating_mul(STEPS.1).saturating_add(STEPS.0);
        let mut budget = steps;
        for group in self.candidates.by_pattern() {
            let Some((index, pattern, program)) = group.first().and_then(|candidate| {
                let index = usize::from(candidate.pattern);
                Some((first + index, set.patterns.get(index)?, set.program(index)?))
            }) else {
                continue;
            };
            let text = match pattern.reads {
                Reads::Folded => view.folded,
                Reads::Original => view.text.as_bytes(),
            };
            let share = budget.min(steps / SHARE);
            let mut left = share;
            let from = if pattern.reads == Reads::Original { view.from } else { 0 };
            let matches = Matches { matcher: &mut self.matcher, program, text, group, from, budget: &mut left };
            let outcome = matches.each(|matched| {
                let judged = validators::judge(pattern, matched.reported.of(text));
                let Some((score, severity)) = judged else { return false };
                if context::speaks_against(&pattern.unless, text, matched.reported.start) {
                    return false;
                }
                let span = if pattern.reads == Reads::Folded && !view.is_identity {
                    folded_spans.push((matched.reported, found.findings.len()));
                    matched.reported
                } else {
                    // Patterns count bytes, so a match may end inside a character.
                    matched.reported.on_boundaries(view.text)
                };
                let (category, via) = (pattern.category, Via::default());
                found.findings.push(Finding { pattern: index, category, severity, score, span, via, fingerprint: 0 });
                true
            });
            found.is_incomplete |= outcome.is_err();
            budget -= share - left;
        }
    }
}

/// How sure a structure still is in the midst of so many words that talk about attacks: three make it doubtful, five more so.
const TALKED_ABOUT: [f64; 6] = [1.0, 1.0, 1.0, 0.6, 0.6, 0.45];

/// Looks for the structures of `set`, whose first pattern has the number `first`.
fn find_structures(
    first: usize,
    set: &PatternSet,
    view: &View<'_>,
    wanted: impl Fn(usize, &Pattern) -> bool,
    found: &mut Found,
    folded_spans: &mut Vec<(Span, usize)>,
) {
    let is_wanted = |index: usize| set.patterns.get(index).is_some_and(|pattern| wanted(first + index, pattern));
    if !set.structures.patterns().any(is_wanted) {
        return;
    }
    for matched in set.structures.find(&LEXICON, view.folded) {
        let index = usize::from(matched.pattern);
        let Some(pattern) = set.patterns.get(index).filter(|pattern| wanted(first + index, pattern)) else { continue };
        let (category, severity, via) = (pattern.category, pattern.severity, Via::default());
        let score = pattern.score * TALKED_ABOUT.get(matched.talk).copied().unwrap_or_default();
        if !view.is_identity {
            folded_spans.push((matched.span, found.findings.len()));
        }
        found.findings.push(Finding {
            pattern: first + index,
            category,
            severity,
            score,
            span: matched.span,
            via,
            fingerprint: 0,
        });
    }
}

/// Replaces the spans of the folded view by those of the original text.
#[inline(never)]
fn locate(view: &View<'_>, mut folded_spans: Vec<(Span, usize)>, findings: &mut [Finding]) {
    sort_by_key(&mut folded_spans, |(span, _)| *span);
    let spans: Vec<Span> = folded_spans.iter().map(|(span, _)| *span).collect();
    for ((span, via), (_, index)) in fold::locate(view.text, &spans).into_iter().zip(folded_spans) {
        if let Some(finding) = findings.get_mut(index) {
            (finding.span, finding.via) = (span, via);
        }
    }
}

/// The matches of one pattern at its candidates, which are sorted.
struct Matches<'m> {
    matcher: &'m mut Matcher,
    program: &'m Program,
    text: &'m [u8],
    group: &'m [Candidate],
    from: usize,
    budget: &'m mut u32,
}

impl Matches<'_> {
    /// Calls `accept` with each match from left to right; the search goes on behind a match that it accepts, and one
    /// byte further after one that it does not.
    fn each(mut self, mut accept: impl FnMut(Match) -> bool) -> Result<(), OutOfSteps> {
        let mut next = self.from;
        for candidate in self.group {
            let (first, last) = (next.max(candidate.first as usize), candidate.last as usize);
            let Some(mut start) = (first..=last).find(|&start| self.program.may_begin(self.text, start)) else {
                continue;
            };
            if !self.may_match(candidate)? {
                continue;
            }
            while start <= last {
                start = match self.matcher.match_at(self.program, self.text, start, self.budget)? {
                    Some(matched) if accept(matched) => matched.whole.end,
                    _ => start + 1,
                };
            }
            next = start;
        }
        Ok(())
    }

    fn may_match(&mut self, candidate: &Candidate) -> Result<bool, OutOfSteps> {
        let Some((pc, at)) = candidate.check else { return Ok(true) };
        self.matcher.part_matches(self.program, self.text, (pc, at as usize), self.budget)
    }
}
