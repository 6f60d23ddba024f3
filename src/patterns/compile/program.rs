//! From the syntax tree to instructions.

use regex_syntax::hir::{self, Class, Hir, HirKind};

use super::{reach, words};
use crate::error::Error;
use crate::patterns::tables::{ANY, ByteSet, Inst, Look, Program, Reads, Run};

/// What all programs share: byte sets, runs and lists of words, each stored once.
#[derive(Debug)]
pub(crate) struct Pool {
    pub(crate) sets: Vec<ByteSet>,
    pub(crate) runs: Vec<Run>,
    pub(crate) lists: Vec<Vec<Vec<u8>>>,
}

impl Default for Pool {
    fn default() -> Self {
        Self { sets: vec![[u64::MAX; 4]], runs: Vec::new(), lists: Vec::new() }
    }
}

impl Pool {
    /// A set that holds all of `set` and few bytes more: what looks ahead may look twice, but each set has its price.
    fn superset(&mut self, set: ByteSet) -> u16 {
        let size = |set: &ByteSet| set.iter().map(|word| word.count_ones()).sum::<u32>();
        let most = size(&set) + size(&set) / 4 + 2;
        let holds = |known: &ByteSet| known.iter().zip(set).all(|(known, wanted)| wanted & !known == 0);
        let found = self.sets.iter().skip(1).position(|known| size(known) <= most && holds(known));
        found.and_then(|index| u16::try_from(index + 1).ok()).unwrap_or_else(|| self.set(set))
    }

    pub(crate) fn set(&mut self, set: ByteSet) -> u16 {
        // The first set also passes the end of the text, so a class of all bytes gets an entry of its own.
        let found = self.sets.iter().skip(1).position(|&known| known == set);
        let index = found.map_or(self.sets.len(), |index| index + 1);
        if found.is_none() {
            self.sets.push(set);
        }
        u16::try_from(index).unwrap_or(ANY)
    }

    /// The word with this number of a list.
    pub(crate) fn word(&self, list: u16, word: u16) -> Option<&[u8]> {
        self.lists.get(usize::from(list))?.get(usize::from(word)).map(Vec::as_slice)
    }

    fn run(&mut self, run: Run) -> Result<u16, Error> {
        index_of(&mut self.runs, run)
    }

    /// Words that begin with different bytes never match at the same place, so only the order of the others counts.
    fn list(&mut self, mut words: Vec<Vec<u8>>) -> Result<Inst, Error> {
        words.sort_by_key(|word| word.first().copied());
        Ok(Inst::Words(index_of(&mut self.lists, words)?))
    }
}

/// Where `value` stands in `all`; it is put there if it does not.
fn index_of<T: PartialEq>(all: &mut Vec<T>, value: T) -> Result<u16, Error> {
    let index = all.iter().position(|known| *known == value).unwrap_or(all.len());
    if index == all.len() {
        all.push(value);
    }
    u16::try_from(index).map_err(|_| Error::new("too large"))
}

/// Appends the instructions of `hir` to `insts`; also says where each of its [`parts`] begins.
pub(crate) fn compile(
    hir: &Hir,
    reads: Reads,
    pool: &mut Pool,
    insts: &mut Vec<Inst>,
) -> Result<(Program, Vec<u16>), Error> {
    let (code, parts) = code(hir, pool)?;
    let too_large = || Error::new("too large");
    let program = Program {
        start: u32::try_from(insts.len()).map_err(|_| too_large())?,
        len: u16::try_from(code.len()).map_err(|_| too_large())?,
        first: guard(&code, 0, pool),
        max_len: hir.properties().maximum_len().and_then(|max| u16::try_from(max).ok()).ok_or_else(too_large)?,
        reads,
    };
    insts.extend(code);
    Ok((program, parts))
}

/// What the tree is a sequence of, without the captures around them.
pub(crate) fn parts(hir: &Hir) -> Vec<&Hir> {
    match hir.kind() {
        HirKind::Concat(inner) => inner.iter().flat_map(parts).collect(),
        HirKind::Capture(capture) => parts(&capture.sub),
        _ => vec![hir],
    }
}

