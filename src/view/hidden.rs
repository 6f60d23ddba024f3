//! Characters that folding reads as others, put into the text itself: patterns for secrets and personal data read no
//! folded text, and `4111\u{200B}1111` or full-width digits must not hide from them.

use super::chars::{char_at, char_before};
use super::derived::Edit;
use super::fold;
use super::table::Reading;
use crate::finding::Via;
use crate::span::Span;

/// Most bytes of invisible characters in a row that are taken for one gap.
const MAX_GAP: usize = 1 << 10;

/// Whether the character that begins at `at`, with this byte, may be one that hides something.
pub(crate) fn may_hide(text: &[u8], at: usize, byte: u8) -> bool {
    let next = || text.get(at + 1).copied().unwrap_or_default();
    match byte {
        // Signs of Latin-1, small raised letters, marks, digits of other scripts, punctuation, full-width forms, mathematical letters
        0xC2 | 0xCA | 0xCB | 0xCD | 0xD9 | 0xDB | 0xDF | 0xE0..=0xE2 | 0xEF.. => true,
        0xC5 => next() == 0xBF, // ſ
        0xD8 => next() <= 0x9F, // before the Arabic letters
        0xE3 => next() == 0x80, // before the kana
        0xEA => next() <= 0xAF, // before the Hangul
        _ => false,
    }
}

/// How to read `c`, which stands at `at` and is no ASCII, if it hides something.
pub(crate) fn read(text: &str, at: usize, c: char) -> Option<Edit> {
    let mut end = at + c.len_utf8();
    let before = char_before(text, at).unwrap_or(' ');
    let (reads, via) = match fold::read(c) {
        Reading::Nothing(via) if via == Via::ZERO_WIDTH && before.is_ascii() => {
            let limit = end + MAX_GAP;
            while let Some(c) = char_at(text, end).filter(|c| end < limit && is_invisible(*c)) {
                end += c.len_utf8();
            }
            let after = char_at(text, end)?;
            if !after.is_ascii() || !before.is_ascii_graphic() && !after.is_ascii_graphic() {
                return None;
            }
            (None, via)
        }
        Reading::Text(&[ascii], via) if !via.has(Via::CONFUSABLES.with(Via::DIACRITICS)) => {
            let is_sign = |c: char, is_full_width: bool| {
                c.is_ascii_digit() || is_full_width && (c.is_ascii_alphanumeric() || self::is_full_width(c))
            };
            let is_full_width = is_full_width(c);
            let is_letter = ascii.is_ascii_alphanumeric() && !matches!(c, '¹' | '²' | '³' | 'ª' | 'º');
            if !(is_letter || is_sign(before, is_full_width) && is_sign(char_at(text, end)?, is_full_width)) {
                return None;
            }
            // Case matters to secrets, and folding has lost it.
            let reads = if is_full_width { char::from_u32(u32::from(c) - 0xFEE0)? } else { char::from(ascii) };
            (Some(reads), via.with(Via::COMPATIBILITY))
        }
        _ => return None,
    };
    Some(Edit { source: Span { start: at, end }, reads, via })
}

/// Where the characters at the end of a text begin that may hide something, depending on what comes behind them.
pub(crate) fn open(text: &str) -> usize {
    let may_hide = |c: &char| match fold::read(*c) {
        _ if c.is_ascii() => false,
        Reading::Nothing(via) => via == Via::ZERO_WIDTH,
        Reading::Text(&[_], via) => !via.has(Via::CONFUSABLES.with(Via::DIACRITICS)),
        _ => false,
    };
    let mut open = text.len();
    while let Some(c) = char_before(text, open).filter(|c| text.len() - open < MAX_GAP && may_hide(c)) {
        open -= c.len_utf8();
    }
    open
}

fn is_full_width(c: char) -> bool {
    matches!(c, '\u{FF01}'..='\u{FF5E}')
}

fn is_invisible(c: char) -> bool {
    !c.is_ascii() && fold::read(c) == Reading::Nothing(Via::ZERO_WIDTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the first character above ASCII is read as.
    fn first(text: &str) -> Option<(usize, Option<char>)> {
        let (at, c) = text.char_indices().find(|(_, c)| !c.is_ascii())?;
        read(text, at, c).map(|edit| (edit.source.len(), edit.reads))
    }

    #[test]
    fn reads_what_hides_letters_and_digits() {
        assert_eq!(first("12\u{200B}\u{2060}3"), Some((6, None)));
        assert_eq!(first("x\u{200B} y"), Some((3, None)));
        assert_eq!(first("ＡＢ"), Some((3, Some('A'))));
        assert_eq!(first("４１"), Some((3, Some('4'))));
        assert_eq!(first("a＠b"), Some((3, Some('@'))));
        assert_eq!(first("٤٥"), Some((2, Some('4'))));
        assert_eq!(first("123\u{2011}45"), Some((3, Some('-'))));
        assert_eq!(first("4111\u{A0}1111"), Some((2, Some(' '))));
    }

    #[test]
    fn what_hides_something_is_known_by_its_first_bytes() {
        for c in '\u{80}'..=char::MAX {
            let may_hide = |text: &str| may_hide(text.as_bytes(), 1, text.as_bytes()[1]);
            for text in [format!("1{c}1"), format!("a{c}a")] {
                assert!(may_hide(&text) || read(&text, 1, c).is_none(), "{c:?}");
            }
        }
    }

    #[test]
    fn leaves_honest_characters_alone() {
        for honest in ["é", "о", "你好，world", "👍🏽", "a – b", "no\u{A0}break", "m²", "№", " \u{200B} ", "❤\u{FE0F} x"]
        {
            assert_eq!(first(honest), None, "{honest}");
        }
    }
}
