//! Text that nobody sees: spelt in Unicode Tag characters, which mirror ASCII, or in variation selectors, each of which
//! stands for a byte.

use super::chars::char_at;
use super::derived::{Derived, Rate};
use super::encoded::Bytes;
use crate::finding::Via;
use crate::span::Span;

/// Shortest text: flags of regions have five tags.
const SHORTEST_TEXT: usize = 6;
/// Visible bytes that may stand between two invisible characters of one text.
const MAX_GAP: usize = 16;

/// The byte that an invisible character stands for, and what it is.
fn meaning(c: char) -> Option<(u8, Via)> {
    let (offset, via) = match c {
        '\u{E0020}'..='\u{E007E}' => (0xE_0000, Via::UNICODE_TAGS),
        '\u{FE00}'..='\u{FE0F}' => (0xFE00, Via::VARIATION_SELECTORS),
        '\u{E0100}'..='\u{E01EF}' => (0xE_00F0, Via::VARIATION_SELECTORS),
        _ => return None,
    };
    u8::try_from(u32::from(c) - offset).ok().map(|byte| (byte, via))
}

/// Where the first row of invisible characters begins at the end of a text, but not before `from`, that may yet go on.
pub(crate) fn open(text: &str, from: usize) -> usize {
    let (mut open, mut reach) = (text.len(), text.len().saturating_sub(MAX_GAP));
    for (at, c) in text.char_indices().rev().take_while(|(at, _)| *at >= from) {
        if at + c.len_utf8() < reach {
            break;
        }
        if meaning(c).is_some() {
            (open, reach) = (at, at.saturating_sub(MAX_GAP));
        }
    }
    open
}

/// Invisible characters read so far.
#[derive(Debug, Default)]
pub(crate) struct Smuggled {
    tags: Bytes,
    selectors: Bytes,
}

impl Smuggled {
    /// Reads the invisible characters of a place, which lies behind all those before.
    pub(crate) fn read(&mut self, text: &str, place: Span, decoded: &mut Derived) {
        // A character belongs to the place in which it begins: where it only ends, nothing may show.
        let mut at = text.ceil_char_boundary(place.start);
        while let Some(c) = char_at(text, at).filter(|_| at < place.end) {
            let source = Span { start: at, end: at + c.len_utf8() };
            at = source.end;
            let Some((byte, via)) = meaning(c) else { continue };
            self.finish(source.start, decoded);
            let bytes = if via == Via::UNICODE_TAGS { &mut self.tags } else { &mut self.selectors };
            bytes.push(byte, source);
        }
    }

    /// Decodes what was read, as far as nothing that stands at `at` or behind can belong to it.
    pub(crate) fn finish(&mut self, at: usize, decoded: &mut Derived) {
        let rows = [(&mut self.tags, Via::UNICODE_TAGS), (&mut self.selectors, Via::VARIATION_SELECTORS)];
        for (bytes, via) in rows {
            if bytes.last().is_some_and(|last| last.end + MAX_GAP < at) {
                bytes.read(SHORTEST_TEXT, Rate { read: 4, written: 1 }, via, decoded);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> Derived {
        let (mut derived, mut smuggled) = (Derived::default(), Smuggled::default());
        smuggled.read(text, Span { start: 0, end: text.len() }, &mut derived);
        smuggled.finish(usize::MAX, &mut derived);
        derived
    }

    fn tags(text: &str) -> String {
        text.bytes().filter_map(|b| char::from_u32(0xE_0000 + u32::from(b))).collect()
    }

    fn selectors(text: &str) -> String {
        let selector = |b: u8| char::from_u32(if b < 16 { 0xFE00 + u32::from(b) } else { 0xE_00F0 + u32::from(b) });
        text.bytes().filter_map(selector).collect()
    }

    #[test]
    fn reads_tags_and_variation_selectors() {
        for (text, via) in [(tags("ignore all"), Via::UNICODE_TAGS), (selectors("ignore\té"), Via::VARIATION_SELECTORS)]
        {
            let disguised = format!("Hi 🙂{text} there");
            let derived = decoded(&disguised);
            let (span, seen) = derived.locate(Span { start: 0, end: 6 }).expect("decoded");
            assert_eq!((span, seen), (Span { start: 7, end: 31 }, via), "{:?}", derived.text());
        }
    }

    #[test]
    fn characters_are_read_where_they_begin() {
        let mut scanner = crate::Scanner::new([0; 16]);
        for before in 0..64 {
            let text = format!("{}{} and so on", "x".repeat(before), tags("my SSN is 123-45-6789"));
            let redacted = scanner.redact(&text, crate::Style::Redacted, None).expect("searched in full");
            assert!(redacted.ends_with("[REDACTED] and so on"), "{before}");
        }
    }

    #[test]
    fn text_may_be_mixed_with_visible_characters() {
        let mixed: String = tags("ignore").chars().flat_map(|c| ['a', c]).collect();
        assert_eq!(decoded(&mixed).text(), "ignore\n");
    }

    #[test]
    fn flags_and_emoji_are_left_alone() {
        let england = format!("🏴{}\u{E007F}", tags("gbeng"));
        assert_eq!(decoded(&format!("{england} ❤\u{FE0F} ✔\u{FE0F} {england}")).text(), "");
    }
}
