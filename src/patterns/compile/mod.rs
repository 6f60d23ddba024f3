//! Compiles pattern files into tables. `build.rs` runs it; the crate's own code does not need it.

pub(crate) mod file;
pub(crate) mod gate;
pub(crate) mod program;
pub(crate) mod reach;
pub(crate) mod syntax;
pub(crate) mod words;

#[cfg(test)]
mod tests;

use self::gate::{Background, Choice, OwnedGate};
use self::program::Pool;
use super::tables::{Inst, Program, Reads, Tables};
use crate::error::Error;

/// Compiles patterns one after the other.
pub(crate) struct Compiler {
    background: Background,
    programs: Vec<Program>,
    insts: Vec<Inst>,
    pool: Pool,
    choices: Vec<Vec<Choice>>,
}

impl Compiler {
    /// A compiler that chooses gates which are rare in the text `background`.
    pub(crate) fn new(background: &str) -> Self {
        Self {
            background: Background::new(background),
            programs: Vec::new(),
            insts: Vec::new(),
            pool: Pool::default(),
            choices: Vec::new(),
        }
    }

    /// Adds an expanded pattern; its number is how many were added before.
    pub(crate) fn add(&mut self, expanded: &str, reads: Reads) -> Result<(), Error> {
        let hir = syntax::parse(expanded, reads)?;
        let (program, parts) = program::compile(&hir, reads, &mut self.pool, &mut self.insts)?;
        self.choices.push(gate::choose(&hir, &parts, &self.background)?);
        self.programs.push(program);
        Ok(())
    }

    pub(crate) fn finish(self) -> Result<OwnedTables, Error> {
        let gate = OwnedGate::build(&self.choices)?;
        let mut lists = vec![0];
        let mut words = Vec::new();
        for list in &self.pool.lists {
            for word in list {
                words.push(u8::try_from(word.len()).map_err(|_| Error::new("a word is too long"))?);
                words.extend(word);
            }
            lists.push(u32::try_from(words.len()).map_err(|_| Error::new("too many words"))?);
        }
        Ok(OwnedTables { programs: self.programs, insts: self.insts, lists, words, pool: self.pool, gate })
    }
}

/// The tables with their storage.
#[derive(Debug)]
pub(crate) struct OwnedTables {
    programs: Vec<Program>,
    insts: Vec<Inst>,
    lists: Vec<u32>,
    words: Vec<u8>,
    pool: Pool,
    gate: OwnedGate,
}

impl OwnedTables {
    pub(crate) fn borrow(&self) -> Tables<'_> {
        let Self { programs, insts, lists, words, pool: Pool { sets, runs, .. }, gate } = self;
        Tables { programs, insts, runs, lists, words, sets, gate: gate.borrow() }
    }
}
