//! Names with `*` in them.

use std::cell::Cell;

/// How much may still be compared: lists of names are compared each with each, and some documents hold many.
#[derive(Debug)]
pub(crate) struct Effort(Cell<usize>);

impl Effort {
    pub(crate) fn new(steps: usize) -> Self {
        Self(Cell::new(steps))
    }

    /// Takes steps; false when so many are not left, and then none ever are.
    pub(crate) fn takes(&self, steps: usize) -> bool {
        let left = self.0.get().checked_sub(steps);
        self.0.set(left.unwrap_or_default());
        left.is_some()
    }

    pub(crate) fn is_spent(&self) -> bool {
        self.0.get() == 0
    }
}

/// A name, in which `*` stands for any number of any characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Glob(Box<str>);

impl Glob {
    pub(crate) fn new(source: &str) -> Self {
        Self(source.into())
    }

    /// As it was written.
    pub(crate) fn source(&self) -> &str {
        &self.0
    }

    /// Whether it stands for itself only.
    pub(crate) fn is_exact(&self) -> bool {
        !self.0.contains('*')
    }

    /// Whether it stands for every name.
    pub(crate) fn is_all(&self) -> bool {
        !self.0.is_empty() && self.0.bytes().all(|b| b == b'*')
    }

    /// Whether it stands for this name. Greedy from the left, so linear in the name for each of its parts.
    pub(crate) fn matches(&self, name: &str) -> bool {
        let mut parts = self.0.split('*');
        let Some(mut rest) = name.strip_prefix(parts.next().unwrap_or_default()) else { return false };
        let Some(last) = parts.next_back() else { return rest.is_empty() };
        for part in parts {
            let Some((_, behind)) = rest.split_once(part) else { return false };
            rest = behind;
        }
        rest.ends_with(last)
    }

    /// Whether every name that `other` stands for is one of this. In doubt it says no.
    pub(crate) fn covers(&self, other: &Self, effort: &Effort) -> bool {
        if !effort.takes(1 + (self.0.len() + other.0.len()) / 64) {
            return false;
        }
        // A `*` in `other` is matched by nothing but a `*` here, since no name that is matched literally holds one.
        self == other || self.is_all() || self.matches(&other.0)
    }

    /// Whether a name exists that both stand for. In doubt it says yes.
    pub(crate) fn meets(&self, other: &Self, effort: &Effort) -> bool {
        if self.is_exact() || other.is_exact() {
            let steps = 1 + (self.0.len() + other.0.len()) / 64;
            return !effort.takes(steps)
                || if self.is_exact() { other.matches(&self.0) } else { self.matches(&other.0) };
        }
        !effort.takes((self.0.len() + 1) * (other.0.len() + 1)) || self.overlaps(other)
    }

    fn overlaps(&self, other: &Self) -> bool {
        let (a, b): (Vec<char>, Vec<char>) = (self.0.chars().collect(), other.0.chars().collect());
        // `row[j]`: whether what is left of `a` behind this character and of `b` behind `j` meet.
        let rest = b.iter().rposition(|&c| c != '*').map_or(0, |last| last + 1);
        let mut row: Vec<bool> = (0..=b.len()).map(|j| j >= rest).collect();
        let mut above = row.clone();
        let at = |row: &[bool], j: usize| row.get(j).copied().unwrap_or_default();
        for &from_a in a.iter().rev() {
            for j in (0..=b.len()).rev() {
                let meets = match (from_a, b.get(j)) {
                    ('*', _) => at(&row, j) || j < b.len() && at(&above, j + 1),
                    (_, Some('*')) => at(&above, j + 1) || at(&row, j),
                    (c, Some(&d)) => c == d && at(&row, j + 1),
                    (_, None) => false,
                };
                if let Some(cell) = above.get_mut(j) {
                    *cell = meets;
                }
            }
            std::mem::swap(&mut row, &mut above);
        }
        at(&row, 0)
    }
}

/// Names of tools, agents or patterns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Globs(pub(crate) Vec<Glob>);

impl Globs {
    /// Whether one of them stands for this name.
    pub(crate) fn matches(&self, name: &str) -> bool {
        self.0.iter().any(|glob| glob.matches(name))
    }

    /// Whether every name that one of `other` stands for is one of these. In doubt it says no.
    pub(crate) fn covers(&self, other: &Self, effort: &Effort) -> bool {
        other.0.iter().all(|inner| self.0.iter().any(|outer| outer.covers(inner, effort)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn matches_any_number_of_any_characters_for_a_star() {
        for (glob, name, expected) in [
            ("search", "search", true),
            ("search", "search2", false),
            ("github.read_*", "github.read_file", true),
            ("github.read_*", "github.write_file", false),
            ("*", "", true),
            ("a*b*c", "a--b--b--c", true),
            ("a*a", "a", false),
            ("*ab", "aab", true),
            ("", "x", false),
        ] {
            assert_eq!(Glob::new(glob).matches(name), expected, "{glob} on {name}");
        }
    }

    /// What a glob means, letter by letter.
    fn naive(glob: &[char], name: &[char]) -> bool {
        match (glob.split_first(), name.split_first()) {
            (None, _) => name.is_empty(),
            (Some(('*', rest)), _) => naive(rest, name) || !name.is_empty() && naive(glob, &name[1..]),
            (Some((c, rest)), Some((d, tail))) => c == d && naive(rest, tail),
            (Some(_), None) => false,
        }
    }

    fn all_names() -> Vec<String> {
        let mut names = vec![String::new()];
        for length in 0..5 {
            let longest: Vec<String> = names.iter().filter(|name| name.len() == length).cloned().collect();
            names.extend(longest.iter().flat_map(|name| [format!("{name}a"), format!("{name}b")]));
        }
        names
    }

    proptest! {
        #[test]
        fn matching_covering_and_meeting_are_what_they_say(a in "[ab*]{0,4}", b in "[ab*]{0,4}") {
            let (left, right) = (Glob::new(&a), Glob::new(&b));
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            let names = all_names();
            for name in &names {
                prop_assert_eq!(left.matches(name), naive(&chars(&a), &chars(name)));
            }
            let meets = names.iter().any(|name| left.matches(name) && right.matches(name));
            let effort = Effort::new(1_000);
            prop_assert!(!meets || left.meets(&right, &effort), "{} and {} meet", a, b);
            prop_assert!(meets || !left.meets(&right, &effort) || a.len() + b.len() > 5, "{} and {} do not meet", a, b);
            let none = Effort::new(0);
            prop_assert!(!left.covers(&right, &none) && left.meets(&right, &none), "in doubt");
            if left.covers(&right, &effort) {
                prop_assert!(names.iter().all(|name| !right.matches(name) || left.matches(name)), "{a} covers {b}");
            }
        }
    }
}
