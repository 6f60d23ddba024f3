//! The concepts that words stand for.

/// Their names, as lexicons and structures write them. A concept's number is its place here.
pub(crate) const CONCEPTS: [&str; 55] = [
    "drop",
    "drop_infinitive",
    "must",
    "negation",
    "unmeant",
    "meant",
    "instructions",
    "rules",
    "earlier",
    "your",
    "everything",
    "new",
    "reveal",
    "reveal_infinitive",
    "ask",
    "system_prompt",
    "hidden",
    "secret_data",
    "you_are",
    "from_now",
    "unrestricted",
    "without",
    "mode",
    "model",
    "note",
    "if_you_are",
    "reading",
    "order",
    "conceal",
    "user",
    "send",
    "data",
    "address",
    "refuse",
    "no_matter",
    "illegal",
    "obey",
    "obey_me",
    "only",
    "i_am",
    "authority",
    "authorised",
    "cancelled",
    "fiction",
    "verdict",
    "candidate",
    "turn",
    "talk",
    "indefinite",
    "measure",
    "elsewhere",
    "spelled",
    // Words that only English uses.
    "english",
    // What something is about.
    "topic",
    // Words for a turn that stand as its heading; no lexicon names them.
    "heading",
];

/// A set of concepts: bit `n` stands for concept number `n`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Concepts(pub(crate) u64);

impl Concepts {
    /// The concept of this name; none if there is no such.
    pub(crate) const fn named(name: &str) -> Self {
        let mut number = 0;
        while number < CONCEPTS.len() {
            #[expect(clippy::indexing_slicing, reason = "constant evaluation knows no `get`")]
            if is_same(CONCEPTS[number].as_bytes(), name.as_bytes()) {
                return Self(1 << number);
            }
            number += 1;
        }
        Self(0)
    }

    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Whether the sets have a concept in common.
    pub(crate) const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The numbers of the concepts.
    pub(crate) fn numbers(self) -> impl Iterator<Item = usize> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let number = rest.trailing_zeros() as usize;
            rest &= rest.checked_sub(1)?;
            Some(number)
        })
    }
}

pub(super) const fn is_same(a: &[u8], b: &[u8]) -> bool {
    let mut at = 0;
    #[expect(clippy::indexing_slicing, reason = "constant evaluation knows no `get`")]
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}
