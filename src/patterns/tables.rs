//! The compiled form of the patterns: plain tables, made by `build.rs` and read by the gate and the matcher.

/// A set of bytes, bit `b % 64` of word `b / 64` standing for byte `b`.
pub(crate) type ByteSet = [u64; 4];

/// Index of the set that every byte, and the end of the text, passes.
pub(crate) const ANY: u16 = 0;

/// One instruction of a pattern. Targets count from the instruction itself, always forward.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inst {
    /// One of the words of a list, often of a single one; the first that leads to a match.
    Words(u16),
    /// One byte of the set.
    Set(u16),
    /// Several bytes of a set.
    Repeat(u16),
    /// Goes on here if the next byte is in `guard`, and failing that at `other`.
    Branch { guard: u16, other: u16 },
    /// Goes on there.
    Jump(u16),
    /// Holds at this place or fails.
    Look(Look),
    /// Remembers this place as start (0) or end (1) of the reported span.
    Save(u8),
    /// The whole pattern matched.
    Match,
}

/// `min..=max` bytes of `set`, as many as possible (as few if `lazy`), where the next byte is one of `next`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) set: u16,
    pub(crate) next: u16,
    pub(crate) min: u16,
    pub(crate) max: u16,
    pub(crate) lazy: bool,
}

/// A condition on a place between two bytes. Words are ASCII.
#[allow(dead_code, reason = "the pattern files decide which of them occur")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    Start,
    End,
    LineStart,
    LineEnd,
    WordBoundary,
    NotWordBoundary,
}

/// Which text a pattern reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reads {
    Folded,
    Original,
}

/// Where the instructions of one pattern lie, and what cheaply rules a start out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Program {
    pub(crate) start: u32,
    pub(crate) len: u16,
    /// Set of the bytes a match can begin with.
    pub(crate) first: u16,
    /// Longest match in bytes.
    pub(crate) max_len: u16,
    pub(crate) reads: Reads,
}

/// All patterns, compiled.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tables<'a> {
    pub(crate) programs: &'a [Program],
    pub(crate) insts: &'a [Inst],
    pub(crate) runs: &'a [Run],
    /// For each list of words where it begins in `words`, and at last where they all end.
    pub(crate) lists: &'a [u32],
    /// Each word a byte for its length, then its bytes.
    pub(crate) words: &'a [u8],
    pub(crate) sets: &'a [ByteSet],
    pub(crate) gate: GateTables<'a>,
}

impl<'a> Tables<'a> {
    /// The instructions of a program.
    pub(crate) fn code(&self, program: &Program) -> &'a [Inst] {
        let start = program.start as usize;
        self.insts.get(start..start + usize::from(program.len)).unwrap_or_default()
    }

    /// The words of a list in order of preference, each with where the next one begins; `from` says where to begin.
    pub(crate) fn words(&self, list: u16, from: u32) -> impl Iterator<Item = (&'a [u8], u32)> {
        let bound = |list: usize| self.lists.get(list).copied().unwrap_or_default();
        let (mut at, end) = (from.max(bound(usize::from(list))), bound(usize::from(list) + 1));
        let pool = self.words;
        std::iter::from_fn(move || {
            let (&len, rest) = pool.get(at as usize..end as usize)?.split_first()?;
            at += 1 + u32::from(len);
            Some((rest.get(..usize::from(len))?, at))
        })
    }
}

/// What lets a place of the text through to the matcher.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GateTables<'a> {
    /// The literals, sorted: each a byte for its length, then its bytes with their case bits set.
    pub(crate) literals: &'a [u8],
    /// For each literal how many of the passes are its own.
    pub(crate) counts: &'a [u8],
    pub(crate) passes: &'a [Pass],
    /// For each class gate, in groups of 32, a bit in a mask for each byte at each of the first places.
    pub(crate) masks: &'a [ClassMasks],
    /// The passes of class gates, by bit number.
    pub(crate) classes: &'a [Pass],
}

/// For each place behind an anchor and each byte there the class gates that still can pass.
pub(crate) type ClassMasks = [[u32; 256]; CLASS_PLACES];

/// How many bytes class gates look at.
pub(crate) const CLASS_PLACES: usize = 8;
/// A pattern to try, starting `min..=max` bytes before the anchor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pass {
    pub(crate) pattern: u16,
    pub(crate) min: u16,
    pub(crate) max: u16,
    /// The instruction that must stand `skipped` bytes before the anchor in a match; 0 where that is not known.
    pub(crate) part: u16,
    pub(crate) skipped: u8,
}

/// Whether the byte is in the set.
pub(crate) fn contains(set: &ByteSet, byte: u8) -> bool {
    set.get(usize::from(byte >> 6)).is_some_and(|word| word >> (byte & 63) & 1 == 1)
}

/// Whether the gate looks at a place: where a run of ASCII letters and digits begins, at every other printable ASCII
/// character, and where a character above ASCII begins.
pub(crate) fn is_anchor(before: Option<u8>, byte: u8) -> bool {
    match byte {
        b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => !before.is_some_and(|b| b.is_ascii_alphanumeric()),
        0..=0x20 | 0x7F..=0xBF => false,
        _ => true,
    }
}
