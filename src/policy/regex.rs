//! Regular expressions of policies: they match a whole value or not, in time linear in its length.
//!
//! Patterns know where a match could begin and how long it can be; the values that policies look at are short, and what
//! they must look like may be of any length. So this is the plainest engine there is: all states at once (Thompson 1968).

use crate::error::Error;
use crate::patterns::expression::{ByteSet, Dialect, Look, Node, UNBOUNDED, contains, parse, set_of};

/// Longest value that can match, in bytes; what is longer does not.
pub(crate) const MAX_VALUE_BYTES: usize = 8 * 1024;
/// Most instructions, so that the longest value takes milliseconds, not seconds.
const MAX_INSTRUCTIONS: usize = 1_000;

/// A compiled regular expression.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Regex {
    program: Vec<Inst>,
}

#[derive(Clone, Debug, PartialEq)]
enum Inst {
    /// One byte of the set, then the next instruction.
    Byte(ByteSet),
    /// The next instruction and this one.
    Split(usize),
    /// Only this one.
    Jump(usize),
    /// The next instruction where the condition holds.
    Look(Look),
    Match,
}

impl Regex {
    /// Reads the dialect of `patterns/compile/parse.rs`, with blanks as blanks and unbounded repetitions. `.`, `\D`, `\S`,
    /// `\W` and `[^…]` take a whole character, above ASCII too.
    pub(crate) fn new(source: &str) -> Result<Self, Error> {
        let mut regex = Self { program: Vec::new() };
        regex.add(&parse(source, Dialect::Policy)?)?;
        regex.push(Inst::Match)?;
        Ok(regex)
    }

    fn push(&mut self, inst: Inst) -> Result<usize, Error> {
        if self.program.len() == MAX_INSTRUCTIONS {
            return Err(Error::new("the regular expression is too large: it repeats too much"));
        }
        self.program.push(inst);
        Ok(self.program.len() - 1)
    }

    /// Lets the split or jump at `from` lead to the instruction that comes next.
    fn lead_here(&mut self, from: usize) {
        let here = self.program.len();
        if let Some(Inst::Split(target) | Inst::Jump(target)) = self.program.get_mut(from) {
            *target = here;
        }
    }

    fn add(&mut self, node: &Node) -> Result<(), Error> {
        match node {
            Node::Empty => {}
            Node::Literal(bytes) => {
                for &byte in bytes {
                    self.push(Inst::Byte(set_of([byte])))?;
                }
            }
            Node::Class(set) if (0x80..=u8::MAX).all(|byte| contains(set, byte)) => self.add_character(set)?,
            Node::Class(set) => _ = self.push(Inst::Byte(*set))?,
            Node::Look(look) => _ = self.push(Inst::Look(*look))?,
            Node::Capture(node) => self.add(node)?,
            Node::Concat(parts) => parts.iter().try_for_each(|part| self.add(part))?,
            Node::Alternation(branches) => self.add_any(branches)?,
            Node::Repeat { node, min, max, .. } => self.add_repeat(node, *min, *max)?,
        }
        Ok(())
    }

    /// One ASCII character of the set, or any character above.
    fn add_character(&mut self, set: &ByteSet) -> Result<(), Error> {
        let class = |bytes| Node::Class(set_of(bytes));
        let tail = || class(0x80..=0xBF);
        let [low, high, _, _] = *set;
        self.add_any(&[
            Node::Class([low, high, 0, 0]),
            Node::Concat(vec![class(0xC2..=0xDF), tail()]),
            Node::Concat(vec![class(0xE0..=0xEF), tail(), tail()]),
            Node::Concat(vec![class(0xF0..=0xF4), tail(), tail(), tail()]),
        ])
    }

    fn add_any(&mut self, branches: &[Node]) -> Result<(), Error> {
        let mut ends = Vec::new();
        for (index, branch) in branches.iter().enumerate() {
            if index + 1 == branches.len() {
                self.add(branch)?;
            } else {
                let split = self.push(Inst::Split(0))?;
                self.add(branch)?;
                ends.push(self.push(Inst::Jump(0))?);
                self.lead_here(split);
            }
        }
        for end in ends {
            self.lead_here(end);
        }
        Ok(())
    }

    fn add_repeat(&mut self, node: &Node, min: u16, max: u16) -> Result<(), Error> {
        for _ in 0..min {
            self.add(node)?;
        }
        if max == UNBOUNDED {
            let split = self.push(Inst::Split(0))?;
            self.add(node)?;
            self.push(Inst::Jump(split))?;
            self.lead_here(split);
            return Ok(());
        }
        let mut splits = Vec::new();
        for _ in min..max {
            splits.push(self.push(Inst::Split(0))?);
            self.add(node)?;
        }
        for split in splits {
            self.lead_here(split);
        }
        Ok(())
    }

