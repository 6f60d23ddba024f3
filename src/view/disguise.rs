//! Undoes disguises: reads a text in every other way that it may have been meant, and what comes out once more, to a
//! depth of three and within a bound on all the work.
//!
//! Two kinds of texts are derived from a text. In one, characters were written as something else, each of which is replaced where it
//! stands, whatever its disguise was, so that disguises side by side are undone together. In the others, text was encoded as a
//! whole, and comes out as a text of its own.

use super::chars::{self, char_at, count, count_back};
use super::derived::{Derived, Edit};
use super::leet::{Leet, meanings};
use super::look::{BLOCK, Place, look};
use super::smuggled::Smuggled;
use super::words::Words;
use super::{base64, escapes, hex, hidden, markup, mixed, rotated, slips, spaced, split};
use crate::finding::{Category, Via};
use crate::span::Span;

/// How many disguises one upon another are undone.
pub(crate) const DEPTH: usize = 3;
/// Derived bytes granted to each text, and to each of its bytes.
const WORK: (usize, usize) = (65_536, 6);
/// Longest word that is read as one.
const MAX_WORD: usize = 64;
/// Bytes before a place in which a disguise may begin that shows in it.
const BEFORE: usize = 16;
/// How far from what an outer disguise hid an inner one may begin.
const NEAR: usize = 32;
/// Disguises that personal data and secrets are not read through: undoing them makes letters of digits or signs, or words of what
/// belongs to different ones.
const WORDS_ONLY: Via = Via::LEETSPEAK.with(Via::CONFUSABLES).with(Via::SPACED_LETTERS).with(Via::SPLIT_WORDS);
/// Longest comment that personal data and secrets are looked for around.
pub(crate) const MAX_COMMENT: usize = 512;

/// What a text is searched for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sought {
    /// All that patterns know.
    Everything,
    /// Attacks, and what is to be kept from going out.
    Threats,
    /// Personal data and secrets.
    Data,
}

impl Sought {
    /// Whether what belongs to this category is among it.
    pub(crate) fn has(self, category: Category) -> bool {
        self == Self::Everything || category.is_threat() == (self == Self::Threats)
    }
}

/// A text derived from the one that is scanned, or from another such text.
pub(crate) struct Layer<'p> {
    derived: Derived,
    parent: Option<&'p Layer<'p>>,
    is_rotated: bool,
    /// What it is searched for.
    pub(crate) sought: Sought,
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

/// Calls `visit` with every text that can be read out of `text` and may hold what is sought. Whether that was done in full.
pub(crate) fn undo(text: &str, words: &Words, sought: Sought, visit: &mut dyn FnMut(&Layer<'_>)) -> bool {
    let work = WORK.0 + text.len().saturating_mul(WORK.1);
    let mut undoing = Undoing { words, visit, work, is_complete: true };
    undoing.undo(text, None, sought, DEPTH);
    undoing.is_complete
}

struct Undoing<'u> {
    words: &'u Words,
    visit: &'u mut dyn FnMut(&Layer<'_>),
    work: usize,
    is_complete: bool,
}

impl Undoing<'_> {
    fn undo(&mut self, text: &str, parent: Option<&Layer<'_>>, sought: Sought, depth: usize) {
        let words = (sought != Sought::Data).then_some(self.words);
        let places = look(text, words);
        if !places.is_empty() {
            self.undo_at(&places, text, parent, sought, depth);
        }
        if parent.is_none() && sought != Sought::Data {
            let derived = Derived::edited(text, &slips::edits(text));
            self.go_on(&Layer { derived, parent, is_rotated: false, sought: Sought::Threats }, depth);
        }
    }

    #[inline(never)]
    fn undo_at(&mut self, places: &[Place], text: &str, parent: Option<&Layer<'_>>, sought: Sought, depth: usize) {
        let words = (sought != Sought::Data).then_some(self.words);
        // What did not come out of a disguise has been looked at before.
        let is_new = |span: Span| parent.is_none_or(|parent| parent.is_changed(span));
        let read = edits(text, places, words, is_new);
        let mut go_on = |derived, sought, is_rotated| self.go_on(&Layer { derived, parent, is_rotated, sought }, depth);
        let is_ascii = text.is_ascii();
        if sought == Sought::Everything && read.iter().any(|edit| is_for_threats(edit, is_ascii)) {
            go_on(Derived::edited(text, &edits(text, places, None, is_new)), Sought::Data, false);
            go_on(Derived::edited(text, &read), Sought::Threats, false);
        } else {
            go_on(Derived::edited(text, &read), sought, false);
        }
        if let Some(words) = words.filter(|_| parent.is_none_or(|parent| !parent.is_rotated)) {
            go_on(rotated(text, places, words, is_new), Sought::Threats, true);
        }
        go_on(encoded(text, places, is_new), sought, false);
    }

    fn go_on(&mut self, layer: &Layer<'_>, depth: usize) {
        if layer.text().is_empty() {
            return;
        }
        let Some(work) = self.work.checked_sub(layer.text().len()) else {
            self.is_complete = false;
            return;
        };
        self.work = work;
        (self.visit)(layer);
        if depth > 1 {
            self.undo(layer.text(), Some(layer), layer.sought, depth - 1);
        }
    }
}

/// Where personal data and secrets may hide in a text.
#[derive(Default)]
pub(crate) struct Hideouts {
    /// What stands around characters that are written as something else, with these made plain.
    pub(crate) edited: Derived,
    /// Where something may be encoded.
    pub(crate) encoded: Vec<Span>,
}

