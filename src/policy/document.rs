//! Reads a policy document, strictly.

use super::argument::{Check, Scalar, Test, read_path};
use super::audience::Audience;
use super::decimal::Decimal;
use super::glob::{Glob, Globs};
use super::regex::Regex;
use super::rule::{Action, Kind, Limit, Per, Rule, TYPES, Watched, names_pattern};
use crate::error::{Error, did_you_mean, quoted};
use crate::finding::{Direction, Severity};
use crate::yaml::{Entry, Map, Node, Value, parse};

/// A policy as it was written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Document {
    pub(crate) name: Option<String>,
    pub(crate) rules: Vec<Rule>,
}

/// Longest name of a document, a rule or a case.
pub(crate) const MAX_NAME_CHARS: usize = 100;
/// Most errors of one document that are told; more would not help anybody.
const MAX_ERRORS: usize = 20;
const COMMON_KEYS: [&str; 7] = ["name", "scanner", "type", "action", "severity", "direction", "match"];
const TEST_KEYS: [&str; 8] = ["equals", "one_of", "matches", "max", "min", "max_length", "domains", "required"];

/// Reads the document in `source`. `data_patterns` are the ids of patterns for personal data and secrets.
///
/// # Errors
///
/// One for each rule that cannot be used, or the one for which the document cannot be read at all.
pub(crate) fn read(source: &str, data_patterns: &[&str]) -> Result<Document, Vec<Error>> {
    let root = parse(source).map_err(|error| vec![error])?;
    let (name, nodes) = head(&root).map_err(|error| vec![error])?;
    let (mut rules, mut errors) = (Vec::<Rule>::new(), Vec::new());
    for node in nodes {
        match rule(node, data_patterns) {
            Ok(rule) if rules.iter().any(|other| other.name == rule.name) => {
                errors.push(Error::at(rule.position, format!("rule name {} is taken", quoted(&rule.name))));
            }
            Ok(rule) => rules.push(rule),
            Err(error) => errors.push(error),
        }
        if errors.len() == MAX_ERRORS {
            break;
        }
    }
    if errors.is_empty() { Ok(Document { name, rules }) } else { Err(errors) }
}

/// The document's name and the nodes of its rules.
fn head(root: &Node) -> Result<(Option<String>, &[Node]), Error> {
    let map = root.map_with(&["version", "name", "rules"])?;
    let version = map.required("version")?;
    if !matches!(&version.value, Value::Text(text) if text == "1.0") {
        return Err(version.refused("the version must be \"1.0\", in quotes"));
    }
    Ok((map.optional("name").map(name).transpose()?, map.required("rules")?.list()?))
}

fn rule(node: &Node, data_patterns: &[&str]) -> Result<Rule, Error> {
    let kinds = TYPES.into_iter().flat_map(keys_of).copied();
    let known: Vec<&str> = COMMON_KEYS.into_iter().chain(SCANNER_KEYS).chain(kinds).collect();
    let map = node.map_with(&known)?;
    Ok(Rule {
        name: name(map.required("name")?)?,
        action: map.required("action")?.choice(&Action::ALL, Action::name)?,
        severity: map.optional("severity").map_or(Ok(Severity::Medium), severity)?,
        direction: map.optional("direction").map_or(Ok(None), direction)?,
        audience: map.optional("match").map_or(Ok(Audience::default()), audience)?,
        kind: kind(&map, data_patterns)?,
        position: node.position,
    })
}

/// A name of a document or rule. A slash would make `document/rule` ambiguous.
fn name(node: &Node) -> Result<String, Error> {
    let name = node.text()?;
    let is_plain = !name.is_empty() && !name.contains('/') && !name.chars().any(char::is_control);
    if is_plain && name.chars().count() <= MAX_NAME_CHARS {
        Ok(name.to_owned())
    } else {
        Err(node.refused(format!("a name has 1 to {MAX_NAME_CHARS} characters, and no `/` among them")))
    }
}

fn severity(node: &Node) -> Result<Severity, Error> {
    node.choice(&Severity::ALL, Severity::name)
}

fn direction(node: &Node) -> Result<Option<Direction>, Error> {
    Ok(node.choice(&Direction::CHOICES, |(_, name)| name)?.0)
}

