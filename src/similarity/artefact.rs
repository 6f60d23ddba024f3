//! The file that a model is: written by `training/`, checked and read here.

use std::fmt;

use super::features;
use super::half::half;
use super::matrix::TILE;

/// What the file begins with.
const MAGIC: &[u8] = b"RUNESIM\0";
/// The format of the file that is read here.
pub(super) const FORMAT: u16 = 4;
/// Numbers in the vector of a row.
pub(super) const DIMENSIONS: usize = 64;
/// Kinds of features.
pub(super) const KINDS: usize = 4;
/// Parts of such a vector that are stored apart, as one byte each.
pub(super) const PARTS: usize = 8;
/// What such a byte chooses from.
pub(super) const CHOICES: usize = 256;
/// Most rows of a kind, hidden units, prototypes and so on: none of them makes a scan slow or memory scarce.
const MOST_ROWS: usize = 1 << 20;
const MOST: usize = 1024;

/// Why a model was refused: what comes behind "the model …".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The bytes are something else.
    Foreign,
    /// It is of a format that is not read here.
    Format(u16),
    /// It was made with words that are read in another way.
    Features(u16),
    /// There are not as many bytes as it says.
    Length {
        /// How many there should be.
        said: usize,
        /// How many there are.
        got: usize,
    },
    /// The bytes are not those that were written.
    Checksum,
    /// What it is made of does not fit together.
    Shape(&'static str),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SAME_RELEASE: &str = "take the model of the same release of this package";
        match self {
            Self::Foreign => f.write_str("is no similarity model: it does not begin with `RUNESIM`"),
            Self::Format(format) => {
                write!(f, "is of format {format}; this version reads format {FORMAT}: {SAME_RELEASE}")
            }
            Self::Features(version) => write!(
                f,
                "was made for features {version}; this version computes features {}: {SAME_RELEASE}",
                features::VERSION
            ),
            Self::Length { said, got } if got < said => write!(f, "is truncated: it has {got} of {said} bytes"),
            Self::Length { said, got } => write!(f, "has {got} bytes where it says {said}"),
            Self::Checksum => f.write_str("is corrupted: its checksum is not that of its bytes"),
            Self::Shape(what) => write!(f, "cannot be computed with: {what}"),
        }
    }
}

/// The parts of a model, checked, as they lie in the file.
#[derive(Debug)]
pub(super) struct Artefact<'b> {
    /// Rows for words, for parts of words, for pairs of words and for concepts, in this order.
    pub(super) rows: [usize; KINDS],
    pub(super) temperature: f32,
    /// For each part its choices.
    pub(super) codebooks: Vec<f32>,
    /// For each row the choice of each part.
    pub(super) codes: &'b [[u8; PARTS]],
    /// From a window's vector to the attacks' space: straight, …
    pub(super) straight: Vec<f32>,
    /// … and on the way over hidden units.
    pub(super) to_hidden: Vec<f32>,
    pub(super) from_hidden: Vec<f32>,
    /// From a window's vector to the space of meaning.
    pub(super) to_meaning: Vec<f32>,
    pub(super) hidden: usize,
    pub(super) meanings: usize,
    pub(super) prototypes: Vec<f32>,
    /// Pairs of a raw and a calibrated score, both ascending.
    pub(super) calibration: Vec<[f32; 2]>,
    /// Vectors of honest texts in both spaces.
    pub(super) bank: &'b [u8],
}

impl<'b> Artefact<'b> {
    /// Reads a model.
    ///
    /// # Errors
    ///
    /// When it is not one that can be used here.
    pub(super) fn read(bytes: &'b [u8]) -> Result<Self, Refusal> {
        let mut reader = Reader { rest: bytes, all: bytes.len() };
        if !bytes.starts_with(MAGIC) {
            return Err(Refusal::Foreign);
        }
        reader.take(MAGIC.len())?;
        let format = reader.u16()?;
        if format != FORMAT {
            return Err(Refusal::Format(format));
        }
        let version = reader.u16()?;
        if version != features::VERSION {
            return Err(Refusal::Features(version));
        }
        let (said, got) = (reader.u32()? as usize, bytes.len());
        if said != got {
            return Err(Refusal::Length { said, got });
        }
        let checksum = u64::from_le_bytes(reader.array()?);
        if checksum != fnv1a(reader.rest) {
            return Err(Refusal::Checksum);
        }
        reader.take(32)?; // the hash of what it was made of, for people
        Self::read_parts(&mut reader)
    }

