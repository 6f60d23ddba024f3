//! Any bytes, in either direction: no panic, spans that can be used, and the same report every time.

#![no_main]

use libfuzzer_sys::fuzz_target;
use runesec_scanner::{Direction, Report, Scanner};

const KEY: [u8; 16] = *b"0123456789abcdef";

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    // What a scanner has read before must not matter, so one of the two reads both directions.
    let mut used = Scanner::new(KEY);
    for direction in [Direction::Input, Direction::Output] {
        let report = used.scan(&text, direction);
        check(&text, &report);
        assert_eq!(report, used.scan(&text, direction), "a second scan differs");
        assert_eq!(report, Scanner::new(KEY).scan(&text, direction), "a fresh scanner differs");
    }
});

fn check(text: &str, report: &Report) {
    assert!((0.0..=1.0).contains(&report.verdict.risk_score), "risk {}", report.verdict.risk_score);
    for finding in &report.findings {
        let value = text.get(finding.span.start..finding.span.end).expect("a span lies between characters of the text");
        assert!(!value.is_empty(), "empty span: {finding:?}");
        assert!((0.0..=1.0).contains(&finding.score), "{finding:?}");
    }
    assert!(report.findings.is_sorted_by_key(|finding| finding.span.start), "not sorted by start");
    for is_threat in [true, false] {
        let spans: Vec<_> =
            report.findings.iter().filter(|f| f.category.is_threat() == is_threat).map(|f| f.span).collect();
        for pair in spans.windows(2) {
            assert!(!pair[0].overlaps(pair[1]), "{pair:?} overlap");
        }
    }
}
