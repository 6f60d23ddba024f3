//! Chooses what gates each pattern, and builds the gate's tables.
//!
//! A pattern is a sequence of parts. A gate looks for what one of the parts begins with and knows how far before it
//! the match must have begun. Among the parts whose beginning can only stand at an anchor the one is taken that lets
//! the fewest places of an ordinary text through.

use crate::anchor::is_anchor;
use crate::error::Error;
use crate::patterns::node::{Node, union};
use crate::patterns::pattern::Reads;
use crate::patterns::program::{PartStart, Program, flat, parts};
use crate::patterns::reach;
use crate::patterns::tables::{self, ByteSet, CLASS_PLACES, Companion, GateTables, Look, Pass, contains, set_of};
use crate::sort::{sort, sort_and_dedup, sort_by_key};

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
/// What a hit of the gate and a mark cost, compared with an attempt of the matcher.
const HIT_COST: f64 = 0.15;
const MARK_COST: f64 = 0.1;
/// Most parts of a pattern whose beginnings are multiplied to literals.
const MAX_PARTS: usize = 5;
/// Largest class, and most repetitions, that are multiplied to literals.
const MAX_CLASS: u32 = 64;
const MAX_REPEAT: u16 = 8;

/// Ordinary text as patterns read it, cut into what stands at its anchors: how often each eight bytes occur.
pub(crate) struct Background {
    reads: Reads,
    /// Sorted, each with how often it occurs.
    windows: Vec<([u8; LITERAL_BYTES], u32)>,
    bytes: f64,
}

impl Background {
    pub(crate) fn new(text: &str, reads: Reads) -> Self {
        let text = match reads {
            Reads::Folded => text.to_ascii_lowercase().into_bytes(),
            Reads::Original => text.into(),
        };
        let mut windows = Vec::new();
        for (at, &byte) in text.iter().enumerate() {
            if is_anchor(at.checked_sub(1).and_then(|i| text.get(i)).copied(), byte) {
                let mut window = [0; LITERAL_BYTES];
                window.iter_mut().zip(text.iter().skip(at)).for_each(|(to, from)| *to = *from);
                windows.push(window);
            }
        }
        sort(&mut windows);
        let count = |same: &[[u8; LITERAL_BYTES]]| Some((*same.first()?, u32::try_from(same.len()).ok()?));
        let bytes = u32::try_from(text.len()).map_or(0.0, f64::from);
        Self { reads, windows: windows.chunk_by(|a, b| a == b).filter_map(count).collect(), bytes }
    }

    fn count(&self, passes: impl Fn(&[u8; LITERAL_BYTES]) -> bool, from: [u8; LITERAL_BYTES]) -> f64 {
        let first = self.windows.partition_point(|(window, _)| *window < from);
        let matching = self.windows.iter().skip(first).take_while(|(window, _)| passes(window));
        matching.map(|&(_, count)| f64::from(count)).sum()
    }

    fn count_literal(&self, literal: &[u8]) -> f64 {
        let mut from = [0; LITERAL_BYTES];
        from.iter_mut().zip(literal).for_each(|(to, byte)| *to = *byte);
        // A literal that the background lacks is the likelier elsewhere the shorter it is.
        self.count(|window| window.starts_with(literal), from) + 0.5_f64.powi(literal.len().try_into().unwrap_or(8))
    }

    /// How likely something that occurs so often is to stand in a window of so many bytes, give or take a block.
    fn chance(&self, hits: f64, window: f64) -> f64 {
        if self.bytes > 0.0 { (hits * (window + 128.0) / self.bytes).min(1.0) } else { 1.0 }
    }

    /// At how many anchors one of the bytes of the first place stands.
    fn count_first(&self, [first, ..]: &[ByteSet; CLASS_PLACES]) -> f64 {
        let begins = self.windows.iter().filter(|([byte, ..], _)| contains(first, *byte));
        begins.map(|&(_, count)| f64::from(count)).sum()
    }

    fn count_classes(&self, places: &[ByteSet; CLASS_PLACES]) -> f64 {
        let passes = |window: &[u8; LITERAL_BYTES]| window.iter().zip(places).all(|(&byte, set)| contains(set, byte));
        self.windows.iter().filter(|(window, _)| passes(window)).map(|&(_, count)| f64::from(count)).sum()
    }
}

