//! Reads the lexicons and stores them as `src/lexicon/mod.rs` reads them.

#![allow(clippy::indexing_slicing, reason = "a mistake here stops the build")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::anchor::next_eight;
use crate::lexicon::concept::CONCEPTS;
use crate::lexicon::language::LANGUAGES;
use crate::lexicon::{Concepts, IS_FIRST, Language, MAX_ENTRY_BYTES, REST, key};
use crate::pack::Writer;
use crate::sort::sort_and_dedup;
use crate::view::table::{FoldTable, Reading};
use crate::yaml;

/// Least bytes in front of a `*`, and of an entry of a language without blanks.
const MIN_STEM_BYTES: usize = 4;
/// Most sets of concepts that entries stand for.
const MAX_MEANINGS: usize = 256;

/// The lexicons in `folder`, one file for each language: a map from concepts to entries.
pub(crate) fn pack(folder: &Path, table: &FoldTable<'_>) -> Result<Vec<u8>, String> {
    // Language and folded text, with all that they stand for.
    let mut entries: BTreeMap<(u8, Vec<u8>), BTreeSet<u8>> = BTreeMap::new();
    let mut errors = Vec::new();
    for (language, name) in (0..).zip(LANGUAGES) {
        let path = folder.join(format!("{name}.yaml"));
        let named = |message: String| format!("{}: {message}", path.display());
        let source = fs::read_to_string(&path).map_err(|error| named(error.to_string()))?;
        let document = yaml::parse(&source).map_err(|error| named(error.to_string()))?;
        let map = document.map_with(&CONCEPTS).map_err(|error| named(error.to_string()))?;
        for entry in map.entries {
            let concept = CONCEPTS.iter().position(|known| *known == entry.key).unwrap_or_default();
            let source = entry.node.text().map_err(|error| named(error.to_string()))?;
            let lines = source.lines().filter(|line| !line.trim_start().starts_with('#'));
            for words in lines.flat_map(|line| line.split(',')).map(str::trim).filter(|words| !words.is_empty()) {
                let text = fold(words, table);
                if let Err(why) = check(&text, Language(language)) {
                    errors.push(named(format!("{}: `{words}` {why}", entry.key)));
                }
                entries.entry((language, text)).or_default().insert(u8::try_from(concept).unwrap_or_default());
            }
        }
    }
    if !errors.is_empty() {
        return Err(errors.join("\n"));
    }
    write(&without_redundant(&entries))
}

/// Most bytes that an entry is said to share with the one before.
const MAX_SHARED: usize = IS_FIRST as usize - 1;

/// Language, folded text, and what it stands for.
type Entry<'e> = (u8, &'e [u8], &'e BTreeSet<u8>);

/// The entries without those in which another stands that means the same: `ignora todo` beside `ignora`.
fn without_redundant(entries: &BTreeMap<(u8, Vec<u8>), BTreeSet<u8>>) -> Vec<Entry<'_>> {
    let stands_for = |language: u8, text: &[u8]| entries.get(&(language, text.to_vec()));
    let is_spoiler = |number: &u8| SPOILERS.contains(&CONCEPTS[usize::from(*number)]);
    let is_needed = |language: u8, text: &[u8], concepts: &BTreeSet<u8>| {
        let unbroken = Language(language).is_unbroken();
        let blanks = (0..text.len()).filter(|&at| text[at] == b' ');
        let is_spoilt = blanks
            .into_iter()
            .any(|end| stands_for(language, &text[..end]).is_some_and(|concepts| concepts.iter().any(is_spoiler)));
        let covers = |other: &[u8]| {
            other != text && stands_for(language, other).is_some_and(|means| means.is_superset(concepts))
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
    let all = entries.iter().map(|((language, text), concepts)| (*language, text.as_slice(), concepts));
    all.filter(|(language, text, concepts)| is_needed(*language, text, concepts)).collect()
}

/// Concepts whose words take the meaning from what stands behind them.
const SPOILERS: [&str; 2] = ["negation", "unmeant"];

fn write(entries: &[Entry<'_>]) -> Result<Vec<u8>, String> {
    let mut meanings: Vec<&BTreeSet<u8>> = entries.iter().map(|(.., concepts)| *concepts).collect();
    sort_and_dedup(&mut meanings);
    if meanings.len() > MAX_MEANINGS {
        return Err(format!("entries stand for {} sets of concepts, more than {MAX_MEANINGS}", meanings.len()));
    }
    let mut writer = Writer::default();
    writer.list(&meanings, |writer, concepts| {
        writer.number(concepts.len());
        writer.0.extend(*concepts);
    });
    for language in 0..LANGUAGES.len() {
        writer.number(entries.iter().filter(|entry| usize::from(entry.0) == language).count());
    }
    let group = |(language, text, _): &Entry<'_>| (*language, key(next_eight(text, 0)));
    writer.number(entries.chunk_by(|a, b| group(a) == group(b)).count());
    let (mut lengths, mut numbers, mut texts) = (Vec::new(), Vec::new(), Vec::new());
    let mut before: Option<&Entry<'_>> = None;
    for entry @ (language, text, concepts) in entries {
        let of_language = before.filter(|before| before.0 == *language).map_or(&[][..], |before| before.1);
        let shared = text.iter().zip(of_language).take_while(|(a, b)| a == b).count().min(MAX_SHARED);
        let is_first = before.map(group) != Some(group(entry));
        writer.0.push(narrow(shared) | if is_first { IS_FIRST } else { 0 });
        lengths.push(narrow(text.len() - shared));
        numbers.push(narrow(meanings.partition_point(|known| known < concepts)));
        texts.extend(&text[shared..]);
        before = Some(entry);
    }
    writer.0.extend([lengths, numbers, texts].concat());
    Ok(writer.0)
}

/// Entries are short, and their meanings few.
fn narrow(number: usize) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}

/// The entry as the folded view shows it, its words apart by one blank.
fn fold(words: &str, table: &FoldTable<'_>) -> Vec<u8> {
    let mut folded = String::new();
    for c in words.chars() {
        let reading = if c.is_ascii() { Reading::Same } else { table.read(c) };
        match reading {
            Reading::Same if c == '*' => folded.push(char::from(REST)),
            Reading::Same => folded.push(c.to_ascii_lowercase()),
            Reading::Text(text, _) => folded.push_str(&String::from_utf8_lossy(text)),
            Reading::Nothing(_) => {}
        }
    }
    let is_gap = |c: char| c.is_ascii() && !c.is_ascii_alphanumeric() && c != char::from(REST);
    folded.split(is_gap).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ").into_bytes()
}

fn check(folded: &[u8], language: Language) -> Result<(), String> {
    let first = folded.split(|byte| *byte == b' ').next().unwrap_or_default();
    let stem = first.split(|byte| *byte == REST).next().unwrap_or_default();
    let is_prefix = stem.len() < first.len() || language.is_unbroken();
    if folded.is_empty() {
        Err("holds no word".into())
    } else if folded.len() > MAX_ENTRY_BYTES {
        Err(format!("is longer than {MAX_ENTRY_BYTES} bytes"))
    } else if is_prefix && stem.len() < MIN_STEM_BYTES && !stem.is_ascii()
        || is_prefix && stem.len() < MIN_STEM_BYTES && stem.len() < first.len()
    {
        Err(format!("needs {MIN_STEM_BYTES} bytes before what may follow"))
    } else {
        Ok(())
    }
}

const _: () = assert!(CONCEPTS.len() <= 64 && Concepts::named("talk").0 > 0);
