//! Which bytes can stand at the first places of a match, read off the instructions.

use super::node::union;
use super::program::Program;
use super::tables::{ByteSet, CLASS_PLACES, Inst, Look, set_of};
use crate::sort::sort_and_dedup;

/// A place inside the instructions: at `pc`, `done` bytes into its run or into the word with this number.
type State = (usize, u16, u32);

/// For each of the first places of a match the bytes that can stand there; nothing from where on it can be over.
pub(crate) fn places(program: &Program) -> [Option<ByteSet>; CLASS_PLACES] {
    let mut states = settle(program, [(0, 0, 0)], |_| true);
    let mut is_over = false;
    std::array::from_fn(|_| {
        let bytes = bytes_of(&states, program).filter(|_| !is_over);
        is_over |= bytes.is_none();
        states = settle(program, states.iter().filter_map(|&state| advance(state, program)), |_| true);
        bytes
    })
}

/// The bytes that can stand at the first place of a match there, at the edge of a word or elsewhere; nothing if it can be over.
pub(crate) fn first(program: &Program, is_edge: bool) -> Option<ByteSet> {
    let holds = |look: Look| match look {
        Look::WordBoundary => is_edge,
        Look::NotWordBoundary => !is_edge,
        _ => true,
    };
    bytes_of(&settle(program, [(0, 0, 0)], holds), program)
}

/// Follows every way that needs no byte, past conditions that may hold, to states that need one or are over.
fn settle(program: &Program, states: impl IntoIterator<Item = State>, holds: impl Fn(Look) -> bool) -> Vec<State> {
    let mut seen = Vec::new();
    let mut was_begun = vec![false; program.code.len() + 1];
    let mut todo: Vec<State> = states.into_iter().collect();
    while let Some(state @ (pc, done, word)) = todo.pop() {
        if (done, word) == (0, 0)
            && let Some(was_begun) = was_begun.get_mut(pc)
            && std::mem::replace(was_begun, true)
        {
            continue;
        }
        seen.push(state);
        let on = (pc + 1, 0, 0);
        match program.code.get(pc) {
            Some(Inst::Branch { other, .. }) => todo.extend([on, (pc + usize::from(*other), 0, 0)]),
            Some(Inst::Jump(target)) => todo.push((pc + usize::from(*target), 0, 0)),
            Some(Inst::Look(look)) if !holds(*look) => {}
            Some(Inst::Look(_) | Inst::Save(_)) => todo.push(on),
            Some(Inst::Repeat(run)) if program.runs.get(usize::from(*run)).is_some_and(|run| done >= run.min) => {
                todo.push(on);
            }
            Some(Inst::Words(list)) => {
                let words = program.lists.words((*list).into());
                if done > 0 && program.lists.word(words.start + word).len() == usize::from(done) {
                    todo.push(on);
                }
                if (done, word) == (0, 0) {
                    seen.extend((1..words.end - words.start).map(|word| (pc, 0, word)));
                }
            }
            _ => {}
        }
    }
    sort_and_dedup(&mut seen);
    seen
}

/// The bytes that the states can take next; nothing if one of them is over.
fn bytes_of(states: &[State], program: &Program) -> Option<ByteSet> {
    let set = |set: u16| program.sets.get(usize::from(set)).copied().unwrap_or([u64::MAX; 4]);
    states.iter().try_fold([0; 4], |all, state @ &(pc, done, _)| {
        let some = match program.code.get(pc) {
            Some(Inst::Words(_)) => set_of(next_of_word(*state, program)),
            Some(Inst::Set(index)) => set(*index),
            Some(Inst::Repeat(run)) => match program.runs.get(usize::from(*run)) {
                Some(run) if done < run.max => set(run.set),
                _ => [0; 4],
            },
            Some(Inst::Match) | None => return None,
            Some(_) => [0; 4],
        };
        Some(union(all, some))
    })
}

/// The state one byte further.
fn advance(state @ (pc, done, word): State, program: &Program) -> Option<State> {
    let further = (pc, done + 1, word);
    match program.code.get(pc)? {
        Inst::Words(_) => next_of_word(state, program).map(|_| further),
        Inst::Set(_) => Some((pc + 1, 0, 0)),
        Inst::Repeat(run) => program.runs.get(usize::from(*run)).filter(|run| done < run.max).map(|_| further),
        _ => None,
    }
}

fn next_of_word((pc, done, word): State, program: &Program) -> Option<u8> {
    let Some(Inst::Words(list)) = program.code.get(pc) else { return None };
    let number = program.lists.words((*list).into()).start + word;
    program.lists.word(number).get(usize::from(done)).copied()
}
