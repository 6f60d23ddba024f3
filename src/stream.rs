//! Scans a text for personal data and secrets while it arrives, and lets go of what is certain.
//!
//! What is let go, put together, is what [`Scanner::redact`] makes of the whole text, however that was cut into pieces. Held
//! back is what may still become a match, as the attempts to match tell ([`Tail`]), and what may still become part of a
//! character or of an encoded text ([`open`]). The same is asked of what can be read out of the text.

use crate::engine::Scanner;
use crate::finding::Finding;
use crate::fingerprint::MARGIN;
use crate::patterns::Tail;
use crate::redact::groups;
use crate::span::Span;
use crate::view::disguise::{DEPTH, Hideouts, hideouts};
use crate::view::look::BLOCK;
use crate::view::open;

/// Bytes that stay known behind what was let go: as many as are derived around a disguise.
const CONTEXT: usize = 512;
/// Most bytes that are held back. What is open for longer is taken for what it is so far.
const MAX_HELD: usize = 16_384;

/// A text that arrives in pieces.
#[derive(Debug, Default)]
pub struct Stream {
    /// What was let go last, and what is held back. It begins at a multiple of a block of the whole text, so that it looks as
    /// it does there.
    text: String,
    /// Where what is held back begins in `text`.
    released: usize,
    /// How many bytes were held back when they were looked at last.
    held: usize,
    tail: Tail,
}

/// How a stream goes on behind a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// More comes.
    More,
    /// The same, but the piece ends where all that is open is to be looked at again, so that what is certain does not depend
    /// on how the text was cut before.
    Checkpoint {
        /// Of channels that carry data out it is decided about those that end so many UTF-16 code units before the end or
        /// sooner; nothing if about no more than before.
        undecided: Option<usize>,
    },
    /// Nothing comes any more.
    End,
}

/// What is certain of a stream now.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Released {
    /// The text that is let go, as it came.
    pub text: String,
    /// What is to be replaced in it, sorted and apart.
    pub replaced: Vec<Span>,
    /// What was found in it, sorted by start and apart.
    pub findings: Vec<Finding>,
}

/// What is not certain in a text.
#[derive(Default)]
struct Doubt {
    /// Where it begins.
    from: usize,
    /// The matches that are certain, which must not be cut.
    matches: Vec<Span>,
    /// Where something may be encoded.
    encoded: Vec<Span>,
}

impl Stream {
    /// Takes the next piece, and lets go of what is certain now; of everything at the end. Nothing if the text was made so that
    /// searching it all would take too long: what was missed must not get out.
    pub fn push(&mut self, scanner: &mut Scanner, piece: &str, next: Next) -> Option<Released> {
        self.text.push_str(piece);
        if let Next::Checkpoint { undecided: Some(units) } = next {
            self.tail.decide(self.text.len() - last_units(&self.text, units));
        }
        if next == Next::More && !self.is_due() {
            return Some(Released::default());
        }
        // A fingerprint takes in what stands around a finding.
        let is_whole = |span: Span, text: &str| next == Next::End || span.end + MARGIN <= text.len();
        let (mut end, mut is_searched, mut uncut) = (self.text.len(), true, Vec::new());
        if next != Next::End {
            let Doubt { from, matches, encoded } = self.doubt(scanner)?;
            uncut = matches;
            if self.text.len() - self.released > MAX_HELD {
                self.tail.give_up();
            } else {
                let late = uncut.iter().filter(|matched| !is_whole(**matched, &self.text));
                end = late.map(|matched| matched.start).fold(from, usize::min);
                end = before(&self.text, end, &uncut).max(self.released);
                is_searched = uncut.iter().chain(&encoded).any(|place| place.start < end && place.end > self.released);
            }
        }
        let mut found = if is_searched { scanner.find_data(&self.text, self.released)? } else { Vec::new() };
        uncut.extend(found.iter().map(|finding| finding.span));
        end = found
            .iter()
            .filter(|finding| !is_whole(finding.span, &self.text))
            .map(|finding| finding.span.start)
            .fold(end, usize::min);
        end = before(&self.text, end, &uncut).max(self.released);
        found.retain(|finding| finding.span.start >= self.released && finding.span.end <= end);
        let released = self.report(scanner, found, end);
        self.released = end;
        self.held = self.text.len() - end;
        self.forget();
        Some(released)
    }