/// The instructions of `hir` alone, and where each of its parts begins.
pub(crate) fn code(hir: &Hir, pool: &mut Pool) -> Result<(Vec<Inst>, Vec<u16>), Error> {
    let mut compiler = Compiler { pool, code: Vec::new() };
    let mut parts = Vec::new();
    compiler.emit_parts(hir, &mut parts)?;
    compiler.code.push(Inst::Match);
    let Compiler { pool, mut code } = compiler;
    for pc in 0..code.len() {
        let ahead = guard(&code, pc + 1, pool);
        match code.get_mut(pc) {
            Some(Inst::Branch { guard, .. }) => *guard = ahead,
            Some(Inst::Repeat(run)) => {
                if let Some(known) = pool.runs.get(usize::from(*run)).copied() {
                    *run = pool.run(Run { next: ahead, ..known })?;
                }
            }
            _ => {}
        }
    }
    Ok((code, parts))
}

/// The set of bytes that can come next at `pc`.
fn guard(code: &[Inst], pc: usize, pool: &mut Pool) -> u16 {
    reach::first_bytes(code, pc, pool).map_or(ANY, |set| pool.superset(set))
}

struct Compiler<'p> {
    pool: &'p mut Pool,
    code: Vec<Inst>,
}

impl Compiler<'_> {
    /// Emits the tree part by part, as [`parts`] lists them.
    fn emit_parts(&mut self, hir: &Hir, parts: &mut Vec<u16>) -> Result<(), Error> {
        match hir.kind() {
            HirKind::Concat(inner) => inner.iter().try_for_each(|part| self.emit_parts(part, parts)),
            HirKind::Capture(capture) => {
                self.code.push(Inst::Save(0));
                self.emit_parts(&capture.sub, parts)?;
                self.code.push(Inst::Save(1));
                Ok(())
            }
            _ => {
                parts.push(self.here()?);
                self.emit(hir)
            }
        }
    }

    fn emit(&mut self, hir: &Hir) -> Result<(), Error> {
        match hir.kind() {
            HirKind::Empty => {}
            HirKind::Literal(literal) => self.literal(&literal.0)?,
            HirKind::Class(class) => {
                let set = self.pool.set(byte_set(class)?);
                self.code.push(Inst::Set(set));
            }
            HirKind::Look(look) => self.code.push(Inst::Look(self::look(*look)?)),
            HirKind::Repetition(repetition) => self.repetition(repetition)?,
            HirKind::Capture(capture) => {
                self.code.push(Inst::Save(0));
                self.emit(&capture.sub)?;
                self.code.push(Inst::Save(1));
            }
            HirKind::Concat(parts) => parts.iter().try_for_each(|part| self.emit(part))?,
            HirKind::Alternation(branches) => self.alternation(branches)?,
        }
        Ok(())
    }

    fn literal(&mut self, literal: &[u8]) -> Result<(), Error> {
        for part in literal.chunks(usize::from(u8::MAX)) {
            self.code.push(self.pool.list(vec![part.to_vec()])?);
        }
        Ok(())
    }

    fn repetition(&mut self, repetition: &hir::Repetition) -> Result<(), Error> {
        let hir::Repetition { min, max, greedy, sub } = repetition;
        let max = max.ok_or_else(|| Error::new("unbounded repetition"))?;
        let too_long = |_| Error::new("repeats too often");
        if let Some(set) = single_byte(sub)? {
            let (min, max) = (u16::try_from(*min).map_err(too_long)?, u16::try_from(max).map_err(too_long)?);
            let set = self.pool.set(set);
            // `next` is known when the code behind it is.
            let run = self.pool.run(Run { set, next: ANY, min, max, lazy: !greedy })?;
            self.code.push(Inst::Repeat(run));
            return Ok(());
        }
        for _ in 0..*min {
            self.emit(sub)?;
        }
        let mut exits = Vec::new();
        for _ in *min..max {
            exits.push(self.code.len());
            self.code.push(Inst::Branch { guard: ANY, other: 0 });
            if !greedy {
                exits.push(self.code.len());
                self.code.push(Inst::Jump(0));
                let inside = self.here()?;
                self.patch(self.code.len() - 2, inside);
                exits.remove(exits.len() - 2);
            }
            self.emit(sub)?;
        }
        let end = self.here()?;
        for exit in exits {
            self.patch(exit, end);
        }
        Ok(())
    }

    /// Branches that stand for a few words each are tried as one list.
    fn alternation(&mut self, branches: &[Hir]) -> Result<(), Error> {
        // A list cannot say where in the order of preference nothing at all stands.
        let words = |branch| words::of(branch).filter(|words| words.iter().all(|word| !word.is_empty()));
        let branches: Vec<(&Hir, Option<Vec<Vec<u8>>>)> =
            branches.iter().map(|branch| (branch, words(branch))).collect();
        let groups: Vec<_> = branches.chunk_by(|a, b| a.1.is_some() && b.1.is_some()).collect();
        let mut ends = Vec::new();
        for (i, group) in groups.iter().enumerate() {
            let fork = self.code.len();
            let is_last = i + 1 == groups.len();
            if !is_last {
                self.code.push(Inst::Branch { guard: ANY, other: 0 });
            }
            match group {
                [(branch, _)] => self.emit(branch)?,
                words => {
                    let words = words.iter().filter_map(|(_, words)| words.clone()).flatten().collect();
                    self.code.push(self.pool.list(words)?);
                }
            }
            if !is_last {
                ends.push(self.code.len());
                self.code.push(Inst::Jump(0));
                let next = self.here()?;
                self.patch(fork, next);
            }
        }
        let end = self.here()?;
        for jump in ends {
            self.patch(jump, end);
        }
        Ok(())
    }

    fn here(&self) -> Result<u16, Error> {
        u16::try_from(self.code.len()).map_err(|_| Error::new("too large"))
    }

    fn patch(&mut self, at: usize, to: u16) {
        let distance = to.saturating_sub(u16::try_from(at).unwrap_or(to));
        match self.code.get_mut(at) {
            Some(Inst::Branch { other, .. }) => *other = distance,
            Some(Inst::Jump(target)) => *target = distance,
            _ => {}
        }
    }
}

