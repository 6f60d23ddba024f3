//! Checks that a regular expression cannot do. Each sees the reported span of a match.

use super::pattern::{Pattern, Validator};
use crate::finding::{Category, Severity};

/// What a check makes of a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Judged {
    /// It is what the pattern says.
    Sound,
    /// It only looks like it, but may be a damaged or invented one.
    Doubtful,
    /// It is something else.
    Rejected,
}

/// Score and severity of a match of `pattern`, or nothing if it is no finding.
pub(crate) fn judge(pattern: &Pattern, matched: &[u8]) -> Option<(f64, Severity)> {
    if pattern.category == Category::SecretDetection && is_placeholder(matched) {
        return None;
    }
    match pattern.validator.map_or(Judged::Sound, |validator| check(validator, matched)) {
        Judged::Sound => Some((pattern.score, pattern.severity)),
        Judged::Doubtful => Some((pattern.score * 0.6, pattern.severity.lowered())),
        Judged::Rejected => None,
    }
}

fn check(validator: Validator, matched: &[u8]) -> Judged {
    match validator {
        Validator::Luhn => sound_if(luhn(matched)),
        Validator::Ssn => sound_if(ssn(matched)),
        Validator::Iban => sound_if(iban(matched)),
        Validator::Ipv4 => ipv4(matched),
        Validator::Entropy => sound_if(is_disordered(matched)),
        Validator::GithubCrc32 => github_crc32(matched),
    }
}

fn sound_if(is_sound: bool) -> Judged {
    if is_sound { Judged::Sound } else { Judged::Rejected }
}

fn digits(matched: &[u8]) -> impl DoubleEndedIterator<Item = u32> {
    matched.iter().filter(|b| b.is_ascii_digit()).map(|b| u32::from(b - b'0'))
}

fn luhn(matched: &[u8]) -> bool {
    let doubled = |digit: u32| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
    let sum: u32 = digits(matched).rev().enumerate().map(|(i, d)| if i % 2 == 1 { doubled(d) } else { d }).sum();
    let mut all = digits(matched);
    let first = all.next();
    (13..=19).contains(&digits(matched).count()) && sum.is_multiple_of(10) && all.any(|d| Some(d) != first)
}

/// <https://www.ssa.gov/employer/randomization.html>
fn ssn(matched: &[u8]) -> bool {
    let number = digits(matched).fold(0, |number, digit| number * 10 + digit);
    let (area, group, serial) = (number / 1_000_000, number / 10_000 % 100, number % 10_000);
    digits(matched).count() == 9 && !matches!(area, 0 | 666 | 900..) && group != 0 && serial != 0
}

/// Country codes with the length of their IBANs, from the SWIFT registry.
const IBAN_LENGTHS: &str = "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29\
    ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21\
    LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27\
    SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30";

fn iban(matched: &[u8]) -> bool {
    let compact: Vec<u8> = matched.iter().filter(|b| b.is_ascii_alphanumeric()).map(u8::to_ascii_uppercase).collect();
    let Some((head, rest)) = compact.split_at_checked(4) else { return false };
    let (countries, _) = IBAN_LENGTHS.as_bytes().as_chunks::<4>();
    let fits = countries.iter().any(|[a, b, tens, ones]| {
        head.starts_with(&[*a, *b]) && compact.len() == usize::from(tens - b'0') * 10 + usize::from(ones - b'0')
    });
    let remainder = rest.iter().chain(head).fold(0_u32, |sum, &byte| match byte {
        b'0'..=b'9' => (sum * 10 + u32::from(byte - b'0')) % 97,
        _ => (sum * 100 + u32::from(byte - b'A') + 10) % 97,
    });
    fits && remainder == 1
}

