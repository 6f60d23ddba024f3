//! How a text can be seen. Each view can map its offsets back to the original text.

mod base64;
mod chars;
mod derived;
pub(crate) mod disguise;
mod encoded;
mod escapes;
pub(crate) mod fold;
mod hex;
mod hidden;
mod leet;
pub(crate) mod look;
mod markup;
mod mixed;
pub(crate) mod open;
mod rotated;
mod slips;
mod smuggled;
mod spaced;
mod split;
pub(crate) mod table;
pub(crate) mod words;

/// A text beside its folded view.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View<'t> {
    /// The text as it came.
    pub(crate) text: &'t str,
    /// The text folded.
    pub(crate) folded: &'t [u8],
    /// Whether folding changed nothing but case, so that both have the same offsets.
    pub(crate) is_identity: bool,
    /// Where matches in the text as it came may begin.
    pub(crate) from: usize,
}

impl<'t> View<'t> {
    /// Folds `text` into `buffer`.
    pub(crate) fn new(text: &'t str, buffer: &'t mut Vec<u8>) -> Self {
        buffer.clear();
        let is_identity = fold::lower(text, buffer);
        if !is_identity {
            buffer.clear();
            fold::fold(text, buffer);
        }
        View { text, folded: buffer, is_identity, from: 0 }
    }
}
