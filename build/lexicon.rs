//! Reads the lexicons and stores them as `src/lexicon/mod.rs` reads them.

#![allow(clippy::indexing_slicing, reason = "a mistake here stops the build")]

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::path::Path;

use crate::anchor::each_anchor;
use crate::forms;
use crate::lexicon::concept::CONCEPTS;
use crate::lexicon::language::{Begin, Joint, Kind, LANGUAGES, kind};
use crate::lexicon::{
    BEGINS, BUCKETS, CHOICE_BITS, COUNT_BITS, Concepts, Language, Look, MAX_WORDS, MIN_BYTES, OPENING, OPENINGS,
    Openings, REST, THREE_IDEOGRAPHS, Walk, bucket, end_of_rest, is_telling, is_word_byte, opening, tag,
};
use crate::pack::Writer;
use crate::view::table::{FoldTable, Reading};
use crate::view::words::is_letter;
use crate::word_hash::WordHash;
use crate::yaml;

/// Most sets of concepts that the entries of a language stand for.
const MAX_MEANINGS: usize = 256;

/// The lexicons in `folder`, one file for each language: a map from concepts to entries. Of `known` texts nothing will be taken for
/// an entry that is none.
pub(crate) fn pack(folder: &Path, table: &FoldTable<'_>, known: &[String]) -> Result<Vec<u8>, String> {
    // Language and folded text, with all that they stand for.
    let mut entries: BTreeMap<(u8, Vec<u8>), Concepts> = BTreeMap::new();
    let mut errors = Vec::new();
    for (language, name) in (0..).zip(LANGUAGES) {
        let path = folder.join(format!("{name}.yaml"));
        let named = |message: String| format!("{}: {message}", path.display());
        let source = fs::read_to_string(&path).map_err(|error| named(error.to_string()))?;
        let document = yaml::parse(&source).map_err(|error| named(error.to_string()))?;
        for (concept, words) in forms::entries(&document).map_err(|error| named(error.to_string()))? {
            let text = fold(&words, table);
            if let Err(why) = check(&text, Language(language)) {
                errors.push(named(format!("{}: `{words}` {why}", CONCEPTS[concept])));
            }
            let means = entries.entry((language, text)).or_default();
            *means = means.or(Concepts(1 << concept));
        }
    }
    if !errors.is_empty() {
        return Err(errors.join("\n"));
    }
    let known: Vec<Vec<u8>> = known.iter().map(|text| fold_all(text, table)).collect();
    Table::of(&without_redundant(&entries)).write(&known)
}

/// Language, folded text, and what it stands for.
type Entry<'e> = (u8, &'e [u8], Concepts);

/// The entries without those in which another stands that means the same: `ignora todo` beside `ignora`.
fn without_redundant(entries: &BTreeMap<(u8, Vec<u8>), Concepts>) -> Vec<Entry<'_>> {
    let stands_for = |language: u8, text: &[u8]| entries.get(&(language, text.to_vec()));
    let is_needed = |language: u8, text: &[u8], concepts: Concepts| {
        let unbroken = Language(language).is_unbroken();
        let blanks = (0..text.len()).filter(|&at| text[at] == b' ');
        let is_spoilt = blanks
            .into_iter()
            .any(|end| stands_for(language, &text[..end]).is_some_and(|concepts| concepts.meets(SPOILERS)));
        let covers = |other: &[u8]| {
            other != text && stands_for(language, other).is_some_and(|means| concepts.without(*means).is_empty())
        };
        let mut starts = (0..text.len())
            .filter(|&at| unbroken && !matches!(text[at], 0x80..=0xBF) || at == 0 || text[at - 1] == b' ');
        !starts.any(|at| {
            let stems = (at + 1..=text.len()).map(|end| &text[at..end]).take_while(|stem| !stem.ends_with(&[REST]));
            let is_covered = stems.into_iter().any(|stem| {
                let is_whole = unbroken || matches!(text.get(at + stem.len()), None | Some(b' '));
                is_whole && covers(stem) || covers(&[stem, &[REST]].concat())
            });
            is_covered && (at == 0 || !is_spoilt)
        })
    };
    let all = entries.iter().map(|((language, text), concepts)| (*language, text.as_slice(), *concepts));
    all.filter(|(language, text, concepts)| is_needed(*language, text, *concepts)).collect()
}

/// Concepts whose words take the meaning from what stands behind them.
const SPOILERS: Concepts = Concepts::named("negation").or(Concepts::named("unmeant"));

/// What the table holds, and what goes on: see [`crate::lexicon::Lexicon`].
struct Table {
    /// Language, text and meaning.
    entries: Vec<(u8, Vec<u8>, Concepts)>,
    openings: BTreeSet<Vec<u8>>,
    longest: usize,
}

