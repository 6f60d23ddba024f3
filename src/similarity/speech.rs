//! Which concepts words stand for, and which concepts stand near each other: what the model knows of order, and of what
//! languages have in common. *Ignore the rules* and *vergiss die Regeln* share no word, but an order to drop in front of rules.

use super::features::hash;
use crate::lexicon::{Concepts, Language, Occurrence};

/// Most words from one concept to another that it is read together with, and to one that stands close by.
const NEAR: usize = 5;
const CLOSE: usize = 2;

/// Concepts of words that are everywhere and change what stands close by. They are read with nothing else.
const SMALL: Concepts = Concepts::named("negation")
    .or(Concepts::named("unmeant"))
    .or(Concepts::named("meant"))
    .or(Concepts::named("english"));

/// What the numbers of a feature begin with: a concept alone, one behind another, one close behind it, three in any order.
const ALONE: u32 = 1;
const BEHIND: u32 = 2;
const CLOSE_BEHIND: u32 = 3;
const TOGETHER: u32 = 4;

/// Bits of a hash by which a feature is known that a block already has.
const KNOWN_BITS: u32 = 13;

/// The concepts of the words that were read last.
#[derive(Debug, Default)]
pub(super) struct Speech {
    /// How many words were read.
    words: usize,
    /// What words before the one being read stand for, as far as they are near.
    before: Vec<Heard>,
    /// What the word being read stands for.
    now: Vec<Heard>,
    /// What the block has.
    known: Known,
}

/// The concepts that a word stands for in a language.
#[derive(Clone, Copy, Debug)]
struct Heard {
    word: usize,
    language: Language,
    concepts: Concepts,
}

impl Speech {
    /// Notes what the word stands for that is being read.
    pub(super) fn hear(&mut self, &Occurrence { language, concepts, .. }: &Occurrence) {
        if let Some(heard) = self.now.iter_mut().find(|heard| heard.language == language) {
            heard.concepts = heard.concepts.or(concepts);
        } else {
            self.now.push(Heard { word: self.words, language, concepts });
        }
    }

    /// Goes on to the next word; adds the concepts of this one to the features, alone and with those before it.
    pub(super) fn end_word(&mut self, features: &mut Vec<u32>) {
        let known = &mut self.known;
        let mut add = |numbers: &[u32]| {
            let feature = hash(numbers);
            if known.is_new(feature) {
                features.push(feature);
            }
        };
        for heard in &self.now {
            numbers(heard.concepts).for_each(|number| add(&[ALONE, number]));
            for (nth, before) in self.before.iter().enumerate().filter(|(_, before)| before.suits(heard)) {
                heard.add_pairs(before, &mut add);
                if heard.large().is_empty() || before.large().is_empty() {
                    continue;
                }
                let earlier = self.before.iter().take(nth);
                let earlier = earlier.filter(|each| each.word < before.word && each.suits(before) && each.suits(heard));
                for earliest in earlier {
                    heard.add_triples(before, earliest, &mut add);
                }
            }
        }
        self.before.append(&mut self.now);
        self.words += 1;
        let words = self.words;
        self.before.retain(|heard| words - heard.word <= if heard.large().is_empty() { CLOSE } else { NEAR });
    }

    /// Goes on to the next block.
    pub(super) fn end_block(&mut self) {
        self.known = Known::default();
    }
}

/// Which features a block has, by some bits of their hashes.
#[derive(Debug)]
struct Known([u64; 1 << KNOWN_BITS >> 6]);

impl Default for Known {
    fn default() -> Self {
        Self([0; 1 << KNOWN_BITS >> 6])
    }
}

impl Known {
    /// Whether the block does not have the feature yet; from now on it does.
    fn is_new(&mut self, feature: u32) -> bool {
        let place = feature as usize % (1 << KNOWN_BITS);
        let Some(bits) = self.0.get_mut(place / 64) else { return false };
        let is_new = *bits >> (place % 64) & 1 == 0;
        *bits |= 1 << (place % 64);
        is_new
    }
}

impl Heard {
    /// The concepts that are read with others that are near.
    fn large(&self) -> Concepts {
        self.concepts.without(SMALL)
    }

