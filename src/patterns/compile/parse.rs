//! Reads a regular expression: the dialect of the `regex` crate without Unicode, as far as it is needed.
//!
//! There are literals, `.`, classes, `\d \w \s \D \W \S`, `\xHH`, `^ $ \b \B`, groups, `|`, repetitions with their lazy
//! forms, and the flags `i`, `m` and `s`. In patterns, which match in bounded length, blanks and comments are ignored and
//! `*`, `+` and `{m,}` are refused.

use std::iter::Peekable;
use std::str::Chars;

use crate::error::Error;
use crate::patterns::node::{Node, union};
use crate::patterns::tables::{ByteSet, Look, contains, set_of};

/// Deepest nesting of groups.
const MAX_DEPTH: usize = 40;
/// Most repetitions of one atom, as in `a{2}{3}`.
const MAX_REPETITIONS: usize = 4;

/// Where a regular expression comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// A pattern: blanks mean nothing, repetitions are bounded.
    Pattern,
    /// A policy: blanks are blanks, and [`UNBOUNDED`] repetitions are allowed.
    Policy,
}

/// The `max` of a repetition without end.
pub(crate) const UNBOUNDED: u16 = u16::MAX;

/// The syntax tree of `pattern`.
pub(crate) fn parse(pattern: &str, dialect: Dialect) -> Result<Node, Error> {
    let mut parser = Parser { rest: pattern.chars().peekable(), dialect, line: 1, depth: 0 };
    let node = parser.alternation(Flags::default())?;
    match parser.rest.next() {
        None => Ok(node),
        Some(_) => Err(parser.error("`)` without `(`")),
    }
}

#[derive(Clone, Copy, Default)]
struct Flags {
    ignores_case: bool,
    is_multi_line: bool,
    dot_takes_line_feed: bool,
}

struct Parser<'p> {
    rest: Peekable<Chars<'p>>,
    dialect: Dialect,
    line: usize,
    depth: usize,
}

