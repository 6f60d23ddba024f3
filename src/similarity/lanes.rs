//! Four numbers that are added and multiplied at once: a SIMD register in the wasm, an array elsewhere. Both compute the same
//! in the same order, so that native tests speak for the wasm.

#[cfg(target_arch = "wasm32")]
use std::arch::wasm32::{f32x4, f32x4_add, f32x4_extract_lane, f32x4_mul, f32x4_splat, v128};

#[cfg(not(target_arch = "wasm32"))]
type Register = [f32; 4];
#[cfg(target_arch = "wasm32")]
type Register = v128;

/// Four numbers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Four(Register);

#[cfg(not(target_arch = "wasm32"))]
impl Four {
    pub(super) fn new(numbers: [f32; 4]) -> Self {
        Self(numbers)
    }

    pub(super) fn all(number: f32) -> Self {
        Self([number; 4])
    }

    pub(super) fn plus(mut self, other: Self) -> Self {
        for (number, other) in self.0.iter_mut().zip(other.0) {
            *number += other;
        }
        self
    }

    pub(super) fn times(mut self, other: Self) -> Self {
        for (number, other) in self.0.iter_mut().zip(other.0) {
            *number *= other;
        }
        self
    }

    pub(super) fn numbers(self) -> [f32; 4] {
        self.0
    }
}

#[cfg(target_arch = "wasm32")]
impl Four {
    pub(super) fn new([a, b, c, d]: [f32; 4]) -> Self {
        Self(f32x4(a, b, c, d))
    }

    pub(super) fn all(number: f32) -> Self {
        Self(f32x4_splat(number))
    }

    #[inline]
    pub(super) fn plus(self, other: Self) -> Self {
        Self(f32x4_add(self.0, other.0))
    }

    #[inline]
    pub(super) fn times(self, other: Self) -> Self {
        Self(f32x4_mul(self.0, other.0))
    }

    pub(super) fn numbers(self) -> [f32; 4] {
        let Self(r) = self;
        [f32x4_extract_lane::<0>(r), f32x4_extract_lane::<1>(r), f32x4_extract_lane::<2>(r), f32x4_extract_lane::<3>(r)]
    }
}

/// The sum of the products of two rows of numbers.
pub(super) fn dot(a: &[Four], b: &[Four]) -> f32 {
    let sum = a.iter().zip(b).fold(Four::all(0.0), |sum, (a, b)| sum.plus(a.times(*b)));
    let [a, b, c, d] = sum.numbers();
    (a + b) + (c + d)
}
