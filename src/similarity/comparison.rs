//! What a window is compared with: attacks that the model knows, and those that a user has shown.

use super::artefact::Artefact;
use super::examples::Examples;
use super::library::Library;
use super::space::{Place, Space};
use super::table::Sum;
use crate::finding::Category;

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

    /// How much a window resembles what the model knows, before calibration.
    pub(super) fn raw_score(&mut self, sum: &Sum) -> f32 {
        let Self { space, library, place, cosines, .. } = self;
        space.locate_attack(sum, place);
        library.raw_score(&place.attack, cosines)
    }

    /// What a raw score means.
    pub(super) fn calibrated(&self, raw: f32) -> f32 {
        self.library.calibrated(raw)
    }

    /// How much a window resembles an attack, 0–1, and the category of the example that it is most like; nothing if it is more
    /// like what the model knows.
    pub(super) fn score(&mut self, sum: &Sum) -> (f32, Option<Category>) {
        let raw = self.raw_score(sum);
        let known = (self.library.calibrated(raw), None);
        let Self { space, examples, place, .. } = self;
        if examples.len() == 0 {
            return known;
        }
        space.locate_meaning(place);
        let example = examples.nearest(place).map(|(score, category)| (score, Some(category)));
        example.filter(|(score, _)| *score > known.0).unwrap_or(known)
    }
}
