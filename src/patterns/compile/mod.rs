//! Compiles pattern files. `build.rs` runs it for the built-in patterns, a scanner for those of its user.

pub(crate) mod checksums;
pub(crate) mod example;
pub(crate) mod file;
pub(crate) mod gate;
pub(crate) mod parse;
pub(crate) mod syntax;

#[cfg(test)]
mod tests;

use std::borrow::Cow;

use self::file::PatternFile;
use self::gate::{Background, Choice};
use super::node::Node;
use super::pattern::{Pattern, Reads};
use super::program::Program;
use super::structure::{self, Structure};
use super::tables::GateTables;
use super::words;
use crate::error::Error;

/// Patterns, compiled.
#[derive(Debug, Default)]
pub(crate) struct Compiled {
    pub(crate) patterns: Vec<Pattern>,
    pub(crate) trees: Vec<Node>,
    pub(crate) gate: GateTables,
    pub(crate) structures: Vec<Structure>,
}

/// Compiles patterns one after the other.
pub(crate) struct Compiler {
    backgrounds: [Background; 2],
    patterns: Vec<Pattern>,
    trees: Vec<Node>,
    choices: Vec<Vec<Choice>>,
    structures: Vec<Structure>,
}

impl Compiler {
    /// A compiler that chooses gates which are rare in the text `background`.
    pub(crate) fn new(background: &str) -> Self {
        let backgrounds = [Reads::Folded, Reads::Original].map(|reads| Background::new(background, reads));
        Self { backgrounds, patterns: Vec::new(), trees: Vec::new(), choices: Vec::new(), structures: Vec::new() }
    }

    /// Adds a pattern whose regular expression, expanded, is `regex`; its number is how many were added before. `unless`
    /// are the words that speak against it, expanded as well.
    pub(crate) fn add(&mut self, file: &PatternFile, regex: &str, unless: Option<&str>) -> Result<(), Error> {
        if file.structures.is_empty() {
            let node = syntax::parse(regex, file.reads)?;
            let (_, starts) = Program::with_parts(&node);
            let [folded, original] = &self.backgrounds;
            let background = if file.reads == Reads::Folded { folded } else { original };
            self.choices.push(gate::choose(&node, &starts, background)?);
            self.trees.push(node);
        } else {
            let pattern = u16::try_from(self.patterns.len()).map_err(|_| Error::new("too many patterns"))?;
            for line in &file.structures {
                self.structures.push(structure::parse(line, pattern)?);
            }
            self.choices.push(Vec::new());
            self.trees.push(Node::Empty);
        }
        self.patterns.push(Pattern {
            id: file.id.clone().into(),
            category: file.category,
            severity: file.severity,
            score: file.score,
            direction: file.direction,
            reads: file.reads,
            validator: file.validator,
            checksums: file.checksums.clone(),
            unless: unless.map_or(Ok(Vec::new()), words)?,
            explanation: file.explanation.clone().into(),
        });
        Ok(())
    }

    pub(crate) fn finish(self) -> Result<Compiled, Error> {
        let gate = gate::tables(&self.choices)?;
        Ok(Compiled { gate, patterns: self.patterns, trees: self.trees, structures: self.structures })
    }
}

/// The words that a regular expression stands for.
fn words(regex: &str) -> Result<Vec<Cow<'static, str>>, Error> {
    let tree = syntax::parse(regex, Reads::Folded)?;
    let words = words::of(&tree);
    let words = words.ok_or_else(|| Error::new("`unless` must be a list of words"))?;
    Ok(words.iter().map(|word| String::from_utf8_lossy(word).into_owned().into()).collect())
}
