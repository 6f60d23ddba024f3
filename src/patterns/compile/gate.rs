//! Chooses what gates each pattern, and builds the gate's tables.
//!
//! A pattern is a sequence of parts. A gate looks for what one of the parts begins with and knows how far before it
//! the match must have begun. Among the parts whose beginning can only stand at an anchor the one is taken that lets
//! the fewest places of an ordinary text through.

use std::collections::BTreeMap;

use regex_syntax::hir::literal::{ExtractKind, Extractor};
use regex_syntax::hir::{self, Class, ClassBytes, ClassBytesRange, Hir, HirKind, Look};

use super::program::{Pool, byte_set, code, parts, set_of};
use super::reach;
use crate::error::Error;
use crate::patterns::tables::{ByteSet, CLASS_PLACES, ClassMasks, GateTables, Pass, contains, is_anchor};

/// Bytes of a literal that the gate compares.
const LITERAL_BYTES: usize = 8;
/// Shortest literal that may gate a pattern, in bytes: the gate hashes four.
const MIN_LITERAL_BYTES: usize = 4;
/// Most literals that may gate one pattern.
const MAX_LITERALS: usize = 256;

/// Most branches of an alternation that may each get a gate of their own, and how often that may be done.
const MAX_BRANCHES: usize = 12;
const MAX_SPLITS: usize = 1;
/// Cost below which no cheaper gate is looked for.
const GOOD_COST: f64 = 40.0;
/// Most parts of a pattern whose beginnings are multiplied to literals.
const MAX_PARTS: usize = 5;

/// Ordinary text, cut into what stands at its anchors: how often each eight bytes occur.
pub(crate) struct Background {
    windows: BTreeMap<[u8; LITERAL_BYTES], u32>,
}

impl Background {
    pub(crate) fn new(text: &str) -> Self {
        let text = text.to_ascii_lowercase().into_bytes();
        let mut windows = BTreeMap::new();
        for (at, &byte) in text.iter().enumerate() {
            if is_anchor(at.checked_sub(1).and_then(|i| text.get(i)).copied(), byte) {
                let mut window = [0; LITERAL_BYTES];
                window.iter_mut().zip(text.iter().skip(at)).for_each(|(to, from)| *to = *from);
                *windows.entry(window).or_default() += 1;
            }
        }
        Self { windows }
    }

    fn count(&self, passes: impl Fn(&[u8; LITERAL_BYTES]) -> bool, from: [u8; LITERAL_BYTES]) -> f64 {
        let matching = self.windows.range(from..).take_while(|(window, _)| passes(window));
        matching.map(|(_, &count)| f64::from(count)).sum()
    }

    fn count_literal(&self, literal: &[u8]) -> f64 {
        let mut from = [0; LITERAL_BYTES];
        from.iter_mut().zip(literal).for_each(|(to, byte)| *to = *byte);
        // A literal that the background lacks is the likelier elsewhere the shorter it is.
        self.count(|window| window.starts_with(literal), from) + 0.5_f64.powi(literal.len().try_into().unwrap_or(8))
    }

    fn count_classes(&self, places: &[ByteSet; CLASS_PLACES]) -> f64 {
        let passes = |window: &[u8; LITERAL_BYTES]| window.iter().zip(places).all(|(&byte, set)| contains(set, byte));
        self.windows.iter().filter(|(window, _)| passes(window)).map(|(_, &count)| f64::from(count)).sum()
    }
}

/// What gates one pattern, or one branch of it.
#[derive(Debug)]
pub(crate) struct Choice {
    trigger: Trigger,
    /// Least and greatest distance in bytes from where the match begins to the part.
    distance: (u16, u16),
    /// The instruction with which the part begins, 0 if unknown.
    part: u16,
}

#[derive(Debug)]
enum Trigger {
    Literals(Vec<Literal>),
    Classes(Box<[ByteSet; CLASS_PLACES]>),
}

/// What stands at the anchor, and how many bytes further on than the part it belongs to begins.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Literal {
    skipped: u8,
    bytes: Vec<u8>,
}

/// One part of a pattern as the gate sees it, and the instruction with which it begins, 0 if unknown.
#[derive(Clone)]
struct Part {
    hir: Hir,
    pc: u16,
}

