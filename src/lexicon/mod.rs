//! Words and the concepts they stand for, in every language: `ignora`, `vergiss` and 无视 all mean *drop*.
//!
//! A lexicon is data, one YAML file for each language. The build folds its entries and stores them; the first scan indexes
//! them by a hash of their first four bytes. A scan looks up every place where a word begins. An entry is one or more words;
//! between them some blanks or punctuation may stand, and a `*` stands for the rest of a word.

pub(crate) mod concept;
pub(crate) mod language;

pub(crate) use self::concept::Concepts;
pub(crate) use self::language::Language;

use self::language::{LANGUAGES, may_begin, may_end};
use crate::anchor::{HIGH, between, each_anchor, lanes, next_eight};
use crate::leb128::Reader;

/// Bits of the hash that choose a bucket, and that the filter tells apart.
const BUCKET_BITS: u32 = 15;
const FILTER_BITS: u32 = 19;
/// Most bytes between two words of an entry, and in the rest of a word that `*` stands for.
const MAX_GAP: usize = 4;
const MAX_REST: usize = 40;

/// What most attacks speak of.
const CORE: Concepts = Concepts::named("drop")
    .or(Concepts::named("instructions"))
    .or(Concepts::named("rules"))
    .or(Concepts::named("earlier"))
    .or(Concepts::named("reveal"))
    .or(Concepts::named("system_prompt"));

/// An index of all words.
#[derive(Debug)]
pub(crate) struct Lexicon {
    /// One bit for each hash that an entry has.
    filter: Vec<u64>,
    /// For each bucket where its entries begin in `entries`, and at last their number.
    buckets: Vec<u16>,
    entries: Vec<Entry>,
    bytes: Vec<u8>,
}

/// What some words of a language stand for.
#[derive(Clone, Copy, Debug, Default)]
struct Entry {
    /// Up to eight bytes of its beginning, and which bits of eight [`squeezed`] bytes of a text are compared with them.
    word: u64,
    mask: u64,
    start: u32,
    length: u8,
    language: Language,
    concepts: Concepts,
}

/// Words that were found in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Occurrence {
    pub(crate) language: Language,
    pub(crate) concepts: Concepts,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Lexicon {
    /// Reads and indexes what the build stored.
    pub(crate) fn packed(bytes: &[u8]) -> Self {
        let mut reader = Reader(bytes);
        let count = reader.number();
        let shared: Vec<usize> = (0..count).map(|_| reader.number()).collect();
        let lengths: Vec<usize> = (0..count).map(|_| reader.number()).collect();
        let mut texts = Vec::new();
        let mut entries: Vec<Entry> = Vec::with_capacity(count);
        let (mut start, mut before) = (0, 0);
        for (shared, length) in shared.into_iter().zip(lengths) {
            let kept = before..before + shared;
            texts.extend_from_within(kept);
            texts.extend(reader.take(length));
            before = start;
            let text = texts.get(start..).unwrap_or_default();
            let (length, offset) = (u8::try_from(text.len()).unwrap_or(u8::MAX), u32::try_from(start).unwrap_or(0));
            entries.push(Entry { start: offset, length, ..Entry::default() });
            start = texts.len();
        }
        let mut rest = entries.as_mut_slice();
        for language in 0..LANGUAGES.len() {
            let (of_language, others) = rest.split_at_mut_checked(reader.number()).unwrap_or_default();
            for entry in of_language {
                entry.language = Language(u8::try_from(language).unwrap_or_default());
            }
            rest = others;
        }
        for entry in &mut entries {
            let more = reader.byte();
            let number = u32::from(more & 0x3F);
            entry.concepts = Concepts(1 << number);
            for _ in 0..more >> 6 {
                entry.concepts = entry.concepts.or(Concepts(1 << u32::from(reader.byte() & 0x3F)));
            }
        }
        for entry in &mut entries {
            let text = texts.get(entry.start as usize..).and_then(|rest| rest.get(..entry.length.into()));
            (entry.word, entry.mask) = beginning(text.unwrap_or_default(), entry.language);
        }
        Self::index(&entries, texts)
    }

    fn index(unsorted: &[Entry], bytes: Vec<u8>) -> Self {
        let mut filter = vec![0; 1 << (FILTER_BITS - 6)];
        let mut buckets = vec![0_u16; (1 << BUCKET_BITS) + 1];
        for entry in unsorted {
            let hash = hash(key(entry.word));
            if let Some(bits) = filter.get_mut(hash as usize / 64) {
                *bits |= 1_u64 << (hash % 64);
            }
            if let Some(end) = buckets.get_mut(bucket(hash) + 1) {
                *end += 1;
            }
        }
        let mut sum = 0;
        for end in &mut buckets {
            sum += *end;
            *end = sum;
        }
        let mut places = buckets.clone();
        let mut entries = vec![Entry::default(); unsorted.len()];
        for entry in unsorted {
            let Some(place) = places.get_mut(bucket(hash(key(entry.word)))) else { continue };
            if let Some(slot) = entries.get_mut(usize::from(*place)) {
                *slot = *entry;
                *place += 1;
            }
        }
        Self { filter, buckets, entries, bytes }
    }

    /// Calls `each` with what stands for a concept in a folded text, in the order of where it begins.
    pub(crate) fn scan(&self, text: &[u8], mut each: impl FnMut(&Occurrence)) {
        each_anchor(text, |at| {
            if is_mail_sign(text, at) {
                let concepts = const { Concepts::named("address") };
                each(&Occurrence { language: Language::COMMON, concepts, start: at, end: at + 1 });
            }
            let eight = next_eight(text, at);
            let hash = hash(key(eight));
            if self.filter.get(hash as usize / 64).is_none_or(|bits| bits >> (hash % 64) & 1 == 0) {
                return;
            }
            let bound = |at: usize| self.buckets.get(at).copied().map_or(0, usize::from);
            let range = bound(bucket(hash))..bound(bucket(hash) + 1);
            let eight = squeezed(text, at);
            for entry in self.entries.get(range).unwrap_or_default() {
                if eight & entry.mask != entry.word {
                    continue;
                }
                let language = entry.language;
                if let Some(end) = end(language, self.text(entry), text, at)
                    && may_begin(language, text, at)
                {
                    each(&Occurrence { language, concepts: entry.concepts, start: at, end });
                }
            }
        });
    }

    /// Calls `each` with the words of English, and with those of other languages that most attacks use one of.
    pub(crate) fn each_word(&self, mut each: impl FnMut(&[u8])) {
        let is_worth_it = |entry: &&Entry| entry.language <= Language::ENGLISH || entry.concepts.meets(CORE);
        self.entries.iter().filter(is_worth_it).for_each(|entry| each(self.text(entry)));
    }

    fn text(&self, entry: &Entry) -> &[u8] {
        self.bytes.get(entry.start as usize..).and_then(|rest| rest.get(..entry.length.into())).unwrap_or_default()
    }
}