fn audience(node: &Node) -> Result<Audience, Error> {
    let map = node.map_with(&["agent_id", "tags", "all_tags"])?;
    let texts = |key| map.optional(key).map_or(Ok(Vec::new()), names);
    let agents = map.optional("agent_id").map_or(Ok(Vec::new()), |node| match &node.value {
        Value::List(_) => names(node),
        _ => match node.text()? {
            "" => Err(node.refused("the text is empty")),
            text => Ok(vec![text.to_owned()]),
        },
    })?;
    Ok(Audience {
        agents: agents.iter().map(|agent| Glob::new(agent)).collect(),
        tags: texts("tags")?,
        all_tags: texts("all_tags")?,
    })
}

/// A list of at least one text, none of which is empty.
fn names(node: &Node) -> Result<Vec<String>, Error> {
    let names = node.texts()?;
    match node.list()?.iter().zip(&names).find(|(_, name)| name.is_empty()) {
        _ if names.is_empty() => Err(node.refused("the list is empty")),
        Some((empty, _)) => Err(empty.refused("the text is empty")),
        None => Ok(names),
    }
}

fn globs(node: &Node) -> Result<Globs, Error> {
    Ok(Globs(names(node)?.iter().map(|name| Glob::new(name)).collect()))
}

const SCANNER_KEYS: [&str; 2] = ["threshold", "min_severity"];

/// The keys that a typed rule has beside the common ones.
fn keys_of(kind: &str) -> &'static [&'static str] {
    match kind {
        "tool_allowlist" | "tool_denylist" => &["tools"],
        "rate_limit" => &["max_calls", "window_seconds", "per", "tools"],
        "data_protection" => &["patterns"],
        "tool_arguments" => &["arguments", "tools"],
        _ => &["after", "deny"],
    }
}

fn kind(map: &Map<'_>, data_patterns: &[&str]) -> Result<Kind, Error> {
    let typed = match (map.optional("scanner"), map.optional("type")) {
        (Some(_), Some(node)) => return Err(node.refused("a rule has `scanner` or `type`, not both")),
        (Some(node), None) => return scanner(map, node),
        (None, _) => map.required("type").map_err(|error| error.with("missing key `scanner` or `type`"))?,
    };
    let kind = typed.choice(&TYPES, |name| name)?;
    only(map, keys_of(kind), kind)?;
    let tools = || map.required("tools").and_then(globs);
    let some_tools = || map.optional("tools").map(globs).transpose();
    Ok(match kind {
        "tool_allowlist" => Kind::ToolAllowlist { tools: tools()? },
        "tool_denylist" => Kind::ToolDenylist { tools: tools()? },
        "rate_limit" => Kind::RateLimit {
            tools: some_tools()?,
            per: map.optional("per").map_or(Ok(Per::Agent), |node| node.choice(&Per::ALL, Per::name))?,
            limit: limit(map)?,
        },
        "data_protection" => Kind::DataProtection { patterns: patterns(map.required("patterns")?, data_patterns)? },
        "tool_arguments" => Kind::ToolArguments { tools: some_tools()?, checks: checks(map.required("arguments")?)? },
        _ => Kind::ToolFlow { after: globs(map.required("after")?)?, deny: globs(map.required("deny")?)? },
    })
}

/// Refuses keys that belong to other kinds of rules.
fn only(map: &Map<'_>, keys: &[&str], kind: &str) -> Result<(), Error> {
    let is_known = |entry: &&Entry| !COMMON_KEYS.contains(&entry.key.as_str()) && !keys.contains(&entry.key.as_str());
    map.entries.iter().find(is_known).map_or(Ok(()), |entry| {
        Err(Error::at(entry.position, format!("a `{kind}` rule has no key {}", quoted(&entry.key))))
    })
}

fn scanner(map: &Map<'_>, node: &Node) -> Result<Kind, Error> {
    let watched = node.choice(&Watched::all(), Watched::name)?;
    let keys: &[&str] = if watched == Watched::ToolCalls { &[] } else { &SCANNER_KEYS };
    only(map, keys, watched.name())?;
    Ok(Kind::Scanner {
        watched,
        threshold: map.optional("threshold").map(threshold).transpose()?,
        min_severity: map.optional("min_severity").map(severity).transpose()?,
    })
}

fn threshold(node: &Node) -> Result<f64, Error> {
    let number = number(node)?.value();
    if (0.0..=1.0).contains(&number) { Ok(number) } else { Err(node.refused("a threshold is between 0 and 1")) }
}

fn number(node: &Node) -> Result<Decimal, Error> {
    node.millionths().map(Decimal)
}