/// Chooses the gates of a pattern: one, or one for each branch of an alternation in it where that is cheaper.
/// `pcs` says with which instruction each part begins.
pub(crate) fn choose(hir: &Hir, pcs: &[u16], background: &Background) -> Result<Vec<Choice>, Error> {
    let parts = parts(hir).into_iter().zip(pcs).map(|(hir, &pc)| Ok(Part { hir: plain(hir)?, pc }));
    let (_, choices) = cheapest(&parts.collect::<Result<Vec<_>, _>>()?, background, MAX_SPLITS)?.ok_or_else(|| {
        Error::new(format!(
            "nothing gates this pattern: it needs a literal of {MIN_LITERAL_BYTES} bytes behind \\b, a blank or punctuation"
        ))
    })?;
    Ok(choices)
}

/// The cheapest gates of a sequence of parts with their cost, if anything gates it.
fn cheapest(parts: &[Part], background: &Background, splits: usize) -> Result<Option<(f64, Vec<Choice>)>, Error> {
    let mut best: Option<(f64, Vec<Choice>)> = None;
    let mut consider = |cost: f64, choices: Vec<Choice>| {
        if best.as_ref().is_none_or(|(least, _)| cost < *least) {
            best = Some((cost, choices));
        }
    };
    let hirs: Vec<Hir> = parts.iter().map(|part| part.hir.clone()).collect();
    for (at, &Part { pc, .. }) in parts.iter().enumerate() {
        let (before, rest) = hirs.split_at_checked(at).unwrap_or_default();
        let Some(distance) = distance(before) else { continue };
        for trigger in literals(before, rest).into_iter().chain(classes(before, rest)?) {
            let choice = Choice { trigger, distance, part: pc };
            consider(choice.cost(background), vec![choice]);
        }
    }
    if best.as_ref().is_some_and(|(cost, _)| *cost < GOOD_COST) || splits == 0 {
        return Ok(best);
    }
    for (at, part) in parts.iter().enumerate() {
        let HirKind::Alternation(branches) = part.hir.kind() else { continue };
        if branches.len() > MAX_BRANCHES {
            continue;
        }
        let each = branches.iter().map(|branch| {
            let mut whole = parts.to_vec();
            let inside = self::parts(branch).into_iter().map(|hir| Part { hir: hir.clone(), pc: 0 });
            whole.splice(at..=at, inside);
            cheapest(&whole, background, splits - 1)
        });
        if let Some(each) = each.collect::<Result<Option<Vec<_>>, _>>()? {
            let (costs, choices): (Vec<f64>, Vec<_>) = each.into_iter().unzip();
            let cost = costs.iter().sum();
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                best = Some((cost, choices.into_iter().flatten().collect()));
            }
        }
    }
    Ok(best)
}

impl Choice {
    /// How many places of the background the matcher would try, and something for the room and time it takes: each
    /// literal has an entry, and class gates look at every anchor anew.
    fn cost(&self, background: &Background) -> f64 {
        let starts = f64::from(self.distance.1 - self.distance.0);
        // Where the part is known, it is tried before all the starts are.
        let tries = if self.part > 0 { 1.0 + starts / 100.0 } else { 1.0 + starts / 8.0 };
        match &self.trigger {
            Trigger::Literals(literals) => {
                literals.iter().map(|literal| tries * background.count_literal(&literal.bytes) + 0.5).sum()
            }
            Trigger::Classes(places) => tries * background.count_classes(places) + 100.0,
        }
    }
}

/// Least and greatest length of the parts together.
fn distance(parts: &[Hir]) -> Option<(u16, u16)> {
    parts.iter().try_fold((0_u16, 0_u16), |(min, max), part| {
        let properties = part.properties();
        let longer = |sum: u16, len: Option<usize>| sum.checked_add(u16::try_from(len?).ok()?);
        Some((longer(min, properties.minimum_len())?, longer(max, properties.maximum_len())?))
    })
}