/// What gates one pattern, or one branch of it.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    trigger: Trigger,
    /// Least and greatest distance in bytes from where the match begins to the part.
    distance: (u16, u16),
    /// The instruction with which the part begins, 0 if unknown.
    part: u16,
    /// Literals one of which must stand near, and how far behind the beginning of the match.
    companion: Option<(Vec<Literal>, (u16, u16))>,
}

#[derive(Clone, Debug)]
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

/// One part of a pattern as the gate sees it, and where it begins.
#[derive(Clone)]
struct Part {
    exact: Node,
    /// The same with all letters in lower case, which is how literals are compared.
    node: Node,
    start: PartStart,
    /// What stands somewhere in every match of it.
    required: Option<Required>,
}

/// The parts of a tree that stands behind `before`.
fn seen(before: &[Part], node: &Node, starts: &[PartStart], background: &Background) -> Vec<Part> {
    let mut nodes: Vec<Node> = before.iter().map(|part| part.node.clone()).collect();
    let mut seen = Vec::new();
    for (exact, start) in parts(node).into_iter().zip(starts) {
        let node = plain(exact);
        let required = required(&nodes, &node, background);
        nodes.push(node.clone());
        seen.push(Part { exact: exact.clone(), node, start: start.clone(), required });
    }
    seen
}

/// Chooses the gates of a pattern: one, or one for each branch of an alternation in it where that is cheaper.
/// `starts` says with which instruction each part begins.
pub(crate) fn choose(node: &Node, starts: &[PartStart], background: &Background) -> Result<Vec<Choice>, Error> {
    let (_, choices) = cheapest(&seen(&[], node, starts, background), background, MAX_SPLITS).ok_or_else(|| {
        Error::new(format!(
            "nothing gates this pattern: it needs a literal of {MIN_LITERAL_BYTES} bytes behind \\b, a blank or punctuation"
        ))
    })?;
    Ok(choices)
}

/// The cheapest gates of a sequence of parts with their cost, if anything gates it.
fn cheapest(parts: &[Part], background: &Background, splits: usize) -> Option<(f64, Vec<Choice>)> {
    let mut best: Option<(f64, Vec<Choice>)> = None;
    let mut consider = |cost: f64, choices: Vec<Choice>| {
        if best.as_ref().is_none_or(|(least, _)| cost < *least) {
            best = Some((cost, choices));
        }
    };
    let nodes: Vec<Node> = parts.iter().map(|part| part.node.clone()).collect();
    let exact: Vec<Node> = parts.iter().map(|part| part.exact.clone()).collect();
    let mut options: Vec<(Choice, Rate, usize)> = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let (before, rest) = nodes.split_at_checked(at).unwrap_or_default();
        let Some(distance) = distance(before) else { continue };
        let classes =
            classes(exact.get(..at).unwrap_or_default(), exact.get(at..).unwrap_or_default(), background.reads);
        for trigger in literals(before, rest).into_iter().chain(classes) {
            let rate = trigger.rate(background);
            options.push((Choice { trigger, distance, part: part.start.pc, companion: None }, rate, at));
        }
    }
    let length = distance(&nodes).map_or(u16::MAX, |(_, max)| max);
    for (choice, rate, part) in &options {
        consider(choice.cost(*rate, 1.0), vec![choice.clone()]);
        for (_, other) in parts.iter().enumerate().filter(|(at, _)| at != part) {
            let Some(Required { literals, rate: other }) = &other.required else { continue };
            let chance = background.chance(other.hits, choice.window() + f64::from(length));
            let cost = choice.cost(*rate, chance) + MARK_COST * other.hits + other.entries / 2.0;
            let companion = Some((literals.clone(), (0, length)));
            consider(cost, vec![Choice { companion, ..choice.clone() }]);
        }
    }
    if best.as_ref().is_some_and(|(cost, _)| *cost < GOOD_COST) || splits == 0 {
        return best;
    }
    for (at, part) in parts.iter().enumerate() {
        let branches = flat(&part.exact);
        if branches.len() != part.start.branches.len() || branches.len() > MAX_BRANCHES {
            continue;
        }
        let each = branches.iter().zip(&part.start.branches).map(|(branch, starts)| {
            let mut whole = parts.to_vec();
            let before = parts.get(..at).unwrap_or_default();
            whole.splice(at..=at, seen(before, branch, starts, background));
            cheapest(&whole, background, splits - 1)
        });
        if let Some(each) = each.collect::<Option<Vec<_>>>() {
            let (costs, choices): (Vec<f64>, Vec<_>) = each.into_iter().unzip();
            let cost = costs.iter().sum();
            if best.as_ref().is_none_or(|(least, _)| cost < *least) {
                best = Some((cost, choices.into_iter().flatten().collect()));
            }
        }
    }
    best
}

