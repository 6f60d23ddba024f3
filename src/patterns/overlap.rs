//! One finding per span: where findings overlap, the strongest stays.
//!
//! Threats are weighed against threats and data against data: an address that a threat wants something sent to is
//! still an address to redact.

use std::cmp::Reverse;

use crate::finding::Finding;
use crate::sort::sort_by_key;
use crate::span::Span;
use crate::verdict::strength;

/// The findings that stay, sorted by start.
#[inline(never)]
pub(crate) fn strongest(mut findings: Vec<Finding>) -> Vec<Finding> {
    // Strengths are not negative, so their bits are in the order of their values. What shows in several views is reported
    // as seen in the plainest.
    let rank =
        |f: &Finding| (Reverse((strength(f).to_bits(), f.span.len())), f.span.start, f.pattern, f.via.0.count_ones());
    sort_by_key(&mut findings, rank);
    let (mut threats, mut data) = (Covered::default(), Covered::default());
    findings.retain(|finding| {
        let covered = if finding.category.is_threat() { &mut threats } else { &mut data };
        covered.take(finding.span)
    });
    sort_by_key(&mut findings, |finding| (finding.span, finding.pattern));
    findings
}

/// Which bytes of the text are taken, one bit each.
#[derive(Default)]
struct Covered(Vec<u64>);

impl Covered {
    /// Takes the bytes of the span, unless one of them is taken.
    fn take(&mut self, span: Span) -> bool {
        let words = span.start / 64..span.end.div_ceil(64);
        self.0.resize(self.0.len().max(words.end), 0);
        let mask = |word: usize| {
            let from = span.start.saturating_sub(word * 64).min(63);
            let to = (span.end - word * 64).min(64);
            u64::MAX << from & u64::MAX >> (64 - to)
        };
        let words = self.0.get_mut(words.clone()).unwrap_or_default().iter_mut().zip(words);
        let words: Vec<(&mut u64, u64)> = words.map(|(taken, word)| (taken, mask(word))).collect();
        let is_free = words.iter().all(|(taken, mask)| **taken & mask == 0);
        if is_free {
            for (taken, mask) in words {
                *taken |= mask;
            }
        }
        is_free
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Category, Severity, Via};

    fn finding(category: Category, score: f64, start: usize, end: usize) -> Finding {
        let span = Span { start, end };
        Finding { pattern: 0, category, severity: Severity::High, score, span, via: Via::default(), fingerprint: 0 }
    }

    #[test]
    fn keeps_the_strongest_then_the_longest_of_overlapping_findings() {
        let weak = finding(Category::Jailbreak, 0.5, 0, 20);
        let strong = finding(Category::PromptInjection, 0.9, 15, 25);
        let apart = finding(Category::Jailbreak, 0.4, 25, 30);
        assert_eq!(strongest(vec![weak, strong, apart]), [strong, apart]);
        let longer = finding(Category::PromptInjection, 0.9, 10, 25);
        assert_eq!(strongest(vec![strong, longer]), [longer]);
    }

    #[test]
    fn a_threat_does_not_hide_the_data_under_it() {
        let threat = finding(Category::DataExfiltration, 0.9, 0, 30);
        let address = finding(Category::PiiDetection, 0.5, 10, 20);
        assert_eq!(strongest(vec![address, threat]), [threat, address]);
    }
}
