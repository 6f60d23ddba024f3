//! L1: patterns. They are data (one YAML file each); the build compiles them into tables.
//!
//! A text goes through the [`gate`], which names places worth trying, through the [`matcher`], which tries them, and
//! through the [`validators`]; where findings [`overlap`], the strongest stays.

#[cfg(test)]
#[allow(dead_code, reason = "the build script is what uses all of it")]
mod compile;
mod gate;
#[cfg(test)]
mod laws;
mod matcher;
mod overlap;
mod pattern;
mod tables;
mod validators;

pub(crate) use self::overlap::strongest;
pub use self::pattern::{Pattern, Validator};

use std::sync::LazyLock;

use self::gate::{Candidate, Gate};
use self::matcher::{Match, Matcher, OutOfSteps};
use self::tables::{Reads, Tables};
use crate::finding::{Finding, Via};
use crate::span::Span;
use crate::view::{View, fold};

/// Steps of the matcher granted to each scan, and to each byte of its text.
const STEPS: (u32, u32) = (65_536, 64);
/// Share of the steps that one pattern may take, so that a text that exhausts one pattern does not blind the others.
const SHARE: u32 = 4;

#[allow(clippy::enum_glob_use, clippy::unreadable_literal, reason = "generated")]
static PATTERNS: &[Pattern] = {
    use self::Validator::*;
    use crate::finding::Category::*;
    use crate::finding::Direction::*;
    use crate::finding::Severity::*;
    include!(concat!(env!("OUT_DIR"), "/patterns.rs"))
};

#[allow(clippy::enum_glob_use, clippy::wildcard_imports, clippy::unreadable_literal, reason = "generated")]
static TABLES: Tables<'static> = {
    use self::tables::Inst::{Branch, Jump, Look, Match, Repeat, Save, Set, Words};
    use self::tables::Look::*;
    use self::tables::Reads::*;
    use self::tables::*;
    include!(concat!(env!("OUT_DIR"), "/tables.rs"))
};

static GATE: LazyLock<Gate<'static>> = LazyLock::new(|| Gate::new(&TABLES.gate));

/// The patterns that are built in. Their order may change from release to release; their ids do not.
#[must_use]
pub fn builtin() -> &'static [Pattern] {
    PATTERNS
}

/// Candidates granted to each pattern in a scan, and one more for each so many bytes of the text. A list of e-mail addresses
/// has one in ten bytes; a text made of triggers must not fill the memory.
const CANDIDATES: (usize, usize) = (4_096, 8);
/// Candidates of a pattern that are no further apart than this are one.
const NEAR: u32 = 8;

/// Memory that scans reuse.
#[derive(Debug, Default)]
pub(crate) struct Finder {
    candidates: Vec<Candidate>,
    /// For each pattern how many candidates it has, and where its latest one lies.
    counts: Vec<(usize, usize)>,
    matcher: Matcher,
}

/// What a search gave.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// Findings that passed validation, without fingerprints; they may overlap.
    pub(crate) findings: Vec<Finding>,
    /// Candidates or steps ran out, so that something may have been missed.
    pub(crate) is_incomplete: bool,
}

impl Finder {
    /// The same as [`Self::find`] for one pattern, trying every place of the text.
    #[cfg(test)]
    fn find_without_gate(&mut self, view: &View<'_>, pattern: usize) -> Found {
        let last = view.folded.len().max(view.text.len()) as u32;
        self.candidates = vec![Candidate { pattern: pattern as u16, first: 0, last, check: None }];
        self.match_candidates(view)
    }

    /// Looks for the patterns that `wanted` accepts, which is given their indices too.
    pub(crate) fn find(&mut self, view: &View<'_>, wanted: impl Fn(usize, &Pattern) -> bool) -> Found {
        let Self { candidates, counts, .. } = self;
        candidates.clear();
        counts.clear();
        counts.resize(PATTERNS.len(), (0, usize::MAX));
        let most = CANDIDATES.0 + view.text.len() / CANDIDATES.1;
        let mut has_too_many = false;
        let mut gate = |text: &[u8], reads: Option<Reads>| {
            GATE.candidates(text, |candidate| {
                let index = usize::from(candidate.pattern);
                let reads_this = TABLES.programs.get(index).is_some_and(|p| reads.is_none_or(|reads| p.reads == reads));
                let is_wanted = reads_this && PATTERNS.get(index).is_some_and(|pattern| wanted(index, pattern));
                let Some((count, latest)) = counts.get_mut(index).filter(|_| is_wanted) else { return };
                if candidates.get_mut(*latest).is_some_and(|latest| latest.absorb(&candidate, NEAR)) {
                    return;
                }
                if *count < most {
                    (*count, *latest) = (*count + 1, candidates.len());
                    candidates.push(candidate);
                } else {
                    has_too_many = true;
                }
            });
        };
        if view.is_identity {
            gate(view.folded, None);
        } else {
            gate(view.folded, Some(Reads::Folded));
            gate(view.text.as_bytes(), Some(Reads::Original));
        }
        self.candidates.sort_unstable();
        let found = self.match_candidates(view);
        Found { is_incomplete: found.is_incomplete || has_too_many, ..found }
    }

    fn match_candidates(&mut self, view: &View<'_>) -> Found {
        let steps = u32::try_from(view.text.len()).unwrap_or(u32::MAX).saturating_mul(STEPS.1).saturating_add(STEPS.0);
        let mut budget = steps;
        let mut found = Found::default();
        let mut folded_spans = Vec::new();
        for group in self.candidates.chunk_by(|a, b| a.pattern == b.pattern) {
            let Some((index, pattern, program)) = group.first().and_then(|candidate| {
                let index = usize::from(candidate.pattern);
                Some((index, PATTERNS.get(index)?, TABLES.programs.get(index)?))
            }) else {
                continue;
            };
            let text = match program.reads {
                Reads::Folded => view.folded,
                Reads::Original => view.text.as_bytes(),
            };
            let share = budget.min(steps / SHARE);
            let mut left = share;
            let matches = Matches { matcher: &mut self.matcher, program, text, group, budget: &mut left };
            let outcome = matches.each(|matched| {
                let Some((score, severity)) = validators::judge(pattern, matched.reported.of(text)) else {
                    return false;
                };
                let span = if program.reads == Reads::Folded && !view.is_identity {
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
        locate(view, folded_spans, &mut found.findings);
        found
    }
}

/// Replaces the spans of the folded view by those of the original text.
fn locate(view: &View<'_>, mut folded_spans: Vec<(Span, usize)>, findings: &mut [Finding]) {
    if folded_spans.is_empty() {
        return;
    }
    folded_spans.sort_unstable_by_key(|(span, _)| *span);
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
    program: &'m tables::Program,
    text: &'m [u8],
    group: &'m [Candidate],
    budget: &'m mut u32,
}

impl Matches<'_> {
    /// Calls `accept` with each match from left to right; the search goes on behind a match that it accepts, and one
    /// byte further after one that it does not.
    fn each(mut self, mut accept: impl FnMut(Match) -> bool) -> Result<(), OutOfSteps> {
        let mut next = 0;
        for candidate in self.group {
            let (mut start, last) = (next.max(candidate.first as usize), candidate.last as usize);
            if start > last || !self.may_match(candidate)? {
                continue;
            }
            while start <= last {
                start = match self.matcher.match_at(&TABLES, self.program, self.text, start, self.budget)? {
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
        self.matcher.part_matches(&TABLES, self.program, self.text, (pc, at as usize), self.budget)
    }
}