/// How often a trigger is pulled in the background.
#[derive(Clone, Copy)]
struct Rate {
    hits: f64,
    /// What the trigger costs wherever it is.
    entries: f64,
}

impl Trigger {
    fn rate(&self, background: &Background) -> Rate {
        match self {
            Self::Literals(literals) => Rate {
                hits: literals.iter().map(|literal| background.count_literal(&literal.bytes)).sum(),
                // Each literal has an entry, which takes room.
                entries: literals.iter().map(|_| 0.5).sum(),
            },
            Self::Classes(places) => Rate {
                hits: background.count_classes(places),
                // Class gates look at every anchor that begins with one of their bytes.
                entries: 100.0 + 0.3 * background.count_first(places),
            },
        }
    }
}

impl Choice {
    /// How many places of the background the matcher would try, if a companion stands near this share of them, with
    /// something for the room and time it takes to get that far.
    fn cost(&self, rate: Rate, chance: f64) -> f64 {
        let starts = f64::from(self.distance.1 - self.distance.0);
        // Where the part is known, it is tried before all the starts are.
        let tries = if self.part > 0 { 1.0 + starts / 100.0 } else { 1.0 + starts / 8.0 };
        rate.entries + rate.hits * (HIT_COST + tries * chance)
    }

    /// Bytes among which the trigger leaves the beginning of a match.
    fn window(&self) -> f64 {
        f64::from(self.distance.1 - self.distance.0)
    }
}

/// Least and greatest length of the parts together.
fn distance(parts: &[Node]) -> Option<(u16, u16)> {
    parts.iter().try_fold((0_u16, 0_u16), |(min, max), part| {
        let (least, most) = part.lengths();
        Some((min.checked_add(u16::try_from(least).ok()?)?, max.checked_add(u16::try_from(most).ok()?)?))
    })
}

/// The literals that `rest` begins with, taken from more or fewer of its parts and cut to several lengths, if they are
/// few, long enough and always at an anchor.
fn literals(before: &[Node], rest: &[Node]) -> Vec<Trigger> {
    let mut triggers = Vec::new();
    let mut heads = vec![Head::default()];
    for part in rest.iter().take(MAX_PARTS) {
        heads = extend(heads, part);
        let anchored = heads.iter().map(|head| at_anchor(before, &head.bytes)).collect();
        let Some(literals): Option<Vec<Literal>> = anchored else { continue };
        triggers.extend((MIN_LITERAL_BYTES..=LITERAL_BYTES).map(|length| {
            let mut short = literals.clone();
            for literal in &mut short {
                literal.bytes.truncate(length);
            }
            sort(&mut short);
            short.dedup_by(|next, kept| next.skipped == kept.skipped && next.bytes.starts_with(&kept.bytes));
            Trigger::Literals(short)
        }));
        if heads.iter().all(|head| head.is_cut) {
            break;
        }
    }
    triggers
}

/// Literals one of which stands in every match.
#[derive(Clone)]
struct Required {
    literals: Vec<Literal>,
    rate: Rate,
}

