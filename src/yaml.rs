//! A strict reader for the small YAML documents people write for us.
//!
//! It accepts maps, lists and scalars and remembers where each began. Anchors, aliases, tags, duplicate keys, several
//! documents, more than 256 kB, more than 32 levels and more than 1,000 keys in one map are errors, so that a document can
//! neither surprise its reader nor exhaust the machine.

use saphyr_parser::{Event, Parser, ScalarStyle, Span as Marks};

use crate::error::{Error, Position, did_you_mean, quoted};

const MAX_BYTES: usize = 256 * 1024;
const MAX_DEPTH: usize = 32;
const MAX_KEYS: usize = 1_000;
/// Largest number, so that sums of some do not overflow when they are counted in millionths.
const MAX_NUMBER: u64 = 1_000_000_000_000;

/// A value and the place where it begins.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) position: Position,
    pub(crate) value: Value,
}

/// What a node holds.
#[derive(Debug)]
pub(crate) enum Value {
    /// A quoted or block scalar, or a plain one that is no other type.
    Text(String),
    /// A plain scalar that the core schema reads as a number, a boolean or null.
    Other(String),
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// One key of a map with its value.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) position: Position,
    pub(crate) node: Node,
}

impl Node {
    fn describe(&self) -> &'static str {
        match self.value {
            Value::Text(_) => "text",
            Value::Other(_) => "a number, boolean or null",
            Value::List(_) => "a list",
            Value::Map(_) => "a map",
        }
    }

    fn expected(&self, what: &str) -> Error {
        self.refused(format!("expected {what}, found {}", self.describe()))
    }

    /// An error at this node.
    pub(crate) fn refused(&self, message: impl Into<String>) -> Error {
        Error::at(self.position, message)
    }

    /// The text of a scalar that is not a number, boolean or null.
    pub(crate) fn text(&self) -> Result<&str, Error> {
        match &self.value {
            Value::Text(text) => Ok(text),
            Value::Other(_) => Err(self.expected("text (in quotes)")),
            _ => Err(self.expected("text")),
        }
    }

    /// A decimal number, in millionths. (The standard library's floats weigh 8 kB in the wasm.)
    pub(crate) fn millionths(&self) -> Result<i64, Error> {
        let Value::Other(text) = &self.value else { return Err(self.expected("a number")) };
        let millionths = millionths(text)
            .ok_or_else(|| self.refused(format!("{} is no decimal number of at most six places", quoted(text))))?;
        if millionths.unsigned_abs() > MAX_NUMBER * 1_000_000 {
            return Err(self.refused(format!("{} is beyond {MAX_NUMBER}", quoted(text))));
        }
        Ok(millionths)
    }

    /// A whole number from `min` on.
    pub(crate) fn integer_from(&self, min: u32) -> Result<u32, Error> {
        let Value::Other(text) = &self.value else { return Err(self.expected("a whole number")) };
        text.parse()
            .ok()
            .filter(|number| *number >= min)
            .ok_or_else(|| self.refused(format!("{} is no whole number from {min} to {}", quoted(text), u32::MAX)))
    }

    /// `true` or `false`.
    pub(crate) fn boolean(&self) -> Result<bool, Error> {
        match &self.value {
            Value::Other(text) if text.eq_ignore_ascii_case("true") => Ok(true),
            Value::Other(text) if text.eq_ignore_ascii_case("false") => Ok(false),
            Value::Other(text) => Err(self.refused(format!("expected `true` or `false`, found {}", quoted(text)))),
            _ => Err(self.expected("`true` or `false`")),
        }
    }

    /// The value whose name the node holds.
    pub(crate) fn choice<T: Copy>(&self, all: &[T], name: impl Fn(T) -> &'static str) -> Result<T, Error> {
        let text = self.text()?;
        all.iter().copied().find(|&value| name(value) == text).ok_or_else(|| {
            let names: Vec<_> = all.iter().map(|&value| name(value)).collect();
            let hint = did_you_mean(text, names.iter().copied());
            self.refused(format!("{} is not one of {}{hint}", quoted(text), names.join(", ")))
        })
    }

    /// The texts of a list.
    pub(crate) fn texts(&self) -> Result<Vec<String>, Error> {
        self.list()?.iter().map(|node| node.text().map(str::to_owned)).collect()
    }

    /// The nodes of a list.
    pub(crate) fn list(&self) -> Result<&[Node], Error> {
        match &self.value {
            Value::List(nodes) => Ok(nodes),
            _ => Err(self.expected("a list")),
        }
    }

    /// The entries of a map.
    pub(crate) fn map(&self) -> Result<&[Entry], Error> {
        match &self.value {
            Value::Map(entries) => Ok(entries),
            _ => Err(self.expected("a map")),
        }
    }

    /// A map that may only have the given keys.
    pub(crate) fn map_with(&self, known: &[&str]) -> Result<Map<'_>, Error> {
        let map = Map { node: self, entries: self.map()? };
        match map.entries.iter().find(|entry| !known.contains(&entry.key.as_str())) {
            Some(Entry { key, position, .. }) => {
                let hint = did_you_mean(key, known.iter().copied());
                Err(Error::at(*position, format!("unknown key {}{hint}", quoted(key))))
            }
            None => Ok(map),
        }
    }
}

