//! A text read out of another one, with the way back for every span of it.

use crate::finding::Via;
use crate::span::Span;

/// Bytes of the text around a change that come along, so that patterns find what they need beside it.
const MARGIN: usize = 512;
/// How far from a change the reported span may lie that shows because of it: patterns also look at the words around.
const REACH: usize = 64;

/// A stretch of a text that is read as one character or as nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Edit {
    pub(crate) source: Span,
    pub(crate) reads: Option<char>,
    /// How it is read; empty if after all it is not to be made.
    pub(crate) via: Via,
}

/// How many bytes of the source became how many bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    pub(crate) read: usize,
    /// 0 if it cannot be told byte from byte.
    pub(crate) written: usize,
}

impl Rate {
    /// Byte by byte.
    pub(crate) const COPIED: Self = Self { read: 1, written: 1 };
    /// All at once.
    pub(crate) const WHOLE: Self = Self { read: 1, written: 0 };
}

/// The derived text.
#[derive(Debug, Default)]
pub(crate) struct Derived {
    text: String,
    pieces: Vec<Piece>,
}

/// A stretch of the derived text that came about in one way. It ends where the next one begins.
#[derive(Clone, Copy, Debug)]
struct Piece {
    start: usize,
    source: Span,
    rate: Rate,
    /// How it was read; empty where it was copied.
    via: Via,
}

impl Piece {
    /// Where `from..to` of the derived text comes from.
    fn source_of(&self, from: usize, to: usize) -> Span {
        let Rate { read, written } = self.rate;
        if written == 0 {
            return self.source;
        }
        let start = self.source.start + (from - self.start) * read / written;
        Span { start, end: self.source.start + ((to - self.start) * read).div_ceil(written) }
    }

    /// Whether `next`, which ends at `end`, is more of the same.
    fn goes_on_with(&self, next: &Self, end: usize) -> bool {
        let goes_on = if self.rate == Rate::WHOLE {
            // Nothing but comments should make one gap, not a million of them.
            end == self.start && self.source.end == next.source.start
        } else {
            self.source_of(next.start, end) == next.source
        };
        goes_on && (self.rate, self.via) == (next.rate, next.via)
    }
}

impl Derived {
    /// The stretches of `text` around the edits, which are sorted by start, with the edits made.
    pub(crate) fn edited(text: &str, edits: &[Edit]) -> Self {
        let mut derived = Self::default();
        let mut done = 0;
        for edit in edits {
            if edit.via.is_empty() || edit.source.start < done {
                continue;
            }
            let begin = edit.source.start.saturating_sub(MARGIN);
            if derived.pieces.is_empty() {
                done = text.floor_char_boundary(begin);
            } else if begin > done + MARGIN {
                derived.copy(text, done, done + MARGIN);
                derived.separate();
                done = text.floor_char_boundary(begin);
            }
            derived.copy(text, done, edit.source.start);
            derived.push(edit.reads, edit.source, Rate::WHOLE, edit.via);
            done = edit.source.end;
        }
        if !derived.pieces.is_empty() {
            derived.copy(text, done, done + MARGIN);
        }
        derived
    }

    /// The derived text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Appends the character, or nothing, that was read from `source`.
    pub(crate) fn push(&mut self, reads: Option<char>, source: Span, rate: Rate, via: Via) {
        let piece = Piece { start: self.text.len(), source, rate, via };
        self.text.extend(reads);
        self.add(piece);
    }

    /// Notes how what was appended last came about.
    fn add(&mut self, piece: Piece) {
        match self.pieces.last_mut() {
            Some(last) if last.goes_on_with(&piece, self.text.len()) => last.source.end = piece.source.end,
            _ => self.pieces.push(piece),
        }
    }

    /// Takes back what was appended since the text was this long.
    pub(crate) fn truncate(&mut self, len: usize) {
        self.text.truncate(len);
        let pieces = self.pieces.partition_point(|piece| piece.start < len);
        self.pieces.truncate(pieces);
    }

    /// Appends a stretch of the source as it is.
    fn copy(&mut self, text: &str, start: usize, end: usize) {
        let end = text.floor_char_boundary(end);
        if let Some(copied) = text.get(start..end).filter(|copied| !copied.is_empty()) {
            let piece =
                Piece { start: self.text.len(), source: Span { start, end }, rate: Rate::COPIED, via: Via::default() };
            self.text.push_str(copied);
            self.add(piece);
        }
    }

    /// Begins a new line, so that what was far apart does not stand side by side.
    pub(crate) fn separate(&mut self) {
        let end = self.pieces.last().map_or(0, |piece| piece.source.end);
        self.push(Some('\n'), Span { start: end, end }, Rate::WHOLE, Via::default());
    }

    /// For a span of the derived text the span of the source, and how it was read. Nothing if all was as it stood there,
    /// so that it could be found without this text.
    pub(crate) fn locate(&self, span: Span) -> Option<(Span, Via)> {
        let close = self.changes(span, 0);
        let via = if close.is_empty() { self.changes(span, REACH) } else { close };
        let last = span.end.checked_sub(1)?;
        let source = Span {
            start: self.piece_at(span.start)?.source_of(span.start, span.start).start,
            end: self.piece_at(last)?.source_of(last, span.end).end,
        };
        (!via.is_empty() && !source.is_empty()).then_some((source, via))
    }

