//! The face towards JavaScript: converts, calls, converts. No other file knows of it.

use wasm_bindgen::prelude::wasm_bindgen;

use crate::engine::{Report, Scanner as Core};
use crate::finding::Direction;
use crate::patterns::Pattern;
use crate::redact::Style;
use crate::span::Utf16;

/// Scans texts; see `engine::Scanner`.
#[wasm_bindgen]
pub struct Scanner(Core);

#[wasm_bindgen]
impl Scanner {
    /// A scanner whose fingerprints are keyed with these 16 bytes, with the patterns of these files, which `checkPatterns`
    /// accepts, beside the built-in ones.
    #[wasm_bindgen(constructor)]
    #[must_use]
    #[allow(clippy::needless_pass_by_value, reason = "wasm-bindgen hands over owned values")]
    pub fn new(key: &[u8], files: Vec<String>) -> Self {
        let key = key.try_into().unwrap_or_default();
        let with_files = if files.is_empty() { None } else { Core::with_patterns(key, &files).ok() };
        Self(with_files.unwrap_or_else(|| Core::new(key)))
    }

    /// The scanner's patterns as JSON, `[{"id","category","severity","explanation"}]`, in the order of their numbers.
    #[must_use]
    pub fn patterns(&self) -> String {
        let entries: Vec<String> = self.0.patterns().map(entry).collect();
        format!("[{}]", entries.join(","))
    }

    /// Scans a text that travels to (0) or from (1) the model. Nothing, if there is nothing to report; else the outcome
    /// (0 pass, 1 flag, 2 block), the risk score, 1 if the scan is incomplete, and eight numbers for each finding: pattern
    /// index, start and end in UTF-16 code units, score, severity, upper and lower half of the fingerprint, via.
    pub fn scan(&mut self, text: &str, direction: u8) -> Option<Vec<f64>> {
        let direction = if direction == 1 { Direction::Output } else { Direction::Input };
        let report = self.0.scan(text, direction);
        (report.is_incomplete || !report.findings.is_empty()).then(|| numbers(text, &report))
    }

    /// The text with personal data and secrets replaced in the given style (0 redacted, 1 typed, 2 mask, 3 hash,
    /// 4 remove), or only what the patterns with the given indices find. Nothing if it could not be searched in full.
    #[allow(clippy::needless_pass_by_value, reason = "wasm-bindgen hands over owned values")]
    pub fn redact(&mut self, text: &str, style: u8, only: Option<Vec<u32>>) -> Option<String> {
        let style = Style::ALL.get(usize::from(style)).copied().unwrap_or(Style::Redacted);
        let only: Option<Vec<usize>> = only.map(|only| only.into_iter().map(|index| index as usize).collect());
        self.0.redact(text, style, only.as_deref())
    }

    /// Traps.
    #[cfg(feature = "trap-for-tests")]
    pub fn trap(&mut self) {
        std::process::abort();
    }
}

fn numbers(text: &str, report: &Report) -> Vec<f64> {
    let incomplete = f64::from(u8::from(report.is_incomplete));
    let mut numbers = vec![f64::from(report.verdict.outcome as u8), report.verdict.risk_score, incomplete];
    let mut utf16 = Utf16::new(text);
    for finding in &report.findings {
        let (start, end) = (utf16.offset(finding.span.start), utf16.offset(finding.span.end));
        let [high, low] = [finding.fingerprint >> 32, finding.fingerprint & 0xFFFF_FFFF];
        #[expect(clippy::cast_precision_loss, reason = "all far below 2^53")]
        numbers.extend([
            finding.pattern as f64,
            start as f64,
            end as f64,
            finding.score,
            f64::from(finding.severity as u8),
            high as f64,
            low as f64,
            f64::from(finding.via.0),
        ]);
    }
    numbers
}

fn entry(pattern: &Pattern) -> String {
    let (id, category, severity) = (&pattern.id, pattern.category.name(), pattern.severity.name());
    let explanation = escaped(&pattern.explanation);
    format!(r#"{{"id":"{id}","category":"{category}","severity":"{severity}","explanation":"{explanation}"}}"#)
}

/// The inside of a JSON string.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            escaped.push('\\');
        }
        escaped.push(if c.is_control() { ' ' } else { c });
    }
    escaped
}

/// What is wrong with the first pattern file that cannot be used, behind its number in brackets; nothing if all can.
#[wasm_bindgen(js_name = checkPatterns)]
#[must_use]
#[allow(unreachable_pub, clippy::needless_pass_by_value, reason = "the generated code re-exports and calls it")]
pub fn check_patterns(files: Vec<String>) -> Option<String> {
    let refused = Core::with_patterns([0; 16], &files).err();
    refused.map(|(file, message)| format!("[{file}]: {message}"))
}
