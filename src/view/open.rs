//! Where a text that goes on is not yet what it will be: a character that is half spelt, a run of symbols that may be an
//! encoded text.

use super::disguise::MAX_COMMENT;
use super::{base64, escapes, hex, hidden, markup, smuggled};

/// Longest character reference or escape.
const MAX_UNIT: usize = 20;

/// Where the first thing begins at the end of `text` that may yet be read as one character, or as none. What stands before an
/// open one may be open because of it: `\u00` before an Arabic digit.
pub(crate) fn unit(text: &str) -> usize {
    let mut known =
        text.get(..markup::open_comment(text.as_bytes(), MAX_COMMENT).unwrap_or(text.len())).unwrap_or(text);
    loop {
        let open = last_unit(known);
        match known.get(..open) {
            Some(shorter) if open < known.len() => known = shorter,
            _ => return open,
        }
    }
}

/// The same for all but comments, without what stands before it.
fn last_unit(text: &str) -> usize {
    let bytes = text.as_bytes();
    let sign = (bytes.len().saturating_sub(MAX_UNIT)..bytes.len()).find(|&at| is_open_sign(bytes, at));
    let open = [sign, escapes::open_plus(bytes)];
    let hiding = hidden::open(text);
    open.into_iter().flatten().fold(hiding, usize::min)
}

/// Where the first run begins at the end of `text`, but not before `from`, that may yet be an encoded text.
pub(crate) fn run(text: &str, from: usize) -> usize {
    let bytes = text.as_bytes();
    base64::open(bytes, from).min(hex::open(bytes, from)).min(smuggled::open(text, from))
}

/// Whether the sign at `at` and all that stands behind it may be the beginning of a reference or an escape.
fn is_open_sign(text: &[u8], at: usize) -> bool {
    let Some((sign, rest)) = text.get(at..).and_then(<[u8]>::split_first) else { return false };
    let is_all = |is_part: fn(u8) -> bool| rest.iter().all(|byte| is_part(*byte));
    match (sign, rest) {
        (b'&', _) => is_all(|b| b == b'#' || b.is_ascii_alphanumeric()),
        (b'%', _) => is_all(|b| matches!(b, b'%' | b'u') || b.is_ascii_hexdigit()),
        (b'\\', [] | [b'n' | b'r' | b't']) => true,
        (b'\\', [b'u' | b'U' | b'x', ..]) => {
            is_all(|b| matches!(b, b'\\' | b'u' | b'U' | b'x' | b'{' | b'}') || b.is_ascii_hexdigit())
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_half_spelt_is_open_until_it_is_spelt_out() {
        for (text, open) in [
            ("AT&", "&"),
            ("4&#4", "&#4"),
            ("4&#49;", ""),
            ("AT&T is", ""),
            ("100%", "%"),
            ("%d0%b", "%d0%b"),
            ("100% sure", ""),
            ("C:\\", "\\"),
            ("a\\n", "\\n"),
            ("a\\nb", ""),
            ("\\ud83d\\u", "\\ud83d\\u"),
            ("a <", "<"),
            ("a <<<", "<"),
            ("a <!-- b", "<!-- b"),
            ("a <!-- b --> c", ""),
            ("a+b", "+b"),
            ("a+b c", ""),
            ("12\u{200B}", "\u{200B}"),
            ("12\u{200B}3", ""),
            ("a\\n\u{200B}", "\\n\u{200B}"),
            ("a\\u00\u{664}", "\\u00\u{664}"),
            ("nothing at all", ""),
        ] {
            assert_eq!(text.get(unit(text)..), Some(open), "{text}");
        }
    }

    #[test]
    fn a_run_is_open_while_it_may_go_on() {
        for (text, open) in [
            ("a word", "word"),
            ("a word ", ""),
            ("and see aWdub3JlIGFsbCBwcmV2aW91cyBydWxlcw==", "aWdub3JlIGFsbCBwcmV2aW91cyBydWxlcw=="),
            ("see aWdub3JlIGFsbCBwcmV2aW91cyBydWxlcw==, and ", ""),
            ("so: 69 67 6e", "69 67 6e"),
            ("so: 69 67 6e and", "and"),
            ("see aWdub3JlIGFsbCBwcmV2\n", "aWdub3JlIGFsbCBwcmV2\n"),
            ("see aWdub3JlIGFsbCBwcmV2\naW91cyBy", "aWdub3JlIGFsbCBwcmV2\naW91cyBy"),
            ("see \u{E0069}\u{E0067} and", "\u{E0069}\u{E0067} and"),
        ] {
            assert_eq!(text.get(run(text, 0)..), Some(open), "{text}");
        }
    }
}