/// The set, if the tree matches exactly one byte.
pub(crate) fn single_byte(hir: &Hir) -> Result<Option<ByteSet>, Error> {
    Ok(match hir.kind() {
        HirKind::Class(class) => Some(byte_set(class)?),
        HirKind::Literal(literal) if literal.0.len() == 1 => Some(set_of(literal.0.iter().copied())),
        _ => None,
    })
}

/// The bytes of a class; patterns are parsed without Unicode, so a class of characters holds ASCII only.
pub(crate) fn byte_set(class: &Class) -> Result<ByteSet, Error> {
    match class {
        Class::Bytes(class) => Ok(set_of(class.iter().flat_map(|range| range.start()..=range.end()))),
        Class::Unicode(class) => class
            .to_byte_class()
            .map(|class| set_of(class.iter().flat_map(|range| range.start()..=range.end())))
            .ok_or_else(|| Error::new("a class holds a character above ASCII; write an alternation")),
    }
}

/// The set of the bytes.
pub(crate) fn set_of(bytes: impl IntoIterator<Item = u8>) -> ByteSet {
    let mut set = [0; 4];
    for byte in bytes {
        if let Some(word) = set.get_mut(usize::from(byte >> 6)) {
            *word |= 1_u64 << (byte & 63);
        }
    }
    set
}

fn look(look: hir::Look) -> Result<Look, Error> {
    match look {
        hir::Look::Start => Ok(Look::Start),
        hir::Look::End => Ok(Look::End),
        hir::Look::StartLF => Ok(Look::LineStart),
        hir::Look::EndLF => Ok(Look::LineEnd),
        hir::Look::WordAscii => Ok(Look::WordBoundary),
        hir::Look::WordAsciiNegate => Ok(Look::NotWordBoundary),
        _ => Err(Error::new("only ^, $, \\b and \\B are supported")),
    }
}
