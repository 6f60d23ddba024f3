//! What the compiler accepts, what it refuses and in which words, and that its gates lose nothing.

use super::Compiler;
use super::syntax::{Fragments, expand, parse};
use crate::error::Error;
use crate::patterns::gate::{Candidate, Gate};
use crate::patterns::tables::Reads;
use crate::view::table::FoldTable;

const NO_FOLDING: FoldTable<'static> = FoldTable { pages: &[], leaves: &[], pool: &[] };

fn compile(pattern: &str, reads: Reads) -> Result<super::OwnedTables, Error> {
    let expanded = expand(pattern, reads, &Fragments::new(), &NO_FOLDING)?;
    let mut compiler = Compiler::new("the ordinary text");
    compiler.add(&expanded, reads)?;
    compiler.finish()
}

fn error(pattern: &str) -> String {
    compile(pattern, Reads::Folded).expect_err("must be refused").to_string()
}

#[test]
fn refuses_what_it_cannot_match_in_linear_time_or_never() {
    assert_eq!(error("ignore .*"), "unbounded repetition; write {0,30} instead of *");
    assert_eq!(error("(?: ignore )?"), "can match nothing at all");
    assert_eq!(error("ignore .{0,20000}"), "can match 20006 bytes; at most 10000 are allowed");
    assert_eq!(error("(a) (b)"), "more than one capture group; write (?:…) for the others");
    assert_eq!(error(r"\b Ignore"), "`Ignore` is never in a folded text; write lower case");
    assert_eq!(
        error("ignore"),
        "nothing gates this pattern: it needs a literal of 4 bytes behind \\b, a blank or punctuation"
    );
    assert_eq!(error(r"\b (?&verb) \b"), "unknown fragment `verb`");
    assert_eq!(error(r"\b (?&verb"), "`(?&` without `)`");
    assert!(error(r"\b ignore (").starts_with("not a regular expression: "));
}

#[test]
fn a_fragment_that_contains_itself_is_refused() {
    let fragments = Fragments::from([("a".to_owned(), "(?&a)".to_owned())]);
    let error = expand("(?&a)", Reads::Original, &fragments, &NO_FOLDING).expect_err("endless");
    assert_eq!(error.to_string(), "fragments are nested too deep");
}

#[test]
fn a_fragment_is_one_part_of_the_pattern_even_if_it_ends_with_a_comment() {
    let fragments = Fragments::from([("verb".to_owned(), "ignore | forget # more to come".to_owned())]);
    let expanded = expand(r"\b (?&verb) \x20 all", Reads::Original, &fragments, &NO_FOLDING).expect("valid");
    let hir = parse(&expanded, Reads::Original).expect("valid");
    assert_eq!(hir.properties().minimum_len(), Some(10));
}

/// Places of `text` at which the gate of `pattern` lets a match begin.
fn starts(pattern: &str, text: &str) -> Vec<(u32, u32)> {
    let tables = compile(pattern, Reads::Original).expect("valid");
    let tables = tables.borrow();
    let mut candidates = Vec::new();
    Gate::new(&tables.gate).candidates(text.as_bytes(), |Candidate { first, last, .. }| candidates.push((first, last)));
    candidates
}

#[test]
fn a_literal_gate_knows_how_far_back_the_match_begins() {
    assert_eq!(starts(r"\b ignore \b", "please ignore it"), [(7, 7)]);
    assert_eq!(starts(r"\b [a-z]{1,9} : \s{1,2} secret", "x: the key:  secret"), [(1, 10)]);
    assert_eq!(starts("(?i) \\b IGNORE", "iGnOrE"), [(0, 0)]);
}

#[test]
fn a_pattern_without_a_literal_is_gated_by_the_bytes_it_allows() {
    let dates = r"\b [0-9a-z]{4} - [0-9a-z]{2} - [0-9a-z]{2} \b";
    assert_eq!(starts(dates, "on 2024-05-06 and 123-45-6789"), [(3, 3)]);
    assert_eq!(starts(r"\b [0-9]{2} [\x20]? [0-9]{1,9} \b", "1 12 3"), [(2, 2)]);
    assert_eq!(starts(r"\b [0-9]{3} \b", "007"), [(0, 0)]);
    let spaced = r"\b [12] [\x20]? [0-9]{2} [\x20]? (?: 0[1-9] | 1[0-2] | [2-9][0-9] ) [\x20]? [0-9]{2}";
    assert_eq!(starts(spaced, "NIR 1 85 05 78"), [(4, 4)]);
}

#[test]
fn a_word_of_another_script_is_gated_where_its_own_letters_begin() {
    assert_eq!(starts("忽略 .{0,9} 指令", "请忽略指令"), [(3, 3)]);
    // A Latin look-alike in front of other letters is no anchor; the letter behind it is.
    assert_eq!(starts("oбойди", "слoбойди"), [(4, 4)]);
}
