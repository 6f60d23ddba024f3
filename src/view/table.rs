//! The folding table: what one character above ASCII is read as.
//!
//! `build/fold.rs` fills it from the Unicode data; the build folds the literals of the patterns with it and the core
//! folds texts with it, so the two can never disagree.

use crate::finding::Via;

/// Characters in one page of the table.
pub(crate) const PAGE: usize = 64;
/// Leaf value of an invisible character, which is read as nothing.
pub(crate) const INVISIBLE: u16 = 1;
/// Leaf value of a combining mark, which is read as nothing.
pub(crate) const MARK: u16 = 2;

/// A two-level table over code points.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FoldTable<'a> {
    /// For each page of code points the number of its leaf.
    pub(crate) pages: &'a [u8],
    /// For each code point of a leaf: 0 as it is, 1 or 2 nothing, else an offset into `pool`.
    pub(crate) leaves: &'a [u16],
    /// Replacements: a byte (length, and the [`Via`] bits from bit 4 up), then the text.
    pub(crate) pool: &'a [u8],
}

/// What a character is read as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reading<'a> {
    /// Itself.
    Same,
    /// This text (never empty, lower case).
    Text(&'a [u8], Via),
    /// Nothing.
    Nothing(Via),
}

impl<'a> FoldTable<'a> {
    /// What `c`, a character above ASCII, is read as.
    pub(crate) fn read(&self, c: char) -> Reading<'a> {
        let code = c as usize;
        if (0xE_0000..0xE_1000).contains(&code) {
            return Reading::Nothing(Via::ZERO_WIDTH); // tags and the variation selectors' supplement
        }
        match self.leaf(code) {
            0 => Reading::Same,
            INVISIBLE => Reading::Nothing(Via::ZERO_WIDTH),
            MARK => Reading::Nothing(Via::DIACRITICS),
            offset => self.replacement(usize::from(offset)).unwrap_or(Reading::Same),
        }
    }

    fn leaf(&self, code: usize) -> u16 {
        let leaf = self.pages.get(code / PAGE).map(|&page| usize::from(page) * PAGE + code % PAGE);
        leaf.and_then(|at| self.leaves.get(at)).copied().unwrap_or_default()
    }

    fn replacement(&self, offset: usize) -> Option<Reading<'a>> {
        let header = *self.pool.get(offset)?;
        let text = self.pool.get(offset + 1..offset + 1 + usize::from(header & 15))?;
        Some(Reading::Text(text, Via(u32::from(header >> 4))))
    }
}
