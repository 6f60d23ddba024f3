//! Looking around in a text. It is bytes here, in lower case: words are compared, never shown.

/// How much is looked at before or behind an offset.
const REACH: usize = 200;
/// What ends a sentence.
const SENTENCE_ENDS: [&str; 8] = [".", "!", "\n", "。", "？", "؟", "।", "?"];

/// What ends a clause.
const CLAUSE_ENDS: [&str; 8] = [",", ";", ":", "，", "；", "：", "、", "،"];

/// The text before `at`.
pub(super) fn before(text: &[u8], at: usize) -> &[u8] {
    text.get(at.saturating_sub(REACH)..at).unwrap_or_default()
}

/// The text from `at` on.
pub(super) fn behind(text: &[u8], at: usize) -> &[u8] {
    let text = text.get(at..).unwrap_or_default();
    text.get(..REACH).unwrap_or(text)
}

/// What stands behind the last of the marks.
pub(super) fn since<'t>(text: &'t [u8], marks: &[u8]) -> &'t [u8] {
    let last = text.iter().rposition(|byte| marks.contains(byte));
    text.get(last.map_or(0, |at| at + 1)..).unwrap_or_default()
}

/// What stands before the first of the marks, and that mark.
pub(super) fn until<'t>(text: &'t [u8], marks: &[u8]) -> (&'t [u8], Option<u8>) {
    let first = text.iter().position(|byte| marks.contains(byte));
    let head = text.get(..first.unwrap_or(text.len())).unwrap_or_default();
    (head, first.and_then(|at| text.get(at).copied()))
}

/// What a text ends in the middle of: its last sentence.
pub(super) fn last_sentence(text: &[u8]) -> &[u8] {
    behind_last(text, &SENTENCE_ENDS)
}

/// The last clause of it.
pub(super) fn last_clause(text: &[u8]) -> &[u8] {
    behind_last(text, &CLAUSE_ENDS)
}

/// The first clause of a text, which may end with its sentence.
pub(super) fn first_clause(text: &[u8]) -> &[u8] {
    let sentence = first_sentence(text);
    sentence.get(..clause_end(sentence)).unwrap_or_default()
}

/// What stands behind its first clause; nothing if there is only one.
pub(super) fn behind_first_clause(text: &[u8]) -> &[u8] {
    text.get(clause_end(text)..).unwrap_or_default()
}

fn clause_end(text: &[u8]) -> usize {
    (0..text.len()).find(|&at| mark_at(text, at, &CLAUSE_ENDS).is_some()).unwrap_or(text.len())
}