/// The rarest literals one of which stands in every match of `node`, if there are any.
fn required(before: &[Node], node: &Node, background: &Background) -> Option<Required> {
    let from = |literals: Vec<Literal>| {
        let rate = Trigger::Literals(literals.clone()).rate(background);
        Required { literals, rate }
    };
    let price = |required: &Required| required.rate.hits + required.rate.entries;
    let inside: Vec<Required> = match node {
        Node::Concat(parts) => {
            let at = |at: usize| Some((parts.get(..at)?, parts.get(at)?));
            let each = (0..parts.len()).filter_map(at);
            each.filter_map(|(skipped, part)| required(&[before, skipped].concat(), part, background)).collect()
        }
        Node::Alternation(branches) => {
            let each = branches.iter().map(|branch| Some(required(before, branch, background)?.literals));
            let mut all: Vec<Literal> = each.collect::<Option<Vec<_>>>().into_iter().flatten().flatten().collect();
            sort_and_dedup(&mut all);
            Some(all).filter(|all| (1..=MAX_LITERALS).contains(&all.len())).map(from).into_iter().collect()
        }
        Node::Capture(inner) => required(before, inner, background).into_iter().collect(),
        Node::Repeat { node, min: 1.., .. } => required(before, node, background).into_iter().collect(),
        _ => Vec::new(),
    };
    let beginnings = literals(before, std::slice::from_ref(node)).into_iter().filter_map(|trigger| match trigger {
        Trigger::Literals(literals) => Some(from(literals)),
        Trigger::Classes(_) => None,
    });
    inside.into_iter().chain(beginnings).min_by(|a, b| price(a).total_cmp(&price(b)))
}

/// What a match can begin with.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Head {
    bytes: Vec<u8>,
    /// More may follow, but it is not known what.
    is_cut: bool,
}

/// The heads with what `node` can add to them; cut where that would be too many.
fn extend(heads: Vec<Head>, node: &Node) -> Vec<Head> {
    let with = |bytes: &[u8]| heads.iter().map(|head| head.with(bytes)).collect::<Vec<_>>();
    let mut longer = match node {
        Node::Empty | Node::Look(_) => return heads,
        Node::Literal(bytes) => with(bytes),
        Node::Class(set) if set.iter().map(|word| word.count_ones()).sum::<u32>() <= MAX_CLASS => {
            (0..=u8::MAX).filter(|&byte| contains(set, byte)).flat_map(|byte| with(&[byte])).collect()
        }
        Node::Class(_) => return cut(heads),
        Node::Capture(inner) => return extend(heads, inner),
        Node::Concat(parts) => return parts.iter().fold(heads, extend),
        Node::Alternation(branches) => branches.iter().flat_map(|branch| extend(heads.clone(), branch)).collect(),
        Node::Repeat { node, min, max, .. } => {
            let known = (*min).clamp(1, MAX_REPEAT);
            let mut repeated = (0..known).fold(heads.clone(), |heads, _| extend(heads, node));
            if *max > known {
                repeated = cut(repeated);
            }
            if *min == 0 {
                repeated.extend(heads.iter().cloned());
            }
            repeated
        }
    };
    sort_and_dedup(&mut longer);
    if longer.len() <= MAX_LITERALS { longer } else { cut(heads) }
}

fn cut(mut heads: Vec<Head>) -> Vec<Head> {
    for head in &mut heads {
        head.is_cut = true;
    }
    heads
}

impl Head {
    fn with(&self, more: &[u8]) -> Self {
        if self.is_cut {
            return self.clone();
        }
        let bytes: Vec<u8> = self.bytes.iter().chain(more).copied().take(2 * LITERAL_BYTES).collect();
        let is_cut = bytes.len() == 2 * LITERAL_BYTES;
        Self { bytes, is_cut }
    }
}

/// The literal from its first byte on that is always at an anchor, if enough of it is left there.
fn at_anchor(before: &[Node], literal: &[u8]) -> Option<Literal> {
    let inside = || literal.array_windows().position(|&[before, byte]| is_anchor(Some(before), byte)).map(|at| at + 1);
    let skipped = if always_anchor(before, *literal.first()?) { 0 } else { inside()? };
    let bytes = literal.get(skipped..)?.to_vec();
    (bytes.len() >= MIN_LITERAL_BYTES).then(|| Literal { skipped: u8::try_from(skipped).unwrap_or_default(), bytes })
}

/// The bytes that can stand at the first places of `rest`, if the first of them is always at an anchor.
fn classes(before: &[Node], rest: &[Node], reads: Reads) -> Option<Trigger> {
    let program = Program::new(&Node::concat(rest.iter().cloned()));
    let places = reach::places(&program).map(|set| match (set, reads) {
        (None, _) => [u64::MAX; 4],
        (Some(set), Reads::Folded) => with_both_cases(set),
        (Some(set), Reads::Original) => set,
    });
    let first = places.first()?;
    let is_anchored = (0..=u8::MAX).filter(|&b| contains(first, b)).all(|b| always_anchor(before, b));
    is_anchored.then(|| Trigger::Classes(Box::new(places)))
}

