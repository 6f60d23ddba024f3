//! Reads one pattern file.

use crate::error::{Error, Position};
use crate::finding::{Category, Direction, Severity};
use crate::patterns::pattern::{Reads, Validator};
use crate::yaml::{Map, Node, parse};

use super::checksums;
use crate::patterns::checksum::Checksum;

/// A pattern file as it was written, checked key by key.
#[derive(Debug)]
pub(crate) struct PatternFile {
    pub(crate) id: String,
    pub(crate) category: Category,
    pub(crate) severity: Severity,
    pub(crate) score: f64,
    pub(crate) direction: Option<Direction>,
    pub(crate) reads: Reads,
    /// A regular expression; empty if there are structures.
    pub(crate) pattern: String,
    /// Concepts near each other, see [`crate::patterns::structure`].
    pub(crate) structures: Vec<String>,
    /// Where the pattern or the structures stand in the file.
    pub(crate) position: Position,
    pub(crate) validator: Option<Validator>,
    pub(crate) checksums: Vec<Checksum>,
    /// Words before a match that speak for something else, as a regular expression.
    pub(crate) unless: Option<String>,
    pub(crate) explanation: String,
    #[allow(dead_code, reason = "for the documentation page of the built-in patterns")]
    pub(crate) references: Vec<String>,
    pub(crate) examples: Vec<String>,
    pub(crate) counterexamples: Vec<String>,
}

const KEYS: [&str; 15] = [
    "id",
    "category",
    "severity",
    "score",
    "direction",
    "reads",
    "pattern",
    "structures",
    "validator",
    "checksum",
    "unless",
    "explanation",
    "references",
    "examples",
    "counterexamples",
];
/// How sure a match is where the file does not say.
const DEFAULT_SCORE: f64 = 0.85;
const MAX_EXPLANATION_CHARS: usize = 160;

/// Reads the pattern file in `source`.
pub(crate) fn read(source: &str) -> Result<PatternFile, Error> {
    let document = parse(source)?;
    let map = document.map_with(&KEYS)?;
    let category = map.required("category")?.choice(&Category::OF_PATTERNS, Category::name)?;
    let explanation = map.required("explanation")?.text()?.trim().replace('\n', " ");
    if explanation.chars().count() > MAX_EXPLANATION_CHARS {
        let message = format!("explanation is longer than {MAX_EXPLANATION_CHARS} characters");
        return Err(Error::at(map.required("explanation")?.position, message));
    }
    let (pattern, structures) = (map.optional("pattern"), map.optional("structures"));
    let position = match (pattern, structures) {
        (Some(node), None) | (None, Some(node)) => node.position,
        (Some(_), Some(node)) => {
            return Err(Error::at(node.position, "a file has a `pattern` or `structures`, not both"));
        }
        (None, None) => map.required("pattern")?.position,
    };
    Ok(PatternFile {
        id: id(map.required("id")?)?,
        category,
        severity: map.required("severity")?.choice(&Severity::ALL, Severity::name)?,
        score: map.optional("score").map_or(Ok(DEFAULT_SCORE), score)?,
        direction: map.optional("direction").map_or(Ok(None), direction)?,
        reads: map.optional("reads").map_or(Ok(default_reads(category)), reads)?,
        pattern: pattern.map_or(Ok(""), Node::text)?.to_owned(),
        structures: structures.map_or(Ok(Vec::new()), Node::texts)?,
        position,
        validator: map.optional("validator").map(|node| node.choice(&Validator::ALL, Validator::name)).transpose()?,
        explanation,
        checksums: map.optional("checksum").map_or(Ok(Vec::new()), |node| checksums(&map, node))?,
        unless: map.optional("unless").map(|node| node.text().map(str::to_owned)).transpose()?,
        references: map.optional("references").map_or(Ok(Vec::new()), Node::texts)?,
        examples: at_least_two(map.required("examples")?)?,
        counterexamples: at_least_two(map.required("counterexamples")?)?,
    })
}