impl Default for Language {
    fn default() -> Self {
        Self::COMMON
    }
}

/// Whether an `@` stands at `at`, between letters or digits.
fn is_mail_sign(text: &[u8], at: usize) -> bool {
    if text.get(at) != Some(&b'@') {
        return false;
    }
    let is_word = |at: usize| text.get(at).is_some_and(u8::is_ascii_alphanumeric);
    at.checked_sub(1).is_some_and(is_word) && is_word(at + 1)
}

/// What the text begins with from `at` on: blanks and punctuation as one blank each, one also at the end of the text and
/// between an ASCII letter and an ideograph.
fn squeezed(text: &[u8], at: usize) -> u64 {
    let mut eight = [0; 8];
    let mut length = 0;
    let mut push = |byte: u8| {
        if let Some(place) = eight.get_mut(length) {
            (*place, length) = (byte, length + 1);
        }
        length < 8
    };
    let mut before = 0;
    for &byte in text.get(at..).unwrap_or_default().iter().take(3 * 8).chain(b" ") {
        let is_word = is_word_byte(byte);
        let has_blank = !is_word && before != b' ' || byte >= 0xE3 && before.is_ascii_alphanumeric();
        if has_blank && !push(b' ') || is_word && !push(byte) {
            break;
        }
        before = if is_word { byte } else { b' ' };
    }
    u64::from_le_bytes(eight)
}

/// What an entry begins with, for comparison with a [`squeezed`] text, and which bits of it count.
fn beginning(entry: &[u8], language: Language) -> (u64, u64) {
    let stem = entry.iter().position(|byte| *byte == b'*').unwrap_or(entry.len());
    let is_whole = stem == entry.len() && !language.is_unbroken();
    let stem = entry.get(..stem).unwrap_or_default();
    let word = squeezed(stem, 0);
    let joints = stem.array_windows().filter(|[before, byte]| before.is_ascii_alphanumeric() && *byte >= 0xE3);
    let length = stem.len() + joints.count() + usize::from(is_whole);
    let mask = if length >= 8 { u64::MAX } else { (1 << (8 * length)) - 1 };
    (word & mask, mask)
}

/// The first four of these eight bytes as far as they belong to one word; zeros for the others. Behind an ASCII letter no
/// Han, kana or Hangul belongs to the word.
fn key(eight: u64) -> u32 {
    let is_ascii = !eight & HIGH;
    let low = eight & !HIGH;
    let alphanumeric = (between(low | lanes(0x20), b'a', b'z') | between(low, b'0', b'9')) & is_ascii;
    // 0xE3 and above, where an ideograph begins
    let ideograph = !is_ascii & HIGH & between(low, 0x63, 0x7F);
    let foreign = if is_ascii & 0x80 == 0 { 0 } else { ideograph };
    let ends = HIGH & (!(alphanumeric | !is_ascii) | foreign) | 0x80 << 32;
    // All bits below the first byte that does not belong.
    let belongs = (ends >> 7 & ends.wrapping_neg() >> 7).wrapping_sub(1);
    #[expect(clippy::cast_possible_truncation, reason = "the first four bytes")]
    {
        (eight & belongs) as u32
    }
}

