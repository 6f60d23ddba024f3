//! The examples of pattern files: marks, and placeholders for what no file may hold.

use crate::patterns::validators::crc32;
use crate::span::Span;

/// Most characters that one placeholder stands for.
const MAX_LENGTH: usize = 1_000;

/// The text of an example without its marks, and the span that was marked, if one is.
pub(crate) fn marked(example: &str) -> Option<(String, Span)> {
    let filled = fill(example);
    let (before, rest) = filled.split_once('«')?;
    let (inside, after) = rest.split_once('»')?;
    let span = Span { start: before.len(), end: before.len() + inside.len() };
    Some((format!("{before}{inside}{after}"), span))
}

/// Replaces `{hex:40}` and the like with made-up characters, so that no file holds a credential.
pub(crate) fn fill(text: &str) -> String {
    let mut filled = String::new();
    let mut made = String::new();
    let mut seed = text.bytes().fold(7_u64, |seed, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)));
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once('{') {
        filled.push_str(before);
        let placeholder = inside.split_once('}').and_then(|(name, after)| Some((make(name, &made, &mut seed)?, after)));
        rest = if let Some((random, after)) = placeholder {
            filled.push_str(&random);
            made.push_str(&random);
            after
        } else {
            filled.push('{');
            inside
        };
    }
    filled + rest
}

fn make(name: &str, made: &str, seed: &mut u64) -> Option<String> {
    const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    const LOWER: &str = "abcdefghijklmnopqrstuvwxyz";
    const DIGITS: &str = "0123456789";
    if name == "crc32_base62" {
        let alphabet: Vec<char> = [DIGITS, UPPER, LOWER].concat().chars().collect();
        let checksum = crc32(made.as_bytes());
        return (0..6).rev().map(|i| alphabet.get((checksum / 62_u32.pow(i) % 62) as usize).copied()).collect();
    }
    let (kind, length) = name.split_once(':')?;
    let alphabet: Vec<char> = match kind {
        "alnum" => [UPPER, LOWER, DIGITS].concat(),
        "upper_alnum" => [UPPER, DIGITS].concat(),
        "lower_alnum" => [LOWER, DIGITS].concat(),
        "hex" => [DIGITS, "abcdef"].concat(),
        "base64" => [UPPER, LOWER, DIGITS, "+/"].concat(),
        "base64url" => [UPPER, LOWER, DIGITS, "-_"].concat(),
        "digits" => DIGITS.to_owned(),
        _ => return None,
    }
    .chars()
    .collect();
    let mut next = || {
        *seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let index = usize::try_from(*seed >> 33).unwrap_or_default() % alphabet.len();
        alphabet.get(index).copied()
    };
    (0..length.parse().ok().filter(|length| *length <= MAX_LENGTH)?).map(|_| next()).collect()
}
