//! The words that patterns look for, as far as undoing a disguise needs them: to tell `pr3vious` from `utf8mb4`, and
//! where in `ignoreallrules` a word ends.
//!
//! The words of patterns stand in a bitmap, those of the lexicon in its table. One word in a thousand may be taken for known that is
//! not, which then is read differently in vain. The bitmap is made when it is first asked: many texts raise no doubt about a word.

use std::sync::OnceLock;

use crate::word_hash::WordHash;

/// Bits of the map, as a power of two: some thirty times as many as there are words.
const SIZE: u32 = 19;
/// Shortest beginning of a word that counts for the whole, and most bytes that may follow it (`instruct`, `ions`).
const STEM: usize = 5;
const ENDING: usize = 4;
/// Longest word that is looked for.
pub(crate) const LONGEST: usize = 24;

/// A set of folded words.
#[derive(Debug)]
pub(crate) struct Words {
    bits: OnceLock<Vec<u64>>,
    collect: Collect,
    /// Whether a word with this hash is known without them.
    knows: fn(WordHash) -> bool,
}

/// Calls a function with folded texts that hold the words.
type Collect = fn(&mut dyn FnMut(&[u8]));

impl Words {
    /// The words that `collect` brings, and those that `knows` knows.
    pub(crate) const fn new(collect: Collect, knows: fn(WordHash) -> bool) -> Self {
        Self { bits: OnceLock::new(), collect, knows }
    }

    /// Whether the word with this hash is in the set.
    pub(crate) fn has(&self, hash: WordHash) -> bool {
        let all = self.bits.get_or_init(|| bits(self.collect));
        let is_there = |bit: &usize| all.get(bit / 64).is_some_and(|bits| bits >> (bit % 64) & 1 == 1);
        places(hash).iter().all(is_there) || (self.knows)(hash)
    }

    /// How much of a folded word is in the set: all of it, or all but an ending.
    pub(crate) fn known(&self, word: &[u8]) -> Option<usize> {
        let stem = word.len().saturating_sub(ENDING).max(STEM.min(word.len()));
        let mut hash = WordHash::EMPTY;
        let beginnings = word.iter().zip(1..).filter(|(byte, len)| {
            hash = hash.then(**byte);
            *len >= stem && self.has(hash)
        });
        beginnings.last().map(|(_, len)| len)
    }
}

fn bits(collect: Collect) -> Vec<u64> {
    let mut all = vec![0; (1 << SIZE) / 64];
    collect(&mut |text| {
        for word in text.split(|&byte| !is_letter(byte)).filter(|word| word.len() > 1) {
            for bit in places(WordHash::of(word)) {
                if let Some(bits) = all.get_mut(bit / 64) {
                    *bits |= 1 << (bit % 64);
                }
            }
        }
    });
    all
}

/// The three bits that stand for a word.
#[expect(clippy::cast_possible_truncation, reason = "cut to size anyway")]
fn places(hash: WordHash) -> [usize; 3] {
    [64 - SIZE, 43 - SIZE, 22 - SIZE].map(|shift| (hash.mixed() >> shift) as usize % (1 << SIZE))
}

/// Whether a folded byte is part of a word.
pub(crate) fn is_letter(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_words_and_their_endings() {
        let words = Words::new(
            |add| {
                add(b"instruct the system prompt");
                add("\"игнopиpyи\"".as_bytes());
            },
            |_| false,
        );
        for known in ["instruct", "instructions", "the", "system", "игнopиpyи"] {
            assert!(words.known(known.as_bytes()).is_some(), "{known}");
        }
        assert_eq!(words.known(b"instructions"), Some(8));
        for unknown in ["instructionally", "them", "sys", "a", "", "utfbmba"] {
            assert_eq!(words.known(unknown.as_bytes()), None, "{unknown}");
        }
    }
}
