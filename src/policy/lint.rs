//! What is allowed in a document and yet hardly meant.

use super::argument::{Test, written};
use super::audience::Audience;
use super::document::Document;
use super::glob::{Effort, Glob, Globs};
use super::rule::{Action, Kind, Limit, Rule};
use crate::error::{Position, quoted};
use crate::finding::Direction;

/// Something that has no effect, or another one than it seems.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Where the rule begins.
    pub position: Position,
    /// A stable word.
    pub code: &'static str,
    /// What has no effect, and because of what.
    pub message: String,
}

impl Document {
    /// What hardly anybody means, in the order of the rules that say so.
    #[must_use]
    pub fn warnings(&self) -> Vec<Warning> {
        lint(self)
    }
}

/// Most steps of comparing rules; 2,000 rules for everyone are compared in that many.
const MAX_STEPS: usize = 5_000_000;
/// Most warnings about one document; more would not help anybody.
const MAX_WARNINGS: usize = 1_000;

fn lint(document: &Document) -> Vec<Warning> {
    let mut warnings = Vec::new();
    let effort = Effort::new(MAX_STEPS);
    let allowlists = deciding_allowlists(document);
    for (number, rule) in document.rules.iter().enumerate() {
        if effort.is_spent() || warnings.len() >= MAX_WARNINGS {
            let message = format!(
                "{} and the rules behind it are not compared with the others: there are too many",
                quoted(&rule.name)
            );
            warnings.push(Warning { position: rule.position, code: "not_compared", message });
            break;
        }
        let mut warn = |code, message: String| warnings.push(Warning { position: rule.position, code, message });
        let name = quoted(&rule.name);
        if rule.kind.is_about_tools() && rule.direction == Some(Direction::Output) {
            warn("never_applies", format!("{name} is about calls of tools, which are input; it never applies"));
            continue;
        }
        for (other_number, other) in document.rules.iter().enumerate().filter(|(other, _)| *other != number) {
            if let Some((code, why)) = why_useless(rule, other, number < other_number, &effort) {
                warn(code, format!("{name} {why} {}", quoted(&other.name)));
                break;
            }
        }
        for (entry, other) in excluded(rule, &allowlists, &effort) {
            let (entry, other) = (quoted(entry), quoted(other));
            warn("excluded_entry", format!("{name} denies {entry}, which the allowlist {other} excludes already"));
        }
        for path in forgotten(&rule.kind) {
            let message = format!("{name} asks what {path} must be, and not that it is given; add `required: true`");
            warn("not_required", message);
        }
    }
    warnings
}

/// Why the rule has no effect because of another one, if so.
fn why_useless(rule: &Rule, other: &Rule, is_first: bool, effort: &Effort) -> Option<(&'static str, &'static str)> {
    let covers_direction = other.direction.is_none() || other.direction == rule.direction;
    if !effort.takes(1) || !covers_direction {
        return None;
    }
    if is_overruled(rule, other, effort) {
        return Some(("unreachable_tier", "never decides, since this rule is for every agent and more specific:"));
    }
    if !other.audience.covers(&rule.audience, effort) {
        return None;
    }
    if let (
        Kind::RateLimit { tools, per, limit: Some(limit) },
        Kind::RateLimit { tools: outer, per: other_per, limit: Some(other_limit) },
    ) = (&rule.kind, &other.kind)
    {
        let is_within = per == other_per && covers(outer.as_ref(), tools.as_ref(), effort);
        return (is_within && other.action == Action::Block && never_reached(*limit, *other_limit))
            .then_some(("never_fires", "can never fire, because of the stricter limit"));
    }
    let is_stricter = other.action > rule.action || other.action == rule.action && !is_first;
    let is_like = rule.audience == other.audience && rule.direction == other.direction;
    let is_prohibition = matches!(rule.kind, Kind::ToolDenylist { .. });
    (is_stricter && (is_like || is_prohibition) && says_the_same(&rule.kind, &other.kind, effort))
        .then_some(("shadowed", "has no effect beside the rule that is as strict or stricter:"))
}

/// Whether `other`, by a glob that stands for every agent, takes all decisions of a rule for everyone or for tags.
fn is_overruled(rule: &Rule, other: &Rule, effort: &Effort) -> bool {
    let Audience { agents, tags, all_tags } = &other.audience;
    let is_for_all = effort.takes(agents.len()) && agents.iter().any(Glob::is_all);
    let is_candidate = is_for_all && tags.is_empty() && all_tags.is_empty() && rule.audience.agents.is_empty();
    is_candidate
        && match (&rule.kind, &other.kind) {
            (Kind::Scanner { watched: a, .. }, Kind::Scanner { watched: b, .. }) => a == b,
            (Kind::ToolAllowlist { .. }, Kind::ToolAllowlist { .. }) => true,
            (Kind::DataProtection { patterns: a }, Kind::DataProtection { patterns: b }) => b.covers(a, effort),
            _ => false,
        }
}

