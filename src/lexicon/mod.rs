//! Words and the concepts they stand for, in every language: `ignora`, `vergiss` and 无视 all mean *drop*.
//!
//! A lexicon is data, one YAML file for each language. An entry is one or more words; between them some blanks or punctuation
//! may stand, a `*` stands for the rest of a word, and a name in braces for the forms of a verb. What ships holds no words, but a
//! hash table of the folded entries of all languages, made by the build and searched where it lies. A scan hashes the text from
//! every place on where a word begins, and looks the hash up wherever an entry may end.

pub(crate) mod concept;
#[cfg(test)]
pub(crate) mod forms;
pub(crate) mod language;

pub(crate) use self::concept::Concepts;
pub(crate) use self::language::Language;

use self::language::{Begin, Joint, Kind, LANGUAGES, kind};
use crate::anchor::{HIGH, between, each_anchor, lanes, next_eight, zeros};
use crate::leb128::Reader;
use crate::word_hash::WordHash;

/// Bits of a hash that choose the bucket of an entry, and that are stored of it: its tag. One word in a thousand that is no entry is
/// taken for one, most likely of another language, and a structure needs two or three of the same. Where it would matter, in
/// the frequent words of all languages, it does not happen: each bucket chooses which bits the tags are, and the build chooses so
/// that nothing in the texts that it knows is taken for what it is not.
const BUCKET_BITS: u32 = 14;
const TAG_BITS: u32 = 12;
pub(crate) const BUCKETS: usize = 1 << BUCKET_BITS;
/// Bits in which a bucket stores how many entries it has, and above them its choice.
pub(crate) const COUNT_BITS: u32 = 5;
pub(crate) const CHOICE_BITS: u32 = 3;
/// Bits of a hash that choose its place in the map of openings.
const OPENING_BITS: u32 = 18;
pub(crate) const OPENINGS: usize = 1 << OPENING_BITS;
/// Most bytes between two words of an entry, and in the rest of a word that `*` stands for.
const MAX_GAP: usize = 4;
const MAX_REST: usize = 40;
/// Most words of an entry.
pub(crate) const MAX_WORDS: usize = 8;
/// Least bytes in front of a `*` in the first word of an entry, and of an entry of a language without blanks; so many are looked at
/// first.
pub(crate) const MIN_BYTES: usize = 4;
/// Bytes of three ideographs, which are looked at next: where there are no blanks words may begin everywhere.
pub(crate) const THREE_IDEOGRAPHS: usize = 9;
/// The byte that stands for `*`.
pub(crate) const REST: u8 = 1;
/// The byte that stands in the map of openings for whatever may follow.
pub(crate) const BEGINS: u8 = 2;

/// What most attacks speak of.
const CORE: Concepts = Concepts::named("drop")
    .or(Concepts::named("instructions"))
    .or(Concepts::named("rules"))
    .or(Concepts::named("earlier"))
    .or(Concepts::named("reveal"))
    .or(Concepts::named("system_prompt"));
/// What a stem stands for behind which phrases go on: nothing itself.
pub(crate) const OPENING: Concepts = Concepts(1 << 63);

/// All words, as the build stored them.
#[derive(Debug)]
pub(crate) struct Lexicon {
    /// For each language the sets of concepts that its entries stand for.
    meanings: Vec<Vec<Concepts>>,
    /// Most bytes of a word of an entry.
    longest: usize,
    /// For each bucket where its entries begin, and which bits of a hash they store; last where all end.
    buckets: Vec<u32>,
    /// For each entry the lower bits of its tag; its language, and below it the other bits; the number of its meaning.
    tags: &'static [u8],
    languages: &'static [u8],
    numbers: &'static [u8],
    openings: Openings<'static>,
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
    /// What the build stored.
    pub(crate) fn packed(bytes: &'static [u8]) -> Self {
        let mut reader = Reader(bytes);
        let longest = reader.number();
        let meanings = LANGUAGES.map(|_| reader.list(Reader::concepts)).into();
        let mut end = 0;
        let mut buckets = Vec::with_capacity(BUCKETS + 1);
        buckets.extend(reader.take(BUCKETS).iter().map(|&bucket| {
            let start = end;
            end += u32::from(bucket & ((1 << COUNT_BITS) - 1));
            start << CHOICE_BITS | u32::from(bucket >> COUNT_BITS)
        }));
        buckets.push(end << CHOICE_BITS);
        let mut column = || reader.take(end as usize);
        let (tags, languages, numbers) = (column(), column(), column());
        Self { meanings, longest, buckets, tags, languages, numbers, openings: Openings(reader.0) }
    }

