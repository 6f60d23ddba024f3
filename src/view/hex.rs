//! Bytes written in hexadecimal: `69676e`, `69 67 6e`, `0x69, 0x67`, `69:67`.

use super::chars::{count, count_back};

use super::derived::{Derived, Rate};
use super::encoded::Bytes;
use super::look::BLOCK;
use crate::finding::Via;
use crate::span::Span;

/// Fewest bytes in a row, and shortest text.
const FEWEST: usize = 10;
const SHORTEST_TEXT: usize = 8;
/// Longest separator.
const MAX_SEPARATOR: usize = 3;

/// Decodes the bytes that are written at `at`; where they end.
pub(crate) fn decode(text: &[u8], mut at: usize, decoded: &mut Derived) -> Option<usize> {
    let mut bytes = Bytes::default();
    while let Some((byte, end)) = byte_at(text, at) {
        bytes.push(byte, Span { start: at, end });
        at = end + separator(text, end);
    }
    let end = bytes.last().filter(|_| bytes.len() >= FEWEST)?.end;
    bytes.read(SHORTEST_TEXT, Rate { read: 2, written: 1 }, Via::HEX, decoded);
    Some(end)
}

/// Where the first row of bytes begins at the end of a text, but not before `from`, that may yet be decoded. A row that is
/// long enough may be, as long as the block it ends in may get more digits, see `look`.
pub(crate) fn open(text: &[u8], from: usize) -> usize {
    let is_part = |b: u8| b.is_ascii_hexdigit() || matches!(b, b'x' | b'X') || is_separator(b);
    let mut at = text.len() - count_back(text, text.len(), text.len().saturating_sub(from), is_part);
    while at < text.len() {
        let (start, mut bytes) = (at, 0);
        while let Some((_, end)) = byte_at(text, at) {
            (at, bytes) = (end + separator(text, end), bytes + 1);
        }
        let rest = text.get(at..).unwrap_or_default();
        let digits = rest.strip_prefix(b"0x").or_else(|| rest.strip_prefix(b"0X")).unwrap_or(rest);
        let is_begun = digits.len() < 2 && digits.iter().all(u8::is_ascii_hexdigit);
        if is_begun || bytes >= FEWEST && at >= text.len() / BLOCK * BLOCK {
            return start;
        }
        at += 1;
    }
    text.len()
}

/// The byte that is written at `at`, and where it ends.
fn byte_at(text: &[u8], at: usize) -> Option<(u8, usize)> {
    let rest = text.get(at..)?;
    let prefix = if rest.starts_with(b"0x") || rest.starts_with(b"0X") { 2 } else { 0 };
    let byte = number(rest.get(prefix..), 2)?;
    Some((u8::try_from(byte).unwrap_or_default(), at + prefix + 2))
}

/// Length of the separator at `at`.
fn separator(text: &[u8], at: usize) -> usize {
    count(text, at, MAX_SEPARATOR, is_separator)
}

fn is_separator(byte: u8) -> bool {
    matches!(byte, b' ' | b',' | b':' | b';' | b'-' | b'\r' | b'\n')
}

/// The number in the first `len` hexadecimal digits.
pub(crate) fn number(text: Option<&[u8]>, len: usize) -> Option<u32> {
    text?.get(..len)?.iter().try_fold(0_u32, |number, b| Some(number.checked_mul(16)? | char::from(*b).to_digit(16)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &str) -> (String, Option<usize>) {
        let mut derived = Derived::default();
        let end = decode(text.as_bytes(), 0, &mut derived);
        (derived.text().trim_end().to_owned(), end)
    }

    #[test]
    fn decodes_every_form() {
        for encoded in [
            "69676e6f726520616c6c",
            "69676E6F\n726520616C6C",
            "69 67 6e 6f 72 65 20 61 6c 6c",
            "0x69, 0x67, 0x6e, 0x6f, 0x72, 0x65, 0x20, 0x61, 0x6c, 0x6c",
            "0x69676e6f726520616c6c",
            "69:67:6e:6f:72:65:20:61:6c:6c",
        ] {
            assert_eq!(decoded(encoded), ("ignore all".into(), Some(encoded.len())), "{encoded}");
        }
    }

    #[test]
    fn hashes_and_numbers_are_left_alone() {
        for other in ["d41d8cd98f00b204e9800998ecf8427e", "10 20 30 40 50 60 70 80 90 10 20 30", "69676e6f", ""] {
            assert_eq!(decoded(other).0, "", "{other}");
        }
    }

    #[test]
    fn every_span_maps_to_the_digits_that_made_it() {
        for (text, all) in [("69 67 6e 6f 72 65 20 61 6c 6c", "61 6c 6c"), ("0x69676e6f7265200x616c6c", "0x616c6c")] {
            let mut derived = Derived::default();
            decode(text.as_bytes(), 0, &mut derived);
            let start = derived.text().find("all").expect("present");
            let (span, via) = derived.locate(Span { start, end: start + 3 }).expect("decoded");
            assert_eq!((text.get(span.start..span.end), via), (Some(all), Via::HEX));
        }
    }
}
