//! Reads the check digits of pattern files, such as `digits 3 7 1 3 7 1 3 7 modulo 10 gives 0987654321`.

use crate::error::Error;
use crate::patterns::checksum::{Checksum, Remainder};

/// Reads one line.
pub(crate) fn parse(line: &str) -> Result<Checksum, Error> {
    let wrong = || {
        Error::new(format!(
            "`{line}` is not a checksum; write `digits <weights> modulo <number> gives <a character for each remainder>`, \
                 with `characters` if letters count, or `leaves <remainder>` if the check digit has a weight too"
        ))
    };
    let number = |word: &str| word.parse::<u8>().map_err(|_| wrong());
    let mut words = line.split_whitespace();
    let letters = match words.next() {
        Some("digits") => false,
        Some("characters") => true,
        _ => return Err(wrong()),
    };
    let weights = words.by_ref().take_while(|&word| word != "modulo").map(number).collect::<Result<Vec<u8>, _>>()?;
    let modulus = number(words.next().unwrap_or_default())?;
    let remainder = match (words.next(), words.next(), words.next()) {
        (Some("gives"), Some(all), None) if all.len() <= usize::from(modulus) => {
            Remainder::Gives(all.as_bytes().to_vec())
        }
        (Some("leaves"), Some(wanted), None) => Remainder::Is(number(wanted)?),
        _ => return Err(wrong()),
    };
    if weights.is_empty() || modulus < 2 {
        return Err(wrong());
    }
    Ok(Checksum { letters, weights, modulus, remainder })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_forms() {
        let aba = parse("digits 3 7 1 3 7 1 3 7 modulo 10 gives 0987654321").expect("valid");
        assert!(aba.holds(b"011000015") && !aba.holds(b"011000016"));
        let rodne = parse("digits 10 1 10 1 10 1 10 1 10 1 modulo 11 leaves 0").expect("valid");
        assert!(rodne.holds(b"736028/5163") && !rodne.holds(b"736028/5164"));
    }

    #[test]
    fn quotes_what_it_cannot_read() {
        for line in [
            "",
            "digits 1 2",
            "digits 1 modulo 10",
            "digits modulo 10 leaves 0",
            "digits 1 modulo 3 gives 0123",
            "bits 1 modulo 2 leaves 0",
        ] {
            let error = parse(line).expect_err("must be refused").to_string();
            assert!(error.starts_with(&format!("`{line}` is not a checksum; write `digits <weights>")), "{error}");
        }
    }
}
