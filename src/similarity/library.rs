//! What is known of attacks: prototypes that training found, and what being like them means.

use super::artefact::{Artefact, DIMENSIONS};
use super::matrix::Matrix;
use super::scale::Scale;

/// The prototypes of attacks.
#[derive(Debug)]
pub(super) struct Library {
    prototypes: Matrix,
    /// How much the nearest prototypes count for more than the others.
    temperature: f32,
    scale: Scale,
}

impl Library {
    pub(super) fn new(artefact: &Artefact<'_>) -> Self {
        Self {
            prototypes: Matrix::new(&artefact.prototypes, DIMENSIONS),
            temperature: artefact.temperature,
            scale: Scale::new(artefact.calibration.clone()),
        }
    }

    /// The cosine with the prototypes, the near ones counting most. `cosines` is memory to reuse.
    pub(super) fn raw_score(&self, place: &[f32], cosines: &mut Vec<f32>) -> f32 {
        cosines.clear();
        cosines.resize(self.prototypes.rows(), 0.0);
        self.prototypes.add_product(place, cosines);
        let nearest = cosines.iter().fold(-1.0, |most, &cosine| if cosine > most { cosine } else { most });
        let weights = cosines.iter().map(|cosine| ((cosine - nearest) * self.temperature).exp());
        let (sum, total) = weights.zip(&*cosines).fold((0.0, 0.0), |(sum, total), (w, c)| (sum + w * c, total + w));
        sum / total
    }

    /// What a raw score means, 0–1: one in a hundred honest texts reaches 0.7, one in a thousand 0.85.
    pub(super) fn calibrated(&self, raw: f32) -> f32 {
        self.scale.read(raw)
    }
}
