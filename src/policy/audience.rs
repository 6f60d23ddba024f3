//! Whom a rule is for.

use super::glob::{Effort, Glob};

/// Who acts, as far as rules ask.
#[derive(Clone, Copy, Debug, Default)]
pub struct Subject<'s> {
    /// The agent's id, if it has one.
    pub agent: Option<&'s str>,
    /// Its tags.
    pub tags: &'s [String],
}

/// How specific a rule's match is, least to most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Tier {
    /// It has no match.
    Everyone,
    /// It asks for tags.
    Tags,
    /// It asks for agents by a glob.
    AgentGlob,
    /// It names the agent.
    Agent,
}

impl Tier {
    /// Every tier, least specific first.
    pub const ALL: [Self; 4] = [Self::Everyone, Self::Tags, Self::AgentGlob, Self::Agent];
}

/// A rule's `match`. A part that is empty asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Audience {
    /// One of these must stand for the agent.
    pub(crate) agents: Vec<Glob>,
    /// The agent must have one of these.
    pub(crate) tags: Vec<String>,
    /// The agent must have all of these.
    pub(crate) all_tags: Vec<String>,
}

impl Audience {
    /// How specifically it means the subject, if it does: by the entry that names the agent best.
    pub(crate) fn tier(&self, subject: &Subject<'_>) -> Option<Tier> {
        let has = |tag: &String| subject.tags.contains(tag);
        if !self.tags.is_empty() && !self.tags.iter().any(has) || !self.all_tags.iter().all(has) {
            return None;
        }
        if self.agents.is_empty() {
            let asks_for_tags = !self.tags.is_empty() || !self.all_tags.is_empty();
            return Some(if asks_for_tags { Tier::Tags } else { Tier::Everyone });
        }
        let matching = || self.agents.iter().filter(|glob| subject.agent.is_some_and(|agent| glob.matches(agent)));
        matching().map(|glob| if glob.is_exact() { Tier::Agent } else { Tier::AgentGlob }).max()
    }

    /// Whether it means everyone.
    pub(crate) fn is_everyone(&self) -> bool {
        *self == Self::default()
    }

    /// Whether everyone whom `other` means is meant by this, too. In doubt it says no.
    pub(crate) fn covers(&self, other: &Self, effort: &Effort) -> bool {
        let asks_no_more_tags = (self.tags.is_empty() || self.tags == other.tags)
            && effort.takes(self.all_tags.len() * other.all_tags.len())
            && self.all_tags.iter().all(|tag| other.all_tags.contains(tag));
        let asks_no_other_agents = || {
            let is_covered = |inner| self.agents.iter().any(|outer| outer.covers(inner, effort));
            self.agents.is_empty() || !other.agents.is_empty() && other.agents.iter().all(is_covered)
        };
        asks_no_more_tags && asks_no_other_agents()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn audience(agents: &[&str], tags: &[&str], all_tags: &[&str]) -> Audience {
        let texts = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        let agents = agents.iter().map(|&agent| Glob::new(agent)).collect();
        Audience { agents, tags: texts(tags), all_tags: texts(all_tags) }
    }

    #[test]
    fn the_most_specific_key_gives_the_tier() {
        let tags = ["prod".to_owned(), "eu".to_owned()];
        let subject = Subject { agent: Some("support-1"), tags: &tags };
        for (audience, tier) in [
            (audience(&[], &[], &[]), Some(Tier::Everyone)),
            (audience(&[], &["prod", "test"], &[]), Some(Tier::Tags)),
            (audience(&[], &[], &["prod", "eu"]), Some(Tier::Tags)),
            (audience(&[], &[], &["prod", "us"]), None),
            (audience(&["support-*"], &["prod"], &[]), Some(Tier::AgentGlob)),
            (audience(&["support-*", "support-1"], &[], &[]), Some(Tier::Agent)),
            (audience(&["support-2"], &[], &[]), None),
            (audience(&["support-*"], &["test"], &[]), None),
        ] {
            assert_eq!(audience.tier(&subject), tier, "{audience:?}");
        }
        let nobody = Subject { agent: None, tags: &[] };
        assert_eq!(audience(&["*"], &[], &[]).tier(&nobody), None, "no agent is no agent of any name");
    }

    #[test]
    fn knows_who_is_meant_by_another() {
        let effort = Effort::new(1_000);
        let everyone = audience(&[], &[], &[]);
        assert!(everyone.covers(&audience(&["a"], &["t"], &[]), &effort));
        assert!(!audience(&["a*"], &[], &[]).covers(&everyone, &effort));
        assert!(audience(&["a*"], &[], &[]).covers(&audience(&["ab", "ac*"], &["t"], &[]), &effort));
        assert!(!audience(&[], &["t"], &[]).covers(&audience(&[], &["u"], &[]), &effort));
        assert!(audience(&[], &[], &["t"]).covers(&audience(&[], &[], &["u", "t"]), &effort));
    }
}
