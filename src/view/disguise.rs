//! Undoes disguises: reads a text in every other way that it may have been meant, and what comes out once more, to a
//! depth of three and within a bound on all the work.
//!
//! Two kinds of texts are derived from a text. In one, characters were written as something else, each of which is replaced where it
//! stands, whatever its disguise was, so that disguises side by side are undone together. In the others, text was encoded as a
//! whole, and comes out as a text of its own.

use super::chars::{self, char_at, count, count_back};
use super::derived::{Derived, Edit};
use super::leet::{Leet, meanings};
use super::look::{Place, look};
use super::smuggled::Smuggled;
use super::words::Words;
use super::{base64, escapes, hex, hidden, markup, rotated, spaced, split};
use crate::finding::Via;
use crate::span::Span;

/// How many disguises one upon another are undone.
const DEPTH: usize = 3;
/// Derived bytes granted to each text, and to each of its bytes.
const WORK: (usize, usize) = (65_536, 4);
/// Longest word that is read as one.
const MAX_WORD: usize = 64;
/// Bytes before a place in which a disguise may begin that shows in it.
const BEFORE: usize = 16;
/// How far from what an outer disguise hid an inner one may begin.
const NEAR: usize = 32;

/// A text derived from the one that is scanned, or from another such text.
pub(crate) struct Layer<'p> {
    derived: Derived,
    parent: Option<&'p Layer<'p>>,
    is_rotated: bool,
}

impl Layer<'_> {
    /// The derived text.
    pub(crate) fn text(&self) -> &str {
        self.derived.text()
    }

    /// Where a span of the derived text lies in the scanned text, and how it was read; nothing if it does not owe itself
    /// to a disguise.
    pub(crate) fn locate(&self, span: Span) -> Option<(Span, Via)> {
        let (span, via) = self.derived.locate(span)?;
        let Some(parent) = self.parent else { return Some((span, via)) };
        let (span, outer) = parent.locate(span)?;
        Some((span, via.with(outer)))
    }

    /// Whether a span of the derived text is, or lies close to, what was disguised.
    fn is_changed(&self, span: Span) -> bool {
        !self.derived.changes(span, NEAR).is_empty()
    }
}

/// Calls `visit` with every text that can be read out of `text`. Whether that was done in full.
pub(crate) fn undo(text: &str, words: &Words, visit: &mut dyn FnMut(&Layer<'_>)) -> bool {
    let work = WORK.0 + text.len().saturating_mul(WORK.1);
    let mut undoing = Undoing { words, visit, work, is_complete: true };
    undoing.undo(text, None, DEPTH);
    undoing.is_complete
}

struct Undoing<'u> {
    words: &'u Words,
    visit: &'u mut dyn FnMut(&Layer<'_>),
    work: usize,
    is_complete: bool,
}

impl Undoing<'_> {
    fn undo(&mut self, text: &str, parent: Option<&Layer<'_>>, depth: usize) {
        let places = look(text, self.words);
        if !places.is_empty() {
            self.undo_at(places, text, parent, depth);
        }
    }

    #[inline(never)]
    fn undo_at(&mut self, places: Vec<Place>, text: &str, parent: Option<&Layer<'_>>, depth: usize) {
        // What did not come out of a disguise has been looked at before.
        let is_new = |span: Span| parent.is_none_or(|parent| parent.is_changed(span));
        let was_rotated = parent.is_some_and(|parent| parent.is_rotated);
        let mut reader = Reader::new(text, self.words);
        let (mut rotated, mut encoded, mut smuggled) = (Derived::default(), Derived::default(), Smuggled::default());
        let (mut rotated_to, mut encoded_to) = (0, 0);
        for place in places {
            let Place { span, has_edits, is_encoded, is_smuggled, is_rotated } = place;
            if has_edits {
                reader.read_place(span);
            }
            if is_rotated && !was_rotated && is_new(span) {
                rotated_to = rotated::decode(text, span, rotated_to, self.words, &mut rotated);
            }
            if is_encoded && is_new(span) {
                let bytes = text.as_bytes();
                let mut at = base64::start(bytes, span.start, encoded_to);
                while at < span.end {
                    at = hex::decode(bytes, at, &mut encoded)
                        .unwrap_or_else(|| base64::decode(bytes, at, &mut encoded).max(at + 1));
                }
                encoded_to = at;
            }
            if is_smuggled && is_new(span) {
                smuggled.read(text, span, &mut encoded);
            }
        }
        smuggled.finish(&mut encoded);
        let edits = reader.finish(is_new);
        self.go_on(Derived::edited(text, &edits), parent, false, depth);
        self.go_on(rotated, parent, true, depth);
        self.go_on(encoded, parent, false, depth);
    }

    fn go_on(&mut self, derived: Derived, parent: Option<&Layer<'_>>, is_rotated: bool, depth: usize) {
        if derived.text().is_empty() {
            return;
        }
        let Some(work) = self.work.checked_sub(derived.text().len()) else {
            self.is_complete = false;
            return;
        };
        self.work = work;
        let layer = Layer { derived, parent, is_rotated };
        (self.visit)(&layer);
        if depth > 1 {
            self.undo(layer.text(), Some(&layer), depth - 1);
        }
    }
}