/// The literals that `rest` begins with, taken from more or fewer of its parts and cut to several lengths, if they are
/// few, long enough and always at an anchor.
fn literals(before: &[Hir], rest: &[Hir]) -> Vec<Trigger> {
    let mut extractor = Extractor::new();
    extractor.kind(ExtractKind::Prefix).limit_class(64).limit_repeat(8).limit_literal_len(2 * LITERAL_BYTES);
    extractor.limit_total(MAX_LITERALS);
    let anchored =
        |found: &[_]| found.iter().map(|l: &hir::literal::Literal| at_anchor(before, l.as_bytes())).collect();
    let mut triggers = Vec::new();
    for parts in 1..=rest.len().min(MAX_PARTS) {
        let found = extractor.extract(&Hir::concat(rest.iter().take(parts).cloned().collect()));
        let Some(literals): Option<Vec<Literal>> = found.literals().and_then(anchored) else { continue };
        triggers.extend((MIN_LITERAL_BYTES..=LITERAL_BYTES).map(|length| {
            let mut short = literals.clone();
            for literal in &mut short {
                literal.bytes.truncate(length);
            }
            short.sort_unstable();
            short.dedup_by(|next, kept| next.skipped == kept.skipped && next.bytes.starts_with(&kept.bytes));
            Trigger::Literals(short)
        }));
    }
    triggers
}

/// The literal from its first byte on that is always at an anchor, if enough of it is left there.
fn at_anchor(before: &[Hir], literal: &[u8]) -> Option<Literal> {
    let inside = || literal.array_windows().position(|&[before, byte]| is_anchor(Some(before), byte)).map(|at| at + 1);
    let skipped = if always_anchor(before, *literal.first()?) { 0 } else { inside()? };
    let bytes = literal.get(skipped..)?.to_vec();
    (bytes.len() >= MIN_LITERAL_BYTES).then(|| Literal { skipped: u8::try_from(skipped).unwrap_or_default(), bytes })
}

/// The bytes that can stand at the first places of `rest`, if the first of them is always at an anchor.
fn classes(before: &[Hir], rest: &[Hir]) -> Result<Option<Trigger>, Error> {
    let mut pool = Pool::default();
    let (code, _) = code(&Hir::concat(rest.to_vec()), &mut pool)?;
    let places = reach::places(&code, &pool).map(|set| set.map_or([u64::MAX; 4], with_both_cases));
    let Some(first) = places.first() else { return Ok(None) };
    let is_anchored = (0..=u8::MAX).filter(|&b| contains(first, b)).all(|b| always_anchor(before, b));
    Ok(is_anchored.then(|| Trigger::Classes(Box::new(places))))
}

fn with_both_cases(set: ByteSet) -> ByteSet {
    let has = |b: u8| contains(&set, b.to_ascii_lowercase()) || contains(&set, b.to_ascii_uppercase());
    set_of((0..=u8::MAX).filter(|&b| has(b)))
}

/// Whether a byte that follows `before` is always at an anchor.
fn always_anchor(before: &[Hir], byte: u8) -> bool {
    is_anchor(Some(b'a'), byte) || (byte.is_ascii_alphanumeric() && ends_outside_a_word(before))
}

/// Whether the byte before what follows `parts` is never an ASCII letter or digit, given that a letter or digit follows.
fn ends_outside_a_word(parts: &[Hir]) -> bool {
    let Some((part, before)) = parts.split_last() else { return false };
    match part.kind() {
        HirKind::Look(Look::WordAscii | Look::Start | Look::StartLF) => true,
        HirKind::Look(_) | HirKind::Empty => ends_outside_a_word(before),
        HirKind::Concat(inner) => ends_outside_a_word(&[before, inner].concat()),
        HirKind::Alternation(branches) => {
            branches.iter().all(|branch| ends_outside_a_word(&[before, std::slice::from_ref(branch)].concat()))
        }
        _ => {
            let last = last_bytes(part);
            let ends_inside = (0..=u8::MAX).any(|b| b.is_ascii_alphanumeric() && contains(&last, b));
            let is_optional = part.properties().minimum_len().is_none_or(|min| min == 0);
            !ends_inside && (!is_optional || ends_outside_a_word(before))
        }
    }
}

