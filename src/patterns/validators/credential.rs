//! What tells a credential from a word, a variable and a placeholder.

use super::Judged;
use super::number::crc32;

/// Words that stand where a credential will be put, and the vendors' documented dummies.
const PLACEHOLDERS: [&[u8]; 16] = [
    b"your",
    b"xxxx",
    b"****",
    b"....",
    b"0000000",
    b"example",
    b"changeme",
    b"change-me",
    b"change_me",
    b"placeholder",
    b"dummy",
    b"redacted",
    b"insert",
    b"sample",
    b"-here",
    b"_here",
];

/// In this many bytes of a real credential none of the placeholders turns up by chance.
const MAX_PLACEHOLDER_BYTES: usize = 120;

pub(super) fn is_placeholder(matched: &[u8]) -> bool {
    if matched.len() > MAX_PLACEHOLDER_BYTES {
        return false;
    }
    let lower = matched.to_ascii_lowercase();
    let has = |word: &[u8]| lower.windows(word.len()).any(|window| window == word);
    let is_variable = [b"${".as_slice(), b"<", b"{{", b"%("].iter().any(|start| lower.starts_with(start));
    is_variable || PLACEHOLDERS.iter().any(|word| has(word))
}

/// Whether there is as much disorder in it as in what is generated. A run of the alphabet or of the digits makes it an
/// invented one.
pub(super) fn entropy(matched: &[u8]) -> Judged {
    let floor = if matched.len() < 20 { 2.7 } else { 3.0 };
    let has = |kind: fn(&u8) -> bool| matched.iter().any(kind);
    let is_mixed = has(u8::is_ascii_digit) || has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase);
    if bits_per_byte(matched) < floor || !is_mixed || !has(u8::is_ascii_alphabetic) {
        Judged::Rejected
    } else if has_sequence(matched) {
        Judged::Doubtful
    } else {
        Judged::Sound
    }
}

/// Whether somebody may have chosen it as a password: letters with digits or signs, not too monotonous.
pub(super) fn is_password(matched: &[u8]) -> bool {
    let is_sign = |b: &u8| b"!@#$%^&*+=?~".contains(b);
    let has_other = matched.iter().any(|b| b.is_ascii_digit() || is_sign(b));
    bits_per_byte(matched) >= 2.5 && has_other && matched.iter().any(u8::is_ascii_alphabetic)
}

/// Shannon entropy.
fn bits_per_byte(matched: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for &byte in matched {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "a match has at most 10,000 bytes")]
    let length = matched.len() as f64;
    let share = |count: &u32| f64::from(*count) / length;
    counts.iter().filter(|&&n| n > 0).map(|n| -share(n) * share(n).log2()).sum()
}

/// For each letter those that often follow it in English and in names of programs: nine in ten pairs of letters there,
/// one in four by chance.
const FOLLOWERS: [&[u8]; 26] = [
    b"bcdgilmnprstuv",
    b"aelou",
    b"aehiklortu",
    b"aeio",
    b"acdeflmnprstvx",
    b"aeior",
    b"eiu",
    b"aeiot",
    b"acdefglmnoprstv",
    b"e",
    b"e",
    b"adeilostuy",
    b"aeiop",
    b"acdefgiost",
    b"cdklmnoprstuvw",
    b"aeiloprtu",
    b"u",
    b"acdeimnorstuy",
    b"acehiopstu",
    b"aehioprstuy",
    b"aeilmnprst",
    b"aei",
    b"aehi",
    b"pt",
    b"p",
    b"",
];

/// Whether six in ten pairs of letters are common ones, which is rare among random letters. Hexadecimal digits spell no
/// words.
pub(super) fn is_made_of_words(matched: &[u8]) -> bool {
    if matched.iter().all(u8::is_ascii_hexdigit) {
        return false;
    }
    let pairs = matched.array_windows().filter(|[a, b]| {
        let is_hump = a.is_ascii_lowercase() && b.is_ascii_uppercase();
        a.is_ascii_alphabetic() && b.is_ascii_alphabetic() && !is_hump
    });
    let is_common = |[a, b]: &&[u8; 2]| {
        let followers = FOLLOWERS.get(usize::from(a.to_ascii_lowercase().wrapping_sub(b'a')));
        followers.is_some_and(|followers| followers.contains(&b.to_ascii_lowercase()))
    };
    let (all, common) = (pairs.clone().count(), pairs.filter(is_common).count());
    all >= 5 && common * 10 >= all * 6
}

