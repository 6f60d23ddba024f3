//! The vectors of features, as product quantisation stores them: sixteen parts of four numbers, each one byte that chooses from
//! 256 (Jégou, Douze and Schmid, 2011).

use super::artefact::{Artefact, CHOICES, KINDS, PARTS};
use super::features::Block;
use super::lanes::Four;

/// Vectors added up, each part in one register.
pub(super) type Sum = [Four; PARTS];
/// For each part, which of its choices.
pub(super) type Code = [u8; PARTS];

/// A vector for each feature.
#[derive(Debug)]
pub(super) struct Table {
    /// Rows for words, for parts of words, for pairs of words and for concepts, in this order.
    rows: [usize; KINDS],
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
        self.look_up(block, codes);
        let mut sums = [Four::all(0.0); PARTS];
        // Four parts at a time, so that their sums stay in registers.
        let groups = sums.as_chunks_mut::<4>().0.iter_mut().zip(self.choices.as_chunks::<4>().0);
        for (group, ([a, b, c, d], [of_a, of_b, of_c, of_d])) in groups.enumerate() {
            for code in &*codes {
                let Some(&[choice_a, choice_b, choice_c, choice_d]) = code.as_chunks::<4>().0.get(group) else { break };
                *a = a.plus(chosen(of_a, choice_a));
                *b = b.plus(chosen(of_b, choice_b));
                *c = c.plus(chosen(of_c, choice_c));
                *d = d.plus(chosen(of_d, choice_d));
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

fn chosen(choices: &[Four; CHOICES], choice: u8) -> Four {
    choices.get(usize::from(choice)).copied().unwrap_or(Four::all(0.0))
}

/// Both sums together.
pub(super) fn both(a: &Sum, b: &Sum) -> Sum {
    let mut sum = *a;
    for (sum, b) in sum.iter_mut().zip(b) {
        *sum = sum.plus(*b);
    }
    sum
}
