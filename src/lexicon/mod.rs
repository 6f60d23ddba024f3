//! Words and the concepts they stand for, in every language: `ignora`, `vergiss` and 无视 all mean *drop*.
//!
//! A lexicon is data, one YAML file for each language. The build folds its entries and stores them sorted, each without what
//! it shares with the one before. They are searched as they lie; what the first scan makes is an index of where those lie that
//! begin with the same four bytes; the build marked the first of each. A scan looks up every place where a word begins. An entry is one or more words; between
//! them some blanks or punctuation may stand, and a `*` stands for the rest of a word.

pub(crate) mod concept;
pub(crate) mod language;

pub(crate) use self::concept::Concepts;
pub(crate) use self::language::Language;

use std::sync::atomic::{AtomicU32, Ordering};

use self::language::{LANGUAGES, may_begin, may_end};
use crate::anchor::{HIGH, between, each_anchor, lanes, next_eight};
use crate::leb128::Reader;

/// Bits of the hash that choose a bucket, and that the filter tells apart.
const BUCKET_BITS: u32 = 13;
const FILTER_BITS: u32 = 19;
/// Most bytes between two words of an entry, and in the rest of a word that `*` stands for.
const MAX_GAP: usize = 4;
const MAX_REST: usize = 40;
/// The byte that stands for `*`. It sorts in front of the blank, so that at a blank of a text no later entry stands for more.
pub(crate) const REST: u8 = 1;
/// The bit that marks the first entry of a group.
pub(crate) const IS_FIRST: u8 = 0x80;
/// Longest entry in bytes.
pub(crate) const MAX_ENTRY_BYTES: usize = 200;

/// What most attacks speak of.
const CORE: Concepts = Concepts::named("drop")
    .or(Concepts::named("instructions"))
    .or(Concepts::named("rules"))
    .or(Concepts::named("earlier"))
    .or(Concepts::named("reveal"))
    .or(Concepts::named("system_prompt"));

/// All words, as the build stored them, with an index.
#[derive(Debug)]
pub(crate) struct Lexicon {
    columns: Columns,
    /// The sets of concepts that entries stand for.
    meanings: Vec<Concepts>,
    /// One bit for each hash that an entry has.
    filter: Vec<u64>,
    /// For each bucket the number of its first group, counted from 1.
    buckets: Vec<u16>,
    /// In the order of their entries.
    groups: Vec<Group>,
}

/// What is stored of the entries, column by column.
#[derive(Clone, Copy, Debug)]
struct Columns {
    /// How many bytes of its beginning an entry shares with the one before, with [`IS_FIRST`], and how many follow.
    shared: &'static [u8],
    lengths: &'static [u8],
    /// The number of its meaning.
    meanings: &'static [u8],
    /// What follows, of all entries.
    texts: &'static [u8],
}

/// Entries of one language that begin with the same [`key`]. There are ten thousands of them, so they are kept small.
#[derive(Debug)]
struct Group {
    key: u32,
    /// What the entries go on with behind the key and a blank, one bit for each value of [`next_bit`]; all if one does not go on.
    /// 0 until a text first holds the key: most texts hold few.
    next: AtomicU32,
    /// Where it begins in the columns, and in the texts.
    first: u32,
    text: u32,
    count: u16,
    /// The next group in the bucket, counted from 1.
    after: u16,
    language: Language,
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
    /// Indexes what the build stored.
    pub(crate) fn packed(bytes: &'static [u8]) -> Self {
        let mut reader = Reader(bytes);
        let meanings = reader.list(Reader::concepts);
        let counts = LANGUAGES.map(|_| reader.number());
        let groups = reader.number();
        let count = counts.iter().sum();
        let mut column = || reader.take(count);
        let columns = Columns { shared: column(), lengths: column(), meanings: column(), texts: reader.0 };
        let mut groups = columns.groups(groups, counts);
        let mut filter = vec![0; 1 << (FILTER_BITS - 6)];
        let mut buckets = vec![0; 1 << BUCKET_BITS];
        // From the last to the first, since each is put in front of those that are in its bucket.
        for (group, number) in groups.iter_mut().zip(1..=u16::MAX).rev() {
            let hash = hash(group.key);
            if let Some(bits) = filter.get_mut(hash as usize / 64) {
                *bits |= 1_u64 << (hash % 64);
            }
            if let Some(bucket) = buckets.get_mut(bucket(hash)) {
                group.after = std::mem::replace(bucket, number);
            }
        }
        Self { columns, meanings, filter, buckets, groups }
    }

