//! What JavaScript is told about documents, as JSON.

use super::Policies;
use super::argument::{Step, Test};
use super::document::Document;
use super::lint::Warning;
use super::rule::{Action, Kind, Limit, Per, Rule};
use crate::error::{Error, Position};
use crate::json::{array, object, string};

impl Policies {
    /// The rules in the order of their numbers, with what must be known to enforce them.
    #[must_use]
    pub fn table(&self) -> String {
        array(self.rules.iter().map(|placed| {
            let (rule, default) = (&placed.rule, self.default_limit);
            let document = self.documents.get(placed.document).map_or("", String::as_str);
            object([
                ("document", string(document)),
                ("name", string(&rule.name)),
                ("kind", string(rule.kind.name())),
                ("action", string(rule.action.name())),
                ("severity", string(rule.severity.name())),
                ("message", string(&rule.message(default))),
                ("limit", limit(&rule.kind, default)),
                ("checks", checks(&rule.kind)),
            ])
        }))
    }
}

fn limit(kind: &Kind, default: Limit) -> String {
    let Kind::RateLimit { per, limit, .. } = kind else { return "null".to_owned() };
    let Limit { max_calls, window_seconds } = limit.unwrap_or(default);
    object([
        ("per", string(Per::name(*per))),
        ("maxCalls", max_calls.to_string()),
        ("windowSeconds", window_seconds.to_string()),
    ])
}

fn checks(kind: &Kind) -> String {
    let Kind::ToolArguments { checks, .. } = kind else { return "[]".to_owned() };
    array(checks.iter().map(|check| {
        object([
            ("path", array(check.path.iter().map(step))),
            ("wantsHost", matches!(check.test, Test::Domains(_)).to_string()),
            ("message", string(&check.message())),
        ])
    }))
}

/// A key as a string, an index as a number, every member as null.
fn step(step: &Step) -> String {
    match step {
        Step::Key(key) => string(key),
        Step::Index(index) => index.to_string(),
        Step::Each => "null".to_owned(),
    }
}

impl Document {
    /// The name, the rules and the warnings.
    #[must_use]
    pub fn outline(&self) -> String {
        object([
            ("name", self.name.as_deref().map_or("null".to_owned(), string)),
            ("rules", array(self.rules.iter().map(rule))),
            ("warnings", array(self.warnings().iter().map(warning))),
        ])
    }
}

fn rule(rule: &Rule) -> String {
    object([
        ("name", string(&rule.name)),
        ("kind", string(rule.kind.name())),
        ("action", string(Action::name(rule.action))),
        ("severity", string(rule.severity.name())),
        ("line", rule.position.line.to_string()),
    ])
}

fn warning(Warning { position, code, message }: &Warning) -> String {
    let Position { line, column } = *position;
    object([
        ("code", string(code)),
        ("line", line.to_string()),
        ("column", column.to_string()),
        ("message", string(message)),
    ])
}

/// Why a document cannot be used. A line of 0 is none.
#[must_use]
pub fn errors(errors: &[Error]) -> String {
    object([(
        "errors",
        array(errors.iter().map(|error| {
            let Position { line, column } = error.position().unwrap_or(Position { line: 0, column: 0 });
            object([("line", line.to_string()), ("column", column.to_string()), ("message", string(error.message()))])
        })),
    )])
}
