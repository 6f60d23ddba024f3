//! Policies: what an agent may do.
//!
//! A YAML document becomes rules ([`document`]). For a subject and a direction each rule has a [`Standing`]; those that
//! speak are asked about a tool or about findings. All of it is pure: what was called before (rate limits, flows) is
//! state that the caller keeps, and so is the cache that makes a decision cost the same with any number of rules.

mod argument;
mod audience;
mod cases;
mod decimal;
mod document;
mod glob;
#[cfg(test)]
mod hostile;
mod lint;
mod regex;
mod rule;
mod table;
#[cfg(test)]
mod tests;

pub use self::argument::Argument;
pub use self::audience::{Subject, Tier};
pub use self::cases::read as read_cases;
pub use self::document::Document;
pub(crate) use self::document::read;
pub use self::lint::Warning;
pub use self::rule::Action;
pub use self::table::errors;

use self::decimal::Decimal;
use self::rule::{Kind, Limit, Rule, Watched, names_pattern};
use crate::finding::{Category, Direction, Severity};
use crate::verdict::{BLOCK_AT, weight};

/// Documents in force together.
#[derive(Debug)]
pub struct Policies {
    documents: Vec<String>,
    rules: Vec<PlacedRule>,
    /// Of rate limits that name none.
    default_limit: Limit,
}

/// A rule and what it needs to know of the others' world.
#[derive(Debug)]
struct PlacedRule {
    document: usize,
    rule: Rule,
    /// For each pattern whether the rule protects what it finds; empty if it protects nothing.
    protects: Vec<bool>,
}

/// What a rule has to do with a subject and a direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is not among the rules that were asked for.
    NotAsked,
    /// It holds for the other direction.
    OtherDirection,
    /// Its match means others.
    OtherSubject,
    /// It would hold, but a rule of a more specific tier decides.
    Overruled(Tier),
    /// It holds.
    Speaks(Tier),
}

/// What a rule that speaks wants of the call of a tool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// It fires.
    Fires,
    /// The call must be counted.
    Counts,
    /// The arguments must be checked.
    Checks,
    /// The call makes the session untrusted for this rule.
    Taints,
    /// It fires if the session is untrusted.
    Guards,
}

/// What rules know of a finding.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Seen {
    /// The pattern's number, if it was a pattern that found it.
    pub pattern: Option<usize>,
    /// Kind of harm.
    pub category: Category,
    /// How bad.
    pub severity: Severity,
    /// How sure, 0–1.
    pub score: f64,
    /// Whether it blocks by itself, where its strength does not say so.
    pub blocks: Option<bool>,
}

/// What follows from findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consequence {
    /// The rule that says so; none where no rule speaks about the finding.
    pub rule: Option<usize>,
    /// What to do.
    pub action: Action,
    /// The category of the finding that decided.
    pub category: Category,
}

impl Policies {
    /// These documents, by the names they are known under, in a world of patterns with these ids. `default_calls` is what a
    /// rate limit that names no limit allows in a minute.
    pub(crate) fn new(documents: Vec<(String, Document)>, patterns: &[&str], default_calls: u32) -> Self {
        let default_limit = Limit { max_calls: default_calls, window_seconds: Decimal(60_000_000) };
        let mut policies = Self { documents: Vec::new(), rules: Vec::new(), default_limit };
        for (number, (name, document)) in documents.into_iter().enumerate() {
            policies.documents.push(name);
            policies.rules.extend(document.rules.into_iter().map(|rule| {
                let protects = match &rule.kind {
                    Kind::DataProtection { patterns: globs } => {
                        patterns.iter().map(|id| names_pattern(&globs.0, id)).collect()
                    }
                    _ => Vec::new(),
                };
                PlacedRule { document: number, rule, protects }
            }));
        }
        policies
    }

    /// What each rule has to do with the subject and the direction, if only the rules `asked` for take part.
    #[must_use]
    pub fn standings(&self, subject: &Subject<'_>, direction: Direction, asked: Option<&[usize]>) -> Vec<Standing> {
        let mut standings: Vec<Standing> = (0..)
            .zip(&self.rules)
            .map(|(number, placed)| {
                if asked.is_some_and(|asked| !asked.contains(&number)) {
                    Standing::NotAsked
                } else if placed.rule.applies_to(direction) {
                    placed.rule.audience.tier(subject).map_or(Standing::OtherSubject, Standing::Speaks)
                } else {
                    Standing::OtherDirection
                }
            })
            .collect();
        let mut deciding = [Tier::Everyone; Topic::COUNT];
        for (placed, standing) in self.rules.iter().zip(&standings) {
            if let (Standing::Speaks(tier), Some(topic)) = (standing, Topic::of(&placed.rule.kind))
                && let Some(most) = deciding.get_mut(topic.0)
            {
                *most = (*most).max(*tier);
            }
        }
        for (placed, standing) in self.rules.iter().zip(&mut standings) {
            if let (Standing::Speaks(tier), Some(topic)) = (*standing, Topic::of(&placed.rule.kind))
                && deciding.get(topic.0).is_some_and(|most| tier < *most)
            {
                *standing = Standing::Overruled(tier);
            }
        }
        standings
    }

