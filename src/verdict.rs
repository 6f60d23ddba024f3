//! From findings to a verdict.
//!
//! A finding's strength is its score times the weight of its severity. A threat blocks when one finding alone is strong
//! enough, so that a long honest text with several weak resemblances is flagged at most. Personal data and secrets only
//! flag: what to do about them is for a policy to say.

use crate::finding::{Finding, Severity};

/// Strength from which on a threat blocks.
pub const BLOCK_AT: f64 = 0.75;
/// Strength from which on a threat is reported.
pub const FLAG_AT: f64 = 0.35;
/// Score from which on personal data and secrets are reported.
pub const REPORT_AT: f64 = 0.3;

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
pub fn is_reported(finding: &Finding) -> bool {
    if finding.category.is_threat() { strength(finding) >= FLAG_AT } else { finding.score >= REPORT_AT }
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
