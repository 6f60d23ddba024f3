//! From the syntax tree of a pattern to instructions.

use std::borrow::Cow;

use super::node::{Node, union};
use super::tables::{ANY, ByteSet, Inst, Look, Run, WORD, contains};
use super::words::{self, WordLists};

/// Most instructions of a pattern.
pub(crate) const MAX_INSTRUCTIONS: usize = 60_000;

/// One pattern, compiled.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Program {
    pub(crate) code: Vec<Inst>,
    pub(crate) runs: Vec<Run>,
    pub(crate) lists: WordLists,
    /// The first of them is [`ANY`].
    pub(crate) sets: Vec<ByteSet>,
    /// Set of the bytes that a match can begin with, and of those with which it can begin inside a word.
    pub(crate) first: u16,
    pub(crate) first_inside: u16,
    /// Longest match in bytes.
    pub(crate) max_len: usize,
}

/// With which instruction a part of the tree begins (0 if it has none of its own), and the same for the parts of its
/// [`flat`] branches if it is an alternation.
#[derive(Clone, Debug, Default)]
pub(crate) struct PartStart {
    pub(crate) pc: u16,
    pub(crate) branches: Vec<Vec<PartStart>>,
}

/// The parts that a tree is a sequence of, looking into captures.
pub(crate) fn parts(node: &Node) -> Vec<&Node> {
    match node {
        Node::Concat(inner) => inner.iter().flat_map(parts).collect(),
        Node::Capture(inner) => parts(inner),
        _ => vec![node],
    }
}

impl Program {
    /// Whether the byte at `start` can begin a match, behind the one before it.
    pub(crate) fn may_begin(&self, text: &[u8], start: usize) -> bool {
        let before = start.checked_sub(1).and_then(|before| text.get(before));
        let first = if before.is_some_and(|before| contains(&WORD, *before)) { self.first_inside } else { self.first };
        let set = self.sets.get(usize::from(first)).filter(|_| first != ANY);
        set.is_none_or(|set| text.get(start).is_some_and(|byte| contains(set, *byte)))
    }

    /// The instructions of `node`, whose [`Node::size`] is at most [`MAX_INSTRUCTIONS`].
    pub(crate) fn new(node: &Node) -> Self {
        Self::compiled(node, Compiler::default()).0
    }

    /// The same, and where each of the tree's [`parts`] begins.
    pub(crate) fn with_parts(node: &Node) -> (Self, Vec<PartStart>) {
        Self::compiled(node, Compiler { notes_parts: true, ..Compiler::default() })
    }

    fn compiled(node: &Node, mut compiler: Compiler) -> (Self, Vec<PartStart>) {
        let parts = compiler.emit_parts(node);
        compiler.draft.code.push(Inst::Match);
        (compiler.draft.finish(node.lengths().1), parts)
    }
}

/// A program that is being written, instruction by instruction.
pub(crate) struct Draft {
    pub(crate) code: Vec<Inst>,
    runs: Vec<Run>,
    pub(crate) lists: WordLists,
    sets: Vec<ByteSet>,
}

#[derive(Default)]
struct Compiler {
    draft: Draft,
    /// Whether anybody wants to know where parts begin: the build does, scans do not.
    notes_parts: bool,
}

impl Compiler {
    /// Emits the tree part by part, as [`parts`] lists them, and says where they begin.
    fn emit_parts(&mut self, node: &Node) -> Vec<PartStart> {
        match node {
            Node::Concat(inner) => inner.iter().flat_map(|part| self.emit_parts(part)).collect(),
            Node::Capture(inner) => {
                self.draft.code.push(Inst::Save(0));
                let parts = self.emit_parts(inner);
                self.draft.code.push(Inst::Save(1));
                parts
            }
            Node::Alternation(branches) => {
                let pc = self.here();
                let branches = self.alternation(branches);
                self.noted(PartStart { pc, branches })
            }
            _ => {
                let pc = self.here();
                self.emit(node);
                self.noted(PartStart { pc, branches: Vec::new() })
            }
        }
    }

    fn noted(&self, part: PartStart) -> Vec<PartStart> {
        if self.notes_parts { vec![part] } else { Vec::new() }
    }

    fn emit(&mut self, node: &Node) {
        match node {
            Node::Empty => {}
            Node::Literal(bytes) => self.words(&[Cow::Borrowed(bytes)]),
            Node::Class(set) => self.draft.byte(*set),
            Node::Look(look) => self.draft.code.push(Inst::Look(*look)),
            Node::Repeat { node, min, max, lazy } => self.repeat(node, (*min, *max), *lazy),
            Node::Capture(_) | Node::Concat(_) => drop(self.emit_parts(node)),
            Node::Alternation(branches) => drop(self.alternation(branches)),
        }
    }