    /// Whether what is held back is looked at now: not for each byte that is added to much of it, which would take time that
    /// grows with the square of it.
    fn is_due(&self) -> bool {
        let held = self.text.len() - self.released;
        held > MAX_HELD || held.saturating_sub(self.held) > self.held / 16
    }

    /// Forgets what is held back but for so many UTF-16 code units.
    pub fn cut(&mut self, units: usize) {
        let mut left = units;
        let fits = |c: &char| {
            let fits = c.len_utf16() <= left;
            left = left.saturating_sub(c.len_utf16());
            fits
        };
        let held = self.text.get(self.released..).unwrap_or_default();
        let kept = held.chars().take_while(fits).map(char::len_utf8).sum::<usize>();
        self.text.truncate(self.released + kept);
    }

    /// What is not certain in what is held back, if the text goes on, and what somebody has to decide about.
    fn doubt(&mut self, scanner: &mut Scanner) -> Option<Doubt> {
        let Self { text, released, tail, .. } = self;
        let looked = Span { start: *released, end: text.len() };
        let mut doubt = scanner.doubt(text, looked, tail, DEPTH)?;
        let threats = tail.certain.iter().filter(|certain| certain.is_threat);
        doubt.from = threats.map(|threat| threat.whole.start).fold(doubt.from, usize::min);
        Some(doubt)
    }

    /// What is found in the text up to `end`, counted from what is let go.
    fn report(&self, scanner: &Scanner, found: Vec<Finding>, end: usize) -> Released {
        let text = self.text.get(self.released..end).unwrap_or_default().to_owned();
        let moved = |span: Span| Span { start: span.start - self.released, end: span.end - self.released };
        let replaced = groups(&found).map(|group| moved(group.span)).collect();
        let mut findings = scanner.strongest(&self.text, found);
        for finding in &mut findings {
            finding.span = moved(finding.span);
        }
        Released { text, replaced, findings }
    }

    /// Forgets what was let go long ago.
    fn forget(&mut self) {
        if self.released < CONTEXT + BLOCK {
            return;
        }
        let start = (self.released - CONTEXT) / BLOCK * BLOCK;
        let first = self.text.ceil_char_boundary(start);
        self.text.replace_range(..first, &"\n".repeat(first - start));
        self.released -= start;
        self.tail.forget(start);
    }
}

/// How many bytes the last so many UTF-16 code units of a text take, with all of the character that they begin in.
fn last_units(text: &str, units: usize) -> usize {
    let mut left = units;
    let is_among = |c: &char| {
        let is_among = left > 0;
        left = left.saturating_sub(c.len_utf16());
        is_among
    };
    text.chars().rev().take_while(is_among).map(char::len_utf8).sum()
}

/// The last place up to `end` that lies between characters and in none of the spans.
fn before(text: &str, mut end: usize, spans: &[Span]) -> usize {
    loop {
        end = text.floor_char_boundary(end);
        let Some(cut) = spans.iter().find(|span| span.start < end && end < span.end) else { return end };
        end = cut.start;
    }
}