fn id(node: &Node) -> Result<String, Error> {
    let id = node.text()?;
    let is_word = |word: &str| {
        word.starts_with(|c: char| c.is_ascii_lowercase())
            && word.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '_'))
    };
    if id.split('.').all(is_word) {
        Ok(id.to_owned())
    } else {
        Err(Error::at(node.position, format!("id `{id}` is not lower_snake_case")))
    }
}

fn score(node: &Node) -> Result<f64, Error> {
    let millionths = node.millionths()?;
    match u32::try_from(millionths) {
        Ok(score @ 0..=1_000_000) => Ok(f64::from(score) / 1_000_000.0),
        _ => Err(Error::at(node.position, "score is not between 0 and 1")),
    }
}

fn direction(node: &Node) -> Result<Option<Direction>, Error> {
    Ok(node.choice(&Direction::CHOICES, |(_, name)| name)?.0)
}

fn reads(node: &Node) -> Result<Reads, Error> {
    const NAMES: [(Reads, &str); 2] = [(Reads::Folded, "folded"), (Reads::Original, "original")];
    Ok(node.choice(&NAMES, |(_, name)| name)?.0)
}

/// Attacks are read through their disguise; data is copied as it stands.
fn default_reads(category: Category) -> Reads {
    if category.is_threat() { Reads::Folded } else { Reads::Original }
}

fn checksums(map: &Map<'_>, node: &Node) -> Result<Vec<Checksum>, Error> {
    if map.optional("validator").is_some() {
        return Err(Error::at(node.position, "a pattern has a `validator` or a `checksum`, not both"));
    }
    let line = |node: &Node| checksums::parse(node.text()?).map_err(|error| error.or_at(node.position));
    node.list()?.iter().map(line).collect()
}

fn at_least_two(node: &Node) -> Result<Vec<String>, Error> {
    let texts = node.texts()?;
    if texts.len() < 2 {
        return Err(Error::at(node.position, "needs at least two entries"));
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "id: ssn\ncategory: pii_detection\nseverity: high\npattern: 'x'\nexplanation: What.\nexamples: [a, b]\ncounterexamples: [c, d]\n";

    fn error(from: &str, to: &str) -> String {
        assert!(GOOD.contains(from));
        read(&GOOD.replace(from, to)).expect_err("must be refused").to_string()
    }

    #[test]
    fn reads_defaults() {
        let file = read(GOOD).expect("valid");
        assert_eq!((file.score, file.direction, file.reads), (DEFAULT_SCORE, None, Reads::Original));
    }

    #[test]
    fn names_what_is_wrong_and_where() {
        assert_eq!(
            error("severity: high", "severty: high"),
            "line 3, column 1: unknown key `severty`; did you mean `severity`?"
        );
        assert_eq!(error("severity: high\n", ""), "line 1, column 1: missing key `severity`");
        assert_eq!(
            error("severity: high", "severity: hgh"),
            "line 3, column 11: `hgh` is not one of low, medium, high, critical; did you mean `high`?"
        );
        assert_eq!(
            error("severity: high", "severity: high\nscore: 1.5"),
            "line 4, column 8: score is not between 0 and 1"
        );
        assert_eq!(error("id: ssn", "id: Ssn"), "line 1, column 5: id `Ssn` is not lower_snake_case");
        assert_eq!(error("[a, b]", "[a]"), "line 6, column 11: needs at least two entries");
        assert_eq!(
            error("pattern: 'x'", "pattern: 'x'\nvalidator: luhn\nchecksum: [digits 1 modulo 2 leaves 0]"),
            "line 6, column 11: a pattern has a `validator` or a `checksum`, not both"
        );
        assert_eq!(
            error("pattern: 'x'", "pattern: 12"),
            "line 4, column 10: expected text (in quotes), found a number, boolean or null"
        );
    }
}
