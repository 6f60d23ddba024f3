//! L2: how much a text resembles attacks by its meaning. A small model, made by `training/`, embeds windows of the text; each is
//! compared with prototypes of attacks, and with examples that a user has added.

mod artefact;
#[cfg(test)]
pub(crate) mod builder;
mod comparison;
mod examples;
mod features;
mod focus;
mod half;
mod lanes;
mod library;
mod matrix;
mod scale;
mod space;
mod speech;
mod table;

pub use self::artefact::Refusal;
pub use self::features::{Block, VERSION, each_block, folded};

use self::artefact::Artefact;
use self::comparison::{Comparison, Likeness};
use self::focus::focus;
use self::table::{Code, Sum, Table, both};
use crate::finding::{Category, Via};
use crate::sort::sort_by_key;
use crate::span::Span;
use crate::view::{View, fold};

/// Most windows of a text in which the part is looked for that resembles an attack; further ones are reported whole.
const MOST_FOCUSED: usize = 64;
/// Most windows of examples. Each window of a text is compared with all of them.
pub const MOST_EXAMPLES: usize = 1000;

/// A model, and what it was shown since it was loaded.
#[derive(Debug)]
pub struct Similarity {
    table: Table,
    compare: Comparison,
    threshold: f32,
    /// Memory to reuse.
    codes: Vec<Code>,
}

/// A part of a text that resembles an attack. It holds no part of the text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Resemblance {
    /// Kind of harm.
    pub category: Category,
    /// Whether it resembles an example that was added, and not what the model knows.
    pub is_example: bool,
    /// How much it does, 0–1, on the calibrated scale.
    pub score: f64,
    /// Bytes of the original text, at most 32 words: what it takes to resemble an attack. Those of neighbours may overlap.
    pub span: Span,
    /// How it was seen.
    pub via: Via,
    /// Keyed 64-bit similarity hash of the span.
    pub fingerprint: u64,
}

impl Similarity {
    /// The model in these bytes. It reports what scores `threshold` or more on the calibrated scale: one in a hundred honest
    /// texts reaches 0.7, one in a thousand 0.85.
    ///
    /// # Errors
    ///
    /// When it is no model that can be used here.
    pub fn new(bytes: &[u8], threshold: f32) -> Result<Self, Refusal> {
        let artefact = Artefact::read(bytes)?;
        let (table, compare) = (Table::new(&artefact), Comparison::new(&artefact));
        Ok(Self { table, compare, threshold, codes: Vec::new() })
    }

    /// Adds an attack of this category; what has more than 32 words counts as several. Whether there was room for it: if
    /// not, nothing has changed.
    pub fn add_example(&mut self, text: &str, category: Category) -> bool {
        let Self { table, codes, compare, .. } = self;
        let mut sums = Vec::new();
        each_window(table, codes, &folded(text), |_, sum| sums.push(*sum));
        let is_room = compare.examples() + sums.len() <= MOST_EXAMPLES;
        if is_room {
            for sum in &sums {
                compare.add(sum, category);
            }
        }
        is_room
    }

    /// How much a text resembles attacks that the model knows, before and after calibration: that of its worst window among
    /// so many. Nothing if it has no words.
    pub fn score(&mut self, text: &str) -> Option<(f64, f64)> {
        let Self { table, codes, compare, .. } = self;
        let (mut worst, mut windows): (Option<Likeness>, usize) = (None, 0);
        each_window(table, codes, &folded(text), |_, sum| {
            let likeness = compare.likeness(sum);
            worst = worst.filter(|worst| worst.raw >= likeness.raw).or(Some(likeness));
            windows += 1;
        });
        let raw = worst?.among(windows);
        Some((f64::from(raw), f64::from(compare.calibrated(raw))))
    }

    /// What resembles attacks in a text, in order; without fingerprints.
    pub(crate) fn search(&mut self, view: &View<'_>) -> Vec<Resemblance> {
        let (mut found, windows) = self.windows(view.folded);
        for each in found.iter_mut().take(MOST_FOCUSED) {
            each.span = focus(view.folded, each.span, each.score, |part| self.score_of(part, windows));
        }
        sort_by_key(&mut found, |each| each.span);
        let original = if view.is_identity { Vec::new() } else { in_original(view.text, &found) };
        let placed = |(at, Window { span, score, example }): (usize, Window)| {
            let (span, via) = original.get(at).copied().unwrap_or((span, Via::default()));
            Resemblance {
                category: example.unwrap_or(Category::PromptInjection),
                is_example: example.is_some(),
                score: f64::from(score),
                span,
                via,
                fingerprint: 0,
            }
        };
        found.into_iter().enumerate().map(placed).collect()
    }

    /// The windows of a folded text that resemble attacks, and how many it has.
    fn windows(&mut self, folded: &[u8]) -> (Vec<Window>, usize) {
        let Self { table, codes, compare, threshold } = self;
        let (mut alike, mut windows) = (Vec::new(), 0);
        each_window(table, codes, folded, |span, sum| {
            let likeness = compare.likeness(sum);
            if compare.score(&likeness, 1).0 >= *threshold {
                alike.push((span, likeness));
            }
            windows += 1;
        });
        let scored = alike.into_iter().map(|(span, likeness)| {
            let (score, example) = compare.score(&likeness, windows);
            Window { span, score, example }
        });
        (scored.filter(|window| window.score >= *threshold).collect(), windows)
    }

    /// The score of a part of a window, in a text of that many.
    fn score_of(&mut self, part: &[u8], windows: usize) -> f32 {
        let Self { table, codes, compare, .. } = self;
        let mut whole = None;
        each_block(part, |block| {
            let sum = table.sum(block, codes);
            whole = Some(whole.map_or(sum, |other| both(&other, &sum)));
        });
        let likeness = whole.map(|sum| compare.likeness(&sum));
        likeness.map_or(0.0, |likeness| compare.score(&likeness, windows).0)
    }
}

/// A window that resembles an attack.
struct Window {
    /// Where it lies in the folded text.
    span: Span,
    score: f32,
    /// The category of the example that it resembles; nothing if it is what the model knows.
    example: Option<Category>,
}

/// Calls `visit` with each window, two blocks in a row, and the sum of its features. A single block is a window, too.
fn each_window(table: &Table, codes: &mut Vec<Code>, folded: &[u8], mut visit: impl FnMut(Span, &Sum)) {
    let (mut before, mut blocks) = (None, 0);
    each_block(folded, |block| {
        let (span, sum) = (block.span, table.sum(block, codes));
        if let Some((Span { start, .. }, other)) = before.replace((span, sum)) {
            visit(Span { start, end: span.end }, &both(&other, &sum));
        }
        blocks += 1;
    });
    if let Some((span, sum)) = before.filter(|_| blocks == 1) {
        visit(span, &sum);
    }
}

/// Where windows lie in the original text, and how they were seen. Any text of a language with diacritics has them, so that they
/// say nothing about a window.
fn in_original(text: &str, windows: &[Window]) -> Vec<(Span, Via)> {
    let spans: Vec<Span> = windows.iter().map(|window| window.span).collect();
    let located = if spans.is_empty() { Vec::new() } else { fold::locate(text, &spans) };
    let told = |via: Via| via.without(Via::DIACRITICS).without(Via::COMPATIBILITY);
    located.into_iter().map(|(span, via)| (span, told(via))).collect()
}

#[cfg(test)]
mod tests;
