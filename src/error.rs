//! The one error of the core: a document (a pattern file, a policy) that cannot be used, and where.

use std::fmt;

/// Why a document was refused. The message is a lower-case sentence that quotes the document in backticks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    position: Option<Position>,
    message: String,
}

/// A place in a document, both numbers counted from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// Line.
    pub line: usize,
    /// Column.
    pub column: usize,
}

impl Error {
    pub(crate) fn new(message: impl Into<String>) -> Self {
        Self { position: None, message: message.into() }
    }

    pub(crate) fn at(position: Position, message: impl Into<String>) -> Self {
        Self { position: Some(position), message: message.into() }
    }

    /// Where in the document, if it is at one place.
    #[must_use]
    pub fn position(&self) -> Option<Position> {
        self.position
    }

    /// What is wrong, without the place.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The same place with another message.
    pub(crate) fn with(self, message: impl Into<String>) -> Self {
        Self { message: message.into(), ..self }
    }

    /// The same error with a place, unless it already has one.
    pub(crate) fn or_at(mut self, position: Position) -> Self {
        self.position.get_or_insert(position);
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Position { line, column }) = self.position {
            write!(f, "line {line}, column {column}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// A word of a document as a message shows it: in backticks, of bounded length, without what a terminal would obey.
pub(crate) fn quoted(word: &str) -> String {
    let shown: String = word.chars().take(MAX_SHOWN_CHARS).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let end = if shown.len() < word.len() { "…" } else { "" };
    format!("`{shown}{end}`")
}

const MAX_SHOWN_CHARS: usize = 60;

/// "; did you mean …" for the candidate that is at most two edits away from `word`, else nothing.
pub(crate) fn did_you_mean<'c>(word: &str, candidates: impl IntoIterator<Item = &'c str>) -> String {
    let is_near = |candidate: &&str| candidate.len().abs_diff(word.len()) <= 8;
    candidates
        .into_iter()
        .filter(is_near)
        .map(|candidate| (edits(word, candidate), candidate))
        .filter(|&(distance, _)| distance <= 2)
        .min()
        .map(|(_, candidate)| format!("; did you mean `{candidate}`?"))
        .unwrap_or_default()
}

/// Levenshtein distance in characters.
fn edits(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.chars().count()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (cell, y) in row.iter_mut().skip(1).zip(b.chars()) {
            let replaced = diagonal + usize::from(x != y);
            diagonal = *cell;
            left = replaced.min(diagonal + 1).min(left + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_only_what_is_close() {
        assert_eq!(did_you_mean("severty", ["score", "severity"]), "; did you mean `severity`?");
        assert_eq!(did_you_mean("colour", ["score", "severity"]), "");
    }

    #[test]
    fn shows_little_of_long_words() {
        assert_eq!(quoted("a\u{1b}[31m"), "`a [31m`");
        assert_eq!(quoted(&"é".repeat(61)), format!("`{}…`", "é".repeat(60)));
    }

    #[test]
    fn counts_edits() {
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(edits("", "abc"), 3);
        assert_eq!(edits("abc", "abc"), 0);
    }
}