    /// What the rules that speak want of a call of this tool.
    #[must_use]
    pub fn judge_tool(&self, speaking: &[(usize, Tier)], tool: &str) -> Vec<(usize, Role)> {
        let mut roles = Vec::new();
        for &(number, _) in speaking {
            let Some(placed) = self.rules.get(number) else { continue };
            let mut add = |is_so: bool, role: Role| {
                if is_so {
                    roles.push((number, role));
                }
            };
            match &placed.rule.kind {
                Kind::Scanner { watched, .. } => add(*watched == Watched::ToolCalls, Role::Fires),
                Kind::ToolAllowlist { tools } => add(!tools.matches(tool), Role::Fires),
                Kind::ToolDenylist { tools } => add(tools.matches(tool), Role::Fires),
                Kind::RateLimit { tools, .. } => add(tools.as_ref().is_none_or(|t| t.matches(tool)), Role::Counts),
                Kind::ToolArguments { tools, .. } => add(tools.as_ref().is_none_or(|t| t.matches(tool)), Role::Checks),
                Kind::ToolFlow { after, deny } => {
                    add(deny.matches(tool), Role::Guards);
                    add(after.matches(tool), Role::Taints);
                }
                Kind::DataProtection { .. } => {}
            }
        }
        roles
    }

    /// What follows from findings: one consequence for each rule that fires, and one for each category that no rule speaks
    /// about.
    #[must_use]
    pub fn judge_findings(&self, speaking: &[(usize, Tier)], findings: &[Seen]) -> Vec<Consequence> {
        let mut consequences: Vec<Consequence> = Vec::new();
        // A text may hold one address ten thousand times; what is alike has like consequences.
        let mut different: Vec<&Seen> = Vec::new();
        for seen in findings {
            if different.contains(&seen) {
                continue;
            }
            different.push(seen);
            let mut has_spoken = false;
            let protecting = speaking.iter().filter(|(number, _)| self.protects(*number, seen));
            let deciding = protecting.map(|(_, tier)| *tier).max();
            for &(number, tier) in speaking {
                let Some(PlacedRule { rule, .. }) = self.rules.get(number) else { continue };
                let action = match &rule.kind {
                    Kind::Scanner { watched: Watched::Findings(category), threshold, min_severity }
                        if *category == seen.category =>
                    {
                        seen.action(rule.action, *threshold, *min_severity)
                    }
                    _ if self.protects(number, seen) && deciding == Some(tier) => Some(rule.action),
                    _ => continue,
                };
                has_spoken = true;
                if let Some(action) = action {
                    add(&mut consequences, Consequence { rule: Some(number), action, category: seen.category });
                }
            }
            if !has_spoken {
                let action = seen.action_without_rules();
                add(&mut consequences, Consequence { rule: None, action, category: seen.category });
            }
        }
        consequences
    }

    fn protects(&self, rule: usize, seen: &Seen) -> bool {
        let protects = self.rules.get(rule).zip(seen.pattern).and_then(|(placed, id)| placed.protects.get(id));
        protects.copied().unwrap_or_default()
    }

    /// Whether a value passes a check of a rule; yes if there is no such check.
    #[must_use]
    pub fn passes(&self, rule: usize, check: usize, argument: &Argument<'_>) -> bool {
        match self.rules.get(rule).map(|placed| &placed.rule.kind) {
            Some(Kind::ToolArguments { checks, .. }) => {
                checks.get(check).is_none_or(|check| check.test.passes(argument))
            }
            _ => true,
        }
    }
}

impl Default for Policies {
    /// None.
    fn default() -> Self {
        Self::new(Vec::new(), &[], 1)
    }
}

impl Seen {
    /// Whether it is an attack, which blocks by itself when it is strong enough.
    fn is_attack(&self) -> bool {
        self.category.is_threat() && self.category != Category::Anomaly
    }

    /// Whether it blocks without a policy.
    fn blocks(&self) -> bool {
        let is_strong = || self.score * weight(self.severity) >= BLOCK_AT;
        self.is_attack() && self.blocks.unwrap_or_else(is_strong)
    }

    /// What follows where no rule speaks about it.
    fn action_without_rules(&self) -> Action {
        match (self.category.is_threat(), self.blocks()) {
            (true, true) => Action::Block,
            (true, false) => Action::Alert,
            (false, _) => Action::Log,
        }
    }

    /// What a scanner rule with this action makes of it, if it fires.
    fn action(&self, action: Action, threshold: Option<f64>, min_severity: Option<Severity>) -> Option<Action> {
        if min_severity.is_some_and(|least| self.severity < least) {
            return None;
        }
        match threshold {
            Some(threshold) => (self.score >= threshold).then_some(action),
            // A threat that is only worth a look must not block because somebody wants attacks blocked.
            None if action == Action::Block && self.is_attack() && !self.blocks() => Some(Action::Alert),
            None => Some(action),
        }
    }
}

/// Adds a consequence: of one rule, or of one category without a rule, the strictest stays.
fn add(consequences: &mut Vec<Consequence>, new: Consequence) {
    let is_same = |old: &&mut Consequence| old.rule == new.rule && (new.rule.is_some() || old.category == new.category);
    match consequences.iter_mut().find(is_same) {
        Some(old) if old.action < new.action => *old = new,
        Some(_) => {}
        None => consequences.push(new),
    }
}

/// What only the most specific rules decide about: each category of scanner rules, and the allowlists.
struct Topic(usize);

impl Topic {
    const COUNT: usize = Category::ALL.len() + 2;

    fn of(kind: &Kind) -> Option<Self> {
        match kind {
            Kind::Scanner { watched: Watched::Findings(category), .. } => Some(Self(*category as usize)),
            Kind::Scanner { watched: Watched::ToolCalls, .. } => Some(Self(Category::ALL.len())),
            Kind::ToolAllowlist { .. } => Some(Self(Category::ALL.len() + 1)),
            _ => None,
        }
    }
}