    /// Whether both may be of one text.
    fn suits(&self, other: &Self) -> bool {
        self.language == other.language || [self.language, other.language].contains(&Language::COMMON)
    }

    /// Adds each concept with each of a word before it. Languages in which verbs stand last are read backwards, so that a pair
    /// says the same in all.
    fn add_pairs(&self, before: &Self, add: &mut impl FnMut(&[u32])) {
        let is_close = self.word - before.word <= CLOSE;
        let (kind, now, before) = if is_close {
            (CLOSE_BEHIND, self.concepts, before.concepts)
        } else {
            (BEHIND, self.large(), before.large())
        };
        let is_backwards = self.language.puts_verbs_last();
        for number in numbers(now) {
            for other in numbers(before) {
                let [first, second] = if is_backwards { [number, other] } else { [other, number] };
                add(&[kind, first, second]);
            }
        }
    }

    /// Adds each three different concepts of three words.
    fn add_triples(&self, before: &Self, earliest: &Self, add: &mut impl FnMut(&[u32])) {
        for a in numbers(self.large()) {
            for b in numbers(before.large()).filter(|&b| b != a) {
                for c in numbers(earliest.large()).filter(|&c| c != a && c != b) {
                    let (least, most) = (a.min(b).min(c), a.max(b).max(c));
                    add(&[TOGETHER, least, a + b + c - least - most, most]);
                }
            }
        }
    }
}

fn numbers(concepts: Concepts) -> impl Iterator<Item = u32> {
    concepts.numbers().filter_map(|number| u32::try_from(number).ok())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::features::{each_block, folded};
    use super::*;

    /// The concepts of a text, alone and together, and how many of them its blocks have.
    fn concepts(text: &str) -> (BTreeSet<u32>, usize) {
        let (mut all, mut count) = (BTreeSet::new(), 0);
        each_block(&folded(text), |block| {
            all.extend(&block.concepts);
            count += block.concepts.len();
        });
        (all, count)
    }

    fn feature(kind: u32, names: &[&str]) -> u32 {
        let numbers = names.iter().map(|name| Concepts::named(name).0.trailing_zeros());
        hash(&[kind].into_iter().chain(numbers).collect::<Vec<_>>())
    }

    #[test]
    fn languages_say_the_same() {
        let drop_instructions = feature(CLOSE_BEHIND, &["drop", "instructions"]);
        for text in ["ignore instructions", "vergiss die Anweisungen", "지시를 무시해", "忽略指令"] {
            let (all, _) = concepts(text);
            assert!(all.contains(&feature(ALONE, &["drop"])), "{text}");
            assert!(all.contains(&drop_instructions), "{text}");
        }
        assert_eq!(concepts("the depot in kassel").0.intersection(&concepts("ignore instructions").0).count(), 0);
    }

    #[test]
    fn knows_which_concept_follows_which_and_how_near() {
        let (behind, close) = (feature(BEHIND, &["drop", "rules"]), feature(CLOSE_BEHIND, &["drop", "rules"]));
        for (text, is_behind, is_close) in [
            ("ignore rules", false, true),
            ("rules ignore", false, false),
            ("ignore kassel depot monday rules", true, false),
            ("ignore kassel depot monday morning nine rules", false, false),
            ("vergiss rules", false, false),
        ] {
            let (all, _) = concepts(text);
            assert_eq!((all.contains(&behind), all.contains(&close)), (is_behind, is_close), "{text}");
        }
    }

    #[test]
    fn knows_which_three_concepts_stand_together() {
        let mut names = ["drop", "earlier", "instructions"];
        names.sort_by_key(|name| Concepts::named(name).0);
        for text in ["ignore previous instructions", "previous instructions: ignore"] {
            assert!(concepts(text).0.contains(&feature(TOGETHER, &names)), "{text}");
        }
        assert!(!concepts("ignore instructions").0.contains(&feature(TOGETHER, &names)));
    }

    #[test]
    fn a_block_has_each_once() {
        let (all, count) = concepts(&"ignore ".repeat(16));
        assert_eq!(all.len(), count);
        assert_eq!(concepts(&"ignore ".repeat(32)), (all, 2 * count));
    }
}