impl Parser<'_> {
    fn error(&self, message: impl AsRef<str>) -> Error {
        Error::new(format!("line {} of the pattern: {}", self.line, message.as_ref()))
    }

    fn next(&mut self) -> Option<char> {
        let next = self.rest.next();
        self.line += usize::from(next == Some('\n'));
        next
    }

    fn takes(&mut self, wanted: char) -> bool {
        self.rest.peek() == Some(&wanted) && self.next().is_some()
    }

    /// The next character that means something.
    fn peek(&mut self) -> Option<char> {
        if self.dialect == Dialect::Policy {
            return self.rest.peek().copied();
        }
        let mut is_comment = false;
        while let Some(&c) = self.rest.peek() {
            is_comment = if is_comment { c != '\n' } else { c == '#' };
            if !is_comment && !c.is_whitespace() {
                return Some(c);
            }
            self.next();
        }
        None
    }

    /// Up to the end of the group; `(?i)` holds to there.
    fn alternation(&mut self, mut flags: Flags) -> Result<Node, Error> {
        let mut branches = Vec::new();
        let mut parts = Vec::new();
        loop {
            match self.peek() {
                None | Some(')') => break,
                Some('|') => {
                    self.next();
                    branches.push(Node::concat(std::mem::take(&mut parts)));
                }
                Some(_) => {
                    if let Some(atom) = self.atom(&mut flags)? {
                        parts.push(self.repeated(atom)?);
                    }
                }
            }
        }
        branches.push(Node::concat(parts));
        Ok(Node::alternation(branches))
    }

    /// One atom; nothing if it only set flags.
    fn atom(&mut self, flags: &mut Flags) -> Result<Option<Node>, Error> {
        let Some(c) = self.next() else { return Ok(None) };
        Ok(Some(match c {
            '(' => return self.group(flags),
            '[' => self.class(*flags)?,
            '.' if flags.dot_takes_line_feed => Node::Class([u64::MAX; 4]),
            '.' => Node::Class(complement(set_of([b'\n']))),
            '^' => Node::Look(if flags.is_multi_line { Look::LineStart } else { Look::Start }),
            '$' => Node::Look(if flags.is_multi_line { Look::LineEnd } else { Look::End }),
            '\\' => match self.escape()? {
                Escape::Look(look) => Node::Look(look),
                Escape::Set(set) => Node::Class(set),
                Escape::Byte(byte) => literal(&[byte], *flags),
            },
            '?' | '{' | '*' | '+' => return Err(self.error(format!("nothing to repeat before `{c}`"))),
            _ => literal(c.encode_utf8(&mut [0; 4]).as_bytes(), *flags),
        }))
    }

    fn group(&mut self, flags: &mut Flags) -> Result<Option<Node>, Error> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.error("groups are nested too deep"));
        }
        let mut inner = *flags;
        let mut captures = true;
        if self.takes('?') {
            captures = false;
            if self.flags(&mut inner)? == ')' {
                self.depth -= 1;
                *flags = inner;
                return Ok(None);
            }
        }
        let node = self.alternation(inner)?;
        if !self.takes(')') {
            return Err(self.error("`(` without `)`"));
        }
        self.depth -= 1;
        Ok(Some(if captures { Node::Capture(Box::new(node)) } else { node }))
    }

    /// What stands between `(?` and `:` or `)`; says which of these ended it.
    fn flags(&mut self, flags: &mut Flags) -> Result<char, Error> {
        let mut on = true;
        loop {
            match self.next() {
                Some(end @ (':' | ')')) => return Ok(end),
                Some('-') => on = false,
                Some('i') => flags.ignores_case = on,
                Some('m') => flags.is_multi_line = on,
                Some('s') => flags.dot_takes_line_feed = on,
                Some('x') if on && self.dialect == Dialect::Pattern => {}
                Some(c @ ('=' | '!' | '<')) => {
                    return Err(self.error(format!("`(?{c}` is not supported: there is no look-around")));
                }
                c => return Err(self.error(format!("unknown flag `{}`", c.unwrap_or(' ')))),
            }
        }
    }

    fn repeated(&mut self, mut node: Node) -> Result<Node, Error> {
        for repetitions in 0.. {
            let (min, max) = match self.peek() {
                Some('?') => {
                    self.next();
                    (0, 1)
                }
                Some('{') => {
                    self.next();
                    self.counts()?
                }
                Some(c @ ('*' | '+')) => {
                    if self.dialect == Dialect::Pattern {
                        return Err(self.error(format!("unbounded repetition; write {{0,30}} instead of {c}")));
                    }
                    self.next();
                    (u16::from(c == '+'), UNBOUNDED)
                }
                _ => break,
            };
            if repetitions == MAX_REPETITIONS {
                return Err(self.error("an atom is repeated too often"));
            }
            let lazy = self.peek() == Some('?') && self.next().is_some();
            node = Node::repeat(node, min, max, lazy);
        }
        Ok(node)
    }

    /// `m}` or `m,n}`.
    fn counts(&mut self) -> Result<(u16, u16), Error> {
        let min = self.count()?;
        let max = if self.peek() == Some(',') {
            self.next();
            match (self.peek(), self.dialect) {
                (Some('}'), Dialect::Policy) => UNBOUNDED,
                (Some('}'), Dialect::Pattern) => {
                    let message = format!("unbounded repetition; write {{{min},30}} instead of {{{min},}}");
                    return Err(self.error(message));
                }
                _ => self.count()?,
            }
        } else {
            min
        };
        if self.peek() != Some('}') {
            return Err(self.error("`{` without `}`"));
        }
        self.next();
        if max < min { Err(self.error(format!("{{{min},{max}}} is no range"))) } else { Ok((min, max)) }
    }

    fn count(&mut self) -> Result<u16, Error> {
        let mut digits = String::new();
        while let Some(c) = self.peek().filter(char::is_ascii_digit) {
            digits.push(c);
            self.next();
        }
        digits.parse().map_err(|_| self.error(format!("`{digits}` is no number of repetitions")))
    }

    /// What follows a backslash.
    fn escape(&mut self) -> Result<Escape, Error> {
        let c = self.next().ok_or_else(|| self.error("a `\\` at the end"))?;
        Ok(match c {
            'b' => Escape::Look(Look::WordBoundary),
            'B' => Escape::Look(Look::NotWordBoundary),
            'A' => Escape::Look(Look::Start),
            'z' => Escape::Look(Look::End),
            'd' => Escape::Set(digits()),
            'D' => Escape::Set(complement(digits())),
            's' => Escape::Set(blanks()),
            'S' => Escape::Set(complement(blanks())),
            'w' => Escape::Set(word()),
            'W' => Escape::Set(complement(word())),
            'n' => Escape::Byte(b'\n'),
            'r' => Escape::Byte(b'\r'),
            't' => Escape::Byte(b'\t'),
            'f' => Escape::Byte(0xC),
            'v' => Escape::Byte(0xB),
            'x' => Escape::Byte(self.hex_byte()?),
            _ if c.is_ascii() && !c.is_ascii_alphanumeric() => Escape::Byte(u8::try_from(c).unwrap_or_default()),
            _ => return Err(self.error(format!("unknown escape `\\{c}`"))),
        })
    }

    fn hex_byte(&mut self) -> Result<u8, Error> {
        let mut digit = || self.rest.next_if(char::is_ascii_hexdigit)?.to_digit(16);
        let value = digit().zip(digit()).map(|(high, low)| high * 16 + low);
        value.and_then(|value| u8::try_from(value).ok()).ok_or_else(|| self.error("`\\x` needs two hexadecimal digits"))
    }

    fn class(&mut self, flags: Flags) -> Result<Node, Error> {
        let is_negated = self.takes('^');
        let mut set = [0; 4];
        let mut is_first = true;
        loop {
            match self.peek() {
                None => return Err(self.error("`[` without `]`")),
                Some(']') if !is_first => break,
                Some(_) => {
                    set = union(set, self.class_range()?);
                }
            }
            is_first = false;
        }
        self.next();
        if flags.ignores_case {
            set = union(set, set_of((0..=u8::MAX).filter(|b| contains(&set, swap_case(*b)))));
        }
        Ok(Node::Class(if is_negated { complement(set) } else { set }))
    }

    fn class_item(&mut self) -> Result<Escape, Error> {
        let c = self.next().ok_or_else(|| self.error("`[` without `]`"))?;
        match c {
            '\\' => self.escape(),
            '[' => Err(self.error("a class inside a class; write `\\[`")),
            '&' | '~' if self.rest.peek() == Some(&c) => {
                Err(self.error(format!("`{c}{c}` in a class is not supported")))
            }
            _ if c.is_ascii() => Ok(Escape::Byte(u8::try_from(c).unwrap_or_default())),
            _ => Err(self.error(format!("`{c}` in a class: only ASCII can stand there; write an alternation"))),
        }
    }

    /// An item, or the range that it begins.
    fn class_range(&mut self) -> Result<ByteSet, Error> {
        let first = match self.class_item()? {
            Escape::Look(_) => return Err(self.error("`\\b` in a class")),
            Escape::Set(set) => return Ok(set),
            Escape::Byte(first) => first,
        };
        if self.peek() != Some('-') {
            return Ok(set_of([first]));
        }
        self.next();
        if self.peek() == Some(']') {
            return Ok(set_of([first, b'-']));
        }
        match self.class_item()? {
            Escape::Byte(last) if first <= last => Ok(set_of(first..=last)),
            _ => Err(self.error("a range in a class ends before it begins")),
        }
    }
}

