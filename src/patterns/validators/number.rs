//! Numbers with check digits, and numbers that are never given out.

use super::Judged;

fn digits(matched: &[u8]) -> impl DoubleEndedIterator<Item = u32> {
    matched.iter().filter(|b| b.is_ascii_digit()).map(|b| u32::from(b - b'0'))
}

fn value(matched: &[u8]) -> u64 {
    digits(matched).fold(0, |number: u64, digit| number.wrapping_mul(10).wrapping_add(digit.into()))
}

/// Whether not all digits are the same.
pub(super) fn has_different_digits(matched: &[u8]) -> bool {
    let mut all = digits(matched);
    let first = all.next();
    all.any(|digit| Some(digit) != first)
}

/// Every second digit is doubled, from the right. How many there are is for the pattern to say.
pub(super) fn luhn(matched: &[u8]) -> bool {
    let doubled = |digit: u32| if digit > 4 { digit * 2 - 9 } else { digit * 2 };
    let sum: u32 = digits(matched).rev().enumerate().map(|(i, d)| if i % 2 == 1 { doubled(d) } else { d }).sum();
    sum.is_multiple_of(10)
}

/// <https://www.ssa.gov/employer/randomization.html>
pub(super) fn ssn(matched: &[u8]) -> bool {
    let number = value(matched);
    let (area, group, serial) = (number / 1_000_000, number / 10_000 % 100, number % 10_000);
    digits(matched).count() == 9 && !matches!(area, 0 | 666 | 900..) && group != 0 && serial != 0
}

/// Country codes with the length of their IBANs, from the SWIFT registry.
const IBAN_LENGTHS: &str = "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29\
    ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32LI21LT20LU20LV21\
    LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27\
    SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30";

/// Country and length are right, or it is something else; wrong check digits may be a slip of the pen, but in lower case
/// they are those of some hexadecimal number.
pub(super) fn iban(matched: &[u8]) -> Judged {
    let compact: Vec<u8> = matched.iter().filter(|b| b.is_ascii_alphanumeric()).map(u8::to_ascii_uppercase).collect();
    let Some((head, rest)) = compact.split_at_checked(4) else { return Judged::Rejected };
    let (countries, _) = IBAN_LENGTHS.as_bytes().as_chunks::<4>();
    let fits = countries.iter().any(|[a, b, tens, ones]| {
        head.starts_with(&[*a, *b]) && compact.len() == usize::from(tens - b'0') * 10 + usize::from(ones - b'0')
    });
    let remainder = rest.iter().chain(head).fold(0_u32, |sum, &byte| match byte {
        b'0'..=b'9' => (sum * 10 + u32::from(byte - b'0')) % 97,
        _ => (sum * 100 + u32::from(byte - b'A') + 10) % 97,
    });
    match (fits, remainder) {
        (true, 1) => Judged::Sound,
        (true, _) if !matched.iter().any(u8::is_ascii_lowercase) => Judged::Doubtful,
        _ => Judged::Rejected,
    }
}

