//! From the regular expression of a pattern file to the syntax tree that the compiler works on.

use std::collections::BTreeMap;
use std::fmt::Write;

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Hir, HirKind};

use crate::error::Error;
use crate::patterns::tables::Reads;
use crate::view::table::{FoldTable, Reading};

/// Named parts that patterns share, written `(?&name)`.
pub(crate) type Fragments = BTreeMap<String, String>;

/// Longest match that a pattern may have, in bytes.
pub(crate) const MAX_MATCH_BYTES: usize = 10_000;
const MAX_FRAGMENT_DEPTH: usize = 8;

/// Reads the fragments file: a map from names to regular expressions.
pub(crate) fn read_fragments(source: &str) -> Result<Fragments, Error> {
    let document = crate::yaml::parse(source)?;
    document.map()?.iter().map(|entry| Ok((entry.key.clone(), entry.node.text()?.to_owned()))).collect()
}

/// The pattern with its fragments put in and, if it reads the folded view, its letters folded: the regular expression
/// that an ordinary engine, set to verbose and not to Unicode, matches alike.
pub(crate) fn expand(
    pattern: &str,
    reads: Reads,
    fragments: &Fragments,
    table: &FoldTable<'_>,
) -> Result<String, Error> {
    let whole = insert(pattern, fragments, 0)?;
    match reads {
        Reads::Original => Ok(whole),
        Reads::Folded => fold_letters(&whole, table),
    }
}

fn insert(pattern: &str, fragments: &Fragments, depth: usize) -> Result<String, Error> {
    if depth > MAX_FRAGMENT_DEPTH {
        return Err(Error::new("fragments are nested too deep"));
    }
    let mut whole = String::new();
    let mut parts = pattern.split("(?&");
    whole.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (name, rest) = part.split_once(')').ok_or_else(|| Error::new("`(?&` without `)`"))?;
        let fragment = fragments.get(name).ok_or_else(|| Error::new(format!("unknown fragment `{name}`")))?;
        // The line break ends a comment that the fragment may end with.
        let _ = write!(whole, "(?:{}\n){rest}", insert(fragment, fragments, depth + 1)?);
    }
    Ok(whole)
}

fn fold_letters(pattern: &str, table: &FoldTable<'_>) -> Result<String, Error> {
    let mut folded = String::new();
    for c in pattern.chars() {
        match if c.is_ascii() { Reading::Same } else { table.read(c) } {
            Reading::Same => folded.push(c),
            Reading::Nothing(_) => return Err(Error::new(format!("`{c}` is never in a folded text"))),
            Reading::Text(text, _) => {
                let text = regex_syntax::escape(&String::from_utf8_lossy(text)).replace(' ', "\\x20");
                let _ = if text.chars().count() == 1 { write!(folded, "{text}") } else { write!(folded, "(?:{text})") };
            }
        }
    }
    Ok(folded)
}

/// Parses an expanded pattern and checks the laws that keep matching linear and the folded view meaningful.
pub(crate) fn parse(expanded: &str, reads: Reads) -> Result<Hir, Error> {
    let mut parser = ParserBuilder::new().unicode(false).utf8(false).ignore_whitespace(true).build();
    let hir = parser.parse(expanded).map_err(|error| Error::new(format!("not a regular expression: {error}")))?;
    let properties = hir.properties();
    match properties.maximum_len() {
        None => return Err(Error::new("unbounded repetition; write {0,30} instead of *")),
        Some(max) if max > MAX_MATCH_BYTES => {
            return Err(Error::new(format!("can match {max} bytes; at most {MAX_MATCH_BYTES} are allowed")));
        }
        Some(_) => {}
    }
    if properties.minimum_len().is_none_or(|min| min == 0) {
        return Err(Error::new("can match nothing at all"));
    }
    if properties.explicit_captures_len() > 1 {
        return Err(Error::new("more than one capture group; write (?:…) for the others"));
    }
    if reads == Reads::Folded
        && let Some(literal) = upper_case(&hir)
    {
        return Err(Error::new(format!("`{literal}` is never in a folded text; write lower case")));
    }
    Ok(hir)
}

/// A literal with an upper-case letter, if there is one.
fn upper_case(hir: &Hir) -> Option<String> {
    match hir.kind() {
        HirKind::Literal(literal) if literal.0.iter().any(u8::is_ascii_uppercase) => {
            Some(String::from_utf8_lossy(&literal.0).into_owned())
        }
        HirKind::Repetition(repetition) => upper_case(&repetition.sub),
        HirKind::Capture(capture) => upper_case(&capture.sub),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => parts.iter().find_map(upper_case),
        _ => None,
    }
}
