//! The places of a text where patterns and words may begin.

/// Whether a place is one of them: where a run of ASCII letters and digits begins, at every other printable ASCII
/// character, and where a character above ASCII begins.
pub(crate) fn is_anchor(before: Option<u8>, byte: u8) -> bool {
    match byte {
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => !before.is_some_and(|b| b.is_ascii_alphanumeric()),
        0..=0x20 | 0x7F..=0xBF => false,
        _ => true,
    }
}

/// Calls `each` with every anchor of the text, from left to right. Eight bytes are looked at at once, each in its own lane
/// of a number.
pub(crate) fn each_anchor(text: &[u8], mut each: impl FnMut(usize)) {
    let (eights, rest) = text.as_chunks::<8>();
    // Whether the byte before the lanes is an ASCII letter or digit, as the lowest lane.
    let mut before = 0;
    for (n, eight) in eights.iter().enumerate() {
        let mut anchors = anchors(u64::from_le_bytes(*eight), &mut before);
        while anchors != 0 {
            each(n * 8 + anchors.trailing_zeros() as usize / 8);
            anchors &= anchors - 1;
        }
    }
    let start = eights.len() * 8;
    for (at, &byte) in rest.iter().enumerate() {
        let was = (start + at).checked_sub(1).and_then(|before| text.get(before)).copied();
        if is_anchor(was, byte) {
            each(start + at);
        }
    }
}

/// The high bit of each lane that is an anchor.
fn anchors(word: u64, before: &mut u64) -> u64 {
    let is_ascii = !word & HIGH;
    let ascii = word & !HIGH;
    let alphanumeric = letters(word) | between(ascii, b'0', b'9') & is_ascii;
    let printable = between(ascii, b'!', b'~') & is_ascii;
    // 0xC0 and above, where a character begins
    let begins = word & word << 1 & HIGH;
    let follows = alphanumeric << 8 | *before;
    *before = alphanumeric >> 56;
    (printable & !(alphanumeric & follows)) | begins
}

/// The highest bit of every lane.
pub(crate) const HIGH: u64 = lanes(0x80);

/// The byte in every lane.
pub(crate) const fn lanes(byte: u8) -> u64 {
    0x0101_0101_0101_0101 * byte as u64
}

/// The high bit of each lane that is from `low` to `high`; no lane may be above ASCII.
pub(crate) const fn between(ascii: u64, low: u8, high: u8) -> u64 {
    (ascii + lanes(0x80 - low)) & !(ascii + lanes(0x7F - high)) & HIGH
}

/// The high bit of each lane that is an ASCII letter.
pub(crate) const fn letters(word: u64) -> u64 {
    between(word & !HIGH | lanes(0x20), b'a', b'z') & !word
}

/// The high bit of each lane that is zero.
pub(crate) const fn zeros(word: u64) -> u64 {
    !((word & !HIGH) + !HIGH | word) & HIGH
}

/// The eight bytes from `at` on as a little-endian number, zeros behind the end.
pub(crate) fn next_eight(text: &[u8], at: usize) -> u64 {
    let rest = text.get(at..).unwrap_or_default();
    if let Some(eight) = rest.first_chunk::<8>() {
        return u64::from_le_bytes(*eight);
    }
    rest.iter().rev().fold(0, |word, &byte| word << 8 | u64::from(byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn eight_at_once_are_judged_like_one(text in proptest::collection::vec(any::<u8>(), 0..40)) {
            let mut seen = Vec::new();
            each_anchor(&text, |at| seen.push(at));
            let before = |at: usize| at.checked_sub(1).map(|at| text[at]);
            let expected: Vec<usize> = (0..text.len()).filter(|&at| is_anchor(before(at), text[at])).collect();
            prop_assert_eq!(seen, expected);
        }
    }
}