    /// Calls `each` with what stands for a concept in a folded text, in the order of where it begins, and of the languages.
    pub(crate) fn scan(&self, text: &[u8], mut each: impl FnMut(&Occurrence)) {
        let mut found: Vec<Occurrence> = Vec::new();
        each_anchor(text, |at| {
            if !text.get(at).copied().is_some_and(is_word_byte) {
                if is_mail_sign(text, at) {
                    let concepts = const { Concepts::named("address") };
                    each(&Occurrence { language: Language::COMMON, concepts, start: at, end: at + 1 });
                }
            } else if let Some(begin) = Begin::at(text, at) {
                let look = Search { lexicon: self, text, start: at, begin, found: &mut found };
                Walk { text, longest: self.longest, openings: self.openings, look }.word(at, WordHash::EMPTY, 0);
                found.drain(..).for_each(|occurrence| each(&occurrence));
            }
        });
    }

    /// Calls `each` with the entries that have this hash. Eight tags are compared at once.
    #[inline]
    fn each_entry(&self, hash: WordHash, mut each: impl FnMut(Language, Concepts)) {
        let bucket = bucket(hash);
        let word = |bucket: usize| self.buckets.get(bucket).copied().unwrap_or_default();
        let (mut first, end) = ((word(bucket) >> CHOICE_BITS) as usize, (word(bucket + 1) >> CHOICE_BITS) as usize);
        let (low, high) = tag(hash, word(bucket) & ((1 << CHOICE_BITS) - 1));
        while first < end {
            let mut same = zeros(next_eight(self.tags, first) ^ lanes(low));
            while same != 0 {
                let number = first + same.trailing_zeros() as usize / 8;
                if let Some((language, concepts)) = self.entry(number, high).filter(|_| number < end) {
                    each(language, concepts);
                }
                same &= same - 1;
            }
            first += 8;
        }
    }

    /// The entry with this number, if these are the upper bits of its tag.
    #[inline]
    fn entry(&self, number: usize, high: u8) -> Option<(Language, Concepts)> {
        let language = *self.languages.get(number).filter(|language| **language & 0xF == high)? >> 4;
        let meanings = self.meanings.get(usize::from(language))?;
        Some((Language(language), *meanings.get(usize::from(*self.numbers.get(number)?))?))
    }

    /// Whether a word with this hash is one of English, or of those in other languages that most attacks use one of.
    pub(crate) fn knows(&self, hash: WordHash) -> bool {
        let mut is_known = false;
        for hash in [hash, hash.then(REST)] {
            self.each_entry(hash, |language, concepts| is_known |= is_telling(language, concepts));
        }
        is_known
    }
}

/// The bucket of a hash.
#[allow(clippy::cast_possible_truncation, reason = "cut to size on purpose")]
#[inline]
pub(crate) fn bucket(hash: WordHash) -> usize {
    (hash.mixed() >> (64 - BUCKET_BITS)) as usize
}

/// What a bucket stores of a hash that has made this choice: the lower and the upper bits.
#[expect(clippy::cast_possible_truncation, reason = "cut to size on purpose")]
#[inline]
pub(crate) fn tag(hash: WordHash, choice: u32) -> (u8, u8) {
    let tag = hash.mixed() >> (64 - BUCKET_BITS - TAG_BITS - 4 * choice);
    (tag as u8, (tag >> 8) as u8 & 0xF)
}

/// Whether a word that stands for this is worth undoing a disguise for. Words inside phrases stand for nothing themselves.
pub(crate) fn is_telling(language: Language, concepts: Concepts) -> bool {
    language <= Language::ENGLISH && concepts != OPENING || concepts.meets(CORE)
}

/// A map of what entries begin with: a bit for each place of a hash. One hash in nine is there for the sake of another, and then is
/// read on behind in vain. What is there is what phrases begin with, with the blank behind it; the first bytes of entries, with
/// [`BEGINS`]; and with [`REST`] the first bytes of stems, and what phrases begin with that go on with a stem.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Openings<'b>(pub(crate) &'b [u8]);

impl Openings<'_> {
    #[inline]
    fn have(self, hash: WordHash) -> bool {
        let opening = opening(hash);
        self.0.get(opening / 8).is_some_and(|bits| bits >> (opening % 8) & 1 == 1)
    }
}

/// The place of a hash in the map of openings.
#[allow(clippy::cast_possible_truncation, reason = "cut to size on purpose")]
#[inline]
pub(crate) fn opening(hash: WordHash) -> usize {
    (hash.mixed() >> (64 - BUCKET_BITS - OPENING_BITS)) as usize % OPENINGS
}