enum Escape {
    Look(Look),
    Set(ByteSet),
    Byte(u8),
}

fn literal(bytes: &[u8], flags: Flags) -> Node {
    match bytes {
        [byte] if flags.ignores_case && byte.is_ascii_alphabetic() => Node::Class(set_of([*byte, swap_case(*byte)])),
        _ => Node::Literal(bytes.to_vec()),
    }
}

fn swap_case(byte: u8) -> u8 {
    if byte.is_ascii_alphabetic() { byte ^ 0x20 } else { byte }
}

fn complement(set: ByteSet) -> ByteSet {
    set.map(|word| !word)
}

fn digits() -> ByteSet {
    set_of(b'0'..=b'9')
}

fn blanks() -> ByteSet {
    set_of([b' ', b'\t', b'\n', b'\r', 0xB, 0xC])
}

fn word() -> ByteSet {
    set_of((0..=u8::MAX).filter(|b| b.is_ascii_alphanumeric() || *b == b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(pattern: &str) -> String {
        parse(pattern, Dialect::Pattern).expect_err("must be refused").to_string()
    }

    #[test]
    fn says_what_is_wrong_and_in_which_line() {
        for (pattern, message) in [
            ("a\nb*", "line 2 of the pattern: unbounded repetition; write {0,30} instead of *"),
            ("a{2,}", "line 1 of the pattern: unbounded repetition; write {2,30} instead of {2,}"),
            ("a{3,2}", "line 1 of the pattern: {3,2} is no range"),
            ("a{x}", "line 1 of the pattern: `` is no number of repetitions"),
            ("a{1", "line 1 of the pattern: `{` without `}`"),
            ("?", "line 1 of the pattern: nothing to repeat before `?`"),
            ("(a", "line 1 of the pattern: `(` without `)`"),
            ("a)", "line 1 of the pattern: `)` without `(`"),
            ("[a", "line 1 of the pattern: `[` without `]`"),
            ("[é]", "line 1 of the pattern: `é` in a class: only ASCII can stand there; write an alternation"),
            ("[[:alpha:]]", "line 1 of the pattern: a class inside a class; write `\\[`"),
            ("[z-a]", "line 1 of the pattern: a range in a class ends before it begins"),
            ("(?=a)", "line 1 of the pattern: `(?=` is not supported: there is no look-around"),
            ("(?U)a", "line 1 of the pattern: unknown flag `U`"),
            (r"\q", r"line 1 of the pattern: unknown escape `\q`"),
            (r"\x4", r"line 1 of the pattern: `\x` needs two hexadecimal digits"),
        ] {
            assert_eq!(error(pattern), message);
        }
        assert_eq!(error(&"(".repeat(100)), "line 1 of the pattern: groups are nested too deep");
    }

    #[test]
    fn blanks_and_comments_are_nothing_and_letters_join() {
        assert_eq!(parse("a b # c\n d", Dialect::Pattern).expect("valid"), Node::Literal(b"abd".into()));
        assert_eq!(parse("a|b|[c-e]", Dialect::Pattern).expect("valid"), Node::Class(set_of(b'a'..=b'e')));
    }
}