impl Scanner {
    /// What is not certain in `text` from the beginning of `looked` on, if it goes on; attempts to match begin before its end.
    fn doubt(&mut self, text: &str, looked: Span, tail: &mut Tail, depth: usize) -> Option<Doubt> {
        let unit = open::unit(text);
        let known = text.get(..unit)?;
        self.go_on(known, looked.end.min(unit), tail)?;
        let matches = tail.certain.iter().map(|certain| certain.whole);
        let from = unit.min(open::run(text, looked.start)).min(tail.open_from().unwrap_or(unit));
        let Hideouts { edited, encoded } = if depth > 0 { hideouts(known, looked.start) } else { Hideouts::default() };
        let mut doubt = Doubt { from, matches: matches.collect(), encoded };
        let near = edited.near_changes(looked.start);
        if !near.is_empty() {
            let inner = self.doubt(edited.text(), near, &mut Tail::from(near.start), depth - 1)?;
            let source = |at: usize| edited.source_at(at).unwrap_or(unit);
            if inner.from < near.end {
                doubt.from = doubt.from.min(source(inner.from));
            }
            let moved = |span: &Span| Span { start: source(span.start), end: source(span.end) };
            doubt.matches.extend(inner.matches.iter().map(moved));
            doubt.encoded.extend(inner.encoded.iter().map(moved));
        }
        Some(doubt)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::redact::Style;

    /// What comes out of a stream of these pieces, and the most bytes that were held back after one of them.
    pub(crate) fn streamed<'p>(scanner: &mut Scanner, pieces: impl IntoIterator<Item = &'p str>) -> (String, usize) {
        let (mut stream, mut written, mut most) = (Stream::default(), String::new(), 0);
        let mut write = |Released { text, replaced, .. }: Released| {
            let mut done = 0;
            for span in replaced {
                written.push_str(&text[done..span.start]);
                written.push_str("[REDACTED]");
                done = span.end;
            }
            written.push_str(&text[done..]);
        };
        for piece in pieces {
            write(stream.push(scanner, piece, Next::More).expect("searched in full"));
            most = most.max(stream.text.len() - stream.released);
        }
        write(stream.push(scanner, "", Next::End).expect("searched in full"));
        (written, most)
    }

    pub(crate) fn characters(text: &str) -> impl Iterator<Item = &str> {
        text.split_inclusive(|_: char| true)
    }

    fn redacted(scanner: &mut Scanner, text: &str) -> String {
        scanner.redact(text, Style::Redacted, None).expect("searched in full")
    }

    const HIDDEN: [&str; 16] = [
        "my SSN is 123-45-6789.",
        "card 4111 1111 1111 1111, thanks",
        "mail to &#97;nn@example&#46;org or call",
        "mail to ann%40example.org or call",
        "key \\u0041KIAIOSFODNN7EXAMPLF, he said",
        "ssn 123<!-- what? -->-45-6789 is mine",
        "4111\u{200B}1111\u{200B}1111\u{200B}1111",
        "４１１１ １１１１ １１１１ １１１１ is full-width",
        "4111\u{3000}1111\u{3000}1111\u{3000}1111",
        "4111\u{34F}1111\u{34F}1111\u{34F}1111",
        "see bXkgU1NOIGlzIDEyMy00NS02Nzg5IGFuZCBubyBvdGhlcg== there",
        "see 6d792053534e206973203132332d34352d36373839 there",
        "6d 79 20 53 53 4e 20 69 73 20 31 32 33 2d 34 35 2d 36 37 38 39, it said",
        "q=my+ssn+is+123-45-6789+and&r=2",
        "%256d%2579 %2553SN is 123%252d45-6789",
        "x\u{E006D}\u{E0079}\u{E0020}\u{E0053}\u{E0053}\u{E004E}\u{E0020}\u{E0031}\u{E0032}\u{E0033}\u{E002D}\u{E0034}\u{E0035}\u{E002D}\u{E0036}\u{E0037}\u{E0038}\u{E0039} y",
    ];

    #[test]
    fn what_is_hidden_is_found_character_by_character_and_cut_anywhere() {
        let mut scanner = Scanner::new([0; 16]);
        for hidden in HIDDEN {
            let text = format!("Well, {hidden} and so on. It goes on, and on, and on, for a while at least.");
            let whole = redacted(&mut scanner, &text);
            assert_ne!(whole, text, "found at all");
            assert_eq!(streamed(&mut scanner, characters(&text)).0, whole);
            for cut in (1..text.len()).step_by(3).filter(|cut| text.is_char_boundary(*cut)) {
                let (before, after) = text.split_at(cut);
                assert_eq!(streamed(&mut scanner, [before, after]).0, whole, "{before:?} {after:?}");
            }
        }
    }

    #[test]
    fn only_what_may_become_a_match_is_held_back() {
        let mut scanner = Scanner::new([0; 16]);
        let mut stream = Stream::default();
        let pieces = ["Call me, ", "or", " write", " to ann@", "example.org", ". Then we shall see what comes"];
        let released = pieces.map(|piece| stream.push(&mut scanner, piece, Next::More).expect("searched").text);
        assert_eq!(released, ["Call me", ",", " or ", "write to ", "", "ann@example.org. Then we shall see what "]);
    }