fn with_both_cases(set: ByteSet) -> ByteSet {
    let has = |b: u8| contains(&set, b.to_ascii_lowercase()) || contains(&set, b.to_ascii_uppercase());
    set_of((0..=u8::MAX).filter(|&b| has(b)))
}

/// Whether a byte that follows `before` is always at an anchor.
fn always_anchor(before: &[Node], byte: u8) -> bool {
    is_anchor(Some(b'a'), byte) || (byte.is_ascii_alphanumeric() && ends_outside_a_word(before))
}

/// Whether the byte before what follows `parts` is never an ASCII letter or digit, given that a letter or digit follows.
fn ends_outside_a_word(parts: &[Node]) -> bool {
    let Some((part, before)) = parts.split_last() else { return false };
    match part {
        Node::Look(Look::WordBoundary | Look::Start | Look::LineStart) => true,
        Node::Look(_) | Node::Empty => ends_outside_a_word(before),
        Node::Concat(inner) => ends_outside_a_word(&[before, inner].concat()),
        Node::Alternation(branches) => {
            branches.iter().all(|branch| ends_outside_a_word(&[before, std::slice::from_ref(branch)].concat()))
        }
        _ => {
            let last = last_bytes(part);
            let ends_inside = (0..=u8::MAX).any(|b| b.is_ascii_alphanumeric() && contains(&last, b));
            !ends_inside && (part.lengths().0 > 0 || ends_outside_a_word(before))
        }
    }
}

/// The bytes that a match of the tree can end with.
fn last_bytes(node: &Node) -> ByteSet {
    let all = |nodes: &mut dyn Iterator<Item = &Node>| nodes.map(last_bytes).fold([0; 4], union);
    match node {
        Node::Empty | Node::Look(_) => [0; 4],
        Node::Literal(bytes) => set_of(bytes.last().copied()),
        Node::Class(set) => *set,
        Node::Repeat { node, .. } | Node::Capture(node) => last_bytes(node),
        Node::Alternation(branches) => all(&mut branches.iter()),
        Node::Concat(parts) => {
            let optional = parts.iter().rev().take_while(|part| part.lengths().0 == 0).count();
            all(&mut parts.iter().rev().take(optional + 1))
        }
    }
}

/// The tree with all letters in lower case.
fn plain(node: &Node) -> Node {
    let all = |nodes: &[Node]| nodes.iter().map(plain).collect::<Vec<_>>();
    match node {
        Node::Literal(bytes) => Node::Literal(bytes.to_ascii_lowercase()),
        Node::Class(set) => {
            let bytes = (0..=u8::MAX).filter(|&b| contains(set, b)).map(|b| b.to_ascii_lowercase());
            Node::Class(set_of(bytes))
        }
        Node::Repeat { node, min, max, lazy } => {
            Node::Repeat { node: Box::new(plain(node)), min: *min, max: *max, lazy: *lazy }
        }
        Node::Capture(node) => Node::Capture(Box::new(plain(node))),
        Node::Concat(parts) => Node::Concat(all(parts)),
        Node::Alternation(branches) => Node::Alternation(all(branches)),
        Node::Empty | Node::Look(_) => node.clone(),
    }
}

/// The gate of patterns with these choices.
pub(crate) fn tables(choices: &[Vec<Choice>]) -> Result<GateTables, Error> {
    let mut builder = Builder::default();
    for (pattern, choice) in choices.iter().enumerate().flat_map(|(p, all)| all.iter().map(move |c| (p, c))) {
        builder.add(u16::try_from(pattern).map_err(|_| Error::new("too many patterns"))?, choice)?;
    }
    builder.finish()
}

#[derive(Default)]
struct Builder {
    passes: Vec<(Vec<u8>, Pass)>,
    marks: Vec<(Vec<u8>, u16)>,
    /// The literals of each mark.
    marked: Vec<Vec<Literal>>,
    companions: Vec<Companion>,
    classes: Vec<([ByteSet; CLASS_PLACES], Pass)>,
}

