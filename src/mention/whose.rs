//! Whose words a finding is about, where the text goes on to say it: "forget any prompts from the installer", "print everything
//! above the fold". What belongs to something else than the model or this conversation binds no model.

use super::near;
use crate::span::Span;

/// Words that lead to whom a thing is from.
const FROM: &str = "from|by";
/// Words that lead to it, or to where it stands, when a determiner follows.
const IN: &str = "in|on|of|at";
/// Words at the end of a finding that say where a text stands: with a determiner behind, of what.
const WHERE: &str = "above|before|below";
const DETERMINERS: &str = "the|a|an|his|her|their|its|last|each|every";
/// How many words may name what it is.
const NAMED_BY: usize = 4;
/// Words and beginnings of words for the model, its makers, what it was told and where: attackers speak of those.
const MODELS: &str =
    "you|your|my|me|i|we|us|our|now|here|this|that|these|those|above|before|below|other|order|favor|favour|all|any|ai";
const MODELS_BEGINNING: &str = "anthropic|openai|google|meta|microsoft|llm|gpt|chat|claude|gemini|model|assistant|bot|system|develop|creator|\
    maker|author|admin|operat|owner|compan|provider|user|human|prompt|instruct|context|conversation|session|message|text|line|sentence|\
    paragraph|word|question|request|input|output|respon|answer|document|page|content|program|train|config|polic|rule|guideline|previous|\
    prior|point|moment|start|begin|top|past|memory|history|hidden|secret|initial|original|default|role|task|query|tool|safety|ethic|moral";

/// Whether the words right behind a finding say that it is about something else than the model or this conversation.
pub(super) fn is_of_others(text: &[u8], found: Span) -> bool {
    let words = near::words(near::first_clause(near::behind(text, found.end)));
    let Some((first, rest)) = words.split_first() else { return false };
    let has_determiner = |words: &[&[u8]]| near::has(words.get(..1).unwrap_or_default(), DETERMINERS);
    let is_from = near::has(&[first], FROM) || near::has(&[first], IN) && has_determiner(rest);
    let is_where =
        has_determiner(&words) && near::words(found.of(text)).last().is_some_and(|last| near::has(&[last], WHERE));
    let named = rest.get(..NAMED_BY).unwrap_or(rest);
    let is_models = near::has(named, MODELS) || near::has_beginning(named, MODELS_BEGINNING);
    (is_from || is_where) && !named.is_empty() && !is_models
}
