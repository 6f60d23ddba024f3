//! The hash of words. It is made byte by byte, so that the hashes of all beginnings come with it, but takes in eight bytes at once,
//! so that a short word costs next to nothing.

/// The hash of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct WordHash {
    /// All but the latest bytes.
    taken: u64,
    /// Bytes that have not been taken in, the first of them lowest, and how many bits they are.
    latest: u64,
    bits: u32,
}

impl WordHash {
    pub(crate) const EMPTY: Self = Self { taken: 0, latest: 0, bits: 0 };

    /// The hash of all these bytes.
    pub(crate) fn of(bytes: &[u8]) -> Self {
        bytes.iter().fold(Self::EMPTY, |hash, &byte| hash.then(byte))
    }

    /// The hash with one more byte. One that belongs to no word stands alone, so that each word begins with a new eight.
    #[inline]
    pub(crate) const fn then(self, byte: u8) -> Self {
        if byte <= b' ' {
            let Self { taken, .. } = self.take_in();
            return Self { taken, latest: byte as u64, bits: 8 }.take_in();
        }
        let longer = Self { latest: self.latest | (byte as u64) << self.bits, bits: self.bits + 8, ..self };
        if longer.bits == 64 { longer.take_in() } else { longer }
    }

    /// The hash with the first of eight bytes of a word, where those before have all been taken in: at the beginning of a word, and
    /// every eight bytes.
    #[inline]
    pub(crate) fn then_first(self, eight: u64, bytes: usize) -> Self {
        #[expect(clippy::cast_possible_truncation, reason = "eight at most")]
        let bits = 8 * bytes as u32;
        let longer = Self { latest: eight & u64::MAX.unbounded_shr(64 - bits), bits, ..self };
        if longer.bits == 64 { longer.take_in() } else { longer }
    }

    #[inline]
    const fn take_in(self) -> Self {
        if self.bits == 0 {
            return self;
        }
        let mixed = (self.taken ^ self.latest).wrapping_mul(0xFF51_AFD7_ED55_8CCD);
        Self { taken: mixed ^ mixed >> 32, latest: 0, bits: 0 }
    }

    /// A number whose upper bits depend on all bytes.
    #[inline]
    pub(crate) const fn mixed(self) -> u64 {
        self.take_in().taken.wrapping_mul(0x9E37_79B9_7F4A_7C15)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::anchor::next_eight;

    #[test]
    fn the_first_bytes_of_a_word_are_hashed_at_once() {
        let before = WordHash::of(b"ignore ");
        for length in 0..=8 {
            let word = &b"previous"[..length];
            let hash = word.iter().fold(before, |hash, &byte| hash.then(byte));
            assert_eq!(before.then_first(next_eight(b"previous", 0), length), hash);
        }
    }

    #[test]
    fn hashes_tell_texts_apart() {
        let texts = ["", "a", "b", "ab", "a b", "ab ", " ab", "abcdefgh", "abcdefghi", "abcdefgh i", "abcdefg h"];
        let mut hashes: Vec<u64> = texts.iter().map(|text| WordHash::of(text.as_bytes()).mixed()).collect();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), texts.len());
    }
}