/// What looks up the hashes of all that may be an entry.
pub(crate) trait Look {
    /// Looks for entries that end at `at`, at such a joint.
    fn whole(&mut self, hash: WordHash, at: usize, joint: Joint);
    /// Looks for entries that end with the rest of the word at `at`. Where that ends, if phrases go on behind it.
    fn stem(&mut self, hash: WordHash, at: usize) -> Option<usize>;
}

/// A walk through a text, to all that may be an entry.
pub(crate) struct Walk<'w, L> {
    pub(crate) text: &'w [u8],
    /// Most bytes of a word of an entry.
    pub(crate) longest: usize,
    pub(crate) openings: Openings<'w>,
    pub(crate) look: L,
}

impl<L: Look> Walk<'_, L> {
    /// Reads the word that begins at `start` and the phrases that go on behind it; `hash` is that of the words before, of which
    /// there are so many.
    pub(crate) fn word(&mut self, start: usize, hash: WordHash, before: usize) {
        let is_first = before == 0;
        let eight = next_eight(self.text, start);
        let length = plain_length(eight);
        let least = if is_first { MIN_BYTES } else { 0 };
        let mut has_stems = false;
        if length >= least {
            let first = hash.then_first(eight, least);
            if is_first && !self.openings.have(first.then(BEGINS)) {
                return;
            }
            has_stems = self.openings.have(first.then(REST));
        }
        if length < 8 && self.text.get(start + length).is_none_or(|next| next.is_ascii() && *next != b'_') {
            self.plain_word(start, |length| hash.then_first(eight, length), length, has_stems.then_some(least), before);
        } else if has_stems || length < 8 {
            self.any_word(start, (start, hash), has_stems, before);
        } else {
            self.long_word(start, hash, before);
        }
    }

    /// Reads a word of fewer than eight ASCII letters and digits, with the hashes of its beginnings; stems have so many at least.
    #[inline]
    fn plain_word(
        &mut self,
        start: usize,
        hash: impl Fn(usize) -> WordHash,
        length: usize,
        stems: Option<usize>,
        before: usize,
    ) {
        let end = start + length;
        for shorter in stems.unwrap_or(length)..length {
            self.part(hash(shorter), start + shorter, before);
        }
        self.look.whole(hash(length), end, Joint(Kind::Letter, Kind::Other));
        if stems.is_some() {
            self.part(hash(length), end, before);
        }
        self.next_word(end, hash(length), before);
    }

    /// Reads a word that begins with many ASCII letters and digits, none of which may end a stem.
    fn long_word(&mut self, start: usize, mut hash: WordHash, before: usize) {
        let mut at = start;
        loop {
            let eight = next_eight(self.text, at);
            let length = plain_length(eight);
            (at, hash) = (at + length, hash.then_first(eight, length));
            if length < 8 {
                break;
            }
        }
        let joint = Joint(Kind::Letter, kind(self.text, at));
        if !joint.is_inside_all() {
            self.look.whole(hash, at, joint);
        }
        self.any_word(start, (at, hash), false, before);
    }

    /// Reads any word, which has been read up to `at`.
    fn any_word(&mut self, start: usize, (mut at, mut hash): (usize, WordHash), mut has_stems: bool, before: usize) {
        let (text, is_first) = (self.text, before == 0);
        let end = text.len().min(start + self.longest);
        loop {
            if has_stems && (!is_first || at >= start + MIN_BYTES) {
                self.part(hash, at, before);
            }
            let Some(&byte) = text.get(at).filter(|byte| at < end && is_word_byte(**byte)) else { break };
            let from = at;
            (at, hash) = (at + 1, hash.then(byte));
            while !byte.is_ascii()
                && let Some(&byte @ 0x80..=0xBF) = text.get(at)
            {
                (at, hash) = (at + 1, hash.then(byte));
            }
            let joint = Joint(kind(text, from), kind(text, at));
            let is_ideograph = matches!(joint, Joint(Kind::Ideograph, _));
            let is_begun = from < start + MIN_BYTES && at >= start + MIN_BYTES;
            if is_first && (is_begun || is_ideograph && at == start + THREE_IDEOGRAPHS) {
                if !self.openings.have(hash.then(BEGINS)) {
                    return;
                }
                has_stems |= is_begun && self.openings.have(hash.then(REST));
            }
            // Languages without blanks have no words that are shorter.
            let is_too_short =
                is_first && at < start + MIN_BYTES && matches!(joint, Joint(Kind::Ideograph, Kind::Ideograph));
            if !joint.is_inside_all() && !is_too_short {
                self.look.whole(hash, at, joint);
            }
        }
        self.next_word(at, hash, before);
    }

    /// Looks for stems that end at `at`, and goes on behind them.
    #[inline]
    fn part(&mut self, hash: WordHash, at: usize, before: usize) {
        let hash = hash.then(REST);
        if let Some(end) = self.look.stem(hash, at) {
            self.next_word(end, hash, before);
        }
    }

    /// Goes on with the next word, if there is one and phrases go on behind what has this hash.
    #[inline]
    fn next_word(&mut self, at: usize, hash: WordHash, before: usize) {
        let hash = hash.then(b' ');
        if before + 1 < MAX_WORDS && self.openings.have(hash) {
            let gap = count(self.text, at, MAX_GAP, |byte| !is_word_byte(byte));
            if gap > 0 {
                self.word(at + gap, hash, before + 1);
            }
        }
    }
}

