//! What a text talks about: the words that tell talk about attacks from attacks.

use std::sync::LazyLock;

use super::near;
use super::stems::STEMS;

/// What a word says about the findings near it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sign {
    /// It names attacks and those who make them.
    Attack,
    /// It names what is done against them.
    Defence,
    /// It names those who study them, and how they write.
    Study,
    /// It belongs to tests and data sets.
    Test,
    /// It announces a quotation, and means something only beside one.
    Report,
    /// It tells the reader to take a quotation seriously.
    Order,
    /// It is a verb that does so where it stands as an imperative. Such a one becomes an order.
    Verb,
    /// It speaks to the reader.
    Reader,
}

/// A stem with what it says.
type Stem = (&'static [u8], Sign);

/// The stems by their first byte.
static INDEX: LazyLock<Vec<Vec<Stem>>> = LazyLock::new(|| {
    let mut index = vec![Vec::new(); 256];
    for &(sign, stems) in STEMS {
        for stem in stems.as_bytes().split(|&byte| byte == b'|') {
            if let Some(alike) = stem.first().and_then(|&first| index.get_mut(usize::from(first))) {
                alike.push((stem, sign));
            }
        }
    }
    index
});

/// The stems that `text` begins with.
fn stems(text: &[u8]) -> impl Iterator<Item = Stem> {
    let alike = text.first().and_then(|&first| INDEX.get(usize::from(first))).map_or(&[][..], Vec::as_slice);
    alike.iter().copied().filter(move |(stem, _)| text.starts_with(stem))
}

/// Whether the text begins with the name of something that can be quoted.
pub(super) fn names_a_quotation(text: &[u8]) -> bool {
    stems(text).any(|(_, sign)| matches!(sign, Sign::Attack | Sign::Test | Sign::Report))
}

/// A word of a text that is a sign.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word {
    pub(super) at: usize,
    pub(super) stem: &'static [u8],
    pub(super) sign: Sign,
}

/// The signs of a text in order.
pub(super) fn words(text: &[u8]) -> Vec<Word> {
    let mut words = Vec::new();
    // The first byte of the character before.
    let mut before = b' ';
    for (at, &byte) in text.iter().enumerate() {
        let begins = if byte.is_ascii_alphabetic() {
            // Two bytes begin with these: accented and Cyrillic letters. Han and kana know no blanks.
            !before.is_ascii_alphanumeric() && !matches!(before, 0xC3..=0xDF)
        } else {
            byte >= 0xC0
        };
        if begins {
            let rest = text.get(at..).unwrap_or_default();
            let signs =
                stems(rest).filter_map(|(stem, sign)| Some(Word { at, stem, sign: in_place(text, at, stem, sign)? }));
            words.extend(signs.max_by_key(|word| word.stem.len()));
        }
        if !matches!(byte, 0x80..=0xBF) {
            before = byte;
        }
    }
    words
}

/// What a sign says where it stands, if anything.
fn in_place(text: &[u8], at: usize, stem: &[u8], sign: Sign) -> Option<Sign> {
    if !matches!(sign, Sign::Verb | Sign::Reader) {
        return Some(sign);
    }
    let behind = near::behind(text, at + stem.len());
    if behind.first().is_some_and(|&byte| near::is_letter(byte)) {
        return None;
    }
    match sign {
        Sign::Verb => is_imperative(near::before(text, at), behind).then_some(Sign::Order),
        _ => (near::until(behind, b".!?").1 != Some(b'?')).then_some(sign),
    }
}

/// Words behind which a verb is an imperative in the middle of a sentence.
const PRESSING: &str = "now|please|kindly|then|must|just|should|trotzdem";
/// What an imperative is about when it is about a quotation.
const QUOTED: &str = "it|with|out|them|that|this|these|those|what|as|so|exactly|accordingly";
/// What else it may be about when it asks for an answer.
const ANSWER: &str = "the|your|my|me|us|how|like|in|all|both|each|dan|ahead|on";

/// Whether a verb between these texts tells the reader what to do with a quotation.
fn is_imperative(before: &[u8], behind: &[u8]) -> bool {
    let blanks = before.iter().rev().take_while(|byte| b" \t*_".contains(byte)).count();
    let sentence = before.get(..before.len() - blanks).unwrap_or_default();
    let (said, to_come) = (near::words(sentence), near::words(near::until(behind, b".!").0));
    let next = to_come.get(..1).unwrap_or_default();
    let is_about_quoted = near::has(next, QUOTED);
    match said.last().copied().filter(|last| sentence.ends_with(last)) {
        None => is_about_quoted || next.is_empty() || near::has(next, ANSWER),
        Some(b"and") => is_about_quoted,
        Some(last) => near::has(&[last], PRESSING),
    }
}
