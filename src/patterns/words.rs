//! Lists of words, and trees that stand for a few words only.

use std::borrow::Cow;

use super::node::Node;
use super::tables::{ByteSet, contains, set_of};
use crate::sort::sort_by_key;

/// Most words of an alternation, and most that the parts of a sequence may multiply to.
const MAX_WORDS: usize = 128;
const MAX_PRODUCT: usize = 4;
const MAX_WORD_BYTES: usize = 64;
/// Largest class that is worth being spelled out.
const MAX_CLASS: u32 = 3;

/// Words to try at a place, grouped by their first bytes. Within a group they stand in order of preference; words that
/// begin with different bytes never match at the same place.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct WordList {
    /// The bytes that words begin with.
    pub(crate) firsts: ByteSet,
    /// For each of these bytes, in ascending order, where its words begin in `ends`, and at last their number.
    groups: Vec<u16>,
    /// For each word where it ends in `bytes`.
    ends: Vec<u32>,
    bytes: Vec<u8>,
}

impl WordList {
    /// A list of words, none of which is empty.
    pub(crate) fn new(words: &[Cow<'_, [u8]>]) -> Self {
        let mut sorted: Vec<(usize, &[u8])> = words.iter().map(|word| &**word).enumerate().collect();
        sort_by_key(&mut sorted, |(number, word)| (word.first().copied(), *number));
        let firsts = set_of(words.iter().filter_map(|word| word.first().copied()));
        let mut list = Self {
            firsts,
            groups: Vec::with_capacity(1 + firsts.iter().map(|word| word.count_ones() as usize).sum::<usize>()),
            ends: Vec::with_capacity(words.len()),
            bytes: Vec::with_capacity(words.iter().map(|word| word.len()).sum()),
        };
        list.groups.push(0);
        for group in sorted.chunk_by(|(_, a), (_, b)| a.first() == b.first()) {
            for (_, word) in group {
                list.bytes.extend(*word);
                list.ends.push(u32::try_from(list.bytes.len()).unwrap_or(u32::MAX));
            }
            list.groups.push(u16::try_from(list.ends.len()).unwrap_or(u16::MAX));
        }
        list
    }

    /// The numbers of the words that begin with this byte.
    pub(crate) fn group(&self, first: u8) -> std::ops::Range<u16> {
        if !contains(&self.firsts, first) {
            return 0..0;
        }
        let (word, bit) = (usize::from(first >> 6), first & 63);
        let before = self.firsts.iter().take(word).map(|word| word.count_ones()).sum::<u32>();
        let below = self.firsts.get(word).map_or(0, |word| (word & ((1 << bit) - 1)).count_ones());
        let index = (before + below) as usize;
        let bound = |index: usize| self.groups.get(index).copied().unwrap_or_default();
        bound(index)..bound(index + 1)
    }

    /// The word with this number.
    pub(crate) fn word(&self, number: u16) -> &[u8] {
        let end = |number: usize| self.ends.get(number).map_or(0, |&end| end as usize);
        let start = usize::from(number).checked_sub(1).map_or(0, end);
        self.bytes.get(start..end(number.into())).unwrap_or_default()
    }

    /// How many words there are.
    pub(crate) fn len(&self) -> u16 {
        self.groups.last().copied().unwrap_or_default()
    }
}

/// The words in order of preference, if the tree matches those and nothing else.
pub(crate) fn of(node: &Node) -> Option<Vec<Cow<'_, [u8]>>> {
    let mut words = Vec::new();
    are_all(node).then(|| spell_out(node, &mut words))?;
    Some(words)
}

/// Whether the tree matches a few words and nothing else.
pub(crate) fn are_all(node: &Node) -> bool {
    count(node).is_some() && node.lengths().1 <= MAX_WORD_BYTES
}

/// How many words the tree matches, if it is worth spelling them out. Most trees are not, and should not cost memory.
fn count(node: &Node) -> Option<usize> {
    let count = match node {
        Node::Empty | Node::Literal(_) => 1,
        Node::Class(set) => {
            Some(set.iter().map(|word| word.count_ones()).sum::<u32>()).filter(|&count| count <= MAX_CLASS)? as usize
        }
        Node::Repeat { node, min: 0, max: 1, .. } => count(node)? + 1,
        Node::Concat(parts) => parts.iter().try_fold(1, |heads, part| {
            let tails = count(part)?;
            (heads * tails <= MAX_PRODUCT.max(heads).max(tails)).then_some(heads * tails)
        })?,
        Node::Alternation(branches) => branches.iter().try_fold(0, |sum, branch| Some(sum + count(branch)?))?,
        Node::Repeat { .. } | Node::Capture(_) | Node::Look(_) => return None,
    };
    (count <= MAX_WORDS).then_some(count)
}

/// Appends the words of a tree that matches nothing but words.
pub(crate) fn spell_out<'n>(node: &'n Node, words: &mut Vec<Cow<'n, [u8]>>) {
    let start = words.len();
    match node {
        Node::Literal(bytes) => words.push(Cow::Borrowed(bytes)),
        Node::Class(set) => words.extend((0..=u8::MAX).filter(|&b| contains(set, b)).map(|b| Cow::Owned(vec![b]))),
        Node::Repeat { node, lazy, .. } => {
            spell_out(node, words);
            words.insert(if *lazy { start } else { words.len() }, Cow::default());
        }
        Node::Concat(parts) => {
            words.push(Cow::default());
            for part in parts {
                let mut tails = Vec::new();
                spell_out(part, &mut tails);
                let heads = words.split_off(start);
                words.extend(heads.iter().flat_map(|head| tails.iter().map(|tail| [&**head, tail].concat().into())));
            }
        }
        Node::Alternation(branches) => {
            for branch in branches {
                spell_out(branch, words);
            }
        }
        Node::Empty | Node::Capture(_) | Node::Look(_) => words.push(Cow::default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_knows_the_words_that_begin_with_a_byte() {
        let list = WordList::new(&[&b"show"[..], b"tell", b"say", b"\xC3\xA9"].map(Cow::Borrowed));
        let words = |first| list.group(first).map(|number| list.word(number)).collect::<Vec<_>>();
        assert_eq!(words(b's'), [&b"show"[..], b"say"]);
        assert_eq!(words(b't'), [&b"tell"[..]]);
        assert_eq!(words(0xC3), [&b"\xC3\xA9"[..]]);
        assert!(words(b'a').is_empty() && words(b'z').is_empty());
    }
}
