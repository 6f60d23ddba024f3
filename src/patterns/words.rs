//! Lists of words, and trees that stand for a few words only.

use std::borrow::Cow;
use std::ops::Range;

use super::node::{Node, union};
use super::tables::{ByteSet, contains, set_of};
use crate::sort::sort_by_key;

/// Most words of an alternation, and most that the parts of a sequence may multiply to.
const MAX_WORDS: usize = 128;
const MAX_PRODUCT: usize = 4;
const MAX_WORD_BYTES: usize = 64;
/// Largest class that is worth being spelled out.
const MAX_CLASS: u32 = 3;

/// Lists of words to try at a place, grouped by their first bytes. Within a group they stand in order of preference; words
/// that begin with different bytes never match at the same place.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct WordLists {
    lists: Vec<List>,
    /// For each list and each byte that its words begin with, in ascending order, the number of the first of them; and for each
    /// list at last the number behind its words.
    groups: Vec<u32>,
    /// For each word of all lists where it ends in `bytes`.
    ends: Vec<u32>,
    bytes: Vec<u8>,
}

#[derive(Debug, PartialEq, Eq)]
struct List {
    /// The bytes that words begin with.
    firsts: ByteSet,
    /// Where its groups begin.
    groups: usize,
}

impl WordLists {
    /// The number of the list of these words, none of which is empty. It is added if it is new.
    pub(crate) fn find(&mut self, words: &[Cow<'_, [u8]>]) -> usize {
        let mut sorted: Vec<(usize, &[u8])> = words.iter().map(|word| &**word).enumerate().collect();
        sort_by_key(&mut sorted, |(number, word)| (word.first().copied(), *number));
        let words = || sorted.iter().map(|(_, word)| *word);
        let known = (0..self.len()).find(|&list| self.words(list).map(|number| self.word(number)).eq(words()));
        known.unwrap_or_else(|| {
            self.add(words());
            self.len() - 1
        })
    }

    /// Adds a list of words that are sorted by their first bytes.
    pub(crate) fn add<'w>(&mut self, words: impl IntoIterator<Item = &'w [u8]>) {
        let groups = self.groups.len();
        let mut latest = None;
        let mut firsts = [0; 4];
        for word in words {
            let first = word.first().copied();
            if latest != Some(first) {
                latest = Some(first);
                self.groups.push(narrow(self.ends.len()));
                firsts = union(firsts, set_of(first));
            }
            self.bytes.extend(word);
            self.ends.push(narrow(self.bytes.len()));
        }
        self.groups.push(narrow(self.ends.len()));
        self.lists.push(List { firsts, groups });
    }

    /// How many lists there are.
    pub(crate) fn len(&self) -> usize {
        self.lists.len()
    }

    /// The bytes that the words of a list begin with.
    pub(crate) fn firsts(&self, list: usize) -> ByteSet {
        self.lists.get(list).map_or([0; 4], |list| list.firsts)
    }

    /// The numbers of the words of a list that begin with this byte.
    pub(crate) fn group(&self, list: usize, first: u8) -> Range<u32> {
        let Some(List { firsts, groups }) = self.lists.get(list).filter(|list| contains(&list.firsts, first)) else {
            return 0..0;
        };
        let (word, bit) = (usize::from(first >> 6), first & 63);
        let before = firsts.iter().take(word).map(|word| word.count_ones()).sum::<u32>();
        let below = firsts.get(word).map_or(0, |word| (word & ((1 << bit) - 1)).count_ones());
        let group = groups + (before + below) as usize;
        self.bound(group)..self.bound(group + 1)
    }

    /// The numbers of the words of a list.
    pub(crate) fn words(&self, list: usize) -> Range<u32> {
        let Some(List { firsts, groups }) = self.lists.get(list) else { return 0..0 };
        let count: u32 = firsts.iter().map(|word| word.count_ones()).sum();
        self.bound(*groups)..self.bound(groups + count as usize)
    }

    fn bound(&self, group: usize) -> u32 {
        self.groups.get(group).copied().unwrap_or_default()
    }

    /// The word with this number.
    pub(crate) fn word(&self, number: u32) -> &[u8] {
        let end = |number: u32| self.ends.get(number as usize).map_or(0, |&end| end as usize);
        let start = number.checked_sub(1).map_or(0, end);
        self.bytes.get(start..end(number)).unwrap_or_default()
    }
}

/// Programs are bounded, and so are their words.
fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
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
        let mut lists = WordLists::default();
        assert_eq!(lists.find(&[b"other".into()]), 0);
        assert_eq!(lists.find(&[&b"show"[..], b"tell", b"say", b"\xC3\xA9"].map(Cow::Borrowed)), 1);
        assert_eq!(lists.find(&[b"other".into()]), 0);
        let words = |first| lists.group(1, first).map(|number| lists.word(number)).collect::<Vec<_>>();
        assert_eq!(words(b's'), [&b"show"[..], b"say"]);
        assert_eq!(words(b't'), [&b"tell"[..]]);
        assert_eq!(words(0xC3), [&b"\xC3\xA9"[..]]);
        assert!(words(b'a').is_empty() && words(b'z').is_empty());
    }
}