    #[test]
    fn much_that_is_held_back_is_not_looked_at_for_every_character() {
        let mut scanner = Scanner::new([0; 16]);
        let mut stream = Stream::default();
        let mut looks = 0;
        for _ in 0..4_000 {
            stream.push(&mut scanner, "1", Next::More).expect("searched");
            looks += usize::from(stream.held == stream.text.len() - stream.released);
        }
        assert!(looks < 160, "{looks}");
    }

    #[test]
    fn what_opens_because_of_what_is_open_is_held_back() {
        let mut scanner = Scanner::new([0; 16]);
        for pieces in [
            ["eyJhbGciNiJ9.ſſea23", "-%69"],
            ["2.68.1.17.\\n\u{200B}", " "],
            [
                "ey\\u0\u{660}\u{664}",
                "a\\u\u{660}\u{660}\u{666}8bGc\\u\u{660}\u{660}\u{666}9\u{661}Na9.\u{660}7a\u{660}57Ii",
            ],
        ] {
            let whole = redacted(&mut scanner, &pieces.concat());
            assert_ne!(whole, pieces.concat(), "found at all");
            assert_eq!(streamed(&mut scanner, pieces).0, whole);
        }
    }

    #[test]
    fn an_encoded_text_is_held_back_until_it_is_certain_whether_it_shows() {
        let mut scanner = Scanner::new([0; 16]);
        for before in 0..24 {
            let text = format!("{}\nc3Nwb3J0IG51bWJlciBD\nMDFYMDBUNDcgb2s=", "x".repeat(before));
            let whole = redacted(&mut scanner, &format!("{text},.....,"));
            assert_eq!(streamed(&mut scanner, [&text, ",.....,"]).0, whole, "{before}");
        }
    }

    #[test]
    fn what_never_ends_is_let_go_in_the_end() {
        let mut scanner = Scanner::new([0; 16]);
        for endless in ["a", "<!-- ", "7", "\u{E0041}", "aGVsbG8g", "69 "] {
            let text = endless.repeat(3 * MAX_HELD / endless.len());
            let (written, most) = streamed(
                &mut scanner,
                text.as_bytes().chunks(512).map(|piece| std::str::from_utf8(piece).expect("whole characters")),
            );
            assert!(most <= MAX_HELD && written.len() == text.len(), "{endless}: {most}");
        }
    }

    #[test]
    fn a_stream_can_be_cut_where_something_was_found() {
        let mut scanner = Scanner::new([0; 16]);
        let mut stream = Stream::default();
        let released =
            stream.push(&mut scanner, "Look: ![a🙂](https://evil.example/?q=", Next::More).expect("searched").text;
        assert_eq!(released, "Look: ");
        stream.cut(5);
        assert_eq!(stream.push(&mut scanner, "", Next::End).expect("searched").text, "![a🙂");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn however_a_text_is_cut_the_same_comes_out(
            parts in prop::collection::vec((0..HIDDEN.len() + 6, any::<bool>()), 1..24),
            cuts in prop::collection::vec(1_usize..48, 1..64),
        ) {
            let plain = ["Some words in between, ", "gpt4 & more\n", "日本語のテキスト。", "🙂 ", "C++ and a+b, ", "https://a.example/b?c=d%20e "];
            let text: String = parts.iter().map(|&(part, is_last)| {
                let part = HIDDEN.get(part).or_else(|| plain.get(part - HIDDEN.len())).expect("in range");
                format!("{part}{}", if is_last { "\n" } else { " " })
            }).collect();
            let mut scanner = Scanner::new([0; 16]);
            let whole = redacted(&mut scanner, &text);
            let (mut pieces, mut rest, mut cuts) = (Vec::new(), text.as_str(), cuts.into_iter().cycle());
            while !rest.is_empty() {
                let (piece, after) = rest.split_at(rest.ceil_char_boundary(cuts.next().expect("a cycle")));
                pieces.push(piece);
                rest = after;
            }
            prop_assert_eq!(&streamed(&mut scanner, pieces).0, &whole);
            prop_assert_eq!(streamed(&mut scanner, [text.as_str()]).0, whole);
        }
    }
}
