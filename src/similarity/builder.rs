//! Small models for tests: they know some words as those of attacks, and the share of these words in a window is its score.

use super::artefact::{CHOICES, DIMENSIONS, FORMAT, PARTS, fnv1a};
use super::features::{VERSION, each_block, folded};
use super::matrix::TILE;

/// Rows of each kind.
const ROWS: usize = 1 << 12;
/// Bytes in front of what the checksum is of.
pub(crate) const HEADER: usize = 24;
const ONE: u16 = 0x3C00;
/// Sixteen: a single word is enough to go by.
const LONG: u16 = 0x4C00;

/// A model for which these words make an attack. Attack words point along the first axis and others along the ninth, the
/// prototypes are the first axis, and all that is in between is as it is.
pub(crate) fn model(attack_words: &str) -> Vec<u8> {
    let mut body = vec![0; 32];
    for rows in [ROWS, 1, 1, 1] {
        body.extend((rows as u32).to_le_bytes());
    }
    let (points, bank) = (4_u16, 2_u16);
    for size in [DIMENSIONS as u16, TILE as u16, TILE as u16, TILE as u16, points, bank] {
        body.extend(size.to_le_bytes());
    }
    body.extend(16_f32.to_le_bytes());
    halves(&mut body, codebooks());
    body.extend(codes(attack_words).as_flattened());
    halves(&mut body, diagonal(DIMENSIONS, LONG));
    for size in [TILE * DIMENSIONS, DIMENSIONS * TILE] {
        halves(&mut body, vec![0; size]);
    }
    halves(&mut body, diagonal(TILE, ONE));
    halves(&mut body, diagonal(1, ONE).repeat(TILE));
    for (raw, calibrated) in [(-1.0, 0.0), (0.6, 0.7), (0.8, 0.85), (1.0, 1.0)] {
        body.extend(f32::to_le_bytes(raw));
        body.extend(f32::to_le_bytes(calibrated));
    }
    // Two honest texts, each of other words than those of attacks.
    for _ in 0..bank {
        let axes = |length: usize| (0..length).map(|axis| if axis == 8 { 90 } else { 0 });
        body.extend(axes(DIMENSIONS).chain(axes(TILE)));
    }
    sealed(FORMAT, VERSION, &body)
}

/// A file with this body: its length and its checksum are right.
pub(crate) fn sealed(format: u16, version: u16, body: &[u8]) -> Vec<u8> {
    let mut file = b"RUNESIM\0".to_vec();
    file.extend(format.to_le_bytes());
    file.extend(version.to_le_bytes());
    file.extend(((HEADER + body.len()) as u32).to_le_bytes());
    file.extend(fnv1a(body).to_le_bytes());
    file.extend(body);
    file
}

fn halves(body: &mut Vec<u8>, bits: Vec<u16>) {
    body.extend(bits.into_iter().flat_map(u16::to_le_bytes));
}

/// The first `rows` rows of a matrix with this number on its diagonal.
fn diagonal(rows: usize, number: u16) -> Vec<u16> {
    (0..rows * DIMENSIONS).map(|at| if at / DIMENSIONS == at % DIMENSIONS { number } else { 0 }).collect()
}

/// Of each part, choice 1 is its first axis, and all others are nothing.
fn codebooks() -> Vec<u16> {
    let length = DIMENSIONS / PARTS;
    let part = (0..CHOICES * length).map(|at| if at == length { LONG } else { 0 });
    part.collect::<Vec<_>>().repeat(PARTS)
}

/// Rows of words point along the first part if the word is one of attacks, else along the second.
fn codes(attack_words: &str) -> Vec<[u8; PARTS]> {
    let along = |part: usize| std::array::from_fn(|each| u8::from(each == part));
    let mut codes: Vec<[u8; PARTS]> = vec![along(1); ROWS];
    codes.extend([[0; PARTS]; 3]);
    each_block(&folded(attack_words), |block| {
        for &hash in &block.words {
            codes[hash as usize % ROWS] = along(0);
        }
    });
    codes
}
