//! Which bytes can stand at which place of a match, read off the instructions.

use std::collections::BTreeSet;

use super::program::{Pool, set_of};
use crate::patterns::tables::{ByteSet, CLASS_PLACES, Inst};

/// A place inside the instructions: at `pc`, `done` bytes into its run or into the word with this number.
type State = (usize, u16, u16);

/// The bytes that can come next at `pc`; nothing if the match can be over there.
pub(crate) fn first_bytes(code: &[Inst], pc: usize, pool: &Pool) -> Option<ByteSet> {
    bytes_of(&settle(code, [(pc, 0, 0)], pool), code, pool)
}

/// For each of the first places of a match the bytes that can stand there; nothing from where on it can be over.
pub(crate) fn places(code: &[Inst], pool: &Pool) -> [Option<ByteSet>; CLASS_PLACES] {
    let mut states = settle(code, [(0, 0, 0)], pool);
    let mut is_over = false;
    std::array::from_fn(|_| {
        let bytes = bytes_of(&states, code, pool).filter(|_| !is_over);
        is_over |= bytes.is_none();
        states = settle(code, states.iter().filter_map(|&state| advance(state, code, pool)), pool);
        bytes
    })
}

/// Follows every way that needs no byte, to states that need one or are over.
fn settle(code: &[Inst], states: impl IntoIterator<Item = State>, pool: &Pool) -> BTreeSet<State> {
    let mut seen = BTreeSet::new();
    let mut todo: Vec<State> = states.into_iter().collect();
    while let Some(state @ (pc, done, word)) = todo.pop() {
        if !seen.insert(state) {
            continue;
        }
        let on = (pc + 1, 0, 0);
        match code.get(pc) {
            Some(Inst::Branch { other, .. }) => todo.extend([on, (pc + usize::from(*other), 0, 0)]),
            Some(Inst::Jump(target)) => todo.push((pc + usize::from(*target), 0, 0)),
            Some(Inst::Look(_) | Inst::Save(_)) => todo.push(on),
            Some(Inst::Repeat(run)) if pool.runs.get(usize::from(*run)).is_some_and(|run| done >= run.min) => {
                todo.push(on);
            }
            Some(Inst::Words(list)) => {
                if pool.word(*list, word).is_some_and(|word| usize::from(done) == word.len()) {
                    todo.push(on);
                }
                if done == 0 {
                    let words = pool.lists.get(usize::from(*list)).into_iter().flatten();
                    todo.extend(words.zip(0..).map(|(_, word)| (pc, 0, word)));
                }
            }
            _ => {}
        }
    }
    seen
}

/// The bytes that the states can take next; nothing if one of them is over.
fn bytes_of(states: &BTreeSet<State>, code: &[Inst], pool: &Pool) -> Option<ByteSet> {
    let mut union = [0; 4];
    for &(pc, done, word) in states {
        let set = match code.get(pc) {
            Some(Inst::Words(list)) => {
                set_of(pool.word(*list, word).and_then(|word| word.get(usize::from(done)).copied()))
            }
            Some(Inst::Set(set)) => pool.sets.get(usize::from(*set)).copied().unwrap_or([u64::MAX; 4]),
            Some(Inst::Repeat(run)) => match pool.runs.get(usize::from(*run)) {
                Some(run) if done < run.max => pool.sets.get(usize::from(run.set)).copied().unwrap_or([u64::MAX; 4]),
                _ => [0; 4],
            },
            Some(Inst::Match) | None => return None,
            Some(_) => [0; 4],
        };
        for (all, some) in union.iter_mut().zip(set) {
            *all |= some;
        }
    }
    Some(union)
}

/// The state one byte further.
fn advance((pc, done, word): State, code: &[Inst], pool: &Pool) -> Option<State> {
    let further = (pc, done + 1, word);
    match code.get(pc)? {
        Inst::Words(list) => pool.word(*list, word).filter(|word| usize::from(done) < word.len()).map(|_| further),
        Inst::Set(_) => Some((pc + 1, 0, 0)),
        Inst::Repeat(run) => pool.runs.get(usize::from(*run)).filter(|run| done < run.max).map(|_| further),
        _ => None,
    }
}
