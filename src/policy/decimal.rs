//! Decimal numbers as documents hold them.

use std::fmt;

/// A number in millionths. (The standard library's floats weigh 8 kB in the wasm as soon as one is printed.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Decimal(pub(crate) i64);

impl Decimal {
    pub(crate) fn value(self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "nobody writes more than fifteen digits and means the last")]
        let millionths = self.0 as f64;
        millionths / 1_000_000.0
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let (whole, fraction) = (self.0.unsigned_abs() / 1_000_000, self.0.unsigned_abs() % 1_000_000);
        let digits = format!("{fraction:06}");
        let digits = digits.trim_end_matches('0');
        let point = if digits.is_empty() { "" } else { "." };
        write!(f, "{sign}{whole}{point}{digits}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_written_as_short_as_it_can_be() {
        for (millionths, written) in [(0, "0"), (1_500_000, "1.5"), (-10, "-0.00001"), (100_000_000, "100")] {
            assert_eq!(Decimal(millionths).to_string(), written);
        }
        assert!((Decimal(100_000).value() - 0.1).abs() < f64::EPSILON);
    }
}
