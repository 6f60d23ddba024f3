//! Words broken by hyphens or over lines: `ig-nore`, `igno` at the end of a line and `re` on the next.
//!
//! Parts are put together where they make a word that patterns know.

use super::chars::{count, is_letter};
use super::derived::Edit;
use super::fold::fold;
use super::words::{LONGEST, Words};
use crate::finding::Via;
use crate::span::Span;

/// Shortest word worth putting together.
const SHORTEST: usize = 4;
/// Most blanks and quote marks before the second part.
const MAX_INDENT: usize = 8;

/// Puts the word that begins with the part at `start..end` together; where it ends.
pub(crate) fn join(text: &str, (start, end): (usize, usize), words: &Words, edits: &mut Vec<Edit>) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut word, mut part) = (Vec::new(), Span { start, end });
    let (first_edit, mut known) = (edits.len(), None);
    loop {
        let joint = word.len();
        fold(text.get(part.start..part.end)?, &mut word);
        if part.is_empty() || word.len() > LONGEST {
            break;
        }
        if part.start > start {
            // Nobody hyphenates at the end of a line but to break a word. `ignore-all` is not `ignore` with an ending.
            let gap = edits.last()?.source;
            let is_hyphenated = gap.len() > 1 && bytes.get(gap.start) == Some(&b'-');
            if is_hyphenated || word.len() >= SHORTEST && words.known(&word).is_some_and(|known| known > joint) {
                known = Some((part.end, edits.len()));
            }
        }
        let gap = gap(bytes, part.end);
        if gap.is_empty() {
            break;
        }
        edits.push(Edit { source: gap, reads: None, via: Via::SPLIT_WORDS });
        part = Span { start: gap.end, end: gap.end + count(bytes, gap.end, usize::MAX, is_letter) };
    }
    edits.truncate(known.map_or(first_edit, |(_, edits)| edits));
    Some(known?.0)
}

/// The gap at `at`: a hyphen, a line end, or both.
fn gap(text: &[u8], at: usize) -> Span {
    let hyphen = at + count(text, at, 1, |b| b == b'-');
    let line_end = hyphen + count(text, hyphen, 1, |b| b == b'\r');
    let end = match text.get(line_end) {
        Some(b'\n') => line_end + 1 + count(text, line_end + 1, MAX_INDENT, |b| matches!(b, b' ' | b'\t' | b'>')),
        _ => hyphen,
    };
    Span { start: at, end }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(text: &str) -> Option<(usize, usize)> {
        let words = Words::new(|add| add(b"ignore instruct previous all"), |_| false);
        let mut edits = Vec::new();
        join(text, (0, count(text.as_bytes(), 0, 99, is_letter)), &words, &mut edits).map(|end| (end, edits.len()))
    }

    #[test]
    fn joins_parts_that_make_a_known_word() {
        assert_eq!(joined("ig-nore it"), Some((7, 1)));
        assert_eq!(joined("igno\nre it"), Some((7, 1)));
        assert_eq!(joined("Igno-\r\n  > re"), Some((13, 1)));
        assert_eq!(joined("un-\nknown"), Some((9, 1)));
        assert_eq!(joined("in-struc-tions"), Some((14, 2)));
        assert_eq!(joined("i-g-n-o-r-e"), Some((11, 5)));
        assert_eq!(joined("ignore-all"), None);
        assert_eq!(joined("previous\ninstructions"), None);
        assert_eq!(joined("well-known"), None);
        assert_eq!(joined("ignore"), None);
        assert_eq!(joined("ignore-"), None);
    }
}
