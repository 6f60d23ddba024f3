//! What a window is compared with: attacks that the model knows, and those that a user has shown.

use super::artefact::Artefact;
use super::examples::Examples;
use super::library::Library;
use super::space::{Place, Space};
use super::table::Sum;
use crate::finding::Category;

/// What a text that is e times as long has to resemble attacks more, before calibration.
const CHANCE: f32 = 0.015;

/// Embeds windows and compares them.
#[derive(Debug)]
pub(super) struct Comparison {
    space: Space,
    library: Library,
    examples: Examples,
    /// Memory to reuse.
    place: Place,
    cosines: Vec<f32>,
}

impl Comparison {
    pub(super) fn new(artefact: &Artefact<'_>) -> Self {
        let space = Space::new(artefact);
        Self {
            place: space.place(),
            space,
            library: Library::new(artefact),
            examples: Examples::new(artefact),
            cosines: Vec::new(),
        }
    }

    /// How many examples there are.
    pub(super) fn examples(&self) -> usize {
        self.examples.len()
    }

    /// Adds the window whose features add up to `sum` as an example.
    pub(super) fn add(&mut self, sum: &Sum, category: Category) {
        let Self { space, examples, place, .. } = self;
        space.locate_attack(sum, place);
        space.locate_meaning(place);
        examples.add(place, category);
    }

    /// What a raw score means.
    pub(super) fn calibrated(&self, raw: f32) -> f32 {
        self.library.calibrated(raw)
    }

    /// What a window resembles.
    pub(super) fn likeness(&mut self, sum: &Sum) -> Likeness {
        let Self { space, library, examples, place, cosines } = self;
        space.locate_attack(sum, place);
        let raw = library.raw_score(&place.attack, cosines);
        if examples.len() == 0 {
            return Likeness { raw, example: None };
        }
        space.locate_meaning(place);
        Likeness { raw, example: examples.nearest(place) }
    }

    /// How much what is like this resembles an attack, 0–1, in a text of that many windows, and the category of the example that
    /// it is most like; nothing if it is more like what the model knows.
    pub(super) fn score(&self, likeness: &Likeness, windows: usize) -> (f32, Option<Category>) {
        let known = self.calibrated(likeness.among(windows));
        match likeness.example {
            Some((score, category)) if score > known => (score, Some(category)),
            _ => (known, None),
        }
    }
}

/// What a window resembles, whatever text it is in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Likeness {
    /// How much it resembles what the model knows, before calibration.
    pub(super) raw: f32,
    /// How much it resembles the nearest example, calibrated, and that one's category.
    example: Option<(f32, Category)>,
}

impl Likeness {
    /// How much it resembles what the model knows, before calibration, in a text of that many windows: the more there are, the
    /// likelier one of them looks like an attack by chance.
    pub(super) fn among(&self, windows: usize) -> f32 {
        #[expect(clippy::cast_precision_loss, reason = "a text has far fewer windows")]
        let windows = windows.max(1) as f32;
        self.raw - CHANCE * windows.ln()
    }
}