/// Looks for those that may matter from `from` on.
pub(crate) fn hideouts(text: &str, from: usize) -> Hideouts {
    let near = (0..=from.saturating_sub(2 * BLOCK) / BLOCK).rev().map(|block| block * BLOCK);
    let near = near.into_iter().find_map(|start| text.get(start..)).unwrap_or(text);
    if look(near, None).is_empty() {
        return Hideouts::default();
    }
    let places = look(text, None);
    let has_encoded = !encoded(text, &places, |_| true).text().is_empty();
    let is_encoded = |place: &&Place| has_encoded && (place.is_encoded || place.is_smuggled);
    Hideouts {
        edited: Derived::edited(text, &edits(text, &places, None, |_| true)),
        encoded: places.iter().filter(is_encoded).map(|place| place.span).collect(),
    }
}

/// Whether personal data and secrets are not read so. Leetspeak that came to nothing has kept other characters of its word from
/// being read, if there are any above ASCII.
fn is_for_threats(edit: &Edit, is_ascii: bool) -> bool {
    let is_long_comment = edit.via.has(Via::HTML_COMMENTS) && edit.source.len() > MAX_COMMENT;
    edit.via.has(WORDS_ONLY) || is_long_comment || edit.via.is_empty() && !is_ascii
}

/// How the characters at these places are read; without `words` as data may be read. What is not new is not to be read.
fn edits(text: &str, places: &[Place], words: Option<&Words>, is_new: impl Fn(Span) -> bool) -> Vec<Edit> {
    let mut reader = Reader::new(text, words);
    places.iter().filter(|place| place.has_edits).for_each(|place| reader.read_place(place.span));
    reader.finish(is_new)
}

/// What is in rot13 at these places.
fn rotated(text: &str, places: &[Place], words: &Words, is_new: impl Fn(Span) -> bool) -> Derived {
    let (mut rotated, mut done) = (Derived::default(), 0);
    for place in places.iter().filter(|place| place.is_rotated && is_new(place.span)) {
        done = rotated::decode(text, place.span, done, words, &mut rotated);
    }
    rotated
}

/// What is encoded at these places.
fn encoded(text: &str, places: &[Place], is_new: impl Fn(Span) -> bool) -> Derived {
    let (mut encoded, mut smuggled, mut done) = (Derived::default(), Smuggled::default(), 0);
    let bytes = text.as_bytes();
    for place in places.iter().filter(|place| is_new(place.span)) {
        // What is decoded stands in the order of the text, so that what comes later changes nothing about it.
        smuggled.finish(place.span.start, &mut encoded);
        if place.is_encoded {
            let mut at = base64::start(bytes, place.span.start, done);
            while at < place.span.end {
                at = hex::decode(bytes, at, &mut encoded)
                    .unwrap_or_else(|| base64::decode(bytes, at, &mut encoded).max(at + 1));
            }
            done = at;
        }
        if place.is_smuggled {
            smuggled.read(text, place.span, &mut encoded);
        }
    }
    smuggled.finish(usize::MAX, &mut encoded);
    encoded
}

/// Reads characters that were written as something else.
struct Reader<'t> {
    text: &'t str,
    words: Option<&'t Words>,
    edits: Vec<Edit>,
    done: usize,
    leet: Leet,
    has_open_comment: bool,
}

impl<'t> Reader<'t> {
    fn new(text: &'t str, words: Option<&'t Words>) -> Self {
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
        let longest = if self.words.is_some() { usize::MAX } else { MAX_COMMENT };
        let comment = if is_comment { markup::comment(self.text.as_bytes(), at, longest) } else { None };
        self.has_open_comment |= is_comment && comment.is_none() && self.words.is_some();
        comment
    }

    /// Reads the word at `start`; where to go on.
    fn word(&mut self, start: usize) -> usize {
        let (text, bytes) = (self.text, self.text.as_bytes());
        let mut len = count(bytes, start, MAX_WORD, is_word);
        let is_blank = |at: &usize| bytes.get(*at) == Some(&b'+') && escapes::plus(bytes, *at).is_some();
        if let Some(plus) = (start..start + len).find(is_blank) {
            len = plus - start;
        }
        let word = Span { start, end: text.floor_char_boundary(start + len).max(start + 1) };
        let Some(words) = self.words else {
            self.hidden(word);
            return word.end;
        };
        let is_plain = count(bytes, start, len, chars::is_letter) == len;
        if !is_plain && self.leet.read(text, word, words, &mut self.edits) {
            self.hidden(word);
            return word.end;
        }
        // What begins with a sign may be letters between signs: `|i|g|n|`.
        if count(bytes, start, 1, chars::is_word) == 0 {
            return start + 1;
        }
        let first = char_at(text, start).map_or(1, char::len_utf8);
        if count(bytes, start + first, 1, chars::is_word) == 0
            && let Some(end) = spaced::read(text, start, words, &mut self.edits)
        {
            return end;
        }
        self.hidden(word);
        if is_plain && let Some(end) = split::join(text, (start, word.end), words, &mut self.edits) {
            return end;
        }
        word.end
    }

    /// Reads the characters of a word that hide something.
    fn hidden(&mut self, word: Span) {
        let has_latin = self.words.is_some() && word.of(self.text.as_bytes()).iter().any(u8::is_ascii_alphabetic);
        let mut at = word.start;
        while let Some(c) = char_at(self.text, at).filter(|_| at < word.end) {
            if !c.is_ascii() && self.edits.last().is_none_or(|edit| edit.source.end <= at) {
                let mixed = || mixed::read(at, c).filter(|_| has_latin);
                self.edits.extend(hidden::read(self.text, at, c).or_else(mixed));
            }
            at += c.len_utf8();
        }
    }
}

/// Whether a byte belongs to a word, taking leetspeak and all of Unicode into account.
fn is_word(byte: u8) -> bool {
    chars::is_word(byte) || !meanings(byte).is_empty()
}
