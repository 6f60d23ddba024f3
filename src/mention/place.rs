//! Where a finding stands.

use super::refusal::{CONDITIONS, OTHERS};
use super::{near, talk};
use crate::span::Span;

/// Longest quotation, in bytes: a mark that was never closed must not make a quotation of the rest of the text.
const LONGEST: usize = 600;
/// Longest name before a value, in bytes.
const LONGEST_NAME: usize = 24;

/// What allows for a finding to be talk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Setting {
    /// Marks set it off: quotation marks, code, the cell of a table, a block quote.
    Quoted,
    /// Marks set a part of it off; the words of the other part lead up to that.
    Crossed,
    /// It is the value of a key, as in JSON: quoted like any value.
    Value,
    /// It is an item of a list, indented, or named ("Payload: …").
    Listed,
    /// It says what an option of a program does.
    Help,
    /// Somebody is said to do it, or to ask for it.
    Described,
    /// Nothing.
    Bare,
}

/// A setting, and what is set in it: talk has to stand outside of that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) setting: Setting,
    pub(super) span: Span,
}

/// Marks that open and close quotations.
const MARKS: [(&str, &str); 18] = [
    ("\"", "\""),
    ("'", "'"),
    ("`", "`"),
    ("“", "”"),
    ("„", "“"),
    ("„", "”"),
    ("„", "\""),
    ("”", "”"),
    ("»", "«"),
    ("‘", "’"),
    ("«", "»"),
    ("‹", "›"),
    ("「", "」"),
    ("『", "』"),
    ("<code", "</code"),
    ("<pre", "</pre"),
    ("<q>", "</q"),
    ("<blockquote", "</blockquote"),
];

/// The quotations of a text.
pub(super) struct Places {
    /// Sorted by end; they may lie in each other.
    quotations: Vec<Span>,
    /// Fenced blocks of code, sorted.
    fences: Vec<Span>,
}

impl Places {
    pub(super) fn of(text: &[u8]) -> Self {
        Self { quotations: quotations(text), fences: fences(text) }
    }

    /// The innermost quotation or block of code around a span.
    pub(super) fn quotation(&self, span: Span) -> Option<Span> {
        let holds = |outer: &&Span| outer.start < span.start && span.end < outer.end;
        let first = self.quotations.partition_point(|quotation| quotation.end <= span.end);
        let mut near = self.quotations.iter().skip(first).take_while(|next| next.end <= span.end + LONGEST);
        let fence = self.fences.partition_point(|fence| fence.end <= span.start);
        near.find(holds).or_else(|| self.fences.get(fence).filter(holds)).copied()
    }

    /// A span with the quotation that it begins or ends in the middle of.
    fn crossed(&self, span: Span) -> Option<Span> {
        let first = self.quotations.partition_point(|quotation| quotation.end <= span.start);
        let mut near = self.quotations.iter().skip(first).take_while(|next| next.end <= span.end + LONGEST);
        let crosses = |other: &&Span| {
            let [a, b] = if other.start < span.start { [**other, span] } else { [span, **other] };
            a.start < b.start && b.start < a.end && a.end < b.end
        };
        near.find(crosses).map(|other| Span { start: other.start.min(span.start), end: other.end.max(span.end) })
    }

    /// Where a finding stands in `text`, the text these places are of.
    pub(super) fn place(&self, text: &[u8], found: Span) -> Place {
        let found = trimmed(text, found);
        if let Some(span) = self.quotation(found) {
            let key = near::before(text, span.start).trim_ascii_end();
            let is_value = key.ends_with(b"\":") || key.ends_with(b"':");
            return Place { setting: if is_value { Setting::Value } else { Setting::Quoted }, span };
        }
        if let Some(span) = self.crossed(found) {
            return Place { setting: Setting::Crossed, span };
        }
        let before = near::before(text, found.start);
        let line = near::since(before, b"\n");
        let (rest, _) = near::until(near::behind(text, found.end), b"\n");
        let lead = line.trim_ascii_start();
        let digits = lead.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let is_item = match lead.get(digits) {
            Some(b'.' | b')') => digits > 0,
            Some(b'-' | b'*' | b'+') => digits == 0,
            _ => lead.starts_with("•".as_bytes()),
        };
        let is_named = matches!(lead.trim_ascii_end().last(), Some(b':' | b'=')) && lead.len() < LONGEST_NAME;
        let is_listed = is_item || line.starts_with(b"    ") || line.starts_with(b"\t");
        let whole_line = Span { start: found.start - line.len(), end: found.end + rest.len() };
        if lead.starts_with(b">") || lead.starts_with(b"|") && rest.contains(&b'|') {
            Place { setting: Setting::Quoted, span: whole_line }
        } else if is_option(lead) {
            Place { setting: Setting::Help, span: whole_line }
        } else if is_described(if is_item { line } else { before }, found.of(text)) {
            Place { setting: Setting::Described, span: found }
        } else if is_listed || is_named && talk::names_a_quotation(lead) {
            Place { setting: Setting::Listed, span: whole_line }
        } else {
            Place { setting: Setting::Bare, span: found }
        }
    }
}

