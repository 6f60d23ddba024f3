//! From the sum of a window's features to where the window lies: among attacks, and among meanings.

use super::artefact::{Artefact, DIMENSIONS};
use super::matrix::Matrix;
use super::table::Sum;

/// How much a window's vector is stretched before the hidden units see it.
const GAIN: f32 = 4.0;
/// Vectors that are hardly longer than this, of a window and among attacks, become shorter than 1: there is little to go by.
const WINDOW_EASE: f32 = 1.0;
const ATTACK_EASE: f32 = 0.3;

/// The layers of a model that embed.
#[derive(Debug)]
pub(super) struct Space {
    straight: Matrix,
    to_hidden: Matrix,
    from_hidden: Matrix,
    to_meaning: Matrix,
}

/// Where a window lies; memory to reuse.
#[derive(Debug)]
pub(super) struct Place {
    window: Vec<f32>,
    hidden: Vec<f32>,
    /// Among attacks; the shorter, from 1 to 0, the less is known.
    pub(super) attack: Vec<f32>,
    /// Among meanings; of length 1, or of 0 where nothing is known.
    pub(super) meaning: Vec<f32>,
}

impl Space {
    pub(super) fn new(artefact: &Artefact<'_>) -> Self {
        Self {
            straight: Matrix::new(&artefact.straight, DIMENSIONS),
            to_hidden: Matrix::new(&artefact.to_hidden, DIMENSIONS),
            from_hidden: Matrix::new(&artefact.from_hidden, artefact.hidden),
            to_meaning: Matrix::new(&artefact.to_meaning, DIMENSIONS),
        }
    }

    /// A place to be filled.
    pub(super) fn place(&self) -> Place {
        Place {
            window: Vec::with_capacity(DIMENSIONS),
            hidden: vec![0.0; self.to_hidden.rows()],
            attack: vec![0.0; DIMENSIONS],
            meaning: vec![0.0; self.to_meaning.rows()],
        }
    }

    /// Finds where the window lies whose features add up to `sum`, among attacks only.
    pub(super) fn locate_attack(&self, sum: &Sum, place: &mut Place) {
        let Place { window, hidden, attack, .. } = place;
        window.clear();
        window.extend(sum.iter().flat_map(|four| four.numbers()));
        normalise(window, WINDOW_EASE);
        hidden.fill(0.0);
        self.to_hidden.add_product(window, hidden);
        for unit in hidden.iter_mut() {
            *unit = (*unit * GAIN).max(0.0);
        }
        attack.fill(0.0);
        self.straight.add_product(window, attack);
        self.from_hidden.add_product(hidden, attack);
        normalise(attack, ATTACK_EASE);
    }

    /// Finds where the same window lies among meanings.
    pub(super) fn locate_meaning(&self, place: &mut Place) {
        place.meaning.fill(0.0);
        self.to_meaning.add_product(&place.window, &mut place.meaning);
        normalise(&mut place.meaning, 0.0);
    }
}

/// Scales a vector to length 1, or less if it is hardly longer than `ease`; one that has no length stays as it is.
pub(super) fn normalise(vector: &mut [f32], ease: f32) {
    let square = vector.iter().map(|number| number * number).sum::<f32>();
    let length = (square + ease * ease).sqrt();
    if length > f32::MIN_POSITIVE && length.is_finite() {
        for number in vector {
            *number /= length;
        }
    } else {
        vector.fill(0.0);
    }
}
