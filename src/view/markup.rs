//! What HTML hides: characters written as references, and words torn apart by comments.

use super::derived::Edit;
use crate::finding::Via;
use crate::span::Span;

/// Longest name.
const MAX_NAME: usize = 14;
/// References by name, each with the character it is read as, that can stand in a word, a tag or an address. `\x01` is
/// read as nothing.
const NAMES: &[u8] = b"amp&apos'ast*bsol\\colon:comma,commat@dash-dollar$emsp ensp equals=excl!grave`gt>Hat^hyphen-\
lbrace{lbrack[lcub{ldquo\"lowbar_lpar(lrm\x01lsqb[lsquo'lt<mdash-nbsp ndash-NewLine\nNoBreak\x01num#percnt%period.plus+\
quest?quot\"rbrace}rbrack]rcub}rdquo\"rlm\x01rpar)rsqb]rsquo'semi;shy\x01sol/Tab\tthinsp verbar|vert|\
ZeroWidthSpace\x01zwj\x01zwnj\x01";
/// Accents on letters, which folding would bare anyway: `&eacute;` is read as `e`.
const ACCENTS: [&[u8]; 8] = [b"acute", b"grave", b"circ", b"uml", b"tilde", b"cedil", b"ring", b"caron"];

/// The character reference at `at`, where `&` stands.
pub(crate) fn reference(text: &[u8], at: usize) -> Option<Edit> {
    let body = text.get(at + 1..)?;
    let (reads, len) = match body {
        [b'#', b'x' | b'X', digits @ ..] => number(digits, 16).map(|(code, len)| (code, len + 2))?,
        [b'#', digits @ ..] => number(digits, 10).map(|(code, len)| (code, len + 1))?,
        _ => {
            let len = body.iter().take(MAX_NAME).take_while(|b| b.is_ascii_alphabetic()).count();
            // Browsers read a few names without the semicolon, too, but then `&lt` may be part of a query.
            let name = body.get(..len).filter(|_| body.get(len) == Some(&b';'))?;
            (named(name)?, len)
        }
    };
    let end = at + 1 + len + usize::from(body.get(len) == Some(&b';'));
    Some(Edit { source: Span { start: at, end }, reads: Some(reads).filter(|c| *c != '\x01'), via: Via::HTML_ENTITIES })
}

/// The character whose number stands here, and how many digits it takes.
fn number(digits: &[u8], radix: u32) -> Option<(char, usize)> {
    let (mut code, mut len) = (0_u32, 0);
    while let Some(digit) = digits.get(len).filter(|_| len < MAX_NAME).and_then(|b| char::from(*b).to_digit(radix)) {
        code = code.checked_mul(radix)?.checked_add(digit)?;
        len += 1;
    }
    char::from_u32(code).filter(|_| len > 0).map(|c| (c, len))
}

fn named(name: &[u8]) -> Option<char> {
    let mut rest = NAMES;
    while let Some(len) = rest.iter().position(|b| !b.is_ascii_alphabetic()) {
        let (known, after) = rest.split_at_checked(len)?;
        let (reads, after) = after.split_first()?;
        if known == name {
            return Some(char::from(*reads));
        }
        rest = after;
    }
    let (letter, accent) = name.split_first()?;
    ACCENTS.contains(&accent).then(|| char::from(*letter))
}

/// The comment at `at`, if it is closed and no longer than `longest` bytes inside.
pub(crate) fn comment(text: &[u8], at: usize, longest: usize) -> Option<Edit> {
    let inside = at + "<!--".len();
    let rest = text.get(inside..)?;
    let len = rest.get(..rest.len().min(longest.saturating_add(3)))?.windows(3).position(|end| end == b"-->")?;
    let source = Span { start: at, end: inside + len + "-->".len() };
    Some(Edit { source, reads: None, via: Via::HTML_COMMENTS })
}

/// The first comment at the end of a text that may yet be closed within `longest` bytes, and what may become its beginning.
pub(crate) fn open_comment(text: &[u8], longest: usize) -> Option<usize> {
    let far = longest + "<!--".len() + "-->".len();
    let mut at = text.len().saturating_sub(far);
    while let Some(sign) = text.get(at..)?.iter().position(|byte| *byte == b'<') {
        at += sign;
        let begins = begins_comment(text, at);
        match begins.then(|| comment(text, at, longest)).flatten() {
            Some(edit) => at = edit.source.end,
            None if begins || b"<!--".starts_with(text.get(at..)?) => return Some(at),
            None => at += 1,
        }
    }
    None
}

/// Whether a comment begins at `at`.
pub(crate) fn begins_comment(text: &[u8], at: usize) -> bool {
    text.get(at..).is_some_and(|rest| rest.starts_with(b"<!--"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(Option<char>, usize)> {
        reference(text.as_bytes(), 0).map(|edit| (edit.reads, edit.source.end))
    }

    #[test]
    fn reads_references_by_number_and_by_name() {
        assert_eq!(read("&#105;gnore"), Some((Some('i'), 6)));
        assert_eq!(read("&#x69;gnore"), Some((Some('i'), 6)));
        assert_eq!(read("&#X0069 gnore"), Some((Some('i'), 7)));
        assert_eq!(read("&#105gnore"), Some((Some('i'), 5)));
        assert_eq!(read("&nbsp;all"), Some((Some(' '), 6)));
        assert_eq!(read("&zwnj;all"), Some((None, 6)));
        assert_eq!(read("&Iacute;gnore"), Some((Some('I'), 8)));
        for text in ["&", "& all", "&lt=1", "&copy;", "&#;", "&#x;", "&#1114112;", "&#xD800;", "&#99999999999;", "&é;"]
        {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn takes_closed_comments_out() {
        assert_eq!(comment(b"ig<!-- x -->nore", 2, 3).map(|edit| edit.source), Some(Span { start: 2, end: 12 }));
        assert_eq!(comment(b"ig<!-- x nore", 2, 9), None);
        assert_eq!(comment(b"ig<!-- x -->nore", 2, 2), None, "too long");
        assert!(begins_comment(b"ig<!-- x", 2) && !begins_comment(b"a < b", 2));
    }
}
