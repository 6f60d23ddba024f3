//! The order of the layers, and nothing else: text → view → findings → verdict.

use crate::finding::{Direction, Finding};
use crate::fingerprint::fingerprint;
use crate::patterns::{Finder, Pattern, strongest};
use crate::redact::{Style, redact};
use crate::siphash::Key;
use crate::verdict::{Verdict, is_reported, verdict};
use crate::view::View;

/// Memory for folded texts that a scanner keeps between scans.
const KEPT_BYTES: usize = 1 << 20;

/// Scans texts. It keeps no text, only memory to reuse.
pub struct Scanner {
    key: Key,
    finder: Finder,
    folded: Vec<u8>,
}

/// What a scan found.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// What L1 says.
    pub verdict: Verdict,
    /// What is worth reporting, sorted by start. Threats do not overlap threats, nor data data.
    pub findings: Vec<Finding>,
    /// The text was made so that matching it all would take too long; something may have been missed.
    pub is_incomplete: bool,
}

impl Scanner {
    /// A scanner whose fingerprints and hashes are keyed with `key`.
    #[must_use]
    pub fn new(key: [u8; 16]) -> Self {
        Self { key: Key::new(key), finder: Finder::default(), folded: Vec::new() }
    }

    /// Looks for everything that matters in a text travelling in this direction.
    pub fn scan(&mut self, text: &str, direction: Direction) -> Report {
        let (findings, is_incomplete) = self.find(text, |_, pattern| pattern.applies_to(direction));
        let mut findings = strongest(findings);
        for finding in &mut findings {
            finding.fingerprint = fingerprint(text, finding.span, &self.key);
        }
        Report { verdict: verdict(&findings), findings, is_incomplete }
    }

    /// The text without its personal data and secrets, or without what the patterns with the given indices find. Nothing
    /// if the text was made so that searching it all would take too long: what was missed must not get out.
    pub fn redact(&mut self, text: &str, style: Style, only: Option<&[usize]>) -> Option<String> {
        let is_wanted = |index: usize, pattern: &Pattern| match only {
            Some(only) => only.contains(&index),
            None => !pattern.category.is_threat(),
        };
        let (mut findings, is_incomplete) = self.find(text, is_wanted);
        findings.sort_unstable_by_key(|finding| (finding.span, finding.pattern));
        (!is_incomplete).then(|| redact(text, &findings, style, &self.key))
    }

    fn find(&mut self, text: &str, wanted: impl Fn(usize, &Pattern) -> bool) -> (Vec<Finding>, bool) {
        let view = View::new(text, &mut self.folded);
        let found = self.finder.find(&view, wanted);
        self.folded.clear();
        self.folded.shrink_to(KEPT_BYTES);
        let mut findings = found.findings;
        findings.retain(is_reported);
        (findings, found.is_incomplete)
    }
}
