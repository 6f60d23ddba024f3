//! The languages that there are words of.

use crate::span::Span;

/// A language that has a lexicon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Language(pub(crate) u8);

/// The names of the lexicon files. A language's number is its place here.
pub(crate) const LANGUAGES: [&str; 16] =
    ["common", "en", "es", "fr", "de", "pt", "it", "nl", "pl", "tr", "ru", "ar", "hi", "ko", "zh", "ja"];

impl Language {
    /// Words that texts of every language use.
    pub(crate) const COMMON: Self = Self(0);
    pub(crate) const ENGLISH: Self = Self(1);
    const ARABIC: Self = Self(11);
    const HINDI: Self = Self(12);
    const CHINESE: Self = Self(14);

    /// Whether it writes words without blanks, so that one may begin and end anywhere.
    pub(crate) fn is_unbroken(self) -> bool {
        self >= Self::CHINESE
    }

    /// Whether it is written in Latin letters, as English is, or in both scripts.
    pub(crate) fn is_latin(self) -> bool {
        self.breadth() == 2 || self == Self::HINDI
    }

    /// Whether a verb may stand at `verb` and its object at `object`.
    pub(crate) fn may_lead(self, verb: u32, object: u32) -> bool {
        match LANGUAGES.get(usize::from(self.0)) {
            Some(&("hi" | "ko" | "ja")) => object <= verb,
            Some(&"tr") => true, // verbs stand last, but need not
            _ => verb <= object,
        }
    }

    /// How many times as many bytes as English a sentence takes, in halves.
    pub(crate) fn breadth(self) -> u32 {
        match LANGUAGES.get(usize::from(self.0)) {
            Some(&("ru" | "ar")) => 4,
            Some(&"hi") => 5,
            Some(&("ko" | "ja" | "zh")) => 3,
            _ => 2,
        }
    }
}

/// Arabic particles that are written together with the next word, longest first.
const PARTICLES: [&str; 22] = [
    "وبال", "وال", "فال", "بال", "كال", "ولل", "لل", "ال", "وب", "ول", "وس", "فل", "فب", "وك", "و", "ف", "ب", "ل", "ك",
    "س", "ي", "ن",
];

/// What a character is to words. Folding writes Cyrillic and Greek letters that look like Latin ones as these, so the words of
/// all alphabets are mixtures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Of an alphabet, or a digit.
    Letter,
    /// Han, kana, Hangul.
    Ideograph,
    Other,
}

/// Whether a word of this language may begin at `at` of a folded text.
pub(crate) fn may_begin(language: Language, text: &[u8], at: usize) -> bool {
    let start = word_start(language, text, at);
    start == at
        || language == Language::ARABIC && {
            let before = Span { start, end: at }.of(text);
            PARTICLES.iter().any(|particle| particle.as_bytes() == before)
        }
}

/// Whether a word of this language may end in front of `at`.
pub(crate) fn may_end(language: Language, text: &[u8], at: usize) -> bool {
    let last = character_before(text, at).map_or(Kind::Other, |before| kind(text, before));
    !is_inside_word(language, last, kind(text, at))
}

/// Where the word begins that `at` is in, going back a few letters at most.
fn word_start(language: Language, text: &[u8], at: usize) -> usize {
    let mut start = at;
    for _ in 0..4 {
        match character_before(text, start) {
            Some(before) if is_inside_word(language, kind(text, before), kind(text, start)) => start = before,
            _ => break,
        }
    }
    start
}

fn is_inside_word(language: Language, before: Kind, next: Kind) -> bool {
    match (before, next) {
        (Kind::Letter, Kind::Letter) => true,
        (Kind::Ideograph, Kind::Ideograph) => !language.is_unbroken(),
        _ => false,
    }
}

/// Where the character begins that ends in front of `at`.
fn character_before(text: &[u8], at: usize) -> Option<usize> {
    let starts = (1..=4).filter_map(|length| at.checked_sub(length));
    starts.into_iter().find(|&start| text.get(start).is_some_and(|byte| !matches!(byte, 0x80..=0xBF)))
}

/// What the character at `at` is. Above ASCII all is a letter that is not known for something else.
fn kind(text: &[u8], at: usize) -> Kind {
    let rest = text.get(at..).unwrap_or_default();
    let is_sign = |sign: &str| rest.starts_with(sign.as_bytes());
    match rest.first() {
        Some(byte) if byte.is_ascii_alphanumeric() || *byte == b'_' => Kind::Letter,
        // ASCII punctuation, Latin-1 signs, punctuation and symbols, emoji
        None | Some(..=0x7F | 0xC2 | 0xE2 | 0xF0) => Kind::Other,
        _ if ["،", "؛", "؟", "।", "॥", "、", "。", "「", "」"].into_iter().any(is_sign) => Kind::Other,
        Some(0xE3..=0xED) => Kind::Ideograph,
        _ => Kind::Letter,
    }
}
