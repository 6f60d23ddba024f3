//! Check digits that are a weighted sum, as most countries' are. Pattern files say which; the build reads them.

/// One check character: the digits before it times the weights, summed up, divided by the modulus; the remainder tells
/// the character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checksum {
    /// Letters count, as 10 to 35. Otherwise they are skipped, save for one at the very end.
    pub(crate) letters: bool,
    /// What each character is multiplied by. If the number has fewer characters, the first weights are left out.
    pub(crate) weights: Vec<u8>,
    pub(crate) modulus: u8,
    /// What comes of the remainder.
    pub(crate) remainder: Remainder,
}

/// What the remainder of a weighted sum says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Remainder {
    /// The character behind the weighted ones: the one with this number, `-` standing for none.
    Gives(Vec<u8>),
    /// Nothing, the check digit has its weight like the others; the remainder is this.
    Is(u8),
}

impl Checksum {
    /// Whether the check character is right.
    pub(crate) fn holds(&self, number: &[u8]) -> bool {
        let Some((&last, front)) = number.split_last() else { return false };
        let counts = |b: &u8| b.is_ascii_digit() || self.letters && b.is_ascii_alphabetic();
        let characters = front.iter().copied().filter(counts).chain(Some(last).filter(u8::is_ascii_alphanumeric));
        let characters: Vec<u8> = characters.map(|b| b.to_ascii_uppercase()).collect();
        let wanted = self.weights.len() + usize::from(matches!(self.remainder, Remainder::Gives(_)));
        let weights = self.weights.get(wanted.saturating_sub(characters.len())..).unwrap_or_default();
        let sum: u32 = weights.iter().zip(&characters).map(|(&weight, &b)| u32::from(weight) * value(b)).sum();
        let remainder = sum % u32::from(self.modulus.max(1));
        match &self.remainder {
            Remainder::Is(wanted) => remainder == u32::from(*wanted) && weights.len() == characters.len(),
            Remainder::Gives(all) => {
                let check = all.get(remainder as usize);
                !weights.is_empty() && check.is_some_and(|check| characters.get(weights.len()) == Some(check))
            }
        }
    }
}

fn value(character: u8) -> u32 {
    char::from(character).to_digit(36).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_remainder_gives_a_digit_or_a_letter() {
        let gives = Remainder::Gives(b"10X98765432".to_vec());
        let weights = vec![7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        let cn = Checksum { letters: false, weights, modulus: 11, remainder: gives };
        assert!(cn.holds(b"11010519491231002X") && cn.holds(b"11010519491231002x") && !cn.holds(b"110105194912310021"));
        assert!(!cn.holds(b"") && !cn.holds(b"X") && !cn.holds(b"110105"));
    }

    #[test]
    fn letters_count_where_they_are_said_to() {
        let gives = Remainder::Gives(b"0123456789".to_vec());
        let icao = Checksum { letters: true, weights: vec![7, 3, 1, 7, 3, 1, 7, 3, 1], modulus: 10, remainder: gives };
        assert!(icao.holds(b"L898902C36") && !icao.holds(b"L898902C37"));
    }

    #[test]
    fn a_shorter_number_leaves_out_the_first_weights() {
        let rut = Remainder::Gives(b"0K987654321".to_vec());
        let rut = Checksum { letters: false, weights: vec![3, 2, 7, 6, 5, 4, 3, 2], modulus: 11, remainder: rut };
        assert!(rut.holds(b"12.345.678-5") && rut.holds(b"7.654.321-6") && !rut.holds(b"12.345.678-K"));
    }

    #[test]
    fn without_a_check_character_the_whole_sum_counts() {
        let weights = vec![10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19];
        let abn = Checksum { letters: false, weights, modulus: 89, remainder: Remainder::Is(10) };
        assert!(abn.holds(b"51 824 753 556") && !abn.holds(b"51 824 753 557") && !abn.holds(b"51 824 753 55"));
    }
}
