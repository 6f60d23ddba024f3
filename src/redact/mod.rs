//! Takes findings out of a text.

use crate::finding::{Category, Finding};
use crate::patterns::Patterns;
use crate::siphash::Key;
use crate::span::Span;
use crate::verdict::strength;

/// What stands in for a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// `[REDACTED]`
    Redacted,
    /// The pattern's name: `[CREDIT_CARD]`
    Typed,
    /// Stars for letters and digits; of personal data with eight or more of them the last four stay.
    Mask,
    /// The pattern's name and a keyed hash, so that equal values can be told: `[credit_card:0123456789abcdef]`
    Hash,
    /// Nothing.
    Remove,
}

impl Style {
    /// Every style, in the order of their numbers at the boundary.
    pub const ALL: [Self; 5] = [Self::Redacted, Self::Typed, Self::Mask, Self::Hash, Self::Remove];
}

/// The text with each finding replaced. The findings are sorted by start; those that overlap are replaced as one.
pub(crate) fn redact(text: &str, findings: &[Finding], patterns: &Patterns, style: Style, key: &Key) -> String {
    let mut redacted = String::with_capacity(text.len());
    let mut copied = 0;
    for Group { span, strongest } in groups(findings) {
        redacted.push_str(text.get(copied..span.start).unwrap_or_default());
        let id = patterns.get(strongest.pattern).map_or("", |pattern| &pattern.id);
        redacted.push_str(&replacement(text.get(span.start..span.end).unwrap_or_default(), strongest, id, style, key));
        copied = span.end;
    }
    redacted.push_str(text.get(copied..).unwrap_or_default());
    redacted
}

/// What is replaced as one.
pub(crate) struct Group<'f> {
    pub(crate) span: Span,
    /// The finding that decides how the whole looks.
    strongest: &'f Finding,
}

/// Findings that overlap, together. They are sorted by start.
pub(crate) fn groups(findings: &[Finding]) -> impl Iterator<Item = Group<'_>> {
    let mut rest = findings.iter().peekable();
    std::iter::from_fn(move || {
        let first = rest.next()?;
        let mut group = Group { span: first.span, strongest: first };
        while let Some(next) = rest.next_if(|next| next.span.overlaps(group.span)) {
            group.span.end = group.span.end.max(next.span.end);
            // A secret gives nothing away.
            let rank = |f: &Finding| (f.category == Category::SecretDetection, strength(f));
            if rank(next) > rank(group.strongest) {
                group.strongest = next;
            }
        }
        Some(group)
    })
}

fn replacement(value: &str, finding: &Finding, id: &str, style: Style, key: &Key) -> String {
    // The variant (`phone_number.de`) is left out: it says how a value was found, not what it is.
    let name = id.split('.').next().unwrap_or_default();
    match style {
        Style::Redacted => "[REDACTED]".to_owned(),
        Style::Typed => format!("[{}]", name.to_ascii_uppercase()),
        Style::Mask => mask(value, finding.category == Category::PiiDetection),
        Style::Hash => format!("[{name}:{:016x}]", key.hash(value.as_bytes())),
        Style::Remove => String::new(),
    }
}

fn mask(value: &str, may_show_end: bool) -> String {
    let total = value.chars().filter(|c| c.is_alphanumeric()).count();
    let shown = if may_show_end && total >= 8 { 4 } else { 0 };
    let mut hidden = total - shown;
    let mut star = |c: char| {
        if c.is_alphanumeric() && hidden > 0 {
            hidden -= 1;
            '*'
        } else {
            c
        }
    };
    value.chars().map(&mut star).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Scanner;

    fn redacted(text: &str, style: Style) -> String {
        Scanner::new([0; 16]).redact(text, style, None).expect("searched in full")
    }

    #[test]
    fn replaces_in_every_style() {
        let text = "🙂 My SSN is 123-45-6789.";
        assert_eq!(redacted(text, Style::Redacted), "🙂 My SSN is [REDACTED].");
        assert_eq!(redacted(text, Style::Typed), "🙂 My SSN is [SSN].");
        assert_eq!(redacted(text, Style::Mask), "🙂 My SSN is ***-**-6789.");
        assert_eq!(redacted(text, Style::Remove), "🙂 My SSN is .");
        let hashed = redacted(text, Style::Hash);
        assert!(hashed.starts_with("🙂 My SSN is [ssn:") && hashed.ends_with("]."), "{hashed}");
        assert_eq!(hashed, redacted(text, Style::Hash));
    }

    #[test]
    fn a_short_value_is_masked_whole() {
        assert_eq!(mask("ab-1234", true), "**-****");
        assert_eq!(mask("ab-123456", false), "**-******");
    }

    #[test]
    fn a_scan_reports_what_redaction_takes_out_and_no_more() {
        for text in ["Phon€: 451 5986".to_owned(), format!("my SSN is 123<!-- {} -->-45-6789", "x".repeat(600))] {
            assert_eq!(redacted(&text, Style::Redacted), text);
            assert_eq!(Scanner::new([0; 16]).scan(&text, crate::Direction::Input).findings, [], "{text}");
        }
        for (text, value) in [("451 5986 o\u{E0041}fFice4", "451 5986"), ("tel: +491+491+491+4", "+491+491+491+4")] {
            assert_eq!(redacted(text, Style::Redacted), text.replace(value, "[REDACTED]"));
            let found = Scanner::new([0; 16]).scan(text, crate::Direction::Input).findings;
            let spans = found.iter().map(|finding| text.get(finding.span.start..finding.span.end));
            assert_eq!(spans.collect::<Vec<_>>(), [Some(value)]);
        }
    }

    #[test]
    fn a_list_of_addresses_is_searched_in_full_and_a_text_that_takes_too_long_is_not_handed_out() {
        let list = "ann@mail.de,bo@mail.fr,".repeat(2_000);
        assert_eq!(redacted(&list, Style::Remove), ",,".repeat(2_000));
        let dear = "id: long_key\ncategory: secret_detection\nseverity: high\nexplanation: A key.\n\
            pattern: '\\b keys (?:\\x20 | [a-z]{1,9}){1,60} [0-9]'\n\
            examples: ['the «keys a1»', '«keys are 1»']\ncounterexamples: [keys, keys a]\n";
        let mut scanner = Scanner::with_patterns([0; 16], &[dear]).expect("valid");
        assert_eq!(scanner.redact(&"keys ".repeat(8_000), Style::Redacted, None), None);
    }

    #[test]
    fn what_only_a_weaker_finding_covers_is_redacted_too() {
        let text = "token=\"Zq8w7e6r5t4.Kq9@Xv7z.de#K2j9\" and on";
        assert_eq!(redacted(text, Style::Redacted), "token=\"[REDACTED]\" and on");
        assert_eq!(redacted(text, Style::Mask), "token=\"***********.***@****.**#****\" and on");
    }

    #[test]
    fn a_match_that_ends_inside_a_character_takes_nothing_of_the_text_behind_it() {
        let text = format!("curl -u bob:pass1234{}END", "，然后把结果发给".repeat(9));
        assert!(redacted(&text, Style::Redacted).ends_with("END"), "{}", redacted(&text, Style::Redacted));
    }

    #[test]
    fn text_without_findings_stays_as_it_is() {
        assert_eq!(redacted("nothing here", Style::Redacted), "nothing here");
        assert_eq!(redacted("", Style::Redacted), "");
    }
}
