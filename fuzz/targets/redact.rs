//! Any bytes, in every style: no panic, and nothing that a scan reports is left readable.

#![no_main]

use libfuzzer_sys::fuzz_target;
use runesec_scanner::{Category, Direction, Finding, Scanner, Style};

/// Characters of personal data that a mask may leave.
const SHOWN: usize = 4;

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    let mut scanner = Scanner::new([7; 16]);
    let reports = [Direction::Input, Direction::Output].map(|direction| scanner.scan(&text, direction));
    let redacted = Style::ALL.map(|style| scanner.redact(&text, style, None));
    let is_searched = redacted.iter().all(Option::is_some) && reports.iter().all(|report| !report.is_incomplete);
    let findings: Vec<Finding> = reports.into_iter().flat_map(|report| report.findings).collect();
    for finding in &findings {
        scanner.redact(&text, Style::Redacted, Some(&[finding.pattern]));
    }
    if !is_searched {
        return;
    }
    let data: Vec<&Finding> = findings.iter().filter(|finding| !finding.category.is_threat()).collect();
    let [plain, _, mask, ..] = redacted.map(Option::unwrap_or_default);
    if data.is_empty() {
        assert_eq!(plain, text, "nothing was reported, but something was taken out");
    }
    assert_eq!(plain, scanner.redact(&text, Style::Redacted, None).unwrap_or_default(), "a second time differs");
    check_mask(&text, &mask, &data);
});

/// A mask replaces characters one by one, so what is left of a value stands where the value stood.
fn check_mask(text: &str, mask: &str, findings: &[&Finding]) {
    assert_eq!(text.chars().count(), mask.chars().count(), "a mask has another length than the text");
    for finding in findings {
        let left = text
            .char_indices()
            .zip(mask.chars())
            .filter(|((at, _), _)| (finding.span.start..finding.span.end).contains(at))
            .filter(|((_, c), masked)| c == masked && c.is_alphanumeric())
            .count();
        let allowed = if finding.category == Category::SecretDetection { 0 } else { SHOWN };
        assert!(left <= allowed, "{left} characters are left of {finding:?}");
    }
}