fn behind_last<'t>(text: &'t [u8], marks: &[&'static str]) -> &'t [u8] {
    let ends = (0..text.len()).rev().find_map(|at| Some(at + mark_at(text, at, marks)?.len()));
    text.get(ends.unwrap_or(0)..).unwrap_or_default()
}

/// Which of the marks stands at `at`.
fn mark_at(text: &[u8], at: usize, marks: &[&'static str]) -> Option<&'static [u8]> {
    let rest = text.get(at..)?;
    // To compare first bytes first saves nearly all calls that compare the rest.
    let is_there = |mark: &&[u8]| mark.first() == rest.first() && rest.starts_with(mark);
    marks.iter().map(|mark| mark.as_bytes()).find(is_there)
}

/// The first sentence of a text.
pub(super) fn first_sentence(text: &[u8]) -> &[u8] {
    text.get(..sentence_end(text).map_or(text.len(), |(at, _)| at)).unwrap_or_default()
}

/// Whether the byte can be a part of a word.
pub(super) fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii()
}

/// How many Latin letters the character says as much as that begins with this byte: one, three if it is Han, kana or Hangul.
pub(super) fn weight(byte: u8) -> usize {
    match byte {
        0xE3..=0xEF => 3,
        _ => usize::from(byte.is_ascii_alphanumeric() || byte >= 0xC3),
    }
}

/// The words of a text.
pub(super) fn words(text: &[u8]) -> Vec<&[u8]> {
    text.split(|&byte| !is_letter(byte)).filter(|word| !word.is_empty()).collect()
}

/// Whether one of the words is in a list, in which they are apart by `|`.
pub(super) fn has(words: &[&[u8]], list: &str) -> bool {
    has_like(words, list, |word, listed| word == listed)
}

/// Whether one of the words begins like one in a list.
pub(super) fn has_beginning(words: &[&[u8]], list: &str) -> bool {
    has_like(words, list, <[u8]>::starts_with)
}

fn has_like(words: &[&[u8]], list: &str, is_like: fn(&[u8], &[u8]) -> bool) -> bool {
    let is_like = |word: &[u8], listed: &[u8]| word.first() == listed.first() && is_like(word, listed);
    list.as_bytes().split(|&byte| byte == b'|').any(|listed| words.iter().any(|word| is_like(word, listed)))
}

/// Whether one of the texts in a list, in which they are apart by `|`, stands anywhere in this one.
pub(super) fn holds(text: &[u8], list: &str) -> bool {
    let is_like = |part: &[u8], listed: &[u8]| part.first() == listed.first() && part == listed;
    let holds = |listed: &[u8]| text.windows(listed.len()).any(|part| is_like(part, listed));
    list.as_bytes().split(|&byte| byte == b'|').any(holds)
}

/// Where the first sentence of the text ends, if that is with a question mark.
pub(super) fn question(text: &[u8]) -> Option<usize> {
    sentence_end(text).filter(|(_, mark)| matches!(*mark, b"?" | [0xEF | 0xD8, ..])).map(|(at, _)| at)
}

/// Where the first sentence of the text ends, and with what.
fn sentence_end(text: &[u8]) -> Option<(usize, &'static [u8])> {
    (0..text.len()).find_map(|at| Some((at, mark_at(text, at, &SENTENCE_ENDS)?)))
}

/// The bytes of a text with letters in lower case where that takes as many bytes: Latin, Greek and Cyrillic ones.
pub(super) fn lowered(text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_ascii_lowercase();
    for at in 0..bytes.len() {
        let Some([first, second]) = bytes.get_mut(at..at + 2) else { break };
        match (*first, *second) {
            // À to Þ, and А to Я with two blocks of the same page.
            (0xC3, 0x80..=0x96 | 0x98..=0x9E) | (0xD0, 0x90..=0x9F) => *second += 0x20,
            (0xD0, 0xA0..=0xAF) => (*first, *second) = (0xD1, *second - 0x20),
            // In the extended Latin letters capital and small ones take turns, but for a shift by one.
            (0xC5, 0x81..=0x87 | 0xB9..=0xBD) if *second % 2 == 1 => *second += 1,
            (0xC4, 0x80..=0xB6) | (0xC5, 0x8A..=0xB6) if *second % 2 == 0 => *second += 1,
            _ => {}
        }
    }
    bytes
}

/// Whether a colon of any width ends the text.
pub(super) fn ends_with_colon(text: &[u8]) -> bool {
    let text = text.trim_ascii_end();
    text.ends_with(b":") || text.ends_with("：".as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_become_small_where_that_keeps_offsets() {
        for (text, lower) in [("ÀÉ×ß", "àé×ß"), ("АЯ Ёж", "ая Ёж"), ("ŁŻŚĆ", "łżść"), ("ABC 中", "abc 中")]
        {
            assert_eq!(String::from_utf8_lossy(&lowered(text)), lower);
        }
    }

    #[test]
    fn a_question_ends_in_a_mark_of_any_script() {
        assert_eq!(question(b" mean? No."), Some(5));
        assert!(question("とは何ですか？".as_bytes()).is_some() && question("ماذا؟".as_bytes()).is_some());
        assert_eq!((question(b" ends. Does it?"), question("。？".as_bytes()), question(b"")), (None, None, None));
    }
}
