//! A span is the half-open range `[start, end)` of a text.
//!
//! Inside the core spans count bytes of UTF-8. JavaScript counts UTF-16 code units; [`Utf16`] converts, and only
//! `wasm.rs` asks it to.

/// The half-open byte range `[start, end)` of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// Length in bytes.
    #[must_use]
    pub fn len(self) -> usize {
        self.end.saturating_sub(self.start)
    }

    /// Whether the span holds no byte.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// Whether the two spans share a byte.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        self.start < other.end && other.start < self.end
    }

    /// The smallest span that holds this one and begins and ends between characters of `text`.
    #[must_use]
    pub fn on_boundaries(self, text: &str) -> Self {
        let start = (0..=self.start).rev().find(|&at| text.is_char_boundary(at));
        let end = (self.end..text.len()).find(|&at| text.is_char_boundary(at));
        Self { start: start.unwrap_or_default(), end: end.unwrap_or(text.len()) }
    }

    /// The bytes of `text` under the span; empty where the span does not fit.
    #[must_use]
    pub fn of(self, text: &[u8]) -> &[u8] {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

/// Converts byte offsets of one text to UTF-16 code units.
///
/// It walks the text once as long as the offsets do not decrease; an offset that lies before the last one starts the
/// walk again, so any order gives the right answer.
#[derive(Debug)]
pub struct Utf16<'t> {
    text: &'t [u8],
    byte: usize,
    unit: usize,
}

impl<'t> Utf16<'t> {
    /// A converter for `text`.
    #[must_use]
    pub fn new(text: &'t str) -> Self {
        Self { text: text.as_bytes(), byte: 0, unit: 0 }
    }

    /// The number of UTF-16 code units before the byte offset `byte`.
    pub fn offset(&mut self, byte: usize) -> usize {
        if byte < self.byte {
            (self.byte, self.unit) = (0, 0);
        }
        let walked = self.text.get(self.byte..byte).unwrap_or_default();
        self.unit += walked.iter().map(|&b| units(b)).sum::<usize>();
        self.byte = byte;
        self.unit
    }
}

/// UTF-16 code units that a UTF-8 byte starts: none inside a character, two for a four-byte one.
fn units(byte: u8) -> usize {
    match byte {
        0x80..=0xBF => 0,
        0xF0..=0xFF => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_utf16_units_behind_emoji_and_in_any_order() {
        let text = "a🙂é漢z";
        let mut utf16 = Utf16::new(text);
        for byte in [12, 0, 1, 5, 7, 10, 11, 5] {
            let expected = text.get(..byte).map(|t| t.encode_utf16().count());
            if let Some(expected) = expected {
                assert_eq!(utf16.offset(byte), expected, "byte {byte}");
            }
        }
    }

    #[test]
    fn a_span_inside_characters_grows_to_their_boundaries() {
        let text = "a漢b字";
        assert_eq!(Span { start: 2, end: 6 }.on_boundaries(text), Span { start: 1, end: 8 });
        assert_eq!(Span { start: 0, end: 1 }.on_boundaries(text), Span { start: 0, end: 1 });
        assert_eq!(Span { start: 5, end: 8 }.on_boundaries(text), Span { start: 5, end: 8 });
    }

    #[test]
    fn touching_spans_do_not_overlap() {
        assert!(!Span { start: 0, end: 3 }.overlaps(Span { start: 3, end: 5 }));
        assert!(Span { start: 0, end: 4 }.overlaps(Span { start: 3, end: 5 }));
    }
}
