//! From the regular expression of a pattern file to the syntax tree that the compiler works on.

use std::fmt::Write;

use super::parse::{self, Dialect};
use crate::error::Error;
use crate::patterns::node::Node;
use crate::patterns::pattern::Reads;
use crate::patterns::program;
use crate::patterns::tables::{contains, set_of};
use crate::view::table::{FoldTable, Reading};

/// Named parts that patterns share, written `(?&name)`, each with its regular expression.
pub(crate) type Fragments = [(String, String)];

/// Longest match that a pattern may have, in bytes.
pub(crate) const MAX_MATCH_BYTES: usize = 10_000;
const MAX_FRAGMENT_DEPTH: usize = 8;

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
        let (_, fragment) = fragments
            .iter()
            .find(|(known, _)| known == name)
            .ok_or_else(|| Error::new(format!("unknown fragment `{name}`")))?;
        // The line break ends a comment that the fragment may end with.
        let _ = write!(whole, "(?:{}\n){rest}", insert(fragment, fragments, depth + 1)?);
    }
    Ok(whole)
}

fn fold_letters(pattern: &str, table: &FoldTable<'_>) -> Result<String, Error> {
    let mut folded = String::new();
    let (mut is_escaped, mut is_class) = (false, false);
    for c in pattern.chars() {
        is_class = if is_escaped { is_class } else { c == '[' || is_class && c != ']' };
        is_escaped = c == '\\' && !is_escaped;
        match if c.is_ascii() { Reading::Same } else { table.read(c) } {
            // The parser says what is wrong with a letter above ASCII in a class.
            Reading::Text(text, _) if !is_class => {
                folded.push_str("(?:");
                for byte in text {
                    let _ = write!(folded, "\\x{byte:02x}");
                }
                folded.push(')');
            }
            Reading::Nothing(_) => return Err(Error::new(format!("`{c}` is never in a folded text"))),
            Reading::Same | Reading::Text(..) => folded.push(c),
        }
    }
    Ok(folded)
}

/// Parses an expanded pattern and checks the laws that keep matching linear and the folded view meaningful.
pub(crate) fn parse(expanded: &str, reads: Reads) -> Result<Node, Error> {
    let node = parse::parse(expanded, Dialect::Pattern)?;
    let (min, max) = node.lengths();
    if max > MAX_MATCH_BYTES {
        return Err(Error::new(format!("can match {max} bytes; at most {MAX_MATCH_BYTES} are allowed")));
    }
    if min == 0 {
        return Err(Error::new("can match nothing at all"));
    }
    if !program::fits(&node) {
        return Err(Error::new("too large: repeats too much"));
    }
    if node.captures() > 1 {
        return Err(Error::new("more than one capture group; write (?:…) for the others"));
    }
    if reads == Reads::Folded
        && let Some(literal) = upper_case(&node)
    {
        return Err(Error::new(format!("`{literal}` is never in a folded text; write lower case")));
    }
    Ok(if reads == Reads::Folded { without_upper_case(node) } else { node })
}

/// The tree with classes as a folded text knows them: `[^a-z]` is no letter at all.
fn without_upper_case(node: Node) -> Node {
    let all = |nodes: Vec<Node>| nodes.into_iter().map(without_upper_case).collect();
    match node {
        Node::Class(set) => {
            Node::Class(set_of((0..=u8::MAX).filter(|b| contains(&set, *b) && !b.is_ascii_uppercase())))
        }
        Node::Repeat { node, min, max, lazy } => {
            Node::Repeat { node: Box::new(without_upper_case(*node)), min, max, lazy }
        }
        Node::Capture(node) => Node::Capture(Box::new(without_upper_case(*node))),
        Node::Concat(parts) => Node::Concat(all(parts)),
        Node::Alternation(branches) => Node::Alternation(all(branches)),
        Node::Empty | Node::Literal(_) | Node::Look(_) => node,
    }
}

/// A literal with an upper-case letter, if there is one.
fn upper_case(node: &Node) -> Option<String> {
    match node {
        Node::Literal(bytes) if bytes.iter().any(u8::is_ascii_uppercase) => {
            Some(String::from_utf8_lossy(bytes).into_owned())
        }
        Node::Repeat { node, .. } | Node::Capture(node) => upper_case(node),
        Node::Concat(nodes) | Node::Alternation(nodes) => nodes.iter().find_map(upper_case),
        _ => None,
    }
}