fn limit(map: &Map<'_>) -> Result<Option<Limit>, Error> {
    let (max_calls, window) = (map.optional("max_calls"), map.optional("window_seconds"));
    if max_calls.is_none() && window.is_none() {
        return Ok(None);
    }
    let (max_calls, window) = (map.required("max_calls")?, map.required("window_seconds")?);
    let max_calls = max_calls.integer_from(1)?;
    let window_seconds = number(window)?;
    if window_seconds <= Decimal(0) {
        return Err(window.refused("a window is longer than 0 seconds"));
    }
    Ok(Some(Limit { max_calls, window_seconds }))
}

fn patterns(node: &Node, known: &[&str]) -> Result<Globs, Error> {
    let patterns = globs(node)?;
    for (node, glob) in node.list()?.iter().zip(&patterns.0) {
        let glob = std::slice::from_ref(glob);
        if !known.iter().any(|id| names_pattern(glob, id)) {
            let name = node.text()?;
            let hint = did_you_mean(name, known.iter().copied());
            return Err(
                node.refused(format!("no pattern for personal data or secrets is called {}{hint}", quoted(name)))
            );
        }
    }
    Ok(patterns)
}

fn checks(node: &Node) -> Result<Vec<Check>, Error> {
    let mut checks = Vec::new();
    for Entry { key, position, node } in node.map()? {
        let path = read_path(key)
            .ok_or_else(|| Error::at(*position, format!("{} is no path such as `items[0].price`", quoted(key))))?;
        for entry in node.map_with(&TEST_KEYS)?.entries {
            if let Some(test) = test(entry)? {
                checks.push(Check { path: path.clone(), test });
            }
        }
    }
    if checks.is_empty() { Err(node.refused("nothing is asked of any argument")) } else { Ok(checks) }
}

/// What the entry asks for; `required: false` asks for nothing.
fn test(Entry { key, node, .. }: &Entry) -> Result<Option<Test>, Error> {
    Ok(Some(match key.as_str() {
        "equals" => Test::OneOf(vec![scalar(node)?]),
        "one_of" => match node.list()? {
            [] => return Err(node.refused("the list is empty")),
            allowed => Test::OneOf(allowed.iter().map(scalar).collect::<Result<_, _>>()?),
        },
        "matches" => Test::Matches(Regex::new(node.text()?).map_err(|error| node.refused(error.message().to_owned()))?),
        "max" => Test::Max(number(node)?),
        "min" => Test::Min(number(node)?),
        "max_length" => Test::MaxLength(node.integer_from(0)?),
        "domains" => Test::Domains(domains(node)?),
        _ if node.boolean()? => Test::Required,
        _ => return Ok(None),
    }))
}

/// Text, a number, a boolean or null.
pub(crate) fn scalar(node: &Node) -> Result<Scalar, Error> {
    match &node.value {
        Value::Text(text) => Ok(Scalar::Text(text.clone())),
        Value::Other(text) if text.eq_ignore_ascii_case("null") || text.is_empty() || text == "~" => Ok(Scalar::Null),
        Value::Other(text) if text.starts_with(['t', 'T', 'f', 'F']) => node.boolean().map(Scalar::Boolean),
        Value::Other(_) => number(node).map(Scalar::Number),
        Value::List(_) | Value::Map(_) => Err(node.refused("expected text, a number, `true`, `false` or `null`")),
    }
}