impl Table {
    fn of(entries: &[Entry<'_>]) -> Self {
        let mut openings = BTreeSet::new();
        for (_, text, _) in entries {
            let blanks = (1..text.len()).filter(|&at| text[at - 1] == b' ');
            for at in blanks {
                openings.insert(text[..at].to_vec());
                if text[at..].split(|byte| *byte == b' ').next().is_some_and(|word| word.ends_with(&[REST])) {
                    openings.insert([&text[..at], &[REST]].concat());
                }
            }
            openings.extend(first_bytes(text));
        }
        let words = entries.iter().flat_map(|(_, text, _)| text.split(|byte| *byte == b' '));
        let longest = words.map(<[u8]>::len).max().unwrap_or_default();
        let mut all: Vec<_> =
            entries.iter().map(|(language, text, means)| (*language, text.to_vec(), *means)).collect();
        let common = |text: &[u8], means: Concepts| (0, text.to_vec(), means);
        let stems = openings.iter().filter_map(|opening| Some(opening.strip_suffix(b" ")?.to_vec()));
        all.extend(stems.filter(|stem| stem.ends_with(&[REST])).map(|stem| common(&stem, OPENING)));
        all.extend(words_of_phrases(entries).into_iter().map(|word| common(word, Concepts::default())));
        Self { entries: all, openings, longest }
    }

    /// `known` are folded texts of which nothing shall be taken for an entry that is none.
    fn write(&self, known: &[Vec<u8>]) -> Result<Vec<u8>, String> {
        let meanings = self.meanings()?;
        let openings = self.openings();
        let mut hashes: Vec<Vec<WordHash>> = vec![Vec::new(); BUCKETS];
        for hash in self.hashes(known, Openings(&openings)) {
            hashes[bucket(hash)].push(hash);
        }
        let mut buckets: Vec<Vec<(WordHash, u8, u8)>> = vec![Vec::new(); BUCKETS];
        for (language, text, means) in &self.entries {
            let (hash, language_meanings) = (WordHash::of(text), &meanings[usize::from(*language)]);
            let number = language_meanings.iter().position(|known| known == means);
            buckets[bucket(hash)].push((
                hash,
                *language,
                number.and_then(|n| u8::try_from(n).ok()).unwrap_or_default(),
            ));
        }
        let (mut heads, mut tags, mut languages, mut numbers) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        for (entries, hashes) in buckets.iter_mut().zip(&hashes) {
            let mistakes = |choice: &u32| {
                let entries = entries.iter();
                let taken = entries.flat_map(|(entry, ..)| {
                    hashes.iter().filter(move |hash| *hash != entry).map(move |hash| (entry, hash))
                });
                taken.filter(|(entry, hash)| tag(**entry, *choice) == tag(**hash, *choice)).count()
            };
            let choice = (0..1 << CHOICE_BITS).min_by_key(mistakes).unwrap_or_default();
            let count =
                u32::try_from(entries.len()).ok().filter(|count| *count < 1 << COUNT_BITS).ok_or("too many entries")?;
            heads.push(narrow(choice << COUNT_BITS | count));
            entries.sort_unstable_by_key(|(hash, language, _)| (*language, tag(*hash, choice)));
            for (hash, language, number) in entries {
                let (low, high) = tag(*hash, choice);
                tags.push(low);
                languages.push(*language << 4 | high);
                numbers.push(*number);
            }
        }
        let mut writer = Writer::default();
        writer.number(self.longest);
        for meanings in &meanings {
            writer.list(meanings, |writer, concepts| {
                writer.list(&concepts.numbers().collect::<Vec<_>>(), |writer, number| writer.number(*number));
            });
        }
        writer.0.extend([heads, tags, languages, numbers, openings].concat());
        Ok(writer.0)
    }

    /// The map of openings.
    fn openings(&self) -> Vec<u8> {
        let mut map = vec![0_u8; OPENINGS / 8];
        for text in &self.openings {
            let at = opening(WordHash::of(text));
            map[at / 8] |= 1 << (at % 8);
        }
        map
    }

    /// The hashes of the entries, and of all that is looked up in the texts.
    fn hashes(&self, texts: &[Vec<u8>], openings: Openings<'_>) -> HashSet<WordHash> {
        let mut hashes: HashSet<WordHash> = self.entries.iter().map(|(_, text, _)| WordHash::of(text)).collect();
        let openings_of_stems = self.entries.iter().filter(|(.., means)| *means == OPENING);
        let stems: HashSet<WordHash> = openings_of_stems.map(|(_, text, _)| WordHash::of(text)).collect();
        for text in texts {
            each_anchor(text, |at| {
                if is_word_byte(text[at]) && Begin::at(text, at).is_some() {
                    Walk {
                        text,
                        longest: self.longest,
                        openings,
                        look: Record { text, stems: &stems, hashes: &mut hashes },
                    }
                    .word(at, WordHash::EMPTY, 0);
                }
            });
        }
        hashes
    }

    /// For each language the meanings that its entries have, the most frequent first, which compresses best.
    fn meanings(&self) -> Result<Vec<Vec<Concepts>>, String> {
        let of = |(language, name): (u8, &str)| {
            let mut counts: BTreeMap<u64, usize> = BTreeMap::new();
            for (_, _, means) in self.entries.iter().filter(|entry| entry.0 == language) {
                *counts.entry(means.0).or_default() += 1;
            }
            let mut meanings: Vec<_> = counts.into_iter().collect();
            meanings.sort_by_key(|(means, count)| (usize::MAX - count, *means));
            if meanings.len() > MAX_MEANINGS {
                return Err(format!("{name}: {} sets of concepts are more than {MAX_MEANINGS}", meanings.len()));
            }
            Ok(meanings.into_iter().map(|(means, _)| Concepts(means)).collect())
        };
        (0..).zip(LANGUAGES).map(of).collect()
    }
}

/// Notes what is looked up.
struct Record<'r> {
    text: &'r [u8],
    /// The stems behind which phrases go on.
    stems: &'r HashSet<WordHash>,
    hashes: &'r mut HashSet<WordHash>,
}

