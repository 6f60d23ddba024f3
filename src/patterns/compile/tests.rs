//! What the compiler accepts, what it refuses and in which words, and that its gates lose nothing.

use super::gate::{Background, choose, tables};
use super::syntax::{expand, parse};
use crate::error::Error;
use crate::patterns::candidates::Candidates;
use crate::patterns::gate::Gate;
use crate::patterns::pattern::Reads;
use crate::patterns::program::Program;
use crate::patterns::tables::GateTables;
use crate::view::table::FoldTable;

const NO_FOLDING: FoldTable<'static> = FoldTable { pages: &[], leaves: &[], pool: &[] };

fn gate(pattern: &str, reads: Reads) -> Result<GateTables, Error> {
    let node = parse(&expand(pattern, reads, &[], &NO_FOLDING)?, reads)?;
    let (_, starts) = Program::with_parts(&node);
    tables(&[choose(&node, &starts, &Background::new("the ordinary text", reads))?])
}

fn error(pattern: &str) -> String {
    gate(pattern, Reads::Folded).expect_err("must be refused").to_string()
}

#[test]
fn refuses_what_it_cannot_match_in_linear_time_or_never() {
    assert_eq!(error("ignore .*"), "line 1 of the pattern: unbounded repetition; write {0,30} instead of *");
    assert_eq!(error("ignore (?: .{0,90} ){0,90}.{0,9000} x"), "can match 17107 bytes; at most 10000 are allowed");
    assert_eq!(error(r"\b ignore (?: (?: a | b \b \b \b \b c? ){0,70} ){0,70} x"), "too large: repeats too much");
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
}

#[test]
fn a_fragment_that_contains_itself_is_refused() {
    let fragments = [("a".to_owned(), "(?&a)".to_owned())];
    let error = expand("(?&a)", Reads::Original, &fragments, &NO_FOLDING).expect_err("endless");
    assert_eq!(error.to_string(), "fragments are nested too deep");
}

#[test]
fn a_fragment_is_one_part_of_the_pattern_even_if_it_ends_with_a_comment() {
    let fragments = [("verb".to_owned(), "ignore | forget # more to come".to_owned())];
    let expanded = expand(r"\b (?&verb) \x20 all", Reads::Original, &fragments, &NO_FOLDING).expect("valid");
    assert_eq!(parse(&expanded, Reads::Original).expect("valid").lengths(), (10, 10));
}

/// Places of `text` at which the gate of `pattern` lets a match begin.
fn starts(pattern: &str, text: &str) -> Vec<(u32, u32)> {
    let tables = gate(pattern, Reads::Original).expect("valid");
    let mut candidates = Candidates::default();
    candidates.collect(&Gate::new(tables), 1, [(text.as_bytes(), |_| true)]);
    candidates.by_pattern().flatten().map(|candidate| (candidate.first, candidate.last)).collect()
}

#[test]
fn a_literal_gate_knows_how_far_back_the_match_begins() {
    assert_eq!(starts(r"\b ignore \b", "please ignore it"), [(7, 7)]);
    assert_eq!(starts(r"\b [a-z]{1,9} : \s{1,2} secret", "x: the key:  secret"), [(1, 10)]);
    assert_eq!(starts("(?i) \\b IGNORE", "iGnOrE"), [(0, 0)]);
}

#[test]
fn a_pattern_without_a_literal_is_gated_by_the_bytes_it_allows() {
    let dates = r"\b [0-9]{4} - [0-9]{2} - [0-9]{2} \b";
    assert_eq!(starts(dates, "on 2024-05-06 and 123-456-789"), [(3, 3)]);
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