/// A map that is read key by key.
#[derive(Clone, Copy)]
pub(crate) struct Map<'d> {
    node: &'d Node,
    pub(crate) entries: &'d [Entry],
}

impl<'d> Map<'d> {
    pub(crate) fn optional(&self, key: &str) -> Option<&'d Node> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.node)
    }

    pub(crate) fn required(&self, key: &str) -> Result<&'d Node, Error> {
        self.optional(key).ok_or_else(|| self.node.refused(format!("missing key `{key}`")))
    }
}

/// The largest or smallest there is for what is larger or smaller.
fn millionths(text: &str) -> Option<i64> {
    let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_decimal = |digits: &str| digits.bytes().all(|b| b.is_ascii_digit());
    if whole.len() + fraction.len() == 0 || fraction.len() > 6 || !is_decimal(whole) || !is_decimal(fraction) {
        return None;
    }
    let digits = [whole, fraction, "000000".get(fraction.len()..)?].concat();
    Some(sign * digits.parse::<i64>().unwrap_or(i64::MAX))
}

/// Reads the one document in `source`.
pub(crate) fn parse(source: &str) -> Result<Node, Error> {
    if source.len() > MAX_BYTES {
        return Err(Error::new(format!("document is larger than {MAX_BYTES} bytes")));
    }
    let mut reader = Reader { parser: Parser::new_from_str(source) };
    let (mut event, mut position) = reader.next()?;
    while matches!(event, Event::StreamStart | Event::DocumentStart(_) | Event::Nothing) {
        (event, position) = reader.next()?;
    }
    if matches!(event, Event::StreamEnd) {
        return Err(Error::new("document is empty"));
    }
    let node = reader.node(event, position, 0)?;
    loop {
        match reader.next()? {
            (Event::StreamEnd, _) => return Ok(node),
            (Event::DocumentEnd | Event::Nothing, _) => {}
            (_, position) => return Err(Error::at(position, "more than one document")),
        }
    }
}

struct Reader<'s> {
    parser: Parser<'s, saphyr_parser::StrInput<'s>>,
}

impl<'s> Reader<'s> {
    fn next(&mut self) -> Result<(Event<'s>, Position), Error> {
        match self.parser.next_event() {
            Some(Ok((event, marks))) => Ok((event, start(marks))),
            Some(Err(error)) => {
                let marker = error.marker();
                let position = Position { line: marker.line(), column: marker.col() + 1 };
                Err(Error::at(position, format!("not valid YAML: {}", error.info())))
            }
            None => Err(Error::new("document ends too early")),
        }
    }

    fn node(&mut self, event: Event<'s>, position: Position, depth: usize) -> Result<Node, Error> {
        if depth > MAX_DEPTH {
            return Err(Error::at(position, format!("nested deeper than {MAX_DEPTH} levels")));
        }
        let value = match event {
            Event::Alias(_) => return Err(Error::at(position, "aliases are not allowed")),
            Event::Scalar(_, _, anchor, _) | Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _)
                if anchor > 0 =>
            {
                return Err(Error::at(position, "anchors are not allowed"));
            }
            Event::Scalar(_, _, _, Some(_)) | Event::SequenceStart(_, Some(_)) | Event::MappingStart(_, Some(_)) => {
                return Err(Error::at(position, "tags are not allowed"));
            }
            Event::Scalar(text, style, ..) => scalar(text.into_owned(), style),
            Event::SequenceStart(..) => self.sequence(depth)?,
            Event::MappingStart(..) => self.mapping(depth)?,
            _ => return Err(Error::at(position, "expected a value")),
        };
        Ok(Node { position, value })
    }

    fn sequence(&mut self, depth: usize) -> Result<Value, Error> {
        let mut nodes = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Value::List(nodes)),
                (event, position) => nodes.push(self.node(event, position, depth + 1)?),
            }
        }
    }

    fn mapping(&mut self, depth: usize) -> Result<Value, Error> {
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let key = match self.next()? {
                (Event::MappingEnd, _) => return Ok(Value::Map(entries)),
                (event, position) => self.node(event, position, depth + 1)?,
            };
            let position = key.position;
            let key = key.text()?.to_owned();
            if entries.iter().any(|entry| entry.key == key) {
                return Err(Error::at(position, format!("duplicate key {}", quoted(&key))));
            }
            if entries.len() == MAX_KEYS {
                return Err(Error::at(position, format!("more than {MAX_KEYS} keys in one map")));
            }
            let (event, start) = self.next()?;
            let node = self.node(event, start, depth + 1)?;
            entries.push(Entry { key, position, node });
        }
    }
}

