//! What is allowed in a document and yet hardly meant.

use super::argument::{Test, written};
use super::document::Document;
use super::glob::Globs;
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

fn lint(document: &Document) -> Vec<Warning> {
    let mut warnings = Vec::new();
    for (number, rule) in document.rules.iter().enumerate() {
        let mut warn = |code, message: String| warnings.push(Warning { position: rule.position, code, message });
        let name = quoted(&rule.name);
        if rule.kind.is_about_tools() && rule.direction == Some(Direction::Output) {
            warn("never_applies", format!("{name} is about calls of tools, which are input; it never applies"));
            continue;
        }
        for (other_number, other) in document.rules.iter().enumerate().filter(|(other, _)| *other != number) {
            if let Some((code, why)) = why_useless(rule, other, number < other_number) {
                warn(code, format!("{name} {why} {}", quoted(&other.name)));
                break;
            }
        }
        for (entry, other) in excluded(rule, document) {
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
fn why_useless(rule: &Rule, other: &Rule, is_first: bool) -> Option<(&'static str, &'static str)> {
    let covers_direction = other.direction.is_none() || other.direction == rule.direction;
    if !covers_direction {
        return None;
    }
    if is_overruled(rule, other) {
        return Some(("unreachable_tier", "never decides, since this rule is for every agent and more specific:"));
    }
    if !other.audience.covers(&rule.audience) {
        return None;
    }
    if let (
        Kind::RateLimit { tools, per, limit: Some(limit) },
        Kind::RateLimit { tools: outer, per: other_per, limit: Some(other_limit) },
    ) = (&rule.kind, &other.kind)
    {
        let is_within = per == other_per && covers(outer.as_ref(), tools.as_ref());
        return (is_within && other.action == Action::Block && never_reached(*limit, *other_limit))
            .then_some(("never_fires", "can never fire, because of the stricter limit"));
    }
    let same_effect =
        rule.audience == other.audience && rule.direction == other.direction && says_the_same(&rule.kind, &other.kind);
    let is_stricter = other.action > rule.action || other.action == rule.action && !is_first;
    let is_prohibition = matches!(rule.kind, Kind::ToolDenylist { .. });
    (is_stricter && (same_effect || is_prohibition && says_the_same(&rule.kind, &other.kind)))
        .then_some(("shadowed", "has no effect beside the rule that is as strict or stricter:"))
}

/// Whether `other`, by a glob that stands for every agent, takes all decisions of a rule for everyone or for tags.
fn is_overruled(rule: &Rule, other: &Rule) -> bool {
    let is_for_all = other.audience.agents.iter().any(super::glob::Glob::is_all)
        && other.audience.tags.is_empty()
        && other.audience.all_tags.is_empty();
    let is_same_topic = match (&rule.kind, &other.kind) {
        (Kind::Scanner { watched: a, .. }, Kind::Scanner { watched: b, .. }) => a == b,
        (Kind::ToolAllowlist { .. }, Kind::ToolAllowlist { .. }) => true,
        (Kind::DataProtection { patterns: a }, Kind::DataProtection { patterns: b }) => b.covers(a),
        _ => false,
    };
    is_for_all && rule.audience.agents.is_empty() && is_same_topic
}

/// Whether whatever lets `kind` fire lets `other` fire as well.
fn says_the_same(kind: &Kind, other: &Kind) -> bool {
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
        (Kind::ToolAllowlist { tools: a }, Kind::ToolAllowlist { tools: b }) => a.covers(b),
        (Kind::ToolDenylist { tools: a }, Kind::ToolDenylist { tools: b })
        | (Kind::DataProtection { patterns: a }, Kind::DataProtection { patterns: b }) => b.covers(a),
        (Kind::ToolFlow { after: a, deny: c }, Kind::ToolFlow { after: b, deny: d }) => b.covers(a) && d.covers(c),
        (Kind::ToolArguments { tools: a, checks: c }, Kind::ToolArguments { tools: b, checks: d }) => {
            covers(b.as_ref(), a.as_ref()) && c.iter().all(|check| d.contains(check))
        }
        _ => false,
    }
}

/// Whether every tool of `inner` is one of `outer`, where none means all.
fn covers(outer: Option<&Globs>, inner: Option<&Globs>) -> bool {
    match (outer, inner) {
        (None, _) => true,
        (Some(outer), Some(inner)) => outer.covers(inner),
        (Some(_), None) => false,
    }
}

/// Whether fewer calls than `limit` asks for can pass `stricter` in the window of `limit`.
fn never_reached(limit: Limit, stricter: Limit) -> bool {
    let windows = i64::from(u32::MAX)
        .min((limit.window_seconds.0 + stricter.window_seconds.0 - 1) / stricter.window_seconds.0.max(1));
    windows.saturating_mul(stricter.max_calls.into()) < limit.max_calls.into()
}

/// The entries of a denylist that a blocking allowlist for everyone concerned does not hold, and which it is.
fn excluded<'d>(rule: &'d Rule, document: &'d Document) -> Vec<(&'d str, &'d str)> {
    let Kind::ToolDenylist { tools } = &rule.kind else { return Vec::new() };
    let allowlists = || {
        document.rules.iter().filter_map(|other| match &other.kind {
            Kind::ToolAllowlist { tools } => Some((other, tools)),
            _ => None,
        })
    };
    // A more specific allowlist could let the tool through where it decides.
    let deciding = allowlists().filter(|(other, _)| {
        other.action == Action::Block
            && (other.direction.is_none() || other.direction == rule.direction)
            && other.audience.covers(&rule.audience)
            && allowlists().all(|(third, _)| third.audience == other.audience || third.audience.is_everyone())
    });
    let deciding: Vec<_> = deciding.collect();
    tools
        .0
        .iter()
        .filter_map(|entry| {
            let excluding = deciding.iter().find(|(_, allowed)| !allowed.0.iter().any(|glob| glob.meets(entry)));
            excluding.map(|(other, _)| (entry.source(), other.name.as_str()))
        })
        .collect()
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