/// Addresses of this machine, of documentation (RFC 5737) and of no host are nobody's; private ones say little.
fn ipv4(matched: &[u8]) -> Judged {
    let parts: Vec<u32> = matched.split(|&b| b == b'.').map(|part| digits(part).fold(0, |n, d| n * 10 + d)).collect();
    match parts.as_slice() {
        [a, b, c, d] if [a, b, c, d].into_iter().any(|n| *n > 255) => Judged::Rejected,
        [0 | 127 | 224.., ..] | [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Judged::Rejected,
        [10, ..] | [192, 168, ..] | [172, 16..=31, ..] => Judged::Doubtful,
        [_, _, _, _] => Judged::Sound,
        _ => Judged::Rejected,
    }
}

/// At least three bits of Shannon entropy per byte, and letters as well as digits.
fn is_disordered(matched: &[u8]) -> bool {
    let mut counts = [0_u32; 256];
    for &byte in matched {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a match has at most 10,000 bytes")]
    let length = matched.len() as f64;
    let share = |count: &u32| f64::from(*count) / length;
    let entropy: f64 = counts.iter().filter(|&&n| n > 0).map(|n| -share(n) * share(n).log2()).sum();
    entropy >= 3.0 && matched.iter().any(u8::is_ascii_digit) && matched.iter().any(u8::is_ascii_alphabetic)
}

/// The last six characters are the CRC-32 of what stands between them and the prefix, in base 62.
/// <https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/>
fn github_crc32(matched: &[u8]) -> Judged {
    const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let token = matched.rsplit(|&b| b == b'_').next().unwrap_or_default();
    let Some((random, checksum)) = token.len().checked_sub(6).and_then(|at| token.split_at_checked(at)) else {
        return Judged::Doubtful;
    };
    let value = checksum.iter().try_fold(0_u64, |sum, byte| {
        BASE62.iter().position(|known| known == byte).map(|digit| sum * 62 + digit as u64)
    });
    if value == Some(u64::from(crc32(random))) { Judged::Sound } else { Judged::Doubtful }
}

/// CRC-32 as in ISO/IEC 3309, bit by bit: it runs on thirty bytes once in a while.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    !bytes
        .iter()
        .fold(u32::MAX, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), |crc, _| crc >> 1 ^ (crc & 1) * 0xEDB8_8320))
}

/// Words that stand where a credential will be put, and the vendors' documented dummies.
const PLACEHOLDERS: [&[u8]; 14] = [
    b"your",
    b"xxxx",
    b"****",
    b"....",
    b"example",
    b"changeme",
    b"change-me",
    b"change_me",
    b"placeholder",
    b"dummy",
    b"redacted",
    b"insert",
    b"sample",
    b"12345678",
];

/// In this many bytes of a real credential none of the placeholders turns up by chance.
const MAX_PLACEHOLDER_BYTES: usize = 120;

fn is_placeholder(matched: &[u8]) -> bool {
    if matched.len() > MAX_PLACEHOLDER_BYTES {
        return false;
    }
    let lower = matched.to_ascii_lowercase();
    let has = |word: &[u8]| lower.windows(word.len()).any(|window| window == word);
    let is_variable = [b"${".as_slice(), b"<", b"{{", b"%("].iter().any(|start| lower.starts_with(start));
    is_variable || PLACEHOLDERS.iter().any(|word| has(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits() {
        assert!(luhn(b"4111 1111 1111 1111") && !luhn(b"4111 1111 1111 1112") && !luhn(b"0000000000000000"));
        assert!(iban(b"DE89 3704 0044 0532 0130 00") && iban(b"gb82west12345698765432"));
        assert!(!iban(b"DE88 3704 0044 0532 0130 00") && !iban(b"DE89 3704 0044 0532 0130") && !iban(b"DE"));
        assert!(ssn(b"123-45-6789") && !ssn(b"666-45-6789") && !ssn(b"900-45-6789") && !ssn(b"123-00-6789"));
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn addresses() {
        assert_eq!(ipv4(b"8.8.4.4"), Judged::Sound);
        assert_eq!(ipv4(b"192.168.0.7"), Judged::Doubtful);
        for nobody in ["127.0.0.1", "203.0.113.9", "256.1.1.1", "0.0.0.0", "1.2.3"] {
            assert_eq!(ipv4(nobody.as_bytes()), Judged::Rejected, "{nobody}");
        }
    }

    #[test]
    fn a_wrong_checksum_makes_a_token_doubtful() {
        let random = b"abcdefghijklmnopqrstuvwxyzABCD";
        let mut checksum = crc32(random);
        let mut token = b"ghp_".to_vec();
        token.extend(random);
        let mut base62 = Vec::new();
        for _ in 0..6 {
            base62.push(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"[(checksum % 62) as usize]);
            checksum /= 62;
        }
        token.extend(base62.iter().rev());
        assert_eq!(github_crc32(&token), Judged::Sound);
        token[10] ^= 1;
        assert_eq!(github_crc32(&token), Judged::Doubtful);
        assert_eq!(github_crc32(b"ghp_1"), Judged::Doubtful);
    }

    #[test]
    fn placeholders_and_ordered_text_are_no_secrets() {
        for placeholder in ["sk-your-key-here", "AKIAIOSFODNN7EXAMPLE", "${API_KEY}", "<token>", "ghp_xxxxxxxx"] {
            assert!(is_placeholder(placeholder.as_bytes()), "{placeholder}");
        }
        assert!(!is_placeholder(b"q8Zt3LmX0pRv"));
        assert!(!is_placeholder(&b"yOuR".repeat(400)), "a long key may hold such a word by chance");
        assert!(
            is_disordered(b"q8Zt3LmX0pRv") && !is_disordered(b"aaaaaaaa1") && !is_disordered(b"correcthorsebattery")
        );
    }
}
