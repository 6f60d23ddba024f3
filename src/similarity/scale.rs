//! A monotone map from raw scores to calibrated ones: straight lines between points.

/// The map.
#[derive(Clone, Debug)]
pub(super) struct Scale(Vec<[f32; 2]>);

impl Scale {
    /// The map through these pairs of a raw and a calibrated score, in ascending order. Beyond them it is flat.
    pub(super) fn new(points: Vec<[f32; 2]>) -> Self {
        Self(points)
    }

    /// The calibrated score.
    pub(super) fn read(&self, raw: f32) -> f32 {
        let above = self.0.partition_point(|&[from, _]| from <= raw);
        match (above.checked_sub(1).and_then(|below| self.0.get(below)), self.0.get(above)) {
            (Some([a, from]), Some([b, to])) => from + (to - from) * (raw - a) / (b - a),
            (Some([_, score]), None) | (None, Some([_, score])) => *score,
            (None, None) => 0.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_between_points_and_is_flat_beyond_them() {
        let scale = Scale::new(vec![[-1.0, 0.0], [0.5, 0.7], [0.6, 0.85], [1.0, 1.0]]);
        for (raw, score) in [(-2.0, 0.0), (-1.0, 0.0), (-0.25, 0.35), (0.5, 0.7), (0.55, 0.775), (1.0, 1.0), (9.0, 1.0)]
        {
            assert!((scale.read(raw) - score).abs() < 1e-6, "{raw}: {}", scale.read(raw));
        }
    }
}
