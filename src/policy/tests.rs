//! What documents mean, and what must hold for any of them.

use proptest::prelude::*;

use super::*;

const PATTERNS: [&str; 4] = ["override", "ssn", "email", "phone_number.de"];
const SSN: Seen =
    Seen { pattern: Some(1), category: Category::PiiDetection, severity: Severity::High, score: 0.9, blocks: None };
const EMAIL: Seen =
    Seen { pattern: Some(2), category: Category::PiiDetection, severity: Severity::Low, score: 0.8, blocks: None };
const STRONG: Seen = Seen {
    pattern: Some(0),
    category: Category::PromptInjection,
    severity: Severity::Critical,
    score: 0.9,
    blocks: None,
};
const WEAK: Seen = Seen {
    pattern: Some(0),
    category: Category::PromptInjection,
    severity: Severity::Medium,
    score: 0.6,
    blocks: None,
};

fn policies(documents: &[&str]) -> Policies {
    let read = |rules: &&str| {
        let source = format!("version: \"1.0\"\nrules:\n{rules}");
        read(&source, &PATTERNS[1..]).unwrap_or_else(|errors| panic!("{errors:?} in {source}"))
    };
    let documents = (0..).zip(documents).map(|(number, rules)| (format!("doc-{number}"), read(rules)));
    Policies::new(documents.collect(), &PATTERNS, 100)
}

/// The rules that speak to an agent with these tags.
fn speaking(policies: &Policies, agent: &str, tags: &[&str]) -> Vec<(usize, Tier)> {
    let tags: Vec<String> = tags.iter().map(|&tag| tag.to_owned()).collect();
    let subject = Subject { agent: Some(agent), tags: &tags };
    let standings = policies.standings(&subject, Direction::Input, None);
    let tier = |standing: &Standing| if let Standing::Speaks(tier) = standing { Some(*tier) } else { None };
    standings.iter().enumerate().filter_map(|(number, standing)| Some((number, tier(standing)?))).collect()
}

/// What follows from findings: names of rules (or the category, where none speaks) and actions.
fn found(policies: &Policies, agent: &str, tags: &[&str], findings: &[Seen]) -> Vec<(String, Action)> {
    let speaking = speaking(policies, agent, tags);
    let name = |rule: Option<usize>, category: Category| {
        rule.map_or(category.name().to_owned(), |rule| policies.rules[rule].rule.name.clone())
    };
    let consequences = policies.judge_findings(&speaking, findings);
    consequences.into_iter().map(|c| (name(c.rule, c.category), c.action)).collect()
}

/// The rules that fire for a tool, without those that need state.
fn fired(policies: &Policies, agent: &str, tags: &[&str], tool: &str) -> Vec<(String, Action)> {
    let roles = policies.judge_tool(&speaking(policies, agent, tags), tool);
    let fires = roles.into_iter().filter(|(_, role)| *role == Role::Fires);
    fires.map(|(rule, _)| (policies.rules[rule].rule.name.clone(), policies.rules[rule].rule.action)).collect()
}

fn owned(expected: &[(&str, Action)]) -> Vec<(String, Action)> {
    expected.iter().map(|&(name, action)| (name.to_owned(), action)).collect()
}

/// The production example of the documentation.
const PRODUCTION: &str = "
- { name: block-prompt-injection, scanner: prompt_injection, action: block, severity: critical }
- { name: research-alert-only, scanner: prompt_injection, action: alert, match: { agent_id: research-* } }
- { name: mask-nothing, type: data_protection, patterns: [ssn, phone_number], action: block, match: { tags: [prod] } }
- { name: tools, type: tool_allowlist, tools: [search, github.read_*], action: block }
- { name: no-shell, type: tool_denylist, tools: ['shell*'], action: block }
";

#[test]
fn the_most_specific_tier_decides_about_findings() {
    let policies = policies(&[PRODUCTION]);
    let support = found(&policies, "support-1", &[], &[STRONG]);
    assert_eq!(support, owned(&[("block-prompt-injection", Action::Block)]));
    let research = found(&policies, "research-1", &[], &[STRONG]);
    assert_eq!(research, owned(&[("research-alert-only", Action::Alert)]));
}

#[test]
fn a_threat_that_is_only_worth_a_look_is_an_alert_unless_a_threshold_says_otherwise() {
    let policies = policies(&[
        "- { name: a, scanner: prompt_injection, action: block }\n- { name: b, scanner: prompt_injection, action: block, threshold: 0.5, match: { agent_id: strict } }\n- { name: c, scanner: prompt_injection, action: block, min_severity: high, match: { agent_id: lax } }\n",
    ]);
    assert_eq!(found(&policies, "x", &[], &[WEAK]), owned(&[("a", Action::Alert)]));
    assert_eq!(found(&policies, "x", &[], &[WEAK, STRONG]), owned(&[("a", Action::Block)]), "the strictest counts");
    assert_eq!(found(&policies, "strict", &[], &[WEAK]), owned(&[("b", Action::Block)]));
    assert_eq!(found(&policies, "lax", &[], &[WEAK]), [], "a rule spoke and did not fire");
}

