//! A matrix, stored so that its product with a vector needs no sums across a register: sixteen rows at a time, column by column.

use super::lanes::Four;

/// Rows that are computed at once.
pub(super) const TILE: usize = 16;

/// A matrix; its number of rows is a multiple of [`TILE`].
#[derive(Debug)]
pub(super) struct Matrix {
    /// For each sixteen rows, their columns one behind another.
    tiles: Vec<[Four; 4]>,
    columns: usize,
}

impl Matrix {
    /// The matrix with these numbers, row by row.
    pub(super) fn new(numbers: &[f32], columns: usize) -> Self {
        let at = |row: usize, column: usize| numbers.get(row * columns + column).copied().unwrap_or_default();
        let rows = numbers.len().checked_div(columns).unwrap_or_default();
        let column = |first: usize, column: usize| {
            [0, 4, 8, 12].map(|more| Four::new([0, 1, 2, 3].map(|lane| at(first + more + lane, column))))
        };
        let tiles = (0..rows).step_by(TILE).flat_map(|first| (0..columns).map(move |each| column(first, each)));
        Self { tiles: tiles.collect(), columns }
    }

    /// How many rows there are.
    pub(super) fn rows(&self) -> usize {
        self.tiles.len() / self.columns.max(1) * TILE
    }

    /// Adds the product with `vector` to `sum`.
    pub(super) fn add_product(&self, vector: &[f32], sum: &mut [f32]) {
        let tiles = self.tiles.chunks_exact(self.columns.max(1));
        for (columns, sums) in tiles.zip(sum.as_chunks_mut::<TILE>().0) {
            let zero = Four::all(0.0);
            let (mut a, mut b, mut c, mut d) = (zero, zero, zero, zero);
            for ([e, f, g, h], &number) in columns.iter().zip(vector) {
                let number = Four::all(number);
                a = a.plus(e.times(number));
                b = b.plus(f.times(number));
                c = c.plus(g.times(number));
                d = d.plus(h.times(number));
            }
            let products = [a, b, c, d].into_iter().flat_map(Four::numbers);
            for (sum, product) in sums.iter_mut().zip(products) {
                *sum += product;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multiplies_as_a_matrix_does() {
        let numbers: Vec<f32> = (0..32 * 3_u16).map(f32::from).collect();
        let mut sum = [0.5; 32];
        Matrix::new(&numbers, 3).add_product(&[1.0, 0.0, -2.0], &mut sum);
        for (row, sum) in sum.iter().enumerate() {
            let expected = numbers[row * 3] - 2.0 * numbers[row * 3 + 2] + 0.5;
            assert!((sum - expected).abs() < 1e-4, "row {row}: {sum}, not {expected}");
        }
    }
}