/// Whether whatever lets `kind` fire lets `other` fire as well.
fn says_the_same(kind: &Kind, other: &Kind, effort: &Effort) -> bool {
    match (kind, other) {
        (
            Kind::Scanner { watched: a, threshold: at, min_severity: least },
            Kind::Scanner { watched: b, threshold: other_at, min_severity: other_least },
        ) => {
            let is_as_sensitive = match (at, other_at) {
                (Some(at), Some(other_at)) => other_at <= at,
                (None, None) => true,
                _ => false,
            };
            a == b && is_as_sensitive && (other_least.is_none() || other_least <= least)
        }
        (Kind::ToolAllowlist { tools: a }, Kind::ToolAllowlist { tools: b }) => a.covers(b, effort),
        (Kind::ToolDenylist { tools: a }, Kind::ToolDenylist { tools: b })
        | (Kind::DataProtection { patterns: a }, Kind::DataProtection { patterns: b }) => b.covers(a, effort),
        (Kind::ToolFlow { after: a, deny: c }, Kind::ToolFlow { after: b, deny: d }) => {
            b.covers(a, effort) && d.covers(c, effort)
        }
        (Kind::ToolArguments { tools: a, checks: c }, Kind::ToolArguments { tools: b, checks: d }) => {
            covers(b.as_ref(), a.as_ref(), effort)
                && effort.takes(c.len() * d.len())
                && c.iter().all(|check| d.contains(check))
        }
        _ => false,
    }
}

/// Whether every tool of `inner` is one of `outer`, where none means all.
fn covers(outer: Option<&Globs>, inner: Option<&Globs>, effort: &Effort) -> bool {
    match (outer, inner) {
        (None, _) => true,
        (Some(outer), Some(inner)) => outer.covers(inner, effort),
        (Some(_), None) => false,
    }
}

/// Whether fewer calls than `limit` asks for can pass `stricter` in the window of `limit`.
fn never_reached(limit: Limit, stricter: Limit) -> bool {
    let windows = i64::from(u32::MAX)
        .min((limit.window_seconds.0 + stricter.window_seconds.0 - 1) / stricter.window_seconds.0.max(1));
    windows.saturating_mul(stricter.max_calls.into()) < limit.max_calls.into()
}

/// The allowlists that decide for everyone whom they mean: there is no more specific one that could let a tool through.
fn deciding_allowlists(document: &Document) -> Vec<(&Rule, &Globs)> {
    let mut allowlists: Vec<(&Rule, &Globs)> = Vec::new();
    for rule in &document.rules {
        if let Kind::ToolAllowlist { tools } = &rule.kind {
            allowlists.push((rule, tools));
        }
    }
    let specific = allowlists.iter().map(|(rule, _)| &rule.audience).find(|audience| !audience.is_everyone());
    let Some(specific) = specific else { return allowlists };
    let is_only = allowlists.iter().all(|(rule, _)| rule.audience == *specific || rule.audience.is_everyone());
    allowlists.retain(|(rule, _)| is_only && rule.audience == *specific);
    allowlists
}

/// The entries of a denylist that a blocking allowlist for everyone concerned does not hold, and which it is.
fn excluded<'d>(rule: &'d Rule, allowlists: &[(&'d Rule, &Globs)], effort: &Effort) -> Vec<(&'d str, &'d str)> {
    let Kind::ToolDenylist { tools } = &rule.kind else { return Vec::new() };
    let concerns = |other: &Rule| {
        effort.takes(1)
            && other.action == Action::Block
            && (other.direction.is_none() || other.direction == rule.direction)
            && other.audience.covers(&rule.audience, effort)
    };
    let concerning: Vec<_> = allowlists.iter().filter(|(other, _)| concerns(other)).collect();
    let entry = |entry: &'d Glob| {
        let is_excluding = |allowed: &Globs| !allowed.0.iter().any(|glob| glob.meets(entry, effort));
        let excluding = concerning.iter().find(|(_, allowed)| is_excluding(allowed));
        excluding.map(|(other, _)| (entry.source(), other.name.as_str()))
    };
    tools.0.iter().filter_map(entry).take(MAX_WARNINGS).collect()
}

