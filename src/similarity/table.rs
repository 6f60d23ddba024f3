//! The vectors of features, as product quantisation stores them: eight parts of eight numbers, each one byte that chooses from
//! 256 (Jégou, Douze and Schmid, 2011).

use super::artefact::{Artefact, CHOICES, DIMENSIONS, KINDS, PARTS};
use super::features::Block;
use super::lanes::Four;

/// Vectors added up, four numbers in one register.
pub(super) type Sum = [Four; DIMENSIONS / 4];
/// For each part, which of its choices.
pub(super) type Code = [u8; PARTS];

/// Eight numbers that a part may be.
type Choice = [Four; DIMENSIONS / 4 / PARTS];

/// A vector for each feature.
#[derive(Debug)]
pub(super) struct Table {
    /// Rows for words, for parts of words, for pairs of words and for concepts, in this order.
    rows: [usize; KINDS],
    codes: Vec<Code>,
    choices: Vec<[Choice; CHOICES]>,
}

impl Table {
    pub(super) fn new(artefact: &Artefact<'_>) -> Self {
        let fours: Vec<Four> = artefact.codebooks.as_chunks().0.iter().copied().map(Four::new).collect();
        Self {
            rows: artefact.rows,
            codes: artefact.codes.to_vec(),
            choices: fours.as_chunks().0.as_chunks().0.to_vec(),
        }
    }

    /// The sum of the vectors of a block's features. `codes` is memory to reuse.
    pub(super) fn sum(&self, block: &Block, codes: &mut Vec<Code>) -> Sum {
        self.look_up(block, codes);
        let mut sums = [Four::all(0.0); DIMENSIONS / 4];
        // Two parts at a time, so that their sums stay in registers.
        let groups = sums.as_chunks_mut().0.iter_mut().zip(self.choices.as_chunks().0);
        for (group, ([a, b, c, d], [left, right])) in groups.enumerate() {
            for code in &*codes {
                let Some(&[of_left, of_right]) = code.as_chunks().0.get(group) else { break };
                let ([of_a, of_b], [of_c, of_d]) = (chosen(left, of_left), chosen(right, of_right));
                (*a, *b, *c, *d) = (a.plus(of_a), b.plus(of_b), c.plus(of_c), d.plus(of_d));
            }
        }
        sums
    }

    /// Puts the codes of a block's features into `codes`.
    fn look_up(&self, block: &Block, codes: &mut Vec<Code>) {
        let kinds = [&block.words, &block.grams, &block.pairs, &block.concepts];
        codes.resize(kinds.iter().map(|features| features.len()).sum(), [0; PARTS]);
        let (mut first, mut rest) = (0, codes.as_mut_slice());
        for (features, rows) in kinds.into_iter().zip(self.rows) {
            let table = self.codes.get(first..first + rows).unwrap_or_default();
            let Some((places, behind)) = rest.split_at_mut_checked(features.len()) else { return };
            for (place, &hash) in places.iter_mut().zip(features) {
                *place = table.get(hash as usize % rows).copied().unwrap_or_default();
            }
            (first, rest) = (first + rows, behind);
        }
    }
}

fn chosen(choices: &[Choice; CHOICES], choice: u8) -> Choice {
    choices.get(usize::from(choice)).copied().unwrap_or([Four::all(0.0); 2])
}

/// Both sums together.
pub(super) fn both(a: &Sum, b: &Sum) -> Sum {
    let mut sum = *a;
    for (sum, b) in sum.iter_mut().zip(b) {
        *sum = sum.plus(*b);
    }
    sum
}
