//! Cyrillic letters that look like Latin ones as capitals only, and the sign of the euro, in words that have Latin letters:
//! `Тhе Нidden syst€м`.
//!
//! Folding leaves them alone, since Russian is written with them, and prices are.

use super::derived::Edit;
use crate::finding::Via;
use crate::span::Span;

/// How to read `c`, which stands at `at` in a word that has Latin letters.
pub(crate) fn read(at: usize, c: char) -> Option<Edit> {
    let latin = match c {
        'В' | 'в' => 'b',
        'К' | 'к' => 'k',
        'М' | 'м' => 'm',
        'Н' | 'н' => 'h',
        'Т' | 'т' => 't',
        '€' => 'e',
        _ => return None,
    };
    Some(Edit { source: Span { start: at, end: at + c.len_utf8() }, reads: Some(latin), via: Via::CONFUSABLES })
}

/// Whether a Cyrillic letter or the sign of the euro begins at `at` and stands beside a Latin letter.
pub(crate) fn is_mixed(text: &[u8], at: usize) -> bool {
    let is_latin = |at: usize| text.get(at).is_some_and(u8::is_ascii_alphabetic);
    let length = match text.get(at..).unwrap_or_default() {
        [0xD0 | 0xD1, ..] => 2,
        [0xE2, 0x82, 0xAC, ..] => 3,
        _ => return false,
    };
    is_latin(at.wrapping_sub(1)) || is_latin(at + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_capitals_and_what_stands_for_them_in_small_letters() {
        let latin: String = "ВКМНТвкмнт".chars().filter_map(|c| read(0, c)?.reads).collect();
        assert_eq!(latin, "bkmhtbkmht");
        assert_eq!(read(0, 'я'), None);
    }

    #[test]
    fn a_word_is_mixed_where_the_scripts_meet() {
        let is_mixed = |text: &str, at| is_mixed(text.as_bytes(), at);
        assert!(is_mixed("Тhe", 0) && is_mixed("systeм", 5) && is_mixed("pr€vious", 2));
        assert!(!is_mixed("Теперь", 0) && !is_mixed("HTTP-запрос", 5) && !is_mixed("aé", 1) && !is_mixed("8 €", 2));
    }
}
