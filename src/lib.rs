//! Finds attacks on AI agents, personal data and secrets in text.
//!
//! The core of `@runesec/scanner`: no JavaScript, no clock, no I/O, no randomness. [`Scanner`] is its whole face; `wasm.rs` is
//! what JavaScript sees of it.

#![cfg_attr(
    test,
    allow(
        clippy::cast_possible_truncation,
        clippy::format_collect,
        clippy::needless_for_each,
        clippy::needless_range_loop,
        clippy::string_slice,
        reason = "tests are short, and may panic"
    )
)]

mod anchor;
mod engine;
mod error;
mod finding;
mod fingerprint;
mod json;
mod leb128;
mod lexicon;
mod mention;
pub mod patterns;
pub mod policy;
mod redact;
pub mod similarity;
mod siphash;
mod sort;
mod span;
mod stream;
pub mod verdict;
mod view;
#[cfg(target_arch = "wasm32")]
mod wasm;
mod word_hash;
mod yaml;

pub use engine::{PolicyEngine, Report, Scanner};
pub use error::{Error, Position};
pub use finding::{Category, Direction, Finding, Severity, Via};
pub use redact::Style;
pub use similarity::{Resemblance, Similarity};
pub use span::{Span, Utf16};
pub use stream::{Next, Released, Stream};
pub use view::disguise::Sought;
