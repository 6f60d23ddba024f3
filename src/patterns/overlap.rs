//! One finding per span: where findings overlap, the strongest stays.
//!
//! Threats are weighed against threats and data against data: an address that a threat wants something sent to is
//! still an address to redact.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::finding::Finding;
use crate::verdict::strength;

/// The findings that stay, sorted by start.
pub(crate) fn strongest(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_unstable_by(|a, b| {
        let rest = |f: &Finding| (Reverse(f.span.len()), f.span.start, f.pattern);
        strength(b).total_cmp(&strength(a)).then_with(|| rest(a).cmp(&rest(b)))
    });
    let mut kept: [BTreeMap<usize, Finding>; 2] = Default::default();
    let [threats, data] = &mut kept;
    for finding in findings {
        let group = if finding.category.is_threat() { &mut *threats } else { &mut *data };
        // INVARIANT: the findings of a group do not overlap, so the last one that begins before the end is the only
        // one that could reach into the new one.
        let neighbour = group.range(..finding.span.end).next_back();
        if neighbour.is_none_or(|(_, other)| !other.span.overlaps(finding.span)) {
            group.insert(finding.span.start, finding);
        }
    }
    let mut all: Vec<Finding> = kept.into_iter().flat_map(BTreeMap::into_values).collect();
    all.sort_unstable_by_key(|finding| (finding.span, finding.pattern));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Category, Severity, Via};
    use crate::span::Span;

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