    /// Calls `each` with what stands for a concept in a folded text, in the order of where it begins.
    pub(crate) fn scan(&self, text: &[u8], mut each: impl FnMut(&Occurrence)) {
        let mut search = Search::new(text);
        each_anchor(text, |at| {
            if is_mail_sign(text, at) {
                let concepts = const { Concepts::named("address") };
                each(&Occurrence { language: Language::COMMON, concepts, start: at, end: at + 1 });
            }
            let key = key(next_eight(text, at));
            let hash = hash(key);
            if self.filter.get(hash as usize / 64).is_none_or(|bits| bits >> (hash % 64) & 1 == 0) {
                return;
            }
            let next = next_bit(text.get(at + key_length(key)..).unwrap_or_default());
            for group in self.groups(hash).filter(|group| group.key == key && group.next(&self.columns) & next != 0) {
                search.find(at, group, &self.columns, |number, end| {
                    let (language, start) = (group.language, at);
                    if let Some(concepts) = self.concepts(number)
                        && may_begin(language, text, start)
                    {
                        each(&Occurrence { language, concepts, start, end });
                    }
                });
            }
        });
    }

    /// The groups in the bucket of a hash.
    fn groups(&self, hash: u32) -> impl Iterator<Item = &Group> {
        let at = |number: u16| self.groups.get(usize::from(number).checked_sub(1)?);
        let first = self.buckets.get(bucket(hash)).and_then(|&first| at(first));
        std::iter::successors(first, move |group| at(group.after))
    }

    /// What the entry with this number stands for.
    fn concepts(&self, number: usize) -> Option<Concepts> {
        self.meanings.get(usize::from(*self.columns.meanings.get(number)?)).copied()
    }

    /// Calls `each` with the words of English, and with those of other languages that most attacks use one of.
    pub(crate) fn each_word(&self, each: &mut dyn FnMut(&[u8])) {
        let mut entry = Vec::new();
        for group in &self.groups {
            entry.clear();
            entry.extend(group.key.to_le_bytes());
            let mut texts = Reader(self.columns.texts.get(group.text as usize..).unwrap_or_default());
            for number in group.entries() {
                let Some((shared, length)) = self.columns.sizes(number) else { break };
                entry.truncate(shared);
                entry.extend(texts.take(length));
                let is_core = || self.concepts(number).is_some_and(|concepts| concepts.meets(CORE));
                if group.language <= Language::ENGLISH || is_core() {
                    each(&entry);
                }
            }
        }
    }
}

impl Columns {
    /// The groups in the order of their entries, of which each language has so many.
    fn groups(&self, groups: usize, counts: [usize; LANGUAGES.len()]) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::with_capacity(groups);
        let mut firsts = self.firsts();
        let (mut text, mut start, mut first) = (0, [0; 4], firsts.next());
        let (mut language, mut end) = (0, 0);
        while let Some(number) = first {
            first = firsts.next();
            let count = first.unwrap_or(self.shared.len()) - number;
            while number >= end
                && let Some(count) = counts.get(usize::from(language))
            {
                (language, end) = (language + 1, end + count);
            }
            // It shares no more with the one before, of another group, than lies inside its key.
            let Some((shared, length)) = self.sizes(number) else { break };
            let rest = self.texts.get(text..text + length).unwrap_or_default();
            let bytes = rest.iter().copied().chain(std::iter::repeat(0));
            start.iter_mut().skip(shared).zip(bytes).for_each(|(place, byte)| *place = byte);
            groups.push(Group {
                key: key(u32::from_le_bytes(start).into()),
                next: AtomicU32::default(),
                first: narrow(number),
                text: narrow(text),
                count: u16::try_from(count).unwrap_or(u16::MAX),
                after: 0,
                language: Language(language - 1),
            });
            let lengths = self.lengths.get(number..number + count).unwrap_or_default();
            text += lengths.iter().map(|&length| usize::from(length)).sum::<usize>();
        }
        groups
    }

    /// The numbers of the entries that are the first of a group.
    fn firsts(&self) -> impl Iterator<Item = usize> {
        (0..self.shared.len()).step_by(8).flat_map(|start| {
            let mut marks = next_eight(self.shared, start) & lanes(IS_FIRST);
            std::iter::from_fn(move || {
                let at = marks.trailing_zeros() as usize / 8;
                marks &= marks.checked_sub(1)?;
                Some(start + at)
            })
        })
    }

    /// How much the entry with this number shares with the one before, and how much follows.
    fn sizes(&self, number: usize) -> Option<(usize, usize)> {
        Some(((*self.shared.get(number)? & !IS_FIRST).into(), (*self.lengths.get(number)?).into()))
    }
}

impl Group {
    /// The numbers of its entries.
    fn entries(&self) -> std::ops::Range<usize> {
        self.first as usize..self.first as usize + usize::from(self.count)
    }

