//! L2: how much a text resembles attacks by its meaning. A small model, made by `training/`, embeds windows of the text.

mod features;

pub use self::features::{Block, VERSION, each_block, folded};