/// Host names, as URLs hold them: lower case, ASCII.
fn domains(node: &Node) -> Result<Globs, Error> {
    let domains = globs(node)?;
    let is_host = |text: &str| {
        text.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'*' | b'[' | b']' | b':'))
    };
    match node.list()?.iter().zip(&domains.0).find(|(_, glob)| !is_host(glob.source())) {
        Some((node, glob)) => Err(node.refused(format!(
            "{} is no host name, in lower case and ASCII, such as `*.example.com`",
            quoted(glob.source())
        ))),
        None => Ok(domains),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATTERNS: [&str; 4] = ["ssn", "credit_card", "phone_number.de", "github_token"];

    fn errors(source: &str) -> Vec<String> {
        read(source, &PATTERNS).expect_err("must be refused").iter().map(Error::to_string).collect()
    }

    /// The error of a document with this one rule, written in one line.
    fn error(rule: &str) -> String {
        let errors = errors(&format!("version: \"1.0\"\nrules:\n- {{ {rule} }}\n"));
        assert_eq!(errors.len(), 1, "{errors:?}");
        errors[0].clone()
    }

    #[test]
    fn the_head_must_be_whole() {
        for (source, message) in [
            ("", "document is empty"),
            ("a", "line 1, column 1: expected a map, found text"),
            ("rules: []", "line 1, column 1: missing key `version`"),
            ("version: \"1.0\"", "line 1, column 1: missing key `rules`"),
            ("version: 1.0\nrules: []", "line 1, column 10: the version must be \"1.0\", in quotes"),
            ("version: \"2.0\"\nrules: []", "line 1, column 10: the version must be \"1.0\", in quotes"),
            ("version: \"1.0\"\nrule: []", "line 2, column 1: unknown key `rule`; did you mean `rules`?"),
            ("version: \"1.0\"\nrules: {}", "line 2, column 8: expected a list, found a map"),
            (
                "version: \"1.0\"\nname: a/b\nrules: []",
                "line 2, column 7: a name has 1 to 100 characters, and no `/` among them",
            ),
            (
                "version: \"1.0\"\nname: 7\nrules: []",
                "line 2, column 7: expected text (in quotes), found a number, boolean or null",
            ),
            (
                "version: \"1.0\"\nrules: [",
                "line 3, column 1: not valid YAML: while parsing a node, did not find expected node content",
            ),
        ] {
            assert_eq!(errors(source), [message], "{source}");
        }
    }

    #[test]
    #[expect(clippy::too_many_lines, reason = "a table")]
    fn each_rule_says_what_is_wrong_with_it() {
        for (rule, message) in [
            ("scanner: jailbreak, action: block", "line 3, column 3: missing key `name`"),
            ("name: a, scanner: jailbreak", "line 3, column 3: missing key `action`"),
            ("name: a, action: block", "line 3, column 3: missing key `scanner` or `type`"),
            (
                "name: a, action: block, scaner: jailbreak",
                "line 3, column 29: unknown key `scaner`; did you mean `scanner`?",
            ),
            (
                "name: a, action: block, scanner: jailbrake",
                "line 3, column 38: `jailbrake` is not one of prompt_injection, jailbreak, data_exfiltration, tool_abuse, pii_detection, secret_detection, anomaly, tool_call; did you mean `jailbreak`?",
            ),
            (
                "name: a, action: block, type: tool_blocklist",
                "line 3, column 35: `tool_blocklist` is not one of tool_allowlist, tool_denylist, rate_limit, data_protection, tool_arguments, tool_flow",
            ),
            ("name: a, action: deny, scanner: jailbreak", "line 3, column 22: `deny` is not one of log, alert, block"),
            (
                "name: a, action: blok, scanner: jailbreak",
                "line 3, column 22: `blok` is not one of log, alert, block; did you mean `block`?",
            ),
            (
                "name: a, action: log, scanner: jailbreak, type: rate_limit",
                "line 3, column 53: a rule has `scanner` or `type`, not both",
            ),
            (
                "name: a, action: log, scanner: jailbreak, severity: hihg",
                "line 3, column 57: `hihg` is not one of low, medium, high, critical; did you mean `high`?",
            ),
            (
                "name: a, action: log, scanner: jailbreak, direction: in",
                "line 3, column 58: `in` is not one of input, output, both",
            ),
            (
                "name: a, action: log, scanner: jailbreak, threshold: 1.1",
                "line 3, column 58: a threshold is between 0 and 1",
            ),
            (
                "name: a, action: log, scanner: jailbreak, threshold: high",
                "line 3, column 58: expected a number, found text",
            ),
            (
                "name: a, action: log, scanner: jailbreak, threshold: 1e-1",
                "line 3, column 58: `1e-1` is no decimal number of at most six places",
            ),
            (
                "name: a, action: log, scanner: jailbreak, tools: [x]",
                "line 3, column 47: a `jailbreak` rule has no key `tools`",
            ),
            (
                "name: a, action: log, scanner: tool_call, threshold: 1",
                "line 3, column 47: a `tool_call` rule has no key `threshold`",
            ),
            ("name: a, action: log, type: tool_denylist", "line 3, column 3: missing key `tools`"),
            ("name: a, action: log, type: tool_denylist, tools: []", "line 3, column 55: the list is empty"),
            ("name: a, action: log, type: tool_denylist, tools: [x, '']", "line 3, column 59: the text is empty"),
            ("name: a, action: log, type: tool_denylist, tools: x", "line 3, column 55: expected a list, found text"),
            ("name: a, action: log, type: rate_limit, max_calls: 1", "line 3, column 3: missing key `window_seconds`"),
            (
                "name: a, action: log, type: rate_limit, max_calls: 0, window_seconds: 1",
                "line 3, column 56: `0` is no whole number from 1 to 4294967295",
            ),
            (
                "name: a, action: log, type: rate_limit, max_calls: 1.5, window_seconds: 1",
                "line 3, column 56: `1.5` is no whole number from 1 to 4294967295",
            ),
            (
                "name: a, action: log, type: rate_limit, max_calls: 1, window_seconds: 0",
                "line 3, column 75: a window is longer than 0 seconds",
            ),
            (
                "name: a, action: log, type: rate_limit, per: user",
                "line 3, column 50: `user` is not one of agent, tool, session, global",
            ),
            (
                "name: a, action: log, type: data_protection, patterns: [snn]",
                "line 3, column 61: no pattern for personal data or secrets is called `snn`; did you mean `ssn`?",
            ),
            (
                "name: a, action: log, type: data_protection, patterns: ['x*']",
                "line 3, column 61: no pattern for personal data or secrets is called `x*`",
            ),
            (
                "name: a, action: log, type: tool_arguments, arguments: {}",
                "line 3, column 60: nothing is asked of any argument",
            ),
            (
                "name: a, action: log, type: tool_arguments, arguments: { x: { required: false } }",
                "line 3, column 60: nothing is asked of any argument",
            ),
            (
                "name: a, action: log, type: tool_arguments, arguments: { 'x[': { max: 1 } }",
                "line 3, column 62: `x[` is no path such as `items[0].price`",
            ),
            (
                "name: a, action: log, type: tool_arguments, arguments: { x: { maximum: 1 } }",
                "line 3, column 67: unknown key `maximum`",
            ),
            (
                "name: a, action: log, type: tool_arguments, arguments: { x: { max: '1' } }",
                "line 3, column 72: expected a number, found text",
            ),
            (
                "name: a, action: log, type: tool_arguments, arguments: { x: { one_of: [] } }",
                "line 3, column 75: the list is empty",
            ),
            (
                "name: a, action: log, type: tool_arguments, arguments: { x: { equals: [] } }",
                "line 3, column 75: expected text, a number, `true`, `false` or `null`",
            ),
            (
                "name: a, action: log, type: tool_arguments, arguments: { x: { max_length: -1 } }",
                "line 3, column 79: `-1` is no whole number from 0 to 4294967295",
            ),
            (
                "name: a, action: log, type: tool_arguments, arguments: { x: { matches: '(' } }",
                "line 3, column 76: line 1 of the pattern: `(` without `)`",
            ),
            (
                "name: a, action: log, type: tool_arguments, arguments: { x: { domains: ['https://a.b'] } }",
                "line 3, column 77: `https://a.b` is no host name, in lower case and ASCII, such as `*.example.com`",
            ),
            (
                "name: a, action: log, type: tool_arguments, arguments: { x: { required: 1 } }",
                "line 3, column 77: expected `true` or `false`, found `1`",
            ),
            ("name: a, action: log, type: tool_flow, after: [x]", "line 3, column 3: missing key `deny`"),
            ("name: a, action: log, scanner: jailbreak, match: { agent: x }", "line 3, column 56: unknown key `agent`"),
            ("name: a, action: log, scanner: jailbreak, match: { tags: [] }", "line 3, column 62: the list is empty"),
            (
                "name: a, action: log, scanner: jailbreak, match: { agent_id: 7 }",
                "line 3, column 66: expected text (in quotes), found a number, boolean or null",
            ),
            (
                "name: a, action: log, scanner: jailbreak, match: { agent_id: '' }",
                "line 3, column 66: the text is empty",
            ),
            (
                "name: a, action: log, type: rate_limit, max_calls: 1, window_seconds: 1000000000001",
                "line 3, column 75: `1000000000001` is beyond 1000000000000",
            ),
            ("name: a, action: log, scanner: jailbreak, name: b", "line 3, column 47: duplicate key `name`"),
        ] {
            assert_eq!(error(rule), message, "{rule}");
        }
    }

    #[test]
    fn all_rules_that_are_wrong_are_told_at_once_but_not_too_many() {
        let rule = |name: &str| format!("- {{ name: {name}, scanner: jailbreak, action: block }}\n");
        let source = format!("version: \"1.0\"\nrules:\n{}- 7\n{}", rule("a"), rule("a"));
        assert_eq!(
            errors(&source),
            [
                "line 4, column 3: expected a map, found a number, boolean or null",
                "line 5, column 3: rule name `a` is taken"
            ]
        );
        assert_eq!(errors(&format!("version: \"1.0\"\nrules:\n{}", "- 7\n".repeat(1000))).len(), MAX_ERRORS);
    }

    #[test]
    fn a_document_may_have_no_rules_and_a_name() {
        let document = read("version: '1.0'\nname: prod\nrules: []\n", &PATTERNS).expect("valid");
        assert_eq!(document, Document { name: Some("prod".to_owned()), rules: Vec::new() });
    }
}
