//! Patterns that a user adds: the same files as the built-in ones, checked by the same laws.

use std::borrow::Cow;

use super::compile::file::{self, PatternFile};
use super::compile::syntax::expand;
use super::compile::{Compiler, example};
use super::{Finder, Patterns, builtin};
use crate::error::Error;
use crate::sort::sort_by_key;
use crate::span::Span;
use crate::view::{View, fold};

/// Most patterns that one scanner takes.
pub(crate) const MAX_PATTERNS: usize = 1_000;

/// The built-in patterns with those of these files; or the number of the first bad file, and what is wrong with it.
pub(crate) fn with_files<S: AsRef<str>>(files: &[S]) -> Result<Patterns, (usize, Error)> {
    if files.len() > MAX_PATTERNS {
        return Err((MAX_PATTERNS, Error::new(format!("more than {MAX_PATTERNS} patterns"))));
    }
    let mut compiler = Compiler::new("");
    let mut ids: Vec<Cow<'static, str>> = builtin().iter().map(|pattern| pattern.id.clone()).collect();
    for (number, source) in files.iter().enumerate() {
        let file = add(&mut compiler, source.as_ref(), &ids).map_err(|error| (number, error))?;
        ids.push(file.id.into());
    }
    compiler.finish().map(Patterns::with).map_err(|error| (0, error))
}

/// Adds the pattern of one file, which must keep to its own examples.
fn add(compiler: &mut Compiler, source: &str, ids: &[Cow<'static, str>]) -> Result<PatternFile, Error> {
    let file = file::read(source)?;
    if ids.iter().any(|id| **id == file.id) {
        return Err(Error::new(format!("id `{}` is taken", file.id)));
    }
    let expand = |regex: &String| expand(regex, file.reads, &[], &fold::TABLE);
    let mut alone = Compiler::new("");
    let added = file.unless.as_ref().map(expand).transpose().and_then(|unless| {
        let regex = expand(&file.pattern)?;
        alone.add(&file, &regex, unless.as_deref())?;
        compiler.add(&file, &regex, unless.as_deref())
    });
    added.map_err(|error| error.or_at(file.position))?;
    let patterns = Patterns::with(alone.finish()?);
    for (number, text) in file.examples.iter().enumerate() {
        let refused = |why: &str| Err(Error::new(format!("`{}`: examples[{number}] {why}", file.id)));
        let Some((text, span)) = example::marked(text) else {
            return refused("must mark what is to be found with «…»");
        };
        if found(&patterns, &text) != [span] {
            return refused("is not found exactly at its marks");
        }
    }
    for (number, text) in file.counterexamples.iter().enumerate() {
        if !found(&patterns, &example::fill(text)).is_empty() {
            return Err(Error::new(format!("`{}`: counterexamples[{number}] is found", file.id)));
        }
    }
    Ok(file)
}

fn found(patterns: &Patterns, text: &str) -> Vec<Span> {
    let is_custom = |index: usize, _: &_| index >= builtin().len();
    let found = Finder::default().find(patterns, &View::new(text, &mut Vec::new()), is_custom);
    let mut spans: Vec<Span> = found.findings.iter().map(|finding| finding.span).collect();
    sort_by_key(&mut spans, |span| *span);
    spans
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Scanner;
    use crate::finding::Direction;

    const TICKET: &str = "id: acme_ticket
category: secret_detection
severity: high
pattern: \\b ACME- [0-9]{6} \\b
explanation: A ticket of ours.
examples: [see «ACME-123456», «ACME-000001» is done]
counterexamples: [ACME-12345, acme-123456]
";

    fn error(source: &str) -> String {
        with_files(&[source]).expect_err("must be refused").1.to_string()
    }

    #[test]
    fn a_pattern_of_the_user_is_found_beside_the_others() {
        let mut scanner = Scanner::with_patterns([0; 16], &[TICKET]).expect("valid");
        let report = scanner.scan("mail a@b.de about ACME-654321", Direction::Input);
        let ids: Vec<&str> = report.findings.iter().map(|f| &*scanner.pattern(f.pattern).expect("known").id).collect();
        assert_eq!(ids, ["email", "acme_ticket"]);
        assert_eq!(report.findings[1].span, Span { start: 18, end: 29 });
    }

    #[test]
    fn a_pattern_of_the_user_may_be_a_structure() {
        let file = "id: acme_only\ncategory: prompt_injection\nseverity: high\nstructures: [obey + only within 40]\n\
            explanation: Binds the model to one voice.\nexamples: [«obey only» us, «gehorche nur» uns]\n\
            counterexamples: [only us, obey us]\n";
        let mut scanner = Scanner::with_patterns([0; 16], &[file]).expect("valid");
        let report = scanner.scan("Obedece solo a ella", Direction::Input);
        assert!(report.findings.iter().any(|f| &*scanner.pattern(f.pattern).expect("known").id == "acme_only"));
        let both = file.replace("structures:", "pattern: abcdef\nstructures:");
        assert_eq!(error(&both), "line 5, column 13: a file has a `pattern` or `structures`, not both");
    }

    #[test]
    fn a_pattern_that_breaks_a_law_is_refused_and_says_why() {
        let with = |from: &str, to: &str| error(&TICKET.replace(from, to));
        assert_eq!(with("id: acme_ticket", "id: email"), "id `email` is taken");
        assert_eq!(
            with("severity: high", "severity: hihg"),
            "line 3, column 11: `hihg` is not one of low, medium, high, critical; did you mean `high`?"
        );
        assert_eq!(
            with("{6}", "+"),
            "line 4, column 10: line 1 of the pattern: unbounded repetition; write {0,30} instead of +"
        );
        assert_eq!(
            with("see «ACME-123456»", "see ACME-123456"),
            "`acme_ticket`: examples[0] must mark what is to be found with «…»"
        );
        assert_eq!(
            with("«ACME-000001»", "«ACME-00001»"),
            "`acme_ticket`: examples[1] is not found exactly at its marks"
        );
        assert_eq!(with("acme-123456", "ACME-123456"), "`acme_ticket`: counterexamples[1] is found");
        assert_eq!(with_files(&[TICKET, TICKET]).expect_err("twice").0, 1);
    }
}