    fn words(&mut self, words: &[Cow<'_, [u8]>]) {
        let list = self.draft.lists.find(words);
        self.draft.words(list);
    }

    fn repeat(&mut self, node: &Node, (min, max): (u16, u16), lazy: bool) {
        if let Some(set) = node.single_byte() {
            self.draft.run(set, (min, max), lazy);
            return;
        }
        for _ in 0..min {
            self.emit(node);
        }
        let mut exits = Vec::new();
        for _ in min..max {
            let fork = self.draft.code.len();
            self.draft.code.push(Inst::Branch { guard: ANY, other: 0 });
            if lazy {
                exits.push(self.draft.code.len());
                self.draft.code.push(Inst::Jump(0));
                self.patch(fork);
            } else {
                exits.push(fork);
            }
            self.emit(node);
        }
        for exit in exits {
            self.patch(exit);
        }
    }

    /// Branches that stand for a few words each are tried as one list. Says where the parts of each begin.
    fn alternation(&mut self, branches: &[Node]) -> Vec<Vec<PartStart>> {
        let mut all = Vec::with_capacity(branches.len());
        for branch in branches {
            flatten(branch, &mut all);
        }
        // A list cannot say where in the order of preference nothing at all stands.
        let is_words = |branch: &Node| words::are_all(branch) && branch.lengths().0 > 0;
        let groups: Vec<_> = all.chunk_by(|a, b| is_words(a) && is_words(b)).collect();
        let mut ends = Vec::new();
        let mut starts = Vec::new();
        for (i, group) in groups.iter().enumerate() {
            let fork = self.draft.code.len();
            let is_last = i + 1 == groups.len();
            if !is_last {
                self.draft.code.push(Inst::Branch { guard: ANY, other: 0 });
            }
            match group {
                [branch] => {
                    let parts = self.emit_parts(branch);
                    starts.extend(self.notes_parts.then_some(parts));
                }
                branches => {
                    let list = PartStart { pc: self.here(), branches: Vec::new() };
                    for branch in branches.iter().filter(|_| self.notes_parts) {
                        let mut inside = vec![PartStart::default(); parts(branch).len()];
                        inside.iter_mut().take(1).for_each(|first| *first = list.clone());
                        starts.push(inside);
                    }
                    let mut words = Vec::new();
                    for branch in *branches {
                        words::spell_out(branch, &mut words);
                    }
                    self.words(&words);
                }
            }
            if !is_last {
                ends.push(self.draft.code.len());
                self.draft.code.push(Inst::Jump(0));
                self.patch(fork);
            }
        }
        for jump in ends {
            self.patch(jump);
        }
        starts
    }

    fn here(&self) -> u16 {
        to_u16(self.draft.code.len())
    }

    /// Makes the instruction at `at` lead to where the code now ends.
    fn patch(&mut self, at: usize) {
        let distance = to_u16(self.draft.code.len() - at);
        match self.draft.code.get_mut(at) {
            Some(Inst::Branch { other, .. }) => *other = distance,
            Some(Inst::Jump(target)) => *target = distance,
            _ => {}
        }
    }
}

impl Draft {
    /// Nothing yet, with room for so many instructions.
    pub(crate) fn with_capacity(instructions: usize) -> Self {
        Self { code: Vec::with_capacity(instructions), ..Self::default() }
    }

    /// One of the words of a list.
    pub(crate) fn words(&mut self, list: usize) {
        self.code.push(Inst::Words(to_u16(list)));
    }

    /// One byte of the set.
    pub(crate) fn byte(&mut self, set: ByteSet) {
        let set = self.set(set);
        self.code.push(Inst::Set(set));
    }

    /// So many bytes of the set.
    pub(crate) fn run(&mut self, set: ByteSet, (min, max): (u16, u16), lazy: bool) {
        let set = self.set(set);
        self.code.push(Inst::Repeat(to_u16(self.runs.len())));
        // `next` is known when the code behind it is.
        self.runs.push(Run { set, next: ANY, min, max, lazy });
    }

    /// The number of the set. A set that is there twice is looked for in vain more often than it saves anything.
    fn set(&mut self, set: ByteSet) -> u16 {
        self.sets.push(set);
        to_u16(self.sets.len() - 1)
    }

    /// The program, which ends in [`Inst::Match`].
    pub(crate) fn finish(mut self, max_len: usize) -> Program {
        let firsts = self.look_ahead();
        let first = firsts.first().copied().flatten();
        let first_inside = self.first_inside(&firsts);
        let [first, first_inside] = [first, first_inside].map(|set| set.map_or(ANY, |set| self.set(set)));
        let Self { code, runs, lists, sets } = self;
        Program { code, runs, lists, sets, first, first_inside, max_len }
    }

    /// The bytes that can come first of all inside a word, where there is no word boundary before another byte of the word; nothing
    /// where the match can be over.
    fn first_inside(&self, firsts: &[Option<ByteSet>]) -> Option<ByteSet> {
        let mut all = [0; 4];
        let (mut todo, mut seen) = (vec![0], vec![false; firsts.len()]);
        while let Some(pc) = todo.pop() {
            if seen.get_mut(pc).is_none_or(|seen| std::mem::replace(seen, true)) {
                continue;
            }
            match self.code.get(pc) {
                Some(Inst::Branch { other, .. }) => todo.extend([pc + 1, pc + usize::from(*other)]),
                Some(Inst::Jump(target)) => todo.push(pc + usize::from(*target)),
                Some(Inst::Save(_)) => todo.push(pc + 1),
                Some(Inst::Look(Look::WordBoundary)) => {
                    let next = (*firsts.get(pc)?)?;
                    all = union(all, std::array::from_fn(|n| next.get(n).zip(WORD.get(n)).map_or(0, |(a, b)| a & !b)));
                }
                _ => all = union(all, (*firsts.get(pc)?)?),
            }
        }
        Some(all)
    }

