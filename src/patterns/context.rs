//! Words before a match that speak for something else, such as "version" before what looks like an address.

use std::borrow::Cow;

/// Bytes before a match in which such words count.
const REACH: usize = 32;

/// Whether one of the words stands, or begins one, shortly before `at`.
pub(crate) fn speaks_against(words: &[Cow<'static, str>], text: &[u8], at: usize) -> bool {
    if words.is_empty() {
        return false;
    }
    let from = at.saturating_sub(REACH);
    let mut before = from.checked_sub(1).and_then(|i| text.get(i)).copied();
    let window = text.get(from..at).unwrap_or_default().to_ascii_lowercase();
    (0..window.len()).any(|i| {
        let rest = window.get(i..).unwrap_or_default();
        let is_inside = before.is_some_and(|b| b.is_ascii_alphanumeric());
        before = rest.first().copied();
        !is_inside && words.iter().any(|word| rest.starts_with(word.as_bytes()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_counts_if_it_is_near_and_begins_one() {
        let speaks = |text: &str| speaks_against(&["version".into()], text.as_bytes(), text.len());
        assert!(speaks("Version: ") && speaks("the versions are ") && speaks("version"));
        assert!(!speaks("conversion ") && !speaks("version of what is there, and then there is ") && !speaks(""));
    }
}