/// Whether the byte belongs to words. `maintenance_mode` is the name of something, and no two words.
fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

/// A hash of [`FILTER_BITS`].
fn hash(key: u32) -> u32 {
    key.wrapping_mul(0x9E37_79B1) >> (32 - FILTER_BITS)
}

fn bucket(hash: u32) -> usize {
    (hash >> (FILTER_BITS - BUCKET_BITS)) as usize
}

/// Where the entry ends if it stands at `at`.
fn end(language: Language, entry: &[u8], text: &[u8], mut at: usize) -> Option<usize> {
    let count = |at: usize, most: usize, is_wanted: &dyn Fn(u8) -> bool| {
        text.get(at..).unwrap_or_default().iter().take(most).take_while(|byte| is_wanted(**byte)).count()
    };
    for &byte in entry {
        at += match byte {
            b' ' => Some(count(at, MAX_GAP, &|byte| !is_word_byte(byte))).filter(|&length| length > 0)?,
            b'*' => count(at, MAX_REST, &is_word_byte),
            _ => (Some(&byte) == text.get(at)).then_some(1)?,
        };
    }
    (entry.last() == Some(&b'*') || may_end(language, text, at)).then_some(at)
}

#[cfg(test)]
mod tests {
    use super::language::LANGUAGES;
    use super::*;
    use crate::engine::Scanner;
    use crate::finding::Direction;
    use crate::patterns::LEXICON;
    use crate::view::View;
    use crate::yaml;

    /// What in a text stands for a concept in a language.
    fn words(concept: &str, language: &str, text: &str) -> Vec<String> {
        let mut folded = Vec::new();
        let view = View::new(text, &mut folded);
        let mut words = Vec::new();
        LEXICON.scan(view.folded, |occurrence| {
            let is_wanted = LANGUAGES[usize::from(occurrence.language.0)] == language;
            if is_wanted && occurrence.concepts.meets(Concepts::named(concept)) {
                words.push(String::from_utf8_lossy(&view.folded[occurrence.start..occurrence.end]).into_owned());
            }
        });
        words
    }

    #[test]
    fn words_begin_and_end_where_their_language_lets_them() {
        assert_eq!(words("instructions", "de", "Anweisungen, Betriebsanweisungen"), ["anweisungen"]);
        assert_eq!(words("instructions", "fr", "l'instruction d\u{2019}origine"), ["instruction"]);
        assert_eq!(words("rules", "en", "content_rules rules"), ["rules"], "a name is no word");
        assert_eq!(words("model", "zh", "这是人工智能吗"), ["人工智能"], "Chinese knows no blanks");
        assert_eq!(words("instructions", "ar", "والتعليمات").len(), 1, "particles are written together with the word");
        assert_eq!(words("address", "common", "an anna@example.com, a @ b"), ["@"]);
    }

    /// Attacks and honest look-alikes in each language, by the authors of its lexicon. Words that break a lexicon or a
    /// structure show here; how well attacks are found that nobody tuned it to is what `make eval` measures.
    #[test]
    fn attacks_are_found_and_honest_texts_pass_in_every_language() {
        for language in LANGUAGES.iter().skip(1) {
            let path = format!("{}/tests/languages/{language}.yaml", env!("CARGO_MANIFEST_DIR"));
            let document = yaml::parse(&std::fs::read_to_string(&path).expect(&path)).expect(&path);
            let texts = |key: &str| -> Vec<String> {
                let entries = document.map().expect("a map");
                let entry = entries.iter().find(|entry| entry.key == key).expect(key);
                entry.node.list().expect("a list").iter().map(|node| node.text().expect("text").to_owned()).collect()
            };
            let mut scanner = Scanner::new([0; 16]);
            let mut is_found = |text: &String| {
                scanner.scan(text, Direction::Input).findings.iter().any(|finding| finding.category.is_threat())
            };
            let (attacks, honest) = (texts("attacks"), texts("honest"));
            let found = attacks.iter().filter(|text| is_found(text)).count();
            let alarms = honest.iter().filter(|text| is_found(text)).count();
            assert!(found * 4 >= attacks.len() * 3, "{language}: {found} of {} attacks are found", attacks.len());
            assert!(alarms * 5 <= honest.len(), "{language}: {alarms} of {} honest texts raise an alarm", honest.len());
        }
    }
}
