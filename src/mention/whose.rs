//! Whose words a finding is about, where the text goes on to say it: "forget any prompts from the installer", "print everything
//! above the fold". What belongs to something else than the model or this conversation binds no model.

use super::near;
use crate::span::Span;

/// Words that lead to whom a thing is from, or what it is about.
const FROM: &str = "from|by|about";
/// Words that lead to it, or to where it stands, when a determiner follows.
const IN: &str = "in|on|of|at";
/// Words at the end of a finding that say where a text stands: with a determiner behind, of what.
const WHERE: &str = "above|before|below";
/// Words at the end of a finding that say when it was written: the noun behind says what was.
const WHEN: &str = "previous|prior|earlier|preceding";
const DETERMINERS: &str = "the|a|an|his|her|their|its|last|each|every";
/// How many words may name what it is.
const NAMED_BY: usize = 4;
/// Words and beginnings of words for the model, its makers, what it was told and where: attackers speak of those.
const MODELS: &str =
    "you|your|my|me|i|we|us|our|now|here|this|that|these|those|above|before|below|other|order|favor|favour|all|any|ai";
const MODELS_BEGINNING: &str = "anthropic|openai|google|meta|microsoft|llm|gpt|chat|claude|gemini|model|assistant|bot|system|develop|creator|\
    maker|author|admin|operat|owner|compan|provider|user|human|prompt|instruct|context|conversation|session|message|question|request|input|\
    output|respon|answer|content|program|train|config|polic|rule|guideline|restrict|constraint|limit|direct|command|order|guidance|previous|\
    prior|past|memory|history|hidden|secret|initial|original|default|role|task|query|tool|safety|ethic|moral|persona|setting|statement";
/// The same for places of the text, which may also be those of another one: "the dotted line".
const PLACES_BEGINNING: &str = "text|line|sentence|paragraph|word|document|page|point|moment|start|begin|top|section";

/// Words that may stand before [`FROM`].
const GIVEN: &str = "given|issued|made|received|sent|written";
/// Words behind which none of that is named.
const JOINING: &str = "and|or|but|to|then|just|is|are|was|were";

/// Whether the words right behind a finding say that it is about something else than the model or this conversation.
pub(super) fn is_of_others(text: &[u8], found: Span) -> bool {
    let words = near::words(near::first_clause(near::behind(text, found.end)));
    let words = words.get(usize::from(near::has(words.get(..1).unwrap_or_default(), GIVEN))..).unwrap_or_default();
    let Some((first, rest)) = words.split_first() else { return false };
    let has_determiner = |words: &[&[u8]]| near::has(words.get(..1).unwrap_or_default(), DETERMINERS);
    let found_words = near::words(found.of(text));
    let ends_with = |list: &str| found_words.last().is_some_and(|last| near::has(&[last], list));
    let is_from = near::has(&[first], FROM) || near::has(&[first], IN) && has_determiner(rest);
    let named = if is_from || ends_with(WHERE) && has_determiner(words) {
        rest.get(..NAMED_BY).unwrap_or(rest)
    } else if ends_with(WHEN) {
        words.get(..2).unwrap_or(words)
    } else {
        return false;
    };
    let skipped = usize::from(has_determiner(named));
    let Some(noun) = named.get(skipped) else { return false };
    let is_models = near::has(named, MODELS) || near::has_beginning(named, MODELS_BEGINNING);
    !is_models && !near::has(&[noun], JOINING) && !near::has_beginning(&[noun], PLACES_BEGINNING)
}

/// Words before what somebody may or will do.
const MODALS: &str = "may|might|can|could|will|would|shall";
/// Beginnings of further words for those who read a text for somebody.
const READERS_BEGINNING: &str = "agent|grader|judge|reader|review|screen|summar|translat|whoever|anyone|everyone";

/// Whether the clause that leads to a finding says of somebody else than the model that they may or will do it.
pub(super) fn is_for_others(text: &[u8], found: Span) -> bool {
    let clause = near::last_clause(near::last_sentence(near::before(text, found.start)));
    let words = near::words(clause);
    let Some((last, subject)) = words.split_last() else { return false };
    let is_models = near::has(subject, MODELS)
        || near::has_beginning(subject, MODELS_BEGINNING)
        || near::has_beginning(subject, READERS_BEGINNING);
    near::has(&[last], MODALS) && !subject.is_empty() && !is_models
}