impl Look for Record<'_> {
    fn whole(&mut self, hash: WordHash, _: usize, _: Joint) {
        self.hashes.insert(hash);
    }

    fn stem(&mut self, hash: WordHash, at: usize) -> Option<usize> {
        self.hashes.insert(hash);
        self.stems.contains(&hash).then(|| end_of_rest(self.text, at))
    }
}

fn narrow(number: u32) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}

/// The first bytes of an entry as they stand among the openings: as many whole characters as hold [`MIN_BYTES`], none if its first
/// word is shorter; and three ideographs.
fn first_bytes(text: &[u8]) -> Vec<Vec<u8>> {
    let first = text.split(|byte| *byte == b' ').next().unwrap_or_default();
    let (stem, is_stem) = first.strip_suffix(&[REST]).map_or((first, false), |stem| (stem, true));
    let is_boundary = |at: usize| stem.get(at).is_none_or(|byte| !matches!(byte, 0x80..=0xBF));
    let marked = |end: usize, mark: u8| [&stem[..end], &[mark]].concat();
    let mut openings = Vec::new();
    if let Some(end) = (MIN_BYTES..=stem.len()).find(|&at| is_boundary(at)) {
        openings.push(marked(end, BEGINS));
        openings.extend(is_stem.then(|| marked(end, REST)));
    }
    let last = THREE_IDEOGRAPHS - 3;
    if stem.len() >= THREE_IDEOGRAPHS && is_boundary(last) && kind(stem, last) == Kind::Ideograph {
        openings.push(marked(THREE_IDEOGRAPHS, BEGINS));
    }
    openings
}

/// The words of telling entries that are none themselves.
fn words_of_phrases<'e>(entries: &[Entry<'e>]) -> BTreeSet<&'e [u8]> {
    let telling = entries.iter().filter(|(language, _, means)| is_telling(Language(*language), *means));
    let telling: BTreeSet<&[u8]> = telling.map(|(_, text, _)| *text).collect();
    let words = telling.iter().flat_map(|text| text.split(|&byte| !is_letter(byte)));
    let is_entry = |word: &[u8]| telling.contains(word) || telling.contains(&*[word, &[REST]].concat());
    words.filter(|word| word.len() > 1 && !is_entry(word)).collect()
}

/// The entry as the folded view shows it, its words apart by one blank.
fn fold(words: &str, table: &FoldTable<'_>) -> Vec<u8> {
    let folded = String::from_utf8_lossy(&fold_all(words, table)).replace('*', "\u{1}");
    let is_gap = |c: char| c.is_ascii() && !c.is_ascii_alphanumeric() && c != char::from(REST);
    folded.split(is_gap).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ").into_bytes()
}

/// The text as the folded view shows it.
fn fold_all(text: &str, table: &FoldTable<'_>) -> Vec<u8> {
    let mut folded = Vec::new();
    for c in text.chars() {
        match if c.is_ascii() { Reading::Same } else { table.read(c) } {
            Reading::Same => folded.extend(c.to_ascii_lowercase().encode_utf8(&mut [0; 4]).bytes()),
            Reading::Text(text, _) => folded.extend(text),
            Reading::Nothing(_) => {}
        }
    }
    folded
}

fn check(folded: &[u8], language: Language) -> Result<(), String> {
    let first = folded.split(|byte| *byte == b' ').next().unwrap_or_default();
    let stem = first.split(|byte| *byte == REST).next().unwrap_or_default();
    let is_prefix = stem.len() < first.len() || language.is_unbroken();
    if folded.is_empty() {
        Err("holds no word".into())
    } else if folded.split(|byte| *byte == b' ').count() > MAX_WORDS {
        Err(format!("has more than {MAX_WORDS} words"))
    } else if is_prefix && stem.len() < MIN_BYTES && !stem.is_ascii()
        || is_prefix && stem.len() < MIN_BYTES && stem.len() < first.len()
    {
        Err(format!("needs {MIN_BYTES} bytes before what may follow"))
    } else {
        Ok(())
    }
}

// A byte of the table holds a language in its upper half.
const _: () = assert!(LANGUAGES.len() <= 16);
const _: () = assert!(CONCEPTS.len() < 64 && Concepts::named("talk").0 > 0);