    fn read_parts(reader: &mut Reader<'b>) -> Result<Self, Refusal> {
        let mut rows = [0; KINDS];
        for rows in &mut rows {
            *rows = reader.u32()? as usize;
        }
        let [dimensions, hidden, prototypes, meanings, points, bank] =
            [reader.size()?, reader.size()?, reader.size()?, reader.size()?, reader.size()?, reader.size()?];
        if rows.iter().any(|&rows| rows == 0 || rows > MOST_ROWS) {
            return Err(Refusal::Shape("there must be 1 to 1048576 rows of each kind"));
        }
        if dimensions != DIMENSIONS {
            return Err(Refusal::Shape("a vector must have 64 dimensions"));
        }
        let is_tiled = |size: usize| size > 0 && size <= MOST && size.is_multiple_of(TILE);
        if ![hidden, prototypes, meanings].into_iter().all(is_tiled) {
            return Err(Refusal::Shape("hidden units, prototypes and meanings must be multiples of 16 up to 1024"));
        }
        let temperature = reader.f32()?;
        let codebooks = reader.halves(CHOICES * DIMENSIONS)?;
        let codes = reader.take(rows.iter().sum::<usize>() * PARTS)?.as_chunks().0;
        let artefact = Self {
            rows,
            temperature,
            codebooks,
            codes,
            straight: reader.halves(DIMENSIONS * DIMENSIONS)?,
            to_hidden: reader.halves(hidden * DIMENSIONS)?,
            from_hidden: reader.halves(DIMENSIONS * hidden)?,
            to_meaning: reader.halves(meanings * DIMENSIONS)?,
            hidden,
            meanings,
            prototypes: reader.halves(prototypes * DIMENSIONS)?,
            calibration: (0..points).map(|_| Ok([reader.f32()?, reader.f32()?])).collect::<Result<_, Refusal>>()?,
            bank: reader.take(bank * (DIMENSIONS + meanings))?,
        };
        if !reader.rest.is_empty() {
            return Err(Refusal::Shape("there are more bytes than its parts take"));
        }
        if !is_ascending(&artefact.calibration) {
            return Err(Refusal::Shape("its calibration must ascend, from two points on, to at most 1"));
        }
        if bank == 0 {
            return Err(Refusal::Shape("its bank of honest texts is empty"));
        }
        Ok(artefact)
    }
}

/// Whether each point is above the one before.
fn is_ascending(points: &[[f32; 2]]) -> bool {
    let is_above = |pair: &[[f32; 2]]| matches!(pair, [[a, b], [c, d]] if a < c && b <= d);
    let is_a_score = |point: &[f32; 2]| (0.0..=1.0).contains(&point[1]);
    points.len() >= 2 && points.windows(2).all(is_above) && points.iter().all(is_a_score)
}

/// Fowler, Noll and Vo's hash.
pub(super) fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |hash, &byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}

/// Reads little-endian numbers.
struct Reader<'b> {
    rest: &'b [u8],
    all: usize,
}

impl<'b> Reader<'b> {
    fn take(&mut self, length: usize) -> Result<&'b [u8], Refusal> {
        let missing = Refusal::Length { said: self.all - self.rest.len() + length, got: self.all };
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(missing)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Refusal> {
        self.take(N).map(|bytes| bytes.try_into().unwrap_or([0; N]))
    }

    fn u16(&mut self) -> Result<u16, Refusal> {
        self.array().map(u16::from_le_bytes)
    }

    fn size(&mut self) -> Result<usize, Refusal> {
        self.u16().map(usize::from)
    }

    fn u32(&mut self) -> Result<u32, Refusal> {
        self.array().map(u32::from_le_bytes)
    }

    fn f32(&mut self) -> Result<f32, Refusal> {
        let number = f32::from_le_bytes(self.array()?);
        if number.is_finite() { Ok(number) } else { Err(NOT_FINITE) }
    }

    fn halves(&mut self, count: usize) -> Result<Vec<f32>, Refusal> {
        let bits = self.take(count * 2)?.as_chunks().0;
        bits.iter().map(|&bits| half(u16::from_le_bytes(bits)).ok_or(NOT_FINITE)).collect()
    }
}

const NOT_FINITE: Refusal = Refusal::Shape("one of its numbers is infinite or none");