#[test]
fn without_a_rule_the_layers_decide() {
    let policies = policies(&["- { name: a, scanner: secret_detection, action: block }\n"]);
    let consequences = found(&policies, "x", &[], &[WEAK, STRONG, SSN, EMAIL]);
    assert_eq!(consequences, owned(&[("prompt_injection", Action::Block), ("pii_detection", Action::Log)]));
    let anomaly =
        Seen { pattern: None, category: Category::Anomaly, severity: Severity::Critical, score: 1.0, blocks: None };
    assert_eq!(found(&policies, "x", &[], &[anomaly]), owned(&[("anomaly", Action::Alert)]));
    let blocking = self::policies(&["- { name: a, scanner: anomaly, action: block }\n"]);
    assert_eq!(found(&blocking, "x", &[], &[anomaly]), owned(&[("a", Action::Block)]));
}

#[test]
fn data_protection_is_decided_for_each_pattern_beside_scanner_rules() {
    let policies = policies(&[
        "- { name: all, type: data_protection, patterns: ['*'], action: block }\n- { name: mail, type: data_protection, patterns: [email], action: log, match: { tags: [crm] } }\n- { name: pii, scanner: pii_detection, action: alert }\n",
    ]);
    let both = found(&policies, "x", &["crm"], &[SSN, EMAIL]);
    assert_eq!(both, owned(&[("all", Action::Block), ("pii", Action::Alert), ("mail", Action::Log)]));
    let phone = Seen { pattern: Some(3), ..SSN };
    let by_name = self::policies(&["- { name: p, type: data_protection, patterns: [phone_number], action: block }\n"]);
    assert_eq!(found(&by_name, "x", &[], &[phone]), owned(&[("p", Action::Block)]), "a name means its variants");
}

#[test]
fn tools_must_be_in_every_allowlist_of_the_deciding_tier_and_in_no_denylist() {
    let policies = policies(&[
        PRODUCTION,
        "- { name: more, type: tool_allowlist, tools: [search], action: alert }\n- { name: ops, type: tool_allowlist, tools: ['*'], action: block, match: { tags: [ops] } }\n- { name: calls, scanner: tool_call, action: log }\n",
    ]);
    assert_eq!(fired(&policies, "x", &[], "search"), owned(&[("calls", Action::Log)]));
    let read = fired(&policies, "x", &[], "github.read_file");
    assert_eq!(read, owned(&[("more", Action::Alert), ("calls", Action::Log)]));
    let shell = fired(&policies, "x", &["ops"], "shell");
    assert_eq!(shell, owned(&[("no-shell", Action::Block), ("calls", Action::Log)]));
}

#[test]
fn rules_take_part_in_their_direction_and_when_they_are_asked_for() {
    let policies = policies(&[
        "- { name: a, scanner: jailbreak, action: block, direction: output, match: { agent_id: x } }\n- { name: b, scanner: jailbreak, action: block }\n- { name: c, scanner: jailbreak, action: log, match: { tags: [t] } }\n",
    ]);
    let subject = Subject { agent: Some("x"), tags: &["t".to_owned()] };
    let speaks = |direction, asked| policies.standings(&subject, direction, asked);
    assert_eq!(
        speaks(Direction::Input, None),
        [Standing::OtherDirection, Standing::Overruled(Tier::Everyone), Standing::Speaks(Tier::Tags)]
    );
    assert_eq!(
        speaks(Direction::Output, Some(&[1, 2])),
        [Standing::NotAsked, Standing::Overruled(Tier::Everyone), Standing::Speaks(Tier::Tags)]
    );
    assert_eq!(
        policies.standings(&Subject::default(), Direction::Output, None),
        [Standing::OtherSubject, Standing::Speaks(Tier::Everyone), Standing::OtherSubject]
    );
}

#[test]
fn calls_are_counted_checked_and_followed() {
    let policies = policies(&[
        "- { name: a, type: rate_limit, action: block }\n- { name: b, type: rate_limit, tools: [mail], action: block }\n- { name: c, type: tool_arguments, tools: [pay], arguments: { amount: { max: 100 } }, action: block }\n- { name: d, type: tool_flow, after: ['web.*'], deny: [mail, web.post], action: block }\n",
    ]);
    let roles = |tool| policies.judge_tool(&speaking(&policies, "x", &[]), tool);
    assert_eq!(roles("pay"), [(0, Role::Counts), (2, Role::Checks)]);
    assert_eq!(roles("mail"), [(0, Role::Counts), (1, Role::Counts), (3, Role::Guards)]);
    assert_eq!(roles("web.post"), [(0, Role::Counts), (3, Role::Guards), (3, Role::Taints)]);
    assert!(!policies.passes(2, 0, &Argument::Number(101.0)) && policies.passes(2, 0, &Argument::Number(1.0)));
    assert!(policies.passes(0, 0, &Argument::Other) && policies.passes(9, 9, &Argument::Other));
}