    /// Whether it matches all of `value`.
    pub(crate) fn matches(&self, value: &str) -> bool {
        let value = value.as_bytes();
        if value.len() > MAX_VALUE_BYTES {
            return false;
        }
        let (mut here, mut next) = (States::new(self.program.len()), States::new(self.program.len()));
        self.enter(0, value, 0, &mut here);
        for (at, &byte) in value.iter().enumerate() {
            for &state in &here.list {
                if let Some(Inst::Byte(set)) = self.program.get(state)
                    && contains(set, byte)
                {
                    self.enter(state + 1, value, at + 1, &mut next);
                }
            }
            std::mem::swap(&mut here, &mut next);
            next.clear();
            if here.list.is_empty() {
                return false;
            }
        }
        here.list.iter().any(|&state| self.program.get(state) == Some(&Inst::Match))
    }

    /// Adds a state and all that follow from it without a byte.
    fn enter(&self, state: usize, value: &[u8], at: usize, states: &mut States) {
        let mut pending = vec![state];
        while let Some(state) = pending.pop() {
            if !states.insert(state) {
                continue;
            }
            match self.program.get(state) {
                Some(Inst::Split(other)) => pending.extend([*other, state + 1]),
                Some(Inst::Jump(other)) => pending.push(*other),
                Some(Inst::Look(look)) if look.holds(value, at) => pending.push(state + 1),
                _ => {}
            }
        }
    }
}

/// A set of states in the order in which they came.
struct States {
    list: Vec<usize>,
    is_in: Vec<bool>,
}

impl States {
    fn new(count: usize) -> Self {
        Self { list: Vec::new(), is_in: vec![false; count] }
    }

    fn insert(&mut self, state: usize) -> bool {
        match self.is_in.get_mut(state) {
            Some(is_in) if !*is_in => {
                *is_in = true;
                self.list.push(state);
                true
            }
            _ => false,
        }
    }

    fn clear(&mut self) {
        for state in self.list.drain(..) {
            if let Some(is_in) = self.is_in.get_mut(state) {
                *is_in = false;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matches(source: &str, value: &str) -> bool {
        Regex::new(source).expect("valid").matches(value)
    }

    #[test]
    fn matches_the_whole_value() {
        assert!(matches("[a-z]+@example\\.com", "ann@example.com"));
        assert!(!matches("[a-z]+@example\\.com", "ann@example.com.evil.org"));
        assert!(matches("Order [0-9]{3,}", "Order 1234"), "blanks are blanks");
        assert!(matches("a|bc*|", "bccc"));
        assert!(matches("(?i)get|POST", "post"));
        assert!(matches("..", "é😀") && !matches(".", "\n"), "a dot is a character");
        assert!(matches("(a*)*b", "aab") && matches("^a\\b.*$", "a b"));
        assert!(!matches(".*", &"a".repeat(MAX_VALUE_BYTES + 1)), "too long");
    }

    #[test]
    fn refuses_what_is_too_large() {
        let error = Regex::new("(a{999}){999}").expect_err("too large").to_string();
        assert_eq!(error, "the regular expression is too large: it repeats too much");
        for (source, message) in [
            (format!("a{}", "?".repeat(100_000)), "line 1 of the pattern: an atom is repeated too often"),
            ("(".repeat(100_000), "line 1 of the pattern: groups are nested too deep"),
            ("a".repeat(100_000), "the regular expression is too large: it repeats too much"),
        ] {
            assert_eq!(Regex::new(&source).expect_err("hostile").to_string(), message);
        }
        assert_eq!(Regex::new("(a").expect_err("open").to_string(), "line 1 of the pattern: `(` without `)`");
        let error = Regex::new("(?x)a b").expect_err("blanks are blanks").to_string();
        assert_eq!(error, "line 1 of the pattern: unknown flag `x`");
    }

    #[test]
    fn what_takes_nothing_is_not_repeated() {
        let nested = (0..39).fold(String::new(), |inner, _| format!("({inner}){{999}}"));
        assert!(matches(&nested, "") && !matches(&nested, "a"));
        assert!(matches("(\\b){3}a(|^)*(\\b){0,2}", "a"));
        assert!(!matches("(\\b){3}", ""), "it holds as often as it is asked, or not at all");
    }

    #[test]
    fn the_largest_expression_on_the_longest_value_takes_a_bounded_number_of_steps() {
        let regex = Regex::new("(a?){245}(a|aa){100}[ab]*").expect("just small enough");
        assert!(regex.program.len() > 900, "{}", regex.program.len());
        // Each byte meets each instruction once, so this is 8 million steps.
        assert!(regex.matches(&"a".repeat(MAX_VALUE_BYTES)));
        assert!(!regex.matches(&format!("{}c", "a".repeat(MAX_VALUE_BYTES - 1))));
    }

    proptest! {
        #[test]
        fn agrees_with_the_regex_crate(
            source in "([ab.]|\\[ab\\]|\\(a\\|b\\)|\\(ab\\)|\\\\b){1,5}[*+?]?([ab]|\\(b\\|\\)){0,2}[*+?]?",
            values in proptest::collection::vec("[abé\n ]{0,8}", 20),
        ) {
            let oracle = regex::Regex::new(&format!("\\A(?-u:{source})\\z").replace("(?-u:", "(?:")).expect("valid");
            let regex = Regex::new(&source).expect("valid");
            for value in values.iter().filter(|value| value.is_ascii() || !source.contains("\\b")) {
                prop_assert_eq!(regex.matches(value), oracle.is_match(value), "{} on {:?}", source, value);
            }
        }
    }
}
