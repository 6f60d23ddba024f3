//! Lists of words, and trees that stand for a few words only.

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
    pub(crate) fn new(words: Vec<Vec<u8>>) -> Self {
        let mut numbered: Vec<(usize, Vec<u8>)> = words.into_iter().enumerate().collect();
        sort_by_key(&mut numbered, |(number, word)| (word.first().copied(), *number));
        let mut list = Self {
            firsts: set_of(numbered.iter().filter_map(|(_, word)| word.first().copied())),
            groups: vec![0],
            ends: Vec::with_capacity(numbered.len()),
            bytes: Vec::with_capacity(numbered.iter().map(|(_, word)| word.len()).sum()),
        };
        for group in numbered.chunk_by(|(_, a), (_, b)| a.first() == b.first()) {
            for (_, word) in group {
                list.bytes.extend(word);
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
pub(crate) fn of(node: &Node) -> Option<Vec<Vec<u8>>> {
    (count(node).is_some() && node.lengths().1 <= MAX_WORD_BYTES).then(|| spelled_out(node))
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

fn spelled_out(node: &Node) -> Vec<Vec<u8>> {
    match node {
        Node::Literal(bytes) => vec![bytes.clone()],
        Node::Class(set) => (0..=u8::MAX).filter(|&b| contains(set, b)).map(|b| vec![b]).collect(),
        Node::Repeat { node, lazy, .. } => {
            let mut words = spelled_out(node);
            words.insert(if *lazy { 0 } else { words.len() }, Vec::new());
            words
        }
        Node::Concat(parts) => parts.iter().fold(vec![Vec::new()], |heads, part| {
            let tails = spelled_out(part);
            heads.iter().flat_map(|head| tails.iter().map(move |tail| [head.as_slice(), tail].concat())).collect()
        }),
        Node::Alternation(branches) => branches.iter().flat_map(spelled_out).collect(),
        Node::Empty | Node::Capture(_) | Node::Look(_) => vec![Vec::new()],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_knows_the_words_that_begin_with_a_byte() {
        let list = WordList::new([&b"show"[..], b"tell", b"say", b"\xC3\xA9"].map(<[u8]>::to_vec).to_vec());
        let words = |first| list.group(first).map(|number| list.word(number)).collect::<Vec<_>>();
        assert_eq!(words(b's'), [&b"show"[..], b"say"]);
        assert_eq!(words(b't'), [&b"tell"[..]]);
        assert_eq!(words(0xC3), [&b"\xC3\xA9"[..]]);
        assert!(words(b'a').is_empty() && words(b'z').is_empty());
    }
}
