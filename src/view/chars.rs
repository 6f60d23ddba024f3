//! Steps through a text that the decoders have in common.

/// The character that begins at `at`.
pub(crate) fn char_at(text: &str, at: usize) -> Option<char> {
    text.get(at..)?.chars().next()
}

/// The character that ends at `at`.
pub(crate) fn char_before(text: &str, at: usize) -> Option<char> {
    text.get(..at)?.chars().next_back()
}

/// How many bytes from `at` on, but not more than `max`, are wanted.
#[inline(never)]
pub(crate) fn count(text: &[u8], at: usize, max: usize, wanted: fn(u8) -> bool) -> usize {
    text.iter().skip(at).take(max).take_while(|byte| wanted(**byte)).count()
}

/// How many bytes before `at`, but not more than `max`, are wanted.
#[inline(never)]
pub(crate) fn count_back(text: &[u8], at: usize, max: usize, wanted: fn(u8) -> bool) -> usize {
    text.iter().take(at).rev().take(max).take_while(|byte| wanted(**byte)).count()
}

/// Whether a byte is a letter or digit, or part of a character above ASCII.
pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

/// Whether a byte is a letter, or part of a character above ASCII.
pub(crate) fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte >= 0x80
}

/// The UTF-8 that the bytes begin with.
pub(crate) fn utf8(bytes: &[u8]) -> &str {
    bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid())
}