/// Whether eight bytes follow each other as in the alphabet.
fn has_sequence(matched: &[u8]) -> bool {
    matched.array_windows::<8>().any(|run| run.array_windows().all(|&[a, b]| a.checked_add(1) == Some(b)))
}

/// The last six characters are the CRC-32 of what stands between them and the prefix, in base 62.
/// <https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/>
pub(super) fn github_crc32(matched: &[u8]) -> Judged {
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

/// Behind four letters such an id is written in base 32.
pub(super) fn aws_key_id(matched: &[u8]) -> Judged {
    if matched.iter().any(|b| matches!(b, b'0' | b'1' | b'8' | b'9')) { Judged::Doubtful } else { Judged::Sound }
}

/// Whether the part before the first full stop is base64 of JSON that names an algorithm.
pub(super) fn is_jwt(matched: &[u8]) -> bool {
    let header = matched.split(|&b| b == b'.').next().unwrap_or_default();
    let json = base64(header);
    let names = |key: &[u8]| json.windows(key.len()).any(|window| window == key);
    json.first() == Some(&b'{') && (names(b"\"alg\"") || names(b"\"enc\""))
}

/// The bytes that base64 stands for, in either alphabet, as far as it is valid.
fn base64(text: &[u8]) -> Vec<u8> {
    let sextets = text.iter().map_while(|&byte| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    });
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for sextet in sextets {
        (bits, count) = (bits << 6 | u32::from(sextet), count + 6);
        if count >= 8 {
            count -= 8;
            bytes.extend(u8::try_from(bits >> count & 0xFF));
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_no_secrets() {
        for placeholder in ["sk-your-key-here", "AKIAIOSFODNN7EXAMPLE", "${API_KEY}", "<token>", "ghp_xxxxxxxx"] {
            assert!(is_placeholder(placeholder.as_bytes()), "{placeholder}");
        }
        assert!(!is_placeholder(b"q8Zt3LmX0pRv"));
        assert!(!is_placeholder(&b"yOuR".repeat(400)), "a long key may hold such a word by chance");
    }

    #[test]
    fn names_and_sentences_are_not_random() {
        for random in ["q8Zt3LmX0pRvKd72", "3f9a1c7e5b2d8046a7c1e9f3b5d70824", "GhQzXvKpLwTrBnMjYcFs"] {
            assert_eq!(entropy(random.as_bytes()), Judged::Sound, "{random}");
            assert!(!is_made_of_words(random.as_bytes()), "{random}");
        }
        for plain in ["correct-horse-battery-staple1", "text-embedding-3-large", "handleSubmitButtonClick2"] {
            assert!(is_made_of_words(plain.as_bytes()), "{plain}");
        }
        assert_eq!(entropy(b"aaaaaaaaaaaaaaaa1"), Judged::Rejected);
        assert_eq!(entropy(b"q8Zt3LmX0pRvabcdefgh"), Judged::Doubtful);
        assert!(is_password(b"Sommer2024!") && !is_password(b"password") && !is_password(b"11111111"));
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
    fn key_ids_are_in_base_32() {
        assert_eq!(aws_key_id(b"ASIAQWERTYUIOP23"), Judged::Sound);
        assert_eq!(aws_key_id(b"ASIA0123456789"), Judged::Doubtful);
    }

    #[test]
    fn the_header_of_a_jwt_is_json() {
        let (header, payload) = ("eyJhbGciOiJIUzI1NiJ9", "eyJzdWIiOiIxIn0");
        assert_eq!(base64(header.as_bytes()), b"{\"alg\":\"HS256\"}");
        assert!(is_jwt(format!("{header}.{payload}.c2ln").as_bytes()));
        assert!(!is_jwt(format!("{payload}.{header}.c2ln").as_bytes()) && !is_jwt(b""));
    }
}
