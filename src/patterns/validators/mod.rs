//! Checks that a regular expression cannot do. Each sees the reported span of a match.

mod credential;
mod number;

pub(crate) use self::number::crc32;

use super::pattern::{Pattern, Validator};
use crate::finding::{Category, Severity};

/// What a check makes of a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Judged {
    /// It is what the pattern says.
    Sound,
    /// It only looks like it, but may be a damaged or invented one.
    Doubtful,
    /// Its check digits are wrong. That leaves so little of the score that it is reported only where a pattern is very
    /// sure, which it is when a word says what the number is.
    Wrong,
    /// It is something else.
    Rejected,
}

/// Score and severity of a match of `pattern`, or nothing if it is no finding.
#[inline(never)]
pub(crate) fn judge(pattern: &Pattern, matched: &[u8]) -> Option<(f64, Severity)> {
    if pattern.category == Category::SecretDetection && credential::is_placeholder(matched) {
        return None;
    }
    let judged = match pattern.validator {
        Some(validator) => check(validator, matched),
        None if pattern.checksums.is_empty() => Judged::Sound,
        None => checked(matched, pattern.checksums.iter().all(|checksum| checksum.holds(matched))),
    };
    match judged {
        Judged::Sound => Some((pattern.score, pattern.severity)),
        Judged::Doubtful => Some((pattern.score * 0.6, pattern.severity.lowered())),
        Judged::Wrong => Some((pattern.score * 0.35, pattern.severity.lowered())),
        Judged::Rejected => None,
    }
}

#[inline(never)]
fn check(validator: Validator, matched: &[u8]) -> Judged {
    match validator {
        Validator::Luhn => checked(matched, number::luhn(matched)),
        Validator::Ssn => sound_if(number::ssn(matched)),
        Validator::Iban => number::iban(matched),
        Validator::Ipv4 => number::ipv4(matched),
        Validator::Ipv6 => sound_if(number::ipv6(matched)),
        Validator::Phone => sound_if(number::phone(matched)),
        Validator::NoDate => sound_if(!number::is_date(matched)),
        Validator::Rvnr => checked(matched, number::rvnr(matched)),
        Validator::Nric => doubtful_unless(number::nric(matched)),
        Validator::Mod97 => checked(matched, number::mod97(matched)),
        Validator::Iso7064 => checked(matched, number::iso7064(matched)),
        Validator::Verhoeff => checked(matched, number::verhoeff(matched)),
        Validator::Brn => sound_if(number::brn(matched)),
        Validator::CodiceFiscale => doubtful_unless(number::codice_fiscale(matched)),
        Validator::Vin => sound_if(number::vin(matched)),
        Validator::Random if credential::is_made_of_words(matched) => Judged::Rejected,
        Validator::Entropy | Validator::Random => credential::entropy(matched),
        Validator::Password => sound_if(credential::is_password(matched)),
        Validator::GithubCrc32 => credential::github_crc32(matched),
        Validator::AwsKeyId => credential::aws_key_id(matched),
        Validator::Jwt => sound_if(credential::is_jwt(matched)),
    }
}

/// What check digits make of a number. They hold for 000…0 as a rule, but nobody is given that.
fn checked(matched: &[u8], is_right: bool) -> Judged {
    match (number::has_different_digits(matched), is_right) {
        (true, true) => Judged::Sound,
        (true, false) => Judged::Wrong,
        (false, _) => Judged::Rejected,
    }
}

fn doubtful_unless(is_sound: bool) -> Judged {
    if is_sound { Judged::Sound } else { Judged::Doubtful }
}

fn sound_if(is_sound: bool) -> Judged {
    if is_sound { Judged::Sound } else { Judged::Rejected }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_check_answers_whatever_the_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..80), digits in "[0-9A-Z. -]{0,40}") {
            for validator in Validator::ALL {
                check(validator, &bytes);
                check(validator, digits.as_bytes());
            }
        }
    }
}
