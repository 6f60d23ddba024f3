//! Compiles pattern files. `build.rs` runs it for the built-in patterns, a scanner for those of its user.

pub(crate) mod checksums;
pub(crate) mod example;
pub(crate) mod file;
pub(crate) mod gate;
pub(crate) mod parse;
pub(crate) mod syntax;

#[cfg(test)]
mod tests;

use self::file::PatternFile;
use self::gate::{Background, Choice};
use super::node::Node;
use super::pattern::{Pattern, Reads};
use super::program::Program;
use super::tables::GateTables;
use super::words;
use crate::error::Error;

/// Patterns, compiled.
#[derive(Debug, Default)]
pub(crate) struct Compiled {
    pub(crate) patterns: Vec<Pattern>,
    pub(crate) trees: Vec<Node>,
    pub(crate) gate: GateTables,
}

/// Compiles patterns one after the other.
pub(crate) struct Compiler {
    background: Background,
    patterns: Vec<Pattern>,
    trees: Vec<Node>,
    choices: Vec<Vec<Choice>>,
}

impl Compiler {
    /// A compiler that chooses gates which are rare in the text `background`.
    pub(crate) fn new(background: &str) -> Self {
        let background = Background::new(background);
        Self { background, patterns: Vec::new(), trees: Vec::new(), choices: Vec::new() }
    }

    /// Adds a pattern whose regular expression, expanded, is `regex`; its number is how many were added before. `unless`
    /// are the words that speak against it, expanded as well.
    pub(crate) fn add(&mut self, file: &PatternFile, regex: &str, unless: Option<&str>) -> Result<(), Error> {
        let node = syntax::parse(regex, file.reads)?;
        let (_, starts) = Program::with_parts(&node);
        self.choices.push(gate::choose(&node, &starts, &self.background)?);
        self.trees.push(node);
        self.patterns.push(Pattern {
            id: file.id.as_str().into(),
            category: file.category,
            severity: file.severity,
            score: file.score,
            direction: file.direction,
            reads: file.reads,
            validator: file.validator,
            checksums: file.checksums.clone(),
            unless: unless.map_or(Ok(Vec::new()), words)?,
            explanation: file.explanation.as_str().into(),
        });
        Ok(())
    }

    pub(crate) fn finish(self) -> Result<Compiled, Error> {
        Ok(Compiled { gate: gate::tables(&self.choices)?, patterns: self.patterns, trees: self.trees })
    }
}

/// The words that a regular expression stands for.
fn words(regex: &str) -> Result<Vec<Box<str>>, Error> {
    let words = words::of(&syntax::parse(regex, Reads::Folded)?);
    let words = words.ok_or_else(|| Error::new("`unless` must be a list of words"))?;
    Ok(words.iter().map(|word| String::from_utf8_lossy(word).into()).collect())
}
