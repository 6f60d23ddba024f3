//! Documents that are made to hurt: each is read, refused or put in force in a bounded number of steps. Nothing here looks at
//! a clock; what does not end makes the test run end instead.

use proptest::prelude::*;

use super::*;

const MAX_BYTES: usize = 256 * 1024;
const PATTERNS: [&str; 3] = ["ssn", "email", "phone_number.de"];

/// As much of `piece`, numbered, as fits between the ends.
fn filled(before: &str, piece: impl Fn(usize) -> String, after: &str) -> String {
    let mut source = before.to_owned();
    for number in 0.. {
        let piece = piece(number);
        if source.len() + piece.len() + after.len() > MAX_BYTES {
            break;
        }
        source += &piece;
    }
    source + after
}

/// A document of as many rules as fit.
fn rules(rule: impl Fn(usize) -> String) -> String {
    filled("version: '1.0'\nrules:\n", |number| format!("- {{ {} }}\n", rule(number)), "")
}

/// A document of one rule with as much as fits between the ends.
fn one_rule(before: &str, piece: impl Fn(usize) -> String, after: &str) -> String {
    filled(&format!("version: '1.0'\nrules:\n- {{ name: a, action: block, {before}"), piece, &format!("{after} }}\n"))
}

/// Does with a document all that is ever done with one. The first error, or nothing.
fn used(source: &str) -> Option<String> {
    let document = match read(source, &PATTERNS) {
        Ok(document) => document,
        Err(errors) => {
            assert!(errors.len() <= 20 && errors.iter().all(|error| error.message().len() < 1_000), "{errors:?}");
            return Some(errors[0].message().to_owned());
        }
    };
    assert!(document.warnings().len() <= 2_001 && document.outline().len() < 8 * MAX_BYTES);
    let policies = Policies::new(vec![("doc".to_owned(), document)], &PATTERNS, 100);
    assert!(policies.table().len() < 32 * MAX_BYTES);
    let (tags, name) = (vec!["a".to_owned(); 100], "a".repeat(8 * 1024));
    let subject = Subject { agent: Some(&name), tags: &tags };
    let standings = policies.standings(&subject, Direction::Input, None);
    let speaking: Vec<(usize, Tier)> = (0..)
        .zip(standings)
        .filter_map(|(rule, s)| if let Standing::Speaks(t) = s { Some((rule, t)) } else { None })
        .collect();
    let _ = policies.judge_tool(&speaking, &name);
    let seen =
        Seen { pattern: Some(1), category: Category::PiiDetection, severity: Severity::High, score: 0.9, blocks: None };
    let _ = policies.judge_findings(&speaking, &vec![seen; 20_000]);
    for check in 0..10 {
        let _ = policies.passes(0, check, &Argument::Text(&name));
    }
    None
}

#[test]
fn large_documents_are_used_in_bounded_steps() {
    let stars = "*a".repeat(50);
    for (what, source) in [
        ("many rules", rules(|n| format!("name: r{n}, action: log, scanner: anomaly"))),
        ("many speaking rules", rules(|n| format!("name: r{n}, action: log, scanner: pii_detection"))),
        ("rules with globs", rules(|n| format!("name: r{n}, action: log, type: tool_denylist, tools: ['{n}{stars}']"))),
        (
            "rules for agents",
            rules(|n| format!("name: r{n}, action: log, scanner: jailbreak, match: {{ agent_id: '{n}*' }}")),
        ),
        (
            "limits",
            rules(|n| {
                format!(
                    "name: r{n}, action: block, type: rate_limit, max_calls: {}, window_seconds: 1000000000000",
                    n + 1
                )
            }),
        ),
        (
            "protected data",
            rules(|n| format!("name: r{n}, action: block, type: data_protection, patterns: ['*', ssn]")),
        ),
        ("a long list", one_rule("type: tool_denylist, tools: [", |_| "x,".to_owned(), "x]")),
        ("one glob", one_rule("type: tool_denylist, tools: ['", |_| "*a".to_owned(), "']")),
        ("one glob of patterns", one_rule("type: data_protection, patterns: ['", |_| "*".to_owned(), "']")),
        ("many tags", one_rule("scanner: jailbreak, match: { all_tags: [", |n| format!("t{n},"), "a] }")),
        (
            "a long path",
            one_rule("type: tool_arguments, arguments: { ? 'a", |_| "[0].b".to_owned(), "' : { required: true } }"),
        ),
        ("many values", one_rule("type: tool_arguments, arguments: { x: { one_of: [", |n| format!("{n},"), "1] } }")),
        ("many arguments", {
            let tests = "equals: 1, max: 1, min: 1, max_length: 9, one_of: [1, x], required: true, domains: ['*a*']";
            let arguments = |rule| {
                (0..999).map(|n| format!("x{n}: {{ {tests} }}, ")).collect::<String>() + &format!("y{rule}: {{}}")
            };
            filled(
                "version: '1.0'\nrules:\n",
                |n| {
                    format!(
                        "- {{ name: r{n}, action: log, type: tool_arguments, arguments: {{ {} }} }}\n",
                        arguments(n)
                    )
                },
                "",
            )
        }),
        (
            "a regular expression",
            one_rule(
                "type: tool_arguments, arguments: { x: { matches: '(a?){245}(a|aa){100}' } }, tools: [",
                |_| "x,".to_owned(),
                "y]",
            ),
        ),
    ] {
        assert_eq!(used(&source), None, "{what}");
    }
}

