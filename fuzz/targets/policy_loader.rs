//! Any bytes as a policy and as its cases: read or refused with errors that can be shown, never a panic, never endless. What
//! was read can be put in force and asked about anybody.

#![no_main]

use libfuzzer_sys::fuzz_target;
use runesec_scanner::policy::{Argument, Seen, Standing, Subject, Tier, errors, read_cases};
use runesec_scanner::{Category, Direction, PolicyEngine, Severity};

/// Most errors of one document.
const MAX_ERRORS: usize = 20;

fuzz_target!(|data: &[u8]| {
    let source = String::from_utf8_lossy(data);
    if let Err(error) = read_cases(&source) {
        assert!(!error.message().is_empty());
    }
    let mut engine = PolicyEngine::default();
    match engine.read(&source) {
        Ok(document) => {
            let outline = document.outline();
            for warning in document.warnings() {
                assert!(warning.position.line > 0 && outline.contains(warning.code), "{warning:?}");
            }
            let documents =
                [("a", &source), ("b", &source)].map(|(name, source)| (name.to_owned(), source.to_string()));
            assert!(engine.set(documents, 100).is_ok(), "what was read is refused");
            use_policies(&engine, &source);
        }
        Err(refused) => {
            assert!((1..=MAX_ERRORS).contains(&refused.len()) && errors(&refused).len() < 64 * 1024);
            for error in &refused {
                assert!(!error.message().is_empty() && !error.message().contains(char::is_control), "{error}");
            }
            assert!(engine.set([("a".to_owned(), source.to_string())], 100).is_err(), "what was refused is in force");
        }
    }
});

/// Asks about agents and tools by words of the document, so that something matches.
fn use_policies(engine: &PolicyEngine, source: &str) {
    let policies = engine.policies();
    let table = policies.table();
    let words: Vec<String> = source.split(|c: char| !c.is_alphanumeric()).take(40).map(str::to_owned).collect();
    for (agent, direction) in words.iter().zip([Direction::Input, Direction::Output].into_iter().cycle()) {
        let subject = Subject { agent: Some(agent), tags: &words };
        let standings = policies.standings(&subject, direction, None);
        let speaking: Vec<(usize, Tier)> = (0..)
            .zip(&standings)
            .filter_map(|(rule, standing)| match standing {
                Standing::Speaks(tier) => Some((rule, *tier)),
                _ => None,
            })
            .collect();
        assert!(policies.standings(&subject, direction, Some(&[])).iter().all(|s| *s == Standing::NotAsked));
        for (rule, _) in policies.judge_tool(&speaking, agent) {
            assert!(speaking.iter().any(|(speaking, _)| *speaking == rule), "{rule} fires and does not speak");
        }
        let seen = Category::ALL.map(|category| Seen {
            pattern: Some(7),
            category,
            severity: Severity::High,
            score: 0.8,
            blocks: None,
        });
        for consequence in policies.judge_findings(&speaking, &seen) {
            assert!(consequence.rule.is_none_or(|rule| rule < standings.len()));
        }
    }
    let arguments =
        [Argument::Absent, Argument::Text(source), Argument::Number(1.5), Argument::List(3), Argument::Other];
    for argument in &arguments {
        for check in 0..4 {
            let _ = policies.passes(0, check, argument);
        }
    }
    assert!(table.starts_with('[') && table.ends_with(']'));
}
