//! Attacks that a user has shown. Each has a scale of its own, from a bank of honest texts: what is nearer to it than all of
//! these is like it.

use super::artefact::{Artefact, DIMENSIONS};
use super::lanes::{Four, dot};
use super::scale::Scale;
use super::space::{Place, normalise};
use crate::finding::Category;

/// Share of the way from the nearest honest text to the example from which on a text is surely like the example.
const SURELY: f32 = 0.35;

/// Examples, and the bank.
#[derive(Debug)]
pub(super) struct Examples {
    shown: Vec<Example>,
    /// Vectors of honest texts, of length 1 and stretched by 127.
    bank: Vec<i8>,
    /// Numbers in such a vector.
    length: usize,
    /// Memory to reuse.
    vector: Vec<f32>,
    fours: Vec<Four>,
}

#[derive(Debug)]
struct Example {
    category: Category,
    vector: Vec<Four>,
    scale: Scale,
}

impl Examples {
    pub(super) fn new(artefact: &Artefact<'_>) -> Self {
        Self {
            shown: Vec::new(),
            bank: artefact.bank.iter().map(|&byte| byte.cast_signed()).collect(),
            length: DIMENSIONS + artefact.meanings,
            vector: Vec::new(),
            fours: Vec::new(),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.shown.len()
    }

    /// Adds what lies at this place.
    pub(super) fn add(&mut self, place: &Place, category: Category) {
        self.take(place);
        let rows = self.bank.chunks_exact(self.length);
        let similarities =
            rows.map(|row| row.iter().zip(&self.vector).map(|(&a, b)| f32::from(a) / 127.0 * b).sum::<f32>());
        let nearest = similarities.fold(0.0, f32::max).clamp(0.01, 0.99);
        let scale =
            Scale::new(vec![[0.0, 0.0], [nearest, 0.7], [nearest + SURELY * (1.0 - nearest), 0.85], [1.0, 1.0]]);
        self.shown.push(Example { category, vector: self.fours.clone(), scale });
    }

    /// The example that this place is most like, and how much.
    pub(super) fn nearest(&mut self, place: &Place) -> Option<(f32, Category)> {
        self.take(place);
        let scores = self.shown.iter().map(|each| (each.scale.read(dot(&each.vector, &self.fours)), each.category));
        scores.max_by(|(a, _), (b, _)| a.total_cmp(b))
    }

    /// Puts both vectors of a place together to one of length 1.
    fn take(&mut self, place: &Place) {
        self.vector.clear();
        self.vector.extend(&place.attack);
        normalise(&mut self.vector, 0.0);
        self.vector.extend(&place.meaning);
        for number in &mut self.vector {
            *number *= std::f32::consts::FRAC_1_SQRT_2;
        }
        self.fours.clear();
        self.fours.extend(self.vector.as_chunks().0.iter().map(|&four| Four::new(four)));
    }
}