/// Reads characters that were written as something else.
struct Reader<'t> {
    text: &'t str,
    words: &'t Words,
    edits: Vec<Edit>,
    done: usize,
    leet: Leet,
    has_open_comment: bool,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, words: &'t Words) -> Self {
        Self { text, words, edits: Vec::new(), done: 0, leet: Leet::default(), has_open_comment: false }
    }

    /// Reads a place, which lies behind all those before.
    fn read_place(&mut self, place: Span) {
        let mut at = self.word_start(place.start.saturating_sub(BEFORE)).max(self.done);
        while at < place.end {
            at = self.read(at);
        }
        self.done = at;
    }

    /// The edits, in order. Those that are not new are not to be made.
    fn finish(mut self, is_new: impl Fn(Span) -> bool) -> Vec<Edit> {
        self.leet.finish(&mut self.edits);
        for edit in &mut self.edits {
            if !is_new(edit.source) {
                edit.via = Via::default();
            }
        }
        self.edits
    }

    /// Where the word around `at` begins.
    fn word_start(&self, at: usize) -> usize {
        let start = at - count_back(self.text.as_bytes(), at, MAX_WORD, is_word);
        self.text.floor_char_boundary(start)
    }

    /// Reads what stands at `at`; where to go on.
    fn read(&mut self, at: usize) -> usize {
        let bytes = self.text.as_bytes();
        let edit = match bytes.get(at) {
            None => return bytes.len(),
            Some(b'&') => markup::reference(bytes, at),
            Some(b'%') => escapes::percent(bytes, at),
            Some(b'\\') => escapes::backslash(bytes, at),
            Some(b'<') => self.comment(at),
            Some(b'+') => escapes::plus(bytes, at),
            Some(_) => None,
        };
        match edit {
            Some(edit) => {
                self.edits.push(edit);
                edit.source.end
            }
            None if bytes.get(at).is_some_and(|b| is_word(*b)) => self.word(at),
            None => at + 1,
        }
    }

    /// A text full of comments that never end is searched for an end once.
    fn comment(&mut self, at: usize) -> Option<Edit> {
        let is_comment = !self.has_open_comment && markup::begins_comment(self.text.as_bytes(), at);
        let comment = if is_comment { markup::comment(self.text.as_bytes(), at) } else { None };
        self.has_open_comment |= is_comment && comment.is_none();
        comment
    }

    /// Reads the word at `start`; where to go on.
    fn word(&mut self, start: usize) -> usize {
        let (text, bytes) = (self.text, self.text.as_bytes());
        let mut len = count(bytes, start, MAX_WORD, is_word);
        let plus = bytes.iter().skip(start).take(len).position(|b| *b == b'+').map(|len| start + len);
        if let Some(plus) = plus.filter(|plus| escapes::plus(bytes, *plus).is_some()) {
            len = plus - start;
        }
        let word = Span { start, end: text.floor_char_boundary(start + len).max(start + 1) };
        let is_plain = count(bytes, start, len, chars::is_letter) == len;
        if !is_plain && self.leet.read(text, word, self.words, &mut self.edits) {
            self.hidden(word);
            return word.end;
        }
        // What begins with a sign may be letters between signs: `|i|g|n|`.
        if count(bytes, start, 1, chars::is_word) == 0 {
            return start + 1;
        }
        let first = char_at(text, start).map_or(1, char::len_utf8);
        if count(bytes, start + first, 1, chars::is_word) == 0
            && let Some(end) = spaced::read(text, start, self.words, &mut self.edits)
        {
            return end;
        }
        self.hidden(word);
        if is_plain && let Some(end) = split::join(text, (start, word.end), self.words, &mut self.edits) {
            return end;
        }
        word.end
    }

    /// Reads the characters of a word that hide something.
    fn hidden(&mut self, word: Span) {
        let mut at = word.start;
        while let Some(c) = char_at(self.text, at).filter(|_| at < word.end) {
            if !c.is_ascii() && self.edits.last().is_none_or(|edit| edit.source.end <= at) {
                self.edits.extend(hidden::read(self.text, at, c));
            }
            at += c.len_utf8();
        }
    }
}

/// Whether a byte belongs to a word, taking leetspeak and all of Unicode into account.
fn is_word(byte: u8) -> bool {
    chars::is_word(byte) || !meanings(byte).is_empty()
}