/// The bytes that a match of the tree can end with.
fn last_bytes(hir: &Hir) -> ByteSet {
    let union = |sets: &mut dyn Iterator<Item = ByteSet>| {
        sets.fold([0; 4], |all: ByteSet, set| {
            std::array::from_fn(|i| all.get(i).unwrap_or(&0) | set.get(i).unwrap_or(&0))
        })
    };
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => [0; 4],
        HirKind::Literal(literal) => set_of(literal.0.last().copied()),
        HirKind::Class(class) => byte_set(class).unwrap_or([u64::MAX; 4]),
        HirKind::Repetition(repetition) => last_bytes(&repetition.sub),
        HirKind::Capture(capture) => last_bytes(&capture.sub),
        HirKind::Alternation(branches) => union(&mut branches.iter().map(last_bytes)),
        HirKind::Concat(parts) => {
            let optional = parts.iter().rev().take_while(|p| p.properties().minimum_len() == Some(0)).count();
            union(&mut parts.iter().rev().take(optional + 1).map(last_bytes))
        }
    }
}

/// The tree without captures and with all letters in lower case, which is how the gate reads texts.
fn plain(hir: &Hir) -> Result<Hir, Error> {
    let all = |parts: &[Hir]| parts.iter().map(plain).collect::<Result<Vec<_>, _>>();
    Ok(match hir.kind() {
        HirKind::Literal(literal) => Hir::literal(literal.0.to_ascii_lowercase()),
        HirKind::Class(class) => {
            let set = byte_set(class)?;
            let lower = (0..=u8::MAX).filter(|&b| contains(&set, b)).map(|b| b.to_ascii_lowercase());
            Hir::class(Class::Bytes(ClassBytes::new(lower.map(|b| ClassBytesRange::new(b, b)))))
        }
        HirKind::Repetition(repetition) => {
            Hir::repetition(hir::Repetition { sub: Box::new(plain(&repetition.sub)?), ..repetition.clone() })
        }
        HirKind::Capture(capture) => plain(&capture.sub)?,
        HirKind::Concat(parts) => Hir::concat(all(parts)?),
        HirKind::Alternation(branches) => Hir::alternation(all(branches)?),
        HirKind::Empty | HirKind::Look(_) => hir.clone(),
    })
}

/// The gate's tables with their storage.
#[derive(Debug, Default)]
pub(crate) struct OwnedGate {
    literals: Vec<u8>,
    counts: Vec<u8>,
    passes: Vec<Pass>,
    masks: Vec<ClassMasks>,
    classes: Vec<Pass>,
}

impl OwnedGate {
    /// Builds the tables from the choices for each pattern.
    pub(crate) fn build(choices: &[Vec<Choice>]) -> Result<Self, Error> {
        let mut gate = Self::default();
        let mut by_literal: BTreeMap<Vec<u8>, Vec<Pass>> = BTreeMap::new();
        for (pattern, choice) in choices.iter().enumerate().flat_map(|(p, all)| all.iter().map(move |c| (p, c))) {
            let pattern = u16::try_from(pattern).map_err(|_| Error::new("too many patterns"))?;
            let ((min, max), part) = (choice.distance, choice.part);
            match &choice.trigger {
                Trigger::Literals(literals) => {
                    for Literal { skipped, bytes } in literals {
                        let further = u16::from(*skipped);
                        let pass = Pass { pattern, min: min + further, max: max + further, part, skipped: *skipped };
                        let with_case_bits = bytes.iter().map(|byte| byte | 0x20).collect();
                        by_literal.entry(with_case_bits).or_default().push(pass);
                    }
                }
                Trigger::Classes(places) => gate.add_classes(places, Pass { pattern, min, max, part, skipped: 0 }),
            }
        }
        for (literal, passes) in by_literal {
            let narrow = |n: usize| u8::try_from(n).map_err(|_| Error::new("a literal gates too many patterns"));
            gate.literals.push(narrow(literal.len())?);
            gate.literals.extend(literal);
            gate.counts.push(narrow(passes.len())?);
            gate.passes.extend(passes);
        }
        Ok(gate)
    }

    fn add_classes(&mut self, places: &[ByteSet; CLASS_PLACES], pass: Pass) {
        let bit = self.classes.len() % 32;
        if bit == 0 {
            self.masks.push([[0; 256]; CLASS_PLACES]);
        }
        self.classes.push(pass);
        for (mask, set) in self.masks.last_mut().into_iter().flatten().zip(places) {
            for (byte, open) in (0..=u8::MAX).zip(mask) {
                *open |= u32::from(contains(set, byte)) << bit;
            }
        }
    }

    pub(crate) fn borrow(&self) -> GateTables<'_> {
        let Self { literals, counts, passes, masks, classes } = self;
        GateTables { literals, counts, passes, masks, classes }
    }
}
