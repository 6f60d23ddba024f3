//! The languages that there are words of.

use super::concept::is_same;
use crate::span::Span;

/// A language that has a lexicon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Language(pub(crate) u8);

/// The names of the lexicon files. A language's number is its place here.
pub(crate) const LANGUAGES: [&str; 16] =
    ["common", "en", "es", "fr", "de", "pt", "it", "nl", "pl", "tr", "ru", "ar", "hi", "ko", "zh", "ja"];

impl Language {
    /// Words that texts of every language use.
    pub(crate) const COMMON: Self = Self::named("common");
    pub(crate) const ENGLISH: Self = Self::named("en");
    const GERMAN: Self = Self::named("de");
    const DUTCH: Self = Self::named("nl");
    const TURKISH: Self = Self::named("tr");
    const RUSSIAN: Self = Self::named("ru");
    const ARABIC: Self = Self::named("ar");
    const HINDI: Self = Self::named("hi");
    const KOREAN: Self = Self::named("ko");
    const CHINESE: Self = Self::named("zh");
    const JAPANESE: Self = Self::named("ja");

    /// The language of this name, which is one of [`LANGUAGES`].
    const fn named(name: &str) -> Self {
        let mut number = 0;
        #[expect(clippy::indexing_slicing, reason = "constant evaluation knows no `get`")]
        while !is_same(LANGUAGES[number as usize].as_bytes(), name.as_bytes()) {
            number += 1;
        }
        Self(number)
    }

    /// Whether it writes words without blanks, so that one may begin and end anywhere.
    pub(crate) fn is_unbroken(self) -> bool {
        self >= Self::CHINESE
    }

    /// Whether it is written in Latin letters, as English is, or in both scripts.
    pub(crate) fn is_latin(self) -> bool {
        self.breadth() == 2 || self == Self::HINDI
    }

    /// How many English words may stand near each other in texts of this language. Romanised Hindi mixes them in, and has a `the` of
    /// its own.
    pub(crate) fn mixes_in(self) -> usize {
        usize::from(self == Self::HINDI)
    }

    /// Whether verbs stand behind their objects, at least as a rule.
    pub(crate) fn puts_verbs_last(self) -> bool {
        matches!(self, Self::TURKISH | Self::HINDI | Self::KOREAN | Self::JAPANESE)
    }

    /// Whether a verb may stand at `verb` and its object at `object`.
    pub(crate) fn may_lead(self, verb: u32, object: u32) -> bool {
        match self {
            Self::TURKISH => true, // verbs stand last, but need not
            _ if self.puts_verbs_last() => object <= verb,
            _ => verb <= object,
        }
    }

    /// Whether what denies an order stands behind it.
    pub(crate) fn denies_behind(self) -> bool {
        matches!(self, Self::GERMAN | Self::DUTCH)
    }

    /// How many times as many bytes as English a sentence takes, in halves.
    pub(crate) fn breadth(self) -> u32 {
        match self {
            Self::RUSSIAN | Self::ARABIC => 4,
            Self::HINDI => 5,
            Self::KOREAN | Self::CHINESE | Self::JAPANESE => 3,
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
pub(crate) enum Kind {
    /// Of an alphabet, or a digit.
    Letter,
    /// Han, kana, Hangul.
    Ideograph,
    Other,
}

/// A place between two characters: what stands on both sides.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Joint(pub(crate) Kind, pub(crate) Kind);

impl Joint {
    /// Whether it lies inside a word of this language.
    pub(crate) fn is_inside_word(self, language: Language) -> bool {
        match self {
            Self(Kind::Letter, Kind::Letter) => true,
            Self(Kind::Ideograph, Kind::Ideograph) => !language.is_unbroken(),
            _ => false,
        }
    }

    /// Whether it lies inside a word of every language that has blanks.
    pub(crate) fn is_inside_all(self) -> bool {
        matches!(self, Self(Kind::Letter, Kind::Letter))
    }
}

/// Where in a folded text words may begin, and of which languages.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Begin {
    /// Of those for which the place lies inside no word.
    At(Joint),
    /// Of Arabic, behind a particle.
    Particle,
}

impl Begin {
    /// Whether words of any language may begin at `at`.
    #[inline]
    pub(crate) fn at(text: &[u8], at: usize) -> Option<Self> {
        let before = match at.checked_sub(1).and_then(|last| text.get(last)) {
            Some(last) if !last.is_ascii() => character_before(text, at).map_or(Kind::Other, |start| kind(text, start)),
            Some(last) => kind(&[*last], 0),
            None => Kind::Other,
        };
        let joint = Joint(before, kind(text, at));
        if !joint.is_inside_all() {
            return Some(Self::At(joint));
        }
        let is_arabic = at.checked_sub(2).is_some_and(|at| matches!(text.get(at), Some(0xD8..=0xDB)));
        (is_arabic && is_behind_particle(text, at)).then_some(Self::Particle)
    }

    /// Whether words of this language may begin there.
    pub(crate) fn may_be(self, language: Language) -> bool {
        match self {
            Self::At(joint) => !joint.is_inside_word(language),
            Self::Particle => language == Language::ARABIC,
        }
    }
}

/// Whether nothing but a particle stands between `at` and where the Arabic word begins.
#[inline(never)]
fn is_behind_particle(text: &[u8], at: usize) -> bool {
    let before = Span { start: word_start(Language::ARABIC, text, at), end: at }.of(text);
    PARTICLES.iter().any(|particle| particle.as_bytes() == before)
}

/// Where the word begins that `at` is in, going back a few letters at most.
fn word_start(language: Language, text: &[u8], at: usize) -> usize {
    let mut start = at;
    for _ in 0..4 {
        match character_before(text, start) {
            Some(before) if Joint(kind(text, before), kind(text, start)).is_inside_word(language) => start = before,
            _ => break,
        }
    }
    start
}

/// Where the character begins that ends in front of `at`.
fn character_before(text: &[u8], at: usize) -> Option<usize> {
    let starts = (1..=4).filter_map(|length| at.checked_sub(length));
    starts.into_iter().find(|&start| text.get(start).is_some_and(|byte| !matches!(byte, 0x80..=0xBF)))
}

/// What the character at `at` is. Above ASCII all is a letter that is not known for something else.
#[inline]
pub(crate) fn kind(text: &[u8], at: usize) -> Kind {
    match text.get(at..).unwrap_or_default() {
        [byte, ..] if byte.is_ascii_alphanumeric() || *byte == b'_' => Kind::Letter,
        // ASCII punctuation, Latin-1 signs, punctuation and symbols, emoji; ، ؛ ؟, । ॥, 、 。 「 」
        []
        | [..=0x7F | 0xC2 | 0xE2 | 0xF0, ..]
        | [0xD8, 0x8C | 0x9B | 0x9F, ..]
        | [0xE0, 0xA5, 0xA4 | 0xA5, ..]
        | [0xE3, 0x80, 0x81 | 0x82 | 0x8C | 0x8D, ..] => Kind::Other,
        [0xE3..=0xED, ..] => Kind::Ideograph,
        _ => Kind::Letter,
    }
}