    /// Fills in what can come behind branches and runs. Says for each instruction which bytes can come next there; nothing
    /// where the match can be over. All targets lie ahead, so one pass from the end suffices.
    fn look_ahead(&mut self) -> Vec<Option<ByteSet>> {
        let mut firsts: Vec<Option<ByteSet>> = vec![None; self.code.len() + 1];
        for pc in (0..self.code.len()).rev() {
            let at = |ahead: usize| firsts.get(pc + ahead).copied().flatten();
            let next = at(1);
            let set = |set: u16| self.sets.get(usize::from(set)).copied().unwrap_or([u64::MAX; 4]);
            let first = match self.code.get(pc).copied() {
                Some(Inst::Words(list)) => Some(self.lists.firsts(list.into())),
                Some(Inst::Set(index)) => Some(set(index)),
                Some(Inst::Repeat(run)) => {
                    let run = self.runs.get(usize::from(run)).copied();
                    run.and_then(|run| if run.min > 0 { Some(set(run.set)) } else { Some(union(set(run.set), next?)) })
                }
                Some(Inst::Branch { other, .. }) => next.zip(at(other.into())).map(|(a, b)| union(a, b)),
                Some(Inst::Jump(target)) => at(target.into()),
                Some(Inst::Look(_) | Inst::Save(_)) => next,
                Some(Inst::Match) | None => None,
            };
            if let Some(slot) = firsts.get_mut(pc) {
                *slot = first;
            }
            if let Some(Inst::Branch { .. } | Inst::Repeat(_)) = self.code.get(pc) {
                let ahead = next.map_or(ANY, |next| self.set(next));
                match self.code.get_mut(pc) {
                    Some(Inst::Branch { guard, .. }) => *guard = ahead,
                    Some(Inst::Repeat(run)) => {
                        if let Some(run) = self.runs.get_mut(usize::from(*run)) {
                            run.next = ahead;
                        }
                    }
                    _ => {}
                }
            }
        }
        firsts
    }
}

impl Default for Draft {
    fn default() -> Self {
        Self { code: Vec::new(), runs: Vec::new(), lists: WordLists::default(), sets: vec![[u64::MAX; 4]] }
    }
}

/// The branches of an alternation, with those of alternations inside it in their place.
pub(crate) fn flat(branch: &Node) -> Vec<&Node> {
    let mut all = Vec::new();
    flatten(branch, &mut all);
    all
}

fn flatten<'n>(branch: &'n Node, all: &mut Vec<&'n Node>) {
    match branch {
        Node::Alternation(inner) => inner.iter().for_each(|branch| flatten(branch, all)),
        _ => all.push(branch),
    }
}

/// Sizes are bounded by [`MAX_INSTRUCTIONS`].
fn to_u16(n: usize) -> u16 {
    u16::try_from(n).unwrap_or(u16::MAX)
}

/// Whether the tree is small enough for [`Program::new`].
pub(crate) fn fits(node: &Node) -> bool {
    node.size() <= MAX_INSTRUCTIONS && u16::try_from(node.lengths().1).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patterns::tables::set_of;

    #[test]
    fn what_can_come_next_is_known_for_branches_and_runs() {
        let node = Node::concat([
            Node::repeat(Node::Class(set_of(b'0'..=b'9')), 0, 3, false),
            Node::Alternation(vec![Node::Literal(b"kg".into()), Node::repeat(Node::Look(Look::End), 1, 1, false)]),
        ]);
        let program = Program::new(&node);
        assert_eq!(program.first, ANY, "nothing at all can stand before the end");
        let node = Node::concat([Node::repeat(Node::Class(set_of(*b"x")), 0, 3, false), Node::Literal(b"kg".into())]);
        let program = Program::new(&node);
        assert_eq!(program.sets[usize::from(program.first)], set_of(*b"xk"));
        assert_eq!(program.sets[usize::from(program.runs[0].next)], set_of(*b"k"));
    }

    #[test]
    fn inside_a_word_nothing_begins_behind_a_word_boundary() {
        let word = |word: &[u8]| Node::concat([Node::Look(Look::WordBoundary), Node::Literal(word.into())]);
        let program =
            Program::new(&Node::Alternation(vec![word(b"ignore"), Node::Literal(b"forget".into()), word(b"+")]));
        let begins = |text: &[u8], start| program.may_begin(text, start);
        assert!(begins(b"ignore", 0) && begins(b" ignore", 1) && begins(b"xforget", 1) && begins(b"x+", 1));
        assert!(!begins(b"xignore", 1) && !begins(b"_ignore", 1) && !begins(b"other", 0));
    }
}
