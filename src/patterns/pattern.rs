//! What a pattern says about itself, apart from how it matches.

use crate::finding::{Category, Direction, Severity};

/// A detection.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pattern {
    /// What policies and events call it.
    pub id: &'static str,
    /// Kind of harm.
    pub category: Category,
    /// How bad.
    pub severity: Severity,
    /// How sure a match is, 0–1.
    pub score: f64,
    /// The only direction it is looked for in, if it is one.
    pub direction: Option<Direction>,
    /// What a match must also satisfy.
    pub validator: Option<Validator>,
    /// What was found, and so what.
    pub explanation: &'static str,
}

impl Pattern {
    /// Whether it is looked for in texts that travel in this direction.
    #[must_use]
    pub fn applies_to(&self, direction: Direction) -> bool {
        self.direction.is_none_or(|only| only == direction)
    }
}

/// A check that a regular expression cannot do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validator {
    /// Check digit of payment cards (ISO/IEC 7812-1).
    Luhn,
    /// Area, group and serial numbers that the US Social Security Administration never issues.
    Ssn,
    /// Country, length and check digits (ISO 13616).
    Iban,
    /// Four numbers up to 255; addresses of this machine and of documentation are nobody's.
    Ipv4,
    /// Enough disorder for a generated credential.
    Entropy,
    /// The checksum at the end of GitHub's and npm's tokens.
    GithubCrc32,
}

impl Validator {
    /// Every validator.
    pub const ALL: [Self; 6] = [Self::Luhn, Self::Ssn, Self::Iban, Self::Ipv4, Self::Entropy, Self::GithubCrc32];

    /// The name that pattern files use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Luhn => "luhn",
            Self::Ssn => "ssn",
            Self::Iban => "iban",
            Self::Ipv4 => "ipv4",
            Self::Entropy => "entropy",
            Self::GithubCrc32 => "github_crc32",
        }
    }
}
