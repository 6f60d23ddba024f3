//! From findings to a verdict.
//!
//! A finding's strength is its score times the weight of its severity. A threat blocks when one finding alone is strong
//! enough, so that a long honest text with several weak resemblances is flagged at most. Personal data and secrets only
//! flag: what to do about them is for a policy to say. Weak signals of an attack, in different words of different patterns near each
//! other, add up to one finding that flags; they never block.

use crate::finding::{Finding, Severity};
use crate::sort::sort_by_key;
use crate::span::Span;

/// Strength from which on a threat blocks.
pub const BLOCK_AT: f64 = 0.75;
/// Strength from which on a threat is reported.
pub const FLAG_AT: f64 = 0.35;
/// Score from which on personal data and secrets are reported.
pub const REPORT_AT: f64 = 0.3;
/// Bytes of the text within which weak signals add up.
pub const WINDOW_BYTES: usize = 400;

/// What a layer says about a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Nothing to report.
    Pass,
    /// Something to look at.
    Flag,
    /// Must not go on.
    Block,
}

/// The outcome with the risk it was drawn from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// What to do.
    pub outcome: Outcome,
    /// Noisy-or of the findings' strengths, 0–1.
    pub risk_score: f64,
}

/// How much a finding of this severity weighs.
#[must_use]
pub const fn weight(severity: Severity) -> f64 {
    match severity {
        Severity::Low => 0.4,
        Severity::Medium => 0.7,
        Severity::High => 0.9,
        Severity::Critical => 1.0,
    }
}

/// Score times weight.
#[must_use]
pub fn strength(finding: &Finding) -> f64 {
    finding.score * weight(finding.severity)
}

/// Whether a finding is worth reporting on its own.
#[must_use]
fn is_reported(finding: &Finding) -> bool {
    if finding.category.is_threat() { strength(finding) >= FLAG_AT } else { finding.score >= REPORT_AT }
}

/// What is worth reporting: the findings that are strong enough alone, and one finding for each window in which weaker
/// threats add up.
#[must_use]
#[inline(never)]
pub fn reported(mut findings: Vec<Finding>) -> Vec<Finding> {
    let mut weak: Vec<Finding> = findings.extract_if(.., |finding| !is_reported(finding)).collect();
    weak.retain(|finding| finding.category.is_threat());
    sort_by_key(&mut weak, |finding| (finding.span, finding.pattern));
    let mut rest = weak.as_slice();
    while let Some((first, behind)) = rest.split_first() {
        let end = first.span.start + WINDOW_BYTES;
        let window = rest.get(..rest.partition_point(|finding| finding.span.start < end)).unwrap_or_default();
        match sum(window) {
            Some((sum, used)) => {
                findings.push(sum);
                rest = rest.get(used..).unwrap_or_default();
            }
            None => rest = behind,
        }
    }
    findings
}

/// Most signals of a window that are added up; more of them say no more.
const MAX_SIGNALS: usize = 16;

/// One finding for the first signals of a window that suffice together, and how many these are. A pattern counts once, and so
/// do the words that several patterns find.
fn sum(window: &[Finding]) -> Option<(Finding, usize)> {
    let mut counted: Vec<&Finding> = Vec::new();
    let mut strength_of_all = 0.0;
    for (used, finding) in window.iter().enumerate().take(MAX_SIGNALS) {
        if counted.iter().any(|other| other.pattern == finding.pattern || other.span.overlaps(finding.span)) {
            continue;
        }
        counted.push(finding);
        strength_of_all = 1.0 - (1.0 - strength_of_all) * (1.0 - strength(finding));
        if strength_of_all >= FLAG_AT {
            let strongest = counted.iter().copied().max_by(|a, b| strength(a).total_cmp(&strength(b)))?;
            let span = Span {
                start: counted.iter().map(|f| f.span.start).min()?,
                end: counted.iter().map(|f| f.span.end).max()?,
            };
            let via = counted.iter().fold(strongest.via, |via, finding| via.with(finding.via));
            let (severity, score) = (Severity::Medium, strength_of_all / weight(Severity::Medium));
            return Some((Finding { severity, score, span, via, ..*strongest }, used + 1));
        }
    }
    None
}

/// The verdict on a text with these reported findings.
#[must_use]
pub fn verdict(findings: &[Finding]) -> Verdict {
    let outcome = |finding: &Finding| {
        if finding.category.is_threat() && strength(finding) >= BLOCK_AT { Outcome::Block } else { Outcome::Flag }
    };
    Verdict {
        outcome: findings.iter().map(outcome).max().unwrap_or(Outcome::Pass),
        risk_score: 1.0 - findings.iter().map(|finding| 1.0 - strength(finding)).product::<f64>(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Category, Via};
    use crate::span::Span;

    fn finding(category: Category, severity: Severity, score: f64) -> Finding {
        let span = Span { start: 0, end: 1 };
        Finding { pattern: 0, category, severity, score, span, via: Via::default(), fingerprint: 0 }
    }

    #[test]
    fn many_weak_threats_flag_and_one_strong_threat_blocks() {
        let weak = finding(Category::Jailbreak, Severity::Medium, 0.8);
        assert_eq!(verdict(&[weak; 9]).outcome, Outcome::Flag);
        let strong = finding(Category::PromptInjection, Severity::High, 0.9);
        assert_eq!(verdict(&[weak, strong]).outcome, Outcome::Block);
    }

    #[test]
    fn weak_signals_of_different_patterns_near_each_other_become_one_finding_that_flags() {
        let at = |pattern, start| Finding {
            pattern,
            span: Span { start, end: start + 10 },
            ..finding(Category::Jailbreak, Severity::Low, 0.5)
        };
        let sum = reported(vec![at(1, 0), at(2, 300)]);
        assert_eq!(sum.iter().map(|f| (f.pattern, f.span)).collect::<Vec<_>>(), [(2, Span { start: 0, end: 310 })]);
        assert_eq!(verdict(&sum).outcome, Outcome::Flag);
        assert_eq!(reported(vec![at(1, 0), at(1, 300)]), [], "the same pattern twice");
        assert_eq!(reported(vec![at(1, 0), at(2, 5)]), [], "the same words twice");
        assert_eq!(reported(vec![at(1, 0), at(2, 400)]), [], "too far apart");
        let many: Vec<Finding> = (0..50).map(|n| at(n, n)).collect();
        assert_eq!(verdict(&reported(many)).outcome, Outcome::Flag, "they never block");
    }

    #[test]
    fn personal_data_and_secrets_never_block_by_themselves() {
        let key = finding(Category::SecretDetection, Severity::Critical, 1.0);
        assert_eq!(verdict(&[key]), Verdict { outcome: Outcome::Flag, risk_score: 1.0 });
    }

    #[test]
    fn the_risk_score_is_the_noisy_or() {
        let half = finding(Category::Jailbreak, Severity::Critical, 0.5);
        assert!((verdict(&[half, half]).risk_score - 0.75).abs() < 1e-12);
        assert_eq!(verdict(&[]), Verdict { outcome: Outcome::Pass, risk_score: 0.0 });
    }
}