/// Addresses of this machine, of this link and of no host are nobody's. Private ones say little, and those for
/// documentation (RFC 5737) stand where somebody's would.
pub(super) fn ipv4(matched: &[u8]) -> Judged {
    let address = matched.split(|&b| b == b'/').next().unwrap_or_default();
    let parts: Vec<u64> = address.split(|&b| b == b'.').map(value).collect();
    match parts.as_slice() {
        [a, b, c, d] if [a, b, c, d].into_iter().any(|n| *n > 255) => Judged::Rejected,
        [0 | 127 | 224.., ..] | [169, 254, ..] => Judged::Rejected,
        [10, ..] | [192, 168, ..] | [172, 16..=31, ..] | [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => {
            Judged::Doubtful
        }
        [_, _, _, _] => Judged::Sound,
        _ => Judged::Rejected,
    }
}

/// Eight groups, or fewer with one `::` for those left out; an IPv4 address may take the place of the last two. In the
/// names of programs no digits stand.
pub(super) fn ipv6(matched: &[u8]) -> bool {
    let mut groups: Vec<&[u8]> = matched.split(|&b| b == b':').collect();
    // It stands for two groups.
    let ends_in_ipv4 = groups.pop_if(|last| last.contains(&b'.'));
    let is_address = ends_in_ipv4.is_none_or(|address| {
        let bytes: Vec<u64> = address.split(|&b| b == b'.').map(value).collect();
        bytes.len() == 4 && bytes.iter().all(|byte| *byte <= 255)
    });
    let gaps = matched.array_windows().filter(|pair| *pair == b"::").count();
    let is_cut = matched.starts_with(b":") && !matched.starts_with(b"::")
        || matched.ends_with(b":") && !matched.ends_with(b"::");
    let count = groups.iter().filter(|group| !group.is_empty()).count() + 2 * usize::from(ends_in_ipv4.is_some());
    let fits = if gaps == 0 { count == 8 } else { (2..8).contains(&count) };
    let is_name = !matched.iter().any(u8::is_ascii_digit) && count < 8;
    gaps <= 1 && fits && is_address && !is_cut && !is_name
}

/// Six digits to fifteen before the extension, not all the same, and no date or amount. Letters before them make it a
/// number of papers.
pub(super) fn phone(matched: &[u8]) -> bool {
    let number = matched.split(|b| matches!(b, b'x' | b'e')).next().unwrap_or_default();
    let groups: Vec<&[u8]> = number.split(|b| !b.is_ascii_digit()).filter(|group| !group.is_empty()).collect();
    let lengths: Vec<usize> = groups.iter().map(|group| group.len()).collect();
    let is_date = matches!(lengths.as_slice(), [1..=2, 1..=2, 4] | [4, 1..=2, 1..=2]);
    let is_counting = number.starts_with(b"01234567") || number.starts_with(b"09876543");
    let is_amount = groups.last().is_some_and(|last| *last == b"000");
    let least = match matched.first() {
        Some(b'+') => 8,
        Some(b'A'..=b'Z') => 6,
        Some(b'0'..=b'9') if lengths.len() > 2 => 6,
        _ => 7,
    };
    (least..=15).contains(&lengths.iter().sum::<usize>())
        && !is_date
        && !is_counting
        && !is_amount
        && has_different_digits(matched)
}

/// Whether a date begins here, year first or last, that may be followed by a time.
pub(super) fn is_date(matched: &[u8]) -> bool {
    let groups = matched.split(|b| matches!(b, b'-' | b'.' | b'/' | b' ')).filter(|group| !group.is_empty());
    let groups: Vec<&[u8]> = groups.take(3).collect();
    let is_year = |group: &[u8]| matches!(group, [b'1', b'9', _, _] | [b'2', b'0', _, _]);
    let is_part = |group: &[u8], most: u64| group.len() <= 2 && (1..=most).contains(&value(group));
    match groups.as_slice() {
        [year, month, day] if is_year(year) => is_part(month, 12) && is_part(day, 31),
        [day, month, year] if is_year(year) => is_part(day, 31) && is_part(month, 31),
        _ => false,
    }
}

/// Letters are two digits, and of each product the digits are added up.
pub(super) fn rvnr(matched: &[u8]) -> bool {
    const WEIGHTS: [u32; 12] = [2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1];
    let number = matched.iter().flat_map(|&byte| match byte {
        b'0'..=b'9' => vec![u32::from(byte - b'0')],
        b'A'..=b'Z' => vec![u32::from(byte - b'A' + 1) / 10, u32::from(byte - b'A' + 1) % 10],
        _ => Vec::new(),
    });
    let number: Vec<u32> = number.collect();
    let products = number.iter().zip(WEIGHTS).map(|(digit, weight)| digit * weight);
    let sum: u32 = products.map(|product| product / 10 + product % 10).sum();
    number.last() == Some(&(sum % 10)) && number.len() == WEIGHTS.len() + 1
}

/// The first letter says who it was given to and since when, and adds to the sum; the last letter checks it.
pub(super) fn nric(matched: &[u8]) -> bool {
    const WEIGHTS: [u32; 7] = [2, 7, 6, 5, 4, 3, 2];
    let Some((first, letters)) = matched.first().and_then(|first| {
        Some(match first {
            b'S' => (0, b"JZIHGFEDCBA"),
            b'T' => (4, b"JZIHGFEDCBA"),
            b'F' => (0, b"XWUTRQPNMLK"),
            b'G' => (4, b"XWUTRQPNMLK"),
            b'M' => (3, b"XWUTRQPNJLK"),
            _ => return None,
        })
    }) else {
        return false;
    };
    let sum = digits(matched).zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum::<u32>() + first;
    letters.get((sum % 11) as usize) == matched.last()
}

/// The last two digits and the number before them add up to a multiple of 97, as in France and Belgium. Corsica's `2A`
/// and `2B` stand for 19 and 18; Belgians born since 2000 have a 2 in front, which is not written.
pub(super) fn mod97(matched: &[u8]) -> bool {
    let mut number: Vec<u8> = Vec::new();
    for &byte in matched {
        match (byte, number.last_mut()) {
            (b'A' | b'B', Some(two)) => {
                *two = b'1';
                number.push(if byte == b'A' { b'9' } else { b'8' });
            }
            (b'0'..=b'9', _) => number.push(byte),
            _ => {}
        }
    }
    let Some((front, check)) = number.len().checked_sub(2).and_then(|at| number.split_at_checked(at)) else {
        return false;
    };
    let (front, check) = (value(front), value(check));
    let holds = |front: u64| front.wrapping_add(check).is_multiple_of(97);
    check > 0 && (holds(front) || number.len() == 11 && holds(front + 2_000_000_000))
}

/// The check digit of ISO/IEC 7064 MOD 11,10, as in Germany and Croatia.
pub(super) fn iso7064(matched: &[u8]) -> bool {
    let product = digits(matched).fold(10, |product, digit| {
        let sum = (product + digit) % 10;
        (if sum == 0 { 10 } else { sum }) * 2 % 11
    });
    // Behind the check digit the product is 2 times 1.
    product == 2
}

/// Verhoeff's check digit: the digits, permuted by their places, multiplied in the symmetries of a pentagon.
pub(super) fn verhoeff(matched: &[u8]) -> bool {
    const PERMUTATION: [u32; 10] = [1, 5, 7, 6, 2, 8, 3, 0, 9, 4];
    let permuted = |place: usize, digit: u32| {
        (0..place % 8).fold(digit, |d, _| PERMUTATION.get(d as usize).copied().unwrap_or_default())
    };
    // 0 to 4 turn the pentagon, 5 to 9 turn and flip it.
    let product = |a: u32, b: u32| match (a < 5, b < 5) {
        (true, true) => (a + b) % 5,
        (true, false) => (a + b) % 5 + 5,
        (false, true) => (a + 5 - b) % 5 + 5,
        (false, false) => (a + 5 - b) % 5,
    };
    let all = digits(matched).rev().enumerate();
    all.fold(0, |sum, (place, digit)| product(sum, permuted(place, digit))) == 0
}

/// The check digit of Korean business numbers: a weighted sum, and the tens of the last product once more.
pub(super) fn brn(matched: &[u8]) -> bool {
    const WEIGHTS: [u32; 10] = [1, 3, 7, 1, 3, 7, 1, 3, 5, 1];
    let sum: u32 = digits(matched).zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    let last = digits(matched).nth(8).unwrap_or_default();
    digits(matched).count() == WEIGHTS.len() && (sum + last * 5 / 10).is_multiple_of(10)
}

/// The last letter of an Italian tax code is the sum of what the others count for, which differs between odd places and
/// even ones.
pub(super) fn codice_fiscale(matched: &[u8]) -> bool {
    // What A to Z count for at odd places; digits count like the letters from A on.
    const ODD: &[u8; 26] = b"BAFHJNPRTVCESULDGIMOQKWZYX";
    let Some((check, front)) = matched.split_last() else { return false };
    let sum: u32 = front
        .iter()
        .enumerate()
        .map(|(at, byte)| {
            let plain = if byte.is_ascii_digit() { byte - b'0' } else { byte.to_ascii_uppercase().wrapping_sub(b'A') };
            let counted = if at % 2 == 0 { ODD.get(usize::from(plain)).map_or(0, |b| b - b'A') } else { plain };
            u32::from(counted)
        })
        .sum();
    u32::from(check.to_ascii_uppercase().wrapping_sub(b'A')) == sum % 26
}

/// The ninth character of a vehicle's number is the remainder of a weighted sum, in which letters count as 1 to 9.
pub(super) fn vin(matched: &[u8]) -> bool {
    // What A to Z count for; I, O and Q are not used.
    const LETTERS: &[u8; 26] = b"12345678012345070923456789";
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let counted = |byte: &u8| {
        let letter = LETTERS.get(usize::from(byte.wrapping_sub(b'A')));
        u32::from(letter.unwrap_or(byte).wrapping_sub(b'0'))
    };
    let sum: u32 = matched.iter().zip(WEIGHTS).map(|(byte, weight)| counted(byte) * weight).sum();
    let check = b"0123456789X".get(sum as usize % 11);
    matched.get(8) == check && matched.iter().any(u8::is_ascii_alphabetic)
}

/// CRC-32 as in ISO/IEC 3309, bit by bit: it runs on thirty bytes once in a while.
pub(crate) fn crc32(bytes: &[u8]) -> u32 {
    !bytes
        .iter()
        .fold(u32::MAX, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), |crc, _| crc >> 1 ^ (crc & 1) * 0xEDB8_8320))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits() {
        assert!(luhn(b"4111 1111 1111 1111") && !luhn(b"4111 1111 1111 1112"));
        assert_eq!(iban(b"DE89 3704 0044 0532 0130 00"), Judged::Sound);
        assert_eq!(iban(b"gb82west12345698765432"), Judged::Sound);
        assert_eq!(iban(b"DE88 3704 0044 0532 0130 00"), Judged::Doubtful);
        assert_eq!((iban(b"DE89 3704 0044 0532 0130"), iban(b"DE")), (Judged::Rejected, Judged::Rejected));
        assert!(nric(b"S1234567D") && nric(b"F1234567N") && nric(b"G1234567X") && nric(b"M1234567K"));
        assert!(!nric(b"S1234567E") && !nric(b"X1234567D") && !nric(b""));
        assert!(ssn(b"123-45-6789") && !ssn(b"666-45-6789") && !ssn(b"900-45-6789") && !ssn(b"123-00-6789"));
        assert!(mod97(b"1 85 05 78 006 084 91") && !mod97(b"1 85 05 78 006 084 92") && !mod97(b"1"));
        assert!(mod97(b"85.07.30-033.28") && mod97(b"17073003384") && !mod97(b"17073003385"));
        assert!(iso7064(b"86095742719") && !iso7064(b"86095742718") && !iso7064(b""));
        assert!(brn(b"120-81-47521") && !brn(b"120-81-47522") && !brn(b"120-81-4752"));
        assert!(verhoeff(b"2363") && !verhoeff(b"2364"));
        assert!(codice_fiscale(b"RSSMRA85T10A562S") && !codice_fiscale(b"RSSMRA85T10A562T") && !codice_fiscale(b""));
        assert!(rvnr(b"15 070649 C 103") && rvnr(b"65170839J003") && !rvnr(b"15 070649 C 104") && !rvnr(b"C"));
        assert!(vin(b"1M8GDM9AXKP042788") && vin(b"1HGCM82633A004352") && !vin(b"1M8GDM9A1KP042788") && !vin(b""));
        assert_eq!(crc32(b"123456789"), 0xCBF4_3926);
    }

    #[test]
    fn corsicans_have_letters_in_their_numbers() {
        assert!(mod97(b"2 95 10 2A 126 003 33") && !mod97(b"2 95 10 2B 126 003 33"));
    }

    #[test]
    fn phone_numbers_are_no_dates_and_no_amounts() {
        for number in ["+44 20 7946 0958", "33 93 31", "(11) 4706-6184", "+1-212-555-0199x12345"] {
            assert!(phone(number.as_bytes()), "{number}");
        }
        for other in [
            "24-12-2026",
            "2026-12-24",
            "+12345",
            "1 000 000",
            "1234567890123456",
            "3393 1",
            "0000000",
            "0123456789",
            "",
        ] {
            assert!(!phone(other.as_bytes()), "{other}");
        }
    }

    #[test]
    fn addresses() {
        assert!(ipv6(b"64:ff9b::192.0.2.1") && ipv6(b"2a02:2e0:3fe::") && ipv6(b"abcd:ab:c:d:e:f:abc:a"));
        assert!(
            !ipv6(b"::ffff:192.0.2.256") && !ipv6(b"1::2:3:") && !ipv6(b":1::2:3") && !ipv6(b"1:2:3:4:5:6:7:192.0.2.1")
        );
        assert!(ipv6(b"fe80::1c2d:3e4f") && ipv6(b"1:2:3:4:5:6:7:8") && ipv6(b"::ffff:192.0.2.1"));
        assert!(!ipv6(b"ab::cd") && !ipv6(b"1:2:3") && !ipv6(b"::1") && !ipv6(b"1::2::3"));
        assert_eq!((ipv4(b"8.8.4.4"), ipv4(b"84.23.110.0/24")), (Judged::Sound, Judged::Sound));
        for date in ["2024-10-11", "11.10.2024", "10/31/1999", "2024-10-11 12"] {
            assert!(is_date(date.as_bytes()), "{date}");
        }
        for number in ["2024-13-11", "11-22-333333-44", "20241011", "A2024-10-11", "1004-10-11"] {
            assert!(!is_date(number.as_bytes()), "{number}");
        }
        assert_eq!((ipv4(b"192.168.0.7"), ipv4(b"203.0.113.9")), (Judged::Doubtful, Judged::Doubtful));
        for nobody in ["127.0.0.1", "169.254.169.254", "256.1.1.1", "0.0.0.0", "1.2.3"] {
            assert_eq!(ipv4(nobody.as_bytes()), Judged::Rejected, "{nobody}");
        }
    }
}
