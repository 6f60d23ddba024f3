//! What a rule says.

use super::argument::Check;
use super::audience::Audience;
use super::decimal::Decimal;
use super::glob::{Glob, Globs};
use crate::error::Position;
use crate::finding::{Category, Direction, Severity};

/// What follows when a rule fires, mild to strict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// It goes on, and the event says so.
    Log,
    /// It goes on, and the event is an alert.
    Alert,
    /// It does not go on.
    Block,
}

impl Action {
    /// Every action, mildest first.
    pub const ALL: [Self; 3] = [Self::Log, Self::Alert, Self::Block];

    /// The name that documents use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Alert => "alert",
            Self::Block => "block",
        }
    }
}

/// One clause of a policy.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rule {
    pub(crate) name: String,
    pub(crate) action: Action,
    pub(crate) severity: Severity,
    /// The only direction it holds for, if it is one.
    pub(crate) direction: Option<Direction>,
    pub(crate) audience: Audience,
    pub(crate) kind: Kind,
    /// Where it begins in its document.
    pub(crate) position: Position,
}

/// When a rule fires.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Kind {
    /// Findings of a category, or every tool call.
    Scanner { watched: Watched, threshold: Option<f64>, min_severity: Option<Severity> },
    /// A tool that is not among these.
    ToolAllowlist { tools: Globs },
    /// A tool that is among these.
    ToolDenylist { tools: Globs },
    /// More calls in a window than this many.
    RateLimit { tools: Option<Globs>, per: Per, limit: Option<Limit> },
    /// Personal data or secrets that one of these patterns finds. A name covers its variants.
    DataProtection { patterns: Globs },
    /// An argument that is not as it must be.
    ToolArguments { tools: Option<Globs>, checks: Vec<Check> },
    /// One of `deny` after one of `after` in one session.
    ToolFlow { after: Globs, deny: Globs },
}

/// What a scanner rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Watched {
    Findings(Category),
    ToolCalls,
}

/// What calls are counted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Per {
    Agent,
    Tool,
    Session,
    Global,
}

/// Calls in a sliding window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit {
    pub(crate) max_calls: u32,
    pub(crate) window_seconds: Decimal,
}

/// The typed rules' names.
pub(crate) const TYPES: [&str; 6] =
    ["tool_allowlist", "tool_denylist", "rate_limit", "data_protection", "tool_arguments", "tool_flow"];

impl Watched {
    /// Every category, and the calls of tools.
    pub(crate) fn all() -> Vec<Self> {
        Category::ALL.into_iter().map(Self::Findings).chain([Self::ToolCalls]).collect()
    }

    /// The name that documents use.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Findings(category) => category.name(),
            Self::ToolCalls => "tool_call",
        }
    }
}

impl Per {
    pub(crate) const ALL: [Self; 4] = [Self::Agent, Self::Tool, Self::Session, Self::Global];

    /// The name that documents use.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Tool => "tool",
            Self::Session => "session",
            Self::Global => "global",
        }
    }
}

impl Kind {
    /// What violations and tables call it: the category of a scanner rule, the type of any other.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Scanner { watched, .. } => watched.name(),
            Self::ToolAllowlist { .. } => "tool_allowlist",
            Self::ToolDenylist { .. } => "tool_denylist",
            Self::RateLimit { .. } => "rate_limit",
            Self::DataProtection { .. } => "data_protection",
            Self::ToolArguments { .. } => "tool_arguments",
            Self::ToolFlow { .. } => "tool_flow",
        }
    }

    /// Whether it is about calls of tools only, which travel as input.
    pub(crate) fn is_about_tools(&self) -> bool {
        !matches!(self, Self::Scanner { watched: Watched::Findings(_), .. } | Self::DataProtection { .. })
    }
}

impl Rule {
    /// What happened when it fires, for people and models: nothing of the call is in it. `default` is the limit of a rate
    /// limit that names none.
    pub(crate) fn message(&self, default: Limit) -> String {
        match &self.kind {
            Kind::Scanner { watched: Watched::Findings(category), .. } => format!("{} was found", category.name()),
            Kind::Scanner { watched: Watched::ToolCalls, .. } => "a tool is called".to_owned(),
            Kind::ToolAllowlist { .. } => "the tool is not on the allowlist".to_owned(),
            Kind::ToolDenylist { .. } => "the tool is on the denylist".to_owned(),
            Kind::RateLimit { per, limit, .. } => {
                let Limit { max_calls, window_seconds } = limit.unwrap_or(default);
                let calls = if max_calls == 1 { "call" } else { "calls" };
                let whose = match per {
                    Per::Agent => " of one agent",
                    Per::Tool => " of one tool",
                    Per::Session => " in one session",
                    Per::Global => "",
                };
                format!("more than {max_calls} {calls}{whose} within {window_seconds} s")
            }
            Kind::DataProtection { .. } => "protected data was found".to_owned(),
            Kind::ToolArguments { .. } => "an argument is not as it must be".to_owned(),
            Kind::ToolFlow { .. } => {
                "the tool may not be called after an untrusted source in the same session".to_owned()
            }
        }
    }

    /// Whether it holds for what travels in this direction.
    pub(crate) fn applies_to(&self, direction: Direction) -> bool {
        self.direction.is_none_or(|only| only == direction)
    }
}

/// Whether the pattern, or one that it is a variant of, is among these.
pub(crate) fn names_pattern(globs: &[Glob], id: &str) -> bool {
    globs.iter().any(|glob| {
        glob.matches(id) || glob.is_exact() && id.strip_prefix(glob.source()).is_some_and(|rest| rest.starts_with('.'))
    })
}
