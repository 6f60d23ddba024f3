//! Bytes written in hexadecimal: `69676e`, `69 67 6e`, `0x69, 0x67`, `69:67`.

use super::chars::count;
use super::derived::{Derived, Rate};
use super::encoded::Bytes;
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
    while let Some(rest) = text.get(at..) {
        let prefix = if rest.starts_with(b"0x") || rest.starts_with(b"0X") { 2 } else { 0 };
        let Some(byte) = number(rest.get(prefix..), 2) else { break };
        let end = at + prefix + 2;
        bytes.push(u8::try_from(byte).unwrap_or_default(), Span { start: at, end });
        at = end + count(text, end, MAX_SEPARATOR, |b| matches!(b, b' ' | b',' | b':' | b';' | b'-' | b'\r' | b'\n'));
    }
    let end = bytes.last().filter(|_| bytes.len() >= FEWEST)?.end;
    bytes.read(SHORTEST_TEXT, Rate { read: 2, written: 1 }, Via::HEX, decoded);
    Some(end)
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