    /// See the field.
    fn next(&self, columns: &Columns) -> u32 {
        let known = self.next.load(Ordering::Relaxed);
        if known != 0 {
            return known;
        }
        let length = key_length(self.key);
        let (mut next, mut text) = (0, self.text as usize);
        for number in self.entries() {
            let Some((shared, size)) = columns.sizes(number) else { break };
            // What shares more goes on as the one before.
            if shared <= length + 1 {
                let rest = columns.texts.get(text..text + size).unwrap_or_default();
                let behind = rest.get(length.saturating_sub(shared)..).unwrap_or_default();
                let is_over = matches!(behind, [] | [REST, ..] | [b' ', REST, ..]);
                next |= if is_over { u32::MAX } else { next_bit(behind) };
            }
            text += size;
        }
        self.next.store(next, Ordering::Relaxed);
        next
    }
}

/// A search for entries at the places of a text.
struct Search<'t> {
    text: &'t [u8],
    /// Where in the text the beginnings end, by their length, that it has in common with the latest entry.
    places: [usize; MAX_ENTRY_BYTES + 1],
    /// How long the longest of them is, and how much of it stands before any [`REST`].
    known: usize,
    plain: usize,
}

impl<'t> Search<'t> {
    fn new(text: &'t [u8]) -> Self {
        Self { text, places: [0; MAX_ENTRY_BYTES + 1], known: 0, plain: 0 }
    }

    /// Calls `each` with the number of each entry of the group that stands at `at`, and with where it ends there.
    fn find(&mut self, at: usize, group: &Group, columns: &Columns, mut each: impl FnMut(usize, usize)) {
        // What the first entry shares with one of another group lies inside the key, which stands in the text.
        (self.known, self.plain) = (size_of_val(&group.key), usize::MAX);
        (at..).zip(self.places.iter_mut().take(self.known + 1)).for_each(|(at, place)| *place = at);
        let mut start = group.text as usize;
        for number in group.entries() {
            let Some((shared, length)) = columns.sizes(number) else { break };
            let rest = start..start + length;
            start = rest.end;
            if shared > self.known {
                continue; // it shares what the text did not have in common with the one before
            }
            if shared <= self.plain {
                self.plain = usize::MAX;
            }
            self.known = shared;
            let rest = columns.texts.get(rest).unwrap_or_default();
            let Some(end) = self.follow(rest) else {
                let missing = rest.get(self.known - shared).copied().unwrap_or_default();
                if self.plain == usize::MAX && missing > self.byte_behind_known() {
                    break; // so are all that follow, since they are sorted
                }
                continue;
            };
            if rest.last() == Some(&REST) || may_end(group.language, self.text, end) {
                each(number, end);
            }
        }
    }

    /// Where the rest of an entry ends, of which `known` bytes stand in the text; more are known by then.
    fn follow(&mut self, rest: &[u8]) -> Option<usize> {
        let mut place = *self.places.get(self.known)?;
        for &byte in rest {
            place += match byte {
                b' ' => Some(self.count(place, MAX_GAP, |byte| !is_word_byte(byte))).filter(|&length| length > 0)?,
                REST => {
                    self.plain = self.plain.min(self.known);
                    self.count(place, MAX_REST, is_word_byte)
                }
                _ if self.text.get(place) == Some(&byte) => 1,
                _ => return None,
            };
            self.known += 1;
            *self.places.get_mut(self.known)? = place;
        }
        Some(place)
    }

    /// How many bytes of this kind stand at `at`, up to a limit.
    fn count(&self, at: usize, most: usize, is_wanted: impl Fn(u8) -> bool) -> usize {
        self.text.get(at..).unwrap_or_default().iter().take(most).take_while(|byte| is_wanted(**byte)).count()
    }

    /// The byte of the text behind what is known, as entries are sorted.
    fn byte_behind_known(&self) -> u8 {
        let place = self.places.get(self.known).copied().unwrap_or_default();
        self.text.get(place).copied().filter(|&byte| is_word_byte(byte)).unwrap_or(b' ')
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

/// The first four of these eight bytes as far as they belong to one word; zeros for the others. Behind an ASCII letter no
/// Han, kana or Hangul belongs to the word.
pub(crate) fn key(eight: u64) -> u32 {
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

fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

/// How many bytes of a word the key holds.
fn key_length(key: u32) -> usize {
    4 - key.leading_zeros() as usize / 8
}

/// A bit for the first byte of a word in this text, which may stand behind a blank; all if there is none.
fn next_bit(text: &[u8]) -> u32 {
    let next = text.iter().take(MAX_GAP + 1).find(|byte| is_word_byte(**byte));
    next.map_or(u32::MAX, |byte| 1 << (byte & 0x1F))
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