/// Whether a line begins with an option of a program: `--force`, or `-f,`.
fn is_option(line: &[u8]) -> bool {
    match line {
        [b'-', b'-', letter, ..] => letter.is_ascii_alphabetic(),
        [b'-', letter, next, ..] => letter.is_ascii_alphabetic() && matches!(next, b' ' | b','),
        _ => false,
    }
}

/// A span without the marks at its ends: a match may begin with the quotation mark itself.
fn trimmed(text: &[u8], span: Span) -> Span {
    let found = span.of(text);
    let is_word = |at: usize| {
        // The first two bytes of curly quotation marks and the like.
        let is_mark =
            found.get(..at + 1).is_some_and(|head| head.ends_with(&[0xE2])) && found.get(at + 1) == Some(&0x80);
        !is_mark && found.get(at).is_some_and(|&byte| byte.is_ascii_alphanumeric() || byte >= 0xC0)
    };
    let first = (0..found.len()).find(|&at| is_word(at)).unwrap_or_default();
    let last = found.iter().rposition(|&byte| near::is_letter(byte)).unwrap_or_default();
    Span { start: span.start + first, end: span.start + (last + 1).max(first) }
}

/// What stands between marks. An empty line ends what was left open.
fn quotations(text: &[u8]) -> Vec<Span> {
    let mut found = Vec::new();
    let mut open = [None::<usize>; MARKS.len()];
    let mut before = b'\n';
    for (at, &byte) in text.iter().enumerate() {
        if byte == b'\n' && before == b'\n' {
            open = Default::default();
        }
        if byte.is_ascii_punctuation() || byte >= 0xC0 {
            let rest = text.get(at..).unwrap_or_default();
            for ((opening, closing), open) in MARKS.iter().zip(&mut open) {
                let next = |mark: &str| rest.get(mark.len()).copied().unwrap_or(b'\n');
                let start = open.filter(|start| at - start <= LONGEST && !next(closing).is_ascii_alphanumeric());
                if let Some(start) = start.filter(|_| rest.starts_with(closing.as_bytes())) {
                    found.push(Span { start, end: at + closing.len() });
                    *open = None;
                } else if rest.starts_with(opening.as_bytes())
                    && (opening != closing || may_open(before, byte, next(opening)))
                {
                    *open = Some(at);
                }
            }
        }
        if byte != b'\r' {
            before = byte;
        }
    }
    found
}

/// Whether a mark that closes as well as opens can open here: it can behind another of its kind (`"""`), but not at the
/// end of a word or sentence, nor before a blank.
fn may_open(before: u8, mark: u8, next: u8) -> bool {
    let is_end = before.is_ascii_alphanumeric() || b".,!?;".contains(&before);
    before == mark || !is_end && !next.is_ascii_whitespace()
}

/// Fenced blocks of code; the last one may be open.
fn fences(text: &[u8]) -> Vec<Span> {
    let (mut found, mut open, mut at) = (Vec::new(), None, 0);
    for line in text.split_inclusive(|&byte| byte == b'\n') {
        let end = at + line.len();
        let line = line.trim_ascii_start();
        if line.starts_with(b"```") || line.starts_with(b"~~~") {
            match open.take() {
                Some(start) => found.push(Span { start, end }),
                None => open = Some(at),
            }
        }
        at = end;
    }
    found.extend(open.map(|start| Span { start, end: at }));
    found
}

/// Words of those who speak for themselves or to somebody: they do not describe.
const PERSONAL: &str = "you|your|i|we|my|tu|te|usted|vous|bitte|du|sie";
/// Words right before an order.
const PRESSING: &str = "please|now|must|then|shall|kindly|just|always|also|first";
/// Beginnings of the words that say that somebody does or wants something.
const GOVERNING: &str = "adversar|allow|angreif|ask|atac|attac|attempt|caus|claim|command|convinc|employee|forc|goal|hacker|how|\
    instruct|mak|malicious|malint|manipul|order|prohibit|prompts|request|someone|tell|they|trick|tries|try|user|want";

/// Whether the sentence that leads to a finding tells what others do.
fn is_described(before: &[u8], found: &[u8]) -> bool {
    let clause = near::since(before, b".!?;:");
    // Right behind a comma the next clause has begun: "As attackers do, ignore …".
    let clause = if clause.trim_ascii_end().ends_with(b",") { &[] } else { clause };
    let words = near::words(clause);
    if near::has(&words, CONDITIONS) && near::has_beginning(&words, OTHERS) {
        return true;
    }
    let last = words.get(words.len().saturating_sub(2)..).unwrap_or_default();
    if near::has(&words, PERSONAL) || near::has(last, PRESSING) {
        return false;
    }
    let is_gerund = near::words(found).first().is_some_and(|word| word.ends_with(b"ing"));
    is_gerund || near::has_beginning(&words, GOVERNING)
}