#[test]
fn messages_say_what_happened() {
    let policies = policies(&[
        "- { name: a, type: rate_limit, action: block }\n- { name: b, type: rate_limit, per: session, max_calls: 1, window_seconds: 0.5, action: block }\n- { name: c, type: tool_flow, after: [a], deny: [b], action: block }\n- { name: d, scanner: jailbreak, action: block }\n- { name: e, scanner: tool_call, action: log }\n- { name: f, type: tool_allowlist, tools: [a], action: block }\n- { name: g, type: tool_denylist, tools: [b], action: block }\n- { name: h, type: data_protection, patterns: [ssn], action: block }\n- { name: i, type: rate_limit, per: global, action: block }\n- { name: j, type: rate_limit, per: tool, action: block }\n- { name: k, type: tool_arguments, arguments: { x: { max: 1 } }, action: block }\n",
    ]);
    let message = |placed: &PlacedRule| placed.rule.message(policies.default_limit);
    let messages: Vec<String> = policies.rules.iter().map(message).collect();
    assert_eq!(
        messages,
        [
            "more than 100 calls of one agent within 60 s",
            "more than 1 call in one session within 0.5 s",
            "the tool may not be called after an untrusted source in the same session",
            "jailbreak was found",
            "a tool is called",
            "the tool is not on the allowlist",
            "the tool is on the denylist",
            "protected data was found",
            "more than 100 calls within 60 s",
            "more than 100 calls of one tool within 60 s",
            "an argument is not as it must be",
        ]
    );
}

/// A rule of any kind that needs no state.
fn any_rule() -> impl Strategy<Value = String> {
    let kind = prop_oneof![
        Just("scanner: prompt_injection"),
        Just("scanner: prompt_injection, threshold: 0.7"),
        Just("scanner: pii_detection"),
        Just("scanner: tool_call"),
        Just("type: data_protection, patterns: [ssn]"),
        Just("type: data_protection, patterns: ['*']"),
        Just("type: tool_allowlist, tools: [search, 'read_*']"),
        Just("type: tool_allowlist, tools: ['*']"),
        Just("type: tool_denylist, tools: ['read_*']"),
        Just("type: tool_denylist, tools: [search]"),
    ];
    let audience = prop_oneof![
        3 => Just(""),
        1 => Just(", match: { agent_id: a }"),
        1 => Just(", match: { agent_id: [x, 'a*'] }"),
        1 => Just(", match: { tags: [t] }"),
        1 => Just(", direction: output"),
    ];
    let action = prop_oneof![Just("block"), Just("alert"), Just("log")];
    (kind, audience, action).prop_map(|(kind, audience, action)| format!("{kind}, action: {action}{audience}"))
}

/// The documents with these rules, named in the order of `names`.
fn written(rules: &[(usize, &String)]) -> String {
    rules.iter().map(|(name, rule)| format!("- {{ name: r{name}, {rule} }}\n")).collect()
}

type Fired = Vec<(String, Action)>;

/// All that the policies say of an agent's call and of findings: sorted names and actions.
fn decision(policies: &Policies) -> (Fired, Fired) {
    let mut calls = fired(policies, "ab", &["t"], "read_mail");
    let mut findings = found(policies, "ab", &["t"], &[STRONG, WEAK, SSN, EMAIL]);
    calls.sort();
    findings.sort();
    (calls, findings)
}

fn strictest(consequences: &[(String, Action)]) -> Option<Action> {
    consequences.iter().map(|(_, action)| *action).max()
}

proptest! {
    #[test]
    fn the_order_of_rules_and_documents_changes_nothing(
        rules in proptest::collection::vec(any_rule(), 0..8),
        cut in 0..8usize,
    ) {
        let numbered: Vec<(usize, &String)> = rules.iter().enumerate().collect();
        let (first, second) = numbered.split_at(cut.min(numbered.len()));
        let together = decision(&policies(&[&written(first), &written(second)].map(|rules: &String| if rules.is_empty() { "  []" } else { rules.as_str() })));
        let reversed: Vec<(usize, &String)> = numbered.iter().rev().copied().collect();
        let alone = if reversed.is_empty() { "  []".to_owned() } else { written(&reversed) };
        prop_assert_eq!(together, decision(&policies(&[&alone])));
    }

    #[test]
    fn a_further_prohibition_never_allows_more(
        rules in proptest::collection::vec(any_rule(), 1..8),
        tools in prop_oneof![Just("[read_mail]"), Just("['*']"), Just("[other]")],
        audience in prop_oneof![Just(""), Just(", match: { agent_id: ab }"), Just(", match: { tags: [t] }")],
    ) {
        let mut numbered: Vec<(usize, &String)> = rules.iter().enumerate().collect();
        let before = decision(&policies(&[&written(&numbered)]));
        let prohibition = format!("type: tool_denylist, tools: {tools}, action: block{audience}");
        numbered.push((99, &prohibition));
        let after = decision(&policies(&[&written(&numbered)]));
        prop_assert!(strictest(&after.0) >= strictest(&before.0));
        prop_assert!(before.0.iter().all(|fired| after.0.contains(fired)));
        prop_assert_eq!(before.1, after.1, "findings are another matter");
    }
}
