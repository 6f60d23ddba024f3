//! L2: how much a text resembles attacks by its meaning. A small model, made by `training/`, embeds windows of the text; each is
//! compared with prototypes of attacks, and with examples that a user has added.

mod artefact;
#[cfg(test)]
pub(crate) mod builder;
mod examples;
mod features;
mod half;
mod lanes;
mod library;
mod matrix;
mod scale;
mod space;
mod table;

pub use self::artefact::Refusal;
pub use self::features::{Block, VERSION, each_block, folded};

use self::artefact::Artefact;
use self::examples::Examples;
use self::library::Library;
use self::space::{Place, Space};
use self::table::{Code, Sum, Table, both};
use crate::finding::{Category, Via};
use crate::span::Span;
use crate::view::{View, fold};

/// Most windows of examples. Each window of a text is compared with all of them.
pub const MOST_EXAMPLES: usize = 1000;

/// A model, and what it was shown since it was loaded.
#[derive(Debug)]
pub struct Similarity {
    table: Table,
    space: Space,
    library: Library,
    examples: Examples,
    threshold: f32,
    codes: Vec<Code>,
    cosines: Vec<f32>,
    place: Place,
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
    /// Bytes of the original text, at most 64 words; those of neighbours overlap.
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
        let space = Space::new(&artefact);
        Ok(Self {
            table: Table::new(&artefact),
            place: space.place(),
            space,
            library: Library::new(&artefact),
            examples: Examples::new(&artefact),
            threshold,
            codes: Vec::new(),
            cosines: Vec::new(),
        })
    }

    /// Adds an attack of this category; what has more than 64 words counts as several. Whether there was room for it: if
    /// not, nothing has changed.
    pub fn add_example(&mut self, text: &str, category: Category) -> bool {
        let Self { table, space, examples, codes, place, .. } = self;
        let mut sums = Vec::new();
        each_window(table, codes, &folded(text), |_, sum| sums.push(*sum));
        if examples.len() + sums.len() > MOST_EXAMPLES {
            return false;
        }
        for sum in sums {
            space.locate_attack(&sum, place);
            space.locate_meaning(place);
            examples.add(place, category);
        }
        true
    }

    /// How much a text resembles attacks that the model knows, before and after calibration: that of its worst window.
    /// Nothing if it has no words.
    pub fn score(&mut self, text: &str) -> Option<(f64, f64)> {
        let Self { table, space, library, codes, cosines, place, .. } = self;
        let mut worst = None;
        each_window(table, codes, &folded(text), |_, sum| {
            space.locate_attack(sum, place);
            let raw = library.raw_score(&place.attack, cosines);
            worst = Some(worst.map_or(raw, |worst: f32| worst.max(raw)));
        });
        worst.map(|raw| (f64::from(raw), f64::from(library.calibrated(raw))))
    }

    /// The windows of a text that resemble attacks, in order; without fingerprints.
    pub(crate) fn search(&mut self, view: &View<'_>) -> Vec<Resemblance> {
        let Self { table, space, library, examples, threshold, codes, cosines, place } = self;
        let mut found = Vec::new();
        each_window(table, codes, view.folded, |span, sum| {
            space.locate_attack(sum, place);
            let known = (library.calibrated(library.raw_score(&place.attack, cosines)), None);
            let mut best = known;
            if !examples.is_empty() {
                space.locate_meaning(place);
                let example = examples.nearest(place).map(|(score, category)| (score, Some(category)));
                best = example.filter(|(score, _)| *score > known.0).unwrap_or(known);
            }
            let (score, category) = best;
            if score >= *threshold {
                found.push(Resemblance {
                    category: category.unwrap_or(Category::PromptInjection),
                    is_example: category.is_some(),
                    score: f64::from(score),
                    span,
                    via: Via::default(),
                    fingerprint: 0,
                });
            }
        });
        if !view.is_identity {
            place_in_original(view.text, &mut found);
        }
        found
    }
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

/// Replaces the spans of the folded view by those of the original text. Any text of a language with diacritics has them, so
/// that they say nothing about a window.
fn place_in_original(text: &str, found: &mut [Resemblance]) {
    if found.is_empty() {
        return;
    }
    let spans: Vec<Span> = found.iter().map(|each| each.span).collect();
    for (each, (span, via)) in found.iter_mut().zip(fold::locate(text, &spans)) {
        (each.span, each.via) = (span, via.without(Via::DIACRITICS).without(Via::COMPATIBILITY));
    }
}

#[cfg(test)]
mod tests;
