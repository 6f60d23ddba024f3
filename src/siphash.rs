//! `SipHash-2-4`: a keyed hash, so that what it hides cannot be guessed without the key.
//!
//! Aumasson and Bernstein, "`SipHash`: a fast short-input PRF" (2012). Written out because its values must stay the same
//! from release to release, which the standard library's hasher does not promise, and without `unsafe`.

/// 128 secret bits.
#[derive(Clone, Copy)]
pub(crate) struct Key([u64; 2]);

impl Key {
    /// The key that these bytes hold, little-endian.
    #[must_use]
    pub(crate) fn new(bytes: [u8; 16]) -> Self {
        let key = u128::from_le_bytes(bytes);
        #[expect(clippy::cast_possible_truncation, reason = "the lower and the upper half")]
        Self([key as u64, (key >> 64) as u64])
    }

    /// The hash of `message` under this key.
    #[must_use]
    pub(crate) fn hash(&self, message: &[u8]) -> u64 {
        let Self([k0, k1]) = *self;
        let mut state = [
            k0 ^ 0x736f_6d65_7073_6575,
            k1 ^ 0x646f_7261_6e64_6f6d,
            k0 ^ 0x6c79_6765_6e65_7261,
            k1 ^ 0x7465_6462_7974_6573,
        ];
        let mut absorb = |word: u64| {
            let [a, b, c, d] = rounds::<2>([state[0], state[1], state[2], state[3] ^ word]);
            state = [a ^ word, b, c, d];
        };
        let (words, rest) = message.as_chunks::<8>();
        for word in words {
            absorb(u64::from_le_bytes(*word));
        }
        let last = rest.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte));
        absorb(last | (message.len() as u64) << 56);
        let [a, b, c, d] = state;
        rounds::<4>([a, b, c ^ 0xFF, d]).into_iter().fold(0, |all, word| all ^ word)
    }
}

fn rounds<const N: usize>([mut a, mut b, mut c, mut d]: [u64; 4]) -> [u64; 4] {
    for _ in 0..N {
        a = a.wrapping_add(b);
        b = b.rotate_left(13) ^ a;
        a = a.rotate_left(32);
        c = c.wrapping_add(d);
        d = d.rotate_left(16) ^ c;
        a = a.wrapping_add(d);
        d = d.rotate_left(21) ^ a;
        c = c.wrapping_add(b);
        b = b.rotate_left(17) ^ c;
        c = c.rotate_left(32);
    }
    [a, b, c, d]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The first and the worked example of the paper's reference implementation.
    #[test]
    fn agrees_with_the_reference() {
        let key = Key::new(std::array::from_fn(|i| i as u8));
        let message: Vec<u8> = (0..15).collect();
        assert_eq!(key.hash(&message), 0xa129_ca61_49be_45e5);
        assert_eq!(key.hash(&[]), 0x726f_db47_dd0e_0e31);
    }
}