#[test]
fn hostile_documents_are_refused_in_bounded_steps() {
    let wrong = rules(|n| format!("name: r{n}, action: blok, scaner: jailbreak"));
    let keys = |n: usize| format!("{{ {} }},", (0..1_000).map(|key| format!("k{key}: {n}, ")).collect::<String>());
    for (what, source, message) in [
        ("wrong rules", wrong, "unknown key `scaner`; did you mean `scanner`?"),
        ("wide maps", one_rule("type: tool_denylist, tools: [", keys, "x]"), "expected text, found a map"),
        ("one wide map", filled("", |n| format!("k{n}: 1\n"), ""), "more than 1000 keys in one map"),
        ("deep flow", "[".repeat(MAX_BYTES), "not valid YAML: recursion limit exceeded"),
        ("deep maps", "{a: ".repeat(MAX_BYTES / 4), "not valid YAML: recursion limit exceeded"),
        ("deep blocks", "- ".repeat(MAX_BYTES / 2), "nested deeper than 32 levels"),
        ("deep keys", "? ".repeat(MAX_BYTES / 2), "nested deeper than 32 levels"),
        ("a long word", "a".repeat(MAX_BYTES), "expected a map, found text"),
        ("a long quoted word", format!("'{}'", "''".repeat(MAX_BYTES / 2 - 1)), "expected a map, found text"),
        ("a word of many lines", "a\n".repeat(MAX_BYTES / 2), "expected a map, found text"),
        (
            "a long name",
            format!("version: '1.0'\nname: {}\nrules: []", "é".repeat(100_000)),
            "a name has 1 to 100 characters, and no `/` among them",
        ),
        (
            "a long key",
            format!("{}: 1", "k".repeat(1_000)),
            "unknown key `kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkk…`",
        ),
        ("comments", filled("", |_| "#\n".to_owned(), "x"), "expected a map, found text"),
        ("empty lines", filled("", |_| "\n".to_owned(), "x"), "expected a map, found text"),
        (
            "an unclosed quotation",
            format!("\"{}", "a ".repeat(MAX_BYTES / 2 - 1)),
            "not valid YAML: while scanning a quoted scalar, found unexpected end of stream",
        ),
        (
            "a long number",
            format!(
                "version: '1.0'\nrules:\n- {{ name: a, action: log, scanner: jailbreak, threshold: 0.{} }}",
                "9".repeat(200_000)
            ),
            "`0.9999999999999999999999999999999999999999999999999999999999…` is no decimal number of at most six places",
        ),
        (
            "nothing, repeated",
            one_rule(
                "type: tool_arguments, arguments: { x: { matches: '",
                |_| "(){999}".to_owned(),
                "a{999}{999}' } }",
            ),
            "the regular expression is too large: it repeats too much",
        ),
    ] {
        assert_eq!(used(&source).as_deref(), Some(message), "{what}");
    }
}

proptest! {
    /// Pieces of documents in any order are read or refused, and cases as well.
    #[test]
    fn any_mixture_is_read_or_refused(pieces in proptest::collection::vec(prop_oneof![
        Just("version: '1.0'\n"), Just("rules:\n"), Just("- name: a\n"), Just("  action: block\n"), Just("  type: rate_limit\n"),
        Just("  scanner: jailbreak\n"), Just("  match: { agent_id: [a, '*'] }\n"), Just("  tools: ["), Just("]"), Just("{"), Just("}"),
        Just("cases:\n"), Just("  text: x\n"), Just("  expect: block\n"), Just(": "), Just(", "), Just("- "), Just("? "), Just("|\n"), Just("'"),
        Just("\""), Just("&a "), Just("*a "), Just("!!str "), Just("---\n"), Just("#"), Just("\t"), Just("\u{feff}"), Just("\u{85}"), Just("\r"),
    ], 0..40)) {
        let source = pieces.concat();
        used(&source);
        let _ = read_cases(&source);
    }
}