/// Looks entries up, and notes those that may stand at `start`.
struct Search<'s> {
    lexicon: &'s Lexicon,
    text: &'s [u8],
    start: usize,
    begin: Begin,
    found: &'s mut Vec<Occurrence>,
}

impl Search<'_> {
    #[inline]
    fn note(&mut self, language: Language, concepts: Concepts, end: usize) {
        if self.begin.may_be(language) {
            let at = self.found.partition_point(|other| other.language <= language);
            self.found.insert(at, Occurrence { language, concepts, start: self.start, end });
        }
    }
}

impl Look for Search<'_> {
    #[inline]
    fn whole(&mut self, hash: WordHash, at: usize, joint: Joint) {
        self.lexicon.each_entry(hash, |language, concepts| {
            if !concepts.is_empty() && !joint.is_inside_word(language) {
                self.note(language, concepts, at);
            }
        });
    }

    #[inline]
    fn stem(&mut self, hash: WordHash, at: usize) -> Option<usize> {
        let mut opening = None;
        self.lexicon.each_entry(hash, |language, concepts| {
            let end = end_of_rest(self.text, at);
            if concepts == OPENING {
                opening = Some(end);
            } else {
                self.note(language, concepts, end);
            }
        });
        opening
    }
}

impl Reader<'_> {
    /// A set of concepts.
    pub(crate) fn concepts(&mut self) -> Concepts {
        self.list(Self::byte).into_iter().fold(Concepts::default(), |all, number| all.or(Concepts(1 << (number & 63))))
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

/// How many of the eight bytes, from the first on, are ASCII letters in lower case or digits.
#[inline]
fn plain_length(eight: u64) -> usize {
    let low = eight & !HIGH;
    let plain = (between(low, b'a', b'z') | between(low, b'0', b'9')) & !eight;
    (plain ^ HIGH).trailing_zeros() as usize / 8
}

/// Whether the byte belongs to words. `maintenance_mode` is the name of something, and no two words.
pub(crate) fn is_word_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

/// Where the rest of a word that goes on at `at` is over.
pub(crate) fn end_of_rest(text: &[u8], at: usize) -> usize {
    at + count(text, at, MAX_REST, is_word_byte)
}

/// How many bytes of this kind stand at `at`, up to a limit.
fn count(text: &[u8], at: usize, most: usize, is_wanted: impl Fn(u8) -> bool) -> usize {
    text.get(at..).unwrap_or_default().iter().take(most).take_while(|byte| is_wanted(**byte)).count()
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

    #[test]
    fn every_entry_stands_for_its_concept() {
        for (language, name) in LANGUAGES.iter().enumerate() {
            let path = format!("{}/src/lexicon/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
            let document = yaml::parse(&std::fs::read_to_string(&path).expect(&path)).expect(&path);
            for (concept, words) in forms::entries(&document).expect(&path) {
                let mut folded = Vec::new();
                let view = View::new(&words, &mut folded);
                let text = String::from_utf8_lossy(view.folded).replace('*', "и").replace('_', " ");
                let mut is_found = false;
                LEXICON.scan(text.as_bytes(), |occurrence| {
                    is_found |= usize::from(occurrence.language.0) == language
                        && occurrence.concepts.meets(Concepts(1 << concept));
                });
                assert!(is_found, "{name}: `{words}` stands for `{}`", concept::CONCEPTS[concept]);
            }
        }
    }

    #[test]
    fn words_are_known_from_phrases_too() {
        for (word, is_known) in
            [("ignore", true), ("aside", true), ("comply", true), ("xyzzy", false), ("utfbmba", false)]
        {
            assert_eq!(LEXICON.knows(WordHash::of(word.as_bytes())), is_known, "{word}");
        }
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
