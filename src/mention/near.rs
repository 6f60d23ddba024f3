//! Looking around in a text. It is bytes here, in lower case: words are compared, never shown.

/// How much is looked at before or behind an offset.
const REACH: usize = 200;

/// The text before `at`.
pub(super) fn before(text: &[u8], at: usize) -> &[u8] {
    text.get(at.saturating_sub(REACH)..at).unwrap_or_default()
}

/// The text from `at` on.
pub(super) fn behind(text: &[u8], at: usize) -> &[u8] {
    let text = text.get(at..).unwrap_or_default();
    text.get(..REACH).unwrap_or(text)
}

/// What stands behind the last of the marks.
pub(super) fn since<'t>(text: &'t [u8], marks: &[u8]) -> &'t [u8] {
    let last = text.iter().rposition(|byte| marks.contains(byte));
    text.get(last.map_or(0, |at| at + 1)..).unwrap_or_default()
}

/// What stands before the first of the marks, and that mark.
pub(super) fn until<'t>(text: &'t [u8], marks: &[u8]) -> (&'t [u8], Option<u8>) {
    let first = text.iter().position(|byte| marks.contains(byte));
    let head = text.get(..first.unwrap_or(text.len())).unwrap_or_default();
    (head, first.and_then(|at| text.get(at).copied()))
}

/// Whether the byte can be a part of a word.
pub(super) fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii()
}

/// The words of a text.
pub(super) fn words(text: &[u8]) -> Vec<&[u8]> {
    text.split(|&byte| !is_letter(byte)).filter(|word| !word.is_empty()).collect()
}

/// Whether one of the words is in a list, in which they are apart by `|`.
pub(super) fn has(words: &[&[u8]], list: &str) -> bool {
    has_like(words, list, |word, listed| word == listed)
}

/// Whether one of the words begins like one in a list.
pub(super) fn has_beginning(words: &[&[u8]], list: &str) -> bool {
    has_like(words, list, <[u8]>::starts_with)
}

fn has_like(words: &[&[u8]], list: &str, is_like: fn(&[u8], &[u8]) -> bool) -> bool {
    list.as_bytes().split(|&byte| byte == b'|').any(|listed| words.iter().any(|word| is_like(word, listed)))
}

/// Whether a colon of any width ends the text.
pub(super) fn ends_with_colon(text: &[u8]) -> bool {
    let text = text.trim_ascii_end();
    text.ends_with(b":") || text.ends_with("：".as_bytes())
}
