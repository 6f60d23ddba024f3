//! The vectors of features, as product quantisation stores them: sixteen parts of four numbers, each one byte that chooses from
//! 256 (Jégou, Douze and Schmid, 2011).

use super::artefact::{Artefact, CHOICES, PARTS};
use super::features::Block;
use super::lanes::Four;

/// Vectors added up, each part in one register.
pub(super) type Sum = [Four; PARTS];
/// For each part, which of its choices.
pub(super) type Code = [u8; PARTS];

/// A vector for each feature.
#[derive(Debug)]
pub(super) struct Table {
    /// Rows for words, for parts of words and for pairs of words, in this order.
    rows: [usize; 3],
    codes: Vec<Code>,
    choices: Vec<[Four; CHOICES]>,
}

impl Table {
    pub(super) fn new(artefact: &Artefact<'_>) -> Self {
        let of_part = |numbers: &[[f32; 4]; CHOICES]| numbers.map(Four::new);
        let fours = artefact.codebooks.as_chunks::<4>().0;
        Self {
            rows: artefact.rows,
            codes: artefact.codes.to_vec(),
            choices: fours.as_chunks().0.iter().map(of_part).collect(),
        }
    }

    /// The sum of the vectors of a block's features. `codes` is memory to reuse.
    pub(super) fn sum(&self, block: &Block, codes: &mut Vec<Code>) -> Sum {
        codes.clear();
        let mut first = 0;
        for (features, rows) in [&block.words, &block.grams, &block.pairs].into_iter().zip(self.rows) {
            let table = self.codes.get(first..first + rows).unwrap_or_default();
            codes.extend(features.iter().filter_map(|&hash| table.get(hash as usize % rows)));
            first += rows;
        }
        // Part by part, so that a part's choices and its sum stay at hand.
        let mut sums = [Four::all(0.0); PARTS];
        for (part, (sum, choices)) in sums.iter_mut().zip(&self.choices).enumerate() {
            for code in &*codes {
                if let Some(choice) = code.get(part).and_then(|&code| choices.get(usize::from(code))) {
                    *sum = sum.plus(*choice);
                }
            }
        }
        sums
    }
}

/// Both sums together.
pub(super) fn both(a: &Sum, b: &Sum) -> Sum {
    let mut sum = *a;
    for (sum, b) in sum.iter_mut().zip(b) {
        *sum = sum.plus(*b);
    }
    sum
}