fn start(marks: Marks) -> Position {
    Position { line: marks.start.line(), column: marks.start.col() + 1 }
}

fn scalar(text: String, style: ScalarStyle) -> Value {
    let special = ["", "~", "null", "Null", "NULL", "true", "True", "TRUE", "false", "False", "FALSE"];
    let plain = style == ScalarStyle::Plain;
    if plain && (special.contains(&text.as_str()) || is_number(&text)) { Value::Other(text) } else { Value::Text(text) }
}

/// Whether the core schema reads a number in it; not each of them is one that we take.
fn is_number(text: &str) -> bool {
    let is_of = |digits: &str, radix: u32| !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix));
    if let Some(digits) = text.strip_prefix("0x") {
        return is_of(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return is_of(digits, 8);
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    [".inf", ".Inf", ".INF"].contains(&unsigned)
        || [".nan", ".NaN", ".NAN"].contains(&text)
        || text.bytes().any(|b| b.is_ascii_digit()) && text.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(source: &str) -> String {
        parse(source).map(|_| ()).expect_err("must be refused").to_string()
    }

    #[test]
    fn refuses_what_could_surprise_or_exhaust() {
        assert_eq!(error(""), "document is empty");
        assert_eq!(error("a: 1\na: 2\n"), "line 2, column 1: duplicate key `a`");
        assert_eq!(error("a: &x 1\nb: *x\n"), "line 1, column 4: anchors are not allowed");
        assert_eq!(error("a: !!str 1\n"), "line 1, column 4: tags are not allowed");
        assert_eq!(error("a: 1\n---\nb: 2\n"), "line 2, column 1: more than one document");
        let deep = "[".repeat(100);
        assert_eq!(error(&deep), "line 1, column 34: nested deeper than 32 levels");
        let large = "#".repeat(MAX_BYTES + 1);
        assert_eq!(error(&large), "document is larger than 262144 bytes");
        let keys: String = (0..=MAX_KEYS).map(|key| format!("k{key}: 1\n")).collect();
        assert_eq!(error(&keys), "line 1001, column 1: more than 1000 keys in one map");
    }

    #[test]
    fn tells_text_from_numbers() {
        let node = parse("a: x\nb: 1.5\nc: '1.5'\nd: null\n").expect("valid");
        let entries = node.map().expect("a map");
        assert_eq!(entries[0].node.text(), Ok("x"));
        assert_eq!(entries[1].node.millionths(), Ok(1_500_000));
        assert_eq!(entries[2].node.text(), Ok("1.5"));
        let wrong = entries[3].node.text().expect_err("null is no text").to_string();
        assert_eq!(wrong, "line 4, column 4: expected text (in quotes), found a number, boolean or null");
        for (source, is_text) in [
            ("0x1F", false),
            ("0o17", false),
            ("-.inf", false),
            (".NaN", false),
            ("+1", false),
            (".5e3", false),
            ("0x", true),
            ("0o8", true),
            ("inf", true),
            ("1_000", true),
            ("1.0.0", true),
        ] {
            assert_eq!(parse(source).expect("valid").text().is_ok(), is_text, "{source}");
        }
    }

    #[test]
    fn numbers_are_bounded() {
        let number = |source: &str| parse(source).expect("valid").millionths().map_err(|error| error.to_string());
        assert_eq!(number("-1000000000000"), Ok(-1_000_000_000_000_000_000));
        for source in ["1000000000000.000001", "-1000000000001", "99999999999999999999999"] {
            assert_eq!(number(source), Err(format!("line 1, column 1: `{source}` is beyond 1000000000000")));
        }
    }
}
