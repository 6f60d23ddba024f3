//! What the gate and the matcher are made of: byte sets, instructions, passes.

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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Look {
    Start,
    End,
    LineStart,
    LineEnd,
    WordBoundary,
    NotWordBoundary,
}

impl Look {
    pub(crate) const ALL: [Self; 6] =
        [Self::Start, Self::End, Self::LineStart, Self::LineEnd, Self::WordBoundary, Self::NotWordBoundary];

    /// Whether the condition holds before byte `at` of the text.
    pub(crate) fn holds(self, text: &[u8], at: usize) -> bool {
        let before = at.checked_sub(1).and_then(|i| text.get(i)).copied();
        let next = text.get(at).copied();
        let is_word = |byte: Option<u8>| byte.is_some_and(|byte| contains(&WORD, byte));
        match self {
            Self::Start => at == 0,
            Self::End => next.is_none(),
            Self::LineStart => before.is_none_or(|b| b == b'\n'),
            Self::LineEnd => next.is_none_or(|b| b == b'\n'),
            Self::WordBoundary => is_word(before) != is_word(next),
            Self::NotWordBoundary => is_word(before) == is_word(next),
        }
    }
}

/// The bytes of words, at whose edges word boundaries are.
pub(crate) const WORD: ByteSet = [0x03FF_0000_0000_0000, 0x07FF_FFFE_87FF_FFFE, 0, 0];

/// How many bytes class gates look at.
pub(crate) const CLASS_PLACES: usize = 8;

/// A pattern to try, starting `min..=max` bytes before the anchor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Pass {
    pub(crate) pattern: u16,
    pub(crate) min: u16,
    pub(crate) max: u16,
    /// The instruction that must stand `skipped` bytes before the anchor in a match; 0 where that is not known.
    pub(crate) part: u16,
    pub(crate) skipped: u8,
    /// Which of the companions must stand near, counted from 1; 0 if none.
    pub(crate) companion: u16,
}

/// A literal with this mark stands `min..=max` bytes behind the beginning of each match: a second, cheap condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Companion {
    pub(crate) mark: u16,
    pub(crate) min: u16,
    pub(crate) max: u16,
}

/// What lets a place of the text through to the matcher.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct GateTables {
    /// The literals with their case bits set, sorted.
    pub(crate) literals: Vec<Literal>,
    /// What literals let through and mark. Many have the same.
    pub(crate) entries: Vec<Entry>,
    /// The passes and the marks of all entries.
    pub(crate) passes: Vec<Pass>,
    pub(crate) marks: Vec<u16>,
    pub(crate) companions: Vec<Companion>,
    /// For patterns without a literal the bytes that each of them allows at the first places behind an anchor.
    pub(crate) classes: Vec<([ByteSet; CLASS_PLACES], Pass)>,
}

/// A literal of the gate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Literal {
    /// Its bytes, at most eight, zeros behind them.
    pub(crate) bytes: [u8; 8],
    pub(crate) length: u8,
    pub(crate) entry: u16,
}

/// What a literal lets through and marks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// Where the passes and the marks of the next entry begin, behind its own.
    pub(crate) passes_end: u16,
    pub(crate) marks_end: u16,
}

impl GateTables {
    /// Adds an entry to which belong the passes and marks that were added since the last one.
    pub(crate) fn entry(&mut self) {
        let end = |length: usize| u16::try_from(length).unwrap_or(u16::MAX);
        self.entries.push(Entry { passes_end: end(self.passes.len()), marks_end: end(self.marks.len()) });
    }
}

/// Whether the byte is in the set.
pub(crate) fn contains(set: &ByteSet, byte: u8) -> bool {
    set.get(usize::from(byte >> 6)).is_some_and(|word| word >> (byte & 63) & 1 == 1)
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
