//! Numbers of sixteen bits (IEEE 754 binary16), of which the model is made.

/// The number; nothing if it is infinite or none.
pub(super) fn half(bits: u16) -> Option<f32> {
    let magnitude = u32::from(bits & 0x7FFF);
    // Both formats have the same layout. In the places of `f32` the exponent is 112 too small, for subnormal numbers, too.
    let number = f32::from_bits(magnitude << 13) * f32::from_bits((112 + 127) << 23);
    (magnitude < 0x7C00).then_some(if bits >> 15 == 1 { -number } else { number })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_normal_and_subnormal_numbers_and_no_others() {
        let bits = [0x0000, 0x8000, 0x3C00, 0xC000, 0x3555, 0x7BFF, 0x0001, 0x03FF, 0x7C00, 0xFC00, 0x7E01];
        let numbers = [0.0, -0.0, 1.0, -2.0, 0.333_251_95, 65504.0, 5.960_464_5e-8, 6.097_555e-5];
        let expected: Vec<Option<f32>> = numbers.into_iter().map(Some).chain([None; 3]).collect();
        assert_eq!(bits.map(half).to_vec(), expected);
    }
}
