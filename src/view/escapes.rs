//! Characters written as escapes: of URLs (`%69`, `+`) and of strings in source code and JSON (`\u0069`, `\x69`, `\n`).

use super::chars::{self, char_at, count, count_back, is_word};
use super::derived::Edit;
use super::hex::number;
use crate::finding::Via;
use crate::span::Span;

/// Most bytes between two `+` of one query.
const MAX_QUERY_WORD: usize = 24;

/// The escape at `at`, where `%` stands.
pub(crate) fn percent(text: &[u8], at: usize) -> Option<Edit> {
    let rest = text.get(at + 1..)?;
    let (c, len) = match rest {
        [b'u', digits @ ..] => (char::from_u32(number(Some(digits), 4)?)?, 6),
        _ => utf8(text, at, 1)?,
    };
    Some(edit(at, len, c, Via::PERCENT))
}

/// The `+` at `at`, if it stands for a blank: if there is another one a word further on or back.
pub(crate) fn plus(text: &[u8], at: usize) -> Option<Edit> {
    let before = count_back(text, at, MAX_QUERY_WORD, is_part);
    let after = count(text, at + 1, MAX_QUERY_WORD, is_part);
    let is_plus = |at: Option<usize>| at.and_then(|at| text.get(at)) == Some(&b'+');
    let has_twin = is_plus(at.checked_sub(before + 1)) || is_plus(Some(at + 1 + after));
    (before > 0 && after > 0 && has_twin).then(|| edit(at, 1, ' ', Via::PERCENT))
}

/// The first `+` at the end of a text that may yet stand for a blank.
pub(crate) fn open_plus(text: &[u8]) -> Option<usize> {
    let word = text.len() - count_back(text, text.len(), MAX_QUERY_WORD, is_part);
    let at = word.checked_sub(1).filter(|at| text.get(*at) == Some(&b'+'))?;
    let may_be_one = count_back(text, at, 1, is_part) > 0 && plus(text, at).is_none();
    may_be_one.then_some(at)
}

fn is_part(byte: u8) -> bool {
    is_word(byte) || matches!(byte, b'.' | b',' | b'%' | b'_' | b'\'' | b'-')
}

/// The escape at `at`, where `\` stands.
pub(crate) fn backslash(text: &[u8], at: usize) -> Option<Edit> {
    let rest = text.get(at + 1..)?;
    let (c, len) = match rest {
        [b'u', b'{', digits @ ..] => {
            let len = digits.iter().take(7).position(|b| *b == b'}')?;
            (char::from_u32(number(Some(digits), len).filter(|_| len > 0)?)?, len + 4)
        }
        [b'u', digits @ ..] => utf16(digits)?,
        [b'U', digits @ ..] => (char::from_u32(number(Some(digits), 8)?)?, 10),
        [b'x', ..] => utf8(text, at, 2)?,
        // These matter only where they hide that a word begins.
        [b't', next, ..] if is_word(*next) => (' ', 2),
        [b'n' | b'r', next, ..] if is_word(*next) => ('\n', 2),
        _ => return None,
    };
    Some(edit(at, len, c, Via::UNICODE_ESCAPES))
}

fn edit(at: usize, len: usize, c: char, via: Via) -> Edit {
    Edit { source: Span { start: at, end: at + len }, reads: Some(c), via }
}

/// The character that the escaped bytes from `at` on encode, and how long they are; each is two digits behind `prefix`
/// bytes, which are the same for all.
fn utf8(text: &[u8], at: usize, prefix: usize) -> Option<(char, usize)> {
    let each = prefix + 2;
    let byte = |n: usize| {
        let escape = text.get(at + n * each..)?;
        let is_alike = escape.get(..prefix)? == text.get(at..at + prefix)?;
        u8::try_from(number(escape.get(prefix..), 2).filter(|_| is_alike)?).ok()
    };
    let first = byte(0)?;
    let mut bytes = [first, 0, 0, 0];
    let len = match first {
        0..0x80 => 1,
        0xC0..0xE0 => 2,
        0xE0..0xF0 => 3,
        _ => 4,
    };
    for (n, place) in bytes.iter_mut().enumerate().take(len).skip(1) {
        match byte(n) {
            Some(next) => *place = next,
            // A single byte above ASCII is a Latin-1 character in source code.
            None => return (prefix == 2).then_some((first.into(), each)),
        }
    }
    let c = char_at(chars::utf8(bytes.get(..len)?), 0)?;
    Some((c, len * each))
}

/// The character of `\uXXXX` or of two that form a pair, whose digits stand here, and the length of it all.
fn utf16(digits: &[u8]) -> Option<(char, usize)> {
    let first = number(Some(digits), 4)?;
    if let Some(c) = char::from_u32(first) {
        return Some((c, 6));
    }
    let second = number(digits.get(4..)?.strip_prefix(b"\\u"), 4)?;
    let is_pair = first < 0xDC00 && (0xDC00..0xE000).contains(&second);
    let c = char::from_u32(0x1_0000 + ((first & 0x3FF) << 10) + (second & 0x3FF));
    c.filter(|_| is_pair).map(|c| (c, 12))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(edit: Option<Edit>) -> Option<(char, usize)> {
        edit.map(|edit| (edit.reads.expect("never nothing"), edit.source.len()))
    }

    #[test]
    fn reads_escapes_of_urls() {
        assert_eq!(read(percent(b"%69", 0)), Some(('i', 3)));
        assert_eq!(read(percent(b"%d0%B8x", 0)), Some(('и', 6)));
        assert_eq!(read(percent(b"%u0069", 0)), Some(('i', 6)));
        for text in ["%", "%6", "%6g", "100% sure", "%d0", "%d0%41", "%+1", "%é9"] {
            assert_eq!(read(percent(text.as_bytes(), text.find('%').expect("present"))), None, "{text}");
        }
        assert_eq!(read(plus(b"ignore+all+rules", 6)), Some((' ', 1)));
        assert_eq!(read(plus(b"ignore+all+rules", 10)), Some((' ', 1)));
        assert_eq!(read(plus(b"a+b", 1)), None);
        assert_eq!(read(plus(b"C++ and C", 1)), None);
    }

    #[test]
    fn reads_escapes_of_source_code() {
        for (text, expected) in [
            (r"\u0069", ('i', 6)),
            (r"\u{69}", ('i', 6)),
            (r"\u{1F600}", ('😀', 9)),
            (r"\ud83d\ude00", ('😀', 12)),
            (r"\U00000069", ('i', 10)),
            (r"\x69", ('i', 4)),
            (r"\xd0\xb8", ('и', 8)),
            (r"\xe9!", ('é', 4)),
            (r"\nIgnore", ('\n', 2)),
            (r"\tall", (' ', 2)),
        ] {
            assert_eq!(read(backslash(text.as_bytes(), 0)), Some(expected), "{text}");
        }
        for text in
            [r"\", r"\u", r"\u00", r"\u{}", r"\u{110000}", r"\ud83d", r"\ude00\ud83d", r"\x6", r"\n\n", r"\d+", r"\é"]
        {
            assert_eq!(read(backslash(text.as_bytes(), 0)), None, "{text}");
        }
    }
}
