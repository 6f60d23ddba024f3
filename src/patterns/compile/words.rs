//! Trees that stand for a few words only.

use regex_syntax::hir::{Hir, HirKind, Repetition};

use super::program::byte_set;
use crate::patterns::tables::contains;

/// Most words of an alternation, and most that the parts of a sequence may multiply to.
const MAX_WORDS: usize = 128;
const MAX_PRODUCT: usize = 4;
const MAX_WORD_BYTES: usize = 64;
/// Largest class that is worth being spelled out.
const MAX_CLASS: usize = 3;

/// The words in order of preference, if the tree matches those and nothing else.
pub(crate) fn of(hir: &Hir) -> Option<Vec<Vec<u8>>> {
    let words = match hir.kind() {
        HirKind::Empty => vec![Vec::new()],
        HirKind::Literal(literal) => vec![literal.0.to_vec()],
        HirKind::Class(class) => {
            let set = byte_set(class).ok()?;
            let bytes: Vec<_> = (0..=u8::MAX).filter(|&b| contains(&set, b)).map(|b| vec![b]).collect();
            Some(bytes).filter(|bytes| bytes.len() <= MAX_CLASS)?
        }
        HirKind::Repetition(Repetition { min: 0, max: Some(1), greedy, sub }) => {
            let mut words = of(sub)?;
            words.insert(if *greedy { words.len() } else { 0 }, Vec::new());
            words
        }
        HirKind::Concat(parts) => parts.iter().try_fold(vec![Vec::new()], |heads, part| {
            let tails = of(part)?;
            let joined = heads.iter().flat_map(|head| tails.iter().map(move |tail| [head.as_slice(), tail].concat()));
            (heads.len() * tails.len() <= MAX_PRODUCT.max(heads.len()).max(tails.len())).then(|| joined.collect())
        })?,
        HirKind::Alternation(branches) => {
            branches.iter().map(of).collect::<Option<Vec<_>>>()?.into_iter().flatten().collect()
        }
        HirKind::Repetition(_) | HirKind::Capture(_) | HirKind::Look(_) => return None,
    };
    (words.len() <= MAX_WORDS && words.iter().all(|word| word.len() <= MAX_WORD_BYTES)).then_some(words)
}