    /// Where the byte at `at` comes from; the end of the source for the end.
    pub(crate) fn source_at(&self, at: usize) -> Option<usize> {
        Some(self.piece_at(at).filter(|_| at < self.text.len())?.source_of(at, at).start)
    }

    /// The stretch of the derived text that comes from the source from `from` on and lies near enough to a change to be new.
    pub(crate) fn near_changes(&self, from: usize) -> Span {
        let behind = self.pieces.partition_point(|piece| piece.source.end <= from);
        let start = self.pieces.get(behind).map_or(self.text.len(), |piece| {
            let copied = if piece.rate == Rate::COPIED { from.saturating_sub(piece.source.start) } else { 0 };
            piece.start + copied
        });
        let last = self.pieces.iter().rposition(|piece| !piece.via.is_empty());
        let end = last.map_or(0, |last| self.pieces.get(last + 1).map_or(self.text.len(), |piece| piece.start + REACH));
        Span { start, end: end.min(self.text.len()) }
    }

    /// How the text in and directly beside a span was read, or up to `reach` bytes from it.
    pub(crate) fn changes(&self, span: Span, reach: usize) -> Via {
        let first = self.pieces.partition_point(|piece| piece.start + reach < span.start);
        let near = self.pieces.get(first.saturating_sub(1)..).unwrap_or_default();
        near.iter().take_while(|piece| piece.start <= span.end + reach).fold(Via::default(), |via, p| via.with(p.via))
    }

    /// The piece that made the byte at `at`.
    fn piece_at(&self, at: usize) -> Option<&Piece> {
        let after = self.pieces.partition_point(|piece| piece.start <= at);
        self.pieces.get(after.checked_sub(1)?)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn edit(start: usize, end: usize, reads: Option<char>) -> Edit {
        Edit { source: Span { start, end }, reads, via: Via::PERCENT }
    }

    /// The source under a word of the derived text.
    fn source<'t>(text: &'t str, derived: &Derived, word: &str) -> Option<&'t str> {
        let start = derived.text().find(word)?;
        let (span, _) = derived.locate(Span { start, end: start + word.len() })?;
        text.get(span.start..span.end)
    }

    #[test]
    fn edits_are_made_and_can_be_traced_back() {
        let text = "say %69gnore<!-- x --> rules";
        let derived = Derived::edited(text, &[edit(4, 7, Some('i')), edit(12, 22, None)]);
        assert_eq!(derived.text(), "say ignore rules");
        assert_eq!(source(text, &derived, "ignore"), Some("%69gnore"));
        assert_eq!(source(text, &derived, "gnore r"), Some("gnore<!-- x --> r"));
        assert_eq!(source(text, &derived, "rules"), Some("rules"), "directly behind a change");
    }

    #[test]
    fn only_what_lies_around_a_change_is_derived() {
        let text = format!("{0}%69{0}%69{1}", "far away ".repeat(500), "é".repeat(500));
        let second = text.rfind('%').expect("present");
        let derived = Derived::edited(&text, &[edit(4500, 4503, Some('i')), edit(second, second + 3, Some('i'))]);
        assert_eq!(derived.text().len(), 512 + 1 + 512 + 1 + 512 + 1 + 512);
        assert_eq!(derived.locate(Span { start: 10, end: 20 }), None, "far from any change");
    }

    #[test]
    fn a_change_counts_a_little_way_off() {
        let text = format!("%69{}", " and".repeat(100));
        let derived = Derived::edited(&text, &[edit(0, 3, Some('i'))]);
        let via = |start| derived.locate(Span { start, end: start + 3 }).map(|(_, via)| via);
        assert_eq!((via(60), via(70)), (Some(Via::PERCENT), None));
    }

    #[test]
    fn gaps_in_a_row_are_one_piece() {
        let edits: Vec<Edit> = (0..1000).map(|n| edit(n, n + 1, None)).collect();
        assert_eq!(Derived::edited(&"x".repeat(1000), &edits).pieces.len(), 1);
    }

    proptest! {
        #[test]
        fn every_span_maps_into_the_source(
            text in "[a-zé漢 ]{0,60}", cuts in prop::collection::vec((0_usize..60, 0_usize..4, any::<Option<char>>()), 0..8),
            a in 0_usize..80, b in 0_usize..80,
        ) {
            let mut edits: Vec<Edit> = cuts.into_iter().map(|(start, len, reads)| {
                let source = Span { start: text.floor_char_boundary(start), end: text.floor_char_boundary(start + len) };
                Edit { source, reads, via: Via::HEX }
            }).collect();
            edits.sort_by_key(|edit| edit.source);
            let derived = Derived::edited(&text, &edits);
            let place = |at| derived.text().floor_char_boundary(at);
            let span = Span { start: place(a.min(b)), end: place(a.max(b)) };
            prop_assume!(span.start < span.end);
            if let Some((source, via)) = derived.locate(span) {
                prop_assert!(!source.is_empty() && text.get(source.start..source.end).is_some());
                prop_assert_eq!(via, Via::HEX);
            }
        }
    }
}