impl Builder {
    fn add(&mut self, pattern: u16, choice: &Choice) -> Result<(), Error> {
        let ((min, max), part) = (choice.distance, choice.part);
        let companion = choice.companion.as_ref().map_or(Ok(0), |(literals, at)| self.companion(literals, *at))?;
        match &choice.trigger {
            Trigger::Literals(literals) => {
                for Literal { skipped, bytes } in literals {
                    let (min, max) = (min + u16::from(*skipped), max + u16::from(*skipped));
                    let pass = Pass { pattern, min, max, part, skipped: *skipped, companion };
                    self.passes.push((with_case_bits(bytes), pass));
                }
            }
            Trigger::Classes(places) => {
                self.classes.push((**places, Pass { pattern, min, max, part, skipped: 0, companion }));
            }
        }
        Ok(())
    }

    /// The number of the companion, from 1 up.
    fn companion(&mut self, literals: &[Literal], (min, max): (u16, u16)) -> Result<u16, Error> {
        let too_many = |_| Error::new("too many patterns");
        let mark = self.marked.iter().position(|known| known == literals).unwrap_or(self.marked.len());
        let number = u16::try_from(mark).map_err(too_many)?;
        if mark == self.marked.len() {
            self.marked.push(literals.to_vec());
            self.marks.extend(literals.iter().map(|literal| (with_case_bits(&literal.bytes), number)));
        }
        let furthest = literals.iter().map(|literal| u16::from(literal.skipped)).max().unwrap_or_default();
        let companion = Companion { mark: number, min, max: max + furthest };
        let index = self.companions.iter().position(|known| *known == companion).unwrap_or(self.companions.len());
        if index == self.companions.len() {
            self.companions.push(companion);
        }
        u16::try_from(index + 1).map_err(too_many)
    }

    fn finish(mut self) -> Result<GateTables, Error> {
        let mut all: Vec<Vec<u8>> = self.passes.iter().map(|(bytes, _)| bytes.clone()).collect();
        all.extend(self.marks.iter().map(|(bytes, _)| bytes.clone()));
        sort_and_dedup(&mut all);
        sort_and_dedup(&mut self.passes);
        // Those that begin with letters together, so that most groups are passed over at the first byte.
        sort_by_key(&mut self.classes, |([[low, high, ..], ..], pass)| (*high, *low, *pass));
        sort_and_dedup(&mut self.marks);
        let mut tables = GateTables { companions: self.companions, classes: self.classes, ..GateTables::default() };
        // Sorted, each with the number of its entry.
        let mut known: Vec<(Wanted, u16)> = Vec::new();
        for bytes in all {
            let wanted = (of(&self.passes, &bytes), of(&self.marks, &bytes));
            let entry = match known.binary_search_by(|(known, _)| known.cmp(&wanted)) {
                Ok(at) => known.get(at).map_or(0, |(_, entry)| *entry),
                Err(at) => {
                    let entry = u16::try_from(tables.entries.len()).unwrap_or(u16::MAX);
                    tables.passes.extend(&wanted.0);
                    tables.marks.extend(&wanted.1);
                    tables.entry();
                    known.insert(at, (wanted, entry));
                    entry
                }
            };
            let mut padded = [0; LITERAL_BYTES];
            padded.iter_mut().zip(&bytes).for_each(|(place, byte)| *place = *byte);
            let length = u8::try_from(bytes.len().min(LITERAL_BYTES)).unwrap_or_default();
            tables.literals.push(tables::Literal { bytes: padded, length, entry });
        }
        let counts = [tables.entries.len(), tables.passes.len(), tables.marks.len()];
        if counts.into_iter().any(|count| u16::try_from(count).is_err()) {
            return Err(Error::new("too many patterns"));
        }
        Ok(tables)
    }
}

/// The passes and the marks of a literal.
type Wanted = (Vec<Pass>, Vec<u16>);

/// What a sorted list has for this literal.
fn of<T: Copy>(list: &[(Vec<u8>, T)], bytes: &[u8]) -> Vec<T> {
    let first = list.partition_point(|(known, _)| known.as_slice() < bytes);
    list.iter().skip(first).take_while(|(known, _)| known == bytes).map(|(_, item)| *item).collect()
}

fn with_case_bits(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|byte| byte | 0x20).collect()
}
