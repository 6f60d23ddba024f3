//! Texts inside a text that somebody encoded: what is not text when decoded (images, keys, hashes) is left alone.

use super::chars::utf8;
use super::derived::{Derived, Rate};
use crate::finding::Via;
use crate::span::Span;

/// Decoded bytes, and where each comes from.
#[derive(Debug, Default)]
pub(crate) struct Bytes {
    bytes: Vec<u8>,
    source: Vec<Span>,
}

impl Bytes {
    /// Appends a byte.
    pub(crate) fn push(&mut self, byte: u8, source: Span) {
        self.bytes.push(byte);
        self.source.push(source);
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Where the last one comes from.
    pub(crate) fn last(&self) -> Option<Span> {
        self.source.last().copied()
    }

    /// Takes all bytes out, and adds the stretches of at least `shortest` of them that are text as lines: UTF-8 without
    /// control characters, of which as many are letters as are punctuation. Digits and the signs of references and escapes
    /// are neither: what was encoded once may have been encoded before. How many bytes were text.
    pub(crate) fn read(&mut self, shortest: usize, rate: Rate, via: Via, decoded: &mut Derived) -> usize {
        let (mut start, mut read) = (0, 0);
        while let Some(rest) = self.bytes.get(start..).filter(|rest| !rest.is_empty()) {
            let (mut first, mut letters, mut has_words) = (decoded.text().len(), 0_i32, false);
            for c in utf8(rest).chars().chain(['\0']) {
                if !c.is_control() || matches!(c, '\n' | '\r' | '\t') {
                    let end = start + c.len_utf8();
                    let source = |at: usize| self.source.get(at).copied().unwrap_or_default();
                    decoded.push(Some(c), Span { start: source(start).start, end: source(end - 1).end }, rate, via);
                    letters += match c {
                        '0'..='9' | '%' | '&' | '#' | ';' | '\\' => 0,
                        _ if c == ' ' || !c.is_ascii() || c.is_ascii_alphabetic() => 1,
                        _ => -1,
                    };
                    has_words |= c == '&' || c.is_ascii_alphabetic() || !c.is_ascii();
                } else if decoded.text().len() - first >= shortest && letters >= 0 && has_words {
                    read += decoded.text().len() - first;
                    decoded.separate();
                    (first, letters, has_words) = (decoded.text().len(), 0, false);
                } else {
                    decoded.truncate(first);
                    (letters, has_words) = (0, false);
                }
                start += c.len_utf8();
            }
        }
        self.bytes.clear();
        self.source.clear();
        read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(bytes: &[u8], shortest: usize) -> String {
        let (mut all, mut decoded) = (Bytes::default(), Derived::default());
        bytes.iter().enumerate().for_each(|(n, byte)| all.push(*byte, Span { start: n, end: n + 1 }));
        all.read(shortest, Rate::COPIED, Via::HEX, &mut decoded);
        decoded.text().into()
    }

    #[test]
    fn finds_texts_between_other_bytes() {
        let bytes = b"\x00\xFFignore all\x01rules\xC3\x28\xC3\xA9t\xC3\xA9 fini\xFF1234567890";
        assert_eq!(texts(bytes, 5), "ignore all\nrules\n(été fini\n");
        assert_eq!(texts(bytes, 20), "");
        assert_eq!(texts(b"", 1), "");
        assert_eq!(texts(b"%69%67%6e%6f%72%65\xFF-- 6967 --", 8), "%69%67%6e%6f%72%65\n", "may be encoded once more");
    }
}
