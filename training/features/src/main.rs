//! The features of texts, for the trainer: what the core will see is what the model is made for.
//!
//! Reads texts from standard input, a zero byte behind each. Writes little-endian numbers of 32 bits: for each text how many
//! blocks it has; for each block how many words, parts of words, pairs and
//! concepts it has, then those.

use std::io::{self, BufWriter, Read, Write};

use runesec_scanner::similarity::{each_block, folded};

fn main() -> io::Result<()> {
    let mut texts = String::new();
    io::stdin().lock().read_to_string(&mut texts)?;
    let mut output = BufWriter::new(io::stdout().lock());
    let mut numbers = Vec::new();
    for text in texts.split_terminator('\0') {
        let mut blocks: u32 = 0;
        numbers.clear();
        each_block(&folded(text), |block| {
            blocks += 1;
            let kinds = [&block.words, &block.grams, &block.pairs, &block.concepts];
            numbers.extend(kinds.map(|features| u32::try_from(features.len()).unwrap_or(u32::MAX)));
            numbers.extend(kinds.into_iter().flatten());
        });
        output.write_all(&blocks.to_le_bytes())?;
        for number in &numbers {
            output.write_all(&number.to_le_bytes())?;
        }
    }
    output.flush()
}