/// The paths whose value is prescribed, and which a call may leave out.
fn forgotten(kind: &Kind) -> Vec<String> {
    let Kind::ToolArguments { checks, .. } = kind else { return Vec::new() };
    let is_required = |path| checks.iter().any(|check| check.path == path && check.test == Test::Required);
    let prescribed =
        checks.iter().filter(|check| matches!(check.test, Test::OneOf(_)) && !is_required(check.path.clone()));
    prescribed.map(|check| quoted(&written(&check.path))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::document::read;
    use super::*;

    fn warnings(rules: &str) -> Vec<String> {
        let document =
            read(&format!("version: \"1.0\"\nrules:\n{rules}"), &["ssn", "email", "phone_number.de"]).expect("valid");
        let told = |warning: &Warning| format!("{}: {}: {}", warning.position.line, warning.code, warning.message);
        lint(&document).iter().map(told).collect()
    }

    #[test]
    fn shadowed_rules() {
        assert_eq!(
            warnings(
                "- { name: a, scanner: jailbreak, action: alert }\n- { name: b, scanner: jailbreak, action: block }\n"
            ),
            ["3: shadowed: `a` has no effect beside the rule that is as strict or stricter: `b`"]
        );
        assert_eq!(
            warnings(
                "- { name: a, type: tool_denylist, tools: [x*], action: block }\n- { name: b, type: tool_denylist, tools: [xy], action: block, match: { tags: [t] } }\n"
            ),
            ["4: shadowed: `b` has no effect beside the rule that is as strict or stricter: `a`"]
        );
        assert_eq!(
            warnings(
                "- { name: a, scanner: jailbreak, action: alert }\n- { name: b, scanner: jailbreak, threshold: 0.9, action: block }\n"
            ),
            [""; 0],
            "the strict rule fires less often"
        );
    }

    #[test]
    fn tiers_that_never_decide() {
        assert_eq!(
            warnings(
                "- { name: a, type: tool_allowlist, tools: [x], action: block }\n- { name: b, type: tool_allowlist, tools: [y], action: block, match: { agent_id: \"*\" } }\n"
            ),
            ["3: unreachable_tier: `a` never decides, since this rule is for every agent and more specific: `b`"]
        );
    }

    #[test]
    fn denied_tools_that_are_not_allowed_anyway() {
        assert_eq!(
            warnings(
                "- { name: a, type: tool_allowlist, tools: [search, \"read_*\"], action: block }\n- { name: b, type: tool_denylist, tools: [shell, read_mail, \"s*\"], action: block }\n"
            ),
            ["4: excluded_entry: `b` denies `shell`, which the allowlist `a` excludes already"]
        );
        assert_eq!(
            warnings(
                "- { name: a, type: tool_allowlist, tools: [search], action: block }\n- { name: c, type: tool_allowlist, tools: [shell], action: block, match: { tags: [ops] } }\n- { name: b, type: tool_denylist, tools: [shell], action: block }\n"
            ),
            [""; 0],
            "a more specific allowlist lets it through"
        );
    }

    #[test]
    fn limits_that_can_never_fire() {
        let limits = |first: &str, second: &str| {
            warnings(&format!(
                "- {{ name: a, type: rate_limit, {first}, action: block }}\n- {{ name: b, type: rate_limit, {second}, action: block }}\n"
            ))
        };
        assert_eq!(
            limits("max_calls: 10, window_seconds: 60", "max_calls: 700, window_seconds: 3600"),
            ["4: never_fires: `b` can never fire, because of the stricter limit `a`"]
        );
        assert_eq!(limits("max_calls: 10, window_seconds: 60", "max_calls: 600, window_seconds: 3600"), [""; 0]);
        assert_eq!(
            limits("max_calls: 10, window_seconds: 60", "max_calls: 700, window_seconds: 60, per: tool"),
            [""; 0]
        );
    }

    #[test]
    fn comparing_ends_and_says_so() {
        let names = |prefix: &str| (0..9_000).map(|n| format!("{prefix}{n:04}*")).collect::<Vec<_>>().join(", ");
        let list = |name: &str, tools: &str, kind: &str| {
            format!("- {{ name: {name}, type: tool_{kind}, tools: [{tools}], action: block }}\n")
        };
        let (a, b) = (names("a"), names("b"));
        let backwards = a.split(',').rev().collect::<Vec<_>>().join(",");
        let many = |kinds: [&str; 2], others: &str| {
            warnings(&format!(
                "{}{}{}",
                list("x", &a, kinds[0]),
                list("y", others, kinds[1]),
                list("z", "c", "denylist")
            ))
        };
        let message = "not_compared: `z` and the rules behind it are not compared with the others: there are too many";
        assert_eq!(many(["denylist", "denylist"], &backwards), [format!("5: {message}")], "81 million pairs of names");
        assert_eq!(
            many(["allowlist", "denylist"], &b).last(),
            Some(&format!("5: {message}")),
            "81 million pairs of globs"
        );
        let few = warnings(&format!("{}{}", list("x", "a", "allowlist"), list("y", &names("b"), "denylist")));
        assert_eq!(few.len(), MAX_WARNINGS, "no more entries than anybody reads");
    }

    #[test]
    fn rules_that_never_apply_and_arguments_that_may_be_left_out() {
        assert_eq!(
            warnings("- { name: a, type: tool_denylist, tools: [x], action: block, direction: output }\n"),
            ["3: never_applies: `a` is about calls of tools, which are input; it never applies"]
        );
        assert_eq!(
            warnings(
                "- { name: a, type: tool_arguments, arguments: { to: { equals: x }, by: { one_of: [y], required: true } }, action: block }\n"
            ),
            ["3: not_required: `a` asks what `$.to` must be, and not that it is given; add `required: true`"]
        );
    }
}
