//! What a pattern says about itself, apart from how it matches.

use std::borrow::Cow;

use super::checksum::Checksum;
use crate::finding::{Category, Direction, Severity};

/// A detection.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// What policies and events call it.
    pub id: Cow<'static, str>,
    /// Kind of harm.
    pub category: Category,
    /// How bad.
    pub severity: Severity,
    /// How sure a match is, 0–1.
    pub score: f64,
    /// The only direction it is looked for in, if it is one.
    pub direction: Option<Direction>,
    /// Which text it reads.
    pub reads: Reads,
    /// What a match must also satisfy.
    pub validator: Option<Validator>,
    /// Check digits that a match must have.
    pub checksums: Vec<Checksum>,
    /// Words that speak for something else when they stand before a match.
    pub unless: Vec<Cow<'static, str>>,
    /// What was found, and so what.
    pub explanation: Cow<'static, str>,
}

impl Pattern {
    /// Whether it is looked for in texts that travel in this direction.
    #[must_use]
    pub fn applies_to(&self, direction: Direction) -> bool {
        self.direction.is_none_or(|only| only == direction)
    }
}

/// Which text a pattern reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// The text as its reader understands it, see [`crate::view`].
    Folded,
    /// The text as it is.
    Original,
}

/// A check that a regular expression cannot do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Validator {
    /// Check digit of payment cards and of many identity numbers (ISO/IEC 7812-1).
    Luhn,
    /// Area, group and serial numbers that the US Social Security Administration never issues.
    Ssn,
    /// Country, length and check digits (ISO 13616).
    Iban,
    /// Four numbers up to 255; addresses of this machine and this link are nobody's.
    Ipv4,
    /// Groups of hexadecimal digits that are an IPv6 address, and not names of a program.
    Ipv6,
    /// As many digits as phone numbers have, and no date.
    Phone,
    /// No date, as often stands behind the name of a number instead of it.
    NoDate,
    /// Check digit of German pension-insurance numbers.
    Rvnr,
    /// Check letter of Singapore's identity numbers.
    Nric,
    /// Two check digits that make a multiple of 97.
    Mod97,
    /// Check digit of ISO/IEC 7064 MOD 11,10.
    Iso7064,
    /// Check digit after Verhoeff.
    Verhoeff,
    /// Check digit of Korean business numbers.
    Brn,
    /// Check letter of Italian tax codes.
    CodiceFiscale,
    /// Check digit of vehicle identification numbers (49 CFR 565).
    Vin,
    /// Enough disorder for a generated credential.
    Entropy,
    /// The same, and no words: for what no prefix betrays.
    Random,
    /// What somebody may have chosen as a password.
    Password,
    /// The checksum at the end of GitHub's and npm's tokens.
    GithubCrc32,
    /// The alphabet of AWS's key ids.
    AwsKeyId,
    /// A header that is JSON.
    Jwt,
}

impl Validator {
    /// Every validator that a pattern file can name.
    pub const ALL: [Self; 21] = [
        Self::Luhn,
        Self::Ssn,
        Self::Iban,
        Self::Ipv4,
        Self::Ipv6,
        Self::Phone,
        Self::NoDate,
        Self::Rvnr,
        Self::Nric,
        Self::Mod97,
        Self::Iso7064,
        Self::Verhoeff,
        Self::Brn,
        Self::CodiceFiscale,
        Self::Vin,
        Self::Entropy,
        Self::Random,
        Self::Password,
        Self::GithubCrc32,
        Self::AwsKeyId,
        Self::Jwt,
    ];

    /// The name that pattern files use.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Luhn => "luhn",
            Self::Ssn => "ssn",
            Self::Iban => "iban",
            Self::Ipv4 => "ipv4",
            Self::Ipv6 => "ipv6",
            Self::Phone => "phone",
            Self::NoDate => "no_date",
            Self::Rvnr => "rvnr",
            Self::Nric => "nric",
            Self::Mod97 => "mod97",
            Self::Iso7064 => "iso7064",
            Self::Verhoeff => "verhoeff",
            Self::Brn => "brn",
            Self::CodiceFiscale => "codice_fiscale",
            Self::Vin => "vin",
            Self::Entropy => "entropy",
            Self::Random => "random",
            Self::Password => "password",
            Self::GithubCrc32 => "github_crc32",
            Self::AwsKeyId => "aws_key_id",
            Self::Jwt => "jwt",
        }
    }
}
